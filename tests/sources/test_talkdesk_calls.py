"""Talkdesk's calls: days and seconds, types without an answer, transfers known at the end only."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from audits import clocks, of, sla, written
from reading import Record, at, csv_text, page, refused, rows_of, told

from kpiaudit.sources.talkdesk_calls import SOURCE

SPEED = sla("speed", "first_response", "20s")
OLDER = [
    "interaction_id",
    "call_type",
    "start_time",
    "end_time",
    "customer_phone_number",
    "talk_time",
    "waiting_time",
    "agent_speed_to_answer",
    "holding_time",
    "agent_name",
    "transfer?",
    "handling_agent",
    "tags",
    "team",
]


def older(**changed: str) -> list[str]:
    """The worked record: 6 s of talk, 5 s of waiting and 4 s to answer, in days; 14 s by the clock."""
    record = {
        "interaction_id": "a1",
        "call_type": "inbound",
        "start_time": "2026-03-02 16:42:24",
        "end_time": "2026-03-02 16:42:38",
        "customer_phone_number": "+491",
        "talk_time": "0.000069444446",
        "waiting_time": "0.00005787037",
        "agent_speed_to_answer": "0.000046296296",
        "holding_time": "0.0",
        "agent_name": "Ana",
        "transfer?": "No",
        "handling_agent": "Ana",
        "tags": "agents+rg1",
        "team": "Desk",
    } | changed
    return [record[name] for name in OLDER]


def newer(**changed: object) -> Record:
    return {
        "call_id": "b1",
        "type": "inbound",
        "start_at": "2026-03-02T10:22:00Z",
        "end_at": "2026-03-02T10:23:00Z",
        "talk_time": 30,
        "wait_time": 12,
        "hold_time": 8,
        "abandon_time": 0,
        "user_name": "Ana",
        "handling_user_name": "Ana",
        "is_transfer": False,
        "is_callback_from_queue": False,
        "team_name": "Desk",
        "contact_phone_number": "+491",
    } | changed


def read(folder: Path, *calls: Record) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"calls.json": page("entries", calls)})


def waits(folder: Path, files: dict[str, str]) -> list[tuple[Any, ...]]:
    found = clocks(written(folder, files, SPEED))
    first = of(found, metric="first_response")
    return [(row["stop_reason"], row["elapsed_seconds"]) for row in first]


def test_the_worked_record_waited_5_seconds_and_talked_6(tmp_path: Path) -> None:
    text = csv_text(OLDER, older())
    rows = rows_of(SOURCE, tmp_path, {"calls.csv": text})
    assert rows["handle_time"].drop_nulls().to_list() == [timedelta(seconds=6)]
    assert at(rows, "update") == ["2026-03-02T16:42:24Z"]
    assert at(rows, "status") == ["2026-03-02T16:42:38Z"]
    assert waits(tmp_path, {"calls.csv": text}) == [("reply", 5)]


@pytest.mark.real_exports
def test_both_real_records_are_read(real_exports: Path, tmp_path: Path) -> None:
    both = json.loads((real_exports / "json" / "talkdesk_calls_report.json").read_text("utf-8"))
    one, two = (json.dumps(both[name]) for name in ("legacy_until_2026_05", "current"))
    rows = rows_of(SOURCE, tmp_path, {"older.json": one, "calls.json": two})
    handled = rows.filter(pl.col("event") == "outbound").sort("sent_at")["handle_time"]
    assert handled.to_list() == [timedelta(seconds=6), timedelta(seconds=20)]
    assert at(rows, "outbound") == ["2022-06-30T16:42:32Z", "2026-04-23T10:22:30Z"]
    assert waits(tmp_path, {"older.json": one, "calls.json": two}) == [("reply", 5)]


def test_the_newer_report_counts_seconds_and_hold_is_handling_too(tmp_path: Path) -> None:
    rows = read(tmp_path, newer())
    assert told(rows, "event", "agent") == [
        ("update", None),
        ("inbound", None),
        ("outbound", "Ana"),
        ("status", "Ana"),
    ]
    assert at(rows, "outbound") == ["2026-03-02T10:22:22Z"]
    assert at(rows, "inbound") == ["2026-03-02T10:22:10Z"]
    assert rows["handle_time"].drop_nulls().to_list() == [timedelta(seconds=38)]


@pytest.mark.parametrize("kind", ["missed", "abandoned", "short_abandoned", "voicemail"])
def test_a_call_nobody_answered_has_its_type_as_a_tag(tmp_path: Path, kind: str) -> None:
    call = newer(type=kind, talk_time=0, hold_time=0, user_name=None)
    rows = read(tmp_path, call)
    assert told(rows, "event", "tags")[-2:] == [("inbound", [kind]), ("status", [kind])]
    assert waits(tmp_path, {"c.json": page("entries", [call])}) == [("abandoned", 12)]


def test_without_a_wait_the_time_to_abandoning_counts_else_the_whole_call(tmp_path: Path) -> None:
    lost = {"type": "abandoned", "talk_time": 0, "hold_time": 0, "wait_time": 0}
    calls = [newer(**lost, abandon_time=40), newer(call_id="b2", **lost)]
    assert waits(tmp_path, {"c.json": page("entries", calls)}) == [
        ("abandoned", 40),
        ("abandoned", 60),
    ]


def test_calls_we_made_begin_at_their_answer_or_have_none(tmp_path: Path) -> None:
    ours = [
        newer(type="outbound", wait_time=0),
        newer(call_id="b2", type="outbound_missed", talk_time=0),
    ]
    rows = read(tmp_path, *ours).sort("conversation_id", "sent_at", maintain_order=True)
    assert told(rows, "conversation_id", "event") == [
        ("b1", "outbound"),
        ("b1", "status"),
        ("b2", "update"),
        ("b2", "status"),
    ]


def test_a_transfer_is_known_at_the_end_by_its_last_agent(tmp_path: Path) -> None:
    rows = read(tmp_path, newer(is_transfer=True, handling_user_name="Ben"))
    assert told(rows, "event", "agent")[2:] == [
        ("outbound", "Ana"),
        ("update", "Ben"),
        ("status", "Ben"),
    ]


def test_unknown_types_and_numbers_are_refused(tmp_path: Path) -> None:
    calls = [newer(type="fax"), newer(call_id=None), newer(call_id="b3", talk_time="n.n.")]
    assert refused(read(tmp_path, *calls)) == [
        (1, "type: unknown word", "fax"),
        (2, "call_id: missing", None),
        (3, "talk_time: not a number", "n.n."),
    ]
