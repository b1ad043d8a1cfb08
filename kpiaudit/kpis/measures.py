"""A measure: one KPI as aggregations of one frame, so that every KPI of a frame is counted in one pass."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Literal

import polars as pl

from kpiaudit.groupings import spread
from kpiaudit.local_time import in_order, label

C = pl.col
NOTHING: Final = pl.lit(None, pl.Float64)
Grain = Literal[
    "conversations",
    "inbound",
    "ratings",
    "worked",
    "waits",
    "actions",
    "agents",
    "judged",
    "presence",
    "visits",
    "all_visits",
]
BILLION: Final = 1e9
PART: Final = "|"
RANKED: Final = f"{PART}ranked"
"""Stands between a KPI and the name of what is beside it, in the columns of a counted table."""


@dataclass(frozen=True, slots=True)
class Measure:
    """One KPI of the rows of a frame. Rows it does not concern hold null in its columns."""

    kpi: str
    grain: Grain
    value: pl.Expr
    n: pl.Expr
    beside: Mapping[str, pl.Expr] = field(default_factory=dict)
    ranked: str | None = None
    """The column whose percentiles are told, its values sorted once: as `value` the median."""
    percentiles: Mapping[str, float] = field(default_factory=dict)
    """Name beside to percentile, of `ranked`."""

    def aggregations(self) -> dict[str, pl.Expr]:
        """Return its expressions by column name."""
        named = {f"{self.kpi}{PART}value": self.value, f"{self.kpi}{PART}n": self.n}
        if self.ranked is not None:
            named[self.kpi + RANKED] = C(self.ranked).drop_nulls().sort()
        return named | {f"{self.kpi}{PART}{name}": told for name, told in self.beside.items()}


def rate(kpi: str, grain: Grain = "conversations", /, **beside: pl.Expr) -> Measure:
    """Return the share of true among the rows where the column named like the KPI is not null."""
    flag = C(kpi)
    return Measure(kpi, grain, flag.mean(), flag.count(), {"numerator": flag.sum(), **beside})


def mean(kpi: str, grain: Grain, column: str, /, **beside: pl.Expr) -> Measure:
    """Return the mean of a column's values."""
    return Measure(kpi, grain, mean_of(column), C(column).count(), beside)


def mean_of(column: str) -> pl.Expr:
    """Return the mean of scores, the same in any order of the rows: sums of billionths are exact."""
    return (C(column) * BILLION).round().cast(pl.Int64).mean() / BILLION


def median(kpi: str, grain: Grain, column: str, /, **beside: pl.Expr) -> Measure:
    """Return the median of a column's seconds, mean and percentiles beside it."""
    seconds, percentiles = C(column), {"value": 0.5, "p90_seconds": 0.9, "p95_seconds": 0.95}
    told = {
        "mean_seconds": seconds.mean(),
        "p90_seconds": NOTHING,
        "p95_seconds": NOTHING,
        "max_seconds": seconds.max(),
    }
    return Measure(kpi, grain, NOTHING, seconds.count(), told | beside, column, percentiles)


def counted(
    frame: pl.LazyFrame, measures: Sequence[Measure], by: Sequence[str] = ()
) -> pl.LazyFrame:
    """Return one row per group, sorted, with the measures' columns; one row of all where `by` is empty."""
    columns = {name: told for measure in measures for name, told in measure.aggregations().items()}
    if by:
        table = spread(frame, by).group_by(by).agg(**columns)
    else:
        lists = {name: told.implode() for name, told in columns.items() if name.endswith(RANKED)}
        table = frame.select(**columns | lists)
    ranked = [measure for measure in measures if measure.ranked is not None]
    table = table.with_columns(
        percentile(measure.kpi + RANKED, share).alias(f"{measure.kpi}{PART}{name}")
        for measure in ranked
        for name, share in measure.percentiles.items()
    ).drop([measure.kpi + RANKED for measure in ranked])
    return labelled(table, by) if by else table


def percentile(column: str, share: float) -> pl.Expr:
    """Return a percentile of sorted lists, interpolated linearly; null of an empty one."""
    values, place = C(column), (C(column).list.len().cast(pl.Int64) - 1) * share
    low = place.floor().cast(pl.Int64)
    above = values.list.get(place.ceil().cast(pl.Int64), null_on_oob=True)
    below = values.list.get(low, null_on_oob=True)
    return below + (above - below) * (place - low)


def labelled(table: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Return a table with its dimensions as text, in the order they are shown."""
    return table.with_columns(label(name).alias(name) for name in by).sort(
        *(in_order(name) for name in by)
    )
