"""How `talkdesk_calls` is read; `kpiaudit.sources.talkdesk_calls` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.calls import timelines
from kpiaudit.decoding.columns import Fault, first_fault, missing, number, unread
from kpiaudit.decoding.parts import dated, table
from kpiaudit.schema import DURATION

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
CALLS: Final = {
    "call": "call_id",
    "type": "type",
    "start": "start_at",
    "end": "end_at",
    "talk": "talk_time",
    "wait": "wait_time",
    "hold": "hold_time",
    "abandon": "abandon_time",
    "agent": "user_name",
    "handled": "handling_user_name",
    "is_transfer": "is_transfer",
    "is_callback": "is_callback_from_queue",
    "team": "team_name",
    "customer": "contact_phone_number",
    "tags": "tags",
}
OLDER: Final = {
    "call": "interaction_id",
    "type": "call_type",
    "start": "start_time",
    "end": "end_time",
    "talk": "talk_time",
    "wait": "waiting_time",
    "hold": "holding_time",
    "abandon": "abandon_time",
    "agent": "agent_name",
    "handled": "handling_agent",
    "is_transfer": "transfer?",
    "is_callback": "callback_from_queue?",
    "team": "team",
    "customer": "customer_phone_number",
    "tags": "tags",
}
STAMPS: Final = ("start", "end")
TIMES: Final = ("talk", "wait", "hold", "abandon")
DAY: Final = 86_400
TALKED: Final = {"inbound": True, "outbound": True}
OUTBOUND: Final = ("outbound", "outbound_missed")
TYPES: Final = (*OUTBOUND, "inbound", "missed", "abandoned", "short_abandoned", "voicemail")
YES: Final = ("yes", "true")
NO_AGENT: Final = ("", "N/A", "-")


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every call of both generations."""
    newer = calls(files, "calls", CALLS, unit=1, careful=settings.careful)
    older = calls(files, "older", OLDER, unit=DAY, careful=settings.careful)
    return timelines(pl.concat([newer, older]))


def calls(
    files: Sequence[ExportFile], part: str, columns: Mapping[str, str], *, unit: int, careful: bool
) -> pl.LazyFrame:
    """Return the calls of one generation as legs; its times count `unit` seconds."""
    rows = table(files, part, columns, careful=careful, blanks=NO_AGENT)
    stamped = dated(rows, {name: columns[name] for name in STAMPS}, time_zone="UTC")
    timed = stamped.with_columns(seconds(C(name), unit).alias("in " + name) for name in TIMES)
    kind = C("type").str.strip_chars().str.to_lowercase()
    faults = [
        missing(columns["call"], C("call")),
        Fault(f"{columns['type']}: unknown word", ~kind.is_in(TYPES), C("type")),
        missing(columns["type"], C("type")),
        *(unread(f"{columns[name]}: not a number", C(name), C("in " + name)) for name in TIMES),
    ]
    return timed.with_columns(first_fault(faults)).select(
        *("export", "row", "reject", "value", "call", "team", "customer"),
        C("call").alias("leg"),
        C("end").dt.epoch("us").alias("version"),
        pl.when(kind.is_in(OUTBOUND))
        .then(pl.lit("outbound"))
        .otherwise(pl.lit("inbound"))
        .alias("direction"),
        C("start").alias("reached_at"),
        *moments(kind),
        "agent",
        pl.when(is_passed_on()).then("handled").alias("passed_to"),
        tags(kind).alias("tags"),
    )


def moments(kind: pl.Expr) -> list[pl.Expr]:
    """Return when a call was queued, answered, passed on and ended, and how long it was handled."""
    none = pl.duration()
    took = C("in talk").fill_null(none) + C("in hold").fill_null(none)
    is_answered = kind.is_in(list(TALKED))
    answered = pl.max_horizontal("start", C("end") - took)
    waited = pl.when(C("in wait") > none).then("in wait")
    left = pl.coalesce(
        waited, pl.when(C("in abandon") > none).then("in abandon"), C("end") - C("start")
    )
    queued = (
        pl.when(is_answered)
        .then(answered - C("in wait").fill_null(none))
        .otherwise(C("end") - left)
    )
    at = pl.when(is_answered).then(answered)
    return [
        pl.max_horizontal("start", queued).alias("queued_at"),
        at.alias("answered_at"),
        pl.when(is_passed_on()).then("end").alias("passed_at"),
        C("end").alias("ended_at"),
        pl.when(is_answered).then(C("end") - answered).alias("handle_time"),
    ]


def is_passed_on() -> pl.Expr:
    """Return which calls were transferred to somebody else."""
    is_transfer = C("is_transfer").str.to_lowercase().is_in(YES)
    return (is_transfer & (C("handled") != C("agent"))).fill_null(value=False)


def tags(kind: pl.Expr) -> pl.Expr:
    """Return the tags, with the type of a call nobody answered, and of a call back."""
    own = C("tags").str.split("+").fill_null([])
    unanswered = pl.when(~kind.is_in(list(TALKED))).then(kind)
    is_callback = C("is_callback").str.to_lowercase().is_in(YES)
    more = pl.concat_list(
        unanswered, pl.when(is_callback).then(pl.lit("callback"))
    ).list.drop_nulls()
    return own.list.concat(more)


def seconds(text: pl.Expr, unit: int) -> pl.Expr:
    """Return a time in whole seconds; a fraction of a day is one but for its last digits."""
    return (number(text) * unit).round().cast(pl.Int64).mul(1_000_000).cast(DURATION)
