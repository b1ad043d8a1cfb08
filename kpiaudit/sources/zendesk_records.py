"""Decode Zendesk's JSON records, typed and only what is needed, into columns of plain values."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, Final, Literal, NamedTuple

import msgspec
import polars as pl

from kpiaudit.schema import NONE, PRIORITIES, UNASSIGNED
from kpiaudit.sources.records import Broken, Table

Id = int | str
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
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


class Metrics(msgspec.Struct, gc=False):
    """The side-loaded `metric_set`; its other stamps (`initially_assigned_at` among them, which may lie
    before the ticket) tell nothing a timeline can use.
    """

    solved_at: Instant | None = None


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


class Place(NamedTuple):
    """Where a record stands."""

    export: str
    row: int


class Entry(NamedTuple):
    """One line of a ticket's history, whatever file it comes from."""

    export: str
    row: int
    ticket: str
    id: str
    at: int
    kind: str
    author: str | None = None
    public: bool | None = None
    via: str | None = None
    rel: str | None = None
    audit: str | None = None
    is_alone: bool = False
    status: str | None = None
    priority: str | None = None
    assignee: str | None = None
    group: str | None = None
    tags: str | None = None
    score: float | None = None
    text: str | None = None


PLACE: Final[dict[str, pl.DataType]] = {"export": pl.String(), "row": pl.UInt32()}
ENTRIES: Final[dict[str, pl.DataType]] = dict.fromkeys(Entry._fields, pl.String()) | {
    "row": pl.UInt32(),
    "at": pl.Int64(),
    "public": pl.Boolean(),
    "is_alone": pl.Boolean(),
    "score": pl.Float64(),
}
TICKETS: Final[dict[str, pl.DataType]] = PLACE | {
    "ticket": pl.String(),
    "created": pl.Int64(),
    "updated": pl.Int64(),
    "solved": pl.Int64(),
    "status": pl.String(),
    "requester": pl.String(),
    "via": pl.String(),
    "rel": pl.String(),
    "is_messaging": pl.Boolean(),
    "priority": pl.String(),
    "assignee": pl.String(),
    "group": pl.String(),
    "tags": pl.String(),
    "score": pl.Float64(),
    "text": pl.String(),
}
PEOPLE: Final[dict[str, pl.DataType]] = PLACE | {
    "id": pl.String(),
    "name": pl.String(),
    "email": pl.String(),
    "role": pl.String(),
}
FAULTS: Final[dict[str, pl.DataType]] = PLACE | {
    "reject": pl.String(),
    "skip": pl.String(),
    "value": pl.String(),
}


class Tables:
    """Everything decoded so far, by what it is."""

    def __init__(self, *, text: bool) -> None:
        self.text = text
        self.tickets = Table(TICKETS)
        self.comments = Table(ENTRIES)
        self.audits = Table(ENTRIES)
        self.users = Table(PEOPLE)
        self.groups = Table(PEOPLE)
        self.faults = Table(FAULTS)

    def reject(self, place: Place, broken: Broken) -> None:
        """Take down a record that cannot be used."""
        self.faults.add((*place, broken.rule, None, broken.value))


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
    tables.comments.add(
        Entry(
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
    )


def add_audit(tables: Tables, place: Place, audit: Audit) -> None:
    """Take down what an audit tells: its comment, statuses, rating, and dimensions as one update."""
    channel, rel = origin(audit.via)
    base = Entry(
        *place,
        str(audit.ticket_id),
        f"a{audit.id}",
        micros(audit.created_at),
        "update",
        author=key(audit.author_id),
        via=channel,
        rel=rel,
        audit=str(audit.id),
    )
    entries: list[Entry] = []
    update: dict[str, Any] = {}
    for index, event in enumerate(audit.events):
        told = tell(event, base, index)
        if isinstance(told, Broken):
            tables.reject(place, told)
            return
        if isinstance(told, dict):
            update |= told
        elif told:
            entries.append(told if tables.text else told._replace(text=None))
    if update:
        entries.append(base._replace(**update))
    if not entries:
        tables.faults.add((*place, None, "no comment or change", None))
    for entry in entries:
        tables.audits.add(entry._replace(is_alone=len(entries) == 1))


def tell(event: Event, base: Entry, index: int) -> Entry | dict[str, str] | Broken | None:
    """Return what one event of an audit adds: an entry, dimensions, nothing, or why it is refused."""
    is_rating = event.type == "SatisfactionRating"
    field, value = event.field_name, event.score if is_rating else event.value
    own = index if event.id is None else event.id
    entry = base._replace(id=f"{base.id}-{own}")
    if event.type in COMMENTS:
        if event.public is None:
            return Broken(f"events[{index}].public: missing", event.type)
        return said(event, entry)
    if is_rating or (event.type in CHANGES and field == "satisfaction_score"):
        rating = score(value)
        return None if rating is None else entry._replace(kind="rated", score=rating)
    if event.type not in CHANGES:
        return None
    if field == "status":
        return entry._replace(kind="status", status=str(value)) if value else None
    if field == "priority" and value not in (*MISSING, *PRIORITIES):
        return Broken("priority: not low, normal, high or urgent", str(value))
    return dimension(field, value, is_new=event.type == "Create") if field in FIELDS else None


def said(event: Event, entry: Entry) -> Entry:
    """Return a comment told by an audit; its id is the comment's own."""
    channel, rel = origin(event.via) if event.via else (entry.via, entry.rel)
    return entry._replace(
        id=entry.id if event.id is None else str(event.id),
        kind="comment",
        author=entry.author if event.author_id is None else key(event.author_id),
        public=event.public,
        via=channel,
        rel=rel,
        text=event.body,
    )


def dimension(field: Id | None, value: object, *, is_new: bool) -> dict[str, str]:
    """Return the dimension a change sets; one taken away reads `(unassigned)` or `(none)`."""
    name = FIELDS[str(field)]
    if isinstance(value, list):
        return {name: "\n".join(str(tag) for tag in value)}
    if value not in MISSING:
        return {name: "\n".join(str(value).split()) if field == "tags" else str(value)}
    gone = {"assignee": UNASSIGNED, "group": NONE, "tags": ""}
    return {name: gone[name]} if name in gone and not is_new else {}


def add_user(tables: Tables, place: Place, user: User) -> None:
    """Take down an agent or a customer."""
    tables.users.add((*place, str(user.id), user.name, user.email, user.role))


def add_group(tables: Tables, place: Place, group: Group) -> None:
    """Take down a team."""
    tables.groups.add((*place, str(group.id), group.name, None, None))


def micros(instant: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    return (instant - EPOCH) // MICROSECOND


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


PARTS: Final[dict[str, tuple[type[Any], Callable[[Tables, Place, Any], None]]]] = {
    "tickets": (Ticket, add_ticket),
    "comments": (Comment, add_comment),
    "audits": (Audit, add_audit),
    "users": (User, add_user),
    "groups": (Group, add_group),
}
