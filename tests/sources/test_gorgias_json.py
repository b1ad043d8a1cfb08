"""Gorgias JSON: the traps of its tickets and messages, each in a file of a few lines."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from audits import clocks, sla
from audits import of as clocks_of
from audits import written as audited
from desks import PLAIN, Record, ndjson, read, refused, skipped, times, told

from kpiaudit.settings import Us
from kpiaudit.sources.base import ExportFile
from kpiaudit.sources.gorgias_json import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

EVA: Record = {"id": 801, "name": "Eva", "email": "eva@mail.example"}
ANA: Record = {"id": 71, "name": "Ana", "email": "ana@example.com"}


def message(number: int, minute: int, author: Record, **changed: object) -> Record:
    return {
        "id": number,
        "ticket_id": 1,
        "public": True,
        "from_agent": author is ANA,
        "channel": "email",
        "via": "email",
        "sender": author,
        "rule_id": None,
        "body_text": "text",
        "created_datetime": f"2026-09-10T08:{minute:02}:00+00:00",
        "sent_datetime": None,
        "failed_datetime": None,
    } | changed


def ticket(**changed: object) -> Record:
    return {
        "id": 1,
        "status": "open",
        "priority": "high",
        "channel": "email",
        "via": "email",
        "from_agent": False,
        "customer": EVA,
        "assignee_user": ANA,
        "assignee_team": {"id": 3, "name": "Shop"},
        "tags": [{"id": 1, "name": "size"}, {"id": 2, "name": "vip"}],
        "messages_count": 1,
        "satisfaction_survey": None,
        "spam": False,
        "created_datetime": "2026-09-10T08:00:00+00:00",
        "updated_datetime": "2026-09-10T09:00:00+00:00",
        "closed_datetime": None,
        "trashed_datetime": None,
    } | changed


def of(
    folder: Path, *messages: Record, tickets: list[Record] | None = None, us: Us | None = None
) -> pl.DataFrame:
    files = {"tickets.json": json.dumps({"data": tickets or [ticket()], "object": "list"})}
    if messages:
        files["messages.jsonl"] = ndjson(messages)
    return read(SOURCE, folder, files, replace(PLAIN, us=us or Us()))


@pytest.mark.parametrize(
    ("stamp", "micros"),
    [
        ("2026-09-10T08:04:05.123456+00:00", 123_456),
        ("2026-09-10T08:04:05+00:00", 0),
        ("2026-09-10T08:04:05Z", 0),
        ("2026-09-10 08:04:05", 0),
    ],
)
def test_stamps_are_utc_in_four_spellings(tmp_path: Path, stamp: str, micros: int) -> None:
    rows = of(tmp_path, message(9, 0, EVA, created_datetime=stamp))
    assert times(rows, "inbound") == ["10 08:04:05"]
    assert told(rows, "sent_at", event="inbound")[0].microsecond == micros


def test_from_agent_and_public_tell_the_side(tmp_path: Path) -> None:
    rows = of(tmp_path, message(8, 0, EVA), message(9, 5, ANA, public=False), message(10, 9, ANA))
    assert told(rows, "event", "author_role", "agent", "customer")[:3] == [
        ("inbound", "customer", None, "801"),
        ("note", "agent", "Ana", "801"),
        ("outbound", "agent", "Ana", "801"),
    ]


@pytest.mark.parametrize("changed", [{"rule_id": 31}, {"via": "rule"}])
def test_a_rules_answer_is_from_agent_and_automated(tmp_path: Path, changed: Record) -> None:
    rows = of(tmp_path, message(9, 0, ANA, **changed))
    assert told(rows, "author_role", "is_automated", event="outbound") == [("system", True)]


def test_a_customers_message_that_fired_a_rule_stays_human(tmp_path: Path) -> None:
    rows = of(tmp_path, message(9, 0, EVA, rule_id=31))
    assert told(rows, "author_role", "is_automated", event="inbound") == [("customer", False)]


def test_a_bot_is_named_by_us(tmp_path: Path) -> None:
    rows = of(tmp_path, message(9, 0, ANA), us=Us(bots=("ana@EXAMPLE.com",)))
    assert told(rows, "author_role", "is_automated", event="outbound") == [("bot", True)]


def test_what_failed_to_be_delivered_is_skipped(tmp_path: Path) -> None:
    failed = message(9, 0, ANA, failed_datetime="2026-09-10T08:00:30+00:00")
    rows = of(tmp_path, failed)
    assert told(rows, "event", event="outbound") == []
    assert skipped(rows) == [(1, "not delivered")]


def test_created_is_not_sent_and_ours_count_from_sending(tmp_path: Path) -> None:
    stamp = {"sent_datetime": "2026-09-10T08:30:00+00:00"}
    rows = of(tmp_path, message(8, 10, EVA, **stamp), message(9, 20, ANA, **stamp))
    assert times(rows, "inbound") == ["10 08:10:00"]
    assert times(rows, "outbound") == ["10 08:30:00"]


def test_an_internal_note_has_its_tickets_channel(tmp_path: Path) -> None:
    rows = of(tmp_path, message(9, 0, ANA, channel="internal-note"))
    assert told(rows, "channel", event="note") == ["email"]


def test_without_messages_opening_and_closing_are_milestones(tmp_path: Path) -> None:
    closed = ticket(status="closed", closed_datetime="2026-09-10T08:50:00+00:00")
    rows = of(tmp_path, tickets=[closed])
    assert told(rows, "event", "status", "grain") == [
        ("inbound", None, "milestone"),
        ("status", "closed", "milestone"),
        ("update", None, "milestone"),
    ]


def test_with_messages_the_ticket_opens_once(tmp_path: Path) -> None:
    rows = of(tmp_path, message(9, 0, EVA))
    assert told(rows, "message_id", "grain", event="inbound") == [("9", "message")]


def test_a_ticket_open_again_is_not_closed_by_its_stamp(tmp_path: Path) -> None:
    again = ticket(closed_datetime="2026-09-10T08:50:00+00:00")
    assert told(of(tmp_path, tickets=[again]), "event", event="status") == []


def test_messages_inside_a_ticket_are_read_alike(tmp_path: Path) -> None:
    inside = [message(8, 0, EVA), message(9, 4, ANA)]
    files = {"ticket.json": json.dumps(ticket(messages=inside))}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "message_id", "event", "agent", "row")[:2] == [
        ("8", "inbound", None, 1),
        ("9", "outbound", "Ana", 1),
    ]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [({"spam": True}, "spam"), ({"trashed_datetime": "2026-09-10T09:00:00Z"}, "trashed ticket")],
)
def test_spam_and_trash_are_skipped_with_their_messages(
    tmp_path: Path, changed: Record, reason: str
) -> None:
    rows = of(tmp_path, message(9, 0, EVA), tickets=[ticket(**changed)])
    assert told(rows, "event") == []
    assert set(skipped(rows)) == {(1, reason)}


def test_priority_team_agent_and_tags_are_todays(tmp_path: Path) -> None:
    rows = of(tmp_path, tickets=[ticket(priority="critical")])
    assert told(rows, "priority", "team", "agent", "tags", event="update") == [
        ("urgent", "Shop", "Ana", ["size", "vip"])
    ]
    assert times(rows, "update") == ["10 09:00:00"]


def test_a_survey_of_one_to_five_is_a_share(tmp_path: Path) -> None:
    survey = {"score": 2, "scored_datetime": "2026-09-11T08:00:00Z"}
    rows = of(tmp_path, tickets=[ticket(satisfaction_survey=survey)])
    assert told(rows, "rating", "author_role", event="rated") == [(pytest.approx(0.25), "customer")]


@pytest.mark.parametrize(
    ("word", "channel", "platform", "visibility"),
    [
        ("instagram-comment", "social", "instagram", "public"),
        ("instagram-direct-message", "social", "instagram", "private"),
        ("whatsapp", "messaging", "whatsapp", "private"),
        ("aircall", "voice", None, "private"),
        ("carrier-pigeon", "other", None, "unknown"),
    ],
)
def test_the_channel_tells_platform_and_visibility(
    tmp_path: Path, word: str, channel: str, platform: str | None, visibility: str
) -> None:
    rows = of(tmp_path, message(9, 0, EVA, channel=word))
    assert told(rows, "channel", "platform", "visibility", event="inbound") == [
        (channel, platform, visibility)
    ]


def test_a_message_without_a_date_or_a_ticket_is_a_reject(tmp_path: Path) -> None:
    rows = of(
        tmp_path,
        message(8, 0, EVA, created_datetime="22/09/2026 08:00"),
        message(9, 0, EVA, ticket_id=None),
        message(10, 0, EVA, public=None),
    )
    assert sorted(refused(rows)) == [
        (1, "created_datetime: not a date", "22/09/2026 08:00"),
        (2, "ticket_id: missing", None),
        (3, "public: neither true nor false", None),
    ]


def test_the_header_is_checked_strictly_for_no_real_file_was_seen(tmp_path: Path) -> None:
    assert not SOURCE.seen_in_the_wild
    for shape in SOURCE.shapes.values():
        have = tuple(sorted(shape.columns))
        for column in have:
            rest = tuple(name for name in have if name != column)
            file = ExportFile(tmp_path / "x", "x", "json", rest)
            assert shape.lacks(file) == frozenset({column})


def test_a_phone_ticket_closed_without_a_reply_is_no_abandoned_call(tmp_path: Path) -> None:
    closed = ticket(channel="phone", status="closed", closed_datetime="2026-09-10T11:00:00+00:00")
    files = {
        "tickets.json": json.dumps({"data": [closed], "object": "list"}),
        "messages.jsonl": ndjson([message(1, 0, EVA, channel="phone")]),
    }
    found = clocks(audited(tmp_path, files, sla("phone", "first_response", "1h")))
    (row,) = clocks_of(found, metric="first_response")
    assert (row["stop_reason"], row["outcome"]) == ("resolved", "breached")
