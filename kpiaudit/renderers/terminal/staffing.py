"""When there is work and when it is done: demand, answers, backlog and breaches by hour of the week."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from rich.text import Text

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.weeks import (
    DAYS,
    HOURS,
    WeekGrid,
    blocks_named,
    hours_in,
    shade,
    shades,
    show_grids,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import Report
    from kpiaudit.views.shown import HoursOfWeek

INDENT: Final = 2
NAMED: Final = 5
DRAWN: Final = 4
HOW: Final = (
    "Red hours are the fewest that hold enough breaches to reach the goal, had every one of those been "
    "met. A breach lies in the hour its clock began; backlog is the mean number of conversations waiting "
    "for us as the hour begins."
)


def show_staffing(screen: Screen, report: Report, *, top: int) -> None:
    """Print demand against answers, backlog, and where breaches cluster; `top` limits hours named."""
    hours = report.views.hours
    if hours is None:
        return
    screen.heading("Staffing", f"hours of the week in {report.time_zone}")
    if not any(hours.demand) and not any(hours.answers):
        screen.show(screen.text("no message of customers or agents"), indent=INDENT)
        return
    screen.facts(_facts(screen, hours))
    screen.console.print()
    show_grids(screen, _grids(screen, hours))
    screen.console.print()
    _show_day(screen, hours)
    _show_breaches(screen, report, hours, top=top)
    screen.console.print()
    screen.show(screen.text(HOW, "dim"), indent=INDENT)


def _facts(screen: Screen, hours: HoursOfWeek) -> list[tuple[str, Text]]:
    asked, answered = sum(hours.demand), sum(hours.answers)
    demand = spell.plural(asked, "customer message")
    answers = spell.plural(answered, "answer")
    behind = [ask - answer for ask, answer in zip(hours.demand, hours.answers, strict=True)]
    return [
        ("demand", screen.text(f"{demand}, most on {_peaks(hours.demand)}")),
        ("answers", screen.text(f"{answers}, most on {_peaks(hours.answers)}")),
        ("most behind", screen.text(_peaks(behind) or "in no hour")),
    ]


def _peaks(by_hour: Sequence[int]) -> str:
    ranked = sorted(range(len(by_hour)), key=lambda hour: (-by_hour[hour], hour))
    return ", ".join(
        f"{_hour(hour)} ({spell.count(by_hour[hour])})"
        for hour in ranked[:NAMED]
        if by_hour[hour] > 0
    )


def _hour(hour: int) -> str:
    at = hour % HOURS
    return f"{DAYS[hour // HOURS]} {at:02}-{at + 1:02}"


def _grids(screen: Screen, hours: HoursOfWeek) -> list[WeekGrid]:
    scale = shades(screen)
    behind = [max(a - b, 0) for a, b in zip(hours.demand, hours.answers, strict=True)]
    counted = {"demand": hours.demand, "answers": hours.answers, "demand over answers": behind}
    grids = [
        WeekGrid(f"{title}, {scale[-1]} {spell.count(max(by_hour))}", by_hour)
        for title, by_hour in counted.items()
    ]
    if hours.backlog:
        least, most = min(hours.backlog), max(hours.backlog)
        title = f"backlog, {scale[0]} {least:,.1f} {scale[-1]} {most:,.1f}"
        grids.append(WeekGrid(title, hours.backlog, least=least))
    return grids


def _show_day(screen: Screen, hours: HoursOfWeek) -> None:
    if not hours.backlog:
        return
    means = [sum(hours.backlog[hour::HOURS]) / len(DAYS) for hour in range(HOURS)]
    least, most = min(means), max(means)
    low, high = means.index(least), means.index(most)
    line = "".join(shade(screen, mean, least=least, most=most) for mean in means)
    said = f"  {least:,.1f} at {low:02}:00, {most:,.1f} at {high:02}:00 on the mean day"
    screen.facts([("backlog through the day", Text.assemble(screen.text(line), screen.text(said)))])


def _show_breaches(screen: Screen, report: Report, hours: HoursOfWeek, *, top: int) -> None:
    goals = {sla.name: spell.share(sla.goal) for sla in report.slas}
    facts = []
    for name, needed in hours.to_avert.items():
        blocks = hours.blocks.get(name, ())
        count = sum(block.to_hour - block.from_hour for block in blocks)
        held = sum(block.breaches for block in blocks)
        all_of = spell.plural(sum(hours.breached[name]), "breach", "breaches")
        words = (
            f"{spell.count(needed)} of {all_of} to avert for {goals.get(name, 'the goal')}; "
            f"{spell.plural(count, 'hour')} of the week {'hold' if count != 1 else 'holds'} "
            f"{spell.count(held)}: {blocks_named(screen, blocks, top=top)}"
        )
        facts.append((name, screen.text(words)))
    if not facts:
        return
    screen.heading("Where breaches cluster", "SLAs that miss their goal")
    screen.facts(facts)
    screen.console.print()
    grids = []
    for name in list(hours.to_avert)[:DRAWN]:
        by_hour = hours.breached[name]
        title = f"{name}, {shades(screen)[-1]} {spell.count(max(by_hour))}"
        grids.append(WeekGrid(title, by_hour, marked=hours_in(hours.blocks.get(name, ()))))
    show_grids(screen, grids)
