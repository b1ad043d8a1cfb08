"""The report as JSON: versioned, additive only, shares 0..1, seconds as integers, instants with `Z`."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from kpiaudit.gates import gates_of
from kpiaudit.inert import AZURE_COMMAND, INVISIBLE
from kpiaudit.renderers.text import iso, whole_seconds

if TYPE_CHECKING:
    from kpiaudit.report import Breach, Figures, Gate, KpiResult, ModelResult, Report, SlaResult
    from kpiaudit.views.shown import Views
    from kpiaudit.whatif.outlook import AtRisk

_HIDDEN: Final = re.compile(f"(?!\n)[{INVISIBLE}]|{AZURE_COMMAND}")


def render(report: Report) -> str:
    """Return the whole audit; the keys are a public contract."""
    return dump(
        {
            "schema_version": report.schema_version,
            "kpiaudit_version": report.kpiaudit_version,
            "as_of": iso(report.as_of),
            "as_of_by_system": {name: iso(at) for name, at in report.as_of_by_system.items()},
            "time_zone": report.time_zone,
            "first_at": iso(report.first_at),
            "last_at": iso(report.last_at),
            "since": report.since,
            "until": report.until,
            "verdict": report.verdict,
            "exit_code": int(report.exit_code),
            "value_proposition": asdict(report.promise),
            "definitions": report.definitions,
            "slas": [_sla(sla) for sla in report.slas],
            "privacy": list(report.privacy),
            "gates": [gate_row(gate) for gate in gates_of(report)],
            "kpis": [_kpi(kpi) for kpi in report.kpis],
            "models": [_model(model) for model in report.models],
            "categories": [asdict(found) for found in report.categories],
            "views": _views(report.views),
            "breach_count": report.breach_count,
            "breaches": [as_row(breach) for breach in report.breaches],
            **({"quotes": [asdict(quote) for quote in report.quotes]} if report.quotes else {}),
            **_reading(report),
        }
    )


def render_check(report: Report) -> str:
    """Return the same as `render`: one contract for people and for gates."""
    return render(report)


def render_inspect(report: Report) -> str:
    """Return what each file was taken for, what was ignored, and the identity."""
    return dump(
        {
            "schema_version": report.schema_version,
            "kpiaudit_version": report.kpiaudit_version,
            "time_zone": report.time_zone,
            **_reading(report),
            "exports": _exports(report),
        }
    )


def _exports(report: Report) -> list[dict[str, Any]]:
    qualities = {quality.path: quality for quality in report.qualities}
    exports = []
    for export in report.exports:
        quality = qualities.get(export.path)
        found = asdict(export)
        if quality is not None:
            found |= {**asdict(quality), "problems": [*export.problems, *quality.problems]}
        exports.append(found)
    return exports


def _reading(report: Report) -> dict[str, Any]:
    return {
        "exports": [asdict(export) for export in report.exports],
        "ignored": [asdict(ignored) for ignored in report.ignored],
        "integrity": asdict(report.integrity),
        "rejects": [asdict(reject) for reject in report.rejects],
        "problems": list(report.problems),
    }


def _sla(sla: SlaResult) -> dict[str, Any]:
    return {
        "name": sla.name,
        "metric": sla.metric,
        "calendar": sla.calendar,
        "when": {dimension: list(values) for dimension, values in sla.when.items()},
        "target_seconds": whole_seconds(sla.target_seconds),
        "goal": sla.goal,
        "warn_below": sla.warn_below,
        **figures(sla.figures),
        "verdict": sla.verdict,
        "is_warning": sla.is_warning,
        "allow_empty": sla.allow_empty,
        "bots_first": sla.bots_first,
        "resolved_without_reply": sla.resolved_without_reply,
        "calls": sla.calls,
        "abandoned": sla.abandoned,
        "short_abandoned": sla.short_abandoned,
        "abandonment": sla.abandonment,
        "groups": [
            {"by": group.by, **figures(group.figures), "verdict": group.verdict}
            for group in sla.groups
        ],
    }


def _kpi(kpi: KpiResult) -> dict[str, Any]:
    kind = "at_least" if kpi.goal_is_floor else "at_most"
    document = asdict(kpi) | {
        "value": measured(kpi.value, kpi.unit),
        "beside": {
            name: measured(value, "seconds" if name.endswith("_seconds") else "")
            for name, value in kpi.beside.items()
        },
        "goal": measured(kpi.goal, kpi.unit),
        "goal_kind": None if kpi.goal is None else kind,
    }
    del document["goal_is_floor"]
    if kpi.note is None:
        del document["note"]
    return document


def _model(model: ModelResult) -> dict[str, Any]:
    claims = [
        {**asdict(claim), "value": measured(claim.value, claim.unit)} for claim in model.claims
    ]
    return {"model": model.model, "team": model.team, "claims": claims}


def _views(views: Views) -> dict[str, Any]:
    return {
        "trends": [
            {
                "sla": trend.sla,
                "period": trend.period,
                "goal": trend.goal,
                "points": [
                    {
                        "start": point.start.isoformat(),
                        "is_partial": point.is_partial,
                        **figures(point.figures),
                    }
                    for point in trend.points
                ],
            }
            for trend in views.trends
        ],
        "distributions": [
            {
                "sla": found.sla,
                "target_seconds": whole_seconds(found.target_seconds),
                "edges_seconds": [whole_seconds(edge) for edge in found.edges_seconds],
                "counts": list(found.counts),
            }
            for found in views.distributions
        ],
        "hours_of_week": None if views.hours is None else asdict(views.hours),
        "kpi_trends": [
            {
                "kpi": trend.kpi,
                "title": trend.title,
                "unit": trend.unit,
                "period": trend.period,
                "points": [
                    {
                        "start": point.start.isoformat(),
                        "is_partial": point.is_partial,
                        "value": measured(point.value, trend.unit),
                        "n": point.n,
                    }
                    for point in trend.points
                ],
            }
            for trend in views.kpi_trends
        ],
    }


def measured(value: float | None, unit: str) -> float | None:
    """Return a value as files carry it: seconds rounded up to integers, counts whole."""
    if value is None or unit not in {"seconds", "count"}:
        return value
    return whole_seconds(value) if unit == "seconds" else round(value)


def gate_row(gate: Gate) -> dict[str, Any]:
    """Return what `check` made of one SLA, group or KPI goal, under public names."""
    kept = ("kind", "name", "by", "when", "state", "value", "unit", "goal", "goal_is_floor", "n",
            "no_worse_than", "baseline")  # fmt: skip
    return {name: getattr(gate, name) for name in kept}


def figures(values: Figures) -> dict[str, int | float | None]:
    """Return figures under their public names, seconds rounded up to integers."""
    return {
        name: value if value is None or not name.endswith("_seconds") else whole_seconds(value)
        for name, value in asdict(values).items()
    }


def as_row(listed: Breach | AtRisk) -> dict[str, Any]:
    """Return a clock listed by name under its public names, seconds rounded up to integers."""
    return {
        name: whole_seconds(value) if name.endswith("_seconds") else value
        for name, value in asdict(listed).items()
    }


def dump(document: dict[str, Any]) -> str:
    """Return a document as JSON text in which no character hides; instants with `Z`."""
    text = json.dumps(document, indent=2, ensure_ascii=False, default=_plain)
    return _HIDDEN.sub(lambda found: _escape(found[0]), text) + "\n"


def _plain(value: object) -> object:
    if isinstance(value, datetime):
        return iso(value)
    if isinstance(value, timedelta):
        return whole_seconds(value.total_seconds())
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    raise TypeError(f"a report holds no {type(value).__name__}")


def _escape(character: str) -> str:
    return "\\u0023" if character == "#" else json.dumps(character)[1:-1]
