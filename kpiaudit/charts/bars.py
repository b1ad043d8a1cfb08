"""Small pictures inside a line of a table: a share with its goal, parts of a whole, one wait in time.

They are hidden from screen readers: the numbers they draw stand beside them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from kpiaudit.charts.canvas import Canvas
from kpiaudit.charts.markup import Markup, tag

if TYPE_CHECKING:
    from kpiaudit.explanation.explained import Span, SpanState
    from kpiaudit.report import Breach

CLOCK_CLASSES: Final[Mapping[SpanState, str]] = {
    "ticking": "ticking",
    "paused": "paused",
    "closed": "paused",
}
"""Of what is not the ground of a bar."""
WIDE: Final = 1000
"""Parts of a bar: what is shorter than one is drawn as one, to be seen."""


def share_bar(share: float | None, goal: float | None, state: str) -> Markup:
    """Return a share as a bar and its goal as a stroke across it."""
    canvas = Canvas(14.0)
    parts = []
    if share is not None:
        parts.append(canvas.box((0, 3, min(max(share, 0.0), 1.0), 8), None))
    if goal is not None:
        parts.append(canvas.upright(min(max(goal, 0.0), 1.0), None))
    return tag("svg", *parts, class_=f"share {state}", aria_hidden="true")


def stacked_bar(parts: Sequence[tuple[str, float]]) -> Markup:
    """Return named classes and amounts as one bar from edge to edge; nothing when all are 0."""
    total = sum(amount for _, amount in parts)
    if not total:
        return Markup()
    canvas = Canvas(18.0)
    boxes, left = [], 0.0
    for class_, amount in parts:
        boxes.append(canvas.box((left, 0, amount / total, 18), class_))
        left += amount / total
    return tag("svg", *boxes, class_="stack", height=18, aria_hidden="true")


def clock_bar(spans: Sequence[Span]) -> Markup:
    """Return a wait in real time from its begin to its end: where it ticked, ticked too long, and was paused."""
    first, whole = spans[0].starts_at, sum((span.wall for span in spans), timedelta())
    shapes: dict[str, list[str]] = {}
    for span in (span for span in spans if span.state in CLOCK_CLASSES):
        class_ = "late" if span.state == "ticking" and span.is_over else CLOCK_CLASSES[span.state]
        left = round((span.starts_at - first) / whole * WIDE)
        width = max(round((span.ends_at - first) / whole * WIDE) - left, 1)
        shapes.setdefault(class_, []).append(f"M{left} 0h{width}v10H{left}z")
    canvas = Canvas(10.0)
    paths = [tag("path", d="".join(drawn), class_=class_) for class_, drawn in shapes.items()]
    drawn = canvas.stretched(paths, (WIDE, 10))
    return tag("svg", drawn, class_="clock", height=10, aria_hidden="true")


def wait_bar(breach: Breach) -> Markup:
    """Return one wait in counted time: what was allowed, then what it took beyond."""
    whole = max(breach.elapsed_seconds, breach.target_seconds) or 1.0
    allowed = breach.target_seconds / whole
    canvas = Canvas(14.0)
    return tag(
        "svg",
        canvas.box((0, 3, allowed, 8), "allowed"),
        canvas.box((allowed, 3, 1 - allowed, 8), None),
        canvas.upright(allowed, None),
        class_="share fail",
        aria_hidden="true",
    )
