"""Make columns of Zendesk's audits: what was said, and what was set, of many at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from kpiaudit.decoding.fields import Columns, Fields, Lists, Refused, flags, instants, plain, texts
from kpiaudit.decoding.records import Broken
from kpiaudit.readers.zendesk_columns import keys, scores, way
from kpiaudit.schema import NONE, PRIORITIES, UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.decoding.chunks import Told
    from kpiaudit.readers.zendesk_records import Audit, Event, Id
    from kpiaudit.readers.zendesk_tables import Tables

C = pl.col
COMMENTS: Final = frozenset({"Comment", "VoiceComment"})
CHANGES: Final = frozenset({"Create", "Change"})
RATED: Final = "SatisfactionRating"
SCORE: Final = "satisfaction_score"
STATUS: Final = "status"
MISSING: Final = (None, "", "-")
DIMENSIONS: Final = {
    "priority": "priority",
    "assignee_id": "assignee",
    "group_id": "group",
    "tags": "tags",
}
GONE: Final = {"assignee_id": UNASSIGNED, "group_id": NONE, "tags": ""}
TOLD: Final = ("export", "row", "ticket", "at", "audit", "via", "rel")


class Owned(NamedTuple):
    """Events, and the place of the audit each is of."""

    owners: list[int]
    events: list[Event]


def audit_fields(records: list[Audit], first: int, *, text: bool) -> Lists:
    """Return what audits tell, and of their events the comments, the changes of use and the ratings."""
    said, statuses, rated, changed = (Owned([], []) for _ in range(4))
    of_field: dict[Id | None, Owned] = {
        STATUS: statuses,
        SCORE: rated,
        **dict.fromkeys(DIMENSIONS, changed),
    }
    for at, record in enumerate(records, first):
        for event in record.events:
            kind = event.type
            if kind in CHANGES:
                told = of_field.get(event.field_name)
            elif kind in COMMENTS:
                told = said
            else:
                told = rated if kind == RATED else None
            if told is not None:
                told.owners.append(at)
                told.events.append(event)
    public = [e.public for e in said.events]
    lists: Lists = {
        "id": [r.id for r in records],
        "ticket": [r.ticket_id for r in records],
        "at": [r.created_at for r in records],
        "author": [r.author_id for r in records],
        **way([r.via for r in records]),
        **event_fields("said", said),
        "said.type": [e.type for e in said.events] if None in public else len(public),
        "said.author": [e.author_id for e in said.events],
        "said.public": public,
        **event_fields("status", statuses),
        "status.value": plain([e.value or None for e in statuses.events]),
        **event_fields("rated", rated),
        "rated.field": ["None" if e.type == RATED else e.field_name for e in rated.events],
        "rated.value": plain([e.score if e.type == RATED else e.value for e in rated.events]),
        "set.owner": changed.owners,
        "set.field": [e.field_name for e in changed.events],
        "set.value": plain([e.value for e in changed.events]),
        "set.is_list": [e.value.__class__ is list for e in changed.events],
        "set.is_change": [e.type == "Change" for e in changed.events],
    }
    if text:
        lists["said.text"] = [e.body for e in said.events]
    return lists


def event_fields(name: str, told: Owned) -> Lists:
    """Return the audits events are of, and each event's own id and way."""
    ways = [e.via for e in told.events]
    return {
        f"{name}.owner": told.owners,
        f"{name}.id": [e.id for e in told.events],
        f"{name}.has_way": [True if w else None for w in ways] if any(ways) else len(ways),
        **{f"{name}.{key}": some for key, some in way(ways).items()},
    }


def add_audits(tables: Tables, told: Told) -> None:
    """Take down audits, their comments, statuses, ratings, and the dimensions they set."""
    fields, first = told.fields, tables.audits.height
    at = instants(fields["at"], "created_at")
    refuse_events(fields)
    said = event_columns(fields, "said", first) | {
        "said_by": keys(fields["said.author"]),
        "public": flags(fields["said.public"]),
    }
    if tables.text:
        said["text"] = fields["said.text"]
    tables.said.keep(said)
    statuses = event_columns(fields, "status", first)
    tables.statuses.keep(statuses | {"value": fields["status.value"]})
    rated = event_columns(fields, "rated", first)
    rated |= {"field": texts(fields["rated.field"]), "score": scores(fields["rated.value"])}
    tables.rated.keep(rated)
    tables.changed.keep(
        {
            "owner": numbered(fields["set.owner"], first),
            "field": texts(fields["set.field"]),
            "value": fields["set.value"],
            "is_list": flags(fields["set.is_list"]),
            "is_change": flags(fields["set.is_change"]),
        }
    )
    audits: Columns = {
        "at": at,
        "ticket": texts(fields["ticket"]),
        "audit": texts(fields["id"]),
        "author": keys(fields["author"]),
        "via": texts(fields["via"]),
        "rel": fields["rel"],
    }
    tables.audits.take(told.export, told.rows, audits)


def event_columns(fields: Fields, name: str, first: int) -> dict[str, pl.Series]:
    """Return the number of the audit of each event, and the event's own id and way."""
    return {
        "owner": numbered(fields[f"{name}.owner"], first),
        "id": texts(fields[f"{name}.id"]),
        "has_way": flags(fields[f"{name}.has_way"]),
        "via": texts(fields[f"{name}.via"]),
        "rel": fields[f"{name}.rel"],
    }


def numbered(places: pl.Series, first: int) -> pl.Series:
    """Return places among the records of a chunk as places among all of them."""
    return places.cast(pl.UInt32) + first


def refuse_events(fields: Fields) -> None:
    """Raise `Refused` where an audit holds a comment or a priority that cannot be used."""
    owner, value = fields["set.owner"], fields["set.value"]
    changed = pl.DataFrame(
        {"owner": owner, "value": value, "is_list": flags(fields["set.is_list"])}
    )
    is_known = C("value").is_in([*PRIORITIES, *MISSING[1:]]).fill_null(value=True)
    is_priority = texts(fields["set.field"]) == "priority"
    unknown = changed.filter(is_priority).filter(~is_known & ~C("is_list"))
    faults = {
        owner: Broken("priority: not low, normal, high or urgent", text)
        for owner, text in zip(unknown["owner"], unknown["value"], strict=True)
    }
    for at in fields["said.public"].is_null().arg_true():
        faults[fields["said.owner"][at]] = Broken("events.public: missing", fields["said.type"][at])
    if faults:
        raise Refused(faults)


def entries(tables: Tables, *, beside_comments: bool) -> tuple[pl.LazyFrame, pl.LazyFrame]:
    """Return what audits tell as lines of histories, and those that tell nothing as skipped rows.

    Whether a line is all its audit has is told where there are comments besides.
    """
    audits = tables.audits.whole()
    said, statuses = tables.said.whole(), tables.statuses.whole()
    rated = tables.rated.whole().filter(C("score").is_not_null())
    statuses = statuses.filter(C("value").is_not_null())
    updates = updates_told(tables.changed.whole())
    own = "a" + C("audit") + "-"
    parts = [
        of_audits(said, audits).select(
            *TOLD,
            pl.coalesce("id", own + "comment"),
            "public",
            "text",
            pl.coalesce("said_by", "author").alias("author"),
            kind=pl.lit("comment"),
        ),
        of_audits(statuses, audits).select(
            *TOLD,
            "author",
            (own + C("id").fill_null("status")).alias("id"),
            C("value").alias("status"),
            kind=pl.lit("status"),
        ),
        of_audits(rated, audits).select(
            *TOLD,
            "author",
            (own + pl.coalesce("id", "field")).alias("id"),
            "score",
            kind=pl.lit("rated"),
        ),
        of_audits(updates, audits).select(
            *TOLD,
            "author",
            *DIMENSIONS.values(),
            ("a" + C("audit")).alias("id"),
            kind=pl.lit("update"),
        ),
    ]
    lines = pl.concat(parts, how="diagonal")
    owner = pl.concat([events["owner"] for events in (said, statuses, rated, updates)])
    if beside_comments:
        alone = owner.to_frame("owner").select(is_alone=pl.len().over("owner") == 1)
        lines = lines.with_columns(alone["is_alone"])
    is_told = pl.repeat(False, audits.height, eager=True).scatter(owner, True)  # noqa: FBT003
    silent = audits.filter(~is_told).select("export", "row", skip=pl.lit("no comment or change"))
    return lines.lazy(), silent.lazy()


def of_audits(events: pl.DataFrame, audits: pl.DataFrame) -> pl.DataFrame:
    """Return events with the columns of their audits, and the way of its own where one has any."""
    whole = events.hstack(audits[events["owner"]].rename({"via": "via_of", "rel": "rel_of"}))
    if "has_way" not in events.columns or not events["has_way"].any():
        return whole.with_columns(via="via_of", rel="rel_of")
    own = C("has_way")
    return whole.with_columns(
        via=pl.when(own).then("via").otherwise("via_of"),
        rel=pl.when(own).then("rel").otherwise("rel_of"),
    )


def updates_told(changes: pl.DataFrame) -> pl.DataFrame:
    """Return one update for every audit that sets dimensions: of each the last value.

    A dimension taken away reads `(unassigned)` or `(none)`.
    """
    found: list[pl.DataFrame] = []
    for field, name in DIMENSIONS.items():
        gone = pl.when("is_change").then(pl.lit(GONE.get(field)))
        value = pl.when(C("is_list")).then("value")
        spaced = C("value").str.strip_chars().str.replace_all(r"\s+", "\n")
        text = spaced if field == "tags" else C("value")
        is_missing = C("value").is_null() | C("value").is_in(MISSING[1:])
        told = changes.filter(C("field") == field).select(
            "owner",
            value.fill_null(pl.when(is_missing).then(gone).otherwise(text)).alias(name),
        )
        found.append(told.drop_nulls().unique("owner", keep="last", maintain_order=True))
    updates = pl.concat([told.select("owner") for told in found]).unique().sort("owner")
    for told in found:
        updates = updates.join(told, on="owner", how="left", maintain_order="left")
    return updates
