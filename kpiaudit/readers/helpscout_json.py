"""How `helpscout_json` is read; `kpiaudit.sources.helpscout_json` says what it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import polars as pl

from kpiaudit.decoding.records import Broken, Table, read_records
from kpiaudit.schema import MESSAGES, READING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
Id = int | str
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)
STATUSES: Final = {
    "active": "open",
    "open": "open",
    "pending": "pending",
    "closed": "closed",
    "spam": "spam",
}
CHANNELS: Final = {"email": "email", "chat": "chat", "phone": "voice"}
FORMS: Final = ("web", "beacon", "beacon-v2", "docs")
WRITTEN_BY_TYPE: Final = {"customer": "customer", "message": None, "chat": None, "phone": None,
                          "beaconchat": None}  # fmt: skip
"""Threads that are messages; who wrote one of no fixed side is in `createdBy`."""
INTERNAL: Final = ("note", "forwardparent", "forwardchild")
SILENT: Final = ("lineitem",)
UNSENT: Final = {"draft": "draft", "underreview": "not sent: under review"}
GONE: Final = {"draft": "draft", "deleted": "deleted conversation"}
MARKUP: Final = r"<[^>]*>"


class Person(msgspec.Struct, gc=False):
    """A customer, a user of ours, or a team."""

    id: Id | None = None
    type: str | None = None
    first: str | None = None
    last: str | None = None
    email: str | None = None

    def name(self) -> str | None:
        """Return the name on screen, else the address, else the id."""
        full = " ".join(word for word in (self.first, self.last) if word)
        return full or self.email or (None if self.id is None else str(self.id))


class Origin(msgspec.Struct, gc=False):
    """How a message came in."""

    type: str | None = None
    via: str | None = None


class Action(msgspec.Struct, gc=False):
    """What made a thread."""

    type: str | None = None


class Tag(msgspec.Struct, gc=False):
    """A tag."""

    tag: str


class Thread(msgspec.Struct, gc=False, rename="camel"):
    """A message, a note, or a line about a change; `source.via` contradicts `type` and is not asked."""

    id: Id
    type: str
    created_at: Instant
    conversation_id: Id | None = None
    status: str | None = None
    state: str | None = None
    action: Action | None = None
    body: str | None = None
    created_by: Person | None = None
    assigned_to: Person | None = None
    customer: Person | None = None


class Embedded(msgspec.Struct, gc=False):
    """What a conversation holds."""

    threads: list[Thread] | None = None


class Conversation(msgspec.Struct, gc=False, rename="camel"):
    """A conversation as it stood when it was exported."""

    id: Id
    created_at: Instant
    type: str | None = None
    status: str | None = None
    state: str | None = None
    source: Origin | None = None
    created_by: Person | None = None
    primary_customer: Person | None = None
    assignee: Person | None = None
    closed_at: Instant | None = None
    user_updated_at: Instant | None = None
    tags: list[Tag] | None = None
    preview: str | None = None
    embedded: Embedded | None = msgspec.field(default=None, name="_embedded")


PLACE: Final[dict[str, pl.DataType]] = {"export": pl.String(), "row": pl.UInt32()}
ENTRIES: Final[dict[str, pl.DataType]] = PLACE | {
    "conversation": pl.String(),
    "id": pl.String(),
    "at": pl.Int64(),
    "event": pl.String(),
    "role": pl.String(),
    "is_automated": pl.Boolean(),
    "status": pl.String(),
    "agent": pl.String(),
    "team": pl.String(),
    "tags": pl.List(pl.String()),
    "text": pl.String(),
    "is_milestone": pl.Boolean(),
    "reject": pl.String(),
    "skip": pl.String(),
    "value": pl.String(),
}
KNOWN: Final[dict[str, pl.DataType]] = {
    "conversation": pl.String(),
    "at": pl.Int64(),
    "channel": pl.String(),
    "customer": pl.String(),
    "gone": pl.String(),
}


class Tables:
    """Everything decoded so far."""

    def __init__(self, *, text: bool) -> None:
        self.text = text
        self.entries = Table(ENTRIES)
        self.known = Table(KNOWN)

    def enter(self, export: str, row: int, /, **told: object) -> None:
        """Take down one line of a conversation's history, or a record that is none."""
        self.entries.add((export, row, *(told.get(name) for name in tuple(ENTRIES)[2:])))


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation, and a row for every other record."""
    tables = Tables(text=settings.text)
    for file in files:
        kind: type[Thread | Conversation] = Thread if file.part == "threads" else Conversation
        for row, record in read_records(file, kind):
            if isinstance(record, Broken):
                tables.enter(file.name, row, reject=record.rule, value=record.value)
            elif isinstance(record, Conversation):
                add_conversation(tables, file.name, row, record)
            else:
                add_thread(tables, file.name, row, record, is_alone=True)
    return timeline(tables.entries.frame(), tables.known.frame(), settings.us)


def add_conversation(tables: Tables, export: str, row: int, record: Conversation) -> None:
    """Take down a conversation: its threads, its milestones, and what it says of itself today."""
    key = str(record.id)
    updated = micros(record.user_updated_at or record.closed_at or record.created_at)
    author = record.created_by or Person()
    is_ours = author.type == "user"
    customer = record.primary_customer or (Person() if is_ours else author)
    gone = GONE.get(record.state or "", "spam" if record.status == "spam" else None)
    name = None if customer.id is None else str(customer.id)
    tables.known.add((key, updated, channel_of(record), name, gone))
    for thread in (record.embedded.threads if record.embedded else None) or ():
        thread.conversation_id = record.id
        add_thread(tables, export, row, thread, is_alone=False)
    tables.enter(
        export,
        row,
        conversation=key,
        id=f"c{key}",
        at=micros(record.created_at),
        event="outbound" if is_ours else "inbound",
        role="agent" if is_ours else "customer",
        agent=author.name() if is_ours else None,
        text=record.preview if tables.text else None,
        is_milestone=True,
    )
    if record.closed_at and record.status == "closed":
        closed = micros(record.closed_at)
        told = {"event": "status", "status": "closed", "is_milestone": True}
        tables.enter(
            export, row, conversation=key, id=f"c{key}-{closed // 1_000_000}", at=closed, **told
        )
    tables.enter(
        export,
        row,
        conversation=key,
        id=f"u{key}-{updated // 1_000_000}",
        at=updated,
        event="update",
        agent=record.assignee.name() if record.assignee else None,
        tags=[tag.tag for tag in record.tags] if record.tags else None,
    )


def add_thread(tables: Tables, export: str, row: int, thread: Thread, *, is_alone: bool) -> None:
    """Take down a thread: what it says, and the status and assignment it left behind."""
    if thread.conversation_id is None:
        tables.enter(export, row, reject="conversationId: missing", value=str(thread.id))
        return
    if thread.type not in {*WRITTEN_BY_TYPE, *INTERNAL, *SILENT}:
        tables.enter(export, row, reject="type: unknown word", value=thread.type)
        return
    place = {
        "conversation": str(thread.conversation_id),
        "at": micros(thread.created_at),
        "skip": UNSENT.get(thread.state or ""),
    }
    if thread.type not in SILENT:
        tables.enter(export, row, **place, id=str(thread.id), **said(thread, text=tables.text))
    status, holder = STATUSES.get(thread.status or ""), thread.assigned_to or Person()
    if status or holder.id is not None:
        tables.enter(
            export,
            row,
            **place,
            id=f"{thread.id}-status",
            event="status" if status else "update",
            status=status,
            agent=holder.name() if holder.type != "team" else None,
            team=holder.name() if holder.type == "team" else None,
        )
    elif is_alone and thread.type in SILENT:
        tables.enter(export, row, **place | {"skip": "no message or change"})


def said(thread: Thread, *, text: bool) -> dict[str, object]:
    """Return what a message or a note gives."""
    author = thread.created_by or Person()
    side = WRITTEN_BY_TYPE.get(thread.type) or author.type
    is_customer = side == "customer"
    event = "inbound" if is_customer else "outbound"
    made_by = (thread.action.type if thread.action else None) or ""
    return {
        "event": "note" if thread.type in INTERNAL else event,
        "role": "customer" if is_customer else "agent" if side == "user" else "unknown",
        "is_automated": "workflow" in made_by and "manual" not in made_by,
        "agent": None if is_customer else author.name(),
        "text": thread.body if text else None,
    }


def channel_of(record: Conversation) -> str:
    """Return the channel; a mail that came through a form or a beacon is a form."""
    origin = record.source or Origin()
    if record.type == "email" and origin.via == "customer" and origin.type in FORMS:
        return "form"
    return CHANNELS.get(record.type or "", "other")


def timeline(entries: pl.LazyFrame, known: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return MESSAGES and READING columns; milestones only of conversations without threads."""
    bots = [name.lower() for name in us.bots] if us else []
    is_milestone = C("is_milestone").fill_null(value=False)
    told = C("event").is_in(["inbound", "outbound", "note", "status"]) & ~is_milestone
    flags = entries.group_by("conversation").agg(has_threads=(told & C("skip").is_null()).any())
    latest = known.sort("at").unique("conversation", keep="last", maintain_order=True).drop("at")
    rows = (
        entries.join(flags, on="conversation", how="left", maintain_order="left")
        .filter(~(is_milestone & C("has_threads").fill_null(value=False)))
        .join(latest, on="conversation", how="left", maintain_order="left")
        .with_columns(
            is_bot=C("agent").str.to_lowercase().is_in(bots).fill_null(value=False)
            & (C("event") == "outbound"),
            is_human=C("event").is_in(["inbound", "outbound", "note"]),
        )
    )
    everything = rows.select(
        "export",
        "row",
        "event",
        "status",
        "agent",
        "team",
        "tags",
        "customer",
        "reject",
        "value",
        C("conversation").alias("conversation_id"),
        C("id").alias("message_id"),
        C("at").alias("sent_at"),
        pl.when("is_bot").then(pl.lit("bot")).otherwise("role").alias("author_role"),
        (C("is_automated").fill_null(value=False) | C("is_bot") | ~C("is_human")).alias(
            "is_automated"
        ),
        pl.when("has_threads")
        .then(pl.lit("message"))
        .otherwise(pl.lit("milestone"))
        .alias("grain"),
        C("channel").fill_null("other"),
        C("channel").is_null().alias("is_partial"),
        C("text").str.replace_all(MARKUP, " ").str.strip_chars(),
        pl.coalesce("gone", "skip").alias("skip"),
    )
    types = MESSAGES | READING
    names = everything.collect_schema().names()
    return everything.select(C(name).cast(types[name]) for name in names)


def micros(instant: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    return (instant - EPOCH) // MICROSECOND
