"""Strata into differences: direct standardization to the mean of two mixes, and what the rest is made of.

Kitagawa (1955): with weights a and b of the two sides over shared strata and rates p and q in them, the
difference of the sides is sum((a+b)/2 * (q-p)), performance, plus sum((b-a) * (p+q)/2), mix. What
the strata of one side alone add is told apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from kpiaudit.comparison.compared import LEAST_COMMON, LEVEL, MIN_SAMPLE, Difference, Finding, Side
from kpiaudit.comparison.intervals import (
    Interval,
    mean_difference,
    median_ranks,
    share_difference,
    wilson,
)

C = pl.col
NOTHING: Final = (None, None)


@dataclass(frozen=True, slots=True)
class Measure:
    """A count over a count within strata: columns of `tallied`."""

    total: str
    count: str
    more_is_better: bool


ADHERENCE: Final = Measure("met", "decided", more_is_better=True)
MEAN: Final = Measure("seconds", "n", more_is_better=False)


@dataclass(frozen=True, slots=True)
class Mixed:
    """Two sides over the strata both have: sums of one pass."""

    common: tuple[float, float]
    """Each side's rate at its own mix of shared strata."""
    standard: tuple[float, float]
    """Each side's rate at the mean of the two mixes."""
    mix: float
    effective: tuple[float, float]
    variance: tuple[float | None, float | None]
    """Of the standardized means; None where no stratum has two."""


def side_of(name: str, clocks: pl.DataFrame) -> Side:
    """Return one side as it is, of its rows of `keyed`."""
    decided, met = clocks["is_met"].count(), int(clocks["is_met"].sum() or 0)
    waits = clocks["seconds"].drop_nulls().sort()
    ranks = median_ranks(len(waits))
    low, high = wilson(met / decided, decided) if decided else NOTHING
    return Side(
        name=name,
        decided=decided,
        met=met,
        adherence=met / decided if decided else None,
        adherence_low=low,
        adherence_high=high,
        n=len(waits),
        mean_seconds=float(waits.sum()) / len(waits) if len(waits) else None,
        median_seconds=between(waits, len(waits)),
        median_low=float(waits[ranks[0] - 1]) if ranks else None,
        median_high=float(waits[ranks[1] - 1]) if ranks else None,
    )


def between(waits: pl.Series, n: int) -> float | None:
    """Return the median of sorted values; of an even number the mean of the middle two."""
    return (float(waits[(n - 1) // 2]) + float(waits[n // 2])) / 2 if n else None


def difference(
    baseline: pl.DataFrame,
    side: pl.DataFrame,
    measure: Measure,
    *,
    strata: Sequence[str],
    level: float = LEVEL,
    min_sample: int = MIN_SAMPLE,
) -> Difference:
    """Return how a side differs from its baseline in one measure; each is its rows of `tallied`."""
    pair = paired(baseline, side, measure, strata)
    both = pair.filter((C("n_1") > 0) & (C("n_2") > 0))
    counts = (float(pair["n_1"].sum()), float(pair["n_2"].sum()))
    shared = tuple(
        float(both[name].sum()) / count if count else 0.0
        for name, count in zip(("n_1", "n_2"), counts, strict=True)
    )
    raw = None
    if all(counts):
        raw = float(pair["t_2"].sum()) / counts[1] - float(pair["t_1"].sum()) / counts[0]
    mixed = mixed_of(both) if both.height else None
    performance = mixed.standard[1] - mixed.standard[0] if mixed else None
    interval = interval_of(mixed, measure, level) if mixed else None
    unshared = None
    if mixed and raw is not None:
        unshared = raw - (mixed.common[1] - mixed.common[0])
    effective = mixed.effective if mixed else (0.0, 0.0)
    return Difference(
        raw=raw,
        mix=mixed.mix if mixed else None,
        unshared=unshared,
        performance=performance,
        low=interval[0] if interval else None,
        high=interval[1] if interval else None,
        baseline=mixed.standard[0] if mixed else None,
        side=mixed.standard[1] if mixed else None,
        shared_baseline=shared[0],
        shared_side=shared[1],
        strata=both.height,
        strata_all=pair.height,
        effective_baseline=effective[0],
        effective_side=effective[1],
        finding=finding_of(
            interval,
            measure,
            least=min(*counts, min_sample) >= min_sample,
            shared=min(shared),
            effective=min(effective) >= min_sample,
        ),
    )


def paired(
    baseline: pl.DataFrame, side: pl.DataFrame, measure: Measure, strata: Sequence[str]
) -> pl.DataFrame:
    """Return the strata either side has, with `n_1, t_1, s_1` of the baseline and `n_2, t_2, s_2`."""
    halves = [
        frame.filter(C(measure.count) > 0).select(
            *strata,
            C(measure.count).cast(pl.Float64).alias(f"n_{place}"),
            C(measure.total).cast(pl.Float64).alias(f"t_{place}"),
            C("spread").alias(f"s_{place}"),
        )
        for place, frame in ((1, baseline), (2, side))
    ]
    if not strata:
        return pl.concat(halves, how="horizontal").fill_null(0.0)
    joined = halves[0].join(halves[1], on=list(strata), how="full", coalesce=True)
    return joined.with_columns(C("n_1", "t_1", "s_1", "n_2", "t_2", "s_2").fill_null(0.0)).sort(
        strata
    )


def mixed_of(both: pl.DataFrame) -> Mixed:
    """Return the sums over shared strata."""
    p, q = C("t_1") / C("n_1"), C("t_2") / C("n_2")
    a, b = C("n_1") / C("n_1").sum(), C("n_2") / C("n_2").sum()
    weight = (a + b) / 2
    row = both.select(
        common_1=(a * p).sum(),
        common_2=(b * q).sum(),
        standard_1=(weight * p).sum(),
        standard_2=(weight * q).sum(),
        mix=((b - a) * (p + q) / 2).sum(),
        effective_1=1 / (weight**2 / C("n_1")).sum(),
        effective_2=1 / (weight**2 / C("n_2")).sum(),
        variance_1=variance_of_mean(weight, 1),
        variance_2=variance_of_mean(weight, 2),
    ).row(0, named=True)
    return Mixed(
        common=(row["common_1"], row["common_2"]),
        standard=(row["standard_1"], row["standard_2"]),
        mix=row["mix"],
        effective=(row["effective_1"], row["effective_2"]),
        variance=(row["variance_1"], row["variance_2"]),
    )


def variance_of_mean(weight: pl.Expr, place: int) -> pl.Expr:
    """Return the variance of a side's standardized mean; a stratum of one wait is taken to spread as the
    others do. Null where every stratum is of one.
    """
    n, spread = C(f"n_{place}"), C(f"s_{place}")
    pooled = spread.sum() / (n - 1).sum()
    each = pl.when(n > 1).then(spread / (n - 1)).otherwise(pooled)
    return pl.when((n > 1).any()).then((weight**2 / n * each).sum())


def interval_of(mixed: Mixed, measure: Measure, level: float) -> Interval | None:
    """Return the interval of the standardized difference; None for means without any spread to go by."""
    if measure.more_is_better:
        first, second = (
            (min(max(share, 0.0), 1.0), n)
            for share, n in zip(mixed.standard, mixed.effective, strict=True)
        )
        return share_difference(first, second, level=level)
    one, two = mixed.variance
    if one is None or two is None:
        return None
    return mean_difference((mixed.standard[0], one), (mixed.standard[1], two), level=level)


def finding_of(
    interval: Interval | None, measure: Measure, *, least: bool, shared: float, effective: bool
) -> Finding:
    """Return what the interval says; nothing where the sample or what is shared is too small."""
    if not least:
        return "too few to tell"
    if shared < LEAST_COMMON:
        return "too little in common"
    if not effective or interval is None:
        return "too few to tell"
    low, high = interval
    if low <= 0 <= high:
        return "no difference seen"
    return "better" if (low > 0) == measure.more_is_better else "worse"
