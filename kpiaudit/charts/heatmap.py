"""The week as a map: 24 hours across, seven days down, five shades of one colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from kpiaudit.charts.canvas import Canvas, Chart, Margins, Table
from kpiaudit.charts.markup import Markup, join, tag
from kpiaudit.charts.scales import DAYS, LONG_DAYS, hour_of_week, step
from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from kpiaudit.views.shown import HoursOfWeek

ROW: Final = 22.0
HEIGHT: Final = 7 * ROW
MARGINS: Final = Margins(left=40, right=4, top=4, bottom=52)
SHADES: Final = 5
BLOCKS: Final = 4
"""So many stretches of hours are named."""


def heat_charts(hours: HoursOfWeek) -> list[Chart]:
    """Return the maps that have anything on them: demand, answers, backlog, and breaches per SLA."""
    maps = [
        ("demand", "Customer messages by hour of the week", hours.demand, "customer messages"),
        ("answers", "Answers by hour of the week", hours.answers, "answers"),
        ("backlog", "Conversations waiting for us", hours.backlog, "conversations waiting"),
    ]
    charts = [
        heat_chart(kind, title, values, noun=noun)
        for kind, title, values, noun in maps
        if any(values)
    ]
    for sla, values in hours.breached.items():
        if any(values):
            title = f"{sla}: breaches by the hour their clock began"
            chart = heat_chart("breaches", title, values, noun="breaches")
            charts.append(replace(chart, finding=f"{chart.finding}{to_avert(hours, sla)}"))
    return charts


def to_avert(hours: HoursOfWeek, sla: str) -> str:
    """Return how many breaches stand between an SLA and its goal, and the hours that hold so many."""
    if sla not in hours.to_avert:
        return ""
    blocks = hours.blocks.get(sla, ())
    said = f" The goal asks for {hours.to_avert[sla]:,} fewer"
    if not blocks:
        return f"{said}."
    named = [
        f"{LONG_DAYS[block.weekday]} {block.from_hour:02}:00 to {block.to_hour:02}:00 ({block.breaches:,})"
        for block in blocks[:BLOCKS]
    ]
    more = (
        f" and {spell.plural(len(blocks) - BLOCKS, 'stretch', 'stretches')} more"
        if len(blocks) > BLOCKS
        else ""
    )
    return f"{said}; the fewest hours that hold so many are {', '.join(named)}{more}."


def heat_chart(kind: str, title: str, values: Sequence[float], *, noun: str) -> Chart:
    """Return 168 hours, Monday 00:00 first, as a chart."""

    def drawing(canvas: Canvas) -> Markup:
        return draw(canvas, values)

    return Chart(
        kind=kind,
        title=title,
        finding=finding(values, noun=noun, is_mean=kind == "backlog"),
        table=table(values),
        drawing=drawing,
        height=HEIGHT,
        margins=MARGINS,
    )


def finding(values: Sequence[float], *, noun: str, is_mean: bool) -> str:
    """Return which hour has most of it, and how much."""
    most = max(range(len(values)), key=lambda place: (values[place], -place))
    if is_mean:
        return f"Most are waiting on {hour_of_week(most)}: {_shown(values[most])} on average."
    of = f"{_shown(values[most])} of {_shown(sum(values))} {noun}"
    if list(values).count(values[most]) > 1:
        return f"No one hour stands out: at most {of} fall into one, first on {hour_of_week(most)}."
    return f"The hour with most is {hour_of_week(most)}: {of}."


def table(values: Sequence[float]) -> Table:
    """Return hours down, days across."""
    rows = [
        (f"{hour:02}:00", *(_shown(values[day * 24 + hour]) for day in range(7)))
        for hour in range(24)
    ]
    return Table(("hour", *DAYS), tuple(rows))


def bounds(most: float, *, whole: bool) -> tuple[float, ...]:
    """Return where the shades begin, the first at 0 (and only above it), the last open: round numbers,
    and `whole` ones where there are no others.
    """
    size = max(step(most, SHADES), 1.0 if whole else 0.0)
    return tuple(round(size * shade, 10) for shade in range(SHADES) if size * shade < most)


def draw(canvas: Canvas, values: Sequence[float]) -> Markup:
    """Return the picture: a cell an hour, grey where there is nothing, and what the shades mean.

    Cells are the dashes of lines as wide as a row; one line runs through neighbours of one shade.
    """
    edges = bounds(max(values), whole=all(float(value).is_integer() for value in values))
    cells: dict[int, list[str]] = {}
    before = -1
    for place, value in enumerate(values):
        weekday, hour = divmod(place, 24)
        shade = sum(value > edge for edge in edges)
        drawn = cells.setdefault(shade, [])
        if drawn and hour and shade == before:
            start, _, length = drawn[-1].partition("h")
            drawn[-1] = f"{start}h{int(length) + 1}"
        else:
            drawn.append(f"M{hour} {weekday}.5h1")
        before = shade
    parts = [
        tag("path", d="".join(drawn), class_=tone(shade, len(edges)))
        for shade, drawn in sorted(cells.items())
    ]
    days = [
        canvas.label(0, weekday * ROW + 15, name, "tick end", dx=-8)
        for weekday, name in enumerate(DAYS)
    ]
    hours = [
        canvas.label(hour / 24, HEIGHT + 16, f"{hour:02}:00", "tick") for hour in range(0, 24, 6)
    ]
    end = canvas.label(1, HEIGHT + 16, "24:00", "tick end")
    return join(
        [canvas.stretched(parts, (24, 7)), *days, *hours, end, _legend(canvas, edges, max(values))]
    )


def tone(shade: int, shades: int) -> str:
    """Return the class of a shade: however many there are, the last is the darkest."""
    if shade == 0 or shades == 1:
        return f"h{SHADES if shade else 0}"
    return f"h{1 + round((shade - 1) * (SHADES - 1) / (shades - 1))}"


def _legend(canvas: Canvas, edges: Sequence[float], most: float) -> Markup:
    """The shades in a row, each with what it ends at."""
    words = ["0", *(f"to {_shown(end)}" for end in (*edges[1:], most))]
    wide = 1 / 6
    parts = []
    for shade, said in enumerate(words):
        box = (shade * wide, HEIGHT + 26, wide * 0.94, 7.0)
        parts.append(canvas.box(box, tone(shade, len(edges))))
        parts.append(canvas.label(shade * wide, HEIGHT + 46, said, "tick"))
    return join(parts)


def _shown(value: float) -> str:
    return spell.count(int(value)) if float(value).is_integer() else f"{value:,.1f}"
