"""The exports of a run, found before anything heavy is imported, and what is looked at beside the work."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from subprocess import Popen
from typing import TYPE_CHECKING

from kpiaudit.decoding import evenness
from kpiaudit.errors import KpiauditError
from kpiaudit.exports.containers import is_plain
from kpiaudit.exports.discovery import discover
from kpiaudit.exports.looking import look
from kpiaudit.sources import installed

if TYPE_CHECKING:
    from kpiaudit.audit import Request
    from kpiaudit.settings import Settings
    from kpiaudit.sources.base import ExportFile, Found, Source

SUFFIXES = (".csv", ".tsv", ".txt")


@dataclass(frozen=True, slots=True)
class Looks:
    """The looks at large CSVs under way, by file, delimiter and encoding.

    Their scan does not look for rows too short or too long; a process does, on what the run leaves idle.
    """

    asked: dict[tuple[Path, str, str], Popen[bytes] | None] = field(default_factory=dict)

    def ask(self, file: ExportFile) -> None:
        """Set a look at a file going, unless it is small, read in another way, or being looked at."""
        key = key_of(file)
        is_large = file.kind == "csv" and is_plain(file) and size(file) > evenness.LARGE
        if is_large and key not in self.asked:
            self.asked[key] = evenness.ask(file)

    def is_uneven(self, file: ExportFile) -> bool:
        """Return whether a file that is looked at has such rows, when its look has ended."""
        key = key_of(file)
        return key in self.asked and not evenness.answer(self.asked[key], file)

    def close(self) -> None:
        """End the looks nobody waited for."""
        for process in self.asked.values():
            if process is not None and process.poll() is None:
                process.kill()
                process.wait()


def key_of(file: ExportFile) -> tuple[Path, str, str]:
    """Return what a look at a file depends on."""
    return file.path.absolute(), file.delimiter, file.encoding


@contextmanager
def looking(paths: Sequence[str]) -> Iterator[Looks]:
    """Look at large CSVs while the block runs: those in sight from now on, before it is known what they are."""
    looks = Looks()
    try:
        for path in in_sight(paths):
            with suppress(KpiauditError):  # told when it is found
                file = look(path, path.name)
                if file is not None:
                    looks.ask(file)
        yield looks
    finally:
        looks.close()


def in_sight(paths: Sequence[str]) -> Iterator[Path]:
    """Yield the large delimited files that were named, or lie in a folder named."""
    for given in map(Path, paths):
        with suppress(OSError):
            found = sorted(os.scandir(given), key=lambda e: e.name) if given.is_dir() else [given]
            for entry in found:
                is_delimited = entry.name.lower().endswith(SUFFIXES)
                if is_delimited and entry.is_file() and entry.stat().st_size > evenness.LARGE:
                    yield Path(entry)


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, and the looks at it under way."""

    found: Found
    looks: Looks

    def uneven(self) -> frozenset[str]:
        """Return the sources with rows too short or too long, when the looks have ended."""
        return frozenset(
            claim.source.name
            for claim in self.found.claims
            if any(self.looks.is_uneven(file) for file in claim.files)
        )


def search(request: Request, looks: Looks) -> Search:
    """Return the exports under the request's paths, and set looks at them going."""
    found = find(request)
    for claim in found.claims:
        for file in claim.files:
            looks.ask(file)
    return Search(found, looks)


def size(file: ExportFile) -> int:
    """Return the bytes of a file, 0 of one that is gone: reading it tells so."""
    try:
        return file.path.stat().st_size
    except OSError:
        return 0


def find(request: Request) -> Found:
    """Return the exports under the request's paths, each claimed by its source."""
    request.progress("looking at files")
    sources, left_out = installed()
    found = discover(
        request.paths,
        (*sources, *configured(request.settings)),
        chosen=request.chosen,
        mapped={
            mapping.name: [
                ("", mapping.files),
                *((join.name, join.files) for join in mapping.joins),
            ]
            for mapping in request.settings.sources
        },
        keep_going=request.keep_going,
        portable=request.portable,
    )
    return replace(found, left_out=left_out)


def configured(settings: Settings) -> list[Source]:
    """Return the sources the policy makes of its mappings."""
    if not settings.sources:
        return []
    from kpiaudit.readers import beside, configured

    return [
        (configured if mapping.kind == "messages" else beside).source_for(mapping)
        for mapping in settings.sources
    ]
