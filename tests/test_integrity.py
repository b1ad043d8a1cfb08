"""Nothing is dropped in silence: every row of every export is accounted for, whatever state it is in."""

from __future__ import annotations

import csv
import json
import random
import re
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from commands import kpiaudit

from kpiaudit.coarseness import FATE
from kpiaudit.tallies import rejects_of

SAMPLES = (
    "agent_states",
    "help_center",
    "kpiaudit_messages",
    "our_crm",
    "twitter_twcs",
    "zendesk_json",
)
FIGURES = ("met", "breached", "open", "excluded")


def audited(*arguments: str | Path) -> dict[str, Any] | None:
    """The report as JSON, None where the run ended with a line saying why not."""
    ran = kpiaudit("report", *arguments, "--format", "json")
    assert ran.code in {0, 2, 4}, ran.err
    assert "Traceback" not in ran.err
    if ran.code == 2:
        assert re.match(r"kpiaudit: error: \S.{10,}", ran.first)
        assert ran.out == ""
        return None
    report: dict[str, Any] = json.loads(ran.out)
    assert_identity(report)
    return report


def assert_identity(report: dict[str, Any]) -> None:
    """Every sum of design section 3, from the published figures alone."""
    total = report["integrity"]
    for rows in (total, *report["exports"]):
        parts = rows["used"] + rows["duplicates"] + rows["rejects"] + rows["skipped"]
        assert rows["rows"] == parts
    for name in ("rows", "used", "duplicates", "rejects", "skipped", "messages"):
        assert sum(export[name] for export in report["exports"]) == total[name]
    for export in report["exports"]:
        assert sum(export["skip_reasons"].values()) == export["skipped"]
        assert sum(export["reject_rules"].values()) >= export["rejects"]
        assert all(1 <= number <= export["rejects"] for number in export["reject_rules"].values())
        assert sum(export["roles"].values()) == export["messages"]
        is_beside = export["part"] in {"presence", "self_service"}
        assert export["messages"] == 0 if is_beside else export["messages"] >= export["used"]
    for metric in total["metrics"]:
        assert metric["clocks"] == metric["matched"] + metric["unmatched"]
    for sla in report["slas"]:
        for figures in (sla, *sla["groups"]):
            assert figures["clocks"] == sum(figures[name] for name in FIGURES)
            assert figures["n"] + figures["unanswered"] <= figures["clocks"]
    assert total["holds"] is True


def records_in(path: Path) -> int:
    """How many records a sample file holds, counted without the package."""
    if path.suffix == ".json":
        return len(json.loads(path.read_text("utf-8"))[path.stem])
    with path.open(newline="", encoding="utf-8") as file:
        return sum(1 for _ in csv.reader(file)) - 1


@pytest.mark.parametrize("source", SAMPLES)
def test_every_row_of_a_sample_is_accounted_for(sample_exports: Path, source: str) -> None:
    report = audited(sample_exports / source, "-c", sample_exports / "kpiaudit.toml")
    assert report
    counted = {path.name: records_in(path) for path in (sample_exports / source).iterdir()}
    assert {export["path"]: export["rows"] for export in report["exports"]} == counted


def test_all_samples_together_are_accounted_for(sample_exports: Path) -> None:
    report = audited(sample_exports, "-c", sample_exports / "kpiaudit.toml")
    assert report
    files = [path for path in sample_exports.rglob("*") if path.is_file()]
    assert len(report["exports"]) + len(report["ignored"]) == len(files)


@pytest.mark.parametrize("by", ["channel,agent", "system,source,team", "category,priority"])
def test_groups_lose_no_clock(sample_exports: Path, by: str) -> None:
    report = audited(sample_exports, "-c", sample_exports / "kpiaudit.toml", "--by", by)
    assert report
    for sla in report["slas"]:
        for name in ("clocks", *FIGURES):
            assert sum(group[name] for group in sla["groups"]) == sla[name]


def damaged(data: bytes, how: random.Random) -> bytes:
    """Return a file as a bad disk, a bad line or a hasty hand leaves it."""
    at, length = how.randrange(len(data)), how.randrange(1, 400)
    junk = bytes(how.randrange(256) for _ in range(how.randrange(1, 8)))
    hurts = [
        data[:at],
        data[at:],
        data[:at] + data[at + length :],
        data[:at] + junk + data[at:],
        data[:at] + junk + data[at + len(junk) :],
        data[:at] + b'"' + data[at:],
        data[:at] + b"\r" + data[at:],
        data[:at] + b"\0" + data[at:],
        data[:at] + data[max(0, at - length) :],
        data.replace(b"\n", b"\r\n"),
        data.replace(b"\n", b"\r"),
        b"\xef\xbb\xbf" + data,
        data.decode("utf-8").encode("utf-16"),
        data + data,
    ]
    return how.choice(hurts)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("source", SAMPLES)
def test_a_damaged_export_is_accounted_for_or_refused(
    sample_exports: Path, tmp_path: Path, source: str, seed: int
) -> None:
    how = random.Random(f"{source} {seed}")
    shutil.copytree(sample_exports / source, tmp_path, dirs_exist_ok=True)
    path = how.choice(sorted(tmp_path.iterdir()))
    path.write_bytes(damaged(path.read_bytes(), how))
    audited(tmp_path, "-c", sample_exports / "kpiaudit.toml")
    audited(path, "-c", sample_exports / "kpiaudit.toml")


@pytest.mark.parametrize("source", SAMPLES)
def test_an_export_without_a_row_is_read(sample_exports: Path, tmp_path: Path, source: str) -> None:
    for path in (sample_exports / source).iterdir():
        if path.suffix == ".json":
            (tmp_path / path.name).write_text(json.dumps({path.stem: []}))
        else:
            (tmp_path / path.name).write_text(path.read_text("utf-8").partition("\n")[0] + "\n")
    report = audited(tmp_path, "-c", sample_exports / "kpiaudit.toml")
    assert report is None or report["integrity"]["rows"] == 0


def json_of(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(kpiaudit(*map(str, arguments)).out)
    return found


@pytest.mark.parametrize("options", [(), ("--strict",), ("--since", "2026-09-20")])
def test_check_ends_with_the_code_of_the_report(
    sample_exports: Path, options: tuple[str, ...]
) -> None:
    given = [sample_exports, "-c", sample_exports / "kpiaudit.toml", *options]
    code = json_of("report", *given, "--format", "json")["exit_code"]
    assert kpiaudit("check", *map(str, given)).code == code


@pytest.mark.real_exports
def test_every_file_of_other_peoples_tools_is_read_or_refused(real_exports: Path) -> None:
    read = 0
    for path in sorted(real_exports.rglob("*")):
        if path.is_file():
            report = audited(path, "--no-config")
            read += report is not None
    assert read >= 2


@pytest.mark.real_exports
def test_a_folder_of_other_peoples_exports_is_accounted_for(
    real_exports: Path, tmp_path: Path
) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('[us]\ndomains = ["example.com"]\n')
    report = audited(real_exports, "-c", policy)
    assert report
    assert report["exit_code"] == kpiaudit("check", real_exports, "-c", policy).code == 2
    passed = (real_exports, "-c", policy, "--keep-going")
    going = json_of("report", *passed, "--format", "json")
    assert going["integrity"]["is_complete"] is False
    assert going["exit_code"] == kpiaudit("check", *passed).code
    for command in ("inspect", "clocks", "normalize"):
        assert kpiaudit(command, real_exports, "-c", policy).code == 0


@pytest.mark.real_exports
@pytest.mark.parametrize(
    ("command", "code"), [("report", 0), ("check", 1), ("inspect", 0), ("clocks", 0)]
)
def test_real_tweets_need_no_configuration(real_exports: Path, command: str, code: int) -> None:
    ran = kpiaudit(command, real_exports / "twcs" / "twcs_head1000.csv", "--no-config")
    assert (ran.code, ran.err) == (code, "")
    assert ran.out


def test_rejects_of_one_row_and_rule_come_in_the_same_order_every_time() -> None:
    values = [f"{number:03d}" for number in range(400)]
    rest = pl.DataFrame(
        {"file": "jira.csv", "record": 1, "reject": "Comment: no offset", "value": values[::-1]}
    ).with_columns(fate=pl.lit("reject", FATE))
    assert rejects_of(rest)["value"].to_list() == values
