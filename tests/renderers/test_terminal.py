from __future__ import annotations

import io
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from conftest import TERMINAL
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from report_figures import figures
from reports import a_quiet_report, a_report, with_words
from rich.cells import cell_len

from kpiaudit.renderers import terminal
from kpiaudit.renderers.terminal.screen import shortened

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.report import Report

Golden = Callable[[str, str | bytes], None]
Printed = Callable[..., str]

SGR = re.compile(r"\x1b\[[0-9;]*m")
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
SOURCES = [
    ("twitter_twcs", "Customer Support on Twitter, the Kaggle layout", "Twitter", True),
    ("kpiaudit_messages", "canonical messages: CSV, NDJSON or Parquet", "kpiaudit", False),
]


def whole(report: Report, *, top: int = 4, verbose: bool = False) -> Callable[[Console], None]:
    return lambda console: terminal.render_report(report, console, top=top, verbose=verbose)


def check(report: Report) -> Callable[[Console], None]:
    return lambda console: terminal.render_check(report, console)


def inspect(report: Report) -> Callable[[Console], None]:
    return lambda console: terminal.render_inspect(report, console)


@pytest.mark.parametrize(
    ("name", "show", "options"),
    [
        ("report.80.txt", whole(a_report()), {}),
        ("report.120.txt", whole(a_report()), {"width": 120}),
        ("report.80.ansi", whole(a_report()), {"color": True}),
        ("report.80.ascii.txt", whole(a_report()), {"encoding": "ascii"}),
        ("report.verbose.txt", whole(a_report(), verbose=True), {}),
        ("report.nothing.txt", whole(a_quiet_report()), {}),
        ("check.txt", check(a_report()), {}),
        ("check.nothing.txt", check(a_quiet_report()), {}),
        ("inspect.txt", inspect(a_report()), {}),
        ("sources.txt", lambda console: terminal.render_sources(SOURCES, console), {}),
    ],
)
def test_the_page_is_the_golden_one(
    name: str,
    show: Callable[[Console], None],
    options: dict[str, object],
    printed: Printed,
    golden: Golden,
) -> None:
    golden(f"renderers/{name}", printed(show, **options))


@pytest.mark.parametrize("width", [80, 100, 120, 200])
def test_no_line_is_wider_than_the_page_nor_ends_in_blanks(
    width: int, report: Report, printed: Printed
) -> None:
    for show in (whole(report), check(report), inspect(report)):
        for line in printed(show, width=width).splitlines():
            assert cell_len(line) <= min(width, 120)
            assert line == line.rstrip()


@pytest.mark.parametrize("width", [40, 80, 120])
def test_no_number_is_cut_or_wrapped_however_large(
    width: int, report: Report, printed: Printed
) -> None:
    huge = figures(2_345_670, 1_234_567, still_open=456_789, at_risk=98_765, median=350_000)
    sla = replace(report.slas[0], figures=huge, groups=())
    groups = tuple(replace(group, figures=huge) for group in report.slas[0].groups)
    shown = replace(report, slas=(replace(sla, groups=groups),))
    text = printed(whole(shown, top=10), width=width)
    for number in ("2,345,670", "1,234,567", "456,789", "98,765", "65.5%", "97h 14m"):
        assert text.count(number) == 1 + len(groups), number


def test_colour_is_all_that_differs_between_colour_and_none(
    report: Report, printed: Printed
) -> None:
    plain = printed(whole(report))
    colored = printed(whole(report), color=True)
    assert "\x1b" not in plain
    assert colored != plain
    assert [x.rstrip() for x in SGR.sub("", colored).splitlines()] == plain.splitlines()


def test_ascii_is_enough_where_the_encoding_has_no_more(report: Report, printed: Printed) -> None:
    text = printed(whole(report, top=10), width=120, encoding="ascii")
    assert "x Promise not kept" in text
    assert r"Sigur\xf0ard\xf3ttir" in text
    latin = printed(whole(report, top=10), width=120, encoding="latin-1")
    assert "Sigurðardóttir" in latin


def test_unassigned_is_shown_whatever_the_limit(report: Report, printed: Printed) -> None:
    text = printed(whole(report, top=0))
    assert text.count("(unassigned)") == 2
    assert "… 5 more" in text


def test_groups_come_worst_first(report: Report, printed: Printed) -> None:
    text = printed(whole(report, top=10))
    agents = text[text.index("by agent") : text.index("email-first-response by group")]
    names = ["(unassigned)", "Chidi", "Emil", "Ben Okonkwo", "Dagny", "Ana"]
    assert sorted(names, key=agents.index) == names


def test_the_default_promise_says_how_to_write_ones_own(printed: Printed) -> None:
    text = printed(whole(a_quiet_report()))
    assert "the default promise is judged" in text
    assert "[[sla]]" in text


def test_a_failing_gate_inside_an_sla_has_its_own_line(report: Report, printed: Printed) -> None:
    lines = printed(check(report)).splitlines()
    assert [line for line in lines if "team Night Desk" in line and "FAIL" in line]
    assert not [line for line in lines if "Day Desk" in line]
    assert lines[-1] == "exit 1: a goal was missed"


def test_sums_that_do_not_hold_are_cried_out(report: Report, printed: Printed) -> None:
    broken = replace(report, integrity=replace(report.integrity, holds=False, is_complete=False))
    text = printed(inspect(broken))
    assert "the sums do not hold" in text
    assert "incomplete" in text


def test_markup_in_a_name_is_only_text(report: Report, printed: Printed) -> None:
    text = printed(whole(with_words(report, "[bold]:smile: 1")))
    assert "[bold]:smile: 1" in text


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(words=st.text(st.characters(), max_size=12), color=st.booleans())
def test_nothing_untrusted_acts_on_the_terminal(words: str, color: bool, printed: Printed) -> None:
    hostile = with_words(a_report(), f"\x1b]0;{words}\u202e\r\x9b")
    for show in (whole(hostile), check(hostile), inspect(hostile)):
        text = printed(show, color=color, encoding="utf-8")
        assert not FORBIDDEN.search(SGR.sub("", text))


def test_colour_can_be_refused_and_forced(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in TERMINAL:
        monkeypatch.delenv(name, raising=False)
    assert terminal.open_console(io.StringIO()).is_terminal is False
    assert terminal.open_console(io.StringIO(), color=False).no_color
    assert terminal.open_console(io.StringIO(), color=True).is_terminal


LONG = "exports/very_long_and_telling_name_of_an_export_of_tickets_2026-09-27_part_12.csv"


def test_a_long_name_is_shortened_in_its_middle_and_whole_where_verbose(printed: Printed) -> None:
    found = a_report()
    exports = (replace(found.exports[0], path=LONG), *found.exports[1:])
    rejects = tuple(replace(reject, export=LONG) for reject in found.rejects)
    named = replace(found, exports=exports, rejects=rejects)
    page = printed(whole(named))
    assert re.search(r"^  exports/very_lo\S*…\S*_part_12\.csv ", page, re.MULTILINE)
    assert re.search(r"^  exports/very\S*…\S*12\.csv:118 ", page, re.MULTILINE)
    page = printed(whole(named, verbose=True), width=120)
    assert "exports/very_long_and_telling_name" in page
    assert not re.search(r"exports/\S*…", page)


@given(st.text(max_size=60), st.integers(3, 60), st.sampled_from(["…", "..."]))
def test_what_is_shortened_fits_and_keeps_its_ends(words: str, width: int, more: str) -> None:
    shown = shortened(words, width, more)
    assert cell_len(shown) <= max(width, 2 + len(more))
    if cell_len(words) <= width:
        assert shown == words
    else:
        head, found, tail = shown.rpartition(more) if more in shown else ("", "", shown)
        assert found
        assert words.startswith(head.removesuffix(more))
        assert words.endswith(tail)


def test_both_ends_of_what_is_shortened_are_as_long() -> None:
    assert shortened("tickets_2026-09-27.csv", 11, "…") == "ticke…7.csv"
    assert shortened("tickets_2026-09-27.csv", 12, "...") == "ticke....csv"
    assert shortened("客户客户客户客户.csv", 10, "…") == "客户….csv"
    assert shortened("tickets.csv", 11, "…") == "tickets.csv"


def test_the_files_with_most_messages_are_listed_and_those_with_rejects(printed: Printed) -> None:
    found = a_report()
    whole_file = replace(found.exports[0], rejects=0, reject_rules={}, problems=())
    exports = tuple(
        replace(whole_file, path=f"{name}.csv", messages=messages, rejects=rejects)
        for name, messages, rejects in (("a", 0, 0), ("b", 5, 0), ("c", 0, 1), ("d", 9, 0))
    )
    page = printed(whole(replace(found, exports=exports), top=2))
    read = page[page.index("What was read") : page.index("1 more file")]
    assert re.findall(r"^  (\w)\.csv", read, re.MULTILINE) == ["b", "c", "d"]
