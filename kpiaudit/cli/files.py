"""`clocks` and `normalize`: the tables behind the figures, as files."""

from __future__ import annotations

from functools import partial
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.keys import refuse_rows, refuse_text
from kpiaudit.cli.options import Common, Exports, option, with_common
from kpiaudit.cli.outputs import check_target, on_screen, write_file, write_out
from kpiaudit.errors import ExitCode, UsageError

if TYPE_CHECKING:
    import polars as pl

    from kpiaudit.audit import Reading
    from kpiaudit.tables import Shape

Output = Annotated[
    str | None,
    option("-o", "--output", metavar="FILE", help="A .csv, .ndjson or .parquet file; else stdout."),
]
KINDS = {".csv": "csv", ".ndjson": "ndjson", ".jsonl": "ndjson", ".parquet": "parquet"}


@with_common
def clocks(exports: Exports, common: Common, output: Output = None) -> None:
    """Write one row per clock: the evidence, each with the export and row it starts and stops at.

    Example: kpiaudit clocks exports/ -o clocks.csv
    """
    refuse_rows(common.min_group, what="this lists every clock")
    target = target_of(output, exports)
    from kpiaudit.cli.requests import request_for  # polars: 200 ms
    from kpiaudit.ledger import DIMENSIONS, clock_rows
    from kpiaudit.pipeline import audit

    with diagnostics.progress(quiet=common.quiet) as step:
        request = request_for(exports, common, progress=step)
        audited = audit(request.with_all_clocks(DIMENSIONS))
        rows = clock_rows(audited)
    deliver(rows, target)
    raise typer.Exit(tell_losses(audited.reading, exports))


@with_common
def normalize(
    exports: Exports,
    common: Common,
    output: Output = None,
    text: Annotated[bool, option("--text", help="Include message bodies.")] = False,
) -> None:
    """Write the message table; read back as an export it gives the same figures.

    Example: kpiaudit normalize exports/ -o messages.parquet
    """
    refuse_text(text=text, pseudonymize=common.pseudonymize)
    refuse_rows(common.min_group, what="this lists every message")
    target = target_of(output, exports)
    from kpiaudit.cli.requests import request_for  # polars: 200 ms
    from kpiaudit.ledger import message_rows
    from kpiaudit.pipeline import read
    from kpiaudit.readers.kpiaudit_messages import canonical

    with diagnostics.progress(quiet=common.quiet) as step:
        request = request_for(exports, common, progress=step)
        reading = read(request.with_everything(text=text))
    is_typed = target is not None and target[0] == "parquet"
    rows = message_rows(reading)
    deliver(rows, target, None if is_typed else partial(canonical, text=text))
    raise typer.Exit(tell_losses(reading, exports))


def tell_losses(
    reading: Reading, exports: list[str], *, so: str = "the table is empty"
) -> ExitCode:
    """Say on stderr what the result lacks; return 4 when there was no export at all, else 0."""
    from kpiaudit.findings import CUT_OFF, cut_off, not_read, rejected

    if not reading.found.claims:
        diagnostics.tell("warning", f"no file in {', '.join(exports)}: {so}")
        return ExitCode.NOTHING_TO_JUDGE
    cut = [f"{export}: {CUT_OFF}; export it again" for export in cut_off(reading)]
    diagnostics.warn([*cut, *rejected(reading), *not_read(reading)])
    return ExitCode.KEPT


def target_of(output: str | None, exports: list[str]) -> tuple[str, Path] | None:
    """Return (kind, path) of `-o`, checked before any work is done; None for stdout."""
    if output is None or output == "-":
        return None
    kind = KINDS.get(PurePath(output).suffix.lower())
    if kind is None:
        raise UsageError(
            "the suffix says no kind of table",
            where=output,
            hint=f"end the name with one of {', '.join(KINDS)}",
        )
    return kind, check_target(output, exports)


def deliver(
    rows: pl.DataFrame, target: tuple[str, Path] | None, shape: Shape | None = None
) -> None:
    """Write a table to its file, or to stdout as CSV, in a shape."""
    from kpiaudit.tables import as_it_is, csv_texts, write_table

    told = shape or as_it_is
    if target is None:
        for text in csv_texts(rows, told):
            write_out(on_screen(text))
        return
    kind, path = target
    write_file(path, lambda part: write_table(rows, part, kind, told), names_people=True)
