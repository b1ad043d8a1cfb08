"""The first screen: the promise, the verdict, six figures with their trend, and what to be warned of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kpiaudit.charts.markup import NOTHING, Child, Markup, join, tag
from kpiaudit.charts.scales import day
from kpiaudit.charts.trend import spark
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.circumstances import policy_of
from kpiaudit.renderers.course import (
    direction,
    finding,
    of_adherence,
    of_kpi,
    of_median,
    of_waiting,
)
from kpiaudit.renderers.html.elements import (
    DASH,
    cell,
    glued,
    listed,
    pairs,
    sign,
    sla_state,
    state_of,
    table,
    value_of,
)
from kpiaudit.renderers.measures import goal_of
from kpiaudit.renderers.ranking import leading

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from datetime import date, datetime

    from kpiaudit.renderers.course import Course
    from kpiaudit.renderers.html.elements import State
    from kpiaudit.report import KpiResult, Report, SlaResult
    from kpiaudit.views.shown import Trend

SIX: Final = 6
FEW: Final = 4
PERIODS_MOST: Final = 31
"""Of the table behind the lines."""


@dataclass(frozen=True, slots=True)
class Figure:
    """One of the six: its name, its value, what it stands on, and how it went."""

    name: str
    value: str
    note: str
    state: State | None = None
    course: Course | None = None


def cover(report: Report) -> Markup:
    """Return the head of the page."""
    figures = six(report)
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
        tag("ul", *(drawn(figure) for figure in figures), class_="figures"),
        courses(figures),
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
    kpis = [_kpi(report, kpi) for kpi in leading(report) if kpi.kpi not in taken]
    return [*lead, *kpis, *_rest(report)][:SIX]


def drawn(figure: Figure) -> Markup:
    """Return one of the six."""
    value = tag("p", figure.value, class_=f"value {figure.state or ''}".strip())
    line = NOTHING
    note: list[Child] = [glued(figure.note)]
    if (course := figure.course) is not None:
        label = finding(figure.name, course)
        line = spark(course.values, course.goal, label=label, partial=course.partial)
        note += [tag("br"), glued(direction(course))]
    return tag(
        "li",
        tag("p", figure.name, class_="name"),
        value,
        line or tag("span"),
        tag("p", *note, class_="note"),
    )


def courses(figures: Sequence[Figure]) -> Markup:
    """Return what the lines beside the figures are drawn by, and what a dashed one says."""
    told = [(figure.name, figure.course) for figure in figures if figure.course is not None]
    if not told:
        return NOTHING
    length = told[0][1].period
    starts = sorted({point.start for _, course in told for point in course.points})
    cut = {p.start for _, course in told for p in course.points if p.is_partial}
    rows = []
    for start in starts[-PERIODS_MOST:]:
        name = f"{start.isoformat()}{' (partial)' if start in cut else ''}"
        cells = (cell(_at(course, start)) for _, course in told)
        rows.append(tag("tr", tag("th", name, scope="row"), *cells))
    columns: list[tuple[str, str | None]] = [(f"{length} from", None)]
    columns += [(name, "num") for name, _ in told]
    dashed = f"Dashed are {length}s cut off by an end of the data; they are compared with none."
    most = f", the last {PERIODS_MOST}" if len(starts) > PERIODS_MOST else ""
    return join(
        (
            tag("p", dashed, class_="note dashed") if cut else NOTHING,
            tag(
                "details",
                tag("summary", f"The six figures by {length}{most}"),
                table(columns, rows, label=f"The six figures by {length}, each with its n"),
                class_="numbers",
            ),
        )
    )


def _at(course: Course, start: date) -> str:
    """A value with its n; a dash where there is none."""
    for point, value, count in zip(course.points, course.values, course.counts, strict=True):
        if point.start == start and value is not None:
            return course.say(value) + (f", n {count:,}" if count != value else "")
    return DASH


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


def _adherence(report: Report, sla: SlaResult) -> Iterator[Figure]:
    figures = sla.figures
    decided = figures.met + figures.breached
    share = DASH if figures.adherence is None else spell.percent(figures.adherence, sla.goal)
    note = f"goal {spell.share(sla.goal)} · {figures.met:,} within {_target(sla)} · n = {decided:,}"
    trend = _trend(report, sla)
    course = of_adherence(trend) if trend else None
    yield Figure(f"Adherence, {sla.name}", share, note, sla_state(sla), course)


def _waits(report: Report, sla: SlaResult) -> Iterator[Figure]:
    figures, days = sla.figures, sla.calendar is None
    noun = spell.words(sla.metric)
    trend = _trend(report, sla)
    median, p90 = (
        DASH if seconds is None else spell.duration(seconds, days=days)
        for seconds in (figures.median_seconds, figures.p90_seconds)
    )
    note = f"nine in ten: {p90} · n = {figures.n:,}"
    course = of_median(trend, sla) if trend else None
    yield Figure(f"Median {noun}", median, note, None, course)
    what = "resolution" if sla.metric.endswith("resolution") else "answer"
    note = f"{figures.open:,} still within target · n = {spell.plural(figures.clocks, 'clock')}"
    course = of_waiting(trend) if trend else None
    yield Figure(f"Waiting without {what}", f"{figures.unanswered:,}", note, None, course)


def _kpi(report: Report, kpi: KpiResult) -> Figure:
    goal = f"{goal_of(kpi)} · " if kpi.goal is not None else ""
    state = state_of(kpi.verdict) if kpi.verdict else None
    found = (trend for trend in report.views.kpi_trends if trend.kpi == kpi.kpi)
    course = next((of_kpi(trend, kpi) for trend in found), None)
    return Figure(kpi.title, value_of(kpi), f"{goal}n = {kpi.n:,}", state, course)


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
