"""Zendesk's warehouse tables: what each table adds, and what the flattening lost."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_files import claimed, read, refused, skipped, told

from kpiaudit.exports.discovery import discover
from kpiaudit.sources import shipped
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.zendesk_warehouse import SOURCE

TICKET = {
    "id": "7", "requester_id": "501", "submitter_id": "501", "assignee_id": "901", "group_id": "77",
    "status": "closed", "priority": "urgent", "description": "Help", "via_channel": "email",
    "via_source_rel": "", "created_at": "2026-03-02 09:00:00", "updated_at": "2026-03-09 09:00:00",
    "merged_ticket_ids": "[]", "_fivetran_synced": "2026-03-10 02:00:00.123",
}  # fmt: skip
COMMENT = {
    "id": "1", "ticket_id": "7", "user_id": "501", "public": "TRUE", "body": "Help",
    "created": "2026-03-02 09:00:00", "tweet": "FALSE", "facebook_comment": "FALSE",
    "voice_comment": "FALSE",
}  # fmt: skip
USER = {
    "id": "901", "name": "Ana", "email": "ana@example.com", "role": "agent",
    "ticket_restriction": "", "shared_agent": "FALSE",
}  # fmt: skip
Cells = dict[str, Any]


def csv_of(*records: Cells) -> str:
    lines = [",".join(records[0]), *(",".join(map(str, record.values())) for record in records)]
    return "\n".join(lines) + "\n"


def change(field: str, value: str, day: int = 2, who: str = "901") -> Cells:
    return {
        "field_name": field,
        "ticket_id": "7",
        "updated": f"2026-03-{day:02} 10:00:00",
        "user_id": who,
        "value": value,
    }


def test_comments_and_users_give_the_messages(tmp_path: Path) -> None:
    said = [
        COMMENT,
        COMMENT | {"id": "2", "user_id": "901", "created": "2026-03-02 09:20:00"},
        COMMENT
        | {"id": "3", "user_id": "901", "public": "FALSE", "created": "2026-03-02 09:30:00"},
    ]
    files = {"t.csv": csv_of(TICKET), "c.csv": csv_of(*said), "u.csv": csv_of(USER)}
    rows = read(SOURCE, tmp_path, files)
    messages = rows.filter(pl.col("export") == "c.csv")
    assert told(messages, "sent_at", "event", "author_role", "agent", "channel") == [
        (datetime(2026, 3, 2, 9, tzinfo=UTC), "inbound", "customer", None, "email"),
        (datetime(2026, 3, 2, 9, 20, tzinfo=UTC), "outbound", "agent", "Ana", "email"),
        (datetime(2026, 3, 2, 9, 30, tzinfo=UTC), "note", "agent", None, "email"),
    ]


def test_the_history_tells_statuses_and_the_warehouse_spells_on_hold_its_own_way(
    tmp_path: Path,
) -> None:
    words = ["new", "open", "pending", "on-hold", "hold", "solved", "closed"]
    changes = [change("status", word, day) for day, word in enumerate(words, 1)]
    rows = read(SOURCE, tmp_path, {"t.csv": csv_of(TICKET), "h.csv": csv_of(*changes)})
    statuses = [word for (word,) in told(rows.drop_nulls("status"), "status")]
    assert statuses == ["open", "open", "pending", "on_hold", "on_hold", "resolved", "closed"]


def test_the_priority_is_that_of_the_day_and_not_todays(tmp_path: Path) -> None:
    changes = [change("priority", "normal", 2), change("priority", "urgent", 5)]
    rows = read(SOURCE, tmp_path, {"t.csv": csv_of(TICKET), "h.csv": csv_of(*changes)})
    assert told(rows.filter(pl.col("export") == "h.csv"), "event", "priority") == [
        ("update", "normal"),
        ("update", "urgent"),
    ]


def test_a_priority_zendesk_does_not_know_is_a_reject(tmp_path: Path) -> None:
    changes = [change("priority", "high"), change("priority", "medium", 3)]
    rows = read(SOURCE, tmp_path, {"t.csv": csv_of(TICKET), "h.csv": csv_of(*changes)})
    assert refused(rows) == [(2, "priority: not low, normal, high or urgent", "medium")]


def test_somebody_taken_off_a_ticket_leaves_it_unassigned(tmp_path: Path) -> None:
    changes = [change("assignee_id", "901"), change("assignee_id", "", 3)]
    files = {"t.csv": csv_of(TICKET), "h.csv": csv_of(*changes), "u.csv": csv_of(USER)}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows.filter(pl.col("export") == "h.csv"), "agent") == [("Ana",), ("(unassigned)",)]


def test_other_fields_are_skipped(tmp_path: Path) -> None:
    changes = [change("subject", "x"), change("status", "", 3)]
    rows = read(SOURCE, tmp_path, {"t.csv": csv_of(TICKET), "h.csv": csv_of(*changes)})
    assert skipped(rows) == {"change of another field": 1, "change to nothing": 1}


def test_a_change_copied_twice_has_one_id(tmp_path: Path) -> None:
    changes = [change("status", "solved"), change("status", "solved")]
    rows = read(SOURCE, tmp_path, {"t.csv": csv_of(TICKET), "h.csv": csv_of(*changes)})
    ids = rows.filter(pl.col("export") == "h.csv")["message_id"]
    assert (len(ids), ids.n_unique()) == (2, 1)


def test_without_the_history_todays_status_gives_no_solution(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"t.csv": csv_of(TICKET)})
    assert told(rows, "event") == [("inbound",), ("update",)]


def test_a_ticket_that_another_names_as_merged_is_merged(tmp_path: Path) -> None:
    tickets = [TICKET | {"id": "6", "merged_ticket_ids": "[7]"}, TICKET]
    files = {"t.csv": csv_of(*tickets), "h.csv": csv_of(change("status", "closed"))}
    rows = read(SOURCE, tmp_path, files)
    assert told(rows.drop_nulls("status"), "conversation_id", "status") == [("7", "merged")]


def test_tags_come_from_their_own_table(tmp_path: Path) -> None:
    tags = [{"tag": tag, "ticket_id": "7", "_fivetran_synced": "x"} for tag in ("b", "a")]
    rows = read(SOURCE, tmp_path, {"t.csv": csv_of(TICKET), "g.csv": csv_of(*tags)})
    assert rows.drop_nulls("tags")["tags"].to_list() == [["a", "b"]]
    assert skipped(rows) == {"companion: tags": 2}


def test_deleted_tickets_are_skipped_with_all_they_hold(tmp_path: Path) -> None:
    files = {"t.csv": csv_of(TICKET | {"status": "deleted"}), "c.csv": csv_of(COMMENT)}
    assert skipped(read(SOURCE, tmp_path, files)) == {"deleted ticket": 2}


@pytest.mark.parametrize(
    ("flag", "channel", "platform"),
    [("tweet", "social", "twitter"), ("facebook_comment", "social", "facebook")],
)
def test_a_flag_tells_where_a_comment_came_from(
    tmp_path: Path, flag: str, channel: str, platform: str
) -> None:
    files = {"t.csv": csv_of(TICKET), "c.csv": csv_of(COMMENT | {flag: "TRUE"})}
    rows = read(SOURCE, tmp_path, files)
    said = rows.filter(pl.col("message_id") == "1")
    assert told(said, "channel", "platform") == [(channel, platform)]


@pytest.mark.parametrize(
    "spelt", ["2026-03-02 09:00:00", "2026-03-02 09:00:00.000000 UTC", "2026-03-02T09:00:00Z"]
)
def test_stamps_are_utc_however_the_warehouse_writes_them(tmp_path: Path, spelt: str) -> None:
    files = {"t.csv": csv_of(TICKET), "c.csv": csv_of(COMMENT | {"created": spelt})}
    rows = read(SOURCE, tmp_path, files, time_zone="Asia/Tokyo")
    said = rows.filter(pl.col("message_id") == "1")
    assert told(said, "sent_at") == [(datetime(2026, 3, 2, 9, tzinfo=UTC),)]


def test_a_comment_of_nobody_known_is_a_reject(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"c.csv": csv_of(COMMENT)})
    assert refused(rows) == [(1, "author_id: neither in users nor on a known ticket", "501")]


def test_broken_cells_name_their_row(tmp_path: Path) -> None:
    files = {
        "t.csv": csv_of(TICKET, TICKET | {"id": "8", "created_at": "yesterday"}),
        "c.csv": csv_of(COMMENT | {"public": "maybe"}),
    }
    assert refused(read(SOURCE, tmp_path, files)) == [
        (1, "public: neither true nor false", "maybe"),
        (2, "created_at: not a date", "yesterday"),
    ]


@pytest.mark.real_exports
def test_every_row_of_the_real_tables_is_told_or_refused(real_exports: Path) -> None:
    names = ("ticket", "ticket_comment", "ticket_field_history", "user", "group", "ticket_tag")
    paths = [real_exports / "zendesk_warehouse" / f"{name}_data.csv" for name in names]
    rows = SOURCE.read([claimed(SOURCE, path) for path in paths], ReadSettings()).collect()
    counted = dict(rows.select("export", "row").unique()["export"].value_counts().rows())
    lengths = {path.name: len(path.read_text("utf-8").splitlines()) - 1 for path in paths}
    assert {str(name): count for name, count in counted.items()} == lengths
    solved = rows.filter(pl.col("conversation_id") == "11071", pl.col("status") == "resolved")
    assert solved["sent_at"].to_list() == [datetime(2020, 11, 14, 11, 1, 27, tzinfo=UTC)]
    assert set(refused(rows)) >= {
        (9, "priority: not low, normal, high or urgent", "medium"),
        (21, "priority: not low, normal, high or urgent", "solved"),
    }


@pytest.mark.real_exports
def test_a_whole_dump_is_claimed_but_for_its_chats(real_exports: Path) -> None:
    found = discover([str(real_exports / "zendesk_warehouse")], shipped(), keep_going=True)
    assert {claim.source.name for claim in found.claims} == {"zendesk_warehouse"}
    unclaimed = sorted(str(problem).split(":")[0] for problem in found.unclaimed)
    assert unclaimed == ["ticket_chat_data.csv", "ticket_chat_event_data.csv"]
