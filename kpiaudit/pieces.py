"""Columns of very many rows, made a piece at a time: the room one piece leaves serves the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import accumulate, pairwise
from typing import TypeVar

import polars as pl

Columns = TypeVar("Columns", pl.Series, pl.DataFrame)
PIECE = 1 << 22
"""Rows of a piece. A page of memory touched for the first time costs more than most of what is done in it, so
that a step over a whole column of 28 million rows, and what it makes on its way, would cost that each time."""
SLICE = 1 << 18
"""Rows looked at at a time where what is made on the way is wider than what comes of it."""
MANY = 2
"""Pieces from which columns are taken away from a frame as they are moved."""
THREADS = 2
SPARSEST = 8
"""A table of numbers has no more than so many places for each of them."""


def is_many(rows: int) -> bool:
    """Return whether a frame of so many rows is taken apart to save memory."""
    return rows >= MANY * PIECE


def parts(rows: int) -> int:
    """Return how many pieces so many rows fill, the last of them not counted that is not whole."""
    return max(rows // PIECE, 1)


def slices(whole: Columns, more: int = 0) -> Iterator[Columns]:
    """Yield the pieces of columns in order, each with so many rows of the next."""
    for at in range(0, max(len(whole), 1), PIECE):
        yield whole.slice(at, PIECE + more)


def by_pieces(whole: Columns, made: Callable[[Columns], pl.Series]) -> pl.Series:
    """Return what is made of columns row by row, in the pieces it was made in, two at a time: most of the
    work on a column is done by one thread.
    """
    if len(whole) <= PIECE:
        return made(whole)
    with ThreadPoolExecutor(THREADS) as threads:
        return pl.concat(list(threads.map(made, slices(whole))))


def in_pieces(whole: pl.Series) -> pl.Series:
    """Return a series in pieces: columns in others are copied to be looked at together."""
    return by_pieces(whole, lambda piece: piece)


def cut_as(whole: pl.Series, other: pl.Series) -> pl.Series:
    """Return a series in the pieces another of its length is in: columns in others are copied to be looked at
    together.
    """
    lengths = other.chunk_lengths()
    if whole.chunk_lengths() == lengths:
        return whole
    ends = list(accumulate(lengths, initial=0))
    return pl.concat([whole.slice(at, end - at) for at, end in pairwise(ends)])


def looks(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield the number of the first of a SLICE of rows, and these, after the row before them."""
    for start in range(0, frame.height, SLICE):
        before = min(start, 1)
        yield start, frame.slice(start - before, SLICE + before)


def in_slices(frame: pl.DataFrame, value: pl.Expr) -> pl.Series:
    """Return what an expression of each row, or of it and the one before, gives."""
    if frame.height <= SLICE:
        return frame.select(value).to_series()
    told = [piece.select(value).to_series()[min(start, 1) :] for start, piece in looks(frame)]
    return pl.concat(told, rechunk=True)


def counted(flags: pl.Series, *, first: int = 1) -> Iterator[pl.Series]:
    """Yield, a SLICE of rows at a time, how many flags are set up to each, the first counted as `first`."""
    count = first - 1
    for start in range(0, max(len(flags), 1), SLICE):
        numbers = flags.slice(start, SLICE).cast(pl.Int64).cum_sum() + count
        count = numbers[-1] if len(numbers) else count
        yield numbers.cast(pl.UInt32)
