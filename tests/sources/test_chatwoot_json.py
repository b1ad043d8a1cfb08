"""Chatwoot as JSON: every trap of its conversations and messages this reader meets."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from reading import UNSET, Record, at, is_claimed, refused, rows_of, told, written

from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.chatwoot_json import SOURCE

if TYPE_CHECKING:
    import polars as pl

START = 1_772_442_000
"""2026-03-02T09:00:00Z."""
CLEO = {"id": 41, "name": "Cleo", "type": "contact"}
ANA = {"id": 3, "name": "Ana", "type": "user"}
BOT = {"id": 1, "name": "Compass", "type": "agent_bot"}


def message(
    number: int, minute: int, kind: int, sender: Record | None, **changed: object
) -> Record:
    return {
        "id": number,
        "conversation_id": 1,
        "message_type": kind,
        "content": "x",
        "content_type": "text",
        "content_attributes": {},
        "private": False,
        "status": "sent",
        "created_at": START + 60 * minute,
        "sender": sender,
    } | changed


def activity(number: int, minute: int, text: str, **marked: object) -> Record:
    return message(number, minute, 2, None, content=text, content_attributes=marked)


def conversation(**changed: object) -> Record:
    return {
        "id": 1,
        "account_id": 1,
        "inbox_id": 5,
        "created_at": START,
        "last_activity_at": START + 3000,
        "first_reply_created_at": 0,
        "status": "resolved",
        "priority": "urgent",
        "labels": ["vip"],
        "messages": [],
        "meta": {"sender": CLEO, "assignee": ANA, "team": None, "channel": "Channel::WebWidget"},
    } | changed


def read(
    folder: Path,
    messages: list[Record] | None = None,
    *conversations: Record,
    settings: ReadSettings = UNSET,
) -> pl.DataFrame:
    files = {}
    if messages is not None:
        files["messages.json"] = json.dumps({"meta": {}, "payload": messages})
    if conversations:
        listed = {"data": {"meta": {"all_count": 1}, "payload": list(conversations)}}
        files["conversations.json"] = json.dumps(listed)
    return rows_of(SOURCE, folder, files, settings)


def test_roles_are_contact_agent_bot_template_and_nobody_known(tmp_path: Path) -> None:
    people = [(0, CLEO), (1, ANA), (1, BOT), (3, None), (1, None)]
    rows = read(tmp_path, [message(n, n, kind, who) for n, (kind, who) in enumerate(people, 1)])
    assert told(rows, "event", "author_role", "is_automated", "agent") == [
        ("inbound", "customer", False, None),
        ("outbound", "agent", False, "Ana"),
        ("outbound", "bot", True, None),
        ("outbound", "system", True, None),
        ("outbound", "unknown", False, None),
    ]


def test_the_sender_may_be_told_by_its_class(tmp_path: Path) -> None:
    classes = ("User", "AgentBot", "Captain::Assistant")
    rows = read(
        tmp_path, [message(n, n, 1, {"id": 1}, sender_type=c) for n, c in enumerate(classes)]
    )
    assert rows["author_role"].to_list() == ["agent", "bot", "bot"]


def test_a_private_message_is_a_note_and_our_bots_are_bots(tmp_path: Path) -> None:
    settings = ReadSettings(us=Us(bots=("ana",)))
    messages = [message(1, 1, 1, ANA, private=True), message(2, 2, 1, ANA)]
    rows = read(tmp_path, messages, settings=settings)
    assert told(rows, "event", "author_role") == [("note", "bot"), ("outbound", "bot")]


@pytest.mark.parametrize("key", ["automation_rule_id", "campaign_id"])
def test_a_campaign_or_rule_is_no_human_reply(tmp_path: Path, key: str) -> None:
    place = "content_attributes" if key == "automation_rule_id" else "additional_attributes"
    rows = read(tmp_path, [message(1, 1, 1, ANA, **{place: {key: 9}})])
    assert told(rows, "event", "is_automated") == [("outbound", True)]


def test_a_message_that_failed_to_send_answers_nobody(tmp_path: Path) -> None:
    rows = read(tmp_path, [message(1, 1, 1, ANA, status="failed")])
    assert rows["skip"].to_list() == ["failed to send"]


@pytest.mark.parametrize(
    ("text", "status"),
    [
        ("Conversation was marked resolved by Ana", "resolved"),
        ("Conversation was marked resolved by system due to 3 days of inactivity", "resolved"),
        ("Conversation was resolved by Cleo", "resolved"),
        ("Conversation was reopened by Ana", "open"),
        ("System reopened the conversation due to a new incoming message.", "open"),
        ("Conversation was marked as pending by Ana", "pending"),
        ("Conversation was snoozed by Ana", "snoozed"),
    ],
)
def test_statuses_are_told_by_activities_in_words(tmp_path: Path, text: str, status: str) -> None:
    assert told(read(tmp_path, [activity(1, 1, text)]), "event", "status") == [("status", status)]


def test_a_customer_who_writes_like_an_activity_changes_no_status(tmp_path: Path) -> None:
    words = "Conversation was marked resolved by Ana"
    rows = read(tmp_path, [message(1, 1, 0, CLEO, content=words)])
    assert told(rows, "event", "status") == [("inbound", None)]


def test_an_activity_of_another_language_tells_a_status_where_it_is_marked(tmp_path: Path) -> None:
    marked = {"type": "conversation_status_changed", "status": "resolved"}
    words = "Ana marcó la conversación como resuelta"
    rows = read(tmp_path, [activity(1, 1, words, activity=marked), activity(2, 2, words)])
    assert rows.select("event", "status", "skip").rows() == [
        ("status", "resolved", None),
        (None, None, "activity without a status"),
    ]


def test_assigned_to_may_be_a_team_or_an_agent_and_is_not_read(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        [
            activity(1, 1, "Assigned to billing by Ana"),
            activity(2, 2, "Ana set the priority to low"),
        ],
    )
    assert rows["skip"].to_list() == ["activity without a status", None]
    assert told(rows, "event", "priority", "agent") == [("update", "low", None)]


def test_the_list_of_conversations_shows_last_messages_only(tmp_path: Path) -> None:
    last = message(9, 40, 0, CLEO)
    listed = conversation(first_reply_created_at=START + 600, messages=[last])
    rows = read(tmp_path, None, listed)
    assert told(rows, "event", "grain", "priority", "agent", "tags") == [
        ("inbound", "milestone", "urgent", "Ana", ["vip"]),
        ("outbound", "milestone", "urgent", "Ana", ["vip"]),
    ]
    assert at(rows, "outbound") == ["2026-03-02T09:10:00Z"]


def test_zero_stands_for_no_reply_not_for_1970(tmp_path: Path) -> None:
    assert told(read(tmp_path, None, conversation()), "event") == [("inbound",)]


def test_todays_status_has_no_instant_and_is_not_told(tmp_path: Path) -> None:
    messages = [message(1, 0, 0, CLEO)]
    assert at(read(tmp_path, messages, conversation(status="resolved")), "status") == []


def test_with_its_messages_a_conversation_gives_names_and_todays_values(tmp_path: Path) -> None:
    rows = read(tmp_path, [message(1, 0, 0, None)], conversation())
    assert told(rows, "event", "channel", "customer", "priority") == [
        ("inbound", "chat", "Cleo", None),
        ("update", "chat", "Cleo", "urgent"),
    ]
    assert at(rows, "update") == ["2026-03-02T09:50:00Z"]


def test_conversations_that_hold_all_their_messages_need_no_other_file(tmp_path: Path) -> None:
    inside = [message(1, 0, 0, CLEO), message(2, 5, 1, ANA)]
    for each in inside:
        del each["conversation_id"]
    files = {"all.json": json.dumps([conversation(messages=inside)])}
    rows = rows_of(SOURCE, tmp_path, files)
    assert told(rows, "event", "conversation_id") == [
        ("inbound", "1"),
        ("outbound", "1"),
        ("update", "1"),
    ]


def test_the_answer_to_a_survey_is_a_rating_and_no_message(tmp_path: Path) -> None:
    answer = {"submitted_values": {"csat_survey_response": {"rating": 4}}}
    asked = {"content_type": "input_csat", "content_attributes": answer}
    rows = read(tmp_path, [message(1, 5, 3, None, **asked)])
    assert told(rows, "event", "author_role", "rating") == [
        ("outbound", "system", None),
        ("rated", "customer", 0.75),
    ]


def test_a_message_of_a_kind_nobody_knows_is_a_reject(tmp_path: Path) -> None:
    rows = read(tmp_path, [message(1, 1, 9, ANA)])
    assert refused(rows) == [(1, "message_type: not 0, 1, 2 or 3", "9")]


def test_milliseconds_are_not_taken_for_seconds(tmp_path: Path) -> None:
    ((_, rule, _),) = refused(read(tmp_path, [message(1, 1, 0, CLEO, created_at=START * 1000)]))
    assert rule.startswith("created_at: ")


def test_a_report_of_averages_is_not_claimed(tmp_path: Path) -> None:
    text = (
        "Reporting period 01-03-2026 to 31-03-2026\n\n"
        "Agent name,Conversations count,Avg first response time\n\n'Ana,12,2 hours 3 minutes\n"
    )
    (path,) = written(tmp_path, {"agents.csv": text})
    assert not is_claimed(SOURCE, path)


@pytest.mark.parametrize("is_first_told", [True, False])
def test_a_conversation_saved_twice_opens_once_whichever_page_holds_its_messages(
    tmp_path: Path, *, is_first_told: bool
) -> None:
    both = [message(1, 0, 0, CLEO), message(2, 3, 1, ANA)]
    pages = [conversation(messages=both), conversation(messages=both[-1:])]
    rows = rows_of(
        SOURCE, tmp_path, {"all.json": json.dumps(pages if is_first_told else pages[::-1])}
    )
    assert told(rows.filter(rows["event"] != "update"), "message_id", "event") == [
        ("1", "inbound"),
        ("2", "outbound"),
    ]


@pytest.mark.parametrize("odd", [True, [], "x", {"type": "conversation_status_changed"}])
def test_an_activity_marked_in_an_unknown_way_is_told_by_its_text(
    tmp_path: Path, odd: object
) -> None:
    said = activity(1, 5, "Conversation was snoozed by Ana", activity=odd)
    rows = rows_of(SOURCE, tmp_path, {"messages.json": json.dumps([said])})
    assert told(rows, "event", "status") == [("status", "snoozed")]
