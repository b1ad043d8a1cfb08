"""The archive of an account on X: scripts in parts, posts known by the ids that answer them, direct messages."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_files import read, refused, skipped, told

from kpiaudit.audit import Request
from kpiaudit.errors import ExportError
from kpiaudit.pipeline import read as read_all
from kpiaudit.search import find
from kpiaudit.settings import DEFAULT_SETTINGS, Us
from kpiaudit.sources.twitter_archive import SOURCE

NOON = datetime(2026, 9, 1, 12, tzinfo=UTC)
EPOCH = datetime.fromtimestamp(1288834974.657, UTC)
ME, IDA = "100", "200"
Record = dict[str, Any]


def minutes(count: float) -> datetime:
    return NOON + timedelta(minutes=count)


def snowflake(at: datetime) -> str:
    return str((round((at - EPOCH).total_seconds() * 1000) << 22) + 1)


def post(
    after: float, answers: str | None = None, whom: str | None = IDA, **more: object
) -> Record:
    at = minutes(after)
    told_of = {
        "id_str": snowflake(at),
        "created_at": at.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "full_text": "x",
    }
    if answers:
        told_of |= {"in_reply_to_status_id_str": answers, "in_reply_to_user_id_str": whom or ""}
    return {"tweet": told_of | more}


def said(after: float, sender: str, **more: str) -> Record:
    at = minutes(after)
    created = at.strftime("%Y-%m-%dT%H:%M:%S.000Z")
    return {"id": snowflake(at), "senderId": sender, "createdAt": created, "text": "x"} | more


def script(name: str, records: list[Record], part: int = 0, end: str = "") -> str:
    return f"window.YTD.{name}.part{part} = {json.dumps(records, indent=1)}{end}"


def talk(*events: Record) -> Record:
    return {"dmConversation": {"conversationId": "100-200", "messages": list(events)}}


ACCOUNT = script("account", [{"account": {"accountId": ME, "username": "Acme"}}])
ASKED = snowflake(minutes(0) + timedelta(milliseconds=480))
ANSWER = script("tweets", [post(5, ASKED)])
EXCHANGE = [("inbound", minutes(0) + timedelta(milliseconds=480)), ("outbound", minutes(5))]


def archive(
    folder: Path, files: dict[str, str], us: Us | None = None
) -> list[tuple[str, datetime]]:
    """Event and instant of every message of an archive, in order."""
    (folder / "data").mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / "data" / name).write_text(text, "utf-8")
    ordered = read_all(Request((str(folder),), replace(DEFAULT_SETTINGS, us=us or Us()))).ordered
    return ordered.select(pl.col("event").cast(pl.String), "sent_at").rows()


def test_the_post_we_answered_is_timed_by_its_id_to_the_millisecond(tmp_path: Path) -> None:
    assert archive(tmp_path, {"account.js": ACCOUNT, "tweets.js": ANSWER}) == EXCHANGE


def test_the_known_pair_of_id_and_time(tmp_path: Path) -> None:
    posts = script("tweets", [post(5, "1169246717864136705")])
    rows = read(SOURCE, tmp_path, {"account.js": ACCOUNT, "tweets.js": posts})
    ((asked_at,),) = told(rows.filter(pl.col("event") == "inbound"), "sent_at")
    assert asked_at == datetime(2019, 9, 4, 13, 51, 55, 749_000, UTC)


@pytest.mark.parametrize("end", ["", ";", ";\n", "\n"])
@pytest.mark.parametrize("name", ["tweets", "tweet"])
def test_gotcha_16_archives_of_every_era_are_read(tmp_path: Path, name: str, end: str) -> None:
    bare = post(5, ASKED)["tweet"]
    for record in (bare, {"tweet": bare}):
        files = {"account.js": ACCOUNT, f"{name}.js": script(name, [record], end=end)}
        assert archive(tmp_path, files) == EXCHANGE


def test_a_byte_order_mark_before_the_script_is_passed_over(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "tweets.js").write_text(ANSWER, "utf-8-sig")
    assert archive(tmp_path, {"account.js": ACCOUNT}) == EXCHANGE


def test_gotcha_12_all_parts_of_an_archive_are_one(tmp_path: Path) -> None:
    first = snowflake(minutes(5))
    files = {
        "account.js": ACCOUNT,
        "tweets.js": script("tweets", [post(6, first, ME)]),
        "tweets-part1.js": script("tweets", [post(5, ASKED)], part=1),
    }
    assert archive(tmp_path, files) == [*EXCHANGE, ("outbound", minutes(6))]


def test_gotcha_6_an_answer_in_two_parts_answers_one_post(tmp_path: Path) -> None:
    parts = script("tweets", [post(6, ASKED), post(5, ASKED)])
    assert archive(tmp_path, {"account.js": ACCOUNT, "tweets.js": parts}) == [
        *EXCHANGE,
        ("outbound", minutes(6)),
    ]


def test_a_zip_is_read_as_its_folder_is_and_the_rest_of_it_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "twitter-2026-09-27-abc.zip"
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("Your archive.html", "<html></html>")
        packed.writestr("assets/js/tweets.js", "export const tweets = () => [];\n")
        packed.writestr("data/README.txt", "What is in here:\n\ntweets.js, and more\n")
        packed.writestr("data/manifest.js", "window.__THAR_CONFIG = {}")
        packed.writestr("data/like.js", script("like", [{"like": {"tweetId": "1"}}]))
        packed.writestr("data/tweets_media/1.jpg", b"\xff\xd8\xff")
        packed.writestr("data/account.js", ACCOUNT)
        packed.writestr("data/tweets.js", ANSWER)
    request = Request((str(path),), DEFAULT_SETTINGS)
    found = find(request)
    assert found.unclaimed == ()
    assert {file.reason for file in found.ignored} == {"not a data file"}
    ordered = read_all(request).ordered
    events = ordered["event"].cast(pl.String)
    assert list(zip(events, ordered["sent_at"], strict=True)) == EXCHANGE


def test_what_answers_ourselves_makes_no_customer_up(tmp_path: Path) -> None:
    mine = script("tweets", [post(5, snowflake(minutes(1)), ME), post(6, ASKED)])
    rows = read(SOURCE, tmp_path, {"account.js": ACCOUNT, "tweets.js": mine})
    assert told(rows, "event") == [("inbound",), ("outbound",), ("outbound",)]


def test_direct_messages_have_both_sides_and_are_private(tmp_path: Path) -> None:
    exchange = talk(
        {"messageCreate": said(7, ME)},
        {"messageCreate": said(0, IDA)},
        {"reactionCreate": {"senderId": ME}},
    )
    files = {"account.js": ACCOUNT, "direct-messages.js": script("direct_messages", [exchange])}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "sent_at", "event", "visibility", "customer", "agent", "has_boundaries") == [
        (minutes(0), "inbound", "private", IDA, None, False),
        (minutes(7), "outbound", "private", None, "Acme", False),
    ]
    assert rows.filter(pl.col("skip") == "no message: reactionCreate").height == 1


def test_gotcha_12_a_direct_message_in_two_files_counts_once(tmp_path: Path) -> None:
    exchange = talk({"messageCreate": said(0, IDA)}, {"messageCreate": said(7, ME)})
    files = {
        "account.js": ACCOUNT,
        "direct-messages.js": script("direct_messages", [exchange]),
        "direct-messages-group.js": script("direct_messages_group", [exchange]),
    }
    assert archive(tmp_path, files) == [("inbound", minutes(0)), ("outbound", minutes(7))]


def test_gotcha_10_a_greeting_the_account_sends_by_itself_is_automated(tmp_path: Path) -> None:
    exchange = talk({"messageCreate": said(0, IDA)}, {"welcomeMessageCreate": said(1, ME)})
    files = {"account.js": ACCOUNT, "direct-messages.js": script("direct_messages", [exchange])}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows, "event", "is_automated") == [("inbound", None), ("outbound", True)]


def test_without_the_account_us_says_whose_messages_are_ours(tmp_path: Path) -> None:
    exchange = talk({"messageCreate": said(0, IDA)}, {"messageCreate": said(7, ME)})
    files = {"direct-messages.js": script("direct_messages", [exchange])}
    with pytest.raises(ExportError, match="does not say who is us"):
        archive(tmp_path, files)
    assert archive(tmp_path, files, Us(accounts=(ME,))) == [
        ("inbound", minutes(0)),
        ("outbound", minutes(7)),
    ]


def test_a_damaged_message_takes_no_other_along(tmp_path: Path) -> None:
    lacking = {key: value for key, value in said(0, IDA).items() if key != "createdAt"}
    exchange = talk({"messageCreate": lacking}, {"messageCreate": said(7, ME)})
    files = {"account.js": ACCOUNT, "direct-messages.js": script("direct_messages", [exchange])}
    rows = read(SOURCE, tmp_path, files)
    ((row, rule, _),) = refused(rows)
    assert row == 1
    assert "createdAt" in rule
    assert told(rows, "event") == [("outbound",)]


@pytest.mark.parametrize(
    "posts", [[post(0)], [post(0), post(1, snowflake(NOON), ME)], [post(0, full_text="RT @ida: x")]]
)
def test_an_archive_that_answers_nobody_is_refused_with_what_to_export(
    tmp_path: Path, posts: list[Record]
) -> None:
    files = {"account.js": ACCOUNT, "tweets.js": script("tweets", posts)}
    with pytest.raises(ExportError, match="only what you posted yourself") as problem:
        read(SOURCE, tmp_path, files)
    assert problem.value.where == "tweets.js"
    assert "API of X" in (problem.value.hint or "")


def test_reposts_are_left_out_and_told(tmp_path: Path) -> None:
    posts = script("tweets", [post(0, full_text="RT @ida: x"), post(5, ASKED)])
    rows = read(SOURCE, tmp_path, {"account.js": ACCOUNT, "tweets.js": posts})
    assert skipped(rows) == {"companion: account": 1, "no message: repost": 1}


def test_an_archive_and_the_api_tell_of_the_same_posts_once(tmp_path: Path) -> None:
    asked = {
        "id_str": ASKED,
        "created_at": minutes(0).strftime("%a %b %d %H:%M:%S +0000 %Y"),
        "full_text": "where is it?",
        "in_reply_to_status_id_str": None,
        "user": {"id_str": IDA, "screen_name": "ida"},
    }
    answer = post(5, ASKED)["tweet"] | {"user": {"id_str": ME, "screen_name": "Acme"}}
    (tmp_path / "api.json").write_text(json.dumps([asked, answer]), "utf-8")
    files = {"account.js": ACCOUNT, "tweets.js": ANSWER}
    found = archive(tmp_path, files, Us(accounts=("Acme",)))
    assert [event for event, _ in found] == ["inbound", "outbound"]
    assert found[1] == EXCHANGE[1]


def test_first_responses_equal_a_plain_reading_of_the_sample(sample_exports: Path) -> None:
    folder = sample_exports / "twitter_archive"
    waits: dict[str, float] = {}
    for path in sorted((folder / "data").glob("tweets*.js")):
        text = path.read_text("utf-8")
        for record in json.loads(text[text.index("[") : text.rindex("]") + 1]):
            tweet = record["tweet"]
            parent = tweet.get("in_reply_to_status_id_str")
            if not parent or tweet["in_reply_to_user_id_str"] == "900100200" or len(parent) < 12:
                continue
            at = datetime.strptime(tweet["created_at"], "%a %b %d %H:%M:%S %z %Y").timestamp()
            asked = ((int(parent) >> 22) + 1288834974657) / 1000
            waits[parent] = min(at - asked, waits.get(parent, at))
    ordered = read_all(Request((str(folder),), DEFAULT_SETTINGS, all_columns=True)).ordered
    public = ordered.filter(pl.col("visibility") == "public").with_columns(
        pl.col("event", "conversation_id").cast(pl.String)
    )
    answered = public.filter(pl.col("event") == "outbound").group_by("conversation_id")
    firsts = dict(answered.agg(pl.col("sent_at").min()).rows())
    found = {
        key: (firsts[key] - at).total_seconds()
        for key, at in public.filter(event="inbound").select("conversation_id", "sent_at").rows()
    }
    assert found == pytest.approx(waits)
    assert len(found) == 3
