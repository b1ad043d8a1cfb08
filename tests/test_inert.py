"""Text from outside stays text: what is shown is all there is, and nothing in it acts."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import pytest
from attacks import ATTACKS, BIDI, FORMULAS, HIDDEN, MARKDOWN, TERMINAL
from hypothesis import given
from hypothesis import strategies as st
from markdown_it import MarkdownIt

from kpiaudit import inert

if TYPE_CHECKING:
    from markdown_it.token import Token

ANY = st.text(st.characters(), max_size=40)
MARKUP = st.lists(
    st.sampled_from([*"\\`*_[]()<>#|~&@:$!-+=.1 ax\n", "http://a", "www.a.b", "&lt;", "a@b.c"]),
    max_size=30,
).map("".join)
PLAIN = {"text", "code_inline", "text_special"}
LINKED = re.compile(r"@|://|\bwww\.|#\d|\$|:[a-z]+:|\bGH-\d|[0-9a-f]{40}", re.IGNORECASE)


def cells(markdown: str) -> list[list[Token]]:
    """What a Markdown reader sees in the second row of a table whose first cell is `markdown`."""
    reader = MarkdownIt("commonmark").enable(["table", "strikethrough"])
    tokens = reader.parse(f"| a | b |\n| --- | --- |\n| {markdown} | end |\n")
    table = [token for token in tokens if token.type == "inline"]
    assert tokens[0].type == "table_open"
    return [token.children or [] for token in table[2:]]


def assert_inert_in_a_table(text: str) -> None:
    seen = cells(inert.markdown(text))
    assert len(seen) == 2
    assert {token.type for token in seen[0]} <= PLAIN
    shown = "".join(token.content for token in seen[0])
    assert shown.split() == inert.safe(text).split()
    bare = " ".join(token.content for token in seen[0] if token.type != "code_inline")
    assert not LINKED.search(bare)


@pytest.mark.parametrize("text", ATTACKS)
def test_markdown_shows_an_attack_and_does_nothing_of_it(text: str) -> None:
    assert_inert_in_a_table(text)


@given(ANY | MARKUP)
def test_markdown_shows_any_text_and_nothing_else(text: str) -> None:
    assert_inert_in_a_table(text)


@given(ANY | MARKUP)
def test_a_line_of_markdown_is_a_paragraph_whatever_it_says(text: str) -> None:
    tokens = MarkdownIt("commonmark").parse(f"{inert.markdown(text).strip()} end\n")
    assert [token.type for token in tokens] == ["paragraph_open", "inline", "paragraph_close"]
    assert {token.type for token in tokens[1].children or []} <= PLAIN


def test_a_name_in_markdown_is_written_as_it_is() -> None:
    for name in ("Ana", "(unassigned)", "social-first-response", "Zoë, 東京", "10:30", "119237"):
        assert inert.markdown(name) == name


@pytest.mark.parametrize("text", [*TERMINAL, *BIDI, *HIDDEN])
def test_what_acts_on_a_terminal_or_hides_is_seen(text: str) -> None:
    shown = inert.safe(text)
    assert shown != text
    assert re.search(r"\\(x[0-9a-f]{2}|u[0-9a-f]{4}|U[0-9a-f]{8})", shown)
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & {unicodedata.category(c) for c in shown}


@pytest.mark.parametrize("text", FORMULAS[:19])
def test_a_formula_is_known_and_guarded(text: str) -> None:
    assert inert.runs(text)
    assert inert.csv_cell(text).startswith("'")


@given(ANY)
def test_no_csv_cell_starts_as_a_formula(text: str) -> None:
    assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", inert.csv_cell(text))  # noqa: RUF001


@given(ANY)
def test_a_csv_cell_holds_no_control_byte_but_tab_and_newline(text: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", inert.csv_cell(text))


@pytest.mark.parametrize("letter", ["x", "ä", "👍"])
def test_a_long_cell_is_cut_where_it_is_seen(letter: str) -> None:
    units = len(letter.encode("utf-16-le")) // 2
    fits = letter * (32_767 // units)
    assert inert.sheet_cell(fits) == fits
    cut = inert.sheet_cell(fits + letter)
    assert cut.endswith(f"{letter} […]")
    assert 32_760 <= len(cut.encode("utf-16-le")) // 2 <= 32_767


def test_the_list_of_attacks_holds_no_text_twice() -> None:
    assert len(set(ATTACKS)) == len(ATTACKS) >= 100
    assert set(MARKDOWN) < set(ATTACKS)
