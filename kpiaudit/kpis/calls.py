"""Calls and chats: who left before an answer, and how long the others waited in the queue."""

from __future__ import annotations

from typing import Final

import polars as pl

from kpiaudit.kpis.measures import mean, rate

C = pl.col
CHANNELS: Final = ("voice", "chat")
SHORT_SECONDS: Final = 5
"""Who leaves sooner has not waited: neither offered nor abandoned."""

MEASURES: Final = (
    rate("abandonment_rate", "waits", short=C("is_short").sum()),
    mean("answer_speed", "waits", "answer_speed"),
)


def columns() -> dict[str, pl.Expr]:
    """Return the columns of waits these measures take; `ended` is the seconds until any end."""
    is_call = (C("metric") == "first_response") & C("channel").is_in(CHANNELS)
    left = (C("stop_reason") == "abandoned") | (
        (C("channel") == "chat") & (C("stop_reason") == "resolved")
    )
    offered = is_call & (C("excluded_reason").is_null() | (C("excluded_reason") == "abandoned"))
    short = offered & left & (C("ended") < SHORT_SECONDS)
    return {
        "abandonment_rate": pl.when(offered & ~short).then(left),
        "is_short": short,
        "answer_speed": pl.when(offered & (C("stop_reason") == "reply")).then("ended"),
    }
