"""What the columns of an unknown table might be, by their header's words and by their values.

A guess is only ever drafted for a person to decide, never read by.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.stamps import Stamps, stamps_of

if TYPE_CHECKING:
    from collections.abc import Container

C = pl.col
LONGEST_ID, LONGEST_NAME = 120, 60
FILLED = 0.95
FEW_WORDS = 15
ADDRESS = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
EVENTS: Mapping[str, str] = {
    **dict.fromkeys(
        ("in", "inbound", "incoming", "received", "customer", "user", "end user", "client", "visitor",
         "contact", "requester", "lead", "caller", "question", "consumer", "guest", "buyer", "member"),
        "inbound",
    ),
    **dict.fromkeys(
        ("out", "outbound", "outgoing", "sent", "agent", "operator", "admin", "staff", "support",
         "reply", "answer", "employee", "seller", "us", "outreply", "response", "team", "advisor"),
        "outbound",
    ),
    **dict.fromkeys(("note", "internal", "internal note", "private note", "private"), "note"),
    **dict.fromkeys(("status", "status change", "state change"), "status"),
    **dict.fromkeys(("handoff", "transfer", "escalation"), "handoff"),
    **dict.fromkeys(("rating", "csat", "rated", "survey response"), "rated"),
}  # fmt: skip
PRIORITIES: Mapping[str, str] = {
    **dict.fromkeys(("low", "lowest", "minor", "trivial", "4", "5", "p4", "p5", "planning"), "low"),
    **dict.fromkeys(("normal", "medium", "moderate", "standard", "3", "p3"), "normal"),
    **dict.fromkeys(("high", "major", "2", "p2"), "high"),
    **dict.fromkeys(
        ("urgent", "critical", "blocker", "highest", "emergency", "1", "p1", "0", "p0"), "urgent"
    ),
}
CHANNELS: Mapping[str, str] = {
    **dict.fromkeys(("email", "e mail", "mail"), "email"),
    **dict.fromkeys(("web", "form", "web form", "self service", "portal", "website"), "form"),
    **dict.fromkeys(("chat", "live chat", "livechat", "messenger", "widget", "virtual agent"), "chat"),
    **dict.fromkeys(("twitter", "facebook", "instagram", "social", "x", "linkedin"), "social"),
    **dict.fromkeys(("whatsapp", "telegram", "line", "wechat", "viber", "messaging"), "messaging"),
    **dict.fromkeys(("phone", "call", "voice", "voicemail", "telephone"), "voice"),
    **dict.fromkeys(("sms", "text"), "sms"),
    "review": "review",
    "forum": "forum",
    "other": "other",
}  # fmt: skip
STATUSES: Mapping[str, str] = {
    **dict.fromkeys(("new", "open", "reopened", "active", "in progress"), "open"),
    **dict.fromkeys(("pending", "waiting on customer", "awaiting reply"), "pending"),
    **dict.fromkeys(("on hold", "hold"), "on_hold"),
    **dict.fromkeys(("solved", "resolved", "done", "fixed"), "resolved"),
    **dict.fromkeys(("closed",), "closed"),
}
VOCABULARIES: Mapping[str, Mapping[str, str]] = {
    "event": EVENTS, "priority": PRIORITIES, "channel": CHANNELS, "status": STATUSES,
}  # fmt: skip
HEADERS: Mapping[str, tuple[str, ...]] = {
    "sent_at": (r"\bsent\b|\bcreated\b|\bposted\b|\bsubmit", r"timestamp|\bts\b|\bwhen\b|\bopened\b", r"date|time|\bat\b"),
    "conversation_id": (
        r"\b(conversation|ticket|thread|case|question|issue|incident|chat|session)( (id|no|nr|number|key|ts))?$",
        r"\b(conversation|ticket|thread|case|question|issue|incident)\b.*\b(id|no|nr|number|key|ref)\b",
        r"^(number|key|reference|room|request|request id|topic id|channel id)$",
    ),
    "message_id": (
        r"\b(message|comment|answer|reply|event|post|part|entry|msg|review) ?(id|uuid|key|no|nr|number)$",
        r"^(id|uuid|guid|sys id|ts)$",
    ),
    "event": (r"\bdirection\b|\bdir\b", r"\bevent\b|\brole\b|(sender|author|from) type|\btype\b|\bkind\b"),
    "author": (
        r"\b(author|sender|from|writer|who|creator)\b", r"\b(user|username|created by|opened by|by)\b",
        r"\b(name|email|address)$|\b(customer|agent)\b",
    ),
    "agent": (r"\b(agent|assignee|assigned to|operator|handled by|answered by|owner|advisor)\b",),
    "customer": (r"\b(customer|requester|client|caller|contact|end user)\b",),
    "team": (r"\b(team|group|queue|department|mailbox|inbox)\b",),
    "priority": (r"\b(priority|prio)\b", r"\burgency\b"),
    "status": (r"\b(status|state)\b",),
    "channel": (r"\b(channel|contact type|medium)\b", r"\b(via|source|origin)\b"),
    "tags": (r"\b(tags|labels)\b",),
    "category": (r"\b(category|topic)\b", r"\b(reason|product)\b"),
    "text": (r"\b(text|body|message|content)\b", r"\b(comment|description|answer)\b"),
}  # fmt: skip
"""Words of headers, the most telling first."""
LATER = re.compile(
    r"\b(updated?|modified|last|closed|resolved|solved|reply|replied|read|due|deleted|reopened|edited|"
    r"first|millis)\b"
)
"""In the header of an instant: not when the row was written."""
NOT_PERSONS = re.compile(
    r"\b(id|link|url|date|time|at|type|count|language|provider|package|file|app)\b|\bis\b"
)


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the table: its `words`, filled `values`, and what was measured of them."""

    name: str
    words: str
    values: pl.Series
    filled: float
    distinct: int
    longest: int
    stamps: Stamps | None

    @property
    def is_unique(self) -> bool:
        """Whether no value repeats and none is missing."""
        return self.filled == 1 and self.distinct == len(self.values)

    def tally(self, most: int | None = None) -> list[tuple[str, int]]:
        """Return its values by how often they occur, the most frequent first."""
        counts = self.values.rename("value").value_counts(name="rows")
        order = counts.sort("rows", "value", descending=[True, False])
        return list((order if most is None else order.head(most)).iter_rows())


@dataclass(frozen=True, slots=True)
class Guess:
    """What a column of messages might be made of: a foreign column, its words, and what stays open."""

    column: Column
    values: dict[str, str] = field(default_factory=dict)
    unknown: tuple[tuple[str, int], ...] = ()
    """Words of the column nobody knows, with their rows."""


def columns_of(table: pl.DataFrame) -> list[Column]:
    """Return the columns of a table of text that hold anything; not objects that others lie inside."""
    names = table.columns
    found = []
    for name in names:
        if any(other.startswith(f"{name}.") for other in names):
            continue
        values = table[name].str.strip_chars()
        values = values.filter(values.is_not_null() & (values != ""))
        if values.is_empty():
            continue
        found.append(
            Column(
                name=name,
                words=words_of(name),
                values=values,
                filled=len(values) / table.height,
                distinct=values.n_unique(),
                longest=int(values.str.len_chars().quantile(0.9) or 0),
                stamps=stamps_of(name, values),
            )
        )
    return found


def words_of(name: str) -> str:
    """Return a header as lower-case words: `Ticket_ID`, `ticketId` and `ticket.id` are `ticket id`."""
    apart = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", name)
    return " ".join(re.split(r"[^a-z0-9]+", apart.lower())).strip()


def rank(target: str, column: Column) -> int | None:
    """Return how telling a header is for a column of messages, 0 the most; None when it is not."""
    for place, pattern in enumerate(HEADERS[target]):
        if re.search(pattern, column.words):
            return place
    return None


def best(
    target: str,
    columns: Sequence[Column],
    fits: Callable[[Column], bool],
    *,
    used: Container[str] = (),
) -> Column | None:
    """Return the column whose header tells most of a target and whose values fit it."""
    ranked = [
        (place, at, column)
        for at, column in enumerate(columns)
        if column.name not in used and (place := rank(target, column)) is not None and fits(column)
    ]
    return min(ranked, key=lambda entry: entry[:2])[2] if ranked else None


def guess_all(table: pl.DataFrame) -> tuple[dict[str, Guess], list[Column]]:
    """Return what every column of messages might be made of, and the columns left over."""
    columns = columns_of(table)
    guesses: dict[str, Guess] = {}

    def take(target: str, found: Column | None) -> None:
        if found is not None:
            guesses[target] = Guess(found)

    def used() -> set[str]:
        return {guess.column.name for guess in guesses.values()}

    take("sent_at", when(columns))
    take("conversation_id", conversation(columns, used=used()))
    take(
        "message_id", best("message_id", columns, lambda c: c.is_unique and is_key(c), used=used())
    )
    for target in ("event", "priority", "channel", "status"):
        found = worded(target, columns, used=used())
        if found is not None:
            guesses[target] = found
    take("agent", best("agent", columns, is_person, used=used()))
    take("customer", best("customer", columns, is_person, used=used()))
    if "event" not in guesses:
        take("author", author(columns, guesses, used=used()))
    take("team", best("team", columns, is_label, used=used()))
    take("tags", best("tags", columns, lambda _: True, used=used()))
    take("category", best("category", columns, is_label, used=used()))
    take("text", best("text", columns, is_written_by_people, used=used()))
    left = [column for column in columns if column.name not in used()]
    return guesses, left


def when(columns: Sequence[Column]) -> Column | None:
    """Return the column that says when a row was written."""
    instants = [column for column in columns if column.stamps is not None]
    if not instants:
        return None
    places = {column.name: rank("sent_at", column) for column in instants}

    def order(column: Column) -> tuple[bool, bool, int, bool]:
        place = places[column.name]
        is_count = column.stamps is not None and (column.stamps.form or "").startswith("%s")
        is_later = LATER.search(column.words) is not None
        return column.filled < FILLED, is_later, 9 if place is None else place, is_count

    return min(instants, key=order)


def conversation(columns: Sequence[Column], *, used: Container[str]) -> Column | None:
    """Return the column that names the conversation: the most telling header, else one that repeats,
    else a key of its own for every row.
    """
    found = best("conversation_id", columns, is_key, used=used)
    if found is not None:
        return found
    keys = [c for c in columns if c.name not in used and is_key(c)]
    ids = [c for c in keys if re.search(r"\bid$|^id\b", c.words)]
    shared = [c for c in ids if not c.is_unique and c.distinct > 1]
    return next(iter(shared or ids), None)


def is_key(column: Column) -> bool:
    """Return whether a column could hold keys: short, always there, no instants written out."""
    is_written = column.stamps is not None and not (column.stamps.form or "").startswith("%s")
    is_short = column.longest <= LONGEST_ID and not column.values.str.contains(r"\n").any()
    return column.filled >= FILLED and is_short and not is_written


def is_label(column: Column) -> bool:
    """Return whether a column holds few short words that repeat."""
    is_few = column.distinct <= max(FEW_WORDS, len(column.values) // 5)
    is_short = column.longest <= LONGEST_NAME
    return column.stamps is None and is_short and is_few and not is_number(column)


def is_number(column: Column) -> bool:
    """Return whether a column holds nothing but numbers."""
    return bool(column.values.str.contains(r"^[\d.,-]*$").all())


def is_written_by_people(column: Column) -> bool:
    """Return whether a column could hold what was written first in a row, not about it or after it."""
    is_about = NOT_PERSONS.search(column.words) or LATER.search(column.words)
    return column.stamps is None and not is_about and not is_number(column)


def is_person(column: Column) -> bool:
    """Return whether a column could name persons: short text, not numbers, not instants."""
    is_about = NOT_PERSONS.search(column.words) is not None and not are_addresses(column)
    is_short = column.longest <= LONGEST_ID
    return column.stamps is None and is_short and not is_number(column) and not is_about


def are_addresses(column: Column) -> bool:
    """Return whether most values are e-mail addresses."""
    return int(column.values.str.contains(ADDRESS).sum()) * 2 > len(column.values)


def author(
    columns: Sequence[Column], guesses: Mapping[str, Guess], *, used: Container[str]
) -> Column | None:
    """Return the column that says who wrote a row: by its header, else one of e-mail addresses."""

    def wrote(column: Column) -> bool:
        return 2 * column.filled >= 1 and is_person(column) and not LATER.search(column.words)

    found = best("author", columns, wrote, used=used)
    if found is None and "agent" not in guesses:
        return next((c for c in columns if c.name not in used and are_addresses(c)), None)
    return found


def worded(target: str, columns: Sequence[Column], *, used: Container[str]) -> Guess | None:
    """Return the column of a closed vocabulary whose words are known best, with what they stand for."""
    guesses = [
        (place, guess)
        for column in columns
        if column.name not in used
        and (place := rank(target, column)) is not None
        and column.distinct <= FEW_WORDS
        and (guess := translated(target, column)).values
    ]
    fitting = [entry for entry in guesses if is_enough(target, entry[1])]
    return min(fitting, key=lambda entry: (len(entry[1].unknown), entry[0]))[1] if fitting else None


def translated(target: str, column: Column) -> Guess:
    """Return what the words of a column stand for in a vocabulary, and those nobody knows."""
    known = VOCABULARIES[target]
    values, unknown = {}, []
    for word, rows in column.tally():
        plain = re.sub(r"^\d+ - ", "", re.sub(r"[^a-z0-9]+", " ", word.lower()).strip())
        ours = known.get(plain) or known.get(re.sub(r"^\d+ ", "", plain))
        if ours is None:
            unknown.append((word, rows))
        else:
            values[word] = ours
    return Guess(column, values, tuple(unknown))


def is_enough(target: str, guess: Guess) -> bool:
    """Return whether enough words of a column are known: all, or for an event one of either side."""
    if target == "event":
        return {"inbound", "outbound"} <= set(guess.values.values())
    return target == "status" or not guess.unknown
