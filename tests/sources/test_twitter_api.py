"""Posts as the API gives them: two versions, pages and lines, ids as text, and posts known by their id alone."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_files import read, refused, skipped, told

from kpiaudit.audit import Request
from kpiaudit.pipeline import read as read_all
from kpiaudit.settings import DEFAULT_SETTINGS, Us
from kpiaudit.sources.twitter_api import SOURCE

Record = dict[str, Any]
US = Us(accounts=("@Acme",))
NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
EPOCH = datetime.fromtimestamp(1288834974.657, UTC)


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def snowflake(at: datetime) -> str:
    """The id of a post, as X gives them out."""
    return str((round((at - EPOCH).total_seconds() * 1000) << 22) + 1)


def post(
    after: float,
    who: str,
    answers: float | str | None = None,
    whom: str | None = None,
    **more: object,
) -> Record:
    """A post of version 1.1, so many minutes after noon; it answers one of another minute, or an id."""
    at = minutes(after)
    parent = snowflake(minutes(answers)) if isinstance(answers, int | float) else answers
    return {
        "created_at": at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "id": float(snowflake(at)),
        "id_str": snowflake(at),
        "full_text": "x",
        "in_reply_to_status_id_str": parent,
        "in_reply_to_user_id_str": whom and f"id of {whom}",
        "in_reply_to_screen_name": whom,
        "user": {"id_str": f"id of {who}", "screen_name": who},
    } | more


def newer(
    after: float, who: str, thread: float, refers: tuple[str, float] | None = None, **more: object
) -> Record:
    """A post of version 2."""
    at = minutes(after)
    how = [{"type": refers[0], "id": snowflake(minutes(refers[1]))}] if refers else []
    return {
        "id": snowflake(at),
        "text": "x",
        "author_id": f"id of {who}",
        "created_at": at.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
        "conversation_id": snowflake(minutes(thread)),
        "referenced_tweets": how,
    } | more


def page(*posts: Record, beside: tuple[Record, ...] = ()) -> Record:
    users = [{"id": f"id of {who}", "username": who} for who in ("Acme", "ida", "tom")]
    return {"data": list(posts), "includes": {"users": users, "tweets": list(beside)}, "meta": {}}


def conversations(folder: Path, files: dict[str, Any]) -> dict[int, list[tuple[float, str]]]:
    """Minutes after noon and event of every message, by the minute its conversation's first post was written."""
    for name, content in files.items():
        (folder / name).write_text(json.dumps(content), "utf-8")
    ordered = read_all(Request((str(folder),), replace(DEFAULT_SETTINGS, us=US))).ordered
    found: dict[int, list[tuple[float, str]]] = {}
    for key, at, event in ordered.select("conversation_id", "sent_at", "event").iter_rows():
        begun = EPOCH + timedelta(milliseconds=int(key) >> 22)
        place = round((begun - NOON).total_seconds() / 60)
        found.setdefault(place, []).append(((at - NOON).total_seconds() / 60, event))
    return found


def test_our_handle_is_us_and_everybody_else_a_customer(tmp_path: Path) -> None:
    exchange = [post(0, "ida"), post(5, "Acme", 0, "ida")]
    rows = read(SOURCE, tmp_path, {"t.json": exchange}, us=US)
    assert told(rows, "event", "customer", "agent") == [
        ("inbound", "ida", None),
        ("outbound", None, "Acme"),
    ]


def test_without_us_it_asks(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"t.json": [post(0, "ida"), post(5, "Acme", 0, "ida")]})
    assert told(rows, "event", "author") == [(None, "ida"), (None, "Acme")]


def test_our_account_is_known_by_its_id_and_a_bot_is_a_bot(tmp_path: Path) -> None:
    us = Us(accounts=("id of Acme",), bots=("acmebot",))
    rows = read(SOURCE, tmp_path, {"t.json": [post(0, "Acme"), post(1, "AcmeBot")]}, us=us)
    assert told(rows, "event", "author_role", "is_automated") == [
        ("outbound", None, False),
        ("outbound", "bot", True),
    ]


def test_gotcha_3_ids_are_read_as_text_for_numbers_have_lost_digits(tmp_path: Path) -> None:
    first = post(0, "ida", id=1169246717864136700, id_str="1169246717864136705")
    answer = post(5, "Acme", "1169246717864136705", "ida")
    rows = read(SOURCE, tmp_path, {"t.json": [first, answer]}, us=US)
    assert told(rows, "message_id")[0] == ("1169246717864136705",)
    assert told(rows, "reply_to")[1] == ("1169246717864136705",)
    assert rows.height == 2


def test_gotcha_3_a_rounded_id_is_none(tmp_path: Path) -> None:
    rounded = newer(5, "Acme", 0) | {"id": 1.1692467178641367e18}
    rows = read(SOURCE, tmp_path, {"t.jsonl": json.dumps(rounded)}, us=US)
    assert refused(rows) == [(1, "id: missing", None)]


def test_a_post_we_answered_and_the_export_lacks_is_timed_by_its_id(tmp_path: Path) -> None:
    answer = post(5, "Acme", "1169246717864136705", "ida")
    rows = read(SOURCE, tmp_path, {"t.json": [answer]}, us=US)
    assert told(rows, "sent_at", "event", "customer", "message_id") == [
        (datetime(2019, 9, 4, 13, 51, 55, 749_000, UTC), "inbound", "ida", "1169246717864136705"),
        (minutes(5), "outbound", None, answer["id_str"]),
    ]
    assert rows["doubt"].drop_nulls().to_list() == [
        "the post answered is absent: its time is told by its id"
    ]


def test_an_absent_post_is_never_later_than_its_answer(tmp_path: Path) -> None:
    answer = post(5, "Acme", snowflake(minutes(5) + timedelta(milliseconds=400)), "ida")
    rows = read(SOURCE, tmp_path, {"t.json": [answer]}, us=US)
    assert told(rows, "sent_at") == [(minutes(5),)] * 2


def test_an_id_from_before_snowflakes_tells_no_time(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"t.json": [post(5, "Acme", "20", "ida")]}, us=US)
    assert told(rows, "event", "doubt") == [
        ("outbound", "the post answered is absent and too old for its id to tell its time")
    ]


@pytest.mark.parametrize(("who", "whom"), [("ida", "tom"), ("ida", "Acme"), ("Acme", "acme")])
def test_only_a_strangers_post_that_we_answered_is_made_up(
    tmp_path: Path, who: str, whom: str
) -> None:
    rows = read(SOURCE, tmp_path, {"t.json": [post(5, who, 0, whom)]}, us=US)
    assert rows.height == 1


def test_gotcha_6_an_answer_in_two_parts_answers_one_post(tmp_path: Path) -> None:
    parts = [post(6, "Acme", 0, "ida"), post(5, "Acme", 0, "ida")]
    assert conversations(tmp_path, {"t.json": parts}) == {
        0: [(0, "inbound"), (5, "outbound"), (6, "outbound")]
    }


def test_gotcha_5_the_first_answer_is_ours_not_the_first_reply(tmp_path: Path) -> None:
    exchange = [post(0, "ida"), post(1, "tom", 0, "ida"), post(9, "Acme", 0, "ida")]
    assert conversations(tmp_path, {"t.json": exchange}) == {
        0: [(0, "inbound"), (1, "inbound"), (9, "outbound")]
    }


def test_gotcha_11_posts_come_newest_first_and_are_put_in_order(tmp_path: Path) -> None:
    newest_first = page(newer(5, "Acme", 0, ("replied_to", 0)), newer(0, "ida", 0))
    assert conversations(tmp_path, {"p.json": newest_first}) == {
        0: [(0, "inbound"), (5, "outbound")]
    }


def test_gotcha_12_what_lies_on_another_page_belongs_to_the_conversation(tmp_path: Path) -> None:
    pages = {
        "p1.json": page(newer(7, "Acme", 0, ("replied_to", 5))),
        "p2.json": page(newer(0, "ida", 0)),
    }
    assert conversations(tmp_path, pages) == {0: [(0, "inbound"), (5, "inbound"), (7, "outbound")]}


def test_a_post_beside_the_page_counts_once_and_only_where_it_was_answered(tmp_path: Path) -> None:
    asked, quoted = newer(0, "ida", 0), newer(-60, "Acme", -60)
    pages = page(
        newer(5, "Acme", 0, ("replied_to", 0)),
        newer(6, "tom", 6, ("quoted", -60)),
        asked,
        beside=(asked, quoted),
    )
    assert conversations(tmp_path, {"p.json": pages}) == {
        0: [(0, "inbound"), (5, "outbound")],
        6: [(6, "inbound")],
    }


def test_a_quote_answers_nothing_and_a_repost_says_nothing(tmp_path: Path) -> None:
    pages = page(newer(6, "tom", 6, ("quoted", 0)), newer(7, "tom", 7, ("retweeted", 0)))
    rows = read(SOURCE, tmp_path, {"p.json": json.dumps(pages)}, us=US)
    assert told(rows, "event", "reply_to") == [("inbound", None)]
    assert skipped(rows) == {"no message: repost": 1}
    older = post(0, "Acme", retweeted_status=post(-9, "ida"))
    assert skipped(read(SOURCE, tmp_path, {"t.json": [older]}, us=US)) == {"no message: repost": 1}


@pytest.mark.parametrize("join", ["\n", "\r\n", "", " , "])
def test_posts_a_line_and_end_to_end_are_read(tmp_path: Path, join: str) -> None:
    posts = [newer(0, "ida", 0), newer(5, "Acme", 0, ("replied_to", 0))]
    text = join.join(map(json.dumps, posts))
    us = Us(accounts=("id of acme",))
    rows = read(SOURCE, tmp_path, {"t.jsonl": text.replace(" , ", "\n")}, us=us)
    assert told(rows, "row", "event") == [(1, "inbound"), (2, "outbound")]


def test_gotcha_13_a_line_separator_inside_a_post_ends_no_line(tmp_path: Path) -> None:
    posts = [post(0, "ida", full_text="a\u2028b\x85c"), post(5, "Acme", 0, "ida")]
    lines = "".join(json.dumps(each, ensure_ascii=False) + "\n" for each in posts)
    rows = read(SOURCE, tmp_path, {"t.jsonl": lines}, us=US, text=True)
    assert told(rows, "text") == [("a\u2028b\x85c",), ("x",)]


def test_a_search_and_pages_a_line_are_read(tmp_path: Path) -> None:
    search = json.dumps({"statuses": [post(0, "ida")], "search_metadata": {"count": 1}})
    assert told(read(SOURCE, tmp_path, {"s.json": search}, us=US), "event") == [("inbound",)]
    pages = [page(newer(0, "ida", 0)), page(newer(5, "Acme", 0, ("replied_to", 0)))]
    rows = read(SOURCE, tmp_path, {"p.jsonl": "\n".join(map(json.dumps, pages))}, us=US)
    assert told(rows, "row", "event") == [(1, "inbound"), (2, "outbound")]


def test_a_post_without_a_date_is_refused_alone(tmp_path: Path) -> None:
    rows = read(
        SOURCE, tmp_path, {"t.json": [post(0, "ida"), post(1, "ida", created_at="x")]}, us=US
    )
    assert refused(rows) == [(2, "created_at: not a date", "x")]


TABLE = (
    "id,conversation_id,referenced_tweets.replied_to.id,referenced_tweets.retweeted.id,author_id,"
    "in_reply_to_user_id,text,created_at,author.username,author.name\n"
)


def line(after: float, who: str, answers: float | None = None, shown: str = "") -> str:
    """A line of what `twarc2 csv` writes."""
    at = minutes(after)
    parent = "" if answers is None else snowflake(minutes(answers))
    created = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return f"{snowflake(at)},,{parent},{shown},id of {who},,x,{created},{who},\n"


def test_the_table_of_twarc_is_read(tmp_path: Path) -> None:
    text = TABLE + line(5, "Acme", 0) + line(0, "ida") + line(9, "tom", shown="1")
    rows = read(SOURCE, tmp_path, {"t.csv": text}, us=US)
    assert told(rows, "row", "event", "sent_at", "customer", "agent") == [
        (2, "inbound", minutes(0), "ida", None),
        (1, "outbound", minutes(5), None, "Acme"),
    ]
    assert told(rows, "reply_to")[1] == (snowflake(minutes(0)),)
    assert skipped(rows) == {"no message: repost": 1}


def test_who_is_answered_is_nobody_where_the_table_does_not_say(tmp_path: Path) -> None:
    stranger = line(1, "zed").replace("id of zed", "")
    text = TABLE + line(5, "Acme", 0) + stranger
    rows = read(SOURCE, tmp_path, {"t.csv": text}, us=US)
    assert told(rows, "event", "customer") == [
        ("inbound", None),
        ("inbound", "zed"),
        ("outbound", None),
    ]


@pytest.mark.parametrize("handle", ["@acme", "ACME"])
def test_a_table_knows_us_by_any_name_with_or_without_at(tmp_path: Path, handle: str) -> None:
    text = TABLE + line(5, "Acme", 0) + line(0, "ida")
    for us in (Us(accounts=(handle,)), Us(agents=("id of acme",))):
        rows = read(SOURCE, tmp_path, {"t.csv": text}, us=us)
        assert told(rows, "event", "agent") == [("inbound", None), ("outbound", "Acme")]
    rows = read(SOURCE, tmp_path, {"t.csv": text}, us=Us(bots=("acme",)))
    assert told(rows, "author_role", "agent")[1] == ("bot", "Acme")


@pytest.mark.parametrize("spoilt", ["2.09689E+18", "2096886188722880513.0"])
def test_gotcha_3_an_id_a_spreadsheet_spoilt_is_refused(tmp_path: Path, spoilt: str) -> None:
    answer = line(5, "Acme", 0)
    text = TABLE + answer.replace(snowflake(minutes(0)), spoilt) + line(0, "ida")
    text += answer.replace(snowflake(minutes(5)), spoilt)
    assert refused(read(SOURCE, tmp_path, {"t.csv": text}, us=US)) == [
        (1, "reply_to: not an id", spoilt),
        (3, "id: not an id", spoilt),
    ]


@pytest.mark.real_exports
def test_the_real_posts_equal_a_plain_reading(real_exports: Path) -> None:
    path = real_exports / "twitter" / "twitter-to-sqlite_tweets.json"
    ours = "simonw"
    plain = []
    for tweet in json.loads(path.read_text("utf-8")):
        if "retweeted_status" in tweet:
            continue
        at = datetime.strptime(tweet["created_at"], "%a %b %d %H:%M:%S %z %Y")
        is_ours = tweet["user"]["screen_name"] == ours
        plain.append((at, "agent" if is_ours else "customer"))
        parent = tweet["in_reply_to_status_id_str"]
        if parent and is_ours and tweet["in_reply_to_screen_name"] != ours:
            plain.append((EPOCH + timedelta(milliseconds=int(parent) >> 22), "customer"))
            asked_at, answered_at = plain[-1][0], at
    settings = replace(DEFAULT_SETTINGS, us=Us(accounts=(ours,)))
    reading = read_all(Request((str(path),), settings))
    ordered = reading.ordered
    roles = ordered["author_role"].cast(pl.String)
    assert sorted(zip(ordered["sent_at"], roles, strict=True)) == sorted(plain)
    assert Counter(roles) == {"agent": 2, "customer": 1}
    asked = ordered.filter(event="inbound")["conversation_id"]
    exchange = ordered.filter(pl.col("conversation_id").is_in(asked.implode()))
    assert exchange["sent_at"].to_list() == [asked_at, answered_at]
