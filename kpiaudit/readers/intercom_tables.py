"""What Intercom's exports tell, whichever it is: columns of plain values, by what they are of."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.records import Broken, Table

if TYPE_CHECKING:
    from kpiaudit.decoding.chunks import Told
    from kpiaudit.decoding.fields import Columns

PLACE: Final[dict[str, pl.DataType]] = {"export": pl.String(), "row": pl.UInt32()}
ENTRIES: Final[dict[str, pl.DataType]] = PLACE | {
    "conversation": pl.String(),
    "id": pl.String(),
    "at": pl.Int64(),
    "kind": pl.String(),
    "author_type": pl.String(),
    "author": pl.String(),
    "author_name": pl.String(),
    "has_body": pl.Boolean(),
    "is_alone": pl.Boolean(),
    "text": pl.String(),
    "state": pl.String(),
    "assignee": pl.String(),
    "team": pl.String(),
    "delivered_as": pl.String(),
    "priority": pl.String(),
    "tags": pl.List(pl.String()),
    "rating": pl.Float64(),
}
"""One line of a history, whatever it comes from. `kind` is Intercom's `part_type`, or `source` for the
opening, `update` for what a record says today, `rated`; `asked`, `reply` and `closed` for instants of
statistics."""
KNOWN: Final[dict[str, pl.DataType]] = PLACE | {
    "conversation": pl.String(),
    "updated": pl.Int64(),
    "source_type": pl.String(),
    "customer": pl.String(),
    "is_told": pl.Boolean(),
    "is_partial": pl.Boolean(),
    "skip": pl.String(),
}
"""What holds for a whole conversation; `is_told`: every message of it would be there; `is_partial`: but
its beginning is not."""
NAMES: Final[dict[str, pl.DataType]] = PLACE | {"id": pl.String(), "name": pl.String()}
FAULTS: Final[dict[str, pl.DataType]] = PLACE | {"reject": pl.String(), "value": pl.String()}


class Tables:
    """Everything decoded so far, by what it is."""

    def __init__(self, *, text: bool) -> None:
        self.text = text
        self.entries = Table(ENTRIES)
        self.known = Table(KNOWN)
        self.admins = Table(NAMES)
        self.teams = Table(NAMES)
        self.faults = Table(FAULTS)

    def reject(self, export: str, row: int, broken: Broken) -> None:
        """Take down a record that cannot be used."""
        self.faults.add((export, row, broken.rule, broken.value))

    def enter(self, told: Told, entries: pl.DataFrame, *, is_alone: bool = False) -> None:
        """Take down lines of histories; `owner` is the place of the record each is of."""
        rows = told.rows.gather(entries["owner"])
        columns: Columns = dict(entries.drop("owner").to_dict())
        if "has_body" not in columns:
            columns["has_body"] = False
        if not self.text:
            columns.pop("text", None)
        self.entries.take(told.export, rows, {**columns, "is_alone": is_alone})
