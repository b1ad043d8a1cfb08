"""How a figure is written on the page: a KPI's value in its unit, its goal, what stands beside it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.html.elements import DASH

if TYPE_CHECKING:
    from kpiaudit.report import KpiResult

UNITS: Final = ("seconds", "share", "count", "score", "money", "ratio")


def amount(value: float | None, unit: str, goal: float | None = None) -> str:
    """Return a value in its unit: `88.3%`, `47m 17s`, `1,204`, `4.21`."""
    if value is None:
        return DASH
    if value < 0:
        return f"\N{MINUS SIGN}{amount(-value, unit)}"
    if unit == "share":
        return spell.percent(value, goal)
    if unit == "seconds":
        return spell.duration(value)
    if unit == "count":
        return f"{value:,.0f}" if float(value).is_integer() else f"{value:,.1f}"
    return f"{value:,.2f}"


def goal_of(kpi: KpiResult) -> str:
    """Return the goal of a KPI: `at least 25%`."""
    if kpi.goal is None:
        return ""
    bound = spell.share(kpi.goal) if kpi.unit == "share" else amount(kpi.goal, kpi.unit)
    return f"{'at least' if kpi.goal_is_floor else 'at most'} {bound}"


def beside(kpi: KpiResult) -> str:
    """Return what stands beside a KPI: `median 12m 05s, p90 1h 01m`."""
    told = []
    for name, value in kpi.beside.items():
        if name == "numerator" and value is not None and kpi.unit == "share":
            told.append(f"{amount(value, 'count')} of {kpi.n:,}")
            continue
        head, _, unit = name.rpartition("_")
        if unit not in UNITS or not head:
            head, unit = name, kpi.unit if kpi.unit == "money" else "count"
        told.append(f"{spell.words(head)} {amount(value, unit)}")
    return ", ".join(told)
