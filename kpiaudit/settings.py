"""What a run is told: plain frozen values, made from a policy or from defaults; imports nothing heavy.

Settings that say what the data is (`us`, `sources`, `time_zone`, `teams`) enter at reading,
`definitions` at clocks, `slas` and `calendars` at adherence; nothing flows back.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Literal

Span = tuple[int, int]
"""Local seconds since midnight, half-open; an end at or before the start runs into the next date."""
DateOrder = Literal["day_first", "month_first"]


@dataclass(frozen=True, slots=True)
class Holidays:
    """Closed dates of a calendar, as the policy names them."""

    country: str | None = None
    subdivision: str | None = None
    add: tuple[date, ...] = ()
    remove: tuple[date, ...] = ()
    recurring: tuple[str, ...] = ()
    """python-dateutil rules such as `FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1`."""
    ics: str | None = None
    """Path of an ICS file, already resolved against the policy's folder."""


@dataclass(frozen=True, slots=True)
class CalendarSettings:
    """Business time as zendesk/biz names it: hours by weekday, date shifts, breaks, holidays."""

    name: str
    time_zone: str
    hours: dict[int, tuple[Span, ...]] = field(default_factory=dict)
    """Weekday (0 = Monday) to spans."""
    shifts: dict[date, tuple[Span, ...]] = field(default_factory=dict)
    """Replace that date's hours."""
    breaks: dict[date, tuple[Span, ...]] = field(default_factory=dict)
    """Cut out of that date."""
    holidays: Holidays = Holidays()
    holiday_rule: Literal["civil_date", "shift_start"] = "civil_date"


When = dict[str, tuple[str, ...]]
"""Dimension to accepted values: lists are any-of, keys all-of."""


@dataclass(frozen=True, slots=True)
class Sla:
    """One line of the value proposition."""

    name: str
    metric: str
    target: timedelta
    goal: float
    """Share of decided clocks that must be met, 0..1."""
    calendar: str | None = None
    when: When = field(default_factory=dict)
    warn_below: float | None = None
    min_sample: int = 1
    also: bool = False
    """Judge clocks that an earlier SLA of the same metric has taken already."""
    goal_by: tuple[str, ...] = ()
    """Dimensions whose every group must reach the goal too."""
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class KpiGoal:
    """A goal on a KPI of the list."""

    kpi: str
    bound: float
    """In the KPI's unit: shares 0..1, seconds."""
    is_floor: bool
    """`at_least`; False for `at_most`."""
    when: When = field(default_factory=dict)
    goal_by: tuple[str, ...] = ()
    """Dimensions whose every group must reach the goal too."""
    min_sample: int = 1
    allow_empty: bool = False


@dataclass(frozen=True, slots=True)
class Exclusion:
    """Clocks left out of every SLA, counted and shown with the reason."""

    when: When
    reason: str


@dataclass(frozen=True, slots=True)
class ValueProposition:
    """The promise in the team's own words."""

    statement: str
    competes_on: Literal["satisfaction", "cost", "balanced"] = "satisfaction"
    is_default: bool = False


@dataclass(frozen=True, slots=True)
class Definitions:
    """Contested rules, each a named option; `kpiaudit.definitions` says what each means."""

    profile: str = "contract"
    clock_start: Literal["created", "first_customer_message", "last_nonhuman"] = (
        "first_customer_message"
    )
    first_stops: tuple[str, ...] = ("agent:public",)
    status_stops_first: tuple[str, ...] = ()
    resolve_stops_first: bool = True
    first_paused_by: tuple[str, ...] = ()
    closed_pauses_first: bool = False
    agent_initiated: Literal["measure", "exclude"] = "exclude"
    next_includes_first: bool = False
    next_stops: tuple[str, ...] = ("agent:public", "bot:public")
    resolve_stops_next: bool = True
    next_paused_by: tuple[str, ...] = ()
    resolution_paused_by: tuple[str, ...] = ("pending", "on_hold", "waiting", "snoozed")
    closed_pauses_resolution: bool = True
    pause_counting: Literal["business", "realtime"] = "business"
    open_late: Literal[">", ">="] = ">"
    minimum_seconds: int = 0
    deadline: Literal["earliest", "latest"] = "earliest"
    policy_change: Literal["keep", "restart"] = "keep"
    policy_at: Literal["stop", "start"] = "stop"
    conversation_gap: timedelta = timedelta(hours=24)
    contact_window: timedelta = timedelta(hours=72)
    sentiment: Literal["export", "vader"] = "export"


@dataclass(frozen=True, slots=True)
class Us:
    """Who we are, for exports that carry no roles."""

    accounts: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    agents: tuple[str, ...] = ()
    bots: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Team:
    """A team as the policy declares it."""

    name: str
    agents: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    """What exports call this team."""
    model: Literal["blended", "designated"] | None = None
    sourcing: Literal["internal", "outsourced"] | None = None
    tier: int | None = None
    channels: tuple[str, ...] = ()
    cost_per_hour: float | None = None


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """How one MESSAGES column is made from a foreign file: a column, or a constant."""

    column: str | None = None
    constant: str | None = None
    values: dict[str, str] = field(default_factory=dict)
    """Foreign value to ours; an unlisted one is a reject for closed vocabularies."""
    format: str | None = None
    """Explicit date format (chrono's `%` letters)."""
    time_zone: str | None = None
    same_as: str | None = None
    """Another column: compares the two and looks `true` or `false` up in `values`."""
    separator: str | None = None
    """For `tags`: what joins them (default `;`)."""


@dataclass(frozen=True, slots=True)
class Join:
    """A companion file whose columns are looked up by key, as `<name>.<column>`."""

    name: str
    files: str
    left: str
    right: str


SourceKind = Literal["messages", "self_service", "presence"]


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """`[sources.NAME]`: any other CSV or JSON."""

    name: str
    files: str
    columns: dict[str, ColumnMapping]
    instance: str | None = None
    records: str | None = None
    """JSON: dotted path of the list of records."""
    joins: tuple[Join, ...] = ()
    kind: SourceKind = "messages"
    """What its rows are: `presence` and `self_service` are no conversations and lie beside them."""


@dataclass(frozen=True, slots=True)
class CategoryRule:
    """A category and what makes a customer's message one of it: all that is named must hold."""

    name: str
    text: str | None = None
    """A regular expression, as polars has them, found anywhere in the message."""
    tags: tuple[str, ...] = ()
    """The conversation has one of these, as last known."""
    fields: tuple[str, ...] = ()
    """The export's own category is one of these."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a run is told."""

    slas: tuple[Sla, ...]
    value_proposition: ValueProposition
    calendars: dict[str, CalendarSettings] = field(default_factory=dict)
    definitions: Definitions = Definitions()
    exclusions: tuple[Exclusion, ...] = ()
    kpi_goals: tuple[KpiGoal, ...] = ()
    time_zone: str | None = None
    """Zone of exports without offsets, and of days on screen; UTC when none is named."""
    date_order: DateOrder | None = None
    """Of exports whose dates could be read two ways; what a file itself tells comes first."""
    max_reject_share: float = 0.01
    us: Us = Us()
    teams: tuple[Team, ...] = ()
    sources: tuple[SourceMapping, ...] = ()
    categories: tuple[CategoryRule, ...] = ()
    """In order: the first that matches wins."""
    path: str | None = None
    """The policy file, as shown; None for the default promise."""
    raw: dict[str, Any] = field(default_factory=dict)
    """The policy as written, for `config show`."""


DEFAULT_SETTINGS = Settings(
    slas=(
        Sla(
            name="first-response",
            metric="first_response",
            target=timedelta(hours=1),
            goal=0.95,
        ),
    ),
    value_proposition=ValueProposition(
        statement="Every customer gets a first answer within one hour", is_default=True
    ),
)
"""The one-hour promise, used when there is no policy; the report says so."""
