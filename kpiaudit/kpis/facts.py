"""The frames KPIs are counted in: conversations, messages of some kind, waits; with dimensions and flags.

Each frame has one row per thing counted, the dimensions asked for and one column per KPI (or for several),
null where a row does not concern it. Merged and spam conversations and what `[[exclude]]` matches are in none.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.acts import last_of_each
from kpiaudit.adherence import paused_time, with_reasons
from kpiaudit.dimensions import matching, read_at, with_teams
from kpiaudit.groupings import read_for, with_derived
from kpiaudit.kpis import (
    bots,
    calls,
    cost,
    movement,
    resolution,
    response,
    satisfaction,
    sentiment,
    volume,
)
from kpiaudit.lexicon import SCORED
from kpiaudit.schema import INSTANT, LABEL, TIMES
from kpiaudit.summary import ANSWERS

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen, Solved

C = pl.col
AT_OPENING = ("system", "source", "channel", "visibility", "platform", "category")
LAST_KNOWN = ("priority", "team", "tags")
OF_CONVERSATIONS = (volume, response, sentiment, bots, resolution, movement, satisfaction, cost)
"""Families that take columns of conversations."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """The KPIs asked for, the dimensions their tables use, and the period they are counted over."""

    kpis: frozenset[str]
    names: frozenset[str]
    zone: str
    since: datetime | None = None
    until: datetime | None = None

    @property
    def columns(self) -> frozenset[str]:
        """Dimensions that are columns of messages."""
        return read_for(self.names) - {*TIMES}

    def within(self, at: str) -> pl.Expr | None:
        """Return which instants of a column lie in the period, None for all."""
        bounds = []
        if self.since is not None:
            bounds.append(C(at) >= pl.lit(self.since, INSTANT))
        if self.until is not None:
            bounds.append(C(at) < pl.lit(self.until, INSTANT))
        return pl.all_horizontal(bounds) if bounds else None


def homes(seen: Seen, columns: frozenset[str]) -> pl.DataFrame:
    """Return the dimensions of every conversation: as at its opening, or last known of who has it."""
    ordered = seen.ordered
    made = [read_at(ordered, name, seen.opening) for name in AT_OPENING if name in columns]
    made += [
        read_at(ordered, name, latest(seen, name, C(name).is_not_null()))
        for name in LAST_KNOWN
        if name in columns
    ]
    if "agent" in columns:
        made.append(read_at(ordered, "agent", holders(seen)))
    return pl.DataFrame({"opened_at": ordered["sent_at"].gather(seen.opening)}).with_columns(made)


def holders(seen: Seen) -> pl.Series:
    """Return per conversation the last row of ours that names its agent, else the last of the customer."""
    named = C("agent").is_not_null()
    ours = latest(seen, "agent", named & movement.OURS)
    if not ours.null_count():
        return ours
    theirs = latest(seen, "agent", named & (C("event") == "inbound"))
    return ours.zip_with(ours.is_not_null(), theirs)


def latest(seen: Seen, name: str, known: pl.Expr) -> pl.Series:
    """Return per conversation its last row that knows a column, null for none."""
    if name not in seen.ordered.columns:
        return seen.last
    told = seen.ordered.with_row_index("index").filter(known).select("conversation", "index")
    return seen.per_conversation(last_of_each(told), "index")


def needed(seen: Seen, wanted: Wanted) -> frozenset[str]:
    """Return the columns of messages the dimensions and exclusions are made of."""
    names = set(wanted.columns)
    for exclusion in seen.settings.exclusions:
        names |= read_for(exclusion.when)
    if seen.settings.teams and "team" in names:
        names.add("agent")
    return frozenset(names)


def kept(seen: Seen, home: pl.DataFrame) -> pl.Series | None:
    """Return which conversations count: not merged, spam or excluded; None for all."""
    aside, exclusions = seen.clocks.set_aside, seen.settings.exclusions
    if aside.is_empty() and not exclusions:
        return None
    counts = pl.repeat(value=True, n=len(seen.last), dtype=pl.Boolean, eager=True)
    counts = counts.scatter(aside["conversation"], values=False)
    named = with_teams(home, seen.settings.teams)
    for exclusion in exclusions:
        matched = named.select(matching(exclusion.when, named.columns).alias("out"))["out"]
        counts &= ~(
            matched if len(matched) == len(counts) else matched.new_from_index(0, len(counts))
        )
    return counts


def frames(
    seen: Seen, described: pl.DataFrame, judged: Sequence[pl.DataFrame], wanted: Wanted
) -> dict[str, pl.DataFrame]:
    """Return the frames of the KPIs wanted, by grain; what agents did is counted on a thread aside."""
    home = homes(seen, needed(seen, wanted) | ({"category"} & by_category(wanted)))
    counts = kept(seen, home)
    rows = Rows(seen, home, counts, wanted)
    if not (wanted.kpis & cost.FROM_ACTIONS and seen.has("agent")):
        return of_messages(rows, described, judged)
    with ThreadPoolExecutor(1) as aside:
        acted = aside.submit(actions, rows)
        made = of_messages(rows, described, judged)
    return made | {"actions": acted.result()}


def of_messages(
    rows: Rows, described: pl.DataFrame, judged: Sequence[pl.DataFrame]
) -> dict[str, pl.DataFrame]:
    """Return the frames of the KPIs wanted but that of what agents did."""
    seen, home, counts, wanted = rows.seen, rows.home, rows.counts, rows.wanted
    made = {"conversations": conversations(seen, home, counts, wanted)}
    if wanted.kpis & {
        "inbound_messages",
        "messages_by_category",
        "service_share",
        "sentiment_share",
    }:
        made["inbound"] = inbound(rows)
    if "csat" in wanted.kpis and seen.has("rating"):
        made["ratings"] = rows.where(seen.ordered["rating"].is_not_null(), ["rating"])
    if wanted.kpis & {"handle_time_average", "handle_time_total"} and seen.has("handle_time"):
        worked = rows.where(seen.ordered["handle_time"].is_not_null(), ["handle_time"])
        seconds = C("handle_time").dt.total_microseconds() / 1e6
        made["worked"] = worked.with_columns(handle_seconds=seconds)
    if wanted.kpis & response.METRICS.keys():
        made["waits"] = waits(seen, described, wanted)
    if "backlog" in wanted.kpis and seen.solved and wanted.names & resolution.STEPS.keys():
        made["changes"] = backlog_changes(seen, seen.solved, home, counts, wanted)
    if "adherence" in wanted.kpis:
        made["judged"] = adherences(described, judged, wanted)
    return made


def by_category(wanted: Wanted) -> frozenset[str]:
    """Return `category` where a KPI counts by it."""
    counts = {"messages_by_category", "conversations_by_category", "service_share"}
    return frozenset({"category"}) if wanted.kpis & counts else frozenset()


def conversations(
    seen: Seen, home: pl.DataFrame, counts: pl.Series | None, wanted: Wanted
) -> pl.DataFrame:
    """Return one row per conversation."""
    columns: dict[str, pl.Series] = {}
    for family in OF_CONVERSATIONS:
        columns |= family.columns(seen, wanted.kpis)
    frame = home.with_columns(**columns)
    if counts is not None:
        frame = frame.filter(counts)
    within = wanted.within("opened_at")
    frame = frame if within is None else frame.filter(within)
    return dimensioned(frame, seen, wanted, at="opened_at")


def dimensioned(frame: pl.DataFrame, seen: Seen, wanted: Wanted, *, at: str) -> pl.DataFrame:
    """Return a frame with teams under the policy's names, tiers and local times."""
    teams = seen.settings.teams
    return with_derived(
        with_teams(frame, teams), wanted.names, at=at, zone=wanted.zone, teams=teams
    )


@dataclass(frozen=True, slots=True)
class Rows:
    """Picks messages and gives them dimensions: their own, else those of their conversation."""

    seen: Seen
    home: pl.DataFrame
    counts: pl.Series | None
    wanted: Wanted

    def where(
        self, mask: pl.Series, extra: Sequence[str] = (), *, also: frozenset[str] = frozenset()
    ) -> pl.DataFrame:
        """Return the messages a mask picks: `conversation`, `extra` columns and dimensions, those in `also`
        besides the ones wanted; `sent_at` where there is anything beside their number to tell.
        """
        ordered = self.seen.ordered
        if self.counts is not None:
            mask = mask & self.counts.gather(ordered["conversation"])
        names = sorted(needed(self.seen, self.wanted) | also)
        own = [name for name in names if name in ordered.columns]
        within = self.wanted.within("sent_at")
        is_timed = within is not None or self.wanted.names & {*TIMES}
        place = ["conversation", *(["sent_at"] if is_timed or extra else [])]
        picked = ordered.select(list(dict.fromkeys([*place, *own, *extra]))).filter(mask)
        picked = picked if within is None else picked.filter(within)
        picked = picked.with_columns(self.filled(picked, name) for name in names)
        return dimensioned(picked, self.seen, self.wanted, at="sent_at")

    def filled(self, picked: pl.DataFrame, name: str) -> pl.Series:
        """Return a dimension of messages, completed from their conversations."""
        if name in picked.columns and not picked[name].null_count():
            return picked[name]
        if name not in self.home.columns:
            blank = pl.repeat(None, picked.height, dtype=LABEL, eager=True)
            return (picked[name] if name in picked.columns else blank).alias(name)
        of_home = self.home[name].gather(picked["conversation"])
        if name not in picked.columns:
            return of_home
        return picked[name].zip_with(picked[name].is_not_null(), of_home)


def inbound(rows: Rows) -> pl.DataFrame:
    """Return the customers' messages, with `is_service` and `sentiment` where they are counted."""
    seen, wanted = rows.seen, rows.wanted.kpis
    told = [name for name in ("sentiment", "rating", SCORED) if name in seen.ordered.columns]
    told = told if "sentiment_share" in wanted else []
    frame = rows.where(seen.rows["inbound"], told, also=by_category(rows.wanted))
    if "sentiment_share" in wanted:
        frame = frame.with_columns(sentiment=sentiment.felt(set(told)))
    if "service_share" in wanted and seen.has("category"):
        tells = seen.telling(seen.ordered["category"].is_not_null()).gather(frame["conversation"])
        frame = frame.with_columns(is_service=volume.is_service())
        frame = frame.with_columns(frame["is_service"].set(~tells, None))
    return frame


def actions(rows: Rows) -> pl.DataFrame:
    """Return what humans of ours wrote, notes included, with `is_reply` and what `cost.with_hours` adds."""
    seen = rows.seen
    reply = seen.rows["reply"]
    wrote = reply | ((seen.ordered["event"] == "note") & ~seen.ordered["is_automated"])
    mask = wrote & seen.ordered["agent"].is_not_null()
    also = frozenset({"agent", "team"})
    found = rows.where(mask, ["event"], also=also).with_columns(is_reply=C("event") == "outbound")
    return cost.with_hours(found, seen.settings.teams)


def waits(seen: Seen, described: pl.DataFrame, wanted: Wanted) -> pl.DataFrame:
    """Return one row per clock of a metric these KPIs are made of, its seconds in the columns of those."""
    metrics = {name for kpi in wanted.kpis for name in response.METRICS.get(kpi, ())}
    rows = described
    if not set(rows["metric"].unique()) <= metrics:
        rows = rows.filter(C("metric").is_in(sorted(metrics)))
    rows = with_reasons(rows, seen.clocks, seen.settings.exclusions)
    end = rows["stopped_at"].fill_null(rows["as_of"])
    ran = rows["stopped_at"] - rows["started_at"]
    paused = paused_time(rows, end, seen.clocks.pauses, None)
    if paused is not None:
        ran = ran - paused
    counts = C("excluded_reason").is_null()
    answered = counts & pl.any_horizontal(C("stop_reason") == word for word in ANSWERS)
    seconds = pl.when(answered).then("ended")
    is_first = C("metric") == "first_response"
    made = {"is_unanswered": is_first & counts & C("stopped_at").is_null()}
    for kpi in ("first_response", "resolution", "first_resolution"):
        if kpi in wanted.kpis:
            made[kpi] = pl.when(C("metric") == kpi).then(seconds)
    if "average_response" in wanted.kpis:
        is_wait = is_first | (C("metric") == "next_response")
        made["average_response"] = pl.when(is_wait).then(seconds)
    if wanted.kpis & {"abandonment_rate", "answer_speed"}:
        made |= calls.columns()
    rows = rows.with_columns(ended=ran.dt.total_microseconds() / 1e6)
    names = {"tags" if name == "tag" else name for name in wanted.names}
    return rows.select(*sorted(names & {*rows.columns} - made.keys()), **made)


def adherences(
    described: pl.DataFrame, judged: Sequence[pl.DataFrame], wanted: Wanted
) -> pl.DataFrame:
    """Return every judged clock with `is_met`, null where it is not decided."""
    names = sorted({"tags" if name == "tag" else name for name in wanted.names})
    is_decided = (C("outcome") == "met") | (C("outcome") == "breached")
    met = pl.when(is_decided).then(C("outcome") == "met")
    parts = [part.select(*names, is_met=met) for part in judged]
    return (
        pl.concat(parts) if parts else described.clear().select(*names, is_met=pl.lit(value=True))
    )


def backlog_changes(
    seen: Seen, solved: Solved, home: pl.DataFrame, counts: pl.Series | None, wanted: Wanted
) -> pl.DataFrame:
    """Return `step` with the dimensions of conversations: +1 where one opened (`begun` 1) or was reopened,
    -1 where one was solved, at the local times of that; of systems that tell of statuses.
    """
    opened = pl.DataFrame({"at": home["opened_at"]}).with_row_index("conversation")
    opened = opened.with_columns(step=pl.lit(1, pl.Int32), begun=pl.lit(1, pl.Int32))
    changes = solved.changes.with_columns(begun=pl.lit(0, pl.Int32))
    steps = pl.concat([opened, changes.select(opened.columns)])
    keep = solved.stands.is_not_null()
    if counts is not None:
        keep &= counts
    within = wanted.within("opened_at")
    if within is not None:
        keep &= home.select(within).to_series()
    steps = steps.filter(keep.gather(steps["conversation"]))
    named = [name for name in home.columns if name != "opened_at"]
    steps = steps.with_columns(home[name].gather(steps["conversation"]) for name in named)
    return dimensioned(steps, seen, wanted, at="at")
