"""What a run is asked for, and what it holds after each stage."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

    from kpiaudit.beside import Beside
    from kpiaudit.calendars.business_time import Calendar
    from kpiaudit.clocks import Clocks
    from kpiaudit.errors import ExportError
    from kpiaudit.messages import Gathered
    from kpiaudit.privacy import Pseudonyms
    from kpiaudit.report import KpiResult
    from kpiaudit.settings import Settings
    from kpiaudit.sources.base import Found
    from kpiaudit.views.shown import Period

Progress = Callable[[str], None]
DEFAULT_BY: tuple[tuple[str, ...], ...] = (("channel",), ("team",), ("agent",))


@dataclass(frozen=True, slots=True)
class Request:
    """What a command asks of a run."""

    paths: tuple[str, ...]
    settings: Settings
    by: tuple[tuple[str, ...], ...] = DEFAULT_BY
    since: datetime | None = None
    until: datetime | None = None
    as_of: datetime | None = None
    chosen: tuple[tuple[str, str], ...] = ()
    """`(source, glob)` pairs that beat signatures."""
    top: int = 10
    keep_going: bool = False
    all_columns: bool = False
    text: bool = False
    dimensions: frozenset[str] = frozenset()
    """Dimensions wanted besides those the policy and `by` name."""
    kpis: tuple[str, ...] = ()
    """KPIs to count by every table of `by` too; of others the total alone."""
    groups: int | None = None
    """Of each table of KPIs the groups that count most, so many; None for all."""
    all_metrics: bool = False
    """Run the clocks of metrics no SLA judges too."""
    conversation: str | None = None
    """Keep this conversation alone, after everything was read: an id, or `system/id`."""
    pinned: Mapping[str, datetime] = field(default_factory=dict)
    """System to the instant it is judged as of, where `as_of` does not hold for all."""
    is_inspection: bool = False
    """Go on where a report would ask something first: what it cannot read is refused and shown."""
    portable: bool = False
    """Tell exports of one name apart by the folders in which they differ, not by the whole path."""
    pseudonyms: Pseudonyms | None = None
    """The key by which nobody in the result goes by name."""
    views: frozenset[str] = frozenset()
    """What is computed only where it is shown: `trend`, `distribution`, `staffing`, `models`, and `spans` of
    the worst breaches.
    """
    quotes: int = 0
    """How many redacted messages to show of a breach, and of a category."""
    period: Period | None = None
    """What trends are told by; None chooses by the span of the data."""
    progress: Progress = field(default=lambda _: None)

    @property
    def key(self) -> bytes:
        """What conversations are digested by; nothing where people go by name."""
        return self.pseudonyms.key if self.pseudonyms else b""

    def with_all_clocks(self, dimensions: frozenset[str]) -> Request:
        """Return the request for the clocks of every metric, with more dimensions."""
        return replace(self, dimensions=self.dimensions | dimensions, all_metrics=True)

    def with_everything(self, *, text: bool) -> Request:
        """Return the request for every column of MESSAGES; bodies only when asked for."""
        return replace(self, all_columns=True, text=text)


@dataclass(frozen=True, slots=True)
class Reading:
    """What the exports hold: `ordered` messages, and what became of every row."""

    found: Found
    gathered: Gathered
    ordered: pl.DataFrame
    cycle_rows: int
    failures: tuple[ExportError, ...]
    as_of: dict[str, datetime]
    beside: Beside | None = None
    """What is no conversation: agents' presence and self-service."""
    category_hits: pl.DataFrame | None = None
    """What the rules of `[categories]` found (`categories.categorized`); None without rules."""


@dataclass(frozen=True, slots=True)
class Audit:
    """Clocks judged: `described` are all clocks with dimensions, `judged` per SLA those it judges."""

    request: Request
    reading: Reading
    clocks: Clocks
    described: pl.DataFrame
    judged: tuple[pl.DataFrame, ...]
    calendars: dict[str, Calendar]

    def completed(self, parts: Sequence[pl.DataFrame]) -> pl.DataFrame:
        """Return judged clocks of each SLA in one frame, with due instants, wall and paused time."""
        from kpiaudit.adherence import complete  # polars, which the command line loads late

        settings = self.request.settings
        return complete(
            parts,
            settings.slas,
            calendars=self.calendars,
            pauses=self.clocks.pauses,
            definitions=settings.definitions,
        )

    @property
    def adherence(self) -> pl.DataFrame:
        """ADHERENCE: one row per clock and SLA that judges it; made anew each time it is asked for."""
        return self.completed(self.judged)


@dataclass(frozen=True, slots=True)
class Summaries:
    """The collected small frames a report is made of."""

    totals: pl.DataFrame
    groups: tuple[tuple[tuple[str, ...], pl.DataFrame], ...]
    breaches: pl.DataFrame
    periods: tuple[pl.DataFrame, ...] = ()
    """Per SLA its clocks by period (`views.trends`), where trends are asked for."""
    kpis: tuple[KpiResult, ...] = ()
    kpi_groups: dict[tuple[str, ...], int] = field(default_factory=dict)
    """How many groups a table of KPIs has, by its dimensions, where `kpis` holds the largest alone."""
    over_time: tuple[KpiResult, ...] = ()
    """What the first screen may show, by the period of the trends alone."""
