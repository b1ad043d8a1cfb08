from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from report_figures import figures
from reports import a_report

from kpiaudit.renderers import measures
from kpiaudit.report import KpiResult, Trend, TrendPoint

SHARES = st.lists(st.none() | st.floats(0, 1), max_size=60)


@pytest.mark.parametrize(
    ("value", "unit", "shown"),
    [
        (0.9499, "share", "94.9%"),
        (-0.0137, "points", "-1.4 points"),
        (0.5, "points", "50.0 points"),
        (-0.0001, "points", "0.0 points"),
        (3412.75, "seconds", "56m 53s"),
        (-90.0, "seconds", "-1m 30s"),
        (1629.0, "count", "1,629"),
        (12.5, "count", "12.5"),
        (2.7624, "ratio", "2.76"),
        (3.4, "money", "3.40"),
    ],
)
def test_a_value_is_shown_in_its_unit(value: float, unit: str, shown: str) -> None:
    assert measures.amount(value, unit, 0.95) == shown


@pytest.mark.parametrize(
    ("value", "unit", "goal", "is_floor", "shown"),
    [
        (2.996, "ratio", 3.0, True, "2.996"),
        (3.0, "ratio", 3.0, True, "3.00"),
        (3.004, "ratio", 3.0, False, "3.004"),
        (2.996, "ratio", 3.0, False, "3.00"),
        (11.96, "count", 12.0, True, "11.96"),
        (2_811_774.0, "count", 2_811_775.0, True, "2,811,774"),
    ],
)
def test_a_number_is_not_rounded_across_its_goal(
    value: float, unit: str, goal: float, is_floor: bool, shown: str
) -> None:
    assert measures.amount(value, unit, goal, is_floor=is_floor) == shown


@pytest.mark.parametrize(
    ("bound", "unit", "shown"),
    [(0.25, "share", "25%"), (604_800, "seconds", "7d"), (1_234_567.0, "count", "1,234,567")],
)
def test_a_bound_is_shown_as_it_was_written(bound: float, unit: str, shown: str) -> None:
    assert measures.bound(bound, unit) == shown


def test_what_stands_beside_a_kpi_is_in_its_own_unit() -> None:
    def told(unit: str, **beside: float | None) -> str:
        return measures.beside(KpiResult("x", "X", 0.5, unit, 40, beside=beside))

    assert told("share", numerator=12, neutral_share=0.25) == "12 of 40, neutral 25.0%"
    assert told("score", improved=3, worsened=0) == "improved 3, worsened 0"
    assert told("seconds", share=0.5) == "share 50.0%"
    assert told("count", **{"0-1d": 2, "30d+": None}) == "0-1d 2"
    assert told("ratio", numerator=1721) == "1,721 in all"
    assert told("money", cost=21.5) == "cost 21.50"
    assert (
        told("ratio", active_hours=6.5, response_rate=0.1)
        == "active hours 6.50, response rate 10.0%"
    )


def test_a_goal_says_which_side_is_right() -> None:
    goals = {kpi.kpi: measures.goal_of(kpi) for kpi in a_report().kpis if not kpi.by}
    assert goals["deflection_rate"] == "at least 25%"
    assert goals["average_response"] == "at most 2h"
    assert goals["conversations"] == ""


def test_a_spark_line_rises_from_the_lowest_to_the_highest() -> None:
    assert measures.spark([0.1, 0.2, None, 0.8]) == "▁▂·█"
    assert measures.spark([0.0, 0.5, 1.0], levels="_-#") == "_-#"
    assert measures.spark([0.5, 0.5]) == "██"
    assert measures.spark([None]) == ""


@given(SHARES)
def test_a_spark_line_keeps_the_order_of_its_shares(shares: list[float | None]) -> None:
    line = measures.spark(shares)
    known = [share for share in shares if share is not None]
    assert len(line) == (len(shares) if known else 0)
    drawn = sorted(
        (share, measures.LEVELS.index(level))
        for share, level in zip(shares, line, strict=False)
        if share is not None
    )
    assert [level for _, level in drawn] == sorted(level for _, level in drawn)


def test_a_long_trend_tells_of_its_last_periods() -> None:
    points = tuple(
        TrendPoint(date(2026, 1, 1) + timedelta(days=place), False, figures(9, place % 2))
        for place in range(40)
    )
    told = measures.trend_line(Trend("x", "day", 0.95, points))
    assert told.endswith("█▁ 90.0% to 100.0% in the last 26 days")
    empty = replace(points[0], figures=figures(0, 0))
    assert measures.trend_line(Trend("x", "day", 0.95, (empty,))) == ""
