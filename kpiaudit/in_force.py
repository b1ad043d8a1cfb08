"""When another SLA comes into force while a clock runs: told of every clock, and where a clock restarts."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.dimensions import (
    LAST_KNOWN,
    STARTED,
    end_rows,
    last_known,
    matching,
    named_team,
    read_at,
)
from kpiaudit.schema import UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.clocks import Clocks
    from kpiaudit.settings import Sla, Team, When

C = pl.col
RESPONSES = ("first_response", "next_response")


def changing(when: When) -> When:
    """Return the part of a `when` that may change on the way: priority, team, tag."""
    return {key: words for key, words in when.items() if column(key) in LAST_KNOWN}


def column(key: str) -> str:
    """Return the column that a key of `when` reads."""
    return "tags" if key == "tag" else key


def known(names: Sequence[str], suffix: str = "") -> pl.Expr:
    """Return whether every one of these dimensions had a value: learning of one changes nothing."""
    values = [C(name + suffix) for name in names]
    named = [
        value.cast(pl.String) != UNASSIGNED if name == "team" else value.is_not_null()
        for name, value in zip(names, values, strict=True)
    ]
    return pl.all_horizontal(*named)


def changes_on_the_way(clocks: pl.DataFrame, slas: Sequence[Sla]) -> pl.Expr:
    """Return `policy_changed`: an SLA of the clock's metric matches at its stop but not at its start, or
    the other way round.
    """
    changed = [
        known([column(key) for key in part], STARTED)
        & (matching(part, clocks.columns) != matching(part, clocks.columns, in_force=True))
        & C("metric").is_in(metrics_of(sla))
        for sla in slas
        if (part := changing(sla.when))
        and all(column(key) + STARTED in clocks.columns for key in part)
    ]
    found = reduce(or_, changed) if changed else pl.lit(value=False)
    return found.fill_null(value=False).alias("policy_changed")


def metrics_of(sla: Sla) -> tuple[str, ...]:
    """Return the clocks an SLA judges: `every_response` is first and next response together."""
    return RESPONSES if sla.metric == "every_response" else (sla.metric,)


def restarted(
    described: pl.DataFrame,
    found: Clocks,
    ordered: pl.DataFrame,
    *,
    slas: Sequence[Sla],
    teams: Sequence[Team],
) -> pl.DataFrame:
    """Return the clocks begun again at the last row that brought another SLA of their metric into force.

    A change in the row that stops a clock comes too late for it.
    """
    by_metric: dict[str, list[When]] = {}
    for sla in slas:
        for metric in metrics_of(sla):
            if part := changing(sla.when):
                by_metric.setdefault(metric, []).append(part)
    if not by_metric:
        return described
    start, stop = described["start_index"], described["stop_index"]
    before_stop = stop.clip(1) - 1
    until = before_stop.zip_with(stop.is_not_null(), end_rows(found, described))
    rows = states(
        ordered, {column(key) for whens in by_metric.values() for w in whens for key in w}, teams
    )
    for metric, whens in by_metric.items():
        turned = last_turn(rows, whens).gather(until)
        is_it = (described["metric"] == metric) & (turned > start)
        start = turned.zip_with(is_it.fill_null(value=False), start)
    return described.with_columns(start_index=start, started_at=ordered["sent_at"].gather(start))


def states(ordered: pl.DataFrame, names: set[str], teams: Sequence[Team]) -> pl.DataFrame:
    """Return per row of the ordered messages what is known by then of each dimension."""
    here = pl.int_range(ordered.height, dtype=pl.UInt32, eager=True)
    rows = ordered.select("conversation").with_columns(
        read_at(ordered, name, last_known(ordered, name, here)).alias(name)
        for name in sorted(names)
    )
    return (
        rows.with_columns(team=named_team(teams, "team").fill_null(UNASSIGNED))
        if "team" in names
        else rows
    )


def last_turn(rows: pl.DataFrame, whens: Sequence[When]) -> pl.Series:
    """Return per row the last row, at or before it, at which any of the `whens` began or ceased to match;
    it may be one of an earlier conversation.
    """
    same = C("conversation") == C("conversation").shift()
    turns = [
        same
        & known([column(key) for key in when]).shift()
        & (matching(when, rows.columns) != matching(when, rows.columns).shift())
        for when in whens
    ]
    here = pl.int_range(pl.len(), dtype=pl.UInt32)
    return rows.select(
        pl.when(reduce(or_, turns).fill_null(value=False)).then(here).forward_fill().alias("turn")
    ).to_series()
