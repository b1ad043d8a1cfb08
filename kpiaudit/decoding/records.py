"""Read a JSON export record by record: an array, page objects, NDJSON or JSON written end to end.

A record that cannot be read becomes a `Broken` with its number; the rest is read all the same.
"""

from __future__ import annotations

import mmap
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

import msgspec
import polars as pl

from kpiaudit.exports.containers import is_plain, opened

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

T = TypeVar("T")
Text = bytes | mmap.mmap
CHUNK = 1 << 16
LONGEST_RECORD = 1 << 23
IN_VAIN = 1 << 24
"""Bytes of one file that may be looked through for brackets that do not pair; then a record ends at the
latest where the next line begins like its own, or a small file could keep us for hours.
"""
FILE = 1 << 32
"""In a place, which is one number: how far the rows of one file are from those of the next."""
SHOWN = 120
EXACT = 2**53
"""From here on a float does not hold every whole number."""
BROKEN = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)
RULES = {
    "Invalid RFC3339 encoded datetime": "not an ISO 8601 instant",
    "Expected `datetime` with a timezone component": "an instant without an offset",
}
AT_FAULT = re.compile(r" - at `\$\.?(?P<path>[^`]*)`$")
LACKING = re.compile(r"^Object missing required field `(?P<field>[^`]+)`")
TOKEN = re.compile(rb'"(?:[^"\\]++|\\.)*+(?:"|\Z)|[{}\[\]]', re.DOTALL)
NEXT = re.compile(rb"[^\s,}\x1e]")
STRAY = re.compile(rb"[^\n,{\]]+")
LINE_OF_RECORD = re.compile(rb"\n[ \t]*\{")


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that could not be read: the rule it broke, and the value that broke it."""

    rule: str
    value: str


class Table:
    """Rows gathered one by one; they are Python objects for the length of one chunk only."""

    def __init__(self, schema: Mapping[str, pl.DataType]) -> None:
        self.schema = schema
        self.rows: list[tuple[object, ...]] = []
        self.chunks: list[pl.DataFrame] = []
        self.height = 0

    def add(self, row: tuple[object, ...]) -> None:
        """Take one row, its values in the order of the schema."""
        self.rows.append(row)
        if len(self.rows) >= CHUNK:
            self.close_chunk()

    def close_chunk(self) -> None:
        """Turn the rows gathered so far into columns."""
        self.height += len(self.rows)
        columns = zip(*self.rows, strict=True) if self.rows else [()] * len(self.schema)
        self.chunks.append(
            pl.DataFrame(
                [
                    pl.Series(name, list(values), dtype=kind)
                    for (name, kind), values in zip(self.schema.items(), columns, strict=True)
                ]
            )
        )
        self.rows = []

    def taken(self) -> list[pl.DataFrame]:
        """Return the chunks closed so far, and hold them no longer."""
        chunks, self.chunks = self.chunks, []
        return chunks

    def take(
        self,
        exports: tuple[str, ...],
        places: pl.Series,
        columns: Mapping[str, pl.Series | str | bool],
    ) -> None:
        """Take many rows of some exports, given by columns of the schema, or one value for all; a column not
        given is null. Places tell which export of these and which row of it.
        """
        given = {name: told for name, told in columns.items() if isinstance(told, pl.Series)}
        frame = pl.DataFrame({"row": places % FILE, **given})
        told = {"export": exports[0], **columns}
        if len(exports) > 1:
            names = pl.Series(exports, dtype=pl.String).gather(places // FILE)
            frame = frame.with_columns(names.alias("export"))
        self.height += frame.height
        self.chunks.append(
            frame.select(
                (pl.col(name) if name in frame.columns else pl.lit(told.get(name)))
                .cast(kind)
                .alias(name)
                for name, kind in self.schema.items()
            )
        )

    def keep(self, columns: Mapping[str, pl.Series]) -> None:
        """Take many rows given by columns of the schema; a column not given is null."""
        rows = pl.DataFrame(columns)
        lacking = self.schema.keys() - columns.keys()
        if lacking:
            rows = rows.with_columns(
                pl.lit(None, self.schema[name]).alias(name) for name in lacking
            )
        self.height += rows.height
        self.chunks.append(rows.select(*self.schema))

    def whole(self) -> pl.DataFrame:
        """Return every row taken, in one piece."""
        return self.frame().collect().rechunk()

    def frame(self) -> pl.LazyFrame:
        """Return every row taken, as one lazy frame of the schema."""
        if self.rows or not self.chunks:
            self.close_chunk()
        return pl.concat(self.chunks).lazy()


def read_records(file: ExportFile, kind: type[T]) -> Iterator[tuple[int, T | Broken]]:
    """Yield (record number from 1, record) of a JSON file, decoded as the msgspec type `kind`.

    The records lie in the list `file.records` names, else they are the elements of the array or the
    values written one after the other. A file cut off ends with a `Broken`.
    """
    decoder: msgspec.json.Decoder[T] = msgspec.json.Decoder(kind)
    for row, raw in enumerate(raw_records(file), 1):
        record: T | Broken = decoded(raw, decoder, kind)
        yield row, record


def decoded(
    raw: bytes | msgspec.Raw | Broken, decoder: msgspec.json.Decoder[T], kind: type[T]
) -> T | Broken:
    """Return a record, or why it is none."""
    if isinstance(raw, Broken):
        return raw
    try:
        return decoder.decode(raw)
    except BROKEN as error:
        return whole_numbers(error, raw, kind) or explain(error, bytes(memoryview(raw)))


def whole_numbers(error: Exception, raw: bytes | msgspec.Raw, kind: type[T]) -> T | None:
    """Return a record whose only fault is whole numbers written as `3.0`, None for any other.

    Tables that hold empty cells beside ids write them so.
    """
    if "got `float`" not in str(error):
        return None
    try:
        return msgspec.convert(rounded(msgspec.json.decode(raw)), kind)
    except BROKEN:
        return None


def rounded(value: object) -> object:
    """Return a JSON value with every float that is exactly a whole number as one."""
    if isinstance(value, dict):
        return {key: rounded(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [rounded(inner) for inner in value]
    is_whole = isinstance(value, float) and value.is_integer() and abs(value) < EXACT
    return int(value) if is_whole and isinstance(value, float) else value


def raw_records(file: ExportFile) -> Iterator[bytes | msgspec.Raw | Broken]:
    """Yield the bytes of every record, undecoded."""
    if file.encoding in {"utf-8", "utf-8-sig"} and not file.records and is_one_a_line(file):
        with opened(file) as lines:
            for line in lines:
                record = line.removeprefix(b"\xef\xbb\xbf").strip()
                if record:
                    yield record
        return
    text = content(file)
    whole = whole_document(text, file.records)
    yield from split(text, file.records) if whole is None else whole


def values_in(raw: msgspec.Raw) -> list[msgspec.Raw]:
    """Return the elements of a list, undecoded; anything else is the only one."""
    if bytes(memoryview(raw)[:1]) != b"[":
        return [raw]
    return msgspec.json.decode(raw, type=list[msgspec.Raw])


def is_one_a_line(file: ExportFile) -> bool:
    """Return whether the file is NDJSON whose first line is a whole record."""
    if file.kind != "ndjson":
        return False
    with opened(file) as lines:
        first = next((line for line in lines if line.strip()), b"").removeprefix(b"\xef\xbb\xbf")
    return is_json(first)


def content(file: ExportFile) -> Text:
    """Return the file as UTF-8: mapped into memory when it lies on disk as that already."""
    if file.encoding not in {"utf-8", "utf-8-sig"} or not is_plain(file):
        with opened(file) as stream:
            raw = stream.read()
        if file.encoding not in {"utf-8", "utf-8-sig"}:
            raw = raw.decode(file.encoding, errors="replace").encode()
        return raw.removeprefix(b"\xef\xbb\xbf")
    with file.path.open("rb") as stream:
        if stream.read(3) == b"\xef\xbb\xbf":
            return stream.read()
        if stream.seek(0, 2) == 0:
            return b""
        return mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)


def is_json(text: bytes) -> bool:
    """Return whether `text` is one whole JSON value."""
    try:
        msgspec.json.decode(text, type=msgspec.Raw)
    except BROKEN:
        return False
    return True


def whole_document(text: Text, path: str) -> list[msgspec.Raw] | None:
    """Return the records of a file that is one sound JSON value, None for any other."""
    try:
        value = walked(text, path)
        if bytes(memoryview(value)[:1]) != b"[":
            return [value]
        return msgspec.json.decode(value, type=list[msgspec.Raw])
    except (*BROKEN, KeyError):
        return None


def walked(text: Text, path: str) -> msgspec.Raw:
    """Return the value under a path of a sound JSON value. Raises as `BROKEN` says, and KeyError."""
    value = msgspec.json.decode(text, type=msgspec.Raw)
    for key in path.split(".") if path else ():
        value = msgspec.json.decode(value, type=dict[str, msgspec.Raw])[key]
    return value


def split(text: Text, path: str) -> Iterator[bytes | Broken]:
    """Yield the records of a damaged file, or of several documents written end to end."""
    keys = [re.escape(msgspec.json.encode(key)) for key in path.split(".")]
    *outer, last = keys
    steps = [re.compile(key + rb"\s*:\s*\{") for key in outer] + [re.compile(last + rb"\s*:\s*\[")]
    position, is_open, lists, in_vain = 0, False, 0, 0
    while True:
        if path and not is_open:
            found = reached(text, position, steps)
            if found < 0:
                if not lists:
                    yield Broken(f"{path}: no such list of records", "")
                return
            position, is_open, lists = found, True, lists + 1
        start = NEXT.search(text, position)
        if start is None:
            if is_open:
                yield Broken("the file is cut off: its list of records does not end", "")
            return
        position, mark = start.start(), start.group()
        if mark == b"]" or (mark == b"[" and not is_open):
            is_open = mark == b"["
            position += 1
            continue
        end, looked = end_of_record(text, position, is_hasty=in_vain > IN_VAIN)
        in_vain += looked
        if end < 0:
            yield Broken("the file is cut off inside this record", shown(text[position:]))
            return
        yield text[position:end]
        position = end


def reached(text: Text, position: int, steps: Sequence[re.Pattern[bytes]]) -> int:
    """Return where the last of several patterns ends, each found after the one before; else -1."""
    for step in steps:
        found = step.search(text, position)
        if found is None:
            return -1
        position = found.end()
    return position


def end_of_record(text: Text, start: int, *, is_hasty: bool = False) -> tuple[int, int]:
    """Return where the record at `start` ends, -1 when the file ends before, and how many bytes were looked
    through for brackets that pair, in vain.

    A record whose brackets do not pair ends where the next line begins like its own; one that is hasty
    looks no further than there.
    """
    if text[start : start + 1] not in {b"{", b"["}:
        stray = STRAY.search(text, start)
        return (stray.end() if stray else start + 1), 0
    before = text[text.rfind(b"\n", 0, start) + 1 : start]
    begins = re.compile(rb"\n" + before + rb"\{") if before.isspace() or not before else None
    sibling = (begins or LINE_OF_RECORD).search(text, start) if is_hasty else None
    limit = min(sibling.end() - 1 if sibling else len(text), start + LONGEST_RECORD)
    end = end_of_brackets(text, start, limit)
    if end >= 0 and is_json(text[start:end]):
        return end, 0
    looked = (limit if end < 0 else end) - start
    sibling = sibling or (begins or LINE_OF_RECORD).search(
        text, start, end if end >= 0 else len(text)
    )
    return (sibling.end() - 1 if sibling else end), looked


def end_of_brackets(text: Text, start: int, limit: int | None = None) -> int:
    """Return where the bracket that opens at `start` is closed, -1 when it is not before the limit."""
    depth = 0
    for token in TOKEN.finditer(text, start, start + LONGEST_RECORD if limit is None else limit):
        mark = token.group()
        if mark in {b"{", b"["}:
            depth += 1
        elif mark in {b"}", b"]"}:
            depth -= 1
            if depth == 0:
                return token.end()
    return -1


def explain(error: Exception, raw: bytes) -> Broken:
    """Return why `raw` is no record, as `key: rule`, with the value at that key."""
    if not isinstance(error, msgspec.ValidationError):
        return Broken("not valid JSON", shown(raw))
    text = str(error)
    found = AT_FAULT.search(text)
    path = found["path"] if found else ""
    text = text[: found.start()] if found else text
    lacking = LACKING.match(text)
    if lacking:
        return Broken(f"{path + '.' if path else ''}{lacking['field']}: missing", "")
    rule = RULES.get(text, text[:1].lower() + text[1:].replace("`", ""))
    try:
        value = at_path(raw, path)
    except BROKEN:
        return Broken("not valid JSON", shown(raw))
    return Broken(f"{path}: {rule}" if path else rule, shown(value))


def at_path(raw: bytes, path: str) -> bytes:
    """Return the JSON found under a path such as `events[0].public`."""
    value = msgspec.json.decode(raw)
    for key, place in re.findall(r"([^.\[\]]+)|\[(\d+|\.\.\.)\]", path):
        if key and isinstance(value, dict):
            value = value.get(key)
        elif place.isdigit() and isinstance(value, list):
            value = value[int(place)]
        else:
            break
    return value.encode() if isinstance(value, str) else msgspec.json.encode(value)


def shown(raw: bytes) -> str:
    """Return the beginning of a value, fit for a line on screen."""
    text = raw[: SHOWN * 4].decode(errors="replace")
    return text if len(text) <= SHOWN else text[:SHOWN] + "..."
