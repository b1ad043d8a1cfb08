"""An SLA period by period, and how long its waits took, as tables with bars."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.measures import ASCII_LEVELS, LEVELS, trend_line
from kpiaudit.renderers.terminal.bars import INDENT, Line, show_bars
from kpiaudit.renderers.terminal.screen import ASCII_SIGNS, STYLES

if TYPE_CHECKING:
    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import Report
    from kpiaudit.views.shown import Distribution, Trend, TrendPoint

PARTIAL: Final = "~ partial: cut off by an end of the data"
STARTS: Final = {"day": "%a %Y-%m-%d", "week": "%Y-%m-%d", "month": "%Y-%m"}
FIGURES: Final = ("adherence", "met", "breached", "open", "median", "p90")


def show_trends(screen: Screen, report: Report) -> None:
    """Print every trend: a line per period, a partial one marked."""
    slas = {sla.name: sla for sla in report.slas}
    for trend in report.views.trends:
        note = f"by {trend.period} in {report.time_zone}, goal {spell.share(trend.goal)}"
        screen.heading(f"{trend.sla} over time", note)
        if not any(point.figures.clocks for point in trend.points):
            screen.show(screen.text("no clock to judge"), indent=INDENT)
            continue
        levels = ASCII_LEVELS if screen.signs is ASCII_SIGNS else LEVELS
        if line := trend_line(trend, levels=levels):
            screen.show(screen.text(line), indent=INDENT)
        days = trend.sla in slas and slas[trend.sla].calendar is None
        lines = [_period(screen, trend, point, days=days) for point in trend.points]
        show_bars(screen, ("week of" if trend.period == "week" else trend.period, *FIGURES), lines)
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
            show_bars(screen, ("up to", "clocks", "share", "so far"), lines)


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
