"""Overlapping exports: one copy of a message counts, and whose it is is told."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import exchange, messages

from kpiaudit.audit import Request
from kpiaudit.pipeline import read
from kpiaudit.settings import DEFAULT_SETTINGS


@pytest.fixture
def overlaps(tmp_path: Path) -> list[tuple[str, str, int]]:
    first, second, third = (exchange(f"c{n}", 5, day=n) for n in (1, 2, 3))
    messages(tmp_path / "september.csv", [*first, *second])
    messages(tmp_path / "early.csv", first)
    messages(tmp_path / "late.csv", [*second, *third, *third])
    reading = read(Request((str(tmp_path),), DEFAULT_SETTINGS))
    return reading.gathered.overlaps.rows()


def test_each_file_names_the_file_its_duplicates_were_kept_from(
    overlaps: list[tuple[str, str, int]],
) -> None:
    assert overlaps == [
        ("early.csv", "september.csv", 2),
        ("late.csv", "late.csv", 2),
        ("september.csv", "late.csv", 2),
    ]
