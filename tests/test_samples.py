"""The sample exports: the same bytes on every run, in the shapes their tools write."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
import tomllib
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import independent
import pytest

from kpiaudit.policy.load import load_policy

MADE = ("kpiaudit_messages", "our_crm", "twitter_twcs", "zendesk_json")
"""What `scripts/make_samples.py` writes; everything else there is kept by hand."""
TWCS = "twitter_twcs/twcs.csv"
CRM = "our_crm/crm_2026-09.csv"
CHAT = "kpiaudit_messages/chat.csv"


def generate(root: Path, folder: Path, *, hash_seed: str) -> dict[str, dict[str, int]]:
    run = subprocess.run(
        [sys.executable, str(root / "scripts" / "make_samples.py"), str(folder)],
        check=True,
        capture_output=True,
        env={**os.environ, "PYTHONHASHSEED": hash_seed, "TZ": "Asia/Tokyo"},
    )
    facts: dict[str, dict[str, int]] = json.loads(run.stdout)
    return facts


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for name in MADE
        for path in (folder / name).rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, dict[str, int]]]:
    root = Path(__file__).resolve().parent.parent
    folder = tmp_path_factory.mktemp("samples")
    return folder, generate(root, folder, hash_seed="1")


@pytest.fixture
def facts(made: tuple[Path, dict[str, dict[str, int]]]) -> dict[str, dict[str, int]]:
    return made[1]


@pytest.fixture
def zendesk(sample_exports: Path) -> dict[str, list[dict[str, Any]]]:
    names = ("tickets", "comments", "audits", "users", "groups")
    folder = sample_exports / "zendesk_json"
    return {name: independent.zendesk_records(folder, name) for name in names}


def test_regenerating_gives_the_committed_bytes(
    made: tuple[Path, dict[str, dict[str, int]]], sample_exports: Path
) -> None:
    assert contents(made[0]) == contents(sample_exports)


def test_the_bytes_do_not_depend_on_hashing(
    made: tuple[Path, dict[str, dict[str, int]]], root: Path, tmp_path: Path
) -> None:
    generate(root, tmp_path, hash_seed="2")
    assert contents(tmp_path) == contents(made[0])


def test_the_folder_stays_small(sample_exports: Path) -> None:
    sizes = [path.stat().st_size for path in sample_exports.rglob("*") if path.is_file()]
    assert sum(sizes) < 2_000_000


def test_twcs_reads_back_as_intended(
    facts: dict[str, dict[str, int]], sample_exports: Path
) -> None:
    path = sample_exports / TWCS
    tweets, broken = independent.twcs_rows(path)
    responses = independent.twcs_first_responses(path)
    assert facts["twitter_twcs"] == {
        "rows": len(tweets) + len(broken),
        "rejects": len(broken),
        "conversations": len(independent.twcs_threads(path)),
        "first_responses": sum(r.answered is not None for r in responses),
        "first_responses_within_one_hour": independent.within(responses, timedelta(hours=1)),
    }


def test_twcs_has_the_layout_of_the_kaggle_set(sample_exports: Path) -> None:
    text = (sample_exports / TWCS).read_text("utf-8")
    assert text.splitlines()[0] == (
        "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id"
    )
    assert "&amp;" in text
    assert "\n\n@Fernweh" in text
    assert "🏕" in text


def test_twcs_holds_the_quirks_of_real_files(sample_exports: Path) -> None:
    tweets, broken = independent.twcs_rows(sample_exports / TWCS)
    parents = {tweet.number: tweet.parent for tweet in tweets}
    assert [tweet.at for tweet in tweets] != sorted(tweet.at for tweet in tweets)
    assert len(parents) == len(tweets)
    assert sum(p != "" and int(p) not in parents for p in parents.values()) == 4
    assert sum(parents.get(int(p)) == str(n) for n, p in parents.items() if p) == 2
    assert [bool(row["tweet_id"]) for row in broken] == [True, False]


def test_twcs_names_the_firm_and_numbers_its_customers(sample_exports: Path) -> None:
    with (sample_exports / TWCS).open(newline="", encoding="utf-8") as file:
        authors = {(row["inbound"], row["author_id"]) for row in csv.DictReader(file)}
    assert {author for flag, author in authors if flag == "False"} == {"FernwehHelp", "FernwehDE"}
    assert all(author.isdigit() for flag, author in authors if flag == "True")


def test_the_social_promise_is_missed_but_not_hopeless(sample_exports: Path) -> None:
    path = sample_exports / TWCS
    met, breached, _ = independent.judged(
        independent.twcs_first_responses(path),
        timedelta(hours=1),
        as_of=max(tweet.at for tweet in independent.twcs_rows(path)[0]),
        spans=independent.social_spans,
    )
    assert 0.88 <= met / (met + breached) <= 0.93


def test_zendesk_reads_back_as_intended(
    facts: dict[str, dict[str, int]],
    sample_exports: Path,
    zendesk: dict[str, list[dict[str, Any]]],
) -> None:
    changes = [event for audit in zendesk["audits"] for event in audit["events"]]
    assert facts["zendesk_json"] == {
        "conversations": len(independent.zendesk_conversations(sample_exports / "zendesk_json")),
        "comments": len(zendesk["comments"]),
        "agent_opened": sum(t["requester_id"] != t["submitter_id"] for t in zendesk["tickets"]),
        "status_changes": sum(
            e["type"] == "Change" and e["field_name"] == "status" for e in changes
        ),
    }


@pytest.mark.parametrize("name", ["tickets", "comments", "audits", "users", "groups"])
def test_zendesk_files_are_pages_with_unique_ids(sample_exports: Path, name: str) -> None:
    page = json.loads((sample_exports / "zendesk_json" / f"{name}.json").read_text("utf-8"))
    assert set(page) == {name, "next_page", "previous_page", "count"}
    assert page["next_page"] is None
    assert page["count"] == len({record["id"] for record in page[name]})


def test_zendesk_ids_join(zendesk: dict[str, list[dict[str, Any]]]) -> None:
    ids = {name: {record["id"] for record in records} for name, records in zendesk.items()}
    in_audits = {
        (event["id"], audit["id"], audit["ticket_id"], event["public"])
        for audit in zendesk["audits"]
        for event in audit["events"]
        if event["type"] == "Comment"
    }
    in_comments = {
        (comment["id"], comment["audit_id"], comment["ticket_id"], comment["public"])
        for comment in zendesk["comments"]
    }
    assert in_comments == in_audits
    assert {audit["ticket_id"] for audit in zendesk["audits"]} == ids["tickets"]
    assert {audit["author_id"] for audit in zendesk["audits"]} <= ids["users"] | {-1}
    assert {ticket["group_id"] for ticket in zendesk["tickets"]} == ids["groups"]
    assert {ticket["requester_id"] for ticket in zendesk["tickets"]} <= ids["users"]


def test_zendesk_audits_lead_to_the_tickets_of_today(
    zendesk: dict[str, list[dict[str, Any]]],
) -> None:
    replayed: dict[int, dict[str, Any]] = defaultdict(dict)
    for audit in sorted(zendesk["audits"], key=lambda audit: (audit["created_at"], audit["id"])):
        for event in audit["events"]:
            if event["type"] == "Change" and event["field_name"] != "satisfaction_score":
                before = replayed[audit["ticket_id"]].get(event["field_name"])
                assert before == event["previous_value"]
            if event["type"] in {"Create", "Change"}:
                replayed[audit["ticket_id"]][event["field_name"]] = event["value"]
    for ticket in zendesk["tickets"]:
        for field in ("status", "priority", "group_id", "tags"):
            assert replayed[ticket["id"]][field] == ticket[field]
        assert replayed[ticket["id"]].get("assignee_id") == ticket["assignee_id"]


def test_zendesk_holds_every_kind_of_ticket(zendesk: dict[str, list[dict[str, Any]]]) -> None:
    tickets = zendesk["tickets"]
    said = {
        event["value"]
        for audit in zendesk["audits"]
        for event in audit["events"]
        if event.get("field_name") == "status"
    }
    tags = Counter(tag for ticket in tickets for tag in ticket["tags"])
    channels = {ticket["via"]["channel"] for ticket in tickets}
    assert said == {"new", "open", "pending", "hold", "solved", "closed", "deleted"}
    assert channels == {"web", "email", "api", "sample_ticket"}
    assert (tags["closed_by_merge"], tags["spam"], tags["internal_test"]) == (1, 1, 1)
    assert any(ticket["assignee_id"] is None for ticket in tickets)
    assert {comment["public"] for comment in zendesk["comments"]} == {True, False}
    assert any(comment["author_id"] == -1 for comment in zendesk["comments"])


def test_chat_reads_back_as_intended(
    facts: dict[str, dict[str, int]], sample_exports: Path
) -> None:
    rows = independent.chat_rows(sample_exports / CHAT)
    first = {row["conversation_id"]: row["event"] for row in reversed(rows)}
    events = Counter(row["event"] for row in rows)
    assert facts["kpiaudit_messages"] == {
        "rows": len(rows) + 1,
        "rejects": 1,
        "conversations": len(first),
        "agent_opened": Counter(first.values())["outbound"],
        "rated": events["rated"],
        "handoffs": events["handoff"],
    }
    assert len({row["message_id"] for row in rows}) == len(rows)
    assert all(datetime.fromisoformat(row["sent_at"]).tzinfo is not None for row in rows)
    assert any(";" in row["tags"] for row in rows)


def test_crm_reads_back_as_intended(facts: dict[str, dict[str, int]], sample_exports: Path) -> None:
    rows = independent.crm_rows(sample_exports / CRM)
    directions = Counter(row["Dir"] for row in rows)
    assert facts["our_crm"] == {
        "rows": len(rows),
        "conversations": len(independent.crm_first_responses(sample_exports / CRM)),
        "inbound": directions["IN"],
        "outbound": directions["OUT"],
        "notes": directions["NOTE"],
    }
    assert {row["AgentNo"] for row in rows} == {"", "007", "012", "031", "044"}
    assert {row["Prio"] for row in rows} == {"P1", "P2", "P3", "P4"}


def test_every_export_covers_the_same_four_weeks(
    sample_exports: Path, zendesk: dict[str, list[dict[str, Any]]]
) -> None:
    crm = independent.crm_first_responses(sample_exports / CRM)
    chat = independent.chat_rows(sample_exports / CHAT)
    instants = [
        [tweet.at for tweet in independent.twcs_rows(sample_exports / TWCS)[0]],
        [datetime.fromisoformat(audit["created_at"]) for audit in zendesk["audits"]],
        [datetime.fromisoformat(row["sent_at"]) for row in chat],
        [response.asked for response in crm],
    ]
    for moments in instants:
        assert datetime(2026, 8, 30, 22, tzinfo=UTC) <= min(moments)
        assert min(moments) < datetime(2026, 8, 31, 22, tzinfo=UTC)
        assert datetime(2026, 9, 26, tzinfo=UTC) < max(moments)
        assert max(moments) < datetime(2026, 9, 27, 22, tzinfo=UTC)


def test_the_sample_policy_can_be_read(sample_exports: Path) -> None:
    settings = load_policy(sample_exports / "kpiaudit.toml")
    assert [sla.name for sla in settings.slas] == [
        "social-first-response",
        "social-around-the-clock",
        "social-every-response",
        "email-first-response",
        "email-resolution",
        "chat-first-response",
    ]


def test_the_policy_names_people_the_exports_know(
    sample_exports: Path, zendesk: dict[str, list[dict[str, Any]]]
) -> None:
    policy = tomllib.loads((sample_exports / "kpiaudit.toml").read_text("utf-8"))
    named = [agent for team in policy["teams"].values() for agent in team["agents"]]
    agents = (sample_exports / "our_crm" / "crm_agents.csv").read_text("utf-8")
    known = {user["name"] for user in zendesk["users"] if user["role"] != "end-user"}
    known |= {row["agent"] for row in independent.chat_rows(sample_exports / CHAT)} - {""}
    known |= {line.split(";")[1] for line in agents.splitlines()[1:]}
    known |= set(policy["us"]["accounts"])
    assert sorted(named) == sorted(known - set(policy["us"]["bots"]))


def test_the_independent_readers_keep_the_policys_calendars(sample_exports: Path) -> None:
    calendars = load_policy(sample_exports / "kpiaudit.toml").calendars
    for name, spans in (
        ("social", independent.social_spans),
        ("support", independent.support_spans),
    ):
        assert set(calendars[name].holidays.add) == independent.CLOSED
        for weekday in range(7):
            day = date(2026, 8, 31) + timedelta(days=weekday)
            hours = [
                (start / 3600, end / 3600) for start, end in calendars[name].hours.get(weekday, ())
            ]
            assert spans(day) == hours
