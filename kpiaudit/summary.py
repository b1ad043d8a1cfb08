"""From ADHERENCE to SUMMARY: counts, shares and statistics per SLA and group, and the worst breaches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar

import polars as pl

from kpiaudit.conversations import natural
from kpiaudit.local_time import in_order, label
from kpiaudit.report import Figures

C = pl.col
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
FIGURES = (
    "clocks", "met", "breached", "open", "at_risk", "excluded", "unanswered", "bots_first",
    "resolved_without_reply", "n", "mean_seconds", "median_seconds", "p90_seconds", "p95_seconds",
    "max_seconds",
)  # fmt: skip


QUANTILES = {"median_seconds": 0.5, "p90_seconds": 0.9, "p95_seconds": 0.95}
"""Of all clocks they are asked for together, for each question alone sorts them anew; polars cannot within
groups."""
OF_SECONDS = {"n": pl.len(), "mean_seconds": C("seconds").mean(), "max_seconds": C("seconds").max()}
OVER = C("elapsed") - C("target")
"""How far over its target a clock ran."""
ANSWERS = ("reply", "resolved", "status", "bot")
"""What a clock in the statistics was stopped by."""
FIGURE_FIELDS = tuple(Figures.__dataclass_fields__)


def summarize(judged: pl.LazyFrame, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Return one row per group of one SLA's clocks, sorted: `sla`, `by`, FIGURES; seconds are null where n
    is 0.

    Statistics run over clocks stopped by a human reply or a resolution, percentiles interpolate
    linearly.
    """
    if by:
        return in_full(tallies(judged, by), statistics(judged, by), by)
    seconds = C("seconds")
    together = seconds.quantile(list(QUANTILES.values()), "linear")
    figures = answered(judged).select(**OF_SECONDS, together=together)
    apart = [C("together").list.get(at).alias(name) for at, name in enumerate(QUANTILES)]
    counts = judged.select(**counts_of_outcomes())
    total = pl.concat([counts, figures.with_columns(apart)], how="horizontal")
    return total.filter(C("clocks") > 0).select("sla", *FIGURES)


def tallies(judged: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Return `by`, `sla` and how many clocks of each group ended how, in any order."""
    return judged.group_by(by).agg(**counts_of_outcomes())


def counts_of_outcomes() -> dict[str, pl.Expr]:
    """Return by figure how many clocks it counts, and the `sla`."""
    outcome, reason = C("outcome"), C("stop_reason")
    counted = outcome != "excluded"
    is_response = (C("metric") == "first_response") | (C("metric") == "next_response")
    return {
        "clocks": pl.len(),
        "met": (outcome == "met").sum(),
        "breached": (outcome == "breached").sum(),
        "open": (outcome == "open").sum(),
        "at_risk": C("at_risk").sum(),
        "excluded": (outcome == "excluded").sum(),
        "unanswered": (C("stopped_at").is_null() & counted).sum(),
        "bots_first": (reason == "bot").sum(),
        "resolved_without_reply": ((reason == "resolved") & is_response & counted).sum(),
        "sla": C("sla").first(),
    }


def statistics(judged: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Return `by` and the statistics of each group that has any, in any order."""
    quantiles = {name: C("seconds").quantile(q, "linear") for name, q in QUANTILES.items()}
    return answered(judged, by).group_by(by).agg(**OF_SECONDS, **quantiles)


def answered(judged: pl.LazyFrame, by: Sequence[str] = ()) -> pl.LazyFrame:
    """Return `by` and the `seconds` of the clocks that statistics run over."""
    is_answered = pl.any_horizontal(C("stop_reason") == word for word in ANSWERS)
    clocks = judged.filter((C("outcome") != "excluded") & is_answered)
    return clocks.select(*by, seconds=C("elapsed").dt.total_microseconds() / 1e6)


def in_full(counts: pl.LazyFrame, found: pl.LazyFrame, by: Sequence[str]) -> pl.LazyFrame:
    """Return what `summarize` does of tallies and statistics by group; without statistics, n is 0."""
    return (
        counts.join(found, on=by, how="left", nulls_equal=True)
        .with_columns(C("n").fill_null(0), *(label(name).alias(name) for name in by))
        .select("sla", *by, *FIGURES)
        .sort("sla", *(in_order(name) for name in by))
    )


def furthest(judged: Frame, top: int) -> Frame:
    """Return the `top` breaches that ran furthest over their target, and others as far as the last, in any
    order.
    """
    is_breached = C("outcome") == "breached"
    return judged.filter(is_breached & (OVER.filter(is_breached).top_k(top).min() <= OVER))


def worst_breaches(breaches: pl.DataFrame, ordered: pl.DataFrame, top: int) -> pl.DataFrame:
    """Return the `top` of the `furthest` breaches, worst first; those alike in order of their ids, for
    conversations are numbered as they lie in the files.
    """
    of = {"id": ordered["conversation_id"].gather(breaches["start_index"])}
    alike = ["started_at", C("system").cast(pl.String), *natural("id"), "metric", "ordinal", "sla"]
    worst_first = [-OVER, *alike]
    return breaches.with_columns(**of).sort(worst_first, nulls_last=True).head(top).drop("id")


def figures_of(row: dict[str, Any]) -> Figures:
    """Return a summary row as Figures; an absent one is all zero."""
    decided = row.get("met", 0) + row.get("breached", 0)
    values: dict[str, Any] = {
        name: row.get(name, None if name.endswith("_seconds") else 0) for name in FIGURE_FIELDS
    }
    values["adherence"] = row["met"] / decided if decided else None
    return Figures(**values)
