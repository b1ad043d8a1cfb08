"""`whatif` on screen: per SLA the curve over targets, other calendars, and the hours to be better in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.headline import show_headline
from kpiaudit.renderers.terminal.screen import STYLES, screen_for
from kpiaudit.renderers.terminal.weeks import (
    WeekGrid,
    blocks_named,
    hours_in,
    shades,
    show_grids,
)
from kpiaudit.whatif.outlook import (
    CALENDAR_RULE,
    HOURS_RULE,
    OPEN_RULE,
    PROFILE_RULE,
    PROMISE_RULE,
)

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.renderers.terminal.screen import Screen, State
    from kpiaudit.whatif.outlook import Point, SlaOutlook, Week, WhatIf

INDENT: Final = 2
GAP: Final = 2
BAR_LEAST: Final = 6
BAR_MOST: Final = 50
HEADERS: Final = ("adherence", "met", "breached", "n", "open")
EDGES: Final = {"started": "by start", "due": "by due instant"}


def render_whatif(result: WhatIf, console: Console, *, top: int) -> None:
    """Print what the promise might be, SLA by SLA; `top` limits the hours that are named."""
    screen = screen_for(console, result.report.time_zone)
    show_headline(screen, result.report)
    for outlook in result.slas:
        screen.heading(outlook.sla.name, f"{spell.terms(outlook.sla)}, goal {_goal(outlook)}")
        if not outlook.curves[0].own.n + outlook.curves[0].own.open:
            screen.show(screen.text("no clock to judge"), indent=INDENT)
            continue
        _show_curve(screen, outlook)
        if len(outlook.curves) > 1:
            console.print()
            _show_calendars(screen, outlook)
        console.print()
        screen.facts(_conclusions(screen, outlook, top=top))
        if outlook.weeks:
            console.print()
            _show_weeks(screen, outlook.weeks)
    screen.heading("How to read this")
    others = [curve for outlook in result.slas for curve in outlook.curves if not curve.is_own]
    rules = [OPEN_RULE, PROMISE_RULE]
    rules += [HOURS_RULE] if any(outlook.weeks for outlook in result.slas) else []
    rules += [CALENDAR_RULE] if any(curve.profile is None for curve in others) else []
    rules += [PROFILE_RULE] if any(curve.profile is not None for curve in others) else []
    for rule in (*rules, *result.notes):
        screen.show(screen.text(rule, "dim"), indent=INDENT)


def _goal(outlook: SlaOutlook) -> str:
    return spell.share(outlook.sla.goal)


def _show_curve(screen: Screen, outlook: SlaOutlook) -> None:
    points = outlook.curves[0].points
    cells = [_numbers(screen, outlook, point) for point in points]
    names = [_target(screen, outlook, point) for point in points]
    longest = max(len("within"), *(len(name.plain) for name in names))
    numbers = sum(
        max(len(header), *(len(row[place].plain) for row in cells)) + GAP
        for place, header in enumerate(HEADERS)
    )
    bar = min(BAR_MOST, screen.width - INDENT - (1 + GAP) - (longest + GAP) - numbers)
    table = screen.table()
    table.expand = False
    table.add_column(width=1)
    table.add_column("within", justify="right", no_wrap=True)
    if bar >= BAR_LEAST:
        table.add_column("", width=bar, no_wrap=True)
    for header in HEADERS:
        table.add_column(header, justify="right", no_wrap=True)
    for name, point, row in zip(names, points, cells, strict=True):
        state = _state(outlook, point)
        drawn = [_bar(screen, point, bar, STYLES[state])] if bar >= BAR_LEAST else []
        table.add_row(screen.sign(state), name, *drawn, *row)
    screen.show(table, indent=INDENT)


def _target(screen: Screen, outlook: SlaOutlook, point: Point) -> Text:
    words = spell.target(point.target_seconds, days=outlook.sla.calendar is None)
    return screen.text(*((f"{screen.signs.arrow} {words}", "bold") if point.is_own else (words,)))


def _show_calendars(screen: Screen, outlook: SlaOutlook) -> None:
    own = outlook.curves[0].own
    table = screen.table()
    table.add_column(width=1)
    target = spell.target(own.target_seconds, days=outlook.sla.calendar is None)
    table.add_column(f"within {target}", overflow="fold", ratio=1)
    for header in (*HEADERS, f"{_goal(outlook)} at"):
        table.add_column(header, justify="right", no_wrap=True)
    for curve in outlook.curves:
        name = screen.text(curve.calendar if curve.profile is None else f"as {curve.profile}")
        if curve.is_own:
            name = screen.text(f"{screen.signs.arrow} {curve.calendar}", "bold")
        promise = screen.text(screen.signs.dash, "dim")
        if curve.tightest is not None:
            promise = screen.text(_exact(outlook, curve.tightest, is_own=curve.is_own))
        state = _state(outlook, curve.own)
        table.add_row(screen.sign(state), name, *_numbers(screen, outlook, curve.own), promise)
    screen.show(table, indent=INDENT)


def _numbers(screen: Screen, outlook: SlaOutlook, point: Point) -> list[Text]:
    adherence = screen.text(screen.signs.dash, "dim")
    if point.adherence is not None:
        style = STYLES[_state(outlook, point)]
        adherence = screen.text(spell.percent(point.adherence, outlook.sla.goal), style)
    counts = (point.met, point.breached, point.n, point.open)
    return [adherence, *(screen.text(spell.count(n), "" if n else "dim") for n in counts)]


def _state(outlook: SlaOutlook, point: Point) -> State:
    if point.adherence is None:
        return "no_data"
    return "pass" if point.adherence >= outlook.sla.goal else "fail"


def _bar(screen: Screen, point: Point, width: int, style: str) -> Text:
    if point.adherence is None:
        return Text()
    full = max(int(point.adherence * width), 1 if point.met else 0)
    blank = screen.text(screen.signs.blank * (width - full), "dim")
    return Text.assemble(screen.text(screen.signs.filled * full, style), blank)


def _exact(outlook: SlaOutlook, point: Point, *, is_own: bool) -> str:
    return spell.target(point.target_seconds, days=is_own and outlook.sla.calendar is None)


def _conclusions(screen: Screen, outlook: SlaOutlook, *, top: int) -> list[tuple[str, Text]]:
    curve, goal = outlook.curves[0], _goal(outlook)
    if curve.tightest is None:
        told = [
            ("promise", screen.text(f"no target is kept at {goal}: too few clocks were stopped"))
        ]
    else:
        point = curve.tightest
        kept = f"{spell.count(point.met)} of {spell.count(point.n)} met"
        left = f", {spell.count(point.open)} open" if point.open else ""
        exact = screen.text(_exact(outlook, point, is_own=True), "bold")
        words = screen.text(f" is the tightest promise kept at {goal}: {kept}{left}")
        told = [("promise", Text.assemble(exact, words))]
    if outlook.to_avert is None:
        return told
    if not outlook.to_avert:
        spare = spell.plural(outlook.to_spare, "more breach", "more breaches")
        room = f"with room for {spare}" if outlook.to_spare else "with none to spare"
        return [*told, ("to avert", screen.text(f"none: {goal} is reached, {room}"))]
    of_all = spell.plural(outlook.sla.figures.breached, "breach", "breaches")
    needed = f"{spell.count(outlook.to_avert)} of {of_all} to reach {goal}"
    told.append(("to avert", screen.text(needed)))
    told += [(week.edge, _enough(screen, week, top=top)) for week in outlook.weeks]
    return told


def _enough(screen: Screen, week: Week, *, top: int) -> Text:
    hours = spell.plural(week.hours, "hour")
    verb = "hold" if week.hours != 1 else "holds"
    named = blocks_named(screen, week.blocks, top=top)
    return screen.text(f"{hours} of the week {verb} {spell.count(week.breaches)}: {named}")


def _show_weeks(screen: Screen, weeks: Sequence[Week]) -> None:
    grids = []
    for week in weeks:
        scale = shades(screen)[-1]
        title = f"breaches {EDGES[week.edge]}, {scale} {spell.count(max(week.by_hour))}"
        grids.append(WeekGrid(title, week.by_hour, marked=hours_in(week.blocks)))
    show_grids(screen, grids)
