"""The result of an audit, ready to be written: plain values, rounded nowhere, sorted everywhere.

Renderers are pure functions of one `Report`; its views are those of `kpiaudit.views.shown`. Durations are
seconds (microsecond precision kept as float), shares 0..1, instants aware datetimes in UTC.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from kpiaudit.explanation.explained import Span  # noqa: TC001
from kpiaudit.views.shown import Block as Block  # noqa: PLC0414
from kpiaudit.views.shown import Distribution as Distribution  # noqa: PLC0414
from kpiaudit.views.shown import HoursOfWeek as HoursOfWeek  # noqa: PLC0414
from kpiaudit.views.shown import Period as Period  # noqa: PLC0414
from kpiaudit.views.shown import Trend as Trend  # noqa: PLC0414
from kpiaudit.views.shown import TrendPoint as TrendPoint  # noqa: PLC0414
from kpiaudit.views.shown import Views as Views  # noqa: PLC0414

SCHEMA_VERSION = 1

Verdict = Literal["pass", "fail", "no_data"]
QuoteKind = Literal["breach", "category"]
GateState = Literal["pass", "warn", "fail", "held", "no_data", "empty"]
"""`held`: under its goal, yet no worse than before; `empty`: without data, and that is no failure."""


@dataclass(frozen=True, slots=True)
class Figures:
    """Adherence and statistics of one set of clocks."""

    clocks: int
    met: int
    breached: int
    open: int
    at_risk: int
    excluded: int
    adherence: float | None
    """met / (met + breached); None when nothing is decided."""
    unanswered: int
    """Clocks nothing has stopped yet, breached or open; outside `n`."""
    n: int
    """Clocks stopped by a human reply or a resolution: what the seconds below are taken over."""
    mean_seconds: float | None
    median_seconds: float | None
    p90_seconds: float | None
    p95_seconds: float | None
    max_seconds: float | None


@dataclass(frozen=True, slots=True)
class Group:
    """The same figures for one group: `by` maps dimension to value."""

    by: dict[str, str]
    figures: Figures
    verdict: Verdict | None = None
    """Set when the SLA gates on this group (`goal_by`)."""


@dataclass(frozen=True, slots=True)
class SlaResult:
    """One SLA, judged."""

    name: str
    metric: str
    target_seconds: float
    goal: float
    warn_below: float | None
    calendar: str | None
    when: dict[str, tuple[str, ...]]
    figures: Figures
    verdict: Verdict
    is_warning: bool
    """Met its goal but lies under `warn_below`."""
    bots_first: int
    resolved_without_reply: int
    allow_empty: bool
    groups: tuple[Group, ...] = ()
    calls: int = 0
    """First responses that began as a call."""
    abandoned: int = 0
    """Calls that ended before anybody answered; excluded from adherence, with a rate of their own."""
    short_abandoned: int = 0
    """Calls that ended at once, before anybody could: not among the abandoned."""

    @property
    def abandonment(self) -> float | None:
        """Return abandoned / calls, those that ended at once left out of both; None without a call."""
        offered = self.calls - self.short_abandoned
        return self.abandoned / offered if offered else None


@dataclass(frozen=True, slots=True)
class Breach:
    """One breached clock, with the two rows it can be followed to."""

    sla: str
    metric: str
    system: str
    conversation_id: str
    channel: str
    team: str
    agent: str
    started_at: datetime
    stopped_at: datetime | None
    due_at: datetime | None
    target_seconds: float
    elapsed_seconds: float
    overrun_seconds: float
    start_export: str
    start_row: int
    stop_export: str | None
    stop_row: int | None


@dataclass(frozen=True, slots=True)
class ExportResult:
    """What one file was taken for and what became of its rows."""

    path: str
    source: str
    part: str
    evidence: str
    first_at: datetime | None
    last_at: datetime | None
    rows: int
    used: int
    messages: int
    duplicates: int
    rejects: int
    skipped: int
    skip_reasons: dict[str, int] = field(default_factory=dict)
    reject_rules: dict[str, int] = field(default_factory=dict)
    roles: dict[str, int] = field(default_factory=dict)
    channels: dict[str, int] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    message_share: float | None = None
    """Its part of all messages of the run, 0..1; None where there are none."""


@dataclass(frozen=True, slots=True)
class Computable:
    """Whether an export, with the others of its system, can feed a metric; the reason where not."""

    metric: str
    computable: bool
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Quality:
    """What `inspect` finds out about one export besides its ExportResult."""

    path: str
    time_zone: str
    """The zone its stamps were read in, and who says so."""
    missing_parts: tuple[str, ...]
    """Companions its source knows and no file was given for."""
    overlaps: dict[str, int]
    """Export to how many of this one's messages are duplicates, kept from there."""
    metrics: tuple[Computable, ...]
    problems: tuple[str, ...]
    paste: tuple[str, ...] = ()
    """Lines of kpiaudit.toml that would let it be read."""


@dataclass(frozen=True, slots=True)
class Ignored:
    """A file that was not read, and why."""

    path: str
    reason: str


@dataclass(frozen=True, slots=True)
class MetricIdentity:
    """`clocks = matched + unmatched`, per metric."""

    metric: str
    clocks: int
    matched: int
    unmatched: int


@dataclass(frozen=True, slots=True)
class Integrity:
    """The identity of a run: nothing is dropped in silence."""

    rows: int
    used: int
    duplicates: int
    rejects: int
    skipped: int
    messages: int
    conversations: int
    partial_conversations: int
    proactive_conversations: int
    metrics: tuple[MetricIdentity, ...]
    holds: bool
    """rows = used + duplicates + rejects + skipped, and the sums of clocks, all hold."""
    is_complete: bool
    """False when `--keep-going` went on past a file it could not read."""
    unknown_roles: int = 0
    unknown_statuses: dict[str, int] = field(default_factory=dict)
    identical_rows: int = 0


@dataclass(frozen=True, slots=True)
class Reject:
    """A row refused."""

    export: str
    row: int
    rule: str
    value: str | None


@dataclass(frozen=True, slots=True)
class Promise:
    """What is judged: the statement and where it came from."""

    statement: str
    competes_on: str
    is_default: bool
    policy: str | None


@dataclass(frozen=True, slots=True)
class CategoryHits:
    """What one rule of `[categories]` found; `other` is what none did."""

    category: str
    matched: int
    """Customer messages it matches, an earlier rule or not."""
    messages: int
    """Customer messages that are of this category."""
    conversations: int
    """Conversations whose first customer message is."""


@dataclass(frozen=True, slots=True)
class Quote:
    """What a customer wrote, redacted, and the row it stands in."""

    kind: QuoteKind
    of: str
    """The SLA breached, or the category."""
    system: str
    conversation_id: str
    export: str
    row: int
    text: str


@dataclass(frozen=True, slots=True)
class KpiResult:
    """One KPI, of everything (`by` empty) or of one group: a count over a count, with its n."""

    kpi: str
    title: str
    value: float | None
    """Shares 0..1, durations seconds; None when not computable or n is 0."""
    unit: str
    """share | count | seconds | score | money | ratio."""
    n: int
    by: dict[str, str] = field(default_factory=dict)
    when: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What a `[[kpi_goal]]` restricts it to; empty for everything."""
    computable: bool = True
    reason: str | None = None
    """Not computable: which input is missing, in which export."""
    beside: dict[str, float | None] = field(default_factory=dict)
    """What stands beside it, such as `median_seconds`, `numerator`, `0-1d`."""
    goal: float | None = None
    goal_is_floor: bool = True
    """`at_least`; False for `at_most`."""
    verdict: Verdict | None = None
    """Set when a `[[kpi_goal]]` asks for it."""
    allow_empty: bool = False
    note: str | None = None
    """What is to be said wherever the figure is: what it rests on, and its limits."""


@dataclass(frozen=True, slots=True)
class Gate:
    """One thing `check` passes or fails: an SLA, a group of one, or a KPI goal."""

    kind: Literal["sla", "kpi"]
    name: str
    metric: str
    """Of an SLA; `kpi_goal` of a KPI."""
    by: dict[str, str]
    state: GateState
    value: float | None
    """Adherence, or the KPI's value in its `unit`."""
    unit: str
    goal: float
    goal_is_floor: bool = True
    n: int = 0
    """Decided clocks, or what the KPI counts."""
    missed: int = 0
    """Breached clocks."""
    title: str = ""
    reason: str | None = None
    """Why there is no value."""
    when: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """What a KPI goal restricts its KPI to."""
    asked: tuple[object, ...] = ()
    """What a figure of another report must share to be compared with this one."""
    no_worse_than: float | None = None
    """The bound an earlier report sets, tolerance included; None without one."""
    baseline: str = ""
    """The file of that report."""


@dataclass(frozen=True, slots=True)
class Claim:
    """One thing a service model claims, as a number, and what the exports say to it."""

    claim: str
    """Its id, such as `designated_share`."""
    value: float | None
    unit: str
    n: int
    sentence: str
    """What it means, in words: `a designated team doing 38 % of its replies on e-mail`."""
    holds: bool | None = None
    """Whether the declaration is confirmed; None where nothing is declared or decidable."""
    computable: bool = True
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class ModelResult:
    """A service model, held against the evidence: of a team, or of all service when `team` is empty."""

    model: str
    """blended | designated | internal | outsourced | chatbot | self_service | hybrid | tiered | ..."""
    team: str
    claims: tuple[Claim, ...]


@dataclass(frozen=True, slots=True)
class Report:
    """One audit."""

    kpiaudit_version: str
    as_of: datetime | None
    """The latest `as_of` of all systems."""
    as_of_by_system: dict[str, datetime]
    time_zone: str
    first_at: datetime | None
    last_at: datetime | None
    since: str | None
    until: str | None
    verdict: Verdict
    exit_code: int
    promise: Promise
    definitions: dict[str, object]
    slas: tuple[SlaResult, ...]
    breaches: tuple[Breach, ...]
    breach_count: int
    exports: tuple[ExportResult, ...]
    ignored: tuple[Ignored, ...]
    integrity: Integrity
    rejects: tuple[Reject, ...]
    problems: tuple[str, ...]
    """Warnings to put before the reader, worst first."""
    schema_version: int = SCHEMA_VERSION
    qualities: tuple[Quality, ...] = ()
    """One for each export, in their order; empty unless the run is an inspection."""
    kpis: tuple[KpiResult, ...] = ()
    """Totals and the groups asked for, in the order the value proposition gives them."""
    kpi_groups: dict[tuple[str, ...], int] = field(default_factory=dict)
    """How many groups a table of KPIs has, by its dimensions, where `kpis` holds the largest alone."""
    models: tuple[ModelResult, ...] = ()
    privacy: tuple[str, ...] = ()
    """What was done so that nobody is shown, a sentence each."""
    gates: tuple[Gate, ...] = ()
    """What `check` judged; empty until it has."""
    views: Views = field(default_factory=Views)
    categories: tuple[CategoryHits, ...] = ()
    """In the order of the rules, then `other`; empty without `[categories]`."""
    breach_spans: tuple[tuple[Span, ...], ...] = ()
    """The spans of each of `breaches`, in their order; empty unless a page is asked for."""
    quotes: tuple[Quote, ...] = ()
    """By breach in their order, then by category; empty unless asked for."""
