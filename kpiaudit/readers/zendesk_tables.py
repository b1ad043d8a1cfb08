"""What Zendesk's files tell, whatever file it comes from: columns of plain values, by what they are of."""

from __future__ import annotations

from typing import Final, NamedTuple

import msgspec
import polars as pl

from kpiaudit.decoding.records import Broken, Table


class Place(NamedTuple):
    """Where a record stands."""

    export: str
    row: int


class Entry(msgspec.Struct, gc=False):
    """One line of a ticket's history, whatever file it comes from."""

    export: str
    row: int
    ticket: str
    id: str
    at: int
    kind: str
    author: str | None = None
    public: bool | None = None
    via: str | None = None
    rel: str | None = None
    audit: str | None = None
    is_alone: bool = False
    status: str | None = None
    priority: str | None = None
    assignee: str | None = None
    group: str | None = None
    tags: str | None = None
    score: float | None = None
    text: str | None = None


PLACE: Final[dict[str, pl.DataType]] = {"export": pl.String(), "row": pl.UInt32()}
ENTRIES: Final[dict[str, pl.DataType]] = dict.fromkeys(Entry.__struct_fields__, pl.String()) | {
    "row": pl.UInt32(),
    "at": pl.Int64(),
    "public": pl.Boolean(),
    "is_alone": pl.Boolean(),
    "score": pl.Float64(),
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
        self.audits = Table(ENTRIES)
        self.users = Table(PEOPLE)
        self.groups = Table(PEOPLE)
        self.metrics = Table(STAMPS)
        self.faults = Table(FAULTS)

    def reject(self, place: Place, broken: Broken) -> None:
        """Take down a record that cannot be used."""
        self.faults.add((*place, broken.rule, None, broken.value))
