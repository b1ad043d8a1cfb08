"""Local wall time to UTC as `zoneinfo` does it with `fold=0`, whole columns at a time."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from itertools import pairwise
from zoneinfo import ZoneInfo, available_timezones

import polars as pl

from kpiaudit.errors import KpiauditError

DAY = 86_400
EPOCH = datetime(1970, 1, 1)
LAST_YEAR = 9999


@dataclass(frozen=True, slots=True)
class OffsetChange:
    """Local clocks of a zone are set: `local_at` is the first wall second read with `after`.

    The wall times `local_at - abs(after - before)` up to `local_at` do not exist when clocks go
    forward, and come twice when they go back. All in seconds, `local_at` since 1970-01-01T00:00
    local, offsets east of UTC.
    """

    local_at: int
    before: int
    after: int

    @property
    def is_forward(self) -> bool:
        """Whether wall times are left out rather than repeated."""
        return self.after > self.before

    @property
    def local_from(self) -> int:
        """The first wall second that is missing or comes twice."""
        return self.local_at - abs(self.after - self.before)


@lru_cache(maxsize=1024)
def load_zone(name: str, where: str | None = None) -> ZoneInfo:
    """Return the zone called `name`, or raise KpiauditError naming the nearest one."""
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        folded = {zone.lower(): zone for zone in available_timezones()}
        raise KpiauditError(
            f"unknown time zone {name!r}",
            where=where,
            hint=_zone_hint(name, folded),
        ) from error


def to_day(on: date) -> int:
    """Days since 1970-01-01."""
    return on.toordinal() - EPOCH.toordinal()


def to_date(day: int) -> date:
    """The date so many days after 1970-01-01."""
    return date.fromordinal(day + EPOCH.toordinal())


def local_to_utc(local: int, zone: ZoneInfo) -> datetime:
    """Return the instant of a wall time in seconds since 1970-01-01T00:00 local, `fold=0`."""
    wall = EPOCH + timedelta(seconds=local)
    return (wall - timedelta(seconds=_offset(zone, wall))).replace(tzinfo=UTC)


def offset_changes(zone: ZoneInfo, first_day: int, last_day: int) -> list[OffsetChange]:
    """Return every change of offset from the start of the first day's year to the last's end."""
    years = range(to_date(first_day).year, to_date(last_day).year + 1)
    return [change for year in years for change in _changes_in(zone, year)]


def skipped_days(zone: ZoneInfo, first_day: int, last_day: int) -> set[int]:
    """Return the days the zone's calendar went past, as Apia did past 2011-12-30."""
    return {
        day
        for change in offset_changes(zone, first_day, last_day)
        if change.after - change.before >= DAY
        for day in range(-(-change.local_from // DAY), change.local_at // DAY)
    }


def utc_seconds(local: pl.Expr, zone: ZoneInfo, first_day: int, last_day: int) -> pl.Expr:
    """Turn wall seconds since 1970-01-01T00:00 local (Int64) into seconds since then in UTC.

    Equal to `local_to_utc` for wall times within the years of `first_day` and `last_day`.
    """
    changes = offset_changes(zone, first_day, last_day)
    start = datetime(to_date(first_day).year, 1, 1)
    offsets = pl.Series([_offset(zone, start)] + [change.after for change in changes])
    switches = pl.Series([change.local_at for change in changes], dtype=pl.Int64)
    return local - pl.lit(offsets).gather(pl.lit(switches).search_sorted(local, side="right"))


def _zone_hint(name: str, folded: dict[str, str]) -> str:
    from difflib import get_close_matches

    close = get_close_matches(name.lower(), sorted(folded), n=1, cutoff=0.6)
    nearest = f"did you mean {folded[close[0]]!r}? " if close else ""
    return f"{nearest}names are those of the IANA database, such as 'Europe/Berlin'"


def _offset(zone: ZoneInfo, wall: datetime) -> int:
    offset = zone.utcoffset(wall)
    return 0 if offset is None else int(offset.total_seconds())


@lru_cache(maxsize=65_536)
def _changes_in(zone: ZoneInfo, year: int) -> tuple[OffsetChange, ...]:
    looks = _looks_at(year)
    offsets = map(zone.utcoffset, looks)
    return tuple(
        _change_between(zone, looks[at], looks[at + 1])
        for at, (before, after) in enumerate(pairwise(offsets))
        if before != after
    )


@lru_cache(maxsize=512)
def _looks_at(year: int) -> tuple[datetime, ...]:
    """Return every other day of a year and the first of the next: since 1939 no zone has changed its
    clocks twice within three days, so that these miss nothing.
    """
    first = datetime(year, 1, 1)
    end = datetime(year + 1, 1, 1) if year < LAST_YEAR else datetime(year, 12, 31)
    days = range(0, (end - first).days, 2)
    return (*(first + timedelta(days=day) for day in days), end)


def _change_between(zone: ZoneInfo, left: datetime, right: datetime) -> OffsetChange:
    second, before = timedelta(seconds=1), zone.utcoffset(left)
    low, high = 0, (right - left) // second
    while high - low > 1:
        middle = (low + high) // 2
        if zone.utcoffset(left + timedelta(0, middle)) == before:
            low = middle
        else:
            high = middle
    at = (left - EPOCH) // second + high
    return OffsetChange(at, _offset(zone, left), _offset(zone, right))
