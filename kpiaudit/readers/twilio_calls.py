"""How `twilio_calls` is read; `kpiaudit.sources.twilio_calls` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.calls import timelines
from kpiaudit.decoding.columns import Fault, first_fault, instant, missing, seconds, unread
from kpiaudit.decoding.parts import dated, held, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
SHARED: Final = {
    "direction": "direction",
    "status": "status",
    "started": "start_time",
    "ended": "end_time",
    "duration": "duration",
    "from": "from",
    "to": "to",
    "answered_by": "answered_by",
}
CALLS: Final = SHARED | {
    "leg": "sid",
    "parent": "parent_call_sid",
    "created": "date_created",
    "updated": "date_updated",
}
WAREHOUSE: Final = SHARED | {
    "leg": "id",
    "parent": "parent_call_id",
    "created": "created_at",
    "updated": "updated_at",
}
STAMPS: Final = {
    "began": "start_time",
    "started": "start_time",
    "ended": "end_time",
    "created": "date_created",
}
RFC_2822: Final = "%a, %d %b %Y %H:%M:%S %z"
WEEKDAY: Final = r"^[A-Z][a-z]{2}, "
ISO: Final = "%Y-%m-%dT%H:%M:%SZ"
DIALLED: Final = "outbound-dial"
ON_TRUNK: Final = "trunking-originating"
OUTBOUND: Final = ("outbound-api", "outbound-dial", "outbound", "trunking-terminating")
INBOUND: Final = ("inbound", ON_TRUNK)
TAKEN: Final = ("completed", "in-progress")
OVER: Final = ("completed", "busy", "failed", "no-answer", "canceled")
MACHINES: Final = r"^(machine|fax)"
ADDRESS: Final = r"^(?:client|sip|sips):([^@;]+)"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every call."""
    careful = settings.careful
    rows = [
        table(files, "calls", CALLS, careful=careful),
        table(files, "warehouse", WAREHOUSE, careful=careful),
    ]
    texts = pl.concat(rows).with_columns(
        iso(C(name)).alias(name) for name in ("started", "ended", "created", "updated")
    )
    stamped = dated(texts.with_columns(began=pl.coalesce("started", "created")), STAMPS)
    typed = stamped.with_columns(
        word=C("direction").str.strip_chars().str.to_lowercase().str.replace_all("_", "-"),
        state=C("status")
        .str.to_lowercase()
        .str.replace_all("_", "-")
        .replace({"noanswer": "no-answer"}),
        talked=seconds(C("duration")),
    )
    faults = [
        missing("sid", C("leg")),
        Fault("direction: unknown word", ~C("word").is_in([*INBOUND, *OUTBOUND]), C("direction")),
        missing("direction", C("direction")),
        unread("duration: not a number", C("duration"), C("talked")),
    ]
    (calls,) = held(typed.with_columns(first_fault(faults)))
    return timelines(legs(calls))


def iso(text: pl.Expr) -> pl.Expr:
    """Return an RFC 2822 stamp as ISO 8601, any other text as it stands."""
    read = instant(pl.when(text.str.contains(WEEKDAY)).then(text), RFC_2822)
    return pl.coalesce(read.dt.strftime(ISO), text)


def legs(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows as legs, each with what its parent is and whether anybody was dialled for it."""
    is_sound = C("reject").is_null()
    parents = rows.filter(is_sound).select(parent="leg", of="word").unique("parent", keep="last")
    dialled = (
        rows.filter(is_sound & C("parent").is_not_null())
        .select(leg="parent", has_dialled=pl.lit(value=True))
        .unique()
    )
    known = rows.join(parents, on="parent", how="left", maintain_order="left").join(
        dialled, on="leg", how="left", maintain_order="left"
    )
    none = pl.duration()
    is_root = C("parent").is_null()
    is_ours = C("word").is_in(OUTBOUND)
    has_talked = C("state").is_in(TAKEN) & (C("talked") > none).fill_null(value=False)
    is_machine = C("answered_by").str.contains(MACHINES).fill_null(value=False)
    is_child = ~is_root & ~(C("of").is_in(OUTBOUND)).fill_null(value=False)
    is_taken = (
        has_talked & ~is_machine & (is_child | (is_root & (is_ours | (C("word") == ON_TRUNK))))
    )
    is_alone = is_root & ~is_ours & C("has_dialled").is_null()
    is_served = is_alone & has_talked & (C("word") != ON_TRUNK)
    taken_at = pl.max_horizontal("started", C("ended") - C("talked"))
    waits_from = (
        pl.when(C("word") == ON_TRUNK).then(pl.coalesce("created", "began")).otherwise("began")
    )
    return known.select(
        *("export", "row", "reject", "value", "leg"),
        pl.coalesce("parent", "leg").alias("call"),
        instant(C("updated")).dt.epoch("us").alias("version"),
        pl.when(is_root & is_ours)
        .then(pl.lit("outbound"))
        .otherwise(pl.lit("inbound"))
        .alias("direction"),
        pl.when(is_root).then(waits_from).alias("reached_at"),
        pl.when(is_root & ~is_served & ~is_ours).then(waits_from).alias("queued_at"),
        pl.when(is_taken).then(taken_at).alias("answered_at"),
        ended().alias("ended_at"),
        agent(is_taken & is_child, is_taken & is_root & is_ours).alias("agent"),
        pl.when(is_root).then(pl.when(is_ours).then("to").otherwise("from")).alias("customer"),
        pl.when(is_taken).then("talked").alias("handle_time"),
        (~is_root & C("of").is_null()).alias("is_partial"),
    )


def ended() -> pl.Expr:
    """Return when a leg ended: one that is over without a stamp ended where it began."""
    return pl.when(C("state").is_in(OVER)).then(pl.coalesce("ended", "began"))


def agent(is_dialled: pl.Expr, is_ours: pl.Expr) -> pl.Expr:
    """Return who talked: the telephone that was dialled, or the client a call was made from; of a plain
    number we call from, nobody is known.
    """
    dialled = pl.when(is_dialled).then("to")
    caller = pl.when(is_ours).then("from")
    return pl.coalesce(dialled.str.extract(ADDRESS, 1), dialled, caller.str.extract(ADDRESS, 1))
