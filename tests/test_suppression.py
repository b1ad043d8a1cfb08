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

from kpiaudit import suppression
from kpiaudit.report import Claim, ModelResult
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


def test_groups_are_looked_at_once_however_many_breaches_there_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    looked: list[dict[str, str]] = []
    named = suppression.key

    def spy(by: dict[str, str]) -> tuple[tuple[str, str], ...]:
        looked.append(by)
        return named(by)

    monkeypatch.setattr(suppression, "key", spy)
    report = a_report()
    counts = []
    for times in (1, 50):
        looked.clear()
        suppressed(replace(report, breaches=report.breaches * times), 2)
        counts.append(len(looked))
    assert counts[0] == counts[1] > 0


@pytest.mark.parametrize(
    "line",
    [
        "report {} --evidence {out}.zip",
        "report {} -o {out}.xlsx",
        "check {} -o {out}.xlsx",
        "clocks {}",
        "normalize {}",
        "explain {} a",
    ],
)
def test_what_lists_every_clock_or_message_is_refused(tmp_path: Path, line: str) -> None:
    export = messages(tmp_path / "x.csv", exchange("a", 30))
    told = line.format(export, out=tmp_path / "e").split()
    assert kpiaudit(*told, "--no-config").code in {0, 1}
    ran = kpiaudit(*told, "--no-config", "--min-group", "5")
    assert (ran.code, ran.out) == (2, "")
    assert "--min-group 0" in ran.err


def small_and_large(folder: Path) -> Path:
    """Clocks: Ana 7, one of them late; Cem 7; Ben 3, late; Dora 2, of which one is still to be answered."""
    rows = [row for i in range(6) for row in exchange(f"a{i}", 30, agent="Ana")]
    rows += exchange("late", 90, agent="Ana")
    rows += [row for i in range(7) for row in exchange(f"c{i}", 30, agent="Cem")]
    rows += [row for i in range(3) for row in exchange(f"b{i}", 300, agent="Ben")]
    rows += [*exchange("e", 30, agent="Dora"), "d,d-1,2026-09-01T14:10:00Z,inbound,email,Dora"]
    return messages(folder / "x.csv", rows)


@pytest.mark.parametrize("form", ["text", "json", "csv"])
def test_a_list_of_breaches_names_no_agent_of_few_clocks(tmp_path: Path, form: str) -> None:
    export = small_and_large(tmp_path)
    line = ["breaches", str(export), "--no-config", "-q", "--format", form]
    assert {"Ana", "Ben"} <= named(kpiaudit(*line).out)
    few = kpiaudit(*line, "--min-group", "4").out
    assert named(few) == {"Ana"}
    assert "(withheld)" in few


def named(text: str) -> set[str]:
    return {name for name in ("Ana", "Ben", "Cem", "Dora") if name in text}


def test_what_is_about_to_breach_names_no_agent_of_few_clocks(tmp_path: Path) -> None:
    line = ["breaches", str(small_and_large(tmp_path)), "--no-config", "-q", "--at-risk"]
    assert named(kpiaudit(*line).out) == {"Dora"}
    few = kpiaudit(*line, "--min-group", "4").out
    assert named(few) == set()
    assert "d" in few
    assert "(withheld)" in few


@pytest.mark.parametrize("least", [4, 8, 50])
def test_a_comparison_holds_no_small_group_and_none_that_gives_one_away(
    tmp_path: Path, least: int
) -> None:
    line = ["compare", str(small_and_large(tmp_path)), "--no-config", "--by", "agent"]
    assert {"Ana", "Ben", "Cem"} <= named(kpiaudit(*line).out)
    ran = kpiaudit(*line, "--min-group", str(least))
    assert (ran.code, named(ran.out + ran.err)) == (0, {"Ana", "Cem"} if least == 4 else set())
    ran = kpiaudit(*line, "--min-group", str(least), "--against", "Ben")
    assert (ran.code, named(ran.out)) == (2, set())


def test_a_model_claims_nothing_of_a_few() -> None:
    few, many = (
        Claim("x", 0.5, "share", n, f"{n} told") for n in (2, 5)
    )  # fmt: skip
    models = tuple(ModelResult("blended", team, (few, many)) for team in ("", "night"))
    shown = suppressed(replace(a_report(), models=models), 3).models
    assert [[claim.n for claim in model.claims] for model in shown] == [[2, 5], [5]]


@pytest.mark.parametrize("least", [0, 1])
def test_no_group_is_too_small_unless_asked(least: int) -> None:
    assert suppressed(a_report(), least).slas == a_report().slas
