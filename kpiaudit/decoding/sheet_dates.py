"""Local stamps as sites and spreadsheets write them: `25/Feb/26 10:17 PM`, `25/02/2026 22:17`, `2026/2/25 9:05`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import in_zone, parsed

if TYPE_CHECKING:
    from kpiaudit.settings import DateOrder

C = pl.col
STAMP: Final = r"^(\d{1,2})[/.\- ](\d{1,2}|[A-Za-z]{3})[/.\- ](\d{4}|\d\d),? (\d.*)$"
YEAR_FIRST: Final = r"^(\d{4})[/.\-](\d{1,2})[/.\-](\d{1,2}),? (\d.*)$"
MONTH_IN_LETTERS: Final = r"^([A-Z][a-z]{2})[a-z]* (\d{1,2}),? (\d{4}),? (?:at )?(\d.*)$"
NAMED: Final = ("%Y-%b-%d", "%Y-%m-%d")
TIMES: Final = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%H:%M:%S%.f")


def local_instant(
    stamp: str,
    time_zone: str | None,
    *,
    beside: Sequence[str] = (),
    within: str | None = None,
    given: DateOrder | None = None,
) -> pl.Expr:
    """Return a column of stamps as INSTANT, null for what is none or has its day and month in doubt.

    Whether the month comes first is decided by the whole column, and those `beside` it: by a first or
    second number over 12, or, where none tells, by the order `given`; `within` names what one answer holds
    for, such as a file.
    """
    if time_zone is None:
        return pl.lit(None, pl.Datetime("us", "UTC"))
    day, month, year, time = (part(stamp, place) for place in ("1", "2", "3", "4"))
    second = month.cast(pl.Int8, strict=False)
    day_first, month_first = evidence([stamp, *beside], within)
    is_swapped = ~day_first if given == "month_first" else month_first & ~day_first
    years = pl.when(year.str.len_bytes() == 2).then("20" + year).otherwise(year)
    date = (
        pl.when(is_swapped & second.is_not_null())
        .then(pl.concat_str(years, day, month, separator="-"))
        .otherwise(pl.concat_str(years, month, day, separator="-"))
    )
    whole = pl.coalesce(
        pl.when(~in_doubt(stamp, beside=beside, within=within, given=given)).then(
            pl.concat_str(date, time, separator=" ")
        ),
        C(stamp).str.replace(YEAR_FIRST, "$1-$2-$3 $4"),
    )
    named = pl.when(C(stamp).str.contains(MONTH_IN_LETTERS)).then(
        C(stamp).str.replace(MONTH_IN_LETTERS, "$3-$1-$2 $4")
    )
    whole = pl.coalesce(named, whole)
    read = [parsed(whole, f"{form} {time}") for form in NAMED for time in TIMES]
    return in_zone(pl.coalesce(read), time_zone)


def evidence(stamps: Sequence[str], within: str | None) -> tuple[pl.Expr, pl.Expr]:
    """Return whether a stamp shows that the day comes first, and whether one shows that the month does."""
    numbers = [[part(s, place).cast(pl.Int8, strict=False) for place in ("1", "2")] for s in stamps]
    shown = (
        pl.any_horizontal((one > 12) & two.is_not_null() for one, two in numbers).any(),
        pl.any_horizontal(two > 12 for _, two in numbers).any(),
    )
    first, second = (told.over(within) if within else told for told in shown)
    return first, second


def in_doubt(
    stamp: str,
    *,
    beside: Sequence[str] = (),
    within: str | None = None,
    given: DateOrder | None = None,
) -> pl.Expr:
    """Return whether a stamp has two numbers for day and month, and nothing tells which is which."""
    is_number = part(stamp, "2").cast(pl.Int8, strict=False).is_not_null()
    day_first, month_first = evidence([stamp, *beside], within)
    unclear = day_first & month_first if given else day_first == month_first
    return (is_number & unclear).fill_null(value=False)


def is_local(stamp: str) -> pl.Expr:
    """Return whether a text is written as one of these stamps."""
    return pl.any_horizontal(
        C(stamp).str.contains(form) for form in (STAMP, YEAR_FIRST, MONTH_IN_LETTERS)
    ).fill_null(value=False)


def part(stamp: str, place: str) -> pl.Expr:
    """Return one piece of a stamp: day or month, month or day, year, time."""
    return C(stamp).str.extract_groups(STAMP).struct.field(place)
