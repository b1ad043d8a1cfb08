from __future__ import annotations

import json
import re
import zipfile
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree

import openpyxl
import pytest
from attacks import ATTACKS, FORMULAS
from commands import kpiaudit
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.utils.datetime import to_excel
from openpyxl.utils.escape import unescape
from reports import a_quiet_report, a_report, with_words

from kpiaudit import inert
from kpiaudit.renderers import json as as_json
from kpiaudit.renderers import xlsx as renderer
from kpiaudit.renderers.xlsx import book as books
from kpiaudit.report import CategoryHits

if TYPE_CHECKING:
    from kpiaudit.report import Report

Golden = Callable[[str, str | bytes], None]
SHEETS = [
    *[
        "summary",
        "SLAs",
        "groups",
        "KPIs",
        "models",
        "trends",
        "KPI trends",
        "breaches",
        "clocks",
        "rejects",
    ],
    *["exports", "definitions"],
]
FIGURES = ("clocks", "met", "breached", "open", "at_risk", "excluded", "unanswered", "n")
OURS = re.compile(r"(SLAs|trends)!\$[A-Z]+\$\d+(:\$[A-Z]+\$\d+)?")
CLOCKS = ("conversation_id", "sla", "started_at", "elapsed_seconds", "at_risk")


def some_clocks(*rows: tuple[Any, ...]) -> renderer.ClockRows:
    return renderer.ClockRows(CLOCKS, iter(rows), len(rows))


def a_clock(name: str) -> tuple[Any, ...]:
    return (name, "resolution", datetime(2026, 3, 2, 8, 0, 0, 250000, tzinfo=UTC), 90, False)


def written(path: Path, report: Report, *clocks: tuple[Any, ...]) -> Path:
    renderer.write(report, path, clocks=some_clocks(*clocks))
    return path


def rows_of(path: Path, sheet: str) -> list[dict[str, Any]]:
    """The rows of a sheet by the names in its header, as a spreadsheet holds them."""
    header, *rows = openpyxl.load_workbook(path)[sheet].iter_rows(values_only=True)
    return [dict(zip(header, row, strict=True)) for row in rows]


def parts_of(path: Path, *, within: str = "") -> dict[str, ElementTree.Element]:
    """Every XML file of a workbook, parsed."""
    with zipfile.ZipFile(path) as packed:
        return {
            name: ElementTree.fromstring(packed.read(name))  # noqa: S314  # our own file
            for name in packed.namelist()
            if name.startswith(within)
        }


def tags(element: ElementTree.Element) -> set[str]:
    return {found.tag.rpartition("}")[2] for found in element.iter()}


def assert_inert(path: Path) -> None:
    parts = parts_of(path)
    for name, part in parts.items():
        if name.startswith("xl/worksheets/sheet"):
            assert not tags(part) & {"f", "hyperlink", "hyperlinks", "oleObject", "dataValidation"}
        for found in part.iter():
            assert found.get("TargetMode") != "External", name
            if found.tag.endswith("}f"):
                assert OURS.fullmatch(found.text or ""), (name, found.text)
    assert not [name for name in parts if "externalLink" in name or "vba" in name.lower()]


def told(path: Path) -> str:
    """Every cell of every sheet, a line per row."""
    lines = []
    for sheet in openpyxl.load_workbook(path):
        lines.append(f"== {sheet.title} {sheet.dimensions}, {len(sheet._charts)} charts")
        for row in sheet.iter_rows():
            cells = [f"{c.value!r}" + (f" {c.number_format}" if c.number_format != "General" else "")
                     for c in row]  # fmt: skip
            lines.append(" | ".join("" if cell == "None" else cell for cell in cells))
    return "\n".join(lines) + "\n"


def test_the_workbook_is_the_golden_one(tmp_path: Path, report: Report, golden: Golden) -> None:
    golden(
        "renderers/report.xlsx.txt", told(written(tmp_path / "r.xlsx", report, a_clock("10442")))
    )


def test_every_sheet_is_there_in_its_place(tmp_path: Path, report: Report) -> None:
    path = written(tmp_path / "r.xlsx", report, a_clock("1"))
    assert openpyxl.load_workbook(path).sheetnames == SHEETS
    assert_inert(path)


def test_a_report_of_nothing_is_a_workbook_too(tmp_path: Path) -> None:
    path = tmp_path / "r.xlsx"
    renderer.write(a_quiet_report(), path)
    book = openpyxl.load_workbook(path)
    assert set(book.sheetnames) == {"summary", "SLAs", "KPIs", "breaches", "rejects", "exports",
                                    "definitions"}  # fmt: skip
    assert book["summary"]["B1"].value == "Nothing to judge: no clock was decided"


def test_many_rows_keep_their_order_and_their_values(tmp_path: Path, report: Report) -> None:
    """Two and a half times as many as are written together; a text of its own in each."""
    count = 5 * books.TOGETHER // 2
    start = datetime(2026, 3, 2, 8, 0, 0, tzinfo=UTC)
    rows = [
        (f"case {n}", None if n % 3 else "resolution", start + timedelta(seconds=n), n, n % 2 == 0)
        for n in range(count)
    ]
    path = written(tmp_path / "r.xlsx", report, *rows)
    assert [tuple(row.values()) for row in rows_of(path, "clocks")] == [
        (name, sla, at.replace(tzinfo=None), n, is_even) for name, sla, at, n, is_even in rows
    ]
    page = parts_of(path)["xl/worksheets/sheet9.xml"]
    assert [found.get("ref") for found in page.iter() if found.tag.endswith("}dimension")] == [
        f"A1:E{count + 1}"
    ]


@pytest.mark.parametrize(
    "text", ["<r><t>rich</t></r>", "<r><f>1+1</f></r>", "_x0041_", " padded ", 'a&b<c>"d"', "<r>"]
)
def test_a_text_is_held_letter_by_letter(text: str, tmp_path: Path, report: Report) -> None:
    """The library takes a text between <r> and </r> for markup of its own."""
    shown = with_words(report, text)
    path = written(tmp_path / "r.xlsx", shown, (text, text, None, 1, True))
    assert_inert(path)
    row = rows_of(path, "clocks")[0]
    assert unescape(row["conversation_id"]) == unescape(row["sla"]) == text
    assert unescape(openpyxl.load_workbook(path)["summary"]["B2"].value) == text


@pytest.mark.parametrize("letter", ["\x00", "\x0b", "\ufffe", "\uffff"])
def test_a_letter_no_xml_holds_is_seen_and_damages_no_workbook(
    letter: str, tmp_path: Path, report: Report
) -> None:
    text = f"a{letter}b"
    path = written(tmp_path / "r.xlsx", with_words(report, text), (text, text, None, 1, True))
    assert_inert(path)
    shown = inert.safe(text)
    assert letter not in shown
    assert rows_of(path, "clocks")[0]["conversation_id"] == shown
    assert openpyxl.load_workbook(path)["summary"]["B2"].value == shown


@pytest.mark.parametrize(
    "at",
    [
        datetime(1900, 1, 1, 12, tzinfo=UTC),
        datetime(1900, 2, 28, 23, 59, 59, tzinfo=UTC),
        datetime(1900, 3, 1, tzinfo=UTC),
        datetime(2026, 3, 29, 1, 30, 0, 250000, tzinfo=UTC),
    ],
)
def test_an_instant_is_the_number_a_sheet_has_for_it(at: datetime) -> None:
    number = to_excel(at.replace(tzinfo=None))
    assert books.day_number(at) == pytest.approx(number, abs=1e-9)
    assert books.day_number(at.date()) == to_excel(at.date())


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_what_is_no_number_is_no_cell(number: float, tmp_path: Path, report: Report) -> None:
    with pytest.raises(TypeError, match="a sheet holds no"):
        written(tmp_path / "r.xlsx", report, ("a", "b", None, number, True))


def test_the_sheets_sum_to_the_json(tmp_path: Path, report: Report) -> None:
    path = written(tmp_path / "r.xlsx", report)
    document = json.loads(as_json.render(report))
    for name in FIGURES:
        of_json = sum(sla[name] for sla in document["slas"])
        assert sum(row[name] for row in rows_of(path, "SLAs")) == of_json > 0
        grouped = sum(group[name] for sla in document["slas"] for group in sla["groups"])
        assert sum(row[name] for row in rows_of(path, "groups")) == grouped > 0
        by_period = sum(p[name] for trend in document["views"]["trends"] for p in trend["points"])
        assert sum(row[name] for row in rows_of(path, "trends")) == by_period > 0
    for row, sla in zip(rows_of(path, "SLAs"), document["slas"], strict=True):
        assert row["adherence"] == pytest.approx(sla["adherence"])
    over = [row["overrun_seconds"] for row in rows_of(path, "breaches")]
    assert over == [breach["overrun_seconds"] for breach in document["breaches"]]
    assert len(rows_of(path, "rejects")) == len(document["rejects"])
    assert len(rows_of(path, "KPIs")) == len(document["kpis"])
    for row, kpi in zip(rows_of(path, "KPIs"), document["kpis"], strict=True):
        column = {"share": "share", "count": "whole", "seconds": "whole"}.get(kpi["unit"], "value")
        assert row[column] == pytest.approx(kpi["value"])
        assert (row["n"], row["goal"], row["reason"]) == (kpi["n"], kpi["goal"], kpi["reason"])


def test_the_workbook_of_the_sample_sums_to_its_json(tmp_path: Path, sample_exports: Path) -> None:
    path, same = tmp_path / "r.xlsx", tmp_path / "r.json"
    exports = [sample_exports / name for name in ("zendesk_json", "twitter_twcs")]
    policy = ("-c", sample_exports / "kpiaudit.toml")
    assert kpiaudit("report", *exports, *policy, "-q", "-o", path, "-o", same).code == 0
    document = json.loads(same.read_text(encoding="utf-8"))
    clocks = rows_of(path, "clocks")
    assert any(sla["clocks"] for sla in document["slas"])
    for sla in document["slas"]:
        judged = [clock for clock in clocks if clock["sla"] == sla["name"]]
        assert len(judged) == sla["clocks"]
        for outcome in ("met", "breached", "open", "excluded"):
            assert sum(clock["outcome"] == outcome for clock in judged) == sla[outcome]
        assert sum(clock["at_risk"] for clock in judged) == sla["at_risk"]
        taken = [c["elapsed_seconds"] for c in judged if c["stop_reason"] in {"reply", "resolved"}]
        assert max(taken, default=None) == sla["max_seconds"]
    assert len(clocks) == kpiaudit("clocks", *exports, *policy, "-q").out.count("\n") - 1
    assert_inert(path)


def test_categories_have_a_sheet_where_there_are_rules(tmp_path: Path, report: Report) -> None:
    hits = (CategoryHits("=delivery", 9, 7, 5), CategoryHits("other", 3, 3, 2))
    path = written(tmp_path / "r.xlsx", replace(report, categories=hits))
    assert rows_of(path, "categories") == [
        {"category": hit.category, "matched": hit.matched, "messages": hit.messages,
         "conversations": hit.conversations}
        for hit in hits
    ]  # fmt: skip
    assert_inert(path)


def test_instants_and_numbers_are_what_they_are_and_not_text(
    tmp_path: Path, report: Report
) -> None:
    path = written(tmp_path / "r.xlsx", report, a_clock("10442"))
    (clock,) = rows_of(path, "clocks")
    assert clock["conversation_id"] == "10442"
    assert clock["started_at"] == datetime(2026, 3, 2, 8, 0, 0, 250000)  # noqa: DTZ001  # UTC, it says
    assert (clock["elapsed_seconds"], clock["at_risk"]) == (90, False)


def test_the_workbook_does_not_depend_on_when_it_is_written(tmp_path: Path, report: Report) -> None:
    first, second = (written(tmp_path / name, report, a_clock("1")) for name in ("a", "b"))
    assert first.read_bytes() == second.read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_every_attack_in_a_cell_stays_text(tmp_path: Path) -> None:
    path = written(tmp_path / "r.xlsx", a_report(), *map(a_clock, ATTACKS))
    assert_inert(path)
    cells = [row[0] for row in openpyxl.load_workbook(path)["clocks"].iter_rows(min_row=2)]
    for attack, cell in zip(ATTACKS, cells, strict=True):
        assert cell.data_type in {"s", "inlineStr"}
        assert cell.value == inert.sheet_cell(attack)
        assert cell.quotePrefix == inert.runs(attack)
    assert sum(cell.quotePrefix for cell in cells) >= 19


@pytest.mark.parametrize(
    "attack", [FORMULAS[1], FORMULAS[2], "http://evil.example", "\x1b]0;x\x07"]
)
def test_an_attack_in_every_text_of_the_report_stays_text(tmp_path: Path, attack: str) -> None:
    path = written(tmp_path / "r.xlsx", with_words(a_report(), attack), a_clock(attack))
    assert_inert(path)
    assert openpyxl.load_workbook(path)["SLAs"]["A2"].value == inert.sheet_cell(attack)


@settings(max_examples=8, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(), min_size=1, max_size=12))
def test_any_text_comes_back_as_it_is_shown(tmp_path: Path, words: str) -> None:
    path = written(tmp_path / "r.xlsx", with_words(a_report(), words), a_clock(words))
    assert_inert(path)
    assert rows_of(path, "clocks")[0]["conversation_id"] == inert.sheet_cell(words)


@pytest.mark.parametrize("words", ["_x003D_1+1", "_x001B_", " padded ", "a\nb\tc"])
def test_an_escape_of_the_format_is_only_text(tmp_path: Path, words: str) -> None:
    path = written(tmp_path / "r.xlsx", a_report(), a_clock(words))
    assert unescape(rows_of(path, "clocks")[0]["conversation_id"]) == words


def test_a_name_that_looks_like_a_reference_titles_a_chart_as_text(tmp_path: Path) -> None:
    path = written(tmp_path / "r.xlsx", with_words(a_report(), "=clocks!A1"))
    charts = parts_of(path, within="xl/charts/")
    assert len(charts) == 4
    assert_inert(path)


def test_what_a_sheet_has_no_room_for_is_stated(
    tmp_path: Path, report: Report, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (books, renderer.sheets):
        monkeypatch.setattr(module, "ROWS_MOST", 3)
    path = written(tmp_path / "r.xlsx", report, *(a_clock(str(n)) for n in range(5)))
    assert [row["conversation_id"] for row in rows_of(path, "clocks")] == ["0", "1", "2"]
    said = dict(openpyxl.load_workbook(path)["summary"].iter_rows(values_only=True))
    assert said["sheet clocks"] == "3 of 5; `kpiaudit clocks -o FILE.parquet` writes all"
    assert said["sheet breaches"] == "3 of 128; --top N lists more"


def test_a_sheet_holds_as_many_rows_as_excel_does() -> None:
    assert renderer.ROWS_MOST == 2**20 - 1


def test_a_long_text_is_cut_where_it_is_seen(tmp_path: Path, report: Report) -> None:
    path = written(tmp_path / "r.xlsx", report, a_clock("x" * 40_000))
    value = rows_of(path, "clocks")[0]["conversation_id"]
    assert value.endswith("x […]")
    assert len(value) == 32_767


def test_a_date_before_excels_first_is_text(tmp_path: Path, report: Report) -> None:
    early = replace(report, as_of=datetime(1899, 12, 31, tzinfo=UTC))
    said = dict(openpyxl.load_workbook(written(tmp_path / "r.xlsx", early))["summary"].values)
    assert said["as_of"] == "1899-12-31T00:00:00+00:00"


def test_our_workbook_among_the_exports_is_not_read(tmp_path: Path) -> None:
    rows = [
        "a,1,2026-09-01T10:00:00Z,inbound,email,",
        "a,2,2026-09-01T10:05:00Z,outbound,email,Ana",
    ]
    head = "conversation_id,message_id,sent_at,event,channel,agent"
    (tmp_path / "x.csv").write_text("\n".join([head, *rows, ""]), encoding="utf-8")
    for _ in range(2):
        assert kpiaudit("report", tmp_path, "--no-config", "-o", tmp_path / "r.xlsx").code == 0
    ran = kpiaudit("inspect", tmp_path, "--no-config", "--format", "json")
    assert {"path": "r.xlsx", "reason": "written by kpiaudit"} in json.loads(ran.out)["ignored"]
