"""The report made by hand, grown to what a year of a big service desk leaves to show."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

from report_figures import figures
from reports import a_report

from kpiaudit.explanation.explained import Span, SpanState
from kpiaudit.views.shown import Distribution, HoursOfWeek, KpiPoint, Trend, TrendPoint, Views

if TYPE_CHECKING:
    from kpiaudit.report import Report


def a_year() -> Report:
    """A day a point, fifty agents, six SLAs."""
    report = a_report()
    first = date(2025, 3, 29)
    days = tuple(
        TrendPoint(
            first + timedelta(days=i), False, figures(80 + i % 19, 2 + i % 7, median=700 + i)
        )
        for i in range(365)
    )
    slas = tuple(replace(report.slas[i % 5], name=f"sla-{i}") for i in range(6))
    agents = tuple(
        replace(report.slas[0].groups[-1], by={"agent": f"Agent Number {i}"}) for i in range(50)
    )
    busy = tuple(replace(sla, groups=(*sla.groups, *agents)) for sla in slas)
    week = tuple(7 * i % 61 for i in range(168))
    spread: Distribution = report.views.distributions[0]
    hours = HoursOfWeek(week, week, {sla.name: week for sla in slas}, {}, tuple(map(float, week)))
    views = Views(
        trends=tuple(Trend(sla.name, "day", sla.goal, days) for sla in slas),
        distributions=tuple(replace(spread, sla=sla.name) for sla in slas),
        hours=hours,
        kpi_trends=tuple(
            replace(
                trend,
                period="day",
                points=tuple(
                    KpiPoint(first + timedelta(days=i), False, trend.points[0].value, 80 + i % 19)
                    for i in range(365)
                ),
            )
            for trend in report.views.kpi_trends
        ),
    )
    breaches = tuple(report.breaches[i % 3] for i in range(10))
    spans = tuple(half_a_month(breach.started_at) for breach in breaches)
    return replace(
        report,
        slas=busy,
        views=views,
        breaches=breaches,
        breach_spans=spans,
        exports=report.exports * 10,
    )


def half_a_month(start: datetime) -> tuple[Span, ...]:
    """Half a month of days and nights, a holiday in the middle, over the target from the second day on."""
    half = timedelta(hours=12)
    states: tuple[SpanState, ...] = ("ticking", "outside hours")
    return tuple(
        Span(
            start + place * half,
            start + (place + 1) * half,
            "holiday" if place == 15 else states[place % 2],
            "Good Friday" if place == 15 else "hours",
            is_over=place > 1,
            left_out=timedelta(),
        )
        for place in range(30)
    )
