"""Freshdesk JSON: the traps of real accounts, each in a file of a few lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from audits import clocks, sla
from audits import of as clocks_of
from audits import written as audited
from small_files import claimed, read, refused, skipped, told

from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.freshdesk_json import SOURCE

Record = dict[str, Any]
CUSTOMER, AGENT = 301, 901


def ticket(stats: Record | None = None, **changed: object) -> Record:
    return {
        "id": 22,
        "status": 2,
        "priority": 4,
        "source": 1,
        "requester_id": CUSTOMER,
        "responder_id": AGENT,
        "group_id": 7,
        "type": "Problem",
        "created_at": "2026-03-02T09:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z",
        "fr_due_by": "2026-03-03T09:00:00Z",
        "due_by": "2026-03-05T09:00:00Z",
        "spam": False,
        "tags": ["tent"],
        "stats": {"first_responded_at": None, "resolved_at": None, "closed_at": None}
        | (stats or {}),
    } | changed


def conversation(number: int, minute: int, **changed: object) -> Record:
    return {
        "id": number,
        "ticket_id": 22,
        "incoming": False,
        "private": False,
        "user_id": AGENT,
        "source": 0,
        "category": 3,
        "auto_response": False,
        "automation_id": None,
        "body_text": f"text {number}",
        "created_at": f"2026-03-02T09:{minute:02}:00Z",
    } | changed


def rating(score: int, ticket_id: int = 22) -> Record:
    return {
        "id": 5,
        "survey_id": 1,
        "ticket_id": ticket_id,
        "ratings": {"default_question": score, "question_9": 103},
        "created_at": "2026-03-02T10:00:00Z",
    }


def survey() -> Record:
    return conversation(9, 59, incoming=True, user_id=CUSTOMER, source=6, category=7)


def test_the_ticket_itself_is_the_first_message(tmp_path: Path) -> None:
    files = {"t.json": [ticket(description_text="It leaks")], "c.json": [conversation(1, 5)]}
    rows = read(SOURCE, tmp_path, files, text=True)
    assert told(rows, "event", "author_role", "grain", "text") == [
        ("inbound", "customer", "message", "It leaks"),
        ("outbound", "agent", "message", "text 1"),
    ]


def test_a_private_message_and_a_forward_are_notes(tmp_path: Path) -> None:
    said = [conversation(1, 5, private=True, source=2), conversation(2, 6, source=8)]
    rows = read(SOURCE, tmp_path, {"t.json": [ticket()], "c.json": said})
    assert told(rows, "event") == [("inbound",), ("note",), ("note",)]


@pytest.mark.parametrize("auto", [{"auto_response": True}, {"automation_id": 77}])
def test_what_freshdesk_sends_by_itself_is_automated(tmp_path: Path, auto: Record) -> None:
    files = {"t.json": [ticket()], "c.json": [conversation(1, 5, **auto)]}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows.tail(1), "event", "author_role", "is_automated") == [
        ("outbound", "system", True)
    ]


def test_a_bot_named_in_the_policy_is_a_bot(tmp_path: Path) -> None:
    files = {"t.json": [ticket()], "c.json": [conversation(1, 5)]}
    rows = read(SOURCE, tmp_path, files, us=Us(bots=("901",)))
    assert told(rows.tail(1), "author_role", "is_automated") == [("bot", True)]


def test_the_answer_to_a_survey_is_no_message(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"t.json": [ticket()], "c.json": [survey()]})
    assert told(rows, "event", "rating") == [("inbound", None), ("rated", None)]


def test_the_answer_to_a_survey_is_told_once_where_the_ratings_are_known(tmp_path: Path) -> None:
    files = {"t.json": [ticket()], "c.json": [survey()], "r.json": [rating(103)]}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "event", "rating") == [("inbound", None), ("rated", 1.0)]
    assert skipped(rows) == {"told by satisfaction_ratings": 1}


@pytest.mark.parametrize(
    ("score", "share"),
    [(103, 1.0), (102, 5 / 6), (101, 4 / 6), (100, 0.5), (-101, 2 / 6), (-102, 1 / 6), (-103, 0.0)],
)
def test_ratings_are_scores_around_a_hundred(tmp_path: Path, score: int, share: float) -> None:
    rows = read(SOURCE, tmp_path, {"r.json": [rating(score)]})
    assert rows["rating"].to_list() == pytest.approx([share])


def test_a_rating_of_an_unknown_scale_is_a_reject(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"r.json": [rating(5)]})
    assert refused(rows) == [(1, "ratings.default_question: unknown score", "5")]


def test_a_rating_does_not_make_a_ticket_told_by_milestones_finer(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"t.json": [ticket()], "r.json": [rating(103)]})
    assert rows["grain"].to_list() == ["milestone", "milestone"]


def test_an_outbound_ticket_is_born_closed_and_opened_by_us(tmp_path: Path) -> None:
    at = "2026-03-02T09:00:00Z"
    born = ticket({"resolved_at": at, "closed_at": at}, source=10, status=5)
    rows = read(SOURCE, tmp_path, {"t.json": [born]})
    assert told(rows.sort("event"), "event", "author_role", "agent") == [
        ("outbound", "agent", "901"),
        ("status", "system", "901"),
        ("status", "system", "901"),
    ]
    assert "inbound" not in rows["event"].to_list()


def test_a_reply_freshdesk_did_not_count_is_read_from_the_conversations(tmp_path: Path) -> None:
    files = {"t.json": [ticket(source=10, status=5)], "c.json": [conversation(1, 2)]}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "event", "message_id") == [("outbound", "22-0-opening"), ("outbound", "1")]


def test_without_conversations_the_stats_tell_three_stamps(tmp_path: Path) -> None:
    stats = {"first_responded_at": "2026-03-02T09:30:00Z", "resolved_at": "2026-03-02T11:00:00Z"}
    rows = read(SOURCE, tmp_path, {"t.json": [ticket(stats, status=4)]})
    assert told(rows, "sent_at", "event", "status", "grain") == [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "inbound", None, "milestone"),
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), "outbound", None, "milestone"),
        (datetime(2026, 3, 2, 11, tzinfo=UTC), "status", "resolved", "milestone"),
    ]


def test_pending_may_begin_before_the_first_reply(tmp_path: Path) -> None:
    stats = {
        "status_updated_at": "2026-03-02T09:03:25Z",
        "pending_since": "2026-03-02T09:03:25Z",
        "first_responded_at": "2026-03-02T09:16:58Z",
    }
    rows = read(SOURCE, tmp_path, {"t.json": [ticket(stats, status=3)]})
    assert told(rows, "event", "status") == [
        ("inbound", None),
        ("status", "pending"),
        ("outbound", None),
    ]


def test_a_ticket_open_again_without_a_date_was_not_solved(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"t.json": [ticket({"resolved_at": "2026-03-02T11:00:00Z"})]})
    assert told(rows, "event") == [("inbound",)]


def test_a_ticket_reopened_was_solved_before(tmp_path: Path) -> None:
    stats = {"resolved_at": "2026-03-02T11:00:00Z", "reopened_at": "2026-03-02T12:00:00Z"}
    rows = read(SOURCE, tmp_path, {"t.json": [ticket(stats)]})
    assert told(rows, "status") == [(None,), ("resolved",), ("open",)]


def test_sample_tickets_are_as_old_as_the_account_and_due_when_it_is_used(tmp_path: Path) -> None:
    sample = ticket(created_at="2020-10-22T02:37:13Z", fr_due_by="2022-05-26T05:25:35Z")
    rows = read(SOURCE, tmp_path, {"t.json": [sample], "c.json": [conversation(1, 5)]})
    assert skipped(rows) == {"sample ticket": 2}


@pytest.mark.parametrize(
    ("changed", "reason"), [({"spam": True}, "spam"), ({"deleted": True}, "deleted ticket")]
)
def test_spam_and_deleted_tickets_are_skipped_with_all_they_hold(
    tmp_path: Path, changed: Record, reason: str
) -> None:
    files = {"t.json": [ticket(**changed)], "c.json": [conversation(1, 5)]}
    assert skipped(read(SOURCE, tmp_path, files)) == {reason: 2}


@pytest.mark.parametrize(
    ("number", "channel", "platform"),
    [
        (1, "email", None),
        (3, "voice", None),
        (5, "social", "twitter"),
        (6, "social", "facebook"),
        (7, "chat", None),
        (13, "messaging", "whatsapp"),
        (99, "other", None),
    ],
)
def test_sources_are_numbers(
    tmp_path: Path, number: int, channel: str, platform: str | None
) -> None:
    rows = read(SOURCE, tmp_path, {"t.json": [ticket(source=number)]})
    assert told(rows, "channel", "platform", "priority") == [(channel, platform, "urgent")]


def test_agents_and_groups_give_the_names(tmp_path: Path) -> None:
    agent = {"id": AGENT, "ticket_scope": 1, "occasional": False, "contact": {"name": "Ana"}}
    group = {"id": 7, "name": "Advice", "escalate_to": None, "unassigned_for": None}
    files = {
        "t.json": [ticket()],
        "c.json": [conversation(1, 5)],
        "a.json": [agent],
        "g.json": [group],
    }
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "agent", "team") == [("Ana", "Advice"), ("Ana", "Advice")]
    assert skipped(rows) == {"companion: agents": 1, "companion: groups": 1}


def test_a_conversation_without_its_ticket_has_no_beginning(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"c.json": [conversation(1, 5)]})
    assert told(rows, "conversation_id", "is_partial") == [("22", True)]


def test_a_broken_stamp_names_its_row(tmp_path: Path) -> None:
    good, bad = ticket(), ticket(id=23, created_at="2026-03-02T09:00:00")
    rows = read(SOURCE, tmp_path, {"t.json": [good, bad]})
    assert refused(rows) == [(2, "created_at: no offset, set time_zone", "2026-03-02T09:00:00")]
    assert told(rows, "conversation_id") == [("22",)]


@pytest.mark.real_exports
def test_real_records_are_read(real_exports: Path) -> None:
    files = [claimed(SOURCE, path) for path in sorted(real_exports.glob("json/freshdesk_*.jsonl"))]
    assert len(files) == 3
    rows = SOURCE.read(files, ReadSettings()).collect()
    assert refused(rows) == []
    assert skipped(rows) == {"sample ticket": 2, "told by satisfaction_ratings": 1}
    first = rows.filter(pl.col("conversation_id") == "22", pl.col("event") == "outbound")
    assert first["sent_at"].to_list() == [datetime(2022, 11, 16, 16, 16, 58, tzinfo=UTC)]


def test_a_phone_ticket_solved_without_a_reply_is_no_abandoned_call(tmp_path: Path) -> None:
    solved = ticket({"resolved_at": "2026-03-02T11:00:00Z"}, source=3, status=4)
    files = {
        "t.json": json.dumps([solved]),
        "c.json": json.dumps([conversation(1, 5, private=True, source=2)]),
    }
    found = clocks(audited(tmp_path, files, sla("phone", "first_response", "1h")))
    (row,) = clocks_of(found, metric="first_response")
    assert (row["stop_reason"], row["outcome"]) == ("resolved", "breached")
