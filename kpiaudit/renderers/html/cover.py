"""The first screen: the promise, the verdict, six figures with their trend, and what to be warned of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kpiaudit.charts.markup import NOTHING, Child, Markup, tag
from kpiaudit.charts.scales import day, period
from kpiaudit.charts.trend import spark
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.circumstances import policy_of
from kpiaudit.renderers.html.elements import (
    DASH,
    glued,
    listed,
    pairs,
    sign,
    sla_state,
    state_of,
    value_of,
)
from kpiaudit.renderers.measures import goal_of
from kpiaudit.renderers.ranking import leading

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime

    from kpiaudit.renderers.html.elements import State
    from kpiaudit.report import KpiResult, Report, SlaResult
    from kpiaudit.views.shown import Trend, TrendPoint

SIX: Final = 6
FEW: Final = 4


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the six: its name, its value, what it stands on, and how it went."""

    name: str
    value: str
    note: str
    state: State | None = None
    trend: Markup = NOTHING
    course: str = ""
    """Its first and its last whole period, in words."""


def cover(report: Report) -> Markup:
    """Return the head of the page."""
    return tag(
        "header",
        tag(
            "p",
            tag("span", tag("b", "Customer service audit")),
            tag("span", span_of_days(report)),
            class_="over",
        ),
        tag("h1", report.promise.statement),
        verdict(report),
        tag("h2", "Six figures", class_="unseen"),
        tag("ul", *(drawn(figure) for figure in six(report)), class_="figures"),
        people(report),
        warnings(report),
        class_="cover",
    )


def verdict(report: Report) -> Markup:
    """Return whether the promise is kept, as sign and sentence."""
    said, _, why = spell.headline(report).partition(": ")
    state = state_of(report.verdict, warns=any(sla.is_warning for sla in report.slas))
    words = (tag("strong", said), " ", tag("span", why, class_="why"))
    return tag("p", sign(state), tag("span", *words, class_="words"), class_=f"verdict {state}")


def span_of_days(report: Report) -> str:
    """Return the days a report is about: `1 Mar to 28 Mar 2026`."""
    if report.first_at is None or report.last_at is None:
        return "no message was read"
    zone = ZoneInfo(report.time_zone)
    first, last = (at.astimezone(zone).date() for at in (report.first_at, report.last_at))
    if first == last:
        return f"{day(first)} {first.year}"
    year = f" {first.year}" if first.year != last.year else ""
    return f"{day(first)}{year} to {day(last)} {last.year}"


def six(report: Report) -> list[Figure]:
    """Return six figures: of the SLA the policy names first, then the KPIs the promise puts first."""
    slas = report.slas
    taken = {"adherence", *(sla.metric for sla in slas[:1])}
    lead = [
        figure for sla in slas[:1] for figure in (*_adherence(report, sla), *_waits(report, sla))
    ]
    kpis = [_kpi(kpi) for kpi in leading(report) if kpi.kpi not in taken]
    return [*lead, *kpis, *_rest(report)][:SIX]


def drawn(figure: Figure) -> Markup:
    """Return one of the six."""
    value = tag("p", figure.value, class_=f"value {figure.state or ''}".strip())
    return tag(
        "li",
        tag("p", figure.name, class_="name"),
        value,
        figure.trend or tag("span"),
        tag("p", glued(figure.note), tag("br"), glued(figure.course), class_="note")
        if figure.course
        else tag("p", glued(figure.note), class_="note"),
    )


def people(report: Report) -> Markup:
    """Return what was done so that nobody is shown."""
    if not report.privacy:
        return NOTHING
    return tag("p", tag("b", "People"), f": {'; '.join(report.privacy)}.", class_="lede")


def warnings(report: Report) -> Markup:
    """Return what the reader must know before believing a figure."""
    if not report.problems:
        return NOTHING
    return tag(
        "div",
        tag("h2", "Before you read on"),
        listed(spell.few(report.problems), "list"),
        class_="warnings",
    )


def circumstances(report: Report) -> Markup:
    """Return the period, the instants of judging and the policy."""
    zone = ZoneInfo(report.time_zone)
    entries: list[tuple[str, Child]] = []
    if report.first_at is not None and report.last_at is not None:
        first, last = (spell.instant(at, zone) for at in (report.first_at, report.last_at))
        entries.append(("Messages", f"{first} to {last}, {report.time_zone}"))
    chosen = [
        f"{word} {at}" for word, at in (("since", report.since), ("until", report.until)) if at
    ]
    if chosen:
        entries.append(("Clocks", f"only those started {' '.join(chosen)}"))
    if report.as_of_by_system:
        entries.append(("Judged as of", _judged(report.as_of_by_system, zone)))
    policy = policy_of(report)
    entries.append(("Policy", policy))
    if not report.promise.is_default:
        entries.append(("Competes on", report.promise.competes_on))
    return pairs(entries)


def _judged(systems: dict[str, datetime], zone: ZoneInfo) -> str:
    by_instant: dict[str, list[str]] = {}
    for system, at in sorted(systems.items()):
        by_instant.setdefault(spell.instant(at, zone), []).append(system)
    if len(by_instant) == 1:
        return next(iter(by_instant))
    told = [f"{at} ({', '.join(who)})" for at, who in sorted(by_instant.items())]
    if len(told) > FEW:
        return f"each system's last event, {told[0]} to {told[-1]}"
    return ", ".join(told)


def _trend(report: Report, sla: SlaResult) -> Trend | None:
    return next((trend for trend in report.views.trends if trend.sla == sla.name), None)


def _ends(points: list[TrendPoint], length: str) -> tuple[str, str] | None:
    """The names of the first and the last whole period, when there are two."""
    if len(points) < 2:
        return None
    starts: tuple[date, date] = (points[0].start, points[-1].start)
    first, last = (period(start, length) for start in starts)
    return first, last


def _adherence(report: Report, sla: SlaResult) -> Iterator[Figure]:
    figures = sla.figures
    decided = figures.met + figures.breached
    share = DASH if figures.adherence is None else spell.percent(figures.adherence, sla.goal)
    note = f"goal {spell.share(sla.goal)} · {figures.met:,} of {decided:,} within {_target(sla)}"
    line, went = _course(report, sla, "adherence")
    yield Figure(f"Adherence, {sla.name}", share, note, sla_state(sla), line, went)


def _waits(report: Report, sla: SlaResult) -> Iterator[Figure]:
    figures, days = sla.figures, sla.calendar is None
    noun = spell.words(sla.metric)
    line, went = _course(report, sla, "median_seconds")
    median, p90 = (
        DASH if seconds is None else spell.duration(seconds, days=days)
        for seconds in (figures.median_seconds, figures.p90_seconds)
    )
    yield Figure(
        f"Median {noun}", median, f"nine in ten: {p90} · n = {figures.n:,}", None, line, went
    )
    what = "resolution" if sla.metric.endswith("resolution") else "answer"
    note = f"of {spell.plural(figures.clocks, 'clock')}; {figures.open:,} still within target"
    yield Figure(f"Waiting without {what}", f"{figures.unanswered:,}", note)


def _course(report: Report, sla: SlaResult, name: str) -> tuple[Markup, str]:
    """How a figure went over the whole periods of its trend: the line and its two ends in words."""
    trend = _trend(report, sla)
    if trend is None:
        return NOTHING, ""
    values: list[float | None] = [getattr(point.figures, name) for point in trend.points]
    whole = [
        (point, value)
        for point, value in zip(trend.points, values, strict=True)
        if value is not None and not point.is_partial
    ]
    ends = _ends([point for point, _ in whole], trend.period)
    line = spark(values, trend.goal if name == "adherence" else None)
    if ends is None:
        return line, ""
    first, last = (
        spell.percent(value, trend.goal) if name == "adherence"
        else spell.duration(value, days=sla.calendar is None)
        for value in (whole[0][1], whole[-1][1])
    )  # fmt: skip
    return line, f"{first} → {last}, {trend.period}s from {ends[0]} to {ends[1]}"


def _kpi(kpi: KpiResult) -> Figure:
    goal = f"{goal_of(kpi)} · " if kpi.goal is not None else ""
    state = state_of(kpi.verdict) if kpi.verdict else None
    return Figure(kpi.title, value_of(kpi), f"{goal}n = {kpi.n:,}", state)


def _rest(report: Report) -> Iterator[Figure]:
    """What there is without any KPI."""
    judged = [sla.figures for sla in report.slas]
    breached, risked = sum(f.breached for f in judged), sum(f.at_risk for f in judged)
    decided = sum(f.met + f.breached for f in judged)
    note = f"of {decided:,} judged under {spell.plural(len(judged), 'SLA')}"
    yield Figure("Breaches in all", f"{breached:,}", note)
    still = sum(f.open for f in judged)
    yield Figure("About to breach", f"{risked:,}", f"of {spell.plural(still, 'open clock')}")
    held = report.integrity
    note = f"{spell.plural(held.messages, 'message')} from {spell.plural(len(report.exports), 'export')}"
    yield Figure("Conversations", f"{held.conversations:,}", note)
    met = sum(sla.verdict == "pass" for sla in report.slas)
    yield Figure("SLAs met", f"{met} of {len(report.slas)}", "by the goals of the policy")
    yield Figure("Rows read", f"{held.rows:,}", f"{held.rejects:,} refused")
    yield Figure("Rows used", f"{held.used:,}", f"{held.duplicates:,} duplicates left out")


def _target(sla: SlaResult) -> str:
    return spell.target(sla.target_seconds, days=sla.calendar is None)
