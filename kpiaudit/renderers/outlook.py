"""`whatif` and `breaches` as JSON and CSV: shares 0..1, seconds as integers, instants with `Z`."""

from __future__ import annotations

from math import floor
from typing import TYPE_CHECKING, Any, Final

from kpiaudit.renderers.csv import rows_as_csv
from kpiaudit.renderers.json import as_row, dump
from kpiaudit.renderers.text import iso, whole_seconds
from kpiaudit.report import Breach
from kpiaudit.whatif.outlook import (
    CALENDAR_RULE,
    HOURS_RULE,
    OPEN_RULE,
    PROFILE_RULE,
    PROMISE_RULE,
    AtRisk,
)

if TYPE_CHECKING:
    from kpiaudit.report import Report
    from kpiaudit.whatif.outlook import BreachList, Curve, Point, SlaOutlook, Week, WhatIf

DAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
POINT_HEADER: Final = (
    "sla", "metric", "calendar", "target_seconds", "goal", "met", "breached", "open", "n", "adherence",
    "is_own_calendar", "is_own_target", "is_tightest", "profile",
)  # fmt: skip


def whatif_json(result: WhatIf) -> str:
    """Return every SLA with its curves, the tightest promise, and the breaches to avert by hour."""
    return dump(
        {
            **_heading(result.report),
            "rules": [OPEN_RULE, PROMISE_RULE, HOURS_RULE, CALENDAR_RULE, PROFILE_RULE],
            "notes": list(result.notes),
            "slas": [_sla(outlook) for outlook in result.slas],
        }
    )


def whatif_csv(result: WhatIf) -> str:
    """Return one row per SLA, calendar and target, the tightest promise among them."""
    rows = [
        [
            outlook.sla.name,
            outlook.sla.metric,
            curve.calendar,
            whole_seconds(point.target_seconds),
            outlook.sla.goal,
            point.met,
            point.breached,
            point.open,
            point.n,
            point.adherence,
            _word(curve.is_own or curve.profile is not None),
            _word(point.is_own),
            _word(_is_tightest(point, curve)),
            curve.profile,
        ]
        for outlook in result.slas
        for curve in outlook.curves
        for point in _with_tightest(curve)
    ]
    return rows_as_csv(POINT_HEADER, rows)


def breaches_json(result: BreachList) -> str:
    """Return the totals of the SLAs and the breaches, or with `--at-risk` what is at risk."""
    listed = (
        {"at_risk": [_at_risk(clock) for clock in result.at_risk]}
        if result.is_ahead
        else {"breaches": [as_row(breach) for breach in result.breaches]}
    )
    totals = [
        {
            "sla": sla.name,
            "breached": sla.figures.breached,
            "open": sla.figures.open,
            "at_risk": sla.figures.at_risk,
        }
        for sla in result.slas
    ]
    return dump({**_heading(result.report), "totals": totals, **listed})


def breaches_csv(result: BreachList) -> str:
    """Return one row per breach, or with `--at-risk` per clock at risk."""
    if result.is_ahead:
        header = list(AtRisk.__dataclass_fields__)
        rows = [_at_risk(clock) for clock in result.at_risk]
    else:
        header = list(Breach.__dataclass_fields__)
        rows = [as_row(breach) for breach in result.breaches]
    instants = {name for name in header if name.endswith("_at")}
    return rows_as_csv(
        header, [[iso(v) if k in instants else v for k, v in row.items()] for row in rows]
    )


def _heading(report: Report) -> dict[str, Any]:
    return {
        "schema_version": report.schema_version,
        "kpiaudit_version": report.kpiaudit_version,
        "as_of": iso(report.as_of),
        "as_of_by_system": {name: iso(at) for name, at in report.as_of_by_system.items()},
        "time_zone": report.time_zone,
    }


def _sla(outlook: SlaOutlook) -> dict[str, Any]:
    return {
        "name": outlook.sla.name,
        "metric": outlook.sla.metric,
        "calendar": outlook.sla.calendar,
        "target_seconds": whole_seconds(outlook.sla.target_seconds),
        "goal": outlook.sla.goal,
        "verdict": outlook.sla.verdict,
        "excluded": outlook.sla.figures.excluded,
        "breaches_to_avert": outlook.to_avert,
        "breaches_to_spare": outlook.to_spare,
        "curves": [
            {
                "calendar": curve.calendar,
                "profile": curve.profile,
                "is_own": curve.is_own,
                "tightest": None if curve.tightest is None else _point(curve.tightest),
                "points": [_point(point) for point in curve.points],
            }
            for curve in outlook.curves
        ],
        "hours_of_the_week": {week.edge: _week(week) for week in outlook.weeks},
    }


def _point(point: Point) -> dict[str, Any]:
    return {
        "target_seconds": whole_seconds(point.target_seconds),
        "met": point.met,
        "breached": point.breached,
        "open": point.open,
        "n": point.n,
        "adherence": point.adherence,
        "is_own": point.is_own,
    }


def _week(week: Week) -> dict[str, Any]:
    return {
        "breaches": {
            f"{DAYS[hour // 24]} {hour % 24:02}": count
            for hour, count in enumerate(week.by_hour)
            if count
        },
        "enough": {
            "hours": week.hours,
            "breaches": week.breaches,
            "blocks": [
                {
                    "weekday": DAYS[block.weekday],
                    "from_hour": block.from_hour,
                    "to_hour": block.to_hour,
                    "breaches": block.breaches,
                }
                for block in week.blocks
            ],
        },
    }


def _with_tightest(curve: Curve) -> list[Point]:
    points = list(curve.points)
    if curve.tightest and not any(_is_tightest(point, curve) for point in points):
        points.append(curve.tightest)
    return sorted(points, key=lambda point: point.target_seconds)


def _is_tightest(point: Point, curve: Curve) -> bool:
    return curve.tightest is not None and point.target_seconds == curve.tightest.target_seconds


def _at_risk(clock: AtRisk) -> dict[str, Any]:
    return {**as_row(clock), "left_seconds": floor(round(clock.left_seconds, 6))}


def _word(value: bool) -> str:  # noqa: FBT001
    return "true" if value else "false"
