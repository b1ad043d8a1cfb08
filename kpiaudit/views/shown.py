"""The views a report may hold: trends, distributions of waits, hours of the week; plain values.

Durations are seconds, shares 0..1, a weekday of 0 is Monday.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from kpiaudit.report import Figures

Period = Literal["day", "week", "month"]


@dataclass(frozen=True, slots=True)
class TrendPoint:
    """One day, week or month of a trend."""

    start: date
    is_partial: bool
    """Cut off by either end of the data."""
    figures: Figures


@dataclass(frozen=True, slots=True)
class Trend:
    """An SLA's figures period by period, of the clocks that began in each; empty periods included."""

    sla: str
    period: Period
    goal: float
    points: tuple[TrendPoint, ...]


@dataclass(frozen=True, slots=True)
class KpiPoint:
    """One KPI in one day, week or month."""

    start: date
    is_partial: bool
    """Cut off by either end of the data."""
    value: float | None
    """None where it cannot be computed, as of no rating; a count of nothing is 0."""
    n: int


@dataclass(frozen=True, slots=True)
class KpiTrend:
    """A KPI of the first screen period by period, each counted as the whole is; every period is there."""

    kpi: str
    title: str
    unit: str
    period: Period
    points: tuple[KpiPoint, ...]


@dataclass(frozen=True, slots=True)
class Distribution:
    """How long the decided clocks of an SLA took: counts between edges, the last without an upper end.

    A wait of exactly an edge is counted below it: equal is met, and the target is one of the edges.
    """

    sla: str
    target_seconds: float
    edges_seconds: tuple[float, ...]
    """Lower ends, ascending, the first 0."""
    counts: tuple[int, ...]
    """As many as edges."""


@dataclass(frozen=True, slots=True)
class Block:
    """Consecutive hours of one weekday (0 = Monday), half-open, and the breaches in them."""

    weekday: int
    from_hour: int
    to_hour: int
    breaches: int


@dataclass(frozen=True, slots=True)
class HoursOfWeek:
    """168 hours of the local week, Monday 00:00 first, in the report's time zone."""

    demand: tuple[int, ...]
    """Customer messages."""
    answers: tuple[int, ...]
    """Public replies of agents."""
    breached: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """SLA to its breaches by the hour their clock began."""
    decided: dict[str, tuple[int, ...]] = field(default_factory=dict)
    """SLA to its met and breached clocks, by the same hour."""
    backlog: tuple[float, ...] = ()
    """Mean number of conversations waiting for us at the start of the hour; 0 where no such hour is."""
    to_avert: dict[str, int] = field(default_factory=dict)
    """SLA that misses its goal to how many of its breaches had to be met to reach it, at the least."""
    blocks: dict[str, tuple[Block, ...]] = field(default_factory=dict)
    """The same SLA to the fewest hours that hold so many of its breaches, most breaches first."""


@dataclass(frozen=True, slots=True)
class Views:
    """What is computed only where it is shown."""

    trends: tuple[Trend, ...] = ()
    distributions: tuple[Distribution, ...] = ()
    hours: HoursOfWeek | None = None
    kpi_trends: tuple[KpiTrend, ...] = ()
    """With `trends`, in the order of the first screen."""
