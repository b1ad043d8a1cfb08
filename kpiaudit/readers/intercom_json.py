"""How `intercom_json` is read; `kpiaudit.sources.intercom_json` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.records import Broken, read_records
from kpiaudit.readers.intercom_entries import PARTS, Place, Tables
from kpiaudit.readers.intercom_timeline import Read, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings


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
