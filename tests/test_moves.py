"""Messages that lie nearly in order, put in order by moving few of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiaudit import moves, pieces
from kpiaudit.conversations import tie_breakers, timeline

START = datetime(2026, 9, 1, tzinfo=UTC)
THREADS = st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=12), min_size=1, max_size=5)


def table(threads: list[list[int]], *, is_whole: bool, is_label: bool) -> pl.DataFrame:
    """Threads of messages, each told by its tick, one thread after the other as in a folder of chats."""
    told = [(f"t{n}", tick) for n, ticks in enumerate(threads) for tick in ticks]
    step = timedelta(seconds=1) if is_whole else timedelta(milliseconds=7)
    return pl.DataFrame(
        {
            "system": "one",
            "conversation_id": [name for name, _ in told],
            "sent_at": [START + tick * step for _, tick in told],
            "message_id": None,
            "export": "chat.txt",
            "row": range(1, len(told) + 1),
        },
        schema_overrides={
            "system": pl.Categorical,
            "conversation_id": pl.Categorical if is_label else pl.String,
            "message_id": pl.String,
        },
    )


@settings(max_examples=100)
@given(THREADS, st.integers(1, 7), st.booleans(), st.booleans())
def test_rows_that_go_back_are_moved_to_where_a_hand_puts_them(
    threads: list[list[int]], looked_at: int, is_whole: bool, is_label: bool
) -> None:
    messages = table(threads, is_whole=is_whole, is_label=is_label)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pieces, "SLICE", looked_at)
        patched.setattr(moves, "FEW", 0)
        assert moves.moves_of(messages, tie_breakers) is not None
        ordered = timeline(messages)
    first, expected, numbers = 1, [], []
    for number, ticks in enumerate(threads):
        expected += [row for _, row in sorted((tick, row) for row, tick in enumerate(ticks, first))]
        numbers += [number] * len(ticks)
        first += len(ticks)
    assert ordered["row"].to_list() == expected
    assert ordered["conversation"].to_list() == numbers


def test_only_rows_between_those_that_go_back_are_moved() -> None:
    ticks = [*range(100), 97, 98, *range(100, 200)]
    found = moves.moves_of(table([ticks], is_whole=True, is_label=True), tie_breakers)
    assert found is not None
    assert found["to"].to_list() == [98, 99, 100, 101]
    assert found["at"].to_list() == [100, 98, 101, 99]


def test_threads_told_in_turns_are_sorted_and_not_moved() -> None:
    messages = table([[0, 1], [2, 3]], is_whole=True, is_label=False)
    assert moves.moves_of(messages[[0, 2, 1, 3]], tie_breakers) is None


def test_messages_of_one_instant_whose_ids_go_back_are_sorted_and_not_moved() -> None:
    messages = table([[1, 1, 0]], is_whole=True, is_label=False)
    named = messages.with_columns(message_id=pl.Series(["b", "a", "c"]))
    assert moves.moves_of(named, tie_breakers) is None
    assert timeline(named)["message_id"].to_list() == ["c", "a", "b"]
