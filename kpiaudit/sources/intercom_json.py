"""Intercom as JSON: conversations with their parts, or parts, tickets, admins and teams in files of their own.

Nothing in Intercom exports this by a click: it is what the API gives at `/conversations/{id}`, page by
page or record by record, and what data connectors save. Times count seconds since 1970, so no zone is
needed. The first message is in `source`, not among the parts. A list of conversations without parts
knows the first answer and the last closing as instants of `statistics`: milestones; its durations leave
office hours out and are not read. Also where parts are missing, such an instant stands in for them.
Priority and assignee hold from `updated_at` on where no part tells of them; tags from when they were put
on, while a tag taken off again is not told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.sources.base import Shape, Source
from kpiaudit.sources.intercom_entries import PARTS, Place, Tables
from kpiaudit.sources.intercom_timeline import Read, timeline
from kpiaudit.sources.records import Broken, read_records

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

KINDS: Final = ("json", "ndjson")
CONVERSATION: Final = {"id", "created_at"}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation, and a row for every other record."""
    tables = Tables(text=settings.text)
    for file in files:
        kind, add = PARTS[file.part]
        for row, record in read_records(file, kind):
            place = Place(file.name, row)
            if isinstance(record, Broken):
                tables.reject(place, record)
            else:
                add(tables, place, record)
    admins, teams = tables.admins.frame(), tables.teams.frame()
    companions = [
        table.select("export", "row", skip=pl.lit(f"companion: {part}"))
        for part, table in (("admins", admins), ("teams", teams))
    ]
    found = Read(
        entries=tables.entries.frame(),
        known=tables.known.frame(),
        admins=admins,
        teams=teams,
        rest=pl.concat([tables.faults.frame(), *companions], how="diagonal"),
    )
    return timeline(found, settings.us)


SOURCE: Final = Source(
    name="intercom_json",
    system="intercom",
    title="Intercom, JSON",
    shapes={
        "conversations": Shape(
            KINDS, frozenset({*CONVERSATION, "state", "source.author.type", "source.delivered_as"})
        ),
        "old conversations": Shape(
            KINDS, frozenset({*CONVERSATION, "conversation_message.author.type"}), is_missed=False
        ),
        "parts": Shape(
            KINDS, frozenset({"id", "part_type", "created_at", "author.type", "conversation_id"})
        ),
        "tickets": Shape(
            KINDS,
            frozenset({*CONVERSATION, "ticket_id", "ticket_attributes", "ticket_state"}),
            is_missed=False,
        ),
        "admins": Shape(KINDS, frozenset({"id", "name", "email", "has_inbox_seat"})),
        "teams": Shape(KINDS, frozenset({"id", "name", "admin_ids"})),
    },
    read=read,
    constants={"visibility": "private"},
    note=(
        "The API's conversations, with parts; without them only first answers and last closings are "
        "known."
    ),
)
