"""KPIs with their goals and their groups, and what the exports say to the service models declared."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from kpiaudit.charts.markup import NOTHING, Markup, join, tag
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.html.elements import (
    cell,
    listed,
    part,
    row,
    state_of,
    state_word,
    table,
    value_of,
)
from kpiaudit.renderers.measures import beside, goal_of, title

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.renderers.html.elements import Part
    from kpiaudit.report import Claim, KpiResult, ModelResult, Report

MOST: Final = 40
"""So many groups of one KPI are shown."""


def kpis(report: Report) -> Part:
    """Return the KPIs of everything, then by group, then those that cannot be computed and why."""
    totals = [kpi for kpi in report.kpis if not kpi.by and kpi.computable]
    goals = any(kpi.goal is not None for kpi in totals)
    columns = [("KPI", None), ("value", "num"), ("n", "num"), ("beside it", None)]
    columns += [("goal", None)] if goals else []
    rows = [_total(kpi, goals=goals) for kpi in totals]
    missing = [kpi for kpi in report.kpis if not kpi.computable]
    return part(
        "kpis",
        "KPIs",
        table(columns, rows, label="KPIs") if rows else NOTHING,
        *_by_group([kpi for kpi in report.kpis if kpi.by and kpi.computable]),
        _not_computable(missing),
    )


def models(report: Report) -> Part:
    """Return every service model with its claims, each with what the exports say to it."""
    return part(
        "models",
        "Service models",
        *(_model(model) for model in report.models if model.claims),
        lede="What is declared of a team, held against what the exports show.",
    )


def _total(kpi: KpiResult, *, goals: bool) -> Markup:
    goal = join(
        (tag("span", goal_of(kpi), " "), state_word(state_of(kpi.verdict)) if kpi.verdict else None)
    )
    return row(
        title(kpi),
        [
            cell(value_of(kpi), f"num {kpi.verdict or 'pass'}"),
            cell(f"{kpi.n:,}", "num"),
            cell(tag("span", beside(kpi), class_="soft")),
            *([cell(goal if kpi.goal is not None else None)] if goals else []),
        ],
    )


def _by_group(grouped: Sequence[KpiResult]) -> list[Markup]:
    tables = []
    ordered = sorted(grouped, key=lambda kpi: tuple(kpi.by))
    for names, found in groupby(ordered, key=lambda kpi: tuple(kpi.by)):
        title = spell.words(" and ".join(names))
        by_kpi: dict[str, list[KpiResult]] = {}
        for kpi in found:
            by_kpi.setdefault(kpi.title, []).append(kpi)
        inner = [_group_table(name, results, title) for name, results in by_kpi.items()]
        tables.append(
            join((tag("h3", f"By {title}", class_="next"), tag("div", *inner, class_="grid")))
        )
    return tables


def _group_table(name: str, results: Sequence[KpiResult], title: str) -> Markup:
    rows = [
        row(
            ", ".join(kpi.by.values()),
            [cell(value_of(kpi), "num"), cell(f"{kpi.n:,}", "num")],
        )
        for kpi in results[:MOST]
    ]
    left = len(results) - len(rows)
    more = tag("p", f"{left:,} more in the JSON.", class_="soft") if left > 0 else None
    columns = [(title, None), ("value", "num"), ("n", "num")]
    return tag("div", table(columns, rows, label=f"{name} by {title}", caption=name), more)


def _not_computable(missing: Sequence[KpiResult]) -> Markup:
    if not missing:
        return NOTHING
    told = [
        join((tag("b", ", ".join((title(kpi), *kpi.by.values()))), f": {without(kpi.reason)}"))
        for kpi in missing
    ]
    return join((tag("h3", "Not computable from these exports", class_="next"), listed(told)))


def _model(model: ModelResult) -> Markup:
    whose = f"{model.team}: {spell.words(model.model)}" if model.team else spell.words(model.model)
    return join(
        (
            tag("h3", whose[:1].upper() + whose[1:] if not model.team else whose, class_="next"),
            tag("ul", *(_claim(claim) for claim in model.claims), class_="claims"),
        )
    )


def _claim(claim: Claim) -> Markup:
    name = tag("b", f"{spell.words(claim.claim).capitalize().replace('Csat', 'CSAT')}: ")
    if not claim.computable or claim.value is None:
        word = "no data" if claim.computable else "not computable"
        why = claim.sentence if claim.computable else without(claim.reason)
        return tag("li", state_word("no_data", word), tag("span", name, why), tag("span"))
    if claim.holds is None:
        state = tag("span", "for the record", class_="state no_data")
    else:
        state = state_word("pass", "confirmed") if claim.holds else state_word("fail", "refuted")
    n = tag("span", f" n = {claim.n:,}", class_="soft")
    value = tag("span", tag("b", value_of(claim)), n, class_="num")
    return tag("li", state, tag("span", name, claim.sentence), value)


def without(reason: str | None) -> str:
    """Return why something cannot be computed; that it cannot is said already."""
    return (reason or "its input is missing").removeprefix("not computable: ")
