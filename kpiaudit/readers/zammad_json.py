"""How `zammad_json` is read; `kpiaudit.sources.zammad_json` says what it is."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

import msgspec

from kpiaudit.decoding.records import Broken, read_records
from kpiaudit.decoding.rows import Id, Instant, Row, Rows, is_our_bot, micros
from kpiaudit.schema import PRIORITIES, UNASSIGNED

if TYPE_CHECKING:
    from datetime import datetime

    import polars as pl

    from kpiaudit.sources.base import ExportFile, ReadSettings

STATUSES: Final = {
    "new": "open",
    "open": "open",
    "pending reminder": "pending",
    "pending close": "pending",
    "closed": "closed",
    "merged": "merged",
}
STATE_IDS: Final = {
    1: "new",
    2: "open",
    3: "pending reminder",
    4: "closed",
    5: "merged",
    6: "removed",
}
SENDERS: Final = {"Agent": "agent", "Customer": "customer", "System": "system"}
CHANNELS: Final[dict[str, tuple[str, str | None, str]]] = {
    "email": ("email", None, "private"),
    "phone": ("voice", None, "private"),
    "web": ("form", None, "private"),
    "chat": ("chat", None, "private"),
    "sms": ("sms", None, "private"),
    "twitter status": ("social", "twitter", "public"),
    "twitter direct-message": ("social", "twitter", "private"),
    "facebook feed post": ("social", "facebook", "public"),
    "facebook feed comment": ("social", "facebook", "public"),
    "telegram personal-message": ("messaging", "telegram", "private"),
    "whatsapp message": ("messaging", "whatsapp", "private"),
}
DIMENSIONS: Final = {"priority": "priority", "group": "team", "owner": "agent"}
NOBODY: Final = 1


class Ticket(msgspec.Struct, gc=False):
    """A ticket as it stood when it was exported; names are there with `expand=true`."""

    id: Id
    created_at: Instant
    updated_at: Instant
    state_id: int | None = None
    state: str | None = None
    priority_id: int | None = None
    priority: str | None = None
    group_id: Id | None = None
    group: str | None = None
    owner_id: int | None = None
    owner: str | None = None
    customer_id: Id | None = None
    customer: str | None = None
    first_response_at: Instant | None = None
    close_at: Instant | None = None
    last_close_at: Instant | None = None
    create_article_type: str | None = None
    create_article_sender: str | None = None


class Preferences(msgspec.Struct, rename={"is_auto": "is-auto-response"}, gc=False):
    """What Zammad noted of an article."""

    is_auto: bool = False


class Article(msgspec.Struct, gc=False):
    """One message or note."""

    id: Id
    ticket_id: Id
    created_at: Instant
    sender: str
    internal: bool
    type: str
    created_by: str | None = None
    created_by_id: Id | None = None
    body: str | None = None
    preferences: Preferences | None = None


class Change(msgspec.Struct, gc=False):
    """One entry of a ticket's history."""

    id: Id
    o_id: Id
    object: str
    type: str
    created_at: Instant
    attribute: str | None = None
    value_from: str | None = None
    value_to: str | None = None


class User(msgspec.Struct, gc=False):
    """An agent or a customer."""

    id: Id
    login: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    email: str | None = None


class Reading:
    """What the files told so far; tickets are told last, when it is known what else tells of them."""

    def __init__(self, settings: ReadSettings) -> None:
        self.settings = settings
        self.rows = Rows()
        self.people: dict[str, str] = {}
        self.tickets: list[tuple[Row, Ticket]] = []
        self.of_ticket: dict[str, Row] = {}
        self.removed: set[str] = set()
        self.first: dict[str, Row] = {}
        self.has_history: set[str] = set()
        self.has_article: set[str] = set()

    def user(self, place: Row, user: User) -> None:
        """Take down a name."""
        name = " ".join(part for part in (user.firstname, user.lastname) if part)
        self.people[str(user.id)] = name or user.login or str(user.id)
        self.rows.tell(place | {"skip": "companion: users"})

    def ticket(self, place: Row, ticket: Ticket) -> None:
        """Take down a ticket for later."""
        key = str(ticket.id)
        self.tickets.append((place, ticket))
        if state(ticket) == "removed":
            self.removed.add(key)
        customer = self.person(ticket.customer_id, ticket.customer)
        self.of_ticket[key] = {"customer": customer, **channel(ticket.create_article_type)}

    def change(self, place: Row, change: Change) -> None:
        """Tell a change of state, priority, group or owner; any other is no message."""
        key, word = str(change.o_id), change.value_to
        self.has_history.add(key)
        row = self.row(place, key, f"h{change.id}", change.created_at)
        if change.object == "Ticket" and change.attribute == "state" and word:
            self.rows.tell(row | {"event": "status", "status": STATUSES.get(word, word)})
        elif change.object == "Ticket" and change.attribute in DIMENSIONS:
            name = DIMENSIONS[change.attribute]
            before = self.first.setdefault(key, {})
            before.setdefault(name, dimension(name, change.value_from))
            self.rows.tell(row | {"event": "update", name: dimension(name, word)})
        else:
            self.rows.tell(place | {"skip": "no change of state, priority, group or owner"})

    def article(self, place: Row, article: Article) -> None:
        """Tell an article: a note, from the customer, or to the customer."""
        key, role = str(article.ticket_id), SENDERS.get(article.sender, "unknown")
        self.has_article.add(key)
        author = self.person(article.created_by_id, article.created_by)
        if role != "customer" and is_our_bot(self.settings.us, author, article.created_by):
            role = "bot"
        is_note = article.internal or (article.type == "note" and role != "customer")
        event = "note" if is_note else "inbound" if role == "customer" else "outbound"
        is_auto = article.preferences is not None and article.preferences.is_auto
        self.rows.tell(
            self.row(place, key, str(article.id), article.created_at)
            | channel(article.type)
            | {
                "event": event,
                "author_role": role,
                "is_automated": is_auto or role in {"system", "bot"},
                "agent": author if event == "outbound" and role == "agent" else None,
                "text": article.body if self.settings.text else None,
            }
        )

    def row(self, place: Row, ticket: str, name: str, at: datetime) -> Row:
        """Return what every row of a ticket has."""
        skip = {"skip": "removed ticket"} if ticket in self.removed else {}
        named = {"conversation_id": ticket, "message_id": name, "sent_at": micros(at)}
        return place | self.of_ticket.get(ticket, {}) | named | skip

    def person(self, number: Id | None, login: str | None) -> str | None:
        """Return a name, else a login, else an id."""
        known = self.people.get(str(number))
        return known or login or (None if number is None else str(number))

    def tell_tickets(self) -> None:
        """Tell of every ticket what articles and history do not."""
        for place, ticket in self.tickets:
            key = str(ticket.id)
            today = self.today(ticket)
            if key not in self.has_article:
                self.tell_milestones(place, ticket, today)
                continue
            if key in self.has_history:
                at, held = ticket.created_at, today | self.first.get(key, {})
            else:
                at, held = ticket.updated_at, today
                self.tell_closing(place, ticket, {})
            self.rows.tell(self.row(place, key, f"0-{key}", at) | {"event": "update"} | held)

    def tell_milestones(self, place: Row, ticket: Ticket, today: Row) -> None:
        """Tell a ticket without articles: created, first response, closed."""
        key, grain = str(ticket.id), {"grain": "milestone"} | today
        by_us = ticket.create_article_sender == "Agent"
        opening = self.row(place, key, f"0-{key}", ticket.created_at) | grain
        self.rows.tell(opening | {"event": "outbound" if by_us else "inbound"})
        if ticket.first_response_at and not by_us:
            answer = self.row(place, key, f"1-{key}", ticket.first_response_at)
            self.rows.tell(answer | grain | {"event": "outbound"})
        if key not in self.has_history:
            self.tell_closing(place, ticket, grain)

    def tell_closing(self, place: Row, ticket: Ticket, more: Row) -> None:
        """Tell the last closing of a ticket closed today, and that one was merged."""
        key, word = str(ticket.id), STATUSES.get(state(ticket) or "")
        at = ticket.last_close_at or ticket.close_at
        at = ticket.updated_at if word == "merged" else at
        if at and word in {"closed", "merged"}:
            told = {"event": "status", "status": word}
            self.rows.tell(self.row(place, key, f"2-{key}", at) | more | told)

    def today(self, ticket: Ticket) -> Row:
        """Return the dimensions as they stood when the ticket was exported."""
        number = ticket.priority_id
        word = ticket.priority or ({1: "low", 2: "normal", 3: "high"}.get(number or 0))
        owner = None if ticket.owner_id == NOBODY else self.person(ticket.owner_id, ticket.owner)
        return {
            "priority": dimension("priority", word),
            "team": ticket.group or (None if ticket.group_id is None else str(ticket.group_id)),
            "agent": None if owner == "-" else owner,
        }


def dimension(name: str, word: str | None) -> str | None:
    """Return a dimension as Zammad writes it: `2 normal`, `-` for nobody."""
    if name == "priority":
        last = (word or "").lower().split(" ")[-1]
        return last if last in PRIORITIES else None
    return (UNASSIGNED if word in {"-", ""} else word) if name == "agent" else word


def state(ticket: Ticket) -> str | None:
    """Return the state by name; without `expand=true` the ids Zammad is installed with."""
    return ticket.state or STATE_IDS.get(ticket.state_id or 0)


def channel(kind: str | None) -> Row:
    """Return channel, platform and visibility of an article type, nothing for a note."""
    if kind is None or kind == "note":
        return {}
    name, platform, visibility = CHANNELS.get(kind, ("other", None, "unknown"))
    return {"channel": name, "platform": platform, "visibility": visibility}


PARTS: Final[Mapping[str, tuple[type[Any], Callable[[Reading, Row, Any], None]]]] = {
    "users": (User, Reading.user),
    "tickets": (Ticket, Reading.ticket),
    "history": (Change, Reading.change),
    "articles": (Article, Reading.article),
}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every ticket, and a row for every other record, in MESSAGES columns."""
    reading = Reading(settings)
    for part, (kind, take) in PARTS.items():
        for file in files:
            if file.part != part:
                continue
            for number, record in read_records(file, kind):
                if isinstance(record, Broken):
                    reading.rows.reject(file.name, number, record)
                else:
                    take(reading, {"export": file.name, "row": number}, record)
    reading.tell_tickets()
    return reading.rows.messages()
