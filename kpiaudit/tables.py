"""Write a frame as a data file: CSV, NDJSON or Parquet, instants in ISO 8601 `Z`, text inert."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from kpiaudit.inert import FORMULA, GUARD

C = pl.col
KINDS = ("csv", "ndjson", "parquet")
NUL = "\u2400"


def write_table(frame: pl.DataFrame, path: Path, kind: str) -> None:
    """Write `frame` as `kind`; Parquet keeps its types. Raises `OSError` when the disk will not have it."""
    if kind == "parquet":
        try:
            frame.write_parquet(path)
        except pl.exceptions.ComputeError as error:  # what polars makes of a full disk here
            raise OSError(f"not all of it could be stored ({error})") from error
    elif kind == "ndjson":
        as_text(frame).write_ndjson(path)
    else:
        guarded(as_text(frame)).write_csv(path)


def csv_text(frame: pl.DataFrame) -> str:
    """Return `frame` as CSV text."""
    return guarded(as_text(frame)).write_csv()


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
