"""Delimited text beyond what a fast scan can tell: is every record whole, and which are not.

Polars fills a row with too few fields up with nulls and, when it reads some columns only, cuts one with
too many. `is_even` finds that out at the speed of memory; `read_damaged` then tells the rows apart.
"""

from __future__ import annotations

import codecs
import csv
import re
import sys
from collections import deque
from collections.abc import Iterator
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.evenness import contents
from kpiaudit.errors import ExportError
from kpiaudit.sources.base import REPEATED

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

ROWS = 1 << 16
SHOWN = 120
BARE_CR = re.compile(r"\r(?!\n)")
QUOTED = re.compile(r'"[^"]*"')
REJECT, VALUE = "\0reject", "\0value"
MIXED = "kpiaudit.mixed"
"""How a decoder takes bytes that are no UTF-8: as those of a Windows program."""


def read_damaged(file: ExportFile) -> pl.DataFrame:
    """Return every record of a delimited file as String columns, with a REJECT and its VALUE.

    A record with too few or too many fields, or with broken quotes, has all columns null; where it has
    swallowed whole ones, they are given back. A bare CR outside quotes becomes a space, unless it
    ends all lines. Blank lines are no records. The header again is REPEATED. Bytes that are no UTF-8 are
    taken as Windows-1252, one by one.
    Raises `ExportError` for a file without a header.
    """
    csv.field_size_limit(sys.maxsize)
    text = contents(file).decode("utf-8", errors=MIXED)
    lines = deque(text_lines(text))
    header = next((row for row in csv.reader(take(lines), delimiter=file.delimiter) if row), [])
    if not header:
        raise ExportError("is empty", where=file.name, hint="export it again")
    names = distinct(header)
    schema = dict.fromkeys((*names, REJECT, VALUE), pl.String())
    chunks: list[pl.DataFrame] = [pl.DataFrame(schema=schema)]
    rows: list[list[str | None]] = []
    again = [name.strip() for name in header]
    for row in records(lines, file.delimiter, len(names)):
        is_header = (row[0] or "").strip("\ufeff ") == again[0] and is_again(row[:-2], again)
        rows.append([*[None] * len(names), REPEATED, None] if is_header else row)
        if len(rows) == ROWS:
            chunks.append(pl.DataFrame(rows, schema=schema, orient="row"))
            rows = []
    chunks.append(pl.DataFrame(rows, schema=schema, orient="row"))
    return pl.concat(chunks)


def is_again(row: list[str | None], header: list[str]) -> bool:
    """Return whether a record is the header: where files are appended to one another."""
    return [(field or "").strip("\ufeff ") for field in row] == header


def as_windows(error: UnicodeError) -> tuple[str, int]:
    """Return bytes that are no UTF-8 as Windows-1252."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", errors="replace"), error.end


codecs.register_error(MIXED, as_windows)


def text_lines(text: str) -> Iterator[str]:
    """Yield physical lines, each ended by a line feed.

    Where the header ends with a bare CR, so does every record: a line feed is then one inside a cell.
    """
    header = QUOTED.sub("", text[: text.find("\n")])
    if "\n" not in text or "\r" in header.removesuffix("\r"):
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    for line in text.split("\n"):
        yield line + "\n"


def distinct(header: list[str]) -> list[str]:
    """Return the header with repeated names told apart, as polars does."""
    seen: dict[str, int] = {}
    names = []
    for name in header:
        if name in seen:
            names.append(f"{name}_duplicated_{seen[name]}")
            seen[name] += 1
        else:
            names.append(name)
            seen[name] = 0
    return names


def take(lines: deque[str], taken: list[str] | None = None) -> Iterator[str]:
    """Yield lines off the front of `lines`, keeping in `taken` what was handed out."""
    while lines:
        line = lines.popleft()
        if taken is not None:
            taken.append(line)
        yield line


def records(lines: deque[str], delimiter: str, width: int) -> Iterator[list[str | None]]:
    """Yield each record's fields, then its reject and value."""
    taken: list[str] = []
    reader = csv.reader(take(lines, taken), delimiter=delimiter, strict=True)
    while lines:
        taken.clear()
        try:
            fields = next(reader)
        except StopIteration:
            return
        except csv.Error:
            repaired = [BARE_CR.sub(" ", line) for line in taken]
            if repaired != taken:
                lines.extendleft(reversed(repaired))
                reader = csv.reader(take(lines, taken), delimiter=delimiter, strict=True)
                continue
            fields, rule = [], "broken quotes"
        else:
            if not fields:
                continue
            rule = f"ragged row: {len(fields)} fields, {width} expected"
        if len(fields) == width:
            yield [*(field or None for field in fields), None, None]
            continue
        swallowed = first_whole(taken, delimiter, width)
        lines.extendleft(reversed(taken[swallowed:]))
        reader = csv.reader(take(lines, taken), delimiter=delimiter, strict=True)
        if swallowed < len(taken):
            rule = "broken quotes"
        shown = "".join(taken[:swallowed]).rstrip("\r\n")
        yield [*[None] * width, rule, shown[:SHOWN]]


def first_whole(taken: list[str], delimiter: str, width: int) -> int:
    """Return which line after the first is a whole record by itself; their number when none is."""
    if width > 1:
        for place, line in enumerate(taken[1:], 1):
            try:
                fields = next(csv.reader([line], delimiter=delimiter, strict=True), [])
            except csv.Error:
                continue
            if len(fields) == width:
                return place
    return len(taken)
