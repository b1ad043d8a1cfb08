"""How `zendesk_warehouse` is read; `kpiaudit.sources.zendesk_warehouse` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import Fault, boolean, first_fault, missing
from kpiaudit.decoding.parts import companion, dated, held, silent, table
from kpiaudit.readers.zendesk_tables import ENTRIES, FAULTS, PEOPLE, STAMPS, TICKETS
from kpiaudit.readers.zendesk_timeline import Parts, timeline
from kpiaudit.schema import NONE, PRIORITIES, UNASSIGNED
from kpiaudit.sources.zendesk_warehouse import CHANGE, OTHERS, PERSON, TAG, TICKET

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COMMENT: Final = {
    "created": "created",
    "id": "id",
    "ticket": "ticket_id",
    "author": "user_id",
    "is_public": "public",
    "tweet": "tweet",
    "facebook": "facebook_comment",
    "voice": "voice_comment",
    "text": "body",
}
FIELDS: Final = {
    "status": "status",
    "priority": "priority",
    "assignee_id": "assignee",
    "group_id": "group",
}
GONE: Final = {"assignee_id": UNASSIGNED, "group_id": NONE}
UTC: Final = "UTC"
IS_SOUND: Final = C("reject").is_null() & C("skip").is_null()


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every ticket, and a row for every other record, in MESSAGES columns.

    The tables are read once and held: the timeline looks at each several times.
    """

    def part(name: str, columns: Mapping[str, str]) -> pl.LazyFrame:
        return table(files, name, columns, careful=settings.careful)

    tags = part("tags", TAG)
    stamps = {name: TICKET[name] for name in ("created", "updated")}
    tickets = with_tags(dated(part("tickets", TICKET), stamps, time_zone=UTC), tags)
    said, changed = comments(part("comments", COMMENT)), changes(part("history", CHANGE))
    if not settings.text:
        said = said.with_columns(text=None)
    users, groups = part("users", PERSON), part("groups", {"id": "id", "name": "name"})
    refused = [rows.filter(~IS_SOUND) for rows in (tickets, said, changed)]
    refused += [rows.filter(C("reject").is_not_null()) for rows in (users, groups)]
    refused += [companion(tags, "tags"), *silent(files, OTHERS, careful=settings.careful)]
    faults = pl.concat([typed(rows, FAULTS) for rows in refused])
    sound = [
        typed(tickets.filter(IS_SOUND), TICKETS),
        typed(said.filter(IS_SOUND), ENTRIES),
        typed(changed.filter(IS_SOUND), ENTRIES),
        typed(users.filter(C("reject").is_null()), PEOPLE),
        typed(groups.filter(C("reject").is_null()), PEOPLE),
        pl.LazyFrame(schema=STAMPS),
    ]
    return timeline(Parts(*held(*sound, faults)), settings.us)


def with_tags(tickets: pl.LazyFrame, tags: pl.LazyFrame) -> pl.LazyFrame:
    """Return tickets with their tags; one that another names as merged into it is tagged so."""
    merged = tickets.select(ticket=C("merged").str.extract_all(r"\d+")).explode("ticket")
    merged = merged.drop_nulls().unique().with_columns(tag=pl.lit("closed_by_merge"))
    known = pl.concat([tags.select("ticket", "tag").drop_nulls(), merged]).unique()
    joined = known.group_by("ticket").agg(C("tag").sort().str.join("\n").alias("tags"))
    word = C("priority")
    unknown = Fault("priority: not low, normal, high or urgent", ~word.is_in(PRIORITIES), word)
    return tickets.join(joined, on="ticket", how="left").with_columns(
        C("created", "updated").dt.epoch("us"),
        *first_fault([missing("id", C("ticket")), unknown]),
        skip=pl.lit(None, pl.String),
    )


def comments(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return messages and notes."""
    read = dated(rows, {"created": "created"}, time_zone=UTC).with_columns(
        public=boolean(C("is_public"))
    )
    faults = [
        missing("ticket_id", C("ticket")),
        Fault("public: neither true nor false", C("public").is_null(), C("is_public")),
    ]
    via = pl.coalesce(
        pl.when(boolean(C(name))).then(pl.lit(word))
        for name, word in (("tweet", "twitter"), ("facebook", "facebook"), ("voice", "voice"))
    )
    return read.with_columns(
        first_fault(faults),
        at=C("created").dt.epoch("us"),
        kind=pl.lit("comment"),
        via=via,
        skip=pl.lit(None, pl.String),
    )


def changes(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return what the field history tells: statuses, and each other dimension as an update."""
    read = dated(rows, {"created": "updated"}, time_zone=UTC).with_columns(
        value_told=pl.coalesce("told", C("field").replace_strict(GONE, default=None))
    )
    value = C("value_told")
    is_known = C("field").is_in(list(FIELDS))
    faults = [
        missing("ticket_id", C("ticket")),
        Fault(
            "priority: not low, normal, high or urgent",
            (C("field") == "priority") & ~value.is_in(PRIORITIES),
            value,
        ),
    ]
    at = C("created").dt.epoch("us")
    skip = (
        pl.when(~is_known.fill_null(value=False))
        .then(pl.lit("change of another field"))
        .when(value.is_null())
        .then(pl.lit("change to nothing"))
    )
    dimensions = {
        name: pl.when(C("field") == field).then(
            value.replace({"on-hold": "hold"}) if field == "status" else value
        )
        for field, name in FIELDS.items()
    }
    return read.with_columns(
        first_fault(faults),
        at=at,
        id=pl.concat_str(
            [pl.lit("h"), C("ticket"), C("field"), (at // 1_000_000).cast(pl.String), value],
            separator="-",
            ignore_nulls=True,
        ),
        kind=pl.when(C("field") == "status").then(pl.lit("status")).otherwise(pl.lit("update")),
        skip=pl.when(C("reject").is_null()).then(skip),
        is_alone=pl.lit(value=False),
        **dimensions,
    )


def typed(rows: pl.LazyFrame, kinds: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """Return rows with the columns of a table of Zendesk's, null where there are none."""
    have = rows.collect_schema().names()
    return rows.select(
        (C(name) if name in have else pl.lit(None)).cast(kind).alias(name)
        for name, kind in kinds.items()
    )
