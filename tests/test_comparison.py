"""Like for like: strata by hand, against counting one wait at a time, intervals against published tables."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import comb

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpiaudit.comparison.compared import MIN_SAMPLE, Difference, Side
from kpiaudit.comparison.intervals import median_ranks, share_difference, wilson
from kpiaudit.comparison.standardize import ADHERENCE, MEAN, difference, side_of
from kpiaudit.comparison.strata import keyed, of_team, tallied
from kpiaudit.settings import Team

Wait = tuple[str, str, bool | None, float | None]
"""Side, channel, whether it was met (None: not decided), seconds (None: not answered)."""
SCHEMA: dict[str, pl.DataType | type[pl.DataType]] = {
    "side": pl.String, "channel": pl.String, "is_met": pl.Boolean, "seconds": pl.Float64,
}  # fmt: skip
STRATA = ("channel",)

shares = st.tuples(
    st.sampled_from("AB"),
    st.sampled_from("efc"),
    st.sampled_from([True, False, None]),
    st.none() | st.integers(0, 5000).map(float),
)
many = st.lists(shares, max_size=60)


def rows(side: str, channel: str, met: int, breached: int, *, seconds: float = 60.0) -> list[Wait]:
    kinds: list[Wait] = [(side, channel, True, seconds), (side, channel, False, seconds)]
    return [kinds[0]] * met + [kinds[1]] * breached


def frame(waits: Sequence[Wait]) -> pl.DataFrame:
    return pl.DataFrame(list(waits), schema=SCHEMA, orient="row")


def held(
    waits: Sequence[Wait],
    *,
    mean: bool = False,
    min_sample: int = 1,
    strata: tuple[str, ...] = STRATA,
) -> Difference:
    """B against A."""
    counts = tallied(frame(waits), strata)
    baseline, side = (counts.filter(pl.col("side") == name) for name in "AB")
    measure = MEAN if mean else ADHERENCE
    return difference(baseline, side, measure, strata=strata, min_sample=min_sample)


def test_two_strata_by_hand() -> None:
    """A: 80 e-mails at 50 %, 20 chats at 90 %; B: 20 e-mails at 60 %, 80 chats at 95 %.

    Raw 88 - 58 = 30 points. Each stratum weighs (0.8 + 0.2) / 2 = 0.5, so like for like
    0.5 * 10 + 0.5 * 5 = 7.5; mix is -0.6 * 55 + 0.6 * 92.5 = 22.5.
    """
    waits = [*rows("A", "e", 40, 40), *rows("A", "c", 18, 2)]
    waits += [*rows("B", "e", 12, 8), *rows("B", "c", 76, 4)]
    found = held(waits)
    assert found.raw == pytest.approx(0.30)
    assert found.performance == pytest.approx(0.075)
    assert found.mix == pytest.approx(0.225)
    assert found.unshared == pytest.approx(0)
    assert (found.baseline, found.side) == pytest.approx((0.70, 0.775))
    assert (found.strata, found.strata_all) == (2, 2)
    harmonic = 1 / (0.5**2 / 80 + 0.5**2 / 20)
    assert found.effective_baseline == found.effective_side == pytest.approx(harmonic)


def test_what_only_one_side_has_is_told_apart() -> None:
    """In the shared stratum both meet half; B's 50 forms, all met, make the whole difference."""
    waits = [*rows("A", "e", 25, 25), *rows("B", "e", 25, 25), *rows("B", "f", 50, 0)]
    found = held(waits)
    assert (found.raw, found.performance, found.mix) == pytest.approx((0.25, 0, 0))
    assert found.unshared == pytest.approx(0.25)
    assert (found.shared_baseline, found.shared_side) == (1.0, 0.5)
    assert (found.strata, found.strata_all) == (1, 2)


def test_means_by_hand() -> None:
    """A waits 10 s by mail (30) and 100 s in chat (10); B 20 s (10) and 90 s (30): weights are a half."""
    waits = [*rows("A", "e", 30, 0, seconds=10), *rows("A", "c", 10, 0, seconds=100)]
    waits += [*rows("B", "e", 10, 0, seconds=20), *rows("B", "c", 30, 0, seconds=90)]
    found = held(waits, mean=True)
    assert found.raw == pytest.approx(72.5 - 32.5)
    assert found.performance == pytest.approx(0.5 * 10 - 0.5 * 10)
    assert found.mix == pytest.approx(0.5 * (95 - 15))
    assert (found.low, found.high) == pytest.approx((0, 0))


def test_a_mean_carries_the_spread_within_its_strata() -> None:
    """Both sides 10, 20, 30 s in one stratum: the variance is 100, of the mean 100/3, twice."""
    waits: list[Wait] = [(side, "e", True, at) for side in "AB" for at in (10.0, 20.0, 30.0)]
    found = held(waits, mean=True)
    reach = 1.959964 * (2 * 100 / 3) ** 0.5
    assert (found.low, found.high) == pytest.approx((-reach, reach))


def test_nothing_on_a_side_is_no_difference() -> None:
    for waits in ([], rows("A", "e", 40, 1), rows("B", "e", 40, 1)):
        found = held(waits)
        assert (found.raw, found.performance, found.mix, found.low) == (None, None, None, None)
        assert found.finding == "too few to tell"


def test_one_wait_each_says_nothing() -> None:
    found = held([*rows("A", "e", 1, 0), *rows("B", "e", 0, 1)], min_sample=MIN_SAMPLE)
    assert (found.raw, found.performance) == (-1.0, -1.0)
    assert found.finding == "too few to tell"
    assert held([*rows("A", "e", 1, 0), *rows("B", "e", 1, 0)], mean=True).low is None


def test_nothing_in_common_is_said() -> None:
    waits = [*rows("A", "e", 50, 0), *rows("B", "c", 0, 50)]
    found = held(waits, min_sample=MIN_SAMPLE)
    assert (found.finding, found.performance, found.raw) == ("too little in common", None, -1.0)
    assert held(waits, strata=()).finding == "worse"


@pytest.mark.parametrize(
    ("met", "finding"), [(30, "no difference seen"), (40, "better"), (10, "worse")]
)
def test_a_finding_needs_an_interval_that_leaves_out_zero(met: int, finding: str) -> None:
    waits = [*rows("A", "e", 25, 25), *rows("B", "e", met, 50 - met)]
    assert held(waits, min_sample=MIN_SAMPLE).finding == finding


def test_a_longer_wait_is_worse() -> None:
    waits = [("A", "e", True, float(at)) for at in range(40)]
    waits += [("B", "e", True, 100.0 + at) for at in range(40)]
    assert held(waits, mean=True, min_sample=MIN_SAMPLE).finding == "worse"


def test_few_in_a_heavy_stratum_are_few() -> None:
    """B's one chat weighs (0.5 + 0.01) / 2, so its 100 waits tell no more than 14 would."""
    waits = [*rows("A", "e", 45, 5), *rows("A", "c", 45, 5), *rows("B", "e", 99, 0)]
    found = held([*waits, *rows("B", "c", 1, 0)], min_sample=MIN_SAMPLE)
    assert found.effective_side == pytest.approx(1 / (0.745**2 / 99 + 0.255**2))
    assert found.finding == "too few to tell"


def counted(waits: Sequence[Wait], *, mean: bool) -> dict[str, Fraction | None]:
    """The same by pure arithmetic, one wait after the other."""
    count: dict[tuple[str, str], int] = defaultdict(int)
    total: dict[tuple[str, str], Fraction] = defaultdict(Fraction)
    for side, channel, met, seconds in waits:
        value = seconds if mean else met
        if value is not None:
            count[side, channel] += 1
            total[side, channel] += Fraction(value)
    channels = {channel for _, channel in count}
    shared = sorted(c for c in channels if count["A", c] and count["B", c])
    sizes = {side: sum(count[side, c] for c in channels) for side in "AB"}
    own = {side: sum(count[side, c] for c in shared) for side in "AB"}
    raw = None
    if all(sizes.values()):
        rates = {s: sum((total[s, c] for c in channels), Fraction()) / sizes[s] for s in "AB"}
        raw = rates["B"] - rates["A"]
    if not shared:
        return {"raw": raw, "performance": None, "mix": None}
    performance, mix = Fraction(), Fraction()
    for channel in shared:
        a, b = (Fraction(count[side, channel], own[side]) for side in "AB")
        p, q = (total[side, channel] / count[side, channel] for side in "AB")
        performance += (a + b) / 2 * (q - p)
        mix += (b - a) * (p + q) / 2
    return {"raw": raw, "performance": performance, "mix": mix}


@given(many, st.booleans())
def test_standardizing_is_what_counting_gives(waits: list[Wait], mean: bool) -> None:
    found = held(waits, mean=mean)
    for name, expected in counted(waits, mean=mean).items():
        value = getattr(found, name)
        assert (value is None) == (expected is None), name
        if expected is not None:
            assert value == pytest.approx(float(expected), abs=1e-7), name


@given(many, st.booleans())
def test_the_parts_add_up_and_turn_with_the_sides(waits: list[Wait], mean: bool) -> None:
    found = held(waits, mean=mean)
    other = {"A": "B", "B": "A"}
    turned = [(other[side], channel, met, at) for side, channel, met, at in reversed(waits)]
    back = held(turned, mean=mean)
    for name in ("raw", "performance", "mix"):
        one, two = getattr(found, name), getattr(back, name)
        assert (one is None) == (two is None)
        assert one is None or one == pytest.approx(-two, abs=1e-7)
    if found.raw is not None and found.performance is not None:
        assert found.mix is not None
        assert found.unshared is not None
        parts = found.performance + found.mix + found.unshared
        assert found.raw == pytest.approx(parts, abs=1e-7)
    if found.low is not None and found.high is not None and found.performance is not None:
        assert found.low - 1e-9 <= found.performance <= found.high + 1e-9


# Newcombe, Statistics in Medicine 17 (1998), 857-872, table I: the score method without correction.
@pytest.mark.parametrize(
    ("met", "n", "low", "high"),
    [
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0000, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_a_share_has_the_published_interval(met: int, n: int, low: float, high: float) -> None:
    assert wilson(met / n, n) == pytest.approx((low, high), abs=5e-5)


# Newcombe, Statistics in Medicine 17 (1998), 873-890, method 10.
@pytest.mark.parametrize(
    ("first", "second", "low", "high"),
    [((48, 80), (56, 70), 0.0524, 0.3339), ((3, 10), (9, 10), 0.1705, 0.8090)],
)
def test_a_difference_of_shares_has_the_published_interval(
    first: tuple[int, int], second: tuple[int, int], low: float, high: float
) -> None:
    found = share_difference((first[0] / first[1], first[1]), (second[0] / second[1], second[1]))
    assert found == pytest.approx((low, high), abs=5e-5)


# Critical values of the two-sided sign test at 5 %, one less than the lower rank: Dixon and Mood, Journal of
# the American Statistical Association 41 (1946), 557-566.
@pytest.mark.parametrize(
    ("n", "critical"),
    [
        (6, 0), (8, 0), (9, 1), (11, 1), (12, 2), (14, 2), (15, 3), (16, 3), (17, 4), (19, 4), (20, 5),
        (22, 5), (23, 6), (25, 7), (50, 17), (100, 39),
    ],
)  # fmt: skip
def test_a_median_has_the_published_ranks(n: int, critical: int) -> None:
    assert median_ranks(n) == (critical + 1, n - critical)


@pytest.mark.parametrize("n", range(301))
def test_the_ranks_are_the_closest_that_hold_enough(n: int) -> None:
    enough = [
        k
        for k in range(1, n // 2 + 1)
        if Fraction(sum(comb(n, j) for j in range(k, n - k + 1)), 2**n) >= Fraction(95, 100)
    ]
    assert median_ranks(n) == ((enough[-1], n + 1 - enough[-1]) if enough else None)


def test_a_median_of_millions_has_ranks() -> None:
    low, high = median_ranks(2_800_000) or (0, 0)
    assert low + high == 2_800_001
    assert high - low == pytest.approx(1.959964 * 2_800_000**0.5, rel=1e-3)


def test_a_side_as_it_is() -> None:
    waits: list[Wait] = [("A", "e", True, float(at)) for at in (5, 1, 4, 2, 3, 6)]
    found = side_of("A", frame([*waits, ("A", "e", False, None), ("A", "e", None, None)]))
    assert (found.decided, found.met, found.n) == (7, 6, 6)
    assert (found.mean_seconds, found.median_seconds) == (3.5, 3.5)
    assert (found.median_low, found.median_high) == (1.0, 6.0)
    assert found.adherence == 6 / 7
    low, high = wilson(6 / 7, 7)
    assert (found.adherence_low, found.adherence_high) == (low, high)


def test_a_side_of_none_and_of_one() -> None:
    nothing = side_of("A", frame([]))
    assert nothing == Side("A", 0, 0, None, None, None, 0, None, None, None, None)
    one = side_of("A", frame([("A", "e", True, 9.0)]))
    assert replace(one, adherence_low=None, adherence_high=None) == Side(
        "A", 1, 1, 1.0, None, None, 1, 9.0, 9.0, None, None
    )


def test_clocks_fall_into_local_strata() -> None:
    at = datetime(2026, 3, 1, 23, 30, tzinfo=UTC)  # Monday 00:30 in Berlin
    judged = pl.DataFrame(
        {
            "started_at": [at] * 5,
            "outcome": ["met", "breached", "open", "excluded", "breached"],
            "stop_reason": ["reply", "reply", "none", "reply", "none"],
            "elapsed": [timedelta(seconds=n) for n in (1, 2, 3, 4, 5)],
            "team": ["desk", "partner", None, "desk", "other"],
            "priority": ["high", None, None, "low", "low"],
        },
        schema_overrides={"started_at": pl.Datetime("us", "UTC"), "elapsed": pl.Duration("us")},
    )
    teams = [
        Team("desk", sourcing="internal"),
        Team("partner", sourcing="outsourced"),
        Team("other"),
    ]
    found = keyed(
        judged,
        of_team("sourcing", teams),
        ("hour_of_week", "hour", "weekday", "priority"),
        time_zone="Europe/Berlin",
    )
    assert found["side"].to_list() == ["internal", "outsourced", "(none)", "(none)"]
    assert found["is_met"].to_list() == [True, False, None, False]
    assert found["seconds"].to_list() == [1.0, 2.0, None, None]
    assert found["hour_of_week"].to_list() == ["0"] * 4
    assert found["hour"].to_list() == ["00"] * 4
    assert found["weekday"].to_list() == ["Mon"] * 4
    assert found["priority"].to_list() == ["high", "(none)", "(none)", "low"]
    crossed = keyed(judged, ("day", "tier"), (), time_zone="Europe/Berlin", teams=teams)
    assert crossed["side"].to_list() == ["2026-03-02 / (none)"] * 4
