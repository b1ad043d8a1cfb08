"""JSON records as columns of text: one column a key path, as a scan of one record a line gives them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from kpiaudit.decoding.chunks import RUN, blocks
from kpiaudit.decoding.delimited import REJECT, VALUE

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

PLAIN: Final[dict[type, pl.DataType]] = {str: pl.String(), int: pl.Int64(), bool: pl.Boolean()}
"""Types whose text polars writes as JSON does."""
LARGEST: Final = 2**53


def decoded(file: ExportFile, wanted: Sequence[str]) -> pl.DataFrame:
    """Return a JSON file's records as String columns, with a REJECT and its VALUE.

    Of a record only what is wanted is decoded: its keys of the first level that lead there.
    """
    kind, getters = record_of(wanted)
    lists: dict[str, list[Any]] = {name: [] for name in (*wanted, REJECT, VALUE)}
    pieces: dict[str, list[pl.Series]] = {name: [] for name in lists}
    for number, (block, _) in enumerate(blocks(file, kind), 1):
        records, broken, count = block()
        for at, _ in broken:
            records.insert(at, kind())
        for name, get in getters.items():
            lists[name] += get(records)
        known = dict(broken)
        for name, told in ((REJECT, "rule"), (VALUE, "value")):
            nothing = [None] * count
            lists[name] += (
                [getattr(known.get(at), told, None) for at in range(count)] if known else nothing
            )
        if number % RUN == 0:
            settle(lists, pieces)
    settle(lists, pieces)
    return pl.DataFrame([pl.concat(some, rechunk=True) for some in pieces.values()])


def settle(lists: dict[str, list[Any]], pieces: dict[str, list[pl.Series]]) -> None:
    """Make columns of lists, which are empty then."""
    for name, values in lists.items():
        pieces[name].append(texts(name, values))
        lists[name] = []


def record_of(
    wanted: Sequence[str],
) -> tuple[type[Any], dict[str, Callable[[list[Any]], list[Any]]]]:
    """Return a type for records of which only some key paths are wanted, and what takes each from many of
    them; a key may hold the dots itself.
    """
    keys = list(dict.fromkeys([*wanted, *(name.split(".")[0] for name in wanted)]))
    fields = {key: f"field_{at}" for at, key in enumerate(keys)}
    kind = msgspec.defstruct(
        "Record",
        [(field, Any, msgspec.field(default=None, name=key)) for key, field in fields.items()],
        gc=False,
    )
    getters: dict[str, Callable[[list[Any]], list[Any]]] = {}
    for name in wanted:
        outer, *inner = name.split(".")
        whole = attrgetter(fields[name])
        getters[name] = (
            partial(inside, whole, attrgetter(fields[outer]), inner)
            if inner
            else partial(told_by, whole)
        )
    return kind, getters


def told_by(get: Callable[[Any], Any], records: list[Any]) -> list[Any]:
    """Return one field of many records."""
    return list(map(get, records))


def inside(
    whole: Callable[[Any], Any],
    outer: Callable[[Any], Any],
    inner: Sequence[str],
    records: list[Any],
) -> list[Any]:
    """Return what a dotted key path leads to in many records, None where it leads nowhere."""
    found = list(map(outer, records))
    for key in inner:
        found = [some.get(key) if some.__class__ is dict else None for some in found]
    own = list(map(whole, records))
    if own.count(None) == len(own):
        return found
    return [deep if plain is None else plain for plain, deep in zip(own, found, strict=True)]


def texts(name: str, values: list[Any]) -> pl.Series:
    """Return JSON values as text; those of one plain type are written all at once."""
    kinds = set(map(type, values)) - {type(None)}
    kind = PLAIN.get(kinds.pop()) if len(kinds) == 1 else None
    if kind is not None:
        try:
            return pl.Series(name, values, dtype=kind).cast(pl.String)
        except (OverflowError, TypeError):
            pass
    return pl.Series(name, [text_of(value) for value in values], dtype=pl.String)


def text_of(value: object) -> str | None:
    """Return a JSON value as the text a scan gives for it."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, float) and value.is_integer() and abs(value) < LARGEST:
        value = int(value)
    return msgspec.json.encode(value).decode()
