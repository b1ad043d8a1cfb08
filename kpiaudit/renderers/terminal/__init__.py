"""The report on a terminal: holds at 80 columns, uses 120, in colour or not, Unicode or plain ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.breaches import show_breaches
from kpiaudit.renderers.terminal.figures import show_groups, show_slas, state_of
from kpiaudit.renderers.terminal.headline import (
    EXIT_MEANINGS,
    show_footer,
    show_headline,
    verdict_line,
)
from kpiaudit.renderers.terminal.reading import (
    show_export,
    show_identity,
    show_ignored,
    show_reading,
    show_rejects,
)
from kpiaudit.renderers.terminal.screen import STYLES, open_console, screen_for

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

    from kpiaudit.renderers.terminal.screen import Screen, State
    from kpiaudit.report import Report, SlaResult

__all__ = ["open_console", "render_check", "render_inspect", "render_report", "render_sources"]

WORDS: Final[dict[State, str]] = {
    "pass": "PASS",
    "fail": "FAIL",
    "warn": "WARN",
    "no_data": "NO DATA",
}


def render_report(report: Report, console: Console, *, top: int, verbose: bool) -> None:
    """Print the audit: the promise and its verdict first, then where it was lost, then the proof.

    `top` limits groups, breaches and files; `verbose` lists every file, reject and reason.
    """
    screen = screen_for(console, report.time_zone)
    show_headline(screen, report)
    if report.slas:
        show_slas(screen, report.slas)
    for sla in report.slas:
        if sla.groups:
            show_groups(screen, sla, top=top)
    show_breaches(screen, report, top=top)
    show_reading(screen, report, top=top, verbose=verbose)
    show_footer(screen, report)


def render_check(report: Report, console: Console) -> None:
    """Print the gate: one line per SLA and per group that gates and fails, the verdict, the exit code."""
    screen = screen_for(console, report.time_zone)
    table = screen.table()
    table.show_header = False
    table.box = None
    table.padding = (0, 2, 0, 0)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for _ in range(4):
        table.add_column(justify="right", no_wrap=True)
    for sla in report.slas:
        _add_check(screen, table, sla)
    screen.show(table)
    if report.slas:
        console.print()
    for problem in spell.few(report.problems):
        screen.show(screen.text(f"{screen.signs.states['warn']} {problem}", "yellow"))
    screen.show(verdict_line(screen, report))
    meaning = EXIT_MEANINGS.get(report.exit_code, "")
    screen.show(screen.text(f"exit {int(report.exit_code)}: {meaning}", "dim"))


def _add_check(screen: Screen, table: Table, sla: SlaResult) -> None:
    rows = [(state_of(sla), sla.name, sla.figures)]
    for group in sla.groups:
        if group.verdict == "fail":
            members = ", ".join(f"{spell.words(key)} {value}" for key, value in group.by.items())
            rows.append(("fail", f"  {members}", group.figures))
    for state, name, figures in rows:
        decided = figures.met + figures.breached
        adherence = screen.signs.dash
        if figures.adherence is not None:
            adherence = spell.percent(figures.adherence, sla.goal)
        label = screen.text(f"{screen.signs.states[state]} {WORDS[state]}", STYLES[state])
        table.add_row(
            label,
            screen.text(name),
            screen.text(adherence, STYLES[state]),
            screen.text(f"goal {spell.share(sla.goal)}", "dim"),
            screen.text(f"{spell.count(decided)} judged"),
            screen.text(f"{spell.count(figures.breached)} breached"),
        )


def render_inspect(report: Report, console: Console) -> None:
    """Print what each file was taken for and why, what it holds, and the identity."""
    screen = screen_for(console, report.time_zone)
    qualities = {quality.path: quality for quality in report.qualities}
    for export in report.exports:
        show_export(screen, export, qualities.get(export.path))
    show_ignored(screen, report, verbose=True)
    show_rejects(screen, report, verbose=False)
    screen.heading("Together", f"times in {report.time_zone}")
    show_identity(screen, report.integrity, problems=report.problems)


def render_sources(rows: Sequence[tuple[str, str, str, bool]], console: Console) -> None:
    """Print the formats kpiaudit reads: rows of name, title, tool, and whether seen in the wild."""
    screen = screen_for(console)
    table = screen.table()
    table.add_column("source", no_wrap=True)
    table.add_column("what it reads", overflow="fold", ratio=1)
    table.add_column("tool", overflow="fold", max_width=20)
    table.add_column("seen in the wild", no_wrap=True)
    for name, title, tool, seen in rows:
        wild = screen.text("yes", "green") if seen else screen.text("not yet", "yellow")
        table.add_row(screen.text(name, "bold"), screen.text(title), screen.text(tool), wild)
    screen.show(table)
