"""`kpiaudit compare` from files to the page: folders, periods, groups, and what it refuses."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
from commands import exchange, kpiaudit, messages

from kpiaudit.cli.compares import folder_names

HEADER = "conversation_id,message_id,sent_at,event,channel,team"
MONDAY = datetime(2026, 9, 7, 10, tzinfo=UTC)
POLICY = """
[[sla]]
name = "first"
metric = "first_response"
target = "1h"
goal = "90%"

[teams.desk]
model = "designated"
sourcing = "internal"

[teams.partner]
sourcing = "outsourced"
"""


def asked(team: str, channel: str, number: int, minutes: float) -> list[str]:
    """A question on a Monday at 10:00, and its answer by the team."""
    name, answered = f"{team}-{channel}-{number}", MONDAY + timedelta(minutes=minutes)
    return [
        f"{name},{name}-1,{MONDAY:%Y-%m-%dT%H:%M:%SZ},inbound,{channel},{team}",
        f"{name},{name}-2,{answered:%Y-%m-%dT%H:%M:%SZ},outbound,{channel},{team}",
    ]


def team_rows(team: str, **mix: int) -> list[str]:
    """Whoever answers: mail in 40 to 139 minutes, chat in 1 to 70, the same for every team."""
    longest = {"email": (40, 100), "chat": (1, 70)}
    rows: list[str] = []
    for channel, count in mix.items():
        first, span = longest[channel]
        for number in range(count):
            rows += asked(team, channel, number, first + span * number / count)
    return rows


@pytest.fixture
def mixed(tmp_path: Path) -> Path:
    """Two teams of equal skill: the desk does chat, the partner mail."""
    folder = tmp_path / "exports"
    rows = team_rows("desk", email=50, chat=200) + team_rows("partner", email=200, chat=50)
    messages(folder / "kpiaudit_messages.csv", rows, header=HEADER)
    (folder / "kpiaudit.toml").write_text(POLICY, encoding="utf-8")
    return folder


def told(*arguments: str | Path) -> dict[str, Any]:
    ran = kpiaudit("compare", *arguments, "--quiet", "--format", "json")
    assert (ran.code, ran.err) == (0, "")
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_equal_skill_and_another_mix_are_unequal_raw_and_equal_like_for_like(mixed: Path) -> None:
    """A fifth of the mail and six in seven chats lie within the hour, whoever answers."""
    (sla,) = told(mixed, "--by", "team")["slas"]
    (contrast,) = sla["contrasts"]
    found = contrast["adherence"]
    assert [side["name"] for side in sla["sides"]] == ["desk", "partner"]
    assert found["raw"] < -0.3
    assert found["performance"] == pytest.approx(0, abs=0.02)
    assert found["mix"] == pytest.approx(found["raw"], abs=0.02)
    assert (found["unshared"], found["shared_side"]) == pytest.approx((0, 1))
    assert found["finding"] == "no difference seen"
    assert contrast["mean_seconds"]["finding"] == "no difference seen"
    assert contrast["mean_seconds"]["raw"] > 1200
    assert abs(contrast["mean_seconds"]["performance"]) < 120
    (bare,) = told(mixed, "--by", "team", "--strata", "none")["slas"]
    assert bare["contrasts"][0]["adherence"]["finding"] == "worse"


def test_a_side_is_what_an_audit_of_it_alone_says(mixed: Path) -> None:
    report = json.loads(kpiaudit("report", mixed, "--format", "json", "-q", "--by", "team").out)
    groups = {group["by"]["team"]: group for group in report["slas"][0]["groups"]}
    for side in told(mixed, "--by", "team")["slas"][0]["sides"]:
        group = groups[side["name"]]
        assert side["adherence"] == pytest.approx(group["adherence"])
        assert side["decided"] == group["met"] + group["breached"]
        for name in ("n", "mean_seconds", "median_seconds"):
            assert side[name] == group[name], name


def test_what_teams_are_declared_to_be_makes_groups(mixed: Path) -> None:
    for by, names in (
        ("team.sourcing", {"internal", "outsourced"}),
        ("team.model", {"designated", "(none)"}),
        ("team,channel", {"desk / chat", "desk / email", "partner / chat", "partner / email"}),
    ):
        found = told(mixed, "--by", by)
        assert {side["name"] for side in found["slas"][0]["sides"]} == names
    assert found["strata"] == ["hour_of_week", "priority", "category"]


def test_the_baseline_is_the_largest_or_the_one_named(mixed: Path) -> None:
    largest = told(mixed, "--by", "channel,team")["slas"][0]["sides"]
    assert largest[0]["decided"] == 200
    found = told(mixed, "--by", "team", "--against", "partner")["slas"][0]["contrasts"][0]
    assert (found["against"], found["group"]) == ("partner", "desk")


def test_smaller_groups_are_left_out_and_said_to_be(mixed: Path) -> None:
    found = told(mixed, "--by", "team,channel", "--top", "3")
    assert len(found["slas"][0]["sides"]) == 3
    assert found["notes"] == ["first: 1 smaller groups are left out"]


def test_several_contrasts_share_their_doubt(mixed: Path) -> None:
    alone = told(mixed, "--by", "team,channel", "--top", "2", "--strata", "hour")
    three = told(mixed, "--by", "team,channel", "--top", "3", "--strata", "hour")
    (one,), (same, _) = (found["slas"][0]["contrasts"] for found in (alone, three))
    assert one["group"] == same["group"]
    assert same["adherence"]["low"] < one["adherence"]["low"]


def test_two_folders_are_two_sides(tmp_path: Path) -> None:
    for name, minutes in (("august", 90), ("september", 30)):
        rows = [row for n in range(40) for row in exchange(f"{name}{n}", minutes, day=1 + n % 2)]
        messages(tmp_path / name / "kpiaudit_messages.csv", rows)
    found = told(tmp_path / "august", tmp_path / "september", "--no-config")
    (sla,) = found["slas"]
    assert found["by"] == "folder"
    assert [side["adherence"] for side in sla["sides"]] == [0.0, 1.0]
    assert [side["name"] for side in sla["sides"]] == ["august", "september"]
    assert sla["contrasts"][0]["adherence"]["finding"] == "better"
    assert sla["contrasts"][0]["mean_seconds"]["performance"] == -3600


def test_each_folder_is_told_of(tmp_path: Path) -> None:
    for name, day in (("august", 1), ("september", 20)):
        messages(tmp_path / name / "kpiaudit_messages.csv", exchange(name, 90, day=day))
    (tmp_path / "none").mkdir()
    folders = (tmp_path / "august", tmp_path / "september")
    page = " ".join(kpiaudit("compare", *folders, "--no-config", "-q").out.split())
    assert "2026-09-01 10:00 to 2026-09-01 11:30, UTC: Promise not kept: 1 of 1 SLA missed" in page
    assert "2026-09-20 10:00 to 2026-09-20 11:30, UTC: Promise not kept: 1 of 1 SLA missed" in page
    first, second = told(*folders, "--no-config")["periods"]
    assert (first["last_at"], second["last_at"]) == ("2026-09-01T11:30:00Z", "2026-09-20T11:30:00Z")
    assert kpiaudit("compare", tmp_path / "august", tmp_path / "none", "--no-config").code == 4


def test_two_periods_are_two_sides(tmp_path: Path) -> None:
    """The first week slow, the second quick, the third left out of the two periods."""
    rows = []
    for week, minutes in enumerate((90, 30, 90)):
        for n in range(35):
            rows += exchange(f"w{week}n{n}", minutes, day=1 + 7 * week)
    folder = messages(tmp_path / "exports" / "kpiaudit_messages.csv", rows).parent
    split = told(folder, "--no-config", "--split", "2026-09-08")["slas"][0]
    assert [side["decided"] for side in split["sides"]] == [35, 70]
    assert [side["name"] for side in split["sides"]] == ["before 2026-09-08", "from 2026-09-08 on"]
    periods = ("--period", "2026-09-01..2026-09-07", "--period", "2026-09-08..2026-09-14")
    found = told(folder, "--no-config", *periods)["slas"][0]
    assert [(side["decided"], side["adherence"]) for side in found["sides"]] == [(35, 0), (35, 1)]
    assert found["contrasts"][0]["adherence"]["finding"] == "better"
    half = told(folder, "--no-config", "--period", "..2026-09-07", "--period", "2026-09-08..")
    assert [side["decided"] for side in half["slas"][0]["sides"]] == [35, 70]


def test_csv_and_json_tell_the_same(mixed: Path, tmp_path: Path) -> None:
    target = tmp_path / "told.csv"
    ran = kpiaudit("compare", mixed, "--by", "team", "--format", "csv", "-q", "-o", target)
    assert (ran.code, ran.out) == (0, target.read_text(encoding="utf-8"))
    first, second = csv.DictReader(io.StringIO(ran.out))
    (contrast,) = told(mixed, "--by", "team")["slas"][0]["contrasts"]
    for row, measure in ((first, "adherence"), (second, "mean_seconds")):
        assert (row["against"], row["group"], row["measure"]) == ("desk", "partner", measure)
        for name, value in contrast[measure].items():
            shown = row[name]
            assert shown == value if isinstance(value, str) else float(shown) == value, name


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_fits(mixed: Path, monkeypatch: pytest.MonkeyPatch, width: int) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    for by in ("team", "team,channel"):
        page = kpiaudit("compare", mixed, "--by", by, "-q").out
        assert max(map(len, page.splitlines())) <= width
        assert "against desk" in page
    assert "no difference seen" in kpiaudit("compare", mixed, "--by", "team", "-q").out


def test_the_page_says_what_cannot_be_told(mixed: Path) -> None:
    few = kpiaudit("compare", mixed, "--by", "team", "-q", "--min-sample", "1000").out
    assert "too few to tell" in few
    apart = kpiaudit("compare", mixed, "--split", "2026-09-07T10:00:01", "-q").out
    assert "only before" not in apart
    assert "too few to tell" in apart


def test_an_order_of_rows_changes_nothing(mixed: Path) -> None:
    before = told(mixed, "--by", "team")
    path = mixed / "kpiaudit_messages.csv"
    header, *rows = path.read_text(encoding="utf-8").splitlines()
    Random(1).shuffle(rows)
    messages(path, rows, header=header)
    assert told(mixed, "--by", "team") == before


def test_an_empty_folder_is_nothing_to_judge(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    assert kpiaudit("compare", tmp_path / "a", "--by", "team", "--no-config").code == 4


def test_folders_of_one_name_go_by_their_paths() -> None:
    assert folder_names(["in/august", "in/september/"]) == ["august", "september"]
    assert folder_names(["august/in", "september/in"]) == ["august/in", "september/in"]
    assert folder_names([".", "in"]) == [".", "in"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ("a", "1 path, not two to compare"),
        ("a b c", "3 paths, not two to compare"),
        ("a a", "both sides are the same path"),
        ("a --by team --split 2026-09-01", "--by and --split do not go together"),
        ("a --by teem", "no dimension is called 'teem'; did you mean 'team'?"),
        ("a --by team --by channel", "is given twice"),
        ("a --by team --strata hour_of_day", "no dimension is called 'hour_of_day'"),
        ("a --period 2026-09-01..2026-09-02", "is given once"),
        ("a --period x --period y", "'x' is not FROM..TO"),
        ("a --period 2026-09-01..2026-09-03 --period 2026-09-03..", "the two periods overlap"),
        ("a --period 2026-09-03..2026-09-01 --period 2026-09-03..", "ends before it begins"),
        ("a --split soon", "'soon' is not a date"),
        ("a b --against x", "names a group, and no --by makes groups"),
        ("a --by team --against nobody", "no group is called 'nobody'"),
        ("a --by team --sla second", "no SLA is called 'second'"),
        ("a --by team -o told.html", "the suffix says no kind of output"),
    ],
)
def test_what_cannot_be_compared_is_said(
    arguments: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in "abc":
        messages(tmp_path / name / "kpiaudit_messages.csv", exchange(name, 5))
    ran = kpiaudit("compare", *arguments.split(), "--no-config")
    assert ran.code == 2
    assert ran.out == ""
    assert said in ran.err
