"""How `kpiaudit_messages` is read; `kpiaudit.sources.kpiaudit_messages` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import polars as pl

from kpiaudit.decoding.alike import alike, scan_alike
from kpiaudit.decoding.columns import (
    GIVEN,
    Fault,
    boolean,
    closed,
    filled,
    first_fault,
    in_zone,
    instant,
    instant_faults,
    join_tags,
    missing,
    negative,
    number,
    outside,
    seconds,
    split_tags,
    unread,
)
from kpiaudit.errors import ExportError, nearest
from kpiaudit.inert import FORMULA, GUARD
from kpiaudit.schema import (
    CHANNELS,
    DURATION,
    EVENTS,
    GRAINS,
    INSTANT,
    MESSAGES,
    PRIORITIES,
    REQUIRED,
    ROLES,
    VISIBILITIES,
)
from kpiaudit.sources.base import ExportFile, ReadSettings, normal

if TYPE_CHECKING:
    from collections.abc import Sequence

Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
OPTIONAL = ("reply_to", "is_partial", "has_boundaries")
KNOWN = (*MESSAGES, *OPTIONAL)
VOCABULARIES = {
    "event": EVENTS,
    "author_role": ROLES,
    "grain": GRAINS,
    "channel": CHANNELS,
    "visibility": VISIBILITIES,
    "priority": PRIORITIES,
}
BOOLEANS = ("is_automated", "is_partial", "has_boundaries")
RANGES = {"rating": (0.0, 1.0), "sentiment": (-1.0, 1.0)}
WRITTEN_AT = "%Y-%m-%dT%H:%M:%S%.6fZ"
READ = "\0"
"""Before the name of a column already read, beside the text it was read from."""


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per record, in the MESSAGES columns the files have.

    Raises `ExportError` for a file without a required column, or of instants without a zone.
    """
    return pl.concat([read_files(group, settings) for group in alike(files)], how="diagonal")


def read_files(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the rows of files that are alike."""
    file = files[0]
    wanted = KNOWN if file.kind == "ndjson" else None
    table = scan_alike(files, careful=settings.careful, columns=wanted)
    if file.kind == "csv":
        table = table.with_columns(unguarded(pl.selectors.string() - pl.selectors.by_name(*GIVEN)))
    schema = table.collect_schema()
    names = column_names(file, schema.names())
    values: dict[str, pl.Expr] = {}
    faults: list[Fault] = []
    for name, column in names.items():
        if name in {"export", "row"}:
            continue
        values[name] = read_column(
            name, column, schema[column], time_zone=settings.time_zone, where=file.name
        )
        faults += rules_of(name, pl.col(column), schema[column])
    faults += [missing(name, pl.col(READ + name)) for name in REQUIRED]
    rows = table.with_columns(value.alias(READ + name) for name, value in values.items())
    return rows.with_columns(first_fault(faults)).select(
        *(pl.col(READ + name).alias(name) for name in values),
        *evidence(names),
        "reject",
        "value",
    )


def unguarded(text: pl.Expr) -> pl.Expr:
    """Return text without the apostrophe that keeps a spreadsheet from running it."""
    return pl.when(text.str.contains(f"^{GUARD}{FORMULA}")).then(text.str.slice(1)).otherwise(text)


def column_names(file: ExportFile, header: Sequence[str]) -> dict[str, str]:
    """Return our name to the column that holds it. Raises `ExportError` when a required one is missing."""
    own = {f"file.{name}": name for name in GIVEN}
    found: dict[str, str] = {}
    for column in header:
        name = own.get(column) or normal(column)
        if name in KNOWN and column not in GIVEN:
            found.setdefault(name, column)
    lacking = [name for name in REQUIRED if name not in found]
    if file.kind == "ndjson":
        lacking = [name for name in lacking if name not in file.columns]
    if lacking:
        hints = [nearest(name, file.columns).removeprefix("; ") for name in lacking]
        raise ExportError(
            f"has no column {', '.join(lacking)}",
            where=file.name,
            hint=" ".join(filter(None, hints)) or f"its columns are {', '.join(file.columns[:6])}",
        )
    return found


def read_column(
    name: str, column: str, kind: pl.DataType, *, time_zone: str | None, where: str
) -> pl.Expr:
    """Return one MESSAGES column, from text or from a Parquet column of its own type."""
    source = pl.col(column)
    if name == "sent_at" and isinstance(kind, pl.Datetime):
        return stored_instant(source, kind, time_zone=time_zone, where=where)
    if name == "handle_time" and isinstance(kind, pl.Duration):
        return source.cast(DURATION)
    if name == "tags" and isinstance(kind, pl.List):
        tags = source.cast(pl.List(pl.String))
        return pl.when(tags.list.len() > 0).then(tags)
    if isinstance(kind, pl.List | pl.Struct | pl.Array | pl.Duration | pl.Binary):
        raise ExportError(f"column {column!r} holds {kind}, expected text", where=where)
    return from_text(name, as_text(source, kind), time_zone)


def as_text(source: pl.Expr, kind: pl.DataType) -> pl.Expr:
    """Return a column as text, whatever simple type it has."""
    return source if kind == pl.String else source.cast(pl.String)


def stored_instant(
    source: pl.Expr, kind: pl.Datetime, *, time_zone: str | None, where: str
) -> pl.Expr:
    """Return a Parquet timestamp as INSTANT."""
    if kind.time_zone is not None:
        return source.dt.cast_time_unit("us").dt.convert_time_zone("UTC")
    if time_zone is None:
        raise ExportError(
            "'sent_at' has no time zone", where=where, hint='say which: time_zone = "Europe/Berlin"'
        )
    return in_zone(source.dt.cast_time_unit("us"), time_zone)


def from_text(name: str, text: pl.Expr, time_zone: str | None) -> pl.Expr:
    """Return one MESSAGES column read from text."""
    if name == "sent_at":
        return instant(text, time_zone=time_zone)
    if name in VOCABULARIES:
        return closed(text, VOCABULARIES[name])
    if name in BOOLEANS:
        return boolean(text)
    if name in RANGES:
        return number(text)
    if name == "handle_time":
        return seconds(text)
    return split_tags(text) if name == "tags" else filled(text)


def rules_of(name: str, source: pl.Expr, kind: pl.DataType) -> list[Fault]:
    """Return what a column must keep, once it has been read."""
    value = pl.col(READ + name)
    if name == "handle_time" and isinstance(kind, pl.Duration):
        return [negative(name, seconds_text(source), value)]
    text = as_text(source, kind)
    if name == "sent_at":
        return instant_faults(name, text, value)
    if name in VOCABULARIES:
        return [unread(f"{name}: unknown word", text, value)]
    if name in BOOLEANS:
        return [unread(f"{name}: neither true nor false", text, value)]
    if name in RANGES:
        low, high = RANGES[name]
        not_a_number = unread(f"{name}: not a number", text, value)
        return [not_a_number, outside(name, text, value, low, high)]
    if name == "handle_time":
        not_a_number = unread(f"{name}: not a number", text, value)
        return [not_a_number, negative(name, text, value)]
    return []


def seconds_text(length: pl.Expr) -> pl.Expr:
    """Return a duration as the text of its seconds."""
    return (length.dt.total_microseconds() / 1e6).cast(pl.String)


def evidence(names: dict[str, str]) -> list[pl.Expr]:
    """Return `export` and `row`: the file's own, or what it tells of each row, then with its own as
    `file` and `record`; a reject is looked for in the file itself.
    """
    if "export" not in names or "row" not in names:
        return [pl.col("export"), pl.col("row")]
    export = filled(pl.col(names["export"]).cast(pl.String))
    row = pl.col(names["row"]).cast(pl.UInt32, strict=False)
    is_told = export.is_not_null() & row.is_not_null() & pl.col("reject").is_null()
    return [
        pl.when(is_told).then(export).otherwise("export").alias("export"),
        pl.when(is_told).then(row).otherwise("row").alias("row"),
        pl.col("export").alias("file"),
        pl.col("row").alias("record"),
    ]


def unknown_columns(file: ExportFile) -> tuple[str, ...]:
    """Return the columns of a file that are not read, in its order."""
    return tuple(column for column in file.columns if normal(column) not in KNOWN)


def canonical(frame: Frame, *, text: bool) -> Frame:
    r"""Return messages as CSV and NDJSON hold them: every column but numbers and Booleans as String.

    Instants are ISO 8601 with microseconds and `Z`, `handle_time` seconds, tags joined by `;` with `\;`
    for one inside a tag. Reading gives the same rows, but empty text and empty lists are null then.
    """
    have = frame.lazy().collect_schema()
    names = [name for name in KNOWN if name in have and (text or name != "text")]
    return frame.select(written(name, have[name]).alias(name) for name in names)


def written(name: str, kind: pl.DataType) -> pl.Expr:
    """Return one column of MESSAGES as it is written."""
    column = pl.col(name)
    if isinstance(kind, pl.Datetime):
        return column.cast(INSTANT).dt.strftime(WRITTEN_AT)
    if isinstance(kind, pl.Duration):
        return column.dt.total_microseconds() / 1e6
    if isinstance(kind, pl.List):
        return filled(join_tags(column))
    if kind.is_numeric() or kind == pl.Boolean:
        return column
    return filled(column.cast(pl.String))
