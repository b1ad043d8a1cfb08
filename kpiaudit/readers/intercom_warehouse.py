"""How `intercom_warehouse` is read; `kpiaudit.sources.intercom_warehouse` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, first_fault, missing, number
from kpiaudit.decoding.parts import companion, dated, silent, table
from kpiaudit.readers.intercom_tables import ENTRIES, KNOWN
from kpiaudit.readers.intercom_timeline import Read, timeline
from kpiaudit.schema import UNASSIGNED
from kpiaudit.sources.intercom_warehouse import OTHERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
VERSION_STAMPS: Final = {
    "updated": "updated_at",
    "created": "created_at",
    "scored": "conversation_rating_created_at",
    "asked": "statistics_first_contact_reply_at",
    "replied": "statistics_first_admin_reply_at",
    "ended": "statistics_last_close_at",
}
VERSION: Final = VERSION_STAMPS | {
    "conversation": "id",
    "state": "state",
    "flag": "priority",
    "assignee": "assignee_id",
    "assignee_type": "assignee_type",
    "team": "team_assignee_id",
    "score": "conversation_rating_value",
    "source_type": "source_type",
    "source_id": "source_id",
    "author": "source_author_id",
    "author_type": "source_author_type",
    "delivered_as": "source_delivered_as",
    "text": "source_body",
}
PART_STAMPS: Final = {"at": "created_at", "updated": "updated_at"}
PART: Final = PART_STAMPS | {
    "id": "id",
    "conversation": "conversation_id",
    "kind": "part_type",
    "author": "author_id",
    "author_type": "author_type",
    "to": "assigned_to_id",
    "to_type": "assigned_to_type",
    "text": "body",
}
NAMES: Final = {"id": "id", "name": "name"}
LINKS: Final = {"conversation": "conversation_id", "key": "tag_id", "active": "_fivetran_active"}
LATER_ZONE: Final = r"(?: UTC|\+00)$"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation, and a row for every other record."""
    careful = settings.careful
    versions = stamped(table(files, "conversations", VERSION, careful=careful), VERSION_STAMPS)
    parts = stamped(table(files, "parts", PART, careful=careful), PART_STAMPS)
    parts = parts.with_columns(is_old=is_old("id", "updated")).collect().lazy()
    versions = versions.with_columns(is_old=is_old("conversation", "updated")).collect().lazy()
    admins = table(files, "admins", NAMES, careful=careful)
    named = [file for file in files if file.part == "names"]
    tags = [file for file in named if "team" not in file.base_name]
    teams = [file for file in named if "team" in file.base_name or "tag" not in file.base_name]
    called_tags = table(tags, "names", NAMES, careful=careful)
    called_teams = table(teams, "names", NAMES, careful=careful)
    links = table(files, "tags of conversations", LINKS, careful=careful)
    sound = versions.filter(C("reject").is_null())
    said = parts.filter(C("reject").is_null() & ~C("is_old"))
    rest = [versions.filter(C("reject").is_not_null()), parts.filter(C("reject").is_not_null())]
    others = [("admins", admins), ("tags of conversations", links)]
    others.append(("names", table(named, "names", NAMES, careful=careful)))
    found = Read(
        entries=pl.concat(
            [
                pl.LazyFrame(schema=ENTRIES),
                openings(sound),
                stand_ins(sound),
                changes(sound, said, tags_of(links, called_tags)),
                entries_of(said),
            ],
            how="diagonal_relaxed",
        ),
        known=known_of(sound),
        admins=admins.select("export", "row", *NAMES),
        teams=called_teams.select("export", "row", *NAMES),
        rest=pl.concat(
            [
                *(frame.select(*GIVEN) for frame in rest),
                parts.filter(C("reject").is_null() & C("is_old")).select(
                    *GIVEN, skip=pl.lit("older version")
                ),
                *(companion(frame, part) for part, frame in others),
                *silent(files, OTHERS, careful=careful),
            ],
            how="diagonal",
        ),
    )
    return timeline(found, settings.us)


def stamped(rows: pl.LazyFrame, stamps: Mapping[str, str]) -> pl.LazyFrame:
    """Return rows with their instants, UTC however the warehouse writes it, and their rejects."""
    key = "conversation" if "scored" in stamps else "id"
    uniform = rows.with_columns(C(name).str.replace(LATER_ZONE, "Z") for name in stamps)
    faults = [missing("id", C(key)), missing("conversation_id", C("conversation"))]
    return dated(uniform, stamps, time_zone="UTC").with_columns(first_fault(faults))


def is_old(key: str, updated: str) -> pl.Expr:
    """Return whether a later version of the record is there; of equal ones the last row is the latest."""
    last = pl.struct(updated, "export", "row").rank("ordinal", descending=True).over(key)
    return last > 1


def seconds(at: str) -> pl.Expr:
    """Return an instant as text of whole seconds, for ids."""
    return C(at).dt.epoch("s").cast(pl.String)


def openings(versions: pl.LazyFrame) -> pl.LazyFrame:
    """Return the first message of each conversation, as its latest version has it."""
    return versions.filter(~C("is_old")).select(
        *(C(name) for name in ("export", "row", "conversation", "author", "author_type", "text")),
        "delivered_as",
        id=pl.lit("0-") + pl.coalesce("source_id", "conversation"),
        at=C("created").dt.epoch("us"),
        kind=pl.lit("source"),
        has_body=pl.lit(value=True),
    )


def stand_ins(versions: pl.LazyFrame) -> pl.LazyFrame:
    """Return ratings, and the instants that stand in for parts that are not there."""
    latest = versions.filter(~C("is_old"))
    place = ("export", "row", "conversation")
    is_closed = C("state") == "closed"
    by_customer = C("author_type").is_in(["user", "lead"]).fill_null(value=False)
    told = [
        ("asked", "asked", "user", ~by_customer),
        ("replied", "reply", "admin", pl.lit(value=True)),
        ("ended", "closed", None, is_closed),
    ]
    rows = [
        latest.filter(C(at).is_not_null() & holds).select(
            *place,
            id=pl.concat_str(pl.lit("s"), C("conversation"), pl.lit(f"-{kind}-"), seconds(at)),
            at=C(at).dt.epoch("us"),
            kind=pl.lit(kind),
            author_type=pl.lit(author, dtype=pl.String),
        )
        for at, kind, author, holds in told
    ]
    score = number(C("score"))
    rated = latest.filter(score.is_between(1, 5) & C("scored").is_not_null()).select(
        *place,
        id=pl.concat_str(pl.lit("r"), C("conversation"), pl.lit("-"), seconds("scored")),
        at=C("scored").dt.epoch("us"),
        kind=pl.lit("rated"),
        author_type=pl.lit("user"),
        rating=(score - 1) / 4,
    )
    return pl.concat([*rows, rated], how="diagonal")


def changes(versions: pl.LazyFrame, parts: pl.LazyFrame, tags: pl.LazyFrame) -> pl.LazyFrame:
    """Return what each version says: assignee and priority, and a new state where no part is known."""
    before = C("state").shift().over("conversation", order_by=["updated", "export", "row"])
    has_parts = parts.select("conversation").unique().with_columns(has_parts=pl.lit(value=True))
    is_new = C("state").ne_missing(before.fill_null("open")) & C("has_parts").is_null()
    to_team = (C("assignee_type") == "team").fill_null(value=False)
    return (
        versions.join(has_parts, on="conversation", how="left", maintain_order="left")
        .with_columns(is_new=is_new)
        .join(tags, on="conversation", how="left", maintain_order="left")
        .select(
            *(C(name) for name in ("export", "row", "conversation")),
            id=pl.concat_str(pl.lit("v"), C("conversation"), pl.lit("-"), seconds("updated")),
            at=C("updated").dt.epoch("us"),
            kind=pl.lit("update"),
            state=pl.when("is_new").then("state"),
            assignee=pl.when(~to_team).then(C("assignee").fill_null(UNASSIGNED)),
            team=pl.coalesce("team", pl.when(to_team).then("assignee")),
            priority=pl.when(C("flag") == "priority")
            .then(pl.lit("high"))
            .otherwise(pl.lit("normal")),
            tags=pl.when(~C("is_old")).then("tags"),
        )
    )


def entries_of(parts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the latest version of every part."""
    return parts.select(
        *(C(name) for name in ("export", "row", "conversation", "id", "kind", "author", "text")),
        "author_type",
        at=C("at").dt.epoch("us"),
        has_body=C("text").is_not_null(),
        is_alone=pl.lit(value=True),
        assignee=pl.when(C("to_type") == "nobody_admin")
        .then(pl.lit(UNASSIGNED))
        .when(C("to_type") != "team")
        .then("to"),
        team=pl.when(C("to_type") == "team").then("to"),
    )


def tags_of(links: pl.LazyFrame, names: pl.LazyFrame) -> pl.LazyFrame:
    """Return each conversation's active tags by name."""
    is_active = C("active").str.to_lowercase().fill_null("true") == "true"
    called = names.select("id", "name").unique("id", keep="last", maintain_order=True)
    return (
        links.filter(is_active & C("conversation").is_not_null() & C("reject").is_null())
        .join(called, left_on="key", right_on="id", how="left", maintain_order="left")
        .group_by("conversation")
        .agg(tags=pl.coalesce("name", "key").drop_nulls().unique().sort())
    )


def known_of(versions: pl.LazyFrame) -> pl.LazyFrame:
    """Return what holds for each conversation."""
    is_customer = C("author_type").is_in(["user", "lead"])
    known = versions.filter(~C("is_old")).select(
        *(C(name) for name in ("export", "row", "conversation", "source_type")),
        updated=C("updated").dt.epoch("us"),
        customer=pl.when(is_customer).then("author"),
        is_told=pl.lit(value=False),
        is_partial=pl.lit(value=False),
    )
    return pl.concat([pl.LazyFrame(schema=KNOWN), known], how="diagonal_relaxed")
