"""Claims about what a sourcing brings: adherence at the busiest hours, coverage of demand, who comes and goes."""

from __future__ import annotations

from math import ceil
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.comparison.intervals import share_difference
from kpiaudit.models.load import unnamed
from kpiaudit.models.told import MIN_SAMPLE, MOST, claim, count, missing, percent
from kpiaudit.views.hours import hour_of_week

if TYPE_CHECKING:
    from kpiaudit.models.facts import Facts
    from kpiaudit.report import Claim
    from kpiaudit.settings import Team

C = pl.col
BUSIEST = 0.1
LEAST_DAYS = 60
"""Who is away for a month has not left."""


def adherence(decided: pl.DataFrame) -> Claim:
    """Return the share of a team's decided clocks that are met."""
    n, met = decided.height, int(decided["is_met"].sum())
    if not n:
        return claim("adherence", None, "share", n=0, says="no clock of this team is decided")
    says = f"{met:,} of {count(n, 'decided clock')} met"
    return claim("adherence", met / n, "share", n=n, says=says)


def at_peak(decided: pl.DataFrame, *, is_claimed: bool) -> Claim:
    """Return adherence in the busiest tenth of hours less that in the rest.

    Hours are those a clock started in; the busiest have the most clocks, of equal ones the earlier.
    Blended and outsourced teams claim to keep up; that fails when the interval of the difference lies
    below zero.
    """
    name = "peak_adherence"
    hours = (
        decided.group_by(hour=C("started_at").dt.truncate("1h"))
        .agg(n=pl.len(), met=C("is_met").sum())
        .sort(["n", "hour"], descending=[True, False])
    )
    if hours.height <= 1:
        says = "no clock is decided" if hours.is_empty() else "all decided clocks began in one hour"
        return claim(name, None, "points", n=decided.height, says=says)
    busy = ceil(hours.height * BUSIEST)
    peak, rest = hours.head(busy), hours.slice(busy)
    (at, n), (else_, other) = shares = [share_met(part) for part in (peak, rest)]
    says = (
        f"{percent(at)} met in the busiest {count(busy, 'hour')} ({count(n, 'clock')}), {percent(else_)} "
        f"in the other {count(rest.height, 'hour')} ({count(other, 'clock')})"
    )
    holds = None
    if min(n, other) >= MIN_SAMPLE:
        _, high = share_difference(shares[1], shares[0])
        holds = high >= 0 if is_claimed else None
        says += ": it does not keep up with demand" if high < 0 else ""
    else:
        says += ": too few to tell"
    return claim(name, at - else_, "points", n=n + other, says=says, holds=holds)


def share_met(hours: pl.DataFrame) -> tuple[float, int]:
    """Return the share met in some hours, and among how many clocks."""
    n = int(hours["n"].sum())
    return int(hours["met"].sum()) / n, n


def coverage(facts: Facts, actions: pl.DataFrame, team: Team) -> Claim:
    """Return the share of customer messages on a team's channels, the declared ones or those it answers
    on, that come in hours of the week in which it has answered.

    Only an outsourced team claims to cover it.
    """
    name = "demand_coverage"
    replies = actions.filter("is_reply")
    if replies.is_empty():
        return missing(name, "share", "no reply of this team is in the exports")
    mine = list(team.channels) or replies["channel"].drop_nulls().unique().to_list()
    demand = facts.demand.filter(C("channel").is_in(mine)) if mine else facts.demand
    if demand.is_empty():
        return claim(name, None, "share", n=0, says="no customer wrote on its channels")
    staffed = hour_of_week(replies["at"], facts.time_zone).unique()
    inside = int(hour_of_week(demand["at"], facts.time_zone).is_in(staffed.implode()).sum())
    n, share = demand.height, inside / demand.height
    says = (
        f"{percent(share)} of {count(n, 'customer message')} on its channels come in the "
        f"{count(len(staffed), 'hour')} of the week in which it answers"
    )
    holds = share >= MOST if team.sourcing == "outsourced" else None
    return claim(name, share, "share", n=n, says=says, holds=holds)


def turnover(facts: Facts, actions: pl.DataFrame) -> Claim:
    """Return, over months but the last, the agents seen for the last time / the agents active in each."""
    name = "monthly_turnover"
    acted = actions.filter(C("agent").is_not_null()).select(
        "agent", month=C("at").dt.convert_time_zone(facts.time_zone).dt.date().dt.month_start()
    )
    if acted.is_empty():
        return missing(name, "share", unnamed(facts))
    days = int(actions.select((C("at").max() - C("at").min()).dt.total_days()).item())
    if days < LEAST_DAYS:
        reason = f"{LEAST_DAYS} days of actions are needed, there are {days}"
        return missing(name, "share", reason)
    months = acted["month"].unique().sort()
    agents = acted.group_by("agent").agg(first=C("month").min(), last=C("month").max())
    active = acted.unique().filter(C("month") < months[-1]).height
    left = agents.filter(C("last") < months[-1]).height
    joined = agents.filter(C("first") > months[0]).height
    says = (
        f"of {count(agents.height, 'agent')} in {len(months)} months {joined:,} joined after the first and "
        f"{left:,} left before the last: {percent(left / active)} a month"
    )
    return claim(name, left / active, "share", n=agents.height, says=says)
