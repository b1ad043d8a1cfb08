"""Sentiment: as the tool states it, else the stars a customer gave with a message (a review), else what
a lexicon makes of the text where the policy asks for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.acts import first_of_each, last_of_each
from kpiaudit.kpis.measures import Measure, mean
from kpiaudit.lexicon import SCORED

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen

C = pl.col
NEUTRAL: Final = 0.05
"""As far from 0 a sentiment of -1 to 1 is neither positive nor negative."""

FELT: Final = C("sentiment").is_not_null()
MEASURES: Final = (
    Measure(
        "sentiment_share",
        "inbound",
        (C("sentiment") > NEUTRAL).mean(),
        C("sentiment").count(),
        {
            "numerator": (C("sentiment") > NEUTRAL).sum(),
            "neutral_share": (C("sentiment").abs() <= NEUTRAL).mean(),
            "negative_share": (C("sentiment") < -NEUTRAL).mean(),
        },
    ),
    mean(
        "sentiment_shift",
        "conversations",
        "sentiment_shift",
        improved=(C("sentiment_shift") > NEUTRAL).sum(),
        worsened=(C("sentiment_shift") < -NEUTRAL).sum(),
    ),
)


def felt(have: set[str]) -> pl.Expr:
    """Return the sentiment of a row, -1 to 1, from what the messages have."""
    told = {"sentiment": C("sentiment"), "rating": C("rating") * 2 - 1, SCORED: C(SCORED)}
    known = [said for name, said in told.items() if name in have]
    return pl.coalesce(*known, pl.lit(None, pl.Float64))


def columns(seen: Seen, wanted: frozenset[str]) -> dict[str, pl.Series]:
    """Return the columns of conversations these measures take."""
    if "sentiment_shift" not in wanted:
        return {}
    said = seen.ordered.select("conversation", felt=felt(set(seen.ordered.columns))).filter(
        seen.rows["inbound"] & C("felt").is_not_null()
    )
    first, last = first_of_each(said), last_of_each(said)
    is_alone = C("conversation").ne_missing(C("conversation").shift()) & C(
        "conversation"
    ).ne_missing(C("conversation").shift(-1))
    lonely = said.filter(is_alone)["conversation"]
    shift = first.select("conversation", shift=last["felt"] - C("felt"))
    shift = shift.filter(~C("conversation").is_in(lonely.implode()))
    return {"sentiment_shift": seen.per_conversation(shift, "shift")}
