"""Make one Report from what a run counted: verdicts, identity, problems. No figure is computed twice."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import polars as pl

from kpiaudit import __version__
from kpiaudit.definitions import in_words
from kpiaudit.errors import ExitCode
from kpiaudit.findings import cut_off, export_results, problems_of, rejects_listed
from kpiaudit.in_force import metrics_of
from kpiaudit.kpis.calls import SHORT_SECONDS
from kpiaudit.models import asked as service_models
from kpiaudit.one_value import taken
from kpiaudit.report import (
    Breach,
    CategoryHits,
    Figures,
    Group,
    Integrity,
    KpiResult,
    MetricIdentity,
    ModelResult,
    Promise,
    Quote,
    Report,
    SlaResult,
    Verdict,
)
from kpiaudit.schema import STATUSES
from kpiaudit.summary import figures_of
from kpiaudit.views.shown import Views

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Reading, Request, Summaries
    from kpiaudit.explanation.explained import Span
    from kpiaudit.settings import Sla

C = pl.col


def assemble(audited: Audit, summaries: Summaries) -> Report:
    """Return the report of an audit."""
    request, reading = audited.request, audited.reading
    settings = request.settings
    calls = calls_of(audited)
    slas = tuple(sla_result(sla, summaries, calls) for sla in settings.slas)
    integrity = integrity_of(audited, slas)
    verdict = overall(slas, summaries.kpis) if reading.found.claims else "no_data"
    share = reject_share(integrity)
    proposition = settings.value_proposition
    first_at, last_at = period(reading)
    return Report(
        kpiaudit_version=__version__,
        as_of=max(reading.as_of.values(), default=None),
        as_of_by_system=reading.as_of,
        time_zone=settings.time_zone or "UTC",
        first_at=first_at,
        last_at=last_at,
        since=request.since.isoformat() if request.since else None,
        until=request.until.isoformat() if request.until else None,
        verdict=verdict,
        exit_code=exit_code(
            verdict,
            could_not_run=(not integrity.is_complete and not request.keep_going)
            or share > settings.max_reject_share,
        ),
        promise=Promise(
            statement=proposition.statement,
            competes_on=proposition.competes_on,
            is_default=proposition.is_default,
            policy=settings.path,
        ),
        definitions=dict(in_words(settings.definitions)),
        slas=slas,
        breaches=breaches_of(audited, summaries),
        breach_count=sum(sla.figures.breached for sla in slas),
        exports=export_results(reading),
        ignored=reading.found.ignored,
        integrity=integrity,
        rejects=rejects_listed(reading),
        problems=problems_of(audited, share=share, slas=slas),
        kpis=tuple(result for result in summaries.kpis if is_shown(result, request)),
        kpi_groups=summaries.kpi_groups,
        models=models(audited, summaries),
        views=views(audited, summaries),
        categories=category_hits(reading),
        quotes=quotes(audited, summaries),
        breach_spans=breach_spans(audited, summaries),
    )


def is_shown(result: KpiResult, request: Request) -> bool:
    """Return whether a KPI was asked for as such, and not for the models alone."""
    by = tuple(result.by)
    if service_models.NAME not in request.views or result.kpi not in service_models.TABLES.get(
        by, ()
    ):
        return True
    goals = (goal for goal in request.settings.kpi_goals if goal.kpi == result.kpi)
    is_grouped = result.kpi in request.kpis and by in request.by
    return is_grouped or any(tuple(goal.goal_by) == by for goal in goals)


def models(audited: Audit, summaries: Summaries) -> tuple[ModelResult, ...]:
    """Return the service models, where they were asked for: their modules take 20 ms to import."""
    if service_models.NAME not in audited.request.views or audited.reading.ordered.is_empty():
        return ()
    from kpiaudit.models.chosen import models_of_run

    return models_of_run(audited, summaries.kpis)


def views(audited: Audit, summaries: Summaries) -> Views:
    """Return the views asked for; the others are empty."""
    if not audited.request.views:
        return Views()
    from kpiaudit.views.chosen import views_of

    return views_of(audited, summaries)


def quotes(audited: Audit, summaries: Summaries) -> tuple[Quote, ...]:
    """Return the messages quoted, where they were asked for."""
    if not audited.request.quotes:
        return ()
    from kpiaudit.quotes import quotes_of

    return quotes_of(audited, summaries)


def breach_spans(audited: Audit, summaries: Summaries) -> tuple[tuple[Span, ...], ...]:
    """Return the spans of each breach listed, in their order, where they were asked for."""
    if "spans" not in audited.request.views:
        return ()
    from kpiaudit.explanation.worst import spans_of_breaches

    return spans_of_breaches(audited, summaries)


def exit_code(verdict: Verdict, *, could_not_run: bool) -> int:
    """Return what `check` ends with: 2 before 1 before 4 before 0."""
    if could_not_run:
        return int(ExitCode.COULD_NOT_RUN)
    codes = {"fail": ExitCode.MISSED, "no_data": ExitCode.NOTHING_TO_JUDGE, "pass": ExitCode.KEPT}
    return int(codes[verdict])


def overall(slas: tuple[SlaResult, ...], kpis: tuple[KpiResult, ...] = ()) -> Verdict:
    """Return fail when any SLA or KPI goal fails, no_data when one that must not be empty is, else pass."""
    verdicts = [(sla.verdict, sla.allow_empty) for sla in slas]
    verdicts += [(kpi.verdict, kpi.allow_empty) for kpi in kpis if kpi.verdict and not kpi.by]
    if any(verdict == "fail" for verdict, _ in verdicts):
        return "fail"
    is_empty = any(verdict == "no_data" and not is_spared for verdict, is_spared in verdicts)
    return "no_data" if is_empty else "pass"


def sla_result(sla: Sla, summaries: Summaries, calls: dict[str, dict[str, int]]) -> SlaResult:
    """Return one SLA's totals, groups and verdict."""
    total = summaries.totals.filter(C("sla") == sla.name)
    row = total.row(0, named=True) if total.height else {}
    figures = figures_of(row)
    groups = tuple(
        Group(
            by={name: found[name] for name in by},
            figures=figures_of(found),
            verdict=verdict_of(sla, figures_of(found)) if by == sla.goal_by and by else None,
        )
        for by, frame in summaries.groups
        for found in frame.filter(C("sla") == sla.name).rows(named=True)
    )
    verdict = verdict_of(sla, figures)
    if verdict == "pass" and any(group.verdict == "fail" for group in groups):
        verdict = "fail"
    below = sla.warn_below is not None and (figures.adherence or 0.0) < sla.warn_below
    return SlaResult(
        name=sla.name,
        metric=sla.metric,
        target_seconds=sla.target.total_seconds(),
        goal=sla.goal,
        warn_below=sla.warn_below,
        calendar=sla.calendar,
        when=dict(sla.when),
        figures=figures,
        verdict=verdict,
        is_warning=verdict == "pass" and below,
        bots_first=row.get("bots_first", 0),
        resolved_without_reply=row.get("resolved_without_reply", 0),
        allow_empty=sla.allow_empty,
        groups=groups,
        **calls.get(sla.name, {}),
    )


def calls_of(audited: Audit) -> dict[str, dict[str, int]]:
    """Return per SLA how many calls it judges, how many of these were abandoned, and how many at once."""
    is_abandoned = C("excluded_reason") == "abandoned"
    is_offered = C("excluded_reason").is_null() | is_abandoned
    is_call = (C("channel") == "voice") & (C("metric") == "first_response") & is_offered
    is_short = C("stopped_at") - C("started_at") < pl.duration(seconds=SHORT_SECONDS)
    counts = {}
    for sla, part in zip(audited.request.settings.slas, audited.judged, strict=True):
        calls = part.filter(is_call)
        if calls.height:
            left = calls.filter(is_abandoned)
            short = left.filter(is_short).height
            counts[sla.name] = {
                "calls": calls.height,
                "abandoned": left.height - short,
                "short_abandoned": short,
            }
    return counts


def verdict_of(sla: Sla, figures: Figures) -> Verdict:
    """Return whether the goal is reached by enough decided clocks."""
    decided = figures.met + figures.breached
    if figures.adherence is None or decided < sla.min_sample:
        return "no_data"
    return "pass" if figures.adherence >= sla.goal else "fail"


def breaches_of(audited: Audit, summaries: Summaries) -> tuple[Breach, ...]:
    """Return the worst breaches with the two rows of the exports they come from."""
    frame = with_evidence(summaries.breaches, audited.reading.ordered)
    return tuple(
        Breach(
            sla=row["sla"],
            metric=row["metric"],
            system=str(row["system"]),
            conversation_id=str(row["conversation_id"]),
            channel=row["channel"] or "",
            team=row["team"],
            agent=row["agent"],
            started_at=row["started_at"],
            stopped_at=row["stopped_at"],
            due_at=row["due_at"],
            target_seconds=row["target"].total_seconds(),
            elapsed_seconds=row["elapsed"].total_seconds(),
            overrun_seconds=row["overrun"].total_seconds(),
            start_export=row["start_export"],
            start_row=row["start_row"],
            stop_export=row["stop_export"],
            stop_row=row["stop_row"],
        )
        for row in frame.rows(named=True)
    )


def with_evidence(clocks: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return clocks with conversation_id and the export and row of their start and stop."""
    start, stop = clocks["start_index"], clocks["stop_index"]
    start_export, stop_export = (taken(ordered, "export", rows) for rows in (start, stop))
    return clocks.with_columns(
        conversation_id=ordered["conversation_id"].gather(start).cast(pl.String),
        start_export=start_export.cast(pl.String),
        start_row=ordered["row"].gather(start),
        stop_export=stop_export.cast(pl.String),
        stop_row=ordered["row"].gather(stop),
    )


def integrity_of(audited: Audit, slas: tuple[SlaResult, ...]) -> Integrity:
    """Return the identity of the run, summed over exports and metrics."""
    reading = audited.reading
    counts = reading.gathered.counts
    sums = {
        name: int(counts[name].sum()) for name in ("rows", "used", "duplicate", "reject", "skipped")
    }
    ordered = reading.ordered
    metrics = metric_identities(audited)
    rows_hold = sums["rows"] == sum(v for k, v in sums.items() if k != "rows")
    clocks_hold = all(
        f.clocks == f.met + f.breached + f.open + f.excluded for f in (sla.figures for sla in slas)
    )
    unknown = ordered.select("event", "status").filter(
        (C("event") == "status") & ~C("status").cast(pl.String).is_in(STATUSES)
    )
    words = unknown.group_by(C("status").cast(pl.String)).len().sort("status")
    return Integrity(
        rows=sums["rows"],
        used=sums["used"],
        duplicates=sums["duplicate"],
        rejects=sums["reject"],
        skipped=sums["skipped"],
        messages=ordered.height,
        conversations=len(audited.clocks.is_partial),
        partial_conversations=int(audited.clocks.is_partial.sum()),
        proactive_conversations=int(audited.clocks.is_proactive.sum()),
        metrics=metrics,
        holds=rows_hold and clocks_hold,
        is_complete=not reading.failures and not cut_off(reading),
        unknown_roles=int((ordered["author_role"] == "unknown").sum()),
        unknown_statuses=dict(words.iter_rows()),
        identical_rows=reading.gathered.identical_rows,
    )


def metric_identities(audited: Audit) -> tuple[MetricIdentity, ...]:
    """Return clocks = matched + unmatched for each metric an SLA names."""
    told = audited.described["metric"].value_counts()
    counts = dict(zip(told["metric"].cast(pl.String), told["count"], strict=True))
    result = []
    for metric in sorted({sla.metric for sla in audited.request.settings.slas}):
        slas = [sla for sla in audited.request.settings.slas if sla.metric == metric]
        clocks = sum(counts.get(name, 0) for name in metrics_of(slas[0]))
        parts = [
            part
            for part, sla in zip(audited.judged, audited.request.settings.slas, strict=True)
            if sla.metric == metric
        ]
        matched = sum(part.height for part in parts)
        if any(part.height == clocks for part in parts):
            matched = clocks
        elif any(sla.also for sla in slas):
            matched = distinct_clocks(parts, rows=audited.reading.ordered.height)
        result.append(MetricIdentity(metric, clocks, matched, clocks - matched))
    return tuple(result)


def distinct_clocks(parts: Sequence[pl.DataFrame], *, rows: int) -> int:
    """Return how many clocks of the ordered messages' `rows` are in any of the parts."""
    count = 0
    for metric in sorted({metric for part in parts for metric in part["metric"].unique()}):
        seen = pl.repeat(value=False, n=rows, dtype=pl.Boolean, eager=True)
        for part in parts:
            seen = seen.scatter(part.filter(C("metric") == metric)["start_index"], values=True)
        count += int(seen.sum())
    return count


def reject_share(integrity: Integrity) -> float:
    """Return the share of rows refused among those that were to be read."""
    asked = integrity.rows - integrity.skipped
    return integrity.rejects / asked if asked else 0.0


def category_hits(reading: Reading) -> tuple[CategoryHits, ...]:
    """Return what the rules of `[categories]` found, in their order."""
    found = reading.category_hits
    return () if found is None else tuple(CategoryHits(**row) for row in found.rows(named=True))


def period(reading: Reading) -> tuple[Any, Any]:
    """Return the first and last instant of any used message."""
    return reading.ordered["sent_at"].min(), reading.ordered["sent_at"].max()
