"""The report as JSON: versioned, additive only, shares 0..1, seconds as integers, instants with `Z`."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final

from kpiaudit.inert import INVISIBLE
from kpiaudit.renderers.text import iso, whole_seconds

if TYPE_CHECKING:
    from kpiaudit.report import Breach, Figures, Report, SlaResult
    from kpiaudit.whatif.outlook import AtRisk

_HIDDEN: Final = re.compile(f"(?!\n)[{INVISIBLE}]")


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
            "kpis": [],
            "models": [],
            "breach_count": report.breach_count,
            "breaches": [as_row(breach) for breach in report.breaches],
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
        "abandonment": sla.abandonment,
        "groups": [
            {"by": group.by, **figures(group.figures), "verdict": group.verdict}
            for group in sla.groups
        ],
    }


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
    return json.dumps(character)[1:-1]
