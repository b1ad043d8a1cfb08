"""Where the header of a delimited text stands and what its delimiter is, told from its first lines."""

from __future__ import annotations

import csv
import re
from collections import Counter
from dataclasses import dataclass

DELIMITERS = (",", ";", "\t", "|")
LINE_END = re.compile(r"\r\n|\n|\r")
LINE_END_BYTES = re.compile(rb"\r\n|\n|\r")
DECLARED = re.compile(r'"?sep=(.)"?', re.IGNORECASE)
"""The line by which a spreadsheet is told the delimiter."""
LOOKED_AT = 50


@dataclass(frozen=True, slots=True)
class Dialect:
    """A delimiter, the lines before the header, and the header."""

    delimiter: str
    preamble: int
    header: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """A record and the number of lines before it."""

    line: int
    fields: tuple[str, ...]

    @property
    def width(self) -> int:
        """Its fields, without empty ones at the end."""
        return max((at for at, field in enumerate(self.fields, 1) if field.strip()), default=0)


def dialect_of(text: str, *, is_whole: bool = True) -> Dialect:
    """Return the dialect of a text, of which the last record counts only when it `is_whole`.

    The delimiter is the one that cuts most records into equally many fields. The header is the first
    record as wide as the table; narrower ones before it (a title, notes) are its preamble.
    Raises `csv.Error`.
    """
    lines = LINE_END.split(text)
    declared = DECLARED.fullmatch(lines[0].strip(" \ufeff"))
    start = 1 if declared else 0
    delimiters = (declared[1],) if declared else DELIMITERS
    best: tuple[float, int] = (-1.0, 0)
    found = Dialect(delimiters[0], start, ())
    for delimiter in delimiters:
        records = first_records(lines[start:], delimiter, is_whole=is_whole)
        if not records:
            continue
        widths = Counter(len(record.fields) for record in records if len(record.fields) > 1)
        width, count = max(widths.items(), key=lambda item: (item[1], item[0]), default=(1, 0))
        score = (count / len(records), width)
        if score > best:
            best = score
            header = header_of(records, width)
            found = Dialect(delimiter, start + header.line, header.fields)
    return found


def first_records(lines: list[str], delimiter: str, *, is_whole: bool) -> list[Record]:
    """Return the first records that are not blank."""
    reader = csv.reader([line + "\n" for line in lines], delimiter=delimiter)
    records: list[Record] = []
    line = 0
    for fields in reader:
        if any(field.strip() for field in fields):
            records.append(Record(line, tuple(fields)))
        line = reader.line_num
        if len(records) == LOOKED_AT:
            return records
    return records if is_whole or len(records) < 2 else records[:-1]


def header_of(records: list[Record], width: int) -> Record:
    """Return the record that is the header of a table so many fields wide."""
    wide = (record for record in records if record.width > max(1, width // 2))
    found = next(wide, records[0])
    return found if is_header(found.fields) else records[0]


def is_header(fields: tuple[str, ...]) -> bool:
    """Return whether fields can be the names of columns: words, and no two alike."""
    names = [field.strip() for field in fields if field.strip()]
    return len(set(names)) == len(names) and all(
        any(letter.isalpha() for letter in name) for name in names
    )


def without_preamble(text: bytes, lines: int) -> bytes:
    """Return a UTF-8 text from a line on."""
    ends = LINE_END_BYTES.finditer(text)
    for _ in range(lines):
        end = next(ends, None)
        if end is None:
            return b""
        text_start = end.end()
    return text[text_start:] if lines else text
