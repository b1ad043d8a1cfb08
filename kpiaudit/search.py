"""The exports of a run, found before anything heavy is imported, and what is looked at beside the work."""

from __future__ import annotations

from dataclasses import dataclass, replace
from subprocess import Popen
from typing import TYPE_CHECKING

from kpiaudit.decoding import evenness
from kpiaudit.exports.containers import is_plain
from kpiaudit.exports.discovery import discover
from kpiaudit.sources import installed

if TYPE_CHECKING:
    from kpiaudit.audit import Request
    from kpiaudit.settings import Settings
    from kpiaudit.sources.base import ExportFile, Found, Source


@dataclass(frozen=True, slots=True)
class Search:
    """What was found, and the looks at its large CSVs under way: source, file, process.

    Their scan does not look for rows too short or too long; a process does, on what the run leaves idle.
    """

    found: Found
    looks: tuple[tuple[str, ExportFile, Popen[bytes] | None], ...]

    def uneven(self) -> frozenset[str]:
        """Return the sources that have such rows, when the looks have ended."""
        return frozenset(name for name, file, look in self.looks if not evenness.answer(look, file))


def search(request: Request) -> Search:
    """Return the exports under the request's paths, and set the looks going."""
    found = find(request)
    looks = [
        (claim.source.name, file, evenness.ask(file))
        for claim in found.claims
        for file in claim.files
        if file.kind == "csv" and is_plain(file) and size(file) > evenness.LARGE
    ]
    return Search(found, tuple(looks))


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
