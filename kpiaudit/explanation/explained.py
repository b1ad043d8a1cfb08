"""One conversation explained, ready to be shown: its rows, and every clock cut into spans.

Exact to the microsecond: the spans of a clock tile it, and those that tick sum to its elapsed time.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

SpanState = Literal["ticking", "outside hours", "holiday", "break", "paused", "closed"]


@dataclass(frozen=True, slots=True)
class Span:
    """A half-open stretch of a clock in one state."""

    starts_at: datetime
    """UTC."""
    ends_at: datetime
    """UTC."""
    state: SpanState
    reason: str
    """`hours`, `shift` or `around the clock`; the holiday's name; the status that pauses."""
    is_over: bool
    """Lies at or after the instant the clock was due."""
    left_out: timedelta
    """Open time under the calendar that a pause, or time closed, took out of the clock."""

    @property
    def wall(self) -> timedelta:
        """Real time."""
        return self.ends_at - self.starts_at

    @property
    def counted(self) -> timedelta:
        """What the clock counts of it: all while it ticks, else nothing."""
        return self.wall if self.state == "ticking" else timedelta()


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a timeline and its place in the export."""

    at: datetime
    event: str
    what: str
    """The event in words: `customer wrote`, `answer`, `status pending`."""
    who: str
    details: tuple[str, ...]
    """Dimensions that changed with the row, such as `priority high`."""
    marks: tuple[str, ...]
    """What the row does to clocks, such as `starts first response`."""
    message_id: str | None
    export: str
    row: int
    text: str | None


@dataclass(frozen=True, slots=True)
class ExplainedClock:
    """One clock as one SLA judges it, or as it ran when no SLA took it (`sla` None)."""

    metric: str
    ordinal: int
    sla: str | None
    calendar: str | None
    time_zone: str | None
    """The calendar's; None around the clock."""
    team: str
    agent: str
    started_at: datetime
    stopped_at: datetime | None
    stop_reason: str
    as_of: datetime
    start_export: str
    start_row: int
    stop_export: str | None
    stop_row: int | None
    elapsed: timedelta
    paused: timedelta
    wall: timedelta
    target: timedelta | None
    due_at: datetime | None
    overrun: timedelta | None
    outcome: str | None
    """met, breached, open or excluded; None without an SLA."""
    excluded_reason: str | None
    at_risk: bool
    spans: tuple[Span, ...]

    @property
    def ends_at(self) -> datetime:
        """When it stopped, or as of when it still runs."""
        return self.stopped_at or self.as_of


@dataclass(frozen=True, slots=True)
class Explained:
    """One conversation: every row used, and every clock."""

    kpiaudit_version: str
    system: str
    conversation_id: str
    as_of: datetime
    time_zone: str
    policy: str | None
    notes: tuple[str, ...]
    """What is particular about it: partial, opened by us, merged."""
    rows: tuple[Row, ...]
    clocks: tuple[ExplainedClock, ...]
