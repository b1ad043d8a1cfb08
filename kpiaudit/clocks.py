"""From ordered timelines to clocks: when each wait began, what stopped it, and its pauses.

Every rule is a comparison of a row with its neighbour on the sorted frame; `definitions` decides the
contested ones. See DECISIONS.md for each, with worked examples.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.conversations import partial
from kpiaudit.schema import CLOSED_STATUSES, METRICS, STOP_REASONS

if TYPE_CHECKING:
    from kpiaudit.settings import Definitions

C = pl.col
METRIC = pl.Enum(METRICS)
STOP_REASON = pl.Enum(STOP_REASONS)
CUSTOMER, AGENT, BOT, HANDOFF, RESOLVED = 1, 2, 3, 4, 5
"""What a row does to a wait; every other row does nothing."""

CLOCK_COLUMNS = (
    "conversation", "metric", "ordinal", "started_at", "stopped_at", "stop_reason", "start_index",
    "stop_index",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clocks:
    """`clocks`: one row per wait, CLOCK_COLUMNS; indexes are row numbers of the ordered messages.
    `pauses`: `conversation, paused_at, resumed_at` (null: not yet), `status`, `is_closed`, in order.
    Per conversation: `last_row`, the number of its last message; `is_partial`; `is_proactive`.
    `set_aside`: `conversation, reason` of merged and spam ones. `has_statuses`: whether any export tells of statuses at all.
    """

    clocks: pl.DataFrame
    pauses: pl.DataFrame
    last_row: pl.Series
    is_partial: pl.Series
    is_proactive: pl.Series
    set_aside: pl.DataFrame
    has_statuses: bool


def run_clocks(
    ordered: pl.DataFrame,
    definitions: Definitions,
    *,
    metrics: frozenset[str] = frozenset(METRICS),
) -> Clocks:
    """Return the clocks of every conversation of the ordered messages, of the metrics asked for."""
    is_partial = partial(ordered)
    acts = acts_of(ordered)
    proactive = opened_by_agent(acts, is_partial)
    exchanges = first_exchanges(acts, proactive)
    statuses = status_spans(ordered, definitions)
    clocks = [first_clocks(exchanges, ordered)]
    if "next_response" in metrics:
        clocks.append(next_clocks(exchanges, acts, proactive, ordered["sent_at"]))
    if metrics & {"resolution", "first_resolution"}:
        telling = of_telling_systems(ordered, acts, statuses)
        clocks += resolution_clocks(telling, statuses, ordered["sent_at"])
    return Clocks(
        clocks=pl.concat(clocks).filter(C("metric").is_in(sorted(metrics))),
        pauses=statuses.filter(C("is_paused") | C("is_closed")).select(
            "conversation", "paused_at", "resumed_at", "status", "is_closed"
        ),
        last_row=last_rows(ordered),
        is_partial=is_partial,
        is_proactive=proactive,
        set_aside=set_aside(statuses),
        has_statuses=statuses.height > 0,
    )


def acts_of(ordered: pl.DataFrame) -> pl.DataFrame:
    """Return `index, conversation, act` of the rows that do something to a wait."""
    event, role, automated = C("event"), C("author_role"), C("is_automated")
    act = (
        pl.when((event == "inbound") & ~automated)
        .then(pl.lit(CUSTOMER, pl.UInt8))
        .when((event == "outbound") & (role == "bot"))
        .then(pl.lit(BOT, pl.UInt8))
        .when((event == "outbound") & ((role == "agent") | (role == "unknown")) & ~automated)
        .then(pl.lit(AGENT, pl.UInt8))
        .when(event == "handoff")
        .then(pl.lit(HANDOFF, pl.UInt8))
        .when((event == "status") & C("status").cast(pl.String).is_in(CLOSED_STATUSES))
        .then(pl.lit(RESOLVED, pl.UInt8))
    )
    return (
        ordered.select("conversation", act=act)
        .with_row_index("index")
        .filter(C("act").is_not_null())
    )


def opened_by_agent(acts: pl.DataFrame, is_partial: pl.Series) -> pl.Series:
    """Return per conversation whether a human of ours spoke before any customer did (proactive)."""
    human = acts.filter(C("act") <= AGENT)
    first = human.filter(C("conversation").ne_missing(C("conversation").shift()))
    codes = first.filter(C("act") == AGENT)["conversation"]
    flags = pl.repeat(value=False, n=len(is_partial), dtype=pl.Boolean, eager=True)
    return flags.scatter(codes, values=True) & ~is_partial


def first_of_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the first row of each conversation of ordered rows."""
    return rows.filter(C("conversation").ne_missing(C("conversation").shift()))


def first_exchanges(acts: pl.DataFrame, proactive: pl.Series) -> pl.DataFrame:
    """Return per conversation `start_index` of its first customer message and `stop_index` of the first
    human reply or resolution after it, null for none; both null for a proactive one.
    """
    act = C("act")
    nothing = pl.repeat(None, len(proactive), dtype=pl.UInt32, eager=True)
    asked = first_of_each(acts.filter(act == CUSTOMER))
    start = nothing.clone().scatter(asked["conversation"], asked["index"]).set(proactive, None)
    answers = acts.filter((act == AGENT) | (act == RESOLVED))
    after = answers.filter(answers["index"] > start.gather(answers["conversation"]))
    answered = first_of_each(after)
    stop = nothing.clone().scatter(answered["conversation"], answered["index"])
    return pl.DataFrame({"start_index": start, "stop_index": stop})


def first_clocks(exchanges: pl.DataFrame, ordered: pl.DataFrame) -> pl.DataFrame:
    """Return the first-response clocks of the exchanges that began."""
    begun = exchanges.with_row_index("conversation").filter(C("start_index").is_not_null())
    sent_at, stop = ordered["sent_at"], begun["stop_index"]
    is_status = ordered["event"].gather(stop) == "status"
    reason = (
        pl.when(stop.is_null())
        .then(pl.lit("none", STOP_REASON))
        .when(is_status)
        .then(pl.lit("resolved", STOP_REASON))
        .otherwise(pl.lit("reply", STOP_REASON))
    )
    return begun.select(
        "conversation",
        pl.lit("first_response", METRIC).alias("metric"),
        pl.lit(1, pl.UInt32).alias("ordinal"),
        sent_at.gather(begun["start_index"]).alias("started_at"),
        sent_at.gather(stop).alias("stopped_at"),
        reason.alias("stop_reason"),
        "start_index",
        "stop_index",
    )


def next_clocks(
    exchanges: pl.DataFrame, acts: pl.DataFrame, proactive: pl.Series, sent_at: pl.Series
) -> pl.DataFrame:
    """Return the next-response clocks: after the first exchange, the oldest unanswered customer message
    (or a hand-off) waits for the next human reply, bot's answer or resolution.
    """
    conversation, act = C("conversation"), C("act")
    ended = exchanges["stop_index"].gather(acts["conversation"])
    is_later = (acts["index"] > ended).fill_null(value=False)
    is_later |= proactive.gather(acts["conversation"])
    later = acts.filter(is_later).with_columns(is_start=(act == CUSTOMER) | (act == HANDOFF))
    follows_start = C("is_start").shift() & (conversation == conversation.shift())
    waits = later.filter(C("is_start") ^ follows_start.fill_null(value=False))
    return starts_and_stops(waits, sent_at)


def starts_and_stops(waits: pl.DataFrame, sent_at: pl.Series) -> pl.DataFrame:
    """Pair each start with the row after it when that is its stop; `waits` alternates within a
    conversation.
    """
    conversation, stop = C("conversation"), C("act").shift(-1)
    stopped = ~C("is_start").shift(-1) & (conversation == conversation.shift(-1))
    reason = (
        pl.when(stopped.not_().fill_null(value=True))
        .then(pl.lit("none", STOP_REASON))
        .when(stop == BOT)
        .then(pl.lit("bot", STOP_REASON))
        .when(stop == RESOLVED)
        .then(pl.lit("resolved", STOP_REASON))
        .otherwise(pl.lit("reply", STOP_REASON))
    )
    starts = waits.select(
        "conversation",
        "is_start",
        stop_reason=reason,
        start_index="index",
        stop_index=pl.when(stopped).then(C("index").shift(-1)),
    ).filter("is_start")
    return starts.select(
        "conversation",
        pl.lit("next_response", METRIC).alias("metric"),
        ordinal_in_conversation(starts),
        sent_at.gather(starts["start_index"]).alias("started_at"),
        sent_at.gather(starts["stop_index"]).alias("stopped_at"),
        *CLOCK_COLUMNS[5:],
    )


def ordinal_in_conversation(starts: pl.DataFrame) -> pl.Series:
    """Return 1, 2, ... within each conversation of an ordered frame."""
    place = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)
    is_new = C("conversation").ne_missing(C("conversation").shift())
    base = pl.when(is_new).then(place).forward_fill()
    return starts.select(ordinal=place - base + 1).to_series()


def status_spans(ordered: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Return every stretch of one status: `conversation, paused_at` (its begin), `resumed_at` (its end,
    null for the last), `status, is_paused, is_closed, index` and whether it begins a closed run.
    """
    conversation = C("conversation")
    statuses = ordered.with_row_index("index").filter(
        (C("event") == "status") & C("status").is_not_null()
    )
    word = C("status").cast(pl.String)
    return (
        statuses.select(
            "index",
            "conversation",
            paused_at="sent_at",
            status=word,
            is_paused=word.is_in(definitions.resolution_paused_by),
            is_closed=word.is_in(CLOSED_STATUSES),
        )
        .with_columns(
            resumed_at=pl.when(conversation == conversation.shift(-1)).then(
                C("paused_at").shift(-1)
            ),
            resumed_index=pl.when(conversation == conversation.shift(-1)).then(
                C("index").shift(-1)
            ),
            was_closed=(conversation == conversation.shift()) & C("is_closed").shift(),
        )
        .with_columns(begins_closed=C("is_closed") & ~C("was_closed").fill_null(value=False))
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


def of_telling_systems(
    ordered: pl.DataFrame, acts: pl.DataFrame, statuses: pl.DataFrame
) -> pl.DataFrame:
    """Return the acts of systems whose exports tell of statuses: only there can a wait be resolved."""
    systems = ordered["system"]
    telling = systems.gather(statuses["index"]).unique()
    if len(telling) in {0, systems.n_unique()}:
        return acts
    return acts.filter(systems.gather(acts["index"]).is_in(telling.implode()))


def resolution_clocks(
    acts: pl.DataFrame, statuses: pl.DataFrame, sent_at: pl.Series
) -> list[pl.DataFrame]:
    """Return the `resolution` and `first_resolution` clocks, where the export tells of statuses.

    From the first customer message to the last (or first) time the conversation became resolved; a
    conversation closed before its customer wrote and never reopened has none.
    """
    if statuses.is_empty():
        return []
    conversation = C("conversation")
    customers = acts.filter(C("act") == CUSTOMER)
    begun = first_of_each(customers)
    starts = begun.select(
        "conversation",
        sent_at.gather(begun["index"]).alias("started_at"),
        start_index="index",
    )
    told = statuses.join(starts, on="conversation", maintain_order="left").filter(
        C("resumed_index").is_null() | (C("resumed_index") > C("start_index"))
    )
    ends = told.filter(C("begins_closed") & (C("index") > C("start_index")))
    last = told.filter(conversation.ne_missing(conversation.shift(-1)))
    still_open = last.filter(~C("is_closed"))["conversation"]
    closed_before = last.filter(C("is_closed")).join(ends, on="conversation", how="anti")
    starts = starts.join(closed_before, on="conversation", how="anti", maintain_order="left")
    finals = ends.filter(
        conversation.ne_missing(conversation.shift(-1)) & ~conversation.is_in(still_open.implode())
    )
    firsts = ends.filter(conversation.ne_missing(conversation.shift()))
    return [
        stopped_by(starts, finals, metric="resolution"),
        stopped_by(starts, firsts, metric="first_resolution"),
    ]


def stopped_by(starts: pl.DataFrame, ends: pl.DataFrame, *, metric: str) -> pl.DataFrame:
    """Return one clock per start, stopped by its conversation's row in `ends` if there is one."""
    stops = ends.select("conversation", stopped_at="paused_at", stop_index="index")
    joined = starts.join(stops, on="conversation", how="left", maintain_order="left")
    stopped = C("stopped_at").is_not_null()
    return joined.select(
        "conversation",
        pl.lit(metric).cast(METRIC).alias("metric"),
        pl.lit(1, pl.UInt32).alias("ordinal"),
        "started_at",
        "stopped_at",
        pl.when(stopped)
        .then(pl.lit("resolved"))
        .otherwise(pl.lit("none"))
        .cast(STOP_REASON)
        .alias("stop_reason"),
        "start_index",
        "stop_index",
    )


def last_rows(ordered: pl.DataFrame) -> pl.Series:
    """Return per conversation the row number of its last message."""
    conversation = C("conversation")
    return (
        ordered.select("conversation")
        .with_row_index("index")
        .filter(conversation.ne_missing(conversation.shift(-1)))
        .get_column("index")
    )
