"""Adherence on screen: the table of SLAs, and per SLA the groups it was lost in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.ranking import shown_of, tables_of
from kpiaudit.renderers.terminal.screen import STYLES

if TYPE_CHECKING:
    from rich.console import RenderableType

    from kpiaudit.renderers.terminal.screen import Screen, State
    from kpiaudit.report import Figures, SlaResult, Verdict

INDENT: Final = 2
GAP: Final = 2
MARK: Final = 1
SLA_LEAST: Final = 38
GROUP_LEAST: Final = 17
BAR_LEAST: Final = 6
BAR_MOST: Final = 16


@dataclass(frozen=True, slots=True)
class Line:
    """One row of a table of figures; a heading inside the table, or a remark, has none."""

    name: Text
    sla: SlaResult
    figures: Figures | None = None
    verdict: Verdict | None = None
    is_heading: bool = False


@dataclass(frozen=True, slots=True)
class Column:
    """One measured column: its header, and per line of the table a cell."""

    header: str
    cells: tuple[Text, ...]

    @property
    def width(self) -> int:
        """Columns of the terminal it cannot do without."""
        texts = [self.header, *(cell.plain for cell in self.cells)]
        return max(len(line) for text in texts for line in text.split("\n"))


def state_of(sla: SlaResult) -> State:
    """Return the verdict of an SLA, with the warning set apart."""
    return "warn" if sla.is_warning and sla.verdict == "pass" else sla.verdict


def show_slas(screen: Screen, slas: Sequence[SlaResult]) -> None:
    """Print every SLA with its figures, and below what they do not tell."""
    screen.heading("SLAs")
    lines = [Line(screen.text(s.name, "bold"), s, s.figures, s.verdict) for s in slas]
    show_figures(screen, lines, are_slas=True)
    asides = [(sla.name, screen.text(_aside(sla), "dim")) for sla in slas if _aside(sla)]
    if asides:
        screen.console.print()
        screen.facts(asides)


def show_groups(screen: Screen, sla: SlaResult, *, top: int) -> None:
    """Print the groups of one SLA, dimension by dimension, worst first and `top` of each."""
    screen.heading(f"{sla.name} by group", f"goal {spell.share(sla.goal)}")
    lines: list[Line] = []
    for dimensions, ranked in tables_of(sla):
        shown = shown_of(ranked, top)
        title = " and ".join(spell.words(name) for name in dimensions)
        lines.append(Line(screen.text(f"by {title}"), sla, is_heading=True))
        for group in shown:
            name = screen.text(", ".join(group.by.values()))
            lines.append(Line(name, sla, group.figures, group.verdict))
        if len(shown) < len(ranked):
            more = f"{screen.signs.more} {len(ranked) - len(shown):,} more"
            lines.append(Line(screen.text(more, "dim"), sla))
    show_figures(screen, lines, are_slas=False)


def show_figures(screen: Screen, lines: Sequence[Line], *, are_slas: bool) -> None:
    """Print lines of figures in the widest form that cuts no number: side by side, else in pairs."""
    least = SLA_LEAST if are_slas else GROUP_LEAST
    columns = _columns(screen, lines, goal=are_slas)
    room = _room(screen, columns, marked=are_slas)
    paired = room < least
    if paired:
        columns = _pairs(columns)
        room = _room(screen, columns, marked=are_slas)
    bar = min(BAR_MOST, room - least - GAP)
    table = screen.table()
    if are_slas:
        table.add_column(width=1)
    table.add_column("SLA" if are_slas else "", overflow="fold", ratio=1)
    if bar >= BAR_LEAST:
        table.add_column("", width=bar, no_wrap=True)
    headers, *rows = _lines_of(columns)
    table.add_column(headers, no_wrap=True)
    for place, line in enumerate(lines):
        cells: list[RenderableType] = [_mark(screen, line)] if are_slas else []
        if bar >= BAR_LEAST:
            cells += [_name(screen, line, are_slas=are_slas), _bar(screen, line, bar)]
        else:
            cells.append(_name(screen, line, are_slas=are_slas, bar=min(room, SLA_LEAST)))
        table.add_row(*cells, rows[place])
    screen.show(table, indent=INDENT)


def _lines_of(columns: Sequence[Column]) -> list[Text]:
    """The headers and every line of measured columns, each one text: a fifth of the time that many cells take."""
    headers = [Text(column.header) for column in columns]
    rows = [headers, *zip(*(column.cells for column in columns), strict=True)]
    return [_side_by_side(cells, columns) for cells in rows]


def _side_by_side(cells: Sequence[Text], columns: Sequence[Column]) -> Text:
    parts = [cell.split("\n", allow_blank=True) for cell in cells]
    told = Text()
    for place in range(max(map(len, parts))):
        told.append("\n" if place else "")
        for at, (part, column) in enumerate(zip(parts, columns, strict=True)):
            words = part[place] if place < len(part) else Text()
            told.append(" " * (column.width - len(words) + (GAP if at else 0)))
            told.append_text(words)
    return told


def _room(screen: Screen, columns: Sequence[Column], *, marked: bool) -> int:
    taken = INDENT + sum(column.width + GAP for column in columns)
    return screen.width - taken - (1 + GAP if marked else 0)


def _name(screen: Screen, line: Line, *, are_slas: bool, bar: int = 0) -> RenderableType:
    if are_slas:
        below = [screen.text(spell.terms(line.sla), "dim"), _bar(screen, line, bar)]
        return Group(line.name, *(text for text in below if text.plain))
    mark = _mark(screen, line)
    if line.is_heading:
        return line.name
    if not mark.plain:
        return Padding(line.name, (0, 0, 0, MARK + 1))
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(width=MARK)
    grid.add_column(overflow="fold")
    grid.add_row(mark, line.name)
    return grid


def _columns(screen: Screen, lines: Sequence[Line], *, goal: bool) -> list[Column]:
    rows = [_cells(screen, line) for line in lines]
    headers = ["adherence", "goal", "met", "breached", "open", "at risk", "median", "p90"]
    return [
        Column(header=header, cells=tuple(row[place] for row in rows))
        for place, header in enumerate(headers)
        if goal or header != "goal"
    ]


def _pairs(columns: Sequence[Column]) -> list[Column]:
    odd = len(columns) % 2
    pairs = [columns[:odd]] if odd else []
    pairs += [columns[place : place + 2] for place in range(odd, len(columns), 2)]
    return [
        Column(
            header="\n".join(column.header for column in pair),
            cells=tuple(
                Text("\n").join(cells) if any(cell.plain for cell in cells) else Text()
                for cells in zip(*(column.cells for column in pair), strict=True)
            ),
        )
        for pair in pairs
    ]


def _cells(screen: Screen, line: Line) -> list[Text]:
    figures = line.figures
    if figures is None:
        return [Text() for _ in range(8)]
    days = line.sla.calendar is None
    return [
        _adherence(screen, line, figures),
        screen.text(spell.share(line.sla.goal), "dim"),
        _count(screen, figures.met, ""),
        _count(screen, figures.breached, "red"),
        _count(screen, figures.open, ""),
        _count(screen, figures.at_risk, "yellow"),
        _wait(screen, figures.median_seconds, days=days),
        _wait(screen, figures.p90_seconds, days=days),
    ]


def _adherence(screen: Screen, line: Line, figures: Figures) -> Text:
    if figures.adherence is None:
        return screen.text(screen.signs.dash, "dim")
    style = _style(line, "")
    shown = spell.percent(figures.adherence, line.sla.goal)
    return screen.text(shown, f"bold {style}" if line.verdict else style)


def _count(screen: Screen, number: int, style: str) -> Text:
    return screen.text(spell.count(number), style if number else "dim")


def _wait(screen: Screen, seconds: float | None, *, days: bool) -> Text:
    if seconds is None:
        return screen.text(screen.signs.dash, "dim")
    return screen.text(spell.duration(seconds, days=days))


def _bar(screen: Screen, line: Line, width: int) -> Text:
    adherence = line.figures.adherence if line.figures else None
    if adherence is None or not width:
        return Text()
    full = max(int(adherence * width), 1 if adherence > 0 else 0)
    blank = screen.text(screen.signs.blank * (width - full), "dim")
    return Text.assemble(screen.text(screen.signs.filled * full, _style(line, "green")), blank)


def _style(line: Line, kept: str) -> str:
    """The colour of a line's verdict; without one, red under the goal and `kept` else."""
    if line.verdict is not None:
        own = line.figures is line.sla.figures
        return STYLES[state_of(line.sla) if own else line.verdict]
    adherence = line.figures.adherence if line.figures else None
    return "red" if adherence is not None and adherence < line.sla.goal else kept


def _mark(screen: Screen, line: Line) -> Text:
    if line.verdict is None:
        return Text()
    own = line.figures is line.sla.figures
    return screen.sign(state_of(line.sla) if own else line.verdict)


def _aside(sla: SlaResult) -> str:
    figures = sla.figures
    is_resolution = sla.metric.endswith("resolution")
    offered = sla.calls - sla.short_abandoned
    told = [
        (figures.unanswered, "still unresolved" if is_resolution else "still unanswered"),
        (sla.resolved_without_reply, "resolved without reply"),
        (sla.bots_first, "answered first by a bot"),
        (
            sla.abandoned,
            f"of {spell.count(offered)} calls abandoned ({sla.abandonment or 0:.1%})",
        ),
        (sla.short_abandoned, "left at once"),
        (figures.excluded, "excluded"),
    ]
    return ", ".join(f"{spell.count(number)} {what}" for number, what in told if number)
