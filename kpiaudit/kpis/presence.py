"""What agents' presence tells: how busy they were, and how much of the open time they were there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.calendars.business_time import compile_calendar, elapsed
from kpiaudit.kpis.measures import Measure
from kpiaudit.schema import INSTANT, LABEL

if TYPE_CHECKING:
    from datetime import datetime

    from kpiaudit.settings import CalendarSettings

C = pl.col
KPIS: Final = frozenset({"occupancy", "utilization", "downtime"})
BUSY, IDLE, OPEN, THERE = (C(name).sum() for name in ("busy", "available", "open", "there"))
MEASURES: Final = (
    Measure(
        "occupancy",
        "presence",
        BUSY / (BUSY + IDLE),
        (C("busy") + C("available") > 0).sum(),
        {"busy_seconds": BUSY, "available_seconds": IDLE},
    ),
    Measure(
        "utilization",
        "presence",
        THERE / OPEN,
        (C("open") > 0).sum(),
        {"there_seconds": THERE, "open_seconds": OPEN},
    ),
    Measure(
        "downtime",
        "presence",
        IDLE,
        pl.len(),
        {"share": IDLE / (BUSY + IDLE), "busy_seconds": BUSY, "available_seconds": IDLE},
    ),
)


def agents(
    presence: pl.DataFrame,
    calendar: CalendarSettings | None,
    *,
    since: datetime | None,
    until: datetime | None,
) -> pl.DataFrame:
    """Return per agent, with an empty `team`, the seconds it was `busy` and `available`, how many of them in
    open time (`there`), and the open seconds from its first presence to its last (`open`).

    Away counts as present; offline as nothing. What lies before `since` or after `until` is cut off.
    """
    begin = C("from") if since is None else pl.max_horizontal("from", pl.lit(since, INSTANT))
    end = C("to") if until is None else pl.min_horizontal("to", pl.lit(until, INSTANT))
    spans = presence.filter(C("state") != "offline").with_columns(begin, end.alias("to"))
    spans = spans.filter(C("to") > C("from"))
    took = (C("to") - C("from")).dt.total_microseconds() / 1e6
    is_working = (C("state") == "busy") | (C("state") == "available")
    spans = spans.with_columns(seconds=took, is_working=is_working, inside=inside(spans, calendar))
    told = spans.group_by("agent").agg(
        busy=C("seconds").filter(C("state") == "busy").sum(),
        available=C("seconds").filter(C("state") == "available").sum(),
        there=C("inside").filter(C("is_working")).sum(),
        first=C("from").min(),
        last=C("to").max(),
    )
    whole = told.select("agent", **{"from": C("first"), "to": C("last")})
    return told.with_columns(open=inside(whole, calendar), team=pl.lit(None, LABEL)).sort(
        C("agent").cast(pl.String)
    )


def inside(spans: pl.DataFrame, calendar: CalendarSettings | None) -> pl.Series:
    """Return the open seconds of spans, 0 without a calendar."""
    if calendar is None or spans.is_empty():
        return pl.repeat(0.0, spans.height, dtype=pl.Float64, eager=True)
    first, last = spans.select(C("from").min(), C("to").max()).row(0)
    compiled = compile_calendar(calendar, first, last)
    return elapsed(compiled, spans["from"], spans["to"]).dt.total_microseconds() / 1e6
