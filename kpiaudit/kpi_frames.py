"""The frames the KPIs of a run are counted in: those of its messages, and of what lies beside them."""

from __future__ import annotations

from datetime import datetime, time
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import polars as pl

from kpiaudit.calendars.business_time import compile_calendar
from kpiaudit.dimensions import with_teams
from kpiaudit.groupings import with_derived
from kpiaudit.kpis import cost, facts, presence, self_service
from kpiaudit.kpis.catalogue import OWN_GROUPS
from kpiaudit.schema import INSTANT, TIMES
from kpiaudit.views.trends import next_start, start_of

if TYPE_CHECKING:
    from kpiaudit.audit import Audit
    from kpiaudit.calendars.business_time import Calendar
    from kpiaudit.kpis.seen import Seen
    from kpiaudit.settings import CalendarSettings, Settings
    from kpiaudit.views.shown import Period

C = pl.col


def counted_in(audited: Audit, seen: Seen, wanted: facts.Wanted) -> dict[str, pl.DataFrame]:
    """Return every frame the KPIs wanted are counted in, by grain."""
    settings = audited.request.settings
    described = with_times(audited.described, wanted)
    judged = [with_times(part, wanted) for part in audited.judged]
    frames = facts.frames(seen, described, judged, wanted)
    if "active_hour_share" in wanted.kpis and not frames["actions"].is_empty():
        frames["agents"] = agents(frames["actions"], settings, wanted)
    begun, as_of = frames["conversations"].height, max(audited.reading.as_of.values())
    return frames | lying_beside(seen, wanted, begun, as_of=as_of)


def with_times(clocks: pl.DataFrame, wanted: facts.Wanted) -> pl.DataFrame:
    """Return clocks with the times among the names wanted that they have not yet, of their start."""
    names = (wanted.names & {*TIMES}) - {*clocks.columns}
    return with_derived(clocks, names, at="started_at", zone=wanted.zone, teams=())


def lying_beside(
    seen: Seen, wanted: facts.Wanted, conversations: int, *, as_of: datetime
) -> dict[str, pl.DataFrame]:
    """Return the frames of presence and self-service that KPIs wanted are counted in."""
    made: dict[str, pl.DataFrame] = {}
    settings = seen.settings
    if wanted.kpis & presence.KPIS:
        calendar = calendar_of(settings) if settings.calendars else None
        rows = presence.agents(
            seen.beside.presence, calendar, since=wanted.since, until=wanted.until
        )
        made["presence"] = with_derived(
            with_teams(rows, settings.teams),
            wanted.names & OWN_GROUPS,
            at="first",
            zone=wanted.zone,
            teams=settings.teams,
        )
    if wanted.kpis & self_service.KPIS:
        visits = self_service.visits(seen, as_of=as_of)
        within = wanted.within("at")
        visits = visits if within is None else visits.filter(within)
        made["visits"] = with_derived(
            visits, wanted.names & {*TIMES}, at="at", zone=wanted.zone, teams=()
        )
        made["all_visits"] = visits.with_columns(conversations=pl.lit(conversations))
    return made


def calendar_of(settings: Settings) -> CalendarSettings:
    """Return the calendar the SLAs name first, else the first by name."""
    named = [sla.calendar for sla in settings.slas if sla.calendar]
    return settings.calendars[named[0] if named else min(settings.calendars)]


def agents(actions: pl.DataFrame, settings: Settings, wanted: facts.Wanted) -> pl.DataFrame:
    """Return the open and active hours of every agent, under the calendar the SLAs name first."""
    names = sorted(wanted.names & OWN_GROUPS)
    return cost.activity(actions, compiled_over(actions, settings), names)


def agents_over_time(
    actions: pl.DataFrame, settings: Settings, wanted: facts.Wanted, period: Period
) -> pl.DataFrame:
    """Return the open and active hours of every agent in each `period`, which sum to those of `agents`."""
    zone = ZoneInfo(wanted.zone)
    first, last = (at.astimezone(zone).date() for at in active_between(actions))
    starts = [start_of(first, period)]
    while starts[-1] <= last:
        starts.append(next_start(starts[-1], period))
    edges = pl.Series([datetime.combine(day, time(), zone) for day in starts], dtype=INSTANT)
    periods = pl.DataFrame({period: starts[:-1], "begin": edges[:-1], "end": edges[1:]})
    return cost.activity_in(actions, compiled_over(actions, settings), periods)


def active_between(actions: pl.DataFrame) -> tuple[datetime, datetime]:
    """Return the first and the last active hour of all."""
    hour = C("active_hour")
    first, last = actions.select(hour.min(), hour.max().alias("last")).row(0)
    return first, last


def compiled_over(actions: pl.DataFrame, settings: Settings) -> Calendar:
    """Return the calendar the SLAs name first, over the hours of the actions."""
    return compile_calendar(calendar_of(settings), *active_between(actions))
