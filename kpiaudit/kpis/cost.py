"""Cost and effort: replies, active hours and what they cost.

An active hour is an hour of the clock in which an agent wrote anything; where an hour's messages belong to
several groups, each has its share of it, so that groups add up to the whole.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.calendars.business_time import elapsed
from kpiaudit.kpis.measures import Measure, mean

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.calendars.business_time import Calendar
    from kpiaudit.kpis.seen import Seen
    from kpiaudit.settings import Team

C = pl.col
HOUR: Final = "1h"
EXTENT: Final = (
    C("active").sum(),
    C("active_hour").min().alias("first"),
    C("active_hour").max().dt.offset_by(HOUR).alias("last"),
)
PARTS: Final = 232_792_560 * 10**6
"""Into so many an hour is divided: what 1 to 20 divide. Shares are whole numbers of them, for sums of floats
depend on their order."""
HOURS: Final = C("hours").cast(pl.Int128).sum() / PARTS
COST: Final = C("cost").sum() / PARTS
FROM_ACTIONS: Final = frozenset({"replies_per_hour", "cost_per_conversation", "active_hour_share"})

MEASURES: Final = (
    mean("replies_per_conversation", "conversations", "replies", numerator=C("replies").sum()),
    Measure(
        "replies_per_hour",
        "actions",
        C("is_reply").sum() / HOURS,
        C("is_reply").sum(),
        {"active_hours": HOURS},
    ),
    Measure(
        "active_hour_share",
        "agents",
        C("active").sum() / C("open").sum(),
        pl.len(),
        {"open_hours": C("open").sum() / 3600, "active_hours": C("active").sum() / 3600},
    ),
    Measure(
        "cost_per_conversation",
        "actions",
        COST / C("conversation").filter(C("cost").is_not_null()).n_unique(),
        C("conversation").filter(C("cost").is_not_null()).n_unique(),
        {"cost": COST},
    ),
)


def columns(seen: Seen, wanted: frozenset[str]) -> dict[str, pl.Series]:
    """Return the columns of conversations these measures take."""
    if "replies_per_conversation" not in wanted:
        return {}
    whole = seen.telling(seen.ordered["grain"] == "message")
    return {"replies": seen.count("reply").set(~whole, None)}


def with_hours(actions: pl.DataFrame, teams: Sequence[Team]) -> pl.DataFrame:
    """Return actions, by `agent` and `team`, with `active_hour`, `hours` (the share of it that is this
    action's, in PARTS) and `cost` (in PARTS of the money).
    """
    costs = {team.name: team.cost_per_hour for team in teams if team.cost_per_hour is not None}
    actions = actions.with_columns(active_hour=C("sent_at").dt.truncate(HOUR))
    times = times_seen(places(actions))
    actions = actions.with_columns(hours=in_parts(times))
    if not costs:
        return actions.with_columns(cost=pl.lit(None, pl.Int8))
    rate = C("team").cast(pl.String)
    rate = rate.replace_strict(costs, default=None, return_dtype=pl.Float64)
    return actions.with_columns(cost=(rate * C("hours")).round().cast(pl.Int128))


def places(actions: pl.DataFrame) -> pl.Series:
    """Return a number for each agent's hour, from 0 on; of 32 bits where they are enough."""
    number = (C("active_hour").to_physical() / 3_600_000_000).cast(pl.Int64)  # whole; `//` is slow
    agent = C("agent").to_physical()
    first, last, most = actions.select(
        first=number.min(), last=number.max(), most=agent.max().cast(pl.Int64)
    ).row(0)
    span = 1 if first is None else last - first + 1
    kind = pl.UInt32 if (most or 0) * span + span < 2**32 else pl.Int64
    place = agent.cast(kind) * pl.lit(span, kind) + (number - first).cast(kind)
    return actions.select(place.alias("place"))["place"]


def in_parts(times: pl.Series) -> pl.Series:
    """Return the share of an hour that is each of so many times' own, in whole PARTS."""
    most = times.max()
    each = pl.int_range(1, (most if isinstance(most, int) else 0) + 1, dtype=pl.Int64, eager=True)
    return (PARTS / each).round().cast(pl.Int64).gather(times - 1)


def times_seen(places: pl.Series) -> pl.Series:
    """Return for each number how often it occurs; by a table where the numbers lie close together."""
    highest = places.max()
    if isinstance(highest, int) and highest < min(8 * len(places) + 1024, 2**32):
        runs = places.cast(pl.UInt32).sort().rle()
        table = pl.repeat(0, highest + 1, dtype=pl.UInt32, eager=True)
        return table.scatter(runs.struct["value"], runs.struct["len"]).gather(places)
    counts = places.value_counts(name="times")
    found = places.to_frame().join(counts, on="place", how="left", maintain_order="left")
    return found["times"]


def activity(actions: pl.DataFrame, calendar: Calendar, names: Sequence[str]) -> pl.DataFrame:
    """Return per agent, with its `names`, the open seconds of its active hours (`active`) and those from the
    first of these hours to the end of the last (`open`); who was never active in open time is left out.
    """
    whole = hours_of(actions, calendar).group_by("agent").agg(EXTENT)
    is_open = elapsed(calendar, whole["first"], whole["last"]).dt.total_seconds()
    whole = whole.with_columns(open=is_open).filter(C("active") > 0)
    names = [name for name in names if name != "agent"]
    return whole.join(last_names(actions, names), on="agent", how="left") if names else whole


def last_names(actions: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Return per agent the `names` of its last action; of several at that instant, the first by name."""
    is_last = C("sent_at") == C("sent_at").max().over("agent")
    last = actions.filter(is_last).select("agent", *names)
    last = last.sort([C(name).cast(pl.String) for name in names], nulls_last=True)
    return last.unique("agent", keep="first", maintain_order=True)


def hours_of(actions: pl.DataFrame, calendar: Calendar) -> pl.DataFrame:
    """Return each agent's active hours with their open seconds (`active`)."""
    hours = actions.select("agent", "active_hour").unique()
    ends = hours["active_hour"].dt.offset_by(HOUR)
    return hours.with_columns(
        active=elapsed(calendar, hours["active_hour"], ends).dt.total_seconds()
    )


def activity_in(actions: pl.DataFrame, calendar: Calendar, periods: pl.DataFrame) -> pl.DataFrame:
    """Return the same per agent and period, as far as it was open between the agent's first hour and last.

    `periods`: their name and, as `begin` and `end`, their instants. They tile the actions: the parts sum to
    the whole of `activity`.
    """
    name = periods.columns[0]
    hours = hours_of(actions, calendar)
    whole = hours.group_by("agent").agg(EXTENT).filter(C("active") > 0)
    parts = whole.drop("active").join(periods, how="cross")
    parts = parts.with_columns(
        begin=pl.max_horizontal("begin", "first"), end=pl.min_horizontal("end", "last")
    ).filter(C("begin") < C("end"))
    is_open = elapsed(calendar, parts["begin"], parts["end"]).dt.total_seconds()
    dated = hours.sort("active_hour").join_asof(
        periods.sort("begin"), left_on="active_hour", right_on="begin"
    )
    active = dated.group_by("agent", name).agg(C("active").sum())
    parts = parts.with_columns(open=is_open).join(active, on=["agent", name], how="left")
    return parts.with_columns(C("active").fill_null(0)).filter(C("open") > 0)
