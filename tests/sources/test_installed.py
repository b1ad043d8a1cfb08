"""Sources that other packages bring, seen from outside: a package is installed, the program run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SOURCE = """
import polars as pl
from kpiaudit.sources.base import Shape, Source

def read(files, settings):
    frames = [
        pl.scan_csv(file.path, infer_schema=False, row_index_name="row", row_index_offset=1).select(
            export=pl.lit(file.name),
            row="row",
            conversation_id="Fall",
            message_id="Nr",
            sent_at=pl.col("Zeit").str.to_datetime("%Y-%m-%dT%H:%M:%SZ", time_zone="UTC"),
            event="Richtung",
            reject=pl.lit(None, pl.String),
            value=pl.lit(None, pl.String),
        )
        for file in files
    ]
    return pl.concat(frames)

SOURCE = Source(
    name="acme_csv",
    system="acme",
    title="Acme desk, CSV",
    shapes={"messages": Shape(("csv",), frozenset({"Fall", "Nr", "Zeit", "Richtung"}))},
    read=read,
    constants={"channel": "email"},
)
NOT_ONE = 7
NAMED_OTHERWISE = SOURCE
"""
ROWS = """Fall,Nr,Zeit,Richtung
a,1,2026-09-01T09:00:00Z,inbound
a,2,2026-09-01T09:10:00Z,outbound
b,3,2026-09-01T09:00:00Z,inbound
b,4,2026-09-01T11:00:00Z,outbound
"""


def run(site: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kpiaudit", *arguments],
        capture_output=True,
        text=True,
        check=False,
        cwd=site,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(site), str(ROOT)])},
    )


def install(site: Path, entries: str, module: str = SOURCE) -> None:
    """Lay a package into `site` as pip would, with these lines in its group."""
    (site / "acme_source.py").write_text(module, encoding="utf-8")
    info = site / "acme_source-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: acme-source\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[kpiaudit.sources]\n{entries}\n", encoding="utf-8")


def test_an_installed_source_is_listed_and_claims_and_reads_its_files(tmp_path: Path) -> None:
    install(tmp_path, "acme_csv = acme_source:SOURCE")
    (tmp_path / "fall.csv").write_text(ROWS, encoding="utf-8")
    listed = run(tmp_path, "sources")
    assert "acme_csv" in listed.stdout
    assert listed.stderr == ""
    checked = run(tmp_path, "report", "fall.csv", "--no-config", "--format", "csv")
    assert checked.returncode == 0
    total = dict(zip(*(line.split(",") for line in checked.stdout.splitlines()[:2]), strict=True))
    assert (total["met"], total["breached"]) == ("1", "1")


@pytest.mark.parametrize(
    ("entry", "module", "reason"),
    [
        ("acme_csv = acme_source:SOURCE", "raise RuntimeError('no licence')", "no licence"),
        ("acme_csv = acme_source:MISSING", SOURCE, "MISSING"),
        ("acme_csv = acme_source:NOT_ONE", SOURCE, "acme_source:NOT_ONE is int, not a"),
        ("other = acme_source:NAMED_OTHERWISE", SOURCE, "it calls itself acme_csv"),
        (
            "twitter_twcs = acme_source:SOURCE",
            SOURCE.replace("acme_csv", "twitter_twcs"),
            "another source has that name",
        ),
    ],
)
def test_a_broken_source_is_one_line_on_stderr_and_no_more(
    tmp_path: Path, entry: str, module: str, reason: str
) -> None:
    install(tmp_path, entry, module)
    listed = run(tmp_path, "sources")
    assert listed.returncode == 0
    (line,) = listed.stderr.splitlines()
    assert f"source {entry.split(maxsplit=1)[0]} of acme-source left out: " in line
    assert reason in line
    (tmp_path / "m.csv").write_text(
        "conversation_id,sent_at,event\na,2026-09-01T09:00:00Z,inbound\n"
        "b,2026-09-01T11:00:00Z,inbound\n",
        encoding="utf-8",
    )
    checked = run(tmp_path, "check", "m.csv", "--no-config")
    assert checked.returncode == 1
    assert checked.stderr.count("left out") == 1
