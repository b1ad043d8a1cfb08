"""Asterisk's Master.csv: no header, no zone, a row for every telephone that rang."""

from __future__ import annotations

import csv
import io
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from audits import clocks, of, sla, written
from reading import UNSET, at, claimed, is_claimed, refused, rows_of, told

from kpiaudit.exports.headless import CDR, NEWER, columns_of
from kpiaudit.sources.asterisk_cdr import SOURCE
from kpiaudit.sources.base import ReadSettings

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

SPEED = sla("speed", "first_response", "20s")
NINE = 1_772_442_000
"""2026-03-02T09:00:00Z, 10:00 in Berlin, where the server stands."""
WHOLE = (*CDR, "uniqueid", "userfield", *NEWER)


def leg(**changed: object) -> dict[str, str]:
    """A caller whom telephone 207 answered after 18 s; the log cuts off the last second of the talk."""
    record: dict[str, object] = {
        "accountcode": "",
        "src": "0361551",
        "dst": "5500",
        "dcontext": "from-trunk",
        "clid": '"Ada" <0361551>',
        "channel": "SIP/trunk-0000001a",
        "dstchannel": "SIP/207-0000001c",
        "lastapp": "Queue",
        "lastdata": "orders,t,,,60",
        "start": "2026-03-02 10:00:00",
        "answer": "2026-03-02 10:00:18",
        "end": "2026-03-02 10:03:20",
        "duration": 199,
        "billsec": 181,
        "disposition": "ANSWERED",
        "amaflags": "DOCUMENTATION",
        "uniqueid": f"{NINE}.26",
        "userfield": "",
        "peeraccount": "",
        "linkedid": f"{NINE}.26",
        "sequence": 102,
    }
    return {name: str(value) for name, value in (record | changed).items()}


def rang(**changed: object) -> dict[str, str]:
    silent = {"answer": "", "end": "2026-03-02 10:00:15", "disposition": "NO ANSWER", "billsec": 0}
    return leg(**(silent | {"dstchannel": "SIP/204-0000001b", "sequence": 101} | changed))


def lost(**changed: object) -> dict[str, str]:
    gone = {"dstchannel": "", "answer": "2026-03-02 10:00:00", "end": "2026-03-02 10:00:42"}
    return leg(**(gone | changed))


def text(*legs: dict[str, str], columns: tuple[str, ...] = WHOLE) -> str:
    buffer = io.StringIO()
    table = csv.writer(buffer, quoting=csv.QUOTE_ALL, lineterminator="\n")
    table.writerows([record[name] for name in columns] for record in legs)
    return buffer.getvalue()


def read(folder: Path, *legs: dict[str, str], settings: ReadSettings = UNSET) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"Master.csv": text(*legs)}, settings)


def first(folder: Path, *legs: dict[str, str]) -> list[tuple[Any, ...]]:
    found = clocks(written(folder, {"Master.csv": text(*legs)}, SPEED))
    return [
        (row["stop_reason"], row["elapsed_seconds"], row["agent"])
        for row in of(found, metric="first_response")
    ]


def test_the_legs_of_a_linkedid_are_one_call(tmp_path: Path) -> None:
    rows = read(tmp_path, rang(), leg())
    assert told(rows, "row", "event", "agent", "team", "customer") == [
        (1, "inbound", None, "orders", "0361551"),
        (2, "outbound", "207", "orders", "0361551"),
        (2, "status", "207", "orders", "0361551"),
    ]
    assert first(tmp_path, rang(), leg()) == [("reply", 18, "207")]


def test_the_clock_is_recovered_from_the_id_in_winter_and_in_summer(tmp_path: Path) -> None:
    summer = leg(
        uniqueid=f"pbx1-{NINE + 122 * 86_400 - 3_600}.7",
        linkedid="summer",
        **{name: f"2026-07-02 10:0{m}:00" for m, name in enumerate(("start", "answer", "end"))},
    )
    rows = read(tmp_path, leg(), summer, settings=ReadSettings(time_zone="Asia/Tokyo"))
    assert at(rows, "inbound") == ["2026-03-02T09:00:00Z", "2026-07-02T08:00:00Z"]


def test_a_leg_that_begins_later_has_the_clock_of_its_channel(tmp_path: Path) -> None:
    second = leg(
        sequence=103,
        **{name: f"2026-03-02 10:2{m}:00" for m, name in enumerate(("start", "answer", "end"))},
    )
    rows = read(tmp_path, leg(), second)
    assert at(rows, "status") == ["2026-03-02T09:22:00Z"]


def test_without_ids_a_zone_is_asked_for(tmp_path: Path) -> None:
    files = {"Master.csv": text(leg(), columns=CDR)}
    rule = "start: no offset, set time_zone"
    assert refused(rows_of(SOURCE, tmp_path, files)) == [(1, rule, "2026-03-02 10:00:00")]
    rows = rows_of(SOURCE, tmp_path, files, ReadSettings(time_zone="Europe/Berlin"))
    assert at(rows, "inbound") == ["2026-03-02T09:00:00Z"]


def test_times_are_those_between_stamps_not_the_truncated_ones(tmp_path: Path) -> None:
    whole = read(tmp_path, leg())["handle_time"].drop_nulls().to_list()
    assert whole == [timedelta(minutes=3, seconds=2)]
    blink = leg(answer="2026-03-02 10:00:18", end="2026-03-02 10:00:19", billsec=0)
    assert read(tmp_path, blink)["handle_time"].drop_nulls().to_list() == [timedelta(seconds=1)]


def test_a_leg_that_says_no_answer_was_none_whatever_its_stamps(tmp_path: Path) -> None:
    odd = leg(disposition="NO ANSWER")
    assert first(tmp_path, odd) == [("abandoned", 200, "(unassigned)")]


def test_who_hung_up_in_the_queue_abandoned_though_asterisk_answered(tmp_path: Path) -> None:
    assert first(tmp_path, lost()) == [("abandoned", 42, "(unassigned)")]


def test_a_recording_serves_a_caller_and_a_voicemail_does_not(tmp_path: Path) -> None:
    assert first(tmp_path / "a", lost(lastapp="Playback", lastdata="closed")) == []
    beep = lost(lastapp="VoiceMail", lastdata="204@default,u")
    assert first(tmp_path / "b", rang(), beep) == [("abandoned", 42, "(unassigned)")]
    rows = read(tmp_path, rang(), beep)
    assert told(rows, "event", "tags") == [("inbound", ["voicemail"]), ("status", ["voicemail"])]


@pytest.mark.parametrize(
    ("changed", "direction"),
    [
        ({}, "inbound"),
        ({"src": "anonymous"}, "inbound"),
        ({"src": "112", "dcontext": "from-pstn"}, "inbound"),
        ({"src": "204", "dst": "0361999", "dcontext": "from-internal"}, "outbound"),
        ({"src": "204", "dst": "0361999", "dcontext": "office"}, "outbound"),
        ({"src": "0361550", "dst": "0361999", "dcontext": "from-internal"}, "outbound"),
        ({"src": "204", "dst": "207", "dcontext": "from-internal"}, "internal"),
        ({"src": "204", "dst": "*97", "dcontext": "office"}, "internal"),
    ],
)
def test_short_numbers_and_contexts_tell_who_called(
    tmp_path: Path, changed: dict[str, str], direction: str
) -> None:
    rows = read(tmp_path, leg(**changed))
    begins = {"inbound": ["inbound"], "outbound": ["outbound"], "internal": []}[direction]
    assert [event for (event,) in told(rows, "event")][:1] == begins
    assert rows["skip"].drop_nulls().to_list() == ["internal call"] * (direction == "internal")


@pytest.mark.parametrize(
    ("channel", "agent"),
    [
        ("SIP/204-0000001b", "204"),
        ("PJSIP/ana-00000012", "ana"),
        ("Local/204@from-queue-00ab;2", "204"),
        ("IAX2/desk-one-3f", "desk-one"),
        ("DAHDI/1-1", "1"),
    ],
)
def test_an_agent_goes_by_the_telephone(tmp_path: Path, channel: str, agent: str) -> None:
    rows = read(tmp_path, leg(dstchannel=channel))
    assert told(rows, "event", "agent")[1] == ("outbound", agent)


def test_the_file_of_an_account_repeats_rows(tmp_path: Path) -> None:
    files = {"Master.csv": text(rang(), leg()), "support.csv": text(leg())}
    rows = rows_of(SOURCE, tmp_path, files)
    assert rows["skip"].drop_nulls().to_list() == ["delivered again"]
    assert len(told(rows, "row")) == 3


def test_the_columns_follow_from_their_number() -> None:
    record = tuple(leg().values())
    assert columns_of(record) == WHOLE
    assert columns_of(record[:16]) == CDR
    assert columns_of(record[:17]) == (*CDR, "uniqueid")
    assert columns_of((*record[:16], "note")) == (*CDR, "userfield")
    assert columns_of(record[:18]) == (*CDR, "uniqueid", "userfield")
    assert columns_of((*record[:16], *record[18:])) == (*CDR, *NEWER)
    assert columns_of((*record[:17], *record[18:])) == (*CDR, "uniqueid", *NEWER)
    assert columns_of(WHOLE) is None
    assert columns_of(record[:15]) is None


def test_the_first_record_is_data_and_letters_beyond_utf_8_are_read(tmp_path: Path) -> None:
    path = tmp_path / "Master.csv"
    path.write_bytes(text(leg(clid="J\xf6rg", src="")).encode("latin-1"))
    assert is_claimed(SOURCE, path)
    rows = SOURCE.read([claimed(SOURCE, path)], UNSET).collect()
    assert set(rows["row"]) == {1}
    assert set(rows["customer"]) == {"J\xf6rg"}


def test_what_is_no_date_or_disposition_is_refused_by_its_row(tmp_path: Path) -> None:
    rows = read(tmp_path, leg(), leg(end="soon"), leg(disposition="MAYBE", sequence=9))
    assert refused(rows) == [
        (2, "end: not a date", "soon"),
        (3, "disposition: unknown word", "MAYBE"),
    ]
