"""`kpiaudit report sample_exports/`: the figures of independent readings, the pages a manager sees."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import independent
import pytest
from commands import kpiaudit

Golden = Callable[[str, str | bytes], None]
HOUR = timedelta(hours=1)
SAID = (
    "note: using the policy sample_exports/kpiaudit.toml",
    "warning: 2 messages answer each other in a circle; each circle is one conversation",
    "warning: 1 row without an id repeats another row; all are kept",
)


@pytest.fixture(autouse=True)
def in_the_repository(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)


def run(*arguments: str) -> str:
    ran = kpiaudit(*arguments)
    assert ran.err.splitlines() == [f"kpiaudit: {line}" for line in SAID]
    return ran.out


@pytest.fixture(scope="module")
def report() -> dict[str, Any]:
    root = Path(__file__).resolve().parent.parent
    exports, policy = root / "sample_exports", root / "sample_exports" / "kpiaudit.toml"
    arguments = ("--by", "system", "--format", "json")
    found: dict[str, Any] = json.loads(kpiaudit("report", exports, "-c", policy, *arguments).out)
    return found


def sla(report: dict[str, Any], name: str, system: str) -> tuple[int, int, int]:
    """Met, breached and open clocks of one system under one SLA."""
    (found,) = (found for found in report["slas"] if found["name"] == name)
    (group,) = (group for group in found["groups"] if group["by"] == {"system": system})
    return group["met"], group["breached"], group["open"]


def always(_: date) -> list[tuple[float, float]]:
    return [(0.0, 24.0)]


def test_social_figures_are_those_of_the_file(report: dict[str, Any], sample_exports: Path) -> None:
    path = sample_exports / "twitter_twcs" / "twcs.csv"
    as_of = max(tweet.at for tweet in independent.twcs_rows(path)[0])
    firsts, every = independent.twcs_first_responses(path), independent.twcs_waits(path)
    for name, responses, limit, spans in (
        ("social-first-response", firsts, HOUR, independent.social_spans),
        ("social-around-the-clock", firsts, HOUR, always),
        ("social-every-response", every, 2 * HOUR, independent.social_spans),
    ):
        expected = independent.judged(responses, limit, as_of=as_of, spans=spans)
        assert sla(report, name, "twitter") == expected
        assert sum(expected) > 500


def test_help_desk_figures_are_those_of_the_files(
    report: dict[str, Any], sample_exports: Path
) -> None:
    folder = sample_exports / "zendesk_json"
    as_of = max(
        datetime.fromisoformat(audit["created_at"])
        for audit in independent.zendesk_records(folder, "audits")
    )
    spans = independent.support_spans
    firsts = independent.zendesk_first_responses(folder)
    assert sla(report, "email-first-response", "zendesk") == independent.judged(
        firsts, 4 * HOUR, as_of=as_of, spans=spans
    )
    assert sla(report, "email-resolution", "zendesk") == independent.zendesk_resolutions(
        folder, 24 * HOUR, as_of=as_of, spans=spans
    )
    assert len(firsts) > 150


def test_the_home_grown_crms_figures_are_those_of_the_file(
    report: dict[str, Any], sample_exports: Path
) -> None:
    path = sample_exports / "our_crm" / "crm_2026-09.csv"
    moments = [
        datetime.strptime(row["When"], "%d/%m/%Y %H:%M").replace(tzinfo=independent.BERLIN)
        for row in independent.crm_rows(path)
    ]
    responses = independent.crm_first_responses(path)
    assert sla(report, "email-first-response", "crm") == independent.judged(
        responses, 4 * HOUR, as_of=max(moments), spans=independent.support_spans
    )
    assert len(responses) > 90


def test_chat_figures_are_those_of_the_file(report: dict[str, Any], sample_exports: Path) -> None:
    path = sample_exports / "kpiaudit_messages" / "chat.csv"
    as_of = max(datetime.fromisoformat(row["sent_at"]) for row in independent.chat_rows(path))
    responses = independent.chat_first_responses(path)
    assert sla(report, "chat-first-response", "fernweh_chat") == independent.judged(
        responses, timedelta(minutes=2), as_of=as_of, spans=independent.support_spans
    )
    assert len(responses) > 150


def test_the_unreadable_rows_are_those_of_the_files(
    report: dict[str, Any], sample_exports: Path
) -> None:
    _, broken = independent.twcs_rows(sample_exports / "twitter_twcs" / "twcs.csv")
    rejects = [reject for reject in report["rejects"] if reject["export"].endswith("twcs.csv")]
    assert len(rejects) == len(broken)
    assert sum(reject["export"].endswith("chat.csv") for reject in report["rejects"]) == 1
    assert report["integrity"]["rejects"] == len(report["rejects"])


def test_an_sla_is_the_sum_of_its_groups() -> None:
    found = json.loads(run("report", "sample_exports", "--format", "json"))
    for sla in found["slas"]:
        for dimension in ("channel", "team", "agent"):
            groups = [group for group in sla["groups"] if list(group["by"]) == [dimension]]
            for figure in ("clocks", "met", "breached", "open", "excluded", "unanswered", "n"):
                assert sum(group[figure] for group in groups) == sla[figure]


def test_the_clocks_file_adds_up_to_the_report() -> None:
    found = json.loads(run("report", "sample_exports", "--format", "json"))
    rows = list(csv.DictReader(io.StringIO(kpiaudit("clocks", "sample_exports").out)))
    for sla in found["slas"]:
        mine = [row for row in rows if row["sla"] == sla["name"]]
        assert len(mine) == sla["clocks"]
        for outcome in ("met", "breached", "open", "excluded"):
            assert sum(row["outcome"] == outcome for row in mine) == sla[outcome]
        waits = [
            int(row["elapsed_seconds"])
            for row in mine
            if row["outcome"] != "excluded" and row["stop_reason"] in {"reply", "resolved"}
        ]
        assert len(waits) == sla["n"]
        assert max(waits) == sla["max_seconds"]


def test_every_clock_leads_to_two_rows_of_the_exports(sample_exports: Path) -> None:
    lines = (sample_exports / "twitter_twcs" / "twcs.csv").open(newline="", encoding="utf-8")
    with lines:
        tweets = list(csv.DictReader(lines))
    rows = csv.DictReader(io.StringIO(kpiaudit("clocks", "sample_exports").out))
    checked = 0
    for row in rows:
        for edge in ("start", "stop"):
            if row[f"{edge}_export"] == "twitter_twcs/twcs.csv":
                tweet = tweets[int(row[f"{edge}_row"]) - 1]
                at = datetime.strptime(tweet["created_at"], "%a %b %d %H:%M:%S %z %Y")
                said = row["started_at" if edge == "start" else "stopped_at"]
                assert datetime.fromisoformat(said) == at
                assert tweet["inbound"] == str(edge == "start")
                checked += 1
    assert checked > 1_000


@pytest.mark.parametrize("width", [80, 120])
def test_the_report_is_the_golden_one(
    golden: Golden, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    page = run("report", "sample_exports/")
    assert max(map(len, page.splitlines())) <= width
    golden(f"sample/report.{width}.txt", page)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("report.json", "report sample_exports/ --format json"),
        ("report.csv", "report sample_exports/ --format csv"),
        ("check.txt", "check sample_exports/"),
        ("inspect.txt", "inspect sample_exports/"),
        ("inspect.json", "inspect sample_exports/ --format json"),
    ],
)
def test_what_a_command_prints_is_the_golden_one(golden: Golden, name: str, command: str) -> None:
    golden(f"sample/{name}", run(*command.split()))


def test_the_clocks_file_begins_like_the_golden_one(golden: Golden) -> None:
    rows = kpiaudit("clocks", "sample_exports/").out.splitlines(keepends=True)
    golden("sample/clocks.csv", "".join(rows[:40]))
