"""The files of one part of an export as one table of text, under names of our own, instants read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

import polars as pl

from kpiaudit.decoding.columns import (
    GIVEN,
    filled,
    first_fault,
    instant,
    instant_faults,
    missing,
    scan,
)
from kpiaudit.sources.base import ExportFile, normal

C = pl.col
TO_THE_MINUTE = len("2026-09-01 19:02")
TEXT = "\0text of "
"""Before the name of an instant, the text it is read from."""
WRITTEN = "\0as written "
"""Before the name of an instant, the text in the export."""


def table(
    files: Sequence[ExportFile],
    part: str,
    columns: Mapping[str, str],
    *,
    careful: bool,
    blanks: Sequence[str] = (),
) -> pl.LazyFrame:
    """Return every record of a part: our names for its columns (or JSON key paths), and what GIVEN names.

    All are String, null where empty, one of `blanks`, or where a file has no such column. Headers are
    compared without regard to case and outer spaces; of two alike the first counts.
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
    """Return one file's records."""
    rows = scan(file, careful=careful, columns=tuple(columns.values()))
    own = {f"file.{name}": name for name in GIVEN}
    have: dict[str, str] = {}
    for column in rows.collect_schema().names():
        if column not in GIVEN:
            have.setdefault(normal(own.get(column, column)), column)
    nothing = pl.lit(None, dtype=pl.String)
    found = {name: have.get(normal(column)) for name, column in columns.items()}
    values = {name: nothing if column is None else C(column) for name, column in found.items()}
    return rows.select(
        *(
            pl.when(~value.is_in(list(blanks))).then(filled(value)).alias(name)
            if blanks
            else filled(value).alias(name)
            for name, value in values.items()
        ),
        *GIVEN,
    )


def dated(
    rows: pl.LazyFrame, stamps: Mapping[str, str], *, time_zone: str | None = None
) -> pl.LazyFrame:
    """Return rows with instants read from ISO 8601 text, and `reject` and `value` of those that are none.

    `stamps` is our name to the export's; the first must be there. Seconds may be left out, and ` UTC` may
    follow. Stamps without an offset are local time in `time_zone`, and rejects without one.
    """
    first = next(iter(stamps))
    faults = [missing(stamps[first], C(WRITTEN + first))]
    for name, label in stamps.items():
        found = instant_faults(label, C(TEXT + name), C(name))
        faults += [replace(fault, value=C(WRITTEN + name)) for fault in found]
    return (
        rows.rename({name: WRITTEN + name for name in stamps})
        .with_columns(spelt_out(C(WRITTEN + name)).alias(TEXT + name) for name in stamps)
        .with_columns(instant(C(TEXT + name), time_zone=time_zone).alias(name) for name in stamps)
        .with_columns(first_fault(faults))
        .drop(mark + name for name in stamps for mark in (WRITTEN, TEXT))
    )


def spelt_out(text: pl.Expr) -> pl.Expr:
    """Return stamps to the minute as of its beginning, and `UTC` at their end as `Z`."""
    return (
        pl.when((text.str.len_bytes() == TO_THE_MINUTE) & (text.str.slice(13, 1) == ":"))
        .then(text + ":00")
        .when(text.str.ends_with(" UTC"))
        .then(text.str.strip_suffix(" UTC") + "Z")
        .otherwise(text)
    )


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
