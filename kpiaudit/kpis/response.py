"""Response: how long customers waited, and how many wait still."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.kpis.measures import NOTHING, Measure, median, rate

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen

C = pl.col
METRICS: Final = {
    "first_response": ("first_response",),
    "average_response": ("first_response", "next_response"),
    "resolution": ("resolution",),
    "first_resolution": ("first_resolution",),
    "abandonment_rate": ("first_response",),
    "answer_speed": ("first_response",),
}
"""KPI to the clocks it is made of."""

MEASURES: Final = (
    Measure(
        "adherence",
        "judged",
        C("is_met").mean(),
        C("is_met").count(),
        {"numerator": C("is_met").sum()},
    ),
    median(
        "first_response",
        "waits",
        "first_response",
        unanswered=C("is_unanswered").sum(),
    ),
    Measure(
        "average_response",
        "waits",
        C("average_response").mean(),
        C("average_response").count(),
        {"median_seconds": NOTHING, "p90_seconds": NOTHING},
        "average_response",
        {"median_seconds": 0.5, "p90_seconds": 0.9},
    ),
    rate("unanswered_rate", resolved_without_reply=C("is_solved_silently").sum()),
)


def columns(seen: Seen, wanted: frozenset[str]) -> dict[str, pl.Series]:
    """Return the columns of conversations these measures take."""
    if "unanswered_rate" not in wanted:
        return {}
    asks = seen.count("inbound") > 0
    answers = seen.count("reply") + seen.count("bot")
    before = seen.count("reply", seen.opening) + seen.count("bot", seen.opening)
    silent = (answers == before).set(~asks | seen.clocks.is_proactive, None)
    solved = seen.solved.stands if seen.solved else pl.Series([False]).new_from_index(0, len(asks))
    return {"unanswered_rate": silent, "is_solved_silently": silent & solved}
