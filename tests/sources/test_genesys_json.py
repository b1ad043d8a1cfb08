"""Genesys conversations: queue, answer, hand-over and end out of everybody's segments."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from audits import clocks, of, sla, written
from reading import Record, at, page, refused, rows_of, told

from kpiaudit.sources.genesys_json import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

SPEED = sla("speed", "first_response", "20s")


def stamp(second: float) -> str:
    return f"2026-03-02T09:{int(second) // 60:02}:{second % 60:06.3f}Z"


def segment(kind: str, start: float, end: float, **more: str) -> Record:
    return {"segmentType": kind, "segmentStart": stamp(start), "segmentEnd": stamp(end)} | more


def who(purpose: str, *segments: Record, media: str = "voice", **more: str) -> Record:
    session = {"mediaType": media, "direction": "inbound", "ani": "tel:+491", "segments": segments}
    return {"purpose": purpose, "participantId": f"p-{purpose}", "sessions": [session]} | more


def conversation(*people: Record, end: float = 300, **changed: object) -> Record:
    return {
        "conversationId": "g1",
        "conversationStart": stamp(0),
        "conversationEnd": stamp(end),
        "originatingDirection": "inbound",
        "participants": people,
    } | changed


CALLER = who("customer", segment("ivr", 0, 20), segment("interact", 20, 280))
QUEUE = who("acd", segment("interact", 20, 35.344, queueId="q1"))
INES = who(
    "agent",
    segment("alert", 28, 35.344, queueId="q1"),
    segment("interact", 35.344, 100, queueId="q1"),
    segment("hold", 100, 140, queueId="q1"),
    segment("interact", 140, 280, queueId="q1"),
    segment("wrapup", 280, 300, queueId="q1", wrapUpCode="w1"),
    userId="ines",
)


def read(folder: Path, *conversations: Record) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"c.json": page("conversations", conversations)})


def first(folder: Path, record: Record, policy: str = SPEED) -> list[tuple[Any, ...]]:
    found = clocks(written(folder, {"c.json": page("conversations", [record])}, policy))
    return [
        (row["stop_reason"], row["outcome"], row["elapsed_seconds"])
        for row in of(found, metric="first_response")
    ]


def test_the_queue_to_the_agents_first_interaction_is_the_wait_ringing_included(
    tmp_path: Path,
) -> None:
    call = conversation(CALLER, QUEUE, INES)
    rows = read(tmp_path, call)
    assert told(rows, "event", "agent", "team") == [
        ("update", None, "q1"),
        ("inbound", None, "q1"),
        ("outbound", "ines", "q1"),
        ("status", "ines", "q1"),
    ]
    assert first(tmp_path, call) == [("reply", "met", 16)]
    waited = rows["sent_at"][2] - rows["sent_at"][1]
    assert waited == timedelta(seconds=15, milliseconds=344)


def test_talk_hold_and_wrap_up_are_handling_time_and_the_call_ends_before_the_wrap_up(
    tmp_path: Path,
) -> None:
    rows = read(tmp_path, conversation(CALLER, QUEUE, INES))
    handled = timedelta(seconds=280 - 35 + 20, milliseconds=-344)
    assert rows["handle_time"].drop_nulls().to_list() == [handled]
    assert at(rows, "status") == ["2026-03-02T09:04:40Z"]


def test_who_left_while_it_rang_abandoned_the_call(tmp_path: Path) -> None:
    rang = who("agent", segment("alert", 28, 40), userId="ines")
    caller = who("customer", segment("interact", 0, 60))
    assert first(tmp_path, conversation(caller, QUEUE, rang)) == [("abandoned", "excluded", 40)]


def test_who_left_in_the_menu_waited_for_nobody(tmp_path: Path) -> None:
    call = conversation(
        who("customer", segment("interact", 0, 31)), who("ivr", segment("ivr", 0, 31))
    )
    assert first(tmp_path, call) == []
    assert told(read(tmp_path, call), "event") == [("update",), ("status",)]


def test_a_call_to_one_persons_own_number_waits_while_it_rings(tmp_path: Path) -> None:
    caller = who("customer", segment("interact", 0, 60))
    direct = who("user", segment("alert", 2, 14), segment("interact", 14, 60), userId="jan")
    missed = who("user", segment("alert", 2, 60), userId="jan")
    assert first(tmp_path / "a", conversation(caller, direct)) == [("reply", "met", 12)]
    assert first(tmp_path / "b", conversation(caller, missed)) == [("abandoned", "excluded", 58)]


def test_a_later_queue_hands_the_caller_over(tmp_path: Path) -> None:
    again = who("acd", segment("interact", 200, 248, queueId="q2"))
    jan = who("agent", segment("interact", 248, 280, queueId="q2"), userId="jan")
    rows = read(tmp_path, conversation(CALLER, QUEUE, INES, again, jan))
    assert told(rows, "event", "agent", "team")[2:] == [
        ("outbound", "ines", "q1"),
        ("handoff", None, "q2"),
        ("outbound", "jan", "q2"),
        ("status", "jan", "q2"),
    ]


def test_calls_we_made_begin_where_we_talked_and_skipped_previews_are_no_calls(
    tmp_path: Path,
) -> None:
    jan = who("agent", segment("dialing", 0, 8), segment("interact", 8, 60), userId="jan")
    ours = conversation(
        jan, who("external", segment("interact", 8, 60)), originatingDirection="outbound"
    )
    preview = who(
        "agent", segment("interact", 0, 9, wrapUpCode="ININ-OUTBOUND-PREVIEW-SKIPPED"), userId="jan"
    )
    skipped = conversation(preview, conversationId="g2", originatingDirection="outbound")
    rows = read(tmp_path, ours, skipped)
    assert told(rows, "event") == [("outbound",), ("status",)]
    assert at(rows, "outbound") == ["2026-03-02T09:00:08Z"]
    assert "preview skipped" in rows["skip"].drop_nulls().to_list()


def test_a_voicemail_is_no_answer_and_a_tag(tmp_path: Path) -> None:
    voicemail = who("voicemail", segment("interact", 50, 80))
    call = conversation(who("customer", segment("interact", 0, 80)), QUEUE, voicemail)
    assert first(tmp_path, call) == [("abandoned", "excluded", 60)]
    assert told(read(tmp_path, call), "tags")[-1] == (["voicemail"],)


def test_a_chat_is_a_chat_and_one_that_goes_on_has_no_end(tmp_path: Path) -> None:
    people = [who("customer", segment("interact", 0, 9), media="chat"), QUEUE]
    going = conversation(*people, conversationEnd=None)
    rows = read(tmp_path, going)
    assert told(rows, "event", "channel") == [("update", "chat"), ("inbound", "chat")]
    assert first(tmp_path, going) == [("none", "open", 0)]


def test_a_conversation_exported_again_after_it_ended_counts_once(tmp_path: Path) -> None:
    going = conversation(CALLER, QUEUE, conversationEnd=None)
    rows = read(tmp_path, conversation(CALLER, QUEUE, INES), going)
    assert len(told(rows, "row")) == 4
    assert set(rows["skip"].drop_nulls()) == {"delivered again"}


def test_a_conversation_without_a_beginning_is_refused(tmp_path: Path) -> None:
    rows = read(tmp_path, conversation(CALLER, conversationStart=None))
    assert refused(rows) == [(1, "conversationStart: expected datetime, got null", "null")]
