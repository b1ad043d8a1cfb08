"""KPIs counted by period: a week on the whiteboard, and parts that sum to the whole."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from audits import report, sla, written
from builders import Row, calendar, canonical_csv, timeline
from published import assert_published

from kpiaudit.charts.scales import DAYS
from kpiaudit.cli.words import VIEWS
from kpiaudit.kpis.catalogue import LEADING, ON_SCREEN
from kpiaudit.renderers import json as as_json
from kpiaudit.renderers.ranking import leading

if TYPE_CHECKING:
    from kpiaudit.report import Report
    from kpiaudit.views.shown import KpiTrend, Period

ANSWER = sla("answer", "first_response", "1h")
WEEK = (
    ("a", "mon 09:00 in", "09:10 out Ana", "tue 11:00 rated rating=1.0"),
    ("b", "tue 10:00 in", "10:30 out Ana", "11:00 rated rating=0.2"),
    ("c", "tue 12:00 in", "13:30 out Ana"),
    ("d", "thu 09:00 in", "09:20 out Ana", "fri 08:00 in"),
    ("e", "fri 08:00 in"),
)
"""Monday and Friday are cut off; on Wednesday nothing happens."""


def told(
    folder: Path,
    *lines: tuple[str, ...],
    policy: str = ANSWER,
    period: Period | None = None,
    kpis: tuple[str, ...] = (),
) -> Report:
    rows: list[Row] = [row for name, *said in lines for row in timeline(name, *said)]
    request = written(folder, {"m.csv": canonical_csv(rows)}, policy)
    return report(replace(request, views=frozenset(VIEWS), period=period, kpis=kpis))


def trends(found: Report) -> dict[str, KpiTrend]:
    return {trend.kpi: trend for trend in found.views.kpi_trends}


def values(trend: KpiTrend) -> list[tuple[float | None, int]]:
    return [(point.value, point.n) for point in trend.points]


def test_every_figure_of_the_first_screen_is_told_day_by_day(tmp_path: Path) -> None:
    """Tuesday: answers after 30 and 90 minutes, one in time; ratings of 1.0 and 0.2, one of them good."""
    found = told(tmp_path, *WEEK)
    told_of = trends(found)
    assert list(told_of) == [kpi.kpi for kpi in leading(found)]
    assert values(told_of["adherence"]) == [(1.0, 1), (0.5, 2), (None, 0), (1.0, 1), (None, 0)]
    assert values(told_of["first_response"]) == [
        (600.0, 1), (3600.0, 2), (None, 0), (1200.0, 1), (None, 0),
    ]  # fmt: skip
    assert values(told_of["csat"]) == [(None, 0), (0.5, 2), (None, 0), (None, 0), (None, 0)]
    assert values(told_of["unanswered_rate"]) == [
        (0.0, 1), (0.0, 2), (None, 0), (0.0, 1), (1.0, 1),
    ]  # fmt: skip
    assert values(told_of["conversations"]) == [(1, 1), (2, 2), (0, 0), (1, 1), (1, 1)]
    assert values(told_of["inbound_messages"]) == [(1, 1), (2, 2), (0, 0), (1, 1), (2, 2)]
    for trend in told_of.values():
        assert [f"{point.start:%a}" for point in trend.points] == list(DAYS[:5])
        assert [point.is_partial for point in trend.points] == [True, False, False, False, True]


def test_a_month_is_found_by_its_name(tmp_path: Path) -> None:
    lines = (("a", "2026-03-10 09:00 in", "09:10 out"), ("b", "2026-05-10 09:00 in", "09:40 out"))
    found = trends(told(tmp_path, *lines, period="month"))
    assert values(found["first_response"]) == [(600.0, 1), (None, 0), (2400.0, 1)]
    assert values(found["conversations"]) == [(1, 1), (0, 0), (1, 1)]


def test_kpis_by_period_are_apart_from_those_of_the_report(tmp_path: Path) -> None:
    lines = [row for name, *said in WEEK for row in timeline(name, *said)]
    request = written(tmp_path, {"m.csv": canonical_csv(lines)}, ANSWER)
    assert report(request).kpis == report(replace(request, views=frozenset({"trend"}))).kpis
    assert report(request).views.kpi_trends == ()


def test_a_backlog_stays_what_it_was_when_nothing_changes(tmp_path: Path) -> None:
    """Two open on Monday, one solved on Tuesday; on Wednesday and Thursday a word about the other."""
    goal = '[[kpi_goal]]\nkpi = "backlog"\nat_most = "5"\n'
    found = told(
        tmp_path,
        ("a", "mon 09:00 in", "tue 09:00 status resolved"),
        ("b", "mon 10:00 in", "wed 10:00 out", "thu 10:00 in"),
        policy=ANSWER + goal.replace('"5"', "5"),
    )
    assert values(trends(found)["backlog"]) == [(2, 2), (1, 2), (1, 2), (1, 2)]


def test_active_hours_by_day_sum_to_those_of_the_whole(tmp_path: Path) -> None:
    """Open 09:00 to 12:00. Ana writes at 09:10 on Monday and 11:10 on Wednesday: 2 of 9 open hours."""
    policy = (
        sla("answer", "first_response", "1h", 'calendar = "desk"')
        + calendar("desk", "mon-fri 09:00-12:00")
        + '[value_proposition]\nstatement = "Cheap"\ncompetes_on = "cost"\n'
    )
    found = told(
        tmp_path,
        ("a", "mon 09:00 in", "09:10 out Ana", "09:20 note Ana"),
        ("b", "wed 11:00 in", "11:10 out Ana"),
        policy=policy,
        kpis=("active_hour_share",),
    )
    whole = next(kpi for kpi in found.kpis if kpi.kpi == "active_hour_share")
    assert whole.value == pytest.approx(2 / 9)
    parts = values(trends(found)["active_hour_share"])
    assert parts == [(1 / 3, 1), (0.0, 1), (1 / 3, 1)]


@pytest.mark.parametrize("competes_on", sorted(LEADING))
def test_of_what_is_counted_the_parts_sum_to_the_whole(tmp_path: Path, competes_on: str) -> None:
    proposition = f'[value_proposition]\nstatement = "S"\ncompetes_on = "{competes_on}"\n'
    found = told(tmp_path, *WEEK, policy=ANSWER + proposition)
    totals = {kpi.kpi: kpi.n for kpi in found.kpis if not kpi.by}
    told_of = trends(found)
    assert len(told_of) == ON_SCREEN
    for name, trend in told_of.items():
        assert sum(point.n for point in trend.points) == totals[name], name


def test_the_json_has_what_the_page_is_drawn_by(tmp_path: Path) -> None:
    document = assert_published("report", as_json.render(told(tmp_path, *WEEK)))
    first = document["views"]["kpi_trends"][1]
    assert (first["kpi"], first["unit"], first["period"]) == ("first_response", "seconds", "day")
    assert first["points"][1:3] == [
        {"start": "2026-03-03", "is_partial": False, "value": 3600, "n": 2},
        {"start": "2026-03-04", "is_partial": False, "value": None, "n": 0},
    ]
