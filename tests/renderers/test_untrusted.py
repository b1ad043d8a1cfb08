"""Whatever an export says, every renderer writes text: no control byte, no script element, no formula."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import TYPE_CHECKING
from xml.etree import ElementTree

import pytest
from attacks import ATTACKS
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from reports import a_report, with_words

from kpiaudit import renderers
from kpiaudit.renderers import json as as_json
from kpiaudit.renderers import terminal

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.report import Report

Printed = Callable[..., str]
ACTIVE = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff"
    "\U000e0000-\U000e0fff\ud800-\udfff]"
)
ELEMENTS = {"script", "iframe", "object", "embed", "base", "form", "link", "img", "audio", "video"}
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")  # noqa: RUF001


class Elements(HTMLParser):
    """The elements a browser would make of a page, and the attributes that could act."""

    def __init__(self, written: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.active: list[tuple[str, str | None]] = []
        self.feed(written)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.add(tag)
        self.active += [(n, v) for n, v in attrs if n.startswith("on") or n in {"srcdoc", "src"}]
        self.active += [
            (n, v) for n, v in attrs if n.endswith("href") and not (v or "").startswith("#")
        ]


def judge_html(written: str) -> None:
    page = Elements(written)
    assert not page.found & ELEMENTS
    assert not page.active


def judge_csv(written: str) -> None:
    for row in csv.reader(io.StringIO(written, newline="")):
        for cell in row:
            is_number = re.fullmatch(r"-?[0-9.]+(e-?[0-9]+)?", cell)
            assert is_number or not cell.startswith(FORMULA)


def judge_markdown(written: str) -> None:
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = [
        inner for token in reader.parse(written) for inner in (token, *(token.children or ()))
    ]
    assert not {"html_block", "html_inline", "link_open", "image"} & {t.type for t in tokens}


def judge_junit(written: str) -> None:
    tags = {found.tag for found in ElementTree.fromstring(written).iter()}  # noqa: S314  # our own
    assert not tags & ELEMENTS


def judge_github(written: str) -> None:
    assert all(
        re.match(r"::(error|warning|notice|group|endgroup)\b", line)
        for line in written.splitlines()
        if line.lstrip().startswith("::")
    )


JUDGES: dict[str, Callable[[str], None]] = {
    "csv": judge_csv,
    "github": judge_github,
    "html": judge_html,
    "junit": judge_junit,
    "md": judge_markdown,
}


def pages(report: Report, printed: Printed) -> dict[str, str]:
    """Everything that is written of a report as text, by kind."""

    def whole(console: Console) -> None:
        views = frozenset({"trend", "distribution", "staffing", "models"})
        terminal.render_report(report, console, top=9, verbose=True, views=views)

    kinds = sorted({*renderers.FILE_KINDS, *renderers.GATE_KINDS})
    return {
        **{kind: renderers.load(kind).render(report) for kind in kinds},
        "inspect.json": as_json.render_inspect(report),
        "terminal": printed(whole),
        "check": printed(lambda console: terminal.render_check(report, console)),
        "inspect": printed(lambda console: terminal.render_inspect(report, console)),
    }


def assert_nothing_acts(words: str, printed: Printed) -> None:
    written = pages(with_words(a_report(), words), printed)
    assert written.keys() >= JUDGES.keys()
    for kind, text in written.items():
        found = ACTIVE.search(text)
        assert not found, (kind, found)
        assert "\t" not in text or kind == "csv", kind
        if kind in JUDGES:
            JUDGES[kind](text)


@pytest.mark.parametrize("start", range(0, len(ATTACKS), 12))
def test_no_attack_acts_in_any_output(start: int, printed: Printed) -> None:
    assert_nothing_acts(" ".join(ATTACKS[start : start + 12]), printed)


@settings(max_examples=10, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(attack=st.sampled_from(ATTACKS), words=st.text(st.characters(), max_size=8))
def test_no_text_acts_in_any_output(attack: str, words: str, printed: Printed) -> None:
    assert_nothing_acts(attack + words, printed)


def test_the_judges_know_an_attack_when_they_see_one() -> None:
    with pytest.raises(AssertionError):
        judge_html("<p><script>alert(1)</script>")
    with pytest.raises(AssertionError):
        judge_html("<a href='javascript:alert(1)'>x</a>")
    with pytest.raises(AssertionError):
        judge_csv("a,=1+1\n")
    with pytest.raises(AssertionError):
        judge_markdown("[x](http://evil.example)")
    with pytest.raises(AssertionError):
        judge_github("::stop-commands::x")
    assert ACTIVE.search("a\x1bb")
    assert ACTIVE.search("a\u202eb")
