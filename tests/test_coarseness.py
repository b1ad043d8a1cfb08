"""An issue exported twice, as JSON and as CSV, counts once; what only the later export knows still counts."""

from __future__ import annotations

import json
import shutil
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from reading import csv_text

from kpiaudit.audit import Request
from kpiaudit.pipeline import read
from kpiaudit.settings import DEFAULT_SETTINGS

if TYPE_CHECKING:
    from kpiaudit.messages import Gathered

SAMPLE = Path(__file__).parents[1] / "sample_exports" / "jira_json" / "search_page_1.json"
HEADER = ("Issue key", "Issue id", "Status", "Created", "Updated", "Resolved", "Reporter",
          "Reporter Id", "Assignee", "Assignee Id", "Satisfaction rating")  # fmt: skip
COMMENTS = 6
NEWER = "05/Oct/26 9:00 AM"


def local(stamp: str | None) -> str:
    """The instant as the CSV of somebody in Berlin has it: to the minute, without an offset."""
    if stamp is None:
        return ""
    moment = datetime.strptime(stamp, "%Y-%m-%dT%H:%M:%S.%f%z").astimezone(
        ZoneInfo("Europe/Berlin")
    )
    hour = f"{moment:%I}".lstrip("0")
    return f"{moment:%d/%b/%y} {hour}:{moment:%M %p}"


def row(issue: dict[str, Any], *newer: str, rating: str = "") -> tuple[str, ...]:
    """The issue as a row of the CSV."""
    fields = issue["fields"]
    assignee, reporter = fields["assignee"] or {}, fields["reporter"] or {}
    said = [
        f"{local(comment['created'])};{comment['author']['accountId']};{comment['body']}"
        for comment in fields["comment"]["comments"]
    ]
    cells = (issue["key"], issue["id"], fields["status"]["name"], local(fields["created"]),
             NEWER if rating else local(fields["updated"]), local(fields["resolutiondate"]),
             reporter.get("displayName", ""), reporter.get("accountId", ""),
             assignee.get("displayName", ""), assignee.get("accountId", ""), rating)  # fmt: skip
    comments = [*said, *newer]
    assert len(comments) <= COMMENTS
    return (*cells, *comments, *[""] * (COMMENTS - len(comments)))


def gathered(folder: Path, *newer: str, zone: str = "Europe/Berlin", rating: str = "") -> Gathered:
    """What is read of the sample and, beside it, the same issues as CSV."""
    shutil.copy(SAMPLE, folder / "page.json")
    issues = json.loads(SAMPLE.read_text(encoding="utf-8"))["issues"]
    rows = [row(issues[0], *newer, rating=rating), *map(row, issues[1:])]
    text = csv_text((*HEADER, *["Comment"] * COMMENTS), *rows)
    (folder / "Jira.csv").write_text(text, encoding="utf-8")
    settings = replace(DEFAULT_SETTINGS, time_zone=zone)
    return read(Request((str(folder),), settings)).gathered


def used(found: Gathered, file: str) -> int:
    """How many messages of a file count."""
    return int(found.counts.filter(pl.col("file") == file)["messages"].item())


@pytest.mark.parametrize("zone", ["Europe/Berlin", "UTC", "Asia/Kolkata", "America/Los_Angeles"])
def test_issues_told_by_json_and_csv_count_once_whatever_zone_the_csv_is_read_in(
    tmp_path: Path, zone: str
) -> None:
    (tmp_path / "alone").mkdir()
    shutil.copy(SAMPLE, tmp_path / "alone" / "page.json")
    alone = read(Request((str(tmp_path / "alone"),), DEFAULT_SETTINGS)).gathered
    (tmp_path / "both").mkdir()
    both = gathered(tmp_path / "both", zone=zone)
    assert used(both, "page.json") == used(alone, "page.json") > 0
    assert used(both, "Jira.csv") == 0
    assert both.reasons.rows() == [("Jira.csv", "coarser export", 3)]


def test_what_the_csv_tells_after_the_json_was_exported_counts(tmp_path: Path) -> None:
    found = gathered(tmp_path, f"{NEWER};712020:new;Here it is.", rating="5")
    assert used(found, "Jira.csv") == 2
    assert found.doubts.is_empty()


def test_what_comes_later_on_clocks_of_another_zone_is_used_and_doubted(tmp_path: Path) -> None:
    found = gathered(tmp_path, f"{NEWER};712020:new;Here it is.", zone="UTC")
    assert used(found, "Jira.csv") == 1
    assert [(file, count) for file, _, count in found.doubts.rows()] == [("Jira.csv", 1)]
    assert "check time_zone" in found.doubts["word"].cast(pl.String).item()
