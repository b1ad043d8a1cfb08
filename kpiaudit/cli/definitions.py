"""`definitions`: the profiles side by side, and what the same exports come to under each."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.audits import report_code
from kpiaudit.cli.options import Common, option, with_common
from kpiaudit.cli.outputs import one_of, show, write_out
from kpiaudit.definitions import PROFILES

if TYPE_CHECKING:
    from collections.abc import Sequence

FORMATS = ("text", "json")


@with_common
def definitions(
    common: Common,
    exports: Annotated[
        list[str] | None,
        typer.Argument(metavar="[EXPORTS...]", help="Files, folders or quoted globs."),
    ] = None,
    profile: Annotated[
        list[str] | None, option("--profile", metavar="NAME", help="Only this one; repeatable.")
    ] = None,
    format: Annotated[str, option("--format", help="text or json on stdout.")] = "text",  # noqa: A002
) -> None:
    """Show the rules of every profile; with exports, the adherence under each and who differs, and why.

    Example: kpiaudit definitions exports/ --profile zendesk --profile zammad
    """
    one_of(format, FORMATS, option="--format")
    names = [one_of(name, tuple(PROFILES), option="--profile") for name in profile or PROFILES]
    if exports:
        compare(exports, common, list(dict.fromkeys(names)), format)
    elif format == "json":
        from kpiaudit.renderers.definitions import profiles_as_json

        write_out(profiles_as_json(names))
    else:
        from kpiaudit.renderers.definitions import render_profiles

        show(lambda console: render_profiles(names, console), no_color=common.no_color)


def compare(exports: list[str], common: Common, names: Sequence[str], written: str) -> None:
    """Show what the exports come to under each profile."""
    from kpiaudit.assembly import assemble
    from kpiaudit.cli.requests import request_for
    from kpiaudit.disagreements import compared
    from kpiaudit.pipeline import collect_summaries

    with diagnostics.progress(quiet=common.quiet) as step:
        request = request_for(exports, common, progress=step)
        audited, comparison = compared(request, names)
        result = assemble(audited, collect_summaries(audited))
    if not common.quiet:
        diagnostics.warn(result.problems, verbose=common.verbose)
    if written == "json":
        from kpiaudit.renderers.definitions import comparison_as_json

        write_out(comparison_as_json(comparison))
    else:
        from kpiaudit.renderers.definitions import render_comparison

        show(lambda console: render_comparison(comparison, console), no_color=common.no_color)
    raise typer.Exit(report_code(result))
