"""What comes first: groups by how badly they do, and which of them say nothing."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Final, TypeVar

from kpiaudit.kpis.catalogue import ON_SCREEN, leading_for

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Sequence

    from kpiaudit.report import Group, KpiResult, Report, SlaResult

Item = TypeVar("Item")
TIMES: Final = frozenset({"hour", "weekday", "day", "week", "month"})
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
UNASSIGNED: Final = "(unassigned)"
NOBODY: Final = frozenset({UNASSIGNED, "(none)"})
"""A dimension with no other value tells nothing: its one group is the total."""


def worst_first(groups: Sequence[Group]) -> list[Group]:
    """Return groups by adherence, the lowest first, then most breached, undecided last, then by name."""
    return sorted(
        groups,
        key=lambda g: (
            g.figures.adherence is None,
            g.figures.adherence or 0.0,
            -g.figures.breached,
            tuple(g.by.values()),
        ),
    )


def tables_of(sla: SlaResult) -> list[tuple[tuple[str, ...], list[Group]]]:
    """Return (dimensions, groups worst first) of every table of an SLA that tells anything."""
    tables = []
    for dimensions in dict.fromkeys(tuple(group.by) for group in sla.groups):
        ranked = worst_first([group for group in sla.groups if tuple(group.by) == dimensions])
        says_nothing = len(ranked) == 1 and set(ranked[0].by.values()) <= NOBODY
        if not says_nothing or sla.groups == (ranked[0],):
            tables.append((dimensions, ranked))
    return tables


def shown_of(ranked: Sequence[Group], most: int) -> list[Group]:
    """Return the `most` worst of ranked groups, with the worst that nobody was assigned to; hours, days and
    months in their own order.
    """
    shown = cut(ranked, most, lambda group: group.by.values())
    if shown and TIMES & shown[0].by.keys():
        shown.sort(key=lambda group: [in_time(name, at) for name, at in group.by.items()])
    return shown


def cut(ranked: Sequence[Item], most: int, named: Callable[[Item], Collection[str]]) -> list[Item]:
    """Return the first `most`; where nobody's (`named` tells whose one is) are all beyond, the first of them too.

    Of agents crossed with days there is one of nobody's for every day: all of them would bury the rest.
    """
    shown = list(ranked[:most])
    if not any(UNASSIGNED in named(item) for item in shown):
        beyond = (item for item in ranked[most:] if UNASSIGNED in named(item))
        shown += islice(beyond, 1)
    return shown


def largest(kpis: Iterable[KpiResult], most: int) -> tuple[list[tuple[str, ...]], int]:
    """Return the `most` groups of one table that count most, cut likewise, in the order of the report; and how
    many there are.
    """
    weight: dict[tuple[str, ...], int] = {}
    for kpi in kpis:
        group = tuple(kpi.by.values())
        weight[group] = max(weight.get(group, 0), kpi.n)
    ranked = sorted(weight, key=weight.__getitem__, reverse=True)
    shown = set(cut(ranked, most, lambda group: group))
    return [group for group in weight if group in shown], len(weight)


def in_time(name: str, label: str) -> tuple[int, str]:
    """Return what labels of a dimension are ordered by: their letters, but weekdays from Monday on."""
    is_weekday = name == "weekday" and label in WEEKDAYS
    return (WEEKDAYS.index(label) if is_weekday else len(WEEKDAYS), label)


def leading(report: Report) -> list[KpiResult]:
    """Return the figures of the first screen: what the firm competes on, what it set a goal for, then what stands
    in for it.
    """
    ranked = sorted(
        report.kpis, key=lambda kpi: kpi.verdict == "fail"
    )  # of two goals the one missed
    totals = {kpi.kpi: kpi for kpi in ranked if not kpi.by and not kpi.when}
    gated = [name for name, kpi in totals.items() if kpi.verdict is not None]
    asked = leading_for(report.promise.competes_on, gated)
    wanted = [name for name in asked if name in totals]
    known = [totals[name] for name in wanted if totals[name].value is not None]
    return known[:ON_SCREEN]
