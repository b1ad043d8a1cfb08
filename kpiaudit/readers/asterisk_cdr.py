"""How `asterisk_cdr` is read; `kpiaudit.sources.asterisk_cdr` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.calls import timelines
from kpiaudit.decoding.columns import Fault, first_fault, instant, instant_faults, missing
from kpiaudit.decoding.parts import table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STAMPS: Final = ("start", "answer", "end")
COLUMNS: Final = {
    name: name
    for name in (
        *("src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata"),
        *STAMPS,
        *("disposition", "uniqueid", "linkedid", "sequence"),
    )
}
NEVER: Final = ("0000-00-00 00:00:00",)
EPOCH: Final = r"(?:^|-)(\d{9,10})\.\d+$"
QUARTER: Final = 900
FARTHEST: Final = 15 * 3_600
APART: Final = 300
"""Seconds a leg may begin after its channel for its offset to be told."""
EXTENSION: Final = r"^\d{2,6}$"
DIALLED_INSIDE: Final = r"^(\d{2,6}|\*\d+|s|h|i|t)$"
OURS: Final = r"(?i)internal"
THEIRS: Final = r"(?i)trunk|pstn|did|incoming|inbound|external"
PEER: Final = r"^[^/]+/(.+?)(?:@[^/]*)?(?:-[0-9a-f]+)?(?:;\d)?$"
VOICEMAIL: Final = "voicemail"
WAITING: Final = ("dial", "queue")
DISPOSITIONS: Final = ("ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION")


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every call."""
    rows = table(files, "legs", COLUMNS, careful=settings.careful, blanks=NEVER)
    keyed = rows.with_columns(
        call=pl.coalesce("linkedid", "uniqueid", pl.concat_str("channel", "start", separator=" ")),
        app=C("lastapp").str.to_lowercase().fill_null(""),
    )
    local = keyed.with_columns(
        instant(C(name), time_zone="UTC").alias("local " + name) for name in STAMPS
    )
    told = local.with_columns(offset=offset())
    timed = told.with_columns(at(name, settings.time_zone).alias("at " + name) for name in STAMPS)
    word = C("disposition").str.to_uppercase()
    faults = [
        *(missing(name, C(name)) for name in ("start", "end")),
        *(fault for name in STAMPS for fault in instant_faults(name, C(name), C("at " + name))),
        Fault("disposition: unknown word", ~word.is_in(DISPOSITIONS), C("disposition")),
    ]
    return timelines(legs(timed.with_columns(first_fault(faults))))


def offset() -> pl.Expr:
    """Return how far the server's clock is ahead of UTC, by the instant in `uniqueid`: that of the row's
    channel, else that of another row of its call; null where neither tells.
    """
    began = C("local start").min().over("uniqueid").dt.epoch("s")
    ahead = began - C("uniqueid").str.extract(EPOCH, 1).cast(pl.Int64)
    quarters = (ahead / QUARTER).round().cast(pl.Int64) * QUARTER
    is_told = ((ahead - quarters).abs() <= APART) & (quarters.abs() <= FARTHEST)
    own = pl.when(is_told & C("uniqueid").is_not_null()).then(quarters)
    return pl.duration(seconds=pl.coalesce(own, own.drop_nulls().first().over("call")))


def at(name: str, time_zone: str | None) -> pl.Expr:
    """Return a stamp as an instant: by the offset, else as local time in the zone."""
    return pl.coalesce(C("local " + name) - C("offset"), instant(C(name), time_zone=time_zone))


def legs(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows as legs; a record is known by its `sequence`, else by all it says."""
    said = ("channel", "dstchannel", *STAMPS, "disposition", "app")
    whole = pl.concat_str(*(C(name).fill_null("") for name in said), separator="|")
    number = pl.coalesce("sequence", whole)
    is_sound = C("reject").is_null()
    ordered = rows.with_columns(
        leg=pl.concat_str(C("call"), C("uniqueid").fill_null(""), number, separator=" "),
        from_us=from_us(),
    ).sort("call", "at start", C("sequence").cast(pl.Int64, strict=False), "row", nulls_last=True)
    is_answered = C("disposition").str.to_uppercase() == "ANSWERED"
    is_voicemail = C("app").str.starts_with(VOICEMAIL)
    is_taken = is_answered & C("dstchannel").is_not_null() & ~is_voicemail
    is_machine = is_answered & C("dstchannel").is_null() & ~C("app").is_in(WAITING) & ~is_voicemail
    direction = direction_of(is_sound)
    known = ordered.with_columns(
        is_taken=is_taken,
        direction=direction,
        left_voicemail=is_voicemail.any().over("call"),
        is_served=(is_machine.any() & C("dstchannel").is_null().all()).over("call"),
        is_first=pl.int_range(pl.len()).over("call") == 0,
    )
    is_outbound = C("direction") == "outbound"
    answered = pl.coalesce("at answer", "at start")
    telephone = pl.when(is_outbound).then("channel").otherwise("dstchannel")
    return known.select(
        *("export", "row", "reject", "value", "call", "leg", "direction"),
        C("at start").alias("reached_at"),
        pl.when(C("is_first") & ~C("is_served") & ~is_outbound).then("at start").alias("queued_at"),
        pl.when("is_taken").then(answered).alias("answered_at"),
        C("at end").alias("ended_at"),
        pl.when("is_taken").then(telephone.str.extract(PEER, 1)).alias("agent"),
        queue().alias("team"),
        pl.when(is_outbound).then("dst").otherwise(pl.coalesce("src", "clid")).alias("customer"),
        pl.when("left_voicemail").then(pl.lit([VOICEMAIL])).alias("tags"),
        pl.when("is_taken").then(C("at end") - answered).alias("handle_time"),
    )


def from_us() -> pl.Expr:
    """Return whether a row was dialled by one of us."""
    context = C("dcontext").fill_null("")
    is_short = C("src").str.contains(EXTENSION).fill_null(value=False)
    return context.str.contains(OURS) | (is_short & ~context.str.contains(THEIRS))


def direction_of(is_sound: pl.Expr) -> pl.Expr:
    """Return the direction of the call by its first leg."""
    is_inside = C("dst").str.contains(DIALLED_INSIDE).fill_null(value=False)
    word = (
        pl.when(~C("from_us"))
        .then(pl.lit("inbound"))
        .when(is_inside)
        .then(pl.lit("internal"))
        .otherwise(pl.lit("outbound"))
    )
    return pl.when(is_sound).then(word).drop_nulls().first().over("call")


def queue() -> pl.Expr:
    """Return the queue a leg waited in: the first argument of its application."""
    name = C("lastdata").str.extract(r"^([^,|]+)", 1)
    return pl.when(C("app") == "queue").then(name)
