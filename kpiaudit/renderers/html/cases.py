"""The worst breaches, each with its clock in words: when it began, when it was due, when it stopped."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kpiaudit.charts.bars import wait_bar
from kpiaudit.charts.markup import NOTHING, Markup, join, tag
from kpiaudit.charts.scales import DAYS, day
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.html.elements import cell, glued, part, row, table

if TYPE_CHECKING:
    from datetime import datetime

    from kpiaudit.renderers.html.elements import Part
    from kpiaudit.report import Breach, Report

UNASSIGNED: Final = "(unassigned)"


def breaches(report: Report) -> Part:
    """Return the breaches the report ranks first."""
    calendars = {sla.name: sla.calendar for sla in report.slas}
    zone = ZoneInfo(report.time_zone)
    cases = [_case(breach, calendars.get(breach.sla), zone) for breach in report.breaches]
    shown = f"{len(report.breaches):,} of {report.breach_count:,}, furthest over target first."
    return part(
        "breaches",
        "The worst breaches",
        tag("ol", *cases, class_="cases") if cases else NOTHING,
        lede=f"{shown} `kpiaudit breaches` lists them all, `kpiaudit explain` every span of one clock.",
    )


def quotes(report: Report) -> Part:
    """Return what customers wrote, redacted, where that was asked for."""
    rows = [
        row(
            join((spell.quoted_for(quote), tag("span", spell.place_of(quote), class_="soft"))),
            [cell(quote.text)],
        )
        for quote in report.quotes
    ]
    columns = [("example of", None), ("message", None)]
    return part(
        "quotes",
        "What customers wrote",
        table(columns, rows, label="Messages, redacted") if rows else NOTHING,
        lede="Redacted as well as can be told: read it before you hand it on.",
    )


def _case(breach: Breach, calendar: str | None, zone: ZoneInfo) -> Markup:
    days = calendar is None
    over = spell.duration(breach.overrun_seconds, days=days)
    took = spell.duration(breach.elapsed_seconds, days=days)
    allowed = spell.target(breach.target_seconds, days=days)
    measured = f"{took} of {allowed}" if breach.stopped_at else f"{took} so far, of {allowed}"
    head = tag(
        "div",
        tag("span", f"{over} over", class_="over-by"),
        wait_bar(breach),
        tag("span", measured, class_="small"),
    )
    who = breach.agent if breach.team == UNASSIGNED else f"{breach.agent} of {breach.team}"
    title = tag("h3", f"{breach.system} {breach.conversation_id}")
    place = f"{breach.channel} · {who} · {breach.sla}"
    body = tag(
        "div",
        title,
        tag("p", place, class_="small"),
        tag("p", glued(story(breach, calendar, zone))),
        tag("p", _evidence(breach), class_="small"),
    )
    return tag("li", head, body)


def story(breach: Breach, calendar: str | None, zone: ZoneInfo) -> str:
    """Return how a clock ran, in sentences."""
    days = calendar is None
    allowed = spell.target(breach.target_seconds, days=days)
    kind = spell.words(breach.metric)
    due = (
        f"; with {allowed} allowed it was due on {moment(breach.due_at, zone)}"
        if breach.due_at
        else ""
    )
    ended = "resolution" if "resolution" in breach.metric else "answer"
    if breach.stopped_at is None:
        end = f" No {ended} has come."
    else:
        end = f" The {ended} came on {moment(breach.stopped_at, zone)}."
    counted = spell.duration(breach.elapsed_seconds, days=days)
    if calendar is None:
        ran = f" It ran around the clock: {counted}."
    else:
        ran = f" By the calendar “{calendar}” that is {counted} of business time."
        if breach.stopped_at is not None:
            wall = (breach.stopped_at - breach.started_at).total_seconds()
            ran = f" {spell.duration(wall)} passed, of which the calendar “{calendar}” counts {counted}."
    return f"The clock for {kind} began on {moment(breach.started_at, zone)}{due}.{end}{ran}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant as people say it: `Mon 9 Mar 2026, 10:00`, with seconds where it has any."""
    local = at.astimezone(zone)
    seconds = f":{local.second:02}" if local.second or local.microsecond else ""
    return f"{DAYS[local.weekday()]} {day(local.date())} {local.year}, {local:%H:%M}{seconds}"


def _evidence(breach: Breach) -> Markup:
    start = tag("code", f"{breach.start_export}:{breach.start_row}")
    if breach.stop_export is None:
        return join(("Evidence: began with ", start, ", nothing has stopped it"))
    stop = tag("code", f"{breach.stop_export}:{breach.stop_row}")
    return join(("Evidence: began with ", start, ", stopped by ", stop))
