"""One conversation on screen: what happened, then clock by clock where the time went."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.text import Text

from kpiaudit.renderers import spans
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.screen import STYLES, screen_for

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.explanation.explained import Explained, ExplainedClock, Row
    from kpiaudit.renderers.terminal.screen import Screen, State

WIDE = 110
"""From here on a row's place has a column of its own."""
STATES: dict[str | None, State] = {"met": "pass", "breached": "fail", "open": "warn"}


def render_explanation(told: Explained, console: Console, *, verbose: bool = False) -> None:
    """Print the timeline and every clock; `verbose` folds no spans."""
    screen = screen_for(console, told.time_zone)
    screen.console.print()
    title = screen.text(f"{told.system} {told.conversation_id}", "bold")
    screen.show(title, indent=2)
    facts = [
        ("as of", f"{spans.moment(told.as_of, screen.zone)}, {told.time_zone}"),
        ("policy", told.policy or "none: the default promise"),
        *(("note", note) for note in told.notes),
    ]
    screen.facts([(label, screen.text(said)) for label, said in facts])
    show_rows(screen, told)
    for clock in told.clocks:
        show_clock(screen, clock, verbose=verbose)


def show_rows(screen: Screen, told: Explained) -> None:
    """Print every row with its instant, what it is, who wrote it, and its place in the export."""
    screen.heading("What happened", f"{spell.plural(len(told.rows), 'row')}, oldest first")
    wide = screen.width >= WIDE
    table = screen.table()
    table.add_column("when", no_wrap=True)
    table.add_column("what", overflow="fold", ratio=3)
    table.add_column("who", overflow="fold", ratio=1)
    if wide:
        table.add_column("file:row", overflow="fold", ratio=2)
    before = None
    for row in told.rows:
        at = "" if row.at == before else spans.moment(row.at, screen.zone)
        before = row.at
        place = screen.text(spans.place(row.export, row.row), "dim")
        what = _what(screen, row) + ([] if wide else [place])
        last = [place] if wide else []
        table.add_row(screen.text(at), Text("\n").join(what), screen.text(row.who), *last)
    screen.show(table, indent=2)


def _what(screen: Screen, row: Row) -> list[Text]:
    told = [screen.text(row.what, "bold" if row.marks else "")]
    told += [screen.text(f"{screen.signs.arrow} {mark}", "cyan") for mark in row.marks]
    if row.details:
        told.append(screen.text(", ".join(row.details)))
    if row.text is not None:
        told += [screen.text(line, "italic") for line in row.text.splitlines() if line.strip()]
    return told


def show_clock(screen: Screen, clock: ExplainedClock, *, verbose: bool) -> None:
    """Print one clock: the verdict, every span with its wall and counted time, and the sums."""
    state: State = STATES.get(clock.outcome, "no_data")
    screen.heading(spans.name(clock), spans.judged_by(clock))
    verdict = f"{screen.signs.states[state]} {spans.outcome(clock)}"
    screen.show(screen.text(verdict, STYLES[state]), indent=2)
    table = screen.table()
    table.add_column("from", no_wrap=True)
    table.add_column(width=1)
    table.add_column("", overflow="fold", ratio=1)
    table.add_column("wall", justify="right", no_wrap=True)
    table.add_column("counted", justify="right", no_wrap=True)
    for line in spans.lines(clock, screen.zone, verbose=verbose):
        style = "red" if line.is_over else "" if line.ticks else "dim"
        told = line.said
        if line.kind == "stop" and clock.stop_export is not None:
            told += f", {spans.place(clock.stop_export, clock.stop_row)}"
        at = spans.moment(line.at, screen.zone)
        table.add_row(
            screen.text(screen.signs.more if line.kind == "fold" else at, style),
            _sign(screen, line),
            screen.text(told, "bold red" if line.kind == "due" else style),
            *(_time(screen, line, counted=counted) for counted in (False, True)),
        )
    wall, elapsed = spans.exact(clock.wall), spans.exact(clock.elapsed)
    table.add_row(
        "",
        "",
        screen.text("in all", "bold"),
        screen.text(wall, "bold"),
        screen.text(elapsed, "bold"),
    )
    screen.show(table, indent=2)
    minus = "-" if screen.signs.dash == "-" else "\u2212"
    facts = spans.facts(clock, screen.zone, minus=minus)
    screen.console.print()
    screen.facts([(label, screen.text(said)) for label, said in facts])


def _sign(screen: Screen, line: spans.Line) -> Text:
    if line.kind == "due":
        return screen.text(screen.signs.states["fail"], "bold red")
    if line.kind == "stop":
        return screen.text("")
    sign = screen.signs.filled if line.ticks else screen.signs.blank
    return screen.text(sign, "red" if line.is_over else "green" if line.ticks else "dim")


def _time(screen: Screen, line: spans.Line, *, counted: bool) -> Text:
    time = line.counted if counted else line.wall
    if time is None or (counted and not line.ticks):
        return screen.text("")
    return screen.text(spans.exact(time), "red" if line.is_over and line.ticks else "")
