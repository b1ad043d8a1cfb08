"""The groups a terminal shows of tables of KPIs, picked before a result is made of any: those that count most."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.kpis.catalogue import ordered_for
from kpiaudit.kpis.measures import PART
from kpiaudit.local_time import in_order
from kpiaudit.models import asked as models
from kpiaudit.schema import UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.audit import Request
    from kpiaudit.scorecard import Plan

C = pl.col
N = f"{PART}n"


def shortlisted(
    plans: Sequence[Plan], tables: Sequence[pl.DataFrame], request: Request
) -> tuple[list[pl.DataFrame], dict[tuple[str, ...], int]]:
    """Return the tables with the groups the request asks for, and by dimensions how many groups there were.

    Whole are tables that goals or models are judged by. The same groups come first as where a renderer picks
    them of all: by the most that any KPI counts, then in the order of the report.
    """
    told = list(tables)
    counts: dict[tuple[str, ...], int] = {}
    if request.groups is None or models.NAME in request.views:
        return told, counts
    goals = request.settings.kpi_goals
    whole = {goal.goal_by for goal in goals}
    shown = {*request.kpis, *(goal.kpi for goal in goals)}
    order = ordered_for(request.settings.value_proposition.competes_on)
    ranks = {kpi: place for place, kpi in enumerate(order) if kpi in shown}
    alike: dict[tuple[str, ...], list[int]] = {}
    for place, (plan, table) in enumerate(zip(plans, tables, strict=True)):
        by = tuple(name for name in table.columns if PART not in name)
        if by and by not in whole and not plan.table.when and ranks_in(table, ranks):
            alike.setdefault(by, []).append(place)
    for by, places in alike.items():
        weighed = pl.concat(
            [weights(tables[place], by, ranks_in(tables[place], ranks)) for place in places]
        )
        groups = weighed.group_by(by).agg(C("weight").max(), C("rank").min())
        counts[by] = groups.height
        picked = most(groups, by, request.groups)
        for place in places:
            kept = tables[place].join(picked, on=by, how="semi", nulls_equal=True)
            told[place] = kept.sort(*(in_order(name) for name in by))
    return told, counts


def ranks_in(table: pl.DataFrame, ranks: Mapping[str, int]) -> dict[str, int]:
    """Return those of the ranks whose KPI a table counts."""
    return {kpi: rank for kpi, rank in ranks.items() if kpi + N in table.columns}


def weights(table: pl.DataFrame, by: Sequence[str], ranks: Mapping[str, int]) -> pl.DataFrame:
    """Return `by, weight, rank` of groups that count anything: the most a KPI counts, the first that counts."""
    counts = {kpi: C(kpi + N).cast(pl.Float64).fill_nan(None).fill_null(0) for kpi in ranks}
    first = [pl.when(counts[kpi] > 0).then(pl.lit(rank)) for kpi, rank in ranks.items()]
    told = table.select(
        *by, weight=pl.max_horizontal(*counts.values()), rank=pl.min_horizontal(*first)
    )
    return told.filter(C("weight") > 0)


def most(groups: pl.DataFrame, by: Sequence[str], count: int) -> pl.DataFrame:
    """Return the `count` groups of most weight, and the first of nobody's where all of those are beyond."""
    order = [-C("weight"), C("rank"), *(in_order(name) for name in by)]
    ranked = groups.sort(order)
    picked = ranked.head(count)
    nobody = pl.any_horizontal(C(name) == UNASSIGNED for name in by)
    if picked.select(nobody.any()).item():
        return picked
    return pl.concat([picked, ranked.slice(count).filter(nobody).head(1)])
