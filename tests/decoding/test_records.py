"""Records of a JSON file whatever its layout, and what is left of a damaged one."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import polars as pl
import pytest
from polars.testing import assert_frame_equal
from zendesk import (
    AGENT,
    CUSTOMER,
    USERS,
    Record,
    comment,
    frame,
    looked_at,
    read,
    refused,
    talk,
    ticket,
    told,
    written,
)

from kpiaudit.decoding.records import explain


@pytest.mark.parametrize(
    ("fault", "rule", "value"),
    [
        ({"created_at": "yesterday"}, "created_at: not an ISO 8601 instant", "yesterday"),
        ({"created_at": "2026-13-02T09:00:00Z"}, "created_at: not an ISO 8601 instant", "2026-13-02T09:00:00Z"),
        ({"created_at": "2026-03-02T09:00:00"}, "created_at: an instant without an offset", "2026-03-02T09:00:00"),
        ({"public": "yes"}, "public: expected bool, got str", "yes"),
        ({"via": {"channel": {"a": 1}}}, "via.channel: expected int | str | null, got object", '{"a":1}'),
        ({"ticket_id": None}, "ticket_id: missing", "2"),
    ],
)  # fmt: skip
def test_a_bad_value_is_a_reject_that_names_row_and_column(
    tmp_path: Path, fault: Record, rule: str, value: str
) -> None:
    comments = [comment(1, 0, CUSTOMER), comment(2, 1, AGENT, **fault), comment(3, 2, AGENT)]
    rows = read(tmp_path, tickets=[ticket()], comments=comments, users=USERS)
    assert refused(rows) == [(2, rule, value)]
    messages = rows.filter(pl.col("export") == "comments.json")
    assert told(messages, "row", "message_id") == [(1, "1"), (3, "3")]


def test_a_missing_field_is_a_reject_that_names_it(tmp_path: Path) -> None:
    broken = comment(2, 1, AGENT)
    del broken["public"]
    rows = read(tmp_path, tickets=[ticket()], comments=[comment(1, 0, CUSTOMER), broken])
    assert refused(rows) == [(2, "public: missing", "")]


def layouts(records: list[str]) -> dict[str, tuple[str, str]]:
    pretty = [json.dumps(json.loads(record), indent=2) for record in records]
    half = len(records) // 2
    return {
        "page object": ("json", f'{{"comments": [{", ".join(records)}], "count": 3}}'),
        "array": ("json", f"[{','.join(records)}]"),
        "indented array": ("json", json.dumps([json.loads(r) for r in records], indent=1)),
        "NDJSON": ("jsonl", "\n".join(records) + "\n\n"),
        "written end to end": ("json", "".join(records)),
        "indented, end to end": ("json", "\n".join(pretty)),
        "two pages": (
            "json",
            "\n".join(
                f'{{"comments": [{", ".join(page)}], "count": 3}}'
                for page in (records[:half], records[half:])
            ),
        ),
    }


@pytest.mark.parametrize("layout", layouts(["{}"]))
def test_every_layout_of_the_same_records_reads_the_same(tmp_path: Path, layout: str) -> None:
    expected = read(tmp_path, comments=talk(), users=USERS)
    suffix, text = layouts([json.dumps(c) for c in talk()])[layout]
    users = written(tmp_path, "users", json.dumps(USERS))
    rows = frame([written(tmp_path, "comments", text, suffix), users])
    assert_frame_equal(rows.drop("export"), expected.drop("export"))


LINES = [json.dumps(c) for c in talk()]


@pytest.mark.parametrize(
    ("suffix", "broken"),
    [
        ("json", '{"comments": [' + ",".join([LINES[0], '{"id": 2, "body": }', LINES[2]]) + "]}"),
        ("json", "[\n" + ",\n".join([LINES[0], LINES[1][:-1], LINES[2]]) + "\n]"),
        ("json", "[\n" + ",\n".join([LINES[0], LINES[1][:40], LINES[2]]) + "\n]"),
        ("jsonl", "\n".join([LINES[0], LINES[1][:-9], LINES[2]])),
    ],
    ids=["value missing", "brace missing", "cut in a string", "NDJSON line cut"],
)
def test_a_broken_record_is_a_reject_with_its_row_and_the_rest_is_read(
    tmp_path: Path, suffix: str, broken: str
) -> None:
    users = written(tmp_path, "users", json.dumps(USERS))
    rows = frame([written(tmp_path, "comments", broken, suffix), users])
    assert [(row, rule) for row, rule, _ in refused(rows)] == [(2, "not valid JSON")]
    messages = rows.filter(pl.col("export") != "users.json")
    assert told(messages, "row", "message_id") == [(1, "1"), (3, "3")]


@pytest.mark.parametrize(
    ("kept", "fault"),
    [
        (40, (3, "the file is cut off inside this record")),
        (0, (3, "the file is cut off: its list of records does not end")),
    ],
)
def test_a_truncated_file_keeps_what_is_whole_and_says_it_was_cut_off(
    tmp_path: Path, kept: int, fault: tuple[int, str]
) -> None:
    text = '{"comments": [' + ", ".join([LINES[0], LINES[1], LINES[2][:kept]])
    users = written(tmp_path, "users", json.dumps(USERS))
    rows = frame([written(tmp_path, "comments", text), users])
    assert [(row, rule) for row, rule, _ in refused(rows)] == [fault]
    assert told(rows.filter(pl.col("export") == "comments.json"), "row") == [(1,), (2,)]


def test_damaged_bytes_reject_one_record(tmp_path: Path) -> None:
    file = written(tmp_path, "comments", "\n".join(LINES), "jsonl")
    file.path.write_bytes(file.path.read_bytes().replace(b"text 2", b"text \xff"))
    rows = frame([file, written(tmp_path, "users", json.dumps(USERS))])
    assert [(row, rule) for row, rule, _ in refused(rows)] == [(2, "not valid JSON")]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
@pytest.mark.parametrize("layout", ["page object", "NDJSON"])
def test_a_mark_of_the_encoding_and_utf_16_change_nothing(
    tmp_path: Path, encoding: str, layout: str
) -> None:
    users = written(tmp_path, "users", json.dumps(USERS))
    suffix, text = layouts(LINES)[layout]
    plain = written(tmp_path, "comments", text, suffix)
    expected = frame([plain, users])
    plain.path.write_text(text, encoding=encoding)
    marked = looked_at(plain.path, "comments")
    assert marked.encoding == encoding
    assert_frame_equal(frame([marked, users]), expected)


def test_a_value_of_another_type_that_is_no_json_either_is_told_as_that() -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.json.decode(b"[06/24/22 10:00] Kim", type=dict[str, str])
    assert explain(caught.value, b"[06/24/22 10:00] Kim").rule == "not valid JSON"


@pytest.mark.parametrize(
    "raw",
    [b'{"a": 1, "b": "\xed\xa0\x80"}', b'{"a": 1, "b": ' + b"[" * 5_000 + b"]" * 5_000 + b"}"],
)
def test_a_value_of_another_type_beside_what_cannot_be_decoded_is_told_as_that(raw: bytes) -> None:
    told = explain(msgspec.ValidationError("Expected `str`, got `int` - at `$.a`"), raw)
    assert told.rule == "not valid JSON"
    assert told.value
