"""What Zendesk's files tell, whatever file it comes from: columns of plain values, by what they are of."""

from __future__ import annotations

from typing import Final

import polars as pl

from kpiaudit.decoding.records import Broken, Table

PLACE: Final[dict[str, pl.DataType]] = {"export": pl.String(), "row": pl.UInt32()}
ENTRIES: Final[dict[str, pl.DataType]] = PLACE | {
    "ticket": pl.String(),
    "id": pl.String(),
    "at": pl.Int64(),
    "kind": pl.String(),
    "author": pl.String(),
    "public": pl.Boolean(),
    "via": pl.String(),
    "rel": pl.String(),
    "audit": pl.String(),
    "is_alone": pl.Boolean(),
    "status": pl.String(),
    "priority": pl.String(),
    "assignee": pl.String(),
    "group": pl.String(),
    "tags": pl.String(),
    "score": pl.Float64(),
    "text": pl.String(),
}
"""One line of a ticket's history, whatever file it comes from."""
AUDITS: Final[dict[str, pl.DataType]] = PLACE | {
    "ticket": pl.String(),
    "audit": pl.String(),
    "at": pl.Int64(),
    "author": pl.String(),
    "via": pl.String(),
    "rel": pl.String(),
}
EVENTS: Final[dict[str, pl.DataType]] = {
    "owner": pl.UInt32(),
    "id": pl.String(),
    "has_way": pl.Boolean(),
    "via": pl.String(),
    "rel": pl.String(),
}
"""What events of audits have in common: the place of the audit among all, and their own way."""
SAID: Final[dict[str, pl.DataType]] = EVENTS | {
    "said_by": pl.String(),
    "public": pl.Boolean(),
    "text": pl.String(),
}
STATUSES: Final[dict[str, pl.DataType]] = EVENTS | {"value": pl.String()}
RATED: Final[dict[str, pl.DataType]] = EVENTS | {"field": pl.String(), "score": pl.Float64()}
CHANGED: Final[dict[str, pl.DataType]] = {
    "owner": pl.UInt32(),
    "field": pl.String(),
    "value": pl.String(),
    "is_list": pl.Boolean(),
    "is_change": pl.Boolean(),
}
TICKETS: Final[dict[str, pl.DataType]] = PLACE | {
    "ticket": pl.String(),
    "created": pl.Int64(),
    "updated": pl.Int64(),
    "solved": pl.Int64(),
    "replied": pl.Int64(),
    "status": pl.String(),
    "requester": pl.String(),
    "via": pl.String(),
    "rel": pl.String(),
    "is_messaging": pl.Boolean(),
    "priority": pl.String(),
    "assignee": pl.String(),
    "group": pl.String(),
    "tags": pl.String(),
    "score": pl.Float64(),
    "text": pl.String(),
}
PEOPLE: Final[dict[str, pl.DataType]] = PLACE | {
    "id": pl.String(),
    "name": pl.String(),
    "email": pl.String(),
    "role": pl.String(),
}
STAMPS: Final[dict[str, pl.DataType]] = PLACE | {
    "part": pl.String(),
    "ticket": pl.String(),
    "replied": pl.Int64(),
    "solved": pl.Int64(),
}
FAULTS: Final[dict[str, pl.DataType]] = PLACE | {
    "reject": pl.String(),
    "skip": pl.String(),
    "value": pl.String(),
}


class Tables:
    """Everything decoded so far, by what it is."""

    def __init__(self, *, text: bool) -> None:
        self.text = text
        self.tickets = Table(TICKETS)
        self.comments = Table(ENTRIES)
        self.audits = Table(AUDITS)
        self.said = Table(SAID)
        self.statuses = Table(STATUSES)
        self.rated = Table(RATED)
        self.changed = Table(CHANGED)
        self.users = Table(PEOPLE)
        self.groups = Table(PEOPLE)
        self.metrics = Table(STAMPS)
        self.faults = Table(FAULTS)

    def reject(self, export: str, row: int, broken: Broken) -> None:
        """Take down a record that cannot be used."""
        self.faults.add((export, row, broken.rule, None, broken.value))
