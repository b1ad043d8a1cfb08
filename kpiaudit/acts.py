"""What each row does to a wait: who wrote, what was solved, where a conversation begins."""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.pieces import SLICE, in_slices, is_many
from kpiaudit.schema import CLOSED_STATUSES

if TYPE_CHECKING:
    from kpiaudit.settings import Definitions

C = pl.col
CUSTOMER, AGENT, BOT, HANDOFF, RESOLVED, SOLVED_AS_REPLY, STATUS = range(1, 8)
"""What a row does to a wait; every other row does nothing. SOLVED_AS_REPLY and STATUS are statuses that
the definitions take for a first response."""
BY_AUTHOR = {"agent:public": AGENT, "bot:public": BOT}


def acts_of(ordered: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
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
    )
    has_statuses = bool((ordered["event"] == "status").any())
    for code, words in status_codes(definitions).items() if has_statuses else ():
        is_it = (event == "status") & C("status").cast(pl.String).is_in(words)
        act = act.when(is_it).then(pl.lit(code, pl.UInt8))
    if not is_many(ordered.height):
        return with_acts(ordered, act)
    rows = range(0, ordered.height, SLICE)
    return pl.concat(
        [with_acts(ordered.slice(start, SLICE), act, start) for start in rows], rechunk=True
    )


def with_acts(ordered: pl.DataFrame, act: pl.Expr, first: int = 0) -> pl.DataFrame:
    """Return `index`, counted from `first`, `conversation` and `act` of the rows that have one."""
    told = ordered.select("conversation", act=act).with_row_index("index", first)
    return told.filter(C("act").is_not_null())


def status_codes(definitions: Definitions) -> dict[int, list[str]]:
    """Return which statuses are which act."""
    replies = set(definitions.status_stops_first)
    as_reply = set() if definitions.resolve_stops_first else replies & set(CLOSED_STATUSES)
    codes = {
        SOLVED_AS_REPLY: as_reply,
        RESOLVED: set(CLOSED_STATUSES) - as_reply,
        STATUS: replies - set(CLOSED_STATUSES),
    }
    return {code: sorted(words) for code, words in codes.items() if words}


def first_stops(definitions: Definitions) -> list[int]:
    """Return the acts that end a first response."""
    codes = [BY_AUTHOR[word] for word in definitions.first_stops]
    if definitions.resolve_stops_first:
        codes.append(RESOLVED)
    if definitions.status_stops_first:
        codes += [SOLVED_AS_REPLY, STATUS]
    return codes


def next_stops(definitions: Definitions) -> list[int]:
    """Return the acts that end a next response."""
    codes = [BY_AUTHOR[word] for word in definitions.next_stops]
    return [*codes, RESOLVED, SOLVED_AS_REPLY] if definitions.resolve_stops_next else codes


def is_one_of(codes: list[int]) -> pl.Expr:
    """Return which acts are one of `codes`."""
    return reduce(or_, (C("act") == code for code in codes))


def without_ignored(acts: pl.DataFrame, definitions: Definitions) -> pl.DataFrame:
    """Return the acts that start or end a next response."""
    does = {CUSTOMER, HANDOFF, *next_stops(definitions)}
    occurring = {CUSTOMER, AGENT, BOT, HANDOFF, *status_codes(definitions)}
    return acts if occurring <= does else acts.filter(is_one_of(sorted(does)))


def first_of_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the first row of each conversation of ordered rows."""
    return rows.filter(C("conversation").ne_missing(C("conversation").shift()))


def last_of_each(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the last row of each conversation of ordered rows."""
    return rows.filter(C("conversation").ne_missing(C("conversation").shift(-1)))


def last_rows(ordered: pl.DataFrame) -> pl.Series:
    """Return the number of the last row of each conversation."""
    begins = C("conversation").ne_missing(C("conversation").shift())
    first = in_slices(ordered.select("conversation"), begins).arg_true()
    ends = pl.Series([ordered.height], dtype=pl.UInt32).head(len(first))
    return (pl.concat([first[1:], ends]) - 1).alias("index")


def ordinal_in_conversation(starts: pl.DataFrame) -> pl.Series:
    """Return 1, 2, ... within each conversation of an ordered frame."""
    place = pl.int_range(1, pl.len() + 1, dtype=pl.UInt32)
    is_new = C("conversation").ne_missing(C("conversation").shift())
    base = pl.when(is_new).then(place).forward_fill()
    return starts.select(ordinal=place - base + 1).to_series()


def opened_by_agent(acts: pl.DataFrame, is_partial: pl.Series) -> pl.Series:
    """Return per conversation whether a human of ours spoke before any customer did (proactive)."""
    first = first_of_each(acts.filter(C("act") <= AGENT))
    codes = first.filter(C("act") == AGENT)["conversation"]
    flags = pl.repeat(value=False, n=len(is_partial), dtype=pl.Boolean, eager=True)
    return flags.scatter(codes, values=True) & ~is_partial


def first_asked(acts: pl.DataFrame, conversations: int) -> pl.Series:
    """Return per conversation its first customer message, null for none."""
    asked = first_of_each(acts.filter(C("act") == CUSTOMER))
    nothing = pl.repeat(None, conversations, dtype=pl.UInt32, eager=True)
    return nothing.scatter(asked["conversation"], asked["index"])


def beginnings(
    ordered: pl.DataFrame,
    acts: pl.DataFrame,
    asked: pl.Series,
    is_partial: pl.Series,
    definitions: Definitions,
) -> pl.Series:
    """Return per conversation the row at which it begins for its clocks, null for none.

    Its first customer message (`asked`); or its first row of all, where clocks start at creation and the
    export holds the beginning. A conversation nobody wrote in never begins; one in which only the team
    did, when such ones are measured.
    """
    if definitions.clock_start == "first_customer_message":
        return asked
    is_measured = definitions.agent_initiated == "measure"
    people = acts.filter(C("act") <= (AGENT if is_measured else CUSTOMER))
    conversations = first_of_each(people)["conversation"]
    rows = first_of_each(ordered.select("conversation").with_row_index("index"))["index"]
    nothing = pl.repeat(None, len(asked), dtype=pl.UInt32, eager=True)
    created = nothing.scatter(conversations, rows.gather(conversations))
    return asked.zip_with(is_partial, created)
