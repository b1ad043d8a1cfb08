"""From clocks to outcomes: which SLA judges which clock, business time, due instants, the verdicts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.calendars.business_time import Calendar, due_at, elapsed
from kpiaudit.dimensions import matching
from kpiaudit.in_force import RESPONSES, metrics_of
from kpiaudit.schema import DURATION, OUTCOMES
from kpiaudit.settings import Definitions
from kpiaudit.status_clocks import PAUSED_BY, PAUSES

if TYPE_CHECKING:
    from kpiaudit.clocks import Clocks
    from kpiaudit.settings import Exclusion, Sla

C = pl.col
OUTCOME = pl.Enum(OUTCOMES)
AT_RISK_SHARE = 0.8
BOT_REASON = "answered by a bot"
ABANDONED = "abandoned"
CONTRACT = Definitions()
TICK = timedelta(microseconds=1)
THREADS = 4
"""SLAs judged at a time: most of the work on a column is done by one thread."""


def judge(
    described: pl.DataFrame,
    found: Clocks,
    *,
    slas: Sequence[Sla],
    calendars: Mapping[str, Calendar],
    exclusions: Sequence[Exclusion],
    definitions: Definitions = CONTRACT,
) -> tuple[pl.DataFrame, ...]:
    """Return per SLA, in file order, the clocks it judges: ADHERENCE without what `complete` adds.

    `described`: clocks with dimensions, `as_of` per row, each metric's in one block. The first SLA of a
    metric name that matches takes a clock; one with `also` judges what earlier ones took. `calendars` by
    name; an SLA without one runs around the clock.
    """
    clocks = with_reasons(described, found, exclusions)
    clocks = clocks.with_columns(end=C("stopped_at").fill_null(C("as_of"))).with_row_index("clock")
    in_force = definitions.policy_at == "start"
    names = pl.Enum([sla.name for sla in slas])
    blocks = [block_of(clocks, metrics_of(sla)) for sla in slas]
    taken: dict[str, pl.Series] = {}
    masks = [
        taken_by(sla, mine, taken, in_force=in_force)
        for sla, mine in zip(slas, blocks, strict=True)
    ]

    def judged(at: int) -> pl.DataFrame:
        sla, mine, mask = slas[at], blocks[at], masks[at]
        ran = open_times[sla.calendar].gather(mine["clock"]) if sla.calendar in open_times else None
        if mask is not None:
            mine, ran = mine.filter(mask), None if ran is None else ran.filter(mask)
        part = judge_one(mine, sla, calendars, found.pauses, definitions, ran=ran)
        return part.with_columns(sla=pl.lit(sla.name, names)).drop("clock")

    with ThreadPoolExecutor(THREADS) as threads:
        open_times = ran_under(calendars, clocks, slas, threads)
        return tuple(threads.map(judged, range(len(slas))))


def ran_under(
    calendars: Mapping[str, Calendar],
    clocks: pl.DataFrame,
    slas: Sequence[Sla],
    threads: ThreadPoolExecutor,
) -> dict[str | None, pl.Series]:
    """Return by calendar how long clocks ran under it, null for those no SLA measures by it."""
    named = sorted({sla.calendar for sla in slas if sla.calendar}) if clocks.height else []

    def ran(name: str) -> pl.Series:
        metrics = {metric for sla in slas if sla.calendar == name for metric in metrics_of(sla)}
        mine = block_of(clocks, sorted(metrics))
        spent = elapsed(calendars[name], mine["started_at"], mine["end"])
        if mine.height == clocks.height:
            return spent
        nothing = pl.repeat(None, clocks.height, dtype=DURATION, eager=True)
        return nothing.scatter(mine["clock"], spent)

    return dict(zip(named, threads.map(ran, named), strict=True))


def block_of(clocks: pl.DataFrame, metrics: Sequence[str]) -> pl.DataFrame:
    """Return the clocks of some metrics, uncopied where they lie together."""
    runs = clocks["metric"].rle().struct.unnest().with_columns(start=C("len").cum_sum() - C("len"))
    wanted = runs.with_row_index("place").filter(C("value").is_in(list(metrics)))
    if wanted.is_empty():
        return clocks.clear()
    first, last = wanted["place"][0], wanted["place"][-1]
    if last - first + 1 == wanted.height:
        return clocks.slice(wanted["start"][0], int(wanted["len"].sum()))
    return clocks.filter(C("metric").is_in(list(metrics)))


def taken_by(
    sla: Sla, clocks: pl.DataFrame, taken: dict[str, pl.Series], *, in_force: bool
) -> pl.Series | None:
    """Return which clocks an SLA judges, None for all; `taken` is what earlier ones of its metric took."""
    earlier = None if sla.also else taken.get(sla.metric)
    if not sla.when and earlier is None:
        if not sla.also:
            taken[sla.metric] = pl.repeat(value=True, n=clocks.height, dtype=pl.Boolean, eager=True)
        return None
    matched = matching(sla.when, clocks.columns, in_force=in_force)
    mask = clocks.select(pl.repeat(value=True, n=pl.len()) & matched).to_series()
    if not sla.also:
        mask = mask if earlier is None else mask & ~earlier
        taken[sla.metric] = mask if earlier is None else mask | earlier
    return None if bool(mask.all()) else mask


def complete(
    parts: Sequence[pl.DataFrame],
    slas: Sequence[Sla],
    *,
    calendars: Mapping[str, Calendar],
    pauses: pl.DataFrame,
    definitions: Definitions = CONTRACT,
) -> pl.DataFrame:
    """Return ADHERENCE whole: one row per clock and SLA that judges it, with `wall`, `overrun` and `due_at`.

    `due_at` is null while a clock is paused: until it goes on, nobody knows when it is due.
    """
    whole = []
    for part, sla in zip(parts, slas, strict=True):
        calendar = calendars[sla.calendar] if sla.calendar and part.height else None
        due = due_instants(part, sla, calendar, pauses, definitions)
        stands = standing(part, pauses) & (C("elapsed") < sla.target + tick_of(definitions))
        whole.append(
            part.with_columns(
                wall=C("end") - C("started_at"),
                overrun=pl.when(late(definitions)).then(C("elapsed") - C("target")),
                due_at=due,
            )
            .with_columns(due_at=pl.when(~stands).then("due_at"))
            .drop("end")
        )
    return pl.concat(whole)


def with_reasons(
    clocks: pl.DataFrame, found: Clocks, exclusions: Sequence[Exclusion]
) -> pl.DataFrame:
    """Return clocks with `excluded_reason`: the policy's exclusions, merged and spam, what bots answered
    of next responses, abandoned calls.
    """
    by_bot = (C("stop_reason") == "bot") & (C("metric") == "next_response")
    reason: pl.Expr = (
        pl.when(by_bot)
        .then(pl.lit(BOT_REASON))
        .when(C("stop_reason") == "abandoned")
        .then(pl.lit(ABANDONED))
    )
    if found.set_aside.height:
        clocks = clocks.join(
            found.set_aside, on="conversation", how="left", maintain_order="left"
        ).rename({"reason": "aside"})
        reason = pl.coalesce("aside", reason)
    for exclusion in reversed(exclusions):
        matched = matching(exclusion.when, clocks.columns)
        reason = pl.when(matched).then(pl.lit(exclusion.reason)).otherwise(reason)
    return clocks.with_columns(excluded_reason=reason).drop("aside", strict=False)


def judge_one(
    clocks: pl.DataFrame,
    sla: Sla,
    calendars: Mapping[str, Calendar],
    pauses: pl.DataFrame,
    definitions: Definitions = CONTRACT,
    *,
    ran: pl.Series | None = None,
) -> pl.DataFrame:
    """Return the clocks of one SLA judged to the microsecond: breached when elapsed > target.

    `ran`: how long each ran under the SLA's calendar, pauses included, where that is known already.
    """
    calendar = calendars[sla.calendar] if sla.calendar and clocks.height else None
    end = clocks["stopped_at"].fill_null(clocks["as_of"])
    is_real = definitions.pause_counting == "realtime"
    paused = paused_time(clocks, end, pauses, None if is_real else calendar)
    ran = elapsed(calendar, clocks["started_at"], end) if ran is None else ran
    if paused is not None:
        ran = ran - paused
    outcome = (
        pl.when(C("excluded_reason").is_not_null())
        .then(pl.lit("excluded", OUTCOME))
        .when(late(definitions))
        .then(pl.lit("breached", OUTCOME))
        .when(C("stopped_at").is_null())
        .then(pl.lit("open", OUTCOME))
        .otherwise(pl.lit("met", OUTCOME))
    )
    return (
        clocks.with_columns(
            sla=pl.lit(sla.name),
            sla_metric=pl.lit(sla.metric),
            calendar=pl.lit(sla.calendar, pl.String),
            target=pl.lit(sla.target, DURATION),
            end=end,
            elapsed=at_least(ran, clocks, definitions),
            paused=pl.lit(timedelta(), DURATION) if paused is None else paused,
        )
        .with_columns(outcome=outcome)
        .with_columns(
            at_risk=(C("outcome") == "open") & (C("elapsed") >= sla.target * AT_RISK_SHARE)
        )
    )


def late(definitions: Definitions) -> pl.Expr:
    """Return which clocks are over their target; one that is open may be so when it is reached."""
    is_over = C("elapsed") > C("target")
    if definitions.open_late == ">=":
        is_over |= C("stopped_at").is_null() & (C("elapsed") == C("target"))
    return is_over


def at_least(ran: pl.Series, clocks: pl.DataFrame, definitions: Definitions) -> pl.Series:
    """Return elapsed times no less than the definitions let them be: real pauses may exceed business
    time, and a response may count a minimum.
    """
    if definitions.pause_counting == "realtime":
        ran = ran.clip(timedelta())
    if not definitions.minimum_seconds:
        return ran
    floor = timedelta(seconds=definitions.minimum_seconds)
    is_response = C("metric").is_in(RESPONSES) & C("stopped_at").is_not_null()
    return ran.zip_with(~clocks.select(is_response).to_series(), ran.clip(floor))


def pausing(
    clocks: pl.DataFrame, pauses: pl.DataFrame
) -> list[tuple[tuple[str, ...], pl.DataFrame]]:
    """Return the metrics among the clocks that pauses stop, with those pauses."""
    if not pauses.height or not clocks.height:
        return []
    present = set(clocks["metric"].unique())
    return [
        (metrics, spans)
        for metrics in PAUSES.values()
        if present & set(metrics) and (spans := pauses_of(pauses, metrics[0])).height
    ]


def pauses_of(pauses: pl.DataFrame, metric: str) -> pl.DataFrame:
    """Return the pauses that stop the clocks of one metric."""
    if metric not in PAUSED_BY:
        return pauses.clear()
    column = PAUSED_BY[metric]
    return pauses if pauses[column].all() else pauses.filter(column)


def overlaps(clocks: pl.DataFrame, end: pl.Series, pauses: pl.DataFrame) -> pl.DataFrame:
    """Return `clock, from_at, to_at` of every pause inside a clock it stops, in time order."""
    numbered = clocks.select("conversation", "metric", "started_at", end=end).with_row_index(
        "clock"
    )
    parts = [
        numbered.filter(C("metric").is_in(metrics))
        .join(spans, on="conversation", maintain_order="left_right")
        .select(
            "clock",
            from_at=pl.max_horizontal("paused_at", "started_at"),
            to_at=pl.min_horizontal(C("resumed_at").fill_null(C("end")), "end"),
        )
        .filter(C("from_at") < C("to_at"))
        for metrics, spans in pausing(clocks, pauses)
    ]
    if not parts:
        kind = numbered.schema["started_at"]
        return pl.DataFrame(schema={"clock": pl.UInt32, "from_at": kind, "to_at": kind})
    return parts[0] if len(parts) == 1 else pl.concat(parts).sort("clock", "from_at")


def standing(clocks: pl.DataFrame, pauses: pl.DataFrame) -> pl.Series:
    """Return which clocks are paused as of now: until they go on, nobody knows when they are due."""
    stands = pl.lit(value=False)
    for metrics, spans in pausing(clocks, pauses):
        on_pause = spans.filter(C("resumed_at").is_null())["conversation"]
        stands |= C("metric").is_in(metrics) & C("conversation").is_in(on_pause.implode())
    return clocks.select(C("stopped_at").is_null() & stands).to_series()


def paused_time(
    clocks: pl.DataFrame, end: pl.Series, pauses: pl.DataFrame, calendar: Calendar | None
) -> pl.Series | None:
    """Return per clock how much of it was paused or closed, under the SLA's calendar; None for nothing
    at all.
    """
    inside = overlaps(clocks, end, pauses)
    if inside.is_empty():
        return None
    spans = inside.with_columns(length=elapsed(calendar, inside["from_at"], inside["to_at"]))
    sums = spans.group_by("clock").agg(C("length").sum())
    return (
        pl.DataFrame({"clock": pl.int_range(clocks.height, dtype=pl.UInt32, eager=True)})
        .join(sums, on="clock", how="left", maintain_order="left")
        .select(C("length").fill_null(pl.duration()))
        .to_series()
    )


def due_instants(
    clocks: pl.DataFrame,
    sla: Sla,
    calendar: Calendar | None,
    pauses: pl.DataFrame,
    definitions: Definitions = CONTRACT,
) -> pl.Series:
    """Return per clock the earliest instant at which its elapsed time reaches the target.

    The latest is the last before it is over: a tick past the target, a tick back. Pauses counted in real
    time are added to the instant it would have been due without them.
    """
    tick = tick_of(definitions)
    if definitions.pause_counting == "realtime":
        target = pl.repeat(sla.target + tick, clocks.height, dtype=DURATION, eager=True)
        horizon = clocks["stopped_at"].fill_null(clocks["as_of"])
        due = due_at(calendar, clocks["started_at"], target)
        paused = paused_time(clocks, horizon, pauses, None)
        return due - tick if paused is None else due - tick + paused
    due = reached(clocks, sla.target + tick, calendar, pauses)
    return due - tick if tick else due


def tick_of(definitions: Definitions) -> timedelta:
    """Return what lies between reaching a target and its deadline: nothing, or the first instant over."""
    return TICK if definitions.deadline == "latest" else timedelta()


def reached(
    clocks: pl.DataFrame, goal: timedelta, calendar: Calendar | None, pauses: pl.DataFrame
) -> pl.Series:
    """Return per clock the earliest instant at which it has run for as long as `goal`.

    With pauses: the last running stretch that begins before that holds the instant; a clock stopped
    before it is followed on as if it ran.
    """
    target = pl.repeat(goal, clocks.height, dtype=DURATION, eager=True)
    due = due_at(calendar, clocks["started_at"], target)
    horizon = clocks["stopped_at"].fill_null(clocks["as_of"])
    inside = overlaps(clocks, horizon, pauses)
    if inside.is_empty():
        return due
    begins = running_stretches(clocks, inside, horizon)
    ran = elapsed(calendar, begins["from_at"], begins["to_at"])
    same = C("clock") == C("clock").shift()
    before = C("total") - pl.when(~same.fill_null(value=False)).then(C("total")).forward_fill()
    begins = (
        begins.with_columns(ran=ran)
        .with_columns(total=C("ran").cum_sum() - C("ran"))
        .with_columns(used=before)
        .filter(C("used") < pl.lit(goal, DURATION))
        .filter(C("clock").ne_missing(C("clock").shift(-1)))
    )
    left = begins.select(left=pl.lit(goal, DURATION) - C("used")).to_series()
    return due.scatter(begins["clock"], due_at(calendar, begins["from_at"], left))


def running_stretches(
    clocks: pl.DataFrame, inside: pl.DataFrame, horizon: pl.Series
) -> pl.DataFrame:
    """Return `clock, from_at, to_at` of what runs between the pauses of every clock that has one."""
    numbered = clocks.select("started_at", horizon=horizon).with_row_index("clock")
    paused = numbered.join(inside.select("clock").unique(), on="clock", how="semi")
    begins = pl.concat(
        [
            paused.select("clock", from_at="started_at"),
            inside.select("clock", from_at="to_at"),
        ]
    ).sort("clock", "from_at")
    ends = pl.concat(
        [inside.select("clock", to_at="from_at"), paused.select("clock", to_at="horizon")]
    ).sort("clock", "to_at")
    return begins.with_columns(ends["to_at"])
