from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import a_quiet_report, a_report, with_words

from kpiaudit.renderers import json as renderer

if TYPE_CHECKING:
    from kpiaudit.report import Report

Golden = Callable[[str, str | bytes], None]

REPORT_KEYS = [
    "schema_version",
    "kpiaudit_version",
    "as_of",
    "verdict",
    "exit_code",
    "value_proposition",
    "definitions",
    "slas",
    "kpis",
    "models",
    "exports",
    "integrity",
    "rejects",
]
FIGURE_KEYS = [
    "clocks",
    "met",
    "breached",
    "open",
    "at_risk",
    "excluded",
    "adherence",
    "n",
    "mean_seconds",
    "median_seconds",
    "p90_seconds",
    "p95_seconds",
    "max_seconds",
]
SLA_KEYS = [
    *["name", "metric", "calendar", "target_seconds", "goal", "verdict", "groups"],
    *FIGURE_KEYS,
]
EXPORT_KEYS = [
    "path",
    "source",
    "evidence",
    "first_at",
    "last_at",
    "rows",
    "used",
    "messages",
    "duplicates",
    "rejects",
    "skipped",
    "roles",
    "channels",
    "problems",
]


@pytest.mark.parametrize(
    ("name", "render"),
    [
        ("report.json", renderer.render),
        ("check.json", renderer.render_check),
        ("inspect.json", renderer.render_inspect),
    ],
)
def test_the_file_is_the_golden_one(
    name: str, render: Callable[[Report], str], report: Report, golden: Golden
) -> None:
    golden(f"renderers/{name}", render(report))


def test_the_published_keys_are_all_there(report: Report) -> None:
    document = json.loads(renderer.render(report))
    assert set(REPORT_KEYS) <= document.keys()
    for sla in document["slas"]:
        assert set(SLA_KEYS) <= sla.keys()
        for group in sla["groups"]:
            assert {"by", *FIGURE_KEYS} <= group.keys()
    inspected = json.loads(renderer.render_inspect(report))
    assert {"exports", "ignored", "integrity"} <= inspected.keys()
    for export in inspected["exports"]:
        assert set(EXPORT_KEYS) <= export.keys()


def test_seconds_are_whole_and_rounded_up(report: Report) -> None:
    document = json.loads(renderer.render(report))
    social, voice = document["slas"][0], document["slas"][4]
    assert social["median_seconds"] == 726
    assert social["mean_seconds"] == 1089
    assert document["breaches"][2]["overrun_seconds"] == 1
    assert voice["median_seconds"] is None
    seconds = [value for key, value in social.items() if key.endswith("_seconds")]
    assert all(type(value) is int for value in seconds)


def test_instants_are_utc_with_z(report: Report) -> None:
    document = json.loads(renderer.render(report))
    assert document["as_of"] == "2026-03-28T17:02:11Z"
    assert document["breaches"][1]["stopped_at"] == "2026-03-09T10:00:00.250000Z"
    assert json.loads(renderer.render(a_quiet_report()))["as_of"] is None


def test_adherence_is_a_share_that_nothing_has_rounded(report: Report) -> None:
    document = json.loads(renderer.render(report))
    assert document["slas"][0]["adherence"] == 371 / 402


def test_a_name_is_written_as_it_is(report: Report) -> None:
    assert "Dagny Sigurðardóttir-Lindqvist" in renderer.render(report)


@settings(max_examples=50)
@given(st.text(st.characters(), max_size=20))
def test_any_text_comes_back_as_it_was_and_none_acts(words: str) -> None:
    report = replace(a_report(), promise=with_words(a_report().promise, words + "\x9b\u202e"))
    text = renderer.render(report)
    assert not {"\x1b", "\x7f", "\x9b", "\u202e"} & set(text)
    assert text.encode()
    assert json.loads(text)["value_proposition"]["statement"] == words + "\x9b\u202e"
