"""`inspect` and `sources`: what the exports are, before any number."""

from __future__ import annotations

from typing import Annotated

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.audits import report_code, run_audit
from kpiaudit.cli.options import Common, Exports, option, with_common
from kpiaudit.cli.outputs import check_target, one_of, show, write_out, write_text
from kpiaudit.errors import ExitCode

INSPECT_FORMATS = ("text", "json")


@with_common
def inspect(
    exports: Exports,
    common: Common,
    rejects: Annotated[
        str | None, option("--rejects", metavar="FILE", help="Write every rejected row as CSV.")
    ] = None,
    format: Annotated[str, option("--format", help="text or json on stdout.")] = "text",  # noqa: A002
) -> None:
    """Say what each file was taken for and why, what became of its rows, what it can feed and what not.

    Example: kpiaudit inspect exports/ --rejects rejects.csv
    """
    one_of(format, INSPECT_FORMATS, option="--format")
    target = check_target(rejects, exports) if rejects else None
    result, audited = run_audit(exports, common, inspection=True)
    if target is not None:
        from kpiaudit.renderers.csv import rows_as_csv

        refused = audited.reading.gathered.rejects
        write_text(target, rows_as_csv(refused.columns, refused.iter_rows()), names_people=True)
    if format == "text":
        from kpiaudit.renderers.terminal import render_inspect

        show(lambda console: render_inspect(result, console), no_color=common.no_color)
    else:
        from kpiaudit.renderers.json import render_inspect as as_json

        write_out(as_json(result))
    is_lost = len(audited.reading.failures) > len(audited.reading.found.unclaimed)
    if is_lost and not common.keep_going:
        raise typer.Exit(ExitCode.COULD_NOT_RUN)
    raise typer.Exit(report_code(result))


def sources() -> None:
    """List the export formats kpiaudit recognises.

    Example: kpiaudit sources
    """
    from kpiaudit.renderers.terminal import render_sources
    from kpiaudit.sources import installed

    known, left_out = installed()
    diagnostics.warn(left_out)
    rows = [(s.name, s.title, s.system, s.seen_in_the_wild) for s in known]
    show(lambda console: render_sources(rows, console), no_color=False)
