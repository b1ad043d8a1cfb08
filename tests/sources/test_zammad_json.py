"""Zammad as JSON: every trap of its tickets, articles and histories this reader meets."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reading import UNSET, Record, at, page, refused, rows_of, told

from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.zammad_json import SOURCE

USERS: list[Record] = [
    {"id": 7, "login": "ana", "firstname": "Ana", "lastname": "Alba", "role_ids": [2]},
    {"id": 31, "login": "cleo@mail.example", "firstname": "", "lastname": "", "role_ids": [3]},
]


def stamp(minute: int) -> str:
    return f"2026-03-02T09:{minute:02}:00.000Z"


def ticket(**changed: object) -> Record:
    return {
        "id": 1,
        "number": "77001",
        "state_id": 2,
        "state": "open",
        "priority_id": 2,
        "priority": "2 normal",
        "group_id": 2,
        "group": "Desk",
        "owner_id": 1,
        "owner": "-",
        "customer_id": 31,
        "customer": "cleo@mail.example",
        "created_at": stamp(0),
        "updated_at": stamp(50),
        "create_article_type": "email",
        "create_article_sender": "Customer",
    } | changed


def article(
    number: int, minute: int, sender: str, kind: str = "email", **changed: object
) -> Record:
    return {
        "id": number,
        "ticket_id": 1,
        "sender": sender,
        "type": kind,
        "internal": False,
        "created_at": stamp(minute),
        "created_by_id": 31 if sender == "Customer" else 7,
        "created_by": "cleo@mail.example" if sender == "Customer" else "ana",
        "preferences": {},
        "body": "x",
    } | changed


def change(number: int, minute: int, field: str, before: str, after: str) -> Record:
    return {
        "id": number,
        "o_id": 1,
        "object": "Ticket",
        "type": "updated",
        "attribute": field,
        "value_from": before,
        "value_to": after,
        "created_at": stamp(minute),
    }


def read(folder: Path, *, settings: ReadSettings = UNSET, **parts: list[Record]) -> pl.DataFrame:
    files = {f"{part}.json": page(part, records) for part, records in parts.items()}
    return rows_of(SOURCE, folder, files, settings)


TALK = [article(1, 0, "Customer"), article(2, 30, "Agent")]


def test_a_note_is_no_communication_even_where_it_is_not_internal(tmp_path: Path) -> None:
    articles = [
        *TALK,
        article(3, 5, "Agent", "note"),
        article(4, 6, "Agent", "email", internal=True),
        article(5, 7, "Customer", "note"),
    ]
    rows = read(tmp_path, tickets=[ticket()], articles=articles)
    assert at(rows, "note") == ["2026-03-02T09:05:00Z", "2026-03-02T09:06:00Z"]
    assert at(rows, "inbound") == ["2026-03-02T09:00:00Z", "2026-03-02T09:07:00Z"]


def test_the_sender_system_and_auto_responses_are_automated(tmp_path: Path) -> None:
    articles = [
        article(1, 0, "Customer", preferences={"send-auto-response": True}),
        article(2, 1, "System"),
        article(3, 2, "Customer", preferences={"is-auto-response": True}),
    ]
    rows = read(tmp_path, articles=articles)
    assert told(rows, "event", "author_role", "is_automated") == [
        ("inbound", "customer", False),
        ("outbound", "system", True),
        ("inbound", "customer", True),
    ]


def test_a_call_an_agent_took_down_is_the_customers(tmp_path: Path) -> None:
    call = article(1, 0, "Customer", "phone", created_by_id=7)
    rows = read(tmp_path, articles=[call], users=USERS)
    assert told(rows, "event", "author_role", "channel", "agent") == [
        ("inbound", "customer", "voice", None)
    ]


def test_agents_go_by_their_names_and_our_bots_are_bots(tmp_path: Path) -> None:
    rows = read(tmp_path, articles=TALK, users=USERS)
    assert told(rows, "agent")[-1] == ("Ana Alba",)
    settings = ReadSettings(us=Us(bots=("Ana",)))
    rows = read(tmp_path, articles=TALK, users=USERS, settings=settings)
    assert told(rows, "author_role", "is_automated")[-1] == ("bot", True)


@pytest.mark.parametrize(
    ("kind", "channel", "platform", "visibility"),
    [
        ("twitter status", "social", "twitter", "public"),
        ("twitter direct-message", "social", "twitter", "private"),
        ("web", "form", None, "private"),
        ("carrier pigeon", "other", None, "unknown"),
    ],
)
def test_the_type_of_an_article_tells_its_channel(
    tmp_path: Path, kind: str, channel: str, platform: str | None, visibility: str
) -> None:
    rows = read(tmp_path, articles=[article(1, 0, "Customer", kind)])
    assert told(rows, "channel", "platform", "visibility") == [(channel, platform, visibility)]


def test_minutes_of_business_time_and_minutes_left_over_change_nothing(tmp_path: Path) -> None:
    minutes = {"first_response_in_min": 1, "first_response_diff_in_min": -9, "close_in_min": None}
    assert_frame_equal(
        read(tmp_path, tickets=[ticket(**minutes)], articles=TALK),
        read(tmp_path, tickets=[ticket()], articles=TALK),
    )


def test_a_ticket_without_articles_is_milestones(tmp_path: Path) -> None:
    stamps = {"first_response_at": stamp(20), "close_at": stamp(30), "last_close_at": stamp(40)}
    rows = read(tmp_path, tickets=[ticket(state="closed", **stamps)])
    assert told(rows, "event", "status", "grain", "team") == [
        ("inbound", None, "milestone", "Desk"),
        ("outbound", None, "milestone", "Desk"),
        ("status", "closed", "milestone", "Desk"),
    ]
    assert at(rows, "status") == ["2026-03-02T09:40:00Z"]


def test_a_ticket_we_opened_asks_nothing(tmp_path: Path) -> None:
    ours = ticket(create_article_sender="Agent", first_response_at=stamp(20))
    assert told(read(tmp_path, tickets=[ours]), "event") == [("outbound",)]


def test_a_closing_of_a_ticket_open_again_is_not_told(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket(close_at=stamp(30))], articles=TALK)
    assert at(rows, "status") == []


def test_ids_stand_for_the_states_zammad_is_installed_with(tmp_path: Path) -> None:
    plain = ticket(state_id=4, priority_id=3, close_at=stamp(30))
    for name in ("state", "priority", "group", "owner", "customer"):
        del plain[name]
    rows = read(tmp_path, tickets=[plain])
    assert told(rows, "status", "priority", "team", "customer")[-1] == ("closed", "high", "2", "31")


def test_history_tells_statuses_and_what_held_at_the_opening(tmp_path: Path) -> None:
    history = [
        change(1, 10, "state", "new", "pending reminder"),
        change(2, 11, "priority", "1 low", "3 high"),
        change(3, 12, "owner", "-", "Ana Alba"),
        change(4, 13, "title", "a", "b"),
        change(5, 30, "state", "pending reminder", "closed"),
        change(6, 35, "state", "closed", "open"),
    ]
    closed = ticket(priority="3 high", owner="ana", owner_id=7, close_at=stamp(30))
    rows = read(tmp_path, tickets=[closed], articles=TALK, history=history)
    statuses = rows.filter(pl.col("event") == "status")["status"].to_list()
    assert statuses == ["pending", "closed", "open"]
    updates = rows.filter(pl.col("event") == "update")
    assert told(updates, "message_id", "priority", "agent") == [
        ("0-1", "low", "(unassigned)"),
        ("h2", "high", None),
        ("h3", None, "Ana Alba"),
    ]


def test_without_history_todays_values_hold_from_the_last_update(tmp_path: Path) -> None:
    rows = read(
        tmp_path, tickets=[ticket(priority="3 high", owner="ana", owner_id=7)], articles=TALK
    )
    assert at(rows, "update") == ["2026-03-02T09:50:00Z"]
    assert told(rows.tail(1), "priority", "agent", "team") == [("high", "ana", "Desk")]


def test_a_merged_ticket_is_merged_and_a_removed_one_skipped(tmp_path: Path) -> None:
    merged = read(tmp_path, tickets=[ticket(state="merged")], articles=TALK)
    assert "merged" in merged["status"].to_list()
    removed = read(tmp_path, tickets=[ticket(state="removed")], articles=TALK)
    assert removed["skip"].to_list() == ["removed ticket"] * 3


def test_users_and_other_changes_are_counted_and_no_messages(tmp_path: Path) -> None:
    created = {"id": 9, "o_id": 1, "object": "Ticket", "type": "created", "created_at": stamp(0)}
    rows = read(tmp_path, users=USERS, history=[created])
    assert sorted(rows["skip"].to_list()) == [
        "companion: users",
        "companion: users",
        "no change of state, priority, group or owner",
    ]


def test_an_instant_without_offset_is_a_reject(tmp_path: Path) -> None:
    rows = read(tmp_path, articles=[article(1, 0, "Customer", created_at="2026-03-02T09:00:00")])
    assert refused(rows) == [(1, "created_at: an instant without an offset", "2026-03-02T09:00:00")]


def test_a_number_too_long_for_any_state_or_owner_costs_that_figure_alone(tmp_path: Path) -> None:
    odd = ticket(state_id=2**63, owner_id=2**64 - 1, priority_id=2**63)
    rows = read(tmp_path, tickets=[odd, ticket(id=2)], articles=TALK)
    assert at(rows, "inbound") == ["2026-03-02T09:00:00Z", "2026-03-02T09:00:00Z"]
