"""What may come and what might have been, ready to be written: plain values, rounded nowhere.

Durations are seconds, shares 0..1, instants aware datetimes in UTC. A weekday of 0 is Monday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kpiaudit.report import Breach, Report, SlaResult
    from kpiaudit.views.shown import Block

Edge = Literal["started", "due"]

OPEN_RULE = "A wait still open counts as breached at every target it has outlasted, and as undecided at the others."
PROMISE_RULE = (
    "The tightest promise is the shortest target, in whole seconds, at which met / (met + breached) "
    "reaches the goal."
)
CALENDAR_RULE = (
    "Another calendar counts other hours of the same waits: every answer stays where it is, and nobody "
    "is supposed to have answered sooner because more hours were open."
)
PROFILE_RULE = (
    "Another profile judges the same messages by other rules: which waits there are, what ends them and what "
    "pauses them may differ, and so may their number."
)
HOURS_RULE = (
    "The hours are the fewest that hold enough breaches to reach the goal, had every one of those "
    "been met."
)


@dataclass(frozen=True, slots=True)
class Point:
    """What the same clocks come to at one target."""

    target_seconds: float
    met: int
    breached: int
    open: int
    """Undecided: still running, and not over this target yet."""
    is_own: bool = False
    """The target the SLA promises."""

    @property
    def n(self) -> int:
        """Decided clocks."""
        return self.met + self.breached

    @property
    def adherence(self) -> float | None:
        """Share of the decided that are met; None when nothing is decided."""
        return self.met / self.n if self.n else None


@dataclass(frozen=True, slots=True)
class Curve:
    """Adherence over targets under one calendar and one set of definitions."""

    calendar: str
    is_own: bool
    """Of the SLA's own calendar and the policy's own definitions."""
    points: tuple[Point, ...]
    """By target, the shortest first; one of them `is_own`."""
    tightest: Point | None
    """The tightest promise kept at the goal; None where no target is."""
    profile: str | None = None
    """The profile whose definitions it is judged by; None for the policy's own."""

    @property
    def own(self) -> Point:
        """The point at the target the SLA promises."""
        return next(point for point in self.points if point.is_own)


@dataclass(frozen=True, slots=True)
class Week:
    """Breaches by hour of the week, in the zone of the report, and the hours that matter most."""

    edge: Edge
    """Whether a breach lies in the hour it started in or in the hour it was due in."""
    by_hour: tuple[int, ...]
    """168 counts; the first is Monday from 00:00 to 01:00."""
    blocks: tuple[Block, ...]
    """The fewest hours that hold as many breaches as are to be averted, most breaches first."""

    @property
    def hours(self) -> int:
        """How many hours of the week the blocks are."""
        return sum(block.to_hour - block.from_hour for block in self.blocks)

    @property
    def breaches(self) -> int:
        """How many breaches the blocks hold."""
        return sum(block.breaches for block in self.blocks)


@dataclass(frozen=True, slots=True)
class SlaOutlook:
    """One SLA at other targets and under other calendars."""

    sla: SlaResult
    curves: tuple[Curve, ...]
    """The SLA's own calendar first, profiles last."""
    to_avert: int | None
    """The fewest breaches that had to be met to reach the goal; None when nothing is decided."""
    to_spare: int
    """How many met clocks might have been breached, the goal still being reached."""
    weeks: tuple[Week, ...]
    """By start, then by due instant; empty where there is no breach to avert."""


@dataclass(frozen=True, slots=True)
class WhatIf:
    """An audit supposed otherwise."""

    report: Report
    slas: tuple[SlaOutlook, ...]
    notes: tuple[str, ...] = ()
    """What was asked for and does not apply."""


@dataclass(frozen=True, slots=True)
class AtRisk:
    """An open clock with most of its target used, and the row it can be followed to."""

    sla: str
    metric: str
    system: str
    conversation_id: str
    channel: str
    team: str
    agent: str
    started_at: datetime
    due_at: datetime | None
    """None while it is paused: nobody knows when it goes on."""
    target_seconds: float
    elapsed_seconds: float
    left_seconds: float
    start_export: str
    start_row: int


@dataclass(frozen=True, slots=True)
class BreachList:
    """The worst breaches of some SLAs, or the clocks about to be."""

    report: Report
    slas: tuple[SlaResult, ...]
    breaches: tuple[Breach, ...]
    """Furthest over target first."""
    at_risk: tuple[AtRisk, ...]
    """Soonest due first; those on pause last."""
    is_ahead: bool
    """Whether what is at risk was asked for, and not what is breached."""

    @property
    def breached(self) -> int:
        """All breached clocks, listed or not."""
        return sum(sla.figures.breached for sla in self.slas)

    @property
    def open(self) -> int:
        """All open clocks, those at risk among them."""
        return sum(sla.figures.open for sla in self.slas)

    @property
    def risked(self) -> int:
        """All clocks at risk, listed or not."""
        return sum(sla.figures.at_risk for sla in self.slas)
