"""Twilio's call log: legs of one parent, machines, trunks and calls nobody was dialled for."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from audits import clocks, of, sla, written
from reading import Record, at, csv_text, page, refused, rows_of, told

from kpiaudit.sources.twilio_calls import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

SPEED = sla("speed", "first_response", "20s")


def stamp(second: int) -> str:
    return f"Mon, 02 Mar 2026 09:{second // 60:02}:{second % 60:02} +0000"


def call(
    sid: str = "CA1", start: int = 0, end: int = 60, parent: str | None = None, **changed: object
) -> Record:
    return {
        "sid": sid,
        "parent_call_sid": parent,
        "date_created": stamp(start),
        "date_updated": stamp(end),
        "start_time": stamp(start),
        "end_time": stamp(end),
        "duration": str(end - start),
        "queue_time": "900000",
        "direction": "inbound" if parent is None else "outbound-dial",
        "status": "completed",
        "from": "+491",
        "to": "+499" if parent is None else "client:ana",
        "answered_by": None,
    } | changed


def dialled(sid: str, start: int, end: int, **changed: object) -> Record:
    return call(sid, start, end, "CA1", **changed)


def read(folder: Path, *calls: Record) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"calls.json": page("calls", calls)})


def first(folder: Path, *calls: Record) -> list[tuple[Any, ...]]:
    found = clocks(written(folder, {"calls.json": page("calls", calls)}, SPEED))
    return [
        (row["stop_reason"], row["elapsed_seconds"], row["agent"])
        for row in of(found, metric="first_response")
    ]


def test_the_legs_of_a_parent_are_one_call_answered_by_the_telephone_that_took_it(
    tmp_path: Path,
) -> None:
    rang = dialled("CA2", 5, 20, status="no-answer", duration="0", to="client:ben")
    legs = [call(), rang, dialled("CA3", 24, 60)]
    rows = read(tmp_path, *legs)
    assert told(rows, "row", "conversation_id", "event", "agent") == [
        (1, "CA1", "inbound", None),
        (3, "CA1", "outbound", "ana"),
        (3, "CA1", "status", "ana"),
    ]
    assert rows["skip"].drop_nulls().to_list() == ["leg nobody answered"]
    assert rows["handle_time"].drop_nulls().to_list() == [timedelta(seconds=36)]
    assert first(tmp_path, *legs) == [("reply", 24, "ana")]


def test_a_leg_stamped_from_its_dialling_was_taken_its_duration_before_its_end(
    tmp_path: Path,
) -> None:
    assert first(tmp_path, call(), dialled("CA2", 5, 60, duration="40")) == [("reply", 20, "ana")]


@pytest.mark.parametrize("status", ["busy", "no-answer", "failed", "canceled", "noanswer"])
def test_a_caller_no_telephone_took_abandoned(tmp_path: Path, status: str) -> None:
    legs = [call(), dialled("CA2", 5, 60, status=status, duration="0")]
    assert first(tmp_path, *legs) == [("abandoned", 60, "(unassigned)")]


def test_a_machine_that_takes_the_call_is_nobody(tmp_path: Path) -> None:
    legs = [call(), dialled("CA2", 5, 60, answered_by="machine_start")]
    assert first(tmp_path, *legs) == [("abandoned", 60, "(unassigned)")]


def test_a_call_nobody_was_dialled_for_was_served_by_the_application_or_cut_off(
    tmp_path: Path,
) -> None:
    assert first(tmp_path / "a", call()) == []
    assert first(tmp_path / "b", call(end=0)) == [("abandoned", 0, "(unassigned)")]
    assert first(tmp_path / "c", call(status="canceled", duration="0")) == [
        ("abandoned", 60, "(unassigned)")
    ]


def test_on_a_trunk_the_leg_is_the_call(tmp_path: Path) -> None:
    trunk = call(start=14, direction="trunking-originating", date_created=stamp(0))
    assert first(tmp_path, trunk) == [("reply", 14, "(unassigned)")]


def test_calls_we_made_begin_where_they_were_taken(tmp_path: Path) -> None:
    ours = [
        call(direction="outbound-api", to="+492"),
        dialled("CA2", 20, 60),
        call("CA4", direction="outbound-api", status="busy", duration="0"),
    ]
    rows = read(tmp_path, *ours).sort("conversation_id", "sent_at", maintain_order=True)
    assert told(rows, "conversation_id", "event", "customer") == [
        ("CA1", "outbound", "+492"),
        ("CA1", "status", "+492"),
        ("CA4", "update", "+499"),
        ("CA4", "status", "+499"),
    ]


def test_a_call_that_goes_on_has_no_end(tmp_path: Path) -> None:
    going = call(status="in-progress", end_time=None, duration=None)
    assert told(read(tmp_path, going), "event") == [("inbound",)]


def test_days_of_a_bulk_export_are_json_lines_in_gzip_with_iso_stamps(tmp_path: Path) -> None:
    legs = [call(start_time="2026-03-02T09:00:00Z", end_time="2026-03-02T09:01:00Z")]
    legs.append(dialled("CA2", 10, 60))
    path = tmp_path / "exports" / "2026-03-02.json.gz"
    path.parent.mkdir()
    path.write_bytes(gzip.compress("".join(json.dumps(leg) + "\n" for leg in legs).encode()))
    (row,) = of(clocks(written(tmp_path, {}, SPEED)), metric="first_response")
    assert (row["elapsed_seconds"], row["start_export"]) == (10, "2026-03-02.json.gz")


def test_a_connectors_table_says_utc_and_leaves_creation_empty(tmp_path: Path) -> None:
    header = "id,parent_call_id,created_at,direction,duration,end_time,from,queue_time,start_time,status,to"
    row = "CA1,,,inbound,0,2026-03-02 09:00:00.000000 UTC,491,0,2026-03-02 09:00:00.000000 UTC,completed,499"
    broken = row.replace("CA1", "CA2").replace("03-02", "02-30")
    text = csv_text(header.split(","), row.split(","), broken.split(","))
    rows = rows_of(SOURCE, tmp_path, {"calls.csv": text})
    assert at(rows, "inbound") == ["2026-03-02T09:00:00Z"]
    assert refused(rows) == [(2, "start_time: not a date", "2026-02-30 09:00:00.000000 UTC")]


@pytest.mark.real_exports
def test_the_real_table_is_eight_calls_cut_off_at_once_and_a_30th_of_february(
    real_exports: Path, tmp_path: Path
) -> None:
    path = real_exports / "twilio_warehouse" / "twilio_call_data.csv"
    rows = rows_of(SOURCE, tmp_path, {"calls.csv": path.read_text("utf-8")})
    assert len(at(rows, "inbound")) == len(at(rows, "status")) == 8
    assert [row for row, _, _ in refused(rows)] == [4]


def test_unknown_directions_and_durations_are_refused(tmp_path: Path) -> None:
    calls = [call(direction="sideways"), call("CA2", duration="long"), call("CA3", start_time=None)]
    calls[2]["date_created"] = None
    assert refused(read(tmp_path, *calls)) == [
        (1, "direction: unknown word", "sideways"),
        (2, "duration: not a number", "long"),
        (3, "start_time: missing", None),
    ]
