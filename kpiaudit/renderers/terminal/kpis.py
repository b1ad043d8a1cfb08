"""KPIs on screen: six on the first, all of them in a table, their groups side by side, and the list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Final

from rich.table import Table
from rich.text import Text

from kpiaudit.kpis.catalogue import BY_ID, KPIS, LEADING, NEEDS
from kpiaudit.renderers import measures
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.ranking import largest, leading
from kpiaudit.renderers.terminal.screen import ASCII_SIGNS, STYLES, screen_for

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import KpiResult, Report

TILES_NARROW: Final = 3
TILES_WIDE: Final = 6
WIDE: Final = 110
NAME: Final = 24
GROUP: Final = 18
CELL: Final = 15
"""The space of two before a cell included, so that a line of them fits and `Conversations` does."""
INDENT: Final = 2
SPARK_MOST: Final = 18
"""Bars under a figure: what a tile of a terminal of 80 columns holds, with a word."""


def show_leading(screen: Screen, report: Report, *, over_time: bool = False) -> None:
    """Print the leading figures, three to a line or all six, and which of them are missing; `over_time` with
    how each went.
    """
    shown = leading(report)
    if not shown:
        return
    screen.console.print()
    across, parted = (TILES_WIDE, "\n") if screen.width >= WIDE else (TILES_NARROW, ", ")
    for start in range(0, len(shown), across):
        tiles = shown[start : start + across]
        grid = Table.grid(padding=(0, 2, 0, 0), expand=True)
        for _ in range(across):
            grid.add_column(overflow="fold", ratio=1)
        rest = [Text()] * (across - len(tiles))
        grid.add_row(*(value(screen, kpi, bold=True) for kpi in tiles), *rest)
        grid.add_row(*(screen.text(kpi.title, "") for kpi in tiles), *rest)
        asides = ([screen.text(told, "dim") for told in aside(kpi)] for kpi in tiles)
        grid.add_row(*(Text(parted, "dim").join(told) for told in asides), *rest)
        if over_time:
            grid.add_row(*(lately(screen, report, kpi) for kpi in tiles), *rest)
        screen.show(grid, indent=INDENT)
    if over_time and report.views.kpi_trends:
        length = report.views.kpi_trends[0].period
        said = f"by {length}, whole {length}s only"
        screen.show(screen.text(said, "dim"), indent=INDENT)
    for note in dict.fromkeys(kpi.note for kpi in shown if kpi.note):
        screen.show(screen.text(f"hint: {note.removeprefix('a hint: ')}", "dim"), indent=INDENT)
    lead = LEADING.get(report.promise.competes_on, ())
    missing = [
        kpi.title
        for kpi in report.kpis
        if kpi.kpi in lead and not kpi.computable and not kpi.by and not kpi.when
    ]
    if missing:
        said = f"not computable: {', '.join(missing)} (--kpi all says why)"
        screen.show(screen.text(said, "dim"), indent=INDENT)


def lately(screen: Screen, report: Report, kpi: KpiResult) -> Text:
    """Return the last whole periods of a figure as bars, and whether the last is above the one before."""
    trend = next((trend for trend in report.views.kpi_trends if trend.kpi == kpi.kpi), None)
    if trend is None:
        return Text()
    values = [point.value for point in trend.points if not point.is_partial][-SPARK_MOST:]
    is_ascii = screen.signs is ASCII_SIGNS
    line = measures.spark(values, levels=measures.ASCII_LEVELS if is_ascii else measures.LEVELS)
    return screen.text(line, "cyan").append_text(screen.text(way(values), "dim"))


def way(values: Sequence[float | None]) -> str:
    """Return where the last value went from the one before, in a word."""
    before, last = values[-2:] if len(values) > 1 else (None, None)
    if before is None or last is None:
        return ""
    return " same" if last == before else " up" if last > before else " down"


def aside(kpi: KpiResult) -> list[str]:
    """Return the goal of a figure and how many it is counted over."""
    counted = "" if kpi.unit == "count" else f"n {spell.count(kpi.n)}"
    return [told for told in (measures.goal_of(kpi), counted) if told]


def value(screen: Screen, kpi: KpiResult, *, bold: bool = False) -> Text:
    """Return a figure in its unit, coloured by its verdict."""
    if kpi.value is None:
        return screen.text(screen.signs.dash, "dim")
    style = STYLES[kpi.verdict] if kpi.verdict else ""
    sign = f"{screen.signs.states[kpi.verdict]} " if kpi.verdict and bold else ""
    shown = measures.shown(kpi)
    return screen.text(sign + shown, f"bold {style}".strip() if bold else style)


def show_kpis(screen: Screen, report: Report, *, chosen: Collection[str], top: int) -> None:
    """Print the KPIs chosen: their totals with what stands beside them, then a table per dimension."""
    kpis = [kpi for kpi in report.kpis if kpi.kpi in chosen]
    screen.heading("KPIs", "around the clock, not by the hours of an SLA")
    table = screen.table()
    table.add_column("", width=1)
    table.add_column("KPI", overflow="fold", width=NAME)
    table.add_column("value", justify="right", no_wrap=True)
    table.add_column("n", justify="right", no_wrap=True)
    table.add_column("beside", overflow="fold", ratio=1)
    for kpi in kpis:
        if not kpi.by:
            mark = screen.sign(kpi.verdict) if kpi.verdict else Text()
            name = screen.text(kpi.title)
            if kpi.when:
                name.append_text(screen.text(f" ({measures.words_of(kpi.when)})", "dim"))
            counted = screen.text(spell.count(kpi.n) if kpi.computable else "", "dim")
            table.add_row(mark, name, value(screen, kpi), counted, _beside(screen, kpi))
    screen.show(table, indent=INDENT)
    tables: dict[tuple[str, ...], list[KpiResult]] = {}
    for kpi in kpis:
        if kpi.by:
            tables.setdefault(tuple(kpi.by), []).append(kpi)
    for dimensions, rows in tables.items():
        count = report.kpi_groups.get(dimensions)
        show_table(screen, rows, dimensions, top=top, count=count)


def _beside(screen: Screen, kpi: KpiResult) -> Text:
    if not kpi.computable:
        return screen.text(kpi.reason or "", "dim")
    goal = measures.goal_of(kpi)
    said = screen.text(f"{goal}; " if goal else "", STYLES[kpi.verdict] if kpi.verdict else "")
    return said.append_text(screen.text(measures.beside(kpi), "dim"))


def show_table(
    screen: Screen,
    kpis: Sequence[KpiResult],
    dimensions: tuple[str, ...],
    *,
    top: int,
    count: int | None = None,
) -> None:
    """Print one table of groups: a row each, a column per KPI, as many tables as the width asks for.

    `count` tells how many groups there are, where not all are at hand.
    """
    title = " and ".join(spell.words(name) for name in dimensions)
    shown, at_hand = largest(kpis, top)
    count = count or at_hand
    within = set(shown)
    named = ((tuple(kpi.by.values()), kpi) for kpi in kpis)
    cells = {(group, kpi.kpi): kpi for group, kpi in named if group in within}
    columns = list(dict.fromkeys(name for _, name in cells))
    screen.heading(f"KPIs by {title}")
    across = max(1, (screen.width - INDENT - GROUP) // CELL)
    for start in range(0, len(columns), across):
        names = columns[start : start + across]
        table = screen.table()
        table.expand = False
        table.add_column("", overflow="fold", width=GROUP)
        for name in names:
            head = screen.text(BY_ID[name].title if name in BY_ID else spell.words(name))
            table.add_column(head, justify="right", overflow="fold", width=CELL - 2)
        for group in shown:
            row = (
                value(screen, cells[group, name])
                if (group, name) in cells
                else screen.text(screen.signs.dash, "dim")
                for name in names
            )
            table.add_row(screen.text(", ".join(group)), *row)
        if start:
            screen.console.print()
        screen.show(table, indent=INDENT)
    if len(shown) < count:
        more = f"{screen.signs.more} {count - len(shown):,} more"
        screen.show(screen.text(more, "dim"), indent=INDENT)


def render_catalogue(console: Console) -> None:
    """Print every KPI by family: its id, what it counts, its unit, what it needs."""
    screen = screen_for(console)
    for family in dict.fromkeys(kpi.family for kpi in KPIS):
        screen.heading(family.capitalize())
        table = screen.table()
        table.show_header = False
        table.box = None
        table.padding = (0, 2, 0, 0)
        table.add_column(no_wrap=True, width=max(len(kpi.id) for kpi in KPIS))
        table.add_column(overflow="fold", ratio=1)
        for kpi in (kpi for kpi in KPIS if kpi.family == family):
            said = screen.text(kpi.definition).append("\n")
            needs = "; ".join(NEEDS[need] for need in kpi.needs) or "messages"
            better = f"; {kpi.better} is better" if kpi.better else ""
            said.append_text(screen.text(f"{kpi.unit}{better}. Needs {needs}.", "dim"))
            table.add_row(screen.text(kpi.id, "bold"), said)
        screen.show(table, indent=INDENT)
