"""Handling: the working time the tool states. It is never inferred from gaps between messages."""

from __future__ import annotations

from typing import Final

import polars as pl

from kpiaudit.kpis.measures import Measure

C = pl.col
MEASURES: Final = (
    Measure(
        "handle_time_average",
        "worked",
        C("handle_seconds").sum() / C("conversation").n_unique(),
        C("conversation").n_unique(),
    ),
    Measure(
        "handle_time_total",
        "worked",
        C("handle_seconds").sum(),
        pl.len(),
        {"conversations": C("conversation").n_unique()},
    ),
)
