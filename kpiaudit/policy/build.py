"""From a policy without faults to the settings of a run."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from kpiaudit.definitions import PROFILES
from kpiaudit.policy.check_goals import bound_of
from kpiaudit.policy.durations import format_duration, format_percent
from kpiaudit.policy.values import DAYS, day_range
from kpiaudit.settings import (
    DEFAULT_SETTINGS,
    CalendarSettings,
    CategoryRule,
    ColumnMapping,
    Definitions,
    Exclusion,
    Holidays,
    Join,
    KpiGoal,
    Settings,
    Sla,
    SourceMapping,
    Team,
    Us,
    ValueProposition,
    When,
)

if TYPE_CHECKING:
    from pathlib import Path

    from kpiaudit.policy import models
    from kpiaudit.settings import Span


def build(policy: models.PolicyTable, *, path: str, folder: Path, raw: dict[str, Any]) -> Settings:
    """Return the settings a policy stands for; paths in it start at `folder`.

    A policy without any SLA keeps the default promise.
    """
    slas = tuple(_sla(entry) for entry in policy.sla) or DEFAULT_SETTINGS.slas
    return Settings(
        slas=slas,
        value_proposition=_promise(policy, slas),
        calendars={
            name: _calendar(name, entry, policy.time_zone, folder=folder)
            for name, entry in policy.calendars.items()
        },
        definitions=_definitions(policy.definitions),
        exclusions=tuple(Exclusion(_when(entry.when), entry.reason) for entry in policy.exclude),
        kpi_goals=tuple(map(_kpi_goal, policy.kpi_goal)),
        time_zone=policy.time_zone,
        date_order=policy.date_order,
        max_reject_share=policy.max_reject_share,
        us=Us(
            accounts=tuple(policy.us.accounts),
            domains=tuple(policy.us.domains),
            agents=tuple(policy.us.agents),
            bots=tuple(policy.us.bots),
        ),
        teams=tuple(_team(name, entry) for name, entry in policy.teams.items()),
        sources=tuple(_source(name, entry) for name, entry in policy.sources.items()),
        categories=tuple(
            CategoryRule(name, entry.text, tuple(entry.tag or ()), tuple(entry.field or ()))
            for name, entry in policy.categories.items()
        ),
        path=path,
        raw=raw,
    )


def _definitions(written: models.DefinitionsTable) -> Definitions:
    chosen: dict[str, Any] = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in written.model_dump(exclude_none=True).items()
    }
    return replace(PROFILES[written.profile].definitions, **chosen)


def _promise(policy: models.PolicyTable, slas: tuple[Sla, ...]) -> ValueProposition:
    written = policy.value_proposition
    if not policy.sla:
        default = DEFAULT_SETTINGS.value_proposition
        competes_on = written.competes_on if written else default.competes_on
        return ValueProposition(default.statement, competes_on=competes_on, is_default=True)
    return ValueProposition(
        written.statement if written and written.statement else "; ".join(map(_spoken, slas)),
        competes_on=written.competes_on if written else "satisfaction",
    )


def _spoken(sla: Sla) -> str:
    return (
        f"{sla.name}: {sla.metric.replace('_', ' ')} within {format_duration(sla.target)}, "
        f"{format_percent(sla.goal)} of the time"
    )


def _when(written: dict[str, list[str]]) -> When:
    return {dimension: tuple(words) for dimension, words in written.items()}


def _sla(entry: models.SlaTable) -> Sla:
    return Sla(
        name=entry.name,
        metric=entry.metric,
        target=entry.target,
        goal=entry.goal,
        calendar=entry.calendar,
        when=_when(entry.when),
        warn_below=entry.warn_below,
        min_sample=entry.min_sample,
        also=entry.also,
        goal_by=tuple(dict.fromkeys(entry.goal_by)),
        allow_empty=entry.allow_empty,
    )


def _kpi_goal(entry: models.KpiGoalTable) -> KpiGoal:
    is_floor = entry.at_least is not None
    return KpiGoal(
        kpi=entry.kpi,
        bound=bound_of(entry.kpi, entry.at_least if is_floor else entry.at_most),
        is_floor=is_floor,
        when=_when(entry.when),
        goal_by=tuple(dict.fromkeys(entry.goal_by)),
        min_sample=entry.min_sample,
        allow_empty=entry.allow_empty,
    )


def _calendar(
    name: str, entry: models.CalendarTable, time_zone: str | None, *, folder: Path
) -> CalendarSettings:
    closed = entry.holidays
    return CalendarSettings(
        name=name,
        time_zone=entry.time_zone or time_zone or "UTC",
        hours=_hours(entry.hours),
        shifts={day: tuple(spans) for day, spans in sorted(entry.shifts.items())},
        breaks={day: tuple(spans) for day, spans in sorted(entry.breaks.items())},
        holidays=Holidays(
            country=closed.country,
            subdivision=closed.subdivision,
            add=tuple(closed.add),
            remove=tuple(closed.remove),
            recurring=tuple(closed.recurring),
            ics=str(folder / closed.ics) if closed.ics else None,
        ),
        holiday_rule=entry.holiday_rule,
    )


def _hours(written: dict[str, list[Span]]) -> dict[int, tuple[Span, ...]]:
    hours: dict[int, tuple[Span, ...]] = {}
    for key in sorted(written, key=lambda key: key in DAYS):
        hours |= dict.fromkeys(day_range(key), tuple(written[key]))
    return {day: spans for day, spans in sorted(hours.items()) if spans}


def _team(name: str, entry: models.TeamTable) -> Team:
    return Team(
        name=name,
        agents=tuple(entry.agents),
        names=tuple(entry.names),
        model=entry.model,
        sourcing=entry.sourcing,
        tier=entry.tier,
        channels=tuple(entry.channels),
        cost_per_hour=entry.cost_per_hour,
    )


def _source(name: str, entry: models.SourceTable) -> SourceMapping:
    return SourceMapping(
        name=name,
        files=entry.files,
        columns={
            column: ColumnMapping(
                column=mapping.column,
                constant=mapping.constant,
                values=mapping.values,
                format=mapping.format,
                time_zone=mapping.time_zone,
                same_as=mapping.same_as,
                separator=mapping.separator,
            )
            for column, mapping in entry.columns.items()
        },
        kind=entry.kind,
        instance=entry.instance,
        records=entry.records,
        joins=tuple(
            Join(name=join.name, files=join.files, left=left, right=right)
            for join in entry.join
            for left, right in join.on.items()
        ),
    )
