"""What the readers of posts on X, once Twitter, share: when an id was given out, and posts as messages.

An id since November 2010 is a snowflake: its upper bits count milliseconds since 2010-11-04 01:42:54.657 UTC. So
an answer tells when the post it answers was written, even where that post is not in the export.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, Fault, first_fault, instant, instant_faults, missing
from kpiaudit.decoding.parts import held
from kpiaudit.schema import INSTANT

C = pl.col
FIRST_SNOWFLAKE: Final = 29_700_859_247
BITS_BELOW: Final = 22
EPOCH_MS: Final = 1_288_834_974_657
CREATED_AT: Final = "%a %b %d %H:%M:%S %z %Y"
BY_ID: Final = "the post answered is absent: its time is told by its id"
REPOST: Final = "no message: repost"
TOO_OLD: Final = "the post answered is absent and too old for its id to tell its time"
TWEETS: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(
        ("export", "id", "created_at", "reply_to", "thread", "event", "author_role", "author"),
        pl.String(),
    ),
    **dict.fromkeys(
        ("agent", "customer", "answered", "text", "skip", "reject", "value"), pl.String()
    ),
    "answers_us": pl.Boolean(),
    "row": pl.UInt32(),
}
"""A post: its id and that of the post it answers, who wrote it (`author` where only `[us]` can say), who
wrote what it answers and whether that was us, and the conversation's id where the export tells it."""


def written_at(tweet_id: pl.Expr) -> pl.Expr:
    """Return when a post was written by its id, null for one that is too old to tell."""
    number = tweet_id.cast(pl.Int64, strict=False)
    since_1970 = (number // 2**BITS_BELOW + EPOCH_MS) * 1_000
    return pl.when(number >= FIRST_SNOWFLAKE).then(since_1970).cast(INSTANT)


def messages(tweets: pl.LazyFrame, *, text: bool) -> pl.LazyFrame:
    """Return a row per post, and one for each post that we answered and the export lacks.

    `tweets` has the columns of TWEETS. Conversations follow from `reply_to`; where a post between is lacking,
    from the `thread`.
    """
    stamp = C("created_at")
    read = tweets.with_columns(
        sent_at=pl.coalesce(instant(stamp, CREATED_AT), instant(stamp, time_zone="UTC"))
    )
    faults = [missing("id", C("id")), missing("created_at", stamp)]
    faults += [not_an_id("id"), not_an_id("reply_to")]
    faults += instant_faults("created_at", stamp, C("sent_at"))
    judged = [pl.when(C("skip").is_null()).then(fault) for fault in first_fault(faults)]
    (posts,) = held(linked(read.with_columns(judged)))
    (told,) = held(linked(pl.concat([posts, unseen(posts)], how="diagonal")))
    at = pl.when(is_sound()).then("sent_at")
    first = C("id").sort_by(at, nulls_last=True).first().over("thread")
    further = pl.when(C("thread").is_not_null() & (C("id") != first)).then(first)
    is_loose = C("reply_to").is_null() | C("is_lacking")
    too_old = pl.when(answers_unseen() & written_at(C("reply_to")).is_null()).then(pl.lit(TOO_OLD))
    return told.select(
        *GIVEN,
        "skip",
        pl.coalesce(pl.when(is_loose).then(further), "reply_to").alias("reply_to"),
        C("id").alias("message_id"),
        *("sent_at", "event", "author_role", "author", "agent", "customer"),
        pl.coalesce("doubt", too_old).alias("doubt"),
        (C("author_role") == "bot").fill_null(value=False).alias("is_automated"),
        (C("text") if text else pl.lit(None, pl.String)).alias("text"),
    )


def not_an_id(name: str) -> Fault:
    """Return the rule that an id is digits; one a spreadsheet has rounded is another post's, or nobody's."""
    return Fault(f"{name}: not an id", ~C(name).str.contains(r"^\d+$"), C(name))


def is_sound() -> pl.Expr:
    """Return whether a record is a message."""
    return C("skip").is_null() & C("reject").is_null()


def linked(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Return posts with `is_lacking`: whether what one answers is not among them."""
    seen = posts.filter(is_sound()).select(reply_to="id", is_seen=True).unique("reply_to")
    return (
        posts.join(seen, on="reply_to", how="left", maintain_order="left")
        .with_columns(is_lacking=C("reply_to").is_not_null() & C("is_seen").is_null())
        .drop("is_seen")
    )


def answers_unseen() -> pl.Expr:
    """Return whether a post is our answer to somebody whose post is not in the export."""
    is_ours = is_sound() & (C("event") == "outbound")
    return is_ours & C("is_lacking") & ~C("answers_us").fill_null(value=False)


def unseen(posts: pl.LazyFrame) -> pl.LazyFrame:
    """Return the posts that we answered and the export lacks, each once, beside its first answer's row.

    An id is finer than the answer's stamp: a post is never later than what answers it.
    """
    at = written_at(C("reply_to"))
    return (
        posts.filter(answers_unseen() & at.is_not_null())
        .sort("sent_at", "id")
        .unique("reply_to", keep="first", maintain_order=True)
        .select(
            *("export", "row", "thread"),
            id=C("reply_to"),
            sent_at=pl.min_horizontal(at, C("sent_at")),
            event=pl.lit("inbound"),
            customer=C("answered"),
            doubt=pl.lit(BY_ID),
        )
    )
