"""Every clock cut into spans: they tile it, and their sums are the figures it was judged by."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import pytest
from audits import clocks, sla, written
from builders import calendar, canonical_csv, timeline
from hypothesis import given, settings
from hypothesis import strategies as st
from test_calendars import situations
from test_clocks_properties import AS_OF, SETTINGS, TIMELINES, exports

from kpiaudit.errors import UsageError
from kpiaudit.explanation.dossier import DIMENSIONS, explained
from kpiaudit.pipeline import audit
from kpiaudit.settings import CalendarSettings, Settings, Sla, ValueProposition

if TYPE_CHECKING:
    from kpiaudit.audit import Request
    from kpiaudit.explanation.explained import Explained, ExplainedClock

NOTHING = timedelta()
MICROSECOND = timedelta(microseconds=1)


def explain(request: Request, conversation: str) -> Explained:
    asked = replace(request.with_all_clocks(DIMENSIONS), conversation=conversation)
    return explained(audit(asked))


def assert_sums(clock: ExplainedClock) -> None:
    """The spans tile the clock; those that tick are its elapsed time, those over its overrun."""
    spans = clock.spans
    assert all(left.ends_at == right.starts_at for left, right in pairwise(spans))
    assert all(span.starts_at < span.ends_at for span in spans)
    if spans:
        assert (spans[0].starts_at, spans[-1].ends_at) == (clock.started_at, clock.ends_at)
    else:
        assert clock.started_at == clock.ends_at
    ticking = [span for span in spans if span.state == "ticking"]
    assert sum((span.wall for span in spans), NOTHING) == clock.wall
    assert sum((span.wall for span in ticking), NOTHING) == clock.elapsed
    assert sum((span.counted for span in spans), NOTHING) == clock.elapsed
    assert sum((span.left_out for span in spans), NOTHING) == clock.paused
    over = sum((span.counted for span in spans if span.is_over), NOTHING)
    assert over == (clock.overrun or NOTHING)
    if clock.target is not None and clock.elapsed >= clock.target:
        before = sum((s.wall for s in ticking if not s.is_over), NOTHING)
        assert before == clock.target


@settings(max_examples=20)
@given(TIMELINES, SETTINGS, AS_OF)
def test_spans_add_up_to_what_the_whole_audit_says(
    messages: list[object], policy: Settings, as_of: datetime | None
) -> None:
    """One conversation read alone has the clocks it has among all others.

    Where pauses count in real time, or a response a minimum, no spans can add up to that.
    """
    exact = replace(policy.definitions, pause_counting="business", minimum_seconds=0)
    policy = replace(policy, definitions=exact)
    with TemporaryDirectory() as folder:
        request = written(Path(folder), exports(messages), policy, as_of=as_of)  # type: ignore[arg-type]
        rows = clocks(request)
        for key in sorted({(row["system"], row["conversation_id"]) for row in rows})[:2]:
            told = explain(request, "/".join(key))
            for clock in told.clocks:
                assert_sums(clock)
            mine = [row for row in rows if (row["system"], row["conversation_id"]) == key]
            assert Counter(
                (c.metric, c.ordinal, c.sla, c.outcome, c.elapsed // timedelta(seconds=1), c.due_at)
                for c in told.clocks
            ) == Counter(
                (
                    r["metric"],
                    r["ordinal"],
                    r["sla"],
                    r["outcome"],
                    r["elapsed_seconds"],
                    r["due_at"],
                )
                for r in mine
            )


@settings(max_examples=40)
@given(situations(), st.integers(0, 2**32))
def test_spans_add_up_to_the_microsecond_under_any_calendar(
    situation: tuple[CalendarSettings, datetime, datetime], seed: int
) -> None:
    """A ticket of random statuses, reopened or not, judged under a calendar and around the clock."""
    hours, start, end = situation
    draw = random.Random(seed)
    length = max((end - start) // MICROSECOND, 10)
    at = sorted(start + draw.randrange(length) * MICROSECOND for _ in range(8))
    words = [draw.choice(["open", "pending", "on_hold", "resolved", "closed"]) for _ in at]
    rows = [{"sent_at": start.isoformat(), "event": "inbound"}]
    rows += [
        {"sent_at": moment.isoformat(), "event": "status", "status": word}
        for moment, word in zip(at, words, strict=True)
    ]
    rows = [row | {"conversation_id": "t", "channel": "email"} for row in rows]
    target = timedelta(microseconds=draw.randrange(1, length))
    slas = [
        Sla(f"{metric} {name}", metric, target, 0.9, calendar=name, also=True)
        for metric in ("resolution", "first_resolution", "first_response")
        for name in (None, "random")
    ]
    policy = Settings(tuple(slas), ValueProposition("solved"), {"random": hours})
    with TemporaryDirectory() as folder:
        told = explain(written(Path(folder), {"t.csv": canonical_csv(rows)}, policy), "t")
    assert {clock.metric for clock in told.clocks} >= {"first_response"}
    for clock in told.clocks:
        assert_sums(clock)


TICKET = timeline(
    "t",
    "fri 16:00 in id=1",
    "fri 16:30 status pending id=2",
    "mon+1 10:00 status open id=3",
    "wed+1 11:00 status resolved id=4",
    "thu+1 09:30 status open id=5",
    "thu+1 12:30 out Ana id=6",
    "thu+1 12:30 status resolved id=7",
)
POLICY = (
    sla("solved", "resolution", "6h", 'calendar = "desk"')
    + calendar("desk", "mon-fri 09:00-17:00", rest="holidays = { add = [2026-03-10] }\n")
    + 'breaks = { 2026-03-12 = ["12:00-12:15"] }\n'
)


def test_every_span_tells_its_reason(tmp_path: Path) -> None:
    """Worked by hand: 30 min on Friday, 7 h on Monday, 2 h on Wednesday, 2 h 45 on Thursday."""
    told = explain(written(tmp_path, {"t.csv": canonical_csv(TICKET)}, POLICY), "t")
    (clock,) = (clock for clock in told.clocks if clock.sla == "solved")
    assert [
        (f"{span.starts_at:%a %H:%M}", span.state, span.reason, span.is_over, span.wall)
        for span in clock.spans
    ] == [
        ("Fri 16:00", "ticking", "hours", False, timedelta(minutes=30)),
        ("Fri 16:30", "paused", "pending", False, timedelta(hours=65, minutes=30)),
        ("Mon 10:00", "ticking", "hours", False, timedelta(hours=5, minutes=30)),
        ("Mon 15:30", "ticking", "hours", True, timedelta(hours=1, minutes=30)),
        ("Mon 17:00", "outside hours", "outside hours", True, timedelta(hours=7)),
        ("Tue 00:00", "holiday", "closed by the policy", True, timedelta(hours=24)),
        ("Wed 00:00", "outside hours", "outside hours", True, timedelta(hours=9)),
        ("Wed 09:00", "ticking", "hours", True, timedelta(hours=2)),
        ("Wed 11:00", "closed", "resolved", True, timedelta(hours=22, minutes=30)),
        ("Thu 09:30", "ticking", "hours", True, timedelta(hours=2, minutes=30)),
        ("Thu 12:00", "break", "break", True, timedelta(minutes=15)),
        ("Thu 12:15", "ticking", "hours", True, timedelta(minutes=15)),
    ]
    assert clock.elapsed == timedelta(hours=12, minutes=15)
    assert clock.overrun == timedelta(hours=6, minutes=15)
    assert clock.due_at == datetime(2026, 3, 9, 15, 30, tzinfo=UTC)
    assert clock.paused == timedelta(hours=8)
    assert [span.left_out for span in clock.spans if span.left_out] == [
        timedelta(hours=1, minutes=30),
        timedelta(hours=6, minutes=30),
    ]


def test_rows_tell_their_place_and_what_they_do(tmp_path: Path) -> None:
    told = explain(written(tmp_path, {"t.csv": canonical_csv(TICKET)}, POLICY), "t")
    assert [(row.export, row.row, row.what, row.marks) for row in told.rows] == [
        ("t.csv", 1, "customer wrote",
         ("starts first response", "starts resolution", "starts first resolution",
          "starts requester wait", "starts agent work")),
        ("t.csv", 2, "status pending", ()),
        ("t.csv", 3, "status open", ()),
        ("t.csv", 4, "status resolved", ("stops first response", "stops first resolution")),
        ("t.csv", 5, "status open", ()),
        ("t.csv", 6, "answer", ()),
        ("t.csv", 7, "status resolved",
         ("stops resolution", "stops requester wait", "stops agent work")),
    ]  # fmt: skip
    assert [row.who for row in told.rows][5] == "Ana"
    assert {row.text for row in told.rows} == {None}


def test_excluded_clocks_say_why(tmp_path: Path) -> None:
    policy = f'{POLICY}[[exclude]]\nwhen = {{ channel = ["email"] }}\nreason = "a drill"\n'
    rows = [row | {"channel": "email"} for row in TICKET]
    told = explain(written(tmp_path, {"t.csv": canonical_csv(rows)}, policy), "t")
    reasons = {(clock.sla, clock.outcome, clock.excluded_reason) for clock in told.clocks}
    assert ("solved", "excluded", "a drill") in reasons


def test_what_is_particular_is_told(tmp_path: Path) -> None:
    rows = timeline("ours", "09:00 out Ana", "10:00 in")
    rows += timeline("gone", "09:00 in", "10:00 status merged")
    request = written(tmp_path, {"t.csv": canonical_csv(rows)}, POLICY)
    ours, gone = (explain(request, name).notes for name in ("ours", "gone"))
    assert ours == ("we wrote first: there is no first response to wait for",)
    assert gone == ("its clocks are set aside: merged",)


@pytest.mark.parametrize(
    ("wanted", "hint"),
    [
        ("1235", "the nearest are 1234"),
        ("m7", "it is a message of conversation 1234"),
        ("nope/1234", "the nearest are 1234, 1134"),
        ("Ω" * 40, "ids look like 1134, 1234, 9"),
        ("", "ids look like 1134, 1234, 9"),
        ("9", "say which: alpha/9 or beta/9"),
    ],
)
def test_an_id_that_is_not_one_conversation_is_refused_with_a_way_on(
    tmp_path: Path, wanted: str, hint: str
) -> None:
    rows = timeline("1234", "09:00 in id=m7 system=alpha")
    rows += timeline("1134", "09:00 in id=m8 system=alpha")
    rows += timeline("9", "09:00 in id=m9 system=alpha", "09:01 in id=m9 system=beta")
    request = written(tmp_path, {"t.csv": canonical_csv(rows)}, POLICY)
    with pytest.raises(UsageError) as refused:
        explain(request, wanted)
    assert refused.value.hint == hint


def test_a_system_before_the_id_says_which(tmp_path: Path) -> None:
    rows = timeline("a/b", "09:00 in system=alpha") + timeline("a/b", "09:00 in system=beta")
    request = written(tmp_path, {"t.csv": canonical_csv(rows)}, POLICY)
    assert explain(request, "beta/a/b").system == "beta"
