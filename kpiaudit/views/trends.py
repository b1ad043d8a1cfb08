"""An SLA's figures day by day, week by week or month by month, in the report's time zone.

A clock lies in the period it began in. Periods without a clock are there; one that the data does not
cover from its first to its last instant is partial.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kpiaudit.local_time import time_columns
from kpiaudit.summary import figures_of, summarize
from kpiaudit.views.shown import KpiPoint, KpiTrend, Period, Trend, TrendPoint

if TYPE_CHECKING:
    import polars as pl

    from kpiaudit.report import Figures, KpiResult

PERIOD: Final = "period"
MOST_DAYS: Final = 45
"""A longer span is told by week..."""
MOST_WEEKS: Final = 52
"""... and a longer one than that by month."""
MICROSECOND: Final = timedelta(microseconds=1)


@dataclass(frozen=True, slots=True)
class Covered:
    """The instants the data of an SLA tells of, half-open; nothing where `begin` is not before `end`."""

    begin: datetime
    end: datetime


def period_for(covered: Covered) -> Period:
    """Return the period a span is told by when nobody asked for one."""
    days = (covered.end - covered.begin) / timedelta(days=1)
    if days <= MOST_DAYS:
        return "day"
    return "week" if days <= 7 * MOST_WEEKS else "month"


def covered_by(
    first: Mapping[str, datetime],
    as_of: Mapping[str, datetime],
    *,
    systems: Iterable[str],
    since: datetime | None,
    until: datetime | None,
) -> Covered | None:
    """Return what the exports of some systems tell of, between `since` and `until`; None for nothing.

    `first` is each system's first event, `as_of` the instant each is judged as of, which is included.
    """
    named = [system for system in systems if system in first]
    if not named:
        return None
    begin = min(first[system] for system in named)
    end = max(as_of[system] for system in named) + MICROSECOND
    begin, end = max(begin, since or begin), min(end, until or end)
    return Covered(begin, end) if begin < end else None


def by_period(judged: pl.DataFrame, period: Period, time_zone: str) -> pl.LazyFrame:
    """Return SUMMARY of one SLA's clocks by the local period each began in, PERIOD its first date."""
    began = time_columns("started_at", [period], time_zone)[period]
    return summarize(judged.lazy().with_columns(began.alias(PERIOD)), (PERIOD,))


def trend_of(
    summary: pl.DataFrame,
    covered: Covered | None,
    *,
    sla: str,
    goal: float,
    period: Period,
    time_zone: str,
) -> Trend:
    """Return the trend of one SLA: every period from the first the data covers to the last."""
    zone = ZoneInfo(time_zone)
    found = {date.fromisoformat(row[PERIOD]): figures_of(row) for row in summary.rows(named=True)}
    starts = starts_of(covered, period, zone) if covered else []
    return Trend(
        sla=sla,
        period=period,
        goal=goal,
        points=tuple(
            TrendPoint(start, is_cut(start, covered, period, zone), found.get(start, NOTHING))
            for start in starts
            if covered
        ),
    )


def kpi_trend_of(
    total: KpiResult,
    counted: Mapping[str, KpiResult],
    covered: Covered,
    *,
    period: Period,
    time_zone: str,
) -> KpiTrend:
    """Return the trend of one KPI: every period from the first the data covers to the last.

    `counted` are its results by the label of a period. Where none is, a count is 0 and anything else not
    computable.
    """
    zone = ZoneInfo(time_zone)
    points: list[KpiPoint] = []
    for start in starts_of(covered, period, zone):
        found = counted.get(f"{start:%Y-%m}" if period == "month" else start.isoformat())
        value, n = (None, 0) if found is None else (found.value, found.n)
        if found is None and total.unit == "count":
            value = 0.0
        points.append(KpiPoint(start, is_cut(start, covered, period, zone), value, n))
    return KpiTrend(total.kpi, total.title, total.unit, period, tuple(points))


def starts_of(covered: Covered, period: Period, zone: ZoneInfo) -> list[date]:
    """Return the first date of every period the data touches."""
    start = start_of(covered.begin.astimezone(zone).date(), period)
    last = (covered.end - MICROSECOND).astimezone(zone).date()
    starts = []
    while start <= last:
        starts.append(start)
        start = next_start(start, period)
    return starts


def is_cut(start: date, covered: Covered, period: Period, zone: ZoneInfo) -> bool:
    """Return whether a period begins before the data does or ends after it."""
    midnight = datetime.combine(start, time(), zone)
    return midnight < covered.begin or covered.end < datetime.combine(
        next_start(start, period), time(), zone
    )


def start_of(day: date, period: Period) -> date:
    """Return the first date of the period a date lies in; weeks begin on Monday."""
    if period == "week":
        return day - timedelta(days=day.weekday())
    return day.replace(day=1) if period == "month" else day


def next_start(start: date, period: Period) -> date:
    """Return the first date of the period after the one that begins on `start`."""
    if period == "month":
        return (start + timedelta(days=31)).replace(day=1)
    return start + timedelta(days=7 if period == "week" else 1)


NOTHING: Final[Figures] = figures_of({})
