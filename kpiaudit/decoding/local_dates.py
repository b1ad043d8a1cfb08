"""Dates as a computer's locale writes them, `10/6/2023 12:37 AM`, of one file that runs forward in time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import in_zone, parsed
from kpiaudit.decoding.day_order import NO_ORDER, iso_date, order_of
from kpiaudit.schema import INSTANT

if TYPE_CHECKING:
    from kpiaudit.settings import DateOrder

C = pl.col
STAMP: Final = (
    r"^(\d{1,4})[./-]\s?(\d{1,2})[./-]\s?(\d{4}|\d{1,2})\.?,?\s+(\d{1,2})[:.](\d\d)(?:[:.](\d\d))?"
    r"(?:\s?([AaPp])\.?\s?[Mm]\.?)?$"
)
PARTS: Final = ("first", "second", "third", "hour", "minute", "seconds", "half")
YEAR: Final = 1000


def local_dates(
    rows: pl.DataFrame, column: str, time_zone: str | None, given: DateOrder | None
) -> pl.DataFrame:
    """Return `row, read_at, rule` of texts: the instant, or the rule that stops it from being one.

    Where the texts do not tell day from month and no order is `given`, all that need it are refused.
    """
    groups = C(column).str.strip_chars().str.extract_groups(STAMP).struct.rename_fields(PARTS)
    read = rows.select("row", groups).unnest(column)
    read = read.with_columns(C("first", "second", "third", "hour").cast(pl.Int16)).filter(
        C("first").is_not_null()
    )
    if read.is_empty():
        return pl.DataFrame(
            schema={"row": rows.schema["row"], "read_at": INSTANT, "rule": pl.String}
        )
    is_iso = C("first") >= YEAR
    numeric = read.filter(~is_iso)
    short = bool(numeric.select((C("third") < YEAR).any()).item())
    order = order_of(numeric, given, is_sorted=True, short_year=short) if numeric.height else None
    hour = (
        pl.when(C("half").str.to_lowercase() == "p")
        .then(C("hour") % 12 + 12)
        .when(C("half").is_not_null())
        .then(C("hour") % 12)
        .otherwise("hour")
    )
    date = pl.when(is_iso).then(iso_date("year_first")).otherwise(iso_date(order or "day_first"))
    time = [hour.cast(pl.String).str.zfill(2), C("minute"), C("seconds").fill_null("00")]
    wall = pl.concat_str(date, pl.concat_str(time, separator=":"), separator=" ")
    naive = parsed(wall, "%Y-%m-%d %H:%M:%S")
    told = read.select("row", naive=naive, is_open=~is_iso & pl.lit(order is None))
    return told.select(
        "row",
        read_at=pl.when(~C("is_open")).then(
            in_zone(C("naive"), time_zone) if time_zone else pl.lit(None, INSTANT)
        ),
        rule=pl.when("is_open")
        .then(pl.lit(f"date: {NO_ORDER}"))
        .when(C("naive").is_null())
        .then(pl.lit("date: not a date"))
        .when(pl.lit(time_zone is None))
        .then(pl.lit("date: no offset, set time_zone")),
    )
