"""What a run must read and count where its service models are asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from kpiaudit.report import KpiResult

NAME: Final = "models"
READ_FOR: Final = frozenset({"channel", "team", "agent", "customer", "handle_time"})
"""Columns of MESSAGES that models are counted from."""
OF_TEAMS: Final = frozenset({"csat", "one_touch_rate", "reassignment_rate", "escalation_rate"})
"""KPIs of each team that models are judged by."""
TEAM: Final = ("team",)


def of_teams(kpis: Iterable[KpiResult]) -> Mapping[tuple[str, str], KpiResult]:
    """Return the KPIs models are judged by, by name and team; the team of a total is empty."""
    told = (result for result in kpis if result.kpi in OF_TEAMS and not result.when)
    return {
        (result.kpi, result.by.get("team", "")): result
        for result in told
        if tuple(result.by) in {(), TEAM}
    }
