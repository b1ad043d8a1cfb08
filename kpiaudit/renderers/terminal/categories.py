"""What the rules of `[categories]` found, and what none of them did."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.bars import Line, show_bars

if TYPE_CHECKING:
    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import Report


def show_categories(screen: Screen, report: Report) -> None:
    """Print a line per rule, in order, and one for the rest; nothing without rules."""
    if not report.categories:
        return
    total = sum(found.messages for found in report.categories)
    screen.heading("Categories", f"{spell.plural(total, 'customer message')}, first match wins")
    lines = []
    for found in report.categories:
        share = found.messages / total if total else None
        dim = "" if found.messages else "dim"
        cells = (
            screen.text(spell.count(found.matched), dim),
            screen.text(spell.count(found.messages), dim),
            screen.text(screen.signs.dash if share is None else spell.percent(share), dim),
            screen.text(spell.count(found.conversations), dim),
        )
        lines.append(Line(screen.text(found.category), share, "", cells))
    show_bars(screen, ("category", "matched", "messages", "share", "conversations"), lines)
