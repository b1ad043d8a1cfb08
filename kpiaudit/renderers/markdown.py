"""The report as GitHub Markdown, for an issue, a pull request, a wiki or a mail: tables, no HTML, no link.

Whatever an export says is text: markup in it is escaped, and what GitHub would link is code.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kpiaudit.inert import markdown as inert
from kpiaudit.renderers import circumstances
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.measures import amount, beside, goal_of, shown, title, trend_line
from kpiaudit.renderers.ranking import UNASSIGNED, largest, shown_of, tables_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kpiaudit.report import Breach, Figures, KpiResult, Report, SlaResult, Verdict

DASH: Final = "–"
GROUPS_MOST: Final = 20
"""So many groups of an SLA and dimension are shown, the worst; the CSV has all."""
FILES_MOST: Final = 50
SIGNS: Final[dict[str, str]] = {
    "pass": "✓ pass",
    "warn": "! pass, close to the goal",
    "fail": "✗ fail",
    "no_data": "○ no data",
}
FIGURES: Final = ("adherence", "met", "breached", "open", "at risk", "n", "median", "p90")


def render(report: Report) -> str:
    """Return the whole audit: the verdict first, then where it was lost, then the proof."""
    parts = [
        f"# {inert(spell.headline(report))}",
        f"> {inert(report.promise.statement)}",
        "\n".join(_facts(report)),
        *_slas(report),
        *_kpis(report),
        *_models(report),
        *_categories(report),
        *(part for sla in report.slas for part in _groups(sla)),
        *_breaches(report),
        *_quotes(report),
        *_reading(report),
        *_definitions(report),
        f"kpiaudit {inert(report.kpiaudit_version)}",
    ]
    return "\n\n".join(parts) + "\n"


def table(header: Sequence[str], rows: Iterable[Sequence[str]], *, right: int = 0) -> str:
    """Return a table of cells that are Markdown already; the last `right` columns are flush right."""
    rule = ["---"] * (len(header) - right) + ["--:"] * right
    return "\n".join(f"| {' | '.join(cells)} |" for cells in (header, rule, *rows))


def _facts(report: Report) -> Iterator[str]:
    zone = ZoneInfo(report.time_zone)
    policy = circumstances.policy_of(report)
    told = [
        ("Period", circumstances.period(report, zone)),
        ("Judged", circumstances.judged(report, zone, dash=DASH)),
        ("Policy", policy),
        *(("People", said) for said in report.privacy),
        *(("Warning", problem) for problem in spell.few(report.problems)),
    ]
    for label, said in told:
        yield f"- **{label}**: {inert(said)}"


def _slas(report: Report) -> Iterator[str]:
    if not report.slas:
        return
    lines = {trend.sla: trend_line(trend) for trend in report.views.trends}
    with_trend = ["trend"] if any(lines.values()) else []
    yield "## SLAs"
    yield table(
        ("verdict", "SLA", "asks for", *with_trend, "goal", *FIGURES),
        (
            (
                _verdict(sla.verdict, warns=sla.is_warning),
                inert(sla.name),
                inert(spell.terms(sla)),
                *([inert(lines.get(sla.name) or DASH)] if with_trend else []),
                spell.share(sla.goal),
                *_figures(sla, sla.figures),
            )
            for sla in report.slas
        ),
        right=1 + len(FIGURES),
    )


def _verdict(verdict: Verdict | None, *, warns: bool = False) -> str:
    if verdict is None:
        return ""
    return SIGNS["warn" if warns and verdict == "pass" else verdict]


def _figures(sla: SlaResult, values: Figures) -> list[str]:
    days = sla.calendar is None
    adherence = DASH if values.adherence is None else spell.percent(values.adherence, sla.goal)
    counts = (values.met, values.breached, values.open, values.at_risk, values.n)
    waits = (values.median_seconds, values.p90_seconds)
    return [
        adherence,
        *map(spell.count, counts),
        *(DASH if wait is None else spell.duration(wait, days=days) for wait in waits),
    ]


def _kpis(report: Report) -> Iterator[str]:
    if not report.kpis:
        return
    told, left = _largest_groups([kpi for kpi in report.kpis if kpi.computable])
    yield "## KPIs"
    if told:
        with_groups = ["of"] if any(kpi.by for kpi in told) else []
        yield table(
            ("KPI", *with_groups, "beside it", "goal", "verdict", "value", "n"),
            (_kpi(kpi, with_groups=bool(with_groups)) for kpi in told),
            right=2,
        )
    yield from left
    lost = [kpi for kpi in report.kpis if not kpi.computable]
    if lost:
        yield "\n".join(
            f"- {inert(_named(kpi))}: {inert(kpi.reason or 'not computable')}" for kpi in lost
        )


def _largest_groups(kpis: Sequence[KpiResult]) -> tuple[list[KpiResult], list[str]]:
    """The KPIs of everything and of the largest groups of each table, and how many groups are left out."""
    tables: dict[tuple[str, ...], list[KpiResult]] = {}
    for kpi in kpis:
        tables.setdefault(tuple(kpi.by), []).append(kpi)
    within: set[tuple[tuple[str, ...], tuple[str, ...]]] = {((), ())}
    left = []
    for dimensions, rows in tables.items():
        shown, count = largest(rows, GROUPS_MOST)
        within |= {(dimensions, group) for group in shown}
        if len(shown) < count:
            title = " and ".join(inert(spell.words(name)) for name in dimensions)
            more = f"{count - len(shown):,} more by {title}"
            left.append(f"{more}; `-o report.json` holds all.")
    return [kpi for kpi in kpis if (tuple(kpi.by), tuple(kpi.by.values())) in within], left


def _kpi(kpi: KpiResult, *, with_groups: bool) -> list[str]:
    value = shown(kpi) or DASH
    return [
        inert(title(kpi)),
        *([inert(_members(kpi.by) or "all")] if with_groups else []),
        inert(beside(kpi)),
        goal_of(kpi),
        _verdict(kpi.verdict),
        value,
        spell.count(kpi.n),
    ]


def _named(kpi: KpiResult) -> str:
    members = _members(kpi.by)
    return f"{title(kpi)} ({members})" if members else title(kpi)


def _members(by: dict[str, str]) -> str:
    return ", ".join(f"{spell.words(name)} {value}" for name, value in by.items())


def _models(report: Report) -> Iterator[str]:
    if not report.models:
        return
    yield "## Service models"
    holds = {True: "✓ holds", False: "✗ does not hold", None: ""}
    yield table(
        ("model", "team", "claim", "what the exports say", "declared", "value", "n"),
        (
            (
                inert(spell.words(model.model)),
                inert(model.team or "all"),
                inert(spell.words(claim.claim)),
                inert((claim.sentence if claim.computable else claim.reason) or ""),
                holds[claim.holds],
                DASH if claim.value is None else amount(claim.value, claim.unit),
                spell.count(claim.n),
            )
            for model in report.models
            for claim in model.claims
        ),
        right=2,
    )


def _categories(report: Report) -> Iterator[str]:
    if not report.categories:
        return
    counts = ("messages", "conversations", "matched")
    yield "## Categories"
    yield table(
        ("category", *counts),
        (
            (inert(found.category), *(spell.count(getattr(found, name)) for name in counts))
            for found in report.categories
        ),
        right=len(counts),
    )


def _groups(sla: SlaResult) -> Iterator[str]:
    tables = tables_of(sla)
    if tables:
        yield f"## {inert(sla.name)} by group"
    for dimensions, ranked in tables:
        shown = shown_of(ranked, GROUPS_MOST)
        judged = ["verdict"] if any(group.verdict for group in shown) else []
        yield table(
            (*(inert(spell.words(name)) for name in dimensions), *judged, *FIGURES),
            (
                (
                    *(inert(group.by[name]) for name in dimensions),
                    *([_verdict(group.verdict)] if judged else []),
                    *_figures(sla, group.figures),
                )
                for group in shown
            ),
            right=len(FIGURES),
        )
        if len(shown) < len(ranked):
            yield f"{len(ranked) - len(shown):,} more; `-o report.csv` holds all."


def _breaches(report: Report) -> Iterator[str]:
    if not report.breach_count:
        return
    zone = ZoneInfo(report.time_zone)
    by_around = {sla.name: sla.calendar is None for sla in report.slas}
    shown = spell.count(len(report.breaches))
    yield "## Worst breaches"
    yield f"{shown} of {spell.count(report.breach_count)}, furthest over target first."
    yield table(
        ("conversation", "who", "SLA", "started", "evidence", "took", "target", "over"),
        (_breach(breach, zone, days=by_around.get(breach.sla, True)) for breach in report.breaches),
        right=3,
    )


def _breach(breach: Breach, zone: ZoneInfo, *, days: bool) -> list[str]:
    unstopped = "unresolved" if "resolution" in breach.metric else "unanswered"
    stop = f"{breach.stop_export}:{breach.stop_row}" if breach.stop_export else unstopped
    who = breach.agent if breach.team == UNASSIGNED else f"{breach.agent} of {breach.team}"
    return [
        inert(f"{breach.system} {breach.conversation_id}"),
        inert(who),
        inert(breach.sla),
        spell.instant(breach.started_at, zone),
        inert(f"{breach.start_export}:{breach.start_row} → {stop}"),
        spell.duration(breach.elapsed_seconds, days=days),
        spell.target(breach.target_seconds, days=days),
        spell.duration(breach.overrun_seconds, days=days),
    ]


def _quotes(report: Report) -> Iterator[str]:
    if not report.quotes:
        return
    yield "## What customers wrote"
    yield "Redacted as well as can be told."
    yield table(
        ("example of", "message", "row"),
        (
            (
                inert(spell.quoted_for(quote)),
                inert(quote.text),
                inert(spell.place_of(quote)),
            )
            for quote in report.quotes
        ),
    )


def _reading(report: Report) -> Iterator[str]:
    found = report.integrity
    yield "## What was read"
    if report.exports:
        counts = ("rows", "used", "duplicates", "rejects", "skipped")
        yield table(
            ("export", "source", *counts, "messages"),
            (
                (
                    inert(export.path),
                    inert(f"{export.source} {export.part}".strip()),
                    *(spell.count(getattr(export, name)) for name in counts),
                    spell.contribution(export.messages, export.message_share),
                )
                for export in report.exports[:FILES_MOST]
            ),
            right=len(counts) + 1,
        )
    if len(report.exports) > FILES_MOST:
        yield f"{len(report.exports) - FILES_MOST:,} more; `kpiaudit inspect` lists them all."
    broken = "" if found.holds else " **The sums do not hold.**"
    partly = "" if found.is_complete else " **A file could not be read: this is incomplete.**"
    yield (
        f"{spell.plural(found.rows, 'row')} = {found.used:,} used + {found.duplicates:,} duplicates"
        f" + {found.rejects:,} rejects + {found.skipped:,} skipped;"
        f" {spell.plural(found.conversations, 'conversation')},"
        f" {found.partial_conversations:,} of them partial.{broken}{partly}"
    )


def _definitions(report: Report) -> Iterator[str]:
    if not report.definitions:
        return
    yield "## Definitions"
    yield table(
        ("option", "value"),
        (
            (inert(spell.words(name)), inert(circumstances.option(value)))
            for name, value in report.definitions.items()
        ),
    )
