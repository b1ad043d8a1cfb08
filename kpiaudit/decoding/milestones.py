"""Timelines of exports that know a conversation by a few stamps only: created, first reply, solved.

One record becomes a row per stamp it has. What lies between is not told, so these rows are of the
coarser grain and give way to an export that tells every message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import polars as pl

from kpiaudit.decoding.parts import held
from kpiaudit.schema import INSTANT

C = pl.col
AT = "\0at "
SECOND = 1_000_000


@dataclass(frozen=True, slots=True)
class Step:
    """One stamp of a record: its name (steps of one instant come in the order of their names), what
    happened then, when (null: never, or not known), and the status it led to.
    """

    name: str
    event: str
    at: pl.Expr
    status: str | pl.Expr | None = None
    rating: pl.Expr | None = None

    def values(self, at: pl.Expr, key: pl.Expr) -> dict[str, pl.Expr]:
        """Return what the stamp `at` adds to its record, which `key` names.

        An id names the record and the step; but for messages also when, for a record exported twice may
        have been solved twice.
        """
        name = [key, pl.lit(self.name)]
        if self.event not in {"inbound", "outbound"}:
            name.append((at.dt.epoch("us") // SECOND).cast(pl.String))
        status = self.status if isinstance(self.status, pl.Expr) else pl.lit(self.status)
        rating = pl.lit(None) if self.rating is None else self.rating
        return {
            "sent_at": at,
            "event": pl.lit(self.event, pl.String),
            "status": status.cast(pl.String),
            "rating": rating.cast(pl.Float64),
            "message_id": pl.concat_str(name, separator="-"),
        }


def unpivot(records: pl.LazyFrame, key: pl.Expr, steps: Sequence[Step]) -> pl.LazyFrame:
    """Return a row per step of each record with `sent_at, event, status, rating, message_id`.

    `key` begins the ids. A record that is rejected or has no step keeps one row, these columns null. The
    records are read once and held.
    """
    stamps = {f"{AT}{place}": step.at.cast(INSTANT) for place, step in enumerate(steps)}
    (stamped,) = held(records.with_columns(**stamps))
    is_sound = C("reject").is_null()
    told = [
        stamped.filter(is_sound & C(stamp).is_not_null()).with_columns(**step.values(C(stamp), key))
        for stamp, step in zip(stamps, steps, strict=True)
    ]
    has_none = ~is_sound | pl.all_horizontal(C(stamp).is_null() for stamp in stamps)
    rest = stamped.filter(has_none)
    return pl.concat([*told, rest], how="diagonal").drop(*stamps)
