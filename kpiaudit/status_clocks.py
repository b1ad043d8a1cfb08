"""Clocks that statuses run: resolution, requester wait, agent work, periodic update, and all pauses."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.acts import AGENT, first_of_each, last_of_each, ordinal_in_conversation
from kpiaudit.pieces import in_slices
from kpiaudit.schema import CLOSED_STATUSES, METRICS, STOP_REASONS

if TYPE_CHECKING:
    from kpiaudit.settings import Definitions

C = pl.col
SPAN_METRICS = frozenset({"resolution", "first_resolution", "requester_wait", "agent_work"})
"""Clocks from the beginning of a conversation to a solving."""
FROM_STATUSES = SPAN_METRICS | {"periodic_update"}
"""What only an export that tells of statuses can say."""

PAUSES: Mapping[str, tuple[str, ...]] = {
    "pauses_first": ("first_response",),
    "pauses_next": ("next_response",),
    "pauses_resolution": ("resolution", "first_resolution"),
    "pauses_requester_wait": ("requester_wait",),
    "pauses_agent_work": ("agent_work",),
}
"""Columns of the pauses to the clocks they stop. A periodic update is never paused."""
PAUSED_BY: Mapping[str, str] = {
    metric: column for column, metrics in PAUSES.items() for metric in metrics
}
"""Metric to the column of the pauses that says which of them stop its clocks."""
CUSTOMERS_TURN = ("pending", "waiting", "snoozed")
NOBODY_WORKS = (*CUSTOMERS_TURN, "on_hold")


def status_spans(ordered: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Return every stretch of one status: `conversation, paused_at` (its begin), `resumed_at` (its end,
    null for the last), `status, is_closed, index`, PAUSES and whether it begins a closed run or ends one.
    """
    conversation, closed = C("conversation"), list(CLOSED_STATUSES)
    is_status = (C("event") == "status") & C("status").is_not_null()
    rows = in_slices(ordered.select("event", "status"), is_status).arg_true()
    statuses = ordered[rows].with_columns(index=rows)
    word = C("status").cast(pl.String)
    stops = {
        "pauses_first": [*definitions.first_paused_by, *closed * definitions.closed_pauses_first],
        "pauses_next": list(definitions.next_paused_by),
        "pauses_resolution": [
            *definitions.resolution_paused_by,
            *closed * definitions.closed_pauses_resolution,
        ],
        "pauses_requester_wait": [*CUSTOMERS_TURN, *closed],
        "pauses_agent_work": [*NOBODY_WORKS, *closed],
    }
    same_before = conversation == conversation.shift()
    same_after = conversation == conversation.shift(-1)
    return (
        statuses.select(
            "index",
            "conversation",
            paused_at="sent_at",
            status=word,
            is_closed=word.is_in(closed),
            **{
                name: word.is_in(words) if words else pl.lit(value=False)
                for name, words in stops.items()
            },
        )
        .with_columns(
            resumed_at=pl.when(same_after).then(C("paused_at").shift(-1)),
            resumed_index=pl.when(same_after).then(C("index").shift(-1)),
            was_closed=(same_before & C("is_closed").shift()).fill_null(value=False),
        )
        .with_columns(
            begins_closed=C("is_closed") & ~C("was_closed"),
            is_reopening=~C("is_closed") & C("was_closed"),
        )
    )


def set_aside(statuses: pl.DataFrame) -> pl.DataFrame:
    """Return `conversation, reason` of conversations merged into another or last marked as spam."""
    conversation = C("conversation")
    is_last = conversation.ne_missing(conversation.shift(-1))
    return (
        statuses.filter((C("status") == "merged") | (is_last & (C("status") == "spam")))
        .select("conversation", reason="status")
        .unique("conversation", keep="first", maintain_order=True)
    )


def telling_systems(ordered: pl.DataFrame, statuses: pl.DataFrame) -> pl.Series | None:
    """Return the systems whose exports tell of statuses, None where all do."""
    telling = ordered["system"].gather(statuses["index"]).unique()
    return None if len(telling) == ordered["system"].n_unique() else telling


def only_told(rows: pl.DataFrame, told: pl.Series | None, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return the rows, by `index`, of systems that tell of statuses."""
    if told is None:
        return rows
    return rows.filter(ordered["system"].gather(rows["index"]).is_in(told.implode()))


def resolution_clocks(
    begin: pl.Series,
    told: pl.Series | None,
    statuses: pl.DataFrame,
    ordered: pl.DataFrame,
    *,
    metrics: frozenset[str],
) -> list[pl.DataFrame]:
    """Return the clocks from a conversation's beginning to the last (or first) time it became resolved;
    one closed before it began and never reopened has none.
    """
    if not metrics:
        return []
    conversation, sent_at = C("conversation"), ordered["sent_at"]
    begun = begin.rename("index").to_frame().with_row_index("conversation")
    begun = only_told(begun.filter(C("index").is_not_null()), told, ordered)
    starts = begun.select(
        "conversation",
        sent_at.gather(begun["index"]).alias("started_at"),
        start_index="index",
    )
    after = statuses.join(starts, on="conversation", maintain_order="left").filter(
        C("resumed_index").is_null() | (C("resumed_index") > C("start_index"))
    )
    ends = after.filter(C("begins_closed") & (C("index") > C("start_index")))
    last = last_of_each(after)
    still_open = last.filter(~C("is_closed"))["conversation"]
    closed_before = last.filter(C("is_closed")).join(ends, on="conversation", how="anti")
    starts = starts.join(closed_before, on="conversation", how="anti", maintain_order="left")
    finals = last_of_each(ends).filter(~conversation.is_in(still_open.implode()))
    stops = dict.fromkeys(("resolution", "requester_wait", "agent_work"), finals)
    stops["first_resolution"] = first_of_each(ends)
    return [
        stopped_by(starts, stops[metric], metric=metric) for metric in METRICS if metric in metrics
    ]


def stopped_by(starts: pl.DataFrame, ends: pl.DataFrame, *, metric: str) -> pl.DataFrame:
    """Return one clock per start, stopped by its conversation's row in `ends` if there is one."""
    stops = ends.select("conversation", stopped_at="paused_at", stop_index="index")
    joined = starts.join(stops, on="conversation", how="left", maintain_order="left")
    stopped = C("stopped_at").is_not_null()
    return joined.select(
        "conversation",
        pl.lit(metric).cast(pl.Enum(METRICS)).alias("metric"),
        pl.lit(1, pl.UInt32).alias("ordinal"),
        "started_at",
        "stopped_at",
        pl.when(stopped)
        .then(pl.lit("resolved"))
        .otherwise(pl.lit("none"))
        .cast(pl.Enum(STOP_REASONS))
        .alias("stop_reason"),
        "start_index",
        "stop_index",
    )


def periodic_clocks(
    acts: pl.DataFrame, told: pl.Series | None, statuses: pl.DataFrame, ordered: pl.DataFrame
) -> pl.DataFrame:
    """Return the waits for an update: from a public message of an agent to the next, or to the solving.

    A reopening starts one where an agent has written before. A message sent with the solving, or after
    it, promises no other.
    """
    agent, closing, reopening = 1, 2, 3
    place = ["conversation", "index"]
    steps = pl.concat(
        [
            acts.filter(C("act") == AGENT).select(*place, step=pl.lit(agent)),
            statuses.filter("begins_closed").select(*place, step=pl.lit(closing)),
            statuses.filter("is_reopening").select(*place, step=pl.lit(reopening)),
        ]
    ).sort(place)
    steps = only_told(steps, told, ordered)
    steps = steps.with_columns(ordered["sent_at"].gather(steps["index"]).alias("at"))
    conversation, step = C("conversation"), C("step")
    begins = conversation.ne_missing(conversation.shift())
    here = pl.int_range(pl.len(), dtype=pl.UInt32)
    first = pl.when(begins).then(here).forward_fill()
    turned = pl.when(step != agent).then(here).forward_fill()
    wrote = pl.when(step == agent).then(here).forward_fill()
    is_closed = (turned >= first) & (step.gather(turned.fill_null(0)) == closing)
    is_answered = (wrote >= first).fill_null(value=False)
    stops = (conversation == conversation.shift(-1)) & (step.shift(-1) != reopening)
    solved = stops & (step.shift(-1) == closing)
    starts = steps.with_columns(
        is_start=(step != closing) & is_answered & ~is_closed.fill_null(value=False),
        stop_index=pl.when(stops).then(C("index").shift(-1)),
        stopped_at=pl.when(stops).then(C("at").shift(-1)),
        stop_reason=pl.when(solved)
        .then(pl.lit("resolved"))
        .when(stops)
        .then(pl.lit("reply"))
        .otherwise(pl.lit("none"))
        .cast(pl.Enum(STOP_REASONS)),
    )
    sent_with_it = (C("stop_reason") == "resolved") & (C("stopped_at") == C("at"))
    starts = starts.filter(C("is_start") & ~sent_with_it.fill_null(value=False))
    return starts.select(
        "conversation",
        pl.lit("periodic_update").cast(pl.Enum(METRICS)).alias("metric"),
        ordinal_in_conversation(starts),
        C("at").alias("started_at"),
        "stopped_at",
        "stop_reason",
        C("index").alias("start_index"),
        "stop_index",
    )
