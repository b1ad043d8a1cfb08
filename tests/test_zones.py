"""Wall time to UTC, column against clock."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from kpiaudit.zones import (
    OffsetChange,
    load_zone,
    local_to_utc,
    offset_changes,
    skipped_days,
    to_date,
    to_day,
    utc_seconds,
)

ZONES = (
    "Africa/Casablanca",
    "America/Caracas",
    "America/Havana",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Pyongyang",
    "Asia/Tehran",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/Dublin",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kwajalein",
)
FIRST, LAST = to_day(date(1965, 1, 1)), to_day(date(2037, 12, 31))


def by_zoneinfo(local: int, zone: str) -> int:
    wall = datetime.fromisoformat("1970-01-01") + timedelta(seconds=local)
    aware = wall.replace(tzinfo=ZoneInfo(zone), fold=0)
    return (aware - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(seconds=1)


@pytest.mark.parametrize("zone", ZONES)
def test_a_column_converts_as_zoneinfo_does_around_every_change(zone: str) -> None:
    changes = offset_changes(load_zone(zone), FIRST, LAST)
    around = range(-26 * 3600, 26 * 3600 + 1, 900)
    local = [change.local_at + step for change in changes for step in (*around, -1, 1)]
    local += range(FIRST * 86_400, LAST * 86_400, 11 * 86_400)
    walls = pl.DataFrame({"wall": local})
    column = walls.select(utc_seconds(pl.col("wall"), load_zone(zone), FIRST, LAST)).to_series()
    expected = [by_zoneinfo(second, zone) for second in local]
    assert column.to_list() == expected
    sample = local[::50]
    assert [int(local_to_utc(at, load_zone(zone)).timestamp()) for at in sample] == expected[::50]


@pytest.mark.parametrize("zone", ZONES)
def test_no_change_of_offset_is_missed(zone: str) -> None:
    """Every hour of five years, read from the wall clock."""
    first, last = datetime.fromisoformat("2009-01-01"), date(2013, 12, 31)
    start, end = to_day(first.date()), to_day(last)
    found = {-(-change.local_at // 3600) for change in offset_changes(load_zone(zone), start, end)}
    reader = ZoneInfo(zone)
    walls = [first + timedelta(hours=n) for n in range((end - start) * 24)]
    offsets = [reader.utcoffset(wall) for wall in walls]
    seen = {start * 24 + n for n in range(1, len(walls)) if offsets[n] != offsets[n - 1]}
    assert found == seen


def test_a_change_tells_what_is_missing_or_repeated() -> None:
    day = to_day(date(2024, 1, 1))
    spring, autumn = offset_changes(load_zone("Europe/Berlin"), day, day)
    three = to_day(date(2024, 3, 31)) * 86_400 + 3 * 3600
    assert spring == OffsetChange(three, 3600, 7200)
    assert (spring.is_forward, spring.local_from) == (True, three - 3600)
    three = to_day(date(2024, 10, 27)) * 86_400 + 3 * 3600
    assert autumn == OffsetChange(three, 7200, 3600)
    assert (autumn.is_forward, autumn.local_from) == (False, three - 3600)


@pytest.mark.parametrize(
    ("zone", "skipped"),
    [
        ("Pacific/Apia", [date(2011, 12, 30)]),
        ("Pacific/Kwajalein", [date(1993, 8, 21)]),
        ("Pacific/Kiritimati", [date(1994, 12, 31)]),
        ("Europe/Berlin", []),
        ("UTC", []),
    ],
)
def test_dates_a_zone_skipped(zone: str, skipped: list[date]) -> None:
    found = skipped_days(load_zone(zone), FIRST, LAST)
    assert sorted(map(to_date, found)) == skipped
    for on in skipped:
        shown = {
            (datetime(on.year, on.month, on.day, tzinfo=UTC) + timedelta(minutes=n))
            .astimezone(ZoneInfo(zone))
            .date()
            for n in range(-2880, 2880)
        }
        assert on not in shown
        assert {on - timedelta(days=1), on + timedelta(days=1)} <= shown
