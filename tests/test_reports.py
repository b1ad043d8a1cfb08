"""The report made by hand adds up, or what is read off it proves nothing."""

from __future__ import annotations

from dataclasses import fields

from reports import a_report

from kpiaudit.report import Figures

COUNTS = [f.name for f in fields(Figures) if f.type == "int"]


def test_the_periods_of_a_trend_add_up_to_their_sla() -> None:
    report = a_report()
    totals = {sla.name: sla.figures for sla in report.slas}
    assert report.views.trends
    for trend in report.views.trends:
        for name in COUNTS:
            summed = sum(getattr(point.figures, name) for point in trend.points)
            assert summed == getattr(totals[trend.sla], name), (trend.sla, name)


def test_a_distribution_holds_every_decided_clock_met_up_to_the_target() -> None:
    report = a_report()
    totals = {sla.name: sla.figures for sla in report.slas}
    assert report.views.distributions
    for found in report.views.distributions:
        within = sum(
            count
            for edge, count in zip(found.edges_seconds, found.counts, strict=True)
            if edge < found.target_seconds
        )
        total = totals[found.sla]
        assert (within, sum(found.counts)) == (total.met, total.met + total.breached)


def test_the_hours_of_the_week_add_up_and_hold_no_more_breaches_than_clocks() -> None:
    report = a_report()
    hours = report.views.hours
    assert hours
    assert {len(hours.demand), len(hours.answers), len(hours.backlog)} == {168}
    for sla in report.slas:
        if sla.name in hours.decided:
            breached, decided = hours.breached[sla.name], hours.decided[sla.name]
            assert sum(breached) == sla.figures.breached
            assert sum(decided) == sla.figures.met + sla.figures.breached
            assert all(b <= d for b, d in zip(breached, decided, strict=True))
