"""Threads: where the message that another one answers lies."""

from __future__ import annotations

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from kpiaudit.conversations import row_of

NUMBERS = st.one_of(st.integers(-20, 60), st.integers(-(10**15), 10**15))
IDS = st.one_of(
    st.lists(st.integers(0, 40), min_size=1, max_size=12, unique=True),
    st.lists(NUMBERS, min_size=1, max_size=12, unique=True),
)


@given(IDS, st.lists(st.none() | NUMBERS, min_size=1, max_size=12))
@example([5, 6, 7], [4, 8, 5, 1_100, 10**12, None])
def test_a_row_is_found_by_its_id_wherever_the_wanted_ids_lie(
    ids: list[int], wanted: list[int | None]
) -> None:
    found = row_of(pl.Series(ids, dtype=pl.Int64), pl.Series(wanted, dtype=pl.Int64))
    at = {name: row for row, name in enumerate(ids)}
    assert found.to_list() == [None if name is None else at.get(name) for name in wanted]
