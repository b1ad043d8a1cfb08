"""Goals on KPIs: what `[[kpi_goal]]` makes of a report, and of the gate."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import openpyxl
import pytest
from builders import canonical_csv, timeline
from commands import kpiaudit
from scores import scored, total

from kpiaudit.errors import ExitCode
from kpiaudit.renderers import html, markdown
from kpiaudit.renderers.html.cover import six
from kpiaudit.renderers.ranking import leading

if TYPE_CHECKING:
    from pathlib import Path

    from kpiaudit.report import KpiResult, Report

# ana answers at once and is rated well twice; bob answers at once and is rated badly once
ROWS = [
    *timeline("a", "09:00 in channel=chat", "09:01 out ana channel=chat", "09:05 rated rating=1"),
    *timeline("b", "10:00 in channel=chat", "10:01 out ana channel=chat", "10:05 rated rating=1"),
    *timeline("c", "11:00 in channel=email", "11:01 out bob channel=email", "11:05 rated rating=0"),
]  # fmt: skip


def goal(kpi: str, *more: str) -> str:
    """Return a `[[kpi_goal]]` table."""
    return "\n".join(["[[kpi_goal]]", f'kpi = "{kpi}"', *more, ""])


def judged(report: Report, kpi: str) -> list[KpiResult]:
    """The results a goal has judged."""
    return [one for one in report.kpis if one.kpi == kpi and one.verdict is not None]


@pytest.mark.parametrize(
    ("written", "verdict", "exit_code"),
    [
        (goal("csat", 'at_least = "66%"'), "pass", ExitCode.KEPT),
        (goal("csat", 'at_least = "67%"'), "fail", ExitCode.MISSED),
        (goal("csat", 'at_most = "70%"'), "pass", ExitCode.KEPT),
        (goal("first_response", 'at_most = "60s"'), "pass", ExitCode.KEPT),
        (goal("first_response", 'at_most = "59s"'), "fail", ExitCode.MISSED),
        (goal("conversations", "at_least = 3"), "pass", ExitCode.KEPT),
        (goal("conversations", "at_least = 4"), "fail", ExitCode.MISSED),
        (goal("csat", 'at_least = "90%"', 'when = { channel = ["chat"] }'), "pass", ExitCode.KEPT),
        (goal("csat", 'at_least = "90%"', 'when = { agent = ["bob"] }'), "fail", ExitCode.MISSED),
        (goal("csat", 'at_least = "60%"', 'goal_by = ["agent"]'), "fail", ExitCode.MISSED),
        (goal("csat", 'at_least = "0%"', 'goal_by = ["agent"]'), "pass", ExitCode.KEPT),
        (goal("csat", 'at_least = "60%"', "min_sample = 3"), "pass", ExitCode.KEPT),
        (goal("csat", 'at_least = "60%"', "min_sample = 4"), "no_data", ExitCode.NOTHING_TO_JUDGE),
        (goal("csat", 'at_least = "1%"', 'when = { channel = ["sms"] }'), "no_data", 4),
        (goal("handle_time_average", 'at_most = "5m"'), "no_data", ExitCode.NOTHING_TO_JUDGE),
        (goal("handle_time_average", 'at_most = "5m"', "allow_empty = true"), "no_data", 0),
    ],
)
def test_a_goal_is_judged_and_gates(
    tmp_path: Path, written: str, verdict: str, exit_code: int
) -> None:
    kpi = written.split('"')[1]
    found = scored(tmp_path, ROWS, written, kpis=())
    whole = [one for one in judged(found, kpi) if not one.by]
    assert [one.verdict for one in whole] == [verdict]
    assert found.exit_code == exit_code
    done = kpiaudit("check", tmp_path / "exports", "-c", tmp_path / "kpiaudit.toml")
    assert done.code == exit_code


def test_every_group_of_a_goal_is_judged_by_itself(tmp_path: Path) -> None:
    found = scored(tmp_path, ROWS, goal("csat", 'at_least = "60%"', 'goal_by = ["agent"]'), kpis=())
    verdicts = {tuple(one.by.values()): one.verdict for one in judged(found, "csat")}
    assert verdicts == {(): "fail", ("ana",): "pass", ("bob",): "fail"}


def test_two_goals_on_one_kpi_are_two_results(tmp_path: Path) -> None:
    both = goal("csat", 'at_least = "60%"') + goal("csat", 'at_most = "60%"')
    found = scored(tmp_path, ROWS, both, kpis=())
    assert [one.verdict for one in judged(found, "csat")] == ["pass", "fail"]
    assert found.verdict == "fail"


def test_goals_on_one_kpi_are_told_apart_and_held_apart(tmp_path: Path) -> None:
    """Of chats both ratings are good, of e-mail the one is not: worse than before in chats alone."""
    both = "".join(
        goal("csat", 'at_least = "99%"', f'when = {{ channel = ["{channel}"] }}')
        for channel in ("chat", "email")
    )
    scored(tmp_path, ROWS, both, kpis=())
    policy, before = tmp_path / "kpiaudit.toml", tmp_path / "before.json"
    kpiaudit("report", tmp_path / "exports", "-c", policy, "-o", before)
    gates = [gate for gate in json.loads(before.read_text())["gates"] if gate["kind"] == "kpi"]
    assert [(gate["when"], gate["value"]) for gate in gates] == [
        ({"channel": ["chat"]}, 1), ({"channel": ["email"]}, 0)
    ]  # fmt: skip
    worse = [row | ({"rating": "0"} if row.get("rating") else {}) for row in ROWS]
    (tmp_path / "exports" / "m.csv").write_text(canonical_csv(worse))
    line = (
        "check",
        tmp_path / "exports",
        "-c",
        policy,
        "--no-worse-than",
        before,
        "--tolerance",
        "0",
    )
    said = json.loads(kpiaudit(*line, "--format", "json").out)["gates"]
    assert [(gate["state"], gate["no_worse_than"]) for gate in said if gate["kind"] == "kpi"] == [
        ("fail", 1), ("held", 0)
    ]  # fmt: skip
    for form in ("text", "junit", "github"):
        told = kpiaudit(*line, "--format", form).out
        assert "csat (channel chat)" in told
        assert "csat (channel email)" in told


def test_a_restricted_goal_says_so_in_every_report(tmp_path: Path) -> None:
    when = goal("csat", 'at_least = "90%"', 'when = { channel = ["chat", "email"] }')
    found = scored(tmp_path, ROWS, when, kpis=("csat",))
    words = "channel chat or email"
    assert words in html.render(found)
    assert words in markdown.render(found)
    policy, book = tmp_path / "kpiaudit.toml", tmp_path / "r.xlsx"
    run = kpiaudit("report", tmp_path / "exports", "-c", policy, "--kpi", "csat", "-o", book)
    assert "(channel chat" in run.out
    rows = openpyxl.load_workbook(book)["KPIs"].iter_rows(values_only=True)
    header = next(rows)
    assert words in [row[header.index("when")] for row in rows]


@pytest.mark.parametrize(
    ("kpi", "bound", "restricts", "only"),
    [
        ("occupancy", '"60%"', 'goal_by = ["channel"]', "agent, team, tier"),
        ("active_hour_share", '"1%"', 'when = { channel = ["chat"] }', "agent, team, tier"),
        ("views_per_conversation", "2", 'goal_by = ["day"]', "nothing"),
    ],
)
def test_a_goal_by_what_its_kpi_cannot_be_told_by_is_refused(
    tmp_path: Path, kpi: str, bound: str, restricts: str, only: str
) -> None:
    (tmp_path / "m.csv").write_text(canonical_csv(ROWS))
    policy = tmp_path / "kpiaudit.toml"
    policy.write_text(goal(kpi, f"at_least = {bound}", restricts))
    done = kpiaudit("check", tmp_path / "m.csv", "-c", policy)
    assert done.code == ExitCode.COULD_NOT_RUN
    assert f"{kpi} cannot be told by" in done.err
    assert f"only by {only}" in done.err


def test_a_dimension_named_twice_is_one(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(canonical_csv(ROWS))
    policy = tmp_path / "kpiaudit.toml"
    policy.write_text(goal("csat", 'at_least = "60%"', 'goal_by = ["agent", "agent"]'))
    done = kpiaudit("check", tmp_path / "m.csv", "-c", policy, "--by", "agent, agent")
    assert (done.code, done.err) == (ExitCode.MISSED, "")


def test_a_table_that_cannot_be_is_said_not_left_out(tmp_path: Path) -> None:
    (tmp_path / "m.csv").write_text(canonical_csv(ROWS))
    line = ("report", tmp_path / "m.csv", "--no-config", "--kpi", "occupancy,csat")
    said = kpiaudit(*line, "--by", "channel", "--by", "agent").err
    assert said.count("occupancy cannot be told by channel; only by agent, team, tier") == 1
    assert "csat" not in said
    assert "KPIs" in kpiaudit(*line, "--format", "csv").err


def test_of_two_goals_on_a_kpi_the_first_screen_shows_the_missed_one(tmp_path: Path) -> None:
    both = goal("csat", 'at_least = "99%"') + goal("csat", 'at_least = "1%"')
    found = scored(tmp_path, ROWS, both, kpis=())
    (shown,) = [kpi for kpi in leading(found) if kpi.kpi == "csat"]
    assert (shown.verdict, shown.goal) == ("fail", 0.99)
    (tile,) = [figure for figure in six(found) if figure.name == "CSAT"]
    assert tile.state == "fail"


def test_a_goal_leaves_the_others_as_they_are(tmp_path: Path) -> None:
    found = scored(tmp_path, ROWS, goal("csat", 'at_least = "60%"'), kpis=())
    assert total(found, "conversations").verdict is None
    assert total(found, "conversations").goal is None


@pytest.mark.parametrize("given", ["csat,backlgo", "backlgo"])
def test_an_unknown_kpi_is_named_with_the_nearest(tmp_path: Path, given: str) -> None:
    (tmp_path / "m.csv").write_text(canonical_csv(ROWS), "utf-8")
    done = kpiaudit("report", tmp_path / "m.csv", "--kpi", given)
    assert done.code == ExitCode.COULD_NOT_RUN
    assert "did you mean 'backlog'?" in done.err


def test_a_bundle_counts_the_same_kpis_again(tmp_path: Path) -> None:
    exports = tmp_path / "exports"
    exports.mkdir()
    (exports / "m.csv").write_text(canonical_csv(ROWS), "utf-8")
    bundle = tmp_path / "bundle.zip"
    asked = ("--kpi", "csat,first_response", "--by", "day", "--no-config")
    assert kpiaudit("report", exports, *asked, "--evidence", bundle).code == ExitCode.KEPT
    done = kpiaudit("verify", bundle, exports)
    assert done.code == ExitCode.KEPT
    assert done.out.startswith("identical")
