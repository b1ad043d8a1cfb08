"""One conversation explained: its timeline row by row, and every clock cut into spans with reasons.

Frames in, plain values out. All frames are those of one conversation, a handful of rows.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpiaudit.calendars.by_date import day_spans
from kpiaudit.explanation.explained import ExplainedClock, Row, Span, SpanState
from kpiaudit.schema import NONE, UNASSIGNED
from kpiaudit.status_clocks import PAUSED_BY

if TYPE_CHECKING:
    import polars as pl

    from kpiaudit.settings import CalendarSettings

ONE_DAY = timedelta(days=1)
NOTHING = timedelta()
OPEN_STATES: Mapping[str, SpanState] = {
    "open": "ticking",
    "closed": "outside hours",
    "holiday": "holiday",
    "break": "break",
}
CHANGES = ("priority", "team", "agent", "category", "tags")
"""Dimensions a row may change, told where it does."""
SAID = {
    "inbound": "customer wrote",
    "outbound": "answer",
    "note": "internal note",
    "status": "status",
    "update": "update",
    "handoff": "handed to a human",
    "rated": "rating",
}
CLOCK_VALUES = (
    "metric", "ordinal", "sla", "calendar", "started_at", "stopped_at", "stop_reason", "as_of",
    "start_export", "start_row", "stop_export", "stop_row", "elapsed", "paused", "wall", "target",
    "due_at", "overrun", "outcome", "excluded_reason", "at_risk",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Pause:
    """A stretch of one status in which a clock stands still."""

    starts_at: datetime
    ends_at: datetime
    state: SpanState
    status: str


def explained_clocks(
    clocks: pl.DataFrame, pauses: pl.DataFrame, calendars: Mapping[str, CalendarSettings]
) -> tuple[ExplainedClock, ...]:
    """Return every clock with its spans, as the frame orders them.

    `clocks`: the clocks of one conversation with SLA, times and evidence; one without an SLA ran
    around the clock. `pauses` are the conversation's.
    """
    stretches = pauses.to_dicts()
    return tuple(
        explained_clock(clock, stretches, calendars.get(clock["calendar"] or ""))
        for clock in clocks.to_dicts()
    )


def explained_clock(
    clock: Mapping[str, Any],
    stretches: Sequence[Mapping[str, Any]],
    calendar: CalendarSettings | None,
) -> ExplainedClock:
    """Return one clock with its spans."""
    return ExplainedClock(
        **{name: clock[name] for name in CLOCK_VALUES},
        time_zone=calendar.time_zone if calendar else None,
        team=clock["team"] or UNASSIGNED,
        agent=clock["agent"] or UNASSIGNED,
        spans=clock_spans(clock, stretches, calendar),
    )


def clock_spans(
    clock: Mapping[str, Any],
    stretches: Sequence[Mapping[str, Any]],
    calendar: CalendarSettings | None,
) -> tuple[Span, ...]:
    """Return the spans of one clock: they tile it, and those that tick sum to its elapsed time."""
    start = clock["started_at"]
    end = max(start, clock["stopped_at"] or clock["as_of"])
    column = PAUSED_BY.get(clock["metric"])
    mine = [stretch for stretch in stretches if column and stretch[column]]
    paused = pauses_within(mine, start, end)
    return tuple(spans_of(tiles_of(calendar, start, end), paused, clock["due_at"]))


def pauses_within(
    stretches: Sequence[Mapping[str, Any]], start: datetime, end: datetime
) -> list[Pause]:
    """Return the pauses inside a clock, cut to it, in order."""
    found = [
        Pause(
            max(stretch["paused_at"], start),
            min(stretch["resumed_at"] or end, end),
            "closed" if stretch["is_closed"] else "paused",
            stretch["status"],
        )
        for stretch in stretches
    ]
    return [pause for pause in found if pause.starts_at < pause.ends_at]


def tiles_of(calendar: CalendarSettings | None, start: datetime, end: datetime) -> list[Span]:
    """Return the calendar's spans from `start` to `end`, neighbours of one reason joined."""
    if start >= end:
        return []
    if calendar is None:
        return [tile(start, end, "ticking", "around the clock")]
    zone = ZoneInfo(calendar.time_zone)
    first = start.astimezone(zone).date() - ONE_DAY
    last = end.astimezone(zone).date() + ONE_DAY
    tiles: list[Span] = []
    for span in chain.from_iterable(day.spans for day in day_spans(calendar, first, last)):
        left, right = max(span.starts_at, start), min(span.ends_at, end)
        if left >= right:
            continue
        state = OPEN_STATES[span.state]
        if tiles and (tiles[-1].state, tiles[-1].reason) == (state, span.reason):
            left = tiles.pop().starts_at
        tiles.append(tile(left, right, state, span.reason))
    return tiles


def tile(start: datetime, end: datetime, state: SpanState, reason: str) -> Span:
    """Return a span as the calendar alone sees it."""
    return Span(start, end, state, reason, is_over=False, left_out=NOTHING)


def spans_of(
    tiles: Sequence[Span], pauses: Sequence[Pause], due_at: datetime | None
) -> Iterable[Span]:
    """Yield the tiles with the pauses laid over them, cut where the clock was due."""
    cuts = {edge for pause in pauses for edge in (pause.starts_at, pause.ends_at)}
    pieces = cut(tiles, cuts)
    at = 0
    for pause in pauses:
        while at < len(pieces) and pieces[at].starts_at < pause.starts_at:
            yield from over_after(pieces[at], due_at)
            at += 1
        left_out = NOTHING
        while at < len(pieces) and pieces[at].starts_at < pause.ends_at:
            left_out += pieces[at].counted
            at += 1
        whole = Span(
            pause.starts_at,
            pause.ends_at,
            pause.state,
            pause.status,
            is_over=False,
            left_out=left_out,
        )
        yield from over_after(whole, due_at)
    for piece in pieces[at:]:
        yield from over_after(piece, due_at)


def cut(tiles: Iterable[Span], at: Iterable[datetime]) -> list[Span]:
    """Return the tiles cut at the instants inside them."""
    edges = sorted(at)
    pieces: list[Span] = []
    for whole in tiles:
        bounds = [whole.starts_at, *(e for e in edges if whole.starts_at < e < whole.ends_at)]
        bounds.append(whole.ends_at)
        pieces += [tile(left, right, whole.state, whole.reason) for left, right in pairwise(bounds)]
    return pieces


def over_after(span: Span, due_at: datetime | None) -> Iterable[Span]:
    """Yield the span, in two where it was due inside it while it ticked."""
    if due_at is None or span.ends_at <= due_at:
        yield span
        return
    if span.starts_at < due_at and span.state == "ticking":
        yield tile(span.starts_at, due_at, span.state, span.reason)
        yield Span(due_at, span.ends_at, span.state, span.reason, is_over=True, left_out=NOTHING)
        return
    is_over = span.starts_at >= due_at
    yield Span(
        span.starts_at,
        span.ends_at,
        span.state,
        span.reason,
        is_over=is_over,
        left_out=span.left_out,
    )


def explained_rows(ordered: pl.DataFrame, clocks: pl.DataFrame) -> tuple[Row, ...]:
    """Return every row of the timeline, in order, with what it changes and does to the clocks.

    `index` is the number by which the clocks name a row.
    """
    marks = marks_of(clocks.to_dicts())
    known: dict[str, Any] = {}
    return tuple(
        Row(
            at=message["sent_at"],
            event=message["event"],
            what=said(message),
            who=who(message),
            details=tuple(changes(message, known)),
            marks=tuple(marks.get(message["index"], ())),
            message_id=None if message["message_id"] is None else str(message["message_id"]),
            export=str(message["export"]),
            row=message["row"],
            text=message.get("text"),
        )
        for message in ordered.to_dicts()
    )


def marks_of(clocks: Iterable[Mapping[str, Any]]) -> dict[int, list[str]]:
    """Return per row of the timeline which clocks start or stop there."""
    marks: dict[int, list[str]] = {}
    for clock in clocks:
        name = named(clock["metric"], clock["ordinal"])
        for verb, index in (("stops", clock["stop_index"]), ("starts", clock["start_index"])):
            if index is not None and f"{verb} {name}" not in marks.setdefault(index, []):
                marks[index].append(f"{verb} {name}")
    return marks


def named(metric: str, ordinal: int) -> str:
    """Return a clock's name in words: `next response 2`."""
    words = metric.replace("_", " ")
    return f"{words} {ordinal}" if metric == "next_response" else words


def said(message: Mapping[str, Any]) -> str:
    """Return what a row is, in words."""
    event = str(message["event"])
    words = SAID[event]
    if event == "status":
        return f"{words} {message['status'] or NONE}"
    if event == "outbound" and message["author_role"] == "bot":
        words = "answer of a bot"
    if event == "rated" and message.get("rating") is not None:
        words = f"{words} {message['rating']:.0%}"
    return f"{words}, automated" if message["is_automated"] else words


def who(message: Mapping[str, Any]) -> str:
    """Return who wrote a row: the customer, an agent by name where it is known, a bot, the system."""
    role = str(message["author_role"])
    wrote = message["event"] in {"outbound", "note"}
    if wrote and message.get("agent"):
        return str(message["agent"])
    if role == "customer" and message.get("customer"):
        return f"customer {message['customer']}"
    return role


def changes(message: Mapping[str, Any], known: dict[str, Any]) -> Iterable[str]:
    """Yield the dimensions a row tells of that were not known so far; keeps them in `known`."""
    for name in CHANGES:
        value = message.get(name)
        if name == "agent" and message["event"] in {"outbound", "note"}:
            continue
        if value is None or value == [] or known.get(name) == value:
            continue
        known[name] = value
        shown = ", ".join(value) if isinstance(value, list) else str(value)
        yield f"{'assignee' if name == 'agent' else name} {shown}"
