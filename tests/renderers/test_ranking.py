"""What comes first: the worst group, but hours, days and months as the calendar has them."""

from __future__ import annotations

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from report_figures import figures
from reports import a_report
from rich.console import Console

from kpiaudit.drafting.drafted import Kept, Mapped
from kpiaudit.renderers import markdown
from kpiaudit.renderers.ranking import largest, shown_of, worst_first
from kpiaudit.renderers.starter import Answers, starter
from kpiaudit.renderers.terminal.kpis import show_kpis
from kpiaudit.renderers.terminal.screen import screen_for
from kpiaudit.report import Group, KpiResult

if TYPE_CHECKING:
    from _collections_abc import dict_values


def test_the_worst_weekdays_are_picked_and_told_from_monday_on() -> None:
    met = {"Wed": 9, "Sun": 1, "Mon": 5}
    groups = [Group({"weekday": day}, figures(count, 10 - count)) for day, count in met.items()]
    assert [g.by["weekday"] for g in worst_first(groups)] == ["Sun", "Mon", "Wed"]
    assert [g.by["weekday"] for g in shown_of(worst_first(groups), 2)] == ["Mon", "Sun"]


def test_a_first_policy_leaves_out_what_nobody_would_promise() -> None:
    long, usual = timedelta(days=730), timedelta(hours=4)
    kept = [
        Kept(channel, "first_response", 9, target, 1.0, target)
        for channel, target in (("review", long), ("email", usual))
    ]
    text = starter(None, Mapped(), kept, Answers("UTC", False, 0.9))
    assert 'name = "review-first-response"' in text
    assert '\nname = "email-first-response"' in text
    assert '\nname = "review-first-response"' not in text


class Visited(dict[str, str]):
    """The names of a group, counting how often they are asked for."""

    asked = 0

    def values(self) -> dict_values[str, str]:
        Visited.asked += 1
        return super().values()


def agents_by_day(days: int) -> list[KpiResult]:
    """Two KPIs of nobody and two agents on each day: every day nobody counts 1, Ana 2, Ben as many as its place."""
    counts: dict[str, Callable[[int], int]] = {
        "(unassigned)": lambda _: 1,
        "Ana": lambda _: 2,
        "Ben": lambda day: 3 + day,
    }
    return [
        KpiResult(kpi, kpi, 0.5, "share", count(day), by=Visited(agent=agent, day=f"2026-{day:03}"))
        for kpi in ("one", "other")
        for agent, count in counts.items()
        for day in range(days)
    ]


def asked_over(days: int, show: Callable[[list[KpiResult]], object]) -> int:
    kpis = agents_by_day(days)
    Visited.asked = 0
    show(kpis)
    return Visited.asked


def on_screen(kpis: list[KpiResult]) -> str:
    console = Console(file=io.StringIO(), width=100)
    show_kpis(
        screen_for(console), replace(a_report(), kpis=tuple(kpis)), chosen={"one", "other"}, top=3
    )
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


def as_page(kpis: list[KpiResult]) -> str:
    return markdown.render(replace(a_report(), kpis=tuple(kpis)))


@pytest.mark.parametrize("show", [on_screen, as_page])
def test_ten_times_the_groups_are_looked_at_ten_times_as_often(
    show: Callable[[list[KpiResult]], str],
) -> None:
    assert asked_over(500, show) < 11 * asked_over(50, show)


def test_of_crossed_groups_the_largest_are_shown_in_their_order_with_one_of_nobody() -> None:
    shown, count = largest(agents_by_day(20), 3)
    assert shown == [
        ("(unassigned)", "2026-000"),
        *(("Ben", f"2026-{day:03}") for day in (17, 18, 19)),
    ]
    assert count == 60


def test_of_crossed_groups_the_worst_are_shown_with_one_of_nobody() -> None:
    """Each day Ana met nothing of 9, nobody 1 of 10."""
    groups = [
        Group({"agent": agent, "day": f"2026-{day:03}"}, figures(met, 9))
        for day in range(30)
        for agent, met in (("(unassigned)", 1), ("Ana", 0))
    ]
    shown = shown_of(worst_first(groups), 4)
    assert [tuple(one.by.values()) for one in shown] == [
        ("(unassigned)", "2026-000"),
        *(("Ana", f"2026-{day:03}") for day in range(4)),
    ]


def test_a_page_holds_the_largest_groups_and_counts_the_rest() -> None:
    page = as_page(agents_by_day(20))
    assert page.count("agent Ben, day 2026-") == 2 * 20
    assert page.count("agent (unassigned), day 2026-") == 2
    assert "39 more by agent and day" in page
