"""Delimiter, preamble, header, encoding: whatever a program does to a table, the same rows are read."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from commands import HEADER, exchange, kpiaudit
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kpiaudit.audit import Reading, Request
from kpiaudit.decoding.columns import scan
from kpiaudit.exports.dialect import Dialect, dialect_of
from kpiaudit.exports.looking import encoding_of, look
from kpiaudit.pipeline import read
from kpiaudit.settings import DEFAULT_SETTINGS
from kpiaudit.sources.base import REPEATED, ExportFile

TABLE = "Case;When;Text\n1;2026-09-01 10:00;a, b, c\n2;2026-09-01 11:00;d, e, f\n"
CONNECTIONS = (
    "Notes:\n"
    '"When exporting your connection data, you may notice that some of the email addresses are '
    'missing, because people may hide them."\n'
    "\n"
    "First Name,Last Name,URL,Email Address,Company\n"
    "Cleo,Vance,https://example.com/c,,Acme\n"
    "Dan,Wu,https://example.com/d,,Acme\n"
)
REPORT = (
    "Reporting period 2026-09-01 to 2026-09-27\n"
    "\n"
    "Agent name,Conversations count,Avg first response time\n"
    "Ana,12,240\n"
)


def looked_at(folder: Path, content: bytes) -> ExportFile:
    path = folder / "x.csv"
    path.write_bytes(content)
    found = look(path, "x.csv")
    assert found is not None
    return found


def table(file: ExportFile) -> pl.DataFrame:
    return scan(file, careful=False).collect()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a,b\n1,2\n", Dialect(",", 0, ("a", "b"))),
        ("a\n1\n2\n", Dialect(",", 0, ("a",))),
        ("a|b|c", Dialect("|", 0, ("a", "b", "c"))),
        (TABLE, Dialect(";", 0, ("Case", "When", "Text"))),
        (TABLE.replace(";", "\t"), Dialect("\t", 0, ("Case", "When", "Text"))),
        ('"Name, first";"Name, last"\nAna;Li\n', Dialect(";", 0, ("Name, first", "Name, last"))),
        ("id;share\n1;0,5\n2;1\n", Dialect(";", 0, ("id", "share"))),
        ('"a\nb",c\n1,2\n', Dialect(",", 0, ("a\nb", "c"))),
        ("sep=;\na;b,c\n1;2\n", Dialect(";", 1, ("a", "b,c"))),
        ('"sep=\t"\na\tb\n1\t2\n', Dialect("\t", 1, ("a", "b"))),
        ("\n\na,b\n1,2\n", Dialect(",", 2, ("a", "b"))),
        (REPORT, Dialect(",", 2, ("Agent name", "Conversations count", "Avg first response time"))),
        ("Export,Tickets\nBy,Ana\nid,when,who,text\n1,x,y,z\n2,x,y,z\n", Dialect(",", 2, ("id", "when", "who", "text"))),
        ("a,b,c\n1,2\n1,2,3,4,5,6\n1,2,3,4,5,6\n", Dialect(",", 0, ("a", "b", "c"))),
        ("id\n1,2\n3,4\n", Dialect(",", 0, ("id",))),
        ("a\rb,c\r1,2\r3,4\r", Dialect(",", 1, ("b", "c"))),
    ],
)  # fmt: skip
def test_the_dialect_is_what_a_reader_would_say(text: str, expected: Dialect) -> None:
    assert dialect_of(text) == expected


def test_linkedin_notes_stand_before_the_header() -> None:
    found = dialect_of(CONNECTIONS)
    assert found.preamble == 3
    assert found.header == ("First Name", "Last Name", "URL", "Email Address", "Company")


@pytest.mark.parametrize(("text", "lines"), [(CONNECTIONS, 3), (REPORT, 2)])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252"])
def test_a_preamble_changes_no_row(
    tmp_path: Path, text: str, lines: int, end: str, encoding: str
) -> None:
    plain = "\n".join(text.split("\n")[lines:])
    expected = table(looked_at(tmp_path, plain.encode()))
    found = looked_at(tmp_path, text.replace("\n", end).encode(encoding))
    assert found.preamble == lines
    assert_frame_equal(table(found), expected)
    assert expected["row"].to_list() == list(range(1, expected.height + 1))
    assert expected["reject"].null_count() == expected.height


def test_the_last_record_of_a_text_cut_off_says_nothing() -> None:
    assert dialect_of("a;b\n1;2\n3,4,5", is_whole=False).delimiter == ";"
    assert dialect_of("a;b", is_whole=False) == Dialect(";", 0, ("a", "b"))


WORDS = st.text("abcxyz", min_size=1, max_size=6)


@given(
    names=st.lists(WORDS, min_size=2, max_size=6, unique=True),
    rows=st.integers(1, 8),
    delimiter=st.sampled_from(",;\t|"),
    notes=st.lists(st.text("abc :.", max_size=20), max_size=3),
)
def test_notes_before_a_table_are_found_whatever_its_width(
    names: list[str], rows: int, delimiter: str, notes: list[str]
) -> None:
    lines = [delimiter.join(names), *(delimiter.join("1" * len(names)) for _ in range(rows))]
    found = dialect_of("\n".join([*notes, *lines]))
    assert found == Dialect(delimiter, len(notes), tuple(names))


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("id,text\n1,Straße\n", "cp1252"),
        ("id,text\n1,Где моя посылка? Спасибо\n", "cp1251"),
        ("id,text\n1,Привет где моя посылка\n" * 20, "utf-16-le"),
        ("id,text\n1,Привет где моя посылка\n" * 20, "utf-16-be"),
        ("id,text\n1,Straße\n", "utf-16-le"),
        ("id,text\n1,Straße\n", "utf-16-be"),
        ("id,text\n1,Straße\n", "utf-16"),
        ("id,text\n1,Straße\n", "utf-32"),
        ("id,text\n1,Straße\n", "utf-8"),
        ("id,text\n1,Straße\n", "utf-8-sig"),
    ],
)
def test_the_encoding_is_told_from_the_bytes(tmp_path: Path, text: str, encoding: str) -> None:
    raw = text.encode(encoding)
    assert encoding_of(raw) == encoding
    found = table(looked_at(tmp_path, raw))
    first = text.split("\n")[1]
    assert found["text"][0] is not None
    assert first.startswith(f"1,{found['text'][0]}")


@pytest.mark.parametrize("raw", [b"\x89PNG\0\0\0\rIHDR", b"\0" * 4000, bytes(range(256)) * 20])
def test_bytes_that_are_no_text_are_no_data(raw: bytes) -> None:
    assert encoding_of(raw) is None


def read_of(path: Path) -> Reading:
    return read(Request((str(path),), DEFAULT_SETTINGS))


@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_header_of_an_appended_file_is_skipped_not_refused(tmp_path: Path, mark: str) -> None:
    first, second = exchange("c1", 5), exchange("c2", 9)
    text = "\n".join([HEADER, *first, mark + HEADER, *second, ""])
    (tmp_path / "both.csv").write_text(text, encoding="utf-8")
    reading = read_of(tmp_path / "both.csv")
    gathered = reading.gathered
    assert gathered.rejects.is_empty()
    assert gathered.reasons.select(pl.col("reason").cast(pl.String), "rows").rows() == [
        (REPEATED, 1)
    ]
    assert reading.ordered["row"].sort().to_list() == [1, 2, 4, 5]
    assert gathered.counts.select("rows", "used", "skipped").rows() == [(5, 4, 1)]


def test_a_header_quoted_in_a_message_is_no_header(tmp_path: Path) -> None:
    header = f"{HEADER},text"
    rows = [f'{row},"{header}"' for row in exchange("c1", 5)]
    (tmp_path / "x.csv").write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    gathered = read_of(tmp_path / "x.csv").gathered
    assert gathered.counts.select("rows", "used", "skipped").rows() == [(2, 2, 0)]


def test_a_header_that_comes_again_far_into_a_large_file_is_found(tmp_path: Path) -> None:
    first = [line for at in range(6000) for line in exchange(f"a{at}", 5)]
    text = "\n".join([HEADER, *first, HEADER, *exchange("c2", 9), ""])
    assert len(text) > 1 << 19
    (tmp_path / "both.csv").write_text(text, encoding="utf-8")
    gathered = read_of(tmp_path / "both.csv").gathered
    assert gathered.counts.select("rows", "used", "skipped").rows() == [(12003, 12002, 1)]


def test_every_dress_of_one_table_gives_one_report(tmp_path: Path) -> None:
    lines = [HEADER, *exchange("c1", 5), *exchange("c2", 90)]
    text = "\n".join([*lines, ""])
    dresses = {
        "plain": text.encode(),
        "mark": text.encode("utf-8-sig"),
        "utf-16": text.encode("utf-16"),
        "utf-16 without mark": text.encode("utf-16-le"),
        "semicolons": text.replace(",", ";").encode(),
        "tabs": text.replace(",", "\t").encode(),
        "sep": ("sep=|\n" + text.replace(",", "|")).encode(),
        "CRLF": text.replace("\n", "\r\n").encode(),
        "bare CR": text.replace("\n", "\r").encode(),
        "preamble": ("Messages of September\n\n" + text).encode(),
        "quoted": "\n".join(
            ",".join(f'"{cell}"' for cell in line.split(",")) for line in lines
        ).encode(),
    }
    reports = set()
    for name, content in dresses.items():
        (tmp_path / name).mkdir()
        (tmp_path / name / "m.csv").write_bytes(content)
        ran = kpiaudit("report", tmp_path / name, "--no-config", "--format", "csv")
        assert ran.code == 0, (name, ran.err)
        reports.add(ran.out)
    assert len(reports) == 1
