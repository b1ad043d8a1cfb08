"""A dial: the open time of very many instants by looking up the slot of time each lies in."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

if TYPE_CHECKING:
    from kpiaudit.calendars.business_time import Calendar


@dataclass(frozen=True, slots=True, eq=False)
class Dial:
    """A calendar's span cut into slots of one length (microseconds), each open or closed as a whole.

    The open time of an instant is the `base` of its slot, and what has passed of the span where the slot
    `ticks` (1, else 0); both Int64.
    """

    starts_at: int
    slot: int
    base: pl.Series
    ticks: pl.Series

    def open_time(self, instants: pl.Series) -> pl.Series:
        """Return the open microseconds from the start of the span to each instant; null for null."""
        passed = instants - self.starts_at
        at = (passed // self.slot).cast(pl.UInt32, wrap_numerical=True)  # within the span
        return self.base.gather(at) + self.ticks.gather(at) * passed


def dial_for(calendar: Calendar, *, most: int) -> Dial | None:
    """Return the dial of a calendar, None where it takes more than `most` slots that no edge divides."""
    starts_at = calendar.starts_at
    edges = pl.concat([calendar.opens_at, calendar.closes_at]) - starts_at
    slot = math.gcd(*edges.to_list())
    slots = (calendar.ends_at - starts_at) // slot
    if slots > most:
        return None
    passed = pl.int_range(slots, dtype=pl.Int64, eager=True) * slot
    period = calendar.closes_at.search_sorted(passed + starts_at, side="right")
    into = passed + starts_at - calendar.opens_at.gather(period)
    ticks = (into >= 0).cast(pl.Int64)
    return Dial(
        starts_at, slot, calendar.open_before.gather(period) + ticks * (into - passed), ticks
    )
