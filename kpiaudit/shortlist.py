"""The groups a terminal shows of a table, picked by their counts before anything else is told of any."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.kpis.catalogue import ordered_for
from kpiaudit.kpis.measures import PART, counted
from kpiaudit.local_time import in_order, label
from kpiaudit.models import asked as models
from kpiaudit.schema import UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.audit import Request
    from kpiaudit.scorecard import Plan

C = pl.col
N = f"{PART}n"
RAW = f"{PART}raw"
"""Ends the name of a column with the values a dimension had before it was text."""
Counts = Mapping[int, pl.DataFrame]
"""Place of a plan to how many each KPI counts in each of its groups."""


def counted_first(plans: Sequence[Plan], request: Request) -> dict[int, pl.LazyFrame]:
    """Return by place of a plan the counts its groups are picked by, none where all groups are asked for.

    Tables that goals or models are judged by are told whole.
    """
    if request.groups is None or models.NAME in request.views:
        return {}
    whole = {goal.goal_by for goal in request.settings.kpi_goals}
    return {
        place: sizes(plan)
        for place, plan in enumerate(plans)
        if plan.table.by and plan.table.by not in whole and not plan.table.when
    }


def sizes(plan: Plan) -> pl.LazyFrame:
    """Return how many each KPI counts in each group, with the RAW values; or all of what has to be told at once."""
    if plan.rows is None:
        return plan.frame
    by = plan.table.by
    counts = {measure.kpi + N: measure.n for measure in plan.measures}
    names = [told for name in by for told in (label(name).alias(name), C(name).alias(name + RAW))]
    return plan.rows.group_by(by).agg(**counts).with_columns(names)


def shortened(
    plans: Sequence[Plan], counts: Counts, request: Request
) -> tuple[list[Plan], dict[tuple[str, ...], int]]:
    """Return the plans for the groups the request asks for, and by dimensions how many groups there are.

    The same groups come first as where a renderer picks them of all: by the most that any KPI counts, then in
    the order of the report.
    """
    goals, told = request.settings.kpi_goals, list(plans)
    shown = {*request.kpis, *(goal.kpi for goal in goals)}
    order = ordered_for(request.settings.value_proposition.competes_on)
    ranks = {kpi: place for place, kpi in enumerate(order) if kpi in shown}
    alike: dict[tuple[str, ...], list[int]] = {}
    for place, table in counts.items():
        by = tuple(name for name in table.columns if PART not in name)
        alike.setdefault(by, []).append(place)
    heights: dict[tuple[str, ...], int] = {}
    for by, places in alike.items():
        if max(counts[place].height for place in places) <= (request.groups or 0):
            continue
        groups = pl.concat([weights(counts[place], by, ranks) for place in places])
        groups = groups.group_by(by).agg(C("weight").max(), C("rank").min())
        heights[by] = groups.height
        picked = most(groups, by, request.groups or 0)
        for place in places:
            kept = counts[place].join(picked, on=by, how="semi", nulls_equal=True)
            told[place] = replace(plans[place], frame=of_groups(plans[place], kept, by))
    return told, heights


def of_groups(plan: Plan, kept: pl.DataFrame, by: tuple[str, ...]) -> pl.LazyFrame:
    """Return what a plan tells of the groups kept of its counts."""
    if plan.rows is None:
        return kept.lazy().sort(*(in_order(name) for name in by))
    raw = kept.select(C(name + RAW).alias(name) for name in by)
    rows = among(plan.rows, raw)
    if len(by) > 1:
        rows = rows.join(raw.lazy(), on=by, how="semi", nulls_equal=True)
    return counted(rows, plan.measures, by)


def worst_groups(tallied: pl.DataFrame, by: Sequence[str], count: int) -> pl.DataFrame:
    """Return the dimensions of the `count` groups an SLA was lost in, and of the worst of nobody's: those a
    renderer shows.
    """
    decided = C("met") + C("breached")
    adherence = pl.when(decided > 0).then(C("met") / decided)
    labels = {f"{name}{RAW}": label(name) for name in by}
    ranked = tallied.select(*by, "breached", **labels, adherence=adherence).sort(
        C("adherence").is_null(), "adherence", -C("breached").cast(pl.Int64), *labels
    )
    nobody = pl.any_horizontal(C(name) == UNASSIGNED for name in labels)
    picked = pl.concat([ranked.head(count), ranked.filter(nobody).head(1)])
    return picked.select(by)


def among(rows: pl.LazyFrame, groups: pl.DataFrame) -> pl.LazyFrame:
    """Return the rows of some groups; of several dimensions, those of others that share a value too.

    Takes a fraction of a join's time.
    """
    return rows.filter(
        *(
            C(name).is_in(groups[name].unique().implode(), nulls_equal=True)
            for name in groups.columns
        )
    )


def weights(table: pl.DataFrame, by: Sequence[str], ranks: Mapping[str, int]) -> pl.DataFrame:
    """Return `by, weight, rank` of groups that count anything: the most a KPI counts, the first that counts."""
    counts = {
        rank: C(kpi + N).cast(pl.Float64).fill_nan(None).fill_null(0)
        for kpi, rank in ranks.items()
        if kpi + N in table.columns
    }
    weight = pl.max_horizontal(pl.lit(0.0), *counts.values())
    firsts = [pl.when(count > 0).then(pl.lit(rank)) for rank, count in counts.items()]
    rank = pl.min_horizontal(pl.lit(None, pl.Int32), *firsts)
    return table.select(*by, weight=weight, rank=rank).filter(C("weight") > 0)


def most(groups: pl.DataFrame, by: Sequence[str], count: int) -> pl.DataFrame:
    """Return the `count` groups of most weight, and the first of nobody's where all of those are beyond."""
    order = [-C("weight"), C("rank"), *(in_order(name) for name in by)]
    least = groups["weight"].top_k(count).min()
    picked = groups.filter(C("weight") >= least).sort(order).head(count)
    nobody = pl.any_horizontal(C(name) == UNASSIGNED for name in by)
    if picked.select(nobody.any()).item():
        return picked
    return pl.concat([picked, groups.filter(nobody).sort(order).head(1)])
