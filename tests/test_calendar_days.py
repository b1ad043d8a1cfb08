"""A calendar date by date, against the compiled periods and by hand."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl
from hypothesis import given
from test_calendars import calendar, hours, situations, spans
from walker import utc

from kpiaudit.calendars.business_time import compile_calendar
from kpiaudit.calendars.by_date import day_spans
from kpiaudit.settings import Holidays

if TYPE_CHECKING:
    from datetime import datetime

    from kpiaudit.calendars.days import DaySpan
    from kpiaudit.settings import CalendarSettings

ONE = timedelta(days=1)


@given(situations())
def test_days_tile_the_time_and_open_as_the_compiled_periods_do(
    situation: tuple[CalendarSettings, datetime, datetime],
) -> None:
    settings, start, end = situation
    days = day_spans(settings, start.date() - 2 * ONE, end.date() + 2 * ONE)
    tiles = [span for day in days for span in day.spans]
    assert all(left.ends_at == right.starts_at for left, right in pairwise(tiles))
    compiled = compile_calendar(settings, tiles[0].starts_at, tiles[-1].ends_at)
    edges = pl.Series([tile.starts_at for tile in tiles] + [tiles[-1].ends_at])
    ticked = compiled.open_time(edges).diff()[1:].to_list()
    microsecond = timedelta(microseconds=1)
    assert ticked == [tile.length // microsecond if tile.state == "open" else 0 for tile in tiles]
    assert sum(ticked) == sum(day.open_time // microsecond for day in days)


def told(found: tuple[DaySpan, ...]) -> list[tuple[str, str, str]]:
    return [(f"{span.starts_at:%d %H:%M}", span.state, span.reason) for span in found]


def test_each_span_tells_its_reason() -> None:
    settings = calendar(
        {
            "mon": ["09:00-17:00"],
            "tue": ["22:00-06:00"],
            "wed": ["09:00-17:00"],
            "shifts": {date(2024, 1, 18): spans("10:00-12:00")},
            "breaks": {date(2024, 1, 15): spans("12:00-13:00", "20:00-21:00")},
            "holidays": Holidays(add=(date(2024, 1, 19),)),
        }
    )
    monday, tuesday, wednesday, thursday, friday = day_spans(
        settings, date(2024, 1, 15), date(2024, 1, 19)
    )
    assert told(monday.spans) == [
        ("15 00:00", "closed", "outside hours"),
        ("15 09:00", "open", "hours"),
        ("15 12:00", "break", "break"),
        ("15 13:00", "open", "hours"),
        ("15 17:00", "closed", "outside hours"),
    ]
    assert [day.open_time for day in (monday, tuesday, wednesday)] == [
        hours(7),
        hours(2),
        hours(14),
    ]
    assert told(thursday.spans)[1] == ("18 10:00", "open", "shift")
    assert told(friday.spans) == [("19 00:00", "holiday", "closed by the policy")]
    assert [day.rule for day in (monday, thursday, friday)] == ["hours", "shift", "holiday"]
    assert friday.holiday == "closed by the policy"


def test_a_night_shift_kept_into_a_holiday_is_open_there() -> None:
    kept = calendar(
        {
            "mon": ["22:00-06:00"],
            "holidays": Holidays(add=(date(2024, 1, 16),)),
            "holiday_rule": "shift_start",
        }
    )
    (tuesday,) = day_spans(kept, date(2024, 1, 16), date(2024, 1, 16))
    assert told(tuesday.spans) == [
        ("16 00:00", "open", "hours"),
        ("16 06:00", "holiday", "closed by the policy"),
    ]


def test_a_date_the_zone_skipped_has_no_spans() -> None:
    friday = calendar({"fri": ["00:00-24:00"]}, "Pacific/Apia")
    days = day_spans(friday, date(2011, 12, 29), date(2011, 12, 31))
    assert [(day.rule, len(day.spans)) for day in days] == [
        ("none", 1),
        ("skipped", 0),
        ("none", 1),
    ]
    assert days[0].spans[0].ends_at == days[2].spans[0].starts_at == utc("2011-12-30T10:00")


def test_a_day_of_a_change_of_clocks_has_its_real_length() -> None:
    sunday = calendar({"sun": ["00:00-24:00"]}, "Europe/Berlin")
    found = [
        day_spans(sunday, on, on)[0].open_time for on in (date(2024, 3, 31), date(2024, 10, 27))
    ]
    assert found == [hours(23), hours(25)]
