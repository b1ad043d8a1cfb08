"""Telegram's JSON: one chat or all, messages one by one, what is no JSON mended."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from chats import Said, assert_equal
from hypothesis import given
from hypothesis import strategies as st
from reading import refused, rows_of, told

from kpiaudit.decoding import long_lists, records
from kpiaudit.decoding.long_lists import CUT_OFF, lists_of
from kpiaudit.decoding.records import Broken
from kpiaudit.exports.looking import look
from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.telegram_json import SOURCE

if TYPE_CHECKING:
    import polars as pl

Record = dict[str, Any]
ASKED = ReadSettings(text=True)


def said(number: int, **changed: object) -> Record:
    message = {
        "id": number,
        "type": "message",
        "date": f"2026-09-10T09:00:{number:02}",
        "date_unixtime": str(1788000000 + number),
        "from": "Pia",
        "from_id": "user7",
        "text": f"m{number}",
        "text_entities": [],
    }
    return {name: value for name, value in (message | changed).items() if value != "absent"}


def chat(*messages: Record, **head: object) -> Record:
    return {"name": "Pia", "type": "personal_chat", "id": 7, **head, "messages": list(messages)}


def rows(folder: Path, document: Record | str, settings: ReadSettings = ASKED) -> pl.DataFrame:
    text = document if isinstance(document, str) else json.dumps(document, indent=1)
    return rows_of(SOURCE, folder, {"result.json": text}, settings)


@pytest.mark.parametrize("indent", [None, 1, 4])
def test_a_chat_alone_and_a_chat_among_all_are_read_alike(
    tmp_path: Path, indent: int | None
) -> None:
    other = chat(said(3, text='{"messages": [{]} "'), id=8, name='a {"b": "')
    every = {"contacts": {"list": [{"first_name": "Pia"}]}, "left_chats": {"list": [other]}}
    whole = {"about": "x", "chats": {"about": "", "list": [chat(said(1), said(2))]}, **every}
    found = rows(tmp_path, json.dumps(whole, indent=indent))
    assert told(found, "row", "conversation_id", "text") == [
        (1, "7", "m1"),
        (2, "7", "m2"),
        (3, "8", '{"messages": [{]} "'),
    ]
    alone = rows(tmp_path, json.dumps(chat(said(1), said(2)), indent=indent))
    assert told(alone, "conversation_id", "text") == [("7", "m1"), ("7", "m2")]


def test_gotcha_14_escapes_that_are_no_json_are_mended(tmp_path: Path) -> None:
    text = json.dumps(chat(said(1, text="MARK"), said(2)), indent=1)
    found = rows(tmp_path, text.replace("MARK", r"a\x1Fb \\x41 \\\x0B"))
    assert told(found, "text") == [("a\x1fb \\x41 \\\x0b",), ("m2",)]


def test_text_in_pieces_is_joined(tmp_path: Path) -> None:
    pieces = ["see ", {"type": "link", "text": "x.example"}, {"type": "bold", "text": "!"}]
    assert told(rows(tmp_path, chat(said(1, text=pieces))), "text") == [("see x.example!",)]


def test_gotcha_7_the_count_of_seconds_beats_the_local_date(tmp_path: Path) -> None:
    settings = ReadSettings(time_zone="Asia/Tokyo")
    (row,) = told(rows(tmp_path, chat(said(1)), settings), "sent_at")
    assert row == (datetime.fromtimestamp(1788000001, UTC),)


def test_gotcha_7_an_old_export_needs_a_zone(tmp_path: Path) -> None:
    document = chat(said(1, date_unixtime="absent"))
    assert refused(rows(tmp_path, document)) == [
        (1, "date: no offset, set time_zone", "2026-09-10T09:00:01")
    ]
    found = rows(tmp_path, document, ReadSettings(time_zone="Europe/Berlin"))
    assert told(found, "sent_at") == [(datetime(2026, 9, 10, 7, 0, 1, tzinfo=UTC),)]


@pytest.mark.parametrize("count", ["soon", ""])
def test_a_count_that_is_none_is_a_reject(tmp_path: Path, count: str) -> None:
    found = rows(tmp_path, chat(said(1, date_unixtime=count)))
    assert [(row, rule) for row, rule, _ in refused(found)] == [(1, "date_unixtime: not a date")]


def test_what_is_no_message_is_counted_by_what_it_is(tmp_path: Path) -> None:
    service = said(1, type="service", action="pin_message", actor="Pia")
    found = rows(tmp_path, chat(service, said(2, type="unsupported")))
    assert found["skip"].to_list() == ["no message: pin_message", "no message: unsupported"]


def test_notes_to_oneself_are_no_conversation(tmp_path: Path) -> None:
    assert told(rows(tmp_path, chat(said(1), type="saved_messages")), "row") == []


@pytest.mark.parametrize(
    ("kind", "visibility"),
    [("personal_chat", "private"), ("public_supergroup", "public"), ("private_group", "private")],
)
def test_a_chat_is_as_public_as_its_kind(tmp_path: Path, kind: str, visibility: str) -> None:
    assert told(rows(tmp_path, chat(said(1), type=kind)), "visibility") == [(visibility,)]


def test_a_deleted_account_goes_by_its_id_and_us_may_name_ids(tmp_path: Path) -> None:
    settings = ReadSettings(us=Us(agents=("user7",)))
    found = rows(tmp_path, chat(said(1, **{"from": None}), said(2, from_id=9)), settings)
    assert told(found, "author", "event", "agent") == [
        ("user7", "outbound", "user7"),
        ("Pia", None, None),
    ]


def test_ids_sort_as_numbers(tmp_path: Path) -> None:
    found = rows(tmp_path, chat(*(said(n, date_unixtime="1788000000") for n in (10, 9, 100))))
    assert [text for (text,) in told(found.with_columns(found["text"]), "text")] == [
        "m9", "m10", "m100",
    ]  # fmt: skip


def test_a_record_that_is_damaged_costs_itself(tmp_path: Path) -> None:
    text = json.dumps(chat(said(1), said(2), said(3)), indent=1).replace('"id": 2', '"id": two')
    found = rows(tmp_path, text)
    assert told(found, "row") == [(1,), (3,)]
    assert [row for row, _, _ in refused(found)] == [2]


def test_gotcha_12_a_file_cut_off_says_so_and_keeps_what_came_before(tmp_path: Path) -> None:
    text = json.dumps(chat(said(1), said(2), said(3)), indent=1)
    found = rows(tmp_path, text[: text.index("m3")])
    assert told(found, "row") == [(1,), (2,)]
    assert [(row, rule) for row, rule, _ in refused(found)] == [(3, CUT_OFF)]


def test_records_are_taken_one_by_one_and_nothing_behind_them_is_looked_at() -> None:
    text = b'{"messages": [{"id": 1}, {"id": 2}, {' + b"\xff" * 100
    ((_, raw),) = islice(lists_of(text, "messages"), 1)
    assert list(islice(raw, 2)) == [b'{"id": 1}', b'{"id": 2}']


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_chunk_of_records_and_the_pages_around_them_are_held_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_packed: bool
) -> None:
    heights: list[int] = []
    let_go: list[tuple[int, int]] = []
    close, give_back = records.Table.close_chunk, long_lists.let_go

    def closed(table: records.Table) -> None:
        close(table)
        assert len(table.chunks) == 1
        heights.append(table.chunks[0].height)

    def given_back(text: records.Text, since: int, position: int) -> int:
        end = give_back(text, since, position)
        if end != since:
            let_go.append((since, end))
        assert position - end < 1 << 15
        return end

    monkeypatch.setattr(records.Table, "close_chunk", closed)
    monkeypatch.setattr(records, "CHUNK", 50)
    monkeypatch.setattr(long_lists, "let_go", given_back)
    monkeypatch.setattr(long_lists, "FEW", 1 << 14)
    document = chat(
        *(said(number, text="MARK" + " word" * 20) for number in range(1, 60) for _ in range(7))
    )
    text = json.dumps(document, indent=1).replace("MARK", r"\x1F")
    if is_packed:
        path = tmp_path / "chat.zip"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("result.json", text)
        file = look(path, "chat.zip/result.json", packing="zip", member="result.json")
    else:
        path = tmp_path / "result.json"
        path.write_text(text)
        file = look(path, "result.json")
    assert file
    found = SOURCE.read([replace(file, part="chats")], ASKED).collect(engine="streaming")
    assert told(found, "text") == [("\x1f" + " word" * 20,)] * 413
    assert sum(heights) == 413
    assert max(heights) == 50
    assert [since for since, _ in let_go[1:]] == [end for _, end in let_go[:-1]]
    assert len(text) - let_go[-1][1] < 1 << 15


NAMES = st.text(max_size=5)
MESSAGES = st.lists(
    st.fixed_dictionaries({"text": NAMES | st.lists(NAMES), "id": st.integers(0, 99)}), max_size=4
)
CHATS = st.lists(st.tuples(NAMES, MESSAGES), max_size=3)


@given(chats=CHATS, indent=st.sampled_from([None, 0, 1, 3]), ascii_only=st.booleans())
def test_any_document_gives_the_records_the_standard_library_reads(
    chats: list[tuple[str, list[Record]]], indent: int | None, ascii_only: bool
) -> None:
    document = {
        "list": [{"name": name, "messages": messages} for name, messages in chats],
        "left": {"messages": []},
    }
    text = json.dumps(document, indent=indent, ensure_ascii=ascii_only).encode()
    found = [
        (head, [json.loads(raw) for raw in taken if not isinstance(raw, Broken)])
        for head, taken in lists_of(text, "messages")
    ]
    assert found == [*(({"name": name}, messages) for name, messages in chats), ({}, [])]


@pytest.mark.real_exports
@pytest.mark.parametrize("name", ["chatminer_single_result.json", "chatminer_batch_result.json"])
@pytest.mark.parametrize("ours", ["Author 1", "Author 2"])
def test_real_chats_equal_a_plain_reading(real_exports: Path, name: str, ours: str) -> None:
    path = real_exports / "telegram" / name
    document = json.loads(path.read_text("utf-8"))
    chats = document["chats"]["list"] if "chats" in document else [document]
    thread = [
        Said(datetime.fromtimestamp(int(message["date_unixtime"]), UTC), message["from"] == ours)
        for chat in chats
        for message in chat["messages"]
    ]
    assert len(thread) == 2
    assert_equal(path, Us(agents=(ours,)), thread)
