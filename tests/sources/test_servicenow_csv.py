"""ServiceNow CSV: stale closings, durations as dates of 1970, display words, stamps without a zone."""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from small_files import claimed, read, refused, told

from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.servicenow_csv import SOURCE

HEADER = (
    "number,incident_state,priority,contact_type,opened_at,resolved_at,closed_at,business_duration"
)
OPENED, RESOLVED, CLOSED = "2026-03-02 09:00:00", "2026-03-02 12:30:00", "2026-03-09 12:30:00"


def incident(
    state: str = "7",
    priority: str = "3",
    contact: str = "phone",
    resolved: str = RESOLVED,
    closed: str = CLOSED,
) -> dict[str, str]:
    cells = ["INC1", state, priority, contact, OPENED, resolved, closed, "1970-01-01 03:30:00"]
    return {"incident.csv": f"{HEADER}\n{','.join(cells)}\n"}


def test_an_incident_is_opened_resolved_and_closed(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, incident(), time_zone="UTC")
    assert told(rows, "sent_at", "event", "status", "priority", "channel") == [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "inbound", None, "normal", "voice"),
        (datetime(2026, 3, 2, 12, 30, tzinfo=UTC), "status", "resolved", "normal", "voice"),
        (datetime(2026, 3, 9, 12, 30, tzinfo=UTC), "status", "closed", "normal", "voice"),
    ]


def test_a_closing_before_the_solution_is_stale(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, incident(closed="2026-03-02 10:00:00"), time_zone="UTC")
    assert told(rows, "status") == [(None,), ("resolved",)]


@pytest.mark.parametrize("state", ["1", "2", "3", "New", "In Progress", "On Hold"])
def test_an_incident_still_open_has_no_end_whatever_stamps_it_carries(
    tmp_path: Path, state: str
) -> None:
    rows = read(SOURCE, tmp_path, incident(state), time_zone="UTC")
    assert told(rows, "event") == [("inbound",)]


@pytest.mark.parametrize(
    ("state", "statuses"),
    [
        ("6", ["resolved"]),
        ("Resolved", ["resolved"]),
        ("7", ["resolved", "closed"]),
        ("Closed", ["resolved", "closed"]),
    ],
)
def test_states_are_numbers_or_words(tmp_path: Path, state: str, statuses: list[str]) -> None:
    rows = read(SOURCE, tmp_path, incident(state), time_zone="UTC")
    assert rows["status"].drop_nulls().to_list() == statuses


def test_a_cancelled_incident_ends_when_it_was_closed(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, incident("8", resolved=""), time_zone="UTC")
    assert told(rows, "event", "status") == [("inbound", None), ("status", "closed")]


@pytest.mark.parametrize(
    ("word", "priority"), [("1", "urgent"), ("2 - High", "high"), ("5 - Planning", "low")]
)
def test_priorities_are_numbers_or_begin_with_one(tmp_path: Path, word: str, priority: str) -> None:
    rows = read(SOURCE, tmp_path, incident(priority=word), time_zone="UTC")
    assert set(rows["priority"]) == {priority}


def test_a_duration_written_as_a_date_of_1970_is_not_a_stamp(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, incident(), time_zone="UTC")
    assert rows["sent_at"].dt.year().to_list() == [2026, 2026, 2026]


def test_stamps_without_an_offset_ask_for_the_zone(tmp_path: Path) -> None:
    assert refused(read(SOURCE, tmp_path, incident())) == [
        (1, "opened_at: no offset, set time_zone", OPENED)
    ]


@pytest.mark.real_exports
def test_real_resolutions_last_as_long_as_calendar_stc_says(real_exports: Path) -> None:
    (path,) = (real_exports / "servicenow").glob("*.csv")
    rows = SOURCE.read([claimed(SOURCE, path)], ReadSettings(time_zone="UTC")).collect()
    at = {
        event: dict(
            rows.filter(pl.col("message_id").str.contains(event)).select("row", "sent_at").rows()
        )
        for event in ("opening", "resolved")
    }
    with path.open(newline="", encoding="utf-8") as file:
        records = dict(enumerate(csv.DictReader(file), 1))
    assert len(at["opening"]) == len(records) == 67
    said = {
        number: timedelta(seconds=int(record["calendar_stc"]))
        for number, record in records.items()
        if number in at["resolved"] and record["calendar_stc"]
    }
    differs = [n for n, length in said.items() if at["resolved"][n] - at["opening"][n] != length]
    assert len(said) == 27
    assert len(differs) == 1
