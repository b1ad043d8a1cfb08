"""`kpiaudit whatif` and `breaches` on the samples: the pages a manager sees, the files a script reads."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import exchange, kpiaudit, messages

Golden = Callable[[str, str | bytes], None]
WHATIF = (
    "whatif sample_exports/ --sla social-first-response --sla social-around-the-clock "
    "--sla email-resolution --calendar always --add-day sat:18:00-22:00"
)
EARLIER = "--as-of 2026-09-24T15:30"


@pytest.fixture(autouse=True)
def in_the_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def run(line: str) -> str:
    ran = kpiaudit(*line.split(), "--quiet")
    assert (ran.code, ran.err) == (0, "")
    return ran.out


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("whatif", WHATIF),
        ("breaches", "breaches sample_exports/ --top 5"),
        ("at_risk", f"breaches sample_exports/ --at-risk {EARLIER}"),
    ],
)
def test_the_page_is_the_golden_one(
    golden: Golden, monkeypatch: pytest.MonkeyPatch, name: str, line: str, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    page = run(line)
    assert max(map(len, page.splitlines())) <= width
    golden(f"sample/{name}.{width}.txt", page)


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("whatif.json", f"{WHATIF} --target 1h --format json"),
        ("whatif.csv", f"{WHATIF} --format csv"),
        ("breaches.json", "breaches sample_exports/ --top 2 --format json"),
        ("breaches.csv", "breaches sample_exports/ --sla chat-first-response --format csv"),
        ("at_risk.json", f"breaches sample_exports/ --at-risk {EARLIER} --format json"),
        ("at_risk.csv", f"breaches sample_exports/ --at-risk {EARLIER} --format csv"),
    ],
)
def test_a_file_is_the_golden_one(golden: Golden, name: str, line: str) -> None:
    golden(f"sample/{name}", run(line))


def test_twenty_breaches_are_listed_unless_more_are_asked_for() -> None:
    for asked, expected in (("", 20), (" --top 61", 61)):
        text = run(f"breaches sample_exports --sla social-first-response --format csv{asked}")
        assert len(list(csv.DictReader(io.StringIO(text)))) == expected


def test_csv_and_json_tell_the_same() -> None:
    line = f"{WHATIF} --hours mon-sun:06:00-22:00 --goal 99 --format "
    rows = list(csv.DictReader(io.StringIO(run(f"{line}csv"))))
    found = json.loads(run(f"{line}json"))
    told = {
        (sla["name"], curve["calendar"], point["target_seconds"], point["met"], point["breached"])
        for sla in found["slas"]
        for curve in sla["curves"]
        for point in (*curve["points"], curve["tightest"])
    }
    assert told == {
        (
            row["sla"],
            row["calendar"],
            int(row["target_seconds"]),
            int(row["met"]),
            int(row["breached"]),
        )
        for row in rows
    }
    kept = [row for row in rows if row["is_tightest"] == "true"]
    assert len(kept) == sum(len(sla["curves"]) for sla in found["slas"]) == 10
    assert all(float(row["adherence"]) >= 0.99 == float(row["goal"]) for row in kept)


def test_what_they_write_is_no_export(tmp_path: Path) -> None:
    messages(tmp_path / "kept.csv", exchange("c1", 30))
    written = {
        "whatif.csv": "whatif --format csv",
        "whatif.json": "whatif --format json",
        "breaches.csv": "breaches --format csv",
        "at_risk.csv": "breaches --at-risk --format csv",
        "breaches.json": "breaches --format json",
    }
    for name, line in written.items():
        (tmp_path / name).write_text(run(f"{line} sample_exports/"), encoding="utf-8")
    found = json.loads(kpiaudit("inspect", tmp_path, "--no-config", "--format", "json").out)
    assert {file["path"] for file in found["ignored"]} == written.keys()


def test_an_sla_without_a_clock_has_no_curve(tmp_path: Path) -> None:
    kept = messages(tmp_path / "kept.csv", exchange("c1", 30))
    ran = kpiaudit("whatif", kept, "--no-config", "--since", "2027-01-01")
    assert ran.code == 0
    assert "no clock to judge" in ran.out
    assert "within  " not in ran.out
