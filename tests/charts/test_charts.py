from __future__ import annotations

import re
from dataclasses import replace
from math import log10
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from report_figures import figures
from report_year import a_year
from reports import a_report, with_words

from kpiaudit.charts import heatmap, scales, trend
from kpiaudit.charts.bars import share_bar, stacked_bar
from kpiaudit.charts.canvas import Canvas
from kpiaudit.charts.gallery import charts_of, distributions_of, heat_of, trends_of
from kpiaudit.charts.markup import Markup, tag
from kpiaudit.charts.svg import WIDTH, standalone
from kpiaudit.views.shown import HoursOfWeek, Trend

if TYPE_CHECKING:
    from kpiaudit.report import Report

NUMBERS = st.floats(min_value=0, max_value=1e9, allow_nan=False).filter(
    lambda n: n == 0 or n > 1e-6
)


@given(one=NUMBERS, other=NUMBERS, most=st.integers(2, 9))
def test_ticks_enclose_their_values_in_steps_of_1_2_or_5(
    one: float, other: float, most: int
) -> None:
    low, high = sorted((one, other))
    found = scales.ticks(low, high, most)
    size = scales.step(high - low, most)
    assert found[0] <= low + size * 1e-6
    assert found[-1] >= high - size * 1e-6
    assert 2 <= len(found) <= most + 2
    power = 10 ** (log10(size) % 1)
    assert any(abs(power - digit) < 1e-6 for digit in (1, 2, 5, 10))


@pytest.mark.parametrize(
    ("low", "ticks"),
    [
        (0.93, (0.92, 0.94, 0.96, 0.98, 1.0)),
        (0.884, (0.85, 0.9, 0.95, 1.0)),
        (0.31, (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)),
        (1.0, (0.998, 1.0)),
    ],
)
def test_shares_end_at_a_hundred_per_cent(low: float, ticks: tuple[float, ...]) -> None:
    assert scales.share_ticks(low) == ticks


@given(low=st.floats(min_value=0, max_value=1))
def test_no_share_lies_under_its_axis(low: float) -> None:
    found = scales.share_ticks(low)
    assert found[0] <= low + 1e-9
    assert found[-1] == 1
    assert len(found) <= 7


@pytest.mark.parametrize(
    ("value", "place"),
    [(0, 0), (5, 0.5), (10, 1), (25, 1.75), (30, 2), (99, 2.5)],
)
def test_a_value_lies_between_its_edges(value: float, place: float) -> None:
    assert scales.place_between((0.0, 10.0, 30.0), value) == place


def test_an_hour_of_the_week_has_a_name() -> None:
    assert scales.hour_of_week(0) == "Monday 00:00 to 01:00"
    assert scales.hour_of_week(6 * 24 + 23) == "Sunday 23:00 to 24:00"


def trends() -> dict[str, Trend]:
    return {found.sla: found for found in a_report().views.trends}


def test_a_trend_says_how_often_the_goal_was_met_in_whole_periods() -> None:
    assert trend.finding(trends()["social-first-response"]) == (
        "The goal of 95% was met in 0 of 3 whole weeks; the lowest was 89.4% in the week of 9 Mar 2026, "
        "the latest 92.9% in the week of 16 Mar 2026."
    )
    assert trend.finding(trends()["resolution"]) == (
        "The goal of 80% was met in 0 of 20 whole days; the lowest was 33.3% on 9 Mar 2026, "
        "the latest 77.8% on 27 Mar 2026."
    )


def test_a_trend_of_partial_periods_says_so() -> None:
    social = trends()["social-first-response"]
    cut = replace(social, points=(social.points[0],))
    assert trend.finding(cut) == "The goal of 95% was met in 0 of 1 partial week, with 90.0%."
    assert trend.finding(trends()["voice-answer"]) == "Nothing was decided in any of its periods."


def test_a_trend_of_nothing_is_not_drawn() -> None:
    assert len(trends()) == 4
    assert len(trends_of(a_report())) == 3


def test_a_period_without_clocks_breaks_the_line() -> None:
    drawn = trend.draw(Canvas(200.0, 600.0), trends()["resolution"])
    lines = [line for line in drawn.split("<") if line.startswith("polyline")]
    assert [line.count(",") for line in lines] == [5, 5, 5, 6]


def test_what_misses_its_goal_is_a_ring() -> None:
    drawn = trend.draw(Canvas(200.0, 600.0), trends()["resolution"])
    assert drawn.count('class="dot under"') == 20
    assert drawn.count('class="dot"') == 1


def test_of_many_points_one_that_no_line_reaches_is_seen() -> None:
    found = a_year().views.trends[0]
    nothing = replace(found.points[0], figures=figures(0, 0))
    sparse = [nothing] * len(found.points)
    for place in (0, 100, 200, 201, 300):
        sparse[place] = replace(found.points[place], figures=figures(9, 1))
    drawn = trend.draw(Canvas(200.0, 600.0), replace(found, points=tuple(sparse)))
    assert drawn.count("<circle") == 3
    assert drawn.count("<polyline") == 1
    spark = trend.spark([1.0, None, 0.5, None, 0.2, 0.3], None, label="a line.")
    assert spark.count("<circle") == 3


def test_many_days_are_a_calendar_of_weeks() -> None:
    table = trend.table(a_year().views.trends[0])
    assert table.header == ("week of", *scales.DAYS)
    assert len(table.rows) == 53
    assert sum(bool(cell) for row in table.rows for cell in row[1:]) == 365


def test_a_distribution_counts_every_clock_once() -> None:
    social, email = distributions_of(a_report())
    assert social.table.rows == (
        ("up to 15m", "190"),
        ("over 15m, up to 30m", "111"),
        ("over 30m, up to 1h", "70"),
        ("over 1h, up to 2h", "14"),
        ("over 2h, up to 4h", "8"),
        ("over 4h, up to 24h", "6"),
        ("over 24h", "3"),
    )
    assert sum(int(count) for _, count in email.table.rows) == 1208


def test_a_distribution_says_how_many_kept_to_the_target() -> None:
    assert distributions_of(a_report())[0].finding == (
        "371 of 402 decided clocks kept to 1h; of the 393 that ended, half took up to 12m 06s and nine in "
        "ten up to 36m 16s."
    )


def test_bars_over_the_target_are_set_apart() -> None:
    drawn = distributions_of(a_report())[0].drawing(Canvas(200.0, 600.0))
    assert drawn.count('class="bar"') == 3
    assert drawn.count('class="bar over"') == 4
    assert ">target 1h<" in drawn


def test_a_map_has_all_168_hours_once() -> None:
    for chart in heat_of(a_report()):
        drawn = chart.drawing(Canvas(154.0))
        runs = re.findall(r"M(\d+) (\d)\.5h(\d+)", drawn)
        cells = [(int(day), int(h) + i) for h, day, n in runs for i in range(int(n))]
        week = [(day, hour) for day in range(7) for hour in range(24)]
        assert sorted(cells) == week, chart.title
        assert len(chart.table.rows) == 24


def week(**hours: int) -> tuple[int, ...]:
    """Nothing in 168 hours but what is named, as `h10=3`."""
    return tuple(hours.get(f"h{place}", 0) for place in range(168))


def test_a_map_says_which_hour_has_most() -> None:
    one = heatmap.finding(week(h10=3, h50=2), noun="breaches", is_mean=False)
    assert one == "The hour with most is Monday 10:00 to 11:00: 3 of 5 breaches."
    two = heatmap.finding(week(h34=3, h50=3), noun="answers", is_mean=False)
    assert two == (
        "No one hour stands out: at most 3 of 6 answers fall into one, first on Tuesday 10:00 to 11:00."
    )
    mean = heatmap.finding([*(0.5,) * 167, 6.75], noun="waiting", is_mean=True)
    assert mean == "Most are waiting on Sunday 23:00 to 24:00: 6.8 on average."


def test_a_map_of_breaches_says_how_far_the_goal_is_and_where_to_look() -> None:
    found = heat_of(a_report())[-1].finding
    assert found.endswith(
        " The goal asks for 11 fewer; the fewest hours that hold so many are Friday 15:00 to 16:00 (5), "
        "Friday 17:00 to 18:00 (5), Friday 19:00 to 20:00 (5)."
    )


def test_an_empty_map_is_no_map() -> None:
    assert heatmap.heat_charts(HoursOfWeek((0,) * 168, ())) == []


@given(most=st.floats(min_value=0.01, max_value=1e7))
def test_shades_begin_at_nothing_and_end_below_the_most(most: float) -> None:
    edges = heatmap.bounds(most, whole=False)
    assert edges[0] == 0
    assert list(edges) == sorted(set(edges))
    assert edges[-1] < most
    tones = [heatmap.tone(shade, len(edges)) for shade in range(len(edges) + 1)]
    assert len(set(tones)) == len(tones)
    assert tones[-1] == "h5"


@given(most=st.integers(min_value=1, max_value=10_000))
def test_shades_of_counts_begin_at_whole_numbers(most: int) -> None:
    assert all(edge.is_integer() for edge in heatmap.bounds(most, whole=True))


def test_a_single_breach_is_dark_and_the_legend_says_one() -> None:
    drawn = heatmap.draw(Canvas(154.0, 600.0), week(h5=1))
    assert drawn.count('class="h5"') == 2
    assert [f">{said}<" in drawn for said in ("0", "to 1", "to 0.2")] == [True, True, False]


def test_a_bar_is_as_long_as_its_share() -> None:
    assert 'width="88.3%"' in share_bar(0.883, 0.95, "fail")
    assert 'x1="95%"' in share_bar(0.883, 0.95, "fail")
    assert "<rect" not in share_bar(None, 0.95, "no_data")
    assert stacked_bar([("used", 0.0)]) == ""


def file_names(report: Report) -> list[str]:
    return [name for name, _ in charts_of(report)]


def test_every_chart_has_a_file_name_of_its_own() -> None:
    assert file_names(a_report()) == [
        "01-trend-social-first-response.svg",
        "02-trend-email-first-response.svg",
        "03-trend-resolution.svg",
        "04-distribution-social-first-response.svg",
        "05-distribution-email-first-response.svg",
        "06-demand.svg",
        "07-answers.svg",
        "08-backlog.svg",
        "09-breaches-social-first-response.svg",
    ]
    hostile = file_names(with_words(a_report(), "../../etc/passwd: \x00 "))
    assert all(set(name) <= set("abcdefghijklmnopqrstuvwxyz0123456789-.") for name in hostile)
    assert not [name for name in hostile if ".." in name]


def test_a_chart_in_a_file_is_xml_of_a_fixed_size_with_its_finding() -> None:
    for _, chart in charts_of(a_report()):
        root = ElementTree.fromstring(standalone(chart))  # noqa: S314
        assert root.get("width") == str(int(WIDTH))
        words = [element.text for element in root.iter("{http://www.w3.org/2000/svg}text")]
        assert chart.title in words
        assert any(word and chart.finding.startswith(word.rstrip("…")) for word in words)
        assert "var(" not in standalone(chart)
        assert "%;" not in standalone(chart)


@given(words=st.text(max_size=30))
@settings(max_examples=40)
def test_a_chart_of_any_text_is_xml(words: str) -> None:
    for _, chart in charts_of(with_words(a_report(), words)):
        ElementTree.fromstring(standalone(chart))  # noqa: S314


def test_what_is_no_markup_is_escaped_even_after_joining() -> None:
    bold = tag("b", "<i>")
    assert bold == "<b>&lt;i&gt;</b>"
    assert tag("p", bold) == "\n<p><b>&lt;i&gt;</b></p>"
    assert tag("p", bold + "") == "\n<p>&lt;b&gt;&amp;lt;i&amp;gt;&lt;/b&gt;</p>"
    assert tag("a", title='"&\u202e') == '<a title="&quot;&amp;\\u202e"></a>'
    assert isinstance(bold, Markup)


def test_the_charts_of_a_report_are_those_of_its_sections() -> None:
    report = a_report()
    parts = [*trends_of(report), *distributions_of(report), *heat_of(report)]
    assert [chart.title for _, chart in charts_of(report)] == [chart.title for chart in parts]
