"""How long waits took: counts between edges, one of which is the target."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import polars as pl

from kpiaudit.views.shown import Distribution
from kpiaudit.whatif.supposed import LADDER

C = pl.col
SHORTEST: Final = 60
"""The shortest edge is no less than this fraction of the target..."""
LONGEST: Final = 24
"""... and the longest no more than this multiple of it."""
MICROSECOND: Final = timedelta(microseconds=1)


def edges_for(target: timedelta) -> tuple[timedelta, ...]:
    """Return 0, the targets people usually promise around this one, and the target itself, ascending."""
    around = {step for step in LADDER if target / SHORTEST <= step <= target * LONGEST}
    return tuple(sorted({timedelta(), target, *around}))


def distribution_of(judged: pl.DataFrame, *, sla: str, target: timedelta) -> Distribution:
    """Return the elapsed time of one SLA's met and breached clocks between edges.

    Equal is met: a wait of exactly an edge is counted below it, so that the counts below the target
    hold what met it and those above what did not.
    """
    edges = edges_for(target)
    limits = pl.Series([edge // MICROSECOND for edge in edges[1:]], dtype=pl.Int64)
    is_decided = (C("outcome") == "met") | (C("outcome") == "breached")
    waits = judged.filter(is_decided)["elapsed"].dt.total_microseconds()
    bins = limits.search_sorted(waits, side="left")
    counted = bins.rename("bin").value_counts()
    found = dict(zip(counted["bin"], counted["count"], strict=True))
    return Distribution(
        sla=sla,
        target_seconds=target.total_seconds(),
        edges_seconds=tuple(edge.total_seconds() for edge in edges),
        counts=tuple(int(found.get(place, 0)) for place in range(len(edges))),
    )
