"""Stamps for which no form was named and which are not ISO 8601: the form is told by the whole column,
day and month by evidence or not at all, and what is left is read one distinct text at a time.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta, timezone, tzinfo

import polars as pl

from kpiaudit.decoding.columns import filled, in_zone, instant
from kpiaudit.decoding.stamps import FIRST, Stamps, stamps_of
from kpiaudit.errors import ExportError
from kpiaudit.schema import INSTANT

NUMBERS = re.compile(r"(?<!\d)(\d{1,2})[/.-](\d{1,2})[/.-](?:\d{4}|\d{2})(?!\d)")
YEAR_FIRST = re.compile(r"\D*\d{4}")
NO_STAMP = re.compile(r"[\d.]{1,13}|\W*")
EAST_OF = re.compile(r"\b(?:UTC|GMT)\s?(?=[+-]\d)")
"""`GMT+0300` as browsers write it is three hours ahead; to POSIX it would be behind."""
MONTHS = 12
HOLES = (datetime(2000, 1, 1), datetime(2001, 2, 2, 1))  # noqa: DTZ001  # no instants, only what is filled in
"""A text that leaves year, month, day or hour open is read differently beside each."""
NAMED = "sent_at"


def read_dates(table: pl.LazyFrame, text: pl.Expr, *, time_zone: str | None, where: str) -> pl.Expr:
    """Return `text`, a column of `table`, as INSTANT, null where it is none.

    Looks at the first rows, and at all distinct texts where those are not ISO 8601. Raises
    `ExportError` where day and month cannot be told apart, or stamps without offset have no zone.
    """
    column = table.select(filled(text.str.strip_chars()).alias(NAMED))
    how = stamps_of(NAMED, column.head(FIRST).collect().to_series())
    if how is not None and how.form is None:
        return instant(text, None, time_zone)
    values = column.unique().collect().to_series().drop_nulls().sort()
    if values.is_empty():
        return instant(text, None, time_zone)
    how = stamps_of(NAMED, values) or Stamps(None, is_aware=False)
    day_is_first = order_in(how.form) if is_numeric(how.form) else day_first(values)
    if how.other is not None or day_is_first is None:
        raise undecided(values, how, where)
    if how.form is not None and not how.is_aware and time_zone is None:
        raise zoneless(values[0], where)
    read = instant(text.str.strip_chars(), how.form, how.zone or time_zone)
    rest = values.filter(
        values.to_frame().select(instant(pl.col(NAMED), how.form, "UTC")).to_series().is_null()
    )
    odd = odd_dates(rest, day_is_first=day_is_first, time_zone=time_zone, where=where)
    return pl.coalesce(
        read, text.str.strip_chars().replace_strict(odd["text"], odd["instant"], default=None)
    )


def is_numeric(form: str | None) -> bool:
    """Return whether a form has a day and a month as numbers, before a year."""
    return form is not None and "%d" in form and "%m" in form and not form.startswith("%Y")


def order_in(form: str | None) -> bool:
    """Return whether a form has the day before the month."""
    return form is not None and form.find("%d") < form.find("%m")


def day_first(texts: Iterable[str]) -> bool | None:
    """Return whether days come before months in dates such as 5/9/2026; None where nothing tells.

    A number above 12 is a day. Texts without such a date say nothing, and nothing hangs on them.
    """
    found = [(int(date[1]), int(date[2])) for text in texts if (date := NUMBERS.search(text))]
    is_day_first = any(first > MONTHS for first, _ in found)
    is_month_first = any(second > MONTHS for _, second in found)
    if found and is_day_first == is_month_first:
        return None
    return is_day_first


def odd_dates(
    texts: pl.Series, *, day_is_first: bool, time_zone: str | None, where: str
) -> pl.DataFrame:
    """Return distinct texts as `text, instant`, those that are no whole stamp left out."""
    found = {text: stamp for text in texts if (stamp := parse(text, day_is_first=day_is_first))}
    naive = [text for text, stamp in found.items() if stamp.tzinfo is None]
    if naive and time_zone is None:
        raise zoneless(naive[0], where)
    wall = pl.Series(
        [stamp.replace(tzinfo=None) for stamp in found.values()], dtype=pl.Datetime("us")
    )
    offset = pl.Series([stamp.utcoffset() for stamp in found.values()], dtype=pl.Duration("us"))
    frame = pl.DataFrame(
        {"text": pl.Series(list(found), dtype=pl.String), "wall": wall, "offset": offset}
    )
    aware = (pl.col("wall") - pl.col("offset")).dt.replace_time_zone("UTC")
    local = in_zone(pl.col("wall"), time_zone) if time_zone else pl.lit(None, dtype=INSTANT)
    return frame.select("text", instant=pl.coalesce(aware, local))


def parse(text: str, *, day_is_first: bool) -> datetime | None:
    """Return the stamp a text is, naive where it names no offset; None where anything is left open."""
    from dateutil.parser import parse as parse_any

    if NO_STAMP.fullmatch(text):
        return None
    is_year_first = YEAR_FIRST.match(text) is not None
    try:
        one, two = (
            parse_any(
                EAST_OF.sub("", text),
                default=hole,
                dayfirst=day_is_first and not is_year_first,
                yearfirst=is_year_first,
                tzinfos=offset_of,
            )
            for hole in HOLES
        )
    except (ValueError, OverflowError):
        return None
    return one if one == two else None


def offset_of(name: str | None, seconds: int | None) -> tzinfo | None:
    """Return the offset a stamp names. Raises `ValueError` for a name alone: CST is three zones."""
    if seconds is not None:
        return timezone(timedelta(seconds=seconds))
    if name in {"UTC", "GMT", "Z"}:
        return UTC
    if name:
        raise ValueError(name)
    return None


def undecided(values: pl.Series, how: Stamps, where: str) -> ExportError:
    """Return the error for dates that can be read two ways."""
    shown = next((value for value in values if NUMBERS.search(value)), values[0])
    forms = " or ".join(f'format = "{form}"' for form in (how.form, how.other) if form)
    return ExportError(
        f"day and month cannot be told apart in {shown!r} and the other dates",
        where=where,
        hint=f"say which: {forms}"
        if forms
        else "export it with dates as 2026-09-05, or name a format",
    )


def zoneless(value: str, where: str) -> ExportError:
    """Return the error for a stamp without offset where no zone is named."""
    return ExportError(
        f"{value!r} has no offset, and no time_zone is named",
        where=where,
        hint='add time_zone = "Europe/Berlin" beside the column',
    )
