"""From ordered timelines to clocks: when each wait began, what stopped it, and its pauses.

Every rule is a comparison of a row with its neighbour on the sorted frame; `definitions` decides the
contested ones. See DECISIONS.md for each, with worked examples.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.acts import (
    AGENT,
    BOT,
    CUSTOMER,
    HANDOFF,
    RESOLVED,
    acts_of,
    beginnings,
    first_asked,
    first_of_each,
    first_stops,
    is_one_of,
    last_of_each,
    last_rows,
    opened_by_agent,
    ordinal_in_conversation,
    without_ignored,
)
from kpiaudit.conversations import partial
from kpiaudit.one_value import is_one_value, unique
from kpiaudit.schema import CLOSED_STATUSES, METRICS, STOP_REASONS
from kpiaudit.status_clocks import (
    FROM_STATUSES,
    PAUSES,
    SPAN_METRICS,
    periodic_clocks,
    resolution_clocks,
    set_aside,
    status_spans,
    telling_systems,
)

if TYPE_CHECKING:
    from kpiaudit.settings import Definitions

C = pl.col
METRIC = pl.Enum(METRICS)
STOP_REASON = pl.Enum(STOP_REASONS)

CLOCK_COLUMNS = (
    "conversation", "metric", "ordinal", "started_at", "stopped_at", "stop_reason", "start_index",
    "stop_index",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Clocks:
    """`clocks`: one row per wait, CLOCK_COLUMNS; indexes are row numbers of the ordered messages.
    `pauses`: `conversation, paused_at, resumed_at` (null: not yet), `status`, `is_closed` and, for each
    of PAUSES, whether it pauses the clocks named there; in order.
    Per conversation: `last_row`, the number of its last message; `asked`, that of the first of a customer, null
    for none; `is_partial`; `is_proactive`.
    `set_aside`: `conversation, reason` of merged and spam ones. `has_statuses`: whether any export tells of statuses at all.
    """

    clocks: pl.DataFrame
    pauses: pl.DataFrame
    last_row: pl.Series
    asked: pl.Series
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
    acts = acts_of(ordered, definitions)
    proactive = opened_by_agent(acts, is_partial)
    statuses = status_spans(ordered, definitions)
    asked = first_asked(acts, len(is_partial))
    begin = beginnings(ordered, acts, asked, is_partial, definitions)
    left_out = proactive if definitions.agent_initiated == "exclude" else None
    exchanges = first_exchanges(acts, begin, left_out, definitions)
    if definitions.clock_start == "last_nonhuman":
        exchanges = from_last_nonhuman(exchanges, acts, statuses)
    with ThreadPoolExecutor(1) as aside:  # most of the work on a column is done by one thread
        first = aside.submit(first_clocks, exchanges, ordered, definitions)
        later = []
        if "next_response" in metrics:
            waits = later_acts(acts, exchanges, left_out, definitions)
            later.append(next_clocks(waits, ordered["sent_at"]))
        clocks = [first.result(), *later]
    if metrics & FROM_STATUSES and statuses.height:
        told = telling_systems(ordered, statuses)
        clocks += resolution_clocks(begin, told, statuses, ordered, metrics=metrics & SPAN_METRICS)
        if "periodic_update" in metrics:
            clocks.append(periodic_clocks(acts, told, statuses, ordered))
    return Clocks(
        clocks=pl.concat(clocks).filter(C("metric").is_in(sorted(metrics))),
        pauses=statuses.filter(pl.any_horizontal(*PAUSES)).select(
            "conversation", "paused_at", "resumed_at", "status", "is_closed", *PAUSES
        ),
        last_row=last_rows(ordered),
        asked=asked,
        is_partial=is_partial,
        is_proactive=proactive,
        set_aside=set_aside(statuses),
        has_statuses=statuses.height > 0,
    )


def first_exchanges(
    acts: pl.DataFrame, begin: pl.Series, left_out: pl.Series | None, definitions: Definitions
) -> pl.DataFrame:
    """Return per conversation `start_index`, where it begins, and `stop_index` of what ends its first
    response, null for none; both null where it is left out. A message of the team that begins a
    conversation ends it too.
    """
    act = C("act")
    start = begin if left_out is None else begin.clone().set(left_out, None)
    answers = acts.filter(is_one_of(first_stops(definitions)))
    begun_at = start.gather(answers["conversation"])
    is_after = answers["index"] > begun_at
    if definitions.clock_start != "first_customer_message":
        is_after |= (answers["index"] == begun_at) & answers.select(act == AGENT).to_series()
    answered = first_of_each(answers.filter(is_after))
    nothing = pl.repeat(None, len(begin), dtype=pl.UInt32, eager=True)
    stop = nothing.scatter(answered["conversation"], answered["index"])
    return pl.DataFrame({"start_index": start, "stop_index": stop})


def from_last_nonhuman(
    exchanges: pl.DataFrame, acts: pl.DataFrame, statuses: pl.DataFrame
) -> pl.DataFrame:
    """Return the exchanges begun at the last hand-off or reopening before what ended them, if any."""
    place = ["conversation", "index"]
    passed_on = pl.concat(
        [
            acts.filter(C("act") == HANDOFF).select(place),
            statuses.filter("is_reopening").select(place),
        ]
    ).sort(place)
    start = exchanges["start_index"].gather(passed_on["conversation"])
    stop = exchanges["stop_index"].gather(passed_on["conversation"])
    is_before = (passed_on["index"] < stop).fill_null(value=True)
    last = last_of_each(passed_on.filter((passed_on["index"] > start) & is_before))
    moved = exchanges["start_index"].clone().scatter(last["conversation"], last["index"])
    return exchanges.with_columns(start_index=moved)


def first_clocks(
    exchanges: pl.DataFrame, ordered: pl.DataFrame, definitions: Definitions
) -> pl.DataFrame:
    """Return the first-response clocks of the exchanges that began."""
    begun = exchanges.with_row_index("conversation").filter(C("start_index").is_not_null())
    sent_at, stop = ordered["sent_at"], begun["stop_index"]
    return begun.select(
        "conversation",
        pl.lit("first_response", METRIC).alias("metric"),
        pl.lit(1, pl.UInt32).alias("ordinal"),
        sent_at.gather(begun["start_index"]).alias("started_at"),
        sent_at.gather(stop).alias("stopped_at"),
        reasons(begun, ordered, definitions).alias("stop_reason"),
        "start_index",
        "stop_index",
    )


def reasons(begun: pl.DataFrame, ordered: pl.DataFrame, definitions: Definitions) -> pl.Series:
    """Return what ended each first response; a call ended before an answer was abandoned."""
    stop = begun["stop_index"]
    is_status = ordered["event"].gather(stop) == "status"
    solved = pl.lit("resolved", STOP_REASON)
    if has_calls(ordered) and (is_voice := ordered["channel"] == "voice").any():
        is_call = is_voice.gather(begun["start_index"]) & ends_at_once(begun, ordered)
        solved = pl.when(is_call).then(pl.lit("abandoned", STOP_REASON)).otherwise(solved)
    if definitions.status_stops_first:
        word = ordered["status"].gather(stop).cast(pl.String)
        is_closed = word.is_in(CLOSED_STATUSES)
        solved = pl.when(is_closed).then(solved).otherwise(pl.lit("status", STOP_REASON))
    reason = pl.when(stop.is_null()).then(pl.lit("none", STOP_REASON)).when(is_status).then(solved)
    if "bot:public" in definitions.first_stops:
        is_bot = ordered["author_role"].gather(stop) == "bot"
        reason = reason.when(is_bot).then(pl.lit("bot", STOP_REASON))
    return begun.select(reason.otherwise(pl.lit("reply", STOP_REASON))).to_series()


def has_calls(ordered: pl.DataFrame) -> bool:
    """Return whether the channel of some messages is told, and may be the phone."""
    if "channel" not in ordered.columns:
        return False
    return not is_one_value(ordered, "channel") or "voice" in unique(ordered, "channel")


def ends_at_once(begun: pl.DataFrame, ordered: pl.DataFrame) -> pl.Series:
    """Return which exchanges their conversation's first status ended, told message by message: so ends a
    call. A phone ticket has a status before it, or is known by milestones only.
    """
    is_told = ordered["grain"].gather(begun["start_index"]) == "message"
    statuses = ordered.select("conversation", "event").with_row_index("index")
    first = first_of_each(statuses.filter(C("event") == "status"))
    at = begun.select("conversation").join(
        first.select("conversation", "index"), on="conversation", how="left", maintain_order="left"
    )["index"]
    return is_told & (at == begun["stop_index"]).fill_null(value=False)


def later_acts(
    acts: pl.DataFrame,
    exchanges: pl.DataFrame,
    left_out: pl.Series | None,
    definitions: Definitions,
) -> pl.DataFrame:
    """Return the acts that next responses are made of: those after the first exchange, or all."""
    acts = without_ignored(acts, definitions)
    if definitions.next_includes_first:
        return acts
    ended = exchanges["stop_index"].gather(acts["conversation"])
    is_later = (acts["index"] > ended).fill_null(value=False)
    if left_out is not None:
        is_later |= left_out.gather(acts["conversation"])
    return acts.filter(is_later)


def next_clocks(acts: pl.DataFrame, sent_at: pl.Series) -> pl.DataFrame:
    """Return the next-response clocks: the oldest unanswered customer message (or a hand-off) waits for
    the next act that is none.
    """
    conversation, act = C("conversation"), C("act")
    later = acts.with_columns(is_start=(act == CUSTOMER) | (act == HANDOFF))
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
        .when(stop >= RESOLVED)
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
