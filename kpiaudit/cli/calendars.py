"""`calendar show`: when a calendar is open, as calendars are printed."""

from __future__ import annotations

import calendar as months
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from kpiaudit.cli.options import Common, option
from kpiaudit.cli.outputs import one_of, show, write_out
from kpiaudit.errors import UsageError

app = typer.Typer(help="Show when calendars are open.", no_args_is_help=True, rich_markup_mode=None)
Folder = Annotated[
    list[str] | None,
    typer.Argument(metavar="[EXPORTS...]", help="Folders a policy may lie in.", show_default=False),
]
FORMATS = ("text", "json")
MONTH = len("2026-09")
MOST_DAYS = 3660


@app.callback()
def group() -> None:
    """Keep `show` a command of its own, with others to come."""


@app.command("show")
def show_calendar(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="A calendar of the policy.", show_default=False)
    ],
    exports: Folder = None,
    *,
    since: Annotated[
        str | None, option("--from", metavar="DATE", help="A date, or a month as 2026-09.")
    ] = None,
    until: Annotated[
        str | None, option("--to", metavar="DATE", help="The last date or month; else one month.")
    ] = None,
    config: Annotated[
        Path | None,
        option("-c", "--config", metavar="FILE", env="KPIAUDIT_CONFIG", help="The policy to use."),
    ] = None,
    format: Annotated[str, option("--format", help="text or json on stdout.")] = "text",  # noqa: A002
    no_color: Annotated[bool, option("--no-color", help="No colour.")] = False,
) -> None:
    """Print the months of a calendar: open time per day, holidays by name, shifts and breaks.

    Example: kpiaudit calendar show support --from 2026-09 --to 2026-12

    Without --from: its ordinary week.
    """
    one_of(format, FORMATS, option="--format")
    period = period_of(since, until)
    from kpiaudit.calendars.almanac import calendar_page  # polars: 200 ms
    from kpiaudit.cli.requests import settings_for

    settings = settings_for(list(exports or ()), Common(config=config, quiet=True))
    page = calendar_page(settings, name, period)
    if format == "text":
        from kpiaudit.renderers.terminal.calendar import render_calendar

        show(lambda console: render_calendar(page, console), no_color=no_color)
    else:
        from kpiaudit.renderers.calendar import json

        write_out(json(page))


def period_of(since: str | None, until: str | None) -> tuple[date, date] | None:
    """Return the first and the last date to show; None when none was named. Raises `UsageError`."""
    if since is None:
        if until is not None:
            raise UsageError("needs --from", where="--to", hint="as in --from 2026-09 --to 2026-12")
        return None
    first = date_of(since, option="--from", is_end=False)
    last = month_end(first) if until is None else date_of(until, option="--to", is_end=True)
    if last < first:
        raise UsageError(f"{until} is before {since}", where="--to", hint="name a later date")
    if (last - first).days > MOST_DAYS:
        raise UsageError("is more than ten years away", where="--to", hint="name an earlier date")
    return first, last


def date_of(text: str, *, option: str, is_end: bool) -> date:
    """Return a date, or the first or last one of a month. Raises `UsageError`."""
    try:
        if len(text) == MONTH:
            first = date.fromisoformat(f"{text}-01")
            return month_end(first) if is_end else first
        return date.fromisoformat(text)
    except ValueError as error:
        raise UsageError(
            f"{text!r} is neither a date nor a month",
            where=option,
            hint="write 2026-09-01 or 2026-09",
        ) from error


def month_end(day: date) -> date:
    """Return the last date of a date's month."""
    return day.replace(day=months.monthrange(day.year, day.month)[1])
