"""The clocks of a few conversations by reading their rows one by one: slow, plain, no frame in sight.

It shares no code with the package but the settings it is told, and counts business time minute by
minute; so instants and targets are whole minutes.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from walker import MINUTE, Walk

if TYPE_CHECKING:
    from kpiaudit.settings import Definitions, Exclusion, Settings, Sla, When

CLOSED = ("resolved", "closed")
RESPONSES = ("first_response", "next_response")
CUSTOMERS_TURN = ("pending", "waiting", "snoozed")
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
        waits = responses(rows, settings.definitions)
        if system in telling:
            waits += [*resolutions(rows, settings.definitions), *updates(rows)]
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


def opener(rows: Sequence[Message]) -> Message | None:
    """The first row a human wrote."""
    return next((m for m in rows if is_question(m) or is_reply(m)), None)


def beginning(rows: Sequence[Message], rules: Definitions) -> int | None:
    """Where first response and resolution start: the first question, or the first row of all."""
    question = next((at for at, m in enumerate(rows) if is_question(m)), None)
    if rules.clock_start == "first_customer_message" or any(m.partial for m in rows):
        return question
    somebody = opener(rows) if rules.agent_initiated == "measure" else question
    return None if somebody is None else 0


def ends_first(m: Message, rules: Definitions) -> bool:
    return (
        (is_reply(m) and "agent:public" in rules.first_stops)
        or (is_bot(m) and "bot:public" in rules.first_stops)
        or (is_solving(m) and rules.resolve_stops_first)
        or (m.event == "status" and m.status in rules.status_stops_first)
    )


def ends_next(m: Message, rules: Definitions) -> bool:
    return (
        (is_reply(m) and "agent:public" in rules.next_stops)
        or (is_bot(m) and "bot:public" in rules.next_stops)
        or (is_solving(m) and rules.resolve_stops_next)
    )


def why(m: Message) -> str:
    if m.event == "status":
        return "resolved" if is_solving(m) else "status"
    return "bot" if is_bot(m) else "reply"


def responses(rows: Sequence[Message], rules: Definitions) -> list[Wait]:
    """The first response, then the next ones with a hand on whoever waits."""
    somebody = opener(rows)
    is_proactive = somebody is not None and is_reply(somebody)
    is_proactive = is_proactive and not any(m.partial for m in rows)
    is_left_out = is_proactive and rules.agent_initiated == "exclude"
    first = None if is_left_out else first_response(rows, rules)
    later = 0 if is_left_out or rules.next_includes_first else len(rows)
    if first and first.stop is not None and not rules.next_includes_first:
        later = first.stop + 1
    nexts: list[Wait] = []
    waiting: Wait | None = None
    for at, m in enumerate(rows[later:], later):
        if (is_question(m) or m.event == "handoff") and waiting is None:
            waiting = Wait("next_response", len(nexts) + 1, rows, at)
            nexts.append(waiting)
        elif waiting is not None and ends_next(m, rules):
            waiting.stop, waiting.reason = at, why(m)
            waiting = None
    return [*([first] if first else []), *nexts]


def first_response(rows: Sequence[Message], rules: Definitions) -> Wait | None:
    start = beginning(rows, rules)
    if start is None:
        return None
    may_open = rules.clock_start != "first_customer_message"
    stops = [
        at
        for at, m in enumerate(rows)
        if ends_first(m, rules) and (at > start or (at == start and may_open and is_reply(m)))
    ]
    stop = stops[0] if stops else None
    if rules.clock_start == "last_nonhuman":
        before = [at for at in passed_on(rows) if start < at and (stop is None or at < stop)]
        start = before[-1] if before else start
    wait = Wait("first_response", 1, rows, start, stop)
    if stop is not None:
        is_ticket = any(m.event == "status" for m in rows[:stop])
        is_call = rows[start].channel == "voice" and not is_ticket
        wait.reason = "abandoned" if is_call and is_solving(rows[stop]) else why(rows[stop])
    return wait


def passed_on(rows: Sequence[Message]) -> Iterator[int]:
    """Hand-offs and reopenings."""
    is_closed = False
    for at, m in enumerate(rows):
        if m.event == "status" and m.status:
            if is_closed and not is_solving(m):
                yield at
            is_closed = is_solving(m)
        elif m.event == "handoff":
            yield at


def resolutions(rows: Sequence[Message], rules: Definitions) -> list[Wait]:
    """From the beginning to the last solving that stood, and to the first."""
    start = beginning(rows, rules)
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
    waits = []
    for metric in ("resolution", "first_resolution", "requester_wait", "agent_work"):
        wait = Wait(metric, 1, rows, start)
        if solvings and (is_closed or metric == "first_resolution"):
            wait.stop = solvings[0] if metric == "first_resolution" else solvings[-1]
            wait.reason = "resolved"
        waits.append(wait)
    return waits


def updates(rows: Sequence[Message]) -> list[Wait]:
    """From a reply to the next, or to the solving, while the conversation is not closed."""
    waits: list[Wait] = []
    running: Wait | None = None
    has_written = is_closed = False
    for at, m in enumerate(rows):
        was_closed = is_closed
        if m.event == "status" and m.status:
            is_closed = is_solving(m)
        is_end = is_reply(m) or (is_closed and not was_closed)
        if running and is_end:
            running.stop, running.reason = at, "reply" if is_reply(m) else "resolved"
            running = None
        has_written = has_written or is_reply(m)
        is_reopening = was_closed and not is_closed
        if (is_reply(m) and not is_closed) or (is_reopening and has_written):
            running = Wait("periodic_update", 0, rows, at)
            waits.append(running)
    kept = [
        w
        for w in waits
        if w.reason != "resolved" or w.stop is None or rows[w.stop].at > rows[w.start].at
    ]
    return [replace(wait, ordinal=n) for n, wait in enumerate(kept, 1)]


def outcomes(
    wait: Wait, settings: Settings, walks: Mapping[str, Walk], as_of: datetime
) -> list[dict[str, object]]:
    """The wait under every SLA that judges it, or once under none."""
    known = dimensions(wait, wait.stop, settings)
    at_start = dimensions(wait, wait.start, settings, is_start=True)
    by = at_start if settings.definitions.policy_at == "start" else {}
    matching = known | {key: by[key] for key in ("priority", "team", "tags") if by}
    takers: list[Sla | None] = []
    taken: set[str] = set()
    for sla in settings.slas:
        if judges(sla, wait) and matches(sla.when, matching):
            if sla.also:
                takers.append(sla)
            elif sla.metric not in taken:
                takers.append(sla)
                taken.add(sla.metric)
    reason = excluded(wait, settings.exclusions, known)
    whens = [changeable(sla.when) for sla in settings.slas if judges(sla, wait)]
    known |= {"policy_changed": any(turned(when, at_start, known) for when in whens)}
    if settings.definitions.policy_change == "restart":
        wait = restarted(wait, whens, settings)
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
    } | {key: known[key] for key in ("channel", "priority", "team", "agent", "policy_changed")}


def judges(sla: Sla, wait: Wait) -> bool:
    return wait.metric in (RESPONSES if sla.metric == "every_response" else (sla.metric,))


def changeable(when: When) -> When:
    return {key: words for key, words in when.items() if key in {"priority", "team", "tag"}}


def turned(when: When, before: Mapping[str, object], after: Mapping[str, object]) -> bool:
    """Whether a policy began or ceased to match, where one knew before what it asks for."""
    asked = ["tags" if key == "tag" else key for key in when]
    is_known = all(before[key] and before[key] != NOBODY for key in asked)
    return is_known and matches(when, before) != matches(when, after)


def restarted(wait: Wait, whens: Sequence[When], settings: Settings) -> Wait:
    """The wait from the last row, before the one that stops it, that brought another policy."""
    start = wait.start
    for at in range(wait.start + 1, len(wait.rows) if wait.stop is None else wait.stop):
        before, after = (dimensions(wait, n, settings, is_start=True) for n in (at - 1, at))
        if any(turned(when, before, after) for when in whens):
            start = at
    return replace(wait, start=start)


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
    if wait.reason == "bot" and wait.metric == "next_response":
        return "answered by a bot"
    return "abandoned" if wait.reason == "abandoned" else None


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
    rules = settings.definitions
    is_real, is_latest = rules.pause_counting == "realtime", rules.deadline == "latest"
    ran = paused = elapsed = timedelta()
    due: datetime | None = None
    at, limit = begin, end + timedelta(days=12)
    is_standing = wait.stop is None and is_paused(wait, as_of, settings)
    while at < end or (target is not None and due is None and at < limit):
        is_open = walk is None or walk.open[(at - walk.start) // MINUTE]
        stands = at < end and is_paused(wait, at, settings)
        ticks = is_open and (is_real or not stands)
        if target is not None and due is None and ran >= target and (ticks or not is_latest):
            due = at
            continue
        if at >= end and is_standing and not is_real:
            break
        ran += MINUTE * ticks
        paused += MINUTE * (stands and (is_real or is_open))
        at += MINUTE
        if at == end:
            elapsed = ran
    if target is not None and due is None and ran >= target and not is_latest:
        due = at
    if is_real:
        elapsed = max(timedelta(), elapsed - paused)
        due = due + paused if due else None
    if (
        is_standing
        and target is not None
        and (elapsed < target or (is_latest and elapsed == target))
    ):
        due = None
    if sla and wait.stop is not None and wait.metric in RESPONSES:
        elapsed = max(elapsed, timedelta(seconds=rules.minimum_seconds))
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
        or (wait.stop is None and rules.open_late == ">=" and elapsed == sla.target)
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
    """Whether the clock stands still in the minute that begins at `at`."""
    rules = settings.definitions
    stops = {
        "first_response": (*rules.first_paused_by, *CLOSED * rules.closed_pauses_first),
        "next_response": rules.next_paused_by,
        "requester_wait": (*CUSTOMERS_TURN, *CLOSED),
        "agent_work": (*CUSTOMERS_TURN, "on_hold", *CLOSED),
        "periodic_update": (),
    }.get(wait.metric, (*rules.resolution_paused_by, *CLOSED * rules.closed_pauses_resolution))
    words = [m.status for m in wait.rows if m.event == "status" and m.status and m.at <= at]
    return bool(words) and words[-1] in stops
