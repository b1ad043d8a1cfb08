"""Amazon Connect contact records: calls from contacts, the queue wait and the caller's wait apart."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from audits import clocks, of, report, sla, written
from commands import kpiaudit
from reading import Record, at, refused, rows_of, told

from kpiaudit.sources.amazon_connect_ctr import SOURCE

SPEED = sla("speed", "first_response", "20s")
CREATED = SPEED + '[definitions]\nclock_start = "created"\n'


def stamp(second: int) -> str:
    return f"2026-03-02T09:{second // 60:02}:{second % 60:02}Z"


def queue(start: int, end: int, name: str = "Orders") -> Record:
    return {
        "EnqueueTimestamp": stamp(start),
        "DequeueTimestamp": stamp(end),
        "Duration": end - start,
        "Name": name,
    }


def agent(answered: int, talk: int, hold: int = 0, work: int = 0, name: str = "ana") -> Record:
    return {
        "Username": name,
        "ConnectedToAgentTimestamp": stamp(answered),
        "AgentInteractionDuration": talk,
        "CustomerHoldDuration": hold,
        "AfterContactWorkDuration": work,
    }


def contact(number: str = "c-1", start: int = 0, end: int = 104, **changed: object) -> Record:
    """By default the worked record: a menu of 64 s, a queue of 7 s, a talk of 33 s, work of 32 s."""
    return {
        "AWSContactTraceRecordFormatVersion": "2017-03-10",
        "ContactId": number,
        "Channel": "VOICE",
        "InitiationMethod": "INBOUND",
        "InitialContactId": None,
        "PreviousContactId": None,
        "InitiationTimestamp": stamp(start),
        "ConnectedToSystemTimestamp": stamp(start),
        "DisconnectTimestamp": stamp(end),
        "LastUpdateTimestamp": stamp(end + 101),
        "MediaStreams": [{"Type": "AUDIO"}],
        "References": [],
        "CustomerEndpoint": {"Address": "+491", "Type": "TELEPHONE_NUMBER"},
        "Queue": queue(64, 71),
        "Agent": agent(71, 33, 0, 32),
    } | changed


def lines(*contacts: Record) -> dict[str, str]:
    return {"ctr.jsonl": "".join(json.dumps(record) + "\n" for record in contacts)}


def read(folder: Path, *contacts: Record) -> pl.DataFrame:
    return rows_of(SOURCE, folder, lines(*contacts))


def first(folder: Path, policy: str, *contacts: Record) -> list[tuple[Any, ...]]:
    found = clocks(written(folder, lines(*contacts), policy))
    return [
        (row["stop_reason"], row["outcome"], row["elapsed_seconds"], row["agent"])
        for row in of(found, metric="first_response")
    ]


def test_the_worked_record_waited_7_seconds_in_the_queue(tmp_path: Path) -> None:
    assert first(tmp_path, SPEED, contact()) == [("reply", "met", 7, "ana")]


def test_and_71_where_clocks_start_at_creation(tmp_path: Path) -> None:
    assert first(tmp_path, CREATED, contact()) == [("reply", "breached", 71, "ana")]


def test_talk_hold_and_work_afterwards_are_handling_time(tmp_path: Path) -> None:
    rows = read(tmp_path, contact(Agent=agent(71, 33, 11, 32)))
    handled = rows.filter(pl.col("event") == "outbound")["handle_time"]
    assert handled.to_list() == [timedelta(seconds=33 + 11 + 32)]


@pytest.mark.real_exports
def test_the_real_record_gives_the_same(real_exports: Path, tmp_path: Path) -> None:
    text = (real_exports / "json" / "amazon_connect_ctr.jsonl").read_text("utf-8")
    for policy, waited in ((SPEED, 7), (CREATED, 71)):
        found = clocks(written(tmp_path / str(waited), {"ctr.jsonl": text}, policy))
        assert [row["elapsed_seconds"] for row in of(found, metric="first_response")] == [waited]
    rows = rows_of(SOURCE, tmp_path, {"ctr.jsonl": text})
    assert rows["handle_time"].drop_nulls().to_list() == [timedelta(seconds=33 + 0 + 32)]


def test_a_queue_without_an_agent_was_abandoned(tmp_path: Path) -> None:
    lost = contact(Agent=None, Queue=queue(64, 104))
    assert first(tmp_path, SPEED, lost) == [("abandoned", "excluded", 40, "(unassigned)")]


def test_a_call_that_ended_in_the_menu_waited_for_nobody(tmp_path: Path) -> None:
    served = contact(Agent=None, Queue=None)
    assert first(tmp_path, SPEED, served) == []
    rows = read(tmp_path, served)
    assert rows["event"].to_list() == ["update", "status"]


def test_of_a_record_delivered_twice_the_last_update_counts(tmp_path: Path) -> None:
    late = contact(LastUpdateTimestamp=stamp(900))
    early = contact(LastUpdateTimestamp=stamp(300), Agent=None)
    rows = read(tmp_path, late, early)
    assert rows.filter(pl.col("skip") == "delivered again")["row"].to_list() == [2]
    assert len(told(rows, "row")) == 4
    assert {row for (row,) in told(rows, "row")} == {1}


def test_a_transfer_is_the_same_call_and_waits_again(tmp_path: Path) -> None:
    second = contact(
        "c-2",
        100,
        200,
        InitiationMethod="TRANSFER",
        InitialContactId="c-1",
        PreviousContactId="c-1",
        Queue=queue(104, 150, "Workshop"),
        Agent=agent(150, 50, name="ben"),
    )
    rows = read(tmp_path, contact(), second)
    assert told(rows, "conversation_id", "event", "agent", "team")[1:] == [
        ("c-1", "inbound", None, "Orders"),
        ("c-1", "outbound", "ana", "Orders"),
        ("c-1", "handoff", None, "Workshop"),
        ("c-1", "outbound", "ben", "Workshop"),
        ("c-1", "status", "ben", "Workshop"),
    ]
    assert at(rows, "status") == [stamp(200)]
    found = clocks(written(tmp_path, lines(contact(), second), SPEED))
    (again,) = of(found, metric="next_response")
    assert (again["elapsed_seconds"], again["agent"]) == (46, "ben")


def test_a_call_back_answers_the_caller_who_hung_up_in_the_queue(tmp_path: Path) -> None:
    asked = contact(Agent=None, end=80)
    back = contact(
        "c-2",
        80,
        400,
        InitiationMethod="CALLBACK",
        PreviousContactId="c-1",
        Queue=queue(80, 300),
        Agent=agent(300, 100),
    )
    assert first(tmp_path, SPEED, asked, back) == [("reply", "breached", 300 - 64, "ana")]


def test_a_transfer_whose_beginning_was_not_exported_is_partial(tmp_path: Path) -> None:
    rows = read(tmp_path, contact("c-2", InitiationMethod="TRANSFER", InitialContactId="c-1"))
    assert set(rows["conversation_id"]) == {"c-1"}
    assert rows["is_partial"].all()


@pytest.mark.parametrize("method", ["OUTBOUND", "EXTERNAL_OUTBOUND", "API"])
def test_a_call_we_made_begins_where_the_customer_took_it(tmp_path: Path, method: str) -> None:
    ours = contact(Agent=agent(0, 95), Queue=None, InitiationMethod=method)
    ours["ConnectedToSystemTimestamp"] = stamp(9)
    rows = read(tmp_path, ours)
    assert told(rows, "event") == [("outbound",), ("status",)]
    assert at(rows, "outbound") == [stamp(9)]
    assert first(tmp_path, SPEED, ours) == []


def test_monitoring_is_skipped_and_a_record_without_a_stamp_refused(tmp_path: Path) -> None:
    broken = contact("c-3")
    del broken["InitiationTimestamp"]
    rows = read(tmp_path, contact("c-2", InitiationMethod="MONITOR"), broken)
    assert rows["skip"].drop_nulls().to_list() == ["monitoring"]
    assert refused(rows) == [(2, "InitiationTimestamp: missing", "")]


def test_records_written_end_to_end_are_read(tmp_path: Path) -> None:
    text = json.dumps(contact("c-1")) + json.dumps(contact("c-2"))
    rows = rows_of(SOURCE, tmp_path, {"ctr.json": text})
    assert set(rows["conversation_id"]) == {"c-1", "c-2"}


def test_the_service_level_counts_answers_and_abandoned_calls_apart(tmp_path: Path) -> None:
    answered = [contact(f"a-{wait}", Agent=agent(64 + wait, 9)) for wait in (15, 30, 20)]
    lost = contact("b", Agent=None, Queue=queue(64, 104))
    found = report(written(tmp_path, lines(*answered, lost), SPEED)).slas[0]
    figures = found.figures
    assert (figures.met, figures.breached, figures.excluded) == (2, 1, 1)
    assert figures.mean_seconds == (15 + 30 + 20) / 3
    assert (found.calls, found.abandoned, found.abandonment) == (4, 1, 0.25)


def test_who_left_at_once_is_apart_from_the_abandoned(tmp_path: Path) -> None:
    left = [contact(f"b-{s}", Agent=None, Queue=queue(64, 64 + s), end=64 + s) for s in (4, 5, 40)]
    found = report(written(tmp_path, lines(contact(), *left), SPEED)).slas[0]
    assert (found.calls, found.short_abandoned, found.abandoned) == (4, 1, 2)
    assert found.abandonment == 2 / 3


def test_a_call_the_policy_excludes_is_none_of_those_offered(tmp_path: Path) -> None:
    tests = '[[exclude]]\nwhen = { team = ["Tests"] }\nreason = "our own tests"\n'
    ours = contact("b", Agent=None, Queue=queue(64, 104, "Tests"))
    found = report(written(tmp_path, lines(contact(), ours), SPEED + tests)).slas[0]
    assert (found.calls, found.abandoned, found.abandonment) == (1, 0, 0.0)


def test_records_written_end_to_end_can_be_inspected(tmp_path: Path) -> None:
    (tmp_path / "ctr.json").write_text(json.dumps(contact("c-1")) + json.dumps(contact("c-2")))
    shown = kpiaudit("inspect", tmp_path, "--no-config", "--format", "json")
    (export,) = json.loads(shown.out)["exports"]
    assert (export["rows"], export["used"], export["messages"]) == (2, 2, 8)


def test_neither_the_order_of_records_nor_their_files_matter(tmp_path: Path) -> None:
    chain = [
        contact(),
        contact("c-2", 100, 200, PreviousContactId="c-1", InitiationMethod="TRANSFER"),
        contact("c-3", 300, 400, Queue=queue(310, 400), Agent=None),
    ]
    told_of = ("conversation_id", "message_id", "sent_at", "event", "agent")
    whole = told(read(tmp_path, *chain), *told_of)
    assert len(whole) == 4 + 2 + 3
    for order in ([2, 1, 0], [1, 2, 0]):
        files = {f"{n}.jsonl": json.dumps(chain[at]) + "\n" for n, at in enumerate(order)}
        assert told(rows_of(SOURCE, tmp_path, files), *told_of) == whole
