"""Local dates as a calendar has them: plain values, each date cut into spans of one state."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kpiaudit.settings import CalendarSettings

State = Literal["open", "break", "holiday", "closed"]
Rule = Literal["hours", "shift", "holiday", "none", "skipped"]
WHOLE_DAY = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class DaySpan:
    """A half-open stretch of one local date in one state."""

    starts_at: datetime
    """UTC."""
    ends_at: datetime
    """UTC."""
    state: State
    reason: str
    """`hours`, `shift`, `break`, `outside hours`, or the holiday's name."""

    @property
    def length(self) -> timedelta:
        """Real time, also across a change of clocks."""
        return self.ends_at - self.starts_at


@dataclass(frozen=True, slots=True)
class Day:
    """A local date: its spans from midnight to midnight, without a gap."""

    date: date
    rule: Rule
    """Which rule gave the hours that start on it; `skipped`: the zone has no such date."""
    holiday: str | None
    spans: tuple[DaySpan, ...]

    @property
    def open_time(self) -> timedelta:
        """Open time between the two midnights, the tail of a night shift included."""
        return sum((span.length for span in self.spans if span.state == "open"), timedelta())

    @property
    def length(self) -> timedelta:
        """Real time between the two midnights: 23 or 25 hours where clocks change."""
        return sum((span.length for span in self.spans), timedelta())


@dataclass(frozen=True, slots=True)
class CalendarPage:
    """Consecutive local dates of one calendar; `days` is empty for its ordinary week alone."""

    settings: CalendarSettings
    policy: str
    days: tuple[Day, ...]
    holidays: str | None
    """Where the holidays come from: country, subdivision and the version of the data."""
