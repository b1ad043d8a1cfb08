"""How `aircall_csv` is read; `kpiaudit.sources.aircall_csv` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import available_timezones

import polars as pl

from kpiaudit.decoding.calls import timelines
from kpiaudit.decoding.columns import (
    Fault,
    first_fault,
    instant,
    instant_faults,
    missing,
    number,
    unread,
)
from kpiaudit.decoding.parts import held, table
from kpiaudit.schema import DURATION

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COLUMNS: Final = {
    "line": "line",
    "utc": "datetime (utc)",
    "local": "datetime (tz offset incl.)",
    "date": "date (tz offset incl.)",
    "time": "time (tz offset incl.)",
    "zone": "number timezone",
    "direction": "direction",
    "from": "from",
    "to": "to",
    "answered": "answered",
    "reason": "missed_call_reason",
    "total": "duration (total)",
    "talk": "duration (in call)",
    "wait": "waiting time",
    "menu": "time in ivr",
    "agent": "user",
    "team": "team",
    "tags": "tags",
    "voicemail": "voicemail",
    "internal id": "call id (internal)",
    "id": "call id",
}
TIMES: Final = {
    "total": "duration (total)",
    "talk": "duration (in call)",
    "wait": "waiting time",
    "menu": "time in ivr",
}
DIRECTIONS: Final = ("inbound", "outbound", "internal")
WAITED_FOR_NOBODY: Final = ("out_of_opening_hours", "abandoned_in_ivr")
YES: Final = ("yes", "true", "answered")
BLANKS: Final = ("-", "[No associated user]")
TO_THE_SECOND: Final = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d"
LATER: Final = 60
CLOCK: Final = r"^\d+(:\d\d){1,2}$"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every call."""
    rows = pl.concat(
        [
            table(files, part, COLUMNS, careful=settings.careful, blanks=BLANKS)
            for part in ("calls", "older")
        ]
    )
    (texts,) = held(rows.with_columns(beginning()))
    named = texts.select("zone").unique().collect()["zone"].drop_nulls()
    zones = sorted(set(named) & available_timezones())
    dated = texts.with_columns(start=start(zones, settings))
    timed = dated.with_columns(seconds(C(name)).alias("in " + name) for name in TIMES)
    word = C("direction").str.strip_chars().str.to_lowercase()
    faults = [
        missing("date and time", C("written")),
        *instant_faults("date and time", C("written"), C("start")),
        Fault("direction: unknown word", ~word.is_in(DIRECTIONS), C("direction")),
        missing("direction", C("direction")),
        missing(TIMES["total"], C("in total")),
        *(
            unread(f"{label}: not a time", C(name), C("in " + name))
            for name, label in TIMES.items()
        ),
    ]
    return timelines(legs(timed.with_columns(first_fault(faults)), word))


def beginning() -> list[pl.Expr]:
    """Return the stamp a call is dated by, and whether it is UTC."""
    both = pl.concat_str("date", "time", separator=" ")
    is_utc = C("utc").str.contains(TO_THE_SECOND).fill_null(value=False)
    local = pl.coalesce("local", both, "utc")
    return [pl.when(is_utc).then("utc").otherwise(local).alias("written"), is_utc.alias("is_utc")]


def start(zones: Sequence[str], settings: ReadSettings) -> pl.Expr:
    """Return the beginning of a call: UTC, or local in the zone its row names, else in the one given."""
    written, is_local = C("written"), ~C("is_utc")
    of_zones = [
        pl.when(is_local & (C("zone") == zone)).then(instant(written, time_zone=zone))
        for zone in zones
    ]
    is_known = C("zone").is_in(list(zones)).fill_null(value=False)
    given = pl.when(is_local & ~is_known).then(instant(written, time_zone=settings.time_zone))
    return pl.coalesce(pl.when("is_utc").then(instant(written, time_zone="UTC")), *of_zones, given)


def seconds(text: pl.Expr) -> pl.Expr:
    """Return a time given in seconds, as MM:SS or as HH:MM:SS."""
    parts = pl.when(text.str.contains(CLOCK)).then(text).str.split(":").list.reverse()
    counted = sum(
        parts.list.get(place, null_on_oob=True).cast(pl.Int64, strict=False).fill_null(0) * worth
        for place, worth in enumerate((1, LATER, LATER * LATER))
    )
    clock = pl.when(parts.is_not_null()).then(counted)
    whole = number(text).round().cast(pl.Int64)
    return (pl.coalesce(whole, clock) * 1_000_000).cast(DURATION)


def legs(rows: pl.LazyFrame, word: pl.Expr) -> pl.LazyFrame:
    """Return the calls as legs."""
    none = pl.duration()
    is_answered = C("answered").str.to_lowercase().is_in(YES).fill_null(value=False)
    is_outbound = word == "outbound"
    end = C("start") + C("in total")
    answered = pl.max_horizontal("start", end - C("in talk").fill_null(none))
    until = pl.when(is_answered).then(answered).otherwise(end)
    queued = pl.coalesce(until - C("in wait"), C("start") + C("in menu"), "start")
    reason = C("reason").str.to_lowercase()
    never = reason.is_in(WAITED_FOR_NOBODY).fill_null(value=False) & ~is_answered
    made_up = pl.concat_str(
        C("start").dt.strftime("%Y-%m-%dT%H:%M:%S"),
        C("from").fill_null(""),
        C("to").fill_null(""),
        separator=" ",
    )
    key = pl.coalesce("internal id", "id", made_up)
    return rows.select(
        *("export", "row", "reject", "value"),
        key.alias("call"),
        key.alias("leg"),
        word.alias("direction"),
        C("start").alias("reached_at"),
        pl.when(~never)
        .then(pl.min_horizontal(pl.max_horizontal("start", queued), end))
        .alias("queued_at"),
        pl.when(is_answered).then(answered).alias("answered_at"),
        end.alias("ended_at"),
        pl.when(is_answered | is_outbound).then("agent").alias("agent"),
        pl.coalesce("team", "line").alias("team"),
        pl.when(is_outbound).then("to").otherwise("from").alias("customer"),
        pl.when(is_answered).then("in talk").alias("handle_time"),
        tags(reason, is_answered).alias("tags"),
    )


def tags(reason: pl.Expr, is_answered: pl.Expr) -> pl.Expr:
    """Return the tags of a call, why it was missed, and that it left a voicemail."""
    own = C("tags").str.split(",").list.eval(pl.element().str.strip_chars()).fill_null([])
    more = [
        pl.when(~is_answered).then(reason),
        pl.when(C("voicemail").is_not_null()).then(pl.lit("voicemail")),
    ]
    return own.list.concat(pl.concat_list(more).list.drop_nulls())
