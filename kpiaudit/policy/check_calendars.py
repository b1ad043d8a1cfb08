"""What a calendar must keep across its keys."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpiaudit.calendars.closures import holiday_dates
from kpiaudit.errors import KpiauditError
from kpiaudit.policy.values import DAYS, FIRST_DATE, day_range, sentence, shown
from kpiaudit.policy.written import items, table
from kpiaudit.settings import CalendarSettings, Holidays

if TYPE_CHECKING:
    from kpiaudit.policy.faults import Fault, Place


def check_calendars(policy: dict[str, Any], *, folder: Path) -> Iterator[Fault]:
    """Yield the faults of every `[calendars.*]`; ICS files are looked for in `folder`."""
    for name, calendar in items(policy, "calendars"):
        place = ("calendars", name)
        if "time_zone" not in calendar and "time_zone" not in policy:
            yield (
                (*place, "time_zone"),
                'is missing here and at the top; for example time_zone = "Europe/Berlin"',
            )
        yield from _hours(calendar, place)
        yield from _holidays(table(calendar, "holidays"), (*place, "holidays"), folder=folder)


def _hours(calendar: dict[str, Any], place: Place) -> Iterator[Fault]:
    written = [calendar.get(key, {}) for key in ("hours", "shifts")]
    if not any(any(spans.values()) if isinstance(spans, dict) else spans for spans in written):
        yield place, 'has no hours and no shifts; for example hours = { mon-fri = ["09:00-17:00"] }'
    taken: dict[int, str] = {}
    for key in table(calendar, "hours"):
        try:
            days = day_range(key)
        except KpiauditError:
            continue
        if key in DAYS:
            continue
        for day in days:
            if taken.setdefault(day, key) != key:
                yield (
                    (*place, "hours", key),
                    (
                        f"{DAYS[day]} lies in {taken[day]} too; write {DAYS[day]} by itself, or the "
                        "ranges apart"
                    ),
                )
                break


def _holidays(holidays: dict[str, Any], place: Place, *, folder: Path) -> Iterator[Fault]:
    country, subdivision = holidays.get("country"), holidays.get("subdivision")
    if country is None and subdivision is not None:
        yield (*place, "subdivision"), 'needs a country beside it, such as country = "DE"'
    if isinstance(country, str) and country and isinstance(subdivision, str | None):
        yield from _country(country, subdivision or None, place)
    ics = holidays.get("ics")
    if isinstance(ics, str) and ics.strip() and not (folder / ics).is_file():
        yield (
            (*place, "ics"),
            f"there is no file {shown(ics)}; its path starts at the folder of the policy",
        )


def _country(country: str, subdivision: str | None, place: Place) -> Iterator[Fault]:
    holidays = Holidays(country=country, subdivision=subdivision)
    asked = CalendarSettings(name="", time_zone="UTC", holidays=holidays)
    try:
        holiday_dates(asked, FIRST_DATE, FIRST_DATE)
    except KpiauditError as err:
        key = "subdivision" if (err.where or "").endswith(".subdivision") else "country"
        yield (*place, key), sentence(err)
