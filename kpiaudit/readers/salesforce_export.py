"""How `salesforce_export` is read; `kpiaudit.sources.salesforce_export` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.parts import dated, table
from kpiaudit.errors import ExportError
from kpiaudit.readers.salesforce_timeline import Tables, timeline

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
