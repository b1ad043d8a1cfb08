"""One conversation explained: the pages of a sample ticket, and what no export may do to a page."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from commands import kpiaudit
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from kpiaudit.explanation.explained import Explained, ExplainedClock, Row, Span, SpanState
from kpiaudit.renderers import explanation, spans
from kpiaudit.renderers.terminal.explanation import render_explanation

Golden = Callable[[str, str | bytes], None]
Printed = Callable[..., str]
SAMPLE = ("explain", "sample_exports/zendesk_json", "10263", "--quiet")
"""Answered half an hour late, then on hold over a weekend and a holiday."""
MONDAY = datetime(2026, 3, 2, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)
BERLIN = ZoneInfo("Europe/Berlin")
FORBIDDEN = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
EVIL = "\x1b[31m|<b>[x](y)\u202e\x07`*"


@pytest.mark.parametrize(
    ("name", "columns", "options"),
    [
        ("explain.80.txt", "80", ()),
        ("explain.120.txt", "120", ()),
        ("explain.text.txt", "80", ("--text",)),
        ("explain.md", "80", ("--format", "md")),
        ("explain.json", "80", ("--format", "json")),
    ],
)
def test_a_sample_ticket(
    golden: Golden,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    columns: str,
    options: tuple[str, ...],
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", columns)
    ran = kpiaudit(*SAMPLE, "-c", "sample_exports/kpiaudit.toml", *options)
    assert (ran.code, ran.err) == (0, "")
    if name.endswith(".txt"):
        assert max(cell_len(line) for line in ran.out.splitlines()) <= int(columns)
    golden(f"sample/{name}", ran.out)


def clock(tiles: list[tuple[SpanState, float]], *, target: float, over_from: int) -> ExplainedClock:
    """A clock of spans given by state and hours; those from a place on are over."""
    found, at = [], MONDAY
    for place, (state, hours) in enumerate(tiles):
        until = at + hours * HOUR
        reason = "hours" if state == "ticking" else state
        is_over = place >= over_from
        found.append(Span(at, until, state, reason, is_over=is_over, left_out=timedelta()))
        at = until
    elapsed = sum((span.counted for span in found), timedelta())
    late = elapsed - target * HOUR
    return ExplainedClock(
        metric="resolution",
        ordinal=1,
        sla="solved",
        calendar="desk",
        time_zone="UTC",
        team="Care",
        agent="Ana",
        started_at=MONDAY,
        stopped_at=at,
        stop_reason="resolved",
        as_of=at,
        start_export="a.csv",
        start_row=1,
        stop_export="a.csv",
        stop_row=2,
        elapsed=elapsed,
        paused=timedelta(),
        wall=at - MONDAY,
        target=target * HOUR,
        due_at=found[over_from].starts_at if over_from < len(found) else None,
        overrun=late if late > timedelta() else None,
        outcome="breached" if late > timedelta() else "met",
        excluded_reason=None,
        at_risk=False,
        spans=tuple(found),
    )


def told(*clocks: ExplainedClock, words: str = "x") -> Explained:
    row = Row(MONDAY, "inbound", words, words, (words,), (words,), words, words, 1, words)
    return Explained("1", words, words, MONDAY, "UTC", words, (words,), (row,), clocks)


Tiles = list[tuple[SpanState, float]]
DAY: Tiles = [("ticking", 8.0), ("outside hours", 16.0)]
FRIDAY: Tiles = [("ticking", 8.0), ("outside hours", 64.0)]
WEEK = [*DAY, *DAY, *DAY, *DAY, *FRIDAY]
WEEKS = 3 * WEEK


def test_long_runs_of_like_days_are_folded_and_the_due_instant_is_marked() -> None:
    """Three weeks of five eight-hour days, due after the second day."""
    lines = spans.lines(clock(WEEKS, target=16, over_from=4), ZoneInfo("UTC"))
    assert [line.kind for line in lines] == [*4 * ["span"], "due", *2 * ["span"], "fold",
                                             *2 * ["span"], "stop"]  # fmt: skip
    (fold,) = (line for line in lines if line.kind == "fold")
    assert fold.said == "11 open stretches, 9 closed nights and 2 weekends"
    assert fold.counted == 11 * 8 * HOUR
    assert fold.wall == 11 * 8 * HOUR + 9 * 16 * HOUR + 2 * 64 * HOUR
    whole = spans.lines(clock(WEEKS, target=16, over_from=4), ZoneInfo("UTC"), verbose=True)
    assert [line.kind for line in whole].count("span") == 30


STATES = st.sampled_from(["ticking", "outside hours", "holiday", "break", "paused", "closed"])
TILES = st.lists(st.tuples(STATES, st.integers(1, 4000).map(lambda n: n / 64)), max_size=150)


@given(TILES, st.integers(0, 150), st.booleans())
def test_lines_add_up_however_they_are_folded(
    tiles: list[tuple[SpanState, float]], over_from: int, verbose: bool
) -> None:
    made = clock(tiles, target=1, over_from=over_from)
    lines = spans.lines(made, BERLIN, verbose=verbose)
    assert sum((line.wall or timedelta() for line in lines), timedelta()) == made.wall
    assert sum((line.counted or timedelta() for line in lines), timedelta()) == made.elapsed
    assert [line.at for line in lines] == sorted(line.at for line in lines)


def test_sums_are_spelled_exactly() -> None:
    facts = dict(spans.facts(clock(WEEKS, target=16, over_from=4), BERLIN))
    assert facts["wall"] == "504:00:00 = 120:00:00 ticking + 384:00:00 outside hours"
    assert facts["over"] == "104:00:00 = 120:00:00 - 16:00:00"
    assert facts["calendar"] == "desk keeps UTC"
    assert spans.exact(timedelta(hours=1234, microseconds=1500)) == "1,234:00:00.0015"
    assert spans.moment(MONDAY + timedelta(milliseconds=5), BERLIN) == "Mon 2026-03-02 10:00:00.005"


@pytest.mark.parametrize("width", [80, 120])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_what_an_export_says_acts_on_no_terminal(
    printed: Printed, width: int, encoding: str
) -> None:
    evil = replace(clock(WEEKS, target=16, over_from=4), agent=EVIL, stop_export=EVIL, sla=EVIL)
    page = printed(
        lambda console: render_explanation(told(evil, words=EVIL), console),
        width=width,
        encoding=encoding,
    )
    assert not FORBIDDEN.search(page)
    assert "\\x1b[31m" in page
    assert max(cell_len(line) for line in page.splitlines()) <= width


def test_what_an_export_says_is_no_markdown() -> None:
    evil = replace(clock(WEEKS, target=16, over_from=4), agent=EVIL, stop_export=EVIL, sla=EVIL)
    page = explanation.markdown(told(evil, words=EVIL))
    assert not FORBIDDEN.search(page)
    assert "<b>" not in page
    bars = {line.replace("\\|", "").count("|") for line in page.splitlines() if line[:1] == "|"}
    assert bars == {5}


def test_json_is_exact() -> None:
    fraction = timedelta(seconds=1, microseconds=1)
    odd = replace(clock([("ticking", 2.0)], target=1, over_from=9), elapsed=fraction)
    found = json.loads(explanation.json(told(odd)))["clocks"][0]
    assert found["elapsed_seconds"] == 1.000001
    assert found["wall_seconds"] == 7200
    assert sum(span["counted_seconds"] for span in found["spans"]) == 7200


@pytest.mark.parametrize(
    ("agent", "team", "told"),
    [
        ("Ana", "Care", "Ana of Care"),
        ("Ana", "(unassigned)", "Ana"),
        ("(unassigned)", "Care", "nobody of Care"),
        ("(unassigned)", "(unassigned)", "nobody assigned"),
    ],
)
def test_who_is_answerable_is_said_in_words(agent: str, team: str, told: str) -> None:
    made = replace(clock(WEEKS, target=16, over_from=4), agent=agent, team=team)
    assert dict(spans.facts(made, BERLIN))["answerable"] == told
