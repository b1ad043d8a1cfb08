"""WhatsApp's chats: every header phones write, what is a message, and which of day and month comes first."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from audits import written
from chats import Said, assert_equal
from commands import kpiaudit
from reading import claimed, refused, rows_of, told

from kpiaudit.audit import Request
from kpiaudit.exports.looking import look
from kpiaudit.findings import NO_ORDER as ASKED
from kpiaudit.pipeline import read
from kpiaudit.readers import whatsapp_chat
from kpiaudit.readers.whatsapp_chat import MINUTES, NOBODY
from kpiaudit.settings import DEFAULT_SETTINGS, Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.whatsapp_chat import SOURCE

if TYPE_CHECKING:
    import polars as pl

    from kpiaudit.exports.chats import Form
    from kpiaudit.settings import DateOrder

UTC_ZONE = ReadSettings(time_zone="UTC", text=True)


def chat(folder: Path, text: str, settings: ReadSettings = UTC_ZONE) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"WhatsApp Chat with Pia.txt": text}, settings)


def instants(rows: pl.DataFrame) -> list[str]:
    return [f"{at:%Y-%m-%d %H:%M:%S}" for (at,) in told(rows, "sent_at")]


@pytest.mark.parametrize(
    ("header", "sent_at"),
    [
        ("[2020-01-01, 12:00:01] ", "2020-01-01 12:00:01"),
        ("[01/13/19 11:25] ", "2019-01-13 11:25:00"),
        ("[15-01-20 02:22:56] ", "2020-01-15 02:22:56"),
        ("13/01/19, 11:25 - ", "2019-01-13 11:25:00"),
        ("2019/01/02, 11:25 - ", "2019-01-02 11:25:00"),
        ("15.04.2016, 15:04 - ", "2016-04-15 15:04:00"),
        ("01/13/2019, 11:25 a. m. - ", "2019-01-13 11:25:00"),
        ("3/16/18, 1:55 p.m. - ", "2018-03-16 13:55:00"),
        ("13-06-2018, 01.55 PM - ", "2018-06-13 13:55:00"),
        ("13.06.18 21.25.15: ", "2018-06-13 21:25:15"),
        ("13.6.2018 klo 21.25.15 - ", "2018-06-13 21:25:15"),
        ("13. 6. 2018. 21:25:15 ", "2018-06-13 21:25:15"),
        ("[13. 6. 2018. 21:25:15] ", "2018-06-13 21:25:15"),
        ("[3/16/18 1:55:00 p.\u00a0m.] ", "2018-03-16 13:55:00"),
        ("3/16/18, 1:55\u202fPM - ", "2018-03-16 13:55:00"),
        ("3/16/18, 1:55\u2009PM - ", "2018-03-16 13:55:00"),
        ("2023-12-20, 5:46 p.m. - ", "2023-12-20 17:46:00"),
        ("2023/12/20, 5:46 pm - ", "2023-12-20 17:46:00"),
        ("19/12/2012 17:03:48: ", "2012-12-19 17:03:48"),
        ("24/3/14, 13:59:59: ", "2014-03-24 13:59:59"),
        ("\u200e[14/10/2021, 3:34:09\u202fPM] ", "2021-10-14 15:34:09"),
        ("\ufeff[14/10/2021, 3:34:09 am] ", "2021-10-14 03:34:09"),
        ("2020/3/1 上午9:05 - ", "2020-03-01 09:05:00"),
        ("2021. 3. 5. 오후 3:04 - ", "2021-03-05 15:04:00"),
        ("\u200f٢\u0660\u200f/٤\u200f/٢\u0660٢\u0660، ٩:١٤ م - ", "2020-04-20 21:14:00"),
        ("1/13/20, 12:05 AM - ", "2020-01-13 00:05:00"),
        ("1/13/20, 12:05 PM - ", "2020-01-13 12:05:00"),
    ],
)
def test_every_header_phones_write_is_read(tmp_path: Path, header: str, sent_at: str) -> None:
    rows = chat(tmp_path, f"{header}Pia: see: a colon\r\nmore\r\n")
    assert instants(rows) == [sent_at]
    assert told(rows, "author", "text") == [("Pia", "see: a colon\nmore")]


@pytest.mark.parametrize(
    "text",
    [
        "2019/01/01 11:25:00 INFO: started\n",
        "Notes of the day\n13/01/19, 11:25 - Pia: x\n",
        "[13/01/19 11:25 - Pia: x\n",
        "13/01, 11:25 - Pia: x\n",
    ],
)
def test_other_text_is_no_chat(tmp_path: Path, text: str) -> None:
    path = tmp_path / "notes.txt"
    path.write_text(text, "utf-8")
    found = look(path, path.name)
    assert found is None or found.kind != "chat"


def test_gotcha_8_where_no_date_tells_day_from_month_rows_are_refused(tmp_path: Path) -> None:
    rows = chat(tmp_path, "05/06/20, 11:25 - Pia: x\n06/07/20, 11:25 - Ana: y\n")
    assert [(row, value) for row, _, value in refused(rows)] == [(1, "5/6/20"), (2, "6/7/20")]
    assert {rule.endswith(ASKED) for _, rule, _ in refused(rows)} == {True}


@pytest.mark.parametrize(
    ("order", "first"), [("day_first", "2020-06-05"), ("month_first", "2020-05-06")]
)
def test_gotcha_8_date_order_says_what_no_date_tells(
    tmp_path: Path, order: DateOrder, first: str
) -> None:
    settings = ReadSettings(time_zone="UTC", date_order=order)
    rows = chat(tmp_path, "05/06/20, 11:25 - Pia: x\n06/07/20, 11:25 - Ana: y\n", settings)
    assert instants(rows)[0].startswith(first)


def test_gotcha_8_what_the_dates_say_beats_date_order(tmp_path: Path) -> None:
    settings = ReadSettings(time_zone="UTC", date_order="month_first")
    rows = chat(tmp_path, "05/06/20, 11:25 - Pia: x\n13/06/20, 11:25 - Ana: y\n", settings)
    assert instants(rows) == ["2020-06-05 11:25:00", "2020-06-13 11:25:00"]


def test_gotcha_8_a_chat_runs_forward_so_only_one_order_can_be(tmp_path: Path) -> None:
    days = "".join(
        f"{day:02}/{month:02}/20, 11:25 - Pia: x\n" for month in (1, 2) for day in (3, 9)
    )
    assert [at[:10] for at in instants(chat(tmp_path, days))] == [
        "2020-01-03", "2020-01-09", "2020-02-03", "2020-02-09",
    ]  # fmt: skip


def test_a_year_of_two_digits_stands_first_only_where_nothing_else_can_be(tmp_path: Path) -> None:
    rows = chat(tmp_path, "20-05-30 11:25:00: Pia: x\n20-06-01 11:25:00: Pia: y\n")
    assert [at[:10] for at in instants(rows)] == ["2020-05-30", "2020-06-01"]


def test_inspect_proposes_the_lines_that_make_a_chat_readable(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat with Pia.txt"
    path.write_text("05/06/20, 11:25 - Pia: x\n06/07/20, 11:25 - Ana: y\n", "utf-8")
    shown = kpiaudit("inspect", path, "--no-config").out
    assert 'date_order = "day_first"  # or "month_first"' in shown


def test_gotcha_7_without_a_zone_every_row_says_so(tmp_path: Path) -> None:
    rows = chat(tmp_path, "13/06/20, 11:25 - Pia: x\n", ReadSettings())
    assert refused(rows) == [(1, "date: no offset, set time_zone", "13/6/20")]


def test_a_zone_makes_instants_of_the_clock_on_the_phone(tmp_path: Path) -> None:
    rows = chat(tmp_path, "13/06/20, 11:25 - Pia: x\n", ReadSettings(time_zone="Europe/Berlin"))
    assert instants(rows) == ["2020-06-13 09:25:00"]


def test_gotcha_8_lines_nobody_wrote_are_no_messages(tmp_path: Path) -> None:
    rows = chat(
        tmp_path,
        "[13/06/20, 11:25:00] My Group: \u200eMessages and calls are end-to-end encrypted.\n"
        "[13/06/20, 11:25:01] Ana: \u200eAna added Pia\n"
        "[13/06/20, 11:25:02] You were added\n"
        "\u200e[13/06/20, 11:25:03] Pia: \u200eimage omitted\n"
        "[13/06/20, 11:25:04] Pia: the tent was added to the parcel\n",
    )
    assert rows["skip"].to_list() == [NOBODY] * 3 + [None] * 2
    assert rows["reject"].null_count() == 5


def test_media_deleted_and_edited_messages_count(tmp_path: Path) -> None:
    bodies = (
        "<Media omitted>", "IMG-20200613-WA0001.jpg (file attached)", "This message was deleted",
        "yes <This message was edited>", "POLL:\nWhen?\nOPTION: now (1 vote)",
    )  # fmt: skip
    rows = chat(tmp_path, "".join(f"13/06/20, 11:25 - Pia: {body}\n" for body in bodies))
    assert [text for (text,) in told(rows, "text")] == list(bodies)


def test_android_has_no_seconds_and_every_message_says_so(tmp_path: Path) -> None:
    assert told(chat(tmp_path, "13/06/20, 11:25 - Pia: x\n"), "doubt") == [(MINUTES,)]
    assert told(chat(tmp_path, "[13/06/20, 11:25:09] Pia: x\n"), "doubt") == [(None,)]


def test_messages_of_one_minute_keep_their_order(tmp_path: Path) -> None:
    text = "".join(f"13/06/20, 11:25 - {who}: x\n" for who in ("Pia", "Ana", "Pia", "Ana"))
    rows = chat(tmp_path, text)
    assert told(rows, "row", "author") == [(1, "Pia"), (2, "Ana"), (3, "Pia"), (4, "Ana")]


def test_a_line_dated_in_another_form_goes_on_with_the_message(tmp_path: Path) -> None:
    rows = chat(tmp_path, "13/06/20, 11:25 - Pia: he wrote\n[12/06/20, 10:00:00] Bob: hi\n")
    assert told(rows, "text") == [("he wrote\n[12/06/20, 10:00:00] Bob: hi",)]


def test_gotcha_13_only_a_line_feed_ends_a_line(tmp_path: Path) -> None:
    body = "one\u2028two\x85three\x0bfour\x0cfive\x1csix"
    rows = chat(tmp_path, f"13/06/20, 11:25 - Pia: {body}\n13/06/20, 11:26 - Ana: y\n")
    assert told(rows, "text") == [(body,), ("y",)]


def test_a_name_without_a_contact_loses_its_tilde(tmp_path: Path) -> None:
    rows = chat(tmp_path, "13/06/20, 11:25 - ~\u202fPia: x\n13/06/20, 11:25 - +49 151 1: y\n")
    assert told(rows, "author") == [("Pia",), ("+49 151 1",)]


def test_a_line_without_a_name_and_a_space_after_it_is_nobodys(tmp_path: Path) -> None:
    rows = chat(tmp_path, "13/06/20, 11:25 - Pia:.\n13/06/20, 11:26 - Pia: \n")
    assert told(rows, "row", "author") == [(2, "Pia")]


def test_the_name_of_the_chat_is_that_of_the_zip_around_it(tmp_path: Path) -> None:
    path = tmp_path / "WhatsApp Chat - Pia & Bo.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("_chat.txt", "[13/06/20, 11:25:09] Pia: x\n")
        packed.writestr("__MACOSX/._chat.txt", b"\0\5\x16\7")
        packed.writestr("00000002-PHOTO.jpg", b"\xff\xd8\xff\xe0")
    settings = replace(DEFAULT_SETTINGS, us=Us(agents=("Ana",)), time_zone="UTC")
    assert read(Request((str(path),), settings, all_columns=True)).ordered[
        "conversation_id"
    ].to_list() == ["Pia & Bo#1"]


def test_gotcha_12_two_exports_of_a_chat_count_what_both_hold_once(tmp_path: Path) -> None:
    lines = [f"13/06/20, 11:2{minute} - {who}: x\n" for minute in (1, 2) for who in ("P", "P", "A")]
    exports = {
        "june/WhatsApp Chat with P.txt": "".join(lines[:4]),
        "july/WhatsApp Chat with P.txt": "".join(lines),
    }
    policy = "time_zone = 'UTC'\n[us]\nagents = ['A']\n"
    reading = read(written(tmp_path, exports, policy))
    assert reading.ordered["export"].cast(str).to_list() == ["july/WhatsApp Chat with P.txt"] * 6
    assert reading.gathered.counts["duplicate"].sum() == 4


@pytest.mark.parametrize("piece", [20, 33, 64])
def test_a_chat_read_in_pieces_is_the_chat(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int
) -> None:
    text = "".join(f"13/06/20, 11:{minute:02} - Pia: a\nb\n\nc 😊\n" for minute in range(9))
    whole = chat(tmp_path, text)
    monkeypatch.setattr(whatsapp_chat, "PIECE", piece)
    assert chat(tmp_path, text).equals(whole)
    assert whole.height == 9


def test_marks_that_come_late_in_a_chat_are_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(whatsapp_chat, "PIECE", 40)
    said = "".join(f"[13/06/20, 11:{minute:02}:00] Pia: ab\n" for minute in range(9))
    rows = chat(tmp_path, said + "\u200e[13/06/20, 11:30:00] Pia: \u200eimage omitted\n")
    assert rows.height == 10
    assert told(rows.tail(1), "author", "text") == [("Pia", "\u200eimage omitted")]


@pytest.mark.parametrize("text", [False, True])
def test_one_piece_of_a_chat_is_held_at_a_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, text: bool
) -> None:
    said = "".join(f"13/06/20, 11:{minute:02} - Pia: {'word ' * 20}\n" for minute in range(60))
    held: dict[bool, list[int]] = {False: [], True: []}
    whole = whatsapp_chat.messages

    def spied(piece: str, form: Form, *, text: bool) -> pl.DataFrame:
        found = whole(piece, form, text=text)
        held["text" in found.columns].append(len(piece))
        return found

    monkeypatch.setattr(whatsapp_chat, "messages", spied)
    monkeypatch.setattr(whatsapp_chat, "PIECE", 500)
    rows = chat(tmp_path, said, ReadSettings(time_zone="UTC", text=text))
    assert rows.height == 60
    assert max(held[False] + held[True]) <= 1000
    assert [sum(held[False]), sum(held[True])] == [len(said), len(said) if text else 0]


def test_a_message_of_very_many_lines_is_looked_through_once(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "13/06/20, 11:00 - Pia: a\n13/06/20, 11:01 - Pia: b\n" + "c\n" * 5_000
    looked_through: list[int] = []
    last_header = whatsapp_chat.last_header

    def spied(held: str, begins: re.Pattern[str], since: int) -> int:
        looked_through.append(len(held) - since)
        return last_header(held, begins, since)

    monkeypatch.setattr(whatsapp_chat, "last_header", spied)
    monkeypatch.setattr(whatsapp_chat, "PIECE", 100)
    pieces = [piece for _, piece in whatsapp_chat.whole_messages(io.StringIO(text))]
    assert [piece[:16] for piece in pieces] == ["13/06/20, 11:00 ", "13/06/20, 11:01 "]
    assert "".join(pieces) == text
    assert sum(looked_through) < 2 * len(text)


def test_a_chat_in_utf_16_is_read(tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_bytes("13/06/20, 11:25 - Pia: ü\n".encode("utf-16"))
    rows = SOURCE.read([claimed(SOURCE, path)], UTC_ZONE).collect()
    assert rows["text"].to_list() == ["ü"]


FORMS = {
    "chatminer_test_[mmddyy]_24hrs.txt": r"\[(?P<m>\d+)/(?P<d>\d+)/(?P<y>\d+) (?P<t>\d+:\d+)(?P<h>)\] ",
    "chatminer_test_ddmmyy_24hrs.txt": r"(?P<d>\d+)/(?P<m>\d+)/(?P<y>\d+), (?P<t>\d+:\d+)(?P<h>) - ",
    "chatminer_test_mmddyy_24hrs.txt": r"(?P<m>\d+)/(?P<d>\d+)/(?P<y>\d+), (?P<t>\d+:\d+)(?P<h>) - ",
    "chatminer_test_mmddyyyy_12hrs.txt": (
        r"(?P<m>\d+)/(?P<d>\d+)/(?P<y>\d+), (?P<t>\d+:\d+) (?P<h>[ap])\. m\. - "
    ),
    "chatminer_test_yyyymmdd_24hrs.txt": (
        r"(?P<y>\d+)/(?P<m>\d+)/(?P<d>\d+), (?P<t>\d+:\d+)(?P<h>) - "
    ),
}


@pytest.mark.real_exports
@pytest.mark.parametrize("name", FORMS)
@pytest.mark.parametrize("ours", ["John Doe", "Jahn Doe"])
def test_real_chats_equal_a_plain_reading(real_exports: Path, name: str, ours: str) -> None:
    path = real_exports / "whatsapp" / name
    berlin = ZoneInfo("Europe/Berlin")
    thread = []
    for line in path.read_text("utf-8").split("\n"):
        found = re.match(FORMS[name] + r"(?P<who>.+?): ", line)
        if found is None:
            continue
        year, month, day = (int(found[part]) for part in "ymd")
        hour, minute = map(int, found["t"].split(":"))
        hour += 12 * (found["h"] == "p" and hour < 12)
        at = datetime(year % 100 + 2000, month, day, hour, minute, tzinfo=berlin)
        thread.append(Said(at.astimezone(UTC), found["who"] == ours))
    assert len(thread) == 6
    assert_equal(path, Us(agents=(ours,)), thread, time_zone="Europe/Berlin")


@pytest.mark.real_exports
def test_real_chats_have_the_messages_their_own_parser_says(real_exports: Path) -> None:
    folder = real_exports / "whatsapp"
    asked = ReadSettings(time_zone="UTC")
    target = (folder / "chatminer_target.json").read_text("utf-8")
    wanted = re.findall(r'"timestamp": "([^"]+)",\s*"author": "([^"]+)"', target)
    for name in FORMS:
        rows = SOURCE.read([claimed(SOURCE, folder / name)], asked).collect().sort("sent_at")
        got = [(f"{at:%Y-%m-%dT%H:%M:%S}", who) for at, who in told(rows, "sent_at", "author")]
        assert got == sorted(wanted)
