"""Intercom CSV: the traps of Prodsight's messages and of the datasets, each in a file of a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from desks import read, refused, skipped, table, times, told

from kpiaudit.sources.base import ExportFile
from kpiaudit.sources.intercom_csv import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl


def message(number: int, minute: int, author: str, kind: str, **changed: str) -> dict[str, str]:
    return {
        "message_id": str(number),
        "message_body": "<p>text</p>" if kind in {"comment", "conversation", "note"} else "",
        "message_type": kind,
        "message_created_at": f"2017-11-14 21:{minute:02}:08",
        "message_author_type": author,
        "message_author_id": "5" if author == "admin" else "c9",
        "message_author_name": "Ana" if author == "admin" else "Eva",
        "conversation_id": "1",
        "conversation_state": "open",
        "conversation_created_at": "2017-11-14 21:00:08",
        "conversation_first_response_at": "2017-11-14 21:09:08",
        "conversation_closed_at": "",
    } | changed


def of(folder: Path, *rows: dict[str, str]) -> pl.DataFrame:
    return read(SOURCE, folder, {"messages.csv": table(rows)})


def test_the_stamps_are_utc_without_an_offset(tmp_path: Path) -> None:
    assert times(of(tmp_path, message(1, 45, "user", "comment")), "inbound") == ["14 21:45:08"]


@pytest.mark.parametrize(
    ("author", "event", "role", "is_automated"),
    [
        ("user", "inbound", "customer", False),
        ("lead", "inbound", "customer", False),
        ("admin", "outbound", "agent", False),
        ("bot", "outbound", "bot", True),
    ],
)
def test_the_author_type_tells_the_side(
    tmp_path: Path, author: str, event: str, role: str, *, is_automated: bool
) -> None:
    rows = of(tmp_path, message(1, 0, author, "comment"))
    assert told(rows, "event", "author_role", "is_automated") == [(event, role, is_automated)]


def test_notes_and_changes_are_not_seen_by_the_customer(tmp_path: Path) -> None:
    kinds = ["note", "assignment", "close", "open", "snoozed"]
    rows = of(tmp_path, *(message(n, n, "admin", kind) for n, kind in enumerate(kinds, 1)))
    assert told(rows, "event", "status") == [
        ("note", None),
        ("status", "closed"),
        ("status", "open"),
        ("status", "snoozed"),
    ]
    assert skipped(rows) == [(2, "no message or change")]


def test_an_opening_of_whatever_type_is_a_message(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0, "user", "conversation"))
    assert told(rows, "event", "text", "customer", "channel") == [("inbound", "text", "c9", "chat")]


def test_a_conversation_whose_beginning_is_missing_is_partial(tmp_path: Path) -> None:
    whole = [message(1, 0, "user", "comment"), message(2, 9, "admin", "comment")]
    late = message(3, 30, "user", "comment", conversation_id="2")
    rows = of(tmp_path, *whole, late)
    assert told(rows, "conversation_id", "is_partial", "agent") == [
        ("1", False, None),
        ("1", False, "Ana"),
        ("2", True, None),
    ]


def test_a_closing_no_row_tells_comes_from_the_conversations_stamp(tmp_path: Path) -> None:
    closed = {"conversation_state": "closed", "conversation_closed_at": "2017-11-14 22:30:00"}
    rows = of(tmp_path, message(1, 0, "user", "comment", **closed))
    assert times(rows, "status") == ["14 22:30:00"]
    told_by_row = message(2, 40, "admin", "close", **closed)
    rows = of(tmp_path, message(1, 0, "user", "comment", **closed), told_by_row)
    assert times(rows, "status") == ["14 21:40:08"]


def test_a_closing_stamp_of_an_open_conversation_is_not_believed(tmp_path: Path) -> None:
    stamp = {"conversation_closed_at": "2017-11-14 22:30:00"}
    assert times(of(tmp_path, message(1, 0, "user", "comment", **stamp)), "status") == []


def test_a_row_without_a_date_or_a_conversation_is_a_reject(tmp_path: Path) -> None:
    rows = of(
        tmp_path,
        message(1, 0, "user", "comment", message_created_at="14.11.2017 9:05"),
        message(2, 0, "user", "comment", conversation_id=""),
    )
    assert refused(rows) == [
        (1, "message_created_at: not a date", "14.11.2017 9:05"),
        (2, "conversation_id: missing", None),
    ]


@pytest.mark.parametrize("group", [("standard.", "timestamp.", "duration."), ("", "", "")])
def test_the_datasets_of_office_hours_are_skipped_with_the_reason(
    tmp_path: Path, group: tuple[str, str, str]
) -> None:
    standard, timestamp, duration = group
    row = {
        f"{standard}conversation_id": "1",
        f"{timestamp}conversation_started_at": "2026-09-10 10:00:00",
        f"{duration}time_to_close_in_office_hours": "99",
    }
    rows = read(SOURCE, tmp_path, {"dataset.csv": table([row])})
    assert told(rows, "row") == []
    assert skipped(rows) == [(1, "dataset of durations: no messages")]


def test_the_header_is_checked_strictly_for_no_real_file_was_seen(tmp_path: Path) -> None:
    assert not SOURCE.seen_in_the_wild
    shape = SOURCE.shapes["messages"]
    for column in shape.columns:
        rest = tuple(name for name in shape.columns if name != column)
        assert shape.lacks(ExportFile(tmp_path / "x", "x", "csv", rest)) == frozenset({column})
