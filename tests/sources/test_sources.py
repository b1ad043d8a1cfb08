"""What holds for every source kpiaudit ships: one runner over their names, samples and goldens."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path

import polars as pl
import pytest

from kpiaudit.audit import Reading, Request
from kpiaudit.exports.claiming import by_signature
from kpiaudit.ledger import message_rows
from kpiaudit.pipeline import read
from kpiaudit.policy.load import load_policy
from kpiaudit.readers.kpiaudit_messages import canonical
from kpiaudit.schema import CHANNELS
from kpiaudit.search import find
from kpiaudit.sources import NAMES, shipped
from kpiaudit.sources.base import ExportFile, Shape, Source
from kpiaudit.tables import csv_text

Golden = Callable[[str, str | bytes], None]
SHOWN = 60
"""Characters of a message's text a golden keeps."""
HOW_TO_EXPORT = re.compile(r" > |export|download|\bAPI\b|normalize", re.IGNORECASE)
WHICH_ZONE = re.compile(r"\bUTC\b|\boffset|\bzone\b|\blocal time", re.IGNORECASE)
WHAT_IS_MISSING = re.compile(r"\b(cannot|not|no|nothing|only|without|never|none)\b", re.IGNORECASE)

pytestmark = pytest.mark.parametrize("name", NAMES)


def source_named(name: str) -> Source:
    found: Source = import_module(f"kpiaudit.sources.{name}").SOURCE
    return found


def request_for(folder: Path) -> Request:
    """A run over a folder of samples under their policy, without the mappings of the user's own."""
    settings = replace(load_policy(folder.parent / "kpiaudit.toml"), sources=())
    return Request((str(folder),), settings, all_columns=True, text=True)


def told(reading: Reading) -> pl.DataFrame:
    """Rejected rows one by one, skipped rows counted by reason."""
    skipped = reading.gathered.reasons.select(
        export=pl.col("file").cast(pl.String),
        row=pl.lit(None, pl.UInt32),
        rule="skipped: " + pl.col("reason").cast(pl.String),
        value=pl.col("rows").cast(pl.String),
    ).sort("export", "rule")
    return pl.concat(
        [reading.gathered.rejects.sort("export", "row"), skipped], how="vertical_relaxed"
    )


def as_found(shape: Shape) -> list[ExportFile]:
    """A file of each kind a shape takes, with the columns it must have and no others."""
    columns = tuple(sorted(shape.columns))
    return [ExportFile(Path("x"), "x", kind, columns) for kind in shape.kinds]


def test_the_source_is_called_as_its_module(name: str) -> None:
    source = source_named(name)
    assert source.name == name
    assert source.title
    assert source.constants.get("channel", "other") in CHANNELS


def test_every_file_of_the_sample_is_claimed_by_this_source_alone(
    name: str, sample_exports: Path
) -> None:
    found = find(request_for(sample_exports / name))
    assert [claim.source.name for claim in found.claims] == [name]
    assert found.unclaimed == ()
    assert [file for file in found.ignored if file.reason != "hidden"] == []
    assert len(found.claims[0].files) > 0


def test_no_other_source_takes_what_the_signature_describes(name: str) -> None:
    for shape in source_named(name).shapes.values():
        for file in as_found(shape):
            source, _, _ = by_signature(file, shipped())
            assert source.name == name


def test_the_sample_gives_the_golden_messages(
    name: str, sample_exports: Path, golden: Golden
) -> None:
    rows = canonical(message_rows(read(request_for(sample_exports / name))), text=True)
    if "text" in rows.columns:
        rows = rows.with_columns(pl.col("text").str.slice(0, SHOWN))
    assert not rows.is_empty()
    golden(f"messages/{name}.csv", csv_text(rows))


def test_the_sample_gives_the_rejects_and_skipped_rows_listed(
    name: str, sample_exports: Path, golden: Golden, root: Path
) -> None:
    reading = read(request_for(sample_exports / name))
    counts = reading.gathered.counts
    fates = sum(counts[fate].sum() for fate in ("used", "duplicate", "reject", "skipped"))
    assert counts["rows"].sum() == fates
    listed = told(reading)
    if listed.is_empty():
        assert not (root / "tests" / "golden" / "rejects" / f"{name}.csv").exists()
    else:
        golden(f"rejects/{name}.csv", csv_text(listed))


def test_the_docstring_says_how_to_export_what_is_missing_and_which_zone(name: str) -> None:
    text = import_module(f"kpiaudit.sources.{name}").__doc__ or ""
    for says in (HOW_TO_EXPORT, WHAT_IS_MISSING, WHICH_ZONE):
        assert says.search(text), f"{name} does not say {says.pattern}"


def test_the_readme_lists_the_source(name: str, root: Path) -> None:
    assert f"\n| `{name}` |" in (root / "README.md").read_text(encoding="utf-8")
