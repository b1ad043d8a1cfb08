"""The worst breaches on screen: whose wait it was, how far over, and the two rows that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.ranking import UNASSIGNED
from kpiaudit.renderers.terminal.headline import show_headline
from kpiaudit.renderers.terminal.screen import screen_for
from kpiaudit.report import Breach

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import Report, SlaResult
    from kpiaudit.whatif.outlook import AtRisk, BreachList

WIDE: Final = 110
"""From here on the evidence has a column of its own."""


def render_breaches(result: BreachList, console: Console) -> None:
    """Print the worst breaches, or what is about to be one, and how many there are of either."""
    report = result.report
    screen = screen_for(console, report.time_zone)
    show_headline(screen, report)
    if result.is_ahead and result.at_risk:
        note = f"{len(result.at_risk)} of {spell.count(result.risked)}, soonest due first"
        screen.heading("About to breach", note)
        _show_clocks(screen, result.slas, result.at_risk, headers=("left\ndue", "took\ntarget"))
    elif result.breaches:
        _show_worst(screen, result.slas, result.breaches, count=result.breached)
    else:
        nothing = "at risk" if result.is_ahead else "breached"
        screen.console.print()
        screen.show(screen.text(f"No clock is {nothing}."), indent=2)
    screen.heading("Together")
    rows = [
        (sla.name, screen.text(_totals(f.breached, f.open, f.at_risk)))
        for sla, f in ((sla, sla.figures) for sla in result.slas)
    ]
    if len(rows) != 1:
        rows.append(
            ("all", screen.text(_totals(result.breached, result.open, result.risked), "bold"))
        )
    screen.facts(rows)


def _totals(breached: int, still_open: int, at_risk: int) -> str:
    return ", ".join(
        f"{spell.count(number)} {what}"
        for number, what in ((breached, "breached"), (still_open, "open"), (at_risk, "at risk"))
    )


def show_breaches(screen: Screen, report: Report, *, top: int) -> None:
    """Print the `top` breaches the report ranks first."""
    if report.breach_count:
        _show_worst(screen, report.slas, report.breaches[:top], count=report.breach_count)


def _show_worst(
    screen: Screen, slas: Sequence[SlaResult], shown: Sequence[Breach], *, count: int
) -> None:
    note = f"{len(shown)} of {spell.count(count)}, furthest over target first"
    screen.heading("Worst breaches", note)
    _show_clocks(screen, slas, shown, headers=("over", "took\ntarget"))


def _show_clocks(
    screen: Screen,
    slas: Sequence[SlaResult],
    shown: Sequence[Breach | AtRisk],
    *,
    headers: Sequence[str],
) -> None:
    by_calendar = {sla.name: sla.calendar for sla in slas}
    wide = screen.width >= WIDE
    table = screen.table()
    for header in headers:
        table.add_column(header, justify="right", no_wrap=True)
    if wide:
        table.add_column("started\nSLA", overflow="fold", max_width=28)
        table.add_column("conversation\nwho", overflow="fold", ratio=2)
        table.add_column("evidence", overflow="fold", ratio=3)
    else:
        table.add_column("conversation, who\nSLA, started, evidence", overflow="fold", ratio=1)
    for clock in shown:
        waits = _waits(screen, clock, days=by_calendar.get(clock.sla) is None)
        table.add_row(*waits, *(_wide if wide else _narrow)(screen, clock))
    screen.show(table, indent=2)


def _waits(screen: Screen, clock: Breach | AtRisk, *, days: bool) -> Sequence[Text]:
    took = screen.text(spell.duration(clock.elapsed_seconds, days=days))
    allowed = screen.text(spell.target(clock.target_seconds, days=days), "dim")
    if not isinstance(clock, Breach):
        left = screen.text(spell.remaining(clock.left_seconds, days=days), "bold yellow")
        due = "paused" if clock.due_at is None else spell.instant(clock.due_at, screen.zone)
        return (_stack(left, screen.text(due)), _stack(took, allowed))
    over = screen.text(spell.duration(clock.overrun_seconds, days=days), "bold red")
    return (over, _stack(took, allowed))


def _wide(screen: Screen, clock: Breach | AtRisk) -> Sequence[Text]:
    return (
        _stack(_started(screen, clock), screen.text(clock.sla, "dim")),
        _stack(_conversation(screen, clock), screen.text(_who(clock), "dim")),
        _evidence(screen, clock),
    )


def _narrow(screen: Screen, clock: Breach | AtRisk) -> Sequence[Text]:
    person = screen.text(f", {_who(clock)}")
    sla = screen.text(f"{clock.sla}, ", "dim")
    return (
        _stack(
            Text.assemble(_conversation(screen, clock), person),
            Text.assemble(sla, _started(screen, clock)),
            _evidence(screen, clock),
        ),
    )


def _conversation(screen: Screen, clock: Breach | AtRisk) -> Text:
    return screen.text(f"{clock.system} {clock.conversation_id}")


def _who(clock: Breach | AtRisk) -> str:
    return clock.agent if clock.team == UNASSIGNED else f"{clock.agent} of {clock.team}"


def _started(screen: Screen, clock: Breach | AtRisk) -> Text:
    return screen.text(spell.instant(clock.started_at, screen.zone), "dim")


def _evidence(screen: Screen, clock: Breach | AtRisk) -> Text:
    if isinstance(clock, Breach) and clock.stop_export is not None:
        stop = f"{clock.stop_export}:{clock.stop_row}"
    else:
        stop = "unresolved" if "resolution" in clock.metric else "unanswered"
    start = f"{clock.start_export}:{clock.start_row}"
    return screen.text(f"{start} {screen.signs.arrow} {stop}", "dim")


def _stack(*lines: Text) -> Text:
    return Text("\n").join(lines)
