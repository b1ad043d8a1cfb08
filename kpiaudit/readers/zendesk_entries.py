"""Make columns of many of Zendesk's JSON records at once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import compress
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from kpiaudit.decoding.chunks import (
    Columns,
    Lists,
    Refused,
    Told,
    flags,
    instants,
    owners,
    plain,
    strings,
    texts,
)
from kpiaudit.decoding.records import Broken
from kpiaudit.readers.zendesk_metrics import METRICS, minutes, replied_after
from kpiaudit.readers.zendesk_records import (
    Audit,
    Comment,
    Group,
    Id,
    Ticket,
    User,
    Via,
)
from kpiaudit.schema import NONE, PRIORITIES, UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.readers.zendesk_tables import Tables

C = pl.col
COMMENTS: Final = frozenset({"Comment", "VoiceComment"})
CHANGES: Final = frozenset({"Create", "Change"})
RATED: Final = "SatisfactionRating"
SCORE: Final = "satisfaction_score"
MISSING: Final = (None, "", "-")
FIELDS: Final = {
    "priority": "priority",
    "assignee_id": "assignee",
    "group_id": "group",
    "tags": "tags",
}
WATCHED: Final = frozenset({*FIELDS, "status", SCORE})
TOLD: Final = ("owner", "ticket", "at", "author", "via", "rel")
GONE: Final = {"assignee_id": UNASSIGNED, "group_id": NONE, "tags": ""}


def ticket_fields(records: list[Ticket], first: int) -> Lists:
    """Return what tickets tell, and the comments they may hold."""
    metrics = [r.metric_set for r in records]
    ratings = [r.satisfaction_rating for r in records]
    held = [r.comments or () for r in records]
    comments = [c for some in held for c in some]
    told = {f"comments.{name}": values for name, values in comment_fields(comments, 0).items()}
    return {
        "id": [r.id for r in records],
        "created": [r.created_at for r in records],
        "updated": [r.updated_at for r in records],
        "solved": [m.solved_at if m else None for m in metrics],
        "minutes": minutes([m.reply_time_in_minutes if m else None for m in metrics]),
        "status": [r.status for r in records],
        "requester": [r.requester_id for r in records],
        **way([r.via for r in records]),
        "is_messaging": [r.from_messaging_channel for r in records],
        "priority": [r.priority for r in records],
        "assignee": [r.assignee_id for r in records],
        "group": [r.group_id for r in records],
        "tags": [None if r.tags is None else "\n".join(r.tags) for r in records],
        "score": [rating.score if rating else None for rating in ratings],
        "text": [r.description for r in records],
        "owner": owners(held, first),
        **told,
    }


def add_tickets(tables: Tables, told: Told) -> None:
    """Take down tickets and the comments they may hold."""
    lists, ids = told.lists, texts(told.lists["id"])
    created = instants(lists["created"], "created_at")
    columns = {
        "ticket": ids,
        "created": created,
        "updated": instants(lists["updated"], "updated_at").fill_null(created),
        "solved": instants(lists["solved"], "metric_set.solved_at"),
        "replied": replied_after(created, lists["minutes"]),
        "status": strings(lists["status"]),
        "requester": keys(lists["requester"]),
        "via": texts(lists["via"]),
        "rel": strings(lists["rel"]),
        "is_messaging": flags(lists["is_messaging"]).fill_null(value=False),
        "priority": strings(lists["priority"]),
        "assignee": keys(lists["assignee"]),
        "group": keys(lists["group"]),
        "tags": strings(lists["tags"]),
        "score": scores(lists["score"]),
    }
    if tables.text:
        columns["text"] = strings(lists["text"])
    owner = lists["owner"]
    if owner:
        of_comments = {
            name.removeprefix("comments."): values
            for name, values in lists.items()
            if name.startswith("comments.")
        }
        said = comment_columns(of_comments, "comments[...].created_at", owner, text=tables.text)
        rows = pl.Series(told.rows, dtype=pl.UInt32).gather(owner)
        tables.comments.take(told.export, rows, said | {"ticket": ids.gather(owner)})
    tables.tickets.take(told.export, told.rows, columns)


def comment_fields(records: list[Comment], first: int) -> Lists:  # nothing is nested
    """Return what comments tell."""
    return {
        "id": [c.id for c in records],
        "at": [c.created_at for c in records],
        "author": [c.author_id for c in records],
        "public": [c.public for c in records],
        **way([c.via for c in records]),
        "audit": [c.audit_id for c in records],
        "text": [c.body for c in records],
        "ticket": [c.ticket_id for c in records],
    }


def add_comments(tables: Tables, told: Told) -> None:
    """Take down comments; one that names no ticket is a reject."""
    tickets = told.lists["ticket"]
    if None in tickets:
        raise Refused(
            {
                at: Broken("ticket_id: missing", str(told.lists["id"][at]))
                for at, ticket in enumerate(tickets)
                if ticket is None
            }
        )
    said = comment_columns(told.lists, "created_at", None, text=tables.text)
    tables.comments.take(told.export, told.rows, said | {"ticket": texts(tickets)})


def comment_columns(lists: Lists, path: str, owner: Sequence[int] | None, *, text: bool) -> Columns:
    """Return columns of comments that stand alone, or in the tickets that own them."""
    columns: Columns = {
        "at": instants(lists["at"], path, owner),
        "id": texts(lists["id"]),
        "author": keys(lists["author"]),
        "public": flags(lists["public"]),
        "via": texts(lists["via"]),
        "rel": strings(lists["rel"]),
        "audit": keys(lists["audit"]),
        "kind": "comment",
        "is_alone": False,
    }
    if text:
        columns["text"] = strings(lists["text"])
    return columns


def audit_fields(records: list[Audit], first: int) -> Lists:
    """Return what audits tell, and of their events the comments, the changes of use and the ratings."""
    every = [e for r in records for e in r.events]
    owner = owners([r.events for r in records], first)
    is_said = [e.type in COMMENTS for e in every]
    is_set = [(e.type in CHANGES and e.field_name in WATCHED) or e.type == RATED for e in every]
    said, events = list(compress(every, is_said)), list(compress(every, is_set))
    return {
        "id": [r.id for r in records],
        "ticket": [r.ticket_id for r in records],
        "at": [r.created_at for r in records],
        "author": [r.author_id for r in records],
        **way([r.via for r in records]),
        "said.owner": list(compress(owner, is_said)),
        "said.id": [e.id for e in said],
        "said.type": [e.type for e in said],
        "said.author": [e.author_id for e in said],
        "said.public": [e.public for e in said],
        "said.has_way": [bool(e.via) for e in said],
        **{f"said.{name}": some for name, some in way([e.via for e in said]).items()},
        "said.text": [e.body for e in said],
        "set.owner": list(compress(owner, is_set)),
        "set.id": [e.id for e in events],
        "set.type": [e.type for e in events],
        "set.field": [RATED if e.type == RATED else e.field_name for e in events],
        "set.value": plain([e.score if e.type == RATED else e.value for e in events]),
        "set.is_list": [e.value.__class__ is list for e in events],
        "set.is_false": [not e.value for e in events],
        "set.has_way": [bool(e.via) for e in events],
        **{f"set.{name}": some for name, some in way([e.via for e in events]).items()},
    }


def add_audits(tables: Tables, told: Told) -> None:
    """Take down what audits tell: comments, statuses, ratings, and of each its dimensions as one update."""
    lists = told.lists
    audits = pl.DataFrame(
        {
            "at": instants(lists["at"], "created_at"),
            "ticket": texts(lists["ticket"]),
            "audit": texts(lists["id"]),
            "author": keys(lists["author"]),
            "via": texts(lists["via"]),
            "rel": strings(lists["rel"]),
        }
    ).with_row_index("owner")
    said = events_of(lists, "said", audits).with_columns(
        flags(lists["said.public"]).alias("public"),
        pl.coalesce(keys(lists["said.author"]), C("author")).alias("author"),
        pl.coalesce("id", "a" + C("audit") + "-comment").alias("id"),
        kind=pl.lit("comment"),
    )
    if tables.text:
        said = said.with_columns(strings(lists["said.text"]).alias("text"))
    changes = events_of(lists, "set", audits).with_columns(
        texts(lists["set.field"]).alias("field"),
        strings(lists["set.value"]).alias("value"),
        is_list=flags(lists["set.is_list"]),
        is_false=flags(lists["set.is_false"]),
        is_change=strings(lists["set.type"]) == "Change",
    )
    refuse_events(said, lists["said.type"], changes)
    entries = pl.concat(
        [said, statuses_told(changes), ratings_told(changes), updates_told(audits, changes)],
        how="diagonal",
    ).with_columns(is_alone=pl.len().over("owner") == 1)
    rows = pl.Series(told.rows, dtype=pl.UInt32)
    silent = audits.join(entries, on="owner", how="anti")["owner"].sort()
    columns = {name: entries[name] for name in entries.columns if name != "owner"}
    tables.audits.take(told.export, rows.gather(entries["owner"]), columns)
    tables.faults.take(told.export, rows.gather(silent), {"skip": "no comment or change"})


def events_of(lists: Lists, kind: str, audits: pl.DataFrame) -> pl.DataFrame:
    """Return the columns of the audits events are of, with each event's own id and way."""
    owner = pl.Series("owner", lists[f"{kind}.owner"], dtype=pl.UInt32)
    has_way = flags(lists[f"{kind}.has_way"])
    return audits[owner].with_columns(
        texts(lists[f"{kind}.id"]).alias("id"),
        via=pl.when(has_way).then(texts(lists[f"{kind}.via"])).otherwise("via"),
        rel=pl.when(has_way).then(strings(lists[f"{kind}.rel"])).otherwise("rel"),
    )


def refuse_events(said: pl.DataFrame, types: Sequence[str], changes: pl.DataFrame) -> None:
    """Raise `Refused` where an audit holds a comment or a priority that cannot be used."""
    value = C("value")
    is_unknown = ~value.is_in([*PRIORITIES, *MISSING]) & ~C("is_list")
    unknown = changes.filter((C("field") == "priority") & is_unknown)
    faults = {
        owner: Broken("priority: not low, normal, high or urgent", text)
        for owner, text in zip(unknown["owner"], unknown["value"], strict=True)
    }
    for at in said["public"].is_null().arg_true():
        faults[said["owner"][at]] = Broken("events.public: missing", types[at])
    if faults:
        raise Refused(faults)


def statuses_told(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the statuses audits set."""
    told = changes.filter((C("field") == "status") & ~C("is_false"))
    return told.select(
        *TOLD,
        ("a" + C("audit") + "-" + C("id").fill_null("status")).alias("id"),
        C("value").alias("status"),
        kind=pl.lit("status"),
    )


def ratings_told(changes: pl.DataFrame) -> pl.DataFrame:
    """Return the ratings audits tell, and those they set as a field."""
    told = changes.filter(C("field").is_in([RATED, SCORE]))
    fallback = pl.when(C("field") == RATED).then(pl.lit("None")).otherwise("field")
    return told.select(
        *TOLD,
        ("a" + C("audit") + "-" + pl.coalesce("id", fallback)).alias("id"),
        scores(told["value"].to_list()).alias("score"),
        kind=pl.lit("rated"),
    ).filter(C("score").is_not_null())


def updates_told(audits: pl.DataFrame, changes: pl.DataFrame) -> pl.DataFrame:
    """Return one update for every audit that sets dimensions: of each the last value.

    A dimension taken away reads `(unassigned)` or `(none)`.
    """
    found: list[pl.DataFrame] = []
    for field, name in FIELDS.items():
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
    return updates.join(audits, on="owner", how="left", maintain_order="left").select(
        *TOLD,
        *FIELDS.values(),
        ("a" + C("audit")).alias("id"),
        kind=pl.lit("update"),
    )


def person_fields(records: list[User], first: int) -> Lists:  # nothing is nested
    """Return what users tell."""
    return {
        "id": [r.id for r in records],
        "name": [r.name for r in records],
        "email": [r.email for r in records],
        "role": [r.role for r in records],
    }


def add_users(tables: Tables, told: Told) -> None:
    """Take down agents and customers."""
    columns = {name: strings(told.lists[name]) for name in ("name", "email", "role")}
    tables.users.take(told.export, told.rows, columns | {"id": texts(told.lists["id"])})


def group_fields(records: list[Group], first: int) -> Lists:  # nothing is nested
    """Return what groups tell."""
    return {"id": [r.id for r in records], "name": [r.name for r in records]}


def add_groups(tables: Tables, told: Told) -> None:
    """Take down teams."""
    columns = {"id": texts(told.lists["id"]), "name": strings(told.lists["name"])}
    tables.groups.take(told.export, told.rows, columns)


def keys(identifiers: list[Id | None]) -> pl.Series:
    """Return ids as text; chat events write an agent's as `agent:<id>`."""
    return texts(identifiers).str.strip_prefix("agent:")


def way(ways: list[Via | str | None]) -> Lists:
    """Return the channel and relation of each `via`, which old exports write as one word."""
    return {
        "via": [w.channel if w.__class__ is Via else w for w in ways],
        "rel": [w.source.rel if w.__class__ is Via and w.source else None for w in ways],
    }


def scores(words: list[Any]) -> pl.Series:
    """Return the rating each word stands for; `offered` and `unoffered` are not ratings."""
    word = texts(words).str.to_lowercase()
    is_good, is_bad = word.str.starts_with("good"), word.str.starts_with("bad")
    return (
        word.to_frame("word").select(pl.when(is_good).then(1.0).when(is_bad).then(0.0)).to_series()
    )


PARTS: Final[
    dict[str, tuple[type[Any], Callable[[list[Any], int], Lists], Callable[[Tables, Told], None]]]
] = {
    "tickets": (Ticket, ticket_fields, add_tickets),
    "comments": (Comment, comment_fields, add_comments),
    "audits": (Audit, audit_fields, add_audits),
    "users": (User, person_fields, add_users),
    "groups": (Group, group_fields, add_groups),
    **METRICS,
}
