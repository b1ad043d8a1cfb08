"""Columns of very many rows, made a piece at a time: the room one piece leaves serves the next."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TypeVar

import polars as pl

Columns = TypeVar("Columns", pl.Series, pl.DataFrame)
PIECE = 1 << 22
"""Rows of a piece. A page of memory touched for the first time costs more than most of what is done in it, so
that a step over a whole column of 28 million rows, and what it makes on its way, would cost that each time."""
MANY = 2
"""Pieces from which columns are taken away from a frame as they are moved."""
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
    """Return what is made of columns row by row, in the pieces it was made in."""
    return pl.concat([made(piece) for piece in slices(whole)])


def in_pieces(whole: pl.Series) -> pl.Series:
    """Return a series in pieces: columns in others are copied to be looked at together."""
    return by_pieces(whole, lambda piece: piece)
