"""Workbooks: every sheet is the table it would export, and none unpacks to more than it may."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import pytest
from books import Cell, workbook, workbook_parts, zipped
from commands import HEADER, exchange, kpiaudit

from kpiaudit.decoding.columns import scan
from kpiaudit.errors import ExportError
from kpiaudit.exports import containers, workbooks
from kpiaudit.exports.discovery import discover
from kpiaudit.exports.looking import look
from kpiaudit.exports.workbooks import column_number, sheet_names
from kpiaudit.sources import shipped

EPOCH = datetime(1899, 12, 30)  # noqa: DTZ001  # a cell knows no zone
TABLE: Sequence[Sequence[Cell]] = [
    ["id", "when", "count", "text"],
    ["a", 46266.375, 5, 'x, "q"\ny'],
    ["ü", None, 12345678901, None],
]


@pytest.fixture(autouse=True)
def with_the_extra() -> None:
    pytest.importorskip("fastexcel", reason="the extra [excel] is not installed")


def refusal(path: Path) -> str:
    with pytest.raises(ExportError) as refused:
        sheet_names(path, path.name)
    return str(refused.value)


def test_a_sheet_reads_as_the_table_it_shows(tmp_path: Path) -> None:
    path = workbook(tmp_path / "b.xlsx", {"Tickets": [["Tickets of September"], [], *TABLE]})
    file = look(path, "b.xlsx/Tickets", packing="xlsx", member="Tickets")
    assert file is not None
    assert (file.preamble, file.columns) == (2, ("id", "when", "count", "text"))
    rows = scan(file, careful=False).collect()
    assert rows.select("id", "when", "count", "text", "row", "reject").rows() == [
        ("a", "2026-09-01 09:00:00", "5", 'x, "q"\ny', 1, None),
        ("ü", None, "12345678901", None, 2, None),
    ]
    assert (datetime(2026, 9, 1, 9) - EPOCH).total_seconds() == 46266.375 * 86400  # noqa: DTZ001


def test_a_report_on_a_workbook_is_the_report_on_its_csv(tmp_path: Path) -> None:
    lines = [HEADER, *exchange("c1", 5), *exchange("c2", 90)]
    for name in ("book", "csv"):
        (tmp_path / name).mkdir()
    (tmp_path / "csv" / "m.csv").write_text("\n".join([*lines, ""]), encoding="utf-8")
    sheets = {"Messages": [line.split(",") for line in lines], "Empty": []}
    workbook(tmp_path / "book" / "b.xlsx", sheets)
    plain, book = (
        kpiaudit("report", tmp_path / name, "--no-config", "--format", "csv")
        for name in ("csv", "book")
    )
    assert book.out == plain.out
    found = discover([str(tmp_path / "book")], shipped())
    assert [file.name for claim in found.claims for file in claim.files] == ["b.xlsx/Messages"]
    assert [(file.path, file.reason) for file in found.ignored] == [("b.xlsx/Empty", "empty sheet")]


def test_without_the_extra_the_command_to_install_it_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workbooks, "find_spec", lambda _: None)
    with pytest.raises(ExportError) as refused:
        discover([str(workbook(tmp_path / "b.xlsx", {"T": TABLE}))], shipped())
    assert refused.value.hint == "pip install 'kpiaudit[excel]', or save it as CSV"


def test_a_shared_text_counts_as_often_as_cells_show_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    parts = workbook_parts({"T": [["x" * 1000]]})
    cells = "".join(f'<row r="{at}"><c r="A{at}" t="s"><v>0</v></c></row>' for at in range(1, 3001))
    sheet = "xl/worksheets/sheet1.xml"
    parts[sheet] = re.sub("<row.*</row>", cells, parts[sheet])
    path = zipped(tmp_path / "b.xlsx", parts)
    assert path.stat().st_size < 20_000
    monkeypatch.setattr(workbooks, "TEXT", 4_000_000)
    assert sheet_names(path, "b.xlsx") == ["T"]
    monkeypatch.setattr(workbooks, "TEXT", 2_999_000)
    assert refusal(path) == "b.xlsx: holds more than 2 MiB of text"


def test_two_cells_far_apart_are_not_given_the_table_between_them(tmp_path: Path) -> None:
    parts = workbook_parts({"T": TABLE})
    sheet = "xl/worksheets/sheet1.xml"
    far = '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts[sheet] = parts[sheet].replace("</sheetData>", far)
    path = zipped(tmp_path / "b.xlsx", parts)
    assert refusal(path) == "b.xlsx: spans 17,179,869,184 cells, 50,000,000 at most"


def test_a_sheet_that_unpacks_out_of_proportion_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(containers, "FREE", 1 << 16)
    parts = workbook_parts({"T": TABLE})
    parts["xl/worksheets/sheet1.xml"] += " " * (1 << 20)
    path = zipped(tmp_path / "b.xlsx", parts)
    assert "unpacks to more than 200 times its size" in refusal(path)


def test_a_workbook_that_declares_a_document_type_is_refused(tmp_path: Path) -> None:
    parts = workbook_parts({"T": TABLE})
    entity = '<!DOCTYPE s [<!ENTITY a "aaaa">]><sst'
    parts["xl/sharedStrings.xml"] = parts["xl/sharedStrings.xml"].replace("<sst", entity)
    assert "declares a document type" in refusal(zipped(tmp_path / "b.xlsx", parts))


@pytest.mark.parametrize("content", [b"", b"PK\3\4 no archive", b"id,text\n1,2\n"])
def test_a_file_that_is_no_workbook_is_an_export_error(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "b.xlsx"
    path.write_bytes(content)
    assert refusal(path).startswith("b.xlsx: ")


def test_an_archive_that_is_no_workbook_is_an_export_error(tmp_path: Path) -> None:
    path = zipped(tmp_path / "b.xlsx", {"m.csv": "a,b\n"})
    assert refusal(path).startswith("b.xlsx: is no whole workbook")


@pytest.mark.parametrize(
    ("letters", "number"), [(b"A", 1), (b"Z", 26), (b"AA", 27), (b"XFD", 16384)]
)
def test_columns_are_counted_as_a_spreadsheet_does(letters: bytes, number: int) -> None:
    assert column_number(letters) == number
