"""The clocks of a few conversations by reading their rows one by one: slow, plain, no frame in sight.

It shares no code with the package but the settings it is told, and counts business time minute by
minute; so instants and targets are whole minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from walker import MINUTE, Walk

if TYPE_CHECKING:
    from kpiaudit.settings import Exclusion, Settings, Sla, When

CLOSED = ("resolved", "closed")
ASSIGNS = ("status", "update", "handoff", "inbound")
NOBODY = "(unassigned)"


@dataclass(frozen=True)
class Message:
    """One row of an export; `file` and `row` say where it stands."""

    file: str
    row: int
    system: str
    conversation: str
    number: str | None
    at: datetime
    event: str
    status: str | None = None
    role: str | None = None
    automated: bool = False
    channel: str | None = None
    priority: str | None = None
    team: str | None = None
    agent: str | None = None
    tags: tuple[str, ...] = ()
    partial: bool = False


@dataclass
class Wait:
    """A clock: the rows of its conversation and which of them start and stop it."""

    metric: str
    ordinal: int
    rows: Sequence[Message]
    start: int
    stop: int | None = None
    reason: str = "none"
    facts: dict[str, object] = field(default_factory=dict)


def judged(
    messages: Sequence[Message],
    settings: Settings,
    walks: Mapping[str, Walk],
    as_of: datetime | None = None,
) -> list[dict[str, object]]:
    """Return what the clocks file says, a dictionary for each clock and SLA."""
    known = [m for m in messages if as_of is None or m.at <= as_of]
    conversations = defaultdict(list)
    for message in in_order(known):
        conversations[message.system, message.conversation].append(message)
    telling = {m.system for m in known if m.event == "status" and m.status}
    last = {s: max(m.at for m in known if m.system == s) for s in {m.system for m in known}}
    found = []
    for (system, _), rows in conversations.items():
        waits = responses(rows)
        if system in telling:
            waits += resolutions(rows)
        for wait in waits:
            found += outcomes(wait, settings, walks, as_of or last[system])
    return found


def in_order(messages: Sequence[Message]) -> list[Message]:
    """By time, then id, as a number where every id of the system is one, then place."""
    wordy = {m.system for m in messages if m.number is not None and not m.number.isdigit()}

    def key(m: Message) -> tuple[object, ...]:
        number = 0 if m.number is None or m.system in wordy else int(m.number)
        return (m.at, m.number is None, number, m.number or "", m.file, m.row)

    return sorted(messages, key=key)


def is_question(m: Message) -> bool:
    return m.event == "inbound" and not m.automated


def is_reply(m: Message) -> bool:
    human = (m.role or "agent") in {"agent", "unknown"}
    return m.event == "outbound" and human and not m.automated


def is_bot(m: Message) -> bool:
    return m.event == "outbound" and m.role == "bot"


def is_solving(m: Message) -> bool:
    return m.event == "status" and m.status in CLOSED


def responses(rows: Sequence[Message]) -> list[Wait]:
    """First and next responses, with a hand on whoever waits."""
    people = [m for m in rows if is_question(m) or is_reply(m)]
    is_partial = any(m.partial for m in rows)
    is_proactive = bool(people) and is_reply(people[0]) and not is_partial
    first: Wait | None = None
    nexts: list[Wait] = []
    is_later = is_proactive
    waiting: Wait | None = None
    for at, m in enumerate(rows):
        if is_question(m) or (m.event == "handoff" and is_later):
            if waiting is None and is_later:
                waiting = Wait("next_response", len(nexts) + 1, rows, at)
                nexts.append(waiting)
            elif waiting is None:
                waiting = first = Wait("first_response", 1, rows, at)
        elif waiting is not None and (is_reply(m) or is_solving(m) or (is_bot(m) and is_later)):
            waiting.stop = at
            waiting.reason = "reply" if is_reply(m) else "bot" if is_bot(m) else "resolved"
            waiting, is_later = None, True
    return [*([first] if first else []), *nexts]


def resolutions(rows: Sequence[Message]) -> list[Wait]:
    """From the first question to the last solving that stood, and to the first."""
    start = next((at for at, m in enumerate(rows) if is_question(m)), None)
    if start is None:
        return []
    solvings: list[int] = []
    is_closed = False
    for at, m in enumerate(rows):
        if m.event != "status" or not m.status:
            continue
        if is_solving(m) and not is_closed and at > start:
            solvings.append(at)
        is_closed = is_solving(m)
    if is_closed and not solvings:
        return []
    last = Wait("resolution", 1, rows, start)
    first = Wait("first_resolution", 1, rows, start)
    if is_closed:
        last.stop, last.reason = solvings[-1], "resolved"
    if solvings:
        first.stop, first.reason = solvings[0], "resolved"
    return [last, first]


def outcomes(
    wait: Wait, settings: Settings, walks: Mapping[str, Walk], as_of: datetime
) -> list[dict[str, object]]:
    """The wait under every SLA that judges it, or once under none."""
    known = dimensions(wait, wait.stop, settings)
    by = (
        dimensions(wait, wait.start, settings, is_start=True)
        if settings.definitions.policy_at == "start"
        else {}
    )
    matching = known | {key: by[key] for key in ("priority", "team", "tags") if by}
    takers: list[Sla | None] = []
    taken: set[str] = set()
    for sla in settings.slas:
        metrics = (
            {"first_response", "next_response"} if sla.metric == "every_response" else {sla.metric}
        )
        if wait.metric in metrics and matches(sla.when, matching):
            if sla.also:
                takers.append(sla)
            elif sla.metric not in taken:
                takers.append(sla)
                taken.add(sla.metric)
    reason = excluded(wait, settings.exclusions, known)
    return [
        row(wait, known) | measured(wait, sla, settings, walks, as_of, reason)
        for sla in takers or [None]
    ]


def row(wait: Wait, known: Mapping[str, object]) -> dict[str, object]:
    """What is so of a clock whoever judges it."""
    begin = wait.rows[wait.start]
    end = None if wait.stop is None else wait.rows[wait.stop]
    return {
        "system": begin.system,
        "conversation_id": begin.conversation,
        "metric": wait.metric,
        "ordinal": wait.ordinal,
        "stop_reason": wait.reason,
        "started_at": begin.at,
        "stopped_at": end.at if end else None,
        "start_export": begin.file,
        "start_row": begin.row,
        "stop_export": end.file if end else None,
        "stop_row": end.row if end else None,
    } | {key: known[key] for key in ("channel", "priority", "team", "agent")}


def dimensions(
    wait: Wait, until: int | None, settings: Settings, *, is_start: bool = False
) -> dict[str, object]:
    """Channel of the start; priority, team and tags as last known; who is answerable."""
    past = list(wait.rows if until is None else wait.rows[: until + 1])
    assigned = [m.agent for m in past if m.event in ASSIGNS and m.role != "bot" and m.agent]
    agent = assigned[-1] if assigned else None
    if wait.stop is not None and wait.reason in {"reply", "bot"}:
        agent = wait.rows[wait.stop].agent or agent
    own = next((m.team for m in reversed(past) if m.team), None)
    team = next((t.name for t in settings.teams if own == t.name or own in t.names), own)
    if not is_start:
        team = next((t.name for t in settings.teams if agent in t.agents), team)
    return {
        "channel": wait.rows[wait.start].channel,
        "priority": next((m.priority for m in reversed(past) if m.priority), None),
        "tags": next((m.tags for m in reversed(past) if m.tags), ()),
        "team": team or NOBODY,
        "agent": agent or NOBODY,
    }


def matches(when: When, known: Mapping[str, object]) -> bool:
    for key, values in when.items():
        if key == "tag":
            tags = known["tags"]
            if not isinstance(tags, tuple) or not set(tags) & set(values):
                return False
        elif (known[key] or "(none)") not in values:
            return False
    return True


def excluded(
    wait: Wait, exclusions: Sequence[Exclusion], known: Mapping[str, object]
) -> str | None:
    for exclusion in exclusions:
        if matches(exclusion.when, known):
            return exclusion.reason
    words = [m.status for m in wait.rows if m.event == "status" and m.status]
    if "merged" in words:
        return "merged"
    if words and words[-1] == "spam":
        return "spam"
    return "answered by a bot" if wait.reason == "bot" else None


def measured(
    wait: Wait,
    sla: Sla | None,
    settings: Settings,
    walks: Mapping[str, Walk],
    as_of: datetime,
    reason: str | None,
) -> dict[str, object]:
    """Walk from the start minute by minute: what ticked, what was paused, when the target was reached."""
    begin = wait.rows[wait.start].at
    end = as_of if wait.stop is None else wait.rows[wait.stop].at
    walk = walks[sla.calendar] if sla and sla.calendar else None
    target = sla.target if sla else None
    ran = paused = elapsed = timedelta()
    due: datetime | None = None
    at, limit = begin, end + timedelta(days=12)
    is_standing = wait.stop is None and is_paused(wait, as_of, settings)
    while at < end or (target is not None and due is None and at < limit):
        if target is not None and due is None and ran >= target:
            due = at
            continue
        if at >= end and is_standing:
            break
        if walk is None or walk.open[(at - walk.start) // MINUTE]:
            if at < end and is_paused(wait, at, settings):
                paused += MINUTE
            else:
                ran += MINUTE
        at += MINUTE
        if at == end:
            elapsed = ran
    if target is not None and due is None and ran >= target:
        due = at
    facts: dict[str, object] = {
        "sla": sla.name if sla else None,
        "elapsed_seconds": elapsed.total_seconds(),
        "paused_seconds": paused.total_seconds(),
        "wall_seconds": (end - begin).total_seconds(),
    }
    if sla is None:
        return (
            facts
            | dict.fromkeys(("due_at", "outcome", "excluded_reason"), None)
            | {"at_risk": False}
        )
    outcome = (
        "excluded"
        if reason
        else "breached"
        if elapsed > sla.target
        else "open"
        if wait.stop is None
        else "met"
    )
    is_at_risk = outcome == "open" and 5 * elapsed >= 4 * sla.target
    return facts | {
        "due_at": due,
        "outcome": outcome,
        "excluded_reason": reason,
        "at_risk": is_at_risk,
    }


def is_paused(wait: Wait, at: datetime, settings: Settings) -> bool:
    """Whether the conversation stands paused or closed in the minute that begins at `at`."""
    if wait.metric not in {"resolution", "first_resolution"}:
        return False
    words = [m.status for m in wait.rows if m.event == "status" and m.status and m.at <= at]
    stops = (*CLOSED, *settings.definitions.resolution_paused_by)
    return bool(words) and words[-1] in stops
