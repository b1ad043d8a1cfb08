"""From an audit to what it might have been, and to the breaches behind and ahead of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.assembly import assemble, breaches_of, with_evidence
from kpiaudit.conversations import natural
from kpiaudit.definitions import others
from kpiaudit.disagreements import with_definitions
from kpiaudit.pipeline import audit_of, collect_summaries
from kpiaudit.settings import CalendarSettings
from kpiaudit.summary import furthest, worst_breaches
from kpiaudit.whatif.outlook import AtRisk, BreachList, Curve, SlaOutlook, WhatIf
from kpiaudit.whatif.supposed import (
    ladder,
    points_at,
    tightest,
    to_avert,
    under,
    waits_of,
    week_of,
    with_hours,
)

if TYPE_CHECKING:
    from kpiaudit.audit import Audit
    from kpiaudit.report import SlaResult
    from kpiaudit.settings import Settings, Sla, Span
    from kpiaudit.whatif.outlook import Week
    from kpiaudit.whatif.supposed import Waits

C = pl.col
AROUND_THE_CLOCK = "around the clock"
ALWAYS = "always"


@dataclass(frozen=True, slots=True)
class Hours:
    """Hours of the week as somebody typed them: weekdays (0 = Monday) and spans."""

    written: str
    days: tuple[int, ...]
    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Suppositions:
    """What a `whatif` asks for."""

    slas: tuple[str, ...] = ()
    """Only these; empty for all."""
    targets: tuple[timedelta, ...] = ()
    """In place of the usual ones."""
    calendars: tuple[str, ...] = ()
    """Calendars of the policy, or `always`."""
    more_hours: tuple[Hours, ...] = ()
    """Open besides the SLA's own hours."""
    hours: tuple[Hours, ...] = ()
    """In place of the SLA's own hours."""
    profiles: tuple[str, ...] = ()
    """Judged by the definitions of these, in place of the policy's."""


def suppose(audited: Audit, asked: Suppositions) -> WhatIf:
    """Return an audit at other targets, under other calendars and definitions, per SLA asked for."""
    report = assemble(audited, collect_summaries(audited))
    settings = audited.request.settings
    by_name = {sla.name: sla for sla in settings.slas}
    chosen = [result for result in report.slas if not asked.slas or result.name in asked.slas]
    judged = judged_as(audited, asked.profiles)
    outlooks = tuple(outlook(audited, by_name[sla.name], sla, asked, judged) for sla in chosen)
    notes = [
        f"{sla.name} runs around the clock: there are no hours to add to"
        for sla in chosen
        if asked.more_hours and sla.calendar is None
    ]
    notes += [
        f"the policy judges by {name} already"
        for name in dict.fromkeys(asked.profiles)
        if name not in judged
    ]
    return WhatIf(report, outlooks, tuple(notes))


def judged_as(audited: Audit, profiles: Sequence[str]) -> dict[str, pl.DataFrame]:
    """Return the clocks of the exports judged by the definitions of each profile that is not the policy's own."""
    judged = {}
    for name, definitions in others(audited.request.settings.definitions, profiles).items():
        audited.request.progress(f"running clocks as {name}")
        request = with_definitions(audited.request, definitions)
        judged[name] = audit_of(audited.reading, request).adherence
    return judged


def outlook(
    audited: Audit,
    sla: Sla,
    result: SlaResult,
    asked: Suppositions,
    judged: Mapping[str, pl.DataFrame],
) -> SlaOutlook:
    """Return one SLA at other targets, under other calendars and as `judged` by profiles, and what is to be
    averted.
    """
    adherence = audited.adherence.filter(C("sla") == sla.name)
    definitions = audited.request.settings.definitions
    own = sla.calendar or AROUND_THE_CLOCK
    curves = [curve(waits_of(adherence), sla, asked, calendar=own, is_own=True)]
    for name, calendar in other_calendars(audited.request.settings, sla, asked):
        again = under(calendar, adherence, sla, audited.clocks.pauses, definitions)
        curves.append(curve(waits_of(again), sla, asked, calendar=name, is_own=False))
    for profile, clocks in judged.items():
        waits = waits_of(clocks.filter(C("sla") == sla.name))
        as_profile = curve(waits, sla, asked, calendar=own, is_own=False)
        curves.append(replace(as_profile, profile=profile))
    needed = to_avert(curves[0].own, sla.goal)
    weeks: tuple[Week, ...] = ()
    if needed is not None and needed > 0:
        zone = audited.request.settings.time_zone or "UTC"
        breached = adherence.filter(C("outcome") == "breached")
        started = week_of(breached, "started", needed=needed, time_zone=zone)
        weeks = (started, week_of(breached, "due", needed=needed, time_zone=zone))
    return SlaOutlook(
        sla=result,
        curves=tuple(curves),
        to_avert=None if needed is None else max(needed, 0),
        to_spare=max(-(needed or 0), 0),
        weeks=weeks,
    )


def curve(waits: Waits, sla: Sla, asked: Suppositions, *, calendar: str, is_own: bool) -> Curve:
    """Return the waits of an SLA over the targets asked for, or the usual ones next to its own."""
    return Curve(
        calendar=calendar,
        is_own=is_own,
        points=points_at(waits, asked.targets or ladder(sla.target), own=sla.target),
        tightest=tightest(waits, sla.goal, min_sample=sla.min_sample),
    )


def other_calendars(
    settings: Settings, sla: Sla, asked: Suppositions
) -> Iterator[tuple[str, CalendarSettings | None]]:
    """Yield what to call each calendar asked for that is not the SLA's own, and what it is."""
    for name in dict.fromkeys(asked.calendars):
        calendar = settings.calendars.get(name)
        if sla.calendar != (calendar.name if calendar else None):
            yield (name if calendar else AROUND_THE_CLOCK), calendar
    own = settings.calendars[sla.calendar] if sla.calendar else None
    if asked.more_hours and own:
        words = ", ".join(more.written for more in asked.more_hours)
        name = f"{own.name} and {words}"
        yield name, open_at(replace(own, name=name), asked.more_hours)
    if asked.hours:
        name = ", ".join(hours.written for hours in asked.hours)
        bare = own or CalendarSettings(name, settings.time_zone or "UTC")
        yield name, open_at(replace(bare, name=name, hours={}), asked.hours)


def open_at(calendar: CalendarSettings, hours: Iterable[Hours]) -> CalendarSettings:
    """Return a calendar that is open at these hours too."""
    return with_hours(calendar, [(more.days, more.spans) for more in hours])


def list_breaches(
    audited: Audit, slas: Sequence[str] = (), *, is_ahead: bool = False
) -> BreachList:
    """Return the worst breaches of the SLAs named, or of all; `is_ahead`: what is about to be one.

    As many as the request's `top`.
    """
    summaries = collect_summaries(audited)
    report = assemble(audited, summaries)
    chosen = tuple(sla for sla in report.slas if not slas or sla.name in slas)
    names = [sla.name for sla in chosen]
    mine = audited.adherence.filter(C("sla").cast(pl.String).is_in(names))
    top = audited.request.top
    most = 0 if is_ahead else top
    worst = worst_breaches(furthest(mine, most), audited.reading.ordered, most)
    return BreachList(
        report=report,
        slas=chosen,
        breaches=breaches_of(audited, replace(summaries, breaches=worst)),
        at_risk=at_risk(audited, mine, top) if is_ahead else (),
        is_ahead=is_ahead,
    )


def at_risk(audited: Audit, adherence: pl.DataFrame, top: int) -> tuple[AtRisk, ...]:
    """Return the `top` clocks at risk that are due first; those on pause come last."""
    left = (C("target") - C("elapsed")).alias("left")
    open_now = with_evidence(adherence.filter("at_risk"), audited.reading.ordered)
    conversation = (C("system").cast(pl.String), *natural("conversation_id"))
    order = ["due_at", "left", *conversation, "metric", "ordinal", "sla"]
    nearest = open_now.with_columns(left).sort(order, nulls_last=True).head(top)
    return tuple(
        AtRisk(
            sla=row["sla"],
            metric=row["metric"],
            system=str(row["system"]),
            conversation_id=row["conversation_id"],
            channel=row["channel"] or "",
            team=row["team"],
            agent=row["agent"],
            started_at=row["started_at"],
            due_at=row["due_at"],
            target_seconds=row["target"].total_seconds(),
            elapsed_seconds=row["elapsed"].total_seconds(),
            left_seconds=row["left"].total_seconds(),
            start_export=row["start_export"],
            start_row=row["start_row"],
        )
        for row in nearest.rows(named=True)
    )
