"""Timelines of exports that know a conversation by a few stamps only: created, first reply, solved.

One record becomes a row per stamp it has. What lies between is not told, so these rows are of the
coarser grain and give way to an export that tells every message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kpiaudit.schema import INSTANT

C = pl.col
STEP = "\0step"
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One stamp of a record: its name, what happened then, when (null: never, or not known), and the
    status it led to.
    """

    name: str
    event: str
    at: pl.Expr
    status: str | pl.Expr | None = None
    rating: pl.Expr | None = None

    def row(self, key: pl.Expr) -> pl.Expr:
        """Return the stamp as a row of a timeline, null where there is none.

        An id names the record and the step; but for messages also when, for a record exported twice may
        have been solved twice.
        """
        at = self.at.cast(INSTANT)
        name = [key, pl.lit(self.name)]
        if self.event not in {"inbound", "outbound"}:
            name.append((at.dt.epoch("us") // SECOND).cast(pl.String))
        status = self.status if isinstance(self.status, pl.Expr) else pl.lit(self.status)
        rating = pl.lit(None) if self.rating is None else self.rating
        told = pl.struct(
            at.alias("sent_at"),
            pl.lit(self.event).alias("event"),
            status.cast(pl.String).alias("status"),
            rating.cast(pl.Float64).alias("rating"),
            pl.concat_str(name, separator="-").alias("message_id"),
        )
        return pl.when(at.is_not_null()).then(told)


def unpivot(records: pl.LazyFrame, key: pl.Expr, steps: Sequence[Step]) -> pl.LazyFrame:
    """Return a row per step of each record with `sent_at, event, status, rating, message_id`.

    `key` begins the ids. A record that is rejected or has no step keeps one row, these columns null.
    """
    rows = pl.concat_list([step.row(key) for step in steps]).list.drop_nulls()
    kept = pl.when(C("reject").is_null() & (rows.list.len() > 0)).then(rows)
    return records.with_columns(kept.alias(STEP)).explode(STEP).unnest(STEP)
