"""The worst breaches on screen: whose wait it was, how far over, and the two rows that prove it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.text import Text

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.figures import UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import Breach, Report

WIDE: Final = 110
"""From here on the evidence has a column of its own."""


def show_breaches(screen: Screen, report: Report, *, top: int) -> None:
    """Print the `top` breaches the report ranks first."""
    if not report.breach_count:
        return
    shown = report.breaches[:top]
    note = f"{len(shown)} of {spell.count(report.breach_count)}, furthest over target first"
    screen.heading("Worst breaches", note)
    by_calendar = {sla.name: sla.calendar for sla in report.slas}
    wide = screen.width >= WIDE
    table = screen.table()
    table.add_column("over", justify="right", no_wrap=True)
    table.add_column("took\ntarget", justify="right", no_wrap=True)
    if wide:
        table.add_column("started\nSLA", overflow="fold", max_width=28)
        table.add_column("conversation\nwho", overflow="fold", ratio=2)
        table.add_column("evidence", overflow="fold", ratio=3)
    else:
        table.add_column("conversation, who\nSLA, started, evidence", overflow="fold", ratio=1)
    for breach in shown:
        waits = _waits(screen, breach, days=by_calendar.get(breach.sla) is None)
        table.add_row(*waits, *(_wide if wide else _narrow)(screen, breach))
    screen.show(table, indent=2)


def _waits(screen: Screen, breach: Breach, *, days: bool) -> Sequence[Text]:
    took = screen.text(spell.duration(breach.elapsed_seconds, days=days))
    allowed = screen.text(spell.target(breach.target_seconds, days=days), "dim")
    over = screen.text(spell.duration(breach.overrun_seconds, days=days), "bold red")
    return (over, _stack(took, allowed))


def _wide(screen: Screen, breach: Breach) -> Sequence[Text]:
    return (
        _stack(_started(screen, breach), screen.text(breach.sla, "dim")),
        _stack(_conversation(screen, breach), screen.text(_who(breach), "dim")),
        _evidence(screen, breach),
    )


def _narrow(screen: Screen, breach: Breach) -> Sequence[Text]:
    person = screen.text(f", {_who(breach)}")
    sla = screen.text(f"{breach.sla}, ", "dim")
    return (
        _stack(
            Text.assemble(_conversation(screen, breach), person),
            Text.assemble(sla, _started(screen, breach)),
            _evidence(screen, breach),
        ),
    )


def _conversation(screen: Screen, breach: Breach) -> Text:
    return screen.text(f"{breach.system} {breach.conversation_id}")


def _who(breach: Breach) -> str:
    return breach.agent if breach.team == UNASSIGNED else f"{breach.agent} of {breach.team}"


def _started(screen: Screen, breach: Breach) -> Text:
    return screen.text(spell.instant(breach.started_at, screen.zone), "dim")


def _evidence(screen: Screen, breach: Breach) -> Text:
    stop = f"{breach.stop_export}:{breach.stop_row}"
    if breach.stop_export is None:
        stop = "unresolved" if "resolution" in breach.metric else "unanswered"
    start = f"{breach.start_export}:{breach.start_row}"
    return screen.text(f"{start} {screen.signs.arrow} {stop}", "dim")


def _stack(*lines: Text) -> Text:
    return Text("\n").join(lines)
