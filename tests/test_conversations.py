"""Threads and timelines: where the message that another one answers lies, and what comes before what."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kpiaudit import conversations, pieces
from kpiaudit.conversations import ids_of, parents
from kpiaudit.messages import are_unique

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
    at = {name: row for row, name in enumerate(ids)}
    for piece in (2, 100):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(pieces, "PIECE", piece)
            found = parents(pl.Series(ids, dtype=pl.Int64), pl.Series(wanted, dtype=pl.Int64))
            rows = pl.Series(range(len(ids)), dtype=pl.UInt32).reverse()
            assert ids_of(pl.Series(ids, dtype=pl.Int64), rows).to_list() == ids[::-1]
        assert found.to_list() == [None if name is None else at.get(name) for name in wanted]


@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 40)), min_size=1, max_size=40),
    st.integers(1, 12),
)
def test_many_messages_are_ordered_as_few_are(pairs: list[tuple[int, int]], many: int) -> None:
    start = datetime(2026, 9, 1, tzinfo=UTC)
    messages = pl.DataFrame(
        {
            "conversation_id": [conversation for conversation, _ in pairs],
            "sent_at": [start + timedelta(seconds=second) for _, second in pairs],
            "message_id": range(len(pairs)),
            "system": "one",
            "row": range(1, len(pairs) + 1),
        },
        schema_overrides={"system": pl.Categorical},
    )
    few = conversations.timeline(messages, ("system",))
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pieces, "PIECE", many)
        assert conversations.timeline(messages.clone(), ("system",)).equals(few)
        left = conversations.timeline(messages.clone(), ("system",), but=("message_id",))
        assert left.equals(few.drop("message_id"))
    assert few["message_id"].to_list() == [
        at for _, at in sorted((pair, at) for at, pair in enumerate(pairs))
    ]


@given(st.lists(st.none() | st.integers(0, 30), max_size=20))
def test_ids_are_unique_when_none_comes_twice(ids: list[int | None]) -> None:
    known = [name for name in ids if name is not None]
    assert are_unique(pl.Series(ids, dtype=pl.Int64)) == (len(set(known)) == len(known))
    assert are_unique(pl.Series(sorted(known), dtype=pl.Int64)) == (len(set(known)) == len(known))
