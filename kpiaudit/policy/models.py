"""The shape of a policy, key by key; what spans several keys is judged in `checks`."""

from __future__ import annotations

from typing import Annotated, Literal, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationInfo, field_validator

from kpiaudit import schema
from kpiaudit.definitions import CHOICES, PROFILES, STOPS
from kpiaudit.kpis.catalogue import IDS
from kpiaudit.policy.values import (
    Day,
    DayRange,
    Goal,
    Pattern,
    Rule,
    Scalar,
    Share,
    Target,
    Text,
    TimeSpan,
    Zone,
    one_of,
    refuse,
)
from kpiaudit.settings import DateOrder

COMPETES_ON = ("satisfaction", "cost", "balanced")

Metric = Annotated[str, *one_of(schema.SLA_METRICS)]
Dimension = Annotated[str, *one_of(schema.DIMENSIONS)]
Groupable = Annotated[str, *one_of(schema.GROUPABLE)]
Matchable = Annotated[str, *one_of(schema.MATCHABLE)]
Channel = Annotated[str, *one_of(schema.CHANNELS)]
Status = Annotated[str, *one_of(schema.STATUSES)]
Stops = Annotated[list[Annotated[str, *one_of(STOPS)]], Field(min_length=1)]
Texts = list[Text]
When = dict[Matchable, Annotated[Texts, Field(min_length=1)]]


class _Table(BaseModel):
    """A TOML table that holds what is named here and nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class ValuePropositionTable(_Table):
    """The promise in the team's own words."""

    statement: Text | None = None
    competes_on: Annotated[Literal["satisfaction", "cost", "balanced"], *one_of(COMPETES_ON)] = (
        "satisfaction"
    )


class SlaTable(_Table):
    """One line of the value proposition: who is answered within which time, and how often."""

    name: Text = Field(examples=["social-first-response"])
    metric: Metric = Field(examples=["first_response"])
    target: Target = Field(examples=["1h"])
    goal: Goal = Field(examples=["95%"])
    warn_below: Share | None = None
    calendar: Text | None = None
    when: When = {}
    min_sample: int = Field(default=1, ge=1)
    also: bool = False
    goal_by: list[Dimension] = []
    allow_empty: bool = False

    @field_validator("warn_below")
    @classmethod
    def warns_above_the_goal(cls, value: float | None, info: ValidationInfo) -> float | None:
        """Refuse a warning that could never be seen: below the goal the SLA fails."""
        goal = info.data.get("goal")
        if value is not None and goal is not None and value < goal:
            raise refuse("is below the goal, where the SLA fails already; write more than the goal")
        return value


class KpiGoalTable(_Table):
    """A goal on a KPI; `at_least` or `at_most`, in the KPI's own unit."""

    kpi: Annotated[str, *one_of(IDS)] = Field(examples=["deflection_rate"])
    at_least: str | int | float | None = Field(default=None, examples=["25%", "10m", 3])
    at_most: str | int | float | None = Field(default=None, examples=["5%", "1h", 3])
    when: When = {}
    goal_by: list[Groupable] = []
    min_sample: int = Field(default=1, ge=1)
    allow_empty: bool = False


class ExclusionTable(_Table):
    """Clocks left out of every SLA, counted and shown."""

    when: Annotated[When, Field(min_length=1)] = Field(examples=[{"tag": ["test"]}])
    reason: Text = Field(examples=["internal tests"])


class HolidaysTable(_Table):
    """Closed dates."""

    country: Text | None = None
    subdivision: Text | None = None
    add: list[Day] = []
    remove: list[Day] = []
    recurring: list[Rule] = []
    ics: Text | None = None


class CalendarTable(_Table):
    """Business time."""

    time_zone: Zone | None = None
    hours: dict[DayRange, list[TimeSpan]] = {}
    shifts: dict[Day, list[TimeSpan]] = {}
    breaks: dict[Day, list[TimeSpan]] = {}
    holidays: HolidaysTable = Field(default_factory=HolidaysTable)
    holiday_rule: Annotated[
        Literal["civil_date", "shift_start"], *one_of(("civil_date", "shift_start"))
    ] = "civil_date"


class TeamTable(_Table):
    """A team, who is in it and what exports call it."""

    model: (
        Annotated[Literal["blended", "designated"], *one_of(("blended", "designated"))] | None
    ) = None
    sourcing: (
        Annotated[Literal["internal", "outsourced"], *one_of(("internal", "outsourced"))] | None
    ) = None
    tier: int | None = Field(default=None, ge=0)
    channels: list[Channel] = []
    agents: Texts = []
    names: Texts = []
    cost_per_hour: float | None = Field(default=None, ge=0, allow_inf_nan=False)


class UsTable(_Table):
    """Who we are, for exports that carry no roles."""

    accounts: Texts = []
    domains: Texts = []
    agents: Texts = []
    bots: Texts = []


class DefinitionsTable(_Table):
    """The contested rules; what is not written is as the profile has it."""

    profile: Annotated[str, *one_of(tuple(PROFILES))] = "contract"
    clock_start: Annotated[str, *one_of(CHOICES["clock_start"])] | None = None
    first_stops: Stops | None = None
    status_stops_first: list[Status] | None = None
    resolve_stops_first: bool | None = None
    first_paused_by: list[Status] | None = None
    closed_pauses_first: bool | None = None
    agent_initiated: Annotated[str, *one_of(CHOICES["agent_initiated"])] | None = None
    next_includes_first: bool | None = None
    next_stops: Stops | None = None
    resolve_stops_next: bool | None = None
    next_paused_by: list[Status] | None = None
    resolution_paused_by: list[Status] | None = None
    closed_pauses_resolution: bool | None = None
    pause_counting: Annotated[str, *one_of(CHOICES["pause_counting"])] | None = None
    open_late: Annotated[str, *one_of(CHOICES["open_late"])] | None = None
    minimum_seconds: int | None = Field(default=None, ge=0)
    deadline: Annotated[str, *one_of(CHOICES["deadline"])] | None = None
    policy_change: Annotated[str, *one_of(CHOICES["policy_change"])] | None = None
    policy_at: Annotated[str, *one_of(CHOICES["policy_at"])] | None = None
    conversation_gap: Target | None = None
    contact_window: Target | None = None
    sentiment: Annotated[str, *one_of(CHOICES["sentiment"])] | None = None


class ColumnTable(_Table):
    """How one column of ours is made from a foreign file."""

    column: Text | None = None
    constant: Scalar | None = None
    values: dict[str, Scalar] = {}
    format: Text | None = None
    time_zone: Zone | None = None
    same_as: Text | None = None
    separator: str | None = Field(default=None, min_length=1)


def _column(value: object) -> object:
    return {"column": value} if isinstance(value, str) else value


class JoinTable(_Table):
    """A companion file, looked up by key."""

    name: Text = Field(examples=["users"])
    files: Text = Field(examples=["users_*.csv"])
    on: dict[str, Text] = Field(examples=[{"Agent ID": "id"}])


class SourceTable(_Table):
    """Any other CSV or JSON, by mapping."""

    kind: Annotated[
        Literal["messages", "self_service", "presence"], *one_of(schema.SOURCE_KINDS)
    ] = "messages"
    files: Text = Field(examples=["crm_*.csv"])
    instance: Text | None = None
    records: Text | None = None
    columns: dict[
        str,
        Annotated[ColumnTable, BeforeValidator(_column, json_schema_input_type=str | ColumnTable)],
    ] = Field(examples=[{"conversation_id": "Case"}])
    join: list[JoinTable] = []


def _listed(value: object) -> object:
    return [value] if isinstance(value, str) else value


Words = Annotated[
    list[Text],
    BeforeValidator(_listed, json_schema_input_type=str | list[str]),
    Field(min_length=1),
]


class CategoryTable(_Table):
    """What makes a customer's message one of a category; all keys must hold, the first category wins."""

    text: Pattern | None = None
    tag: Words | None = None
    field: Words | None = None


class PolicyTable(_Table):
    """The whole of kpiaudit.toml."""

    time_zone: Zone | None = None
    date_order: Annotated[DateOrder, *one_of(get_args(DateOrder))] | None = None
    max_reject_share: Share = Field(default="1%", validate_default=True)
    value_proposition: ValuePropositionTable | None = None
    sla: list[SlaTable] = []
    kpi_goal: list[KpiGoalTable] = []
    exclude: list[ExclusionTable] = []
    calendars: dict[str, CalendarTable] = {}
    teams: dict[str, TeamTable] = {}
    us: UsTable = Field(default_factory=UsTable)
    categories: dict[str, CategoryTable] = Field(
        default={}, examples=[{"delivery": {"text": "(?i)deliver|parcel|track"}}]
    )
    definitions: DefinitionsTable = Field(default_factory=DefinitionsTable)
    sources: dict[str, SourceTable] = {}
