"""Salesforce: objects that belong together, ids of 15 and 18 characters, owners told twice, robots' mail."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reading import UNSET, Record, at, csv_text, is_claimed, refused, rows_of, told, written

from kpiaudit.errors import ExportError
from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.salesforce_export import SOURCE

CASE_ID, ANA, ROBOT, PORTAL = (
    "500000000000001",
    "005000000000001",
    "005000000000009",
    "005000000000007",
)
QUEUE = "00G000000000001"
USERS: list[Record] = [
    {"Id": ANA, "Username": "ana", "FirstName": "Ana", "LastName": "Alba", "UserType": "Standard"},
    {"Id": ROBOT, "Username": "auto", "FirstName": "Automated", "LastName": "Process", "UserType": "AutomatedProcess"},
    {"Id": PORTAL, "Username": "cleo", "FirstName": "", "LastName": "Cleo", "UserType": "CspLitePortal"},
]  # fmt: skip
GROUPS: list[Record] = [{"Id": QUEUE, "Name": "Tier 1", "DeveloperName": "Tier_1", "Type": "Queue"}]


def stamp(minute: int) -> str:
    return f"2026-03-02 09:{minute:02}:00"


def case(**changed: str) -> Record:
    return {
        "Id": CASE_ID + "AAA",
        "IsDeleted": "0",
        "CaseNumber": "00001041",
        "Status": "New",
        "Priority": "High",
        "Origin": "Web",
        "OwnerId": ANA + "AAW",
        "ContactId": "003000000000001",
        "IsClosed": "0",
        "ClosedDate": "",
        "CreatedDate": stamp(0),
        "LastModifiedDate": stamp(50),
    } | changed


def email(number: int, minute: int, incoming: str, **changed: str) -> Record:
    return {
        "Id": f"02s00000000000{number}AAS",
        "ParentId": CASE_ID,
        "CreatedById": ROBOT if incoming == "1" else ANA,
        "CreatedDate": stamp(minute),
        "MessageDate": stamp(minute),
        "Incoming": incoming,
        "Status": "3",
        "FromName": "Fernweh Help",
        "FromAddress": "help@example.com",
        "Headers": "",
        "IsDeleted": "0",
        "IsExternallyVisible": "1",
    } | changed


def comment(number: int, minute: int, author: str, **changed: str) -> Record:
    return {
        "Id": f"00a00000000000{number}AAA",
        "ParentId": CASE_ID,
        "IsPublished": "1",
        "CommentBody": "x",
        "CreatedById": author,
        "CreatedDate": stamp(minute),
    } | changed


def change(number: int, minute: int, field: str, before: str, after: str) -> Record:
    return {
        "Id": f"01700000000000{number}AAA",
        "CaseId": CASE_ID,
        "CreatedDate": stamp(minute),
        "Field": field,
        "OldValue": before,
        "NewValue": after,
    }


def snapshot(number: int, minute: int, status: str, owner: str = ANA) -> Record:
    return {
        "Id": f"01900000000000{number}AAA",
        "CaseId": CASE_ID,
        "Status": status,
        "OwnerId": owner,
        "LastModifiedDate": stamp(minute),
    }


def files_of(**objects: list[Record]) -> dict[str, str]:
    return {
        f"{name}.csv": csv_text(tuple(rows[0]), *(tuple(row.values()) for row in rows))
        for name, rows in objects.items()
    }


def read(folder: Path, *, settings: ReadSettings = UNSET, **objects: list[Record]) -> pl.DataFrame:
    return rows_of(SOURCE, folder, files_of(**objects), settings)


REPLY = [email(2, 30, "0")]


def test_cases_alone_are_refused_for_nobody_can_tell_who_was_answered(tmp_path: Path) -> None:
    with pytest.raises(ExportError, match="not who was answered"):
        read(tmp_path, Case=[case()])


def test_ids_of_15_and_18_characters_are_the_same_record(tmp_path: Path) -> None:
    rows = read(tmp_path, Case=[case()], EmailMessage=REPLY, User=USERS)
    said = rows.filter(pl.col("event") == "outbound")
    assert told(said, "conversation_id", "agent", "customer") == [
        ("00001041", "Ana Alba", "003000000000001")
    ]


def test_a_case_that_came_by_mail_is_opened_by_the_mail_and_any_other_by_itself(
    tmp_path: Path,
) -> None:
    mails = [email(1, 1, "1"), *REPLY]
    mailed = read(tmp_path, Case=[case(Origin="Email")], EmailMessage=mails)
    assert at(mailed, "inbound") == ["2026-03-02T09:01:00Z"]
    phoned = read(tmp_path, Case=[case(Origin="Phone")], EmailMessage=mails)
    assert at(phoned, "inbound") == ["2026-03-02T09:00:00Z", "2026-03-02T09:01:00Z"]
    unmailed = read(tmp_path, Case=[case(Origin="Email")], EmailMessage=REPLY)
    assert at(unmailed, "inbound") == ["2026-03-02T09:00:00Z"]


def test_an_automatic_response_is_of_the_automated_process_and_no_reply(tmp_path: Path) -> None:
    mails = [email(1, 1, "0", CreatedById=ROBOT), email(2, 2, "0")]
    rows = read(tmp_path, Case=[case()], EmailMessage=mails, User=USERS)
    said = rows.filter(pl.col("event") == "outbound")
    assert told(said, "author_role", "is_automated") == [("system", True), ("agent", False)]


def test_without_users_our_bots_are_known_by_their_address(tmp_path: Path) -> None:
    settings = ReadSettings(us=Us(bots=("help@example.com",)))
    rows = read(tmp_path, Case=[case()], EmailMessage=REPLY, settings=settings)
    said = rows.filter(pl.col("event") == "outbound")
    assert told(said, "author_role", "is_automated", "agent") == [("bot", True, None)]


def test_a_mail_that_says_it_is_automatic_is(tmp_path: Path) -> None:
    headers = "X-Mailer: x\nAuto-Submitted: auto-replied\n"
    plain = "Subject: Auto-Submitted: auto-replied\nAuto-Submitted: no\n"
    mails = [email(1, 1, "1", Headers=headers), email(2, 2, "1", Headers=plain)]
    rows = read(tmp_path, Case=[case(Origin="Email")], EmailMessage=mails)
    assert told(rows.filter(pl.col("event") == "inbound"), "is_automated") == [(True,), (False,)]


def test_drafts_and_mail_of_no_case_are_skipped_and_hidden_mail_is_a_note(tmp_path: Path) -> None:
    mails = [
        email(1, 1, "0", Status="5"),
        email(2, 2, "1", ParentId=""),
        email(3, 3, "1", ParentId="001000000000001"),
        email(4, 4, "0", IsExternallyVisible="false"),
    ]
    rows = read(tmp_path, EmailMessage=mails, Case=[case()])
    skipped = rows.filter(pl.col("skip").is_not_null())["skip"].to_list()
    assert skipped == ["draft", "e-mail of no case", "e-mail of no case"]
    assert at(rows, "note") == ["2026-03-02T09:04:00Z"]


def test_comments_are_notes_unless_published_and_portal_users_are_customers(tmp_path: Path) -> None:
    comments = [
        comment(1, 1, ANA, IsPublished="0"),
        comment(2, 2, ANA),
        comment(3, 3, PORTAL),
        comment(4, 4, "005000000000088"),
    ]
    rows = read(tmp_path, Case=[case()], CaseComment=comments, User=USERS)
    said = rows.filter(pl.col("export") == "CaseComment.csv")
    assert told(said, "event", "author_role", "agent") == [
        ("note", "agent", None),
        ("outbound", "agent", "Ana Alba"),
        ("inbound", "customer", None),
        ("outbound", "unknown", "005000000000088"),
    ]


def test_without_users_who_owns_a_case_is_an_agent(tmp_path: Path) -> None:
    rows = read(tmp_path, Case=[case()], CaseComment=[comment(1, 1, ANA)])
    assert told(rows.filter(pl.col("event") == "outbound"), "author_role") == [("agent",)]


def test_an_owner_changed_is_told_twice_and_read_once(tmp_path: Path) -> None:
    history = [
        change(1, 10, "Owner", "Tier 1", "Ana Alba"),
        change(2, 10, "Owner", QUEUE + "EA4", ANA + "AAW"),
        change(3, 11, "created", "", ""),
    ]
    rows = read(
        tmp_path, Case=[case()], EmailMessage=REPLY, CaseHistory=history, User=USERS, Group=GROUPS
    )
    updates = rows.filter(pl.col("export") == "CaseHistory.csv")
    assert updates.select("agent", "skip").rows()[0] == ("Ana Alba", None)
    assert updates["skip"].to_list()[1:] == [
        "owner told by name",
        "no change of status, owner or priority",
    ]
    assert told(rows.filter(pl.col("event") == "inbound"), "agent", "team") == [
        ("(unassigned)", "Tier 1")
    ]


def test_the_owner_of_a_queue_is_nobody_and_its_name_the_team(tmp_path: Path) -> None:
    rows = read(tmp_path, Case=[case(OwnerId=QUEUE + "EA4")], EmailMessage=REPLY, Group=GROUPS)
    assert told(rows.filter(pl.col("event") == "update"), "agent", "team") == [
        ("(unassigned)", "Tier 1")
    ]


def test_history_tells_statuses_and_the_priority_of_the_opening(tmp_path: Path) -> None:
    history = [
        change(1, 10, "Status", "New", "Waiting on Customer"),
        change(2, 20, "Priority", "Low", "High"),
        change(3, 40, "Status", "Waiting on Customer", "Sorted"),
        change(4, 45, "Status", "Sorted", "With the mill"),
    ]
    sorted_out = case(Id="500000000000002AAA", CaseNumber="2", Status="Sorted", IsClosed="1")
    rows = read(
        tmp_path, Case=[case(), sorted_out], EmailMessage=REPLY, CaseHistory=history
    ).filter(pl.col("conversation_id") == "00001041")
    assert rows.filter(pl.col("event") == "status")["status"].to_list() == [
        "pending",
        "closed",
        "With the mill",
    ]
    assert told(rows.filter(pl.col("event") == "inbound"), "priority") == [("low",)]


def test_snapshots_are_a_status_only_where_it_changed(tmp_path: Path) -> None:
    snapshots = [
        snapshot(3, 30, "Closed"),
        snapshot(1, 1, "New", QUEUE),
        snapshot(2, 2, "New"),
    ]
    rows = read(tmp_path, Case=[case()], EmailMessage=REPLY, CaseHistory2=snapshots, User=USERS)
    seen = rows.filter(pl.col("export") == "CaseHistory2.csv")
    assert told(seen, "event", "status", "agent") == [
        ("status", "open", "(unassigned)"),
        ("update", None, "Ana Alba"),
        ("status", "closed", "Ana Alba"),
    ]
    history = [change(1, 10, "Status", "New", "Closed")]
    both = read(
        tmp_path, Case=[case()], EmailMessage=REPLY, CaseHistory2=snapshots, CaseHistory=history
    )
    assert at(both.filter(pl.col("skip").is_null()), "status") == ["2026-03-02T09:10:00Z"]


def test_without_history_the_closing_is_dated_and_today_holds_from_the_last_change(
    tmp_path: Path,
) -> None:
    closed = case(Status="Closed", IsClosed="1", ClosedDate=stamp(40))
    rows = read(tmp_path, Case=[closed], EmailMessage=REPLY, User=USERS)
    assert told(rows, "event", "status", "priority", "agent")[0] == ("inbound", None, None, None)
    assert at(rows, "status") == ["2026-03-02T09:40:00Z"]
    assert told(rows.tail(4), "event", "priority", "agent")[-1] == ("update", "high", "Ana Alba")


@pytest.mark.parametrize("form", ["2026-03-02T09:05:00.000+0000", "2026-03-02 09:05:00"])
def test_stamps_are_utc_with_an_offset_and_without(tmp_path: Path, form: str) -> None:
    settings = ReadSettings(time_zone="Asia/Tokyo")
    rows = read(tmp_path, Case=[case(CreatedDate=form)], EmailMessage=REPLY, settings=settings)
    assert at(rows, "inbound") == ["2026-03-02T09:05:00Z"]


def test_deleted_records_of_export_all_are_skipped_with_all_that_belongs_to_them(
    tmp_path: Path,
) -> None:
    rows = read(tmp_path, Case=[case(IsDeleted="1")], EmailMessage=REPLY)
    assert set(rows["skip"]) == {"deleted record"}
    rows = read(tmp_path, Case=[case()], EmailMessage=[email(2, 30, "0", IsDeleted="1")])
    assert at(rows.filter(pl.col("skip").is_null()), "outbound") == []


def test_every_record_is_told_whatever_becomes_of_it(tmp_path: Path) -> None:
    objects = {
        "Case": [
            case(),
            case(Id="", CaseNumber=""),
            case(Id="500000000000003", CreatedDate="soon"),
        ],
        "EmailMessage": [*REPLY, email(3, 3, "1", MessageDate="", CreatedDate="")],
        "CaseComment": [comment(1, 1, ANA)],
        "CaseHistory": [change(1, 10, "Subject", "a", "b")],
        "User": USERS,
        "Group": GROUPS,
    }
    rows = rows_of(SOURCE, tmp_path, files_of(**objects))
    counted = rows.group_by("export").agg(pl.col("row").n_unique()).sort("export").rows()
    assert counted == sorted((f"{name}.csv", len(records)) for name, records in objects.items())
    assert (3, "CreatedDate: not a date", "soon") in refused(rows)


def test_the_order_of_files_does_not_matter(tmp_path: Path) -> None:
    objects = {"Case": [case()], "EmailMessage": REPLY, "User": USERS}
    turned = dict(reversed(objects.items()))
    one, other = (rows_of(SOURCE, tmp_path, files_of(**told)) for told in (objects, turned))
    assert_frame_equal(one, other)


def test_a_report_with_labels_for_columns_is_not_claimed(tmp_path: Path) -> None:
    header = ("Case Number", "Status", "Date/Time Opened", "Case Owner", "Age (Hours)")
    (path,) = written(
        tmp_path, {"report.csv": csv_text(header, ("1", "New", "02/03/2026", "A", "3"))}
    )
    assert not is_claimed(SOURCE, path)
