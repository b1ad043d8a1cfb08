"""Adherence over time: a line with the goal, its lowest and its last point named."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import groupby, pairwise
from typing import TYPE_CHECKING, Final

from kpiaudit.charts.canvas import Canvas, Chart, Margins, Point, Table
from kpiaudit.charts.markup import Markup, join, tag
from kpiaudit.charts.scales import DAYS, every, period, share_ticks
from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from kpiaudit.views.shown import Trend, TrendPoint

HEIGHT: Final = 208.0
MARGINS: Final = Margins(left=44, right=64, top=18, bottom=28)
DOTS: Final = 60
"""With more points than this, only those named, or reached by no line, are dotted."""
LABELS: Final = 5
DASH: Final = "\N{EN DASH}"


def trend_chart(trend: Trend) -> Chart:
    """Return the trend of one SLA as a chart."""

    def drawing(canvas: Canvas) -> Markup:
        return draw(canvas, trend)

    return Chart(
        kind="trend",
        title=f"{trend.sla}: adherence by {trend.period}",
        finding=finding(trend),
        table=table(trend),
        drawing=drawing,
        height=HEIGHT,
        margins=MARGINS,
    )


def finding(trend: Trend) -> str:
    """Return what a trend shows, over its whole periods."""
    named = {"day": "on", "week": "in the week of", "month": "in"}[trend.period]
    whole = [p for p in trend.points if p.figures.adherence is not None and not p.is_partial]
    judged = whole or [p for p in trend.points if p.figures.adherence is not None]
    if not judged:
        return "Nothing was decided in any of its periods."
    kept = sum((p.figures.adherence or 0.0) >= trend.goal for p in judged)
    noun = f"whole {trend.period}" if whole else f"partial {trend.period}"
    said = f"The goal of {spell.share(trend.goal)} was met in {kept:,} of {spell.plural(len(judged), noun)}"
    if len(judged) == 1:
        return f"{said}, with {_share(trend, judged[0])}."
    lowest = min(judged, key=lambda p: (p.figures.adherence or 0.0, p.start))
    last = judged[-1]
    low = f"{_share(trend, lowest)} {named} {_name(trend, lowest)}"
    if lowest is last:
        return f"{said}; the last of them was the lowest, {low}."
    return f"{said}; the lowest was {low}, the latest {_share(trend, last)} {named} {_name(trend, last)}."


def table(trend: Trend) -> Table:
    """Return a trend's numbers: a period a row; of many days, a week a row."""
    if trend.period == "day" and len(trend.points) > DOTS:
        return _calendar(trend)
    rows = []
    for point in trend.points:
        f = point.figures
        cut = " (partial)" if point.is_partial else ""
        shown = DASH if f.adherence is None else _share(trend, point)
        median = DASH if f.median_seconds is None else spell.duration(f.median_seconds)
        counts = (f"{f.met:,}", f"{f.breached:,}", f"{f.open:,}")
        rows.append((f"{point.start.isoformat()}{cut}", shown, *counts, median))
    header = (f"{trend.period} from", "adherence", "met", "breached", "open", "median")
    return Table(header, tuple(rows))


def _calendar(trend: Trend) -> Table:
    """Adherence of the clocks decided, as `97.6% of 82`, a day a column."""
    weeks: dict[date, list[str]] = {}
    for point in trend.points:
        monday = point.start - timedelta(days=point.start.weekday())
        decided = point.figures.met + point.figures.breached
        shown = f"{_share(trend, point)} of {decided:,}" if decided else DASH
        weeks.setdefault(monday, [""] * 7)[point.start.weekday()] = shown
    rows = tuple((monday.isoformat(), *cells) for monday, cells in weeks.items())
    return Table(("week of", *DAYS), rows)


def draw(canvas: Canvas, trend: Trend) -> Markup:
    """Return the picture of a trend."""
    points = trend.points
    shares = [p.figures.adherence for p in points]
    scale = share_ticks(min([trend.goal, *(s for s in shares if s is not None)]))
    low, high = scale[0], scale[-1]

    def y(share: float) -> float:
        return canvas.height * (1 - (share - low) / (high - low))

    places = [(i + 0.5) / len(points) for i in range(len(points))]
    spots = [
        None if share is None else (x, y(share)) for x, share in zip(places, shares, strict=True)
    ]
    parts = _periods(canvas, trend, places)
    for tick in scale:
        parts.append(canvas.rule(y(tick), "axis" if tick == low else "grid"))
        parts.append(canvas.label(0, y(tick) + 4, spell.share(tick), "tick end", dx=-8))
    parts.append(canvas.rule(y(trend.goal), "goal"))
    parts.append(
        canvas.label(1, y(trend.goal) + 4, f"goal {spell.share(trend.goal)}", "goal", dx=6)
    )
    parts += [canvas.line(run, "line") for run in _runs(spots)]
    parts += _dots(canvas, trend, spots)
    return join(parts)


def spark(
    values: Sequence[float | None],
    goal: float | None,
    *,
    label: str,
    partial: Sequence[bool] = (),
    height: float = 30.0,
) -> Markup:
    """Return a line of few pixels; `label` says what it shows. A gap is no value; what touches a `partial`
    period is dashed, and the dot is the last whole one.
    """
    known = [value for value in values if value is not None]
    if len(known) < 2:
        return Markup()
    bounds = known if goal is None else [*known, goal]
    low, high = min(bounds), max(bounds)
    span = (high - low) or 1.0
    canvas = Canvas(height)

    def y(value: float) -> float:
        return 3 + (height - 6) * (1 - (value - low) / span)

    spots: list[Point | None] = [
        None
        if value is None
        else (round(i / (len(values) - 1), 3), round(y(value), 1 if len(values) <= DOTS else 0))
        for i, value in enumerate(values)
    ]
    cut = partial or [False] * len(values)
    whole = [None if is_cut else spot for spot, is_cut in zip(spots, cut, strict=True)]
    parts = [] if goal is None else [canvas.rule(y(goal), "goal")]
    parts += [canvas.line(run, "line") for run in _runs(whole)]
    parts += [
        canvas.line([start, end], "line cut")
        for (start, is_cut), (end, is_next_cut) in pairwise(zip(spots, cut, strict=True))
        if start and end and (is_cut or is_next_cut)
    ]
    parts += [canvas.dot(*spot, "end", 1.5) for spot in _alone(spots)]
    last = next((spot for spot in reversed(whole) if spot is not None), None)
    if last is not None:
        parts.append(canvas.dot(*last, "end"))
    return tag("svg", *parts, class_="spark", height=float(height), role="img", aria_label=label)


def _alone(spots: Sequence[Point | None]) -> list[Point]:
    """Points between two gaps, which no line reaches."""
    around = [None, *spots, None]
    return [
        spot
        for before, spot, after in zip(around, spots, around[2:], strict=False)
        if spot is not None and before is None and after is None
    ]


def _runs(spots: Sequence[Point | None]) -> list[list[Point]]:
    runs = [
        [spot for spot in group if spot is not None]
        for is_known, group in groupby(spots, lambda spot: spot is not None)
        if is_known
    ]
    return [run for run in runs if len(run) > 1]


def _dots(canvas: Canvas, trend: Trend, spots: Sequence[Point | None]) -> list[Markup]:
    """A ring for a point under the goal, else a disc; of many points only those named or off the line."""
    known = [
        (point, spot)
        for point, spot in zip(trend.points, spots, strict=True)
        if spot is not None and point.figures.adherence is not None
    ]
    if not known:
        return []
    lowest = min(known, key=lambda pair: (pair[0].figures.adherence or 0.0, pair[0].start))
    named = [lowest] if lowest is known[-1] else [lowest, known[-1]]
    alone = _alone(spots)
    dotted = (
        known
        if len(spots) <= DOTS
        else [pair for pair in known if pair in named or pair[1] in alone]
    )
    dots = [
        canvas.dot(*spot, "dot under" if _is_under(trend, point) else "dot")
        for point, spot in dotted
    ]
    return [*dots, *(_value(canvas, trend, point, spot) for point, spot in named)]


def _value(canvas: Canvas, trend: Trend, point: TrendPoint, spot: Point) -> Markup:
    """A point's share: under it when it misses the goal, beside it at the bottom, else over it."""
    x, y = spot
    words = _share(trend, point)
    if not _is_under(trend, point):
        return canvas.label(x, y - 9, words, "value mid")
    if y < canvas.height - 20:
        return canvas.label(x, y + 17, words, "value mid")
    side = 9 if x < 0.9 else -9
    return canvas.label(x, y - 3, words, "value" if side > 0 else "value end", dx=side)


def _is_under(trend: Trend, point: TrendPoint) -> bool:
    return (point.figures.adherence or 0.0) < trend.goal


def _periods(canvas: Canvas, trend: Trend, places: Sequence[float]) -> list[Markup]:
    shown = every(len(places), LABELS)
    parts = []
    for i, (point, x) in enumerate(zip(trend.points, places, strict=True)):
        if point.is_partial:
            box = (x - 0.5 / len(places), 0.0, 1 / len(places), canvas.height)
            parts.append(canvas.box(box, "partial"))
        if i % shown == 0:
            name = period(point.start, trend.period)
            parts.append(canvas.label(x, canvas.height + 18, name, "tick mid"))
    return parts


def _name(trend: Trend, point: TrendPoint) -> str:
    return period(point.start, trend.period, year=True)


def _share(trend: Trend, point: TrendPoint) -> str:
    return spell.percent(point.figures.adherence or 0.0, trend.goal)
