"""Intercom's warehouse tables: the traps of history tables, each in files of a few lines."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from desks import read, refused, skipped, table, times, told

from kpiaudit.sources.intercom_warehouse import SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

Row = dict[str, str]
SYNCED = {"_fivetran_synced": "2026-09-28 02:00:00.123"}


def version(updated: str = "10 09:00:00", **changed: str) -> Row:
    return {
        "id": "1",
        "updated_at": f"2026-09-{updated}",
        "assignee_id": "",
        "assignee_type": "",
        "conversation_rating_created_at": "",
        "conversation_rating_value": "",
        "created_at": "2026-09-10 08:00:00",
        "priority": "not_priority",
        "source_author_id": "c9",
        "source_author_type": "user",
        "source_delivered_as": "customer_initiated",
        "source_id": "77",
        "source_type": "conversation",
        "source_body": "Hello",
        "state": "open",
    } | changed | SYNCED  # fmt: skip


def part(number: int, minute: int, kind: str, author: str = "admin", **changed: str) -> Row:
    return {
        "id": str(number),
        "updated_at": f"2026-09-10 08:{minute:02}:00",
        "assigned_to_id": "",
        "assigned_to_type": "",
        "author_id": "5" if author == "admin" else "c9",
        "author_type": author,
        "conversation_id": "1",
        "created_at": f"2026-09-10 08:{minute:02}:00",
        "part_type": kind,
        "body": "text" if kind == "comment" else "",
    } | changed | SYNCED  # fmt: skip


def of(folder: Path, versions: list[Row], *parts: Row, **tables: list[Row]) -> pl.DataFrame:
    files = {"conversation_history.csv": table(versions)}
    if parts:
        files["conversation_part_history.csv"] = table(parts)
    return read(SOURCE, folder, files | {f"{n}.csv": table(rows) for n, rows in tables.items()})


def test_the_opening_lies_in_the_source_columns(tmp_path: Path) -> None:
    rows = of(tmp_path, [version()], part(9, 5, "comment"))
    assert told(rows, "event", "customer", "agent", "text")[:2] == [
        ("inbound", "c9", None, "Hello"),
        ("outbound", "c9", "5", "text"),
    ]
    assert times(rows, "inbound") == ["10 08:00:00"]


@pytest.mark.parametrize(
    "stamp",
    ["2026-09-10 08:04:05", "2026-09-10 08:04:05 UTC", "2026-09-10 08:04:05+00", "2026-09-10T08:04:05Z"],
)  # fmt: skip
def test_stamps_are_utc_however_the_warehouse_writes_them(tmp_path: Path, stamp: str) -> None:
    rows = of(tmp_path, [version(created_at=stamp)])
    assert times(rows, "inbound") == ["10 08:04:05"]


def test_versions_of_one_conversation_open_it_once(tmp_path: Path) -> None:
    rows = of(tmp_path, [version(), version("10 10:00:00", source_body="Edited")])
    assert told(rows, "row", "text", event="inbound") == [(2, "Edited")]


def test_each_version_tells_assignee_and_priority_from_then_on(tmp_path: Path) -> None:
    later = version("10 10:00:00", assignee_id="5", assignee_type="admin", priority="priority")
    team = version("10 11:00:00", assignee_id="7", assignee_type="team")
    names = {
        "admin": [{"id": "5", "job_title": "", "email": "", "name": "Ana"} | SYNCED],
        "team": [{"id": "7", "name": "Shop", "_fivetran_deleted": "FALSE"} | SYNCED],
    }
    rows = of(tmp_path, [later, version(), team], **names)
    assert told(rows, "agent", "team", "priority", event="update") == [
        ("(unassigned)", None, "normal"),
        ("Ana", None, "high"),
        (None, "Shop", "normal"),
    ]


def test_without_parts_states_come_from_versions_where_they_change(tmp_path: Path) -> None:
    versions = [
        version("10 09:00:00"),
        version("10 10:00:00", state="snoozed"),
        version("10 11:00:00", state="snoozed"),
        version("10 12:00:00", state="closed"),
    ]
    rows = of(tmp_path, versions)
    assert told(rows, "status", "grain", event="status") == [
        ("snoozed", "milestone"),
        ("closed", "milestone"),
    ]
    assert times(rows, "status") == ["10 10:00:00", "10 12:00:00"]


def test_with_parts_the_parts_tell_the_states(tmp_path: Path) -> None:
    rows = of(tmp_path, [version("10 12:00:00", state="closed")], part(9, 30, "close"))
    assert times(rows, "status") == ["10 08:30:00"]
    assert told(rows, "grain", event="status") == ["message"]


def test_of_versions_of_a_part_the_latest_counts(tmp_path: Path) -> None:
    old = part(9, 5, "comment", body="frist")
    new = part(9, 5, "comment", body="first", updated_at="2026-09-10 09:00:00")
    rows = of(tmp_path, [version()], new, old)
    assert told(rows, "text", event="outbound") == ["first"]
    assert times(rows, "outbound") == ["10 08:05:00"]
    assert skipped(rows) == [(2, "older version")]


def test_parts_that_join_no_conversation_are_partial(tmp_path: Path) -> None:
    lost = part(9, 5, "comment", conversation_id="12")
    rows = of(tmp_path, [version()], lost)
    assert told(rows, "conversation_id", "is_partial", event="outbound") == [("12", True)]


def test_a_bots_comment_and_a_note_are_no_answers(tmp_path: Path) -> None:
    rows = of(tmp_path, [version()], part(8, 1, "comment", "bot"), part(9, 5, "note"))
    assert told(rows, "event", "author_role", "is_automated")[1:3] == [
        ("outbound", "bot", True),
        ("note", "agent", False),
    ]


def test_active_tags_are_todays_and_by_name(tmp_path: Path) -> None:
    link = {"conversation_id": "1", "conversation_updated_at": "2026-09-10 09:00:00"} | SYNCED
    links = [
        link | {"tag_id": "81", "_fivetran_active": "true"},
        link | {"tag_id": "82", "_fivetran_active": "false"},
    ]
    tags = [
        {"id": key, "name": f"t{key}", "_fivetran_deleted": "FALSE"} | SYNCED
        for key in ("81", "82")
    ]
    team = [{"id": "81", "name": "Shop", "_fivetran_deleted": "FALSE"} | SYNCED]
    rows = of(
        tmp_path,
        [version(), version("10 10:00:00")],
        conversation_tag_history=links,
        tag=tags,
        team=team,
    )
    assert told(rows, "tags", event="update") == [None, ["t81"]]


def test_the_newer_columns_of_statistics_stand_in_for_parts(tmp_path: Path) -> None:
    answered = {"statistics_first_admin_reply_at": "2026-09-10 08:20:00"}
    assert times(of(tmp_path, [version() | answered]), "outbound") == ["10 08:20:00"]
    rows = of(tmp_path, [version() | answered], part(9, 20, "comment"))
    assert told(rows, "message_id", event="outbound") == ["9"]


def test_a_rating_is_a_share(tmp_path: Path) -> None:
    rated = version(
        conversation_rating_value="5", conversation_rating_created_at="2026-09-11 08:00:00"
    )
    rows = of(tmp_path, [rated])
    assert told(rows, "rating", "author_role", event="rated") == [(1.0, "customer")]


def test_an_automated_conversation_has_no_customers_message(tmp_path: Path) -> None:
    sent = version(
        source_delivered_as="automated", source_author_type="admin", source_author_id="5"
    )
    assert told(of(tmp_path, [sent]), "event", "is_automated")[0] == ("outbound", True)


def test_rows_without_keys_or_dates_are_rejects(tmp_path: Path) -> None:
    rows = of(tmp_path, [version(), version(id="")], part(9, 5, "comment", created_at="yesterday"))
    assert sorted(refused(rows)) == [
        (1, "created_at: not a date", "yesterday"),
        (2, "id: missing", None),
    ]


@pytest.mark.real_exports
def test_every_table_of_the_connector_is_read_or_named(real_exports: Path, tmp_path: Path) -> None:
    folder = real_exports / "intercom_warehouse"
    files = {path.name: path.read_text("utf-8") for path in sorted(folder.glob("*.csv"))}
    rows = read(SOURCE, tmp_path, files)
    assert set(rows["export"].cast(str).to_list()) == set(files)
    assert refused(rows) == []
    conversation = rows.filter(rows["conversation_id"] == "156643300001311")
    assert times(conversation, "inbound") == ["28 23:59:37"]
    assert times(conversation, "status") == ["02 14:17:59"]
    assert len(told(rows, "is_partial", event="note")) == 1
