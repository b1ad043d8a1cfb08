"""Discord's channels: JSON with bots, roles and threads, CSV with the dates of a computer's locale."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from audits import written
from chats import Said, assert_equal
from reading import csv_text, refused, rows_of, told

from kpiaudit.decoding.long_lists import CUT_OFF
from kpiaudit.findings import NO_ORDER
from kpiaudit.pipeline import read
from kpiaudit.readers.discord_dce import MINUTES
from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.discord_dce import SOURCE

if TYPE_CHECKING:
    import polars as pl

    from kpiaudit.settings import DateOrder

Record = dict[str, Any]
HEADER = ("AuthorID", "Author", "Date", "Content", "Attachments", "Reactions")
TEAM = ReadSettings(us=Us(agents=("Support",), bots=("TicketTool",)), text=True)


def said(number: int, name: str = "pia", **changed: object) -> Record:
    author = {"id": f"10{name}", "name": name, "nickname": name.title(), "isBot": False}
    message: Record = {
        "id": str(900 + number),
        "type": "Default",
        "timestamp": f"2026-09-10T09:00:{number:02}.5+02:00",
        "timestampEdited": None,
        "isPinned": False,
        "content": f"m{number}",
        "author": author | {"roles": changed.pop("roles", [])},
        "attachments": [],
    }
    return message | changed


def channel(*messages: Record, kind: str = "GuildTextChat") -> str:
    place = {"id": "77", "type": kind, "category": "Help", "name": "a {", "topic": None}
    head = {"guild": {"id": "5", "name": "Us"}, "channel": place, "dateRange": {"after": None}}
    return json.dumps(
        head | {"exportedAt": "x", "messages": messages, "messageCount": len(messages)}, indent=2
    )


def rows(folder: Path, text: str, settings: ReadSettings = TEAM) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"Us - Help - a [77].json": text}, settings)


def table(folder: Path, *dates: str, settings: ReadSettings = TEAM) -> pl.DataFrame:
    lines = [("1", "pia#0042", date, "x", "", "") for date in dates]
    text = csv_text(HEADER, *lines)
    return rows_of(SOURCE, folder, {"Us - a [123456789012345678].csv": text}, settings)


def instants(found: pl.DataFrame) -> list[str]:
    return [f"{at:%Y-%m-%d %H:%M:%S}" for (at,) in told(found, "sent_at")]


def test_a_stamp_is_what_its_offset_says(tmp_path: Path) -> None:
    at = datetime(2026, 9, 10, 7, 0, 1, 500_000, tzinfo=UTC)
    assert told(rows(tmp_path, channel(said(1))), "sent_at", "message_id") == [(at, "901")]


def test_us_may_name_a_role_a_name_a_nickname_or_an_id(tmp_path: Path) -> None:
    team = [{"id": "1", "name": "support"}]
    text = channel(said(1, "ana", roles=team), said(2), said(3, "bob"), said(4, "eva"))
    us = Us(agents=("Support", "bob"), accounts=("10eva",))
    found = rows(tmp_path, text, ReadSettings(us=us))
    assert told(found, "author", "event", "agent") == [
        ("Ana", "outbound", "Ana"),
        ("Pia", None, None),
        ("Bob", "outbound", "Bob"),
        ("Eva", "outbound", "Eva"),
    ]


def test_gotcha_10_a_bot_is_no_fast_human(tmp_path: Path) -> None:
    robot = said(1, "helper")
    robot["author"]["isBot"] = True
    found = rows(tmp_path, channel(robot, said(2, "tickettool")))
    assert told(found, "author_role", "is_automated") == [("bot", True)] * 2


def test_gotcha_9_an_edit_leaves_the_instant_alone(tmp_path: Path) -> None:
    once = rows(tmp_path, channel(said(1)))
    edited = rows(tmp_path, channel(said(1, timestampEdited="2026-09-11T09:00:00+02:00")))
    assert edited.equals(once)


@pytest.mark.parametrize(
    ("kind", "has_boundaries", "visibility"),
    [
        ("GuildTextChat", False, "public"),
        ("GuildPublicThread", True, "public"),
        ("GuildPrivateThread", True, "private"),
        ("DirectTextChat", False, "private"),
    ],
)
def test_a_thread_is_a_conversation_and_a_channel_has_no_end(
    tmp_path: Path, kind: str, has_boundaries: bool, visibility: str
) -> None:
    found = rows(tmp_path, channel(said(1), kind=kind))
    assert told(found, "conversation_id", "has_boundaries", "visibility") == [
        ("77", has_boundaries, visibility)
    ]


@pytest.mark.parametrize("kind", ["GuildMemberJoin", "ChannelPinnedMessage", "ThreadCreated"])
def test_what_discord_tells_is_no_message(tmp_path: Path, kind: str) -> None:
    assert rows(tmp_path, channel(said(1, type=kind)))["skip"].to_list() == [f"no message: {kind}"]


def test_gotcha_12_the_parts_of_a_channel_are_one_and_count_once(tmp_path: Path) -> None:
    exports = {
        "a [77].json": channel(said(1), said(2)),
        "a [77] [part 2].json": channel(said(2), said(3, "ana")),
    }
    reading = read(written(tmp_path, exports, '[us]\nagents = ["ana"]\n'))
    assert reading.ordered["conversation_id"].to_list() == ["77#1"] * 3
    assert reading.gathered.counts["duplicate"].sum() == 1


def test_gotcha_12_a_file_cut_off_keeps_what_came_before(tmp_path: Path) -> None:
    text = channel(said(1), said(2))
    found = rows(tmp_path, text[: text.index('"m2"')])
    assert told(found, "row") == [(1,)]
    assert [(row, rule) for row, rule, _ in refused(found)] == [(2, CUT_OFF)]


def test_a_record_without_time_or_author_is_a_reject(tmp_path: Path) -> None:
    found = rows(tmp_path, channel(said(1, timestamp=None), said(2, author=None), said(3)))
    assert sorted(refused(found)) == [(1, "timestamp: missing", None), (2, "author: missing", None)]


def test_a_new_csv_has_offsets_to_a_tenth_of_a_microsecond(tmp_path: Path) -> None:
    found = table(
        tmp_path, "2026-09-10T09:00:01.1234567+02:00", "2026-09-10T07:00:02.0000000+00:00"
    )
    assert instants(found) == ["2026-09-10 07:00:01", "2026-09-10 07:00:02"]
    assert told(found, "conversation_id", "author") == [("123456789012345678", "pia")] * 2


@pytest.mark.parametrize(
    ("date", "sent_at"),
    [
        ("10/16/2023 12:37 AM", "2023-10-16 00:37:00"),
        ("16/10/2023 12:37", "2023-10-16 12:37:00"),
        ("16.10.2023 09:05:07", "2023-10-16 09:05:07"),
        ("2023-10-06 12:37", "2023-10-06 12:37:00"),
        ("10/16/2023 12:37 PM", "2023-10-16 12:37:00"),
        ("10/16/2023 1:37 p.m.", "2023-10-16 13:37:00"),
    ],
)
def test_gotcha_7_an_old_csv_is_read_in_the_zone_named(
    tmp_path: Path, date: str, sent_at: str
) -> None:
    assert instants(table(tmp_path, date, settings=ReadSettings(time_zone="UTC"))) == [sent_at]
    bare = table(tmp_path, date, settings=ReadSettings())
    assert refused(bare) == [(1, "date: no offset, set time_zone", date)]


def test_an_old_csv_has_no_seconds_and_says_so(tmp_path: Path) -> None:
    asked = ReadSettings(time_zone="UTC")
    found = table(
        tmp_path, "10/16/2023 12:37 AM", "2026-09-10T09:00:01.1234567+02:00", settings=asked
    )
    assert told(found, "doubt") == [(MINUTES,), (None,)]


@pytest.mark.parametrize(
    ("order", "sent_at"), [("day_first", "2023-06-05"), ("month_first", "2023-05-06")]
)
def test_dates_that_can_be_read_two_ways_are_asked_for(
    tmp_path: Path, order: DateOrder, sent_at: str
) -> None:
    ((row, rule, value),) = refused(table(tmp_path, "05/06/2023 12:37"))
    assert (row, rule.endswith(NO_ORDER), value) == (1, True, "05/06/2023 12:37")
    asked = ReadSettings(time_zone="UTC", date_order=order)
    assert instants(table(tmp_path, "05/06/2023 12:37", settings=asked)) == [f"{sent_at} 12:37:00"]


@pytest.mark.parametrize("is_old", [False, True])
def test_a_csv_beside_the_json_of_its_channel_counts_once(tmp_path: Path, *, is_old: bool) -> None:
    records = [said(1), said(1, id="950"), said(2, "ana"), said(3, type="ChannelPinnedMessage")]
    place = "77" * 8
    dates = [f"2026-09-10T09:00:0{second}.5000000+02:00" for second in (1, 1, 1, 2, 3, 4)]
    if is_old:
        dates = ["9/10/2026 7:00 AM"] * 5 + ["9/14/2026 7:00 AM"]
    names = ["pia", "pia", "pia", "ana", "pia", "pia"]
    lines = [
        (f"10{name}", name, date, "x", "", "") for name, date in zip(names, dates, strict=True)
    ]
    files = {
        f"Us - Help - a [{place}].json": channel(*records).replace('"77"', f'"{place}"'),
        f"Us - Help - a [{place}].csv": csv_text(HEADER, *lines),
        "Us - Help - b [7878787878787878].csv": csv_text(HEADER, *lines),
    }
    folder = written(tmp_path, files, "time_zone = 'UTC'\n[us]\nagents = ['ana']\n")
    counts = read(folder).gathered.counts
    found = {
        name: (used, skipped)
        for name, used, skipped in counts.select("file", "used", "skipped").iter_rows()
    }
    assert [found[name] for name in files] == [(3, 1), (2, 4), (6, 0)]


def test_a_date_that_is_none_is_a_reject(tmp_path: Path) -> None:
    assert refused(table(tmp_path, "soon")) == [(1, "timestamp: not a date", "soon")]


def test_a_channel_equals_a_plain_reading(tmp_path: Path, sample_exports: Path) -> None:
    """No real file is at hand: the sample, read by the standard library alone."""
    (path,) = (sample_exports / "discord_dce").glob("*1002*.json")
    people = [
        Said(
            datetime.fromisoformat(one["timestamp"]).astimezone(UTC),
            "Fern" in one["author"]["nickname"],
        )
        for one in json.loads(path.read_text("utf-8"))["messages"]
        if not one["author"]["isBot"] and one["type"] in {"Default", "Reply"}
    ]
    kept = json.loads(path.read_text("utf-8"))
    kept["messages"] = [one for one in kept["messages"] if not one["author"]["isBot"]]
    alone = tmp_path / path.name
    alone.write_text(json.dumps(kept), "utf-8")
    assert len(people) == 4
    assert_equal(alone, Us(accounts=("FernwehHelp",)), people)
