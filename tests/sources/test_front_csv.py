"""Front CSV: the traps of the analytics export, each in a file of a few lines."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from desks import PLAIN, read, refused, table, times, told

from kpiaudit.settings import Us
from kpiaudit.sources.base import ExportFile
from kpiaudit.sources.front_csv import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from kpiaudit.sources.base import ReadSettings

BERLIN = replace(PLAIN, time_zone="Europe/Berlin")


def message(number: int, minute: int, direction: str = "Inbound", **changed: str) -> dict[str, str]:
    """A row; `Message_date` in a keyword stands for `Message date`."""
    given = {name.replace("_", " "): value for name, value in changed.items()}
    return {
        "Message ID": str(number),
        "Segment ID": "7",
        "Conversation ID": "510",
        "Direction": direction,
        "Status": "Archived",
        "Inbox": "Desk",
        "Inbox at activity time": "",
        "Message date": f"2026-09-10 10:{minute:02}:00",
        "Autoreply": "",
        "Response time": "3600",
        "Assignee": "Zoe",
        "Author": "Ana" if direction == "Outbound" else "",
        "Contact handle": "eva@mail.example",
        "Extract": "text",
        "Tags": "",
        "Message API ID": f"msg_{number}",
        "Conversation API ID": "cnv_1",
        "New Conversation": "No",
    } | given


def of(folder: Path, *rows: dict[str, str], settings: ReadSettings = BERLIN) -> pl.DataFrame:
    return read(SOURCE, folder, {"messages.csv": table(rows)}, settings)


def test_the_stamps_are_local_time_of_the_zone_asked_for(tmp_path: Path) -> None:
    assert times(of(tmp_path, message(1, 5)), "inbound") == ["10 08:05:00"]


def test_without_a_zone_a_row_is_a_reject_that_asks_for_it(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 5), settings=PLAIN)
    assert refused(rows) == [(1, "Message date: no offset, set time_zone", "2026-09-10 10:05:00")]


def test_direction_tells_the_side(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0), message(2, 5, "Outbound"))
    assert told(rows, "event", "author_role", "agent", "customer") == [
        ("inbound", "customer", None, "eva@mail.example"),
        ("outbound", "agent", "Ana", "eva@mail.example"),
    ]


@pytest.mark.parametrize("word", ["Yes", "TRUE", "1"])
def test_an_autoreply_is_automated(tmp_path: Path, word: str) -> None:
    rows = of(tmp_path, message(1, 0, "Outbound", Autoreply=word), message(2, 1, Autoreply=word))
    assert told(rows, "event", "author_role", "is_automated") == [
        ("outbound", "system", True),
        ("inbound", "customer", True),
    ]


@pytest.mark.parametrize("word", ["", "No", "false"])
def test_what_is_no_autoreply_is_human(tmp_path: Path, word: str) -> None:
    rows = of(tmp_path, message(1, 0, "Outbound", Autoreply=word))
    assert told(rows, "author_role", "is_automated") == [("agent", False)]


def test_an_autoreply_neither_yes_nor_no_is_a_reject(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0, Autoreply="maybe"))
    assert refused(rows) == [(1, "Autoreply: neither yes nor no", "maybe")]


def test_a_segment_that_begins_anew_is_the_same_conversation(tmp_path: Path) -> None:
    later = message(2, 5, Segment_ID="8", New_Conversation="Yes")
    rows = of(tmp_path, message(1, 0), later)
    assert told(rows, "conversation_id") == ["cnv_1", "cnv_1"]


def test_the_ids_are_those_of_the_api_not_of_the_screen(tmp_path: Path) -> None:
    assert told(of(tmp_path, message(1, 0)), "conversation_id", "message_id") == [
        ("cnv_1", "msg_1")
    ]


def test_a_message_in_two_inboxes_keeps_its_id_twice(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0), message(1, 0, Inbox="Other"))
    assert told(rows, "message_id") == ["msg_1", "msg_1"]


def test_the_team_is_the_inbox_at_activity_time(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0), message(2, 1, Inbox_at_activity_time="Night"))
    assert told(rows, "team") == ["Desk", "Night"]


def test_todays_assignee_and_fronts_own_durations_are_not_read(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0))
    assert told(rows, "agent") == [None]
    assert not {"handle_time", "status"} & {
        name for name in rows.columns if rows[name].null_count() < rows.height
    }


def test_an_address_of_mail_is_the_channel_email(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0), message(2, 1, Contact_handle="+49 151 555 01"))
    assert told(rows, "channel") == ["email", "other"]


def test_tags_are_split_at_commas(tmp_path: Path) -> None:
    assert told(of(tmp_path, message(1, 0, Tags="tours, harz")), "tags") == [["tours", "harz"]]


def test_a_bot_is_named_by_us(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0, "Outbound"), settings=replace(BERLIN, us=Us(bots=("ana",))))
    assert told(rows, "author_role", "is_automated") == [("bot", True)]


def test_an_unknown_direction_is_a_reject(tmp_path: Path) -> None:
    rows = of(tmp_path, message(1, 0, "Sideways"))
    assert refused(rows) == [(1, "Direction: neither inbound nor outbound", "Sideways")]


def test_the_header_is_checked_strictly_for_no_real_file_was_seen(tmp_path: Path) -> None:
    assert not SOURCE.seen_in_the_wild
    shape = SOURCE.shapes["messages"]
    for column in shape.columns:
        rest = tuple(name for name in shape.columns if name != column)
        assert shape.lacks(ExportFile(tmp_path / "x", "x", "csv", rest)) == frozenset({column})
