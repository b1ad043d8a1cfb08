"""Where an export has threads and no conversations: silence ends one, unless somebody waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.acts import AGENT, BOT, CUSTOMER, HANDOFF, acts_of
from kpiaudit.conversations import timeline
from kpiaudit.settings import Definitions

if TYPE_CHECKING:
    from datetime import timedelta

C = pl.col


def parted(messages: pl.DataFrame, gap: timedelta) -> pl.DataFrame:
    """Return the messages with every thread without boundaries parted into conversations `<thread>#<n>`.

    `has_boundaries` false marks the rows of such threads; it is left out of the result. A new
    conversation begins with a customer's message after `gap` of silence, when no wait is open.
    """
    if "has_boundaries" not in messages.columns:
        return messages
    is_thread = ~messages["has_boundaries"].fill_null(value=True)
    messages = messages.drop("has_boundaries")
    if not is_thread.any():
        return messages
    ordered = timeline(messages.filter(is_thread))
    begins = C("begins").cast(pl.UInt32).cum_sum().over("conversation") + 1
    ordered = ordered.with_columns(begins=beginnings_after(ordered, gap)).with_columns(begins)
    number = C("begins").cast(pl.String)
    named = pl.concat_str(C("conversation_id").cast(pl.String), pl.lit("#"), number)
    whole = messages.filter(~is_thread).with_columns(C("conversation_id").cast(pl.String))
    return pl.concat([whole, ordered.with_columns(conversation_id=named).select(messages.columns)])


def beginnings_after(ordered: pl.DataFrame, gap: timedelta) -> pl.Series:
    """Return which ordered rows begin another conversation of their thread.

    A bot ends a wait only once a human has answered in the conversation; so after each human answer or
    solving, the first inbound row that comes late enough, and finds nobody waiting, is the one.
    """
    acts = acts_of(ordered, Definitions()).select("index", "act")
    is_late = (C("sent_at") - C("sent_at").shift()) >= gap
    is_late &= C("conversation") == C("conversation").shift()
    known = ordered.select("conversation", is_late=is_late.fill_null(value=False)).with_row_index()
    known = known.join(acts, on="index", how="left", maintain_order="left")
    here, act = pl.int_range(pl.len(), dtype=pl.Int64), C("act")
    first = (
        pl.when(C("conversation").ne_missing(C("conversation").shift())).then(here).forward_fill()
    )
    answers = (act == AGENT) | (act > HANDOFF)
    has_answer = pl.when(answers).then(here).forward_fill() >= first
    places = known.select(
        may=C("is_late") & (act == CUSTOMER).fill_null(value=False),
        first=first,
        wait=pl.when((act == CUSTOMER) | ((act == HANDOFF) & has_answer))
        .then(here)
        .forward_fill()
        .shift(),
        end=pl.when(answers | (act == BOT)).then(here).forward_fill().shift(),
        answer=pl.when(answers).then(here).forward_fill().shift(),
    )
    wait, end, answer = (
        pl.when(C(name) >= C("first")).then(C(name)).fill_null(-1)
        for name in ("wait", "end", "answer")
    )
    nobody_waits = ((wait < end) & (answer >= 0)) | (wait < 0)
    late = places.select("first", answer=answer, may=C("may") & nobody_waits)
    earlier = C("may").cast(pl.UInt32).cum_sum().over("first", "answer")
    return late.select(C("may") & (earlier == 1)).to_series()
