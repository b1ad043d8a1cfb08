from __future__ import annotations

import csv
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kpiaudit.decoding.columns import (
    Fault,
    boolean,
    closed,
    first_fault,
    instant,
    instant_faults,
    join_tags,
    negative,
    number,
    outside,
    scan,
    seconds,
    split_tags,
    unread,
)
from kpiaudit.decoding.evenness import is_even
from kpiaudit.errors import ExportError
from kpiaudit.sources.base import ExportFile

T, V = pl.col("t"), pl.col("v")
COLUMNS = ("row", "a", "b", "c", "reject")
ONE_FILE = settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


def csv_file(
    folder: Path, content: bytes | str, *, encoding: str = "utf-8", delimiter: str = ","
) -> ExportFile:
    path = folder / "x.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode(encoding))
    return ExportFile(path, "x.csv", "csv", (), encoding=encoding, delimiter=delimiter)


def records(file: ExportFile, *, careful: bool) -> list[tuple[object, ...]]:
    return scan(file, careful=careful).select(COLUMNS).collect().rows()


def one(expression: pl.Expr, *texts: str | None) -> list[object]:
    return (
        pl.DataFrame({"t": texts}, schema={"t": pl.String}).select(expression).to_series().to_list()
    )


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b,c\n1,2,3\n4,5,6", [(1, "1", "2", "3", None), (2, "4", "5", "6", None)]),
        ("a,b,c\r\n1,,3\r\n", [(1, "1", None, "3", None)]),
        ('a,b,c\n1,"x, ""y""\n z",3\n', [(1, "1", 'x, "y"\n z', "3", None)]),
        (b"\xef\xbb\xbfa,b,c\n1,2,3\n", [(1, "1", "2", "3", None)]),
        ("a,b,c\r1,2,3\r4,5,6\r", [(1, "1", "2", "3", None), (2, "4", "5", "6", None)]),
        ("a,b,c\n\n1,2,3\n\n4,5,6\n\n", [(1, "1", "2", "3", None), (2, "4", "5", "6", None)]),
    ],
)
def test_whole_records_are_read_alike_fast_and_carefully(
    tmp_path: Path, content: bytes | str, expected: list[tuple[object, ...]], careful: bool
) -> None:
    assert records(csv_file(tmp_path, content), careful=careful) == expected


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize(
    ("damage", "rule"),
    [
        ("7,8\n", "ragged row: 2 fields, 3 expected"),
        ("7,8,9,10\n", "ragged row: 4 fields, 3 expected"),
        ('7,"8,9\n', "broken quotes"),
    ],
)
def test_a_damaged_record_is_one_reject_and_its_neighbours_are_read(
    tmp_path: Path, damage: str, rule: str, careful: bool
) -> None:
    file = csv_file(tmp_path, f'a,b,c\n1,2,3\n{damage}4,"5",6\n0,0,0\n')
    assert not is_even(file)
    assert records(file, careful=careful) == [
        (1, "1", "2", "3", None),
        (2, None, None, None, rule),
        (3, "4", "5", "6", None),
        (4, "0", "0", "0", None),
    ]


def test_text_after_a_closing_quote_fails_the_fast_scan_and_is_one_reject(tmp_path: Path) -> None:
    file = csv_file(tmp_path, 'a,b,c\n7,"8"8,9\n4,5,6\n')
    with pytest.raises(pl.exceptions.ComputeError):
        records(file, careful=False)
    assert [row[4] for row in records(file, careful=True)] == ["broken quotes", None]


def test_the_text_of_a_damaged_record_is_kept(tmp_path: Path) -> None:
    file = csv_file(tmp_path, "a,b,c\n1,2,3\n7,8\n")
    assert scan(file, careful=False).collect()["value"].to_list() == [None, "7,8"]


def test_a_file_cut_off_inside_quotes_loses_its_last_record_only(tmp_path: Path) -> None:
    file = csv_file(tmp_path, 'a,b,c\n1,2,3\n4,"5 and')
    assert records(file, careful=True) == [
        (1, "1", "2", "3", None),
        (2, None, None, None, "broken quotes"),
    ]


def test_a_bare_cr_inside_a_record_is_no_line_end(tmp_path: Path) -> None:
    file = csv_file(tmp_path, b"a,b,c\n1,x\ry,3\n4,5,6\n")
    assert [row[3] for row in records(file, careful=False)] == ["3", "6"]
    assert [row[2] for row in records(file, careful=True)] == ["x y", "5"]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "cp1252"])
@pytest.mark.parametrize("careful", [False, True])
def test_other_encodings_and_delimiters_are_read(
    tmp_path: Path, encoding: str, careful: bool
) -> None:
    file = csv_file(tmp_path, "a;b;c\n1;é;3\n", encoding=encoding, delimiter=";")
    assert records(file, careful=careful) == [(1, "1", "é", "3", None)]


def test_bytes_that_are_no_utf_8_are_those_of_a_windows_program(tmp_path: Path) -> None:
    file = csv_file(tmp_path, b"a,b,c\n1,caf\xe9,3\n")
    with pytest.raises(pl.exceptions.ComputeError):
        records(file, careful=False)
    assert records(file, careful=True) == [(1, "1", "café", "3", None)]


def test_an_empty_file_is_an_export_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match=r"x\.csv: is empty"):
        scan(csv_file(tmp_path, ""), careful=False)


@pytest.mark.parametrize("careful", [False, True])
def test_columns_of_the_file_make_way_for_those_of_the_scan(tmp_path: Path, careful: bool) -> None:
    file = csv_file(tmp_path, "row,export,reject,value,a\n9,e,r,v,1\n")
    (found,) = scan(file, careful=careful).collect().to_dicts()
    assert found == {
        "file.row": "9", "file.export": "e", "file.reject": "r", "file.value": "v", "a": "1",
        "row": 1, "export": "x.csv", "reject": None, "value": None,
    }  # fmt: skip


@given(
    st.lists(st.lists(st.text(',"\n ab', max_size=5), min_size=1, max_size=4), max_size=6),
    st.sampled_from(["\n", "\r\n"]),
)
@ONE_FILE
def test_uneven_files_are_found_and_their_records_counted(
    tmp_path: Path, table: list[list[str]], end: str
) -> None:
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["a", "b", "c"], *table])
    file = csv_file(tmp_path, stream.getvalue())
    damaged = [len(record) != 3 for record in table]
    assert is_even(file) == (not any(damaged))
    if not any("\n" in cell for record in table for cell in record):
        found = records(file, careful=False)
        assert [row[0] for row in found] == list(range(1, len(table) + 1))
        assert [row[4] is not None for row in found] == damaged


@pytest.mark.parametrize("careful", [False, True])
def test_every_json_value_comes_as_its_text(tmp_path: Path, careful: bool) -> None:
    path = tmp_path / "x.ndjson"
    lines = [{"a": 7, "b": {"c": "x", "d": 2.5}}, {"a": True, "e.f": "dot"}, {"a": "t", "b": None}]
    path.write_text("\n\n".join(json.dumps(line) for line in lines))
    file = ExportFile(path, "x.ndjson", "ndjson", ())
    found = scan(file, careful=careful, columns=["a", "b.c", "b.d", "e.f"]).collect()
    assert found.select("row", "a", "b.c", "b.d", "e.f").rows() == [
        (1, "7", "x", "2.5", None),
        (2, "true", None, None, "dot"),
        (3, "t", None, None, None),
    ]


@given(
    st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)),  # noqa: DTZ001
    st.sampled_from(["T", " "]),
    st.sampled_from([0, 1, 3, 6]),
    st.sampled_from(["Z", "+00:00", "+0200", "-03:30", "+1245"]),
)
@settings(max_examples=100, deadline=None)
def test_iso_instants_are_those_python_reads(
    moment: datetime, mark: str, digits: int, offset: str
) -> None:
    fraction = f".{moment.microsecond:06}"[: digits + 1] if digits else ""
    text = f"{moment:%Y-%m-%d}{mark}{moment:%H:%M:%S}{fraction}{offset}"
    assert one(instant(T), text) == [datetime.fromisoformat(text).astimezone(UTC)]


@given(
    st.datetimes(datetime(2000, 1, 1), datetime(2030, 12, 31)),  # noqa: DTZ001
    st.sampled_from(["Europe/Berlin", "Australia/Lord_Howe", "Pacific/Apia", "Asia/Kolkata"]),
)
@settings(max_examples=60, deadline=None)
def test_local_stamps_are_resolved_as_zoneinfo_does(moment: datetime, zone: str) -> None:
    expected = moment.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    assert one(instant(T, time_zone=zone), moment.isoformat()) == [expected]


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("Europe/Berlin", "2026-03-29T02:30:00", "2026-03-29T01:30:00"),
        ("Europe/Berlin", "2026-10-25T02:30:00", "2026-10-25T00:30:00"),
        ("Australia/Lord_Howe", "2026-10-04T02:15:00", "2026-10-03T15:45:00"),
        ("Pacific/Apia", "2011-12-30T12:00:00", "2011-12-30T22:00:00"),
    ],
)
def test_skipped_and_repeated_times_take_the_offset_before_the_change(
    zone: str, local: str, expected: str
) -> None:
    assert one(instant(T, time_zone=zone), local) == [datetime.fromisoformat(expected + "Z")]


@pytest.mark.parametrize(
    "text",
    ["", "now", "2026-02-30T00:00:00Z", "2026-1-2T3:4:5Z", "2026-01-02", "2026-01-02T03:04:05",
     "2026-01-02  03:04:05Z", "2026-01-02T03:04:05.1234567Z", "2026-01-02T25:00:00Z",
     "+2026-01-02T03:04:05Z", "02/01/2026 03:04", "2026- 01-02T3:04:05Z", "+0206-01-02T03:04:5Z"],
)  # fmt: skip
def test_what_is_no_iso_instant_is_null(text: str) -> None:
    assert one(instant(T), text) == [None]


@pytest.mark.parametrize(
    ("form", "text"),
    [
        ("%a %b %d %H:%M:%S %z %Y", "Tue Oct 31 22:10:47 +0000 2017"),
        ("%a %b %d %H:%M:%S %z %Y", "Tue Oct 31 23:40:47 +0130 2017"),
        ("%Y-%m-%d %H:%M:%S %z", "2017-10-31 15:10:47 -0700"),
        ("%d.%m.%Y %H:%M:%S", "31.10.2017 23:10:47"),
        ("%m/%d/%Y %I:%M:%S %p", "10/31/2017 11:10:47 PM"),
        ("%s", "1509487847"),
        ("%s", "1509487847.000000"),
        ("%s%3f", "1509487847000"),
    ],
)
def test_explicit_forms_give_the_same_instant(form: str, text: str) -> None:
    expected = datetime(2017, 10, 31, 22, 10, 47, tzinfo=UTC)
    assert one(instant(T, form, "Europe/Berlin"), text, "x") == [expected, None]


def rejects(faults: list[Fault], value: pl.Expr, *texts: str | None) -> list[str | None]:
    frame = pl.DataFrame(
        {"t": texts, "reject": None, "value": None},
        schema=dict.fromkeys(("t", "reject", "value"), pl.String),
    )
    return frame.with_columns(v=value).select(first_fault(faults))["reject"].to_list()


def test_an_instant_out_of_time_is_a_fault_and_the_borders_are_not() -> None:
    texts = [
        "1989-12-31T23:59:59Z",
        "1990-01-01T00:00:00Z",
        "2099-12-31T23:59:59Z",
        "2100-01-01T00:00:00Z",
    ]
    rule = "at: outside 1990 to 2100"
    assert rejects(instant_faults("at", T, V), instant(T), *texts) == [rule, None, None, rule]


def test_the_first_rule_a_row_breaks_is_told_and_a_damaged_row_keeps_its_own() -> None:
    frame = pl.DataFrame(
        {"t": ["x", "y", "z"], "reject": [None, None, "ragged"], "value": [None, None, "z,z"]}
    )
    faults = [Fault("not x", T != "x", T), Fault("not z", T != "z", pl.lit("late"))]
    assert frame.select(first_fault(faults)).rows() == [
        ("not z", "late"),
        ("not x", "y"),
        ("ragged", "z,z"),
    ]


def test_words_are_known_in_any_case_and_others_are_faults() -> None:
    value = closed(T, ("inbound", "outbound"))
    texts = ["inbound", " Outbound ", "sent", "", None, "  "]
    assert one(value, *texts) == ["inbound", "outbound", None, None, None, None]
    assert rejects([unread("unknown", T, V)], value, *texts) == [
        None, None, "unknown", None, None, None,
    ]  # fmt: skip


def test_where_words_are_mapped_only_mapped_ones_are_known() -> None:
    value = closed(T, ("inbound", "outbound"), {"IN": "inbound"})
    assert one(value, "IN", " IN ", "inbound", "") == ["inbound", "inbound", None, None]


def test_booleans_and_seconds_are_read_or_refused() -> None:
    assert one(boolean(T), "TRUE", "false", "1") == [True, False, None]
    assert rejects([unread("b", T, V)], boolean(T), "true", "1") == [None, "b"]
    assert one(seconds(T), "90", "0.000001", "inf", "x") == [
        timedelta(seconds=90), timedelta(microseconds=1), None, None,
    ]  # fmt: skip
    assert rejects([negative("h", T, V)], seconds(T), "90", "-1", "") == [None, "h: negative", None]


def test_numbers_must_lie_in_their_range_borders_included() -> None:
    rule = "r: outside 0 to 1"
    texts = ["0", "1", "1.01", "-0.1", "nan", ""]
    assert rejects([outside("r", T, V, 0, 1)], number(T), *texts) == [
        None,
        None,
        rule,
        rule,
        None,
        None,
    ]


def test_tags_are_split_at_unescaped_semicolons_and_empty_ones_dropped() -> None:
    texts = ["a;b", r"a\;b;c", r"a\b", ";;", "", None, '["x","y z"]']
    expected = [["a", "b"], ["a;b", "c"], [r"a\b"], None, None, None, ["x", "y z"]]
    assert one(split_tags(T), *texts) == expected
    assert one(split_tags(T, "|"), "a|b;c|") == [["a", "b;c"]]


@given(st.lists(st.text("ab;\\ \n", min_size=1, max_size=5), min_size=1, max_size=4))
@settings(max_examples=100, deadline=None)
def test_joined_tags_are_split_into_the_same(tags: list[str]) -> None:
    frame = pl.DataFrame({"t": [tags]}, schema={"t": pl.List(pl.String)})
    assert frame.select(split_tags(join_tags(T))).item().to_list() == tags


def test_a_scan_and_its_columns_run_no_python(tmp_path: Path) -> None:
    file = csv_file(tmp_path, "a,b,c\n1,2,3\n")
    value = instant(pl.col("a"), time_zone="Europe/Berlin")
    plan = scan(file, careful=False).with_columns(
        first_fault(instant_faults("a", pl.col("a"), value))
    )
    assert "python" not in plan.explain().lower()
