"""Records decoded many at once are those decoded one by one, and the same ones are refused."""

from __future__ import annotations

import random
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import polars as pl
import pytest

from kpiaudit.decoding import chunks
from kpiaudit.decoding.chunks import PLACE, Part, Told, take
from kpiaudit.decoding.fields import Lists, Refused, column, instants, joined, texts
from kpiaudit.decoding.records import Broken, Table, read_records
from kpiaudit.exports.looking import look

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

GOOD = b'{"id": %d, "at": "2026-09-01T10:00:00Z"}'
ODD = (
    b"",
    b"  ",
    b'{"id": 7}',
    b'{"id": "7", "at": 3}',
    b'{"id": 3.0, "at": "2026-09-01T10:00:00Z"}',
    b'{"id": 1, "at": "2026-09-01T10:00:00Z"} {"id": 2, "at": "2026-09-01T10:00:00Z"}',
    b'{"id": 1,\n"at": "2026-09-01T10:00:00Z"}',
    b'{"id": 1, "at": "2026-09-01T10:00:00Z"\r',
    b'{"id": 1, "at": "never"}',
    b'{"id": -1, "at": "2026-09-01T10:00:00Z"}',
)


class Thing(msgspec.Struct):
    """A record."""

    id: int | str
    at: str


def fields(records: list[Thing], first: int) -> Lists:
    """Take records to lists; what is nested is each record's id, with its place."""
    return {
        "id": [r.id for r in records],
        "at": [r.at for r in records],
        "owner": [first + at for at in range(len(records))],
    }


def looked_at(path: Path) -> ExportFile:
    """Return a file as discovery sees it."""
    file = look(path, path.name)
    assert file is not None
    return file


def taken(path: Path) -> tuple[list[tuple[int, str]], list[tuple[int, str]]]:
    """Return what is told of a file, and what is refused: row and value each."""
    told: list[tuple[int, str]] = []
    refused: list[tuple[int, str]] = []

    def add(some: Told) -> None:
        assert some.fields["owner"].to_list() == list(range(len(some.rows)))
        instants(some.fields["at"], "at", some.fields["owner"])
        ids = texts(some.fields["id"])
        bad = {at: Broken("negative", one) for at, one in enumerate(ids) if one == "-1"}
        if bad:
            raise Refused(bad)
        told.extend(zip(some.rows, ids, strict=True))

    part = Part(Thing, fields, add)
    take([looked_at(path)], {"": part}, lambda _, row, why: refused.append((row, why.rule)))
    return told, sorted(refused)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("form", ["lines", "array"])
def test_records_taken_at_once_are_those_read_one_by_one(
    tmp_path: Path, seed: int, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "BLOCK", 200)
    monkeypatch.setattr(chunks, "RUN", 1 + seed % 2)
    monkeypatch.setattr(chunks, "PILE", 2)
    monkeypatch.setattr(chunks, "RECORDS", 3)
    chance = random.Random(seed)
    lines = [GOOD % number for number in range(20)]
    odd = ODD if form == "lines" else ODD[-2:] + ODD[2:5]
    for _ in range(seed % 6):
        lines.insert(chance.randrange(1, len(lines)), chance.choice(odd))
    path = tmp_path / "things.json"
    path.write_bytes(b"\n".join(lines) if form == "lines" else b"[" + b",".join(lines) + b"]")
    good: list[tuple[int, str]] = []
    bad: list[tuple[int, str]] = []
    for row, record in read_records(looked_at(path), Thing):
        if isinstance(record, Broken):
            bad.append((row, record.rule))
        elif record.at == "never":
            bad.append((row, "at: not an ISO 8601 instant"))
        elif record.id == -1:
            bad.append((row, "negative"))
        else:
            good.append((row, str(record.id)))
    assert taken(path) == (good, bad)
    assert len(good) >= 15


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("held", [1, 300, 1 << 24])
def test_records_of_many_files_taken_together_are_those_of_each(
    tmp_path: Path, seed: int, held: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "BLOCK", 100)
    monkeypatch.setattr(chunks, "HELD", held)
    monkeypatch.setattr(chunks, "PILE", 3 + seed)
    chance = random.Random(seed)
    files = []
    for number in range(9):
        lines = [GOOD % (10 * number + at) for at in range(chance.randint(1, 6))]
        lines.append(chance.choice(ODD[-2:] + ODD[2:5]))
        path = tmp_path / f"{number}.json"
        is_array = chance.random() < 0.5
        path.write_bytes(b"[" + b",".join(lines) + b"]" if is_array else b"\n".join(lines))
        files.append(replace(looked_at(path), part=str(number % 2)))
    rows: dict[str, list[tuple[str, int, str]]] = {"0": [], "1": []}
    refused: list[tuple[str, int, str]] = []

    def part_of(name: str) -> Part[Thing]:
        table = Table({**PLACE, "id": pl.String()})

        def add(told: Told) -> None:
            ids = texts(told.fields["id"])
            instants(told.fields["at"], "at")
            bad = {at: Broken("negative", one) for at, one in enumerate(ids) if one == "-1"}
            if bad:
                raise Refused(bad)
            table.take(told.export, told.rows, {"id": ids})
            rows[name] = table.whole().rows()
            table.chunks = [table.whole()]

        return Part(Thing, fields, add)

    parts = {name: part_of(name) for name in rows}
    take(files, parts, lambda file, row, why: refused.append((file, row, why.rule)))
    good: dict[str, list[tuple[str, int, str]]] = {"0": [], "1": []}
    bad: list[tuple[str, int, str]] = []
    for file in files:
        told, wrong = taken(file.path)
        good[file.part] += [(file.name, row, one) for row, one in told]
        bad += [(file.name, row, rule) for row, rule in wrong]
    assert rows == good
    assert sorted(refused) == bad
    assert len(bad) >= 3


@pytest.mark.parametrize(
    "text",
    ["2026-09-01T10:00:00Z", "2026-09-01T10:00:00.123Z", "2026-09-01T10:00:00.123456Z",
     "2026-09-01T10:00:00.5Z", "2026-09-01T12:00:00+02:00", "2026-09-01t10:00:00z",
     "2026-09-01T10:00:00-00:30", "2026-09-01T10:00:00.123+0530", "2026-01-01T00:00:00-2359",
     "2026-09-01T10:00:00.123456-03:30", "2026-09-01T10:00:00.5+02:00", "1999-09-01T10:00:00+02:00",
     "0999-09-01T10:00:00Z", "9999-12-31T23:59:59Z"],
)  # fmt: skip
def test_a_stamp_is_the_instant_python_reads(text: str) -> None:
    expected = datetime.fromisoformat(text.upper())
    read = instants(pl.Series([text, None, "2026-09-01T10:00:00Z"]), "at").cast(
        pl.Datetime("us", "UTC")
    )
    assert read.to_list() == [expected, None, datetime(2026, 9, 1, 10, tzinfo=UTC)]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("2026-09-01T10:00:00", "at: an instant without an offset"),
        ("2026-02-30T10:00:00Z", "at: not an ISO 8601 instant"),
        ("0000-01-01T00:00:00Z", "at: not an ISO 8601 instant"),
        ("2026-09-01T10:00:60Z", "at: not an ISO 8601 instant"),
        ("2026-09-01T10:00:00+24:00", "at: not an ISO 8601 instant"),
        ("2026-09-01T10:00:00+01:60", "at: not an ISO 8601 instant"),
        ("2026-02-30T10:00:00+01:00", "at: not an ISO 8601 instant"),
        ("2026- 09-01T1:00:00Z", "at: not an ISO 8601 instant"),
        ("+026-09-01T10:00:00Z", "at: not an ISO 8601 instant"),
        ("", "at: not an ISO 8601 instant"),
    ],
)
def test_a_stamp_that_is_none_refuses_the_record_it_is_of(text: str, rule: str) -> None:
    with pytest.raises(Refused) as refused:
        instants(pl.Series(["2026-09-01T10:00:00Z", text]), "at", pl.Series([4, 9]))
    assert refused.value.faults == {9: Broken(rule, text)}


def test_a_stamp_in_a_list_that_is_none_is_told_by_its_place_there() -> None:
    stamps = pl.Series(["2026-09-01T10:00:00Z"] * 4 + ["x", "2026-09-01T10:00:00Z", "y"])
    with pytest.raises(Refused) as refused:
        instants(stamps, "said[...].at", pl.Series([0, 0, 3, 3, 3, 7, 7], dtype=pl.UInt32))
    assert refused.value.faults == {
        3: Broken("said[2].at: not an ISO 8601 instant", "x"),
        7: Broken("said[1].at: not an ISO 8601 instant", "y"),
    }


@pytest.mark.parametrize(
    ("values", "kind"),
    [
        ([1, None, 2], pl.Int64),
        ([None, "a", "b"], pl.String),
        ([True, None], pl.Boolean),
        ([None, 1.5, 2.5], pl.Float64),
        ([None, None], pl.String),
        ([], pl.String),
    ],
)
def test_a_column_is_of_the_kind_of_its_values(
    values: list[object], kind: type[pl.DataType]
) -> None:
    told = column(values)
    assert told.dtype == kind
    assert told.to_list() == values


@pytest.mark.parametrize(
    "values",
    [
        [1, "01", 2**70],
        [None, "a", 2],
        ["a", 2],
        [2, "a"],
        [None, 1, 1.5],
        [1, 1.5],
        [1.5, 1],
        [2**64],
    ],
)
def test_values_of_several_kinds_are_text_as_they_are_written(values: list[object]) -> None:
    assert column(values).to_list() == [v if v is None else str(v) for v in values]


def test_a_field_is_one_column_though_blocks_tell_it_in_different_kinds() -> None:
    nothing, numbers, words = column([None]), column([7, None]), column(["a"])
    assert joined([nothing, numbers]).to_list() == [None, 7, None]
    assert joined([nothing, numbers, words]).to_list() == [None, "7", None, "a"]
    assert joined([numbers, column([2**70])]).to_list() == ["7", None, str(2**70)]
