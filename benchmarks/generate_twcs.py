"""Make a file of the shape of Kaggle's "Customer Support on Twitter", of any size.

    python benchmarks/generate_twcs.py ROWS FILE [--seed 7]

The same arguments give the same bytes; memory stays that of one block of conversations. Every
random draw is a hash of (seed, what is drawn, which row), in arithmetic of 64 bits that neither a
version of Python nor one of polars can change.

Shape: about 3.5 messages a conversation, 108 brands of Zipf-like sizes, 55 % inbound, 7 % of the
replies branch off an earlier message, 3 % of the roots answer a tweet that is absent, 2 % of the
conversations are opened by the brand, ids locally shuffled and with gaps, not in order of time.
"""

from __future__ import annotations

import argparse
import math
import random
from pathlib import Path
from typing import IO

import polars as pl

BLOCK = 80_000
"""Conversations held in memory at a time, about 280 000 messages."""
TOWNS = (
    "Alder", "Birch", "Cedar", "Dover", "Elm", "Fjord", "Garnet", "Harbor", "Iris", "Juniper",
    "Kestrel", "Linden",
)  # fmt: skip
TRADES = ("Air", "Bank", "Cabs", "Fiber", "Games", "Mart", "Mobile", "Rail", "Stream")
BRANDS = [f"{town}{trade}Help" for trade in TRADES for town in TOWNS]
WORDS = (
    "the", "my", "your", "order", "parcel", "account", "flight", "train", "app", "update", "still",
    "waiting", "since", "yesterday", "please", "help", "with", "this", "again", "and", "it", "is",
    "not", "working", "for", "three", "days", "now", "thanks", "we", "are", "sorry", "to", "hear",
    "that", "could", "you", "send", "us", "a", "direct", "message", "so", "can", "look", "into",
    "what", "happened", "have", "tried", "restarting", "but", "no", "change", "refund", "charged",
    "twice", "card", "seat", "booking", "number", "delivery", "driver", "never", "came", "on",
    "time", "really", "disappointed", "great", "service", "today", "why", "does", "say", "when",
    "will", "be", "back", "team", "checking", "details",
)  # fmt: skip
EMOJI = ("😡", "😊", "🙏", "👍", "😭", "🤔", "🎉", "📱", "🚆", "☕")
TEXTS = 20_000
FIRST_AUTHOR = 115_712
ABSENT = 2_000_000_000
"""Where ids of tweets that are not in the file begin."""
AUTUMN = (1_506_816_000, 1_514_764_800)
"""October to December 2017, half-open; nothing is later."""
OLDEST = 1_314_576_000
"""29 August 2011."""
DAY = 86_400
GOLDEN = 0x9E3779B97F4A7C15


def mixed(bits: pl.Expr) -> pl.Expr:
    """The finalizer of SplitMix64 over a column of UInt64, wrapping as 64 bits do."""
    bits = (bits ^ (bits // 2**30)) * pl.lit(0xBF58476D1CE4E5B9, pl.UInt64)
    bits = (bits ^ (bits // 2**27)) * pl.lit(0x94D049BB133111EB, pl.UInt64)
    return bits ^ (bits // 2**31)


class Draws:
    """Independent uniform columns, each named, each a function of the seed and of the row's number."""

    def __init__(self, seed: int, row: str) -> None:
        self.seed = seed
        self.row = row

    def uniform(self, name: str) -> pl.Expr:
        """A column in [0, 1)."""
        stream = random.Random(f"{self.seed}/{self.row}/{name}").getrandbits(64)
        counter = pl.col(self.row).cast(pl.UInt64) * pl.lit(GOLDEN, pl.UInt64)
        return (mixed(counter ^ pl.lit(stream, pl.UInt64)) // 2**11).cast(pl.Float64) / 2**53

    def below(self, name: str, limit: int | pl.Expr) -> pl.Expr:
        """A column of integers in [0, limit)."""
        return (self.uniform(name) * limit).cast(pl.Int64)


def make_texts(seed: int) -> pl.Series:
    """The pool of message bodies: newlines, commas, quotes, emoji, links and signatures in them."""
    draw = random.Random(f"{seed}/texts").random
    texts = []
    for number in range(TEXTS):
        words = [WORDS[int(draw() * len(WORDS))] for _ in range(8 + int(draw() * 20))]
        if draw() < 0.45:
            words[len(words) // 2] += ","
        if draw() < 0.18:
            words[len(words) // 3] += ".\n"
        if draw() < 0.10:
            words[0] = f'"{words[0]}"'
        if draw() < 0.22:
            words.append(EMOJI[number % len(EMOJI)])
        if draw() < 0.20:
            words.append(f"https://t.co/{number:010d}")
        if draw() < 0.12:
            words.append(f"^{chr(65 + number % 26)}{chr(65 + number // 26 % 26)}")
        texts.append(" ".join(words))
    return pl.Series("text", texts)


def cumulative_shares() -> pl.Series:
    """Upper bounds in [0, 1] that give each brand its Zipf-like share of the conversations."""
    weights = [rank**-0.8 for rank in range(1, len(BRANDS) + 1)]
    return pl.Series([sum(weights[: rank + 1]) / sum(weights) for rank in range(len(weights))])


def make_conversations(first: int, count: int, seed: int) -> pl.DataFrame:
    """`count` conversations from number `first`: size, brand, opening time, oddities."""
    draws = Draws(seed, "conversation")
    extra = (draws.uniform("size").neg() + 1).log() / math.log(0.62)
    size = pl.when(draws.uniform("single") < 0.05).then(1).otherwise(2 + extra.floor())
    crowd = (
        pl.when(draws.uniform("crowd") < 0.0005).then(20 + draws.below("more", 130)).otherwise(0)
    )
    autumn = AUTUMN[0] + draws.below("opened", AUTUMN[1] - AUTUMN[0])
    earlier = OLDEST + draws.below("opened", AUTUMN[0] - OLDEST)
    frame = pl.select(conversation=pl.int_range(first, first + count, dtype=pl.Int64))
    frame = frame.with_columns(
        size=(size + crowd).cast(pl.Int64),
        opened=pl.when(draws.uniform("old") < 0.06).then(earlier).otherwise(autumn),
        by_brand=draws.uniform("by brand") < 0.02,
        is_orphan=draws.uniform("orphan") < 0.03,
        share=draws.uniform("brand"),
        spare=draws.below("spare", 3 * 3600),
    )
    brand = cumulative_shares().search_sorted(frame["share"])
    return frame.with_columns(brand=brand.clip(0, len(BRANDS) - 1))


def in_first_row(column: str) -> pl.Expr:
    """The value `column` has in the first row of each row's conversation."""
    return pl.col(column).gather(pl.int_range(pl.len()) - pl.col("place"))


def make_messages(conversations: pl.DataFrame, first_row: int, seed: int) -> pl.DataFrame:
    """One row per message: place in its conversation, side, time in seconds, parent's place."""
    draws = Draws(seed, "number")
    radius = ((draws.uniform("wait").neg() + 1).log() * -2).sqrt()
    frame = (
        conversations.with_columns(place=pl.int_ranges(0, "size"))
        .explode("place")
        .with_row_index("number", offset=first_row)
    )
    frame = frame.with_columns(
        turns=((pl.col("place") > 0) & (draws.uniform("side") < 0.86)).cast(pl.Int64).cum_sum(),
        normal=radius * (draws.uniform("turn") * math.tau).cos(),
        parent_place=pl.when((draws.uniform("branch") < 0.11) & (pl.col("place") > 1))
        .then(draws.below("which", pl.col("place") - 1))
        .otherwise(pl.col("place") - 1),
    )
    side = pl.col("turns") - in_first_row("turns") + pl.col("by_brand").cast(pl.Int64)
    is_closing = (pl.col("place") > 0) & (pl.col("place") == pl.col("size") - 1)
    closes = is_closing & (draws.uniform("last word") < 0.15)
    frame = frame.with_columns(inbound=(side % 2 == 0) & ~closes)
    pace = pl.when("inbound").then(480).otherwise(240 + (pl.col("brand") * 7919) % 1500)
    wait = (pace * (pl.col("normal") * 1.35).exp()).clip(1, 20 * DAY).cast(pl.Int64)
    frame = frame.with_columns(
        waited=pl.when(pl.col("place") > 0).then(wait).otherwise(0).cum_sum()
    )
    frame = frame.with_columns(sent=pl.col("opened") + pl.col("waited") - in_first_row("waited"))
    latest = pl.col("sent").gather(pl.int_range(pl.len()) - pl.col("place") + pl.col("size") - 1)
    late = (latest + pl.col("spare") - AUTUMN[1] + 1).clip(lower_bound=0)
    return frame.with_columns(sent=pl.col("sent") - late)


def numbered(messages: pl.DataFrame, first_id: int, seed: int) -> pl.DataFrame:
    """Messages with `tweet_id`, shuffled among neighbours and with gaps, and their `parent`'s id."""
    draws = Draws(seed, "number")
    scattered = messages.select(at=pl.int_range(pl.len()) + draws.uniform("shuffle") * 12)["at"]
    rank = scattered.arg_sort().arg_sort()
    gaps = messages.select(1 + (draws.uniform("gap") < 0.06).cast(pl.Int64)).to_series().cum_sum()
    frame = messages.with_columns(tweet_id=gaps.gather(rank) + (first_id - 1))
    parent_row = pl.int_range(pl.len()) - pl.col("place") + pl.col("parent_place").clip(0)
    absent = ABSENT + pl.col("conversation")
    return frame.with_columns(
        parent=pl.when(pl.col("place") > 0)
        .then(pl.col("tweet_id").gather(parent_row))
        .otherwise(pl.when("is_orphan").then(absent)),
    )


def as_twcs(messages: pl.DataFrame, texts: pl.Series, seed: int) -> pl.DataFrame:
    """Messages as the seven columns of the file, in the order of the file."""
    draws = Draws(seed, "number")
    answers = messages.group_by("parent").agg(
        response_tweet_id=pl.col("tweet_id").sort().cast(pl.String).str.join(",")
    )
    frame = messages.join(answers, left_on="tweet_id", right_on="parent", how="left")
    frame = frame.with_columns(
        file_order=pl.col("tweet_id") + draws.uniform("file order") * 4,
        brand_name=pl.Series(BRANDS).gather(frame["brand"]),
        user=(FIRST_AUTHOR + pl.col("conversation")).cast(pl.String),
        body=texts.gather(frame.select(draws.below("text", len(texts))).to_series()),
    ).sort("file_order", "tweet_id")
    other = pl.when("inbound").then("brand_name").otherwise("user")
    return frame.select(
        tweet_id="tweet_id",
        author_id=pl.when("inbound").then("user").otherwise("brand_name"),
        inbound=pl.when("inbound").then(pl.lit("True")).otherwise(pl.lit("False")),
        created_at=pl.from_epoch("sent").dt.strftime("%a %b %d %H:%M:%S +0000 %Y"),
        text=pl.format("@{} {}", other, "body"),
        response_tweet_id="response_tweet_id",
        in_response_to_tweet_id="parent",
    )


def write_blocks(rows: int, file: IO[bytes], seed: int) -> None:
    """Write `rows` messages and the header; the last conversation is cut where the rows end."""
    texts = make_texts(seed)
    done = conversation = 0
    next_id = 1
    while True:
        conversations = make_conversations(conversation, BLOCK, seed)
        upto = conversations["size"].cum_sum() - conversations["size"]
        left = pl.Series("left", rows - done - upto)
        conversations = conversations.with_columns(
            size=pl.min_horizontal("size", left), rest=left
        ).filter(pl.col("rest") > 0)
        messages = make_messages(conversations.drop("rest"), done, seed)
        messages = numbered(messages, next_id, seed)
        as_twcs(messages, texts, seed).write_csv(file, include_header=done == 0)
        done += messages.height
        if done == rows:
            return
        conversation += conversations.height
        next_id = int(messages.select(pl.col("tweet_id").max()).item()) + 1


def main() -> None:
    """Read the arguments and write the file."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("rows", type=int, help="messages to write, at least one")
    parser.add_argument("file", type=Path)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    if arguments.rows < 1:
        parser.error("rows must be at least 1")
    with arguments.file.open("wb") as file:
        write_blocks(arguments.rows, file, arguments.seed)


if __name__ == "__main__":
    main()
