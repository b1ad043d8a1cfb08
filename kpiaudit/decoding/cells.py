"""JSON records as columns of text: one column a key path, as a scan of one record a line gives them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from kpiaudit.decoding.delimited import REJECT, VALUE
from kpiaudit.decoding.records import Broken, read_records

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

PLAIN: Final[dict[type, pl.DataType]] = {str: pl.String(), int: pl.Int64(), bool: pl.Boolean()}
"""Types whose text polars writes as JSON does."""
LARGEST: Final = 2**53


def decoded(file: ExportFile, wanted: Sequence[str]) -> pl.DataFrame:
    """Return a JSON file's records as String columns, with a REJECT and its VALUE."""
    columns: dict[str, list[Any]] = {name: [] for name in (*wanted, REJECT, VALUE)}
    readers = [(name, columns[name].append, "." in name) for name in wanted]
    tell_reject, tell_value = columns[REJECT].append, columns[VALUE].append
    nothing: dict[str, Any] = {}
    for _, record in read_records(file, dict[str, Any]):
        broken = record if isinstance(record, Broken) else None
        known = nothing if isinstance(record, Broken) else record
        tell_reject(broken and broken.rule)
        tell_value(broken and broken.value)
        for name, tell, is_nested in readers:
            tell(inside(known, name) if is_nested else known.get(name))
    return pl.DataFrame([texts(name, columns.pop(name)) for name in list(columns)])


def inside(record: object, path: str) -> object:
    """Return what a dotted key path leads to, None when it leads nowhere."""
    if isinstance(record, dict) and path in record:
        return record[path]
    for key in path.split("."):
        record = record.get(key) if isinstance(record, dict) else None
    return record


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
