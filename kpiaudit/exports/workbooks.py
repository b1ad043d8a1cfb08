"""Excel workbooks, with the extra `[excel]`: every sheet is read as the delimited text it would export.

A workbook is a zip that another library unpacks: everything in it is unpacked and counted here first,
the texts its cells share as often as they stand there.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING, Final

from kpiaudit.errors import ExportError
from kpiaudit.exports.containers import TOTAL, entries, open_member, size, too_large

if TYPE_CHECKING:
    from pathlib import Path

CELLS: Final = 50_000_000
"""Of the rectangle from the first to the last cell, which is held in memory whole."""
TEXT: Final = 1 << 30
CHUNK = 1 << 20
OVERLAP = 256
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
SHARED = "xl/sharedstrings.xml"
LONGEST_PIECE: Final = 1 << 24
"""Bytes a sheet or the shared texts may go on without the end of what they began."""
CELL = re.compile(rb'<(?:\w+:)?c\b[^<>]*?\br="([A-Z]{1,3})([0-9]{1,7})"')
INDEX = re.compile(
    rb'<(?:\w+:)?c\b(?>[^<>]*?\bt="s")[^<>]*+>\s*+<(?:\w+:)?v[^<>]*+>\s*+([0-9]{1,10})'
)
STRING_END = re.compile(rb"</(?:\w+:)?si\s*>|<(?:\w+:)?si\s*/>")


def sheet_names(path: Path, name: str) -> list[str]:
    """Return the sheets of a workbook, in its order. Raises `ExportError` where it is not safe or no
    workbook, or the extra is missing.
    """
    if find_spec("fastexcel") is None:
        raise ExportError(
            "is an Excel workbook, for which an extra is needed",
            where=name,
            hint="pip install 'kpiaudit[excel]', or save it as CSV",
        )
    check(path, name)
    import fastexcel

    try:
        return list(fastexcel.read_excel(path).sheet_names)
    except fastexcel.FastExcelError as error:
        raise unreadable(error, name) from error


def sheet_text(path: Path, sheet: str, *, where: str) -> bytes:
    """Return a sheet as CSV in UTF-8: instants as ISO 8601, empty cells as nothing. Raises `ExportError`."""
    import fastexcel

    try:
        book = fastexcel.read_excel(path)
        table = book.load_sheet(sheet, header_row=None, dtypes="string").to_polars()
    except fastexcel.FastExcelError as error:
        raise unreadable(error, where) from error
    return table.write_csv(include_header=False).encode()


def unreadable(error: Exception, where: str) -> ExportError:
    """Return the error for a workbook that cannot be read."""
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return ExportError(
        f"is no whole workbook: {text}", where=where, hint="save it again, or save it as CSV"
    )


def check(path: Path, name: str) -> None:
    """Raise `ExportError` for a workbook that unpacks to more than the limits allow."""
    found = {entry.filename: entry for entry in entries(path, name)}
    total = 0
    lengths: list[int] = []
    for entry in sorted(found, key=lambda entry: entry.lower() != SHARED):
        if entry.lower() == SHARED:
            lengths = string_lengths(chunks(path, entry, name), name)
            total += sum(lengths)
        elif SHEET.fullmatch(entry):
            total += check_sheet(chunks(path, entry, name), lengths, name)
        elif entry.lower().endswith((".xml", ".rels")):
            total += sum(len(chunk) for chunk in chunks(path, entry, name))
        if total > TOTAL:
            raise too_large(name, f"unpacks to more than {size(TOTAL)}")


def chunks(path: Path, entry: str, name: str) -> Iterator[bytes]:
    """Yield an entry's bytes, counted. Raises `ExportError` for one that declares a document type."""
    with open_member(path, entry, where=f"{name}/{entry}") as stream:
        while chunk := stream.read(CHUNK):
            if b"<!DOCTYPE" in chunk:
                raise ExportError(
                    f"is not safe: {entry!r} declares a document type",
                    where=name,
                    hint="ask who made this workbook",
                )
            yield chunk


def string_lengths(parts: Iterator[bytes], name: str) -> list[int]:
    """Return how long each shared string is, in bytes of its XML."""
    lengths: list[int] = []
    left = b""
    for part in parts:
        text, start = left + part, 0
        for end in STRING_END.finditer(text):
            lengths.append(end.end() - start)
            start = end.end()
        left = text[start:]
        refuse_endless(left, name)
    return lengths


def check_sheet(parts: Iterator[bytes], lengths: list[int], name: str) -> int:
    """Return the bytes of a sheet. Raises `ExportError` for too many cells, or too much text in them."""
    count, text = 0, 0
    right, bottom = 0, 0
    left = b""
    for part in parts:
        count += len(part)
        here = left + part
        cut = here.rfind(b"<", 0, len(here) - OVERLAP) if len(part) == CHUNK else len(here)
        here, left = here[: max(cut, 0)], here[max(cut, 0) :]
        refuse_endless(left, name)
        for column, row in CELL.findall(here):
            right, bottom = max(right, column_number(column)), max(bottom, int(row))
        text += sum(lengths[at] for at in map(int, INDEX.findall(here)) if at < len(lengths))
        if right * bottom > CELLS:
            raise too_large(name, f"spans {right * bottom:,} cells, {CELLS:,} at most")
        if text > TEXT:
            raise too_large(name, f"holds more than {size(TEXT)} of text")
    return count


def refuse_endless(left: bytes, name: str) -> None:
    """Raise `ExportError` where nothing has ended for long: what is left over would be read again and again."""
    if len(left) > LONGEST_PIECE:
        raise too_large(name, f"goes on for more than {size(LONGEST_PIECE)} without an end")


def column_number(letters: bytes) -> int:
    """Return the number of a column named by letters, `A` being 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
