"""SLAs against their goals, over time, by how long they took, through the week, and by who answered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.charts.bars import share_bar
from kpiaudit.charts.gallery import distributions_of, heat_of, trends_of
from kpiaudit.charts.markup import NOTHING, Markup, join, tag
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.html.elements import (
    DASH,
    cell,
    chart_figure,
    count_cell,
    group_state,
    listed,
    part,
    row,
    sla_state,
    state_word,
    table,
)
from kpiaudit.renderers.ranking import NOBODY, cut

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.charts.canvas import Chart
    from kpiaudit.renderers.html.elements import Part
    from kpiaudit.report import Figures, Group, Report, SlaResult

MOST: Final = 20
"""So many groups of one SLA and dimension are shown, the worst; the CSV has all."""
TITLES: Final[dict[tuple[str, ...], tuple[str, str]]] = {
    ("channel",): ("channels", "Channels"),
    ("team",): ("teams", "Teams"),
    ("agent",): ("agents", "Agents"),
}


def slas(report: Report) -> Part:
    """Return every SLA with its goal and its figures, and below what they do not tell."""
    columns = [
        ("SLA", None), ("against the goal", "bar"), ("adherence", "num"), ("goal", "num"),
        ("verdict", None), ("met", "num"), ("breached", "num"), ("open", "num"),
        ("at risk", "num"), ("median", "num"), ("p90", "num"),
    ]  # fmt: skip
    rows = [
        row(
            join((sla.name, tag("span", spell.terms(sla), class_="soft"))),
            [
                _bar(sla.figures, sla.goal, sla_state(sla)),
                _share(sla.figures, sla.goal, sla_state(sla)),
                cell(spell.share(sla.goal), "num"),
                cell(state_word(sla_state(sla))),
                *_counts(sla.figures, days=sla.calendar is None),
            ],
        )
        for sla in report.slas
    ]
    asides = [
        join((tag("b", sla.name), f": {told}")) for sla in report.slas if (told := aside(sla))
    ]
    return part(
        "slas",
        "SLAs against their goals",
        table(columns, rows, label="SLAs against their goals") if rows else NOTHING,
        listed(asides, "plain asides"),
        lede="Adherence is met / (met + breached). The stroke across each bar is the goal.",
    )


def trends(report: Report) -> Part:
    """Return adherence over time, the leading SLA across the page."""
    cut = any(point.is_partial for trend in report.views.trends for point in trend.points)
    lede = "A ring is a period under the goal."
    shaded = " On grey ground are periods cut off by an end of the data." if cut else ""
    return part("trend", "Over time", _grid(trends_of(report), wide_first=True), lede=lede + shaded)


def distributions(report: Report) -> Part:
    """Return how long it took, with the targets."""
    return part(
        "waits",
        "How long it took",
        _grid(distributions_of(report), wide_first=False),
        lede="Clocks under the calendar of their SLA. What is right of the line took too long.",
    )


def hours(report: Report) -> Part:
    """Return the maps of the week."""
    zone = f"Hours are those of {report.time_zone}; the shades are explained under each map."
    return part("week", "Through the week", _grid(heat_of(report), wide_first=False), lede=zone)


def groups(report: Report) -> list[Part]:
    """Return a section per dimension: channels, teams and agents, then the others as they were asked for."""
    found = dict.fromkeys(tuple(group.by) for sla in report.slas for group in sla.groups)
    chosen = dict.fromkeys([*(names for names in TITLES if names in found), *found])
    return [_dimension(report, names, is_first=not i) for i, names in enumerate(chosen)]


def _dimension(report: Report, names: tuple[str, ...], *, is_first: bool) -> Part:
    together = " and ".join(spell.words(name) for name in names)
    fallback = ("by-" + "-".join(n for n in names if n.isidentifier()), f"By {together}")
    anchor, title = TITLES.get(names, fallback)
    return part(
        anchor,
        title,
        *(_groups(sla, names) for sla in report.slas),
        lede="Worst first, under each SLA that judges them." if is_first else None,
    )


def _groups(sla: SlaResult, names: tuple[str, ...]) -> Markup:
    ranked = sorted((g for g in sla.groups if tuple(g.by) == names), key=_rank)
    if not ranked or (len(ranked) == 1 and set(ranked[0].by.values()) <= NOBODY):
        return NOTHING
    shown = cut(ranked, MOST, lambda group: group.by.values())
    title = spell.words(" and ".join(names))
    gates = any(group.verdict is not None for group in shown)
    columns = [
        (title, None), ("against the goal", "bar"), ("adherence", "num"),
        *([("verdict", None)] if gates else []), ("met", "num"),
        ("breached", "num"), ("open", "num"), ("at risk", "num"), ("median", "num"), ("p90", "num"),
    ]  # fmt: skip
    rows = [_group_row(sla, group, gates=gates) for group in shown]
    goal = tag("span", f" · {spell.terms(sla)}, goal {spell.share(sla.goal)}", class_="soft")
    left = len(ranked) - len(shown)
    more = f"{left:,} more, none of them worse, are in the CSV (-o report.csv)."
    label = f"{sla.name} by {title}"
    return join(
        (
            table(columns, rows, label=label, caption=join((sla.name, goal)), class_="even"),
            tag("p", more, class_="lede") if left else None,
        )
    )


def _group_row(sla: SlaResult, group: Group, *, gates: bool) -> Markup:
    state = group_state(group.figures, sla.goal, group.verdict)
    verdict = [cell(state_word(state) if group.verdict else None)] if gates else []
    return row(
        ", ".join(group.by.values()),
        [
            _bar(group.figures, sla.goal, state),
            _share(group.figures, sla.goal, state, signed=True),
            *verdict,
            *_counts(group.figures, days=sla.calendar is None),
        ],
    )


def _grid(charts: Sequence[Chart], *, wide_first: bool) -> Markup:
    if not charts:
        return NOTHING
    odd = len(charts) % 2 == 1
    figures = [
        chart_figure(chart, wide=(place == 0 and ((wide_first and odd) or len(charts) == 1)))
        for place, chart in enumerate(charts)
    ]
    return tag("div", *figures, class_="grid")


def _rank(group: Group) -> tuple[bool, float, int, tuple[str, ...]]:
    f = group.figures
    return (f.adherence is None, f.adherence or 0.0, -f.breached, tuple(group.by.values()))


def _bar(figures: Figures, goal: float, state: str) -> Markup:
    return cell(share_bar(figures.adherence, goal, state), "bar")


def _share(figures: Figures, goal: float, state: str, *, signed: bool = False) -> Markup:
    if figures.adherence is None:
        return cell(DASH, "num zero")
    shown = spell.percent(figures.adherence, goal)
    under = tag("span", ", under the goal", class_="unseen")
    missed = join((tag("span", "✗ ", aria_hidden="true"), shown, under))
    return cell(missed if signed and state == "fail" else shown, f"num {state}")


def _counts(figures: Figures, *, days: bool) -> list[Markup]:
    waits = (
        cell(DASH, "num zero")
        if seconds is None
        else cell(spell.duration(seconds, days=days), "num")
        for seconds in (figures.median_seconds, figures.p90_seconds)
    )
    return [
        count_cell(figures.met),
        count_cell(figures.breached, "fail"),
        count_cell(figures.open),
        count_cell(figures.at_risk, "warn"),
        *waits,
    ]


def aside(sla: SlaResult) -> str:
    """Return what the figures of an SLA do not tell: who is still waiting, who answered instead."""
    figures = sla.figures
    still = "still unresolved" if sla.metric.endswith("resolution") else "still unanswered"
    calls = f"of {sla.calls:,} calls abandoned ({sla.abandonment or 0:.1%})"
    told = [
        (figures.unanswered, still),
        (sla.resolved_without_reply, "resolved without reply"),
        (sla.bots_first, "answered first by a bot"),
        (sla.abandoned, calls),
        (figures.excluded, "excluded"),
    ]
    return ", ".join(f"{number:,} {what}" for number, what in told if number)
