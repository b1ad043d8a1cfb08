"""The 168 hours of the local week, Monday 00:00 first: what comes in, what goes out, what waits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.acts import AGENT, CUSTOMER, acts_of
from kpiaudit.clocks import run_clocks
from kpiaudit.schema import INSTANT
from kpiaudit.views.shown import HoursOfWeek

if TYPE_CHECKING:
    from kpiaudit.settings import Definitions
    from kpiaudit.views.trends import Covered

C = pl.col
HOURS_A_DAY: Final = 24
HOURS_A_WEEK: Final = 7 * HOURS_A_DAY
RESPONSES: Final = frozenset({"first_response", "next_response"})
MICROSECOND: Final = timedelta(microseconds=1)
QUARTER: Final = timedelta(minutes=15)
"""Offsets from UTC are multiples of this, so every local hour begins on one."""


def hour_of_week(at: pl.Series, time_zone: str) -> pl.Series:
    """Return the hour of the local week each instant lies in, 0 to 167."""
    local = at.dt.convert_time_zone(time_zone)
    return (local.dt.weekday().cast(pl.Int64) - 1) * HOURS_A_DAY + local.dt.hour()


def by_hour_of_week(at: pl.Series, time_zone: str) -> tuple[int, ...]:
    """Return how many of some instants lie in each hour of the local week."""
    counted = hour_of_week(at, time_zone).rename("hour").value_counts()
    found = dict(zip(counted["hour"], counted["count"], strict=True))
    return tuple(int(found.get(hour, 0)) for hour in range(HOURS_A_WEEK))


def hours_of_week(
    ordered: pl.DataFrame,
    judged: Mapping[str, pl.DataFrame],
    covered: Covered | None,
    *,
    definitions: Definitions,
    as_of: Mapping[str, datetime],
    time_zone: str,
) -> HoursOfWeek:
    """Return demand, answers, breaches and backlog over what the data covers.

    `judged`: SLA to its clocks, chosen by `--since` and `--until` already.
    """
    acts = acts_of(ordered, definitions)
    acts = acts.with_columns(at=ordered["sent_at"].gather(acts["index"]))
    if covered is None:
        acts = acts.clear()
    else:
        inside = C("at").is_between(
            pl.lit(covered.begin, INSTANT), pl.lit(covered.end, INSTANT), closed="left"
        )
        acts = acts.filter(inside)
    is_decided = (C("outcome") == "met") | (C("outcome") == "breached")
    decided = {name: part.filter(is_decided) for name, part in judged.items()}
    waits = waits_for_us(ordered, definitions, as_of)
    return HoursOfWeek(
        demand=by_hour_of_week(acts.filter(C("act") == CUSTOMER)["at"], time_zone),
        answers=by_hour_of_week(acts.filter(C("act") == AGENT)["at"], time_zone),
        breached={
            name: by_hour_of_week(part.filter(C("outcome") == "breached")["started_at"], time_zone)
            for name, part in decided.items()
        },
        decided={
            name: by_hour_of_week(part["started_at"], time_zone) for name, part in decided.items()
        },
        backlog=backlog(waits, covered, time_zone),
    )


def waits_for_us(
    ordered: pl.DataFrame, definitions: Definitions, as_of: Mapping[str, datetime]
) -> pl.DataFrame:
    """Return `started_at, ended_at` of every wait for an answer, first and next; one that still runs ends
    just after its system's `as_of`. At most one runs in a conversation at a time; merged and spam have none.
    """
    apart = replace(definitions, next_includes_first=False)
    found = run_clocks(ordered, apart, metrics=RESPONSES)
    waits = found.clocks
    if found.set_aside.height:
        waits = waits.join(found.set_aside, on="conversation", how="anti")
    system = ordered["system"].gather(waits["start_index"]).cast(pl.String)
    until = system.replace_strict(dict(as_of), default=None, return_dtype=INSTANT)
    return waits.select("started_at", ended_at=C("stopped_at").fill_null(until + MICROSECOND))


def backlog(waits: pl.DataFrame, covered: Covered | None, time_zone: str) -> tuple[float, ...]:
    """Return the mean number of waits that run at the start of each hour of the week: begun by then, not
    ended yet. 0 for an hour that never starts within what is covered.
    """
    if covered is None:
        return (0.0,) * HOURS_A_WEEK
    starts = hours_within(covered, time_zone)
    begun = waits["started_at"].sort().search_sorted(starts, side="right").cast(pl.Int64)
    ended = waits["ended_at"].sort().search_sorted(starts, side="right").cast(pl.Int64)
    means = (
        pl.DataFrame({"hour": hour_of_week(starts, time_zone), "waiting": begun - ended})
        .group_by("hour")
        .agg(C("waiting").mean())
    )
    found = dict(zip(means["hour"], means["waiting"], strict=True))
    return tuple(float(found.get(hour, 0.0)) for hour in range(HOURS_A_WEEK))


def hours_within(covered: Covered, time_zone: str) -> pl.Series:
    """Return the instants at which a local hour begins, from the first covered to before the end."""
    first = covered.begin.replace(minute=0, second=0, microsecond=0)
    quarters = pl.datetime_range(
        first, covered.end, interval=QUARTER, closed="left", time_unit="us", eager=True
    ).cast(INSTANT)
    local = quarters.dt.convert_time_zone(time_zone)
    return quarters.filter((local.dt.minute() == 0) & (quarters >= covered.begin))
