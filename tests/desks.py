"""Help desk exports of a few lines: written to files, claimed by their signature, read back."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from kpiaudit.exports.claiming import by_signature
from kpiaudit.exports.looking import look
from kpiaudit.settings import Us
from kpiaudit.sources.base import ExportFile, ReadSettings, Source

Record = dict[str, Any]
PLAIN = ReadSettings(text=True, us=Us())


def ndjson(records: Iterable[Record]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def table(rows: Sequence[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return out.getvalue()


def looked_at(source: Source, folder: Path, files: Mapping[str, str]) -> list[ExportFile]:
    found = []
    for name, text in files.items():
        path = folder / name
        path.write_text(text, encoding="utf-8")
        file = look(path, name)
        assert file is not None
        _, part, _ = by_signature(file, [source])
        found.append(replace(file, part=part))
    return found


def read(
    source: Source, folder: Path, files: Mapping[str, str], settings: ReadSettings = PLAIN
) -> pl.DataFrame:
    """Every row of the files, in the order of a timeline."""
    frame = source.read(looked_at(source, folder, files), settings).collect()
    empty = [name for name in ("reject", "skip", "value", "status") if name not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in empty).sort(
        "conversation_id", "sent_at", "message_id", nulls_last=True
    )


def told(rows: pl.DataFrame, *columns: str, event: str | None = None) -> list[Any]:
    """The columns of used rows, as tuples, or as values where it is one column."""
    used = rows.filter(pl.col("reject").is_null() & pl.col("skip").is_null())
    if event:
        used = used.filter(pl.col("event").cast(pl.String) == event)
    return used[columns[0]].to_list() if len(columns) == 1 else used.select(columns).rows()


def times(rows: pl.DataFrame, event: str) -> list[str]:
    """The instants of one event, as `DD HH:MM:SS` of UTC."""
    used = rows.filter((pl.col("event").cast(pl.String) == event) & pl.col("skip").is_null())
    return used["sent_at"].dt.strftime("%d %H:%M:%S").to_list()


def refused(rows: pl.DataFrame) -> list[tuple[int, str, str]]:
    rejects = rows.filter(pl.col("reject").is_not_null())
    return rejects.select("row", pl.col("reject", "value").cast(pl.String)).rows()


def skipped(rows: pl.DataFrame) -> list[tuple[int, str]]:
    left = rows.filter(pl.col("skip").is_not_null())
    return left.select("row", pl.col("skip").cast(pl.String)).unique(maintain_order=True).rows()
