"""How a measure is written: a KPI's value in its unit, its goal, what stands beside it, a trend as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.report import KpiResult, Trend

UNITS: Final = frozenset({"seconds", "share", "count", "score", "money", "ratio"})
LEVELS: Final = "▁▂▃▄▅▆▇█"
ASCII_LEVELS: Final = "_.-=*#"
NONE: Final = "·"
ASCII_NONE: Final = " "
SPARK_MOST: Final = 26
"""Periods of a spark line: half a year of weeks."""


MOST_PLACES: Final = 6


def amount(value: float, unit: str, goal: float | None = None, *, is_floor: bool = True) -> str:
    """Return a value in its unit: `88.3%`, `-1.4 points`, `47m 17s`, `1,204`, `4.21`; one that misses its
    goal, a floor or a ceiling, is not rounded so as to reach it.
    """
    if unit == "share":
        return spell.percent(value, goal, is_floor=is_floor)
    if unit == "points":
        shown = f"{value * 100:.1f} points"
        return shown.removeprefix("-") if shown == "-0.0 points" else shown
    if unit == "seconds":
        return spell.duration(value) if value >= 0 else f"-{spell.duration(-value)}"
    if unit == "count" and float(value).is_integer():
        return f"{value:,.0f}"
    places = 1 if unit == "count" else 2
    if goal is not None and not reaches(value, goal, is_floor=is_floor):
        while reaches(round(value, places), goal, is_floor=is_floor) and places < MOST_PLACES:
            places += 1
    return f"{value:,.{places}f}"


def reaches(value: float, goal: float, *, is_floor: bool) -> bool:
    """Return whether a value is on the right side of its bound."""
    return value >= goal if is_floor else value <= goal


def bound(goal: float, unit: str) -> str:
    """Return a bound as it was written: `25%`, `2h`, `1,200`."""
    if unit == "share":
        return spell.share(goal)
    return spell.target(goal) if unit == "seconds" else f"{goal:,.10g}"


def goal_of(kpi: KpiResult) -> str:
    """Return the goal of a KPI, `at least 25%`; empty without one."""
    if kpi.goal is None:
        return ""
    return f"{'at least' if kpi.goal_is_floor else 'at most'} {bound(kpi.goal, kpi.unit)}"


def shown(kpi: KpiResult) -> str:
    """Return the value of a KPI that has one, as near to its goal as it is."""
    if kpi.value is None:
        return ""
    return amount(kpi.value, kpi.unit, kpi.goal, is_floor=kpi.goal_is_floor)


def words_of(when: Mapping[str, Sequence[str]]) -> str:
    """Return what something is restricted to: `channel email or chat, team Care`."""
    told = (f"{spell.words(name)} {' or '.join(words)}" for name, words in when.items())
    return ", ".join(told)


def title(kpi: KpiResult) -> str:
    """Return the title of a KPI, with what a goal restricts it to: `CSAT (channel chat)`."""
    return f"{kpi.title} ({words_of(kpi.when)})" if kpi.when else kpi.title


def beside(kpi: KpiResult) -> str:
    """Return what stands beside a KPI: `12 of 40`, `median 12m 05s, p90 1h 01m`, then its note."""
    told = []
    for name, value in kpi.beside.items():
        if value is None:
            continue
        head, _, unit = name.rpartition("_")
        if name == "numerator" and kpi.unit == "share":
            told.append(f"{amount(value, 'count')} of {kpi.n:,}")
            continue
        if name == "numerator":
            told.append(f"{amount(value, 'count')} in all")
            continue
        if unit == "rate":
            head, unit = name, "share"
        elif unit not in UNITS:
            head, unit = name, "money" if kpi.unit == "money" else "count"
        if unit == "count" and not float(value).is_integer():
            unit = "ratio"
        told.append(f"{spell.words(head or name)} {amount(value, unit)}")
    said = ", ".join(told)
    return f"{said}; {kpi.note}" if kpi.note and not kpi.by else said


def spark(shares: Sequence[float | None], *, levels: str = LEVELS) -> str:
    """Return shares as a line of bars from the lowest to the highest; a dot where there is none.

    `levels` are the bars, the lowest first.
    """
    known = [share for share in shares if share is not None]
    if not known:
        return ""
    low, high = min(known), max(known)
    steps = len(levels) - 1
    return "".join(
        (NONE if levels is LEVELS else ASCII_NONE)
        if share is None
        else levels[round((share - low) / (high - low) * steps) if high > low else steps]
        for share in shares
    )


def trend_line(trend: Trend, *, levels: str = LEVELS) -> str:
    """Return how adherence went, lately: `▁▂█ 83.2% to 93.1% by week`; empty where nothing was decided."""
    points = trend.points[-SPARK_MOST:]
    line = spark([point.figures.adherence for point in points], levels=levels)
    known = [point.figures.adherence for point in points if point.figures.adherence is not None]
    if not known:
        return ""
    low, high = (spell.percent(share, trend.goal) for share in (min(known), max(known)))
    span = low if low == high else f"{low} to {high}"
    told = f"by {trend.period}"
    if len(points) < len(trend.points):
        told = f"in the last {spell.plural(len(points), trend.period)}"
    return f"{line} {span} {told}"
