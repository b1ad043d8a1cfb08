"""What the readers of reviews share: a record is a review and, where there is one, its reply."""

from __future__ import annotations

from typing import Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, Fault, first_fault, number, outside, unread
from kpiaudit.decoding.parts import held

C = pl.col
MOST_STARS: Final = 5
MILLISECOND: Final = 1_000


def exchanges(records: pl.LazyFrame, *, stars: str, reply: str, text: bool) -> pl.LazyFrame:
    """Return a row per review and one per reply, and a row for every other record.

    `records` have `key` (the review's id), `written` and `answered` (INSTANT), `stars` and `customer` (text),
    `words` and `answer` (text), `is_silent` (nothing was written that could be answered), `reject` and `value`.
    A review is inbound and rated 0 to 1; a silent one is a rating alone. A reply's id names when it was
    written: where two exports know a reply before and after it was edited, the earlier one answers first.
    A `doubt` is kept. `stars` and `reply` are what the export calls the rating and the reply's instant, for rejects.
    """
    typed = records.with_columns(count=number(C("stars"))).with_columns(
        first_fault(
            [
                unread(f"{stars}: not a number", C("stars"), C("count")),
                outside(stars, C("stars"), C("count"), 1, MOST_STARS),
                Fault(f"{reply}: before the review", C("answered") < C("written"), C("answered")),
            ]
        )
    )
    (known,) = held(typed)
    is_sound = C("reject").is_null()
    is_answered = is_sound & C("answered").is_not_null()
    silent = pl.when("is_silent").then(pl.lit("rated")).otherwise(pl.lit("inbound"))
    reviews = known.with_columns(
        sent_at=pl.when(is_sound).then("written"),
        event=pl.when(is_sound).then(silent),
        message_id=C("key"),
        rating=pl.when(is_sound).then((C("count") - 1) / (MOST_STARS - 1)),
        text=C("words") if text else pl.lit(None, pl.String),
    )
    replies = known.filter(is_answered).with_columns(
        sent_at=C("answered"),
        event=pl.lit("outbound"),
        message_id=C("key")
        + "-reply-"
        + (C("answered").dt.epoch("us") // MILLISECOND).cast(pl.String),
        rating=pl.lit(None, pl.Float64),
        text=C("answer") if text else pl.lit(None, pl.String),
    )
    told = pl.concat([reviews, replies])
    return told.select(
        *GIVEN,
        C("key").alias("conversation_id"),
        *("message_id", "sent_at", "event", "rating", "customer", "text"),
        *(name for name in ("doubt",) if name in told.collect_schema()),
    )
