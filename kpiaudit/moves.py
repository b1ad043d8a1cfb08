"""Messages most of which lie in order already: which few must be moved, found some rows at a time.

A chat is written in order, but for the hour in which its clocks were turned back. To sort all of it would take
three times its memory.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl

from kpiaudit import pieces
from kpiaudit.pieces import looks

C = pl.col
SECOND: Final = 1_000_000
MOST_BITS: Final = 62
FEW: Final = 16
"""Of so many rows one may have to be moved."""
KEY: Final = ("system", "conversation_id")
IS_SAME: Final = pl.all_horizontal(C(name).eq_missing(C(name).shift()) for name in KEY)
INSTANT: Final = C("sent_at").to_physical()


@dataclass(frozen=True, slots=True)
class Look:
    """What a look at all rows tells: the number of conversations begun before each of the slices looked at,
    the first and the last instant, whether all are whole seconds, and whether any row goes back.
    """

    begun: tuple[int, ...]
    first: int
    last: int
    is_whole: bool
    is_back: bool


def moves_of(
    messages: pl.DataFrame, ties: Callable[[pl.DataFrame], list[pl.Expr]]
) -> pl.DataFrame | None:
    """Return which rows come from where, `to` and `at`, so that all are ordered by conversation, instant and
    ties. None where conversations do not lie together, or more than a FEWth of the rows must be moved.
    """
    look = looked_at(messages, ties(messages))
    if look is None:
        return None
    if not look.is_back:
        return pl.DataFrame(schema={"to": pl.UInt32, "at": pl.UInt32})
    if (look.last - look.first).bit_length() + look.begun[-1].bit_length() > MOST_BITS:
        return None
    unsettled = rows_to_move(messages, look)
    if unsettled.height * FEW > messages.height:
        return None
    return unsettled.select(to="at", at=C("at").sort_by("number", "at"))


def moved(messages: pl.DataFrame, moves: pl.DataFrame) -> pl.DataFrame:
    """Return the messages with those moved in order; what lies between them is not copied."""
    if moves.is_empty():
        return messages
    ends = moves.select(C("to").filter(C("to").diff().fill_null(2) != 1)).to_series()
    frames, end = [], 0
    for first, last in zip(ends, [*ends[1:], None], strict=True):
        rows = moves.filter(C("to") >= first, C("to") < last if last is not None else True)
        frames += [messages[end:first], messages[rows["at"]]]
        end = first + rows.height
    return pl.concat([*frames, messages[end:]])


def looked_at(messages: pl.DataFrame, ties: Sequence[pl.Expr]) -> Look | None:
    """Return what a look at all rows tells; None where conversations do not lie together, or rows go back
    not in time alone.
    """
    told = {
        "is_same": IS_SAME,
        "back": IS_SAME & goes_back([C("sent_at"), *ties]),
        "ties_back": IS_SAME & goes_back(ties),
        "at": INSTANT,
    }
    begun: list[pl.DataFrame] = []
    sums = []
    is_back = ties_back = False
    for start, piece in looks(messages):
        rows = piece.select(*KEY, **told).slice(min(start, 1))
        is_back |= bool(rows["back"].any())
        ties_back |= bool(rows["ties_back"].any())
        if is_back and ties_back:
            return None
        begun.append(rows.select(KEY)[(~rows["is_same"]).arg_true()])  # a filter may hold all rows
        whole = (C("at") % SECOND == 0).all()
        sums.append(rows.select(first=C("at").min(), last=C("at").max(), is_whole=whole))
    if pl.concat(begun).is_duplicated().any():
        return None
    counts = [0]
    for frame in begun:
        counts.append(counts[-1] + frame.height)
    first, last, is_whole = (
        pl.concat(sums).select(C("first").min(), C("last").max(), C("is_whole").all()).row(0)
    )
    unit = SECOND if is_whole else 1
    return Look(tuple(counts), first // unit, last // unit, is_whole, is_back)


def goes_back(orders: Sequence[pl.Expr]) -> pl.Expr:
    """Return whether a row sorts before the one above it; nothing sorts before anything."""
    before = pl.lit(value=False)
    for order in reversed(orders):
        last = order.shift()
        is_less = (order < last).fill_null(value=False) | (order.is_null() & last.is_not_null())
        before = is_less | (order.eq_missing(last) & before)
    return before


def rows_to_move(messages: pl.DataFrame, look: Look) -> pl.DataFrame:
    """Return `at`, the rows with a later one of their conversation before them or an earlier one behind, and
    the `number` they sort by.
    """
    is_early: list[pl.Series] = []
    least = None
    for numbers in (
        numbered(messages, look, start)
        for start in reversed(range(0, messages.height, pieces.SLICE))
    ):
        least_behind = numbers.cum_min(reverse=True)
        if least is not None:
            least_behind = least_behind.clip(upper_bound=least)
        least = least_behind[0]
        is_early.append(numbers > least_behind)
    most = None
    found = []
    for start in range(0, messages.height, pieces.SLICE):
        numbers = numbered(messages, look, start)
        most_before = numbers.cum_max()
        if most is not None:
            most_before = most_before.clip(lower_bound=most)
        most = most_before[-1]
        at = (is_early.pop() | (numbers < most_before)).arg_true()
        found.append(pl.DataFrame({"at": at + start, "number": numbers.gather(at)}))
    return pl.concat(found).with_columns(C("at").cast(pl.UInt32))


def numbered(messages: pl.DataFrame, look: Look, start: int) -> pl.Series:
    """Return for a slice of rows one number of conversation and instant."""
    before = min(start, 1)
    piece = messages.slice(start - before, pieces.SLICE + before)
    width = (look.last - look.first).bit_length()
    begins = piece.select(~IS_SAME).to_series()[before:]
    conversation = begins.cast(pl.Int64).cum_sum() + look.begun[start // pieces.SLICE]
    instant = INSTANT // SECOND if look.is_whole else INSTANT
    at = piece.select(instant - look.first).to_series()[before:]
    number: pl.Series = conversation * 2**width + at
    return number.alias("number")
