"""The views of an audit: trends, distributions, hours of the week, each only where it was asked for."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.kpis.catalogue import ON_SCREEN, leading_for
from kpiaudit.views.distributions import distribution_of
from kpiaudit.views.hours import hours_of_week
from kpiaudit.views.shown import Views
from kpiaudit.views.trends import covered_by, kpi_trend_of, period_for, trend_of
from kpiaudit.whatif.outlook import Point
from kpiaudit.whatif.supposed import blocks_of, fewest_hours, to_avert

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from kpiaudit.audit import Audit, Summaries
    from kpiaudit.report import KpiResult
    from kpiaudit.views.shown import HoursOfWeek, KpiTrend, Period, Trend
    from kpiaudit.views.trends import Covered

C = pl.col


def views_of(audited: Audit, summaries: Summaries) -> Views:
    """Return the views an audit was asked for; the others are empty."""
    asked, slas = audited.request.views, audited.request.settings.slas
    return Views(
        trends=trends(audited, summaries) if "trend" in asked else (),
        distributions=tuple(
            distribution_of(part, sla=sla.name, target=sla.target)
            for part, sla in zip(audited.judged, slas, strict=True)
            if "distribution" in asked
        ),
        hours=hours(audited) if "staffing" in asked else None,
        kpi_trends=kpi_trends(audited, summaries) if "trend" in asked else (),
    )


def trend_period(audited: Audit) -> Period:
    """Return what trends are told by."""
    if audited.request.period is not None:
        return audited.request.period
    covered = covered_of(audited, first_events(audited), audited.reading.as_of)
    return period_for(covered) if covered else "day"


def trends(audited: Audit, summaries: Summaries) -> tuple[Trend, ...]:
    """Return the trend of every SLA, over what the exports of its systems tell of."""
    settings = audited.request.settings
    period, first = trend_period(audited), first_events(audited)
    found = []
    for sla, part, summary in zip(settings.slas, audited.judged, summaries.periods, strict=True):
        systems = part["system"].unique().cast(pl.String).to_list()
        found.append(
            trend_of(
                summary,
                covered_of(audited, first, systems or first),
                sla=sla.name,
                goal=sla.goal,
                period=period,
                time_zone=settings.time_zone or "UTC",
            )
        )
    return tuple(found)


def kpi_trends(audited: Audit, summaries: Summaries) -> tuple[KpiTrend, ...]:
    """Return the trends of the figures the first screen shows, over what all exports tell of."""
    settings, zone = audited.request.settings, audited.request.settings.time_zone or "UTC"
    gated = [kpi.kpi for kpi in summaries.kpis if kpi.verdict is not None and not kpi.by]
    totals = {kpi.kpi: kpi for kpi in summaries.kpis if not kpi.by and not kpi.when}
    asked = leading_for(settings.value_proposition.competes_on, gated)
    shown = [totals[name] for name in asked if name in totals and totals[name].value is not None]
    first = first_events(audited)
    covered = covered_of(audited, first, first)
    if covered is None:
        return ()
    period = trend_period(audited)
    found: dict[str, dict[str, KpiResult]] = {}
    for result in summaries.over_time:
        found.setdefault(result.kpi, {})[result.by[period]] = result
    return tuple(
        kpi_trend_of(total, found[total.kpi], covered, period=period, time_zone=zone)
        for total in shown[:ON_SCREEN]
        if total.kpi in found
    )


def hours(audited: Audit) -> HoursOfWeek:
    """Return the hours of the week of all exports together."""
    settings = audited.request.settings
    names = [sla.name for sla in settings.slas]
    found = hours_of_week(
        audited.reading.ordered,
        dict(zip(names, audited.judged, strict=True)),
        covered_of(audited, first_events(audited), audited.reading.as_of),
        definitions=settings.definitions,
        as_of=audited.reading.as_of,
        time_zone=settings.time_zone or "UTC",
    )
    needed: dict[str, int] = {}
    for sla in settings.slas:
        broken = sum(found.breached[sla.name])
        met = sum(found.decided[sla.name]) - broken
        point = Point(sla.target.total_seconds(), met=met, breached=broken, open=0)
        needed[sla.name] = to_avert(point, sla.goal) or 0
    missed = {name: count for name, count in needed.items() if count > 0}
    blocks = {
        name: blocks_of(found.breached[name], fewest_hours(found.breached[name], count))
        for name, count in missed.items()
    }
    return replace(found, to_avert=missed, blocks=blocks)


def first_events(audited: Audit) -> dict[str, datetime]:
    """Return each system's first event."""
    found = audited.reading.ordered.group_by("system").agg(C("sent_at").min())
    return dict(zip(found["system"].cast(pl.String), found["sent_at"], strict=True))


def covered_of(
    audited: Audit, first: dict[str, datetime], systems: Iterable[str]
) -> Covered | None:
    """Return what the exports of some systems tell of within `--since` and `--until`."""
    request = audited.request
    return covered_by(
        first,
        audited.reading.as_of,
        systems=systems,
        since=request.since,
        until=request.until,
    )
