"""The files of one part of an export as one table of text, under names of our own, instants read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.columns import (
    GIVEN,
    Fault,
    filled,
    first_fault,
    instant,
    instant_faults,
    missing,
    scan,
)
from kpiaudit.decoding.day_order import NO_ORDER
from kpiaudit.decoding.sheet_dates import in_doubt, is_local, local_instant
from kpiaudit.sources.base import BLANK_ROW, ExportFile, normal

if TYPE_CHECKING:
    from kpiaudit.settings import DateOrder

C = pl.col
TO_THE_SECOND = len("2026-09-01T19:02:03Z")
BEGINS_AS_ISO = r"^\d{4}-\d\d-\d\d[T ]"
AWARE = ""
"""For a time zone: every stamp carries its offset."""
BLANKS = (
    "-",
    "?",
    "null",
    "NULL",
    "Null",
    "None",
    "nan",
    "NaN",
    "NaT",
    "N/A",
    "n/a",
    "#N/A",
    r"\N",
)
"""How databases, data frames and spreadsheets write that there is nothing."""
TEXTS = frozenset({"text", "html", "body"})
SAYABLE = ("-", "?")
"""Our names for what people wrote, and what a message may be: a question mark."""
ID = re.compile(r"(?:^|[\W_])id$|[a-z]Id$", re.IGNORECASE)
TEXT = "\0text of "
"""Before the name of an instant, the text it is read from."""
WRITTEN = "\0as written "
"""Before the name of an instant, the text in the export."""
LOCAL, DOUBT = "\0local ", "\0doubt "
"""Before the name of an instant, the text where it may be a local stamp, and whether its day may be the month."""


def table(
    files: Sequence[ExportFile],
    part: str,
    columns: Mapping[str, str],
    *,
    careful: bool,
    blanks: Sequence[str] = BLANKS,
) -> pl.LazyFrame:
    """Return every record of a part: our names for its columns (or JSON key paths), and what GIVEN names.

    All are String, null where empty, one of `blanks`, or where a file has no such column.
    Headers are compared without regard to case and outer spaces; of two alike the first counts. A row of a
    delimited file with none of these columns filled is BLANK_ROW. Ids written as `3.0` are `3`, but for
    those too long to be whole as a float.
    """
    tables = [
        table_of(file, columns, careful=careful, blanks=blanks)
        for file in files
        if file.part == part
    ]
    if tables:
        return pl.concat(tables)
    return pl.LazyFrame(
        schema=dict.fromkeys((*columns, *GIVEN), pl.String()) | {"row": pl.UInt32()}
    )


def table_of(
    file: ExportFile, columns: Mapping[str, str], *, careful: bool, blanks: Sequence[str]
) -> pl.LazyFrame:
    """Return one file's records; nested ones decoded, which takes half the time of looking through their
    text for every key.
    """
    is_nested = file.kind == "ndjson" and any("." in column for column in columns.values())
    rows = scan(file, careful=careful or is_nested, columns=tuple(columns.values()))
    own = {f"file.{name}": name for name in GIVEN}
    have: dict[str, str] = {}
    for column in rows.collect_schema().names():
        if column not in GIVEN:
            have.setdefault(normal(own.get(column, column)), column)
    nothing = pl.lit(None, dtype=pl.String)
    found = {name: have.get(normal(column)) for name, column in columns.items()}
    cells = {
        name: nothing.alias(name) if column is None else cell(name, column, blanks)
        for name, column in found.items()
    }
    told = [name for name, column in found.items() if column is not None]
    texts = rows.select(*cells.values(), *GIVEN)
    if file.kind != "csv" or not told:
        return texts
    is_blank = pl.all_horizontal(C(name).is_null() for name in told) & C("reject").is_null()
    return texts.with_columns(reject=pl.when(is_blank).then(pl.lit(BLANK_ROW)).otherwise("reject"))


def cell(name: str, column: str, blanks: Sequence[str]) -> pl.Expr:
    """Return a column of the file as text under our name for it."""
    value: pl.Expr = filled(C(column).cast(pl.String))
    words = [word for word in blanks if name not in TEXTS or word not in SAYABLE]
    value = pl.when(~value.is_in(words)).then(value)
    if ID.search(column):
        value = value.str.replace(r"^(\d{1,15})\.0$", "$1")
    return value.alias(name)


def dated(
    rows: pl.LazyFrame,
    stamps: Mapping[str, str],
    *,
    time_zone: str | None = AWARE,
    date_order: DateOrder | None = None,
) -> pl.LazyFrame:
    """Return rows with instants read from ISO 8601 text, and `reject` and `value` of those that are none.

    `stamps` is our name to the export's; the first must be there. Seconds may be left out, and ` UTC` may
    follow. Stamps without an offset are local time in `time_zone`, and rejects without one; a column of a
    file without ISO 8601 may write them as spreadsheets do, day and month told by the file's stamps,
    else by `date_order`.
    """
    first = next(iter(stamps))
    zone = time_zone or None
    has_iso = {
        name: C(TEXT + name).str.contains(BEGINS_AS_ISO).any().over("export") for name in stamps
    }
    faults = [missing(stamps[first], C(WRITTEN + first))]
    for name, label in stamps.items():
        written = C(WRITTEN + name)
        if time_zone is None:
            is_naive = is_local(LOCAL + name)
            faults.append(Fault(f"{label}: no offset, set time_zone", is_naive, written))
        elif time_zone:
            swapped = C(DOUBT + name)
            faults.append(Fault(f"{label}: {NO_ORDER}", swapped, written))
        found = instant_faults(label, C(TEXT + name), C(name))
        faults += [replace(fault, value=written) for fault in found]
    spelt = rows.rename({name: WRITTEN + name for name in stamps}).with_columns(
        spelt_out(C(WRITTEN + name)).alias(TEXT + name) for name in stamps
    )
    if time_zone == AWARE:
        read = spelt.with_columns(instant(C(TEXT + name)).alias(name) for name in stamps)
    else:
        local = [LOCAL + name for name in stamps]
        read = spelt.with_columns(
            pl.when(~has_iso[name]).then(C(TEXT + name)).alias(LOCAL + name) for name in stamps
        ).with_columns(
            *(
                pl.coalesce(
                    instant(C(TEXT + name), time_zone=zone),
                    local_instant(
                        LOCAL + name, zone, beside=local, within="export", given=date_order
                    ),
                ).alias(name)
                for name in stamps
            ),
            *(
                in_doubt(LOCAL + name, beside=local, within="export", given=date_order).alias(
                    DOUBT + name
                )
                for name in stamps
            ),
        )
    marks = (WRITTEN, TEXT) if time_zone == AWARE else (WRITTEN, TEXT, LOCAL, DOUBT)
    return read.with_columns(first_fault(faults)).drop(
        mark + name for name in stamps for mark in marks
    )


def spelt_out(text: pl.Expr) -> pl.Expr:
    """Return stamps as ISO 8601 writes them: those to the minute as of its beginning, `UTC` at their end
    as `Z`, an hour of one digit, nanoseconds and offsets as databases write them made good.
    """
    odd: pl.Expr = pl.when(
        ~(text.str.ends_with("Z") & (text.str.len_bytes() == TO_THE_SECOND))
    ).then(text)
    odd = odd.str.strip_chars().str.replace(r"^(\d{4}-\d\d-\d\d[ T])(\d:)", "${1}0$2")
    odd = odd.str.replace(r"^(\d{4}-\d\d-\d\d[ T]\d\d:\d\d)$", "$1:00")
    odd = odd.str.replace(r"(\d\d:\d\d\.\d{6})\d+", "$1").str.replace(
        r"(:\d\d(?:\.\d+)?) UTC$", "${1}Z"
    )
    odd = odd.str.replace(r"(:\d\d(?:\.\d+)?) ?([+-]\d\d)(:?\d\d)?$", "$1$2$3")
    return pl.coalesce(odd.str.replace(r"(:\d\d(?:\.\d+)?[+-]\d\d)$", "${1}00"), text)


def held(*frames: pl.LazyFrame) -> Iterator[pl.LazyFrame]:
    """Return frames read once and held in memory, for a plan that looks at each several times."""
    return (frame.lazy() for frame in pl.collect_all(frames))


def named(rows: pl.LazyFrame, key: str, name: str) -> pl.LazyFrame:
    """Return `key` and `name` of a table of people or teams, one row a key, the last that has both."""
    return rows.select(key, name).drop_nulls().unique(key, keep="last", maintain_order=True)


def companion(rows: pl.LazyFrame, part: str) -> pl.LazyFrame:
    """Return the records of a table that only explains others: each is skipped, or rejected as damaged."""
    skip = pl.when(C("reject").is_null()).then(pl.lit(f"companion: {part}"))
    return rows.select(*GIVEN, skip=skip)


def silent(
    files: Sequence[ExportFile], parts: Iterable[str], *, careful: bool
) -> list[pl.LazyFrame]:
    """Return the records of tables that tell nothing of a conversation, each skipped by its table's name."""
    return [companion(table(files, part, {}, careful=careful), part) for part in parts]


def is_one_of(words: Sequence[str], *columns: str) -> pl.Expr:
    """Return whether any of the columns holds one of `words`, in any case; false where all are null."""
    known = [word.lower() for word in words]
    return pl.any_horizontal(
        C(name).str.to_lowercase().is_in(known).fill_null(value=False) for name in columns
    )
