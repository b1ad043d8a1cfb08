"""How `front_csv` is read; `kpiaudit.sources.front_csv` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, Fault, closed, first_fault, missing, split_tags
from kpiaudit.decoding.parts import dated, is_one_of, table
from kpiaudit.sources.front_csv import READ

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COLUMNS: Final = READ | {"inbox_then": "Inbox at activity time", "text": "Extract"}
DIRECTIONS: Final = {
    **dict.fromkeys(("inbound", "incoming", "in"), "inbound"),
    **dict.fromkeys(("outbound", "outgoing", "out"), "outbound"),
}
YES: Final = ("true", "yes", "y", "1", "autoreply")
NO: Final = ("false", "no", "n", "0", "-")
ADDRESS: Final = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message, in MESSAGES columns."""
    bots = settings.us.bots if settings.us else ()
    word = C("autoreply").str.to_lowercase().str.strip_chars().fill_null("no")
    messages = dated(
        table(files, "messages", COLUMNS, careful=settings.careful),
        {"sent_at": "Message date"},
        time_zone=settings.time_zone,
        date_order=settings.date_order,
    ).with_columns(
        event=closed(
            C("direction").str.strip_chars().str.to_lowercase(),
            ("inbound", "outbound"),
            DIRECTIONS,
        ),
        is_automatic=pl.when(word.is_in([*YES, *NO])).then(word.is_in(YES)),
        is_bot=is_one_of(bots, "author"),
    )
    faults = [
        missing("Message API ID", C("message_id")),
        missing("Conversation API ID", C("conversation_id")),
        Fault("Direction: neither inbound nor outbound", C("event").is_null(), C("direction")),
        Fault("Autoreply: neither yes nor no", C("is_automatic").is_null(), C("autoreply")),
    ]
    is_ours = C("event") == "outbound"
    return messages.with_columns(first_fault(faults)).select(
        *GIVEN,
        *("conversation_id", "message_id", "sent_at", "event", "customer"),
        pl.when(~is_ours)
        .then(pl.lit("customer"))
        .when("is_bot")
        .then(pl.lit("bot"))
        .when("is_automatic")
        .then(pl.lit("system"))
        .otherwise(pl.lit("agent"))
        .alias("author_role"),
        (C("is_automatic") | (C("is_bot") & is_ours)).alias("is_automated"),
        pl.when(C("customer").str.contains(ADDRESS))
        .then(pl.lit("email"))
        .otherwise(pl.lit("other"))
        .alias("channel"),
        pl.when(is_ours).then("author").alias("agent"),
        pl.coalesce("inbox_then", "inbox").alias("team"),
        split_tags(C("words").str.replace_all(r",\s*", "\n"), "\n").alias("tags"),
        "text",
    )
