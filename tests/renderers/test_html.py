from __future__ import annotations

import re
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cache
from hashlib import sha256
from html.parser import HTMLParser
from itertools import pairwise

import pytest
from attacks import ATTACKS
from hypothesis import given, settings
from hypothesis import strategies as st
from report_year import a_year
from reports import a_quiet_report, a_report, with_words

from kpiaudit.charts.markup import VOID
from kpiaudit.charts.trend import spark
from kpiaudit.kpis.catalogue import KPIS
from kpiaudit.renderers import html
from kpiaudit.renderers.html.cover import six
from kpiaudit.renderers.html.elements import DASH
from kpiaudit.renderers.html.style import sheet
from kpiaudit.renderers.ranking import leading
from kpiaudit.report import KpiResult, Report, Views

Golden = Callable[[str, str | bytes], None]

UNCLOSED = {"dd", "dt", "li", "td", "th", "tr"}


@dataclass
class Page(HTMLParser):
    """What a parser that knows nothing of us finds in a page."""

    elements: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    words: list[tuple[str, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID and tag not in UNCLOSED:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.wrong.append(tag)

    def handle_data(self, data: str) -> None:
        self.words.append((self.open[-1] if self.open else "", data))

    def handle_comment(self, data: str) -> None:
        self.wrong.append(data)

    def named(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def text(self) -> str:
        words = "".join(data for parent, data in self.words if parent != "style")
        return words.replace("\N{NO-BREAK SPACE}", " ")


def read(written: str) -> Page:
    page = Page()
    page.feed(written)
    page.close()
    assert not page.wrong
    assert not page.open
    return page


def anchors(page: Page) -> list[str | None]:
    return [section["id"] for section in page.named("section")]


def shape(page: Page) -> list[tuple[str, tuple[str, ...]]]:
    """Elements and the names of their attributes: what no text may change."""
    return [(tag, tuple(attributes)) for tag, attributes in page.elements]


@cache
def plain_shape() -> list[tuple[str, tuple[str, ...]]]:
    return shape(read(html.render(with_words(a_report(), "plain words"))))


def test_the_page_is_what_it_was(golden: Golden) -> None:
    golden("renderers/report.html", html.render(a_report()))


def test_a_report_with_nothing_to_judge_is_a_page_too(golden: Golden) -> None:
    golden("renderers/report.nothing.html", html.render(a_quiet_report()))


def test_every_element_that_must_be_closed_is() -> None:
    assert len(read(html.render(a_report())).elements) > 500


@pytest.mark.parametrize("attack", ATTACKS)
def test_no_text_is_more_than_text(attack: str) -> None:
    page = read(html.render(with_words(a_report(), attack)))
    assert shape(page) == plain_shape()


@given(words=st.text(max_size=40))
@settings(max_examples=40)
def test_any_text_adds_no_element_and_no_control_byte(words: str) -> None:
    written = html.render(with_words(a_report(), words))
    page = read(written)
    assert {name for name, _ in page.elements} <= SAFE
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", written)
    marks = re.sub(r"<style>.*?</style>", "", written, flags=re.DOTALL)
    assert marks.count("<") == marks.count(">")
    assert not [a for _, attributes in page.elements for a in attributes if a.startswith("on")]


SAFE = {
    "a", "b", "body", "br", "caption", "circle", "code", "dd", "details", "div", "dl", "dt", "figcaption",
    "figure", "footer", "g", "h1", "h2", "h3", "head", "header", "html", "li", "line", "main", "meta", "nav",
    "ol", "p", "path", "polyline", "rect", "section", "span", "strong", "style", "summary", "svg", "table",
    "tbody", "td", "text", "th", "thead", "title", "tr", "ul",
}  # fmt: skip
"""No script, nothing that loads, no form."""


def test_every_address_is_a_place_in_the_page() -> None:
    page = read(html.render(a_report()))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for attributes in page.named("a")]
    assert {f"#{name}" for name in ids} >= set(links)
    loading = {"src", "srcset", "action", "formaction", "data", "poster", "xlink:href", "style"}
    assert not [a for _, attributes in page.elements for a in loading & attributes.keys()]
    assert "//" not in html.render(a_report())


def test_the_policy_of_the_page_allows_its_own_style_and_nothing_else() -> None:
    written = html.render(a_report())
    style = re.search(r"<style>(.*?)</style>", written, re.DOTALL)
    assert style
    digest = b64encode(sha256(style[1].encode()).digest()).decode()
    policy = next(
        meta["content"]
        for meta in read(written).named("meta")
        if meta.get("http-equiv") == "Content-Security-Policy"
    )
    assert policy == (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    assert "url(" not in style[1]
    assert "@import" not in style[1]


def test_the_first_screen_has_the_promise_the_verdict_and_six_figures() -> None:
    page = html.render(a_report())
    head = page[page.index("<header") : page.index("</header>")] + "</header>"
    words = read(head).text()
    assert "Every social post gets a human answer within one hour" in words
    assert "Promise not kept 2 of 5 SLAs and 1 of 3 KPI goals missed, 1 without data" in words
    assert head.count('class="name"') == 6
    assert "goal 95% · 371 within 1h · n = 402" in words
    assert "92.9% in the week of 16 Mar, up from 89.4% the week before" in words
    assert "3 of those begun in the week of 16 Mar, down from 5 the week before" in words
    assert "92.3% in the week of 16 Mar, none the week before" in words
    assert head.index("Satisfied customers") < head.index("Conversations that ended without")


@pytest.mark.parametrize("report", [a_report(), a_quiet_report(), a_year()])
def test_there_are_always_six_figures(report: Report) -> None:
    head = html.render(report).partition("</header>")[0]
    assert head.count('class="name"') == 6


def test_each_of_the_six_has_a_line_that_says_what_it_shows() -> None:
    """Of five weeks the first and the last are cut off; nobody rated in the middle one."""
    page = read(html.render(a_report()))
    lines = [str(svg["aria-label"]) for svg in page.named("svg") if svg.get("class") == "spark"]
    assert lines[0] == (
        "Adherence, social-first-response by week, over 3 whole weeks: lowest 89.4% in the week of 9 Mar, "
        "highest 94.2% in the week of 2 Mar; dashed where weeks are cut off by an end of the data."
    )
    assert lines[3] == (
        "Satisfied customers by week, over 3 whole weeks: lowest 92.0% in the week of 2 Mar, highest 92.3% "
        "in the week of 16 Mar; 1 week without a value; dashed where weeks are cut off by an end of the data."
    )
    assert len(lines) == 6


def test_a_gap_in_a_figure_is_a_gap_in_its_line() -> None:
    """Five weeks, the third without a value: two lines of two points, both dashed at the cut week."""
    satisfied = six(a_report())[3]
    assert satisfied.course is not None
    assert satisfied.course.values[2] is None
    drawn = spark(satisfied.course.values, None, label="a line.", partial=satisfied.course.partial)
    assert drawn.count('class="line cut"') == 2
    assert drawn.count('class="line"') == 0


def test_the_numbers_of_the_six_stand_below_with_their_n() -> None:
    page = html.render(a_report())
    table = page[page.index('class="numbers"') : page.index("</header>")]
    assert "2026-02-23 (partial)" in table
    body = table.partition("<tbody>")[2].partition("</tbody>")[0]
    rows = [read(f"<tr>{row}").text() for row in body.split("<tr>")[1:]]
    assert rows[2].startswith("2026-03-0989.4%, n 11316m 52s, n ")
    assert f"{DASH}1h 07m, n 70013.2%, n 455" in rows[2]


def test_sections_stand_in_the_order_a_reader_asks_for_them() -> None:
    assert anchors(read(html.render(a_report()))) == [
        "slas", "trend", "waits", "week", "channels", "teams", "agents", "models", "breaches", "kpis",
        "quality", "definitions", "evidence",
    ]  # fmt: skip


def test_a_section_without_values_is_left_out_with_its_link() -> None:
    bare = replace(a_report(), views=Views(), kpis=(), models=(), breaches=(), definitions={})
    page = read(html.render(bare))
    assert anchors(page) == ["slas", "channels", "teams", "agents", "quality", "evidence"]
    assert [a["href"] for a in page.named("a")][1:] == [f"#{name}" for name in anchors(page)]


def test_every_heading_is_one_level_below_the_last_at_most() -> None:
    levels = [int(name[1]) for name, _ in read(html.render(a_report())).elements
              if re.fullmatch(r"h[1-6]", name)]  # fmt: skip
    assert levels.count(1) == 1
    assert levels[0] == 1
    assert all(later - earlier <= 1 for earlier, later in pairwise(levels))


def test_every_header_of_a_table_says_what_it_heads() -> None:
    page = read(html.render(a_report()))
    assert {th.get("scope") for th in page.named("th")} == {"col", "row"}
    assert len(page.named("caption")) == len(page.named("table"))


def test_every_chart_has_a_sentence_and_its_numbers() -> None:
    page = read(html.render(a_report()))
    charts = [svg for svg in page.named("svg") if svg.get("role") == "img"]
    large = [svg for svg in charts if svg["class"] != "spark"]
    assert len(large) == len(page.named("figure")) == len(page.named("details")) - 2 == 9
    assert Counter(str(svg["class"]) for svg in charts if svg not in large) == {"spark": 6}
    assert all(str(svg["aria-label"]).endswith(".") for svg in charts)
    silent = [svg for svg in page.named("svg") if svg.get("role") != "img" and "class" in svg]
    assert silent
    assert {svg.get("aria-hidden") for svg in silent} == {"true"}


def test_a_state_is_never_a_colour_alone() -> None:
    written = html.render(a_report())
    for state, words in (
        ("pass", {"met", "confirmed", "the sums hold"}),
        ("fail", {"missed", "refuted"}),
    ):
        said = re.findall(rf'class="state {state}"><span[^>]*>[✓✗]</span>([^<]*)<', written)
        assert said
        assert set(said) <= words


def test_a_breach_is_told_with_its_clock_and_its_two_rows() -> None:
    told = read(html.render(a_report())).text()
    assert (
        "The clock for first response began on Sat 7 Mar 2026, 23:41:30; with 1h allowed it was due on "
        "Mon 9 Mar 2026, 10:00. The answer came on Mon 9 Mar 2026, 11:00:00. 1d 12h passed, of which the "
        "calendar “support” counts 2h 01m."
    ) in told
    assert (
        "began with twitter/twcs_2026-03.csv:1804, stopped by twitter/twcs_2026-03.csv:1911" in told
    )
    assert "No resolution has come. It ran around the clock: 26d 10h." in told


def test_a_breach_is_told_span_by_span_and_they_sum_to_its_figure() -> None:
    """Saturday 23:41:30 in Berlin to Monday 11:00:00.25: 2h and 0.25 s of 35:18:30.25 counted."""
    page = html.render(a_report())
    body = (
        page[page.index('<table class="spans">') :].partition("<tbody>")[2].partition("</tbody>")[0]
    )
    rows = [read(f"<tr>{row}").text().strip() for row in body.split("<tr>")[1:]]
    assert rows == [
        "Sat 7 Mar, 23:41:30outside hours0:18:300:00:00",
        "Sun 8 Mar, 00:00holiday: International Women's Day24:00:000:00:00",
        "Mon 9 Mar, 00:00outside hours9:00:000:00:00",
        "Mon 9 Mar, 09:00ticking1:00:001:00:00",
        "Mon 9 Mar, 10:00due: 1h used up",
        "Mon 9 Mar, 10:00ticking1:00:00.251:00:00.25",
        "in all35:18:30.252:00:00.25",
    ]
    said = "9h 19m outside hours; 24h 00m holiday (International Women's Day); 2h 01m ticking, 1h 01m of it over"
    assert said in read(page).text()
    assert page.count('<table class="spans">') == 1


def test_a_clock_the_definitions_count_otherwise_still_sums_to_its_figure() -> None:
    report = a_report()
    longer = replace(report.breaches[1], elapsed_seconds=3 * 3600.0)
    told = read(
        html.render(replace(report, breaches=(report.breaches[0], longer, *report.breaches[2:])))
    )
    assert "counted otherwise by the definitions in force+0:59:59.75" in told.text().replace(
        "\n", ""
    )
    assert "35:18:30.253:00:00" in told.text()


def test_the_rows_add_up_before_the_readers_eyes() -> None:
    told = read(html.render(a_report())).text()
    assert "10,471 rows = 10,362 used + 8 duplicates + 98 skipped + 3 rejects" in told
    assert "the sums hold" in told
    broken = replace(a_report(), integrity=replace(a_report().integrity, holds=False))
    assert "do not add up" in read(html.render(broken)).text()


def test_what_is_cut_is_counted() -> None:
    report = a_year()
    told = read(html.render(report)).text()
    agents = sum("agent" in group.by for group in report.slas[0].groups)
    assert agents == 56
    assert f"{agents - 20:,} more, none of them worse, are in the CSV" in told


def test_a_year_stays_under_300_kilobytes() -> None:
    assert len(html.render(a_year()).encode()) < 300_000


def test_rendering_twice_gives_the_same_bytes() -> None:
    assert html.render(a_report()) == html.render(a_report())


def test_no_rule_for_the_page_sizes_a_shape_of_a_chart() -> None:
    shapes = {"bar", "over", "dot", "under", "line", "grid", "axis", "goal", "value", "tick"}
    for selectors, rules in re.findall(r"([^{}]+)\{([^{}]*)\}", sheet()):
        for selector in selectors.split(","):
            last = selector.split()[-1] if selector.split() else ""
            if last.startswith(".") and set(last[1:].split(".")) & shapes:
                assert "width" not in rules.replace("stroke-width", ""), selector


def test_of_many_exports_those_used_whole_are_folded_away() -> None:
    report = a_report()
    whole = replace(report.exports[1], path="whole.json", used=5211, rejects=0)
    page = html.render(replace(report, exports=(*report.exports, *(whole,) * 10)))
    shown, _, folded = page[page.index(">Exports<") : page.index(">Clocks<")].partition("<details>")
    assert shown.count('class="name">twitter/twcs_2026-03.csv') == 1
    assert "whole.json" not in shown
    assert folded.count('class="name">whole.json') == 10
    few = html.render(replace(report, exports=(*report.exports, whole)))
    assert "<details>" not in few[few.index(">Exports<") : few.index(">Clocks<")]


def test_what_a_model_claims_is_confirmed_refuted_or_for_the_record() -> None:
    page = html.render(a_report())
    told = read(
        page[page.index('<section id="models"') : page.index('<section id="breaches"')]
    ).text()
    assert "refutedDesignated share: a designated team doing 38 % of its replies on e-mail" in told
    assert "62.0% n = 1,890" in told
    assert "for the recordReplies per active hour: 7.4 replies in an active hour" in told
    assert "confirmedAdherence: 99.9 % kept, the best of three teams" in told
    assert "not computableContainment: no bot is named in [us].bots" in told


def test_what_lies_under_nothing_has_a_minus_sign() -> None:
    told = read(html.render(a_report())).text()
    assert "Sentiment, last less first message\N{MINUS SIGN}0.12" in told.replace("\n", "")


def test_the_kpis_of_the_first_screen_are_those_of_the_terminal() -> None:
    kpis = tuple(KpiResult(kpi.id, kpi.title, 0.5, kpi.unit, 10) for kpi in reversed(KPIS))
    report = replace(a_report(), kpis=kpis)
    told = [figure.name for figure in six(report)][3:]
    led = [kpi.title for kpi in leading(report) if kpi.kpi not in {"adherence", "first_response"}]
    assert told == led[:3]
