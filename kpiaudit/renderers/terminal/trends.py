"""An SLA period by period, and how long its waits took, as tables with bars."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from rich.text import Text

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.screen import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import Report
    from kpiaudit.views.shown import Distribution, Trend, TrendPoint

INDENT: Final = 2
GAP: Final = 2
BAR_LEAST: Final = 6
BAR_MOST: Final = 50
PARTIAL: Final = "~ partial: cut off by an end of the data"
STARTS: Final = {"day": "%a %Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m"}
FIGURES: Final = ("adherence", "met", "breached", "open", "median", "p90")


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a table: its name, the share its bar shows and in which style, and its figures."""

    name: Text
    share: float | None
    """None has no bar; more than nothing is never drawn as nothing."""
    style: str
    cells: tuple[Text, ...]


def show_trends(screen: Screen, report: Report) -> None:
    """Print every trend: a line per period, a partial one marked."""
    slas = {sla.name: sla for sla in report.slas}
    for trend in report.views.trends:
        note = f"by {trend.period} in {report.time_zone}, goal {spell.share(trend.goal)}"
        screen.heading(f"{trend.sla} over time", note)
        if not any(point.figures.clocks for point in trend.points):
            screen.show(screen.text("no clock to judge"), indent=INDENT)
            continue
        days = trend.sla in slas and slas[trend.sla].calendar is None
        lines = [_period(screen, trend, point, days=days) for point in trend.points]
        _show(screen, ("week of" if trend.period == "week" else trend.period, *FIGURES), lines)
        if any(point.is_partial for point in trend.points):
            screen.show(screen.text(PARTIAL, "dim"), indent=INDENT)


def _period(screen: Screen, trend: Trend, point: TrendPoint, *, days: bool) -> Line:
    figures, dash = point.figures, screen.text(screen.signs.dash, "dim")
    start = point.start.strftime(STARTS[trend.period]) + (" ~" if point.is_partial else "")
    style, adherence = "", dash
    if figures.adherence is not None:
        style = STYLES["pass" if figures.adherence >= trend.goal else "fail"]
        adherence = screen.text(spell.percent(figures.adherence, trend.goal), style)
    counts = ((figures.met, ""), (figures.breached, "red"), (figures.open, ""))
    waits = (figures.median_seconds, figures.p90_seconds)
    cells = (
        adherence,
        *(screen.text(spell.count(n), style if n else "dim") for n, style in counts),
        *(dash if w is None else screen.text(spell.duration(w, days=days)) for w in waits),
    )
    return Line(screen.text(start), figures.adherence, style, cells)


def show_distributions(screen: Screen, report: Report) -> None:
    """Print how long the decided waits of each SLA took, the target marked."""
    slas = {sla.name: sla for sla in report.slas}
    for found in report.views.distributions:
        total = sum(found.counts)
        screen.heading(f"{found.sla}: how long it took", spell.plural(total, "decided clock"))
        if total:
            sla = slas.get(found.sla)
            days = sla is None or sla.calendar is None
            lines = _spread(screen, found, total=total, days=days)
            _show(screen, ("up to", "clocks", "share", "so far"), lines)


def _spread(screen: Screen, found: Distribution, *, total: int, days: bool) -> list[Line]:
    most, so_far, lines = max(found.counts), 0, []
    for end, count in zip([*found.edges_seconds[1:], None], found.counts, strict=True):
        if so_far == total and (end is None or end > found.target_seconds):
            break
        so_far += count
        is_kept = end is not None and end <= found.target_seconds
        name = screen.text("longer" if end is None else spell.target(end, days=days))
        is_target = end == found.target_seconds
        if is_target:
            name = screen.text(f"{screen.signs.arrow} {name.plain}", "bold")
        dim = "" if count else "dim"
        cells = (
            screen.text(spell.count(count), dim),
            screen.text(spell.percent(count / total), dim),
            screen.text(spell.percent(so_far / total), "bold" if is_target else ""),
        )
        lines.append(Line(name, count / most, STYLES["pass" if is_kept else "fail"], cells))
    return lines


def _show(screen: Screen, headers: Sequence[str], lines: Sequence[Line]) -> None:
    rows = [(line.name, *line.cells) for line in lines]
    widths = [
        max(len(header), *(len(row[place].plain) for row in rows))
        for place, header in enumerate(headers)
    ]
    bar = min(BAR_MOST, screen.width - INDENT - sum(width + GAP for width in widths))
    table = screen.table()
    table.expand = False
    for place, header in enumerate(headers):
        left = place == 0 and header != "up to"
        table.add_column(header, justify="left" if left else "right", no_wrap=True)
        if place == 0 and bar >= BAR_LEAST:
            table.add_column("", width=bar, no_wrap=True)
    for line in lines:
        drawn = [_bar(screen, line, bar)] if bar >= BAR_LEAST else []
        table.add_row(line.name, *drawn, *line.cells)
    screen.show(table, indent=INDENT)


def _bar(screen: Screen, line: Line, width: int) -> Text:
    if line.share is None:
        return Text()
    full = max(int(line.share * width), 1 if line.share > 0 else 0)
    blank = screen.text(screen.signs.blank * (width - full), "dim")
    return Text.assemble(screen.text(screen.signs.filled * full, line.style), blank)
