"""How `zendesk_json` is read; `kpiaudit.sources.zendesk_json` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.chunks import at_once, take
from kpiaudit.readers.zendesk_audits import entries
from kpiaudit.readers.zendesk_entries import parts_for
from kpiaudit.readers.zendesk_tables import Tables
from kpiaudit.readers.zendesk_timeline import Parts, timeline

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every ticket, and a row for every other record, in MESSAGES columns.

    Bodies are kept only when the settings ask for text. Instants without an offset are rejected.
    """
    tables = Tables(text=settings.text)
    take(files, parts_for(tables), tables.reject)
    comments = tables.comments.frame() if tables.comments.height else None
    audits, silent = entries(tables, beside_comments=comments is not None)
    parts = Parts(
        tickets=tables.tickets.frame(),
        comments=comments,
        audits=audits,
        users=tables.users.frame(),
        groups=tables.groups.frame(),
        metrics=tables.metrics.frame(),
        faults=pl.concat([tables.faults.frame(), silent], how="diagonal"),
    )
    return at_once(timeline(parts, settings.us))
