"""Zendesk JSON: every trap of real exports that this reader meets, each in a file of a few lines."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from zendesk import (
    AGENT,
    CUSTOMER,
    GROUPS,
    OTHER,
    USERS,
    Record,
    audit,
    change,
    comment,
    frame,
    looked_at,
    read,
    refused,
    talk,
    ticket,
    told,
    via,
    written,
)

from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.zendesk_json import SOURCE


def test_roles_come_from_users_and_a_private_comment_is_a_note(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket()], comments=talk(), users=USERS, groups=GROUPS)
    messages = rows.filter(pl.col("export") == "comments.json")
    assert told(messages, "message_id", "event", "author_role", "agent", "customer") == [
        ("1", "inbound", "customer", None, "501"),
        ("2", "note", "agent", None, "501"),
        ("3", "outbound", "agent", "Ana", "501"),
    ]


def test_an_admin_who_is_not_the_assignee_is_an_agent_by_users(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket()], comments=[comment(1, 0, OTHER)], users=USERS)
    assert ("outbound", "agent", "Ben") in told(rows, "event", "author_role", "agent")


def test_without_users_requester_assignee_and_note_writer_are_known_and_nobody_else(
    tmp_path: Path,
) -> None:
    comments = [
        comment(1, 0, CUSTOMER),
        comment(2, 1, AGENT),
        comment(3, 2, OTHER),
        comment(4, 3, 77, public=False),
    ]
    rows = read(tmp_path, tickets=[ticket()], comments=comments)
    messages = rows.filter(pl.col("export") == "comments.json")
    assert told(messages, "message_id", "event", "author_role", "agent") == [
        ("1", "inbound", "customer", None),
        ("2", "outbound", "agent", "901"),
        ("3", "outbound", "unknown", "902"),
        ("4", "note", "agent", None),
    ]


def test_an_author_known_neither_from_users_nor_a_ticket_is_a_reject(tmp_path: Path) -> None:
    rows = read(tmp_path, comments=[comment(1, 0, CUSTOMER), comment(2, 1, 66)], users=USERS)
    assert told(rows.drop_nulls("event"), "message_id", "customer") == [("1", "501")]
    assert refused(rows) == [(2, "author_id: neither in users nor on a known ticket", "66")]


@pytest.mark.parametrize(
    ("author", "origin", "role"),
    [
        (-1, via("email"), "system"),
        ("__system", via("chat"), "system"),
        ("__trigger", via("chat"), "bot"),
        (AGENT, via("rule", "trigger"), "agent"),
        (AGENT, via("web", "automation"), "agent"),
        (OTHER, via("web"), "bot"),
    ],
)
def test_what_a_machine_wrote_is_automated(
    tmp_path: Path, author: int | str, origin: Record, role: str
) -> None:
    rows = read(
        tmp_path,
        us=Us(bots=("BEN",)),
        tickets=[ticket()],
        comments=[comment(1, 0, CUSTOMER), comment(2, 1, author, via=origin)],
        users=USERS,
    )
    sent = rows.filter(pl.col("event") == "outbound")
    assert told(sent, "author_role", "is_automated") == [(role, True)]


def test_a_chat_actor_is_the_agent_it_names(tmp_path: Path) -> None:
    rows = read(
        tmp_path, tickets=[ticket()], comments=[comment(1, 0, f"agent:{AGENT}")], users=USERS
    )
    sent = rows.filter(pl.col("event") == "outbound")
    assert told(sent, "author_role", "agent", "is_automated") == [("agent", "Ana", False)]


def test_a_voicemail_is_from_the_customer_though_it_is_not_public(tmp_path: Path) -> None:
    voicemail = via("voice", "voicemail")
    alone = read(tmp_path, tickets=[ticket(via=voicemail, is_public=False)])
    assert ("inbound", "voice") in told(alone, "event", "channel")
    spoken = [comment(1, 0, CUSTOMER, public=False, via=voicemail)]
    rows = read(tmp_path, tickets=[ticket(via=voicemail)], comments=spoken, users=USERS)
    assert told(rows.filter(pl.col("message_id") == "1"), "event") == [("inbound",)]


def test_the_opening_comment_is_not_told_twice_by_the_ticket(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket()], comments=talk(), users=USERS)
    assert rows.filter(pl.col("event") == "inbound").height == 1


def test_tickets_alone_give_their_opening_as_a_milestone_and_no_resolution(tmp_path: Path) -> None:
    rows = read(tmp_path, text=True, tickets=[ticket(status="solved")], groups=GROUPS)
    assert told(
        rows.drop_nulls("event"), "event", "grain", "status", "text", "priority", "team"
    ) == [
        ("inbound", "milestone", None, "Where is my parcel?", None, None),
        ("update", "milestone", None, None, "high", "Tier 1"),
    ]


def test_a_solution_is_told_only_by_a_dated_stamp(tmp_path: Path) -> None:
    metrics = {"solved_at": "2026-03-02T10:30:00Z", "initially_assigned_at": "2026-03-02T08:59:59Z"}
    rows = read(tmp_path, tickets=[ticket(status="closed", metric_set=metrics)])
    solved = rows.filter(pl.col("event") == "status")
    at = datetime(2026, 3, 2, 10, 30, tzinfo=UTC)
    assert told(solved, "status", "sent_at") == [("resolved", at)]


def test_initially_assigned_a_second_before_created_leaves_the_opening_first_to_wait(
    tmp_path: Path,
) -> None:
    early = audit(5, 0, AGENT, change("assignee_id", str(AGENT), "Create"))
    early["created_at"] = "2026-03-02T08:59:59Z"
    rows = read(tmp_path, tickets=[ticket()], comments=talk(), audits=[early], users=USERS)
    assert told(rows, "event", "agent")[:2] == [("update", "Ana"), ("inbound", None)]


@pytest.mark.parametrize(
    "sample", [{"via": via("sample_ticket")}, {"tags": ["sample", "support", "zendesk"]}]
)
def test_a_sample_ticket_is_skipped_with_everything_said_in_it(
    tmp_path: Path, sample: Record
) -> None:
    audits = [audit(5, 0, -1, change("status", "new", "Create"))]
    rows = read(tmp_path, tickets=[ticket(**sample)], comments=talk(), audits=audits, users=USERS)
    assert not told(rows, "event")
    skipped = rows.filter(pl.col("export") != "users.json")["skip"]
    assert skipped.to_list() == ["sample ticket"] * len(skipped)


def test_a_deleted_ticket_is_skipped(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket(status="deleted")], comments=talk(), users=USERS)
    assert set(rows.filter(pl.col("export") != "users.json")["skip"]) == {"deleted ticket"}


@pytest.mark.parametrize(
    ("score", "ratings"),
    [("offered", []), ("unoffered", []), ("good", [1.0]), ("bad", [0.0]), (None, [])],
)
def test_offered_is_not_a_rating(tmp_path: Path, score: str | None, ratings: list[float]) -> None:
    rows = read(tmp_path, tickets=[ticket(satisfaction_rating={"score": score})])
    assert rows.filter(pl.col("event") == "rated")["rating"].to_list() == ratings


def test_a_rating_told_by_an_audit_keeps_its_own_time(tmp_path: Path) -> None:
    rows = read(
        tmp_path,
        tickets=[ticket(satisfaction_rating={"score": "good"})],
        audits=[
            audit(5, 40, -1, change("satisfaction_score", "offered")),
            audit(6, 50, CUSTOMER, change("satisfaction_score", "good")),
        ],
    )
    rated = rows.filter(pl.col("event") == "rated")
    at = datetime(2026, 3, 2, 9, 50, tzinfo=UTC)
    assert told(rated, "rating", "sent_at", "author_role") == [(1.0, at, "customer")]


def history() -> list[Record]:
    return [
        audit(
            5, 0, CUSTOMER,
            {"type": "Comment", "author_id": CUSTOMER, "public": True, "body": "Where?"},
            change("status", "new", "Create"),
            change("priority", "low", "Create"),
            change("group_id", "77", "Create"),
            change("assignee_id", None, "Create"),
            change("tags", ["delivery", "vip"], "Create"),
            change("subject", "Parcel", "Create"),
        ),
        audit(6, 10, AGENT, change("priority", "urgent"), change("assignee_id", str(AGENT))),
        audit(7, 20, AGENT, change("status", "hold")),
        audit(8, 30, AGENT, {"type": "Comment", "public": True, "body": "Here"}, change("status", "solved")),
        audit(9, 31, -1, {"type": "Notification", "subject": "x", "recipients": [1]}),
        audit(10, 40, AGENT, change("assignee_id", None), change("tags", [])),
        audit(11, 50, -1, change("status", "closed"), via=via("rule", "automation")),
    ]  # fmt: skip


def test_dimensions_and_statuses_hold_from_the_audit_that_set_them(tmp_path: Path) -> None:
    rows = read(tmp_path, audits=history(), users=USERS, groups=GROUPS, tickets=[ticket()])
    told_by_audits = rows.filter(
        (pl.col("export") == "audits.json") & pl.col("event").is_in(["status", "update"])
    )
    assert told(told_by_audits, "event", "status", "priority", "team", "agent", "tags") == [
        ("update", None, "low", "Tier 1", None, ["delivery", "vip"]),
        ("status", "open", None, None, None, None),
        ("update", None, "urgent", None, "Ana", None),
        ("status", "on_hold", None, None, None, None),
        ("status", "resolved", None, None, None, None),
        ("update", None, None, None, "(unassigned)", []),
        ("status", "closed", None, None, None, None),
    ]


def test_audits_without_comments_carry_the_messages(tmp_path: Path) -> None:
    rows = read(tmp_path, text=True, audits=history(), users=USERS, tickets=[ticket()])
    messages = rows.filter(pl.col("event").is_in(["inbound", "outbound"]))
    assert told(messages, "message_id", "event", "agent", "text") == [
        ("50", "inbound", None, "Where?"),
        ("80", "outbound", "Ana", "Here"),
    ]


def test_a_comment_told_by_comments_and_audits_counts_once(tmp_path: Path) -> None:
    comments = [
        comment(50, 0, CUSTOMER),
        comment(4711, 30, AGENT, audit_id=8),
        comment(99, 59, CUSTOMER),
    ]
    rows = read(tmp_path, tickets=[ticket()], comments=comments, audits=history(), users=USERS)
    messages = rows.filter(pl.col("event").is_in(["inbound", "outbound"]))
    assert told(messages, "message_id", "export") == [
        ("50", "comments.json"),
        ("4711", "comments.json"),
        ("99", "comments.json"),
    ]


def test_an_audit_that_tells_nothing_new_is_a_skipped_row(tmp_path: Path) -> None:
    said = audit(5, 0, CUSTOMER, {"type": "Comment", "public": True, "body": "Where?"})
    audits = [said, audit(6, 1, -1, {"type": "Notification"})]
    rows = read(tmp_path, tickets=[ticket()], comments=[comment(50, 0, CUSTOMER)], audits=audits)
    skipped = rows.filter(pl.col("export") == "audits.json").sort("row")
    assert skipped.select("row", "skip").rows() == [
        (1, "told by comments"),
        (2, "no comment or change"),
    ]


def test_today_s_dimensions_hold_from_the_update_not_before(tmp_path: Path) -> None:
    rows = read(tmp_path, tickets=[ticket()], comments=talk(), users=USERS, groups=GROUPS)
    assert told(rows.drop_nulls("event"), "event", "priority", "team", "grain") == [
        ("inbound", None, None, "message"),
        ("note", None, None, "message"),
        ("outbound", None, None, "message"),
        ("update", "high", "Tier 1", "message"),
    ]


def test_a_merged_ticket_is_merged_when_it_was_closed(tmp_path: Path) -> None:
    merged = ticket(status="closed", tags=["closed_by_merge"])
    closing = audit(5, 45, AGENT, change("status", "closed"))
    rows = read(tmp_path, tickets=[merged], audits=[closing])
    at = datetime(2026, 3, 2, 9, 45, tzinfo=UTC)
    assert told(rows.filter(pl.col("event") == "status"), "status", "sent_at") == [("merged", at)]


@pytest.mark.parametrize(
    ("origin", "channel", "platform", "visibility"),
    [
        (via("email"), "email", None, "private"),
        (via("web"), "form", None, "private"),
        (via("chat"), "chat", None, "private"),
        (via("twitter", "mention"), "social", "twitter", "public"),
        (via("twitter", "direct_message"), "social", "twitter", "private"),
        (via("facebook", "post"), "social", "facebook", "public"),
        (via("facebook", "message"), "social", "facebook", "private"),
        (via("instagram_dm"), "social", "instagram", "private"),
        (via("whatsapp"), "messaging", "whatsapp", "private"),
        (via("sms"), "sms", None, "private"),
        (via("voice", "inbound"), "voice", None, "private"),
        (via("api"), "other", None, "unknown"),
        ({"channel": 0}, "other", None, "unknown"),
        (None, "other", None, "unknown"),
    ],
)
def test_via_gives_channel_platform_and_visibility(
    tmp_path: Path, origin: Record | None, channel: str, platform: str | None, visibility: str
) -> None:
    rows = read(tmp_path, tickets=[ticket(via=origin)])
    assert set(told(rows, "channel", "platform", "visibility")) == {(channel, platform, visibility)}


def test_a_reply_written_in_zendesk_keeps_the_channel_of_its_ticket(tmp_path: Path) -> None:
    comments = [
        comment(1, 0, CUSTOMER, via=via("twitter", "mention")),
        comment(2, 5, AGENT, via=via("web")),
        comment(3, 9, CUSTOMER, via=via("email")),
    ]
    tweet = ticket(via=via("twitter", "mention"))
    rows = read(tmp_path, tickets=[tweet], comments=comments, users=USERS)
    messages = rows.filter(pl.col("export") == "comments.json")
    assert told(messages, "channel", "visibility") == [
        ("social", "public"),
        ("social", "public"),
        ("email", "private"),
    ]


def test_comments_inside_the_tickets_are_read(tmp_path: Path) -> None:
    inside = [{k: v for k, v in c.items() if k != "ticket_id"} for c in talk()]
    rows = read(tmp_path, tickets=[ticket(comments=inside)], users=USERS)
    assert told(rows, "row", "message_id", "event")[:3] == [
        (1, "1", "inbound"),
        (1, "2", "note"),
        (1, "3", "outbound"),
    ]


def test_text_is_kept_only_when_asked_for(tmp_path: Path) -> None:
    without = read(tmp_path, tickets=[ticket()], comments=talk(), users=USERS)
    assert without["text"].null_count() == without.height == 1 + 3 + 3
    with_text = read(tmp_path, text=True, tickets=[ticket()], comments=talk(), users=USERS)
    assert with_text["text"].drop_nulls().to_list() == ["text 1", "text 2", "text 3"]


def test_every_record_of_every_file_has_a_row(tmp_path: Path) -> None:
    rows = read(
        tmp_path, tickets=[ticket(), ticket(id=2)], comments=talk(), audits=history(),
        users=USERS, groups=GROUPS,
    )  # fmt: skip
    counted = rows.group_by("export").agg(pl.col("row").unique().sort()).sort("export")
    assert dict(counted.cast({"export": pl.String}).rows()) == {
        "audits.json": [1, 2, 3, 4, 5, 6, 7],
        "comments.json": [1, 2, 3],
        "groups.json": [1],
        "tickets.json": [1, 2],
        "users.json": [1, 2, 3],
    }


def test_an_unknown_priority_in_an_audit_is_a_reject(tmp_path: Path) -> None:
    rows = read(tmp_path, audits=[audit(5, 0, AGENT, change("priority", "P1"))])
    assert refused(rows) == [(1, "priority: not low, normal, high or urgent", "P1")]


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    parts = {"tickets": [ticket()], "comments": talk(), "audits": history(), "users": USERS}
    files = [written(tmp_path, part, json.dumps(records)) for part, records in parts.items()]
    assert_frame_equal(frame(files), frame(files[::-1]))


def test_the_plan_runs_no_python(tmp_path: Path) -> None:
    files = [written(tmp_path, "tickets", json.dumps([ticket()]))]
    plan = SOURCE.read(files, ReadSettings()).explain()
    assert "python" not in plan.lower()


@pytest.mark.real_exports
def test_real_tickets_read_whole(real_exports: Path) -> None:
    rows = frame([looked_at(real_exports / "json" / "zendesk_tickets.jsonl", "tickets")])
    assert told(rows, "conversation_id", "event", "channel", "author_role") == [
        ("145", "inbound", "voice", "customer"),
        ("145", "update", "voice", "system"),
        ("146", "inbound", "form", "customer"),
        ("146", "update", "form", "system"),
    ]
    assert set(rows.filter(pl.col("skip").is_not_null())["conversation_id"]) == {"1"}
