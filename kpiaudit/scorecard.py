"""KPIs of a run: which are counted by what, the plans to collect, and the results made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit import kpi_frames
from kpiaudit.dimensions import matching
from kpiaudit.groupings import read_for, spread
from kpiaudit.kpis import (
    bots,
    calls,
    cost,
    facts,
    handling,
    movement,
    needs,
    presence,
    resolution,
    response,
    satisfaction,
    self_service,
    sentiment,
    volume,
)
from kpiaudit.kpis.catalogue import BY_ID, IDS, leading_for, ordered_for, untold_by
from kpiaudit.kpis.measures import PART, Measure, counted, labelled
from kpiaudit.kpis.seen import look_at
from kpiaudit.lexicon import as_hints, note_of
from kpiaudit.models import asked as models
from kpiaudit.report import KpiResult

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Request
    from kpiaudit.report import Verdict
    from kpiaudit.settings import KpiGoal, Settings, When
    from kpiaudit.views.shown import Period

C = pl.col
FAMILIES: Final = (
    volume, response, handling, sentiment, bots, resolution, movement, satisfaction, calls, cost,
    presence, self_service,
)  # fmt: skip
MEASURES: Final[tuple[Measure, ...]] = tuple(
    chain.from_iterable(family.MEASURES for family in FAMILIES)
)


@dataclass(frozen=True, slots=True)
class Table:
    """Some KPIs by some dimensions, of everything or of what `when` matches."""

    kpis: frozenset[str]
    by: tuple[str, ...] = ()
    when: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """One table of one frame, to be collected with all others."""

    table: Table
    frame: pl.LazyFrame
    is_by_category: bool = False
    """Counts of a category within each group of the table."""
    rows: pl.LazyFrame | None = None
    """What `frame` counts by the table's dimensions, where some of its groups can be counted without the rest."""
    measures: tuple[Measure, ...] = ()
    """What it counts of `rows`."""


@dataclass(frozen=True, slots=True)
class Scorecard:
    """What is to be collected, and which KPIs cannot be computed."""

    plans: tuple[Plan, ...]
    missing: Mapping[str, str]
    kpis: frozenset[str]
    note: str | None = None
    """What figures that rest on a lexicon are to say."""
    over_time: tuple[Plan, ...] = ()
    """The KPIs the first screen asks for by day, week or month, where trends are asked for."""


def selected(request: Request) -> frozenset[str]:
    """Return the KPIs of a run: all it has the clocks for, those asked for and those with a goal."""
    run = metrics_judged(request.settings)
    cheap = {
        kpi for kpi in IDS if set(response.METRICS.get(kpi, ())) <= run | {"first_response"}
    } - cost.FROM_ACTIONS
    return frozenset(cheap) | set(request.kpis) | {goal.kpi for goal in request.settings.kpi_goals}


def metrics_judged(settings: Settings) -> frozenset[str]:
    """Return the metrics whose clocks the SLAs have run."""
    every = {"every_response": ("first_response", "next_response")}
    return frozenset(
        chain.from_iterable(every.get(sla.metric, (sla.metric,)) for sla in settings.slas)
    )


def metrics_needed(request: Request) -> frozenset[str]:
    """Return the metrics whose clocks the KPIs of a run are made of."""
    return frozenset(
        metric for kpi in selected(request) for metric in response.METRICS.get(kpi, ())
    )


def names_needed(request: Request) -> frozenset[str]:
    """Return the dimensions the tables of KPIs use, beside the columns KPIs count."""
    goals = request.settings.kpi_goals
    used = {name for goal in goals for name in (*goal.goal_by, *goal.when)}
    if request.kpis:
        used |= {name for by in request.by for name in by}
    return frozenset(used) | ({"team", "channel"} if models.NAME in request.views else set())


def columns_needed(request: Request) -> frozenset[str]:
    """Return the columns of messages that KPIs and their tables are counted in."""
    kpis = selected(request)
    told = {need for kpi in kpis for need in BY_ID[kpi].needs}
    columns = told & {"category", "handle_time", "sentiment", "rating", "agent", "team"}
    if "sentiment" in columns:
        columns |= {"rating"}
    if kpis & {"deflection_rate"}:
        columns |= {"customer", "channel"}
    if "self_service_deflection" in kpis:
        columns |= {"customer"}
    return frozenset(columns) | read_for(names_needed(request))


def tables_of(request: Request, kpis: frozenset[str]) -> list[Table]:
    """Return every table to count: the totals, those asked for, those of goals."""
    tables = [Table(kpis)]
    asked = frozenset(request.kpis)
    if models.NAME in request.views:
        tables += [Table(kpis & told, by) for by, told in models.TABLES.items()]
    if asked:
        tables += [Table(asked, by) for by in request.by]
    for goal in request.settings.kpi_goals:
        own, when = frozenset({goal.kpi}), when_of(goal)
        if when:
            tables.append(Table(own, (), when))
        if goal.goal_by:
            tables.append(Table(own, goal.goal_by, when))
    return list(dict.fromkeys(tables))


def when_of(goal: KpiGoal) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Return what a goal is restricted to, in one order."""
    return tuple(sorted(goal.when.items()))


def period_of_trends(audited: Audit) -> Period | None:
    """Return what trends are told by, None where none is asked for: to be imported takes 15 ms."""
    if "trend" not in audited.request.views:
        return None
    from kpiaudit.views.chosen import trend_period

    return trend_period(audited)


def scorecard(audited: Audit) -> Scorecard:
    """Return the plans for every KPI of a run."""
    request, reading = audited.request, audited.reading
    settings, kpis = request.settings, selected(request)
    if reading.ordered.is_empty():
        files = [file.name for claim in reading.found.claims for file in claim.files]
        nothing = dict.fromkeys(
            kpis, f"messages missing in {', '.join(files[:2]) or 'every export'}"
        )
        return Scorecard((), nothing, kpis)
    seen = look_at(reading.ordered, audited.clocks, settings, reading.as_of)
    if reading.beside is not None:
        seen = replace(seen, beside=reading.beside)
    exports = sorted({file.name for claim in reading.found.claims for file in claim.files})
    missing = needs.missing(seen, kpis, exports)
    period = period_of_trends(audited)
    names = names_needed(request)
    wanted = facts.Wanted(
        kpis - missing.keys(),
        names | {period} if period else names,
        settings.time_zone or "UTC",
        request.since,
        request.until,
    )
    frames = kpi_frames.counted_in(audited, seen, wanted)
    tables = [replace(table, kpis=table.kpis & wanted.kpis) for table in tables_of(request, kpis)]
    ends = resolution.last_times(max(reading.as_of.values()), request.until, wanted.zone)
    plans = [plan for table in tables for plan in plans_of(frames, table, ends)]
    over_time = (
        () if period is None else plans_over_time(frames, ends, wanted, settings, period=period)
    )
    note = note_of(seen.ordered, seen.rows["inbound"])
    return Scorecard(tuple(plans), missing, kpis, note, tuple(over_time))


def plans_over_time(
    frames: Mapping[str, pl.DataFrame],
    ends: pl.DataFrame,
    wanted: facts.Wanted,
    settings: Settings,
    *,
    period: Period,
) -> list[Plan]:
    """Return the plans of what the first screen may show, by period."""
    gated = {goal.kpi for goal in settings.kpi_goals}
    asked = leading_for(settings.value_proposition.competes_on, gated)
    table = Table(wanted.kpis.intersection(asked), (period,))
    plans = list(plans_of(frames, table, ends))
    if "agents" in frames and "active_hour_share" in table.kpis:
        hours = kpi_frames.agents_over_time(frames["actions"], settings, wanted, period)
        own = [measure for measure in MEASURES if measure.kpi == "active_hour_share"]
        plans.append(Plan(table, counted(hours.lazy(), own, table.by)))
    return plans


def plans_of(
    frames: Mapping[str, pl.DataFrame], table: Table, ends: pl.DataFrame
) -> Iterator[Plan]:
    """Yield the plans of one table, one per frame that its KPIs are counted in; `ends`: see `last_times`."""
    over_time = resolution.is_over_time(table.by)
    for grain, whole in frames.items():
        rows = whole.lazy()
        if table.when:
            when: When = dict(table.when)
            rows = rows.filter(matching(when, whole.columns))
        measures = [m for m in MEASURES if m.grain == grain and m.kpi in table.kpis]
        if over_time:
            measures = [measure for measure in measures if measure.kpi != "backlog"]
        if "category" in table.by:  # told category by category below
            measures = [measure for measure in measures if measure.kpi not in volume.BY_CATEGORY]
        names = (*table.by, *dict(table.when))
        measures = [measure for measure in measures if not untold_by(measure.kpi, names)]
        if measures:
            apart = rows if table.by and "tag" not in table.by else None
            frame = counted(rows, measures, table.by)
            yield Plan(table, frame, rows=apart, measures=tuple(measures))
        for kpi, counted_in in volume.BY_CATEGORY.items():
            if counted_in == grain and kpi in table.kpis:
                yield Plan(table, by_category(rows, kpi, table.by), is_by_category=True)
        if grain == "changes" and over_time and "backlog" in table.kpis:
            span = resolution.span(whole, table.by, ends)
            yield Plan(table, resolution.backlog_over_time(rows, table.by, span))


def by_category(rows: pl.LazyFrame, kpi: str, by: tuple[str, ...]) -> pl.LazyFrame:
    """Return each category's share of every group."""
    keys = tuple(dict.fromkeys((*by, "category")))
    others = [name for name in keys if name != "category"]
    counts = spread(rows, by).group_by(keys).agg(count=pl.len())
    whole = C("count").sum().over(others) if others else C("count").sum()
    return labelled(
        counts.select(
            *keys,
            (C("count") / whole).alias(f"{kpi}{PART}value"),
            whole.alias(f"{kpi}{PART}n"),
            C("count").alias(f"{kpi}{PART}numerator"),
        ),
        keys,
    )


def results(
    card: Scorecard, tables: Sequence[pl.DataFrame], settings: Settings
) -> tuple[KpiResult, ...]:
    """Return every KPI: its total, its groups, and its goals judged; those that lead first."""
    found: dict[tuple[str, Table], list[KpiResult]] = {}
    for plan, frame in zip(card.plans, tables, strict=True):
        for kpi, rows in rows_of(plan, frame):
            found.setdefault((kpi, plan.table), []).extend(rows)
    told: list[KpiResult] = []
    for kpi in ordered_for(settings.value_proposition.competes_on):
        if kpi not in card.kpis:
            continue
        goals = [goal for goal in settings.kpi_goals if goal.kpi == kpi]
        mine = {table: rows for (name, table), rows in found.items() if name == kpi}
        told += with_goals(kpi, mine, goals, card.missing.get(kpi))
    return as_hints(tuple(told), card.note)


def results_over_time(card: Scorecard, tables: Sequence[pl.DataFrame]) -> tuple[KpiResult, ...]:
    """Return the KPIs counted by period, of every period that counted anything."""
    counted_by = zip(card.over_time, tables, strict=True)
    told = (rows_of(plan, frame) for plan, frame in counted_by if not plan.is_by_category)
    return tuple(row for kpis in told for _, rows in kpis for row in rows)


def rows_of(plan: Plan, frame: pl.DataFrame) -> Iterator[tuple[str, list[KpiResult]]]:
    """Yield each KPI of a collected table with its results; a group that counted nothing has none."""
    parts: dict[str, list[str]] = {}
    dimensions = []
    for column in frame.columns:
        kpi, part, name = column.partition(PART)
        if part:
            parts.setdefault(kpi, []).append(name)
        else:
            dimensions.append(column)
    keys = list(frame.select(dimensions).iter_rows()) if dimensions else [()] * frame.height
    groups = [dict(zip(dimensions, key, strict=True)) for key in keys]
    when = dict(plan.table.when)
    for kpi, names in parts.items():
        known = BY_ID[kpi]
        beside = [name for name in names if name not in {"value", "n"}]
        numbers = frame.select(
            C(f"{kpi}{PART}{name}").cast(pl.Float64).fill_nan(None)
            for name in ("n", "value", *beside)
        )
        yield (
            kpi,
            [
                KpiResult(
                    kpi=kpi,
                    title=known.title,
                    value=value if n or known.unit == "count" else None,
                    unit=known.unit,
                    n=int(n or 0),
                    by=by,
                    when=when,
                    beside=dict(zip(beside, told, strict=True)),
                )
                for by, (n, value, *told) in zip(groups, numbers.rows(), strict=True)
                if n or not by
            ],
        )


def with_goals(
    kpi: str,
    tables: Mapping[Table, list[KpiResult]],
    goals: Sequence[KpiGoal],
    missing: str | None,
) -> Iterator[KpiResult]:
    """Yield the results of one KPI with the goals on it: total, what goals restrict, groups."""
    known = BY_ID[kpi]
    lacking = missing or "no table of it by these dimensions"
    nothing = KpiResult(
        kpi=kpi, title=known.title, value=None, unit=known.unit, n=0,
        computable=missing is None, reason=missing,
    )  # fmt: skip
    empty = replace(nothing, computable=False, reason=lacking)
    totals: dict[tuple[tuple[str, tuple[str, ...]], ...], KpiResult] = {
        table.when: next((row for row in rows if row.by == {}), nothing)
        for table, rows in tables.items()
        if not table.by
    }
    found = [row for table, rows in tables.items() for row in rows if row.by and not table.when]
    groups = {tuple(row.by.items()): row for row in found}.values()  # categories are in two tables
    for when in dict.fromkeys([(), *map(when_of, goals)]):
        total = totals.get(when, replace(empty, when=dict(when)) if when else nothing)
        mine = [goal for goal in goals if when_of(goal) == when]
        if not mine:
            yield total
        for goal in mine:
            parts = [
                judged(row, goal)
                for table, rows in tables.items()
                if table.when == when and table.by == goal.goal_by and goal.goal_by
                for row in rows
                if tuple(row.by) == goal.goal_by
            ]
            whole = judged(total, goal)
            if whole.verdict == "pass" and any(part.verdict == "fail" for part in parts):
                whole = replace(whole, verdict="fail")
            yield whole
            yield from parts
    gated = {goal.goal_by for goal in goals if not goal.when and goal.goal_by}
    yield from (row for row in groups if tuple(row.by) not in gated)


def judged(result: KpiResult, goal: KpiGoal) -> KpiResult:
    """Return a result with its verdict under a goal."""
    verdict: Verdict = "no_data"
    if result.value is not None and result.n >= goal.min_sample:
        is_kept = result.value >= goal.bound if goal.is_floor else result.value <= goal.bound
        verdict = "pass" if is_kept else "fail"
    return replace(
        result,
        goal=goal.bound,
        goal_is_floor=goal.is_floor,
        verdict=verdict,
        allow_empty=goal.allow_empty,
    )
