"""The spans of a clock as lines: long runs of like days folded, sums exact, the due instant marked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import TYPE_CHECKING, Final, Literal

from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kpiaudit.explanation.explained import ExplainedClock, Span, SpanState

UNASSIGNED: Final = "(unassigned)"
FOLDED_FROM: Final = 8
"""A run of at least so many days and nights is folded."""
KEPT: Final = 2
"""So many of its spans stay in sight at each end."""
MANY: Final = 40
"""With more lines than this, holidays and breaks are folded too."""
ORDER: Final[tuple[SpanState, ...]] = (
    "ticking", "outside hours", "holiday", "break", "paused", "closed",
)  # fmt: skip
PLAIN: Final[frozenset[SpanState]] = frozenset({"ticking", "outside hours"})
DULL: Final[frozenset[SpanState]] = PLAIN | {"holiday", "break"}
NOUNS: Final = {
    "open": "open stretch",
    "gap": "closed gap",
    "night": "closed night",
    "weekend": "weekend",
    "holiday": "holiday",
    "break": "break",
}

Kind = Literal["span", "fold", "due", "stop"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a clock's list; `at` is its first instant."""

    kind: Kind
    at: datetime
    said: str
    wall: timedelta | None = None
    counted: timedelta | None = None
    ticks: bool = False
    is_over: bool = False


def exact(time: timedelta) -> str:
    """Return a time as hours, minutes and seconds, to the microsecond where it has any: `66:03:12`."""
    seconds, micro = divmod(time // timedelta(microseconds=1), 1_000_000)
    fraction = f".{micro:06}".rstrip("0") if micro else ""
    return f"{seconds // 3600:,}:{seconds // 60 % 60:02}:{seconds % 60:02}{fraction}"


def moment(at: datetime, zone: ZoneInfo) -> str:
    """Return an instant on the clocks of a zone, to the second: `Mon 2026-08-31 11:06:17`."""
    local = at.astimezone(zone)
    fraction = f".{local.microsecond:06}".rstrip("0") if local.microsecond else ""
    return f"{local:%a %Y-%m-%d %H:%M:%S}{fraction}"


def lines(clock: ExplainedClock, zone: ZoneInfo, *, verbose: bool = False) -> list[Line]:
    """Return the lines of a clock, in time order, ending where it stopped or as of when it runs.

    The walls of the lines sum to the clock's wall, the counted times to its elapsed; `verbose` folds
    nothing.
    """
    told = [line_of(span) for span in clock.spans] if verbose else in_short(clock.spans, zone)
    due = clock.due_at
    if due is not None and due <= clock.ends_at:
        at = next((n for n, line in enumerate(told) if line.is_over), len(told))
        told.insert(at, Line("due", due, f"due: {_target(clock)} used up"))
    return [*told, Line("stop", clock.ends_at, stop(clock), is_over=clock.overrun is not None)]


def in_short(spans: Sequence[Span], zone: ZoneInfo) -> list[Line]:
    """Return the lines of spans, the dull ones folded as far as that is needed."""
    told = folded(spans, PLAIN, zone)
    return folded(spans, DULL, zone) if len(told) > MANY else told


def folded(spans: Sequence[Span], plain: frozenset[SpanState], zone: ZoneInfo) -> list[Line]:
    """Return one line per span, long runs of `plain` ones folded in their middle."""
    told: list[Line] = []
    for (is_plain, _), group in groupby(spans, lambda span: (span.state in plain, span.is_over)):
        run = list(group)
        if not is_plain or len(run) < FOLDED_FROM:
            told += map(line_of, run)
            continue
        told += map(line_of, run[:KEPT])
        told.append(fold(run[KEPT:-KEPT], zone))
        told += map(line_of, run[-KEPT:])
    return told


def line_of(span: Span) -> Line:
    """Return the line of one span."""
    return Line(
        "span",
        span.starts_at,
        told(span),
        span.wall,
        span.counted,
        span.state == "ticking",
        span.is_over,
    )


def told(span: Span) -> str:
    """Return a span's state with its reason, and what a pause takes out of the clock."""
    said: str = span.state
    if span.state == "holiday":
        said = f"holiday: {span.reason}"
    elif span.state in {"paused", "closed"}:
        said = f"{span.state}: {span.reason}" if span.reason != span.state else span.state
        if span.left_out and span.left_out != span.wall:
            said += f" ({exact(span.left_out)} of it open)"
    elif span.state == "ticking" and span.reason == "shift":
        said = "ticking, shift"
    return said


def fold(run: Sequence[Span], zone: ZoneInfo) -> Line:
    """Return many spans as one line: how many of each kind, their walls and counted times summed."""
    kinds = Counter(kind_of(span, zone) for span in run)
    counted = [
        spell.plural(number, NOUNS[kind], NOUNS[kind] + ("es" if kind == "open" else "s"))
        for kind, number in sorted(kinds.items(), key=lambda item: list(NOUNS).index(item[0]))
    ]
    *most, last = counted
    return Line(
        "fold",
        run[0].starts_at,
        f"{', '.join(most)} and {last}" if most else last,
        sum((span.wall for span in run), timedelta()),
        sum((span.counted for span in run), timedelta()),
        ticks=any(span.state == "ticking" for span in run),
        is_over=run[0].is_over,
    )


def kind_of(span: Span, zone: ZoneInfo) -> str:
    """Return what people call a span of a calendar: an open stretch, a closed night, a weekend."""
    if span.state != "outside hours":
        return "open" if span.state == "ticking" else span.state
    first, last = (at.astimezone(zone).date() for at in (span.starts_at, span.ends_at))
    midnights = (last - first).days
    return "gap" if midnights == 0 else "night" if midnights == 1 else "weekend"


def stop(clock: ExplainedClock) -> str:
    """Return how a clock ended, with the row that stopped it."""
    if clock.stopped_at is None:
        return "still running: nothing has stopped it as of then"
    how = {"reply": "a reply", "bot": "a bot's answer", "resolved": "resolved"}
    reason = how.get(clock.stop_reason, clock.stop_reason)
    return f"stopped by {reason}" if reason != "resolved" else "stopped: resolved"


def name(clock: ExplainedClock) -> str:
    """Return a clock in words: `next response 2`."""
    words = spell.words(clock.metric)
    return f"{words} {clock.ordinal}" if clock.metric == "next_response" else words


def judged_by(clock: ExplainedClock) -> str:
    """Return the SLA a clock is judged by and its terms."""
    if clock.sla is None or clock.target is None:
        return "no SLA takes it: around the clock"
    allowed = spell.target(clock.target.total_seconds(), days=clock.calendar is None)
    return f"{clock.sla}: within {allowed}" + (f" ({clock.calendar})" if clock.calendar else "")


def outcome(clock: ExplainedClock) -> str:
    """Return the verdict on a clock in words."""
    if clock.outcome is None:
        return "not judged"
    if clock.excluded_reason is not None:
        return f"excluded: {clock.excluded_reason}"
    if clock.overrun is not None:
        return f"breached, {exact(clock.overrun)} over"
    return "open, at risk" if clock.at_risk else clock.outcome


def facts(clock: ExplainedClock, zone: ZoneInfo, *, minus: str = "-") -> list[tuple[str, str]]:
    """Return the sums of a clock: wall by state, elapsed as in the report, target, due, over."""
    walls = {state: _wall(clock, state) for state in ORDER}
    parts = [f"{exact(wall)} {state}" for state, wall in walls.items() if wall]
    rows = [("wall", f"{exact(clock.wall)} = {' + '.join(parts)}" if parts else exact(clock.wall))]
    elapsed = exact(clock.elapsed)
    if clock.paused:
        opened = clock.elapsed + clock.paused
        elapsed += f" = {exact(opened)} open {minus} {exact(clock.paused)} paused or closed"
    if clock.sla is not None:
        shown = spell.duration(clock.elapsed.total_seconds(), days=clock.calendar is None)
        elapsed += f"; reports round it up to {shown}"
    rows.append(("elapsed", elapsed))
    if clock.target is not None:
        rows.append(("target", _target(clock)))
    if clock.due_at is not None:
        rows.append(("due", moment(clock.due_at, zone)))
    elif clock.target is not None and clock.stopped_at is None:
        rows.append(("due", "unknown while it is paused"))
    if clock.overrun is not None:
        sums = f"{exact(clock.elapsed)} {minus} {_target(clock)}"
        rows.append(("over", f"{exact(clock.overrun)} = {sums}"))
    if clock.time_zone is not None and clock.time_zone != zone.key:
        rows.append(("calendar", f"{clock.calendar} keeps {clock.time_zone}"))
    rows.append(("answerable", answerable(clock.agent, clock.team)))
    return rows


def answerable(agent: str, team: str) -> str:
    """Return who is answerable for a clock: `Ana of Care`, `Ana`, `nobody of Care`, `nobody assigned`."""
    if team == UNASSIGNED:
        return "nobody assigned" if agent == UNASSIGNED else agent
    return f"{'nobody' if agent == UNASSIGNED else agent} of {team}"


def place(export: str | None, row: int | None) -> str:
    """Return a row's place: `audits.json:22`."""
    return f"{export}:{row}" if export is not None else ""


def _wall(clock: ExplainedClock, state: SpanState) -> timedelta:
    return sum((span.wall for span in clock.spans if span.state == state), timedelta())


def _target(clock: ExplainedClock) -> str:
    return exact(clock.target or timedelta())
