"""A comparison as JSON and CSV: shares 0..1, seconds as integers, differences of waits in seconds."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any, Final

from kpiaudit.comparison.compared import INTERVAL_RULE, LEAST_COMMON, LEVEL, LIKE_RULE, SEVERAL_RULE
from kpiaudit.renderers.csv import rows_as_csv
from kpiaudit.renderers.json import dump
from kpiaudit.renderers.text import iso, whole_seconds

if TYPE_CHECKING:
    from kpiaudit.comparison.compared import Compared, Contrast, Difference, Side, SlaComparison

IN_UNITS: Final = ("raw", "mix", "unshared", "performance", "low", "high", "baseline", "side")
"""What of a difference is in the measure's own unit: shares, or seconds."""
MEASURES: Final = ("adherence", "mean_seconds")


def as_json(result: Compared) -> str:
    """Return every SLA with its sides and contrasts; the keys are a public contract."""
    report = result.report
    return dump(
        {
            "schema_version": report.schema_version,
            "kpiaudit_version": report.kpiaudit_version,
            "as_of": iso(report.as_of),
            "time_zone": report.time_zone,
            "by": result.by,
            "periods": [
                {
                    "first_at": iso(side.first_at),
                    "last_at": iso(side.last_at),
                    "as_of": iso(side.as_of),
                }
                for side in (report, *result.others)
            ],
            "strata": list(result.strata),
            "min_sample": result.min_sample,
            "least_common": LEAST_COMMON,
            "level": LEVEL,
            "rules": [LIKE_RULE, INTERVAL_RULE, SEVERAL_RULE],
            "notes": list(result.notes),
            "slas": [_sla(found) for found in result.slas],
        }
    )


def as_csv(result: Compared) -> str:
    """Return one row per SLA, contrast and measure."""
    header: list[str] = []
    rows = []
    for found in result.slas:
        for contrast in found.contrasts:
            for measure in MEASURES:
                told = {
                    "sla": found.sla.name,
                    "by": result.by,
                    "against": contrast.baseline,
                    "group": contrast.side,
                    "measure": measure,
                    **_difference(getattr(contrast, measure), measure),
                }
                header = header or list(told)
                rows.append(list(told.values()))
    return rows_as_csv(header or ["sla", "by", "against", "group", "measure"], rows)


def _sla(found: SlaComparison) -> dict[str, Any]:
    return {
        "name": found.sla.name,
        "metric": found.sla.metric,
        "calendar": found.sla.calendar,
        "target_seconds": whole_seconds(found.sla.target_seconds),
        "goal": found.sla.goal,
        "sides": [_side(side) for side in found.sides],
        "contrasts": [_contrast(contrast) for contrast in found.contrasts],
    }


def _side(side: Side) -> dict[str, Any]:
    seconds = ("mean_seconds", "median_seconds", "median_low", "median_high")
    told = asdict(side)
    for name in seconds:
        value = told.pop(name)
        public = name if name.endswith("_seconds") else f"{name}_seconds"
        told[public] = None if value is None else whole_seconds(value)
    return told


def _contrast(contrast: Contrast) -> dict[str, Any]:
    return {
        "against": contrast.baseline,
        "group": contrast.side,
        **{name: _difference(getattr(contrast, name), name) for name in MEASURES},
    }


def _difference(found: Difference, measure: str) -> dict[str, Any]:
    told = asdict(found)
    if measure == "mean_seconds":
        told |= {name: None if told[name] is None else round(told[name]) for name in IN_UNITS}
    return told | {name: round(told[name], 3) for name in ("effective_baseline", "effective_side")}
