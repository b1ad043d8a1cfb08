"""How `hootsuite_csv` is read; `kpiaudit.sources.hootsuite_csv` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, first_fault, missing, unread
from kpiaudit.decoding.parts import dated, silent, table
from kpiaudit.sources.hootsuite_csv import CONVERSATIONS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STAMPS: Final = {"sent_at": "Created at"}
COLUMNS: Final = STAMPS | {
    "message_id": "Message ID",
    "conversation_id": "Conversation ID",
    "direction": "Direction",
    "kind": "Message Type",
    "medium": "Medium",
    "feeling": "Sentiment",
    "customer": "Contact Primary Identifier",
    "text": "Content",
}
DIRECTIONS: Final = ("inbound", "outbound")
PUBLIC: Final = ("comment", "post", "mention", "reply", "review", "public", "tweet")
PRIVATE: Final = ("private", "dm", "direct message", "direct", "private message", "message", "chat")
PLATFORMS: Final = {
    "x": "twitter",
    "twitter": "twitter",
    "facebook": "facebook",
    "facebook messenger": "facebook",
    "messenger": "facebook",
    "instagram": "instagram",
    "linkedin": "linkedin",
    "tiktok": "tiktok",
    "whatsapp": "whatsapp",
    "wechat": "wechat",
}
CHANNELS: Final = {
    "whatsapp": "messaging",
    "wechat": "messaging",
    "line": "messaging",
    "sms": "sms",
    "email": "email",
    "livechat": "chat",
    "live chat": "chat",
    "web": "chat",
    "rtm": "chat",
}
FEELINGS: Final = {"positive": 1.0, "neutral": 0.0, "negative": -1.0}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message; conversations only say what messages say better."""
    rows = table(files, "messages", COLUMNS, careful=settings.careful)
    sent = dated(rows, STAMPS, time_zone=settings.time_zone).with_columns(
        event=plain("direction").replace_strict(
            dict(zip(DIRECTIONS, DIRECTIONS, strict=True)), default=None, return_dtype=pl.String
        )
    )
    faults = [
        missing("Conversation ID", C("conversation_id")),
        missing("Direction", C("direction")),
        unread("Direction: neither inbound nor outbound", C("direction"), C("event")),
    ]
    messages = sent.with_columns(first_fault(faults)).select(
        *GIVEN,
        *("conversation_id", "message_id", "sent_at", "event", "customer"),
        visibility(),
        told(plain("medium"), PLATFORMS).alias("platform"),
        told(plain("medium"), CHANNELS).fill_null("social").alias("channel"),
        plain("feeling")
        .replace_strict(FEELINGS, default=None, return_dtype=pl.Float64)
        .alias("sentiment"),
        (C("text") if settings.text else pl.lit(None, pl.String)).alias("text"),
    )
    return pl.concat(
        [messages, *silent(files, [CONVERSATIONS], careful=settings.careful)], how="diagonal"
    )


def plain(name: str) -> pl.Expr:
    """Return a word as it is compared: lower case, words apart by one space."""
    return C(name).str.strip_chars().str.to_lowercase().str.replace_all(r"[\s_-]+", " ")


def told(word: pl.Expr, meaning: dict[str, str]) -> pl.Expr:
    """Return what a word means, null where it means nothing known."""
    return word.replace_strict(meaning, default=None, return_dtype=pl.String)


def visibility() -> pl.Expr:
    """Return whether everybody could read a message, as far as its type and its medium tell."""
    kinds = dict.fromkeys(PUBLIC, "public") | dict.fromkeys(PRIVATE, "private")
    by_medium = told(plain("medium"), dict.fromkeys(CHANNELS, "private"))
    by_kind = told(plain("kind"), kinds)
    return pl.coalesce(by_medium, by_kind, pl.lit("unknown")).alias("visibility")
