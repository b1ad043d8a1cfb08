"""Aircall's calls: stamps in two cells and the number's zone, durations in three spellings."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from audits import clocks, of, sla, written
from reading import UNSET, at, csv_text, refused, rows_of, told

from kpiaudit.sources.aircall_csv import SOURCE
from kpiaudit.sources.base import ReadSettings

if TYPE_CHECKING:
    import polars as pl

SPEED = sla("speed", "first_response", "20s")
NEWER = [
    "line",
    "datetime (tz offset incl.)",
    "number timezone",
    "datetime (utc)",
    "direction",
    "from",
    "to",
    "answered",
    "missed_call_reason",
    "user",
    "duration (total)",
    "duration (in call)",
    "voicemail",
    "tags",
    "team",
    "call id",
    "waiting time",
    "time in ivr",
    "call id (internal)",
]
OLDER = [
    "line",
    "date (TZ offset incl.)",
    "time (TZ offset incl.)",
    "number timezone",
    "direction",
    "from",
    "to",
    "answered",
    "missed_call_reason",
    "user",
    "duration (total)",
    "duration (in call)",
    "tags",
    "voicemail",
]


def newer(**changed: str) -> list[str]:
    record = {
        "line": "Tents",
        "datetime (tz offset incl.)": "2026-03-02 10:00:00",
        "number timezone": "Europe/Berlin",
        "datetime (utc)": "2026-03-02 09:00:00.250",
        "direction": "inbound",
        "from": "491",
        "to": "499",
        "answered": "Yes",
        "missed_call_reason": "",
        "user": "Ana",
        "duration (total)": "90",
        "duration (in call)": "60",
        "voicemail": "",
        "tags": "tents, warranty",
        "team": "Phone",
        "call id": "x",
        "waiting time": "00:00:18",
        "time in ivr": "00:00:12",
        "call id (internal)": "7",
    } | changed
    return [record[name] for name in NEWER]


def older(**changed: str) -> list[str]:
    record = {
        "line": "Tents",
        "date (TZ offset incl.)": "2026-03-02",
        "time (TZ offset incl.)": "10:00:00",
        "number timezone": "Europe/Berlin",
        "direction": "inbound",
        "from": "491",
        "to": "499",
        "answered": "Yes",
        "missed_call_reason": "",
        "user": "Ana",
        "duration (total)": "90",
        "duration (in call)": "1:00",
        "tags": "",
        "voicemail": "",
    } | changed
    return [record[name] for name in OLDER]


def read(
    folder: Path, *calls: list[str], header: list[str] = NEWER, settings: ReadSettings = UNSET
) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"calls.csv": csv_text(header, *calls)}, settings)


def waits(folder: Path, *calls: list[str]) -> list[tuple[Any, ...]]:
    found = clocks(written(folder, {"calls.csv": csv_text(NEWER, *calls)}, SPEED))
    first = of(found, metric="first_response")
    return [(row["stop_reason"], row["elapsed_seconds"]) for row in first]


def test_the_wait_begins_where_the_menu_ends(tmp_path: Path) -> None:
    rows = read(tmp_path, newer())
    assert at(rows, "inbound") == ["2026-03-02T09:00:12Z"]
    assert at(rows, "outbound") == ["2026-03-02T09:00:30Z"]
    assert at(rows, "status") == ["2026-03-02T09:01:30Z"]
    assert rows["handle_time"].drop_nulls().to_list() == [timedelta(seconds=60)]
    assert told(rows, "agent", "team", "tags")[2] == ("Ana", "Phone", ["tents", "warranty"])
    assert waits(tmp_path, newer()) == [("reply", 18)]


def test_two_cells_are_local_to_the_zone_of_their_number(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        older(),
        older(**{"number timezone": "America/New_York", "from": "492"}),
        older(**{"date (TZ offset incl.)": "2026-07-02", "from": "493"}),
        header=OLDER,
    )
    assert at(rows, "inbound") == [
        "2026-03-02T09:00:00Z",
        "2026-03-02T15:00:00Z",
        "2026-07-02T08:00:00Z",
    ]


def test_a_row_that_names_no_zone_needs_one(tmp_path: Path) -> None:
    nowhere = older(**{"number timezone": ""})
    rule = "date and time: no offset, set time_zone"
    assert refused(read(tmp_path, nowhere, header=OLDER)) == [(1, rule, "2026-03-02 10:00:00")]
    told_so = ReadSettings(time_zone="Asia/Tokyo")
    rows = read(tmp_path, nowhere, header=OLDER, settings=told_so)
    assert at(rows, "inbound") == ["2026-03-02T01:00:00Z"]


@pytest.mark.parametrize("reason", ["out_of_opening_hours", "abandoned_in_ivr"])
def test_a_call_lost_before_the_queue_waited_for_nobody(tmp_path: Path, reason: str) -> None:
    lost = newer(answered="No", missed_call_reason=reason, user="[No associated user]")
    assert waits(tmp_path, lost) == []
    assert told(read(tmp_path, lost), "event") == [("update",), ("status",)]


def test_a_missed_call_has_its_reason_and_its_voicemail_as_tags(tmp_path: Path) -> None:
    lost = newer(
        answered="No",
        missed_call_reason="no_available_agent",
        user="[No associated user]",
        voicemail="https://example.com/1",
        tags="",
    )
    rows = read(tmp_path, lost)
    wanted = ["no_available_agent", "voicemail"]
    assert told(rows, "event", "agent", "tags")[-1] == ("status", None, wanted)
    assert waits(tmp_path, lost) == [("abandoned", 18)]


def test_calls_we_made_begin_at_their_answer_and_internal_ones_are_skipped(tmp_path: Path) -> None:
    inside = newer(direction="internal", **{"call id (internal)": "8"})
    rows = read(tmp_path, newer(direction="outbound"), inside)
    assert told(rows, "event", "customer") == [("outbound", "499"), ("status", "499")]
    assert rows["skip"].drop_nulls().to_list() == ["internal call"]


def test_the_same_call_in_a_later_file_counts_once(tmp_path: Path) -> None:
    text = csv_text(NEWER, newer())
    rows = rows_of(SOURCE, tmp_path, {"one.csv": text, "two.csv": text})
    assert rows["skip"].drop_nulls().to_list() == ["delivered again"]
    assert len(told(rows, "row")) == 4


def test_what_is_no_date_direction_or_time_is_refused(tmp_path: Path) -> None:
    calls = [
        newer(**{"datetime (utc)": "", "datetime (tz offset incl.)": "02/03/2026 10:00"}),
        newer(direction="sideways"),
        newer(**{"duration (in call)": "a while"}),
    ]
    assert refused(read(tmp_path, *calls)) == [
        (1, "date and time: not a date", "02/03/2026 10:00"),
        (2, "direction: unknown word", "sideways"),
        (3, "duration (in call): not a time", "a while"),
    ]


def test_a_day_that_never_was_is_no_date_though_a_zone_is_named(tmp_path: Path) -> None:
    rows = read(tmp_path, older(**{"date (TZ offset incl.)": "2026-02-30"}), header=OLDER)
    assert refused(rows) == [(1, "date and time: not a date", "2026-02-30 10:00:00")]
