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


def summarize(judged: pl.LazyFrame, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Return one row per group of one SLA's clocks, sorted: `sla`, `by`, FIGURES; seconds are null where n
    is 0.

    Statistics run over clocks stopped by a human reply or a resolution, percentiles interpolate
    linearly.
    """
    outcome = C("outcome")
    counted = outcome != "excluded"
    reason = C("stop_reason")
    answers = {"reply", "resolved", "status", "bot"}
    is_answered = counted & pl.any_horizontal(reason == word for word in sorted(answers))
    is_response = (C("metric") == "first_response") | (C("metric") == "next_response")
    seconds = C("elapsed").filter(is_answered).dt.total_microseconds() / 1e6
    figures = {
        "clocks": pl.len(),
        "met": (outcome == "met").sum(),
        "breached": (outcome == "breached").sum(),
        "open": (outcome == "open").sum(),
        "at_risk": C("at_risk").sum(),
        "excluded": (outcome == "excluded").sum(),
        "unanswered": (C("stopped_at").is_null() & counted).sum(),
        "bots_first": (reason == "bot").sum(),
        "resolved_without_reply": ((reason == "resolved") & is_response & counted).sum(),
        "n": is_answered.sum(),
        "mean_seconds": seconds.mean(),
        "median_seconds": seconds.median(),
        "p90_seconds": seconds.quantile(0.9, "linear"),
        "p95_seconds": seconds.quantile(0.95, "linear"),
        "max_seconds": seconds.max(),
    }
    sla = C("sla").first()
    if not by:
        return judged.select(sla=sla, **figures).filter(C("clocks") > 0)
    return (
        judged.group_by(by)
        .agg(sla=sla, **figures)
        .with_columns(C(name).cast(pl.String).fill_null(NONE) for name in by)
        .select("sla", *by, *FIGURES)
        .sort("sla", *by)
    )


def worst_breaches(judged: Frame, top: int) -> Frame:
    """Return the `top` breaches that ran furthest over their target, worst first."""
    return (
        judged.filter(C("outcome") == "breached")
        .sort(
            ["overrun", "started_at", "conversation", "metric", "ordinal", "sla"],
            descending=[True, False, False, False, False, False],
        )
        .head(top)
    )
