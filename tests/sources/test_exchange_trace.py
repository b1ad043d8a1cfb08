"""Exchange's message trace: the bytes it comes in, one message of many rows, and conversations by pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from reading import csv_text, refused, rows_of, told

from kpiaudit.audit import Request
from kpiaudit.exports.looking import look
from kpiaudit.pipeline import read
from kpiaudit.search import find
from kpiaudit.settings import DEFAULT_SETTINGS
from kpiaudit.sources.exchange_trace import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

HEADER = (
    "origin_timestamp_utc", "sender_address", "recipient_status", "message_subject", "message_id",
    "directionality",
)  # fmt: skip
EVA, DESK = "eva@mail.example", "desk@fernweh.example"


def line(number: int, at: str, sender: str, to: str, subject: str, direction: str) -> list[str]:
    status = ";".join(f"{one}##Receive, Deliver" for one in to.split())
    return [f"2026-09-10T{at}", sender, status, subject, f"<m{number}@x.example>", direction]


ASKED = line(1, "10:00:00.1234567Z", EVA, DESK, "Tent", "Incoming")
ANSWERED = line(2, "10:30:00.0000000Z", DESK, EVA, "RE: Tent", "Originating")


def of(folder: Path, *lines: list[str]) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"trace.csv": csv_text(HEADER, *lines)})


def test_utf_16_without_a_mark_is_read(tmp_path: Path) -> None:
    path = tmp_path / "MTSummary.csv"
    path.write_bytes(csv_text(HEADER, ASKED, ANSWERED).encode("utf-16-le"))
    found = look(path, path.name)
    assert found is not None
    assert (found.encoding, found.columns) == ("utf-16-le", HEADER)
    settings = DEFAULT_SETTINGS
    assert [c.source.name for c in find(Request((str(tmp_path),), settings)).claims] == [
        "exchange_trace"
    ]
    ordered = read(Request((str(tmp_path),), settings)).ordered
    assert ordered["event"].to_list() == ["inbound", "outbound"]


def test_tenths_of_microseconds_are_cut_off_and_the_rest_is_exact(tmp_path: Path) -> None:
    rows = of(tmp_path, ASKED, line(2, "10:30:00", DESK, EVA, "Tent", "Originating"))
    assert [f"{at:%H:%M:%S.%f}" for at in rows["sent_at"]] == ["10:00:00.123456", "10:30:00.000000"]


def test_a_pair_and_a_subject_are_a_conversation(tmp_path: Path) -> None:
    rows = of(
        tmp_path,
        ASKED,
        ANSWERED,
        line(3, "11:00:00Z", "max@mail.example", DESK, "Tent", "Incoming"),
        line(4, "11:01:00Z", EVA, DESK, "Boat", "Incoming"),
        line(5, "11:02:00Z", EVA, "other@fernweh.example", "Tent", "Incoming"),
        line(
            6,
            "11:03:00Z",
            "Desk@Fernweh.example",
            "eva@MAIL.example",
            "AW: RE: tent ",
            "Originating",
        ),
    )
    names = dict(told(rows, "message_id", "conversation_id"))
    same = {
        number for number in range(1, 7) if names[f"m{number}@x.example"] == names["m1@x.example"]
    }
    assert same == {1, 2, 6}
    assert len(set(names.values())) == 4


def test_only_the_first_event_of_a_message_is_used(tmp_path: Path) -> None:
    header = [*HEADER, "event_id"]
    header[0], header[2] = "date_time_utc", "recipient_address"
    events = [
        ["2026-09-10T10:00:02Z", EVA, DESK, "Tent", "<m1@x.example>", "Incoming", "DELIVER"],
        ["2026-09-10T10:00:00Z", EVA, DESK, "Tent", "<m1@x.example>", "Incoming", "RECEIVE"],
        ["2026-09-10T10:00:01Z", EVA, DESK, "Tent", "<m1@x.example>", "Incoming", "AGENTINFO"],
    ]
    rows = rows_of(SOURCE, tmp_path, {"detail.csv": csv_text(header, *events)})
    assert told(rows, "row") == [(2,)]
    assert rows["skip"].drop_nulls().to_list() == ["another event of the message"] * 2


@pytest.mark.parametrize(
    ("sender", "to", "direction", "event"),
    [
        (DESK, "eva@mail.example", "Originating", "outbound"),
        (DESK, "ben@fernweh.example", "Originating", "note"),
        (DESK, "ben@fernweh.example eva@mail.example", "Originating", "outbound"),
        (EVA, DESK, "Incoming", "inbound"),
        ("<>", DESK, "Incoming", "inbound"),
    ],
)
def test_directionality_says_who_is_us(
    tmp_path: Path, sender: str, to: str, direction: str, event: str
) -> None:
    rows = of(tmp_path, line(1, "10:00:00Z", sender, to, "Tent", direction))
    assert told(rows, "event", "is_automated") == [(event, sender == "<>")]


def test_every_message_says_that_its_conversation_is_an_estimate(tmp_path: Path) -> None:
    rows = of(tmp_path, ASKED, ANSWERED)
    assert rows["doubt"].str.ends_with("an estimate").to_list() == [True, True]


def test_damaged_rows_are_rejects(tmp_path: Path) -> None:
    rows = of(
        tmp_path,
        ["soon", *ASKED[1:]],
        [*ASKED[:4], "<m9@x.example>", "Sideways"],
        ["", *ANSWERED[1:]],
        ANSWERED,
    )
    assert sorted(refused(rows)) == [
        (1, "origin_timestamp_utc: not a date", "soon"),
        (2, "directionality: neither Incoming nor Originating", "Sideways"),
        (3, "origin_timestamp_utc: missing", None),
    ]


def test_an_answer_after_a_day_of_silence_is_no_late_response(tmp_path: Path) -> None:
    again = [
        "2026-09-20T10:00:00Z",
        EVA,
        f"{DESK}##Receive, Deliver",
        "Re: Tent",
        "<m7@x.example>",
        "Incoming",
    ]
    (tmp_path / "trace.csv").write_text(csv_text(HEADER, ASKED, ANSWERED, again))
    ordered = read(Request((str(tmp_path),), DEFAULT_SETTINGS)).ordered.sort("sent_at")
    asked, answered, again_asked = ordered["conversation_id"]
    assert asked == answered != again_asked
