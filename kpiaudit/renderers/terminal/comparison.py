"""`compare` on screen: per SLA the sides as they are, then like for like, then what follows in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.comparison.compared import INTERVAL_RULE, LEAST_COMMON, LIKE_RULE, SEVERAL_RULE
from kpiaudit.renderers import circumstances
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.terminal.headline import show_headline
from kpiaudit.renderers.terminal.screen import STYLES, screen_for

if TYPE_CHECKING:
    from rich.console import Console
    from rich.text import Text

    from kpiaudit.comparison.compared import (
        Compared,
        Contrast,
        Difference,
        Finding,
        Side,
        SlaComparison,
    )
    from kpiaudit.renderers.terminal.screen import Screen, State

INDENT: Final = 2
POINTS: Final = 100
ROOMY: Final = 100
"""Columns from which there is room for means beside medians."""
MEASURES: Final = {"points": "adherence", "mean": "mean wait"}
STATES: Final[dict[Finding, State]] = {
    "better": "pass",
    "worse": "fail",
    "no difference seen": "no_data",
    "too few to tell": "warn",
    "too little in common": "warn",
}


def render_comparison(result: Compared, console: Console) -> None:
    """Print the sides of every SLA, what each differs by and why."""
    screen = screen_for(console, result.report.time_zone)
    _show_what(screen, result)
    for found in result.slas:
        screen.heading(
            found.sla.name, f"{spell.terms(found.sla)}, goal {spell.share(found.sla.goal)}"
        )
        if not any(side.decided or side.n for side in found.sides):
            screen.show(screen.text("no clock to compare"), indent=INDENT)
            continue
        _show_sides(screen, result, found)
        if not found.contrasts:
            only = f"only {found.sides[0].name} has clocks: nothing to hold it against"
            screen.show(screen.text(only, "dim"), indent=INDENT)
            continue
        console.print()
        _show_contrasts(screen, found)
        console.print()
        screen.facts([_told(screen, result, found, contrast) for contrast in found.contrasts])
    screen.heading("How to read this")
    alike = ", ".join(map(spell.words, result.strata)) or "nothing: every wait is like every other"
    several = [SEVERAL_RULE] if any(len(found.contrasts) > 1 for found in result.slas) else []
    least = (
        f"Too few to tell: fewer than {result.min_sample} on a side, or an effective sample of less. "
        f"Too little in common: less than {LEAST_COMMON:.0%} of a side."
    )
    rules = (f"Strata: {alike}.", LIKE_RULE, INTERVAL_RULE, *several, least, *result.notes)
    for rule in rules:
        screen.show(screen.text(rule, "dim"), indent=INDENT)


def _show_what(screen: Screen, result: Compared) -> None:
    """Print the promise and, of folders, what each holds; else the headline of the one audit."""
    if not result.others:
        show_headline(screen, result.report)
        return
    screen.console.print()
    screen.show(screen.text(result.report.promise.statement, "bold"), indent=INDENT)
    screen.console.print()
    names = [side.name for side in result.slas[0].sides] if result.slas else []
    reports = (result.report, *result.others)
    facts = [
        (
            name,
            screen.text(f"{circumstances.period(report, screen.zone)}: {spell.headline(report)}"),
        )
        for name, report in zip(names, reports, strict=False)
    ]
    problems = list(dict.fromkeys(problem for report in reports for problem in report.problems))
    facts += [("warning", screen.text(problem, "yellow")) for problem in spell.few(problems)]
    screen.facts(facts)


def _show_sides(screen: Screen, result: Compared, found: SlaComparison) -> None:
    is_wide = screen.width >= ROOMY
    table = screen.table()
    table.add_column(result.by, overflow="fold", ratio=1)
    headers = ("decided", "adherence", "95% interval", "mean", "median", "95% interval")
    for header in (name for name in headers if is_wide or name != "mean"):
        table.add_column(header, justify="right", no_wrap=True)
    days = found.sla.calendar is None
    for place, side in enumerate(found.sides):
        name = screen.text(side.name, "" if place else "bold")
        cells = _shares(screen, side, found.sla.goal) + _waits(screen, side, days=days)
        table.add_row(name, *(cells if is_wide else cells[:3] + cells[4:]))
    screen.show(table, indent=INDENT)


def _shares(screen: Screen, side: Side, goal: float) -> list[Text]:
    decided = screen.text(spell.count(side.decided))
    if side.adherence is None or side.adherence_low is None or side.adherence_high is None:
        return [decided, _dash(screen), _dash(screen)]
    style = STYLES["pass" if side.adherence >= goal else "fail"]
    low, high = side.adherence_low * POINTS, side.adherence_high * POINTS
    share = screen.text(spell.percent(side.adherence, goal), style)
    return [decided, share, screen.text(f"{low:.1f} to {high:.1f}", "dim")]


def _waits(screen: Screen, side: Side, *, days: bool) -> list[Text]:
    cells = [
        _dash(screen) if seconds is None else screen.text(spell.duration(seconds, days=days))
        for seconds in (side.mean_seconds, side.median_seconds)
    ]
    if side.median_low is None or side.median_high is None:
        return [*cells, _dash(screen)]
    low, high = (spell.duration(edge, days=days) for edge in (side.median_low, side.median_high))
    return [*cells, screen.text(f"{low} to {high}", "dim")]


def _dash(screen: Screen) -> Text:
    return screen.text(screen.signs.dash, "dim")


def _show_contrasts(screen: Screen, found: SlaComparison) -> None:
    table = screen.table()
    table.add_column(width=1)
    table.add_column("", overflow="fold", ratio=1)
    for header in ("raw", "mix", "not shared", "performance", "interval"):
        table.add_column(header, justify="right", no_wrap=True)
    days = found.sla.calendar is None
    is_alone = len(found.contrasts) == 1
    for contrast in found.contrasts:
        if not is_alone:
            table.add_row("", screen.text(contrast.side, "bold"))
        for unit, told in (("points", contrast.adherence), ("mean", contrast.mean_seconds)):
            sign = screen.sign(STATES[told.finding])
            name = screen.text(MEASURES[unit])
            table.add_row(sign, name, *_parts(screen, told, unit, days=days))
    who = f"{found.contrasts[0].side} against" if is_alone else "against"
    against = f"{who} {found.sides[0].name}; adherence in percentage points"
    screen.show(screen.text(against, "dim"), indent=INDENT)
    screen.show(table, indent=INDENT)


def _parts(screen: Screen, told: Difference, unit: str, *, days: bool) -> list[Text]:
    dash = _dash(screen)
    cells = []
    for name in ("raw", "mix", "unshared", "performance"):
        value = getattr(told, name)
        style = STYLES[STATES[told.finding]] if name == "performance" else ""
        cells.append(dash if value is None else screen.text(_signed(value, unit, days=days), style))
    if told.low is None or told.high is None:
        return [*cells, dash]
    low, high = (_signed(edge, unit, days=days) for edge in (told.low, told.high))
    return [*cells, screen.text(f"{low} to {high}", "dim")]


def _signed(value: float, unit: str, *, days: bool) -> str:
    if unit == "points":
        shown = f"{value * POINTS:+.1f}"
        return "0.0" if shown in {"+0.0", "-0.0"} else shown
    if abs(value) < 1:
        return "0s"
    return ("+" if value > 0 else "-") + spell.duration(abs(value), days=days)


def _told(
    screen: Screen, result: Compared, found: SlaComparison, contrast: Contrast
) -> tuple[str, Text]:
    told = contrast.adherence
    days = found.sla.calendar is None
    words = [f"adherence: {_finding(told, 'points', days=days)}"]
    if contrast.mean_seconds.raw is not None:
        words.append(f"mean wait: {_finding(contrast.mean_seconds, 'mean', days=days)}")
    common = min(told.shared_baseline, told.shared_side)
    if told.strata_all:
        words.append(
            f"{_at_least(common)} of each side lies in the {told.strata} of {told.strata_all} "
            "strata that both have"
        )
    if told.finding == "too little in common" and result.strata:
        words.append("fewer --strata compare more coarsely")
    return contrast.side, screen.text("; ".join(words), STYLES[STATES[told.finding]])


def _at_least(share: float) -> str:
    return "all" if share >= 1 else f"at least {int(share * POINTS)}%"


def _finding(told: Difference, unit: str, *, days: bool) -> str:
    if told.finding not in {"better", "worse"} or told.performance is None:
        return told.finding
    by = _signed(abs(told.performance), unit, days=days).lstrip("+")
    return f"{told.finding} by {by}{' points' if unit == 'points' else ''} like for like"
