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
from typing import TYPE_CHECKING, Any, Final, Generic, TypeVar

import msgspec
import polars as pl

from kpiaudit.decoding.fields import (
    Fields,
    Lists,
    Refused,
    both,
    column,
    columns_of,
    joined,
    values_of,
)
from kpiaudit.decoding.long_lists import let_go
from kpiaudit.decoding.records import (
    BROKEN,
    CHUNK,
    FILE,
    Broken,
    content,
    decoded,
    is_one_a_line,
    raw_records,
    walked,
)
from kpiaudit.exports.containers import is_plain, opened

if TYPE_CHECKING:
    from kpiaudit.decoding.records import Table
    from kpiaudit.sources.base import ExportFile

T = TypeVar("T")
BLOCK: Final = 1 << 18
"""Bytes of lines decoded at once: their records fit into the processor's cache."""
RUN: Final = 1 << 3
"""Blocks after which lists become columns: what stays in lists keeps memory from being used again."""
PILE: Final = 1 << 10
"""Blocks after which a part adds to its tables, at the latest: that costs some queries."""
HELD: Final = 1 << 24
"""Bytes of files that are no maps after which it does so: their blocks are held until then."""
AT_ONCE: Final = 1 << 25
"""Bytes of a document up to which all its records are decoded at once."""
RECORDS: Final = 1 << 11
BOM: Final = b"\xef\xbb\xbf"
Block = tuple[list[T], list[tuple[int, Broken]], int]
"""Records; those that are broken, by place; how many both are."""


@dataclass(frozen=True, slots=True)
class Told:
    """What many records tell, field by field.

    A field is a column of the kind all its values are of, and of text where they are of several. `export` are the
    names of the files they are of; `rows` tells of each which of these and its number in it, as `place_of` does.
    """

    export: tuple[str, ...]
    rows: pl.Series
    fields: Fields


@dataclass(frozen=True, slots=True)
class Part(Generic[T]):
    """How the records of one part of an export become rows: `fields` takes them to lists, fields of nested
    records too (their owners counted from the place it is given), `add` takes those to a table. What `add`
    cannot use it raises as `Refused` before it has kept anything; then it is asked again without.
    """

    kind: type[T]
    fields: Callable[[list[T], int], Lists]
    add: Callable[[Told], None]


PLACE: Final[dict[str, pl.DataType]] = {"export": pl.String(), "row": pl.UInt32()}
"""Where a record stands: the first columns of every table of records."""


def flat(
    kind: type[T],
    table: Table,
    stamps: Sequence[str] = (),
    more: Callable[[list[T]], Lists] | None = None,
) -> Part[T]:
    """Return how records become rows of a table by their fields of the same names, some of them RFC 3339
    stamps; `more` tells columns that are no fields.
    """
    columns = {name: dtype for name, dtype in table.schema.items() if name not in PLACE}
    own = [name for name in columns if name in kind.__struct_fields__]  # type: ignore[attr-defined]
    names = zip(kind.__struct_fields__, kind.__struct_encode_fields__, strict=True)  # type: ignore[attr-defined]
    paths = {name: path for name, path in names if name in stamps}

    def fields(records: list[T], first: int) -> Lists:  # nothing is nested
        return values_of(records, own) | (more(records) if more else {})

    def add(told: Told) -> None:
        table.take(told.export, told.rows, columns_of(told.fields, columns, paths))

    return Part(kind, fields, add)


def take(
    files: Iterable[ExportFile],
    parts: Mapping[str, Part[Any]],
    reject: Callable[[str, int, Broken], None],
) -> None:
    """Give every record of files to the part of its file, or to `reject`: those of many small files at once."""
    piles: dict[int, Pile[Any]] = {}
    for file in files:
        part = parts[file.part]
        piles.setdefault(id(part), Pile(part, reject)).take(file)
    for pile in piles.values():
        pile.close()


class Pile(Generic[T]):
    """Records of one part, of any files, on their way to its tables.

    Records live only as long as the block they were decoded from, while the processor has them at hand.
    """

    def __init__(self, part: Part[T], reject: Callable[[str, int, Broken], None]) -> None:
        self.part = part
        self.reject = reject
        self.start()

    def start(self) -> None:
        """Begin anew."""
        self.names: list[str] = []
        self.blocks: list[tuple[int, Callable[[], Block[T]]]] = []
        self.held = 0
        self.found = Gathered(self.part)

    def take(self, file: ExportFile) -> None:
        """Take the records of a file."""
        row = 1
        for block, held in blocks(file, self.part.kind):
            if file.name not in self.names[-1:]:
                self.names.append(file.name)
            place = place_of(len(self.names) - 1, row)
            records, broken, count = block()
            for at, why in broken:
                self.reject(file.name, row + at, why)
            self.found.take(records, numbers(place, count, dict(broken)))
            self.blocks.append((place, block))
            self.held += held
            row += count
            is_long = len(self.found.rows) >= CHUNK or len(self.blocks) >= PILE
            if is_long or self.held >= HELD:
                self.close()

    def close(self) -> None:
        """Give what was taken to the part; records it refuses are rejects, and the blocks they came from are
        decoded again without them.
        """
        names, told = tuple(self.names), self.found.told(tuple(self.names))
        gone: set[int] = set()
        while len(told.rows):
            try:
                self.part.add(told)
                break
            except Refused as refused:
                for at, why in sorted(refused.faults.items()):
                    place = int(told.rows[at])
                    self.reject(names[place // FILE], place % FILE, why)
                    gone.add(place)
            found = Gathered(self.part)
            for place, block in self.blocks:
                records, broken, count = block()
                own = numbers(place, count, dict(broken))
                kept = [number not in gone for number in own]
                found.take(list(compress(records, kept)), list(compress(own, kept)))
            told = found.told(names)
        self.start()


def place_of(file: int, row: int) -> int:
    """Return a record's place as one number: that of its file among some, and its own in it."""
    return file * FILE + row


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
            lists[name] = both(lists[name], values) if name in lists else values
        self.rows += rows
        self.blocks += 1
        if self.blocks % RUN == 0:
            self.settle()

    def settle(self) -> None:
        """Make columns of lists."""
        for name, values in self.lists.items():
            self.pieces.setdefault(name, []).append(column(values))
        self.lists = {}

    def told(self, export: tuple[str, ...]) -> Told:
        """Return all that was taken from some files, each field in one piece."""
        self.settle()
        rows = pl.Series(self.rows, dtype=pl.UInt64)
        return Told(export, rows, {n: joined(pieces) for n, pieces in self.pieces.items()})


def numbers(row: int, count: int, gone: Mapping[int, Broken]) -> Sequence[int]:
    """Return the numbers of records, but for those at some places."""
    if not gone:
        return range(row, row + count)
    return [row + at for at in range(count) if at not in gone]


def blocks(file: ExportFile, kind: type[T]) -> Iterator[tuple[Callable[[], Block[T]], int]]:
    """Yield what decodes a file's records block by block, as often as it is asked, and what it holds in bytes."""
    decoder = msgspec.json.Decoder(kind)
    if file.encoding in {"utf-8", "utf-8-sig"} and not file.records and is_one_a_line(file):
        held = 0 if is_plain(file) else BLOCK
        for piece in pieces(file):
            yield partial(decoded_lines, piece, decoder, kind), held
        return
    records, size = whole_list(file, kind)
    if records is not None:
        for start in range(0, len(records), RECORDS):
            yield partial(as_they_are, records[start : start + RECORDS]), size if start == 0 else 0
        return
    raws: list[bytes | msgspec.Raw | Broken] = []
    for raw in raw_records(file):
        raws.append(raw)
        if len(raws) == RECORDS:
            yield partial(one_by_one, raws, decoder, kind), HELD
            raws = []
    yield partial(one_by_one, raws, decoder, kind), min(size, HELD)


def pieces(file: ExportFile) -> Iterator[Callable[[], bytes]]:
    """Yield what gives a block of whole lines, as often as it is asked."""
    if is_plain(file) and file.path.stat().st_size:
        with file.path.open("rb") as stream:
            text = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        start, end, gone = 0, len(text), 0
        while start < end:
            gone = let_go(text, gone, start)
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


def whole_list(file: ExportFile, kind: type[T]) -> tuple[list[T] | None, int]:
    """Return all records of a short, sound document at once, None where it is not that, and its length."""
    text = content(file)
    if len(text) > AT_ONCE:
        return None, len(text)
    try:
        value = walked(text, file.records)
        if bytes(memoryview(value)[:1]) != b"[":
            return None, len(text)
        records: list[T] = msgspec.json.decode(value, type=list[kind])  # type: ignore[valid-type]
    except (*BROKEN, KeyError):
        return None, len(text)
    return records, len(text)


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
