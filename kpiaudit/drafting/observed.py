"""What exports hold that a first policy is made of: channels, teams, hours, and promises they would keep."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.authors import DOMAIN, UNDECIDED
from kpiaudit.drafting.drafted import Kept, Observed, TeamSeen
from kpiaudit.findings import NO_OFFSET
from kpiaudit.pipeline import audit_of, read
from kpiaudit.schema import CHANNELS
from kpiaudit.settings import Settings, Sla, When
from kpiaudit.whatif.supposed import points_at, tightest, waits_of

if TYPE_CHECKING:
    from kpiaudit.audit import Reading, Request

C = pl.col
FEW_REPLIES = 40
"""Fewer human replies tell no working hours."""
IN_HOURS = 0.95
OPEN_DAY = 0.2
"""A weekday is open when it has this share of the busiest one's replies."""
MOST_TEAMS = 40
ALWAYS_HOURS = 22
HOUR = 3600
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
LADDER = (
    60, 120, 300, 600, 900, 1800, HOUR, 2 * HOUR, 3 * HOUR, 4 * HOUR, 6 * HOUR, 8 * HOUR, 12 * HOUR,
    24 * HOUR, 36 * HOUR, 48 * HOUR, 72 * HOUR, 96 * HOUR, 120 * HOUR, 168 * HOUR, 240 * HOUR, 336 * HOUR,
    504 * HOUR, 720 * HOUR, 1440 * HOUR, 2160 * HOUR, 4380 * HOUR, 8760 * HOUR, 17520 * HOUR, 43800 * HOUR,
)  # fmt: skip
"""Targets people promise, in seconds."""


def observe(request: Request) -> tuple[Observed, Reading]:
    """Return what the exports hold, and their messages. Raises `ExportError` where there is none."""
    reading = read(
        replace(
            request,
            is_inspection=True,
            keep_going=True,
            dimensions=frozenset({"channel", "team", "agent"}),
        )
    )
    zone = request.settings.time_zone or "UTC"
    ordered = reading.ordered
    writers = undecided(reading)
    replies = human_replies(ordered)
    seen = Observed(
        exports=tuple(file.name for claim in reading.found.claims for file in claim.files),
        conversations=int(ordered["conversation"].n_unique()) if ordered.height else 0,
        zoneless=zoneless(reading),
        undecided=writers,
        undecided_domain=shared_domain([name for name, _ in writers]),
        channels=channels_of(ordered),
        teams=teams_of(replies),
        hours=hours_of(replies, zone),
        replies=replies.height,
    )
    return seen, reading


def zoneless(reading: Reading) -> tuple[str, ...]:
    """Return the exports with a row refused for want of a zone."""
    rejects = reading.gathered.rejects
    refused = rejects.filter(C("rule").cast(pl.String).str.ends_with(NO_OFFSET))
    return tuple(refused["export"].cast(pl.String).unique().sort())


def undecided(reading: Reading) -> tuple[tuple[str, int], ...]:
    """Return who wrote the rows refused for want of `[us]`, with their counts: first who most often wrote
    after somebody else had begun.
    """
    rejects = reading.gathered.rejects.filter((C("rule") == UNDECIDED) & C("value").is_not_null())
    began = C("value").sort_by("row").first().over("export")
    counts = rejects.group_by(C("value").cast(pl.String)).agg(rows=pl.len())
    answers = rejects.filter(C("value") != began).group_by(C("value").cast(pl.String))
    known = counts.join(answers.agg(answers=pl.len()), on="value", how="left")
    order = known.sort(C("answers").fill_null(0), "rows", "value", descending=[True, True, False])
    return tuple(order.select("value", "rows").iter_rows())


def shared_domain(names: Sequence[str]) -> str | None:
    """Return the domain most addresses share; None where writers have none."""
    found = pl.Series("name", list(names), pl.String).str.to_lowercase().str.extract(DOMAIN)
    counts = (
        found.drop_nulls().value_counts(name="rows").sort("rows", "name", descending=[True, False])
    )
    return counts["name"][0] if counts.height and counts["rows"][0] > 1 else None


def human_replies(ordered: pl.DataFrame) -> pl.DataFrame:
    """Return the replies people of ours wrote."""
    is_reply = (C("event") == "outbound") & ~C("is_automated") & (C("author_role") != "bot")
    return ordered.filter(is_reply)


def channels_of(ordered: pl.DataFrame) -> tuple[tuple[str, int], ...]:
    """Return each channel and how many conversations it has, the busiest first."""
    asked = ordered.filter(C("event") == "inbound")
    counts = asked.group_by(C("channel").cast(pl.String)).agg(n=C("conversation").n_unique())
    known = counts.filter(C("channel").is_in(CHANNELS))
    return tuple(known.sort("n", "channel", descending=[True, False]).iter_rows())


def teams_of(replies: pl.DataFrame) -> tuple[TeamSeen, ...]:
    """Return the teams exports name, the busiest first; names that differ in case are one team's."""
    named = (
        replies.filter(C("team").is_not_null()) if "team" in replies.columns else replies.clear()
    )
    if named.is_empty():
        return ()
    channel = C("channel").cast(pl.String)
    name = C("team").cast(pl.String).str.strip_chars()
    spelled = named.with_columns(team=name).sort("team")
    counts = spelled.group_by(key=C("team").str.to_lowercase()).agg(
        C("team").mode().sort().first(),
        replies=pl.len(),
        channels=channel.drop_nulls().unique().sort(),
    )
    order = counts.sort("replies", "team", descending=[True, False]).head(MOST_TEAMS)
    return tuple(
        TeamSeen(row["team"], tuple(row["channels"]), row["replies"])
        for row in order.to_dicts()
        if row["team"].strip()
    )


def hours_of(replies: pl.DataFrame, zone: str) -> tuple[tuple[str, str], ...]:
    """Return the days and hours in which nearly all replies were written; nothing where they are few, or
    spread around the clock.
    """
    if replies.height < FEW_REPLIES:
        return ()
    local = C("sent_at").dt.convert_time_zone(zone)
    at = replies.select(day=local.dt.weekday().cast(pl.Int64), hour=local.dt.hour().cast(pl.Int64))
    days = dict(at.group_by("day").len().iter_rows())
    busiest = max(days.values())
    is_open = {day for day, count in days.items() if count >= OPEN_DAY * busiest}
    found: list[tuple[str, str]] = []
    for name, members in ("mon-fri", range(1, 6)), ("sat-sun", range(6, 8)):
        mine = sorted(is_open & set(members))
        if not mine:
            continue
        hours = at.filter(C("day").is_in(mine))["hour"]
        tail = (1 - IN_HOURS) / 2
        first = int(hours.quantile(tail, "lower") or 0)
        last = int(hours.quantile(1 - tail, "higher") or 0) + 1
        if last - first >= ALWAYS_HOURS:
            return ()
        span = f"{first:02}:00-{last:02}:00"
        labels = [name] if len(mine) == len(members) else [DAYS[day - 1] for day in mine]
        found += [(label, span) for label in labels]
    return tuple(found)


def promises(
    reading: Reading, request: Request, channels: Sequence[str], goal: float
) -> tuple[Kept, ...]:
    """Return for each channel the shortest usual target the goal is reached at, around the clock, and one
    for resolutions where any was decided; without a channel that reaches it, one for all together.
    """
    each = kept_by(reading, request, [(channel, "first_response") for channel in channels], goal)
    if not any(kept.target for kept in each):
        each += kept_by(reading, request, [("", "first_response")], goal)
    solved = kept_by(reading, request, [("", "resolution")], goal)
    return (*each, *(kept for kept in solved if kept.target))


def kept_by(
    reading: Reading, request: Request, asked: Sequence[tuple[str, str]], goal: float
) -> list[Kept]:
    """Return what each (channel, metric) would keep; an empty channel is all of them."""
    slas = [sla_for(channel, metric, goal) for channel, metric in asked]
    if not slas:
        return []
    settings = replace(request.settings, slas=tuple(slas))
    adherence = audit_of(reading, replace(request, settings=settings, by=())).adherence
    found = []
    for (channel, metric), sla in zip(asked, slas, strict=True):
        mine = adherence.filter(C("sla") == sla.name)
        waits = waits_of(mine)
        shortest = tightest(waits, goal)
        if shortest is None:
            found.append(Kept(channel, metric, mine.height, None, None, None))
            continue
        target = rounded_up(shortest.target_seconds)
        point = next(p for p in points_at(waits, [target], own=target) if p.is_own)
        exact = timedelta(seconds=shortest.target_seconds)
        found.append(Kept(channel, metric, mine.height, target, point.adherence, exact))
    return found


def sla_for(channel: str, metric: str, goal: float) -> Sla:
    """Return an SLA of one channel, or of all, with any target."""
    when: When = {"channel": (channel,)} if channel else {}
    return Sla(channel or metric, metric, timedelta(hours=1), goal, when=when)


def rounded_up(seconds: float) -> timedelta:
    """Return the next longer target of the ladder; beyond it, whole years."""
    usual = next((step for step in LADDER if step >= seconds), None)
    if usual is None:
        year = 8760 * HOUR
        usual = -(-int(seconds + 1) // year) * year
    return timedelta(seconds=usual)


def with_us(settings: Settings, us: dict[str, list[str]]) -> Settings:
    """Return the settings with people of ours besides those they name."""
    known = settings.us
    return replace(
        settings,
        us=replace(
            known,
            agents=(*known.agents, *us.get("agents", ())),
            domains=(*known.domains, *us.get("domains", ())),
        ),
    )
