"""Make columns of what many records tell, field by field, and say which of them cannot be used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from operator import attrgetter
from types import NoneType
from typing import Any, Final

import msgspec
import polars as pl

from kpiaudit.decoding.records import RULES, Broken, shown
from kpiaudit.decoding.rows import Instant, micros

C = pl.col
RFC_3339: Final = (
    r"^[1-9][0-9]{3}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-5][0-9](?:\.[0-9]{3}|\.[0-9]{6})?Z$"
)
"""A stamp Polars may read; it would take a year 0, which no calendar has."""
OFFSET: Final = r"^([2-8][0-9]{3}-[^Z+]{5}T[^Z+-]*)([+-])([01][0-9]|2[0-3]):?([0-5][0-9])$"
"""A stamp with an offset; years next to which there may be none are not taken."""
MICROSECONDS_A_MINUTE: Final = 60_000_000
NOTHING: Final = pl.Series([None], dtype=pl.String)
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
APART: Final = "\0"
"""Between the elements of one list, while it is one text."""
NO_STAMPS: Final[Mapping[str, str]] = {}

Lists = dict[str, list[Any] | int]
"""Values by field; a number where they are as many nulls."""
Fields = dict[str, pl.Series]
Columns = dict[str, pl.Series | str | bool]


class Refused(Exception):  # noqa: N818  # no error: records to take out
    """Records that cannot be used: place among those told to why."""

    def __init__(self, faults: Mapping[int, Broken]) -> None:
        super().__init__(faults)
        self.faults = faults


def both(before: list[Any] | int, values: list[Any] | int) -> list[Any] | int:
    """Return values after others, both of which may be a number of nulls."""
    if isinstance(before, int):
        if isinstance(values, int):
            return before + values
        before = [None] * before
    before += [None] * values if isinstance(values, int) else values
    return before


def column(values: list[Any] | int) -> pl.Series:
    """Return values, None among them, as a column of their kind: as text where they are of several kinds,
    or are whole numbers too long for any.
    """
    if isinstance(values, int):
        return pl.Series(values=[None] * values, dtype=pl.String())
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


def texts(values: pl.Series) -> pl.Series:
    """Return values that are text, whole numbers or null as text."""
    return values.cast(pl.String)


def flags(values: pl.Series) -> pl.Series:
    """Return yes, no and null as such, where nothing but null is told too."""
    is_told = values.dtype == pl.Boolean
    return values if is_told else pl.Series(values=[None] * len(values), dtype=pl.Boolean())


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


def in_one(lists: Iterable[Sequence[str] | None]) -> list[str | None]:
    """Return each list as one text, which `in_many` takes apart: None where there is none."""
    return [None if some is None else APART.join(some) for some in lists]


def in_many(text: pl.Expr) -> pl.Expr:
    """Return the lists that texts stand for."""
    nothing = pl.lit([], pl.List(pl.String))
    return pl.when(text == "").then(nothing).otherwise(text.str.split(APART))


def owners(lists: Iterable[Sequence[object]], first: int) -> list[int]:
    """Return for every element of every list the place of its list, counted from `first`."""
    return [at for at, some in enumerate(lists, first) for _ in some]


def instants(written: pl.Series, path: str, owners: pl.Series | None = None) -> pl.Series:
    """Return RFC 3339 stamps as microseconds since 1970; raise `Refused` where one is none.

    `owners` are the places of the records in the chunk, where that are not the places of the values; then
    `[...]` in the path is the place of a value among those of its record.
    """
    read = in_utc(written)
    if read.null_count() > written.null_count():
        read = read.fill_null(with_offset(written.zip_with(read.is_null(), NOTHING)))
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
            place = 0 if owners is None else at - int(owners.search_sorted(owner))
            told = path.replace("[...]", f"[{place}]")
            faults.setdefault(owner, Broken(f"{told}: {rule}", shown(text.encode())))
        else:
            found[at] = micros(moment)
    if faults:
        raise Refused(faults)
    return read.scatter(list(found), list(found.values()))


def with_offset(written: pl.Series) -> pl.Series:
    """Return stamps that end with an offset as microseconds since 1970, null for those in any other form."""
    found = written.to_frame("at").select(
        naive=C("at").str.extract(OFFSET, 1) + "Z",
        sign=C("at").str.extract(OFFSET, 2),
        hours=C("at").str.extract(OFFSET, 3).cast(pl.Int64),
        minutes=C("at").str.extract(OFFSET, 4).cast(pl.Int64),
    )
    ahead = (found["hours"] * 60 + found["minutes"]) * MICROSECONDS_A_MINUTE
    return in_utc(found["naive"]) - ahead.zip_with(found["sign"] == "+", -ahead)


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


def values_of(records: Sequence[Any], names: Iterable[str], prefix: str = "") -> Lists:
    """Return attributes of records by name."""
    return {prefix + name: list(map(attrgetter(name), records)) for name in names}


def columns_of(
    fields: Fields,
    kinds: Mapping[str, pl.DataType],
    stamps: Mapping[str, str] = NO_STAMPS,
    *,
    prefix: str = "",
    owners: pl.Series | None = None,
) -> dict[str, pl.Series]:
    """Return what many records tell in the types of a table; `stamps` are the fields that are RFC 3339 stamps,
    each with its path in a record. Raises `Refused` as `instants` does.
    """
    columns: dict[str, pl.Series] = {}
    for name, kind in kinds.items():
        values = fields[prefix + name]
        if name in stamps:
            columns[name] = instants(values, stamps[name], owners)
        else:
            is_flag = kind == pl.Boolean()
            columns[name] = flags(values) if is_flag else values.cast(kind, strict=False)
    return columns
