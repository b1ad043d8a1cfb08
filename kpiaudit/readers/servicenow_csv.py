"""How `servicenow_csv` is read; `kpiaudit.sources.servicenow_csv` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN
from kpiaudit.decoding.milestones import Step, unpivot
from kpiaudit.decoding.parts import dated, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STAMPS: Final = {
    "opened": "opened_at",
    "resolved": "resolved_at",
    "closed": "closed_at",
    "reopened": "reopened_time",
}
COLUMNS: Final = STAMPS | {
    "conversation_id": "number",
    "incident_state": "incident_state",
    "state": "state",
    "level": "priority",
    "contact": "contact_type",
    "team": "assignment_group",
    "agent": "assigned_to",
    "caller": "caller_id",
    "opener": "opened_by",
    "category": "category",
    "text": "short_description",
}
DONE: Final = ("6", "7", "8", "resolved", "closed", "canceled", "cancelled")
OVER: Final = ("7", "8", "closed", "canceled", "cancelled")
PRIORITIES: Final = {"1": "urgent", "2": "high", "3": "normal", "4": "low", "5": "low"}
CHANNELS: Final[dict[str, str]] = {
    "phone": "voice",
    "email": "email",
    "chat": "chat",
    "virtual agent": "chat",
    "virtual_agent": "chat",
    "self-service": "form",
    "web": "form",
    "social": "social",
}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return up to four rows per incident: opened, resolved, closed, reopened."""
    incidents = table(files, "incidents", COLUMNS, careful=settings.careful)
    rank = C("level").str.extract(r"^\s*(\d)")
    typed = dated(
        incidents, STAMPS, time_zone=settings.time_zone, date_order=settings.date_order
    ).with_columns(
        state=pl.coalesce("incident_state", "state").str.strip_chars().str.to_lowercase(),
        priority=rank.replace_strict(PRIORITIES, default=None, return_dtype=pl.String),
    )
    is_done, is_over = C("state").is_in(DONE), C("state").is_in(OVER)
    is_last = C("resolved").is_null() | (C("closed") >= C("resolved"))
    steps = [
        Step("0-opening", "inbound", C("opened")),
        Step("1-resolved", "status", pl.when(is_done).then("resolved"), "resolved"),
        Step("2-closed", "status", pl.when(is_over & is_last).then("closed"), "closed"),
        Step("3-reopened", "status", C("reopened"), "open"),
    ]
    rows = unpivot(typed, C("conversation_id"), steps)
    channel = C("contact").str.to_lowercase()
    return rows.select(
        *GIVEN,
        *("conversation_id", "message_id", "sent_at", "event", "status"),
        *("priority", "team", "agent", "category"),
        pl.coalesce("caller", "opener").alias("customer"),
        channel.replace_strict(CHANNELS, default="other", return_dtype=pl.String).alias("channel"),
        pl.when(C("event") == "inbound").then("text").alias("text"),
    )
