from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiaudit.errors import KpiauditError
from kpiaudit.policy.durations import (
    format_duration,
    format_percent,
    names_days,
    parse_duration,
    parse_percent,
)

HOUR = 3600


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1h", HOUR),
        ("1h 30m", HOUR + 30 * 60),
        ("1h30m", HOUR + 30 * 60),
        ("90m", 90 * 60),
        ("1.5h", HOUR + 30 * 60),
        ("2 days", 2 * 24 * HOUR),
        ("2d", 2 * 24 * HOUR),
        ("1 day 4 hours", 28 * HOUR),
        ("45s", 45),
        ("0.5s", 0.5),
        ("1 hour", HOUR),
        ("15 min", 15 * 60),
        ("1h 0m 1s", HOUR + 1),
        (" 1h ", HOUR),
        ("PT1H30M", HOUR + 30 * 60),
        ("PT1H", HOUR),
        ("P1D", 24 * HOUR),
        ("P1DT12H", 36 * HOUR),
        ("PT0.5H", HOUR / 2),
        ("PT90S", 90),
    ],
)
def test_durations_are_read(text: str, seconds: float) -> None:
    assert parse_duration(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize(
    ("value", "says"),
    [
        ("90", "bare number"),
        (90, "bare number"),
        (1.5, "bare number"),
        (True, "is not a duration"),
        (["1h"], "is not a duration"),
        ("", "is empty"),
        ("  ", "is empty"),
        ("-5m", "negative"),
        ("-PT5M", "negative"),
        ("1x", "unknown unit 'x'"),
        ("30M", "unknown unit 'M'"),
        ("2w", "unknown unit 'w'"),
        ("1 month", "months and years"),
        ("1y", "months and years"),
        ("P1M", "months and years"),
        ("P1Y", "months and years"),
        ("P1Y2M", "months and years"),
        ("P2W", "not an ISO 8601 duration"),
        ("P", "not an ISO 8601 duration"),
        ("PT", "not an ISO 8601 duration"),
        ("P1DT", "not an ISO 8601 duration"),
        ("PT1H30", "not an ISO 8601 duration"),
        ("0s", "no time at all"),
        ("0h 0m", "no time at all"),
        ("PT0S", "no time at all"),
        ("1bd", "business time is no unit"),
        ("1h 1h", "each unit once"),
        ("30m 1h", "each unit once"),
        ("1.5h 30m", "only the last part"),
        ("1,5h", "is not a duration"),
        ("1h and a bit", "is not a duration"),
        ("\u0661h", "is not a duration"),
        ("1:30", "is not a duration"),
        ("0.0000001s", "finer than a microsecond"),
        ("9999999999999d", "longer than ten years"),
    ],
)
def test_what_is_no_duration_is_refused_with_the_reason(value: object, says: str) -> None:
    with pytest.raises(KpiauditError, match=says):
        parse_duration(value)


def test_a_refusal_shows_examples() -> None:
    with pytest.raises(KpiauditError, match=r"\"1h 30m\".*\"PT1H30M\""):
        parse_duration("90")


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("2d", True),
        ("1 day 4h", True),
        ("P1D", True),
        ("48h", False),
        ("PT48H", False),
        ("x", False),
    ],
)
def test_days_are_told_from_hours(text: str, days: bool) -> None:
    assert names_days(text) is days


@pytest.mark.parametrize(
    ("text", "share"),
    [("95%", 0.95), ("99.5%", 0.995), ("99.9%", 0.999), ("100%", 1.0), ("0%", 0.0), ("95 %", 0.95)],
)
def test_shares_are_read_to_the_nearest_float(text: str, share: float) -> None:
    assert parse_percent(text) == share


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (95, '95 is a bare number; write "95%"'),
        (0.95, '0.95 is a bare number; write "95%"'),
        (99.5, '99.5 is a bare number; write "99.5%"'),
        ("95", '"95" is not a share; write it as "95%"'),
        ("most", '"most" is not a share; write it as "95%"'),
        ("-5%", '"-5%" is not a share; write it as "95%"'),
        ("101%", '"101%" is more than 100%'),
        (True, 'is not a share; write it as "95%"'),
    ],
)
def test_what_is_no_share_is_refused_with_the_way_to_write_it(value: object, says: str) -> None:
    with pytest.raises(KpiauditError) as caught:
        parse_percent(value)
    assert str(caught.value) == says


@given(st.integers(min_value=1, max_value=10**14))
@settings(max_examples=100)
def test_a_duration_written_is_read_back(micros: int) -> None:
    duration = timedelta(microseconds=micros)
    assert parse_duration(format_duration(duration)) == duration


@given(st.integers(min_value=0, max_value=100_000))
@settings(max_examples=100)
def test_a_share_written_is_read_back(thousandths: int) -> None:
    share = thousandths / 100_000
    assert parse_percent(format_percent(share)) == share


def test_durations_are_written_without_days() -> None:
    assert format_duration(timedelta(hours=24)) == "24h"
    assert format_duration(timedelta(minutes=90, seconds=1.5)) == "1h 30m 1.5s"
