"""A calendar's days: how open time is spelled, what is particular about a date, and all of it as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final
from zoneinfo import ZoneInfo

from kpiaudit.calendars.days import WHOLE_DAY
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.json import dump
from kpiaudit.report import SCHEMA_VERSION

if TYPE_CHECKING:
    from kpiaudit.calendars.days import CalendarPage, Day, DaySpan
    from kpiaudit.settings import CalendarSettings

MIDNIGHT: Final = "00:00"


def open_time(time: timedelta) -> str:
    """Return open time as people say it: `8h`, `7h30`, `45m`, `7h30:15`, and `closed` for none."""
    seconds = int(time.total_seconds())
    hours, minutes, rest = seconds // 3600, seconds // 60 % 60, seconds % 60
    if not seconds:
        return "closed"
    tail = f":{rest:02}" if rest else ""
    if not hours:
        return f"{minutes}m" + (f"{rest:02}s" if rest else "")
    return f"{hours:,}h" + (f"{minutes:02}{tail}" if minutes or rest else "")


def hours_of(day: Day, zone: ZoneInfo, *, state: str = "open") -> list[str]:
    """Return the spans of a day in one state on local clocks: `09:00-12:30`; midnight ends at 24:00."""
    return [_hours(span, zone) for span in day.spans if span.state == state]


def _hours(span: DaySpan, zone: ZoneInfo) -> str:
    first, last = (
        _clock(at.astimezone(zone).strftime("%H:%M:%S")) for at in (span.starts_at, span.ends_at)
    )
    return f"{first}-{'24:00' if last == MIDNIGHT else last}"


def _clock(text: str) -> str:
    return text.removesuffix(":00")


def hours(spans: Iterable[tuple[int, int]]) -> str:
    """Return hours as the policy gives them, in seconds since midnight: `09:00-12:30, 22:00-06:00`."""
    told = ("-".join(_since_midnight(at) for at in span) for span in spans)
    return ", ".join(told) or "closed"


def _since_midnight(at: int) -> str:
    return _clock(f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}")


def remarks(day: Day, calendar: CalendarSettings) -> list[tuple[str, str]]:
    """Return what sets a date apart, each with its kind: holiday, shift, break, clocks."""
    zone = ZoneInfo(calendar.time_zone)
    found = []
    if day.rule == "skipped":
        return [("clocks", "the zone has no such date")]
    if day.holiday is not None:
        still = hours_of(day, zone)
        kept = f"; open {', '.join(still)}, from the night before" if still else ""
        found.append(("holiday", day.holiday + kept))
    if day.rule == "shift":
        weekday = hours(calendar.hours.get(day.date.weekday(), ()))
        found.append(("shift", f"{hours(calendar.shifts[day.date])} instead of {weekday}"))
    if breaks := hours_of(day, zone, state="break"):
        found.append(("break", ", ".join(breaks)))
    if day.length != WHOLE_DAY:
        moved = "back" if day.length > WHOLE_DAY else "forward"
        found.append(("clocks", f"go {moved}: the date has {open_time(day.length)}"))
    return found


def total(days: Iterable[Day]) -> timedelta:
    """Return the open time of several days."""
    return sum((day.open_time for day in days), timedelta())


def json(page: CalendarPage) -> str:
    """Return every date with its spans and open time; without dates, the ordinary week alone."""
    calendar = page.settings
    zone = ZoneInfo(calendar.time_zone)
    return dump(
        {
            "schema_version": SCHEMA_VERSION,
            "policy": page.policy,
            "calendar": calendar.name,
            "time_zone": calendar.time_zone,
            "holiday_source": page.holidays,
            "open_seconds": spell.whole_seconds(total(page.days).total_seconds()),
            "days": [_day(day, zone) for day in page.days],
        }
    )


def _day(day: Day, zone: ZoneInfo) -> dict[str, Any]:
    return {
        "date": day.date.isoformat(),
        "rule": day.rule,
        "holiday": day.holiday,
        "open_seconds": spell.whole_seconds(day.open_time.total_seconds()),
        "open": hours_of(day, zone),
        "breaks": hours_of(day, zone, state="break"),
        "length_seconds": spell.whole_seconds(day.length.total_seconds()),
    }
