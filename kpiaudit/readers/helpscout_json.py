"""How `helpscout_json` is read; `kpiaudit.sources.helpscout_json` says what it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from kpiaudit.decoding.chunks import PLACE, Part, Told, at_once, take
from kpiaudit.decoding.fields import Columns, Lists, columns_of, in_many, in_one, owners, values_of
from kpiaudit.decoding.records import Table
from kpiaudit.decoding.rows import Faults, typed
from kpiaudit.readers.helpscout_records import Conversation, Thread

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.readers.helpscout_records import Person
    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STATUSES: Final = {
    "active": "open",
    "open": "open",
    "pending": "pending",
    "closed": "closed",
    "spam": "spam",
}
CHANNELS: Final = {"email": "email", "chat": "chat", "phone": "voice"}
FORMS: Final = ("web", "beacon", "beacon-v2", "docs")
WRITTEN: Final = ("customer", "message", "chat", "phone", "beaconchat")
"""Threads that are messages; who wrote one is in `createdBy`, but for `customer`."""
INTERNAL: Final = ("note", "forwardparent", "forwardchild")
SILENT: Final = ("lineitem",)
UNSENT: Final = {"draft": "draft", "underreview": "not sent: under review"}
GONE: Final = {"draft": "draft", "deleted": "deleted conversation"}
MARKUP: Final = r"<[^>]*>"
STAMPS: Final = {
    "created_at": "createdAt",
    "closed_at": "closedAt",
    "user_updated_at": "userUpdatedAt",
}
CONVERSATIONS: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys(("id", "type", "status", "state", "origin", "via"), pl.String()),
    **dict.fromkeys(("author", "author_id", "author_type"), pl.String()),
    **dict.fromkeys(("primary", "holder", "tags", "preview"), pl.String()),
    **dict.fromkeys(STAMPS, pl.Int64()),
    "has_primary": pl.Boolean(),
}
THREADS: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys(("conversation", "id", "type", "status", "state"), pl.String()),
    **dict.fromkeys(("made_by", "author", "author_type", "body"), pl.String()),
    **dict.fromkeys(("holder", "holder_id", "holder_type"), pl.String()),
    "created_at": pl.Int64(),
    "is_alone": pl.Boolean(),
}
OWN: Final = {
    name: kind for name, kind in THREADS.items() if name not in {*PLACE, "conversation", "is_alone"}
}


class Tables:
    """Everything decoded so far."""

    def __init__(self, *, text: bool) -> None:
        self.text = text
        self.conversations = Table(CONVERSATIONS)
        self.threads = Table(THREADS)
        self.faults = Faults()


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation, and a row for every other record."""
    tables = Tables(text=settings.text)
    take(files, parts_for(tables), tables.faults.reject)
    conversations = tables.conversations.frame()
    entries = [*told_by_conversations(conversations), *told_by_threads(tables.threads.frame())]
    entries.append(tables.faults.frame())
    told = pl.concat(entries, how="diagonal")
    return at_once(timeline(told, known(conversations), settings.us))


def parts_for(tables: Tables) -> dict[str, Part[Any]]:
    """Return how the records of every part become rows of the tables."""
    conversations: Part[Any] = Part(
        Conversation, partial(conversation_fields, text=tables.text), partial(add_all, tables)
    )
    threads: Part[Any] = Part(
        Thread, partial(thread_fields, text=tables.text), partial(add_threads, tables)
    )
    return {"conversations": conversations, "threads": threads}


def conversation_fields(records: list[Conversation], first: int, *, text: bool) -> Lists:
    """Return what conversations tell, and the threads they hold."""
    held = [(r.embedded.threads if r.embedded else None) or () for r in records]
    told = thread_fields([thread for some in held for thread in some], 0, text=text)
    authors, primary = [r.created_by for r in records], [r.primary_customer for r in records]
    return {
        **values_of(records, ("id", "type", "status", "state", *STAMPS)),
        "origin": [r.source.type if r.source else None for r in records],
        "via": [r.source.via if r.source else None for r in records],
        "author": named(authors),
        "author_id": [p.id if p else None for p in authors],
        "author_type": [p.type if p else None for p in authors],
        "primary": [p.id if p else None for p in primary],
        "has_primary": [p is not None for p in primary],
        "holder": named([r.assignee for r in records]),
        "tags": in_one([[tag.tag for tag in r.tags] if r.tags else None for r in records]),
        "preview": [r.preview for r in records] if text else len(records),
        **{f"threads.{name}": values for name, values in told.items()},
        "threads.owner": owners(held, first),
    }


def add_all(tables: Tables, told: Told) -> None:
    """Take down conversations and the threads they hold."""
    fields = told.fields
    kinds = {name: kind for name, kind in CONVERSATIONS.items() if name not in PLACE}
    columns = columns_of(fields, kinds, STAMPS)
    owner = fields["threads.owner"].cast(pl.UInt32)
    path = {"created_at": "_embedded.threads[...].createdAt"}
    threads = columns_of(fields, OWN, path, prefix="threads.", owners=owner)
    tables.conversations.take(told.export, told.rows, columns)
    rows = told.rows.gather(owner)
    held: Columns = {**threads, "conversation": columns["id"].gather(owner), "is_alone": False}
    tables.threads.take(told.export, rows, held)


def thread_fields(records: list[Thread], first: int, *, text: bool) -> Lists:  # nothing is nested
    """Return what threads tell."""
    authors, holders = [r.created_by for r in records], [r.assigned_to for r in records]
    return {
        **values_of(records, ("id", "type", "status", "state", "created_at")),
        "conversation": [r.conversation_id for r in records],
        "made_by": [r.action.type if r.action else None for r in records],
        "author": named(authors),
        "author_type": [p.type if p else None for p in authors],
        "holder": named(holders),
        "holder_id": [p.id if p else None for p in holders],
        "holder_type": [p.type if p else None for p in holders],
        "body": [r.body for r in records] if text else len(records),
    }


def add_threads(tables: Tables, told: Told) -> None:
    """Take down threads of a file of their own."""
    kinds = OWN | {"conversation": pl.String()}
    columns = columns_of(told.fields, kinds, {"created_at": "createdAt"})
    tables.threads.take(told.export, told.rows, {**columns, "is_alone": True})


def named(people: Sequence[Person | None]) -> list[str | None]:
    """Return the names of people on screen."""
    return [None if p is None else p.name() for p in people]


def known(conversations: pl.LazyFrame) -> pl.LazyFrame:
    """Return what holds for a whole conversation; a mail that came through a form or a beacon is a form."""
    is_form = (C("type") == "email") & (C("via") == "customer") & C("origin").is_in(FORMS)
    kind = C("type").replace_strict(CHANNELS, default="other", return_dtype=pl.String)
    is_ours = (C("author_type") == "user").fill_null(value=False)
    spam = pl.when(C("status") == "spam").then(pl.lit("spam"))
    return conversations.select(
        conversation="id",
        at=updated(),
        channel=pl.when(is_form.fill_null(value=False)).then(pl.lit("form")).otherwise(kind),
        customer=pl.when("has_primary").then("primary").when(~is_ours).then("author_id"),
        gone=pl.coalesce(
            C("state").replace_strict(GONE, default=None, return_dtype=pl.String), spam
        ),
    )


def updated() -> pl.Expr:
    """Return when a conversation changed last."""
    return pl.coalesce("user_updated_at", "closed_at", "created_at")


def told_by_conversations(conversations: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Return of conversations their milestones, and what they say of themselves today."""
    is_ours = (C("author_type") == "user").fill_null(value=False)
    place = [C("export"), C("row"), C("id").alias("conversation")]
    milestone = pl.lit(value=True).alias("is_milestone")
    is_closed = (C("status") == "closed") & C("closed_at").is_not_null()
    second = 1_000_000
    return [
        conversations.select(
            *place,
            milestone,
            id="c" + C("id"),
            at="created_at",
            event=pl.when(is_ours).then(pl.lit("outbound")).otherwise(pl.lit("inbound")),
            role=pl.when(is_ours).then(pl.lit("agent")).otherwise(pl.lit("customer")),
            agent=pl.when(is_ours).then("author"),
            text="preview",
        ),
        conversations.filter(is_closed).select(
            *place,
            milestone,
            id="c" + C("id") + "-" + (C("closed_at") // second).cast(pl.String),
            at="closed_at",
            event=pl.lit("status"),
            status=pl.lit("closed"),
        ),
        conversations.select(
            *place,
            id="u" + C("id") + "-" + (updated() // second).cast(pl.String),
            at=updated(),
            event=pl.lit("update"),
            agent="holder",
            tags=in_many(C("tags")),
        ),
    ]


def told_by_threads(threads: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Return what threads say, the statuses and assignments they left behind, and those of no use."""
    is_astray = C("conversation").is_null()
    is_unknown = ~C("type").is_in([*WRITTEN, *INTERNAL, *SILENT])
    sound = threads.filter(~is_astray & ~is_unknown).with_columns(
        skip=C("state").replace_strict(UNSENT, default=None, return_dtype=pl.String),
        status=C("status").replace_strict(STATUSES, default=None, return_dtype=pl.String),
    )
    is_silent, is_team = (
        C("type").is_in(SILENT),
        (C("holder_type") == "team").fill_null(value=False),
    )
    is_changed = C("status").is_not_null() | C("holder_id").is_not_null()
    place = [C(name) for name in ("export", "row", "conversation")]
    return [
        threads.filter(is_astray | is_unknown).select(
            "export",
            "row",
            reject=pl.when(is_astray)
            .then(pl.lit("conversationId: missing"))
            .otherwise(pl.lit("type: unknown word")),
            value=pl.when(is_astray).then("id").otherwise("type"),
        ),
        sound.filter(~is_silent).select(*place, "id", "skip", *said(), at="created_at"),
        sound.filter(is_changed).select(
            *place,
            "skip",
            "status",
            id=C("id") + "-status",
            at="created_at",
            event=pl.when(C("status").is_null()).then(pl.lit("update")).otherwise(pl.lit("status")),
            agent=pl.when(~is_team).then("holder"),
            team=pl.when(is_team).then("holder"),
        ),
        sound.filter(~is_changed & is_silent & C("is_alone")).select(
            *place, at="created_at", skip=pl.lit("no message or change")
        ),
    ]


def said() -> list[pl.Expr]:
    """Return what a message or a note gives."""
    side = pl.when(C("type") == "customer").then(pl.lit("customer")).otherwise("author_type")
    is_customer = (side == "customer").fill_null(value=False)
    is_user = (side == "user").fill_null(value=False)
    event = (
        pl.when(C("type").is_in(INTERNAL))
        .then(pl.lit("note"))
        .when(is_customer)
        .then(pl.lit("inbound"))
        .otherwise(pl.lit("outbound"))
    )
    role = (
        pl.when(is_customer)
        .then(pl.lit("customer"))
        .when(is_user)
        .then(pl.lit("agent"))
        .otherwise(pl.lit("unknown"))
    )
    made_by = C("made_by").fill_null("")
    is_workflow = made_by.str.contains("workflow", literal=True)
    return [
        event.alias("event"),
        role.alias("role"),
        (is_workflow & ~made_by.str.contains("manual", literal=True)).alias("is_automated"),
        pl.when(~is_customer).then("author").alias("agent"),
        C("body").alias("text"),
    ]


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
    return typed(everything)
