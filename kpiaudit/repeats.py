"""Rows that say again what another row says: without ids they cannot be told from a second message."""

from __future__ import annotations

from typing import Final

import polars as pl

from kpiaudit.one_value import is_one_value, nulls

C = pl.col
PLACE: Final = ("export", "row", "tags", "file", "record")
BUCKET: Final = 1 << 18
"""Rows compared with one another at a time."""


def repeats(messages: pl.DataFrame, *, bucket: int = BUCKET) -> int:
    """Return how many rows without an id repeat another one in every column but their place.

    A row is compared with those of its instant alone, a `bucket` of instants at a time: compared all at
    once, every row would be held a second time.
    """
    is_one = C("event") != "status"
    if nulls(messages, "message_id") < messages.height:
        is_one &= C("message_id").is_null()
    if not messages.select(is_one.any()).item():
        return 0
    kept = messages.drop(PLACE, strict=False)
    without = kept if messages.select(is_one.all()).item() else kept.filter(is_one)
    columns = differing(without)
    if not columns:
        return without.height - 1
    compared = without.select(columns)
    buckets = -(-compared.height // bucket)
    if buckets == 1:
        return compared.height - compared.unique().height
    number = bucket_of(without, buckets, bucket)
    kinds = (compared.filter(number == one).unique().height for one in range(buckets))
    return compared.height - sum(kinds)


def bucket_of(rows: pl.DataFrame, buckets: int, size: int) -> pl.Series:
    """Return the number of each row's bucket, of some rows at a time: hashes are long."""
    number = (C("sent_at").hash() % buckets).cast(pl.UInt16)
    return pl.concat(
        rows.slice(start, size).select(number).to_series() for start in range(0, rows.height, size)
    )


def differing(frame: pl.DataFrame) -> list[str]:
    """Return the columns that do not hold one value in all rows."""
    names = [name for name in frame.columns if not is_one_value(frame, name)]
    if not names:
        return []
    alike = frame.select(C(names).eq_missing(C(names).first()).all()).row(0)
    return [name for name, same in zip(names, alike, strict=True) if not same]
