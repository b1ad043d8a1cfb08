"""JSON values as text: the same whether a column is of one type, of several, or too large for one."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpiaudit.decoding.cells import text_of, texts

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=5),
    st.lists(st.integers(0, 9), max_size=2),
)
COLUMNS = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**64 - 1))),
    st.lists(st.one_of(st.none(), st.booleans())),
    st.lists(VALUES),
)


@given(COLUMNS)
def test_a_column_is_written_as_its_values_are_one_by_one(values: list[Any]) -> None:
    assert texts("x", values).to_list() == [text_of(value) for value in values]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("a", "a"),
        ("", ""),
        (3, "3"),
        (3.0, "3"),
        (3.5, "3.5"),
        (True, "true"),
        (False, "false"),
        ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'),
        (2**64 - 1, "18446744073709551615"),
    ],
)
def test_a_value_reads_as_in_json_but_text_without_quotes(value: object, text: str | None) -> None:
    assert text_of(value) == text
    assert texts("x", [value]).to_list() == [text]
