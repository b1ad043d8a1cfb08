"""Claims about the load of agents: channels, active hours, idle gaps, balance, what a designated team does."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.kpis.cost import activity
from kpiaudit.models.told import (
    EVEN,
    HALF,
    MOST,
    claim,
    count,
    listed,
    missing,
    part,
    percent,
    time,
)

if TYPE_CHECKING:
    from kpiaudit.calendars.business_time import Calendar
    from kpiaudit.models.facts import Facts
    from kpiaudit.report import Claim

C = pl.col
SOCIAL = "social"
NO_AGENT = "no export names the agents of its replies"
NO_REPLY = "no reply of this team is in the exports"
NO_CHANNEL = "no export names the channel of its replies"
TWO = 2


def unnamed(facts: Facts) -> str:
    """Return what is missing where no agent acts: their names, or any action at all."""
    return NO_REPLY if "agent" in facts.has else NO_AGENT


def channels_of_agents(
    facts: Facts, actions: pl.DataFrame, channels: Sequence[str]
) -> tuple[Claim, Claim]:
    """Return on how many channels agents answer, and how many on social and others, which only a team of
    social and other channels claims.
    """
    names = ("channels_per_agent", "social_and_other_share")
    replies = actions.filter("is_reply", C("agent").is_not_null())
    reason = unnamed(facts) if replies.is_empty() else None
    if reason is None and replies["channel"].null_count() == replies.height:
        reason = NO_CHANNEL
    if reason:
        return missing(names[0], "ratio", reason), missing(names[1], "share", reason)
    agents = replies.group_by("agent").agg(
        channels=C("channel").drop_nulls().n_unique(),
        on_social=(C("channel") == SOCIAL).any(),
        elsewhere=(C("channel") != SOCIAL).any(),
    )
    n = agents.height
    several = int((agents["channels"] >= TWO).sum())
    mean = float(agents["channels"].sum()) / n
    says = f"{part(several, n, 'agent')} answer on two channels or more, {mean:.1f} on average"
    per_agent = claim(names[0], mean, "ratio", n=n, says=says, holds=several / n >= HALF)
    both = int((agents["on_social"] & agents["elsewhere"]).sum())
    says = f"{part(both, n, 'agent')} answer on social and on other channels"
    holds = both / n >= HALF if SOCIAL in channels and set(channels) != {SOCIAL} else None
    return per_agent, claim(names[1], both / n, "share", n=n, says=says, holds=holds)


def active_hours(
    facts: Facts, actions: pl.DataFrame, calendar: Calendar | None
) -> tuple[Claim, Claim]:
    """Return which share of the open hours has an action, and the longest idle gap of a day; the first is
    not computable without a calendar.
    """
    acted = actions.filter(C("agent").is_not_null()).select(
        "agent", "at", local=C("at").dt.convert_time_zone(facts.time_zone)
    )
    names = ("active_hour_share", "longest_idle_gap")
    if acted.is_empty():
        return missing(names[0], "share", unnamed(facts)), missing(
            names[1], "seconds", unnamed(facts)
        )
    acted = acted.with_columns(day=C("local").dt.date(), hour=C("at").dt.truncate("1h"))
    return active_share(acted, calendar), idle_gap(acted)


def active_share(acted: pl.DataFrame, calendar: Calendar | None) -> Claim:
    """Return open time of hours with an action / open time from each agent's first to the last, as the KPI."""
    name = "active_hour_share"
    if calendar is None:
        return missing(name, "share", "no calendar of an SLA says when the team is open")
    agents = activity(acted.select("agent", active_hour="hour"), calendar, ())
    if agents.is_empty():
        return claim(name, None, "share", n=0, says="no agent acted in an open hour")
    active, due = (int(agents[column].sum()) / 3600 for column in ("active", "open"))
    n = agents.height
    says = (
        f"{count(n, 'agent')} did something in {active:,.1f} of {due:,.1f} open hours between each one's "
        "first and last; a proxy of utilization"
    )
    return claim(name, active / due, "share", n=n, says=says)


def idle_gap(acted: pl.DataFrame) -> Claim:
    """Return the median, over agents and days, of the longest time between two actions."""
    days = (
        acted.sort("agent", "at")
        .group_by("agent", "day")
        .agg(gap=C("at").diff().dt.total_microseconds().max() / 1e6)
        .drop_nulls("gap")
    )
    if days.is_empty():
        says = "no agent acted twice on one day"
        return claim("longest_idle_gap", None, "seconds", n=0, says=says)
    middle = float(days["gap"].quantile(0.5, "linear") or 0.0)
    says = f"on half of {count(days.height, 'agent-day')} nothing was done for {time(middle)} or longer"
    return claim("longest_idle_gap", middle, "seconds", n=days.height, says=says)


def balance(facts: Facts, actions: pl.DataFrame) -> tuple[Claim, Claim]:
    """Return the replies of the busiest and of the least busy agent against the mean."""
    names = ("busiest_to_mean", "least_busy_to_mean")
    replies = actions.filter("is_reply", C("agent").is_not_null())
    if replies.is_empty():
        return tuple(missing(name, "ratio", unnamed(facts)) for name in names)  # type: ignore[return-value]
    load = replies.group_by("agent").len().sort(["len", "agent"], descending=[True, False])
    n, mean = load.height, replies.height / load.height
    found = []
    for name, word, place in zip(names, ("busiest", "least busy"), (0, -1), strict=True):
        ratio = load["len"][place] / mean
        says = (
            f"the {word} of {count(n, 'agent')}, {load['agent'][place]}, wrote "
            f"{count(load['len'][place], 'reply', 'replies')}, {ratio:.2f} times the mean"
        )
        holds = None if n == 1 else (ratio <= EVEN if place == 0 else ratio >= 1 / EVEN)
        found.append(claim(name, ratio, "ratio", n=n, says=says, holds=holds))
    return found[0], found[1]


def designated(facts: Facts, actions: pl.DataFrame, channels: Sequence[str]) -> tuple[Claim, ...]:
    """Return whether a team works where it is designated to, and how quickly there."""
    units = {
        "designated_share": "share",
        "replies_per_active_hour": "ratio",
        "handle_time_average": "seconds",
    }
    replies = actions.filter("is_reply")
    reason = None if channels else "channels is missing in this team's table of the policy"
    if reason is None and replies.is_empty():
        reason = NO_REPLY
    if reason is None and replies["channel"].null_count() == replies.height:
        reason = NO_CHANNEL
    if reason:
        return tuple(missing(name, unit, reason) for name, unit in units.items())
    mine = replies.filter(C("channel").is_in(list(channels)))
    return (
        designated_share(replies, mine, channels),
        replies_per_hour(facts, mine),
        handle_time(facts, mine),
    )


def designated_share(replies: pl.DataFrame, mine: pl.DataFrame, channels: Sequence[str]) -> Claim:
    """Return the share of replies on the channels a team is designated to, and where the rest is."""
    n, share = replies.height, mine.height / replies.height
    says = f"{percent(share)} of its replies are on {listed(list(channels))}"
    rest = (
        replies.filter(~C("channel").is_in(list(channels)).fill_null(value=False))
        .group_by(C("channel").fill_null("no named channel"))
        .len()
        .sort(["len", "channel"], descending=[True, False])
    )
    if rest.height:
        others = [f"{percent(size / n)} on {name}" for name, size in rest.rows()]
        says += f"; {listed(others)}"
    if share < MOST:
        says = f"a designated team, but {says}"
    return claim("designated_share", share, "share", n=n, says=says, holds=share >= MOST)


def replies_per_hour(facts: Facts, mine: pl.DataFrame) -> Claim:
    """Return the replies on the designated channels / hours of agents with one."""
    name = "replies_per_active_hour"
    named = mine.filter(C("agent").is_not_null())
    if named.is_empty():
        reason = NO_AGENT if "agent" not in facts.has else "no named agent replied there"
        return missing(name, "ratio", reason)
    hours = named.select("agent", C("at").dt.truncate("1h")).n_unique()
    says = f"{count(named.height, 'reply', 'replies')} in {count(hours, 'active hour')} of an agent"
    return claim(name, named.height / hours, "ratio", n=hours, says=says)


def handle_time(facts: Facts, mine: pl.DataFrame) -> Claim:
    """Return the mean working time the tool states, never inferred."""
    name = "handle_time_average"
    stated = mine["handle_time"].drop_nulls().dt.total_microseconds()
    if stated.is_empty():
        reason = "no reply there states its handle_time"
        if "handle_time" not in facts.has:
            reason = "no export states a handle_time"
        return missing(name, "seconds", reason)
    mean = float(stated.sum()) / 1e6 / len(stated)
    says = f"{time(mean)} of stated work a reply, over {count(len(stated), 'reply', 'replies')}"
    return claim(name, mean, "seconds", n=len(stated), says=says)


def cost(facts: Facts, actions: pl.DataFrame, cost_per_hour: float | None) -> Claim:
    """Return the team's cost per hour x its active hours / conversations it wrote in, as the KPI does."""
    name = "cost_per_conversation"
    if cost_per_hour is None:
        reason = "cost_per_hour is missing in this team's table of the policy"
        return missing(name, "money", reason)
    acted = actions.filter(C("agent").is_not_null())
    handled = acted["conversation"].n_unique()
    if not handled:
        return missing(name, "money", unnamed(facts))
    hours = acted.select("agent", C("at").dt.truncate("1h")).n_unique()
    value = cost_per_hour * hours / handled
    says = (
        f"{count(hours, 'active hour')} at {cost_per_hour:.2f} for "
        f"{count(handled, 'conversation')}: {value:.2f} each"
    )
    return claim(name, value, "money", n=handled, says=says)
