"""Make entries of a timeline from Intercom's JSON records."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from kpiaudit.decoding.fields import Columns, Fields, Lists, Refused, flags, owners, texts
from kpiaudit.decoding.records import Broken, Table
from kpiaudit.readers.intercom_columns import (
    NOBODY,
    author_columns,
    author_fields,
    contacts_of,
    given_of,
    nobody,
    parts_of,
    sane_seconds,
    seconds,
    whole,
)
from kpiaudit.readers.intercom_records import Admin, Assigned, Conversation, Named, Part, Ticket
from kpiaudit.readers.intercom_timeline import SPOKEN_WITH_BODY
from kpiaudit.schema import NONE, UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.decoding.chunks import Told
    from kpiaudit.readers.intercom_tables import Tables

C = pl.col
CUSTOMERS: Final = ("user", "lead", "contact")
INTERNAL: Final = ("Tracker", "Back-office")
DESCRIPTION: Final = "_default_description_"
MAY_SPEAK: Final = frozenset(SPOKEN_WITH_BODY)
NOTHING: Final[dict[str, Any]] = {}
APART: Final = "\0"
"""Between the tags of one record, while they are one text."""


def conversation_fields(records: list[Conversation], first: int, *, text: bool) -> Lists:
    """Return what conversations say of themselves today, their opening, and their parts."""
    openings = [r.source or r.conversation_message for r in records]
    ratings = [r.conversation_rating for r in records]
    statistics = [r.statistics for r in records]
    contacts = [contacts_of(r.contacts) or ((r.user,) if r.user else ()) for r in records]
    parts = [parts_of(r.conversation_parts) for r in records]
    return {
        **shared_fields(records),
        "contact": [some[0].id if some else None for some in contacts],
        "source.id": [o.id if o else None for o in openings],
        "source.type": [o.type if o else None for o in openings],
        "source.as": [o.delivered_as if o else None for o in openings],
        **({"source.text": [o.body if o else None for o in openings]} if text else {}),
        **author_fields([o.author if o else None for o in openings], "source"),
        "asked": [s.first_contact_reply_at if s else None for s in statistics],
        "answered": [s.first_admin_reply_at if s else None for s in statistics],
        "closed": [s.last_close_at if s else None for s in statistics],
        "is_closed": [r.state == "closed" for r in records],
        "stars": [s.rating if s else None for s in ratings],
        "rated": [s.created_at if s else None for s in ratings],
        "is_high": [r.priority == "priority" or r.priority is True for r in records],
        "holder": [
            r.assignee.id if r.assignee and r.assignee.type == "admin" else None for r in records
        ],
        "is_told": [some is not None for some in parts],
        **tag_fields([given_of(r.tags) for r in records], first),
        **nested_fields([some or () for some in parts], first, text=text),
    }


def add_conversations(tables: Tables, told: Told) -> None:
    """Take down conversations: openings, parts, and what they say of themselves today."""
    fields = told.fields
    records = shared_columns(fields).with_columns(
        texts(fields["source.id"]).alias("source_id"),
        texts(fields["source.type"]).alias("source_type"),
        texts(fields["source.as"]).alias("delivered_as"),
        *author_columns(fields, "source"),
        *text_columns(fields, "source"),
        *(seconds(fields[name]).alias(name) for name in ("asked", "answered", "closed", "rated")),
        *(flags(fields[name]).alias(name) for name in ("is_closed", "is_high", "is_told")),
        fields["stars"].cast(pl.Float64).alias("stars"),
        pl.coalesce("assignee", texts(fields["holder"])).alias("assignee"),
        priority=pl.when(flags(fields["is_high"])).then(pl.lit("high")).otherwise(pl.lit("normal")),
        tags=fields["tags"].str.split(APART),
    )
    parts = part_columns(fields, records)
    is_customer = C("author_type").is_in(CUSTOMERS).fill_null(value=False)
    customer = pl.when(C("contact") != "").then("contact")
    by = pl.when(is_customer).then("author")
    known = records.select(
        "conversation", "updated", "source_type", "is_told", customer=pl.coalesce(customer, by)
    )
    tables.known.take(told.export, told.rows, {**known.to_dict(), "is_partial": False})
    tables.enter(
        told, openings_of(records, "0-" + pl.coalesce("source_id", "conversation"), "source")
    )
    tables.enter(told, parts)
    tables.enter(told, milestones_of(records, is_customer))
    tables.enter(told, tags_of(fields, records))
    tables.enter(told, today_of(records, "priority", "tags"))


def shared_fields(records: Sequence[Conversation | Ticket]) -> Lists:
    """Return what conversations and tickets have in common."""
    return {
        "id": [r.id for r in records],
        "created": [r.created_at for r in records],
        "updated": [r.updated_at for r in records],
        "assignee": [r.admin_assignee_id for r in records],
        "team": [r.team_assignee_id for r in records],
    }


def shared_columns(fields: Fields) -> pl.DataFrame:
    """Return what conversations and tickets have in common."""
    created = sane_seconds(fields["created"], None)
    return pl.DataFrame(
        {
            "conversation": texts(fields["id"]),
            "created": created,
            "updated": seconds(fields["updated"]).fill_null(created),
            "assignee": texts(fields["assignee"]),
            "team": texts(fields["team"]),
            "contact": texts(fields["contact"]),
        }
    ).with_row_index("owner")


def openings_of(records: pl.DataFrame, name: pl.Expr, kind: str) -> pl.DataFrame:
    """Return the first message of every record."""
    have = [column for column in ("author_type", "author", "author_name", "delivered_as", "text")
            if column in records.columns]  # fmt: skip
    return records.select(
        "owner",
        "conversation",
        *have,
        id=name,
        at="created",
        kind=pl.lit(kind),
        has_body=pl.lit(value=True),
    )


def milestones_of(records: pl.DataFrame, is_customer: pl.Expr) -> pl.DataFrame:
    """Return the instants that stand in for parts that were not exported, and the ratings."""
    key = C("conversation")
    stamps = {
        "asked": ("user", C("asked"), "s" + key + "-asked", ~is_customer),
        "reply": ("admin", C("answered"), "s" + key + "-reply", pl.lit(value=True)),
        "closed": (None, C("closed"), "s" + key + "-close-" + whole(C("closed")), C("is_closed")),
        "rated": (
            "user",
            C("rated"),
            "r" + key + "-" + whole(C("rated")),
            C("stars").is_between(1, 5),
        ),
    }
    return pl.concat(
        records.filter(at.is_not_null() & is_it.fill_null(value=False)).select(
            "owner",
            "conversation",
            id=name,
            at=at,
            kind=pl.lit(kind),
            author_type=pl.lit(who, pl.String),
            rating=(C("stars") - 1) / 4 if kind == "rated" else pl.lit(None, pl.Float64),
        )
        for kind, (who, at, name, is_it) in stamps.items()
    )


def today_of(records: pl.DataFrame, *more: str) -> pl.DataFrame:
    """Return the dimensions of today as one update of every record."""
    return records.select(
        "owner",
        "conversation",
        *more,
        id="u" + C("conversation") + "-" + whole(C("updated")),
        at="updated",
        kind=pl.lit("update"),
        assignee=nobody(C("assignee")),
        team=pl.when(C("team").is_in(NOBODY)).then(pl.lit(NONE)).otherwise("team"),
    )


def tag_fields(given: list[Sequence[Named]], first: int) -> Lists:
    """Return the names of tags in the order they were put on, and each of these moments."""
    ordered = [
        sorted(tags, key=lambda tag: (tag.applied_at or 0, str(tag.name)))
        if len(tags) > 1
        else tags
        for tags in given
    ]
    names = [[str(tag.name) for tag in tags] for tags in ordered]
    return {
        "tags": [APART.join(some) if some else None for some in names],
        "tag.owner": owners(ordered, first),
        "tag.at": [tag.applied_at for tags in ordered for tag in tags],
        "tag.id": [str(tag.id) for tags in ordered for tag in tags],
        "tag.so_far": [
            APART.join(some[: place + 1]) for some in names for place in range(len(some))
        ],
    }


def tags_of(fields: Fields, records: pl.DataFrame) -> pl.DataFrame:
    """Return the tags of a record from when each was put on."""
    owner = fields["tag.owner"].cast(pl.UInt32)
    told = pl.DataFrame(
        {
            "owner": owner,
            "conversation": records["conversation"].gather(owner),
            "at": seconds(fields["tag.at"]),
            "own": texts(fields["tag.id"]),
            "tags": fields["tag.so_far"].str.split(APART),
        }
    )
    return told.filter(C("at").is_not_null()).select(
        "owner",
        "conversation",
        "at",
        "tags",
        id="t" + C("conversation") + "-" + whole(C("at")) + "-" + C("own"),
        kind=pl.lit("update"),
    )


def ticket_fields(records: list[Ticket], first: int, *, text: bool) -> Lists:
    """Return what tickets say of themselves today, and their parts."""
    contacts = [contacts_of(r.contacts) for r in records]
    said = [(r.ticket_attributes or NOTHING).get(DESCRIPTION) for r in records] if text else []
    return {
        **shared_fields(records),
        "contact": [some[0].id if some else None for some in contacts],
        **({"ticket.text": [some if some is None else str(some) for some in said]} if text else {}),
        "is_internal": [
            r.category in INTERNAL or not some for r, some in zip(records, contacts, strict=True)
        ],
        **nested_fields([parts_of(r.ticket_parts) or () for r in records], first, text=text),
    }


def add_tickets(tables: Tables, told: Told) -> None:
    """Take down tickets and their parts; one of the team's own is skipped."""
    fields = told.fields
    records = shared_columns(fields).with_columns(
        *text_columns(fields, "ticket"),
        author_type=pl.lit("user"),
        author="contact",
        skip=pl.when(flags(fields["is_internal"])).then(pl.lit("internal ticket")),
    )
    parts = part_columns(fields, records)
    known = records.select("conversation", "updated", "skip", customer="contact")
    columns: Columns = {"source_type": "ticket", "is_told": True, "is_partial": False}
    tables.known.take(told.export, told.rows, {**known.to_dict(), **columns})
    tables.enter(told, openings_of(records, "0-ticket-" + C("conversation"), "ticket"))
    tables.enter(told, parts)
    tables.enter(told, today_of(records))


def nested_fields(parts: list[Sequence[Part]], first: int, *, text: bool) -> Lists:
    """Return what the parts that records hold tell."""
    told = told_by_parts([part for some in parts for part in some], text=text)
    return {**told, "part.owner": owners(parts, first)}


def part_fields(records: list[Part], first: int, *, text: bool) -> Lists:
    """Return what parts of a file of their own tell."""
    return {
        **told_by_parts(records, text=text),
        "part.owner": list(range(first, first + len(records))),
        "part.conversation": [part.conversation_id for part in records],
    }


def told_by_parts(records: list[Part], *, text: bool) -> Lists:
    """Return what parts tell; whether there is a body where a message depends on it."""
    kinds = [part.part_type for part in records]
    return {
        "part.id": [part.id for part in records],
        "part.at": [part.created_at for part in records],
        "part.kind": kinds,
        **author_fields([part.author for part in records], "part"),
        "part.has_body": [
            kind in MAY_SPEAK and bool(part.body and not part.body.isspace())
            for kind, part in zip(kinds, records, strict=True)
        ],
        **change_fields(records),
        **({"part.text": [part.body for part in records]} if text else {}),
    }


def change_fields(records: list[Part]) -> Lists:
    """Return the states parts set, and whom they assign to."""
    count = len(records)
    told: Lists = {"part.to_type": count, "part.to": count, "part.state": count}
    to = [part.assigned_to for part in records]
    if to.count(None) < count:
        told["part.to_type"] = [t.type if t.__class__ is Assigned else None for t in to]
        told["part.to"] = [t.id if t.__class__ is Assigned else (t or None) for t in to]
    states = [part.ticket_state for part in records]
    if states.count(None) < count:
        told["part.state"] = [s.get("category") if s.__class__ is dict else s for s in states]
    return told


def text_columns(fields: Fields, name: str) -> list[pl.Series]:
    """Return what was written, where it is wanted."""
    told = fields.get(f"{name}.text")
    return [] if told is None else [told.alias("text")]


def part_columns(fields: Fields, records: pl.DataFrame | None) -> pl.DataFrame:
    """Return parts: of records that hold them, or of a file of their own."""
    owner = fields["part.owner"].cast(pl.UInt32)
    is_team = C("to_type") == "team"
    conversation = (
        texts(fields["part.conversation"])
        if records is None
        else records["conversation"].gather(owner)
    )
    return (
        pl.DataFrame(
            {
                "owner": owner,
                "conversation": conversation,
                "id": texts(fields["part.id"]),
                "at": sane_seconds(fields["part.at"], owner),
                "kind": texts(fields["part.kind"]),
                "has_body": flags(fields["part.has_body"]),
                "state": texts(fields["part.state"]),
                "to_type": texts(fields["part.to_type"]),
                "to": texts(fields["part.to"]),
            }
        )
        .with_columns(
            *author_columns(fields, "part"),
            *text_columns(fields, "part"),
            assignee=pl.when(is_team.fill_null(value=False))
            .then(None)
            .when(C("to_type") == "nobody_admin")
            .then(pl.lit(UNASSIGNED))
            .otherwise(nobody(C("to"))),
            team=pl.when(is_team).then("to"),
        )
        .drop("to_type", "to")
    )


def add_parts(tables: Tables, told: Told) -> None:
    """Take down parts of a file of their own; one that names no conversation is a reject."""
    fields = told.fields
    astray = fields["part.conversation"].is_null().arg_true()
    if len(astray):
        ids = fields["part.id"]
        raise Refused({at: Broken("conversation_id: missing", str(ids[at])) for at in astray})
    tables.enter(told, part_columns(fields, None), is_alone=True)


def name_fields(records: list[Admin], first: int) -> Lists:  # nothing is nested
    """Return the names of admins or teams."""
    return {"id": [r.id for r in records], "name": [r.name for r in records]}


def add_names(table: Table, told: Told) -> None:
    """Take down the names of admins or teams."""
    columns: Columns = {"id": texts(told.fields["id"]), "name": texts(told.fields["name"])}
    table.take(told.export, told.rows, columns)
