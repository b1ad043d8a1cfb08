"""How `intercom_json` is read; `kpiaudit.sources.intercom_json` says what it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import polars as pl

from kpiaudit.decoding.chunks import Part, at_once, take
from kpiaudit.readers import intercom_records as records
from kpiaudit.readers.intercom_entries import (
    add_conversations,
    add_names,
    add_parts,
    add_tickets,
    conversation_fields,
    name_fields,
    part_fields,
    ticket_fields,
)
from kpiaudit.readers.intercom_records import Admin, Conversation, Ticket
from kpiaudit.readers.intercom_tables import Tables
from kpiaudit.readers.intercom_timeline import Read, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation, and a row for every other record."""
    tables = Tables(text=settings.text)
    parts = parts_for(tables)
    take(files, parts, tables.reject)
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
    return at_once(timeline(found, settings.us))


def parts_for(tables: Tables) -> dict[str, Part[Any]]:
    """Return how the records of every part become rows of the tables."""
    conversations: Part[Any] = Part(
        Conversation,
        partial(conversation_fields, text=tables.text),
        partial(add_conversations, tables),
    )
    return {
        "conversations": conversations,
        "old conversations": conversations,
        "parts": Part(
            records.Part, partial(part_fields, text=tables.text), partial(add_parts, tables)
        ),
        "tickets": Part(
            Ticket, partial(ticket_fields, text=tables.text), partial(add_tickets, tables)
        ),
        "admins": Part(Admin, name_fields, partial(add_names, tables.admins)),
        "teams": Part(Admin, name_fields, partial(add_names, tables.teams)),
    }
