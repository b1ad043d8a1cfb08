"""KPIs on a terminal: six on the first screen, the chosen ones whole, the list."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from reports import a_report
from rich.cells import cell_len

from kpiaudit.kpis.catalogue import IDS, KPIS, LEADING
from kpiaudit.renderers import terminal
from kpiaudit.renderers.ranking import leading
from kpiaudit.renderers.terminal.kpis import render_catalogue, way
from kpiaudit.report import KpiResult

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.report import Report

Golden = Callable[[str, str | bytes], None]
Printed = Callable[..., str]


def with_every_kpi(report: Report) -> Report:
    """The report with a value for each KPI, in the order of the list."""
    kpis = tuple(KpiResult(kpi.id, kpi.title, 0.5, kpi.unit, 10) for kpi in KPIS)
    return replace(report, kpis=kpis)


def chosen(report: Report) -> Callable[[Console], None]:
    return lambda console: terminal.render_report(report, console, top=4, verbose=False, kpis=IDS)


@pytest.mark.parametrize(
    ("name", "width", "encoding"),
    [("kpis.80.txt", 80, "utf-8"), ("kpis.120.txt", 120, "utf-8"), ("kpis.ascii.txt", 80, "ascii")],
)
def test_the_chosen_kpis_are_the_golden_ones(
    name: str, width: int, encoding: str, printed: Printed, golden: Golden
) -> None:
    page = printed(chosen(a_report()), width=width, encoding=encoding)
    golden(f"renderers/{name}", "KPIs" + page.split("\nKPIs", 1)[1].split("\nWorst breaches", 1)[0])


@pytest.mark.parametrize("width", [80, 120])
def test_a_table_of_every_kpi_breaks_no_word(width: int, printed: Printed) -> None:
    report = a_report()
    kpis = tuple(
        KpiResult(kpi.id, kpi.title, 0.5, kpi.unit, 10, by={"channel": "email"}) for kpi in KPIS
    )
    page = printed(chosen(replace(report, kpis=kpis)), width=width)
    tables = page.split("\nKPIs by", 1)[1].split("\nWorst breaches", 1)[0]
    assert {word for kpi in KPIS for word in kpi.title.split()} <= set(tables.split())


@pytest.mark.parametrize(("width", "encoding"), [(80, "utf-8"), (80, "ascii"), (120, "utf-8")])
def test_with_trends_the_first_figures_say_how_they_went(
    width: int, encoding: str, printed: Printed
) -> None:
    """Of the three whole weeks nobody rated in the second; deflection went 12.9 %, 13.2 %, 12.3 %."""

    def show(console: Console) -> None:
        views = frozenset({"trend"})
        terminal.render_report(a_report(), console, top=4, verbose=False, views=views)

    page = printed(show, width=width, encoding=encoding)
    first = page.split("\nSLAs", 1)[0]
    lines = ["▁·█", "▆█▁ down"] if encoding == "utf-8" else ["_ #", "*#_ down"]
    assert all(line in first for line in lines)
    assert "by week, whole weeks only" in first
    assert max(cell_len(line) for line in page.splitlines()) <= width
    assert "whole weeks only" not in printed(chosen(a_report()), width=width, encoding=encoding)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ([1.0, 2.0], " up"),
        ([2.0, 1.0], " down"),
        ([1.0, 1.0], " same"),
        ([1.0, None], ""),
        ([None, 1.0], ""),
        ([1.0], ""),
    ],
)
def test_the_last_value_is_held_against_the_one_before(
    values: list[float | None], said: str
) -> None:
    assert way(values) == said


def test_the_list_is_the_golden_one(printed: Printed, golden: Golden) -> None:
    golden("renderers/catalogue.txt", printed(render_catalogue))


@pytest.mark.parametrize("competes_on", ["satisfaction", "cost", "balanced"])
def test_what_a_firm_competes_on_leads_with_six(competes_on: str) -> None:
    report = with_every_kpi(a_report())
    report = replace(report, promise=replace(report.promise, competes_on=competes_on))
    assert tuple(kpi.kpi for kpi in leading(report)) == LEADING[competes_on]
    assert len(LEADING[competes_on]) == 6


def test_what_cannot_be_computed_gives_way_to_a_stand_in_and_is_named(printed: Printed) -> None:
    report = with_every_kpi(a_report())
    lost = [
        replace(kpi, value=None, computable=False, reason="rating missing in a.csv")
        if kpi.kpi == "csat"
        else kpi
        for kpi in report.kpis
    ]
    report = replace(report, kpis=tuple(lost))
    assert [kpi.kpi for kpi in leading(report)][-1] == "conversations"
    assert len(leading(report)) == 6
    page = printed(lambda console: terminal.render_report(report, console, top=1, verbose=False))
    assert "not computable: CSAT" in page


@pytest.mark.parametrize("width", [80, 100, 120])
def test_no_line_is_wider_than_the_page(width: int, printed: Printed) -> None:
    for show in (chosen(with_every_kpi(a_report())), render_catalogue):
        assert max(cell_len(line) for line in printed(show, width=width).splitlines()) <= width
