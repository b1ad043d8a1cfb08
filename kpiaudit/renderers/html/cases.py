"""The worst breaches, each with its clock in words: when it began, when it was due, when it stopped."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kpiaudit.charts.bars import clock_bar, wait_bar
from kpiaudit.charts.markup import NOTHING, Markup, join, tag
from kpiaudit.charts.scales import DAYS, day
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.html.elements import cell, glued, part, row, table
from kpiaudit.renderers.spans import exact, in_short

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from kpiaudit.explanation.explained import Span
    from kpiaudit.renderers.html.elements import Part
    from kpiaudit.report import Breach, Report

BAR_KEYS: Final = {
    "ticking": "within its target",
    "late": "over it",
    "paused": "paused or closed",
    "off": "outside hours, on a holiday, in a break",
}
UNASSIGNED: Final = "(unassigned)"


def breaches(report: Report) -> Part:
    """Return the breaches the report ranks first."""
    calendars = {sla.name: sla.calendar for sla in report.slas}
    zone = ZoneInfo(report.time_zone)
    spans = report.breach_spans if report.breaches else ()
    spans = spans or ((),) * len(report.breaches)
    cases = [
        _case(breach, calendars.get(breach.sla), zone, found)
        for breach, found in zip(report.breaches, spans, strict=True)
    ]
    shown = f"{len(report.breaches):,} of {report.breach_count:,}, furthest over target first."
    more = "`kpiaudit breaches` lists them all, `kpiaudit explain` tells a conversation row by row."
    return part(
        "breaches",
        "The worst breaches",
        _keys() if any(spans) else NOTHING,
        tag("ol", *cases, class_="cases") if cases else NOTHING,
        lede=f"{shown} {more}",
    )


def _keys() -> Markup:
    """What the parts of the bars are."""
    told = (tag("span", tag("span", class_=f"key {name}"), said) for name, said in BAR_KEYS.items())
    return tag("p", "A clock's bar is real time: ", *told, class_="keys")


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


def _case(breach: Breach, calendar: str | None, zone: ZoneInfo, spans: Sequence[Span]) -> Markup:
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
        clock(breach, spans, zone) if spans else NOTHING,
        tag("p", _evidence(breach), class_="small"),
    )
    return tag("li", head, body)


def clock(breach: Breach, spans: Sequence[Span], zone: ZoneInfo) -> Markup:
    """Return a clock span by span: a bar of real time, what it is made of, and the spans as a table; nothing of
    one that ticked all the time, which is told already.
    """
    counted = sum((span.counted for span in spans), timedelta())
    rest = timedelta(seconds=breach.elapsed_seconds) - counted
    if not rest and all(span.state == "ticking" for span in spans):
        return NOTHING
    said = made_of(spans)
    lines = in_short(spans, zone)
    rows = [
        _line(
            "…" if line.kind == "fold" else _at(line.at, zone),
            line.said,
            (exact(line.wall or timedelta()), exact(line.counted or timedelta())),
        )
        for line in lines
    ]
    if breach.due_at is not None:
        allowed = spell.target(breach.target_seconds, days=False)
        place = next((i for i, line in enumerate(lines) if line.is_over), len(lines))
        rows.insert(place, _line(_at(breach.due_at, zone), f"due: {allowed} used up", ("", "")))
    if rest:
        sign = "\N{MINUS SIGN}" if rest < timedelta() else "+"
        told = "counted otherwise by the definitions in force"
        rows.append(_line("", told, ("", f"{sign}{exact(abs(rest))}")))
    wall = sum((span.wall for span in spans), timedelta())
    rows.append(_line("in all", "", (exact(wall), exact(counted + rest))))
    heads = (tag("th", name, scope="col") for name in ("from", "the clock", "real", "counted"))
    return join(
        (
            clock_bar(spans),
            tag("p", glued(said), class_="small"),
            tag(
                "details",
                tag("summary", "Span by span"),
                tag(
                    "table",
                    tag("caption", f"The clock of {breach.conversation_id}", class_="unseen"),
                    tag("thead", tag("tr", *heads)),
                    tag("tbody", *rows),
                    class_="spans",
                ),
            ),
        )
    )


def _line(first: str, said: str, times: Sequence[str]) -> Markup:
    head = tag("th", first, scope="row") if first else tag("td")
    return tag("tr", head, *(tag("td", words) for words in (said, *times)))


def made_of(spans: Sequence[Span]) -> str:
    """Return what a wait is made of, in words: `12:00 ticking, 8:00 of it over the target; 66:00 outside hours`."""
    over = sum((span.counted for span in spans if span.is_over), timedelta())
    walls: dict[str, timedelta] = {}
    for span in spans:
        named = span.state in {"holiday", "paused"}
        name = f"{span.state} ({span.reason})" if named else span.state
        walls[name] = walls.get(name, timedelta()) + span.wall
    told = [
        f"{_waited(wall)} {name}"
        + (f", {_waited(over)} of it over the target" if name == "ticking" and over else "")
        for name, wall in walls.items()
    ]
    return "; ".join(told)


def _waited(time: timedelta) -> str:
    return spell.duration(time.total_seconds(), days=False)


def _at(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant in a table: `Mon 9 Mar, 10:00`, with seconds where it has any."""
    local = at.astimezone(zone)
    seconds = f":{local.second:02}" if local.second or local.microsecond else ""
    return f"{DAYS[local.weekday()]} {day(local.date())}, {local:%H:%M}{seconds}"


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
