"""Random timelines: the same clocks as a plain reading of the rows, whatever order and files they are in."""

from __future__ import annotations

import random
import statistics
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import pytest
from audits import clocks, report, written
from builders import Row, canonical_csv
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import Message, judged
from walker import Walk

from kpiaudit.schema import EVENTS, ROLES, SLA_METRICS, STATUSES
from kpiaudit.settings import (
    CalendarSettings,
    Definitions,
    Exclusion,
    Settings,
    Sla,
    Team,
    ValueProposition,
    When,
)

if TYPE_CHECKING:
    from kpiaudit.report import Figures

SATURDAY = datetime(2026, 3, 28, tzinfo=UTC)
"""The night before Berlin's clocks go forward."""
SPAN = 36 * 60
HOUR = 3600
CALENDARS = {
    "desk": CalendarSettings(
        "desk", "UTC", dict.fromkeys(range(7), ((9 * HOUR, 12 * HOUR), (13 * HOUR, 17 * HOUR)))
    ),
    "night": CalendarSettings(
        "night",
        "Europe/Berlin",
        dict.fromkeys((5, 6), ((9 * HOUR, 11 * HOUR), (22 * HOUR, 6 * HOUR))),
    ),
}
FILES = ("a.csv", "b.csv", "c.csv")
PLACES = {"start_export", "start_row", "stop_export", "stop_row"}
SECONDS = {"elapsed_seconds", "wall_seconds", "paused_seconds"}


@cache
def walks() -> dict[str, Walk]:
    until = SATURDAY + timedelta(days=18)
    return {name: Walk(calendar, SATURDAY, until) for name, calendar in CALENDARS.items()}


def maybe(*values: str) -> st.SearchStrategy[str | None]:
    return st.none() | st.sampled_from(values)


CONVERSATIONS = [f"c{n}" for n in range(10)]
MINUTES = (0, 540, 550, 600, 620, 1000)
"""Where messages meet in one instant."""


def messages_of(count: int, seed: int, ids: str) -> list[Message]:
    """The timelines a seed stands for: dense, as drawing every field apart would not be.

    Fewer messages of one seed are the first of more. `ids` as `numbered` has them.
    """
    draw = random.Random(seed)
    return numbered([message(draw) for _ in range(count)], ids, seed)


def message(draw: random.Random) -> Message:
    """One row, likely a question, an answer or a status."""

    def maybe_one(share: float, *values: str) -> str | None:
        return draw.choice(values) if draw.random() < share else None

    minute = draw.choice(
        [draw.choice(MINUTES), *2 * [draw.randrange(540, 1080)], draw.randrange(SPAN)]
    )
    return Message(
        file=FILES[0],
        row=0,
        system="beta" if draw.random() < 0.1 else "alpha",
        conversation=draw.choice(CONVERSATIONS),
        number=None,
        at=SATURDAY + timedelta(minutes=minute),
        event=draw.choice([*EVENTS, *4 * ("inbound", "outbound"), *3 * ("status",)]),
        status=draw.choice([*STATUSES[:-2], *STATUSES[:-2], "escalated", "spam", "merged"])
        if draw.random() < 0.9
        else None,
        role=maybe_one(0.5, *ROLES, "bot"),
        automated=draw.random() < 0.15,
        channel=maybe_one(0.7, "email", "chat", "voice"),
        priority=maybe_one(0.5, "low", "urgent"),
        team=maybe_one(0.3, "A", "B"),
        agent=maybe_one(0.5, "Ana", "Ben"),
        tags=draw.choice([(), (), (), (), ("vip", "x"), ("vip",), ("test",)]),
        partial=draw.random() < 0.01,
    )


WHEN: st.SearchStrategy[When] = st.just({}) | st.sampled_from(
    [
        {"priority": ("urgent",)},
        {"priority": ("low", "(none)")},
        {"team": ("A", "second")},
        {"tag": ("vip",)},
        {"channel": ("chat",), "priority": ("urgent", "low")},
    ]
)
SLAS = st.lists(
    st.builds(
        Sla,
        name=st.just(""),
        metric=st.sampled_from(SLA_METRICS),
        target=(st.sampled_from([10, 50, 60, 80, 100]) | st.integers(1, 300)).map(
            lambda minutes: timedelta(minutes=minutes)
        ),
        goal=st.just(0.9),
        calendar=maybe(*CALENDARS),
        when=WHEN,
        also=st.booleans(),
    ),
    min_size=3,
    max_size=7,
)
STOPS = st.sampled_from([("agent:public",), ("agent:public", "bot:public"), ("bot:public",)])
PAUSED_BY = st.sampled_from([(), ("pending", "on_hold", "waiting"), ("open",)])
SETTINGS = st.builds(
    Settings,
    slas=SLAS.map(lambda slas: tuple(replace(sla, name=f"s{n}") for n, sla in enumerate(slas))),
    value_proposition=st.just(ValueProposition("answered")),
    calendars=st.just(CALENDARS),
    definitions=st.builds(
        Definitions,
        clock_start=st.sampled_from(["first_customer_message", "created", "last_nonhuman"]),
        first_stops=STOPS,
        status_stops_first=st.sampled_from([(), ("on_hold", "resolved")]),
        resolve_stops_first=st.booleans(),
        first_paused_by=PAUSED_BY,
        closed_pauses_first=st.booleans(),
        agent_initiated=st.sampled_from(["exclude", "measure"]),
        next_includes_first=st.booleans(),
        next_stops=STOPS,
        resolve_stops_next=st.booleans(),
        next_paused_by=PAUSED_BY | st.just(("pending", "closed")),
        resolution_paused_by=PAUSED_BY,
        closed_pauses_resolution=st.booleans(),
        pause_counting=st.sampled_from(["business", "realtime"]),
        open_late=st.sampled_from([">", ">="]),
        minimum_seconds=st.sampled_from([0, 60, 600]),
        deadline=st.sampled_from(["earliest", "latest"]),
        policy_change=st.sampled_from(["keep", "restart"]),
        policy_at=st.sampled_from(["stop", "start"]),
    )
    | st.just(Definitions()),
    exclusions=st.sampled_from([(), (Exclusion({"tag": ("test",)}, "tests"),)]),
    teams=st.sampled_from([(), (Team("first", ("Ana",)), Team("second", (), ("B",)))]),
)


def numbered(messages: Sequence[Message], kind: str, seed: int) -> list[Message]:
    """The messages with ids: numbers, words, none, numbers for some, or a word among numbers."""
    numbers = random.Random(seed).sample(range(1, 10 * len(messages) + 2), len(messages))
    made = [None if kind == "none" else str(n) if kind != "words" else f"m{n}" for n in numbers]
    if kind == "some":
        made = [None if n % 3 == 0 else number for n, number in enumerate(made)]
    if kind == "mixed" and made:
        made[0] = "m1"
    return [replace(m, number=number) for m, number in zip(messages, made, strict=True)]


def placed(messages: Sequence[Message], files: Sequence[int]) -> list[Message]:
    """The messages with their file, by `files` in turn, and their row in it."""
    rows = dict.fromkeys(FILES, 0)
    found = []
    for n, message in enumerate(messages):
        file = FILES[files[n % len(files)]]
        rows[file] += 1
        found.append(replace(message, file=file, row=rows[file]))
    return found


TIMELINES = st.builds(
    messages_of,
    st.integers(1, 120),
    st.integers(0, 2**32),
    st.sampled_from(["numbers", "words", "none", "some", "mixed"]),
)
SPLITS = st.lists(st.integers(0, len(FILES) - 1), min_size=1, max_size=5)
AS_OF = st.none() | (st.sampled_from(MINUTES) | st.integers(0, SPAN)).map(
    lambda minute: SATURDAY + timedelta(minutes=minute)
)


def as_row(m: Message) -> Row:
    row = {
        "system": m.system,
        "conversation_id": m.conversation,
        "message_id": m.number or "",
        "sent_at": m.at.isoformat(),
        "event": m.event,
        "status": m.status or "",
        "author_role": m.role or "",
        "is_automated": str(m.automated).lower(),
        "channel": m.channel or "",
        "priority": m.priority or "",
        "team": m.team or "",
        "agent": m.agent or "",
        "tags": ";".join(m.tags),
        "is_partial": str(m.partial).lower(),
    }
    return {key: value for key, value in row.items() if value}


def exports(messages: Sequence[Message]) -> dict[str, str]:
    return {
        file: canonical_csv(as_row(m) for m in messages if m.file == file)
        for file in sorted({m.file for m in messages})
    }


def shown(rows: Sequence[dict[str, Any]], keys: Sequence[str]) -> list[str]:
    """The rows as lines in an order of their own, of the columns named."""
    return sorted(
        " ".join(f"{k}={float(row[k]) if k in SECONDS else row[k]}" for k in keys) for row in rows
    )


def told(
    messages: Sequence[Message], policy: Settings, as_of: datetime | None
) -> list[dict[str, Any]]:
    with TemporaryDirectory() as folder:
        return clocks(written(Path(folder), exports(messages), policy, as_of=as_of))


def is_answered(row: dict[str, Any]) -> bool:
    return row["outcome"] != "excluded" and row["stop_reason"] not in {"none", "abandoned"}


def assert_statistics(figures: Figures, seconds: list[float]) -> None:
    """By the standard library, whose inclusive quantiles interpolate linearly too."""
    assert figures.n == len(seconds)
    assert figures.max_seconds == max(seconds, default=None)
    if len(seconds) > 1:
        twentieths = statistics.quantiles(seconds, n=20, method="inclusive")
        expected = [statistics.fmean(seconds), twentieths[9], twentieths[17], twentieths[18]]
        assert [
            figures.mean_seconds,
            figures.median_seconds,
            figures.p90_seconds,
            figures.p95_seconds,
        ] == pytest.approx(expected)


@settings(max_examples=80)
@given(TIMELINES, SPLITS, SETTINGS, AS_OF)
def test_clocks_equal_a_plain_reading_of_the_rows(
    messages: list[Message], split: list[int], policy: Settings, as_of: datetime | None
) -> None:
    messages = placed(messages, split)
    expected = judged(messages, policy, walks(), as_of)
    keys = list(expected[0]) if expected else ["metric"]
    assert shown(told(messages, policy, as_of), keys) == shown(expected, keys)


@settings(max_examples=40)
@given(TIMELINES, SPLITS, SETTINGS, st.randoms(use_true_random=False))
def test_neither_the_order_of_rows_nor_their_files_matter(
    messages: list[Message], split: list[int], policy: Settings, shuffler: random.Random
) -> None:
    """Where ids tell rows of one instant apart; a row told by two exports is one row."""
    messages = numbered([replace(m, number=None) for m in messages], "numbers", 7)
    shuffled = [*messages, *messages[::4]]
    shuffler.shuffle(shuffled)
    once = told(placed(messages, [0]), policy, None)
    again = told(placed(shuffled, split), policy, None)
    keys = [key for key in (once or [{}])[0] if key not in PLACES]
    assert shown(again, keys) == shown(once, keys)


@settings(max_examples=40)
@given(TIMELINES, SPLITS, SETTINGS, AS_OF)
def test_the_figures_add_up(
    messages: list[Message], split: list[int], policy: Settings, as_of: datetime | None
) -> None:
    messages = placed(messages, split)
    with TemporaryDirectory() as folder:
        request = written(Path(folder), exports(messages), policy, as_of=as_of)
        found, rows = report(request), clocks(request)
    for sla in found.slas:
        mine = [row for row in rows if row["sla"] == sla.name]
        f = sla.figures
        assert f.clocks == f.met + f.breached + f.open + f.excluded == len(mine)
        assert [f.met, f.breached, f.open, f.excluded] == [
            sum(row["outcome"] == outcome for row in mine)
            for outcome in ("met", "breached", "open", "excluded")
        ]
        assert f.adherence == (f.met / (f.met + f.breached) if f.met + f.breached else None)
        assert_statistics(f, [row["elapsed_seconds"] for row in mine if is_answered(row)])
        for by in {tuple(group.by) for group in sla.groups}:
            groups = [group.figures.clocks for group in sla.groups if tuple(group.by) == by]
            assert sum(groups) == f.clocks, by
    for metric in found.integrity.metrics:
        assert metric.clocks == metric.matched + metric.unmatched
    assert (
        sum(e.rows for e in found.exports)
        == len(messages)
        == sum(e.used + e.duplicates + e.rejects + e.skipped for e in found.exports)
    )
