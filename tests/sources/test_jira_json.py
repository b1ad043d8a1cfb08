"""Jira as JSON: every trap of the REST API's issues this reader meets, each in a few lines."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reading import UNSET, Record, at, is_claimed, page, refused, rows_of, told, written

from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.jira_json import SOURCE

CLEO = {"accountId": "qm:1", "displayName": "Cleo", "accountType": "customer"}
ANA = {"accountId": "7:ana", "displayName": "Ana", "accountType": "atlassian"}
ROBOT = {"accountId": "5:bot", "displayName": "Automation for Jira", "accountType": "app"}
DONE = {"name": "Sorted out", "statusCategory": {"key": "done"}}


def stamp(minute: int) -> str:
    return f"2026-03-02T09:{minute:02}:00.000+0100"


def comment(number: int, minute: int, author: Record | None, **changed: object) -> Record:
    return {"id": str(number), "created": stamp(minute), "author": author, "body": "x"} | changed


def change(number: int, minute: int, *items: tuple[str, str | None, str | None]) -> Record:
    told = [{"field": f, "fromString": before, "toString": after} for f, before, after in items]
    return {"id": str(number), "created": stamp(minute), "items": told}


def issue(
    *comments: Record,
    changes: list[Record] | None = None,
    total: int | None = None,
    **fields: object,
) -> Record:
    said = {"comments": list(comments), "total": len(comments) if total is None else total}
    basis = {"created": stamp(0), "updated": stamp(50), "reporter": CLEO, "comment": said}
    record: Record = {"id": "10", "key": "TP-1", "fields": basis | fields}
    if changes is not None:
        record["changelog"] = {"histories": changes, "total": len(changes)}
    return record


def read(folder: Path, *issues: Record, settings: ReadSettings = UNSET) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"page.json": page("issues", issues)}, settings)


def test_a_comment_that_is_not_public_is_a_note(tmp_path: Path) -> None:
    rows = read(
        tmp_path, issue(comment(1, 5, ANA, jsdPublic=False), comment(2, 9, ANA, jsdPublic=True))
    )
    assert at(rows, "note") == ["2026-03-02T08:05:00Z"]
    assert at(rows, "outbound") == ["2026-03-02T08:09:00Z"]


def test_roles_are_reporter_portal_customer_agent_app_and_nobody_known(tmp_path: Path) -> None:
    other = {"accountId": "qm:2", "displayName": "Colleague", "accountType": "customer"}
    server = {"name": "ben", "displayName": "Ben"}
    people = (CLEO, other, ANA, ROBOT, server, None)
    rows = read(tmp_path, issue(*(comment(n, n, who) for n, who in enumerate(people, 1))))
    said = rows.filter(pl.col("event").is_in(["inbound", "outbound"])).slice(1)
    assert told(said, "author_role", "is_automated", "agent") == [
        ("customer", False, None),
        ("customer", False, None),
        ("agent", False, "Ana"),
        ("bot", True, None),
        ("unknown", False, "Ben"),
        ("unknown", False, None),
    ]


def test_our_bots_and_agents_are_known_by_name(tmp_path: Path) -> None:
    us = Us(agents=("ben",), bots=("ANA",))
    server = {"name": "ben"}
    rows = read(
        tmp_path, issue(comment(1, 1, ANA), comment(2, 2, server)), settings=ReadSettings(us=us)
    )
    assert rows["author_role"].to_list()[1:3] == ["bot", "agent"]


def test_remaining_elapsed_and_breach_times_of_sla_cycles_change_nothing(tmp_path: Path) -> None:
    cycle = {
        "startTime": {"epochMillis": 1},
        "stopTime": {"epochMillis": 2},
        "elapsedTime": {"millis": 3},
        "remainingTime": {"millis": -4},
    }
    sla = {
        "name": "Time to first response",
        "completedCycles": [cycle, cycle],
        "ongoingCycle": cycle,
    }
    said = comment(1, 30, ANA)
    assert_frame_equal(
        read(tmp_path, issue(said, customfield_10030=sla)), read(tmp_path, issue(said))
    )


@pytest.mark.parametrize(("key", "rule"), [("comment", "fields.comment"), ("log", "changelog")])
def test_an_issue_saved_with_its_first_page_only_is_a_reject(
    tmp_path: Path, key: str, rule: str
) -> None:
    record = issue(comment(1, 5, ANA), changes=[], total=35 if key == "comment" else None)
    if key == "log":
        record["changelog"]["total"] = 35
    ((row, reject, value),) = refused(read(tmp_path, record))
    assert (row, reject.split(":")[0], value) == (1, rule, f"{int(key == 'comment')} of 35")


def test_an_export_without_comments_is_not_taken_for_one_without_answers(tmp_path: Path) -> None:
    record = issue()
    del record["fields"]["comment"]
    (path,) = written(tmp_path, {"page.json": page("issues", [record])})
    assert not is_claimed(SOURCE, path)


def test_pauses_and_reopening_come_from_the_changelog_in_the_order_of_time(tmp_path: Path) -> None:
    changes = [
        change(9, 40, ("status", "Waiting for customer", "Closed")),
        change(8, 20, ("status", "Waiting for support", "Waiting for customer")),
    ]
    rows = read(tmp_path, issue(changes=changes, status=DONE, resolutiondate=stamp(45)))
    assert told(rows.filter(pl.col("event") == "status"), "status", "message_id") == [
        ("pending", "h8-status"),
        ("closed", "h9-status"),
    ]


def test_a_status_of_the_sites_own_is_solved_where_its_category_is_done(tmp_path: Path) -> None:
    changes = [
        change(1, 10, ("status", "Waiting for support", "With the workshop")),
        change(2, 20, ("status", "With the workshop", "Sorted out")),
    ]
    rows = read(tmp_path, issue(changes=changes, status=DONE))
    statuses = rows.filter(pl.col("event") == "status")["status"].to_list()
    assert statuses == ["With the workshop", "resolved"]


def test_without_changelog_a_solution_is_dated_only_while_it_stands(tmp_path: Path) -> None:
    solved = read(tmp_path, issue(status=DONE, resolutiondate=stamp(45)))
    reopened = read(tmp_path, issue(status={"name": "Open"}, resolutiondate=stamp(45)))
    assert at(solved, "status") == ["2026-03-02T08:45:00Z"]
    assert at(reopened, "status") == []


def test_priority_and_assignee_are_those_of_the_moment(tmp_path: Path) -> None:
    changes = [
        change(1, 10, ("priority", "Low", "Highest"), ("assignee", None, "Ana")),
        change(2, 20, ("assignee", "Ana", None)),
    ]
    rows = read(tmp_path, issue(changes=changes, priority={"name": "Highest"}))
    assert told(rows, "event", "priority", "agent") == [
        ("inbound", "low", None),
        ("update", "urgent", "Ana"),
        ("update", None, "(unassigned)"),
    ]


def test_without_changelog_todays_priority_holds_from_the_last_update(tmp_path: Path) -> None:
    rows = read(tmp_path, issue(priority={"name": "Major"}, assignee=ANA, labels=["vip"]))
    assert told(rows, "event", "priority", "agent", "tags") == [
        ("inbound", None, None, None),
        ("update", "high", "Ana", ["vip"]),
    ]
    assert at(rows, "update") == ["2026-03-02T08:50:00Z"]


def test_an_instant_without_offset_is_a_reject(tmp_path: Path) -> None:
    rows = read(tmp_path, issue(created="2026-03-02T09:00:00.000"))
    assert refused(rows) == [
        (1, "fields.created: an instant without an offset", "2026-03-02T09:00:00.000")
    ]


def test_the_body_of_api_3_is_a_tree_and_read_only_on_demand(tmp_path: Path) -> None:
    words = [{"type": "text", "text": "Hello"}, {"type": "text", "text": " you"}]
    body = {"type": "doc", "content": [{"type": "paragraph", "content": words}]}
    record = issue(comment(1, 5, ANA, body=body))
    assert (
        read(tmp_path, record, settings=ReadSettings(text=True))["text"].to_list()[1]
        == "Hello you\n"
    )
    assert read(tmp_path, record)["text"].to_list()[1] is None


def test_issues_one_a_line_are_read_as_well(tmp_path: Path) -> None:
    lines = "\n".join(json.dumps(issue() | {"key": key}) for key in ("TP-1", "TP-2"))
    rows = rows_of(SOURCE, tmp_path, {"issues.ndjson": lines})
    assert set(rows["conversation_id"]) == {"TP-1", "TP-2"}
