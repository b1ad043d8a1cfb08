"""The files of one part of an export as one table of text, under names of our own, instants read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from kpiaudit.sources.base import ExportFile, normal
from kpiaudit.sources.columns import (
    GIVEN,
    filled,
    first_fault,
    instant,
    instant_faults,
    missing,
    scan,
)

C = pl.col
TO_THE_MINUTE = r"^(\d{4}-\d\d-\d\d[T ]\d\d:\d\d)$"
TEXT = "\0text of "
"""Before the name of an instant, the text it was read from."""


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

    `stamps` is our name to the export's; the first must be there. Seconds may be left out. Stamps
    without an offset are local time in `time_zone`, and rejects without one.
    """
    first = next(iter(stamps))
    faults = [missing(stamps[first], C(TEXT + first))]
    for name, label in stamps.items():
        whole = with_seconds(C(TEXT + name))
        faults += [
            replace(fault, value=C(TEXT + name)) for fault in instant_faults(label, whole, C(name))
        ]
    return (
        rows.with_columns(C(name).alias(TEXT + name) for name in stamps)
        .with_columns(
            instant(with_seconds(C(name)), time_zone=time_zone).alias(name) for name in stamps
        )
        .with_columns(first_fault(faults))
        .drop(TEXT + name for name in stamps)
    )


def with_seconds(text: pl.Expr) -> pl.Expr:
    """Return stamps written to the minute as of its beginning, others as they are."""
    return text.str.replace(TO_THE_MINUTE, "$1:00")


def named(rows: pl.LazyFrame, key: str, name: str) -> pl.LazyFrame:
    """Return `key` and `name` of a table of people or teams, one row a key, the last that has both."""
    return rows.select(key, name).drop_nulls().unique(key, keep="last", maintain_order=True)


def companion(rows: pl.LazyFrame, part: str) -> pl.LazyFrame:
    """Return the records of a table that only explains others: each is skipped, or rejected as damaged."""
    skip = pl.when(C("reject").is_null()).then(pl.lit(f"companion: {part}"))
    return rows.select(*GIVEN, skip=skip)


def is_one_of(words: Sequence[str], *columns: str) -> pl.Expr:
    """Return whether any of the columns holds one of `words`, in any case; false where all are null."""
    known = [word.lower() for word in words]
    return pl.any_horizontal(
        C(name).str.to_lowercase().is_in(known).fill_null(value=False) for name in columns
    )
