"""How a measure is written: a KPI's value in its unit, its goal, what stands beside it, a trend as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.report import KpiResult, Trend

UNITS: Final = frozenset({"seconds", "share", "count", "score", "money", "ratio"})
LEVELS: Final = "▁▂▃▄▅▆▇█"
ASCII_LEVELS: Final = "_.-=*#"
NONE: Final = "·"
ASCII_NONE: Final = " "
SPARK_MOST: Final = 26
"""Periods of a spark line: half a year of weeks."""


def amount(value: float, unit: str, goal: float | None = None) -> str:
    """Return a value in its unit: `88.3%`, `47m 17s`, `1,204`, `4.21`."""
    if unit == "share":
        return spell.percent(value, goal)
    if unit == "seconds":
        return spell.duration(value) if value >= 0 else f"-{spell.duration(-value)}"
    if unit == "count":
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{value:,.2f}"


def goal_of(kpi: KpiResult) -> str:
    """Return the goal of a KPI, `at least 25%`; empty without one."""
    if kpi.goal is None:
        return ""
    bound = spell.share(kpi.goal) if kpi.unit == "share" else amount(kpi.goal, kpi.unit)
    return f"{'at least' if kpi.goal_is_floor else 'at most'} {bound}"


def beside(kpi: KpiResult) -> str:
    """Return what stands beside a KPI: `median 12m 05s, p90 1h 01m`."""
    told = []
    for name, value in kpi.beside.items():
        head, _, unit = name.rpartition("_")
        if unit not in UNITS or not head:
            head, unit = name, "count" if kpi.unit in {"seconds", "share"} else kpi.unit
        if name.endswith(("_rate", "_share")):
            head, unit = name, "share"
        elif unit == "count" and value is not None and not float(value).is_integer():
            unit = "ratio"
        if value is not None:
            told.append(f"{spell.words(head)} {amount(value, unit)}")
    return ", ".join(told)


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
