"""Where an export has threads and no conversations: silence ends one, unless somebody waits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.acts import AGENT, BOT, CUSTOMER, HANDOFF, acts_of
from kpiaudit.conversations import timeline
from kpiaudit.pieces import SLICE, counted, cut_as, in_slices
from kpiaudit.schema import LABEL
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
    is_thread = messages.select(~C("has_boundaries").fill_null(value=True)).to_series()
    messages = messages.drop("has_boundaries")
    if not is_thread.any():
        return messages
    threads = messages if is_thread.all() else messages.filter(is_thread)
    columns, is_all = messages.columns, threads is messages
    ordered = timeline(threads)  # of many messages it takes the columns away
    ids = cut_as(names(ordered, gap), ordered["sent_at"])
    named = ordered.with_columns(conversation_id=ids).select(columns)
    if is_all:
        return named
    both = [messages.filter(~is_thread), named]
    return pl.concat(frame.with_columns(C("conversation_id").cast(pl.String)) for frame in both)


def names(ordered: pl.DataFrame, gap: timedelta) -> pl.Series:
    """Return the conversation of each ordered row of threads: rows of one share its text, or its label."""
    is_new = in_slices(ordered, changes())
    begins = beginnings_after(ordered, gap)
    is_first = is_new | begins
    count = begins.filter(is_first).cast(pl.UInt32).cum_sum()
    before = count.filter(is_new.filter(is_first)).gather(ordered["conversation"].filter(is_first))
    number = (count - before + 1).cast(pl.String)
    thread = ordered.select(C("conversation_id").filter(is_first).cast(pl.String)).to_series()
    named = thread + "#" + number
    if ordered.schema["conversation_id"] == LABEL:
        named = named.cast(LABEL)
    return pl.concat([named.gather(at) for at in counted(is_first, first=0)], rechunk=True)


def changes() -> pl.Expr:
    """Return which ordered rows are the first of their thread."""
    return C("conversation").ne_missing(C("conversation").shift())


def beginnings_after(ordered: pl.DataFrame, gap: timedelta) -> pl.Series:
    """Return which ordered rows begin another conversation of their thread.

    A bot ends a wait only once a human has answered in the conversation; so after each human answer or
    solving, the first inbound row that comes late enough, and finds nobody waiting, is the one. Rows are
    told by their numbers, of those that matter alone: a chat of years has few silences.
    """
    is_late = (C("sent_at") - C("sent_at").shift()) >= gap
    late = in_slices(ordered, (is_late & ~changes()).fill_null(value=False))
    starts = in_slices(ordered, changes()).arg_true()
    asked, handed, answered, ended = who_acts(ordered)
    handed = handed.filter(last_before(handed, answered) >= last_before(handed + 1, starts))
    rows = asked.filter(late.gather(asked))
    first = last_before(rows + 1, starts)
    told = pl.DataFrame(
        {
            "row": rows,
            "first": first,
            "wait": last_before(rows, pl.concat([asked, handed]).sort() if len(handed) else asked),
            "end": last_before(rows, ended),
            "answer": last_before(rows, answered),
        }
    ).with_columns(
        pl.when(C(name) >= C("first")).then(name).otherwise(-1).alias(name)
        for name in ("wait", "end", "answer")
    )
    nobody_waits = ((C("wait") < C("end")) & (C("answer") >= 0)) | (C("wait") < 0)
    earliest = C("first").ne_missing(C("first").shift())
    earliest |= C("answer").ne_missing(C("answer").shift())
    begun = told.filter(nobody_waits).filter(earliest)["row"]
    nothing = pl.repeat(value=False, n=ordered.height, dtype=pl.Boolean, eager=True)
    return nothing.scatter(begun, values=True)


def who_acts(ordered: pl.DataFrame) -> list[pl.Series]:
    """Return the ordered rows in which a customer asks, a wait is handed over, answered, or ended."""
    act = C("act")
    is_answer = (act == AGENT) | (act > HANDOFF)
    rules = (act == CUSTOMER, act == HANDOFF, is_answer, is_answer | (act == BOT))
    parts: list[list[pl.Series]] = [[] for _ in rules]
    for start in range(0, ordered.height, SLICE):
        acts = acts_of(ordered.slice(start, SLICE), Definitions())
        for rows, rule in zip(parts, rules, strict=True):
            rows.append(acts.select(C("index").filter(rule) + start).to_series())
    return [pl.concat(rows, rechunk=True) for rows in parts]


def last_before(rows: pl.Series, among: pl.Series) -> pl.Series:
    """Return for each row number the last before it of some others, which ascend; -1 where there is none."""
    if among.is_empty():
        return pl.repeat(-1, len(rows), dtype=pl.Int64, eager=True)
    places = among.search_sorted(rows, side="left").cast(pl.Int64)
    return among.gather((places - 1).clip(0)).cast(pl.Int64).set(places == 0, -1)
