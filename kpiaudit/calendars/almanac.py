"""A calendar's dates for people: from the policy to a page of days."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from kpiaudit.calendars.by_date import day_spans
from kpiaudit.calendars.closures import holiday_source
from kpiaudit.calendars.days import CalendarPage
from kpiaudit.errors import UsageError, nearest

if TYPE_CHECKING:
    from kpiaudit.settings import Settings


def calendar_page(settings: Settings, name: str, period: tuple[date, date] | None) -> CalendarPage:
    """Return the local dates of a calendar over a period, both ends included; its ordinary week alone
    without one.

    Raises UsageError for a calendar the policy does not have.
    """
    known = settings.calendars
    where = settings.path or "the default promise"
    if name not in known:
        names = ", ".join(known) or "none; add [calendars.NAME] to the policy"
        raise UsageError(
            f"{where} has no calendar {name!r}{nearest(name, known)}",
            where="NAME",
            hint=f"its calendars: {names}",
        )
    calendar = known[name]
    return CalendarPage(
        settings=calendar,
        policy=where,
        days=tuple(day_spans(calendar, *period)) if period else (),
        holidays=holiday_source(calendar),
    )
