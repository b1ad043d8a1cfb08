"""What a run must read and count where its service models are asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from kpiaudit.report import KpiResult

NAME: Final = "models"
READ_FOR: Final = frozenset({"channel", "team", "agent", "customer", "category", "handle_time"})
"""Columns of MESSAGES that models are counted from."""
OF_TEAMS: Final = frozenset(
    {
        "csat", "one_touch_rate", "reassignment_rate", "escalation_rate",
        "occupancy", "utilization", "downtime",
    }
)  # fmt: skip
"""KPIs of each team that models are judged by."""
OF_ALL: Final = frozenset(
    {"views_per_conversation", "empty_search_rate", "self_service_deflection"}
)
"""KPIs of everything that models are judged by."""
TABLES: Final = {("team",): OF_TEAMS, ("team", "channel"): frozenset({"one_touch_rate"})}
"""Dimensions to the KPIs that models are judged by."""
Told = Mapping[tuple[str, ...], "KpiResult"]
"""A KPI's name, then its team and channel where it is of one."""


def told_of(kpis: Iterable[KpiResult]) -> Told:
    """Return the KPIs models are judged by: totals, of teams, and of teams on a channel."""
    return {
        (result.kpi, *result.by.values()): result
        for result in kpis
        if result.kpi in OF_TEAMS | OF_ALL and not result.when and tuple(result.by) in {(), *TABLES}
    }
