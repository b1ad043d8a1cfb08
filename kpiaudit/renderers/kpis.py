"""The list of KPIs as JSON."""

from __future__ import annotations

from dataclasses import asdict

from kpiaudit.kpis.catalogue import KPIS, NEEDS
from kpiaudit.renderers.json import dump


def catalogue_as_json() -> str:
    """Return every KPI, and the words for what they need."""
    return dump({"kpis": [asdict(kpi) for kpi in KPIS], "needs": dict(NEEDS)})
