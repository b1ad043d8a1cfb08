"""Salesforce Service Cloud, one CSV per object: *Setup > Data Export > Export Now*, and unpack what it mails.

`Case.csv` with `EmailMessage.csv` or `CaseComment.csv` or both; without these nobody could tell who was answered,
and the export is refused. `CaseHistory.csv` (or the snapshots of `CaseHistory2.csv`) tells statuses, owners and
priorities over time; without it today's hold from `LastModifiedDate` on, and `ClosedDate` is the only closing.
`User.csv` and `Group.csv` tell names, portal users and the automated process; without them a published
comment of somebody who owns no case is of unknown role. Feed items, calls and surveys are not read. Stamps
are UTC, with or without an offset; report exports are local time, in other columns, and are not claimed.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.errors import ExportError
from kpiaudit.sources.base import Shape, Source
from kpiaudit.sources.parts import dated, table
from kpiaudit.sources.salesforce_timeline import Tables, timeline

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
PARTS: Final[Mapping[str, Mapping[str, str]]] = {
    "cases": {
        "id": "Id",
        "at": "CreatedDate",
        "closed": "ClosedDate",
        "modified": "LastModifiedDate",
        "number": "CaseNumber",
        "state": "Status",
        "level": "Priority",
        "origin": "Origin",
        "owner": "OwnerId",
        "contact": "ContactId",
        "address": "SuppliedEmail",
        "category": "Type",
        "is_closed": "IsClosed",
        "is_deleted": "IsDeleted",
        "text": "Description",
    },
    "emails": {
        "id": "Id",
        "case": "ParentId",
        "at": "MessageDate",
        "created": "CreatedDate",
        "author": "CreatedById",
        "incoming": "Incoming",
        "delivery": "Status",
        "sender": "FromName",
        "address": "FromAddress",
        "headers": "Headers",
        "is_visible": "IsExternallyVisible",
        "is_deleted": "IsDeleted",
        "text": "TextBody",
    },
    "comments": {
        "id": "Id",
        "case": "ParentId",
        "at": "CreatedDate",
        "author": "CreatedById",
        "published": "IsPublished",
        "is_deleted": "IsDeleted",
        "text": "CommentBody",
    },
    "history": {
        "id": "Id",
        "case": "CaseId",
        "at": "CreatedDate",
        "field": "Field",
        "before": "OldValue",
        "after": "NewValue",
        "is_deleted": "IsDeleted",
    },
    "snapshots": {
        "id": "Id",
        "case": "CaseId",
        "at": "LastModifiedDate",
        "state": "Status",
        "owner": "OwnerId",
        "is_deleted": "IsDeleted",
    },
    "users": {
        "id": "Id",
        "login": "Username",
        "first": "FirstName",
        "last": "LastName",
        "kind": "UserType",
    },
    "groups": {"id": "Id", "last": "Name", "kind": "Type"},
}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every case, and a row for every other record, in MESSAGES columns.

    Raises `ExportError` for cases without e-mails and comments.
    """
    parts = {file.part for file in files}
    cases = next((file for file in files if file.part == "cases"), files[0])
    if not parts & {"emails", "comments"}:
        raise ExportError(
            "tells cases and not who was answered",
            where=cases.name,
            hint="export EmailMessage and CaseComment too",
        )
    return timeline(tables_of(files, careful=settings.careful), settings.us)


def tables_of(files: Sequence[ExportFile], *, careful: bool) -> Tables:
    """Return every object: instants read, ids cut."""
    found = {}
    for part, columns in PARTS.items():
        rows = table(files, part, columns, careful=careful)
        if part == "emails":
            rows = rows.with_columns(at=pl.coalesce("at", "created"))
        if "at" in columns:
            stamps = {
                name: columns[name] for name in ("at", "closed", "modified") if name in columns
            }
            rows = dated(rows, stamps, time_zone="UTC")
        ids = [name for name in ("id", "case", "owner", "author", "contact") if name in columns]
        found[part] = rows.with_columns(C(name).str.slice(0, 15) for name in ids)
    parts = {file.part for file in files}
    return Tables(
        **found,
        has_changes="history" in parts,
        has_history=bool(parts & {"history", "snapshots"}),
    )


SIGNATURES: Final[Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "cases": (
        frozenset({"Id", "CaseNumber", "Status", "OwnerId", "CreatedDate", "ClosedDate"}),
        frozenset(),
    ),
    "emails": (frozenset({"Id", "ParentId", "Incoming", "MessageDate", "Status"}), frozenset()),
    "comments": (
        frozenset({"Id", "ParentId", "IsPublished", "CommentBody", "CreatedById", "CreatedDate"}),
        frozenset(),
    ),
    "history": (
        frozenset({"Id", "CaseId", "Field", "OldValue", "NewValue", "CreatedDate"}),
        frozenset(),
    ),
    "snapshots": (
        frozenset({"Id", "CaseId", "Status", "OwnerId", "LastModifiedDate"}),
        frozenset({"Field"}),
    ),
    "users": (frozenset({"Id", "Username", "LastName", "UserType"}), frozenset()),
    "groups": (frozenset({"Id", "Name", "DeveloperName", "Type"}), frozenset({"Username"})),
}

SOURCE: Final = Source(
    name="salesforce_export",
    system="salesforce",
    title="Salesforce Service Cloud, CSVs of a data export",
    shapes={
        part: Shape(("csv",), columns, none_of=others)
        for part, (columns, others) in SIGNATURES.items()
    },
    read=read,
    constants={"visibility": "private"},
    seen_in_the_wild=False,
    note="Case with EmailMessage or CaseComment; statuses and owners over time need CaseHistory.",
)
