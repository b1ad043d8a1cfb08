"""A terminal's tables of KPIs are cut before results are made of them, and look as if they were not."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from audits import report, written
from builders import canonical_csv, timeline
from commands import kpiaudit
from scores import PROMISE, scored

from kpiaudit.kpis.catalogue import IDS
from kpiaudit.renderers.ranking import shown_of, tables_of
from kpiaudit.summary import FIGURES

STATISTICS = [name for name in FIGURES if name.endswith("_seconds")]
GOALS = """
[[kpi_goal]]
kpi = "first_response"
at_most = "1h"
goal_by = ["channel"]

[[kpi_goal]]
kpi = "conversations"
at_least = 10
"""


def talks(seed: int) -> list[dict[str, str]]:
    """Forty conversations of five agents, or of nobody, on eight days; many groups are of one size."""
    chance = random.Random(seed)
    rows = []
    for number in range(40):
        day, agent = f"2026-09-{chance.randrange(7, 15):02}", chance.choice("abcde-")
        kind = chance.choice(
            ["channel=chat tags=vip;late", "channel=email category=delivery", "channel=email"]
        )
        lines = [f"{day} 09:00 in {kind}"]
        lines += [f"{day} 10:{number:02} out {agent}"] if agent != "-" else []
        lines += [f"{day} 11:00 in"] * chance.randrange(3)
        lines += [f"{day} 12:00 status resolved"] * chance.randrange(2)
        rows += timeline(f"c{number}", *lines)
    return rows


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("policy", ["", GOALS])
def test_a_short_run_prints_what_a_whole_one_does(tmp_path: Path, seed: int, policy: str) -> None:
    (tmp_path / "m.csv").write_text(canonical_csv(talks(seed)), encoding="utf-8")
    (tmp_path / "kpiaudit.toml").write_text(policy + PROMISE, encoding="utf-8")
    line = (
        "report", tmp_path / "m.csv", "-c", tmp_path / "kpiaudit.toml", "--kpi", "all", "--top", "3",
        "--by", "agent,day", "--by", "agent", "--by", "day", "--by", "category", "--by", "weekday",
        "--by", "channel", "--by", "tag,day", "--by", "hour,priority",
    )  # fmt: skip
    short = kpiaudit(*map(str, line)).out
    whole = kpiaudit(*map(str, line), "-o", str(tmp_path / "whole.json")).out
    assert short == whole
    assert "KPIs by agent and day" in short
    assert "more" in short.split("KPIs by agent and day", 1)[1].split("KPIs by", 1)[0]


def test_no_more_results_are_made_than_are_shown(tmp_path: Path) -> None:
    rows = talks(1)
    request = written(tmp_path, {"m.csv": canonical_csv(rows)}, PROMISE)
    by = (("agent", "day"), ("day",))
    short = report(replace(request, by=by, kpis=IDS, groups=2))
    whole = scored(tmp_path / "whole", rows, by=by)
    for names in by:
        groups = {tuple(kpi.by.values()) for kpi in short.kpis if tuple(kpi.by) == names}
        all_groups = {tuple(kpi.by.values()) for kpi in whole.kpis if tuple(kpi.by) == names}
        assert 2 <= len(groups) <= 3
        assert groups < all_groups
        assert short.kpi_groups[names] == len(all_groups)
    told = {(kpi.kpi, *kpi.by.items()): kpi for kpi in whole.kpis}
    assert all(told[kpi.kpi, *kpi.by.items()] == kpi for kpi in short.kpis)
    assert [kpi for kpi in whole.kpis if not kpi.by] == [kpi for kpi in short.kpis if not kpi.by]


def test_no_statistics_are_made_of_groups_that_are_not_shown(tmp_path: Path) -> None:
    request = written(tmp_path, {"m.csv": canonical_csv(talks(1))}, PROMISE)
    request = replace(request, by=(("agent",), ("agent", "day")))
    short, whole = report(replace(request, groups=2)).slas[0], report(request).slas[0]
    assert [group.by for group in short.groups] == [group.by for group in whole.groups]
    nothing: dict[str, Any] = dict.fromkeys(STATISTICS)
    told = {
        tuple(ours.by.items()): (ours, theirs)
        for ours, theirs in zip(short.groups, whole.groups, strict=True)
        if theirs.figures.n
    }
    for dimensions, ranked in tables_of(whole):
        shown = {tuple(group.by.items()) for group in shown_of(ranked, 2)}
        rest = {key for key, (ours, _) in told.items() if not ours.figures.n}
        assert all(ours == theirs for key, (ours, theirs) in told.items() if key in shown), (
            dimensions
        )
        assert rest
        assert all(
            replace(theirs.figures, **nothing, n=0) == ours.figures
            for key, (ours, theirs) in told.items()
            if key in rest
        )


def test_tables_of_goals_are_judged_whole(tmp_path: Path) -> None:
    request = written(tmp_path, {"m.csv": canonical_csv(talks(2))}, GOALS + PROMISE)
    found = report(replace(request, by=(("channel",),), kpis=IDS, groups=1))
    judged = {kpi.by["channel"] for kpi in found.kpis if kpi.verdict and kpi.by}
    assert judged == {"chat", "email"}
