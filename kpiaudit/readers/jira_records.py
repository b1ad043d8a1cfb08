"""What of Jira's JSON records is needed, typed; stamps are text, read by whole columns."""

from __future__ import annotations

from typing import Any

import msgspec

Id = int | str


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
    created: str
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

    created: str
    comment: Comments
    updated: str | None = None
    resolutiondate: str | None = None
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
    created: str
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
