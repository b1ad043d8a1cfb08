"""The first responses of real tweets equal those of twenty plain lines of Python."""

from __future__ import annotations

import csv
import io
from collections import defaultdict
from datetime import datetime
from pathlib import Path

import pytest
from audits import clocks, of, written

from kpiaudit.settings import DEFAULT_SETTINGS

First = tuple[str, str, str | None, float | None]


def plain_first_responses(rows: list[dict[str, str]]) -> set[First]:
    """(root, first question, first answer, seconds between) of every thread a customer waits in."""
    parents = {row["tweet_id"]: row["in_response_to_tweet_id"].removesuffix(".0") for row in rows}
    threads = defaultdict(list)
    for row in rows:
        root = row["tweet_id"]
        while parents[root] in parents:
            root = parents[root]
        at = datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y")
        threads[root].append((at, int(row["tweet_id"]), row["inbound"] == "True"))
    found: set[First] = set()
    for root, tweets in threads.items():
        tweets.sort()
        questions = [tweet for tweet in tweets if tweet[2]]
        began_with_us = not tweets[0][2] and not parents[root]
        if not questions or began_with_us:
            continue
        asked = questions[0]
        answer = next((t for t in tweets if not t[2] and t > asked), None)
        seconds = (answer[0] - asked[0]).total_seconds() if answer else None
        found.add((root, str(asked[1]), str(answer[1]) if answer else None, seconds))
    return found


def our_first_responses(text: str, rows: list[dict[str, str]], folder: Path) -> set[First]:
    """The same from the clocks file, each row of it looked up in the export it names."""
    found = of(
        clocks(written(folder, {"twcs.csv": text}, DEFAULT_SETTINGS)), metric="first_response"
    )

    def tweet(row: int | None) -> str | None:
        return rows[row - 1]["tweet_id"] if row else None

    return {
        (
            clock["conversation_id"],
            tweet(clock["start_row"]) or "",
            tweet(clock["stop_row"]),
            clock["elapsed_seconds"] if clock["stopped_at"] else None,
        )
        for clock in found
    }


@pytest.mark.real_exports
def test_first_responses_of_real_tweets_equal_a_plain_reading(
    real_exports: Path, tmp_path: Path
) -> None:
    text = (real_exports / "twcs" / "twcs_head1000.csv").read_bytes().decode()
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    plain = plain_first_responses(rows)
    assert our_first_responses(text, rows, tmp_path) == plain
    assert len(plain) > 100


def tweets(*lines: str) -> tuple[str, list[dict[str, str]]]:
    """An export of `number inbound minute:second answered`, and its rows."""
    text = "tweet_id,author_id,inbound,created_at,text,in_response_to_tweet_id\n"
    for line in lines:
        number, inbound, at, *answered = line.split()
        parent = f"{answered[0]}.0" if answered else ""
        text += f"{number},x,{inbound},Tue Oct 31 10:{at} +0000 2017,hello,{parent}\n"
    return text, list(csv.DictReader(io.StringIO(text)))


def test_a_thread_whose_beginning_lies_outside_is_measured_from_its_first_question(
    tmp_path: Path,
) -> None:
    """Tweet 1 is not there; 2 answers it, 3 asks again and 4 answers. 5 is ours, and 6 its answer."""
    text, rows = tweets(
        "2 False 00:00 1", "3 True 30:00 2", "4 False 50:00 3", "5 False 51:00", "6 True 52:00 5"
    )
    expected: set[First] = {("2", "3", "4", 1200.0)}
    assert plain_first_responses(rows) == our_first_responses(text, rows, tmp_path) == expected


def test_tweets_of_one_second_go_by_their_number(tmp_path: Path) -> None:
    """Of 9 and 10, told backwards, 9 asks and 10 answers; 20 answers 19 in that second, too."""
    text, rows = tweets(
        "20 False 30:00 19", "10 False 30:00 9", "19 True 30:00", "9 True 30:00", "30 True 31:00 20"
    )
    expected: set[First] = {("9", "9", "10", 0.0), ("19", "19", "20", 0.0)}
    assert plain_first_responses(rows) == our_first_responses(text, rows, tmp_path) == expected
