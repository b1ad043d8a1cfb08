"""Claims of tiered service: who solves, who passes on, and whose turn burnt the clock."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.models.told import claim, count, missing, part, percent, time

if TYPE_CHECKING:
    from kpiaudit.models.facts import Facts
    from kpiaudit.report import Claim
    from kpiaudit.settings import Team

C = pl.col


def tiered(facts: Facts, teams: Sequence[Team]) -> tuple[Claim, ...]:
    """Return per tier what it solved and how long its answers took, and how many conversations moved up."""
    tiers = {team.name: team.tier for team in teams if team.tier is not None}
    of_team = C("team").replace_strict(tiers, default=None, return_dtype=pl.Int64)
    replies = facts.actions.filter("is_reply").with_columns(tier=of_team)
    replies = replies.filter(C("tier").is_not_null())
    if replies.is_empty():
        return (
            missing("escalation_rate", "share", "no reply of a team with a tier is in the exports"),
        )
    known = sorted(set(tiers.values()))
    return (
        escalations(replies),
        *solved(facts, replies, known),
        *times(facts.spans.with_columns(tier=of_team), known),
    )


def escalations(replies: pl.DataFrame) -> Claim:
    """Return the conversations a higher tier replied in after a lower one / those any tier replied in."""
    moved = replies.group_by("conversation", maintain_order=True).agg(
        up=(C("tier") > C("tier").cum_min()).any()
    )
    n, up = moved.height, int(moved["up"].sum())
    says = f"{part(up, n, 'conversation')} moved up a tier"
    return claim("escalation_rate", up / n, "share", n=n, says=says)


def solved(facts: Facts, replies: pl.DataFrame, tiers: Sequence[int]) -> list[Claim]:
    """Return the share of resolved conversations each tier replied last in."""
    names = [f"solved_by_tier_{tier}" for tier in tiers]
    if not facts.has_statuses:
        return [missing(name, "share", "no export tells of statuses") for name in names]
    resolved = facts.conversations.filter("is_resolved").select("conversation")
    last = (
        replies.group_by("conversation", maintain_order=True)
        .agg(C("tier").last())
        .join(resolved, on="conversation", how="semi")
    )
    if last.is_empty():
        says = "no conversation a tier replied in is resolved"
        return [claim(name, None, "share", n=0, says=says) for name in names]
    counts = dict(last.group_by("tier").len().rows())
    n = last.height
    found = []
    for name, tier in zip(names, tiers, strict=True):
        own = counts.get(tier, 0)
        says = f"tier {tier} wrote last in {part(own, n, 'resolved conversation')}"
        found.append(claim(name, own / n, "share", n=n, says=says))
    return found


def times(spans: pl.DataFrame, tiers: Sequence[int]) -> list[Claim]:
    """Return each tier's share of the time conversations lay open with a tier: who burnt the clock."""
    told = spans.filter(C("tier").is_not_null())
    total = int(told["spent"].sum())
    found = []
    for tier in tiers:
        name, mine = f"tier_{tier}_share_of_time", told.filter(C("tier") == tier)
        n = mine["conversation"].n_unique()
        if not total:
            says = "no conversation lay open with a tier"
            found.append(claim(name, None, "share", n=0, says=says))
            continue
        spent = int(mine["spent"].sum())
        says = f"{count(n, 'conversation')} lay with tier {tier}"
        if n:
            says += (
                f", {time(spent / n / 1e6)} on average, {percent(spent / total)} of all open time"
            )
        found.append(claim(name, spent / total, "share", n=n, says=says))
    return found
