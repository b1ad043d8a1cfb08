"""Whether dates such as 5/9/2026 have the day or the month first: by what all of them say, or not at all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import polars as pl

if TYPE_CHECKING:
    from kpiaudit.settings import DateOrder

Order = Literal["day_first", "month_first", "year_first"]
C = pl.col
PLACES: Final[dict[Order, tuple[str, str, str]]] = {
    "day_first": ("third", "second", "first"),
    "month_first": ("third", "first", "second"),
    "year_first": ("first", "second", "third"),
}
"""Which of a date's numbers, `first`, `second` and `third`, are year, month and day."""
NO_ORDER: Final = "day or month first, set date_order"


def order_of(
    dates: pl.DataFrame, given: DateOrder | None, *, is_sorted: bool, short_year: bool
) -> Order | None:
    """Return the order of dates whose year is last, told by all of them; None where nothing tells and
    none is `given`.

    `dates` has the integers `first`, `second` and `third`. A number over 12 is a day. Where a file
    `is_sorted` by time, an order in which its days go back is not the one if another's do not. A
    `short_year` first, as in 26-09-05, is believed only where no other order is possible.
    """
    orders: tuple[Order, ...] = ("day_first", "month_first")
    possible = {name: backward(dates, name) for name in orders if fits(dates, name)}
    if is_sorted and short_year and 0 not in possible.values():
        name: Order = "year_first"
        if fits(dates, name) and backward(dates, name) == 0:
            return name
    if len(possible) == 2 and is_sorted:
        forward = {name: count for name, count in possible.items() if count == 0}
        possible = forward if len(forward) == 1 else possible
    if len(possible) == 1:
        return next(iter(possible))
    if not possible or dates.select((C("first") != C("second")).any()).item():
        return given
    return "day_first"


def fits(dates: pl.DataFrame, order: Order) -> bool:
    """Return whether all dates can be dates in an order."""
    _, month, day = PLACES[order]
    is_one = C(month).is_between(1, 12) & C(day).is_between(1, 31)
    return bool(dates.select(is_one.all()).item())


def backward(dates: pl.DataFrame, order: Order) -> int:
    """Return how often a date lies before the one above it."""
    year, month, day = PLACES[order]
    key = (C(year).cast(pl.Int32) * 100 + C(month)) * 100 + C(day)
    return int(dates.select((key.diff() < 0).sum()).item())


def iso_date(order: Order) -> pl.Expr:
    """Return the dates as text, `2026-09-05`; years of two digits lie in this century."""
    year, month, day = (C(name).cast(pl.Int32) for name in PLACES[order])
    full = pl.when(year < 100).then(year + 2000).otherwise(year)
    return pl.concat_str(
        full.cast(pl.String),
        *(part.cast(pl.String).str.zfill(2) for part in (month, day)),
        separator="-",
    )
