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

from kpiaudit.sources.base import Shape, Source, reader

if TYPE_CHECKING:
    from collections.abc import Mapping


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
    read=reader("salesforce_export"),
    constants={"visibility": "private"},
    seen_in_the_wild=False,
    note="Case with EmailMessage or CaseComment; statuses and owners over time need CaseHistory.",
)
