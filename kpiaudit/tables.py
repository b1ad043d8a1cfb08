"""Write a frame as a data file: CSV, NDJSON or Parquet, instants in ISO 8601 `Z`, text inert."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl

from kpiaudit.inert import FORMULA, GUARD
from kpiaudit.pieces import SLICE

C = pl.col
KINDS = ("csv", "ndjson", "parquet")
NUL = "\u2400"
Shape = Callable[[pl.DataFrame], pl.DataFrame]


def as_it_is(frame: pl.DataFrame) -> pl.DataFrame:
    """Return a frame."""
    return frame


def write_table(frame: pl.DataFrame, path: Path, kind: str, shape: Shape = as_it_is) -> None:
    """Write `frame` as `kind`, some rows at a time, each time in a `shape`; Parquet keeps its types. Raises
    `OSError` when the disk will not have it.
    """
    if kind == "parquet":
        try:
            frame.write_parquet(path)
        except pl.exceptions.ComputeError as error:  # what polars makes of a full disk here
            raise OSError(f"not all of it could be stored ({error})") from error
        return
    with path.open("wb") as file:
        for start, piece in some_rows(frame):
            told = as_text(shape(piece))
            if kind == "ndjson":
                told.write_ndjson(file)
            else:
                guarded(told).write_csv(file, include_header=start == 0)


def csv_text(frame: pl.DataFrame) -> str:
    """Return `frame` as CSV text."""
    return "".join(csv_texts(frame))


def csv_texts(frame: pl.DataFrame, shape: Shape = as_it_is) -> Iterator[str]:
    """Yield `frame` as CSV text, some rows at a time, each time in a `shape`."""
    for start, piece in some_rows(frame):
        yield guarded(as_text(shape(piece))).write_csv(include_header=start == 0)


def some_rows(frame: pl.DataFrame) -> Iterator[tuple[int, pl.DataFrame]]:
    """Yield the number of the first of some rows, and these; no rows of a frame without any."""
    for start in range(0, max(frame.height, 1), SLICE):
        yield start, frame.slice(start, SLICE)


def as_text(frame: pl.DataFrame) -> pl.DataFrame:
    """Return instants as ISO 8601 with `Z`, fractions only where there are any."""
    return frame.with_columns(
        C(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.fZ")
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.Datetime)
    )


def guarded(frame: pl.DataFrame) -> pl.DataFrame:
    """Return text no spreadsheet takes for a formula: an apostrophe goes before one; a NUL, which makes a
    file no text, is shown as its picture.
    """
    texts = {
        name: C(name).cast(pl.String).str.replace_all("\0", NUL, literal=True)
        for name, kind in frame.schema.items()
        if isinstance(kind, pl.String | pl.Categorical)
    }
    return frame.with_columns(
        pl.when(text.str.contains(f"^{FORMULA}")).then(GUARD + text).otherwise(text).alias(name)
        for name, text in texts.items()
    )
