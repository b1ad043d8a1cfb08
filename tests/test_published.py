"""The JSON of report, check, inspect and explain is what its published schema says."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from commands import kpiaudit
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator
from published import assert_published, schema
from reports import a_quiet_report, a_report, with_words

from kpiaudit.renderers import json as renderer

if TYPE_CHECKING:
    from kpiaudit.report import Report

NAMES = ("report", "inspect", "explain")
GOLDEN = Path(__file__).resolve().parent / "golden"


@pytest.mark.parametrize("name", NAMES)
def test_a_schema_is_a_schema(name: str) -> None:
    Draft202012Validator.check_schema(schema(name))


@pytest.mark.parametrize("name", NAMES)
def test_the_golden_samples_are_as_published(name: str) -> None:
    found = [path for path in sorted(GOLDEN.rglob(f"{name}*.json")) if path.stem == name]
    assert found
    for path in found:
        assert_published(name, path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("report", [a_report(), a_quiet_report()], ids=["fail", "nothing"])
def test_the_report_made_by_hand_is_as_published(report: Report) -> None:
    assert_published("report", renderer.render(report))
    assert_published("report", renderer.render_check(report))
    assert_published("inspect", renderer.render_inspect(report))


@settings(max_examples=20)
@given(st.text(st.characters(), min_size=1, max_size=8))
def test_a_report_of_any_words_is_as_published(words: str) -> None:
    hostile = with_words(a_report(), words)
    document = json.loads(renderer.render(hostile))
    document["value_proposition"]["competes_on"] = "cost"
    assert_published("report", json.dumps(document))


def test_the_sample_is_as_published(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(root)
    for command in ("report", "check", "inspect"):
        ran = kpiaudit(command, "sample_exports/zendesk_json", "--quiet", "--format", "json")
        assert_published("inspect" if command == "inspect" else "report", ran.out)
    for more in ((), ("--text",)):
        ran = kpiaudit(
            "explain", "sample_exports/zendesk_json", "10263", "--quiet", "--format", "json", *more
        )
        assert_published("explain", ran.out)


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("slas", 0, "met"), -1),
        (("slas", 0, "adherence"), 93.2),
        (("slas", 0, "median_seconds"), 12.5),
        (("as_of",), "2026-03-28 17:02"),
        (("kpis", 0, "unit"), "percent"),
        (("models", 0, "claims", 0, "holds"), "yes"),
        (("views", "hours_of_week", "demand"), [1, 2, 3]),
        (("verdict",), "kept"),
        (("invented",), 1),
    ],
)
def test_the_schema_refuses_what_the_contract_does_not_allow(
    path: tuple[str | int, ...], value: object
) -> None:
    document = copy.deepcopy(json.loads(renderer.render(a_report())))
    at = document
    for step in path[:-1]:
        at = at[step]
    at[path[-1]] = value
    with pytest.raises(AssertionError, match=str(path[-1])):
        assert_published("report", json.dumps(document))


def test_a_kpi_keeps_its_unit_in_the_file() -> None:
    document = json.loads(renderer.render(a_report()))
    by_id = {kpi["kpi"]: kpi for kpi in document["kpis"] if not kpi["by"]}
    wait = by_id["average_response"]
    assert (wait["value"], wait["goal"], wait["goal_kind"]) == (3413, 7200, "at_most")
    assert wait["beside"] == {"median_seconds": 1201, "p90_seconds": 9021}
    assert by_id["csat"]["value"] == 164 / 181
    assert (by_id["deflection_rate"]["goal_kind"], by_id["deflection_rate"]["verdict"]) == (
        "at_least",
        "fail",
    )
    assert by_id["conversations"]["value"] == 1629
    assert (by_id["conversations"]["goal"], by_id["conversations"]["goal_kind"]) == (None, None)
    lost = next(kpi for kpi in document["kpis"] if not kpi["computable"])
    assert (lost["value"], lost["by"]) == (None, {"channel": "social"})
