"""A calendar date by date: every span of a local day with the reason it is open or closed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

from kpiaudit.calendars.business_time import unrolled
from kpiaudit.calendars.closures import holiday_dates
from kpiaudit.calendars.days import Day, DaySpan
from kpiaudit.zones import DAY, load_zone, local_to_utc, to_date, to_day

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kpiaudit.calendars.days import Rule, State
    from kpiaudit.settings import CalendarSettings


@dataclass(frozen=True, slots=True)
class _Stretch:
    starts_at: datetime
    ends_at: datetime
    reason: str

    def holds(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


def day_spans(settings: CalendarSettings, first: date, last: date) -> list[Day]:
    """Return every local date from `first` to `last` (both included) with its spans.

    Laid end to end the spans of consecutive dates tile the time between, so a clock cut along
    them tells why each part of it did or did not tick.
    """
    zone = load_zone(settings.time_zone, f"calendars.{settings.name}.time_zone")
    holidays = holiday_dates(settings, first - timedelta(days=2), last)
    return [
        _day(settings, zone, holidays, to_date(day))
        for day in range(to_day(first), to_day(last) + 1)
    ]


def _day(settings: CalendarSettings, zone: ZoneInfo, holidays: dict[date, str], on: date) -> Day:
    starts_at, ends_at = _midnights(on, zone)
    holiday = holidays.get(on)
    if ends_at <= starts_at:
        return Day(on, "skipped", holiday, ())
    near = [day for day in (on - timedelta(days=2), on - timedelta(days=1), on) if _is(day, zone)]
    hours = [
        stretch for day in near if day not in holidays for stretch in _hours(settings, zone, day)
    ]
    breaks = [
        _stretch(day, span, zone, "break") for day in near for span in settings.breaks.get(day, ())
    ]
    edges = {starts_at, ends_at}
    for stretch in hours + breaks:
        edges |= {at for at in (stretch.starts_at, stretch.ends_at) if starts_at < at < ends_at}
    spans: list[DaySpan] = []
    for left, right in pairwise(sorted(edges)):
        state, reason = _state(settings, left, (hours, breaks), holiday)
        is_same = bool(spans) and (spans[-1].state, spans[-1].reason) == (state, reason)
        spans.append(DaySpan(spans.pop().starts_at if is_same else left, right, state, reason))
    return Day(on, _rule(settings, on, holiday), holiday, tuple(spans))


def _state(
    settings: CalendarSettings,
    at: datetime,
    stretches: tuple[list[_Stretch], list[_Stretch]],
    holiday: str | None,
) -> tuple[State, str]:
    if holiday is not None and settings.holiday_rule == "civil_date":
        return "holiday", holiday
    hours, breaks = stretches
    opening = next((stretch for stretch in hours if stretch.holds(at)), None)
    if opening is not None:
        is_cut = any(stretch.holds(at) for stretch in breaks)
        return ("break", "break") if is_cut else ("open", opening.reason)
    return ("closed", "outside hours") if holiday is None else ("holiday", holiday)


def _rule(settings: CalendarSettings, on: date, holiday: str | None) -> Rule:
    if holiday is not None:
        return "holiday"
    if on in settings.shifts:
        return "shift"
    return "hours" if settings.hours.get(on.weekday()) else "none"


def _hours(settings: CalendarSettings, zone: ZoneInfo, on: date) -> list[_Stretch]:
    reason = "shift" if on in settings.shifts else "hours"
    spans = settings.shifts.get(on, settings.hours.get(on.weekday(), ()))
    return [_stretch(on, span, zone, reason) for span in spans]


def _stretch(on: date, span: tuple[int, int], zone: ZoneInfo, reason: str) -> _Stretch:
    start, end = unrolled(span)
    midnight = to_day(on) * DAY
    return _Stretch(
        local_to_utc(midnight + start, zone), local_to_utc(midnight + end, zone), reason
    )


def _midnights(on: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    midnight = to_day(on) * DAY
    return local_to_utc(midnight, zone), local_to_utc(midnight + DAY, zone)


def _is(on: date, zone: ZoneInfo) -> bool:
    starts_at, ends_at = _midnights(on, zone)
    return starts_at < ends_at
