"""What became of the rows of every export: how many were used, and what the others were.

All functions take the rows of a run as `kpiaudit.messages` has judged them, with `file`, `record` and `fate`.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kpiaudit.one_value import is_one_value, unique
from kpiaudit.schema import REJECTS

C = pl.col
FATES = ("reject", "used", "duplicate", "skipped")
"""What becomes of a row. Of one that gave several messages, the first of these that befell any."""


def count_rows(
    everything: pl.DataFrame, files: Sequence[str], *, one_row_one_message: bool
) -> pl.DataFrame:
    """Return per file its rows by fate, messages and period."""
    flat = everything.select("file", "record", "fate", "sent_at")
    is_used = C("fate") == "used"
    all_used = bool((flat["fate"] == "used").all())  # nothing to be picked, and copied for it
    used_at = C("sent_at") if all_used else C("sent_at").filter(is_used)
    rows = by_file(flat, messages=is_used.sum(), first_at=used_at.min(), last_at=used_at.max())
    records = flat.select("file", C("fate").to_physical())
    if not one_row_one_message:
        records = flat.group_by("file", "record").agg(C("fate").to_physical().min())
    counted = {fate: (C("fate") == at).sum() for at, fate in enumerate(FATES)}
    fates = by_file(records, rows=pl.len(), **counted)
    return (
        pl.DataFrame({"file": list(files)}, schema={"file": pl.String})
        .join(fates, on="file", how="left")
        .join(rows, on="file", how="left")
        .with_columns(pl.col("rows", "messages", *FATES).fill_null(0))
        .sort("file")
    )


def by_file(flat: pl.DataFrame, /, **figures: pl.Expr) -> pl.DataFrame:
    """Return figures per file, a plain selection where all rows are of one."""
    files = unique(flat, "file")
    if len(files) == 1:
        return flat.select(pl.lit(files.cast(pl.String)[0]).alias("file"), **figures)
    return flat.group_by(C("file").cast(pl.String)).agg(**figures)


def counts_of(messages: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return `file, word, count` of a column's values, sorted."""
    kinds = pl.Schema({"file": pl.String, "word": pl.String, "count": pl.UInt32})
    if column not in messages.columns or messages.is_empty():
        return pl.DataFrame(schema=kinds)
    files = unique(messages, "file")
    if len(files) == 1:
        counted = word_counts(messages, column).filter(C("word").is_not_null() & (C("count") > 0))
        return (
            counted.select(pl.lit(files[0]).alias("file"), "word", "count").cast(kinds).sort("word")
        )
    return (
        messages.group_by("file", word=column)
        .agg(count=pl.len())
        .with_columns(C("file", "word").cast(pl.String))
        .filter(C("word").is_not_null())
        .sort("file", "word")
    )


def word_counts(messages: pl.DataFrame, column: str) -> pl.DataFrame:
    """Return `word, count`; of an Enum by comparing with each word, five times as fast as grouping."""
    if is_one_value(messages, column):
        return messages.head(1).select(word=column, count=pl.lit(messages.height))
    words = messages[column]
    if not isinstance(words.dtype, pl.Enum):
        return words.value_counts().rename({words.name: "word"})
    known = words.dtype.categories
    return pl.DataFrame({"word": known, "count": [(words == word).sum() for word in known]})


def doubts_of(messages: pl.DataFrame) -> pl.DataFrame:
    """Return `file, word, count` of what had to be taken for granted to use messages, sorted."""
    if "doubt" not in messages.columns:
        return counts_of(messages, "doubt")
    told = counts_of(messages, "doubt")
    each = told.with_columns(C("word").str.split("; ")).explode("word")
    return each.group_by("file", "word").agg(C("count").sum()).sort("file", "word")


def reasons_of(rest: pl.DataFrame, messages: pl.DataFrame) -> pl.DataFrame:
    """Return `file, reason, rows` of the rows skipped, each counted once, by its first reason."""
    place = ["file", "record"]
    is_skipped = C("fate") == "skipped"
    skipped = rest.filter(is_skipped)
    if skipped.height:
        for told in (messages, rest.filter(~is_skipped)):
            skipped = skipped.join(told.select(place).unique(), on=place, how="anti")
    return (
        skipped.group_by(place)
        .agg(reason=C("skip").cast(pl.String).min())
        .group_by("file", "reason")
        .agg(rows=pl.len())
        .sort("file", "reason")
    )


def rejects_of(rest: pl.DataFrame) -> pl.DataFrame:
    """Return the rejected rows as REJECTS, in order of file, row, rule and value."""
    return (
        rest.filter(C("fate") == "reject")
        .select(export=C("file").cast(pl.String), row="record", rule="reject", value="value")
        .cast(pl.Schema(REJECTS))
        .unique()
        .sort("export", "row", "rule", "value")
    )
