"""What a source asks of polars is plain expressions: no Python runs per row of a scan."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from commands import kpiaudit

from kpiaudit.exports.discovery import discover
from kpiaudit.policy.load import load_policy
from kpiaudit.search import configured
from kpiaudit.sources import NAMES, shipped
from kpiaudit.sources.base import Claim, ReadSettings

PYTHON = ("python_udf", "opaque_python")
SAMPLES = (*NAMES, "agent_states", "help_center", "our_crm")


def claims(root: Path) -> dict[str, Claim]:
    folder = root / "sample_exports"
    settings = load_policy(folder / "kpiaudit.toml")
    mapped = {
        mapping.name: [("", mapping.files), *((join.name, join.files) for join in mapping.joins)]
        for mapping in settings.sources
    }
    sources = (*shipped(), *configured(settings))
    found = discover([str(folder)], sources, mapped=mapped).claims
    return {claim.source.name: claim for claim in found}


def plan(frame: pl.LazyFrame, *, optimized: bool) -> str:
    return frame.explain(optimized=optimized).lower()


def backwards(value: int) -> str:
    return str(value)[::-1]


def test_a_plan_that_runs_python_says_so() -> None:
    """The control: the words looked for below are those polars uses."""
    frame = pl.LazyFrame({"a": [1, 2]})
    per_value = frame.select(pl.col("a").map_elements(backwards, return_dtype=pl.String))
    per_column = frame.select(pl.col("a").map_batches(lambda column: column))
    per_frame = frame.map_batches(lambda table: table)
    for odd in (per_value, per_column, per_frame):
        for optimized in (True, False):
            assert any(word in plan(odd, optimized=optimized) for word in PYTHON)


def test_every_source_has_a_sample(root: Path) -> None:
    assert sorted(claims(root)) == sorted(SAMPLES)


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize("name", SAMPLES)
def test_no_python_runs_per_row_of_a_sample(root: Path, name: str, careful: bool) -> None:
    claim = claims(root)[name]
    settings = load_policy(root / "sample_exports" / "kpiaudit.toml")
    told = ReadSettings(time_zone=settings.time_zone, us=settings.us, text=True, careful=careful)
    frame = claim.source.read(claim.files, told)
    for optimized in (True, False):
        said = plan(frame, optimized=optimized)
        assert said.strip()
        assert not [word for word in PYTHON if word in said]


@pytest.mark.parametrize("suffix", ["csv", "ndjson", "parquet"])
def test_no_python_runs_per_row_of_canonical_messages(
    root: Path, tmp_path: Path, suffix: str
) -> None:
    export = tmp_path / f"messages.{suffix}"
    chat = root / "sample_exports" / "kpiaudit_messages"
    assert kpiaudit("normalize", chat, "--no-config", "-o", export, "--text").code == 0
    (claim,) = discover([str(export)], shipped()).claims
    frame = claim.source.read(claim.files, ReadSettings(text=True))
    for optimized in (True, False):
        assert not [word for word in PYTHON if word in plan(frame, optimized=optimized)]
