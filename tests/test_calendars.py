"""Business time: the published cases, a walker of minutes, and what the rules say by hand."""

from __future__ import annotations

import json
import os
import random
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from walker import MINUTE, Walk, utc

from kpiaudit.calendars.business_time import (
    INSTANT,
    Calendar,
    compile_calendar,
    due_at,
    elapsed,
    warnings,
)
from kpiaudit.calendars.dial import dial_for
from kpiaudit.errors import KpiauditError
from kpiaudit.settings import CalendarSettings, Holidays, Span

WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
OUT_OF_SCOPE = {"btd-15": "no hours and no shifts are refused, where the peer counts 0 seconds"}
Rules = dict[str, Any]
ORACLE = os.environ.get("KPIAUDIT_ORACLE")


def oracle_cases() -> list[Any]:
    if not ORACLE:
        skip = pytest.mark.skip(reason="KPIAUDIT_ORACLE names no folder on this machine")
        return [pytest.param({}, id="unset", marks=skip)]
    cases = json.loads((Path(ORACLE) / "calendar_cases.json").read_text(encoding="utf-8"))
    return [pytest.param(case, id=case["id"]) for case in cases]


def seconds(clock: str) -> int:
    hours, minutes, *rest = (int(part) for part in clock.split(":"))
    return hours * 3600 + minutes * 60 + sum(rest)


def spans(*texts: str) -> tuple[Span, ...]:
    pairs = (text.split("-") for text in texts)
    return tuple((seconds(start), seconds(end)) for start, end in pairs)


def calendar(rules: Rules, zone: str = "UTC") -> CalendarSettings:
    """Weekly hours by weekday name, the rest as in `CalendarSettings`."""
    hours = {WEEKDAYS.index(day): spans(*rules[day]) for day in WEEKDAYS if day in rules}
    others = {key: value for key, value in rules.items() if key not in WEEKDAYS}
    return CalendarSettings("support", zone, hours, **others)


def settings_of(case: dict[str, Any]) -> CalendarSettings:
    breaks: dict[date, tuple[Span, ...]] = {}
    for cut in case.get("breaks", ()):
        on = date.fromisoformat(cut["date"])
        breaks[on] = (*breaks.get(on, ()), (seconds(cut["from"]), seconds(cut["to"])))
    return calendar(
        {
            **{
                day: ["-".join(span) for span in day_spans]
                for day, day_spans in case["weekly_hours"].items()
            },
            "shifts": {
                date.fromisoformat(on): spans(*("-".join(span) for span in listed))
                for on, listed in case.get("overrides", {}).items()
            },
            "breaks": breaks,
            "holidays": Holidays(add=tuple(map(date.fromisoformat, case["holidays"]))),
        },
        case["timezone"],
    )


def instants(*at: datetime | None) -> pl.Series:
    return pl.Series(at, dtype=INSTANT)


def durations(*lengths: timedelta | None) -> pl.Series:
    return pl.Series(lengths, dtype=pl.Duration("us"))


def worked(settings: CalendarSettings, start: str, end: str) -> timedelta:
    started, stopped = utc(start), utc(end)
    compiled = compile_calendar(settings, started, stopped)
    found: timedelta = elapsed(compiled, instants(started), instants(stopped))[0]
    return found


def deadline(settings: CalendarSettings, start: str, target: timedelta) -> datetime | None:
    compiled = compile_calendar(settings, utc(start), utc(start))
    found: datetime | None = due_at(compiled, instants(utc(start)), durations(target))[0]
    return found


def hours(count: float) -> timedelta:
    return timedelta(hours=count)


@pytest.mark.oracle
@pytest.mark.parametrize("case", oracle_cases())
def test_published_case(case: dict[str, Any]) -> None:
    started = utc(case["start"])
    if case["id"] in OUT_OF_SCOPE:
        with pytest.raises(KpiauditError, match="neither hours nor shifts"):
            compile_calendar(settings_of(case), started, started)
        return
    compiled = None
    if not case.get("always_open"):
        compiled = compile_calendar(settings_of(case), started, utc(case.get("end", case["start"])))
    if "end" in case:
        spent = elapsed(compiled, instants(started), instants(utc(case["end"])))
        assert spent.to_list() == [timedelta(seconds=case["business_seconds"])]
    else:
        target = durations(timedelta(seconds=case["target_seconds"]))
        due = due_at(compiled, instants(started), target)
        assert due.to_list() == [case["deadline"] and utc(case["deadline"])]


@pytest.mark.oracle
@pytest.mark.skipif(not ORACLE, reason="KPIAUDIT_ORACLE names no folder on this machine")
def test_published_cases_are_all_there() -> None:
    assert len(oracle_cases()) == 234


# Around changes of clocks: Berlin, New York, Lord Howe by half an hour, Apia over a whole date,
# Casablanca for Ramadan, Havana at midnight; Kolkata never.
PLACES = [
    ("Europe/Berlin", date(2024, 3, 31)),
    ("Europe/Berlin", date(2024, 10, 27)),
    ("America/New_York", date(2024, 3, 10)),
    ("America/New_York", date(2024, 11, 3)),
    ("Australia/Lord_Howe", date(2024, 4, 7)),
    ("Australia/Lord_Howe", date(2024, 10, 6)),
    ("Pacific/Apia", date(2011, 12, 30)),
    ("Africa/Casablanca", date(2024, 3, 10)),
    ("Africa/Casablanca", date(2024, 4, 14)),
    ("America/Havana", date(2024, 11, 3)),
    ("Asia/Kolkata", date(2024, 2, 29)),
]
EDGES = st.one_of(
    st.integers(0, 96).map(lambda quarter: quarter * 900),
    st.sampled_from([0, 3600, 5400, 7200, 9000, 10_800, 86_400]),
    st.integers(0, 1440).map(lambda minute: minute * 60),
)
SPANS = st.lists(st.tuples(EDGES.filter(lambda edge: edge < 86_400), EDGES), max_size=3).map(tuple)


@st.composite
def situations(draw: st.DrawFn) -> tuple[CalendarSettings, datetime, datetime]:
    zone, around = draw(st.sampled_from(PLACES))
    near = st.integers(-3, 3).map(lambda days: around + timedelta(days=days))
    settings = CalendarSettings(
        "random",
        zone,
        draw(st.dictionaries(st.integers(0, 6), SPANS, min_size=1)),
        draw(st.dictionaries(near, SPANS, max_size=2)) | {date(2000, 1, 1): ((0, 60),)},
        draw(st.dictionaries(near, SPANS, max_size=2)),
        Holidays(add=tuple(draw(st.lists(near, max_size=2)))),
        draw(st.sampled_from(["civil_date", "shift_start"])),
    )
    midnight = datetime(around.year, around.month, around.day, tzinfo=UTC)
    minutes = st.integers(-2 * 1440, 3 * 1440)
    start, end = sorted(midnight + draw(minutes) * MINUTE for _ in range(2))
    return settings, start, end


@given(situations())
def test_elapsed_equals_the_minutes_walked(
    situation: tuple[CalendarSettings, datetime, datetime],
) -> None:
    settings, start, end = situation
    compiled = compile_calendar(settings, start, end)
    spent = elapsed(compiled, instants(start), instants(end))[0]
    assert spent == Walk(settings, start, end).elapsed(start, end)


@given(situations(), st.integers(0, 2000))
def test_due_at_is_where_the_walk_reaches_the_target(
    situation: tuple[CalendarSettings, datetime, datetime], minutes: int
) -> None:
    settings, start, end = situation
    target = minutes * MINUTE
    due = due_at(compile_calendar(settings, start, start), instants(start), durations(target))[0]
    walked = Walk(settings, start, end).due_at(start, target)
    if walked is None:
        assert due is None or due > end
    elif walked <= end:
        assert due == walked


@given(situations(), st.lists(st.integers(-2 * 86_400_000_000, 2 * 86_400_000_000), min_size=3))
def test_elapsed_is_monotone_and_additive(
    situation: tuple[CalendarSettings, datetime, datetime], offsets: list[int]
) -> None:
    settings, start, end = situation
    compiled = compile_calendar(settings, start, end)
    at = instants(*sorted(start + timedelta(microseconds=offset) for offset in offsets))
    first = instants(*[at[0]] * len(at))
    since = elapsed(compiled, first, at)
    assert since.is_sorted()
    assert (elapsed(compiled, at.shift(1), at).fill_null(timedelta()).cum_sum() == since).all()
    assert elapsed(compiled, at, first).to_list() == [timedelta()] * len(at)


@given(situations(), st.integers(1, 8 * 3_600_000_000))
def test_due_at_is_the_first_instant_that_has_the_target(
    situation: tuple[CalendarSettings, datetime, datetime], microseconds: int
) -> None:
    settings, start, end = situation
    compiled = compile_calendar(settings, start, end)
    begin, target = instants(start), durations(timedelta(microseconds=microseconds))
    due = due_at(compiled, begin, target)
    if due[0] is None:
        assert not any(settings.hours.values())
    else:
        assert elapsed(compiled, begin, due).equals(target)
        before = due - timedelta(microseconds=1)
        assert (elapsed(compiled, begin, before) < target).all()


@given(situations())
def test_periods_are_sorted_disjoint_and_never_touch(
    situation: tuple[CalendarSettings, datetime, datetime],
) -> None:
    compiled = compile_calendar(*situation)
    assert (compiled.opens_at[:-1] < compiled.closes_at[:-1]).all()
    assert (compiled.closes_at[:-2] < compiled.opens_at[1:-1]).all()
    lengths = compiled.closes_at - compiled.opens_at
    assert compiled.open_before.to_list() == [0, *lengths.cum_sum()[:-1]]


WEEK = {day: ["09:00-17:00"] for day in WEEKDAYS[:5]}


@pytest.mark.parametrize(
    ("rules", "start", "end", "expected"),
    [
        pytest.param(WEEK, "2024-01-12T16:00", "2024-01-15T10:00", hours(2), id="over a weekend"),
        pytest.param(
            WEEK, "2024-01-15T17:00", "2024-01-15T18:00", hours(0), id="closing is closed"
        ),
        pytest.param(WEEK, "2024-01-15T10:00", "2024-01-15T09:30", hours(0), id="end before start"),
        pytest.param(
            {"mon": ["00:00-24:00"], "tue": ["00:00-24:00"]},
            "2024-01-15T00:00",
            "2024-01-17T00:00",
            hours(48),
            id="24:00 is midnight",
        ),
        pytest.param(
            {"mon": ["09:00:30-09:00:45"]},
            "2024-01-15T00:00",
            "2024-01-16T00:00",
            timedelta(seconds=15),
            id="seconds",
        ),
        pytest.param(
            {"mon": ["09:00-13:00", "12:00-14:00", "14:00-15:00"]},
            "2024-01-15T00:00",
            "2024-01-16T00:00",
            hours(6),
            id="overlapping spans count once",
        ),
        pytest.param(
            {**WEEK, "holidays": Holidays(add=(date(2024, 1, 16),))},
            "2024-01-15T00:00",
            "2024-01-18T00:00",
            hours(16),
            id="a holiday closes its date",
        ),
        pytest.param(
            {
                **WEEK,
                "shifts": {date(2024, 1, 16): spans("08:00-20:00")},
                "holidays": Holidays(add=(date(2024, 1, 16),)),
            },
            "2024-01-16T00:00",
            "2024-01-17T00:00",
            hours(0),
            id="holidays beat shifts",
        ),
        pytest.param(
            {
                **WEEK,
                "shifts": {date(2024, 1, 16): spans("08:00-20:00")},
                "holidays": Holidays(add=(date(2024, 1, 16),)),
                "holiday_rule": "shift_start",
            },
            "2024-01-16T00:00",
            "2024-01-17T00:00",
            hours(0),
            id="no shift starts on a holiday",
        ),
        pytest.param(
            {**WEEK, "shifts": {date(2024, 1, 16): spans("08:00-10:00")}},
            "2024-01-16T00:00",
            "2024-01-17T00:00",
            hours(2),
            id="shifts replace hours",
        ),
        pytest.param(
            {**WEEK, "shifts": {date(2024, 1, 16): ()}},
            "2024-01-16T00:00",
            "2024-01-17T00:00",
            hours(0),
            id="an empty shift closes the date",
        ),
        pytest.param(
            {
                **WEEK,
                "shifts": {date(2024, 1, 16): spans("08:00-20:00")},
                "breaks": {date(2024, 1, 16): spans("12:00-13:00", "12:30-13:30")},
            },
            "2024-01-16T00:00",
            "2024-01-17T00:00",
            hours(10.5),
            id="breaks cut shifts",
        ),
    ],
)
def test_rules_by_hand(rules: Rules, start: str, end: str, expected: timedelta) -> None:
    assert worked(calendar(rules), start, end) == expected


@pytest.mark.parametrize(
    ("rule", "holiday", "expected"),
    [
        ("civil_date", date(2024, 1, 16), 2),
        ("shift_start", date(2024, 1, 16), 8),
        ("civil_date", date(2024, 1, 15), 0),
        ("shift_start", date(2024, 1, 15), 0),
    ],
)
def test_a_night_shift_belongs_to_its_start_day(rule: str, holiday: date, expected: float) -> None:
    night = calendar(
        {"mon": ["22:00-06:00"], "holidays": Holidays(add=(holiday,)), "holiday_rule": rule}
    )
    assert worked(night, "2024-01-15T12:00", "2024-01-16T12:00") == hours(expected)


@pytest.mark.parametrize(
    ("zone", "day", "span", "expected"),
    [
        ("Europe/Berlin", "2024-03-31", "00:00-24:00", 23),
        ("Europe/Berlin", "2024-10-27", "00:00-24:00", 25),
        ("Europe/Berlin", "2024-10-27", "22:00-06:00", 8),
        ("Europe/Berlin", "2024-03-31", "02:30-04:00", 0.5),
        ("Europe/Berlin", "2024-03-31", "02:15-02:45", 0.5),
        ("Europe/Berlin", "2024-03-31", "02:30-03:00", 0),
        ("Europe/Berlin", "2024-03-31", "01:00-05:00 02:30-03:00", 3),
        ("Europe/Berlin", "2024-10-27", "02:30-04:00", 2.5),
        ("Australia/Lord_Howe", "2024-04-07", "00:00-24:00", 24.5),
        ("Australia/Lord_Howe", "2024-10-06", "00:00-24:00", 23.5),
        ("Pacific/Apia", "2011-12-30", "00:00-24:00", 0),
        ("Pacific/Apia", "2011-12-29", "22:00-06:00", 8),
        ("Africa/Casablanca", "2024-03-10", "00:00-24:00", 25),
    ],
)
def test_seconds_are_real_across_a_change_of_clocks(
    zone: str, day: str, span: str, expected: float
) -> None:
    on = date.fromisoformat(day)
    settings = calendar({"shifts": {on: spans(*span.split())}}, zone)
    start, end = on - timedelta(days=2), on + timedelta(days=3)
    assert worked(settings, f"{start}T00:00", f"{end}T00:00") == hours(expected)


def test_a_break_on_a_date_the_zone_skipped_cuts_nothing() -> None:
    saturday = calendar(
        {"sat": ["09:00-17:00"], "breaks": {date(2011, 12, 30): spans("09:00-12:00")}},
        "Pacific/Apia",
    )
    assert worked(saturday, "2011-12-29T00:00", "2012-01-01T00:00") == hours(8)


def test_a_target_that_fills_a_shift_is_due_at_closing_time() -> None:
    assert deadline(calendar(WEEK), "2024-01-12T15:00", hours(2)) == utc("2024-01-12T17:00")
    late = hours(2) + timedelta(microseconds=1)
    monday = utc("2024-01-15T09:00") + timedelta(microseconds=1)
    assert deadline(calendar(WEEK), "2024-01-12T15:00", late) == monday


def test_a_deadline_beyond_the_compiled_span_is_found() -> None:
    one_hour_a_week = calendar({"mon": ["09:00-10:00"]})
    due = deadline(one_hour_a_week, "2024-01-15T00:00", hours(1000))
    assert due == utc("2024-01-15T10:00") + timedelta(weeks=999)


def test_a_deadline_that_never_comes_is_null() -> None:
    once = calendar({"shifts": {date(2024, 1, 16): spans("09:00-10:00")}})
    assert deadline(once, "2024-01-15T00:00", hours(1)) == utc("2024-01-16T10:00")
    assert deadline(once, "2024-01-15T00:00", hours(1.5)) is None
    assert deadline(once, "2024-01-17T00:00", hours(0.1)) is None


def test_nulls_stay_null() -> None:
    compiled = compile_calendar(calendar(WEEK), utc("2024-01-15"), utc("2024-01-16"))
    started = instants(utc("2024-01-15T10:00"), None, utc("2024-01-15T10:00"), None)
    stopped = instants(None, utc("2024-01-15T11:00"), utc("2024-01-15T11:00"), None)
    for each in (compiled, None):
        assert elapsed(each, started, stopped).to_list() == [None, None, hours(1), None]
        due = due_at(each, started, durations(hours(1)))
        assert due.to_list() == [utc("2024-01-15T11:00"), None] * 2
        targets = durations(hours(1), hours(1), None, hours(1))
        assert due_at(each, started, targets).is_null().to_list() == [False, True, True, True]


def test_empty_columns_give_empty_columns() -> None:
    compiled = compile_calendar(calendar(WEEK), utc("2024-01-15"), utc("2024-01-16"))
    assert elapsed(compiled, instants(), instants()).dtype == pl.Duration("us")
    assert due_at(compiled, instants(), durations(hours(1))).to_list() == []


def test_around_the_clock_counts_every_second() -> None:
    start, end = instants(utc("2024-03-30T00:00")), instants(utc("2024-04-01T00:00"))
    assert elapsed(None, start, end).to_list() == [hours(48)]
    assert elapsed(None, end, start).to_list() == [hours(0)]
    assert due_at(None, start, durations(hours(48))).to_list() == end.to_list()


def test_instants_outside_the_span_are_compiled_for_and_never_clamped() -> None:
    narrow = compile_calendar(calendar(WEEK), utc("2024-01-15"), utc("2024-01-16"))
    started, stopped = instants(utc("2023-12-04")), instants(utc("2024-02-05"))
    assert elapsed(narrow, started, stopped).to_list() == [hours(9 * 5 * 8)]
    with pytest.raises(KpiauditError, match="not compiled"):
        narrow.open_time(stopped)


def test_a_night_shift_is_open_at_the_edge_of_an_extended_span() -> None:
    night = calendar({"sun": ["22:00-06:00"]})
    narrow = compile_calendar(night, utc("2024-01-17"), utc("2024-01-17"))
    started, stopped = instants(utc("2024-01-08T02:00")), instants(utc("2024-01-29T01:00"))
    assert elapsed(narrow, started, stopped).to_list() == [hours(4 + 8 + 8 + 3)]


def test_the_row_order_changes_nothing() -> None:
    compiled = compile_calendar(calendar(WEEK), utc("2024-01-01"), utc("2024-02-01"))
    at = instants(*(utc("2024-01-01") + timedelta(hours=7 * n) for n in range(90)))
    assert compiled.open_time(at.reverse()).reverse().equals(compiled.open_time(at))


@pytest.mark.parametrize("rules", [{}, {"mon": []}, {"shifts": {date(2024, 1, 1): ()}}])
def test_no_hours_and_no_shifts_are_refused(rules: Rules) -> None:
    with pytest.raises(KpiauditError, match="neither hours nor shifts") as refused:
        compile_calendar(calendar(rules), utc("2024-01-15"), utc("2024-01-16"))
    assert refused.value.where == "calendars.support"
    assert refused.value.hint


def test_an_unknown_zone_is_refused_with_the_nearest() -> None:
    with pytest.raises(KpiauditError, match="'Europe/Berln'") as refused:
        compile_calendar(calendar(WEEK, "Europe/Berln"), utc("2024-01-15"), utc("2024-01-16"))
    assert refused.value.where == "calendars.support.time_zone"
    assert "'Europe/Berlin'" in str(refused.value.hint)


def test_ordinary_hours_give_no_warning() -> None:
    assert warnings(calendar({**WEEK, "sun": ["00:00-24:00"]}, "Europe/Berlin")) == []


@pytest.mark.parametrize(
    ("rules", "told"),
    [
        ({"fri": ["09:00-23:59"]}, "hours.fri: ends at 23:59; did you mean 24:00?"),
        ({"fri": ["09:00-23:59:59"]}, "hours.fri: ends at 23:59:59; did you mean 24:00?"),
        (
            {"shifts": {date(2026, 5, 4): spans("09:00-13:00", "12:00-15:00")}},
            "shifts.2026-05-04: 09:00-13:00 and 12:00-15:00 overlap and are merged",
        ),
        (
            {"sun": ["22:00-06:00"], "mon": ["05:00-09:00"]},
            "hours.sun: 22:00-06:00 runs into 05:00-09:00 of mon; they are merged",
        ),
        (
            {"sun": ["02:30-09:00"]},
            "hours.sun: 02:30 does not exist on 2026-03-29 (clocks go forward): 03:30 is taken",
        ),
        (
            {"sat": ["20:00-02:00"]},
            "hours.sat: 02:00 comes twice on 2026-10-25 (clocks go back): the first is taken",
        ),
    ],
)
def test_what_is_probably_not_meant_is_told(rules: Rules, told: str) -> None:
    first, last = date(2026, 1, 1), date(2026, 12, 31)
    settings = calendar(rules, "Europe/Berlin")
    assert f"calendars.support.{told}" in warnings(settings, start=first, end=last)


def test_an_edge_in_the_hour_that_comes_twice_is_told_once_with_the_count() -> None:
    saturday = calendar({"sat": ["20:00-02:00"]}, "Europe/Berlin")
    told = "calendars.support.hours.sat: 02:00 comes twice on 2026-10-25 and 2 more dates to 2028"
    found = warnings(saturday, start=date(2026, 1, 1), end=date(2028, 12, 31))
    assert found == [f"{told} (clocks go back): the first is taken"]


def test_merged_spans_that_only_touch_give_no_warning() -> None:
    assert warnings(calendar({"mon": ["09:00-12:00", "12:00-17:00"]})) == []


def test_a_calendar_with_another_zone_is_another_calendar() -> None:
    berlin = calendar(WEEK, "Europe/Berlin")
    start, end = "2024-01-15T00:00", "2024-01-15T12:00"
    assert worked(berlin, start, end) == hours(4)
    assert worked(replace(berlin, time_zone="Asia/Kolkata"), start, end) == hours(8)


def test_a_calendar_says_its_total() -> None:
    compiled: Calendar = compile_calendar(calendar(WEEK), utc("2024-01-15"), utc("2024-01-19"))
    assert compiled.open_total == 40 * 3600 * 1_000_000


@pytest.mark.parametrize("zone", ["Europe/Berlin", "Australia/Lord_Howe", "Asia/Kolkata"])
def test_many_instants_read_as_few_do(zone: str) -> None:
    """A long column is read off a dial where few slots make one, a short one by search."""
    split = ((9 * 3600 + 900, 12 * 3600), (13 * 3600, 17 * 3600 + 1))
    hours: dict[int, tuple[Span, ...]] = dict.fromkeys(range(5), split)
    hours[5] = ((22 * 3600, 6 * 3600),)
    settings = CalendarSettings("c", zone, hours=hours)
    begin, end = datetime(2024, 3, 1, tzinfo=UTC), datetime(2024, 4, 20, tzinfo=UTC)
    calendar = compile_calendar(settings, begin, end)
    edges = [*calendar.closes_at.to_list(), *calendar.opens_at.to_list()]
    chosen = random.Random(7)
    span = (calendar.starts_at, calendar.ends_at - 1)
    near = [edge + step for edge in edges for step in (-1, 0, 1)]
    instants: list[int | None] = [at for at in near if span[0] <= at <= span[1]]
    instants += [chosen.randint(*span) for _ in range(120_000)]
    instants[::1000] = [None] * len(instants[::1000])
    aligned = replace(settings, hours=dict.fromkeys(range(5), ((9 * 3600, 17 * 3600),)))
    quarters = replace(settings, hours=hours | dict.fromkeys(range(5), (split[0],)))
    others = [compile_calendar(found, begin, end) for found in (aligned, quarters)]
    assert [dial_for(each, most=30_000) is None for each in (calendar, *others)] == [
        True,
        False,
        False,
    ]
    for compiled in (calendar, *others):
        at = pl.Series(instants, dtype=pl.Int64)
        few = [compiled.open_time(at[start : start + 1_000]) for start in range(0, len(at), 1_000)]
        assert compiled.open_time(at).to_list() == pl.concat(few).to_list()
