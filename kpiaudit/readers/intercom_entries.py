"""Make entries of a timeline from Intercom's JSON records."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import msgspec
import polars as pl
from msgspec.structs import astuple

from kpiaudit.decoding.records import Broken, Table
from kpiaudit.readers.intercom_records import (
    Admin,
    Assigned,
    Author,
    Contacts,
    Conversation,
    Epoch,
    Id,
    Named,
    Opening,
    Part,
    Parts,
    Statistics,
    Tags,
    Ticket,
)
from kpiaudit.schema import NONE, UNASSIGNED

SECOND: Final = 1_000_000
EARLIEST, LATEST = 631_152_000, 4_102_444_800
"""1990 and 2100; Intercom writes 64654125776 where it means nothing."""
NOBODY_KNOWN: Final = Author()
NOBODY: Final = ("0", "nobody", "nobody_admin")


class Place(NamedTuple):
    """Where a record stands."""

    export: str
    row: int


class Entry(msgspec.Struct, gc=False):
    """One line of a history, whatever it comes from. `kind` is Intercom's `part_type`, or `source` for the
    opening, `update` for what a record says today, `rated`; `asked`, `reply` and `closed` for instants of
    statistics.
    """

    export: str
    row: int
    conversation: str
    id: str
    at: int
    kind: str
    author_type: str | None = None
    author: str | None = None
    author_name: str | None = None
    has_body: bool = False
    is_alone: bool = False
    text: str | None = None
    state: str | None = None
    assignee: str | None = None
    team: str | None = None
    delivered_as: str | None = None
    priority: str | None = None
    tags: list[str] | None = None
    rating: float | None = None


PLACE: Final[dict[str, pl.DataType]] = {"export": pl.String(), "row": pl.UInt32()}
ENTRIES: Final[dict[str, pl.DataType]] = dict.fromkeys(Entry.__struct_fields__, pl.String()) | {
    "row": pl.UInt32(),
    "at": pl.Int64(),
    "has_body": pl.Boolean(),
    "is_alone": pl.Boolean(),
    "tags": pl.List(pl.String()),
    "rating": pl.Float64(),
}
KNOWN: Final[dict[str, pl.DataType]] = PLACE | {
    "conversation": pl.String(),
    "updated": pl.Int64(),
    "source_type": pl.String(),
    "customer": pl.String(),
    "is_told": pl.Boolean(),
    "is_partial": pl.Boolean(),
    "skip": pl.String(),
}
"""What holds for a whole conversation; `is_told`: every message of it would be there; `is_partial`: but
its beginning is not."""
NAMES: Final[dict[str, pl.DataType]] = PLACE | {"id": pl.String(), "name": pl.String()}
FAULTS: Final[dict[str, pl.DataType]] = PLACE | {"reject": pl.String(), "value": pl.String()}


class Tables:
    """Everything decoded so far, by what it is."""

    def __init__(self, *, text: bool) -> None:
        self.text = text
        self.entries = Table(ENTRIES)
        self.known = Table(KNOWN)
        self.admins = Table(NAMES)
        self.teams = Table(NAMES)
        self.faults = Table(FAULTS)

    def reject(self, place: Place, broken: Broken) -> None:
        """Take down a record that cannot be used."""
        self.faults.add((*place, broken.rule, broken.value))

    def enter(self, entry: Entry) -> None:
        """Take down one line of a conversation's history."""
        if not self.text:
            entry.text = None
        self.entries.add(astuple(entry))


def add_conversation(tables: Tables, place: Place, record: Conversation) -> None:
    """Take down a conversation: its opening, its parts, and what it says of itself today."""
    parts = parts_of(record.conversation_parts)
    if not all_sane(tables, place, record.created_at, parts or ()):
        return
    key = str(record.id)
    source = opening_of(record)
    author = source.author or NOBODY_KNOWN
    contacts = contacts_of(record.contacts) or [record.user or Named()]
    updated = micros(record.updated_at) or micros(record.created_at) or 0
    tables.known.add(
        (
            *place,
            key,
            updated,
            source.type,
            text_of(contacts[0].id) or (text_of(author.id) if is_customer(author) else None),
            parts is not None,
            False,
            None,
        )
    )
    tables.enter(
        Entry(
            *place,
            key,
            f"0-{key if source.id is None else source.id}",
            micros(record.created_at) or 0,
            kind="source",
            author_type=author.type,
            author=text_of(author.id),
            author_name=author.name,
            delivered_as=source.delivered_as,
            has_body=True,
            text=source.body,
        )
    )
    for part in parts or ():
        add_entry(tables, place, key, part, is_alone=False)
    add_statistics(tables, place, key, record)
    add_today(tables, place, key, record, updated)


def add_statistics(tables: Tables, place: Place, key: str, record: Conversation) -> None:
    """Take down the instants that stand in for parts that were not exported, and the rating."""
    statistics, rating = record.statistics or Statistics(), record.conversation_rating
    asked, answered = (
        micros(statistics.first_contact_reply_at),
        micros(statistics.first_admin_reply_at),
    )
    if asked is not None and not is_customer(opening_of(record).author or NOBODY_KNOWN):
        tables.enter(Entry(*place, key, f"s{key}-asked", asked, kind="asked", author_type="user"))
    if answered is not None:
        tables.enter(
            Entry(*place, key, f"s{key}-reply", answered, kind="reply", author_type="admin")
        )
    closed = micros(statistics.last_close_at)
    if closed is not None and record.state == "closed":
        tables.enter(Entry(*place, key, f"s{key}-close-{closed // SECOND}", closed, kind="closed"))
    if rating and rating.rating is not None and 1 <= rating.rating <= 5:
        at = micros(rating.created_at)
        if at is not None:
            score = (rating.rating - 1) / 4
            name = f"r{key}-{at // SECOND}"
            tables.enter(Entry(*place, key, name, at, "rated", "user", rating=score))


def add_today(
    tables: Tables, place: Place, key: str, record: Conversation | Ticket, updated: int
) -> None:
    """Take down the dimensions of today, and tags from when each was put on."""
    tags: list[str] = []
    priority = None
    assignee, team = text_of(record.admin_assignee_id), text_of(record.team_assignee_id)
    if isinstance(record, Conversation):
        priority = "high" if record.priority in {"priority", True} else "normal"
        if assignee is None and record.assignee and record.assignee.type == "admin":
            assignee = text_of(record.assignee.id)
        given = record.tags.tags if isinstance(record.tags, Tags) else record.tags
        for tag in sorted(given or (), key=lambda tag: (tag.applied_at or 0, str(tag.name))):
            at = micros(tag.applied_at)
            tags.append(str(tag.name))
            if at is not None:
                told = f"t{key}-{at // SECOND}-{tag.id}"
                tables.enter(Entry(*place, key, told, at, kind="update", tags=list(tags)))
    tables.enter(
        Entry(
            *place,
            key,
            f"u{key}-{updated // SECOND}",
            updated,
            kind="update",
            assignee=nobody(assignee),
            team=NONE if team in NOBODY else team,
            priority=priority,
            tags=tags or None,
        )
    )


def add_part(tables: Tables, place: Place, part: Part) -> None:
    """Take down a part of a file of its own; one that names no conversation is a reject."""
    if part.conversation_id is None:
        tables.reject(place, Broken("conversation_id: missing", str(part.id)))
    elif all_sane(tables, place, part.created_at, ()):
        add_entry(tables, place, str(part.conversation_id), part, is_alone=True)


def add_ticket(tables: Tables, place: Place, ticket: Ticket) -> None:
    """Take down a ticket and its parts; one of the team's own is skipped."""
    parts = parts_of(ticket.ticket_parts) or ()
    if not all_sane(tables, place, ticket.created_at, parts):
        return
    key = str(ticket.id)
    contacts = contacts_of(ticket.contacts)
    is_internal = ticket.category in {"Tracker", "Back-office"} or not contacts
    updated = micros(ticket.updated_at) or micros(ticket.created_at) or 0
    tables.known.add(
        (
            *place,
            key,
            updated,
            "ticket",
            text_of(contacts[0].id) if contacts else None,
            True,
            False,
            "internal ticket" if is_internal else None,
        )
    )
    description = (ticket.ticket_attributes or {}).get("_default_description_")
    tables.enter(
        Entry(
            *place,
            key,
            f"0-ticket-{key}",
            micros(ticket.created_at) or 0,
            kind="ticket",
            author_type="user",
            author=text_of(contacts[0].id) if contacts else None,
            has_body=True,
            text=None if description is None else str(description),
        )
    )
    for part in parts:
        add_entry(tables, place, key, part, is_alone=False)
    add_today(tables, place, key, ticket, updated)


def add_entry(tables: Tables, place: Place, key: str, part: Part, *, is_alone: bool) -> None:
    """Take down one part."""
    author, body, state = part.author or NOBODY_KNOWN, part.body, part.ticket_state
    assignee, team = assigned(part.assigned_to) if part.assigned_to else (None, None)
    tables.enter(
        Entry(
            *place,
            key,
            str(part.id),
            round(part.created_at * SECOND),
            part.part_type,
            author.type,
            text_of(author.id),
            author.name,
            bool(body and not body.isspace()),
            is_alone,
            body,
            state.get("category") if isinstance(state, dict) else state,
            assignee,
            team,
        )
    )


def add_admin(tables: Tables, place: Place, admin: Admin) -> None:
    """Take down an admin's name."""
    tables.admins.add((*place, str(admin.id), admin.name))


def add_team(tables: Tables, place: Place, team: Admin) -> None:
    """Take down a team's name."""
    tables.teams.add((*place, str(team.id), team.name))


def all_sane(tables: Tables, place: Place, created: Epoch, parts: Sequence[Part]) -> bool:
    """Return whether the instants of a record lie between 1990 and 2100; if not it is a reject."""
    for at in (created, *(part.created_at for part in parts)):
        if not EARLIEST <= at < LATEST:
            tables.reject(place, Broken("created_at: outside 1990 to 2100", str(at)))
            return False
    return True


def micros(at: Epoch | None) -> int | None:
    """Return seconds since 1970 as microseconds, None where they are no instant."""
    return round(at * SECOND) if at is not None and EARLIEST <= at < LATEST else None


def text_of(key: Id | None) -> str | None:
    """Return an id as text: Intercom writes the same one as number and as text."""
    return None if key is None else str(key)


def is_customer(author: Author) -> bool:
    """Return whether an author is a contact."""
    return author.type in {"user", "lead", "contact"}


def opening_of(record: Conversation) -> Opening:
    """Return the first message of a conversation."""
    return record.source or record.conversation_message or Opening()


def parts_of(held: Parts | list[Part] | None) -> list[Part] | None:
    """Return the parts a record holds, None where it holds no list of them."""
    if isinstance(held, Parts):
        return held.conversation_parts if held.ticket_parts is None else held.ticket_parts
    return held


def contacts_of(held: Contacts | list[Named] | None) -> list[Named]:
    """Return the customers a record names."""
    return (held.contacts if isinstance(held, Contacts) else held) or []


def assigned(to: Assigned | Id | None) -> tuple[str | None, str | None]:
    """Return the admin and the team a part assigns to; null where it says nothing of one."""
    if not isinstance(to, Assigned):
        return nobody(text_of(to)), None
    if to.type == "team":
        return None, text_of(to.id)
    if to.type == "nobody_admin":
        return UNASSIGNED, None
    return nobody(text_of(to.id)), None


def nobody(key: str | None) -> str | None:
    """Return an assignee's id; `0` stands for nobody."""
    return UNASSIGNED if key in NOBODY else key


PARTS: Final[dict[str, tuple[type[Any], Callable[[Tables, Place, Any], None]]]] = {
    "conversations": (Conversation, add_conversation),
    "old conversations": (Conversation, add_conversation),
    "parts": (Part, add_part),
    "tickets": (Ticket, add_ticket),
    "admins": (Admin, add_admin),
    "teams": (Admin, add_team),
}
