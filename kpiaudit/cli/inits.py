"""`init`: the draft of a mapping for files no source claims."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.options import option
from kpiaudit.cli.outputs import check_target, write_out, write_text
from kpiaudit.errors import ExportError, OutputError

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile, Source

Files = Annotated[
    list[str],
    typer.Argument(metavar="FILES...", help="Files, folders or quoted globs.", show_default=False),
]


def init(
    files: Files,
    *,
    output: Annotated[
        str | None, option("-o", "--output", metavar="FILE", help="Write it there; else stdout.")
    ] = None,
    force: Annotated[bool, option("--force", help="Replace the file of -o.")] = False,
    tz: Annotated[
        str | None, option("--tz", metavar="ZONE", help="Zone of stamps without an offset.")
    ] = None,
    debug: Annotated[
        bool, option("--debug", env="KPIAUDIT_DEBUG", help="Show the traceback of a bug.")
    ] = False,
) -> None:
    """Draft the mapping of a CSV or JSON no source claims, with a line wherever you decide.

    Example: kpiaudit init crm_2026-09.csv -o kpiaudit.toml
    """
    del debug  # `main` looks for it
    target = target_of(output, files, force=force)
    from kpiaudit.cli.requests import zone_named
    from kpiaudit.drafting.mapping import draft_policy
    from kpiaudit.sources import installed

    zone = zone_named(tz).key if tz else None
    sources, _ = installed()
    unknown = unclaimed(files, sources)
    text = draft_policy(unknown, taken=[source.name for source in sources], zone=zone)
    if target is None:
        write_out(text)
        return
    write_text(target, text)
    diagnostics.note(f"{target.as_posix()}: read it, then kpiaudit inspect -c it", quiet=False)


def target_of(output: str | None, files: list[str], *, force: bool) -> Path | None:
    """Return the path of `-o`, None for stdout. Raises `OutputError` for a file that is there already."""
    if output is None or output == "-":
        return None
    target = check_target(output, files)
    if target.exists() and not force:
        raise OutputError(
            "is there already", where=output, hint="name another file, or replace it with --force"
        )
    return target


def unclaimed(given: list[str], sources: tuple[Source, ...]) -> list[ExportFile]:
    """Return the data files no source claims; says of the others what they are. Raises `ExportError`."""
    from kpiaudit.exports.discovery import by_signature, look_at_all, named_apart, walk
    from kpiaudit.report import Ignored

    unknown = []
    claimed = []
    for seen, is_named in look_at_all(named_apart(list(walk(given)))):
        if isinstance(seen, Ignored):
            continue
        if isinstance(seen, ExportError):
            if is_named:
                raise seen
            diagnostics.tell("warning", str(seen), seen.hint)
            continue
        try:
            source, _, _ = by_signature(seen, sources)
        except ExportError:
            unknown.append(seen)
        else:
            claimed.append(f"{seen.name}: is read as {source.name} and needs no mapping")
    for line in claimed:
        diagnostics.note(line, quiet=False)
    if not unknown:
        raise ExportError(
            "no file needs a mapping" if claimed else "no data file to draft a mapping of",
            where=", ".join(given),
            hint="name a CSV or JSON file no source claims; `kpiaudit inspect` says what each is",
        )
    return [file for file in unknown if file.kind != "parquet"]
