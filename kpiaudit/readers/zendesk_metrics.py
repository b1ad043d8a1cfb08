"""Zendesk's own measurements, for tickets whose comments or audits are not there: only their stamps.

`ticket_metric_events` date the first reply and the solution to the second; `ticket_metrics` know the
solution, and of the first reply how many minutes it took, round the clock. Minutes of business hours and
the verdicts on Zendesk's SLAs are not read.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from kpiaudit.readers.zendesk_records import Id, Instant, Minutes, micros, replied_after

if TYPE_CHECKING:
    from kpiaudit.readers.zendesk_tables import Place, Tables

C = pl.col
FIRST: Final = 1
"""The `instance_id` of a ticket's first wait for a reply."""
SOLVED_BY: Final = ("resolution_time", "requester_wait_time")


class TicketMetrics(msgspec.Struct, gc=False):
    """What Zendesk computed for a ticket; `initially_assigned_at` may lie before its creation."""

    ticket_id: Id
    created_at: Instant
    solved_at: Instant | None = None
    reply_time_in_minutes: Minutes | None = None


class MetricEvent(msgspec.Struct, gc=False):
    """One moment of one of Zendesk's clocks."""

    ticket_id: Id
    metric: str
    type: str
    time: Instant
    instance_id: int | None = None
    deleted: bool | None = None


def add_metrics(tables: Tables, place: Place, metrics: TicketMetrics) -> None:
    """Take down what was measured of a ticket."""
    created = micros(metrics.created_at)
    replied = replied_after(created, metrics.reply_time_in_minutes)
    solved = micros(metrics.solved_at) if metrics.solved_at else None
    tables.metrics.add((*place, "ticket_metrics", str(metrics.ticket_id), replied, solved))


def add_metric_event(tables: Tables, place: Place, event: MetricEvent) -> None:
    """Take down a moment; those that end neither the first wait nor the ticket are only counted."""
    at = None if event.deleted or event.type != "fulfill" else micros(event.time)
    is_reply = event.metric == "reply_time" and event.instance_id == FIRST
    tables.metrics.add(
        (
            *place,
            "ticket_metric_events",
            str(event.ticket_id),
            at if is_reply else None,
            at if event.metric in SOLVED_BY else None,
        )
    )


def with_stamps(tickets: pl.LazyFrame, metrics: pl.LazyFrame) -> pl.LazyFrame:
    """Return tickets with the first reply and the last solution of their metrics, else their own.

    A reply dated by an event counts before one placed by minutes.
    """
    is_event = C("part") == "ticket_metric_events"
    by_ticket = metrics.group_by("ticket").agg(
        dated=C("replied").filter(is_event).min(),
        placed=C("replied").filter(~is_event).min(),
        last=C("solved").max(),
    )
    return (
        tickets.join(by_ticket, on="ticket", how="left")
        .with_columns(
            replied=pl.coalesce("dated", "placed", "replied"), solved=pl.coalesce("last", "solved")
        )
        .drop("dated", "placed", "last")
    )
