"""Columns that hold one value for all rows: polars keeps it once, until somebody asks for all of them.

Nearly every question makes such a column as long as the frame, for a moment or as long as the frame lives; so
what is asked of columns that often are such is asked here.
"""

from __future__ import annotations

import polars as pl

C = pl.col
BITS = 8


def is_one_value(frame: pl.DataFrame, name: str) -> bool:
    """Return whether a column is kept as one value: not even a bit a row."""
    return frame.select(name).estimated_size() * BITS < frame.height


def nulls(frame: pl.DataFrame, name: str) -> int:
    """Return how many rows have no value."""
    return int(frame.select(name).null_count().item())


def unique(frame: pl.DataFrame, name: str) -> pl.Series:
    """Return the values of a column, each once, in any order."""
    column = frame.select(name)
    return column.head(1).to_series() if is_one_value(frame, name) else column.to_series().unique()


def taken(frame: pl.DataFrame, name: str, rows: pl.Series) -> pl.Series:
    """Return the values of a column in some rows, null for no row."""
    if not is_one_value(frame, name):
        return frame[name].gather(rows)
    value = pl.lit(frame.select(name).head(1).item(), frame.schema[name])
    return rows.to_frame("row").select(pl.when(C("row").is_not_null()).then(value)).to_series()
