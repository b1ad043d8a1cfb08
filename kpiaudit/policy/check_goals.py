"""What a goal on a KPI must keep: one bound, in the unit of its KPI."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from kpiaudit.definitions import VADER
from kpiaudit.errors import KpiauditError
from kpiaudit.kpis.catalogue import BY_ID, ON_FEELINGS, told_by_words, untold_by
from kpiaudit.policy.durations import (
    format_duration,
    format_percent,
    parse_duration,
    parse_percent,
)
from kpiaudit.policy.values import sentence, shown
from kpiaudit.policy.written import table, tables

if TYPE_CHECKING:
    from kpiaudit.policy.faults import Fault

_BOUNDS = ("at_least", "at_most")
_EXAMPLES = {"share": '"25%"', "seconds": '"1h"'}


def check_goals(policy: dict[str, Any]) -> Iterator[Fault]:
    """Yield the faults of every `[[kpi_goal]]` that its keys do not show one by one."""
    for i, goal in tables(policy, "kpi_goal"):
        given = [key for key in _BOUNDS if key in goal]
        kpi = goal.get("kpi")
        unit = BY_ID[kpi].unit if isinstance(kpi, str) and kpi in BY_ID else None
        if len(given) != 1:
            both = (
                "has at_least and at_most; write a goal for each" if given else "asks for nothing"
            )
            hint = (
                "" if given else f"; for example at_least = {_EXAMPLES.get(unit or 'share', '3')}"
            )
            yield ("kpi_goal", i), both + hint
        if kpi in ON_FEELINGS and table(policy, "definitions").get("sentiment") == VADER:
            told = f'{kpi} is a hint where [definitions] sentiment = "vader", and no goal; take one away'
            yield ("kpi_goal", i, "kpi"), told
        for key in ("goal_by", "when"):
            names = goal.get(key) or ()
            if isinstance(kpi, str) and isinstance(names, list | dict):
                for name in untold_by(kpi, filter(lambda name: isinstance(name, str), names)):
                    told = f"{kpi} cannot be told by {name!r}; only by {told_by_words(kpi)}"
                    yield ("kpi_goal", i, key), told
        for key in given:
            if unit is None or not isinstance(goal[key], str | int | float):
                continue
            try:
                bound_of(str(kpi), goal[key])
            except KpiauditError as err:
                yield ("kpi_goal", i, key), sentence(err)


def bound_of(kpi: str, written: object) -> float:
    """Return a bound in the KPI's unit: a share 0..1, seconds, or the number itself.

    Raises KpiauditError, saying what to write instead.
    """
    unit = BY_ID[kpi].unit
    if unit == "share":
        return parse_percent(written)
    if unit == "seconds":
        return parse_duration(written).total_seconds()
    if isinstance(written, bool) or not isinstance(written, int | float):
        raise KpiauditError(f"{kpi} is a number, not {shown(written)}; write 3 or 2.5")
    return float(written)


def bound_written(kpi: str, bound: float) -> str | float:
    """Return a bound as a policy writes it."""
    unit = BY_ID[kpi].unit
    if unit == "share":
        return format_percent(bound)
    return format_duration(timedelta(seconds=bound)) if unit == "seconds" else bound
