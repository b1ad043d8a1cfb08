"""Threads without boundaries, parted as by a hand that reads row after row."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl
import pytest
from audits import written
from builders import MONDAY, Row, canonical_csv
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiaudit import pieces
from kpiaudit.ledger import message_rows
from kpiaudit.pipeline import read
from kpiaudit.settings import DEFAULT_SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

DAY = 24
KINDS = ("in", "in", "in", "out", "out", "bot", "auto", "note", "handoff", "resolved", "open")
ROWS: dict[str, Row] = {
    "in": {"event": "inbound"},
    "out": {"event": "outbound"},
    "bot": {"event": "outbound", "author_role": "bot"},
    "auto": {"event": "outbound", "is_automated": "true"},
    "note": {"event": "note"},
    "handoff": {"event": "handoff"},
    "resolved": {"event": "status", "status": "resolved"},
    "open": {"event": "status", "status": "open"},
}


def by_hand(told: list[tuple[int, str]]) -> list[int]:
    """The number of the conversation each row is in; rows are (hour, kind)."""
    number, before = 1, None
    is_waiting = is_answered = False
    numbers = []
    for hour, kind in told:
        is_late = before is not None and hour - before >= DAY
        if kind == "in" and is_late and not is_waiting:
            number, is_answered = number + 1, False
        if kind in {"out", "resolved"}:
            is_waiting, is_answered = False, True
        elif kind == "bot" and is_answered:
            is_waiting = False
        elif kind == "in" or (kind == "handoff" and is_answered):
            is_waiting = True
        before = hour
        numbers.append(number)
    return numbers


def threads(seed: int) -> dict[str, list[tuple[int, str]]]:
    draw = random.Random(seed)
    return {
        f"t{n}": [(hour, draw.choice(KINDS)) for hour in sorted(draw.sample(range(400), 14))]
        for n in range(6)
    }


def as_rows(told: dict[str, list[tuple[int, str]]]) -> list[Row]:
    return [
        ROWS[kind]
        | {
            "conversation_id": thread,
            "sent_at": f"{MONDAY + timedelta(days=hour // 24)}T{hour % 24:02}:00:00Z",
            "has_boundaries": "false",
        }
        for thread, lines in told.items()
        for hour, kind in lines
    ]


@settings(max_examples=60)
@given(st.integers(0, 2**32))
def test_threads_part_where_a_hand_parts_them(tmp_path_factory: object, seed: int) -> None:
    told = threads(seed)
    folder: Path = tmp_path_factory.mktemp("threads")  # type: ignore[attr-defined]
    request = written(folder, {"dm.csv": canonical_csv(as_rows(told))}, DEFAULT_SETTINGS)
    found = message_rows(read(request)).sort("row")
    expected = [f"{thread}#{n}" for thread, lines in told.items() for n in by_hand(lines)]
    assert found["conversation_id"].cast(pl.String).to_list() == expected
    assert "has_boundaries" not in found.columns


def test_threads_of_very_many_messages_part_as_those_of_few(tmp_path: Path) -> None:
    told = threads(3)
    request = written(tmp_path, {"dm.csv": canonical_csv(as_rows(told))}, DEFAULT_SETTINGS)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(pieces, "PIECE", 1)
        found = message_rows(read(request)).sort("row")
    expected = [f"{thread}#{n}" for thread, lines in told.items() for n in by_hand(lines)]
    assert found["conversation_id"].cast(pl.String).to_list() == expected
