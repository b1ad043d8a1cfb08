"""What customers wrote, redacted, where that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import Report


def show_quotes(screen: Screen, report: Report) -> None:
    """Print every quote under what it is an example of; nothing where none was asked for or found."""
    if not report.quotes:
        return
    screen.heading("What customers wrote", "redacted as well as can be told")
    before = ""
    for quote in report.quotes:
        told = spell.quoted_for(quote)
        if told != before:
            screen.show(screen.text(told, "bold"), indent=2)
        before = told
        screen.show(screen.text(quote.text), indent=4)
        screen.show(screen.text(spell.place_of(quote), "dim"), indent=4)
