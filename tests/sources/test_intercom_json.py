"""Intercom JSON: the traps of real records, each in a file of a few lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from desks import PLAIN, Record, ndjson, read, refused, skipped, times, told

from kpiaudit.settings import Us
from kpiaudit.sources.intercom_json import SOURCE

if TYPE_CHECKING:
    import polars as pl

START = 1_789_000_000
"""2026-09-10 00:26:40 UTC."""
ANA: Record = {"type": "admin", "id": "51", "name": "Ana", "email": "ana@example.com"}
LEAD: Record = {"type": "lead", "id": "c9", "name": None, "email": ""}
USER: Record = LEAD | {"type": "user"}
OPERATOR: Record = {"type": "bot", "id": "50", "name": "Operator", "email": "operator@example.com"}


def part(number: int, second: int, kind: str, author: Record, **changed: object) -> Record:
    return {
        "type": "conversation_part",
        "id": str(number),
        "part_type": kind,
        "body": None,
        "created_at": START + second,
        "assigned_to": None,
        "author": author,
    } | changed


def conversation(*parts: Record, source: Record | None = None, **changed: object) -> Record:
    opening = {
        "type": "conversation",
        "id": "77",
        "delivered_as": "customer_initiated",
        "body": "<p>Hello <b>there</b></p>",
        "author": LEAD,
    } | (source or {})
    held = {"type": "conversation_part.list", "conversation_parts": list(parts)}
    return {
        "type": "conversation",
        "id": "1",
        "created_at": START,
        "updated_at": START + 9_000,
        "waiting_since": None,
        "source": opening,
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c9"}]},
        "state": "open",
        "priority": "not_priority",
        "tags": {"type": "tag.list", "tags": []},
        "statistics": None,
        "conversation_rating": None,
        "conversation_parts": held,
    } | changed


def only(folder: Path, *records: Record) -> pl.DataFrame:
    return read(SOURCE, folder, {"conversations.json": json.dumps({"conversations": records})})


def statistics(**stamps: int | None) -> Record:
    return {"time_to_admin_reply": 1} | {
        name: None if second is None else START + second for name, second in stamps.items()
    }


def test_the_opening_message_is_in_source_not_among_the_parts(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(part(900, 60, "comment", ANA, body="<p>Hi</p>")))
    assert told(rows, "event", "customer", "agent", "text")[:2] == [
        ("inbound", "c9", None, "Hello  there"),
        ("outbound", "c9", "Ana", "Hi"),
    ]
    assert times(rows, "inbound") == ["10 00:26:40"]


def test_parts_of_another_file_join_by_number_and_by_text(tmp_path: Path) -> None:
    listed = conversation(conversation_parts=None)
    rows = read(
        SOURCE,
        tmp_path,
        {
            "conversations.jsonl": ndjson([listed]),
            "parts.jsonl": ndjson([part(900, 60, "comment", ANA) | {"conversation_id": 1}]),
        },
    )
    assert told(rows, "conversation_id", "event", "channel", "is_partial") == [
        ("1", "inbound", "chat", False),
        ("1", "outbound", "chat", False),
        ("1", "update", "chat", False),
    ]


def test_parts_without_their_conversation_are_partial(tmp_path: Path) -> None:
    files = {"parts.jsonl": ndjson([part(900, 60, "comment", USER) | {"conversation_id": 1}])}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "event", "is_partial", "customer") == [("inbound", True, "c9")]


def test_the_same_contact_is_lead_in_source_and_user_in_parts(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(part(900, 60, "comment", USER)))
    assert told(rows, "author_role", "customer", event="inbound") == [("customer", "c9")] * 2


def test_a_bots_comment_is_automated_and_no_agents_answer(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(part(900, 3, "comment", OPERATOR, body="<p>Soon</p>")))
    assert told(rows, "author_role", "is_automated", "agent", event="outbound") == [
        ("bot", True, None)
    ]


def test_a_bot_among_the_admins_is_named_by_us(tmp_path: Path) -> None:
    files = {"conversations.jsonl": ndjson([conversation(part(900, 3, "comment", ANA))])}
    rows = read(SOURCE, tmp_path, files, replace(PLAIN, us=Us(bots=("ANA",))))
    assert told(rows, "author_role", event="outbound") == ["bot"]


def test_an_automated_opening_is_no_customers_message(tmp_path: Path) -> None:
    rows = only(
        tmp_path, conversation(source={"delivered_as": "automated", "author": ANA}, statistics=None)
    )
    assert told(rows, "event", "is_automated", event="outbound") == [("outbound", True)]
    assert told(rows, "event", event="inbound") == []


def test_an_agents_own_opening_is_a_human_message(tmp_path: Path) -> None:
    opening = {"delivered_as": "admin_initiated", "author": ANA}
    rows = only(tmp_path, conversation(source=opening))
    assert told(rows, "is_automated", "agent", event="outbound") == [(False, "Ana")]


def test_a_note_is_internal(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(part(900, 60, "note", ANA, body="<p>who?</p>")))
    assert told(rows, "author_role", event="note") == ["agent"]
    assert told(rows, "event", event="outbound") == []


def test_a_closing_with_a_body_is_a_reply_too(tmp_path: Path) -> None:
    rows = only(
        tmp_path,
        conversation(
            part(900, 60, "close", ANA, body="<p>Bye</p>"), part(901, 90, "close", ANA, body="")
        ),
    )
    assert told(rows, "message_id", "text", event="outbound") == [("900", "Bye")]
    assert told(rows, "message_id", "status", event="status") == [
        ("900-status", "closed"),
        ("901", "closed"),
    ]


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("close", "closed"),
        ("open", "open"),
        ("snoozed", "snoozed"),
        ("unsnoozed", "open"),
        ("timer_unsnooze", "open"),
        ("note_and_reopen", "open"),
        ("assign_and_reopen", "open"),
    ],
)
def test_parts_tell_the_status(tmp_path: Path, kind: str, status: str) -> None:
    rows = only(tmp_path, conversation(part(900, 60, kind, ANA)))
    assert told(rows, "status", event="status") == [status]


def test_an_assignment_tells_agent_and_team_from_then_on(tmp_path: Path) -> None:
    parts = [
        part(900, 60, "assignment", OPERATOR, assigned_to={"type": "team", "id": "7"}),
        part(901, 90, "assignment", ANA, assigned_to={"type": "admin", "id": "51"}),
        part(902, 95, "assignment", ANA, assigned_to={"type": "nobody_admin", "id": None}),
    ]
    files = {
        "conversations.jsonl": ndjson([conversation(*parts)]),
        "teams.jsonl": ndjson([{"type": "team", "id": "7", "name": "Shop", "admin_ids": [51]}]),
    }
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "agent", "team", event="update")[:3] == [
        (None, "Shop"),
        ("Ana", None),
        ("(unassigned)", None),
    ]
    assert skipped(rows) == [(1, "companion: teams")]


def test_admin_assignee_zero_is_nobody(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(admin_assignee_id="0", team_assignee_id=0))
    assert told(rows, "agent", "team", event="update") == [("(unassigned)", "(none)")]


def test_without_parts_statistics_give_milestones_and_no_duration(tmp_path: Path) -> None:
    stamps = statistics(
        first_contact_reply_at=0, first_admin_reply_at=18_100_888, last_close_at=18_200_000
    )
    listed = conversation(conversation_parts=None, state="closed", statistics=stamps)
    rows = only(tmp_path, listed)
    assert told(rows, "event", "grain")[:2] == [("inbound", "milestone"), ("update", "milestone")]
    inbound, outbound, closed = (
        rows.filter(rows["event"] == event)["sent_at"][0]
        for event in ("inbound", "outbound", "status")
    )
    assert (outbound - inbound).total_seconds() == 18_100_888
    assert (closed - inbound).total_seconds() == 18_200_000


def test_a_conversation_reopened_since_is_not_closed_by_its_statistics(tmp_path: Path) -> None:
    listed = conversation(conversation_parts=None, statistics=statistics(last_close_at=500))
    assert told(only(tmp_path, listed), "status", event="status") == []


def test_where_parts_are_missing_the_first_answer_of_statistics_stands_in(tmp_path: Path) -> None:
    stamps = statistics(first_contact_reply_at=0, first_admin_reply_at=700)
    bot = part(900, 3, "comment", OPERATOR)
    rows = only(tmp_path, conversation(bot, statistics=stamps))
    assert told(rows, "author_role", "grain", event="outbound") == [
        ("bot", "message"),
        ("agent", "message"),
    ]


def test_a_part_tells_the_answer_better_than_statistics(tmp_path: Path) -> None:
    stamps = statistics(first_contact_reply_at=0, first_admin_reply_at=60, last_close_at=90)
    parts = [part(900, 60, "comment", ANA), part(901, 90, "close", ANA)]
    rows = only(tmp_path, conversation(*parts, state="closed", statistics=stamps))
    assert told(rows, "message_id", event="outbound") == ["900"]
    assert told(rows, "message_id", event="status") == ["901"]
    assert len(told(rows, "event", event="inbound")) == 1


def test_the_customers_first_word_in_a_campaign_comes_from_statistics(tmp_path: Path) -> None:
    listed = conversation(
        source={"delivered_as": "automated", "author": ANA},
        conversation_parts=None,
        statistics=statistics(first_contact_reply_at=300),
    )
    assert times(only(tmp_path, listed), "inbound") == ["10 00:31:40"]


def test_the_year_4018_is_a_sentinel(tmp_path: Path) -> None:
    rows = only(
        tmp_path,
        conversation(
            waiting_since=64_654_125_776,
            conversation_parts=None,
            statistics=statistics(first_admin_reply_at=64_654_125_776 - START),
        ),
    )
    assert told(rows, "event", event="outbound") == []
    assert refused(rows) == []


def test_a_part_in_the_year_4018_is_a_reject(tmp_path: Path) -> None:
    odd = part(900, 0, "comment", ANA) | {"created_at": 64_654_125_776, "conversation_id": 1}
    rows = read(SOURCE, tmp_path, {"parts.jsonl": ndjson([odd])})
    assert refused(rows) == [(1, "created_at: outside 1990 to 2100", "64654125776")]


def test_fewer_parts_than_statistics_count_are_read_as_they_are(tmp_path: Path) -> None:
    counted = statistics(first_contact_reply_at=0) | {"count_conversation_parts": 7}
    rows = only(tmp_path, conversation(part(900, 3, "comment", USER), statistics=counted))
    assert len(told(rows, "event", event="inbound")) == 2


def test_an_opening_later_than_its_reply_is_sorted_by_time(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(part(900, -60, "comment", ANA)))
    assert told(rows, "event")[:2] == ["outbound", "inbound"]


def test_the_opening_comes_before_a_part_of_the_same_second(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(part(9, 0, "comment", OPERATOR), source={"id": "77777"}))
    assert told(rows, "event")[:2] == ["inbound", "outbound"]


def test_a_rating_of_one_to_five_is_a_share(tmp_path: Path) -> None:
    given = {"rating": 4, "remark": None, "created_at": START + 500}
    asked = {"rating": None, "created_at": START + 500}
    assert told(only(tmp_path, conversation(conversation_rating=given)), "rating", event="rated")[
        0
    ] == pytest.approx(0.75)
    assert (
        told(only(tmp_path, conversation(conversation_rating=asked)), "event", event="rated") == []
    )


def test_tags_hold_from_when_they_were_put_on(tmp_path: Path) -> None:
    tags = [
        {"id": "2", "name": "vip", "applied_at": START + 50},
        {"id": "1", "name": "tent", "applied_at": START + 20},
    ]
    rows = only(tmp_path, conversation(tags={"type": "tag.list", "tags": tags}))
    assert told(rows, "tags", event="update") == [["tent"], ["tent", "vip"], ["tent", "vip"]]


def test_the_priority_flag_is_todays(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(priority="priority"))
    assert told(rows, "priority", "sent_at", event="update")[0][0] == "high"
    assert times(rows, "update") == ["10 02:56:40"]


def test_a_part_that_says_nothing_is_skipped_with_the_reason(tmp_path: Path) -> None:
    silent = part(900, 60, "conversation_sla_applied_by_rule", OPERATOR) | {"conversation_id": 1}
    rows = read(SOURCE, tmp_path, {"parts.jsonl": ndjson([silent])})
    assert skipped(rows) == [(1, "no message or change")]


def test_a_rating_remark_is_no_message(tmp_path: Path) -> None:
    remark = part(900, 60, "conversation_rating_remark_added", USER, body="great")
    rows = only(tmp_path, conversation(remark))
    assert len(told(rows, "event", event="inbound")) == 1


@pytest.mark.parametrize(
    ("kind", "channel", "platform"),
    [
        ("conversation", "chat", None),
        ("email", "email", None),
        ("instagram", "social", "instagram"),
        ("whatsapp", "messaging", "whatsapp"),
        ("push", "other", None),
    ],
)
def test_the_channel_is_the_type_of_the_source(
    tmp_path: Path, kind: str, channel: str, platform: str | None
) -> None:
    rows = only(tmp_path, conversation(source={"type": kind}))
    assert set(told(rows, "channel", "platform")) == {(channel, platform)}


def test_the_shape_of_api_1_is_read(tmp_path: Path) -> None:
    old = {
        "type": "conversation",
        "id": 1,
        "created_at": START,
        "updated_at": START + 90,
        "user": {"type": "user", "id": "c9"},
        "assignee": {"type": "admin", "id": "51"},
        "conversation_message": {"id": 77, "body": "<p>Hi</p>", "author": USER},
        "open": True,
        "conversation_parts": {"conversation_parts": [part(900, 60, "comment", ANA)]},
    }
    rows = read(SOURCE, tmp_path, {"old.jsonl": ndjson([old])})
    assert told(rows, "event", "customer", "agent") == [
        ("inbound", "c9", None),
        ("outbound", "c9", "Ana"),
        ("update", "c9", "Ana"),
    ]


def ticket(**changed: object) -> Record:
    return {
        "type": "ticket",
        "id": "1",
        "ticket_id": "31",
        "ticket_attributes": {"_default_description_": "It broke"},
        "ticket_state": "submitted",
        "ticket_type": {"type": "ticket_type", "is_internal": False},
        "category": "Customer",
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": "c9"}]},
        "admin_assignee_id": "0",
        "team_assignee_id": "0",
        "created_at": START,
        "updated_at": START + 100,
        "ticket_parts": {
            "ticket_parts": [
                part(800, 40, "ticket_state_updated_by_admin", ANA, ticket_state="resolved")
            ]
        },
    } | changed


def test_a_tickets_number_is_not_its_id_and_its_states_are_statuses(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"tickets.jsonl": ndjson([ticket()])})
    assert told(rows, "conversation_id", "event", "status") == [
        ("1", "inbound", None),
        ("1", "status", "resolved"),
        ("1", "update", None),
    ]


def test_a_ticket_of_a_known_conversation_does_not_open_it_twice(tmp_path: Path) -> None:
    files = {
        "tickets.jsonl": ndjson([ticket()]),
        "conversations.jsonl": ndjson([conversation()]),
    }
    assert len(told(read(SOURCE, tmp_path, files), "event", event="inbound")) == 1


def test_a_ticket_of_the_teams_own_is_skipped(tmp_path: Path) -> None:
    files = {"tickets.jsonl": ndjson([ticket(category="Tracker")])}
    assert skipped(read(SOURCE, tmp_path, files)) == [(1, "internal ticket")]


def test_a_part_without_a_conversation_is_a_reject(tmp_path: Path) -> None:
    lost = part(900, 60, "comment", ANA) | {"conversation_id": None}
    files = {"parts.jsonl": ndjson([part(899, 1, "comment", ANA) | {"conversation_id": 1}, lost])}
    assert refused(read(SOURCE, tmp_path, files)) == [(2, "conversation_id: missing", "900")]


@pytest.mark.real_exports
def test_real_records_give_the_wall_time_their_statistics_hide(
    real_exports: Path, tmp_path: Path
) -> None:
    folder = real_exports / "json"
    names = ("conversations", "conversation_parts", "tickets")
    files = {f"{n}.jsonl": (folder / f"intercom_{n}.jsonl").read_text("utf-8") for n in names}
    rows = read(SOURCE, tmp_path, files)
    first = rows.filter(rows["conversation_id"] == "1")
    human = first.filter((first["event"] == "outbound") & (first["author_role"] == "agent"))
    asked = first.filter(first["event"] == "inbound")
    assert (human["sent_at"][0] - asked["sent_at"][0]).total_seconds() == 18_100_888
    assert rows.filter(rows["conversation_id"] == "60")["is_automated"].all()
    assert skipped(rows) == [(1, "internal ticket")]
