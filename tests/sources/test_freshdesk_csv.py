"""Freshdesk CSV: office hours called hours, names in any case, tickets born closed, twice-named columns."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from small_files import read, refused, told

from kpiaudit.errors import ExportError
from kpiaudit.sources.freshdesk_csv import SOURCE

TICKET = {
    "Ticket ID": "7",
    "Status": "Closed",
    "Priority": "Medium",
    "Source": "Email",
    "Type": "Problem",
    "Agent": "Ana",
    "Group": "Advice",
    "Created time": "2026-03-02 10:00:00",
    "Initial response time": "2026-03-02 18:30:00",
    "Resolved time": "2026-03-03 12:00:00",
    "Closed time": "2026-03-05 12:00:00",
    "Time tracked": "0:12:30",
    "First response time (in hrs)": "0:30:00",
    "Resolution time (in hrs)": "",
    "Tags": '"late, parcel"',
    "Email": "cleo@mail.example",
}


def csv_of(**changed: str) -> dict[str, str]:
    cells = TICKET | {name.replace("_", " "): value for name, value in changed.items()}
    return {"t.csv": f"{','.join(cells)}\n{','.join(cells.values())}\n"}


def test_the_first_response_is_the_stamp_and_not_the_hours_of_the_office(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of(), time_zone="Europe/Berlin")
    assert told(rows, "sent_at", "event", "status") == [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "inbound", None),
        (datetime(2026, 3, 2, 17, 30, tzinfo=UTC), "outbound", None),
        (datetime(2026, 3, 3, 11, tzinfo=UTC), "status", "resolved"),
        (datetime(2026, 3, 5, 11, tzinfo=UTC), "status", "closed"),
    ]


@pytest.mark.parametrize("hours", ["", "-0:03:00", "12:34"])
def test_a_first_response_time_may_be_blank_negative_or_without_seconds(
    tmp_path: Path, hours: str
) -> None:
    files = csv_of(**{"First response time (in hrs)": hours})
    rows = read(SOURCE, tmp_path, files, time_zone="UTC")
    assert told(rows.filter(rows["event"] == "outbound"), "sent_at") == [
        (datetime(2026, 3, 2, 18, 30, tzinfo=UTC),)
    ]


@pytest.mark.parametrize(
    ("cell", "length"),
    [("0:12:30", timedelta(seconds=750)), ("12:34", timedelta(hours=12, minutes=34))],
)
def test_time_tracked_is_hours_minutes_and_perhaps_seconds(
    tmp_path: Path, cell: str, length: timedelta
) -> None:
    rows = read(SOURCE, tmp_path, csv_of(Time_tracked=cell), time_zone="UTC")
    assert rows["handle_time"].drop_nulls().to_list() == [length]


def test_time_tracked_in_another_form_is_a_reject(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of(Time_tracked="1.5"), time_zone="UTC")
    assert refused(rows) == [(1, "Time tracked: not H:MM:SS", "1.5")]


def test_an_outbound_ticket_is_opened_by_us(tmp_path: Path) -> None:
    files = csv_of(Source="Outbound Email", Initial_response_time="")
    rows = read(SOURCE, tmp_path, files, time_zone="UTC")
    assert told(rows, "event") == [("outbound",), ("status",), ("status",)]


def test_headers_change_case_with_the_age_of_the_account(tmp_path: Path) -> None:
    header, _, cells = csv_of()["t.csv"].partition("\n")
    for spelt in (header.upper(), header.title(), header.lower()):
        rows = read(SOURCE, tmp_path, {"t.csv": f"{spelt}\n{cells}"}, time_zone="UTC")
        assert len(told(rows, "event")) == 4


def test_of_two_columns_of_one_name_the_first_counts(tmp_path: Path) -> None:
    header, _, cells = csv_of()["t.csv"].partition("\n")
    files = {"t.csv": f"{header},Group,Type\n{cells.strip()},Other,Other\n"}
    rows = read(SOURCE, tmp_path, files, time_zone="UTC")
    assert set(told(rows, "team", "category")) == {("Advice", "Problem")}


def test_no_agent_is_nobody(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of(Agent="No Agent", Group="No Group"), time_zone="UTC")
    assert set(told(rows, "agent", "team")) == {(None, None)}


def test_a_ticket_not_solved_has_no_solution_whatever_stamps_it_carries(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of(Status="Waiting on Third Party"), time_zone="UTC")
    assert told(rows, "event") == [("inbound",), ("outbound",)]


def test_tags_are_joined_by_commas(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, csv_of(), time_zone="UTC")
    assert rows["tags"].to_list()[0] == ["late", "parcel"]


def test_stamps_are_local_and_ask_for_the_zone(tmp_path: Path) -> None:
    assert refused(read(SOURCE, tmp_path, csv_of())) == [
        (1, "Created time: no offset, set time_zone", "2026-03-02 10:00:00")
    ]


@pytest.mark.parametrize("gone", ["Initial response time", "Created time", "Resolved time"])
def test_never_seen_in_the_wild_its_header_is_checked_strictly(tmp_path: Path, gone: str) -> None:
    assert not SOURCE.seen_in_the_wild
    cells = {name: cell for name, cell in TICKET.items() if name != gone}
    files = {"t.csv": f"{','.join(cells)}\n{','.join(cells.values())}\n"}
    with pytest.raises(ExportError, match="no source claims this file"):
        read(SOURCE, tmp_path, files, time_zone="UTC")


def test_freshservice_is_another_product(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="no source claims this file"):
        read(SOURCE, tmp_path, csv_of(Requester_Name="Cleo"), time_zone="UTC")


def test_a_ticket_opened_answered_and_closed_in_one_minute_ends_closed(tmp_path: Path) -> None:
    now = "2026-09-08 09:00:00"
    stamps = {"Created_time": now, "Resolved_time": now, "Closed_time": now}
    rows = read(SOURCE, tmp_path, csv_of(**stamps, Initial_response_time=now), time_zone="UTC")
    in_order = rows.sort("sent_at", "message_id")
    assert told(in_order, "event", "status")[0] == ("inbound", None)
    assert told(in_order, "event", "status")[-2:] == [("status", "resolved"), ("status", "closed")]
