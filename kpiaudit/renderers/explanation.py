"""One conversation explained, as Markdown for a ticket or a chat, and as JSON.

Seconds in this JSON are exact, with a fraction where a clock has one, so that spans add up.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from kpiaudit.inert import markdown as inert
from kpiaudit.renderers import spans
from kpiaudit.renderers.json import dump
from kpiaudit.renderers.text import iso
from kpiaudit.report import SCHEMA_VERSION

if TYPE_CHECKING:
    from kpiaudit.explanation.explained import Explained, ExplainedClock, Row


def markdown(told: Explained) -> str:
    """Return the timeline and every clock as Markdown tables; nothing an export says is markup."""
    zone = ZoneInfo(told.time_zone)
    parts = [
        f"# {inert(f'{told.system} {told.conversation_id}')}",
        f"As of {spans.moment(told.as_of, zone)}, {inert(told.time_zone)}.",
        *(f"- {inert(note)}" for note in told.notes),
        "## What happened",
        table(("when", "what", "who", "file:row"), (_row(row, zone) for row in told.rows)),
    ]
    for clock in told.clocks:
        parts += _clock(clock, zone)
    return "\n\n".join(parts) + "\n"


def _row(row: Row, zone: ZoneInfo) -> Sequence[str]:
    what = [row.what, *row.marks, *row.details, *((row.text or "").splitlines())]
    place = spans.place(row.export, row.row)
    return spans.moment(row.at, zone), "<br>".join(map(inert, what)), inert(row.who), inert(place)


def _clock(clock: ExplainedClock, zone: ZoneInfo) -> Iterable[str]:
    yield f"## {inert(spans.name(clock))}: {inert(spans.outcome(clock))}"
    yield f"{inert(spans.judged_by(clock))}."
    rows = []
    for line in spans.lines(clock, zone):
        said = inert(line.said)
        if line.kind == "stop" and clock.stop_export is not None:
            said += f", {inert(spans.place(clock.stop_export, clock.stop_row))}"
        times = ["" if time is None else spans.exact(time) for time in (line.wall, line.counted)]
        at = "…" if line.kind == "fold" else spans.moment(line.at, zone)
        rows.append((at, f"**{said}**" if line.kind == "due" else said, *times))
    rows.append(
        ("", "**in all**", f"**{spans.exact(clock.wall)}**", f"**{spans.exact(clock.elapsed)}**")
    )
    yield table(("from", "", "wall", "counted"), rows, right=2)
    yield "\n".join(f"- {label}: {inert(said)}" for label, said in spans.facts(clock, zone))


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: int = 0) -> str:
    """Return a Markdown table; the last `right` columns are flush right."""
    rule = ["---"] * (len(header) - right) + ["--:"] * right
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def json(told: Explained) -> str:
    """Return the explanation; the keys are a public contract."""
    return dump(
        {
            "schema_version": SCHEMA_VERSION,
            "kpiaudit_version": told.kpiaudit_version,
            "system": told.system,
            "conversation_id": told.conversation_id,
            "as_of": told.as_of,
            "time_zone": told.time_zone,
            "policy": told.policy,
            "notes": list(told.notes),
            "rows": [_row_values(row) for row in told.rows],
            "clocks": [_clock_values(clock) for clock in told.clocks],
        }
    )


def _row_values(row: Row) -> dict[str, Any]:
    return {
        "sent_at": row.at,
        "event": row.event,
        "what": row.what,
        "who": row.who,
        "details": list(row.details),
        "marks": list(row.marks),
        "message_id": row.message_id,
        "export": row.export,
        "row": row.row,
        **({} if row.text is None else {"text": row.text}),
    }


def _clock_values(clock: ExplainedClock) -> dict[str, Any]:
    names = (
        "metric", "ordinal", "sla", "calendar", "team", "agent", "started_at", "stopped_at",
        "stop_reason", "as_of", "start_export", "start_row", "stop_export", "stop_row", "due_at",
        "outcome", "excluded_reason", "at_risk",
    )  # fmt: skip
    times = ("elapsed", "paused", "wall", "target", "overrun")
    return {
        **{name: getattr(clock, name) for name in names},
        **{f"{name}_seconds": seconds(getattr(clock, name)) for name in times},
        "spans": [
            {
                "starts_at": iso(span.starts_at),
                "ends_at": iso(span.ends_at),
                "state": span.state,
                "reason": span.reason,
                "is_over": span.is_over,
                "wall_seconds": seconds(span.wall),
                "counted_seconds": seconds(span.counted),
                "left_out_seconds": seconds(span.left_out),
            }
            for span in clock.spans
        ],
    }


def seconds(time: timedelta | None) -> int | float | None:
    """Return exact seconds, an integer where they are whole."""
    if time is None:
        return None
    whole, rest = divmod(time, timedelta(seconds=1))
    return whole if not rest else time.total_seconds()
