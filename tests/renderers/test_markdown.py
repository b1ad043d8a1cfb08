from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from attacks import ATTACKS
from hypothesis import given, settings
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from report_figures import group
from reports import a_quiet_report, a_report, with_words

from kpiaudit.renderers import markdown as renderer
from kpiaudit.report import CategoryHits

if TYPE_CHECKING:
    from markdown_it.token import Token

    from kpiaudit.report import Report

Golden = Callable[[str, str | bytes], None]
QUIET = {
    "blockquote", "bullet_list", "code_inline", "heading", "inline", "list_item", "paragraph", "strong",
    "table", "tbody", "td", "text", "text_special", "th", "thead", "tr", "softbreak",
}  # fmt: skip


def tokens(text: str) -> list[Token]:
    return MarkdownIt("commonmark").enable(["table", "strikethrough"]).parse(text)


def kinds(text: str) -> set[str]:
    """Every kind of thing a reader of Markdown sees in a text."""
    found = set()
    for token in tokens(text):
        for inner in (token, *(token.children or ())):
            found.add(re.sub("_(open|close)$", "", inner.type))
    return found


def outline(text: str) -> list[tuple[str, int, int]]:
    """The shape of a page: headings, and tables with their rows and cells."""
    found: list[tuple[str, int, int]] = []
    for token in tokens(text):
        if token.type in {"heading_open", "table_open"}:
            found.append((token.tag, 0, 0))
        elif token.type in {"tr_open", "td_open", "th_open"}:
            tag, rows, cells = found[-1]
            is_row = token.type == "tr_open"
            found[-1] = (tag, rows + is_row, cells + (not is_row))
    return found


SHAPE = outline(renderer.render(with_words(a_report(), "x")))
CONTROL = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f]")


@pytest.mark.parametrize(
    ("name", "made"), [("report.md", a_report()), ("report.nothing.md", a_quiet_report())]
)
def test_the_page_is_the_golden_one(name: str, made: Report, golden: Golden) -> None:
    golden(f"renderers/{name}", renderer.render(made))


def test_the_page_is_headings_tables_and_text_alone(report: Report) -> None:
    assert kinds(renderer.render(report)) <= QUIET


def test_every_row_of_a_table_has_a_cell_per_column(report: Report) -> None:
    tables = [found for found in outline(renderer.render(report)) if found[0] == "table"]
    assert (
        len(tables) == 4 + 3 + 1 + 1 + 2
    )  # SLAs, KPIs, models, breaches; groups; exports, definitions
    for _, rows, cells in tables:
        assert rows >= 2
        assert cells % rows == 0


def test_there_is_a_row_for_everything_that_is_shown(report: Report) -> None:
    text = renderer.render(report)
    for sla in report.slas:
        assert f"| {sla.name} |" in text
    for export in report.exports:
        assert f"| {export.path} |" in text
    assert "Satisfied customers (channel social): not computable: no ratings in" in text
    assert "| 12.9% |" not in text
    assert "| Conversations that ended without a human | all |" in text


@pytest.mark.parametrize("start", range(0, len(ATTACKS), 8))
def test_attacks_in_every_text_change_no_line_of_the_page(start: int) -> None:
    text = renderer.render(with_words(a_report(), " ".join(ATTACKS[start : start + 8])))
    assert outline(text) == SHAPE
    assert kinds(text) <= QUIET
    assert not CONTROL.search(text)


@settings(max_examples=15)
@given(st.text(st.characters(), max_size=12))
def test_any_text_stays_text(words: str) -> None:
    text = renderer.render(with_words(a_report(), f"{words}|`<script>\x1b"))
    assert outline(text) == SHAPE
    assert kinds(text) <= QUIET
    assert not CONTROL.search(text)


def test_every_claim_of_a_model_is_named(report: Report) -> None:
    text = renderer.render(report)
    claims = [claim.claim for model in report.models for claim in model.claims]
    assert claims
    assert all(f"| {claim.replace('_', ' ')} |" in text for claim in claims)


def test_categories_are_counted_where_there_are_rules(report: Report) -> None:
    hits = (CategoryHits("late|parcel", 9, 7, 5), CategoryHits("other", 3, 3, 2))
    text = renderer.render(replace(report, categories=hits))
    assert "| late\\|parcel | 7 | 5 | 9 |" in text
    assert "| other | 3 | 2 | 3 |" in text


def test_of_many_groups_the_worst_are_shown_and_the_rest_counted(report: Report) -> None:
    sla = report.slas[0]
    many = tuple(group("agent", f"Agent {n:03}", sla.figures) for n in range(50))
    text = renderer.render(replace(report, slas=(replace(sla, groups=many),)))
    assert text.count("| Agent ") == 20
    assert "30 more; `-o report.csv` holds all." in text
