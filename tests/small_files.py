"""Files of a few lines, written, claimed by a source's own signature, and read as it reads them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from kpiaudit.exports.claiming import by_signature
from kpiaudit.exports.looking import look
from kpiaudit.sources.base import ExportFile, ReadSettings, Source

if TYPE_CHECKING:
    from kpiaudit.settings import Us

Content = str | bytes | Sequence[Mapping[str, Any]]


def claimed(source: Source, path: Path) -> ExportFile:
    """A file as the source reads it."""
    found = look(path, path.name)
    assert found is not None
    _, part, _ = by_signature(found, [source])
    return replace(found, part=part)


def read(
    source: Source,
    folder: Path,
    files: Mapping[str, Content],
    *,
    time_zone: str | None = None,
    us: Us | None = None,
    text: bool = False,
) -> pl.DataFrame:
    """The frame a source makes of files, by name: text, or records to be written as JSON."""
    found = []
    for name, content in files.items():
        data = content if isinstance(content, str | bytes) else json.dumps(content)
        (folder / name).write_bytes(data.encode() if isinstance(data, str) else data)
        found.append(claimed(source, folder / name))
    settings = ReadSettings(time_zone=time_zone, us=us, text=text)
    rows = source.read(found, settings).collect()
    if "skip" not in rows.columns:
        rows = rows.with_columns(skip=pl.lit(None, pl.String))
    order = [name for name in ("sent_at", "message_id", "export", "row") if name in rows.columns]
    return rows.sort(order)


def told(rows: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    """What was read and is used."""
    return rows.filter(pl.col("skip").is_null() & pl.col("reject").is_null()).select(columns).rows()


def refused(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    """What was refused, by file and row."""
    bad = rows.filter(pl.col("reject").is_not_null()).sort("export", "row")
    return bad.select("row", "reject", "value").unique(maintain_order=True).rows()


def skipped(rows: pl.DataFrame) -> dict[str, int]:
    """How many records were left out, by reason."""
    out = rows.drop_nulls("skip").select("export", "row", "skip").unique()
    return dict(out["skip"].value_counts().sort("skip").rows())
