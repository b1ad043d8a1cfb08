"""Many small delimited files of one header, read as one table: a plan for each of a thousand would take
longer than all their rows.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from itertools import groupby
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.columns import NUMBER, given, scan
from kpiaudit.decoding.delimited import read_damaged
from kpiaudit.decoding.even_records import has_even_records
from kpiaudit.decoding.evenness import contents

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

NAME = "\0name"


def alike(files: Sequence[ExportFile]) -> list[tuple[ExportFile, ...]]:
    """Return the files in order, neighbours together that are small and have the same columns."""
    return [tuple(group) for _, group in groupby(files, key=likeness)]


def likeness(file: ExportFile) -> tuple[object, ...]:
    """Return what is the same for files that can be read as one."""
    if file.kind != "csv" or file.content is None:
        return (file.name,)
    return (file.columns, file.delimiter, file.part)


def scan_alike(
    files: Sequence[ExportFile], *, careful: bool, columns: Sequence[str] | None = None
) -> pl.LazyFrame:
    """Return every record of files that are `alike`, as `scan` does for one."""
    first, *more = files
    if not more:
        return scan(first, careful=careful, columns=columns)
    tables = [read_small(file, careful=careful).with_columns(name(file)) for file in files]
    return (
        given(pl.concat(tables, how="diagonal").lazy(), first)
        .with_columns(pl.col(NAME).alias("export"))
        .drop(NAME)
    )


def name(file: ExportFile) -> pl.Expr:
    """Return the name of a file as a column."""
    return pl.lit(file.name).alias(NAME)


def read_small(file: ExportFile, *, careful: bool) -> pl.DataFrame:
    """Return a delimited file that lies in memory, its records numbered from 1."""
    text = contents(file)
    if careful or not has_even_records(io.BytesIO(text), file.delimiter):
        return read_damaged(file).with_row_index(NUMBER, 1)
    return pl.read_csv(
        text,
        separator=file.delimiter,
        infer_schema=False,
        row_index_name=NUMBER,
        row_index_offset=1,
    )
