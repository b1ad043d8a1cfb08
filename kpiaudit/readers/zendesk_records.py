"""Decode Zendesk's JSON records, typed and only what is needed, into columns of plain values."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec.structs import astuple

from kpiaudit.decoding.records import Broken
from kpiaudit.readers.zendesk_tables import Entry, Place, Tables
from kpiaudit.schema import NONE, PRIORITIES, UNASSIGNED

Id = int | str
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
Start = tuple[str, int, str]
"""The export, row and ticket an entry begins with."""
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
MICROSECONDS_A_MINUTE: Final = 60_000_000
COMMENTS: Final = frozenset({"Comment", "VoiceComment"})
CHANGES: Final = frozenset({"Create", "Change"})
MISSING: Final = (None, "", "-")
FIELDS: Final = {
    "priority": "priority",
    "assignee_id": "assignee",
    "group_id": "group",
    "tags": "tags",
}


class Origin(msgspec.Struct, gc=False):
    """`via.source`."""

    rel: str | None = None


class Via(msgspec.Struct, gc=False):
    """How a ticket, comment or change came about."""

    channel: Id | None = None
    source: Origin | None = None


class Comment(msgspec.Struct, gc=False):
    """One message or note; `ticket_id` is absent where the ticket holds its comments."""

    id: Id
    public: bool
    created_at: Instant
    author_id: Id | None = None
    ticket_id: Id | None = None
    audit_id: Id | None = None
    via: Via | str | None = None
    body: str | None = None


class Satisfaction(msgspec.Struct, gc=False):
    """What the customer said of a ticket."""

    score: Id | None = None


class Minutes(msgspec.Struct, gc=False):
    """A duration as Zendesk gives it; the minutes of business hours beside it are not read."""

    calendar: int | None = None


class Metrics(msgspec.Struct, gc=False):
    """The side-loaded `metric_set`; its other stamps (`initially_assigned_at` among them, which may lie
    before the ticket) tell nothing a timeline can use.
    """

    solved_at: Instant | None = None
    reply_time_in_minutes: Minutes | None = None


class Ticket(msgspec.Struct, gc=False):
    """A ticket as it stood when it was exported."""

    id: Id
    created_at: Instant
    status: str
    requester_id: Id | None = None
    updated_at: Instant | None = None
    via: Via | str | None = None
    priority: Literal["low", "normal", "high", "urgent"] | None = None
    assignee_id: Id | None = None
    group_id: Id | None = None
    tags: list[str] | None = None
    description: str | None = None
    satisfaction_rating: Satisfaction | None = None
    metric_set: Metrics | None = None
    from_messaging_channel: bool | None = None
    comments: list[Comment] | None = None


class Event(msgspec.Struct, gc=False):
    """One thing an audit did."""

    type: str
    id: Id | None = None
    field_name: Id | None = None
    value: Any = None
    author_id: Id | None = None
    public: bool | None = None
    body: str | None = None
    score: Id | None = None
    via: Via | str | None = None


class Audit(msgspec.Struct, gc=False):
    """One update of a ticket."""

    id: Id
    ticket_id: Id
    created_at: Instant
    events: list[Event]
    author_id: Id | None = None
    via: Via | str | None = None


class User(msgspec.Struct, gc=False):
    """An agent or a customer."""

    id: Id
    name: str | None = None
    email: str | None = None
    role: str | None = None


class Group(msgspec.Struct, gc=False):
    """A team."""

    id: Id
    name: str | None = None


def add_ticket(tables: Tables, place: Place, ticket: Ticket) -> None:
    """Take down a ticket and the comments it may hold."""
    channel, rel = origin(ticket.via)
    created = micros(ticket.created_at)
    metrics, rating = ticket.metric_set, ticket.satisfaction_rating
    tables.tickets.add(
        (
            *place,
            str(ticket.id),
            created,
            micros(ticket.updated_at) if ticket.updated_at else created,
            micros(metrics.solved_at) if metrics and metrics.solved_at else None,
            replied_after(created, metrics.reply_time_in_minutes) if metrics else None,
            ticket.status,
            key(ticket.requester_id),
            channel,
            rel,
            bool(ticket.from_messaging_channel),
            ticket.priority,
            key(ticket.assignee_id),
            key(ticket.group_id),
            None if ticket.tags is None else "\n".join(ticket.tags),
            score(rating.score) if rating else None,
            ticket.description if tables.text else None,
        )
    )
    for comment in ticket.comments or ():
        comment.ticket_id = ticket.id
        add_comment(tables, place, comment)


def add_comment(tables: Tables, place: Place, comment: Comment) -> None:
    """Take down a comment; one that names no ticket is a reject."""
    if comment.ticket_id is None:
        tables.reject(place, Broken("ticket_id: missing", str(comment.id)))
        return
    channel, rel = origin(comment.via)
    entry = Entry(
        *place,
        str(comment.ticket_id),
        str(comment.id),
        micros(comment.created_at),
        "comment",
        key(comment.author_id),
        comment.public,
        channel,
        rel,
        key(comment.audit_id),
        text=comment.body if tables.text else None,
    )
    tables.comments.add(astuple(entry))


def add_audit(tables: Tables, place: Place, audit: Audit) -> None:
    """Take down what an audit tells: its comment, statuses, rating, and dimensions as one update."""
    start = (*place, str(audit.ticket_id))
    at = micros(audit.created_at)
    entries: list[Entry] = []
    update: dict[str, Any] = {}
    for event in audit.events:
        told = tell(audit, event, start, at)
        if isinstance(told, Broken):
            tables.reject(place, told)
            return
        if isinstance(told, dict):
            update |= told
        elif told:
            entries.append(told)
    if update:
        channel, rel = origin(audit.via)
        author = key(audit.author_id)
        entries.append(
            Entry(*start, f"a{audit.id}", at, "update", author, via=channel, rel=rel, **update)
        )
    if not entries:
        tables.faults.add((*place, None, "no comment or change", None))
    for entry in entries:
        entry.is_alone = len(entries) == 1
        entry.text = entry.text if tables.text else None
        tables.audits.add(astuple(entry))


def tell(
    audit: Audit, event: Event, start: Start, at: int
) -> Entry | dict[str, str] | Broken | None:
    """Return what an event adds: an entry, dimensions, nothing, or the rule it breaks."""
    field = event.field_name if event.type in CHANGES else None
    if field in FIELDS:
        return dimension(event)
    if event.type in COMMENTS:
        return said(audit, event, start, at)
    rating = None
    if event.type == "SatisfactionRating":
        rating = score(event.score)
    elif field == "satisfaction_score":
        rating = score(event.value)
    status = str(event.value) if field == "status" and event.value else None
    if rating is None and status is None:
        return None
    own = f"a{audit.id}-{field if event.id is None else event.id}"
    kind = "rated" if status is None else "status"
    channel, rel = origin(event.via or audit.via)
    return Entry(
        *start,
        own,
        at,
        kind,
        key(audit.author_id),
        via=channel,
        rel=rel,
        status=status,
        score=rating,
    )


def said(audit: Audit, event: Event, start: Start, at: int) -> Entry | Broken:
    """Return a comment told by an audit; its id is the comment's own."""
    if event.public is None:
        return Broken("events.public: missing", event.type)
    own = f"a{audit.id}-comment" if event.id is None else str(event.id)
    author = key(audit.author_id if event.author_id is None else event.author_id)
    channel, rel = origin(event.via or audit.via)
    audit_id, text = str(audit.id), event.body
    return Entry(
        *start, own, at, "comment", author, event.public, channel, rel, audit_id, text=text
    )


def dimension(event: Event) -> dict[str, str] | Broken:
    """Return the dimension a change sets; one taken away reads `(unassigned)` or `(none)`."""
    name, value = FIELDS[str(event.field_name)], event.value
    if isinstance(value, list):
        return {name: "\n".join(str(tag) for tag in value)}
    if value in MISSING:
        gone = {"assignee": UNASSIGNED, "group": NONE, "tags": ""}
        return {name: gone[name]} if name in gone and event.type == "Change" else {}
    if name == "priority" and value not in PRIORITIES:
        return Broken("priority: not low, normal, high or urgent", str(value))
    return {name: "\n".join(str(value).split()) if name == "tags" else str(value)}


def add_user(tables: Tables, place: Place, user: User) -> None:
    """Take down an agent or a customer."""
    tables.users.add((*place, str(user.id), user.name, user.email, user.role))


def add_group(tables: Tables, place: Place, group: Group) -> None:
    """Take down a team."""
    tables.groups.add((*place, str(group.id), group.name, None, None))


def micros(instant: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    return (instant - EPOCH) // MICROSECOND


def replied_after(created: int, minutes: Minutes | None) -> int | None:
    """Return when the first reply was sent, to the minute, in microseconds since 1970."""
    known = minutes.calendar if minutes else None
    return None if known is None else created + known * MICROSECONDS_A_MINUTE


def key(identifier: Id | None) -> str | None:
    """Return an id as text; chat events write an agent's as `agent:<id>`."""
    return None if identifier is None else str(identifier).removeprefix("agent:")


def origin(via: Via | str | None) -> tuple[str | None, str | None]:
    """Return the channel and relation of a `via`, which old exports write as one word."""
    if via is None or isinstance(via, str):
        return via, None
    channel = None if via.channel is None else str(via.channel)
    return channel, via.source.rel if via.source else None


def score(word: object) -> float | None:
    """Return the rating a word stands for; `offered` and `unoffered` are not ratings."""
    text = str(word).lower()
    return 1.0 if text.startswith("good") else 0.0 if text.startswith("bad") else None
