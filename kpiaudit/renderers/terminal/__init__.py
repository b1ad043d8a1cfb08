"""The report on a terminal: holds at 80 columns, uses 120, in colour or not, Unicode or plain ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kpiaudit.gates import gates_of
from kpiaudit.renderers import gates as words
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.breaches import show_breaches
from kpiaudit.renderers.terminal.categories import show_categories
from kpiaudit.renderers.terminal.figures import show_groups, show_slas
from kpiaudit.renderers.terminal.headline import show_footer, show_headline, verdict_line
from kpiaudit.renderers.terminal.kpis import show_kpis, show_leading
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
    from kpiaudit.report import Gate, GateState, Report

__all__ = ["open_console", "render_check", "render_inspect", "render_report", "render_sources"]

STATES: Final[dict[GateState, State]] = {
    "pass": "pass", "fail": "fail", "warn": "warn", "held": "warn", "no_data": "no_data", "empty": "no_data",
}  # fmt: skip


def render_report(
    report: Report,
    console: Console,
    *,
    top: int,
    verbose: bool,
    views: frozenset[str] = frozenset(),
    kpis: Sequence[str] = (),
) -> None:
    """Print the audit: the promise and its verdict first, then where it was lost, then the proof.

    `top` limits groups, breaches and files; `verbose` lists every file, reject and reason; `views` are
    those to show of the views the report holds, `kpis` those to show whole, beside those with a goal.
    """
    screen = screen_for(console, report.time_zone)
    show_headline(screen, report)
    show_leading(screen, report, over_time="trend" in views)
    if report.slas:
        show_slas(screen, report.slas)
    for sla in report.slas:
        if sla.groups:
            show_groups(screen, sla, top=top)
    show_categories(screen, report)
    judged = {kpi.kpi for kpi in report.kpis if kpi.verdict is not None}
    if kpis or judged:
        show_kpis(screen, report, chosen={*kpis, *judged}, top=top)
    show_views(screen, report, views, top=top)
    show_breaches(screen, report, top=top)
    if report.quotes:
        from kpiaudit.renderers.terminal.quotes import show_quotes

        show_quotes(screen, report)
    show_reading(screen, report, top=top, verbose=verbose)
    show_footer(screen, report)


def show_views(screen: Screen, report: Report, views: frozenset[str], *, top: int) -> None:
    """Print the views asked for, each by a module that nothing else imports."""
    if views & {"trend", "distribution"}:
        from kpiaudit.renderers.terminal.trends import show_distributions, show_trends

        if "trend" in views:
            show_trends(screen, report)
        if "distribution" in views:
            show_distributions(screen, report)
    if "staffing" in views:
        from kpiaudit.renderers.terminal.staffing import show_staffing

        show_staffing(screen, report, top=top)
    if "models" in views:
        from kpiaudit.renderers.terminal.models import show_models

        show_models(screen, report.models)


def render_check(report: Report, console: Console) -> None:
    """Print the gate: a line for each SLA and KPI goal and each group that fails, the verdict, the code."""
    screen = screen_for(console, report.time_zone)
    table = screen.table()
    table.show_header = False
    table.box = None
    table.padding = (0, 2, 0, 0)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for _ in range(4):
        table.add_column(justify="right", no_wrap=True)
    gates = gates_of(report)
    for gate in gates:
        if not gate.by or gate.state in {"fail", "held"}:
            _add_check(screen, table, gate)
    screen.show(table)
    if gates:
        console.print()
    for gate in gates:
        if bound := words.held_by(gate):
            screen.show(screen.text(f"{words.name_of(gate)}: {bound}", "dim"))
    for problem in spell.few(report.problems):
        screen.show(screen.text(f"{screen.signs.states['warn']} {problem}", "yellow"))
    screen.show(verdict_line(screen, report))
    said = f"exit {int(report.exit_code)}: {words.meaning(report)}"
    screen.show(screen.text(said, "dim"))


def _add_check(screen: Screen, table: Table, gate: Gate) -> None:
    state = STATES[gate.state]
    judged, _, breached = words.counts_of(gate).partition(", ")
    table.add_row(
        screen.text(f"{screen.signs.states[state]} {words.WORDS[gate.state]}", STYLES[state]),
        screen.text(f"  {words.group_of(gate)}" if gate.by else words.title_of(gate)),
        screen.text(screen.signs.dash if gate.value is None else words.figure(gate), STYLES[state]),
        screen.text(words.goal_of(gate), "dim"),
        screen.text(judged),
        screen.text(breached),
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
