"""Help Scout JSON: the traps of its records, each in a file of a few lines."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from desks import PLAIN, Record, ndjson, read, refused, skipped, times, told

from kpiaudit.settings import Us
from kpiaudit.sources.helpscout_json import SOURCE

if TYPE_CHECKING:
    import polars as pl

EVA: Record = {"id": 12, "type": "customer", "email": "eva@mail.example"}
ANA: Record = {"id": 256, "type": "user", "first": "Ana", "last": "Berg"}
TEAM: Record = {"id": 1234, "type": "team", "first": "Tier", "last": "One"}


def thread(number: int, minute: int, kind: str, author: Record, **changed: object) -> Record:
    return {
        "id": number,
        "type": kind,
        "status": "nochange",
        "state": "published",
        "action": {"type": "default", "text": ""},
        "body": "text",
        "source": {"type": "email", "via": "customer"},
        "createdBy": author,
        "assignedTo": None,
        "createdAt": f"2026-09-10T08:{minute:02}:00Z",
    } | changed


def conversation(*threads: Record, **changed: object) -> Record:
    return {
        "id": 1,
        "number": 15473,
        "threads": len(threads),
        "type": "email",
        "status": "active",
        "state": "published",
        "mailboxId": 85,
        "assignee": None,
        "createdBy": EVA,
        "createdAt": "2026-09-10T08:00:00Z",
        "closedAt": None,
        "userUpdatedAt": "2026-09-10T09:00:00Z",
        "customerWaitingSince": {"time": "2012-07-24T20:18:33Z", "latestReplyFrom": "customer"},
        "source": {"type": "email", "via": "customer"},
        "tags": [],
        "primaryCustomer": {"id": 12},
        "_embedded": {"threads": list(threads)},
    } | changed


def only(folder: Path, *records: Record) -> pl.DataFrame:
    page = {"_embedded": {"conversations": records}, "page": {"size": 25}}
    return read(SOURCE, folder, {"conversations.json": json.dumps(page)})


def listed(**changed: object) -> Record:
    without = conversation(**changed)
    del without["_embedded"]
    return without


def test_a_page_keeps_its_records_under_embedded(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(id=1), conversation(id=2))
    assert sorted(set(told(rows, "conversation_id"))) == ["1", "2"]
    assert set(told(rows, "row")) == {1, 2}


def test_customer_message_and_note_by_type(tmp_path: Path) -> None:
    threads = [
        thread(5, 0, "customer", EVA),
        thread(6, 5, "note", ANA),
        thread(7, 9, "message", ANA),
    ]
    rows = only(tmp_path, conversation(*threads))
    assert told(rows, "event", "author_role", "agent", "customer")[:3] == [
        ("inbound", "customer", None, "12"),
        ("note", "agent", "Ana Berg", "12"),
        ("outbound", "agent", "Ana Berg", "12"),
    ]


def test_source_via_user_does_not_make_a_customers_thread_ours(tmp_path: Path) -> None:
    odd = thread(5, 0, "customer", EVA, source={"type": "email", "via": "user"})
    assert told(only(tmp_path, conversation(odd)), "event", event="inbound") == ["inbound"]


def test_a_chat_thread_is_whose_who_created_it(tmp_path: Path) -> None:
    threads = [thread(5, 0, "chat", EVA), thread(6, 1, "chat", ANA)]
    rows = only(tmp_path, conversation(*threads, type="chat"))
    assert told(rows, "event", "channel")[:2] == [("inbound", "chat"), ("outbound", "chat")]


def test_chats_count_microseconds(tmp_path: Path) -> None:
    chat = thread(5, 0, "chat", EVA, createdAt="2026-09-10T08:44:34.736330Z")
    rows = only(tmp_path, conversation(chat))
    assert rows["sent_at"].dt.microsecond().to_list()[0] == 736_330


def test_customer_waiting_since_of_2012_is_not_read(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(thread(5, 0, "customer", EVA)))
    assert rows["sent_at"].dt.year().unique().to_list() == [2026]


def test_a_workflows_message_is_automated_unless_somebody_ran_it(tmp_path: Path) -> None:
    threads = [
        thread(5, 0, "message", ANA, action={"type": "automatic-workflow"}),
        thread(6, 1, "message", ANA, action={"type": "manual-workflow"}),
    ]
    rows = only(tmp_path, conversation(*threads))
    assert told(rows, "is_automated", event="outbound") == [True, False]


def test_a_bot_is_named_by_us(tmp_path: Path) -> None:
    files = {"c.jsonl": ndjson([conversation(thread(5, 0, "message", ANA))])}
    rows = read(SOURCE, tmp_path, files, replace(PLAIN, us=Us(bots=("ana berg",))))
    assert told(rows, "author_role", "is_automated", event="outbound") == [("bot", True)]


def test_every_thread_says_the_status_it_left_behind(tmp_path: Path) -> None:
    threads = [
        thread(5, 0, "customer", EVA, status="active"),
        thread(6, 3, "message", ANA, status="pending"),
        thread(7, 6, "lineitem", ANA, status="closed"),
        thread(8, 7, "note", ANA, status="nochange"),
    ]
    rows = only(tmp_path, conversation(*threads))
    assert told(rows, "status", event="status") == ["open", "pending", "closed"]
    assert times(rows, "status") == ["10 08:00:00", "10 08:03:00", "10 08:06:00"]


def test_a_thread_tells_who_it_was_assigned_to(tmp_path: Path) -> None:
    threads = [
        thread(5, 0, "lineitem", ANA, assignedTo=TEAM),
        thread(6, 1, "lineitem", ANA, assignedTo=ANA),
    ]
    rows = only(tmp_path, conversation(*threads))
    assert told(rows, "agent", "team", event="update")[:2] == [
        (None, "Tier One"),
        ("Ana Berg", None),
    ]


@pytest.mark.parametrize(
    ("state", "reason"), [("draft", "draft"), ("underreview", "not sent: under review")]
)
def test_what_was_not_sent_is_skipped(tmp_path: Path, state: str, reason: str) -> None:
    draft = thread(6, 3, "message", ANA, state=state)
    rows = only(tmp_path, conversation(thread(5, 0, "customer", EVA), draft))
    assert told(rows, "event", event="outbound") == []
    assert skipped(rows) == [(1, reason)]


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"status": "spam"}, "spam"),
        ({"state": "deleted"}, "deleted conversation"),
        ({"state": "draft"}, "draft"),
    ],
)
def test_spam_and_deleted_conversations_are_skipped(
    tmp_path: Path, changed: Record, reason: str
) -> None:
    rows = only(tmp_path, conversation(thread(5, 0, "customer", EVA), **changed))
    assert told(rows, "event") == []
    assert skipped(rows) == [(1, reason)]


def test_without_threads_opening_and_closing_are_milestones(tmp_path: Path) -> None:
    rows = only(tmp_path, listed(status="closed", closedAt="2026-09-10T08:30:00Z"))
    assert told(rows, "event", "grain", "status") == [
        ("inbound", "milestone", None),
        ("status", "milestone", "closed"),
        ("update", "milestone", None),
    ]


def test_a_conversation_open_again_is_not_closed_by_its_stamp(tmp_path: Path) -> None:
    rows = only(tmp_path, listed(status="active", closedAt="2026-09-10T08:30:00Z"))
    assert told(rows, "event", event="status") == []


def test_our_own_opening_is_outbound(tmp_path: Path) -> None:
    assert told(only(tmp_path, listed(createdBy=ANA)), "event", "agent", "customer")[0] == (
        "outbound",
        "Ana Berg",
        "12",
    )


def test_with_threads_the_conversation_opens_once(tmp_path: Path) -> None:
    rows = only(tmp_path, conversation(thread(5, 0, "customer", EVA)))
    assert told(rows, "message_id", event="inbound") == ["5"]


def test_threads_of_another_file_join_by_the_conversations_id(tmp_path: Path) -> None:
    files = {
        "conversations.jsonl": ndjson([listed()]),
        "threads.jsonl": ndjson([thread(5, 0, "customer", EVA) | {"conversationId": "1"}]),
    }
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "message_id", "channel", "is_partial", event="inbound") == [
        ("5", "email", False)
    ]


def test_a_thread_alone_does_not_say_of_which_conversation(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"threads.jsonl": ndjson([thread(5, 0, "customer", EVA)])})
    assert refused(rows) == [(1, "conversationId: missing", "5")]


def test_a_thread_of_an_unknown_type_is_a_reject(tmp_path: Path) -> None:
    odd = thread(5, 0, "telegram", EVA) | {"conversationId": 1}
    rows = read(SOURCE, tmp_path, {"threads.jsonl": ndjson([odd])})
    assert refused(rows) == [(1, "type: unknown word", "telegram")]


@pytest.mark.parametrize(
    ("kind", "source", "channel"),
    [
        ("email", {"type": "email", "via": "customer"}, "email"),
        ("email", {"type": "beacon-v2", "via": "customer"}, "form"),
        ("email", {"type": "web", "via": "user"}, "email"),
        ("phone", {"type": "web", "via": "user"}, "voice"),
    ],
)
def test_the_channel_is_the_type_and_for_forms_the_source(
    tmp_path: Path, kind: str, source: Record, channel: str
) -> None:
    rows = only(tmp_path, listed(type=kind, source=source))
    assert set(told(rows, "channel")) == {channel}


def test_tags_are_todays(tmp_path: Path) -> None:
    rows = only(tmp_path, listed(tags=[{"id": 1, "tag": "vip"}, {"id": 2, "tag": "shoe"}]))
    assert told(rows, "tags", event="update") == [["vip", "shoe"]]
    assert times(rows, "update") == ["10 09:00:00"]


def test_an_instant_without_an_offset_is_a_reject(tmp_path: Path) -> None:
    rows = only(tmp_path, listed(createdAt="2026-09-10T08:00:00"))
    assert refused(rows) == [(1, "createdAt: an instant without an offset", "2026-09-10T08:00:00")]


@pytest.mark.real_exports
def test_the_documented_records_are_read(real_exports: Path, tmp_path: Path) -> None:
    folder = real_exports / "json"
    files = {
        f"{name}.jsonl": (folder / f"helpscout_{name}.jsonl").read_text("utf-8")
        for name in ("conversation", "thread")
    }
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "event", "status", "customer", "agent") == [
        ("inbound", None, "238604", None),
        ("status", "closed", "238604", None),
        ("update", None, "238604", "Mr Robot"),
    ]
    assert refused(rows) == [(1, "conversationId: missing", "1")]
