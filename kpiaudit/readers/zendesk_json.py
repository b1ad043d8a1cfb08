"""How `zendesk_json` is read; `kpiaudit.sources.zendesk_json` says what it is."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from kpiaudit.decoding.chunks import Part, at_once, take
from kpiaudit.readers.zendesk_entries import PARTS
from kpiaudit.readers.zendesk_tables import Tables
from kpiaudit.readers.zendesk_timeline import Parts, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from kpiaudit.sources.base import ExportFile, ReadSettings


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every ticket, and a row for every other record, in MESSAGES columns.

    Bodies are kept only when the settings ask for text. Instants without an offset are rejected.
    """
    tables = Tables(text=settings.text)
    for file in files:
        kind, fields, add = PARTS[file.part]
        take(file, Part(kind, fields, partial(add, tables)), tables.reject)
    parts = Parts(
        tickets=tables.tickets.frame(),
        comments=tables.comments.frame(),
        audits=tables.audits.frame(),
        users=tables.users.frame(),
        groups=tables.groups.frame(),
        metrics=tables.metrics.frame(),
        faults=tables.faults.frame(),
    )
    return at_once(timeline(parts, settings.us))
