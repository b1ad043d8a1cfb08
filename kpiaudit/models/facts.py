"""What models are judged by: actions of agents, waits with who answered them, conversations, decided clocks.

Each is made once for all models, of whole columns.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.acts import AGENT, BOT, CUSTOMER, HANDOFF, acts_of
from kpiaudit.clocks import run_clocks
from kpiaudit.dimensions import declared_team, last_known
from kpiaudit.schema import CLOSED_STATUSES, DURATION, MESSAGES

if TYPE_CHECKING:
    from kpiaudit.settings import Definitions, Team

C = pl.col
RESPONSES = frozenset({"first_response", "next_response"})
TEXTS = ("channel", "agent", "team", "customer", "category", "system")


@dataclass(frozen=True, slots=True)
class Facts:
    """`actions`: replies and notes of agents: `index, conversation, at, channel, agent, team, is_reply,
    handle_time`. `demand`: customer messages: `at, channel`. `waits`: `conversation, started_at,
    seconds` (null: unanswered), `is_first, agent, team` of who answered. `handoffs`: `conversation,
    started_at, seconds` until a human's next reply. `spans`: `conversation, started_at, team, spent`. `conversations`: as `conversations_of` returns them.
    `self_service`: SELF_SERVICE. `decided`: judged clocks, met or breached, each once: `started_at, channel, team, is_met`.
    """

    actions: pl.DataFrame
    demand: pl.DataFrame
    waits: pl.DataFrame
    handoffs: pl.DataFrame
    spans: pl.DataFrame
    conversations: pl.DataFrame
    decided: pl.DataFrame
    self_service: pl.DataFrame
    has: frozenset[str]
    """Columns of MESSAGES some export fills."""
    has_statuses: bool
    window: timedelta
    """How soon a customer's next conversation follows on the last, or on our own message."""
    as_of: Mapping[str, datetime]
    time_zone: str


def filled(ordered: pl.DataFrame) -> frozenset[str]:
    """Return the columns some row has a value in."""
    counts = ordered.select(pl.all().count()).row(0, named=True) if ordered.height else {}
    return frozenset(name for name, count in counts.items() if count)


def with_texts(ordered: pl.DataFrame, teams: Sequence[Team]) -> pl.DataFrame:
    """Return the ordered messages with every column the facts need, the team as last known and as the
    policy names it; labels become text in the facts alone, which have fewer rows.
    """
    absent = {
        name: pl.lit(None, MESSAGES[name])
        for name in (*TEXTS, "handle_time", "status")
        if name not in ordered.columns
    }
    rows = ordered.with_columns(**absent)
    at = pl.int_range(rows.height, dtype=pl.UInt32, eager=True)
    known = rows["team"].gather(last_known(rows, "team", at))
    return rows.with_columns(team=known).with_columns(team=declared_team(teams))


def actions_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return what agents did: replies and notes no machine wrote."""
    event, role = C("event"), C("author_role")
    is_reply = event == "outbound"
    by_agent = (is_reply & role.is_in(["agent", "unknown"])) | (
        (event == "note") & (role == "agent")
    )
    return (
        rows.select(
            "conversation",
            "channel",
            "agent",
            "team",
            at="sent_at",
            is_reply=is_reply,
            handle_time=C("handle_time").cast(DURATION),
            is_action=by_agent & ~C("is_automated"),
        )
        .with_row_index("index")
        .filter("is_action")
        .drop("is_action")
        .with_columns(C("channel", "agent", "team").cast(pl.String))
    )


def waits_of(rows: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Return every wait for an answer, first and next, with who ended it; merged and spam have none."""
    found = run_clocks(rows, definitions, metrics=RESPONSES)
    waits = found.clocks
    if found.set_aside.height:
        waits = waits.join(found.set_aside, on="conversation", how="anti", maintain_order="left")
    stop = waits["stop_index"]
    answered = (C("stop_reason") == "reply").fill_null(value=False)
    seconds = (C("stopped_at") - C("started_at")).dt.total_microseconds() / 1e6
    return waits.select(
        "conversation",
        "started_at",
        seconds=pl.when(answered).then(seconds),
        is_first=C("metric") == "first_response",
        agent=pl.when(answered).then(pl.lit(rows["agent"].gather(stop).cast(pl.String))),
        team=pl.when(answered).then(pl.lit(rows["team"].gather(stop).cast(pl.String))),
    )


def handoffs_of(rows: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Return the wait of each hand-off until a human's next reply, null for none; a second hand-off before
    that is the same wait.
    """
    acts = acts_of(rows, definitions).filter(C("act").is_in([AGENT, HANDOFF]))
    same_before = C("conversation") == C("conversation").shift()
    same_after = C("conversation") == C("conversation").shift(-1)
    is_handoff = C("act") == HANDOFF
    kept = acts.with_columns(
        again=(is_handoff & same_before & is_handoff.shift()).fill_null(value=False)
    )
    kept = kept.filter(~C("again"))
    kept = kept.with_columns(at=rows["sent_at"].gather(kept["index"]))
    answered = same_after & (C("act").shift(-1) == AGENT)
    seconds = (C("at").shift(-1) - C("at")).dt.total_microseconds() / 1e6
    return (
        kept.select(
            "conversation",
            is_handoff=is_handoff,
            started_at="at",
            seconds=pl.when(answered).then(seconds),
        )
        .filter("is_handoff")
        .drop("is_handoff")
    )


def spans_of(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the time from each row to the next of its conversation while that is not closed, as
    `conversation, started_at, team` it lay with, `spent` (Int64 microseconds). Before any team is known it
    lay with the first.
    """
    if rows["team"].null_count() == rows.height:
        rows = rows.clear()
    same_after = C("conversation") == C("conversation").shift(-1)
    begins = C("conversation").ne_missing(C("conversation").shift())
    told = C("event") == "status"
    closed = C("status").cast(pl.String).is_in(CLOSED_STATUSES)
    state = pl.when(begins & ~told).then(pl.lit(value=False)).when(told).then(closed)
    held = rows.select(
        "conversation",
        "team",
        started_at="sent_at",
        is_closed=state.forward_fill().fill_null(value=False),
        spent=pl.when(same_after).then(C("sent_at").shift(-1) - C("sent_at")),
    )
    with_team = held.with_columns(team=C("team").forward_fill().over("conversation")).with_columns(
        team=C("team").backward_fill().over("conversation")
    )
    return with_team.filter(
        ~C("is_closed"), C("spent").is_not_null(), C("team").is_not_null()
    ).select(
        "conversation",
        "started_at",
        C("team").cast(pl.String),
        spent=C("spent").dt.total_microseconds(),
    )


def conversations_of(
    rows: pl.DataFrame, definitions: Definitions, is_partial: pl.Series, is_proactive: pl.Series
) -> pl.DataFrame:
    """Return `conversation, conversation_id, opened_at, asked_at` (by a customer, null for none), `channel, customer, category, system` of each beginning, `is_partial,
    is_proactive, is_resolved`, whether it `has_customer, has_bot, has_human, has_handoff`, how many
    `agents` answered, `first_agent, last_team`.
    """
    begun = rows.group_by("conversation", maintain_order=True).agg(
        C("system").first().cast(pl.String),
        C("conversation_id").first(),
        C("channel").drop_nulls().first().cast(pl.String),
        C("customer").drop_nulls().first().cast(pl.String),
        C("category").drop_nulls().first().cast(pl.String),
        opened_at=C("sent_at").first(),
        is_resolved=C("status").cast(pl.String).is_in(CLOSED_STATUSES).any().fill_null(value=False),
    )
    acts = acts_of(rows, definitions)
    acts = acts.with_columns(
        at=rows["sent_at"].gather(acts["index"]),
        agent=rows["agent"].gather(acts["index"]),
        team=rows["team"].gather(acts["index"]),
    )
    of_human = C("act") == AGENT
    acted = acts.group_by("conversation").agg(
        asked_at=C("at").filter(C("act") == CUSTOMER).first(),
        has_customer=(C("act") == CUSTOMER).any(),
        has_bot=(C("act") == BOT).any(),
        has_human=of_human.any(),
        has_handoff=(C("act") == HANDOFF).any(),
        agents=C("agent").filter(of_human).drop_nulls().n_unique(),
        first_agent=C("agent").filter(of_human).first().cast(pl.String),
        last_team=C("team").filter(of_human).last().cast(pl.String),
    )
    told = begun.join(acted, on="conversation", how="left", maintain_order="left")
    flags = [name for name in acted.columns if name.startswith("has_")]
    return told.with_columns(
        C(*flags).fill_null(value=False),
        C("agents").fill_null(0),
        is_partial=is_partial,
        is_proactive=is_proactive,
    )


def decided_of(judged: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return the met and breached clocks of SLAs that take clocks each once."""
    schema = {"started_at": MESSAGES["sent_at"], "channel": pl.String(), "team": pl.String()}
    empty = pl.DataFrame(schema=schema | {"is_met": pl.Boolean()})
    parts = [
        part.filter(C("outcome").cast(pl.String).is_in(["met", "breached"])).select(
            "started_at",
            C("channel").cast(pl.String),
            C("team").cast(pl.String),
            is_met=C("outcome") == "met",
        )
        for part in judged
    ]
    return pl.concat([empty, *parts])
