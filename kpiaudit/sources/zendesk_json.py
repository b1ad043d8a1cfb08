"""Zendesk Support as JSON: tickets, comments, audits, users, groups and metrics, in several files.

Admin Center > Account > Tools > Reports > Export gives tickets; comments, audits, users, groups,
`ticket_metrics` and `ticket_metric_events` come from the API, page by page or incrementally. Every
instant carries its offset, UTC.

What each file adds: comments the messages; audits the statuses, priorities, teams and assignees over
time (and the comments, where there is no comments file); users the roles and names; groups the names
of teams. Without audits today's priority, team and assignee hold from `updated_at` on, and no
resolution is told (`updated_at` is not when a ticket was solved) unless the metrics, or the ticket's own
`metric_set`, date it; without comments they date the first reply too: metric events to the second, the
others to the minute, for they count it. With tickets alone only the opening is known, as a milestone:
not whether anybody answered. Minutes of business hours are never read. Without users the requester is the customer, the assignee and whoever writes a note
an agent, anybody else unknown. Transcripts inside chat events are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kpiaudit.sources.base import Shape, Source
from kpiaudit.sources.records import Broken, read_records
from kpiaudit.sources.zendesk_metrics import (
    MetricEvent,
    TicketMetrics,
    add_metric_event,
    add_metrics,
)
from kpiaudit.sources.zendesk_records import (
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
from kpiaudit.sources.zendesk_tables import Place, Tables
from kpiaudit.sources.zendesk_timeline import Parts, timeline

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


KINDS: Final = ("json", "ndjson")

SOURCE: Final = Source(
    name="zendesk_json",
    system="zendesk",
    title="Zendesk Support, JSON",
    shapes={
        "tickets": Shape(
            KINDS,
            frozenset({"id", "created_at", "status", "requester_id", "submitter_id"}),
            none_of=frozenset({"ticket_id", "events"}),
        ),
        "comments": Shape(
            KINDS,
            frozenset({"id", "ticket_id", "author_id", "public", "created_at"}),
            none_of=frozenset({"events"}),
        ),
        "audits": Shape(KINDS, frozenset({"id", "ticket_id", "author_id", "created_at", "events"})),
        "users": Shape(
            KINDS,
            frozenset({"id", "name", "email", "role"}),
            none_of=frozenset({"ticket_id", "requester_id"}),
        ),
        "groups": Shape(
            KINDS,
            frozenset({"id", "name", "deleted"}),
            none_of=frozenset({"ticket_id", "requester_id", "role", "email"}),
        ),
        "ticket_metrics": Shape(
            KINDS, frozenset({"id", "ticket_id", "created_at", "reply_time_in_minutes", "reopens"})
        ),
        "ticket_metric_events": Shape(
            KINDS, frozenset({"id", "ticket_id", "metric", "instance_id", "type", "time"})
        ),
    },
    read=read,
    note=(
        "Pages of the Support API or a full JSON export; resolution and priorities over time need the "
        "audits, roles the users."
    ),
)
