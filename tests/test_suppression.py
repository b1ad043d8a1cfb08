"""Small groups are not shown, and cannot be worked out from what is."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest
from commands import exchange, kpiaudit, messages
from hypothesis import given
from hypothesis import strategies as st
from report_figures import figures, group
from reports import a_report

from kpiaudit.suppression import suppressed


@given(st.lists(st.integers(1, 30), min_size=1, max_size=8), st.integers(1, 10))
def test_no_small_group_is_shown_or_left_over(sizes: list[int], least: int) -> None:
    groups = tuple(group("agent", f"a{i}", figures(size, 0)) for i, size in enumerate(sizes))
    sla = replace(a_report().slas[0], groups=groups)
    (found,) = suppressed(replace(a_report(), slas=(sla,)), least).slas
    shown = [one.figures.clocks for one in found.groups]
    left, hidden = sum(sizes) - sum(shown), len(sizes) - len(shown)
    assert all(size >= least for size in shown)
    assert not hidden or not shown or (hidden >= 2 and left >= least)
    if min(sizes) >= least:
        assert len(shown) == len(sizes)


def test_a_report_shows_no_small_group_and_no_breach_of_it(tmp_path: Path) -> None:
    rows = [row for i in range(6) for row in exchange(f"a{i}", 30, agent="Ana")]
    rows += [row for i in range(7) for row in exchange(f"c{i}", 30, agent="Cem")]
    rows += [row for i in range(9) for row in exchange(f"d{i}", 30, agent="Dora")]
    rows += exchange("b", 300, agent="Ben")
    export = messages(tmp_path / "x.csv", rows)
    ran = kpiaudit("report", export, "--no-config", "--min-group", "5", "--format", "json")
    found = json.loads(ran.out)
    agents = {g["by"]["agent"] for g in found["slas"][0]["groups"] if "agent" in g["by"]}
    assert agents == {"Cem", "Dora"}  # Ben alone would be what the others leave of the total
    assert [breach["agent"] for breach in found["breaches"]] == ["(withheld)"]
    assert "Ben" not in ran.out
    assert "groups of fewer than 5 clocks are not shown" in found["privacy"][1]


def test_evidence_of_every_clock_is_refused(tmp_path: Path) -> None:
    export = messages(tmp_path / "x.csv", exchange("a", 30))
    line = ["report", str(export), "--min-group", "5", "--evidence", str(tmp_path / "e.zip")]
    assert kpiaudit(*line).code == 2


@pytest.mark.parametrize("least", [0, 1])
def test_no_group_is_too_small_unless_asked(least: int) -> None:
    assert suppressed(a_report(), least).slas == a_report().slas
