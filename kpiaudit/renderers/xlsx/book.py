"""A workbook written row by row: typed columns, texts that are never formulas, links or numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache, partial
from html import escape
from itertools import islice
from math import isfinite
from pathlib import Path
from typing import Any, Final, Literal

from xlsxwriter import Workbook
from xlsxwriter.utility import xl_col_to_name

from kpiaudit.inert import runs, sheet_cell

ROWS_MOST: Final = 1_048_575
"""Rows of an Excel sheet less its header."""
FIRST_YEAR: Final = 1900
"""Excel knows no earlier date."""
EPOCH: Final = datetime(1899, 12, 31)  # noqa: DTZ001  # sheets know no zone
MARCH: Final = 60
"""The day from which Excel is one ahead: it counts a 29 February 1900."""
ONE_DAY: Final = timedelta(days=1)
TOGETHER: Final = 1024
"""Rows written at a time."""
TEXTS_MOST: Final = 1 << 14
"""Texts of a column kept as drawn."""
ESCAPED: Final = re.compile("(_x[0-9a-fA-F]{4}_)")
"""What a workbook would take for a character."""
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
        lines = Lines(page)
        lines.write([[self._text(column.name, self._header)] for column in columns])
        drawn = [self._column(column.kind) for column in columns]
        count = 0
        left = iter(rows)
        while some := list(islice(left, min(TOGETHER, ROWS_MOST - count))):
            count += len(some)
            cells = zip(drawn, zip(*some, strict=True), strict=True)
            lines.write([list(map(draw, column)) for draw, column in cells])
        page.freeze_panes(1, 0)
        if columns:
            page.autofilter(0, 0, count, len(columns) - 1)
        return Sheet(name, tuple(column.name for column in columns), count, page)

    def notes(self, name: str, rows: Sequence[tuple[str, Cell]]) -> Sheet:
        """Write a sheet of labels, in bold, and what they say."""
        page = self._book.add_worksheet(name)
        page.set_column(0, 0, 24, None)
        page.set_column(1, 1, 90, None)
        label_of, said_of, at_of = (
            partial(self._text, form=self._bold, quoted=self._quoted_bold),
            self._column("any"),
            self._column("instant"),
        )
        labels = [label_of(label) if label else "" for label, _ in rows]
        told = [(at_of if isinstance(said, datetime) else said_of)(said) for _, said in rows]
        Lines(page).write([labels, told])
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

    def _column(self, kind: Kind) -> Callable[[Cell], str]:
        """What draws the cells of a column: each after its place, as `Lines` takes them."""
        form = self._formats[kind]
        style = style_of(form)
        texts = Texts(self._text)

        def draw(cell: Cell) -> str:
            if isinstance(cell, str):
                return texts[cell]
            if cell is None:
                return ""
            if isinstance(cell, bool):
                return f'" t="b"><v>{cell:d}</v></c>'
            if isinstance(cell, (int, float)):
                if not isfinite(cell):
                    raise TypeError(f"a sheet holds no {cell}")
                return f'"{style}><v>{cell:.16G}</v></c>'
            if cell.year < FIRST_YEAR:
                return texts[cell.isoformat()]
            return f'"{style}><v>{day_number(cell):.16G}</v></c>'

        return draw

    def _text(self, text: str, form: Any = None, quoted: Any = None) -> str:  # noqa: ANN401
        """A text as a cell after its place: never a formula, whatever it begins with."""
        held, is_formula = shown(text)
        style = style_of(
            (quoted or self._quoted) if is_formula and form is not self._header else form
        )
        space = ' xml:space="preserve"' if held[:1].isspace() or held[-1:].isspace() else ""
        told = ESCAPED.sub(r"_x005F\1", escape(held, quote=False))
        return f'"{style} t="inlineStr"><is><t{space}>{told}</t></is></c>'


class Texts(dict[str, str]):
    """Texts as cells, each drawn once; as many as keep memory small."""

    def __init__(self, draw: Callable[[str], str]) -> None:
        self._draw = draw

    def __missing__(self, text: str) -> str:
        drawn = self._draw(text)
        if len(self) < TEXTS_MOST:
            self[text] = drawn
        return drawn


class Lines:
    """Writes rows to a page's file, column by column of so many rows.

    The library's own way costs 7 us a cell, and takes a text within `<r>` for markup.
    """

    def __init__(self, page: Any) -> None:  # noqa: ANN401
        self._page = page
        self._rows = 0

    def write(self, columns: Sequence[Sequence[str]]) -> None:
        """Write rows of cells as columns, an empty one left out."""
        if not columns or not columns[0]:
            return
        first = self._rows + 1
        numbers = range(first, first + len(columns[0]))
        placed = [
            [
                f'<c r="{name}{number}{cell}' if cell else ""
                for number, cell in zip(numbers, column, strict=True)
            ]
            for name, column in zip(names_of(len(columns)), columns, strict=True)
        ]
        rows = zip(numbers, zip(*placed, strict=True), strict=True)
        self._page.row_data_fh.write(
            "".join(f'<row r="{number}">{"".join(cells)}</row>' for number, cells in rows)
        )
        self._rows += len(columns[0])
        self._page.dim_rowmin = self._page.dim_colmin = 0
        self._page.dim_rowmax, self._page.dim_colmax = self._rows - 1, len(columns) - 1


def names_of(columns: int) -> list[str]:
    """Return the letters of the first columns: A to Z, AA on."""
    return [xl_col_to_name(place) for place in range(columns)]


def style_of(form: Any) -> str:  # noqa: ANN401
    """Return the attribute by which a cell is given a format."""
    return "" if form is None else f' s="{form._get_xf_index()}"'  # noqa: SLF001


def day_number(at: datetime | date) -> float:
    """Return the days since 1899-12-30 in UTC; before March 1900 one less, which Excel takes for a leap year."""
    if isinstance(at, datetime):
        at = at.astimezone(UTC).replace(tzinfo=None)
    else:
        at = datetime.combine(at, time())
    days = (at - EPOCH) / ONE_DAY
    return days + 1 if days >= MARCH else days


@lru_cache(maxsize=1 << 14)
def shown(text: str) -> tuple[str, bool]:
    """Return text as a cell holds it, and whether it would be a formula were it typed in."""
    return sheet_cell(text), runs(text)
