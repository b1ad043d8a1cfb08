"""A workbook written row by row: typed columns, texts that are never formulas, links or numbers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal

from xlsxwriter import Workbook

from kpiaudit.inert import runs, sheet_cell

ROWS_MOST: Final = 1_048_575
"""Rows of an Excel sheet less its header."""
FIRST_YEAR: Final = 1900
"""Excel knows no earlier date."""
MARK: Final = "kpiaudit_version"
"""The property by which our own workbook is known when it lies among the exports."""

Kind = Literal["text", "count", "share", "number", "instant", "day", "any"]
Filled = str | float | bool | datetime | date
Cell = Filled | None

FORMATS: Final[dict[str, dict[str, Any]]] = {
    "text": {},
    "any": {},
    "count": {"num_format": "#,##0"},
    "share": {"num_format": "0.0%"},
    "number": {"num_format": "#,##0.00"},
    "instant": {"num_format": "yyyy-mm-dd hh:mm:ss"},
    "day": {"num_format": "yyyy-mm-dd"},
}
WIDTHS: Final = {
    "text": 24, "any": 14, "count": 11, "share": 11, "number": 11, "instant": 19, "day": 12,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a sheet: its header, and how its cells are shown."""

    name: str
    kind: Kind = "text"
    width: int = 0


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that was written: its name, and where its columns and rows are."""

    name: str
    columns: tuple[str, ...]
    rows: int
    page: Any
    """The library's worksheet, to put charts on."""

    def cells(self, column: str, first: int = 0, count: int | None = None) -> list[str | int]:
        """Return a range of a column as the library names it; rows from 0, below the header."""
        at = self.columns.index(column)
        last = first + (self.rows if count is None else count) - 1
        return [self.name, first + 1, at, last + 1, at]


class Book:
    """A workbook; what is written first comes first."""

    def __init__(self, path: Path, *, folder: str, version: str, at: datetime | None) -> None:
        self._book = Workbook(
            str(path),
            {
                "constant_memory": True,
                "tmpdir": folder,
                "strings_to_formulas": False,
                "strings_to_numbers": False,
                "strings_to_urls": False,
            },
        )
        made = datetime(2000, 1, 1, tzinfo=UTC) if at is None else at.astimezone(UTC)
        self._book.set_properties({"title": "kpiaudit", "created": made.replace(tzinfo=None)})
        self._book.set_custom_property(MARK, sheet_cell(version)[:200])
        self._formats = {kind: self._book.add_format(form) for kind, form in FORMATS.items()}
        self._bold = self._book.add_format({"bold": True})
        self._header = self._book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
        quoted = [self._book.add_format(form) for form in ({}, {"bold": True})]
        for form in quoted:
            form.set_quote_prefix()
        self._quoted, self._quoted_bold = quoted

    def sheet(self, name: str, columns: Sequence[Column], rows: Iterable[Sequence[Cell]]) -> Sheet:
        """Write a sheet of rows under a header that stays in sight, with filters; ROWS_MOST rows at most."""
        page = self._book.add_worksheet(name)
        for place, column in enumerate(columns):
            width = column.width or max(WIDTHS[column.kind], min(len(column.name) + 2, 30))
            page.set_column(place, place, width, None)
            page.write_string(0, place, shown(column.name)[0], self._header)
        formats = [self._formats[column.kind] for column in columns]
        count = 0
        for row in rows:
            if count == ROWS_MOST:
                break
            count += 1
            for place, cell in enumerate(row):
                if cell is not None:
                    self._write(page, (count, place), cell, formats[place])
        page.freeze_panes(1, 0)
        if columns:
            page.autofilter(0, 0, count, len(columns) - 1)
        return Sheet(name, tuple(column.name for column in columns), count, page)

    def notes(self, name: str, rows: Sequence[tuple[str, Cell]]) -> Sheet:
        """Write a sheet of labels, in bold, and what they say."""
        page = self._book.add_worksheet(name)
        page.set_column(0, 0, 24, None)
        page.set_column(1, 1, 90, None)
        for at, (label, said) in enumerate(rows):
            if label:
                text, is_formula = shown(label)
                page.write_string(at, 0, text, self._quoted_bold if is_formula else self._bold)
            if said is not None:
                kind = "instant" if isinstance(said, datetime) else "any"
                self._write(page, (at, 1), said, self._formats[kind])
        return Sheet(name, ("label", "said"), len(rows), page)

    def chart(self, kind: Literal["column", "line"]) -> Any:  # noqa: ANN401  # the library has no types
        """Return a new chart of the library."""
        return self._book.add_chart({"type": kind})

    def close(self) -> None:
        """Put the file together."""
        self._book.close()

    def release(self) -> None:
        """Let go of the rows' files, however it ended."""
        for page in self._book.worksheets():
            handle = getattr(page, "row_data_fh", None)
            if handle is not None and not handle.closed:
                handle.close()

    def _write(self, page: Any, at: tuple[int, int], cell: Filled, form: Any) -> None:  # noqa: ANN401
        if isinstance(cell, str):
            text, is_formula = shown(cell)
            page.write_string(*at, text, self._quoted if is_formula else None)
        elif isinstance(cell, bool):
            page.write_boolean(*at, cell)
        elif isinstance(cell, (int, float)):
            page.write_number(*at, cell, form)
        elif cell.year < FIRST_YEAR:
            page.write_string(*at, cell.isoformat())
        else:
            if isinstance(cell, datetime):
                cell = cell.astimezone(UTC).replace(tzinfo=None)
            page.write_datetime(*at, cell, form)


@lru_cache(maxsize=1 << 14)
def shown(text: str) -> tuple[str, bool]:
    """Return text as a cell holds it, and whether it would be a formula were it typed in."""
    return sheet_cell(text), runs(text)
