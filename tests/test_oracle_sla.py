"""Conversations other tools publish in their tests and manuals, judged by our rules and by theirs, exactly.

`expected_recommended` of each case, and `expected` under the options its tool stands for, come out of
canonical CSV, a policy in TOML and the clocks file; `expected` under the tool's profile too.
How a case is written down for us:

* The tool's words for a status become ours, as its source would map them (`WORDS`); a status row at
  the ticket's creation says what it began as, for without one an export tells of no resolutions.
* A case without `now` says nothing of what still runs; it ends with its last event.
* A metric without a target is measured under one nobody can miss, and its verdict is not asked for.
* Policies are priorities: the first is `normal`, the one it changes to `urgent`.
* What a tool's words stand for, its options say in ours too.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from audits import clocks, of, sla, written
from builders import Row, calendar, canonical_csv
from conftest import folder_named_by

from kpiaudit.definitions import PROFILES
from kpiaudit.errors import KpiauditError

pytestmark = pytest.mark.oracle

Case = dict[str, Any]
METRICS = ("first_response", "next_response", "resolution")
PRIORITIES = ("normal", "urgent")
ENDLESS = 9999 * 3600
WORDS = {
    "new": "open",
    "on hold": "on_hold",
    "on-hold": "on_hold",
    "pending close": "pending",
    "pending reminder": "pending",
    "replied": "waiting",
    "solved": "resolved",
    "stalled": "on_hold",
}
KINDS = {
    "public": {"event": "outbound"},
    "auto": {"event": "outbound", "is_automated": "true"},
    "note": {"event": "note"},
    "handoff": {"event": "handoff"},
}
COUNT = 90
REFUSED = {
    "edge-21": "a calendar that never opens: design section 4 refuses it, where the case counts 0 of "
    "the 5,184,000 seconds from 15 January to 15 March as open",
}

OUT_OF_SCOPE: dict[str, str] = {}
PREFIX = {
    "cw": "chatwoot",
    "dbt": "zendesk",
    "edge": "contract",
    "hd": "frappe",
    "zam": "zammad",
}
BESIDE = {
    # Chatwoot's reports and its SLAs start at different rows; the profile is that of the SLAs
    "cw-14": ['clock_start = "last_nonhuman"'],
    # before Zammad counted by zendesk/biz, a target that fills the shift was due at closing
    "zam-14o": ['deadline = "earliest"'],
}
"""What a case asks for beside its tool's profile."""
NOT_RESOLUTION = {"dbt-09": "agent_work", "dbt-11": "requester_wait"}
Rules = Callable[[Case], str]


@cache
def cases() -> dict[str, Case]:
    text = (folder_named_by("KPIAUDIT_ORACLE") / "sla_cases.json").read_text("utf-8")
    return {case["id"]: case for case in json.loads(text)}


def export(case: Case) -> str:
    """The case as canonical CSV; ids count the events in the order the case lists them."""
    first = min(event["at"] for event in case["events"])
    begun = {
        "sent_at": case.get("created_at") or first,
        "event": "status",
        "status": word(case.get("initial_status") or "open"),
        "priority": PRIORITIES[0],
    }
    rows = [begun, *(row(event, case) for event in case["events"])]
    return canonical_csv(
        {"conversation_id": case["id"], "message_id": str(n)} | row for n, row in enumerate(rows)
    )


def row(event: dict[str, str], case: Case) -> Row:
    kind, _, value = event["kind"].partition(":")
    found = {"sent_at": event["at"], "author_role": event["by"]}
    if kind == "status":
        return found | {"event": "status", "status": word(value)}
    if kind == "policy":
        at = list(case["policies"]).index(value)
        return found | {"event": "update", "priority": PRIORITIES[at]}
    if event["by"] == "customer":
        return found | KINDS[kind] | {"event": "inbound"}
    return found | KINDS[kind]


def word(status: str) -> str:
    return WORDS.get(status, status)


def policy(case: Case) -> str:
    """One SLA per metric and policy, and the case's calendar."""
    hours = "" if case["calendar"].get("always_open") else desk(case["calendar"])
    named = ['calendar = "desk"'] if hours else []
    tables = []
    for metric in METRICS:
        targets = policies(case)
        for priority, target in zip(PRIORITIES, targets, strict=False):
            when = [f'when = {{ priority = ["{priority}"] }}'] if len(targets) > 1 else []
            seconds = target.get(metric) or ENDLESS
            tables.append(sla(f"{metric}-{priority}", metric, f"{seconds}s", *when, *named))
    return "\n".join([*tables, hours])


def policies(case: Case) -> list[dict[str, int | None]]:
    return list(case["policies"].values()) if "policies" in case else [case["policy"]]


def desk(given: dict[str, Any]) -> str:
    hours = [
        f"{day} {opens}-{closes}"
        for day, spans in given["weekly_hours"].items()
        for opens, closes in spans
    ]
    closed = f"holidays = {{ add = [{', '.join(given.get('holidays', []))}] }}"
    return calendar("desk", *hours, zone=given["timezone"], rest=closed)


def told(rows: list[dict[str, Any]], case: Case) -> dict[str, Any]:
    """What our clocks say, in the oracle's words."""
    facts: dict[str, Any] = {}
    for metric in METRICS:
        mine = of(rows, metric=metric)
        targets = {n: p.get(metric) for n, p in zip(PRIORITIES, policies(case), strict=False)}
        has_target = any(targets[r["sla"].removeprefix(f"{metric}-")] for r in mine)
        running = next((r for r in mine if r["stopped_at"] is None), None)
        stopped = [r for r in mine if r["stopped_at"] is not None]
        facts |= {
            f"{metric}_deadline": running["due_at"] if running and has_target else None,
            f"{metric}_running": running["elapsed_seconds"] if running else None,
        }
        if metric == "next_response":
            facts |= waits(stopped, running)
            continue
        judged = mine if has_target and (stopped or case["now"]) else []
        facts |= {
            f"{metric}_seconds": stopped[0]["elapsed_seconds"] if stopped else None,
            f"{metric}_breached": judged[0]["outcome"] == "breached" if judged else None,
        }
    first = of(rows, metric="first_response", stop_reason="reply")
    resolution = of(rows, metric="resolution")
    return facts | {
        "first_response_at": first[0]["stopped_at"] if first else None,
        "paused_seconds": resolution[0]["paused_seconds"] if resolution else None,
    }


def waits(stopped: list[dict[str, Any]], running: dict[str, Any] | None) -> dict[str, Any]:
    seconds = [r["elapsed_seconds"] for r in stopped]
    breached = [r["elapsed_seconds"] > r["target_seconds"] for r in stopped]
    by = {"reply": "agent", "bot": "bot", "resolved": "resolved"}
    return {
        "next_response": seconds,
        "next_response_breached": breached,
        "next_response_breaches": sum(breached),
        "next_response_by": [by[r["stop_reason"]] for r in stopped],
        "next_response_longest": max(seconds, default=None),
        "next_response_open_breached": running is not None and running["outcome"] == "breached",
    }


def expected(case: Case, key: str) -> dict[str, Any]:
    return {
        key: datetime.fromisoformat(value)
        if value is not None and key.endswith(("_at", "_deadline"))
        else value
        for key, value in case[key].items()
    }


def options(case: Case) -> str:
    """The rules of the case's tool as a `[definitions]` table."""
    lines = [f"{name} = {written_option(value)}" for name, value in case["semantics"].items()]
    return "\n".join(["[definitions]", *lines, ""])


def written_option(value: object) -> str:
    if isinstance(value, list):
        return json.dumps(list(dict.fromkeys(map(word, value))))
    return json.dumps(value)


def differing(tmp_path: Path, names: Iterable[str], key: str, rules: Rules) -> dict[str, object]:
    """By case, what comes out (and should) under the definitions `rules` writes for it."""
    wrong: dict[str, object] = {}
    for name in names:
        case = cases()[name]
        as_of = datetime.fromisoformat(case["now"]) if case["now"] else None
        files, told_in = {"case.csv": export(case)}, f"{policy(case)}\n{rules(case)}"
        request = written(tmp_path / name, files, told_in, as_of=as_of)
        facts, should = told(clocks(request), case), expected(case, key)
        differs = {key: (facts[key], should[key]) for key in should if facts[key] != should[key]}
        if differs:
            wrong[name] = differs
    return wrong


def test_every_published_case_comes_out(tmp_path: Path) -> None:
    names = cases().keys() - REFUSED.keys()
    assert not differing(tmp_path, sorted(names), "expected_recommended", lambda _: "")
    assert len(cases()) == COUNT


def test_every_published_case_comes_out_by_the_rules_of_its_tool(tmp_path: Path) -> None:
    names = cases().keys() - REFUSED.keys() - OUT_OF_SCOPE.keys()
    assert not differing(tmp_path, sorted(names), "expected", options)


@pytest.mark.parametrize("profile", PROFILES)
def test_a_profile_brings_out_the_cases_of_its_tool(profile: str, tmp_path: Path) -> None:
    names = {name for name in cases() if PREFIX.get(name.split("-")[0]) == profile}

    def rules(case: Case) -> str:
        return "\n".join(["[definitions]", f'profile = "{profile}"', *BESIDE.get(case["id"], [])])

    told_otherwise = REFUSED.keys() | OUT_OF_SCOPE.keys() | NOT_RESOLUTION.keys()
    assert names or profile == "intercom"
    assert not differing(tmp_path, sorted(names - told_otherwise), "expected", rules)


@pytest.mark.parametrize("name", NOT_RESOLUTION)
def test_what_zendesk_calls_otherwise_is_a_metric_of_its_own(name: str, tmp_path: Path) -> None:
    """Its total resolution is never paused; work and wait are, as the case has it."""
    case, metric = cases()[name], NOT_RESOLUTION[name]
    rules = f'{policy(case)}\n[definitions]\nprofile = "zendesk"\n'.replace(
        'metric = "resolution"', f'metric = "{metric}"'
    )
    as_of = datetime.fromisoformat(case["now"]) if case["now"] else None
    request = written(tmp_path, {"case.csv": export(case)}, rules, as_of=as_of)
    rows = [row for row in clocks(request) if row["metric"] != "resolution"]
    facts = told([r | {"metric": "resolution"} if r["metric"] == metric else r for r in rows], case)
    should = expected(case, "expected")
    assert {key: facts[key] for key in should} == should


@pytest.mark.parametrize("name", sorted(REFUSED))
def test_a_case_we_refuse_is_refused(name: str, tmp_path: Path) -> None:
    case = cases()[name]
    with pytest.raises(KpiauditError):
        clocks(written(tmp_path, {"case.csv": export(case)}, policy(case)))
