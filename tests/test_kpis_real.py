"""KPIs of exports nobody here wrote, against counts made with nothing but the standard library."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections import Counter, defaultdict
from datetime import UTC, datetime
from statistics import fmean, median
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from audits import report
from scores import PROMISE, groups, total

from kpiaudit.audit import Request
from kpiaudit.kpis.catalogue import IDS
from kpiaudit.policy.load import load_policy

pytestmark = pytest.mark.real_exports

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from kpiaudit.report import Report

SLACK_AGENTS = {"U0BMQB6JE"}
"""The id of hamza."""

PLAY = """
[sources.reviews]
files = "reviews.csv"
instance = "google_play"
[sources.reviews.columns]
conversation_id = "id"
sent_at = "Review Submit Date and Time"
event = { constant = "inbound" }
channel = { constant = "review" }
category = "Reviewer Language"
rating = { column = "Star Rating", values = { 1 = "0", 2 = "0.25", 3 = "0.5", 4 = "0.75", 5 = "1" } }
[sources.replies]
files = "replies.csv"
instance = "google_play"
[sources.replies.columns]
conversation_id = "id"
sent_at = "Developer Reply Date and Time"
event = { constant = "outbound" }
channel = { constant = "review" }
"""
SUMO = """
[sources.questions]
files = "*-creator-answers-*.csv"
instance = "sumo"
[sources.questions.columns]
conversation_id = "id"
message_id = "id"
sent_at = { column = "created", format = "%Y-%m-%d %H:%M:%S %z" }
event = { constant = "inbound" }
customer = "creator"
channel = { constant = "forum" }
[sources.answers]
files = "*-answers-for-questions-*.csv"
instance = "sumo"
[sources.answers.columns]
conversation_id = "question_id"
message_id = "id"
sent_at = { column = "created", format = "%Y-%m-%d %H:%M:%S %z" }
event = { column = "creator", same_as = "asked.creator", values = { true = "inbound", false = "outbound" } }
agent = "creator"
channel = { constant = "forum" }
[[sources.answers.join]]
name = "asked"
files = "*-creator-answers-*.csv"
on = { question_id = "id" }
"""


def scored(folder: Path, policy: str, exports: Path, *by: tuple[str, ...]) -> Report:
    """Return the report of a folder with every KPI."""
    path = folder / "kpiaudit.toml"
    path.write_text(policy + PROMISE, "utf-8")
    settings = load_policy(path)
    return report(Request(paths=(str(exports),), settings=settings, kpis=IDS, by=by))


def rows_of(paths: Iterable[Path]) -> list[dict[str, str]]:
    """Return the records of CSV files."""
    found = []
    for path in sorted(paths):
        with path.open(newline="", encoding="utf-8-sig") as file:
            found += list(csv.DictReader(file))
    return found


def stamp(text: str) -> datetime:
    """Return an instant as two tools write it."""
    return datetime.fromisoformat(text.replace(" +0000", "+00:00"))


def values(found: Report, *kpis: str) -> dict[str, tuple[float | None, int]]:
    """Return value and n of some KPIs."""
    return {kpi: (total(found, kpi).value, total(found, kpi).n) for kpi in kpis}


def test_reviews_of_google_play(real_exports: Path, tmp_path: Path) -> None:
    source = real_exports / "google_play" / "reviews_firefox_490.csv"
    exports = tmp_path / "exports"
    exports.mkdir()
    for name in ("reviews.csv", "replies.csv"):
        shutil.copy(source, exports / name)
    rows = rows_of([source])
    waits = [
        (stamp(reply) - stamp(row["Review Submit Date and Time"])).total_seconds()
        for row in rows
        if (reply := row["Developer Reply Date and Time"])
    ]
    stars = Counter(int(row["Star Rating"]) for row in rows)
    months = Counter(row["Review Submit Date and Time"][:7] for row in rows)
    languages = Counter(row["Reviewer Language"] for row in rows)
    found = scored(tmp_path, PLAY, exports, ("month",))
    many = len(rows)
    assert values(
        found, "inbound_messages", "conversations", "unanswered_rate", "first_response", "csat",
        "sentiment_share", "replies_per_conversation", "average_response",
    ) == {
        "inbound_messages": (many, many),
        "conversations": (many, many),
        "unanswered_rate": (pytest.approx((many - len(waits)) / many), many),
        "first_response": (median(waits), len(waits)),
        "csat": (pytest.approx((stars[4] + stars[5]) / many), many),
        "sentiment_share": (pytest.approx((stars[4] + stars[5]) / many), many),
        "replies_per_conversation": (pytest.approx(len(waits) / many), many),
        "average_response": (pytest.approx(fmean(waits)), len(waits)),
    }  # fmt: skip
    assert total(found, "sentiment_share").beside["neutral_share"] == pytest.approx(stars[3] / many)
    mean_score = sum((star - 1) / 4 * count for star, count in stars.items()) / many
    assert total(found, "csat").beside["mean_score"] == pytest.approx(mean_score)
    assert groups(found, "inbound_messages", "month") == months
    assert groups(found, "messages_by_category", "category") == pytest.approx(
        {language: count / many for language, count in languages.items()}
    )
    assert total(found, "resolution_rate").reason == "status missing in replies.csv, reviews.csv"


def test_questions_of_a_forum(real_exports: Path, tmp_path: Path) -> None:
    folder = real_exports / "sumo_forum"
    exports = tmp_path / "exports"
    exports.mkdir()
    for pattern in ("*-creator-answers-*.csv", "*-answers-for-questions-*.csv"):
        for path in folder.glob(pattern):
            shutil.copy(path, exports / path.name)
    questions = {row["id"]: row for row in rows_of(folder.glob("*-creator-answers-*.csv"))}
    answers = {
        row["id"]: row
        for row in rows_of(folder.glob("*-answers-for-questions-*.csv"))
        if row["question_id"] in questions
    }
    replies = defaultdict(list)
    for row in answers.values():
        if row["creator"] != questions[row["question_id"]]["creator"]:
            replies[row["question_id"]].append(row)
    asked = len(questions)
    own = len(answers) - sum(map(len, replies.values()))
    waits = [
        (
            min(stamp(row["created"]) for row in rows) - stamp(questions[number]["created"])
        ).total_seconds()
        for number, rows in replies.items()
    ]
    several = sum(len({row["creator"] for row in rows}) > 1 for rows in replies.values())
    days = Counter(row["created"][:10] for row in questions.values())
    days.update(
        row["created"][:10]
        for row in answers.values()
        if row["creator"] == questions[row["question_id"]]["creator"]
    )
    found = scored(tmp_path, SUMO, exports, ("day",))
    assert values(
        found, "inbound_messages", "conversations", "unanswered_rate", "first_response",
        "replies_per_conversation", "reassignment_rate",
    ) == {
        "inbound_messages": (asked + own, asked + own),
        "conversations": (asked, asked),
        "unanswered_rate": (pytest.approx((asked - len(replies)) / asked), asked),
        "first_response": (median(waits), len(waits)),
        "replies_per_conversation": (pytest.approx((len(answers) - own) / asked), asked),
        "reassignment_rate": (pytest.approx(several / len(replies)), len(replies)),
    }  # fmt: skip
    assert groups(found, "inbound_messages", "day") == days


class Tweet(NamedTuple):
    """A row of twcs."""

    at: datetime
    inbound: bool
    author: str


def threads_of(rows: list[dict[str, str]]) -> list[list[Tweet]]:
    """Return the tweets of every chain of replies."""
    parents = {row["tweet_id"]: row["in_response_to_tweet_id"].removesuffix(".0") for row in rows}
    threads: dict[str, list[Tweet]] = defaultdict(list)
    for row in rows:
        root = row["tweet_id"]
        while parents[root] in parents:
            root = parents[root]
        at = datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y")
        threads[root].append(Tweet(at, row["inbound"] == "True", row["author_id"]))
    return list(threads.values())


def test_tweets_of_kaggle(real_exports: Path, tmp_path: Path) -> None:
    path = real_exports / "twcs" / "twcs_head1000.csv"
    threads = threads_of(rows_of([path]))
    inbound = [tweet for thread in threads for tweet in thread if tweet.inbound]
    replies = [tweet for thread in threads for tweet in thread if not tweet.inbound]
    brands = [{tweet.author for tweet in thread if not tweet.inbound} for thread in threads]
    hours = Counter(f"{tweet.at.astimezone(UTC):%H}" for tweet in inbound)
    weekdays = Counter(f"{tweet.at.astimezone(UTC):%a}" for tweet in inbound)
    active = {
        (tweet.author, tweet.at.astimezone(UTC).replace(minute=0, second=0)) for tweet in replies
    }
    found = scored(tmp_path, "", path, ("hour",), ("weekday",), ("agent",))
    assert values(
        found, "inbound_messages", "conversations", "replies_per_conversation",
        "reassignment_rate", "replies_per_hour",
    ) == {
        "inbound_messages": (len(inbound), len(inbound)),
        "conversations": (len(threads), len(threads)),
        "replies_per_conversation": (pytest.approx(len(replies) / len(threads)), len(threads)),
        "reassignment_rate": (
            pytest.approx(sum(len(who) > 1 for who in brands) / sum(map(bool, brands))),
            sum(map(bool, brands)),
        ),
        "replies_per_hour": (pytest.approx(len(replies) / len(active)), len(replies)),
    }  # fmt: skip
    assert groups(found, "inbound_messages", "hour") == hours
    assert groups(found, "inbound_messages", "weekday") == weekdays


def test_messages_of_slack(real_exports: Path, tmp_path: Path) -> None:
    path = next((real_exports / "slack").glob("*.zip"))
    messages: list[dict[str, Any]] = []
    with zipfile.ZipFile(path) as archive:
        for name in archive.namelist():
            if "/" in name and name.endswith(".json"):
                messages += json.loads(archive.read(name))
    said = {None, "file_share", "file_comment"}
    told = [
        message | message.get("comment", {})
        for message in messages
        if message.get("subtype") in said
    ]
    ours = Counter(message["user"] for message in told)
    days: Counter[str] = Counter()
    for message in told:
        if message["user"] not in SLACK_AGENTS:
            days[f"{datetime.fromtimestamp(float(message['ts']), UTC):%Y-%m-%d}"] += 1
    policy = '[us]\nagents = ["hamza"]\n'
    found = scored(tmp_path, policy, path, ("day",))
    customers = ours.total() - sum(ours[agent] for agent in SLACK_AGENTS)
    assert total(found, "inbound_messages").value == customers
    assert groups(found, "inbound_messages", "day") == days
    replies = total(found, "replies_per_conversation")
    assert replies.beside["numerator"] == sum(ours[agent] for agent in SLACK_AGENTS)
