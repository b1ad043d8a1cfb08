"""Read a JSON export in chunks of typed records, and turn many records at once into columns.

What is fast here is fast because no Python function is called per record: msgspec decodes a block of lines, a
list comprehension takes one field of all its records, and Polars does the rest. A record that cannot be
used is found by whole columns, too, and only then looked at by itself.
"""

from __future__ import annotations

import mmap
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from io import BytesIO
from itertools import compress
from types import NoneType
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec
import polars as pl

from kpiaudit.decoding.records import (
    BROKEN,
    CHUNK,
    RULES,
    Broken,
    content,
    decoded,
    is_one_a_line,
    raw_records,
    shown,
    walked,
)
from kpiaudit.decoding.rows import Instant, micros
from kpiaudit.exports.containers import is_plain, opened

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

T = TypeVar("T")
C = pl.col
BLOCK: Final = 1 << 18
"""Bytes of lines decoded at once: their records fit into the processor's cache."""
RUN: Final = 1 << 3
"""Blocks after which lists become columns: what stays in lists keeps memory from being used again."""
PILE: Final = 1 << 8
"""Blocks after which lists become columns, at the latest: that costs some queries."""
AT_ONCE: Final = 1 << 25
"""Bytes of a document up to which all its records are decoded at once."""
RECORDS: Final = 1 << 11
BOM: Final = b"\xef\xbb\xbf"
RFC_3339: Final = (
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{3}|\.[0-9]{6})?Z$"
)
"""A stamp Polars may read; it would take a year 0, which no calendar has."""
KINDS: Final[dict[type[Any], pl.DataType]] = {
    str: pl.String(),
    int: pl.Int64(),
    bool: pl.Boolean(),
}
"""What a column is that begins with a value of a kind, unless another follows that it does not take."""
LOOSE: Final[dict[type[Any], pl.DataType]] = {**KINDS, float: pl.Float64()}
"""What a column is all whose values are of one kind."""
FORMS: Final = {
    20: "%Y-%m-%dT%H:%M:%SZ",
    24: "%Y-%m-%dT%H:%M:%S.%3fZ",
    27: "%Y-%m-%dT%H:%M:%S.%6fZ",
}


Lists = dict[str, list[Any]]
Fields = dict[str, pl.Series]
Columns = dict[str, pl.Series | str | bool]
Block = tuple[list[T], list[tuple[int, Broken]], int]
"""Records; those that are broken, by place; how many both are."""


@dataclass(frozen=True, slots=True)
class Told:
    """What many records of one file tell, field by field, and the number of each in it, from 1.

    A field is a column of the kind all its values are of, and of text where they are of several.
    """

    export: str
    rows: list[int]
    fields: Fields


class Refused(Exception):  # noqa: N818  # no error: records to take out
    """Records that cannot be used: place among those told to why."""

    def __init__(self, faults: Mapping[int, Broken]) -> None:
        super().__init__(faults)
        self.faults = faults


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """How the records of one part of an export become rows: `fields` takes them to lists, fields of nested
    records too (their owners counted from the place it is given), `add` takes those to a table. What `add`
    cannot use it raises as `Refused` before it has kept anything; then it is asked again without.
    """

    kind: type[T]
    fields: Callable[[list[T], int], Lists]
    add: Callable[[Told], None]


def take(file: ExportFile, part: Part[T], reject: Callable[[str, int, Broken], None]) -> None:
    """Give every record of a file to its part, or to `reject`.

    Records live only as long as the block they were decoded from, while the processor has them at hand.
    """
    pile: list[Callable[[], Block[T]]] = []
    found = Gathered(part)
    row = first = 1
    for block in blocks(file, part.kind):
        records, broken, count = block()
        for at, why in broken:
            reject(file.name, row + at, why)
        found.take(records, numbers(row, count, dict(broken)))
        row += count
        pile.append(block)
        if len(found.rows) >= CHUNK or len(pile) >= PILE:
            add(file, part, (first, pile), found.told(file.name), reject)
            pile, found, first = [], Gathered(part), row
    add(file, part, (first, pile), found.told(file.name), reject)


def add(
    file: ExportFile,
    part: Part[T],
    source: tuple[int, Sequence[Callable[[], Block[T]]]],
    told: Told,
    reject: Callable[[str, int, Broken], None],
) -> None:
    """Give what many records told to their part; those it refuses go to `reject`, and the blocks they came
    from, the first of which begins at a row, are decoded again without them.
    """
    gone: set[int] = set()
    while told.rows:
        try:
            return part.add(told)
        except Refused as refused:
            for at, why in sorted(refused.faults.items()):
                reject(file.name, told.rows[at], why)
                gone.add(told.rows[at])
        row, blocks_again = source
        found = Gathered(part)
        for block in blocks_again:
            records, broken, count = block()
            own = numbers(row, count, dict(broken))
            row += count
            kept = [number not in gone for number in own]
            found.take(list(compress(records, kept)), list(compress(own, kept)))
        told = found.told(file.name)
    return None


class Gathered(Generic[T]):
    """What the records of one part tell, on its way from lists to columns."""

    def __init__(self, part: Part[T]) -> None:
        self.part = part
        self.rows: list[int] = []
        self.lists: Lists = {}
        self.pieces: dict[str, list[pl.Series]] = {}
        self.blocks = 0

    def take(self, records: list[T], rows: Sequence[int]) -> None:
        """Take the records of a block, and the number of each."""
        lists = self.lists
        for name, values in self.part.fields(records, len(self.rows)).items():
            if name in lists:
                lists[name] += values
            else:
                lists[name] = values
        self.rows += rows
        self.blocks += 1
        if self.blocks % RUN == 0:
            self.settle()

    def settle(self) -> None:
        """Make columns of lists."""
        for name, values in self.lists.items():
            self.pieces.setdefault(name, []).append(column(values))
        self.lists = {}

    def told(self, export: str) -> Told:
        """Return all that was taken, each field in one piece."""
        self.settle()
        return Told(export, self.rows, {n: joined(pieces) for n, pieces in self.pieces.items()})


def column(values: list[Any]) -> pl.Series:
    """Return values, None among them, as a column of their kind: as text where they are of several kinds,
    or are whole numbers too long for any.
    """
    kind = KINDS.get(type(values[0]) if values else NoneType)
    if kind is None:
        kinds = set(map(type, values))
        kinds.discard(NoneType)
        kind = LOOSE.get(kinds.pop(), pl.String()) if len(kinds) == 1 else pl.String()
    try:
        return pl.Series(values=values, dtype=kind, strict=True)
    except (TypeError, OverflowError):
        return pl.Series(values=[v if v is None else str(v) for v in values], dtype=pl.String())


def joined(pieces: list[pl.Series]) -> pl.Series:
    """Return pieces of a column in one: as text where they are of several kinds."""
    kinds = {piece.dtype for piece in pieces if piece.null_count() < len(piece)}
    kind = kinds.pop() if len(kinds) == 1 else pl.String()
    same = [piece if piece.dtype == kind else piece.cast(kind) for piece in pieces]
    return pl.concat(same, rechunk=True)


def numbers(row: int, count: int, gone: Mapping[int, Broken]) -> Sequence[int]:
    """Return the numbers of records, but for those at some places."""
    if not gone:
        return range(row, row + count)
    return [row + at for at in range(count) if at not in gone]


def blocks(file: ExportFile, kind: type[T]) -> Iterator[Callable[[], Block[T]]]:
    """Yield what decodes a file's records block by block, as often as it is asked."""
    decoder = msgspec.json.Decoder(kind)
    if file.encoding in {"utf-8", "utf-8-sig"} and not file.records and is_one_a_line(file):
        for piece in pieces(file):
            yield partial(decoded_lines, piece, decoder, kind)
        return
    records = whole_list(file, kind)
    if records is not None:
        for start in range(0, len(records), RECORDS):
            yield partial(as_they_are, records[start : start + RECORDS])
        return
    raws: list[bytes | msgspec.Raw | Broken] = []
    for raw in raw_records(file):
        raws.append(raw)
        if len(raws) == RECORDS:
            yield partial(one_by_one, raws, decoder, kind)
            raws = []
    yield partial(one_by_one, raws, decoder, kind)


def pieces(file: ExportFile) -> Iterator[Callable[[], bytes]]:
    """Yield what gives a block of whole lines, as often as it is asked."""
    if is_plain(file) and file.path.stat().st_size:
        with file.path.open("rb") as stream:
            text = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        start, end = 0, len(text)
        while start < end:
            stop = text.find(b"\n", min(start + BLOCK, end) - 1) + 1 or end
            yield partial(part_of, text, start, stop)
            start = stop
        return
    with opened(file) as stream:
        while block := stream.read(BLOCK):
            yield partial(bytes, block + stream.readline())


def part_of(text: mmap.mmap, start: int, stop: int) -> bytes:
    """Return some bytes of a file."""
    return text[start:stop]


def as_they_are(records: list[T]) -> Block[T]:
    """Return records that are decoded."""
    return records, [], len(records)


def decoded_lines(
    piece: Callable[[], bytes], decoder: msgspec.json.Decoder[T], kind: type[T]
) -> Block[T]:
    """Return the records of lines, asking of each what is wrong only where something is; no line is a
    record where it is blank.
    """
    lines = piece()
    try:
        records = list(map(decoder.decode, BytesIO(lines)))
    except BROKEN:
        stripped = (line.removeprefix(BOM).strip() for line in BytesIO(lines))
        return one_by_one([line for line in stripped if line], decoder, kind)
    return records, [], len(records)


def whole_list(file: ExportFile, kind: type[T]) -> list[T] | None:
    """Return all records of a short, sound document at once, None where it is not that."""
    text = content(file)
    if len(text) > AT_ONCE:
        return None
    try:
        value = walked(text, file.records)
        if bytes(memoryview(value)[:1]) != b"[":
            return None
        return msgspec.json.decode(value, type=list[kind])  # type: ignore[valid-type]
    except (*BROKEN, KeyError):
        return None


def one_by_one(
    raws: Sequence[bytes | msgspec.Raw | Broken], decoder: msgspec.json.Decoder[T], kind: type[T]
) -> Block[T]:
    """Return records decoded one by one."""
    records: list[T] = []
    broken: list[tuple[int, Broken]] = []
    for at, raw in enumerate(raws):
        record = decoded(raw, decoder, kind)
        if isinstance(record, Broken):
            broken.append((at, record))
        else:
            records.append(record)
    return records, broken, len(raws)


def at_once(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return rows worked out and held: what lies in memory is joined in half the time by the engine that
    does not stream.
    """
    return rows.collect(engine="in-memory").lazy()


def texts(values: pl.Series) -> pl.Series:
    """Return values that are text, whole numbers or null as text."""
    return values.cast(pl.String)


def flags(values: pl.Series) -> pl.Series:
    """Return yes, no and null as such, where nothing but null is told too."""
    return (
        values
        if values.dtype == pl.Boolean
        else pl.repeat(None, len(values), dtype=pl.Boolean(), eager=True)
    )


def plain(values: list[Any]) -> list[str | None]:
    """Return values of any kind as text, lists a line an element."""
    return [
        value
        if value is None or value.__class__ is str
        else "\n".join(map(str, value))
        if value.__class__ is list
        else str(value)
        for value in values
    ]


def owners(lists: Iterable[Sequence[object]], first: int) -> list[int]:
    """Return for every element of every list the place of its list, counted from `first`."""
    return [at for at, some in enumerate(lists, first) for _ in some]


def instants(written: pl.Series, path: str, owners: pl.Series | None = None) -> pl.Series:
    """Return RFC 3339 stamps as microseconds since 1970; raise `Refused` where one is none.

    `owners` are the places of the records in the chunk, where that are not the places of the values.
    """
    read = in_utc(written)
    if read.null_count() == written.null_count():
        return read
    odd = (read.is_null() & written.is_not_null()).arg_true()
    found: dict[int, int] = {}
    faults: dict[int, Broken] = {}
    for at in odd:
        text = written[at]
        try:
            moment = msgspec.convert(text, Instant)
        except msgspec.ValidationError as error:
            rule = RULES.get(str(error), str(error))
            owner = at if owners is None else owners[at]
            faults.setdefault(owner, Broken(f"{path}: {rule}", shown(text.encode())))
        else:
            found[at] = micros(moment)
    if faults:
        raise Refused(faults)
    return read.scatter(list(found), list(found.values()))


def in_utc(written: pl.Series) -> pl.Series:
    """Return stamps in UTC as microseconds since 1970, null for those written in any other form."""
    sizes = written.str.len_bytes().unique().drop_nulls().to_list()
    sound = pl.when(C("at").str.contains(RFC_3339)).then("at")
    length = C("at").str.len_bytes()
    read = [
        (sound if len(sizes) == 1 else pl.when(length == size).then(sound))
        .str.to_datetime(form, time_unit="us", strict=False, cache=False)
        .cast(pl.Int64)
        for size, form in FORMS.items()
        if size in sizes
    ]
    if not read:
        return pl.Series(values=[None] * len(written), dtype=pl.Int64)
    return written.to_frame("at").select(pl.coalesce(read)).to_series()
