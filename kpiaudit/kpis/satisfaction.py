"""Satisfaction: ratings, and how many gave one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.kpis.measures import Measure, mean_of, rate

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen

C = pl.col
POSITIVE: Final = 0.7
"""The least positive rating of a scale from 0 to 1: 4 of 5 stars are 0.75."""

MEASURES: Final = (
    Measure(
        "csat",
        "ratings",
        (C("rating") >= POSITIVE).mean(),
        pl.len(),
        {"numerator": (C("rating") >= POSITIVE).sum(), "mean_score": mean_of("rating")},
    ),
    rate("csat_response_rate"),
)


def columns(seen: Seen, wanted: frozenset[str]) -> dict[str, pl.Series]:
    """Return the columns of conversations these measures take."""
    if "csat_response_rate" not in wanted or seen.solved is None or not seen.has("rating"):
        return {}
    is_rated = seen.ordered["rating"].is_not_null()
    rated = pl.repeat(value=False, n=len(seen.last), dtype=pl.Boolean, eager=True)
    rated = rated.scatter(seen.ordered["conversation"].filter(is_rated).unique(), values=True)
    asked = seen.solved.first_at.is_not_null() & seen.telling(is_rated)
    return {"csat_response_rate": rated.set(~asked, None)}
