"""How `jira_json` is read; `kpiaudit.sources.jira_json` says what it is."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from kpiaudit.decoding.records import Broken, read_records
from kpiaudit.decoding.rows import Id, Instant, Row, Rows, is_our_agent, is_our_bot, micros
from kpiaudit.readers.jira_words import PRIORITIES, STATUSES
from kpiaudit.schema import UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

ROLES: Final = {"app": "bot", "customer": "customer", "atlassian": "agent"}
FOLLOWED: Final = ("priority", "assignee", "labels")


class Record(msgspec.Struct, rename="camel", gc=False):
    """What Jira spells in camel case."""


class Named(Record):
    """A priority or an issue type."""

    name: str | None = None


class Person(Record):
    """A user; Jira Server knows `name` instead of `accountId`."""

    account_id: str | None = None
    name: str | None = None
    display_name: str | None = None
    account_type: str | None = None


class Comment(Record):
    """One comment; internal where `jsdPublic` is false."""

    id: Id
    created: Instant
    author: Person | None = None
    body: Any = None
    jsd_public: bool = True


class Comments(Record):
    """The comments of an issue, or the first page of them."""

    comments: list[Comment]
    total: int = 0


class Category(Record):
    """The kind of a status: new, indeterminate, done."""

    key: str | None = None


class Status(Record):
    """Where an issue stands today."""

    name: str
    status_category: Category | None = None


class Fields(Record):
    """An issue as it stood when it was exported."""

    created: Instant
    comment: Comments
    updated: Instant | None = None
    resolutiondate: Instant | None = None
    status: Status | None = None
    reporter: Person | None = None
    assignee: Person | None = None
    priority: Named | None = None
    issuetype: Named | None = None
    labels: list[str] | None = None
    description: Any = None


class Item(Record):
    """One field a change set."""

    field: str
    from_string: str | None = None
    to_string: str | None = None


class Change(Record):
    """One entry of the changelog."""

    id: Id
    created: Instant
    items: list[Item]


class Changelog(Record):
    """The changes of an issue, or the first page of them."""

    histories: list[Change]
    total: int = 0


class Issue(Record):
    """One issue."""

    id: Id
    key: str
    fields: Fields
    changelog: Changelog | None = None


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every issue in MESSAGES columns."""
    rows, solved = Rows(), {"resolved"}
    for file in files:
        for number, issue in read_records(file, Issue):
            if isinstance(issue, Broken):
                rows.reject(file.name, number, issue)
                continue
            partial = incomplete(issue)
            if partial:
                rows.reject(file.name, number, partial)
                continue
            status = issue.fields.status
            if status and status.status_category and status.status_category.key == "done":
                solved.add(status.name.lower())
            for row in Teller(file.name, number, issue, settings).rows():
                rows.tell(row)
    words = dict.fromkeys(solved, "resolved") | STATUSES
    word = pl.col("status").cast(pl.String)
    return rows.messages().with_columns(
        status=pl.coalesce(
            word.str.to_lowercase().replace_strict(words, default=None, return_dtype=pl.String),
            word,
        )
    )


def incomplete(issue: Issue) -> Broken | None:
    """Return the rule an issue breaks of which only the first page of comments or changes was saved."""
    said, changed = issue.fields.comment, issue.changelog
    if said.total > len(said.comments):
        return Broken("fields.comment: not all comments", f"{len(said.comments)} of {said.total}")
    if changed and changed.total > len(changed.histories):
        return Broken("changelog: not all changes", f"{len(changed.histories)} of {changed.total}")
    return None


class Teller:
    """Tells one issue as rows."""

    def __init__(self, export: str, row: int, issue: Issue, settings: ReadSettings) -> None:
        self.issue = issue
        self.fields = issue.fields
        self.us: Us | None = settings.us
        self.text = settings.text
        self.place: Row = {"export": export, "row": row, "conversation_id": issue.key}
        self.customer = key_of(issue.fields.reporter)

    def row(self, name: str, at: datetime, event: str, **columns: object) -> Row:
        """Return one row of the issue."""
        named = {"message_id": name, "sent_at": micros(at), "event": event}
        return self.place | named | {"customer": self.customer} | columns

    def rows(self) -> Sequence[Row]:
        """Return the opening, every comment and every change."""
        fields, issue = self.fields, self.issue
        text = plain(fields.description) if self.text else None
        category = fields.issuetype.name if fields.issuetype else None
        opening = {"author_role": "customer", "category": category, "text": text}
        rows = [self.said(comment) for comment in fields.comment.comments]
        if issue.changelog:
            changes = sorted(issue.changelog.histories, key=lambda change: change.created)
            first = self.first(changes)
            rows += [row for change in changes for row in self.changed(change)]
            return [
                self.row(f"0-{issue.key}", fields.created, "inbound", **opening, **first),
                *rows,
            ]
        rows.append(self.row(f"0-{issue.key}", fields.created, "inbound", **opening))
        rows.append(
            self.row(f"u-{issue.key}", fields.updated or fields.created, "update", **self.today())
        )
        status = fields.status
        is_done = status and status.status_category and status.status_category.key == "done"
        if status and is_done and fields.resolutiondate:
            rows.append(
                self.row(f"s-{issue.key}", fields.resolutiondate, "status", status=status.name)
            )
        return rows

    def said(self, comment: Comment) -> Row:
        """Return a comment: a note, from the customer, or to the customer."""
        person = comment.author
        role = self.role(person)
        event = "inbound" if role == "customer" else "outbound"
        name = person.display_name or key_of(person) if person else None
        return self.row(
            str(comment.id),
            comment.created,
            event if comment.jsd_public else "note",
            author_role=role,
            is_automated=role == "bot",
            agent=name if role in {"agent", "unknown"} and comment.jsd_public else None,
            text=plain(comment.body) if self.text else None,
        )

    def role(self, person: Person | None) -> str:
        """Return who wrote a comment."""
        key = key_of(person)
        if person is None or key is None:
            return "unknown"
        if is_our_bot(self.us, key, person.display_name):
            return "bot"
        if key == self.customer:
            return "customer"
        if is_our_agent(self.us, key, person.display_name) or key == key_of(self.fields.assignee):
            return "agent"
        return ROLES.get(person.account_type or "", "unknown")

    def today(self) -> Row:
        """Return the dimensions as they stood when the issue was exported."""
        fields = self.fields
        assignee = fields.assignee
        return {
            "priority": priority(fields.priority.name if fields.priority else None),
            "agent": assignee.display_name or key_of(assignee) if assignee else None,
            "tags": fields.labels,
        }

    def first(self, changes: Sequence[Change]) -> Row:
        """Return the dimensions as they stood at the opening: before the first change of each."""
        found = self.today()
        for change in reversed(changes):
            for item in change.items:
                if item.field in FOLLOWED:
                    found |= dimension(item.field, item.from_string, gone=None)
        return found

    def changed(self, change: Change) -> list[Row]:
        """Return the rows of a change: a status, and the dimensions it set."""
        rows: list[Row] = []
        dimensions: Row = {}
        for item in change.items:
            if item.field == "status" and item.to_string:
                name = f"h{change.id}-status"
                rows.append(self.row(name, change.created, "status", status=item.to_string))
            elif item.field in FOLLOWED:
                dimensions |= dimension(item.field, item.to_string, gone=UNASSIGNED)
        if dimensions:
            rows.append(self.row(f"h{change.id}", change.created, "update", **dimensions))
        return rows


def dimension(field: str, word: str | None, *, gone: str | None) -> Row:
    """Return the dimension a field of the changelog stands for."""
    if field == "priority":
        return {"priority": priority(word)}
    if field == "assignee":
        return {"agent": word or gone}
    return {"tags": (word or "").split()}


def priority(name: str | None) -> str | None:
    """Return our word for a priority, None for one of the site's own."""
    return PRIORITIES.get((name or "").lower())


def key_of(person: Person | None) -> str | None:
    """Return what tells a person from others."""
    return (person.account_id or person.name) if person else None


def plain(body: object) -> str | None:
    """Return a body as text; API 3 gives a tree of nodes."""
    if isinstance(body, dict):
        inner = "".join(plain(node) or "" for node in body.get("content", ()))
        return str(body.get("text", "")) + inner + ("\n" if body.get("type") == "paragraph" else "")
    return body if isinstance(body, str) else None
