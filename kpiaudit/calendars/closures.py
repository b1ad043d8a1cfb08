"""The dates on which a calendar is closed: a country's holidays, listed, recurring, from ICS."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kpiaudit.errors import KpiauditError, nearest

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpiaudit.settings import CalendarSettings

MAX_OCCURRENCES = 20_000
"""More dates than this from one rule over one span are refused."""
_DATE_PARTS = ("BYDAY", "BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYEASTER")
_MIDNIGHT = time()


def holiday_dates(settings: CalendarSettings, first: date, last: date) -> dict[date, str]:
    """Return the closed dates from `first` to `last` (both included) and what each is called.

    A date named by several sources keeps the first name of: country, `add`, `recurring`, `ics`;
    `remove` takes a date out whoever named it. Raises KpiauditError for a country, subdivision,
    rule or file that cannot be used.
    """
    holidays = settings.holidays
    where = f"calendars.{settings.name}.holidays"
    named: list[tuple[date, str]] = []
    if holidays.country is not None:
        for year in range(first.year, last.year + 1):
            named += _country_holidays(holidays.country, holidays.subdivision, year, where)
    elif holidays.subdivision is not None:
        raise KpiauditError(
            "subdivision without a country",
            where=f"{where}.subdivision",
            hint='name the country too, such as country = "DE"',
        )
    named += [(day, "closed by the policy") for day in holidays.add]
    for position, rule in enumerate(holidays.recurring, start=1):
        named += [
            (day, f"recurring {rule.splitlines()[-1]}")
            for day in recurring_dates(rule, first, last, where=f"{where}.recurring[{position}]")
        ]
    if holidays.ics is not None:
        named += [
            (day, event.title)
            for event in _closing_events(Path(holidays.ics), f"{where}.ics")
            for day in event.dates(first, last)
        ]
    closed: dict[date, str] = {}
    for day, name in named:
        if first <= day <= last and day not in holidays.remove:
            closed.setdefault(day, name)
    return dict(sorted(closed.items()))


def holiday_source(settings: CalendarSettings) -> str | None:
    """Name what the holidays come from, with versions, for the report; None without a country."""
    holidays = settings.holidays
    if holidays.country is None:
        return None
    from importlib.metadata import version

    place = "-".join(filter(None, (holidays.country, holidays.subdivision)))
    return f"holidays {version('holidays')}, {place}"


def recurring_dates(rule: str, first: date, last: date, *, where: str | None = None) -> list[date]:
    """Return the dates of an RFC 5545 rule from `first` to `last`, both included.

    Without a DTSTART line the rule must name its dates by itself: no INTERVAL, no COUNT, and
    BYDAY, BYMONTHDAY, BYYEARDAY, BYWEEKNO or BYEASTER.
    """
    text = rule.upper()
    if not re.search(r"FREQ=(YEARLY|MONTHLY|WEEKLY)", text):
        raise KpiauditError(
            f"rule {rule!r} needs FREQ=YEARLY, MONTHLY or WEEKLY",
            where=where,
            hint="for example 'FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1'",
        )
    is_anchored = "DTSTART" in text
    if not is_anchored and (
        re.search(r"INTERVAL=(?!1\b)|COUNT=", text) or not any(part in text for part in _DATE_PARTS)
    ):
        raise KpiauditError(
            f"rule {rule!r} does not say from which date it counts",
            where=where,
            hint=f"name the day (BYMONTHDAY=1), or write 'DTSTART:20260101\\nRRULE:{rule}'",
        )
    start = None if is_anchored else datetime(max(first.year - 1, 1), 1, 1)
    return _occurrences(rule, start, (first, last), where=where)


def ignored_events(settings: CalendarSettings) -> list[str]:
    """Return the titles of the events in the ICS file that close nothing: not whole days."""
    if settings.holidays.ics is None:
        return []
    where = f"calendars.{settings.name}.holidays.ics"
    return [
        _title(component)
        for component in _ics_events(Path(settings.holidays.ics), where)
        if _whole_days(component) is None
    ]


@dataclass(frozen=True, slots=True)
class ClosingEvent:
    """An event of whole days: from `first`, so many days, again by `rule` but not on `excluded`."""

    title: str
    first: date
    days: int
    rule: str | None
    excluded: frozenset[date]

    def dates(self, first: date, last: date) -> Iterator[date]:
        """Yield the dates it closes that a start from `first` less its length to `last` gives."""
        starts = [self.first]
        if self.rule is not None:
            anchor = datetime.combine(self.first, _MIDNIGHT)
            span = (first - timedelta(days=self.days), last)
            starts = _occurrences(self.rule, anchor, span, where=self.title)
        for start in starts:
            if start not in self.excluded:
                yield from (start + timedelta(days=day) for day in range(self.days))


@lru_cache(maxsize=8192)
def _country_holidays(
    country: str, subdivision: str | None, year: int, where: str
) -> tuple[tuple[date, str], ...]:
    import holidays as library

    # Without a language the library takes the machine's, and names would differ between machines.
    try:
        found = library.country_holidays(country, subdiv=subdivision, years=year, language="en_US")
    except NotImplementedError as error:
        raise _unknown_place(country, subdivision, where) from error
    return tuple(sorted(found.items()))


def _unknown_place(country: str, subdivision: str | None, where: str) -> KpiauditError:
    import holidays as library
    from holidays.registry import COUNTRIES

    countries = library.list_supported_countries(include_aliases=True)
    if country not in countries:
        codes = {name: entry[1] for name, entry in COUNTRIES.items()}
        codes |= {code.lower(): code for code in countries}
        close = re.search(r"'(.+)'", nearest(country.replace(" ", "_"), codes))
        guess = f"did you mean {codes[close[1]]!r}? " if close else ""
        return KpiauditError(
            f"no holidays are known for country {country!r}",
            where=f"{where}.country",
            hint=f"{guess}use an ISO 3166 code such as 'DE', or list the dates in `add`",
        )
    known = sorted(countries[country])
    return KpiauditError(
        f"{country} has no subdivision {subdivision!r}",
        where=f"{where}.subdivision",
        hint=f"one of: {', '.join(known)}" if known else f"{country} has none: leave it out",
    )


def _occurrences(
    rule: str, start: datetime | None, span: tuple[date, date], *, where: str | None
) -> list[date]:
    from dateutil.rrule import rrulestr

    first, last = (datetime.combine(day, _MIDNIGHT) for day in span)
    dates: list[date] = []
    try:
        dated = rrulestr(rule, dtstart=start, ignoretz=True)
        for occurrence in dated.xafter(first, inc=True):
            if occurrence >= last + timedelta(days=1):
                break
            if len(dates) == MAX_OCCURRENCES:
                raise KpiauditError(
                    f"rule {rule!r} gives more than {MAX_OCCURRENCES} dates", where=where
                )
            dates.append(occurrence.date())
    except (ValueError, TypeError, AttributeError, IndexError) as error:
        raise KpiauditError(
            f"rule {rule!r} cannot be read: {error}",
            where=where,
            hint="for example 'FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1'",
        ) from error
    return dates


def _closing_events(path: Path, where: str) -> list[ClosingEvent]:
    components = list(_ics_events(path, where))
    moved: dict[str, set[date]] = {}
    for component in components:
        if "RECURRENCE-ID" in component:
            original = _as_date(component["RECURRENCE-ID"].dt)
            moved.setdefault(str(component.get("UID")), set()).add(original)
    events = []
    for component in components:
        whole = _whole_days(component)
        if whole is None or component.get("STATUS") == "CANCELLED":
            continue
        rule = component.get("RRULE")
        skipped = _exception_dates(component)
        if rule is not None:
            skipped |= moved.get(str(component.get("UID")), set())
        events.append(
            ClosingEvent(
                title=_title(component),
                first=whole[0],
                days=whole[1],
                rule=None if rule is None else rule.to_ical().decode(),
                excluded=frozenset(skipped),
            )
        )
    return events


def _ics_events(path: Path, where: str) -> list[Mapping[str, Any]]:
    try:
        import icalendar
    except ImportError as error:
        raise KpiauditError(
            "reading ICS files needs the icalendar package",
            where=where,
            hint="pip install 'kpiaudit[ics]'",
        ) from error
    try:
        events = icalendar.Calendar.from_ical(path.read_bytes()).walk("VEVENT")
    except OSError as error:
        raise KpiauditError(
            f"cannot read {path.name}: {error.strerror}",
            where=where,
            hint="the path is taken from the policy's folder",
        ) from error
    except ValueError as error:
        raise KpiauditError(
            f"{path.name} is not an ICS calendar: {error}",
            where=where,
            hint="export it again from the calendar tool as .ics",
        ) from error
    for event in events:
        if event.errors or "DTSTART" not in event:
            faults = "; ".join(f"{key}: {text}" for key, text in event.errors) or "DTSTART missing"
            raise KpiauditError(
                f"{path.name}: event {_title(event)!r} cannot be read ({faults})",
                where=where,
                hint="correct the event, or take it out of the file",
            )
    return list(events)


def _title(component: Mapping[str, Any]) -> str:
    return str(component.get("SUMMARY", "untitled event"))


def _as_date(value: date) -> date:
    return value.date() if isinstance(value, datetime) else value


def _whole_days(component: Mapping[str, Any]) -> tuple[date, int] | None:
    start: date = component["DTSTART"].dt
    if "DTEND" in component:
        end: date = component["DTEND"].dt
    elif "DURATION" in component:
        end = start + component["DURATION"].dt
    else:
        end = start if isinstance(start, datetime) else start + timedelta(days=1)
    edges = [edge for edge in (start, end) if isinstance(edge, datetime)]
    days = (_as_date(end) - _as_date(start)).days
    if days < 1 or any(edge.time() != _MIDNIGHT for edge in edges):
        return None
    return _as_date(start), days


def _exception_dates(component: Mapping[str, Any]) -> set[date]:
    listed = component.get("EXDATE", [])
    return {
        _as_date(entry.dt)
        for part in (listed if isinstance(listed, list) else [listed])
        for entry in part.dts
    }
