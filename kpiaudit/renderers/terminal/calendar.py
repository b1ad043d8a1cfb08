"""A calendar on screen: months as they hang on walls, weeks as rows, open time in each day."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from rich.text import Text

from kpiaudit.renderers import calendar as spell
from kpiaudit.renderers.terminal.screen import screen_for

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.calendars.days import CalendarPage, Day
    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.settings import CalendarSettings

WIDE: Final = 110
"""From here on every day shows its hours, too."""
TAKEN: Final = 29
"""Columns a row needs besides its days: the indent, the number of the week, its open time."""
NAMES: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
MONTHS: Final = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
    "November", "December",
)  # fmt: skip
LETTERS: Final = {"holiday": "h", "shift": "s", "break": "b", "clocks": "c"}
COLORS: Final = {"holiday": "red", "shift": "cyan", "break": "yellow", "clocks": "magenta"}


def render_calendar(page: CalendarPage, console: Console) -> None:
    """Print every month of the page with its totals; without dates, the ordinary week."""
    screen = screen_for(console)
    calendar = page.settings
    screen.heading(calendar.name, f"{calendar.time_zone}, from {page.policy}")
    if page.holidays:
        screen.show(screen.text(f"holidays: {page.holidays}", "dim"))
    if not page.days:
        show_week(screen, calendar)
        return
    found = groupby(page.days, lambda day: (day.date.year, day.date.month))
    months = [(MONTHS[month - 1], year, list(days)) for (year, month), days in found]
    for name, year, days in months:
        show_month(screen, f"{name} {year}", days, calendar)
    if len(months) > 1:
        screen.console.print()
        told = f"{len(page.days):,} days, open {spell.open_time(spell.total(page.days))}"
        screen.show(screen.text(told, "bold"), indent=2)


def show_week(screen: Screen, calendar: CalendarSettings) -> None:
    """Print the hours of each weekday, and how to see dates."""
    rows = [(name, spell.hours(calendar.hours.get(day, ()))) for day, name in enumerate(NAMES)]
    screen.console.print()
    screen.facts([(name, screen.text(told)) for name, told in rows])
    screen.console.print()
    more = "name a month to see its days, holidays and shifts: --from 2026-09"
    screen.show(screen.text(more, "dim"), indent=2)


def show_month(screen: Screen, title: str, days: Sequence[Day], calendar: CalendarSettings) -> None:
    """Print one month: its weeks, the open time of each day, week and all, then its remarks."""
    screen.heading(title, f"open {spell.open_time(spell.total(days))}")
    table = screen.table()
    table.add_column("week", justify="right", width=4)
    width = (screen.width - TAKEN) // len(NAMES)
    for name in NAMES:
        table.add_column(name, justify="right", width=width, overflow="fold")
    table.add_column("open", justify="right", ratio=1)
    weeks = groupby(days, lambda day: day.date.isocalendar()[:2])
    for (_, week), found in weeks:
        mine = {day.date.weekday(): day for day in found}
        cells = [
            _cell(screen, mine[n], calendar) if n in mine else Text() for n in range(len(NAMES))
        ]
        total = Text(f"\n{spell.open_time(spell.total(mine.values()))}", "bold")
        table.add_row(screen.text(str(week), "dim"), *cells, total)
    screen.show(table, indent=2)
    told = [(day, *remark) for day in days for remark in spell.remarks(day, calendar)]
    if told:
        screen.console.print()
    for day, kind, said in told:
        on = f"{NAMES[day.date.weekday()]} {day.date:%d}"
        label = screen.text(f"{on}  {LETTERS[kind]}  {kind:<8} ", COLORS[kind])
        screen.show(Text.assemble(label, screen.text(said)), indent=2)


def _cell(screen: Screen, day: Day, calendar: CalendarSettings) -> Text:
    kinds = list(dict.fromkeys(kind for kind, _ in spell.remarks(day, calendar)))
    letters = [screen.text(LETTERS[kind], COLORS[kind]) for kind in kinds]
    number = Text.assemble(*letters, screen.text(" " if letters else ""), f"{day.date.day:2}")
    opened = spell.open_time(day.open_time) if day.open_time else screen.signs.dash
    style = "" if day.open_time else "dim"
    lines = [number, screen.text(opened, style)]
    if screen.width >= WIDE:
        lines += [
            screen.text(told, "dim") for told in spell.hours_of(day, ZoneInfo(calendar.time_zone))
        ]
    return Text("\n").join(lines)
