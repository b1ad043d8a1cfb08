"""Timelines and calendars as one writes them on a whiteboard, turned into what the program reads.

A line is `[DATE or WEEKDAY] HH:MM[:SS] EVENT [words]`. Weekdays lie in the week of Monday 2 March 2026
and `+N` is N weeks later; without one a line is of that Monday, or of the day of the line before it.
Times are UTC. `in`, `out`, `note`, `status`, `update`, `handoff` and `rated` are events; `bot` is an
outbound of a bot, `auto` one that no human wrote, `auto-in` a customer's own auto-reply. `status` is
followed by its word. What follows is the agent's name, or `column=value`; `id=` is the message_id.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta

MONDAY = date(2026, 3, 2)
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
COLUMNS = (
    "conversation_id", "message_id", "sent_at", "event", "status", "author_role", "is_automated",
    "grain", "channel", "visibility", "platform", "priority", "team", "agent", "category", "tags",
    "system", "is_partial", "has_boundaries", "customer", "handle_time", "rating", "sentiment",
    "text",
)  # fmt: skip
EVENTS: Mapping[str, Mapping[str, str]] = {
    "in": {"event": "inbound"},
    "auto-in": {"event": "inbound", "is_automated": "true"},
    "out": {"event": "outbound", "author_role": "agent"},
    "bot": {"event": "outbound", "author_role": "bot"},
    "auto": {"event": "outbound", "author_role": "system", "is_automated": "true"},
    "note": {"event": "note", "author_role": "agent"},
    "status": {"event": "status"},
    "update": {"event": "update"},
    "handoff": {"event": "handoff"},
    "rated": {"event": "rated"},
}
SHORT = {"id": "message_id", "role": "author_role", "automated": "is_automated"}
Row = dict[str, str]


def timeline(conversation: str, *lines: str) -> list[Row]:
    """Return the rows of one conversation as canonical messages, in the order written."""
    rows, day = [], MONDAY
    for line in lines:
        day, at, words = moment(line.split(), day)
        rows.append({"conversation_id": conversation, "sent_at": at.isoformat()} | described(words))
    return rows


def moment(words: list[str], day: date) -> tuple[date, datetime, list[str]]:
    """Return the day, the instant and the words after it."""
    if ":" not in words[0]:
        day, words = day_named(words[0]), words[1:]
    return day, datetime.combine(day, time.fromisoformat(words[0]), UTC), words[1:]


def day_named(word: str) -> date:
    """Return the date of `tue`, `tue+1` (a week later) or `2026-03-29`."""
    name, _, weeks = word.partition("+")
    if name in WEEKDAYS:
        return MONDAY + timedelta(days=WEEKDAYS.index(name), weeks=int(weeks or 0))
    return date.fromisoformat(word)


def instant(text: str, day: date = MONDAY) -> datetime:
    """Return the instant of `09:00`, `tue 09:00` or `2026-03-29 09:00`."""
    return moment(text.split(), day)[1]


def described(words: list[str]) -> Row:
    """Return the columns that an event and the words after it stand for."""
    row = dict(EVENTS[words[0]])
    rest = words[1:]
    if words[0] == "status":
        row["status"], rest = rest[0], rest[1:]
    for word in rest:
        key, equals, value = word.partition("=")
        row[SHORT.get(key, key) if equals else "agent"] = value if equals else key
    if unknown := row.keys() - set(COLUMNS):
        raise ValueError(f"no column is called {', '.join(unknown)}: {' '.join(words)}")
    return row


def canonical_csv(rows: Iterable[Row]) -> str:
    """Return rows as the canonical CSV a user would hand in, with every column any of them uses."""
    listed = list(rows)
    used = [column for column in COLUMNS if any(column in row for row in listed)]
    text = io.StringIO()
    writer = csv.DictWriter(text, used, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(listed)
    return text.getvalue()


def duration(text: str) -> timedelta:
    """Return the time of `1h30m`, `45m`, `0s` or `2d1.5s`."""
    units = {"d": "days", "h": "hours", "m": "minutes", "s": "seconds"}
    total, number = timedelta(), ""
    for sign in text:
        if sign in units:
            total += timedelta(**{units[sign]: float(number)})
            number = ""
        else:
            number += sign
    if number or not text:
        raise ValueError(f"not a duration: {text!r}")
    return total


def calendar(name: str, *hours: str, zone: str = "UTC", rest: str = "") -> str:
    """Return a `[calendars.NAME]` table for hours such as `mon-fri 09:00-17:00`."""
    days: dict[str, list[str]] = {}
    for line in hours:
        day, span = line.split()
        days.setdefault(day, []).append(f'"{span}"')
    table = ", ".join(f"{day} = [{', '.join(spans)}]" for day, spans in days.items())
    return f'[calendars.{name}]\ntime_zone = "{zone}"\nhours = {{ {table} }}\n{rest}\n'
