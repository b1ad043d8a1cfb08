"""Messages of Facebook and Instagram: threads of several files, mended letters, encrypted chats."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from audits import written
from chats import Said, assert_equal
from hypothesis import given
from hypothesis import strategies as st
from reading import refused, rows_of, told

from kpiaudit.exports.looking import LONGEST_RECORD
from kpiaudit.pipeline import read
from kpiaudit.readers.meta_messages import mended
from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.meta_messages import SOURCE

if TYPE_CHECKING:
    import polars as pl

Record = dict[str, Any]
ASKED = ReadSettings(text=True)
POLICY = '[us]\nagents = ["Ana"]\n'


def said(second: int, content: str | None = "x", sender: str = "Pia", **more: object) -> Record:
    text = {} if content is None else {"content": content}
    return {"sender_name": sender, "timestamp_ms": 1788000000000 + 1000 * second} | text | more


def thread(*messages: Record) -> str:
    parts = [{"name": "Pia"}, {"name": "Ana"}]
    return json.dumps({"participants": parts, "messages": list(messages), "title": "Pia"}, indent=2)


def rows(folder: Path, *messages: Record) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"message_1.json": thread(*messages)}, ASKED)


def test_gotcha_12_the_files_of_a_thread_are_one_whatever_their_folders_are_called(
    tmp_path: Path,
) -> None:
    exports = {
        "a/your_facebook_activity/messages/inbox/pia_1/message_1.json": thread(said(9), said(8)),
        "a/your_facebook_activity/messages/inbox/pia_1/message_2.json": thread(said(2), said(1)),
        "b/messages/inbox/bo_2/message_1.json": thread(said(3), said(2)),
        "c/your_instagram_activity/messages/inbox/io_3/message_1.json": thread(said(4)),
    }
    ordered = read(replace(written(tmp_path, exports, POLICY), all_columns=True)).ordered
    assert sorted(ordered["conversation_id"]) == ["bo_2#1"] * 2 + ["io_3#1"] + ["pia_1#1"] * 4


def test_what_two_downloads_hold_counts_once(tmp_path: Path) -> None:
    exports = {
        "may/inbox/pia_1/message_1.json": thread(said(2, None), said(2, "a"), said(1)),
        "june/inbox/pia_1/message_1.json": thread(said(3), said(2, None), said(2, "a"), said(1)),
    }
    reading = read(written(tmp_path, exports, POLICY))
    assert reading.ordered["export"].cast(str).unique().to_list() == [
        "june/inbox/pia_1/message_1.json"
    ]
    assert (reading.ordered.height, reading.gathered.counts["duplicate"].sum()) == (4, 3)


def test_gotcha_11_newest_first_is_turned_round_also_within_a_millisecond(tmp_path: Path) -> None:
    found = rows(tmp_path, said(5, "d"), said(2, "c"), said(2, "b"), said(2, "a"))
    assert [text for (text,) in told(found, "text")] == ["a", "b", "c", "d"]


def test_oldest_first_stays_so(tmp_path: Path) -> None:
    found = rows(tmp_path, said(2, "a"), said(2, "b"), said(5, "c"))
    assert [text for (text,) in told(found, "text")] == ["a", "b", "c"]


def test_gotcha_4_letters_are_mended_in_names_too(tmp_path: Path) -> None:
    broken = "José".encode().decode("latin-1")
    text = thread(said(1, "caf\u00c3\u00a9 \u00e2\u009d\u00a4", broken))
    assert "\\u00c3" in text
    found = rows_of(SOURCE, tmp_path, {"message_1.json": text}, ASKED)
    assert told(found, "author", "text") == [("José", "café ❤")]


@given(st.text())
def test_gotcha_4_every_text_written_a_letter_a_byte_is_mended(text: str) -> None:
    assert mended(text.encode("utf-8", "ignore").decode("latin-1")) == text.encode(
        "utf-8", "ignore"
    ).decode("utf-8")


@pytest.mark.parametrize("text", ["café", "❤ é", "Ã", "naïve ©", "日本"])
def test_text_that_is_right_stays(text: str) -> None:
    assert mended(text) == text


def test_encrypted_chats_have_their_own_shape(tmp_path: Path) -> None:
    message = {"isUnsent": False, "media": [], "reactions": [], "senderName": "José"}
    message |= {"text": "¿Qué?", "timestamp": 1788000001000, "type": "text"}
    document = {"participants": ["José", "Ana"], "threadName": "José_4", "messages": [message]}
    text = json.dumps(document, ensure_ascii=False)
    found = rows_of(SOURCE, tmp_path, {"José_4.json": text}, ASKED)
    at = datetime.fromtimestamp(1788000001, UTC)
    assert told(found, "conversation_id", "author", "sent_at", "text") == [
        ("José", "José", at, "¿Qué?")
    ]


@pytest.mark.parametrize(
    ("content", "more", "reason"),
    [
        ("Liked a message", {}, "no message: reaction"),
        ("Reacted ❤ to your message ", {}, "no message: reaction"),
        ("You are now connected on Messenger.", {}, "no message: told by Meta"),
        ("Pia named the group Tents.", {}, "no message: told by Meta"),
        ("Pia called you.", {"type": "Call", "call_duration": 12}, "no message: call"),
        ("Pia left.", {"type": "Unsubscribe"}, "no message: unsubscribe"),
    ],
)
def test_what_looks_like_a_message_and_is_none_is_skipped(
    tmp_path: Path, content: str, more: Record, reason: str
) -> None:
    assert rows(tmp_path, said(1, content, **more))["skip"].to_list() == [reason]


@pytest.mark.parametrize("content", ["Pia sent an attachment.", "I Liked a message", None])
def test_attachments_and_what_people_say_are_messages(tmp_path: Path, content: str | None) -> None:
    assert told(rows(tmp_path, said(1, content, photos=[{"uri": "x"}])), "text") == [(content,)]


def test_a_record_without_time_or_author_is_a_reject(tmp_path: Path) -> None:
    found = rows(tmp_path, {"sender_name": "Pia"}, {"timestamp_ms": 1788000000000}, said(1))
    assert [(row, rule) for row, rule, _ in sorted(refused(found))] == [
        (1, "timestamp: missing"),
        (2, "sender: missing"),
    ]


def test_a_thread_longer_than_a_first_look_is_known(tmp_path: Path) -> None:
    long = said(1, "x" * (LONGEST_RECORD + 1))
    assert told(rows(tmp_path, said(2), long), "row") == [(2,), (1,)]


@pytest.mark.real_exports
@pytest.mark.parametrize("ours", ["John Doe", "Jane Doe"])
def test_a_real_thread_equals_a_plain_reading(real_exports: Path, ours: str) -> None:
    path = real_exports / "instagram" / "chatminer_message_1.json"
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    plain = [
        Said(
            epoch + timedelta(milliseconds=message["timestamp_ms"]), message["sender_name"] == ours
        )
        for message in json.loads(path.read_text("utf-8"))["messages"]
    ]
    assert len(plain) == 2
    assert_equal(path, Us(agents=(ours,)), plain)
