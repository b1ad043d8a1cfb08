"""Tables of lines with a bar each, as long as the page leaves room for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.renderers.terminal.screen import Screen

INDENT: Final = 2
GAP: Final = 2
BAR_LEAST: Final = 6
BAR_MOST: Final = 50


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its name, the share its bar shows and in which style, and its figures."""

    name: Text
    share: float | None
    """None has no bar; more than nothing is never drawn as nothing."""
    style: str
    cells: tuple[Text, ...]


def show_bars(screen: Screen, headers: Sequence[str], lines: Sequence[Line]) -> None:
    """Print lines: name, bar and figures, under a header for each but the bar."""
    rows = [(line.name, *line.cells) for line in lines]
    widths = [
        max(len(header), *(len(row[place].plain) for row in rows))
        for place, header in enumerate(headers)
    ]
    bar = min(BAR_MOST, screen.width - INDENT - sum(width + GAP for width in widths))
    table = screen.table()
    table.expand = False
    for place, header in enumerate(headers):
        left = place == 0 and header != "up to"
        table.add_column(header, justify="left" if left else "right", no_wrap=True)
        if place == 0 and bar >= BAR_LEAST:
            table.add_column("", width=bar, no_wrap=True)
    for line in lines:
        drawn = [_bar(screen, line, bar)] if bar >= BAR_LEAST else []
        table.add_row(line.name, *drawn, *line.cells)
    screen.show(table, indent=INDENT)


def _bar(screen: Screen, line: Line, width: int) -> Text:
    if line.share is None:
        return Text()
    full = max(int(line.share * width), 1 if line.share > 0 else 0)
    blank = screen.text(screen.signs.blank * (width - full), "dim")
    return Text.assemble(screen.text(screen.signs.filled * full, line.style), blank)
