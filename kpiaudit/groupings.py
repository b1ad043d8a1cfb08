"""Dimensions that follow from others: the tier from the team, hours and days from the instant, one tag of
many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, TypeVar

import polars as pl

from kpiaudit.local_time import time_columns

if TYPE_CHECKING:
    from kpiaudit.settings import Team

C = pl.col
Frame = TypeVar("Frame", pl.DataFrame, pl.LazyFrame)
NEEDED_FOR = {"tier": "team", "tag": "tags"}
"""Dimension to the column of MESSAGES it is made of."""


def read_for(names: Iterable[str]) -> frozenset[str]:
    """Return the columns that the named dimensions are made of."""
    return frozenset(NEEDED_FOR.get(name, name) for name in names)


def tier_of(teams: Sequence[Team]) -> pl.Expr:
    """Return the tier of column `team`, null for a team without one."""
    tiers = {team.name: str(team.tier) for team in teams if team.tier is not None}
    if not tiers:
        return pl.lit(None, pl.String)
    return C("team").cast(pl.String).replace_strict(tiers, default=None, return_dtype=pl.String)


def with_derived(
    frame: pl.DataFrame, names: Iterable[str], *, at: str, zone: str, teams: Sequence[Team]
) -> pl.DataFrame:
    """Return a frame that has `team` with the tier and the times among the names, of instant `at`."""
    wanted = set(names)
    made = time_columns(at, wanted, zone)
    if "tier" in wanted:
        made["tier"] = tier_of(teams)
    return frame.with_columns(**made) if made else frame


def spread(frame: Frame, by: Sequence[str]) -> Frame:
    """Return a row per tag of each row where a table is by `tag`, one where a tag is written twice; a row
    without tags stays one.
    """
    each = C("tags").list.unique(maintain_order=True)
    return frame.with_columns(tag=each).explode("tag") if "tag" in by else frame
