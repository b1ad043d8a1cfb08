"""Stamps as Jira's look and feel writes them: `25/Feb/26 10:17 PM`, `25/02/2026 22:17`, `2026-02-25 22:17`."""

from __future__ import annotations

from typing import Final

import polars as pl

from kpiaudit.decoding.columns import in_zone, parsed

C = pl.col
STAMP: Final = r"^(\d{1,2})[/.\- ](\d{1,2}|[A-Za-z]{3})[/.\- ](\d{4}|\d\d),? (\d.*)$"
ISO: Final = r"^\d{4}-\d\d-\d\d \d"
NAMED: Final = ("%Y-%b-%d", "%Y-%m-%d")
TIMES: Final = ("%H:%M", "%H:%M:%S", "%I:%M %p", "%I:%M:%S %p", "%H:%M:%S%.f")


def local_instant(stamp: str, time_zone: str | None) -> pl.Expr:
    """Return a column of stamps as INSTANT, null for what is none or has its day and month in doubt.

    Whether the month comes first is decided by the whole column: by a first or second number over 12.
    """
    if time_zone is None:
        return pl.lit(None, pl.Datetime("us", "UTC"))
    day, month, year, time = (part(stamp, place) for place in ("1", "2", "3", "4"))
    first, second = day.cast(pl.Int8, strict=False), month.cast(pl.Int8, strict=False)
    is_swapped = (second > 12).any() & ~((first > 12) & second.is_not_null()).any()
    years = pl.when(year.str.len_bytes() == 2).then("20" + year).otherwise(year)
    date = (
        pl.when(is_swapped & second.is_not_null())
        .then(pl.concat_str(years, day, month, separator="-"))
        .otherwise(pl.concat_str(years, month, day, separator="-"))
    )
    whole = pl.coalesce(
        pl.when(~in_doubt(stamp)).then(pl.concat_str(date, time, separator=" ")),
        pl.when(C(stamp).str.contains(ISO)).then(C(stamp)),
    )
    read = [parsed(whole, f"{form} {time}") for form in NAMED for time in TIMES]
    return in_zone(pl.coalesce(read), time_zone)


def in_doubt(stamp: str) -> pl.Expr:
    """Return whether a stamp has two numbers for day and month, and no stamp of the column tells which."""
    first = part(stamp, "1").cast(pl.Int8, strict=False)
    second = part(stamp, "2").cast(pl.Int8, strict=False)
    is_number = second.is_not_null()
    day_first, month_first = ((first > 12) & is_number).any(), (second > 12).any()
    return (is_number & (day_first == month_first)).fill_null(value=False)


def part(stamp: str, place: str) -> pl.Expr:
    """Return one piece of a stamp: day or month, month or day, year, time."""
    return C(stamp).str.extract_groups(STAMP).struct.field(place)
