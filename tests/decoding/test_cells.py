"""JSON values as text: the same whether a column is of one type, of several, or too large for one."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kpiaudit.decoding import cells, chunks
from kpiaudit.decoding.cells import decoded, text_of, texts
from kpiaudit.decoding.delimited import REJECT
from kpiaudit.exports.looking import look

VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**63), 2**64 - 1),
    st.floats(allow_nan=False, allow_infinity=False),
    st.text(st.characters(codec="utf-8"), max_size=5),
    st.lists(st.integers(0, 9), max_size=2),
)
COLUMNS = st.one_of(
    st.lists(st.one_of(st.none(), st.integers(-(2**63), 2**64 - 1))),
    st.lists(st.one_of(st.none(), st.booleans())),
    st.lists(VALUES),
)


@given(COLUMNS)
def test_a_column_is_written_as_its_values_are_one_by_one(values: list[Any]) -> None:
    assert texts("x", values).to_list() == [text_of(value) for value in values]


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, None),
        ("a", "a"),
        ("", ""),
        (3, "3"),
        (3.0, "3"),
        (3.5, "3.5"),
        (True, "true"),
        (False, "false"),
        ([1, "a"], '[1,"a"]'),
        ({"a": None}, '{"a":null}'),
        (2**64 - 1, "18446744073709551615"),
    ],
)
def test_a_value_reads_as_in_json_but_text_without_quotes(value: object, text: str | None) -> None:
    assert text_of(value) == text
    assert texts("x", [value]).to_list() == [text]


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("form", ["lines", "array"])
def test_key_paths_of_records_are_columns_and_a_damaged_record_keeps_its_row(
    tmp_path: Path, seed: int, form: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chunks, "BLOCK", 120)
    monkeypatch.setattr(chunks, "RECORDS", 3)
    monkeypatch.setattr(cells, "RUN", 2)
    chance = random.Random(seed)
    some: list[Any] = [
        None,
        1,
        "a",
        {"b": 2},
        {"b": {"c": [3]}},
        {"b": {"c": None}},
        [4],
        2**70,
        True,
    ]
    records = [
        {"id": number, "x": chance.choice(some), "unread": {"id": 5}}
        | ({"x.b": chance.choice(some)} if chance.random() < 0.2 else {})
        for number in range(30)
    ]
    lines = [json.dumps(record) for record in records]
    gone = set(chance.sample(range(1, 30), 4)) if form == "lines" else set()
    for at in gone:
        lines[at] = lines[at][:-1]
    path = tmp_path / "things.json"
    path.write_text("\n".join(lines) if form == "lines" else f"[{','.join(lines)}]", "utf-8")
    file = look(path, path.name)
    assert file is not None
    found = decoded(file, ("id", "x", "x.b", "x.b.c", "y"))

    def led(record: dict[str, Any], path: str) -> str | None:
        inner: Any = record
        for key in path.split("."):
            inner = inner.get(key) if isinstance(inner, dict) else None
        return text_of(inner if record.get(path) is None else record[path])

    kept = [{} if at in gone else record for at, record in enumerate(records)]
    for name in ("id", "x", "x.b", "x.b.c", "y"):
        assert found[name].to_list() == [led(record, name) for record in kept]
    assert {at for at, rule in enumerate(found[REJECT]) if rule is not None} == gone
