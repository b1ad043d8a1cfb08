"""Judged clocks into sides and strata: who is compared, and among which waits alike."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.groupings import with_derived
from kpiaudit.local_time import label, time_columns
from kpiaudit.schema import NONE
from kpiaudit.summary import ANSWERS

if TYPE_CHECKING:
    from kpiaudit.settings import Team

C = pl.col
HOURS_A_DAY = 24
STARTED = "started_at"
DECLARED = "team."
"""What the policy declares of a clock's team goes by this and its name."""
JOINED = " / "


def keyed(
    judged: pl.DataFrame,
    side: pl.Expr | Sequence[str],
    strata: Sequence[str],
    *,
    time_zone: str,
    teams: Sequence[Team] = (),
) -> pl.DataFrame:
    """Return one SLA's judged clocks as `side`, each of `strata`, `is_met` (null: not decided) and
    `seconds` (null: not answered); excluded ones are left out.

    The side is an expression, or the dimensions that make it. Hours and days are those a clock started
    in, on the clocks of the zone.
    """
    outcome, reason = C("outcome").cast(pl.String), C("stop_reason").cast(pl.String)
    decided = pl.when(outcome.is_in(["met", "breached"])).then(outcome == "met")
    seconds = C("elapsed").dt.total_microseconds() / 1e6
    by = () if isinstance(side, pl.Expr) else tuple(side)
    clocks = judged.filter(C("outcome") != "excluded")
    clocks = with_derived(clocks, (*by, *strata), at=STARTED, zone=time_zone, teams=teams)
    if "hour_of_week" in strata:
        clocks = clocks.with_columns(hour_of_week=hour_of_week(time_zone))
    return clocks.select(
        side=side if isinstance(side, pl.Expr) else group(by, teams),
        **{name: label(name) for name in strata},
        is_met=decided,
        seconds=pl.when(reason.is_in(ANSWERS)).then(seconds),
    )


def hour_of_week(time_zone: str) -> pl.Expr:
    """Return the hour of the local week a clock started in, 0 for Monday from midnight on."""
    made = time_columns(STARTED, ("weekday", "hour"), time_zone)
    return (made["weekday"].cast(pl.Int16) - 1) * HOURS_A_DAY + made["hour"]


def group(by: Sequence[str], teams: Sequence[Team]) -> pl.Expr:
    """Return which group of the dimensions a clock is in."""
    parts = [
        of_team(name.removeprefix(DECLARED), teams) if name.startswith(DECLARED) else label(name)
        for name in by
    ]
    return pl.concat_str(parts, separator=JOINED)


def of_team(what: str, teams: Sequence[Team]) -> pl.Expr:
    """Return what the policy declares of a clock's team: its model, sourcing or tier."""
    declared = {
        team.name: str(value) for team in teams if (value := getattr(team, what)) is not None
    }
    return label("team").replace_strict(declared, default=NONE, return_dtype=pl.String)


def tallied(clocks: pl.DataFrame, strata: Sequence[str]) -> pl.DataFrame:
    """Return per side and stratum `decided, met, n, seconds` and `spread`, the sum of squares about the
    mean; sorted.
    """
    seconds = C("seconds")
    return (
        clocks.group_by("side", *strata)
        .agg(
            decided=C("is_met").count(),
            met=C("is_met").sum(),
            n=seconds.count(),
            total=seconds.sum(),
            spread=seconds.var(ddof=0).fill_null(0.0) * seconds.count(),
        )
        .rename({"total": "seconds"})
        .sort("side", *strata)
    )
