"""Writers of one `Report`: a table of kinds to modules, each imported when it is asked for.

Every renderer is a pure function of `kpiaudit.report.Report`; nothing is computed here but the shape of
words and numbers. Kinds that make a file are `render(report) -> str`; the terminal prints to a console.
"""

from __future__ import annotations

from importlib import import_module
from pathlib import PurePath
from typing import TYPE_CHECKING, Final, Protocol, cast

from kpiaudit.errors import UsageError, nearest

if TYPE_CHECKING:
    from kpiaudit.report import Report

FILE_KINDS: Final[dict[str, str]] = {
    "json": "kpiaudit.renderers.json",
    "csv": "kpiaudit.renderers.csv",
    "md": "kpiaudit.renderers.markdown",
    "html": "kpiaudit.renderers.html",
}
"""Kind, which is also the suffix of its files, to the module that writes it."""

GATE_KINDS: Final[dict[str, str]] = {
    "junit": "kpiaudit.renderers.junit",
    "github": "kpiaudit.renderers.github",
}
"""Kinds a CI system reads, named as `junit=FILE`: no suffix says them."""


BOOK_KINDS: Final[dict[str, str]] = {"xlsx": "kpiaudit.renderers.xlsx"}
"""Kinds that are no text: their module writes the file, clocks and all."""


class FileRenderer(Protocol):
    """What a module of `FILE_KINDS` or `GATE_KINDS` offers."""

    def render(self, report: Report) -> str:
        """Return the whole file."""


def load(kind: str) -> FileRenderer:
    """Import and return the renderer of one kind.

    Raises `UsageError` for a kind nobody writes.
    """
    kinds = FILE_KINDS | GATE_KINDS
    if kind not in kinds:
        raise UsageError(
            f"no renderer writes {kind!r}{nearest(kind, kinds)}",
            hint=f"choose one of: {', '.join(kinds)}",
        )
    return cast("FileRenderer", import_module(kinds[kind]))


def asked_for(target: str) -> tuple[str, str]:
    """Return (kind, path) of what `-o` names: `junit=FILE`, or a path whose suffix says the kind.

    Raises `UsageError` when neither does.
    """
    kind, equals, path = target.partition("=")
    if equals and kind in FILE_KINDS | GATE_KINDS | BOOK_KINDS:
        if not path:
            raise UsageError("names no file", where=f"-o {target}", hint=f"write {kind}=FILE")
        return kind, path
    return kind_of(target), target


def kind_of(path: str) -> str:
    """Return the kind a file name asks for by its suffix.

    Raises `UsageError` when the suffix is no kind.
    """
    kind = PurePath(path).suffix.lstrip(".").lower()
    known = [*FILE_KINDS, *BOOK_KINDS]
    if kind not in known:
        raise UsageError(
            "the suffix says no kind of output that can be written",
            where=path,
            hint=f"end the name with one of: {', '.join('.' + name for name in known)}; "
            "or write junit=FILE",
        )
    return kind
