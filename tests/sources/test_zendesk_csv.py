"""Zendesk CSV: minutes among hours, dashes for nothing, local stamps, tickets that do not count."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from small_files import read, refused, skipped, told

from kpiaudit.sources.zendesk_csv import SOURCE

HEADER = (
    "Summation column,Id,Requester,Requester id,Assignee,Group,Tags,Status,Priority,Via,Created at,"
    "Updated at,Solved at,Resolution time,Satisfaction Score,First reply time in minutes,"
    "First reply time in minutes within business hours"
)
TICKET = {
    "Summation column": "1",
    "Id": "26",
    "Requester": "Cleo",
    "Requester id": "501",
    "Assignee": "Ana",
    "Group": "Support",
    "Tags": "parcel late",
    "Status": "Solved",
    "Priority": "High",
    "Via": "Mail",
    "Created at": "2026-03-02 10:00",
    "Updated at": "2026-03-05 08:00",
    "Solved at": "2026-03-04 12:00",
    "Resolution time": "50",
    "Satisfaction Score": "Not Offered",
    "First reply time in minutes": "95",
    "First reply time in minutes within business hours": "35",
}


def csv_of(**changed: str) -> dict[str, str]:
    cells = TICKET | {name.replace("_", " "): value for name, value in changed.items()}
    return {"view.csv": f"{HEADER}\n{','.join(cells[name] for name in HEADER.split(','))}\n"}


def test_resolution_time_is_in_hours_among_minutes_and_is_not_read(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of(), time_zone="UTC")
    solved = rows.filter(rows["status"] == "resolved")["sent_at"][0]
    opened = rows.filter(rows["event"] == "inbound")["sent_at"][0]
    assert solved - opened == timedelta(hours=50)


def test_the_first_reply_lies_all_minutes_after_creation_not_those_of_business_hours(
    tmp_path: Path,
) -> None:
    rows = read(SOURCE, tmp_path, csv_of(), time_zone="UTC")
    assert told(rows, "sent_at", "event", "agent", "priority", "team") == [
        (datetime(2026, 3, 2, 10, tzinfo=UTC), "inbound", "Ana", "high", "Support"),
        (datetime(2026, 3, 2, 11, 35, tzinfo=UTC), "outbound", "Ana", "high", "Support"),
        (datetime(2026, 3, 4, 12, tzinfo=UTC), "status", "Ana", "high", "Support"),
    ]


def test_a_reply_after_a_night_the_clocks_change_is_counted_in_real_minutes(tmp_path: Path) -> None:
    files = csv_of(Created_at="2026-03-28 22:00", First_reply_time_in_minutes="720", Solved_at="-")
    rows = read(SOURCE, tmp_path, files, time_zone="Europe/Berlin")
    assert told(rows, "sent_at") == [
        (datetime(2026, 3, 28, 21, tzinfo=UTC),),
        (datetime(2026, 3, 29, 9, tzinfo=UTC),),
    ]


def test_stamps_are_local_and_ask_for_the_zone(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of())
    assert refused(rows) == [(1, "Created at: no offset, set time_zone", "2026-03-02 10:00")]


def test_a_dash_is_nothing(tmp_path: Path) -> None:
    files = csv_of(
        Assignee="-", Priority="-", Solved_at="-", Status="Open", First_reply_time_in_minutes="-"
    )
    rows = read(SOURCE, tmp_path, files, time_zone="UTC")
    assert told(rows, "event", "agent", "priority") == [("inbound", None, None)]


def test_a_ticket_open_again_is_not_solved_though_it_once_was(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of(Status="Open"), time_zone="UTC")
    assert told(rows, "event") == [("inbound",), ("outbound",)]


def test_a_merged_ticket_was_not_resolved(tmp_path: Path) -> None:
    files = csv_of(Tags="a closed_by_merge", Status="Closed")
    rows = read(SOURCE, tmp_path, files, time_zone="UTC")
    assert told(rows.drop_nulls("status"), "status") == [("merged",)]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"Tags": "sample support zendesk"}, "sample ticket"),
        ({"Via": "Sample ticket"}, "sample ticket"),
        ({"Status": "Deleted"}, "deleted ticket"),
    ],
)
def test_sample_and_deleted_tickets_are_skipped(
    tmp_path: Path, changed: dict[str, str], reason: str
) -> None:
    assert skipped(read(SOURCE, tmp_path, csv_of(**changed), time_zone="UTC")) == {reason: 1}


@pytest.mark.parametrize(
    ("word", "ratings"),
    [("Good", [1.0]), ("Bad", [0.0]), ("Offered", []), ("Not Offered", []), ("-", [])],
)
def test_an_offered_rating_is_none(tmp_path: Path, word: str, ratings: list[float]) -> None:
    rows = read(SOURCE, tmp_path, csv_of(Satisfaction_Score=word), time_zone="UTC")
    assert rows["rating"].drop_nulls().to_list() == ratings


def test_minutes_that_are_none_are_a_reject(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of(First_reply_time_in_minutes="soon"), time_zone="UTC")
    assert refused(rows) == [(1, "First reply time in minutes: not a number", "soon")]
