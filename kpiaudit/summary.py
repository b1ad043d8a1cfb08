"""From ADHERENCE to SUMMARY: counts, shares and statistics per SLA and group, and the worst breaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

import polars as pl

from kpiaudit.schema import NONE

C = pl.col
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
FIGURES = (
    "clocks", "met", "breached", "open", "at_risk", "excluded", "unanswered", "bots_first",
    "resolved_without_reply", "n", "mean_seconds", "median_seconds", "p90_seconds", "p95_seconds",
    "max_seconds",
)  # fmt: skip


def summarize(adherence: pl.LazyFrame, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Return one row per SLA and group of `by`, sorted: FIGURES; seconds are null where n is 0.

    Statistics run over clocks stopped by a human reply or a resolution, percentiles interpolate
    linearly.
    """
    keys = ["sla", *by]
    named = adherence
    outcome = C("outcome")
    judged = outcome != "excluded"
    counts = named.group_by(keys).agg(
        clocks=pl.len(),
        met=(outcome == "met").sum(),
        breached=(outcome == "breached").sum(),
        open=(outcome == "open").sum(),
        at_risk=C("at_risk").sum(),
        excluded=(outcome == "excluded").sum(),
        unanswered=(C("stopped_at").is_null() & judged).sum(),
        bots_first=(C("stop_reason") == "bot").sum(),
        resolved_without_reply=(
            (C("stop_reason") == "resolved")
            & C("metric").is_in(["first_response", "next_response"])
            & judged
        ).sum(),
    )
    answered = named.filter(judged & C("stop_reason").is_in(["reply", "resolved", "status", "bot"]))
    seconds = C("elapsed").dt.total_microseconds() / 1e6
    statistics = answered.group_by(keys).agg(
        n=pl.len(),
        mean_seconds=seconds.mean(),
        median_seconds=seconds.median(),
        p90_seconds=seconds.quantile(0.9, "linear"),
        p95_seconds=seconds.quantile(0.95, "linear"),
        max_seconds=seconds.max(),
    )
    return (
        counts.join(statistics, on=keys, how="left", nulls_equal=True)
        .with_columns(C("n").fill_null(0), *(C(name).cast(pl.String).fill_null(NONE) for name in by))
        .select(*keys, *FIGURES)
        .sort(keys)
    )


def worst_breaches(adherence: Frame, top: int) -> Frame:
    """Return the `top` breaches that ran furthest over their target, worst first."""
    return (
        adherence.filter(C("outcome") == "breached")
        .sort(
            ["overrun", "started_at", "conversation", "metric", "ordinal", "sla"],
            descending=[True, False, False, False, False, False],
        )
        .head(top)
    )
