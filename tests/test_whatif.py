"""Other targets, other calendars, breaches averted: against counting one clock at a time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from pathlib import Path

import polars as pl
import pytest
from audits import sla, written
from builders import calendar, canonical_csv, timeline
from hypothesis import given
from hypothesis import strategies as st

from kpiaudit.audit import Request
from kpiaudit.disagreements import compared
from kpiaudit.pipeline import audit
from kpiaudit.policy.load import load_policy
from kpiaudit.settings import CalendarSettings, Holidays, Settings
from kpiaudit.views.shown import Block
from kpiaudit.whatif.outlook import Point
from kpiaudit.whatif.prospects import Hours, Suppositions, suppose
from kpiaudit.whatif.supposed import (
    Waits,
    blocks_of,
    fewest_hours,
    ladder,
    points_at,
    tightest,
    to_avert,
    waits_of,
    week_of,
    with_hours,
)

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
AT = datetime(2026, 3, 2, 9, tzinfo=UTC)
GOALS = (0.05, 0.5, 0.6, 0.95, 0.999, 1.0)

Wait = tuple[timedelta, bool]
"""How long it took, or has lasted so far, and whether anything stopped it."""

near = st.integers(0, 5_000_000).map(lambda n: timedelta(microseconds=n))
whole = st.integers(0, 5).map(lambda n: timedelta(seconds=n))
many = st.lists(st.tuples(near | whole, st.booleans()), max_size=40)


def waits(*given: Wait, excluded: Sequence[timedelta] = ()) -> Waits:
    rows = [(spent, AT if stopped else None, "met") for spent, stopped in given]
    rows += [(spent, AT, "excluded") for spent in excluded]
    schema: dict[str, pl.DataType | type[pl.DataType]] = {
        "elapsed": pl.Duration("us"),
        "stopped_at": pl.Datetime("us", "UTC"),
        "outcome": pl.String,
    }
    return waits_of(pl.DataFrame(rows, schema=schema, orient="row"))


def counted(given: Sequence[Wait], target: timedelta) -> tuple[int, int, int]:
    """Met, breached and open, one wait after the other."""
    met = sum(stopped and spent <= target for spent, stopped in given)
    breached = sum(spent > target for spent, _ in given)
    still_open = sum(not stopped and spent <= target for spent, stopped in given)
    return met, breached, still_open


def keeps(given: Sequence[Wait], target: timedelta, goal: float) -> bool:
    met, breached, _ = counted(given, target)
    return met > 0 and Fraction(met, met + breached) >= Fraction(str(goal))


def at(found: Point) -> tuple[float, int, int, int]:
    return found.target_seconds, found.met, found.breached, found.open


@given(many, st.lists(near | whole, max_size=6))
def test_a_curve_is_what_counting_at_each_target_gives(
    given: list[Wait], targets: list[timedelta]
) -> None:
    found = points_at(waits(*given), targets, own=3 * SECOND)
    expected = sorted({*targets, 3 * SECOND})
    assert [at(point) for point in found] == [
        (target.total_seconds(), *counted(given, target)) for target in expected
    ]
    assert [point.target_seconds for point in found if point.is_own] == [3.0]


@given(many)
def test_a_longer_target_never_lowers_adherence(given: list[Wait]) -> None:
    targets = [timedelta(milliseconds=250 * n) for n in range(1, 24)]
    shares = [point.adherence for point in points_at(waits(*given), targets, own=SECOND)]
    known = [share for share in shares if share is not None]
    assert known == sorted(known)


@given(many, st.sampled_from(GOALS))
def test_the_tightest_promise_is_the_first_second_that_keeps_the_goal(
    given: list[Wait], goal: float
) -> None:
    kept = [n * SECOND for n in range(1, 8) if keeps(given, n * SECOND, goal)]
    found = tightest(waits(*given), goal)
    if not kept:
        assert found is None
    else:
        assert found is not None
        assert at(found) == (kept[0].total_seconds(), *counted(given, kept[0]))


@pytest.mark.parametrize(
    ("given", "goal", "expected"),
    [
        ([], 0.95, None),
        ([(HOUR, False)] * 3, 0.5, None),
        ([(timedelta(0), True)], 1.0, 1),
        ([(HOUR, True)] * 20, 0.95, 3600),
        ([(HOUR, True)] * 19 + [(2 * HOUR, True)], 0.95, 3600),
        ([(HOUR, True)] * 18 + [(2 * HOUR, True)] * 2, 0.95, 7200),
        ([(HOUR, True)] * 19 + [(2 * HOUR, False)], 0.95, 3600),
        ([(HOUR, True), (3 * HOUR, True)], 1.0, 10800),
        ([(HOUR, True), (3 * HOUR, False)], 1.0, 10800),
        ([(HOUR + timedelta(microseconds=1), True)], 1.0, 3601),
        ([(HOUR, False)] * 2 + [(MINUTE, True)], 0.5, 3600),
        ([(n * MINUTE, True) for n in (20, 40, 60)] + [(50 * MINUTE, False)], 0.6, 3000),
        ([(n * MINUTE, True) for n in (20, 40, 60)], 0.6, 2400),
    ],
)
def test_the_tightest_promise_by_hand(given: list[Wait], goal: float, expected: int | None) -> None:
    found = tightest(waits(*given), goal)
    assert (found and found.target_seconds) == expected


def test_a_promise_needs_its_sample() -> None:
    given = [(HOUR, True)] * 4 + [(2 * HOUR, False)]
    assert tightest(waits(*given), 0.8, min_sample=5) is not None
    assert tightest(waits(*given), 1.0, min_sample=5) is None


def test_excluded_clocks_are_in_no_curve() -> None:
    found = waits((HOUR, True), excluded=[2 * HOUR, 3 * HOUR])
    (point,) = points_at(found, (), own=MINUTE)
    assert at(point) == (60.0, 0, 1, 0)


@given(st.integers(0, 60), st.integers(0, 60), st.sampled_from(GOALS))
def test_as_few_breaches_are_averted_as_reach_the_goal(
    met: int, breached: int, goal: float
) -> None:
    n, share = met + breached, Fraction(str(goal))
    found = to_avert(Point(60.0, met, breached, 0), goal)
    if not n:
        assert found is None
    else:
        enough = [k for k in range(-met, breached + 1) if Fraction(met + k, n) >= share]
        assert found == enough[0]


def test_usual_targets_lie_on_both_sides() -> None:
    steps = [step // MINUTE for step in ladder(HOUR)]
    assert steps == [5, 10, 15, 30, 120, 240, 480, 720]
    assert ladder(SECOND)[0] == 2 * SECOND
    assert len(ladder(timedelta(days=3650))) == 4


@given(st.lists(st.integers(0, 4), min_size=168, max_size=168), st.floats(0, 1, exclude_min=True))
def test_the_hours_named_are_the_fewest_that_are_enough(by_hour: list[int], share: float) -> None:
    needed = round(share * sum(by_hour))
    chosen = fewest_hours(by_hour, needed)
    largest = sorted(by_hour, reverse=True)
    fewest = next(n for n in range(169) if sum(largest[:n]) >= needed)
    assert len(chosen) == fewest
    blocks = blocks_of(by_hour, chosen)
    spread = [b.weekday * 24 + hour for b in blocks for hour in range(b.from_hour, b.to_hour)]
    assert sorted(spread) == sorted(chosen)
    assert (
        sum(block.breaches for block in blocks) == sum(by_hour[hour] for hour in chosen) >= needed
    )
    assert all(0 <= b.from_hour < b.to_hour <= 24 for b in blocks)


def test_of_equal_hours_those_side_by_side_are_named() -> None:
    by_hour = [0] * 168
    by_hour[5 * 24 + 18], by_hour[5 * 24 + 19] = 1, 2
    by_hour[3] = by_hour[6 * 24] = by_hour[4 * 24 + 23] = 1
    assert blocks_of(by_hour, fewest_hours(by_hour, 3)) == (Block(5, 18, 20, 3),)


def test_blocks_do_not_run_past_midnight() -> None:
    by_hour = [0] * 168
    by_hour[23] = by_hour[24] = 1
    assert blocks_of(by_hour, {23, 24}) == (Block(0, 23, 24, 1), Block(1, 0, 1, 1))


def test_hours_of_the_week_are_local_across_a_change_of_clocks() -> None:
    moments = [
        datetime(2026, 3, 29, 0, 59, tzinfo=UTC),  # Sunday 01:59 in Berlin, the last winter hour
        datetime(2026, 3, 29, 1, 0, tzinfo=UTC),  # 03:00
        datetime(2026, 3, 29, 22, 0, tzinfo=UTC),  # Monday 00:00
    ]
    breached = pl.DataFrame({"started_at": moments, "due_at": [None, *moments[1:]]}).cast(
        pl.Datetime("us", "UTC")
    )
    started = week_of(breached, "started", needed=3, time_zone="Europe/Berlin")
    due = week_of(breached, "due", needed=2, time_zone="Europe/Berlin")
    sunday = 6 * 24
    assert {n for n, count in enumerate(started.by_hour) if count} == {sunday + 1, sunday + 3, 0}
    assert (started.hours, started.breaches) == (3, 3)
    assert {n for n, count in enumerate(due.by_hour) if count} == {sunday + 3, 0}


def test_hours_are_added_and_nothing_else_changes() -> None:
    own = CalendarSettings(
        "own", "Europe/Berlin", hours={0: ((100, 200),)}, holidays=Holidays(country="DE")
    )
    more = with_hours(own, [((5, 6), ((1, 2),)), ((0,), ((300, 400),))])
    assert more.hours == {0: ((100, 200), (300, 400)), 5: ((1, 2),), 6: ((1, 2),)}
    assert replace(more, hours=own.hours) == own


WEEKEND = canonical_csv(
    [
        *timeline("c1", "fri 16:00 in", "mon+1 10:00 out Ana"),
        *timeline("c2", "mon 09:00 in", "mon 09:30 out Ana"),
        *timeline("c3", "sat 12:00 in", "mon+1 09:30 out Ana"),
    ]
)
OFFICE = calendar("office", "mon-fri 09:00-17:00")


def weekend(folder: Path, asked: Suppositions) -> list[tuple[str, int, int, float | None]]:
    policy = sla("answer", "first_response", "1h", 'calendar = "office"') + OFFICE
    found = suppose(audit(written(folder, {"m.csv": WEEKEND}, policy)), asked)
    return [
        (
            curve.calendar,
            curve.own.met,
            curve.own.breached,
            curve.tightest.target_seconds if curve.tightest else None,
        )
        for curve in found.slas[0].curves
    ]


def test_working_saturdays_makes_the_same_waits_longer(tmp_path: Path) -> None:
    """Friday 16:00 to Monday 10:00 is 2 h of the office, 10 h with Saturday, 66 h on the wall."""
    saturday = Hours("sat 09:00-17:00", (5,), ((9 * 3600, 17 * 3600),))
    asked = Suppositions(calendars=("always", "office"), more_hours=(saturday,), hours=(saturday,))
    assert weekend(tmp_path, asked) == [
        ("office", 2, 1, 2 * 3600),
        ("around the clock", 1, 2, 66 * 3600),
        ("office and sat 09:00-17:00", 1, 2, 10 * 3600),
        ("sat 09:00-17:00", 1, 2, 8 * 3600),
    ]


def test_an_sla_around_the_clock_has_no_hours_to_add_to(tmp_path: Path) -> None:
    saturday = Hours("sat 09:00-17:00", (5,), ((9 * 3600, 17 * 3600),))
    request = written(tmp_path, {"m.csv": WEEKEND}, sla("answer", "first_response", "1h"))
    found = suppose(audit(request), Suppositions(more_hours=(saturday,), hours=(saturday,)))
    assert [curve.calendar for curve in found.slas[0].curves] == [
        "around the clock",
        "sat 09:00-17:00",
    ]
    assert found.notes == ("answer runs around the clock: there are no hours to add to",)


def samples(root: Path) -> Request:
    folder = root / "sample_exports"
    return Request(paths=(str(folder),), settings=load_policy(folder / "kpiaudit.toml"), by=())


def with_slas(request: Request, **changes: Mapping[str, object]) -> Request:
    """The request with fields of its SLAs, by name, in another way."""
    settings: Settings = request.settings
    slas = tuple(
        replace(sla, **{field: of[sla.name] for field, of in changes.items()})  # type: ignore[arg-type]
        for sla in settings.slas
    )
    return replace(request, settings=replace(settings, slas=slas))


def test_under_a_profile_an_sla_comes_to_what_definitions_says(root: Path) -> None:
    request, names = samples(root), ("zendesk", "chatwoot", "contract")
    found = suppose(audit(request), Suppositions(profiles=names))
    _, comparison = compared(request, names)
    assert [under.profile for under in comparison.profiles] == ["zendesk", "chatwoot"]
    differ = set()
    for outlook in found.slas:
        own, *others = outlook.curves
        assert [(curve.profile, curve.calendar) for curve in others] == [
            ("zendesk", own.calendar),
            ("chatwoot", own.calendar),
        ]
        for curve, under in zip(others, comparison.profiles, strict=True):
            tally = under.slas[outlook.sla.name]
            assert (curve.own.met, curve.own.breached) == (tally.met, tally.breached)
            differ |= {curve.profile} if curve.points != own.points else set()
    assert differ == {"zendesk", "chatwoot"}
    assert found.notes == ("the policy judges by contract already",)


def test_an_audit_at_the_tightest_promise_passes_and_a_second_less_fails(root: Path) -> None:
    request = samples(root)
    found = suppose(audit(request), Suppositions())
    assert len(found.slas) == 6
    promises = {}
    for outlook in found.slas:
        promise = outlook.curves[0].tightest
        assert promise is not None
        promises[outlook.sla.name] = promise.target_seconds * SECOND
    for less, verdict in ((0 * SECOND, "pass"), (SECOND, "fail")):
        targets = {name: target - less for name, target in promises.items()}
        again = suppose(audit(with_slas(request, target=targets)), Suppositions())
        assert {outlook.sla.name: outlook.sla.verdict for outlook in again.slas} == dict.fromkeys(
            promises, verdict
        )


def test_the_own_point_is_the_reports_and_the_breaches_add_up(root: Path) -> None:
    found = suppose(audit(samples(root)), Suppositions())
    missed = 0
    for outlook in found.slas:
        figures, own = outlook.sla.figures, outlook.curves[0].own
        assert (own.met, own.breached, own.open) == (figures.met, figures.breached, figures.open)
        assert (outlook.to_avert == 0) == (outlook.sla.verdict == "pass")
        for week in outlook.weeks:
            missed += 1
            assert sum(week.by_hour) == figures.breached
            assert outlook.to_avert is not None
            assert figures.breached >= week.breaches >= outlook.to_avert > 0
    assert missed == 2


@pytest.mark.parametrize("name", ["always", "support", "social"])
def test_another_calendar_is_an_audit_of_a_policy_that_names_it(root: Path, name: str) -> None:
    request = samples(root)
    found = suppose(audit(request), Suppositions(calendars=(name,)))
    named = None if name == "always" else name
    calendars = {outlook.sla.name: named for outlook in found.slas}
    rerun = suppose(audit(with_slas(request, calendar=calendars)), Suppositions())
    compared = 0
    for outlook, again in zip(found.slas, rerun.slas, strict=True):
        if len(outlook.curves) == 1:
            assert outlook.sla.calendar == named
            continue
        compared += 1
        assert outlook.curves[1].points == again.curves[0].points
        assert outlook.curves[1].tightest == again.curves[0].tightest
    assert compared >= 3
