"""How `jira_json` is read; `kpiaudit.sources.jira_json` says what it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.chunks import PLACE, Part, Told, at_once, take
from kpiaudit.decoding.fields import (
    Columns,
    Fields,
    Lists,
    Refused,
    columns_of,
    in_many,
    in_one,
    instants,
    owners,
)
from kpiaudit.decoding.records import Broken, Table
from kpiaudit.decoding.rows import Faults, timeline, word
from kpiaudit.readers.jira_records import Issue
from kpiaudit.readers.jira_words import PRIORITIES, STATUSES
from kpiaudit.schema import MESSAGES, UNASSIGNED

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.readers.jira_records import Person
    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
ROLES: Final = {"app": "bot", "customer": "customer", "atlassian": "agent"}
STATUS: Final = "status"
FOLLOWED: Final = {"priority": "priority", "assignee": "agent", "labels": "tags"}
KEPT: Final = frozenset({STATUS, *FOLLOWED})
SHARED: Final = ("key", "reporter", "assignee")
ISSUES: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys((*SHARED, "holder", "status", "priority", "category"), pl.String()),
    **dict.fromkeys(("labels", "text"), pl.String()),
    **dict.fromkeys(("created", "updated", "resolved"), pl.Int64()),
    **dict.fromkeys(("is_done", "has_log"), pl.Boolean()),
}
COMMENTS: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys((*SHARED, "id", "author", "name", "kind", "text"), pl.String()),
    "created": pl.Int64(),
    "is_public": pl.Boolean(),
}
ITEMS: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys((*SHARED, "id", "field", "before", "after"), pl.String()),
    "created": pl.Int64(),
    "place": pl.Int64(),
}
"""What changes set; `place` is that of the change among those of its issue."""
STAMPS: Final = {
    "created": "fields.created",
    "updated": "fields.updated",
    "resolved": "fields.resolutiondate",
}
SAID_AT: Final = {"created": "fields.comment.comments[...].created"}
CHANGED_AT: Final = {"created": "changelog.histories[...].created"}


class Tables:
    """Everything decoded so far."""

    def __init__(self, *, text: bool) -> None:
        self.text = text
        self.issues = Table(ISSUES)
        self.comments = Table(COMMENTS)
        self.items = Table(ITEMS)
        self.faults = Faults()


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every issue in MESSAGES columns."""
    tables = Tables(text=settings.text)
    part = part_for(tables)
    take(files, dict.fromkeys((file.part for file in files), part), tables.faults.reject)
    issues, items = tables.issues.frame(), tables.items.frame()
    told = [
        *told_by_issues(issues, items),
        said(tables.comments.frame(), settings.us),
        *changed(items),
        tables.faults.frame(),
    ]
    done = tables.issues.whole().filter("is_done")["status"].str.to_lowercase().unique()
    words = dict.fromkeys(["resolved", *done], "resolved") | STATUSES
    status = C("status").cast(pl.String)
    ours = status.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.String)
    return at_once(timeline(told).with_columns(status=pl.coalesce(ours, status)))


def part_for(tables: Tables) -> Part[Issue]:
    """Return how issues become rows of the tables."""
    return Part(Issue, partial(issue_fields, text=tables.text), partial(add_issues, tables))


def issue_fields(records: list[Issue], first: int, *, text: bool) -> Lists:
    """Return what issues tell, their comments, and what of use their changes set."""
    told = [r.fields for r in records]
    logs = [r.changelog for r in records]
    changes = [log.histories if log else () for log in logs]
    status, assignees = [f.status for f in told], [f.assignee for f in told]
    categories = [s.status_category if s else None for s in status]
    totals = [f.comment.total for f in told], [log.total if log else 0 for log in logs]
    return {
        "key": [r.key for r in records],
        "created": [f.created for f in told],
        "updated": [f.updated for f in told],
        "resolved": [f.resolutiondate for f in told],
        "status": [s.name if s else None for s in status],
        "is_done": [bool(c and c.key == "done") for c in categories],
        "has_log": [log is not None for log in logs],
        "reporter": [key_of(f.reporter) for f in told],
        "assignee": [key_of(p) for p in assignees],
        "holder": [p.display_name or key_of(p) if p else None for p in assignees],
        "priority": [f.priority.name if f.priority else None for f in told],
        "category": [f.issuetype.name if f.issuetype else None for f in told],
        "labels": in_one([f.labels for f in told]),
        "text": [plain(f.description) for f in told] if text else len(told),
        "said": [len(f.comment.comments) for f in told],
        "said in all": totals[0],
        "changed": [len(some) for some in changes],
        "changed in all": totals[1],
        **comment_fields(records, first, text=text),
        "change.owner": owners(changes, first),
        "change.created": [change.created for some in changes for change in some],
        **item_fields(records, first),
    }


def comment_fields(records: list[Issue], first: int, *, text: bool) -> Lists:
    """Return what the comments of issues tell."""
    held = [r.fields.comment.comments for r in records]
    comments = [comment for some in held for comment in some]
    authors = [comment.author for comment in comments]
    return {
        "comment.owner": owners(held, first),
        "comment.id": [comment.id for comment in comments],
        "comment.created": [comment.created for comment in comments],
        "comment.author": [key_of(p) for p in authors],
        "comment.name": [p.display_name if p else None for p in authors],
        "comment.kind": [p.account_type if p else None for p in authors],
        "comment.is_public": [comment.jsd_public for comment in comments],
        "comment.text": [plain(comment.body) for comment in comments] if text else len(comments),
    }


def item_fields(records: list[Issue], first: int) -> Lists:
    """Return what changes of issues set, where that is of use."""
    found = [
        (owner, place, change, item)
        for owner, record in enumerate(records, first)
        if record.changelog
        for place, change in enumerate(record.changelog.histories)
        for item in change.items
        if item.field in KEPT
    ]
    return {
        "item.owner": [owner for owner, _, _, _ in found],
        "item.place": [place for _, place, _, _ in found],
        "item.id": [change.id for _, _, change, _ in found],
        "item.created": [change.created for _, _, change, _ in found],
        "item.field": [item.field for _, _, _, item in found],
        "item.before": [item.from_string for _, _, _, item in found],
        "item.after": [item.to_string for _, _, _, item in found],
    }


def add_issues(tables: Tables, told: Told) -> None:
    """Take down issues, their comments and changes; one that lacks some of them is a reject."""
    fields = told.fields
    columns = columns_of(fields, without(ISSUES), STAMPS)
    instants(fields["change.created"], CHANGED_AT["created"], fields["change.owner"])
    rows = told.rows
    held: list[tuple[Table, pl.Series, Columns]] = []
    for table, name, stamps in (
        (tables.comments, "comment", SAID_AT),
        (tables.items, "item", CHANGED_AT),
    ):
        owner = fields[f"{name}.owner"].cast(pl.UInt32)
        kinds = without(table.schema, *SHARED)
        own = columns_of(fields, kinds, stamps, prefix=f"{name}.", owners=owner)
        shared = {key: columns[key].gather(owner) for key in SHARED}
        held.append((table, rows.gather(owner), {**own, **shared}))
    refuse_incomplete(fields)
    tables.issues.take(told.export, rows, columns)
    for table, own_rows, told_columns in held:
        table.take(told.export, own_rows, told_columns)


def refuse_incomplete(fields: Fields) -> None:
    """Raise `Refused` where only the first page of an issue's comments or changes was saved."""
    incomplete: dict[int, Broken] = {}
    for have, rule in (
        ("changed", "changelog: not all changes"),
        ("said", "fields.comment: not all comments"),
    ):
        there, total = fields[have], fields[f"{have} in all"]
        for at in (total.cast(pl.Float64) > there.cast(pl.Float64)).arg_true():
            incomplete[at] = Broken(rule, f"{there[at]} of {total[at]}")
    if incomplete:
        raise Refused(incomplete)


def without(schema: Mapping[str, pl.DataType], *names: str) -> dict[str, pl.DataType]:
    """Return the columns of a table that tell what a record itself does."""
    return {name: kind for name, kind in schema.items() if name not in {*PLACE, *names}}


def row(name: pl.Expr, at: str, event: pl.Expr) -> list[pl.Expr]:
    """Return what every row of an issue has."""
    return [
        C("export"),
        C("row"),
        C("key").alias("conversation_id"),
        C("reporter").alias("customer"),
        name.alias("message_id"),
        C(at).alias("sent_at"),
        event.alias("event"),
    ]


def told_by_issues(issues: pl.LazyFrame, items: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Return the openings; of issues without a changelog what they say of themselves today, and their end.

    An opening has the dimensions as they stood before the first change of each.
    """
    today = {
        "priority": priority(C("priority")),
        "agent": C("holder"),
        "tags": in_many(C("labels")),
    }
    opening = [
        *row("0-" + C("key"), "created", word("event", "inbound")),
        word("author_role", "customer").alias("author_role"),
        C("category"),
        C("text"),
    ]
    logged, alone = (
        issues.filter("has_log"),
        issues.filter(~C("has_log")).with_columns(updated=pl.coalesce("updated", "created")),
    )
    return [
        before(logged.with_columns(**today), items).select(*opening, *FOLLOWED.values()),
        alone.select(*opening),
        alone.select(*row("u-" + C("key"), "updated", word("event", "update")), **today),
        alone.filter(C("is_done") & C("resolved").is_not_null()).select(
            *row("s-" + C("key"), "resolved", word("event", "status")), "status"
        ),
    ]


def before(issues: pl.LazyFrame, items: pl.LazyFrame) -> pl.LazyFrame:
    """Return issues with their dimensions before the first change of each."""
    ordered = items.with_row_index("order").sort(
        "created", "place", "order", descending=[False, False, True]
    )
    for field, name in FOLLOWED.items():
        first = (
            ordered.filter(C("field") == field)
            .unique(("export", "row"), keep="first", maintain_order=True)
            .select("export", "row", dimension(field, "before").alias("was"), is_told=True)
        )
        told = pl.when(C("is_told").is_not_null()).then("was").otherwise(name)
        issues = (
            issues.join(first, on=("export", "row"), how="left", maintain_order="left")
            .with_columns(told.alias(name))
            .drop("was", "is_told")
        )
    return issues


def said(comments: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return comments: notes, from the customer, or to the customer."""
    event = (
        pl.when(~C("is_public"))
        .then(word("event", "note"))
        .when(C("author_role") == "customer")
        .then(word("event", "inbound"))
        .otherwise(word("event", "outbound"))
    )
    is_ours = C("author_role").is_in(["agent", "unknown"]) & C("is_public")
    name = pl.coalesce(pl.when(C("name") != "").then("name"), "author")
    return comments.with_columns(author_role=author_role(us)).select(
        *row(C("id"), "created", event),
        "author_role",
        "text",
        is_automated=C("author_role") == "bot",
        agent=pl.when(is_ours).then(name),
    )


def author_role(us: Us | None) -> pl.Expr:
    """Return who wrote a comment."""
    kind = MESSAGES["author_role"]
    named = C("kind").fill_null("").replace_strict(ROLES, default="unknown", return_dtype=kind)
    is_agent = is_named((*us.agents, *us.accounts) if us else ())
    return (
        pl.when(C("author").is_null())
        .then(word("author_role", "unknown"))
        .when(is_named(us.bots if us else ()))
        .then(word("author_role", "bot"))
        .when(C("author") == C("reporter"))
        .then(word("author_role", "customer"))
        .when(is_agent | (C("author") == C("assignee")).fill_null(value=False))
        .then(word("author_role", "agent"))
        .otherwise(named)
    )


def is_named(words: Sequence[str]) -> pl.Expr:
    """Return whether an author's id or name is one of `words`, whatever its case."""
    known = [text.lower() for text in words]
    return pl.any_horizontal(
        (C(name).str.to_lowercase().is_in(known) & (C(name) != "")).fill_null(value=False)
        for name in ("author", "name")
    )


def changed(items: pl.LazyFrame) -> list[pl.LazyFrame]:
    """Return the statuses changes set, and of each its dimensions as one update, the last of each."""
    is_status = (C("field") == STATUS) & (C("after") != "")
    place = [C(name) for name in ("export", "row", "place")]
    own = row("h" + C("id"), "created", word("event", "update"))
    set_ = items.filter(C("field") != STATUS)
    updates = set_.unique(("export", "row", "place"), keep="last", maintain_order=True)
    rows = updates.select(*own, "place")
    for field, name in FOLLOWED.items():
        last = set_.filter(C("field") == field).unique(
            ("export", "row", "place"), keep="last", maintain_order=True
        )
        told = last.select(*place, dimension(field, "after").alias(name))
        rows = rows.join(told, on=("export", "row", "place"), how="left", maintain_order="left")
    statuses = items.filter(is_status).select(
        *row("h" + C("id") + "-status", "created", word("event", "status")),
        status="after",
    )
    return [statuses, rows.drop("place")]


def dimension(field: str, told: str) -> pl.Expr:
    """Return the dimension a field of the changelog stands for, before or after a change."""
    if field == "priority":
        return priority(C(told))
    if field == "assignee":
        named = pl.when(C(told) != "").then(told)
        return named.fill_null(UNASSIGNED) if told == "after" else named
    return C(told).fill_null("").str.extract_all(r"\S+")


def priority(name: pl.Expr) -> pl.Expr:
    """Return our word for a priority, null for one of the site's own."""
    return name.str.to_lowercase().replace_strict(
        PRIORITIES, default=None, return_dtype=MESSAGES["priority"]
    )


def key_of(person: Person | None) -> str | None:
    """Return what tells a person from others."""
    return (person.account_id or person.name) if person else None


def plain(body: object) -> str | None:
    """Return a body as text; API 3 gives a tree of nodes."""
    if isinstance(body, dict):
        inner = "".join(plain(node) or "" for node in body.get("content", ()))
        return str(body.get("text", "")) + inner + ("\n" if body.get("type") == "paragraph" else "")
    return body if isinstance(body, str) else None
