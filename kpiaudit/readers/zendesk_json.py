"""How `zendesk_json` is read; `kpiaudit.sources.zendesk_json` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kpiaudit.decoding.records import Broken, read_records
from kpiaudit.readers.zendesk_metrics import (
    MetricEvent,
    TicketMetrics,
    add_metric_event,
    add_metrics,
)
from kpiaudit.readers.zendesk_records import (
    Audit,
    Comment,
    Group,
    Ticket,
    User,
    add_audit,
    add_comment,
    add_group,
    add_ticket,
    add_user,
)
from kpiaudit.readers.zendesk_tables import Place, Tables
from kpiaudit.readers.zendesk_timeline import Parts, timeline

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import polars as pl

    from kpiaudit.sources.base import ExportFile, ReadSettings

PARTS: Final[dict[str, tuple[type[Any], Callable[[Tables, Place, Any], None]]]] = {
    "tickets": (Ticket, add_ticket),
    "comments": (Comment, add_comment),
    "audits": (Audit, add_audit),
    "users": (User, add_user),
    "groups": (Group, add_group),
    "ticket_metrics": (TicketMetrics, add_metrics),
    "ticket_metric_events": (MetricEvent, add_metric_event),
}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every ticket, and a row for every other record, in MESSAGES columns.

    Bodies are kept only when the settings ask for text. Instants without an offset are rejected.
    """
    tables = Tables(text=settings.text)
    for file in files:
        kind, add = PARTS[file.part]
        for row, record in read_records(file, kind):
            place = Place(file.name, row)
            if isinstance(record, Broken):
                tables.reject(place, record)
            else:
                add(tables, place, record)
    parts = Parts(
        tickets=tables.tickets.frame(),
        comments=tables.comments.frame(),
        audits=tables.audits.frame(),
        users=tables.users.frame(),
        groups=tables.groups.frame(),
        metrics=tables.metrics.frame(),
        faults=tables.faults.frame(),
    )
    return timeline(parts, settings.us)
