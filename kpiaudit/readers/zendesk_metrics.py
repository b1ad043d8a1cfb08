"""Zendesk's own measurements, for tickets whose comments or audits are not there: only their stamps.

`ticket_metric_events` date the first reply and the solution to the second; `ticket_metrics` know the
solution, and of the first reply how many minutes it took, round the clock. Minutes of business hours and
the verdicts on Zendesk's SLAs are not read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from kpiaudit.decoding.fields import Columns, Lists, flags, instants, texts
from kpiaudit.readers.zendesk_records import MetricEvent, Minutes, TicketMetrics

if TYPE_CHECKING:
    from kpiaudit.decoding.chunks import Told
    from kpiaudit.readers.zendesk_tables import Tables

C = pl.col
MICROSECONDS_A_MINUTE: Final = 60_000_000
FIRST: Final = 1
"""The `instance_id` of a ticket's first wait for a reply."""
SOLVED_BY: Final = ("resolution_time", "requester_wait_time")


def metrics_fields(records: list[TicketMetrics], first: int) -> Lists:  # nothing is nested
    """Return what was measured of tickets."""
    return {
        "ticket": [r.ticket_id for r in records],
        "created": [r.created_at for r in records],
        "solved": [r.solved_at for r in records],
        "minutes": minutes([r.reply_time_in_minutes for r in records]),
    }


def add_metrics(tables: Tables, told: Told) -> None:
    """Take down what was measured of tickets."""
    created = instants(told.fields["created"], "created_at")
    columns: Columns = {
        "part": "ticket_metrics",
        "ticket": texts(told.fields["ticket"]),
        "replied": replied_after(created, told.fields["minutes"]),
        "solved": instants(told.fields["solved"], "solved_at"),
    }
    tables.metrics.take(told.export, told.rows, columns)


def moment_fields(records: list[MetricEvent], first: int) -> Lists:  # nothing is nested
    """Return moments of Zendesk's clocks."""
    return {
        "ticket": [r.ticket_id for r in records],
        "at": [r.time for r in records],
        "is_end": [not r.deleted and r.type == "fulfill" for r in records],
        "is_reply": [r.metric == "reply_time" and r.instance_id == FIRST for r in records],
        "is_solution": [r.metric in SOLVED_BY for r in records],
    }


def add_moments(tables: Tables, told: Told) -> None:
    """Take down moments; those that end neither the first wait nor the ticket are only counted."""
    fields = told.fields
    moments = pl.DataFrame(
        {
            "at": instants(fields["at"], "time"),
            **{name: flags(fields[name]) for name in ("is_end", "is_reply", "is_solution")},
        }
    ).select(
        replied=pl.when(C("is_end") & C("is_reply")).then("at"),
        solved=pl.when(C("is_end") & C("is_solution")).then("at"),
    )
    columns: Columns = {"part": "ticket_metric_events", "ticket": texts(fields["ticket"])}
    tables.metrics.take(told.export, told.rows, columns | dict(moments.to_dict()))


def minutes(measured: Iterable[Minutes | None]) -> list[int | None]:
    """Return durations in minutes, round the clock."""
    return [m.calendar if m else None for m in measured]


def replied_after(created: pl.Series, known: pl.Series) -> pl.Series:
    """Return when first replies were sent, to the minute, in microseconds since 1970."""
    return created + known.cast(pl.Int64) * MICROSECONDS_A_MINUTE


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


METRICS: Final[
    dict[str, tuple[type[Any], Callable[[list[Any], int], Lists], Callable[[Tables, Told], None]]]
] = {
    "ticket_metrics": (TicketMetrics, metrics_fields, add_metrics),
    "ticket_metric_events": (MetricEvent, moment_fields, add_moments),
}
