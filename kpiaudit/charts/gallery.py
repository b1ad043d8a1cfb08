"""Every chart a report has the values for, in the order of the page."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from kpiaudit.charts.distribution import distribution_chart
from kpiaudit.charts.heatmap import heat_charts
from kpiaudit.charts.trend import trend_chart

if TYPE_CHECKING:
    from kpiaudit.charts.canvas import Chart
    from kpiaudit.report import Report
    from kpiaudit.views.shown import Trend


def trends_of(report: Report) -> list[Chart]:
    """Return the trend of each SLA that has one."""
    return [trend_chart(trend) for trend in report.views.trends if is_drawn(trend)]


def is_drawn(trend: Trend) -> bool:
    """Return whether anything was decided in any period."""
    return any(point.figures.adherence is not None for point in trend.points)


def distributions_of(report: Report) -> list[Chart]:
    """Return the distribution of each SLA that decided anything."""
    by_name = {sla.name: sla for sla in report.slas}
    return [
        distribution_chart(distribution, by_name.get(distribution.sla))
        for distribution in report.views.distributions
        if any(distribution.counts)
    ]


def heat_of(report: Report) -> list[Chart]:
    """Return the maps of the week."""
    return heat_charts(report.views.hours) if report.views.hours is not None else []


def charts_of(report: Report) -> list[tuple[str, Chart]]:
    """Return every chart with a file name no other has and any system takes: `02-trend-social.svg`."""
    charts = [*trends_of(report), *distributions_of(report), *heat_of(report)]
    return [(f"{n:02}-{slug(chart)}.svg", chart) for n, chart in enumerate(charts, 1)]


def slug(chart: Chart) -> str:
    """Return the kind of a chart and what of its title is letters of ASCII, at most 48 characters."""
    subject = chart.title.partition(": ")[0] if ": " in chart.title else ""
    plain = re.sub(r"[^a-z0-9]+", "-", subject.lower()).strip("-")[:40].strip("-")
    return f"{chart.kind}-{plain}" if plain else chart.kind
