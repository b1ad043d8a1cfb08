"""A week as a grid, a character an hour: as dark as there is much, red where it matters."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from typing import TYPE_CHECKING, Final

from rich.text import Text

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.screen import ASCII_SIGNS

if TYPE_CHECKING:
    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.views.shown import Block

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
HOURS: Final = 24
SHADES: Final = "·░▒▓█"
ASCII_SHADES: Final = ".:+*#"
RULER: Final = "0     6     12    18"
INDENT: Final = 2
GAP: Final = 3


@dataclass(frozen=True, slots=True)
class WeekGrid:
    """A figure by hour of the week, Monday 00:00 first."""

    title: str
    by_hour: Sequence[float]
    least: float = 0
    """What the lightest shade stands for."""
    marked: frozenset[int] = frozenset()

    @property
    def width(self) -> int:
        """Columns of the terminal it takes."""
        return max(HOURS, len(self.title))


def shades(screen: Screen) -> str:
    """Return the characters of a scale, the lightest first."""
    return ASCII_SHADES if screen.signs is ASCII_SIGNS else SHADES


def show_grids(screen: Screen, grids: Sequence[WeekGrid]) -> None:
    """Print grids side by side, as many as the page is wide enough for."""
    lines: list[list[WeekGrid]] = []
    room = 0
    for grid in grids:
        if GAP + grid.width > room:
            lines.append([])
            room = screen.width - INDENT - len(DAYS[0])
        lines[-1].append(grid)
        room -= GAP + grid.width
    for place, line in enumerate(lines):
        if place:
            screen.console.print()
        _show_line(screen, line)


def _show_line(screen: Screen, grids: Sequence[WeekGrid]) -> None:
    table = screen.table()
    table.box = None
    table.expand = False
    table.padding = (0, GAP, 0, 0)
    table.add_column()
    for grid in grids:
        title = Text("\n").join([screen.text(grid.title), screen.text(RULER)])
        table.add_column(title, no_wrap=True)
    for weekday, day in enumerate(DAYS):
        cells = [_day(screen, grid, weekday) for grid in grids]
        table.add_row(screen.text(day, "dim"), *cells)
    screen.show(table, indent=INDENT)


def _day(screen: Screen, grid: WeekGrid, weekday: int) -> Text:
    first = weekday * HOURS
    most = max(grid.by_hour)
    cells = []
    for hour in range(first, first + HOURS):
        drawn = shade(screen, grid.by_hour[hour], least=grid.least, most=most)
        is_least = grid.by_hour[hour] <= grid.least
        cells.append(
            screen.text(drawn, "red" if hour in grid.marked else "dim" if is_least else "")
        )
    return Text.assemble(*cells)


def shade(screen: Screen, value: float, *, least: float, most: float) -> str:
    """Return the character of a value on the scale from `least` to `most`."""
    scale = shades(screen)
    if value <= least or most <= least:
        return scale[0]
    return scale[min(ceil((value - least) * (len(scale) - 1) / (most - least)), len(scale) - 1)]


def hours_in(blocks: Iterable[Block]) -> frozenset[int]:
    """Return the hours of the week that blocks are made of."""
    return frozenset(
        block.weekday * HOURS + hour
        for block in blocks
        for hour in range(block.from_hour, block.to_hour)
    )


def blocks_named(screen: Screen, blocks: Sequence[Block], *, top: int) -> str:
    """Return blocks in words, `top` of them: `Sat 18-22 (14), Mon 08-09 (3)`."""
    shown = [
        f"{DAYS[block.weekday]} {block.from_hour:02}-{block.to_hour:02} "
        f"({spell.count(block.breaches)})"
        for block in blocks[:top]
    ]
    if len(blocks) > top:
        shown.append(f"{screen.signs.more} {len(blocks) - top} more")
    return ", ".join(shown)
