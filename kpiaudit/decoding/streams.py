"""Rows that are made while they are asked for, chunk by chunk, so that a reader holds one chunk at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import polars as pl
from polars.io.plugins import register_io_source

Chunks = Callable[[], Iterator[pl.DataFrame]]


def streamed(chunks: Chunks, schema: Mapping[str, pl.DataType]) -> pl.LazyFrame:
    """Return the rows of frames of one schema, in their order; `chunks` is called anew, and each frame made,
    when a query needs it. What it raises, the query raises.
    """

    def source(
        columns: list[str] | None, predicate: pl.Expr | None, rows: int | None, _size: int | None
    ) -> Iterator[pl.DataFrame]:
        left = rows
        for whole in chunks():
            chunk = whole if left is None else whole.head(left)
            left = None if left is None else left - chunk.height
            if predicate is not None:
                chunk = chunk.filter(predicate)
            yield chunk if columns is None else chunk.select(columns)
            if left == 0:
                return

    return register_io_source(source, schema=pl.Schema(schema), is_pure=True)
