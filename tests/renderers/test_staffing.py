"""The views on screen: within the page, no number cut, colour not needed to read them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from reports import a_quiet_report, a_report
from rich.cells import cell_len

from kpiaudit.renderers.terminal import render_report

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.report import Report

Golden = Callable[[str, str | bytes], None]
Printed = Callable[..., str]
SHOWN = frozenset({"staffing", "trend", "distribution"})


def page(report: Report, views: frozenset[str] = SHOWN) -> Callable[[Console], None]:
    return lambda console: render_report(report, console, top=3, verbose=False, views=views)


def section(text: str, first: str, last: str) -> str:
    return text[text.index(first) : text.index(last)]


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("views.80.txt", {}),
        ("views.120.txt", {"width": 120}),
        ("views.80.ascii.txt", {"encoding": "ascii"}),
    ],
)
def test_the_page_is_the_golden_one(
    name: str, options: dict[str, object], printed: Printed, golden: Golden
) -> None:
    text = printed(page(a_report()), **options)
    golden(f"renderers/{name}", section(text, " over time", "Worst breaches"))


def test_a_view_is_shown_where_it_is_asked_for(printed: Printed) -> None:
    assert "Staffing" not in printed(page(a_report(), frozenset()))
    trend = printed(page(a_report(), frozenset({"trend"})))
    assert " over time" in trend
    assert "Staffing" not in trend
    assert "how long it took" not in trend


@pytest.mark.parametrize("width", [80, 97, 120, 200])
@pytest.mark.parametrize("factor", [1, 12_345])
def test_every_line_fits_and_no_number_is_cut(width: int, factor: int, printed: Printed) -> None:
    report = a_report()
    hours = report.views.hours
    assert hours is not None
    more = replace(
        hours,
        demand=tuple(count * factor for count in hours.demand),
        answers=tuple(count * factor for count in hours.answers),
        backlog=tuple(count * factor for count in hours.backlog),
    )
    spread = tuple(
        replace(found, counts=tuple(count * factor for count in found.counts))
        for found in report.views.distributions
    )
    views = replace(report.views, hours=more, distributions=spread)
    text = printed(page(replace(report, views=views)), width=width)
    for line in text.splitlines():
        assert cell_len(line) <= min(width, 120)
        assert line == line.rstrip()
    for found in spread:
        for count in found.counts:
            assert f" {count:,} " in text
    assert f"demand, █ {max(more.demand):,}" in text
    assert f"█ {max(more.backlog):,.1f}" in text
    assert f"{sum(more.demand):,} customer messages" in text
    for trend in views.trends:
        for point in trend.points:
            assert point.start.isoformat() in text


def test_hours_to_avert_are_named_and_red(printed: Printed) -> None:
    text = " ".join(printed(page(a_report())).split())
    assert "11 of 31 breaches to avert for 95%" in text
    assert "3 hours of the week hold 15: Fri 15-16 (5), Fri 17-18 (5), Fri 19-20 (5)" in text
    coloured = printed(page(a_report(), frozenset({"staffing"})), color=True)
    drawn = section(coloured, "Where breaches cluster", "Worst breaches")
    assert drawn.count("\x1b[31m█\x1b[0m") == 3


def test_a_partial_period_is_marked(printed: Printed) -> None:
    text = printed(page(a_report(), frozenset({"trend"})))
    drawn = [
        trend for trend in a_report().views.trends if any(p.figures.clocks for p in trend.points)
    ]
    partial = sum(point.is_partial for trend in drawn for point in trend.points)
    assert len(re.findall(r"\d ~ ", text)) == partial > 0


def test_a_report_of_nothing_has_nothing_to_draw(printed: Printed) -> None:
    text = printed(page(a_quiet_report()))
    assert "Traceback" not in text
    assert "█" not in text
