"""Reports in which no small group can be read off, directly or as what the others leave of the total."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Final, TypeVar

if TYPE_CHECKING:
    from kpiaudit.privacy import Pseudonyms
    from kpiaudit.report import Breach, KpiResult, ModelResult, Report, SlaResult
    from kpiaudit.whatif.outlook import AtRisk

Key = TypeVar("Key")
Listed = TypeVar("Listed", "Breach", "AtRisk")
BY_PEOPLE: Final = (("team",), ("agent",))
"""The tables that decide which teams and agents a list of clocks may name."""
WITHHELD: Final = "(withheld)"
UNASSIGNED: Final = "(unassigned)"


def suppressed(report: Report, least: int) -> Report:
    """Return a report without groups of fewer than `least` clocks, nor any that would give one away.

    Of a table from which one group is missing the total less the others is that group: the next
    smallest goes too, until what is missing holds `least` clocks and two groups. A breach's agent and
    team are withheld where their group is, and what a team's model claims of fewer. `least` 0 changes
    nothing.
    """
    if not least:
        return report
    return replace(
        report,
        slas=tuple(with_large_groups(sla, least) for sla in report.slas),
        breaches=without_small(report.breaches, report, least),
        kpis=kpis_of_many(report.kpis, least),
        models=tuple(of_many(model, least) for model in report.models),
    )


def too_small(sizes: Mapping[Key, int], least: int) -> set[Key]:
    """Return the groups of one table to be kept out, by their sizes: the small ones, and what hides them."""
    ranked = sorted(sizes, key=sizes.__getitem__)
    hidden = [group for group in ranked if sizes[group] < least]
    rest = ranked[len(hidden) :]
    while hidden and rest and (len(hidden) < 2 or sum(sizes[group] for group in hidden) < least):
        hidden.append(rest.pop(0))  # two hide each other
    return set(hidden)


def of_many(model: ModelResult, least: int) -> ModelResult:
    """Return a team's service model without claims that rest on fewer."""
    if not model.team:
        return model
    told = tuple(claim for claim in model.claims if not 0 < claim.n < least)
    return replace(model, claims=told)


def with_large_groups(sla: SlaResult, least: int) -> SlaResult:
    """Return an SLA without the groups to be kept out."""
    hidden = hidden_groups(sla, least)
    return replace(sla, groups=tuple(group for group in sla.groups if key(group.by) not in hidden))


def hidden_groups(sla: SlaResult, least: int) -> set[tuple[tuple[str, str], ...]]:
    """Return the groups of an SLA to be kept out, table by table."""
    hidden: set[tuple[tuple[str, str], ...]] = set()
    for dimensions in {tuple(group.by) for group in sla.groups}:
        table = [group for group in sla.groups if tuple(group.by) == dimensions]
        sizes = {key(group.by): group.figures.clocks for group in table}
        hidden |= too_small(dict(sorted(sizes.items())), least)
    return hidden


def key(by: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Return what names a group."""
    return tuple(sorted(by.items()))


def without_small(breaches: Sequence[Listed], report: Report, least: int) -> tuple[Listed, ...]:
    """Return breaches, or what is about to be one, whose agent and team are withheld where their groups are, or are in no table."""
    shown: dict[str, set[tuple[tuple[str, str], ...]]] = {}
    for sla in report.slas:
        if sla.name not in shown:
            groups = {key(group.by) for group in sla.groups}
            shown[sla.name] = groups - hidden_groups(sla, least)

    def told(sla: str, dimension: str, value: str) -> str:
        is_shown = (((dimension, value),) in shown[sla]) or value in {"", UNASSIGNED}
        return value if is_shown else WITHHELD

    return tuple(
        replace(one, agent=told(one.sla, "agent", one.agent), team=told(one.sla, "team", one.team))
        if one.sla in shown
        else one
        for one in breaches
    )


def kpis_of_many(kpis: Sequence[KpiResult], least: int) -> tuple[KpiResult, ...]:
    """Return KPIs without groups counted over fewer, nor the next smallest where one alone would miss."""
    hidden: set[int] = set()
    tables: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    for at, kpi in enumerate(kpis):
        if kpi.by:
            tables.setdefault((kpi.kpi, tuple(kpi.by)), []).append(at)
    for places in tables.values():
        ranked = sorted(places, key=lambda at: key(kpis[at].by))
        hidden |= too_small({at: kpis[at].n for at in ranked}, least)
    return tuple(kpi for at, kpi in enumerate(kpis) if at not in hidden)


def banner(
    report: Report, pseudonyms: Pseudonyms | None, *, min_group: int, quotes: int = 0
) -> tuple[str, ...]:
    """Return what was done so that nobody is shown; nothing of a report of nothing."""
    if not report.exports:
        return ()
    told = ["agents by name, no customer, no message text"]
    if quotes:
        told = ["agents by name, no customer; messages are quoted, redacted as well as can be told"]
    if pseudonyms is not None:
        key_told = (
            f"key {pseudonyms.key_id}" if pseudonyms.is_lasting else "a key of this run alone"
        )
        told = [f"pseudonyms ({key_told}), which are personal data still; no message text"]
    if min_group:
        told.append(
            f"groups of fewer than {min_group} clocks are not shown, nor what gives them away"
        )
    return tuple(told)
