"""Exports of a few lines, written to files, claimed by their signature and read by one source."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from kpiaudit.exports.looking import look
from kpiaudit.sources.base import ExportFile, ReadSettings, Source

Record = dict[str, Any]
UNSET = ReadSettings()


def claimed(source: Source, path: Path) -> ExportFile:
    """The file as the one part of the source whose signature it has."""
    found = look(path, path.name)
    assert found is not None
    fits = [part for part, shape in source.shapes.items() if shape.lacks(found) == frozenset()]
    assert len(fits) == 1, f"{path.name} fits {fits}"
    return replace(found, part=fits[0])


def is_claimed(source: Source, path: Path) -> bool:
    found = look(path, path.name)
    return found is not None and any(
        shape.lacks(found) == frozenset() for shape in source.shapes.values()
    )


def written(folder: Path, files: Mapping[str, str]) -> list[Path]:
    paths = [folder / name for name in files]
    for path, text in zip(paths, files.values(), strict=True):
        path.write_text(text, encoding="utf-8", newline="")
    return paths


def rows_of(
    source: Source, folder: Path, files: Mapping[str, str], settings: ReadSettings = UNSET
) -> pl.DataFrame:
    """Every row of the files as the source reads them, in the order of time."""
    exports = [claimed(source, path) for path in written(folder, files)]
    frame = source.read(exports, settings).collect()
    return frame.with_columns(
        pl.lit(None).alias(name)
        for name in ("reject", "skip", "value", "status", "message_id")
        if name not in frame.columns
    ).sort("sent_at", "message_id", "export", "row")


def told(rows: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """Columns of the rows that are messages."""
    return rows.filter(pl.col("skip").is_null() & pl.col("reject").is_null()).select(columns).rows()


def refused(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    rejects = rows.filter(pl.col("reject").is_not_null())
    return rejects.select("row", "reject", "value").unique(maintain_order=True).rows()


def at(rows: pl.DataFrame, event: str) -> list[str]:
    """The instants of one event, as ISO 8601 to the second."""
    sent = rows.filter(pl.col("event") == event)["sent_at"].drop_nulls()
    return sent.dt.strftime("%Y-%m-%dT%H:%M:%SZ").to_list()


def page(key: str, records: Sequence[Record]) -> str:
    return json.dumps({key: records})


def csv_text(header: Sequence[str], *rows: Sequence[str]) -> str:
    buffer = io.StringIO()
    csv.writer(buffer).writerows([header, *rows])
    return buffer.getvalue()
