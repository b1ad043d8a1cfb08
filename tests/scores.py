"""KPIs of conversations written down by hand, the way a user's files take."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from audits import report, sla, written
from builders import canonical_csv

from kpiaudit.kpis.catalogue import IDS

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from pathlib import Path

    from builders import Row

    from kpiaudit.report import KpiResult, Report

PROMISE = sla("first", "first_response", "1h")


def scored(
    folder: Path,
    rows: Iterable[Row],
    policy: str = "",
    *,
    by: tuple[tuple[str, ...], ...] = (),
    as_of: datetime | None = None,
    kpis: tuple[str, ...] = IDS,
    since: datetime | None = None,
) -> Report:
    """Return the report with every KPI by the tables; the policy stands before the promise."""
    request = written(
        folder, {"m.csv": canonical_csv(rows)}, policy + "\n" + PROMISE, as_of=as_of, since=since
    )
    return report(replace(request, by=by, kpis=kpis))


def total(found: Report, kpi: str) -> KpiResult:
    """Return the KPI of everything."""
    (only,) = [one for one in found.kpis if one.kpi == kpi and not one.by and not one.when]
    return only


def groups(found: Report, kpi: str, *dimensions: str) -> dict[str, float | None]:
    """Return the values of a KPI's table by its groups."""
    return {
        "|".join(one.by.values()): one.value
        for one in found.kpis
        if one.kpi == kpi and tuple(one.by) == dimensions
    }
