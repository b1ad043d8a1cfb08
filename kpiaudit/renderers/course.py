"""How a figure went: its values period by period, and in words the last whole one against the one before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from kpiaudit.charts.scales import period
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.measures import amount

if TYPE_CHECKING:
    from kpiaudit.report import Figures, KpiResult, SlaResult, Trend
    from kpiaudit.views.shown import KpiPoint, KpiTrend, Period, TrendPoint

WHERE: Final = {"day": "on", "week": "in the week of", "month": "in"}


@dataclass(frozen=True, slots=True)
class Course:
    """One figure over time; `values` hold None where it cannot be computed."""

    period: Period
    points: Sequence[TrendPoint | KpiPoint]
    values: tuple[float | None, ...]
    counts: tuple[int, ...]
    """What each value is counted over."""
    say: Callable[[float], str]
    goal: float | None = None
    among: str = ""
    """What a value is a part of, in words: ` of those begun`."""

    @property
    def partial(self) -> tuple[bool, ...]:
        """Which periods are cut off by an end of the data."""
        return tuple(point.is_partial for point in self.points)

    @property
    def whole(self) -> list[tuple[str, float | None]]:
        """The whole periods by name, with their values."""
        return [
            (self.named(place), value)
            for place, value in enumerate(self.values)
            if not self.points[place].is_partial
        ]

    def named(self, place: int) -> str:
        """Return a period in words: `in the week of 7 Sep`."""
        return f"{WHERE[self.period]} {period(self.points[place].start, self.period)}"


def of_sla(
    trend: Trend, measure: Callable[[Figures], float | None], say: Callable[[float], str],
    *, count: Callable[[Figures], int], goal: float | None = None, among: str = "",
) -> Course:  # fmt: skip
    """Return the course of one figure of an SLA."""
    return Course(
        period=trend.period,
        points=trend.points,
        values=tuple(measure(point.figures) for point in trend.points),
        counts=tuple(count(point.figures) for point in trend.points),
        say=say,
        goal=goal,
        among=among,
    )


def of_adherence(trend: Trend) -> Course:
    """Return the course of adherence, with its goal."""
    return of_sla(
        trend,
        lambda figures: figures.adherence,
        lambda share: spell.percent(share, trend.goal),
        count=lambda figures: figures.met + figures.breached,
        goal=trend.goal,
    )


def of_median(trend: Trend, sla: SlaResult) -> Course:
    """Return the course of the median wait."""
    return of_sla(
        trend,
        lambda figures: figures.median_seconds,
        lambda seconds: spell.duration(seconds, days=sla.calendar is None),
        count=lambda figures: figures.n,
    )


def of_waiting(trend: Trend) -> Course:
    """Return how many of the clocks begun in each period nothing has stopped; none where none began."""
    return of_sla(
        trend,
        lambda figures: float(figures.unanswered) if figures.clocks else None,
        lambda number: f"{number:,.0f}",
        count=lambda figures: figures.clocks,
        among=" of those begun",
    )


def of_kpi(trend: KpiTrend, kpi: KpiResult) -> Course:
    """Return the course of a KPI, with the goal on it."""

    def say(value: float) -> str:
        told = amount(value, kpi.unit, kpi.goal, is_floor=kpi.goal_is_floor)
        return told.replace("-", "\N{MINUS SIGN}", 1) if value < 0 else told

    return Course(
        period=trend.period,
        points=trend.points,
        values=tuple(point.value for point in trend.points),
        counts=tuple(point.n for point in trend.points),
        say=say,
        goal=kpi.goal,
    )


def direction(course: Course) -> str:
    """Return the last whole period against the one before: `68.9% in the week of 14 Sep, up from 65.0% the
    week before`.
    """
    whole, length = course.whole, course.period
    if not whole:
        return f"no whole {length} to compare"
    name, last = whole[-1]
    told = f"{'none' if last is None else course.say(last) + course.among} {name}"
    if len(whole) == 1:
        return f"{told}, the only whole {length}"
    before = whole[-2][1]
    if before is None:
        return f"{told}, {'nor' if last is None else 'none'} the {length} before"
    if last is None:
        return f"{told}, {course.say(before)} the {length} before"
    if course.say(before) == course.say(last):
        return f"{told}, the same as the {length} before"
    way = "up" if last > before else "down"
    return f"{told}, {way} from {course.say(before)} the {length} before"


def finding(name: str, course: Course) -> str:
    """Return what a line shows, in one sentence, for who cannot see it."""
    length = course.period
    known = [(value, where) for where, value in course.whole if value is not None]
    told = f"{name} by {length}, over {spell.plural(len(course.whole), f'whole {length}')}"
    if known:
        (low, at_low), (high, at_high) = min(known), max(known)
        told += f": lowest {course.say(low)} {at_low}, highest {course.say(high)} {at_high}"
    gaps = len(course.whole) - len(known)
    if gaps:
        told += f"; {spell.plural(gaps, length)} without a value"
    if any(course.partial):
        told += f"; dashed where {length}s are cut off by an end of the data"
    return f"{told}."
