"""Headline facts of the sample exports, read with nothing but the standard library.

The slow and obvious way, and no line shared with the package or with the generator: what these say,
a report must say too.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from typing import Any, NamedTuple

Spans = Callable[[date], list[tuple[float, float]]]
BERLIN = timezone(timedelta(hours=2))
CLOSED = {date(2026, 9, 9), date(2026, 9, 20)}


class Tweet(NamedTuple):
    """A readable row of twcs."""

    at: datetime
    number: int
    inbound: bool
    parent: str


class Response(NamedTuple):
    """A first post and, if one came, our first answer."""

    asked: datetime
    answered: datetime | None


def twcs_rows(path: Path) -> tuple[list[Tweet], list[dict[str, str]]]:
    """Return the tweets that can be read, and the rows that cannot."""
    tweets, broken = [], []
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            try:
                at = datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y")
                number = int(row["tweet_id"])
            except ValueError:
                broken.append(row)
                continue
            tweets.append(
                Tweet(at, number, row["inbound"] == "True", row["in_response_to_tweet_id"])
            )
    return tweets, broken


def twcs_threads(path: Path) -> list[list[Tweet]]:
    """Return the tweets of each thread, that is of everything tied together by replies, by time."""
    tweets = {str(tweet.number): tweet for tweet in twcs_rows(path)[0]}
    neighbours: dict[str, set[str]] = defaultdict(set)
    for number, tweet in tweets.items():
        if tweet.parent in tweets:
            neighbours[number].add(tweet.parent)
            neighbours[tweet.parent].add(number)
    threads, seen = [], set()
    for number in tweets:
        if number in seen:
            continue
        thread, waiting = {number}, [number]
        while waiting:
            found = neighbours[waiting.pop()] - thread
            thread |= found
            waiting.extend(found)
        seen |= thread
        threads.append(sorted(tweets[member] for member in thread))
    return threads


def twcs_first_responses(path: Path) -> list[Response]:
    """Return a first response, answered or not, for each thread that a customer began."""
    return [
        Response(thread[0].at, next((t.at for t in thread if not t.inbound), None))
        for thread in twcs_threads(path)
        if thread[0].inbound
    ]


def within(responses: Iterable[Response], limit: timedelta) -> int:
    """Count the responses that came within `limit` around the clock."""
    return sum(r.answered is not None and r.answered - r.asked <= limit for r in responses)


def zendesk_records(folder: Path, name: str) -> list[dict[str, Any]]:
    """Return the records of one file of the Zendesk export."""
    records: list[dict[str, Any]] = json.loads((folder / f"{name}.json").read_text("utf-8"))[name]
    return records


def zendesk_conversations(folder: Path) -> set[int]:
    """Return the ids of tickets that are not the sample ticket every new account holds."""
    tickets = zendesk_records(folder, "tickets")
    return {t["id"] for t in tickets if t["via"]["channel"] != "sample_ticket"}


def chat_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows whose time can be read."""
    with path.open(newline="", encoding="utf-8") as file:
        return [row for row in csv.DictReader(file) if row["sent_at"][:4].isdigit()]


def crm_rows(path: Path) -> list[dict[str, str]]:
    """Return every row of the home-grown CRM."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file, delimiter=";"))


def crm_first_responses(path: Path) -> list[Response]:
    """Return a first response, answered or not, for each case; the file is sorted by time."""
    cases: dict[str, list[tuple[str, datetime]]] = defaultdict(list)
    for row in crm_rows(path):
        at = datetime.strptime(row["When"], "%d/%m/%Y %H:%M").replace(tzinfo=BERLIN)
        cases[row["Case"]].append((row["Dir"], at))
    return [
        Response(case[0][1], next((at for direction, at in case if direction == "OUT"), None))
        for case in cases.values()
    ]


def judged(
    responses: Iterable[Response], limit: timedelta, *, as_of: datetime, spans: Spans
) -> tuple[int, int, int]:
    """Return how many responses kept `limit` of open time, broke it, and are still open."""
    met = breached = still_open = 0
    for response in responses:
        seconds = open_seconds(response.asked, response.answered or as_of, spans)
        if seconds > limit.total_seconds():
            breached += 1
        elif response.answered is None:
            still_open += 1
        else:
            met += 1
    return met, breached, still_open


def open_seconds(start: datetime, end: datetime, spans: Spans) -> int:
    """Return the seconds of `[start, end)` inside a day's spans of local hours, day by day."""
    local, until = start.astimezone(BERLIN), end.astimezone(BERLIN)
    total, day = timedelta(), local.date()
    while day <= until.date():
        midnight = datetime(day.year, day.month, day.day, tzinfo=BERLIN)
        for opens, closes in spans(day):
            begin = max(local, midnight + timedelta(hours=opens))
            finish = min(until, midnight + timedelta(hours=closes))
            total += max(finish - begin, timedelta())
        day += timedelta(days=1)
    return int(total.total_seconds())


def social_spans(day: date) -> list[tuple[float, float]]:
    """Return the social desk's hours on a date."""
    if day in CLOSED:
        return []
    return [(8.0, 20.0)] if day.weekday() < 5 else [(10.0, 14.0), (16.0, 18.0)]


def support_spans(day: date) -> list[tuple[float, float]]:
    """Return the support desk's hours on a date: a Saturday shift, an afternoon's break."""
    special = {date(2026, 9, 19): [(10.0, 14.0)], date(2026, 9, 24): [(9.0, 14.0), (15.5, 17.0)]}
    if day in CLOSED:
        return []
    if day in special:
        return special[day]
    return [(9.0, 17.0)] * (day.weekday() < 4) + [(9.0, 15.0)] * (day.weekday() == 4)


def twcs_waits(path: Path) -> list[Response]:
    """Return every wait of every thread: the oldest unanswered post and our next one."""
    return [
        wait
        for thread in twcs_threads(path)
        for wait in waits([(post.at, "ask" if post.inbound else "answer") for post in thread])
    ]


def waits(acts: Iterable[tuple[datetime, str]]) -> list[Response]:
    """Return the waits among the `ask`s and `answer`s of one conversation, in order of time."""
    found: list[Response] = []
    asked = None
    for at, act in acts:
        if act == "ask" and asked is None:
            asked = at
        elif act == "answer" and asked is not None:
            found.append(Response(asked, at))
            asked = None
    return found if asked is None else [*found, Response(asked, None)]


def first_response(acts: Iterable[tuple[datetime, str]]) -> Response | None:
    """Return the first exchange of a conversation, None where we spoke first or nobody asked.

    `solved` ends it as an `answer` does, and says nothing before anyone has asked.
    """
    spoken = [(at, act) for at, act in acts if act in {"ask", "answer", "solved"}]
    said = [act for _, act in spoken if act != "solved"]
    if not said or said[0] == "answer":
        return None
    asked = next(at for at, act in spoken if act == "ask")
    begun = [act for _, act in spoken].index("ask")
    return Response(asked, next((at for at, act in spoken[begun:] if act != "ask"), None))


def chat_first_responses(path: Path) -> list[Response]:
    """Return a first response for each chat that a customer began; a bot answers nobody."""
    chats: dict[str, list[tuple[datetime, str]]] = defaultdict(list)
    for row in chat_rows(path):
        act = {"inbound": "ask", "outbound": "answer", "status": "solved"}.get(row["event"], "")
        is_human = row["is_automated"] == "false" and row["author_role"] != "bot"
        if act == "solved" and row["status"] not in {"resolved", "closed"}:
            continue
        if act == "solved" or (act and is_human):
            chats[row["conversation_id"]].append((datetime.fromisoformat(row["sent_at"]), act))
    return [found for acts in chats.values() if (found := first_response(sorted_acts(acts)))]


def sorted_acts(acts: list[tuple[datetime, str]]) -> list[tuple[datetime, str]]:
    """Return the acts by time, those of one instant in the order they came."""
    return sorted(acts, key=lambda act: act[0])


class Ticket(NamedTuple):
    """What was said, and which statuses a ticket had from when."""

    number: int
    acts: list[tuple[datetime, str]]
    statuses: list[tuple[datetime, str]]
    is_excluded: bool


def zendesk_tickets(folder: Path) -> list[Ticket]:
    """Return the tickets that came by mail or through the form and were not deleted."""
    ours = {u["id"] for u in zendesk_records(folder, "users") if u["role"] != "end-user"}
    acts: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for comment in zendesk_records(folder, "comments"):
        at = datetime.fromisoformat(comment["created_at"])
        if (
            comment["author_id"] in ours
            and comment["public"]
            and comment["via"]["channel"] != "rule"
        ):
            acts[comment["ticket_id"]].append((at, "answer"))
        elif comment["author_id"] not in ours | {-1}:
            acts[comment["ticket_id"]].append((at, "ask"))
    statuses: dict[int, list[tuple[datetime, str]]] = defaultdict(list)
    for audit in zendesk_records(folder, "audits"):
        for event in audit["events"]:
            if event.get("field_name") == "status":
                at = datetime.fromisoformat(audit["created_at"])
                statuses[audit["ticket_id"]].append((at, event["value"]))
    left_out = {"internal_test", "spam", "closed_by_merge"}
    return [
        Ticket(t["id"], sorted_acts(acts[t["id"]]), sorted_acts(statuses[t["id"]]),
               bool(left_out & set(t["tags"])))
        for t in zendesk_records(folder, "tickets")
        if t["via"]["channel"] in {"email", "web"} and t["status"] != "deleted"
    ]  # fmt: skip


def zendesk_first_responses(folder: Path) -> list[Response]:
    """Return a first response for each ticket that is judged and that a customer began."""
    found = []
    for ticket in zendesk_tickets(folder):
        solved = [(at, "solved") for at, word in ticket.statuses if word in {"solved", "closed"}]
        response = first_response(sorted_acts([*ticket.acts, *solved]))
        if response and not ticket.is_excluded:
            found.append(response)
    return found


def zendesk_resolutions(
    folder: Path, limit: timedelta, *, as_of: datetime, spans: Spans
) -> tuple[int, int, int]:
    """Return how many tickets were solved within `limit` of open time, were not, and still run.

    Time spent pending, on hold or solved does not count.
    """
    met = breached = still_open = 0
    for ticket in zendesk_tickets(folder):
        asked = next((at for at, act in ticket.acts if act == "ask"), None)
        if asked is None or ticket.is_excluded:
            continue
        ends = [at for at, _ in ticket.statuses[1:]] + [as_of]
        seconds = sum(
            open_seconds(max(begin, asked), max(end, asked), spans)
            for (begin, word), end in zip(ticket.statuses, ends, strict=True)
            if word in {"new", "open"}
        )
        if seconds > limit.total_seconds():
            breached += 1
        elif ticket.statuses[-1][1] in {"solved", "closed"}:
            met += 1
        else:
            still_open += 1
    return met, breached, still_open
