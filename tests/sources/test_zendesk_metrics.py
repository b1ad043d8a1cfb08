"""Zendesk's metrics: stamps for tickets without comments or audits, never minutes of business hours; and
the ways its API pages records."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from small_files import claimed, skipped
from zendesk import (
    CUSTOMER,
    USERS,
    Record,
    audit,
    change,
    comment,
    frame,
    looked_at,
    read,
    talk,
    ticket,
    told,
    written,
)

from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.zendesk_json import SOURCE


def measured(replied: int | None = 95, **changed: object) -> Record:
    return {
        "id": 7001,
        "ticket_id": 1,
        "created_at": "2026-03-02T09:00:00Z",
        "reopens": 0,
        "replies": 2,
        "solved_at": "2026-03-04T09:00:00Z",
        "initially_assigned_at": "2026-03-02T08:59:59Z",
        "reply_time_in_minutes": {"calendar": replied, "business": 12},
        "full_resolution_time_in_minutes": {"calendar": 2880, "business": 960},
    } | changed


def moment(metric: str, kind: str, time: str, instance: int = 1, **changed: object) -> Record:
    return {
        "id": 8000,
        "ticket_id": 1,
        "metric": metric,
        "instance_id": instance,
        "type": kind,
        "time": f"2026-03-{time}Z",
    } | changed


def at(day: int, hour: int, minute: int = 0, second: int = 0) -> datetime:
    return datetime(2026, 3, day, hour, minute, second, tzinfo=UTC)


def replies(rows: pl.DataFrame) -> list[datetime]:
    return [sent for (sent,) in told(rows.filter(pl.col("event") == "outbound"), "sent_at")]


def solutions(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    return told(rows.drop_nulls("status"), "sent_at", "status")


def test_the_reply_lies_all_minutes_after_creation_not_those_of_business_hours(
    tmp_path: Path,
) -> None:
    rows = read(tmp_path, tickets=[ticket(status="solved")], ticket_metrics=[measured()])
    assert told(rows, "sent_at", "event", "author_role", "grain") == [
        (at(2, 9), "inbound", "customer", "milestone"),
        (at(2, 10, 35), "outbound", "agent", "milestone"),
        (at(2, 12), "update", "system", "milestone"),
        (at(4, 9), "status", "system", "milestone"),
    ]
    assert skipped(rows) == {"companion: ticket_metrics": 1}


def test_a_side_loaded_metric_set_tells_the_reply_too(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket(metric_set=measured(30))])
    assert replies(rows) == [at(2, 9, 30)]


def test_a_reply_not_measured_is_not_there(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket()], ticket_metrics=[measured(None)])
    assert replies(rows) == []


def test_an_event_dates_the_reply_to_the_second_and_beats_the_minutes(tmp_path: Path) -> None:
    events = [
        moment("reply_time", "activate", "02T09:00:00"),
        moment("reply_time", "fulfill", "02T10:34:41"),
        moment("reply_time", "fulfill", "03T10:00:00", instance=2),
        moment("agent_work_time", "fulfill", "02T09:10:00"),
    ]
    rows = read(
        tmp_path,
        tickets=[ticket()],
        ticket_metrics=[measured()],
        ticket_metric_events=events,
        users=USERS,
    )
    assert replies(rows) == [at(2, 10, 34, 41)]
    assert told(rows.filter(pl.col("event") == "outbound"), "agent") == [("Ana",)]
    assert skipped(rows)["companion: ticket_metric_events"] == 4


def test_a_deleted_event_never_was(tmp_path: Path) -> None:
    events = [moment("reply_time", "fulfill", "02T10:34:41", deleted=True)]
    rows = read(tmp_path, tickets=[ticket()], ticket_metric_events=events)
    assert replies(rows) == []


@pytest.mark.parametrize("metric", ["resolution_time", "requester_wait_time"])
def test_the_last_solution_counts_where_the_ticket_is_solved(tmp_path: Path, metric: str) -> None:
    events = [
        moment(metric, "fulfill", "03T08:00:00"),
        moment(metric, "fulfill", "05T08:00:00"),
        moment(metric, "breach", "06T08:00:00"),
    ]
    rows = read(tmp_path, tickets=[ticket(status="closed")], ticket_metric_events=events)
    assert solutions(rows) == [(at(5, 8), "resolved")]


def test_a_ticket_open_again_is_not_solved_whatever_was_measured(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket(status="open")], ticket_metrics=[measured()])
    assert solutions(rows) == []


def test_comments_tell_replies_better_than_metrics(tmp_path: Path) -> None:
    rows = read(
        tmp_path, tickets=[ticket()], comments=talk(), users=USERS, ticket_metrics=[measured()]
    )
    assert replies(rows) == [at(2, 9, 30)]


def test_audits_tell_solutions_better_than_metrics(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        tickets=[ticket(status="solved")],
        comments=[comment(1, 0, CUSTOMER)],
        audits=[audit(1, 45, 901, change("status", "solved"))],
        ticket_metrics=[measured()],
    )
    assert solutions(rows) == [(at(2, 9, 45), "resolved")]


def test_an_incremental_page_and_one_record_a_line_hold_the_same(tmp_path: Path) -> None:
    records = [
        ticket(generated_timestamp=1772452800),
        ticket(id=2, generated_timestamp=1772452801, status="deleted"),
    ]
    page = {"tickets": records, "after_url": None, "after_cursor": "MTY=", "end_of_stream": True}
    lines = "\n".join(map(json.dumps, records))
    told_by_page = frame([written(tmp_path, "tickets", json.dumps(page))])
    told_by_lines = frame([written(tmp_path, "tickets", lines, "jsonl")])
    place = "export"
    assert_frame_equal(told_by_page.drop(place), told_by_lines.drop(place))
    assert skipped(told_by_page) == {"deleted ticket": 1}


def test_of_a_ticket_on_two_incremental_pages_the_later_holds(tmp_path: Path) -> None:
    early = ticket(status="new", priority="low", updated_at="2026-03-02T10:00:00Z")
    pages = [early, ticket(priority="urgent", via={"channel": "web"})]
    files = []
    for number, record in enumerate(pages):
        path = tmp_path / f"page{number}.json"
        path.write_text(json.dumps({"tickets": [record], "end_of_stream": bool(number)}))
        files.append(looked_at(path, "tickets"))
    rows = frame(files)
    assert told(rows.drop_nulls("priority"), "priority") == [("low",), ("urgent",)]
    assert set(rows["channel"]) == {"form"}


@pytest.mark.real_exports
def test_real_metrics_are_companions(real_exports: Path) -> None:
    file = claimed(SOURCE, real_exports / "json" / "zendesk_ticket_metrics.jsonl")
    assert file.part == "ticket_metrics"
    rows = SOURCE.read([file], ReadSettings()).collect()
    assert rows["skip"].to_list() == ["companion: ticket_metrics"] * 3
