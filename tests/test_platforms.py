"""One folder, an export of every platform and a help desk: one report, nothing twice, public and private apart."""

from __future__ import annotations

import csv
import json
import shutil
import zipfile
from collections import Counter
from html import unescape
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from commands import kpiaudit

from kpiaudit.sources import shipped

HELP_DESK = "zendesk_json"
ELSEWHERE = ("twitter_twcs",)
"""A data set, and no export of ours."""
REACHED = {"social", "messaging", "review", "forum"}
POLICY = """
time_zone = "Europe/Berlin"
[us]
accounts = ["FernwehHelp"]
bots = ["Pathfinder"]
[[sla]]
name = "first"
metric = "first_response"
target = "1h"
goal = "90%"
"""
REVIEWS = ("app_store", "google_business", "google_play", "trustpilot")


def platforms() -> list[str]:
    """The sources of posts, messages and reviews, which have a sample each."""
    named = [
        source.name
        for source in shipped()
        if source.constants.get("channel") in REACHED or source.name == "hootsuite_csv"
    ]
    return [name for name in named if name not in ELSEWHERE]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    samples = Path(__file__).resolve().parent.parent / "sample_exports"
    folder = tmp_path_factory.mktemp("exports")
    for name in (*platforms(), HELP_DESK):
        shutil.copytree(samples / name, folder / name)
    (folder / "kpiaudit.toml").write_text(POLICY, "utf-8")
    return folder


def report(folder: Path, *options: str) -> dict[str, Any]:
    ran = kpiaudit("report", folder, "-c", folder / "kpiaudit.toml", "--format", "json", *options)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


@pytest.fixture(scope="module")
def told(folder: Path) -> dict[str, Any]:
    return report(folder, "--by", "visibility,platform")


def figures(told: dict[str, Any]) -> dict[tuple[str, str], tuple[int, int, int]]:
    """Met, breached and open by visibility and platform."""
    return {
        (group["by"]["visibility"], group["by"]["platform"]): (
            group["met"],
            group["breached"],
            group["open"],
        )
        for group in told["slas"][0]["groups"]
    }


def test_every_platform_is_in_the_one_report(told: dict[str, Any]) -> None:
    assert {export["source"] for export in told["exports"]} == {*platforms(), HELP_DESK}
    assert told["integrity"]["holds"]
    assert told["integrity"]["is_complete"]


def test_the_shares_of_the_exports_are_their_messages_over_all(told: dict[str, Any]) -> None:
    given = {export["path"]: export["messages"] for export in told["exports"]}
    assert sum(given.values()) == told["integrity"]["messages"]
    shares = {export["path"]: export["message_share"] for export in told["exports"]}
    assert shares == {path: count / sum(given.values()) for path, count in given.items()}
    assert sum(shares.values()) == pytest.approx(1)


def test_the_share_of_an_export_is_its_rows_of_the_message_table(
    folder: Path, told: dict[str, Any]
) -> None:
    ran = kpiaudit("normalize", folder, "-c", folder / "kpiaudit.toml", "--quiet")
    rows = Counter(row["export"] for row in csv.DictReader(StringIO(ran.out)))
    shares = {export["path"]: export["message_share"] for export in told["exports"]}
    assert shares == {path: rows[path] / rows.total() for path in shares}


def test_public_and_private_are_apart_on_the_same_platform(told: dict[str, Any]) -> None:
    """Ours on X: of five posts one waited two hours and one is unanswered; of three direct messages the
    first was answered in half an hour, one of a group never was, and one came last of all.
    """
    found = figures(told)
    assert found["public", "twitter"] == (4, 2, 0)
    assert found["private", "twitter"] == (1, 1, 1)
    assert found["public", "google_play"] == (1, 3, 0)
    assert all(("private", platform) not in found for platform in REVIEWS)
    assert all(("public", platform) in found for platform in REVIEWS)
    sla = told["slas"][0]
    together = tuple(map(sum, zip(*found.values(), strict=True)))
    assert together == (sla["met"], sla["breached"], sla["open"])


def test_terminal_and_page_show_platforms_side_by_side(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "120")
    policy, page = folder / "kpiaudit.toml", tmp_path / "report.html"
    given = (folder, "-c", policy, "--by", "visibility,platform", "--top", "99")
    ran = kpiaudit("report", *given, "--format", "text", "-o", page)
    seen, written = " ".join(ran.out.split()), unescape(page.read_text("utf-8"))
    for pair in (
        "public, twitter",
        "private, twitter",
        "public, google_play",
        "public, trustpilot",
    ):
        assert pair in seen
        assert pair in written


def test_an_export_given_twice_changes_no_figure(
    folder: Path, tmp_path: Path, told: dict[str, Any]
) -> None:
    both = tmp_path / "both"
    shutil.copytree(folder, both)
    shutil.copytree(folder / "google_play_reviews", both / "again" / "google_play_reviews")
    with zipfile.ZipFile(both / "twitter-2026-09-27-0a1b.zip", "w") as packed:
        for path in (folder / "twitter_archive").rglob("*.js"):
            packed.write(path, path.relative_to(folder / "twitter_archive").as_posix())
    again = report(both, "--by", "visibility,platform")
    assert figures(again) == figures(told)
    assert again["integrity"]["messages"] == told["integrity"]["messages"]
    assert again["integrity"]["duplicates"] > told["integrity"]["duplicates"]
