from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from kpiaudit.errors import ExportError
from kpiaudit.readers.kpiaudit_messages import canonical, read, unknown_columns
from kpiaudit.schema import (
    CHANNELS,
    EVENTS,
    GRAINS,
    MESSAGES,
    PRIORITIES,
    READING,
    ROLES,
    VISIBILITIES,
)
from kpiaudit.sources.base import ExportFile, FileKind, ReadSettings
from kpiaudit.sources.kpiaudit_messages import SOURCE

C = pl.col
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
TYPES: dict[str, pl.DataType] = {
    name: pl.String() if isinstance(kind, pl.Categorical) else kind
    for name, kind in MESSAGES.items()
} | {"is_partial": pl.Boolean()}


def export(path: Path, kind: FileKind = "csv", *, columns: tuple[str, ...] = ()) -> ExportFile:
    if kind == "csv":
        columns = tuple(path.read_text(encoding="utf-8").split("\n", 1)[0].split(","))
    return ExportFile(path, path.name, kind, columns)


def csv_export(tmp_path: Path, text: str) -> ExportFile:
    path = tmp_path / "messages.csv"
    path.write_text(text, encoding="utf-8", newline="")
    return export(path)


def rows(
    file: ExportFile, *, time_zone: str | None = None, careful: bool = False
) -> list[dict[str, Any]]:
    told = ReadSettings(time_zone=time_zone, careful=careful)
    return read([file], told).collect().sort("row").to_dicts()


def test_three_columns_are_enough(tmp_path: Path) -> None:
    file = csv_export(
        tmp_path, "conversation_id,sent_at,event\n7,2026-03-02T13:00:00+01:00,inbound\n"
    )
    assert rows(file) == [
        {
            "conversation_id": "7", "sent_at": NOON, "event": "inbound",
            "export": "messages.csv", "row": 1, "reject": None, "value": None,
        }
    ]  # fmt: skip


@pytest.mark.parametrize("missing", ["conversation_id", "sent_at", "event"])
def test_a_missing_required_column_is_named(tmp_path: Path, missing: str) -> None:
    header = [name + "s" if name == missing else name for name in TYPES]
    file = csv_export(tmp_path, ",".join(header) + "\n")
    with pytest.raises(ExportError) as problem:
        read([file], ReadSettings())
    assert str(problem.value) == f"messages.csv: has no column {missing}"
    assert problem.value.hint == f"did you mean '{missing}s'?"


@pytest.mark.parametrize(
    ("column", "text", "rule"),
    [
        ("conversation_id", "", "conversation_id: missing"),
        ("sent_at", "", "sent_at: missing"),
        ("sent_at", "yesterday", "sent_at: not a date"),
        ("sent_at", "2026-02-30T10:00:00Z", "sent_at: not a date"),
        ("sent_at", "2026-03-02T12:00:00", "sent_at: no offset, set time_zone"),
        ("sent_at", "1970-01-01T00:00:00Z", "sent_at: outside 1990 to 2100"),
        ("event", "", "event: missing"),
        ("event", "sent", "event: unknown word"),
        ("channel", "fax", "channel: unknown word"),
        ("is_automated", "perhaps", "is_automated: neither true nor false"),
        ("rating", "1.5", "rating: outside 0 to 1"),
        ("rating", "good", "rating: not a number"),
        ("sentiment", "-2", "sentiment: outside -1 to 1"),
        ("handle_time", "-5", "handle_time: negative"),
    ],
)
def test_a_bad_row_tells_its_rule_and_the_rest_is_read(
    tmp_path: Path, column: str, text: str, rule: str
) -> None:
    good = {"conversation_id": "a", "sent_at": "2026-03-02T12:00:00Z", "event": "inbound"}
    bad = good | {column: text}
    header = list(bad)
    lines = [",".join(record.get(name, "") for name in header) for record in (good, bad, good)]
    file = csv_export(tmp_path, "\n".join([",".join(header), *lines]) + "\n")
    found = rows(file)
    assert [row["reject"] for row in found] == [None, rule, None]
    assert found[1]["value"] == (text or None)
    assert found[1]["row"] == 2


def test_a_stamp_without_offset_is_read_in_the_zone_the_run_was_told(tmp_path: Path) -> None:
    file = csv_export(tmp_path, "conversation_id,sent_at,event\na,2026-03-02 13:00:00,inbound\n")
    (row,) = rows(file, time_zone="Europe/Berlin")
    assert (row["sent_at"], row["reject"]) == (NOON, None)


def test_evidence_told_by_the_file_is_kept_and_its_own_place_beside_it(tmp_path: Path) -> None:
    file = csv_export(
        tmp_path,
        "export,row,conversation_id,sent_at,event\n"
        "twcs.csv,41,a,2026-03-02T12:00:00Z,inbound\n"
        ",,a,2026-03-02T12:00:00Z,inbound\n"
        "twcs.csv,43,a,never,inbound\n",
    )
    assert [(r["export"], r["row"], r["file"], r["record"]) for r in rows(file)] == [
        ("messages.csv", 2, "messages.csv", 2),
        ("messages.csv", 3, "messages.csv", 3),
        ("twcs.csv", 41, "messages.csv", 1),
    ]


def test_columns_nobody_reads_are_listed_and_no_error(tmp_path: Path) -> None:
    file = csv_export(
        tmp_path, "conversation_id,mood,sent_at,event\na,good,2026-03-02T12:00:00Z,inbound\n"
    )
    assert unknown_columns(file) == ("mood",)
    assert [row["reject"] for row in rows(file)] == [None]


def test_headers_are_known_in_any_case_and_with_outer_spaces(tmp_path: Path) -> None:
    file = csv_export(tmp_path, "Conversation_ID, sent_at ,EVENT\na,2026-03-02T12:00:00Z,Inbound\n")
    assert [(r["event"], r["reject"]) for r in rows(file)] == [("inbound", None)]


def test_a_file_that_lacks_a_column_and_one_that_has_it_are_read_together(tmp_path: Path) -> None:
    one = csv_export(tmp_path, "conversation_id,sent_at,event\na,2026-03-02T12:00:00Z,inbound\n")
    path = tmp_path / "more.csv"
    path.write_text("team,conversation_id,sent_at,event\nA,b,2026-03-02T12:00:00Z,inbound\n")
    found = read([one, export(path)], ReadSettings()).collect()
    assert dict(found.select("conversation_id", "team").rows()) == {"a": None, "b": "A"}


def test_ndjson_reads_keys_the_first_record_does_not_have(tmp_path: Path) -> None:
    path = tmp_path / "m.ndjson"
    path.write_text(
        '{"conversation_id":7,"sent_at":"2026-03-02T12:00:00Z","event":"inbound"}\n'
        '{"conversation_id":"7","sent_at":"2026-03-02T12:00:00Z","event":"outbound","agent":"Ana",'
        '"is_automated":true,"tags":["a;b","c"]}\n'
    )
    file = export(path, "ndjson", columns=("conversation_id", "sent_at", "event"))
    found = rows(file)
    assert [(r["conversation_id"], r["agent"], r["is_automated"], r["tags"]) for r in found] == [
        ("7", None, None, None),
        ("7", "Ana", True, ["a;b", "c"]),
    ]


def test_a_broken_line_of_ndjson_is_one_reject(tmp_path: Path) -> None:
    path = tmp_path / "m.ndjson"
    line = '{"conversation_id":"7","sent_at":"2026-03-02T12:00:00Z","event":"inbound"}\n'
    path.write_text(line + line[:40] + "\n" + line)
    file = export(path, "ndjson", columns=("conversation_id", "sent_at", "event"))
    with pytest.raises(pl.exceptions.ComputeError):
        rows(file)
    assert [row["reject"] for row in rows(file, careful=True)] == [None, "not valid JSON", None]


def test_a_parquet_timestamp_without_a_zone_is_asked_about(tmp_path: Path) -> None:
    path = tmp_path / "m.parquet"
    naive = datetime(2026, 3, 2, 13)  # noqa: DTZ001
    pl.DataFrame({"conversation_id": [1], "sent_at": [naive], "event": ["inbound"]}).write_parquet(
        path
    )
    file = export(path, "parquet", columns=("conversation_id", "sent_at", "event"))
    with pytest.raises(ExportError, match="'sent_at' has no time zone"):
        read([file], ReadSettings())
    (row,) = rows(file, time_zone="Europe/Berlin")
    assert (row["sent_at"], row["conversation_id"]) == (NOON, "1")


WORDS = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0")
    | st.sampled_from(',;"\\\r\n '),
    min_size=1,
    max_size=6,
)
INSTANTS = st.datetimes(datetime(1990, 1, 1), datetime(2099, 12, 31)).map(  # noqa: DTZ001
    lambda moment: moment.replace(tzinfo=UTC)
)
ROWS = st.fixed_dictionaries(
    {
        "conversation_id": WORDS,
        "sent_at": INSTANTS,
        "event": st.sampled_from(EVENTS),
    }
    | {
        name: st.none() | values
        for name, values in {
            "system": WORDS, "source": WORDS, "message_id": WORDS, "status": WORDS, "platform": WORDS,
            "team": WORDS, "agent": WORDS, "customer": WORDS, "category": WORDS, "text": WORDS,
            "author_role": st.sampled_from(ROLES), "grain": st.sampled_from(GRAINS),
            "channel": st.sampled_from(CHANNELS), "visibility": st.sampled_from(VISIBILITIES),
            "priority": st.sampled_from(PRIORITIES), "is_automated": st.booleans(),
            "is_partial": st.booleans(), "tags": st.lists(WORDS, min_size=1, max_size=3),
            "handle_time": st.timedeltas(timedelta(0), timedelta(days=9)),
            "rating": st.floats(0, 1), "sentiment": st.floats(-1, 1),
        }.items()
    }
)  # fmt: skip


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
@given(st.lists(ROWS, min_size=1, max_size=4))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_is_written_is_read_back_exactly(
    tmp_path: Path, kind: FileKind, records: list[dict[str, Any]]
) -> None:
    told = [record | {"export": "é.csv", "row": place} for place, record in enumerate(records, 9)]
    messages = pl.DataFrame(told, schema=TYPES)
    path = tmp_path / f"m.{kind}"
    if kind == "csv":
        canonical(messages, text=True).write_csv(path)
    elif kind == "ndjson":
        canonical(messages, text=True).write_ndjson(path)
    else:
        messages.write_parquet(path)
    file = export(path, kind, columns=tuple(messages.columns))
    for careful in (False, True):
        found = read([file], ReadSettings(careful=careful)).collect().sort("row")
        assert found["reject"].null_count() == len(records)
        assert_frame_equal(found.select(messages.columns), messages)
        assert found["record"].to_list() == list(range(1, len(records) + 1))


def test_bodies_are_written_only_when_asked_for() -> None:
    messages = pl.DataFrame({"conversation_id": ["a"], "text": ["Where is it?"]})
    assert canonical(messages, text=False).columns == ["conversation_id"]
    assert canonical(messages.lazy(), text=True).collect().columns == ["conversation_id", "text"]


def test_an_instant_is_written_with_microseconds_and_z() -> None:
    messages = pl.DataFrame({"sent_at": [NOON]}, schema={"sent_at": MESSAGES["sent_at"]})
    assert canonical(messages, text=False).item() == "2026-03-02T12:00:00.000000Z"


@pytest.mark.parametrize("kind", ["csv", "ndjson", "parquet"])
def test_the_signature_is_the_three_required_columns(kind: FileKind) -> None:
    shape = SOURCE.shapes["messages"]
    columns = ("event", "sent_at", "conversation_id", "anything")
    assert shape.lacks(ExportFile(Path("m"), "m", kind, columns)) == frozenset()
    assert shape.lacks(ExportFile(Path("m"), "m", kind, columns[1:])) == frozenset({"event"})


def test_every_column_read_is_one_a_source_may_give(tmp_path: Path) -> None:
    file = csv_export(tmp_path, ",".join(TYPES) + "\n")
    allowed = MESSAGES | READING | {"file": None, "record": None}
    assert set(read([file], ReadSettings()).collect_schema()) <= set(allowed)
