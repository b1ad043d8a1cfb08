"""How long it took: a histogram with the target marked, what lies over it set apart."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Final

from kpiaudit.charts.canvas import Canvas, Chart, Margins, Table
from kpiaudit.charts.markup import Markup, join
from kpiaudit.charts.scales import every, place_between, ticks
from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from kpiaudit.report import SlaResult
    from kpiaudit.views.shown import Distribution

HEIGHT: Final = 200.0
MARGINS: Final = Margins(left=44, right=16, top=28, bottom=28)
LABELS: Final = 8
GAP: Final = 0.06
"""Between two bars, of a bar's width."""


def distribution_chart(distribution: Distribution, sla: SlaResult | None) -> Chart:
    """Return the distribution of one SLA's clocks as a chart; its figures come from the SLA."""

    def drawing(canvas: Canvas) -> Markup:
        return draw(canvas, distribution, days=_days(sla))

    noun = spell.words(sla.metric) if sla else "clocks"
    return Chart(
        kind="distribution",
        title=f"{distribution.sla}: how long {noun} took",
        finding=finding(distribution, sla),
        table=table(distribution, days=_days(sla)),
        drawing=drawing,
        height=HEIGHT,
        margins=MARGINS,
    )


def finding(distribution: Distribution, sla: SlaResult | None) -> str:
    """Return what a distribution shows."""
    allowed = spell.target(distribution.target_seconds, days=_days(sla))
    if sla is None:
        return (
            f"{spell.plural(sum(distribution.counts), 'decided clock')}; the target is {allowed}."
        )
    figures = sla.figures
    decided = figures.met + figures.breached
    said = f"{figures.met:,} of {spell.plural(decided, 'decided clock')} kept to {allowed}"
    if figures.median_seconds is None or figures.p90_seconds is None:
        return f"{said}."
    median, p90 = (
        spell.duration(seconds, days=_days(sla))
        for seconds in (figures.median_seconds, figures.p90_seconds)
    )
    return f"{said}; of the {figures.n:,} that ended, half took up to {median} and nine in ten up to {p90}."


def table(distribution: Distribution, *, days: bool) -> Table:
    """Return the bars as numbers."""
    names = [spell.target(edge, days=days) for edge in distribution.edges_seconds]
    ends = [f"up to {names[1]}"] if len(names) > 1 else []
    ends += [f"over {low}, up to {high}" for low, high in pairwise(names[1:])]
    ends.append(f"over {names[-1]}" if len(names) > 1 else "any time")
    rows = zip(ends, (f"{count:,}" for count in distribution.counts), strict=True)
    return Table(("took", "clocks"), tuple(rows))


def draw(canvas: Canvas, distribution: Distribution, *, days: bool) -> Markup:
    """Return the picture of a distribution: bins of equal width, whatever time they span."""
    edges, counts = distribution.edges_seconds, distribution.counts
    scale = ticks(0, max([1, *counts]), 4)
    bins = len(counts)
    at = place_between(edges, distribution.target_seconds)
    parts = []
    for tick in scale:
        y = canvas.height * (1 - tick / scale[-1])
        parts.append(canvas.rule(y, "grid" if tick else "axis"))
        parts.append(canvas.label(0, y + 4, f"{tick:,g}", "tick end", dx=-8))
    for i, count in enumerate(counts):
        height = canvas.height * count / scale[-1]
        start, end = i + GAP / 2, i + 1 - GAP / 2
        inside = min(max(at, start), end)
        for left, right, class_ in ((start, inside, "bar"), (inside, end, "bar over")):
            if count and right - left > GAP:
                place = (left / bins, canvas.height - height, (right - left) / bins, height)
                parts.append(canvas.box(place, class_))
    shown = every(bins, LABELS)
    for i in range(0, bins, shown):
        name = spell.target(edges[i], days=days) if edges[i] else "0"
        parts.append(canvas.label(i / bins, canvas.height + 18, name, "tick mid"))
    allowed = f"target {spell.target(distribution.target_seconds, days=days)}"
    side = "goal end" if at / bins > 0.6 else "goal"
    parts.append(canvas.upright(at / bins, "goal", top=-18))
    parts.append(canvas.label(at / bins, -10, allowed, side, dx=-6 if "end" in side else 6))
    return join(parts)


def _days(sla: SlaResult | None) -> bool:
    return sla is None or sla.calendar is None
