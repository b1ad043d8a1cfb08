"""Judged clocks supposed otherwise: other targets, other calendars, breaches averted.

Whole columns: the clocks of one SLA are sorted by their elapsed time once, and every target is then
two look-ups in that order.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from fractions import Fraction
from itertools import groupby
from math import ceil
from typing import TYPE_CHECKING, Any

import polars as pl

from kpiaudit.adherence import CONTRACT, judge_one
from kpiaudit.calendars.business_time import compile_calendar
from kpiaudit.views.hours import HOURS_A_DAY, by_hour_of_week
from kpiaudit.views.shown import Block
from kpiaudit.whatif.outlook import Edge, Point, Week

if TYPE_CHECKING:
    from kpiaudit.settings import CalendarSettings, Definitions, Sla, Span

C = pl.col
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)
EITHER_SIDE = 4
LADDER = tuple(
    [timedelta(seconds=n) for n in (1, 2, 5, 10, 15, 30)]
    + [timedelta(minutes=n) for n in (1, 2, 5, 10, 15, 30)]
    + [timedelta(hours=n) for n in (1, 2, 4, 8, 12, 24, 48, 72)]
    + [timedelta(days=n) for n in (5, 7, 10, 14, 21, 30, 60, 90, 180, 365)]
)
"""The targets people promise, the shortest first."""


@dataclass(frozen=True, slots=True)
class Waits:
    """The clocks of one SLA that are not excluded, in order of their elapsed time.

    `elapsed` are Int64 microseconds, sorted; `met` has one more entry: how many of the first 0, 1, 2...
    of them were stopped, and so are met at a target that holds these and no others.
    """

    elapsed: pl.Series
    met: pl.Series


def waits_of(adherence: pl.DataFrame) -> Waits:
    """Return the waits among judged clocks (one SLA's rows of ADHERENCE)."""
    ordered = (
        adherence.filter(C("outcome") != "excluded")
        .select(C("elapsed").dt.total_microseconds(), is_stopped=C("stopped_at").is_not_null())
        .sort("elapsed")
    )
    none = pl.Series([0], dtype=pl.Int64)
    return Waits(
        ordered["elapsed"],
        none.append(ordered["is_stopped"].cast(pl.Int64).cum_sum()).rename("met"),
    )


def points_at(waits: Waits, targets: Iterable[timedelta], *, own: timedelta) -> tuple[Point, ...]:
    """Return what the waits come to at each target, the shortest first; `own` is always among them."""
    listed = sorted({*targets, own})
    limits = pl.Series([target // MICROSECOND for target in listed], dtype=pl.Int64)
    within = waits.elapsed.search_sorted(limits, side="right")
    total = len(waits.elapsed)
    return tuple(
        Point(
            target_seconds=target.total_seconds(),
            met=met,
            breached=total - held,
            open=held - met,
            is_own=target == own,
        )
        for target, held, met in zip(listed, within, waits.met.gather(within), strict=True)
    )


def tightest(waits: Waits, goal: float, *, min_sample: int = 1) -> Point | None:
    """Return the shortest target in whole seconds at which the share met reaches the goal.

    A longer target never lowers that share: what was stopped turns from breached to met, what is open
    from breached to undecided. So the first elapsed time that reaches the goal, rounded up, is the
    answer. None when no target reaches it with `min_sample` clocks decided.
    """
    total = len(waits.elapsed)
    met = waits.met.slice(1)
    breached = total - pl.int_range(1, total + 1, dtype=pl.Int64, eager=True)
    reached = ((met > 0) & (met / (met + breached) >= goal)).arg_true()
    if reached.is_empty():
        return None
    spent = int(waits.elapsed[int(reached[0])]) * MICROSECOND
    target = max(-(-spent // SECOND), 1) * SECOND
    (point,) = points_at(waits, (), own=target)
    return replace(point, is_own=False) if point.n >= min_sample else None


def to_avert(point: Point, goal: float) -> int | None:
    """Return the smallest k with (met + k) / (met + breached) >= goal, negative for what is to spare.

    None when nothing is decided.
    """
    return ceil(Fraction(repr(goal)) * point.n) - point.met if point.n else None


def ladder(target: timedelta) -> tuple[timedelta, ...]:
    """Return the usual promises next to a target, a few on either side."""
    below = [step for step in LADDER if step < target]
    above = [step for step in LADDER if step > target]
    return (*below[-EITHER_SIDE:], *above[:EITHER_SIDE])


def week_of(breached: pl.DataFrame, edge: Edge, *, needed: int, time_zone: str) -> Week:
    """Return breaches by hour of the week, in the zone, and the hours that hold `needed` of them."""
    at = breached["started_at" if edge == "started" else "due_at"].drop_nulls()
    by_hour = by_hour_of_week(at, time_zone)
    return Week(edge, by_hour, blocks_of(by_hour, fewest_hours(by_hour, needed)))


def fewest_hours(by_hour: Sequence[int], needed: int) -> set[int]:
    """Return the fewest hours that hold `needed` breaches; of equal ones those beside another chosen."""
    chosen: set[int] = set()
    left = [hour for hour, count in enumerate(by_hour) if count]
    held = 0
    while held < needed and left:
        best = max(left, key=lambda hour: (by_hour[hour], beside(hour, chosen), -hour))
        left.remove(best)
        chosen.add(best)
        held += by_hour[best]
    return chosen


def beside(hour: int, chosen: set[int]) -> bool:
    """Return whether the hour before or after, on the same day, is chosen already."""
    return any(
        near in chosen and near // HOURS_A_DAY == hour // HOURS_A_DAY
        for near in (hour - 1, hour + 1)
    )


def blocks_of(by_hour: Sequence[int], hours: set[int]) -> tuple[Block, ...]:
    """Return hours as blocks of one day each, most breaches first."""
    runs = groupby(enumerate(sorted(hours)), key=lambda at: (at[1] // HOURS_A_DAY, at[1] - at[0]))
    blocks = []
    for (weekday, _), run in runs:
        members = [hour for _, hour in run]
        first = members[0] % HOURS_A_DAY
        held = sum(by_hour[hour] for hour in members)
        blocks.append(Block(weekday, first, first + len(members), held))
    return tuple(sorted(blocks, key=lambda b: (-b.breaches, b.weekday, b.from_hour)))


def under(
    calendar: CalendarSettings | None,
    adherence: pl.DataFrame,
    sla: Sla,
    pauses: pl.DataFrame,
    definitions: Definitions = CONTRACT,
) -> pl.DataFrame:
    """Return one SLA's judged clocks judged again under another calendar; None is around the clock.

    Raises `KpiauditError` for a calendar that cannot be compiled.
    """
    supposed = replace(sla, calendar=calendar.name if calendar else None)
    compiled = {}
    if calendar and adherence.height:
        ends = adherence["stopped_at"].fill_null(adherence["as_of"])
        start: Any = adherence["started_at"].min()
        stop: Any = ends.max()
        compiled[calendar.name] = compile_calendar(calendar, start, stop)
    return judge_one(adherence, supposed, compiled, pauses, definitions)


def with_hours(
    calendar: CalendarSettings, more: Iterable[tuple[Sequence[int], Sequence[Span]]]
) -> CalendarSettings:
    """Return a calendar that is open on these weekdays at these spans too; its holidays stay closed."""
    hours = dict(calendar.hours)
    for days, spans in more:
        for day in days:
            hours[day] = (*hours.get(day, ()), *spans)
    return replace(calendar, hours=dict(sorted(hours.items())))
