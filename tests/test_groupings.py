"""Tables by what follows from other columns: times on local clocks, tiers, tags."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from audits import report, sla, written
from builders import canonical_csv, timeline

if TYPE_CHECKING:
    from pathlib import Path

    from kpiaudit.report import Figures, Report

POLICY = (
    'time_zone = "Europe/Berlin"\n'
    + sla("first", "first_response", "1h")
    + '[teams.front]\ntier = 1\nagents = ["ana"]\n[teams.back]\nagents = ["ben"]\n'
)
ROWS = [
    # 2026-03-29 is the day Berlin's clocks jump from 02:00 to 03:00; 23:30 UTC the day before is 00:30 there
    *timeline("a", "2026-03-28 23:30 in tags=vip;delivery", "2026-03-28 23:40 out ana"),
    *timeline("b", "2026-03-29 01:10 in tags=vip", "2026-03-29 03:30 out ben"),
    *timeline("c", "2026-04-01 09:00 in"),
]


def by(folder: Path, *dimensions: str) -> dict[str, Figures]:
    """The groups of the only SLA in the order of the report, by their values."""
    request = written(folder, {"m.csv": canonical_csv(ROWS)}, POLICY)
    found: Report = report(replace(request, by=(dimensions,)))
    return {"|".join(group.by.values()): group.figures for group in found.slas[0].groups}


@pytest.mark.parametrize(
    ("dimension", "groups"),
    [
        ("hour", {"00": 1, "03": 1, "11": 1}),
        ("weekday", {"Wed": 1, "Sun": 2}),
        ("day", {"2026-03-29": 2, "2026-04-01": 1}),
        ("week", {"2026-03-23": 2, "2026-03-30": 1}),
        ("month", {"2026-03": 2, "2026-04": 1}),
        ("tier", {"(none)": 2, "1": 1}),
        ("tag", {"(none)": 1, "delivery": 1, "vip": 2}),
    ],
)
def test_clocks_are_grouped_as_the_reports_zone_has_it(
    tmp_path: Path, dimension: str, groups: dict[str, int]
) -> None:
    found = by(tmp_path, dimension)
    assert {name: figures.clocks for name, figures in found.items()} == groups
    assert list(found) == list(groups)


def test_times_cross_with_other_dimensions(tmp_path: Path) -> None:
    assert list(by(tmp_path, "weekday", "agent")) == ["Wed|(unassigned)", "Sun|ana", "Sun|ben"]
