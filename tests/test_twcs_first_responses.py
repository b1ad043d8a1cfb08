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


def test_a_thread_whose_beginning_lies_outside_is_measured_from_its_first_question(
    tmp_path: Path,
) -> None:
    """Tweet 1 is not there; 2 answers it, 3 asks again and 4 answers. 5 is ours, and 6 its answer."""
    told = [
        ("2", "False", "10:00", "1.0"),
        ("3", "True", "10:30", "2.0"),
        ("4", "False", "10:50", "3.0"),
    ]
    told += [("5", "False", "11:00", ""), ("6", "True", "11:10", "5.0")]
    header = (
        "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id\n"
    )
    text = header + "".join(
        f"{number},x,{inbound},Tue Oct 31 {at}:00 +0000 2017,hello,,{parent}\n"
        for number, inbound, at, parent in told
    )
    rows = list(csv.DictReader(io.StringIO(text)))
    expected: set[First] = {("2", "3", "4", 1200.0)}
    assert plain_first_responses(rows) == our_first_responses(text, rows, tmp_path) == expected
