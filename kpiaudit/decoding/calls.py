"""Timelines of calls: legs, as phone systems log them, put together to one conversation a call.

A leg is one record: a caller in a queue, a telephone that rang, an agent who talked. The caller's wait
begins where the first leg queues; each answer is a message of its agent, and what an agent did then is its
handling time; a later queue hands the caller over; the call is resolved where its last leg ends. So the
first response is the speed of answer, and a call nobody answered has an end and no reply. What happened
before the queue, in a menu, is an update: clocks that start at creation count it.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN
from kpiaudit.decoding.parts import held
from kpiaudit.decoding.records import Broken, Table
from kpiaudit.schema import DURATION, INSTANT

C = pl.col
LEG: Final[dict[str, pl.DataType]] = {
    "export": pl.String(),
    "row": pl.UInt32(),
    "reject": pl.String(),
    "value": pl.String(),
    "skip": pl.String(),
    "call": pl.String(),
    "leg": pl.String(),
    "version": pl.Int64(),
    "direction": pl.String(),
    "channel": pl.String(),
    "reached_at": INSTANT,
    "queued_at": INSTANT,
    "answered_at": INSTANT,
    "passed_at": INSTANT,
    "ended_at": INSTANT,
    "agent": pl.String(),
    "passed_to": pl.String(),
    "team": pl.String(),
    "customer": pl.String(),
    "tags": pl.List(pl.String()),
    "handle_time": DURATION,
    "is_partial": pl.Boolean(),
}
"""One leg: `call` and `leg` name it, `version` tells the later of two records of one leg; `direction` is
inbound, outbound or internal; `reached_at` the phone system, `queued_at` for a human (null: never),
`answered_at` by `agent` (of an outbound call: by the customer), `passed_at` to `passed_to` on the same leg,
`ended_at` (null: not yet, or not told)."""
COUNTED: Final[dict[str, pl.DataType]] = {
    name: pl.Int64() if kind in {INSTANT, DURATION} else kind for name, kind in LEG.items()
}
STAMPS: Final = ("reached_at", "queued_at", "answered_at", "passed_at", "ended_at")
AGAIN: Final = "delivered again"
INTERNAL: Final = "internal call"
NOBODY_TALKED: Final = "leg nobody answered"
TOLD: Final = (
    "conversation_id", "message_id", "sent_at", "event", "status", "channel", "agent", "team",
    "customer", "tags", "handle_time", "is_partial",
)  # fmt: skip


class Legs(Table):
    """Legs one by one, as decoders of nested JSON give them: instants in microseconds since 1970, the
    handling time in microseconds.
    """

    def __init__(self) -> None:
        super().__init__(COUNTED)

    def tell(self, leg: dict[str, object]) -> None:
        """Take one leg; a name that is no column is a bug."""
        if not leg.keys() <= COUNTED.keys():
            raise KeyError(leg.keys() - COUNTED.keys())
        self.add(tuple(map(leg.get, COUNTED)))

    def reject(self, export: str, row: int, broken: Broken) -> None:
        """Take down a record that cannot be used."""
        self.tell({"export": export, "row": row, "reject": broken.rule, "value": broken.value})


def timelines(legs: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows of every call, and one for each leg that gave none: refused, skipped or told by
    the others of its call. Columns of LEG a source does not give are null.
    """
    have = set(legs.collect_schema().names())
    nothing = [pl.lit(None, kind).alias(name) for name, kind in LEG.items() if name not in have]
    whole = legs.with_columns(nothing).select(C(name).cast(kind) for name, kind in LEG.items())
    (read,) = held(marked(whole))
    is_sound = C("reject").is_null() & C("skip").is_null()
    (sound,) = held(placed(read.filter(is_sound)))
    told = [told_by(sound, *step) for step in steps()]
    is_told = pl.any_horizontal(at.is_not_null() for _, _, at, _ in steps())
    silent = sound.filter(~is_told).select(*GIVEN, skip=pl.lit(NOBODY_TALKED))
    rest = read.filter(~is_sound).select(*GIVEN, "skip")
    return pl.concat([*told, silent, rest], how="diagonal").select(*GIVEN, "skip", *TOLD)


def marked(legs: pl.LazyFrame) -> pl.LazyFrame:
    """Return legs with `skip` for all but the last record of each leg, and for calls among ourselves."""
    is_sound = C("reject").is_null() & C("skip").is_null()
    key = pl.when(is_sound).then("leg")
    ordered = legs.sort("version", "export", "row", nulls_last=False, maintain_order=True)
    is_again = key.is_not_null() & ~key.is_last_distinct()
    return ordered.with_columns(
        skip=pl.when(is_again)
        .then(pl.lit(AGAIN))
        .when(is_sound & (C("direction") == "internal"))
        .then(pl.lit(INTERNAL))
        .otherwise("skip")
    )


def placed(legs: pl.LazyFrame) -> pl.LazyFrame:
    """Return the legs of each call in the order of time, with what holds for the whole call."""
    began = pl.min_horizontal(*STAMPS)
    ordered = legs.with_columns(began_at=began).sort("call", "began_at", "leg")
    is_inbound = (C("direction").first() != "outbound").fill_null(value=True)
    never_queued = C("queued_at").null_count() == pl.len()
    is_taken = C("answered_at").count() > 0
    over = ordered.with_columns(
        place=pl.int_range(pl.len()).over("call"),
        is_inbound=is_inbound.over("call"),
        is_unqueued=(never_queued & is_taken).over("call"),
        is_taken=is_taken.over("call"),
        is_last=is_last_of_call(),
        last_agent=C("agent").forward_fill().over("call"),
        goes_on=C("ended_at").is_null().any().over("call"),
        is_partial=C("is_partial").any().over("call"),
        customer=C("customer").drop_nulls().first().over("call"),
        channel=C("channel").drop_nulls().first().over("call"),
    )
    straight = C("is_unqueued") & (C("place") == 0)
    is_waiting = C("is_inbound") | (C("place") > 0)
    waits = over.with_columns(
        queued_at=pl.when(is_waiting).then(
            pl.coalesce("queued_at", pl.when(straight & C("is_inbound")).then("began_at"))
        )
    )
    nth = C("queued_at").is_not_null().cum_sum().over("call")
    is_first = C("is_inbound") & (nth == 1) & C("queued_at").is_not_null()
    return waits.with_columns(
        is_first_wait=is_first, first_wait_at=C("queued_at").min().over("call")
    )


def is_last_of_call() -> pl.Expr:
    """Return which leg ends its call: of those that end last, the last to begin."""
    ends_last = C("ended_at") == C("ended_at").max().over("call")
    place = pl.int_range(pl.len())
    return (
        pl.when(ends_last).then(place.over("call")).max().over("call") == place.over("call")
    ).fill_null(value=False)


def steps() -> list[tuple[str, str, pl.Expr, dict[str, pl.Expr]]]:
    """Return what a leg may tell: the mark of its id, which orders rows of one instant, the event, when
    it happened (null: it did not), and what else is said.
    """
    is_first = C("place") == 0
    is_before = (C("reached_at") != C("first_wait_at")).fill_null(value=True)
    nobody = pl.lit(None, pl.String)
    return [
        (
            "0",
            "update",
            pl.when(is_first & is_before & ~is_call_out()).then("reached_at"),
            {"agent": nobody},
        ),
        ("1", "inbound", pl.when("is_first_wait").then("queued_at"), {"agent": nobody}),
        ("2", "handoff", pl.when(~C("is_first_wait")).then("queued_at"), {"agent": nobody}),
        ("3", "outbound", C("answered_at"), {"handle_time": C("handle_time")}),
        ("4", "update", C("passed_at"), {"agent": C("passed_to")}),
        (
            "9",
            "status",
            pl.when(C("is_last") & ~C("goes_on")).then("ended_at"),
            {"status": pl.lit("resolved"), "agent": pl.coalesce("passed_to", "last_agent")},
        ),
    ]


def is_call_out() -> pl.Expr:
    """Return which legs are of a call we made and somebody took: its answer is its beginning."""
    return ~C("is_inbound") & C("is_taken")


def told_by(
    legs: pl.LazyFrame, mark: str, event: str, at: pl.Expr, more: dict[str, pl.Expr]
) -> pl.LazyFrame:
    """Return a row for each leg of which one step is told."""
    defaults = {"status": pl.lit(None, pl.String), "handle_time": pl.lit(None, DURATION)}
    return (
        legs.with_columns(sent_at=at)
        .filter(C("sent_at").is_not_null())
        .with_columns(
            conversation_id="call",
            message_id=pl.concat_str(pl.lit(mark + "-"), "leg"),
            event=pl.lit(event),
            **(defaults | more),
        )
        .select(*GIVEN, "skip", *TOLD)
    )
