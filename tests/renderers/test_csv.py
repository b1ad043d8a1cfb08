from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reports import a_report

from kpiaudit.inert import csv_cell
from kpiaudit.renderers import csv as renderer
from kpiaudit.report import Group, Report

Golden = Callable[[str, str | bytes], None]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def test_the_file_is_the_golden_one(report: Report, golden: Golden) -> None:
    golden("renderers/report.csv", renderer.render(report))


def test_there_is_a_row_per_sla_and_per_group(report: Report) -> None:
    found = rows(renderer.render(report))
    assert len(found) == sum(1 + len(sla.groups) for sla in report.slas)
    assert [row["sla"] for row in found if not row["by"]] == [sla.name for sla in report.slas]
    chidi = next(row for row in found if row["agent"] == "Chidi")
    assert (chidi["by"], chidi["team"], chidi["met"], chidi["breached"]) == ("agent", "", "88", "9")
    assert float(chidi["adherence"]) == 88 / 97


def test_crossed_dimensions_have_a_column_each(report: Report) -> None:
    sla = report.slas[0]
    crossed = Group({"team": "A; B", "channel": "social"}, sla.figures)
    found = rows(renderer.render(replace(report, slas=(replace(sla, groups=(crossed,)),))))
    assert found[1]["by"] == "team;channel"
    assert (found[1]["team"], found[1]["channel"]) == ("A; B", "social")


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1", "+1", "-1", "@SUM(A1)", "\tx", "\rx", " =1", '"=1', "'+1", "  '@x",
        "\uff1d1", "\uff0b1", "\uff0d1", "\uff20x",
    ],
)  # fmt: skip
def test_a_cell_a_spreadsheet_would_run_is_only_text(cell: str) -> None:
    assert csv_cell(cell).startswith("'")
    assert csv_cell(cell)[1:] == cell.replace("\r", r"\x0d")


@pytest.mark.parametrize("cell", ["Ana", "a=b", "(unassigned)", "3-4", "", "x@example.com"])
def test_any_other_cell_is_left_alone(cell: str) -> None:
    assert csv_cell(cell) == cell


def test_headers_are_guarded_too(report: Report) -> None:
    sla = report.slas[0]
    odd = Group({"=cmd": "x"}, sla.figures)
    text = renderer.render(replace(report, slas=(replace(sla, groups=(odd,)),)))
    assert "'=cmd" in text.splitlines()[0].split(",")


@settings(max_examples=50)
@given(st.text(st.characters(), max_size=20))
def test_any_name_stays_in_its_cell(name: str) -> None:
    report = a_report()
    sla = replace(report.slas[0], groups=(Group({"agent": name}, report.slas[0].figures),))
    text = renderer.render(replace(report, slas=(sla,)))
    assert text.encode()
    assert "\r" not in text
    found = rows(text)
    assert len(found) == 2
    assert found[1]["agent"] == csv_cell(name)
    assert found[1]["met"] == "371"
