"""How `zendesk_csv` is read; `kpiaudit.sources.zendesk_csv` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import (
    GIVEN,
    closed,
    first_fault,
    negative,
    seconds,
    split_tags,
    unread,
)
from kpiaudit.decoding.milestones import Step, unpivot
from kpiaudit.decoding.parts import dated, table
from kpiaudit.schema import PRIORITIES
from kpiaudit.sources.zendesk_csv import MINUTES, STAMPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COLUMNS: Final = STAMPS | {
    "conversation_id": "Id",
    "state": "Status",
    "level": "Priority",
    "customer": "Requester id",
    "requester": "Requester",
    "agent": "Assignee",
    "team": "Group",
    "words": "Tags",
    "via": "Via",
    "score": "Satisfaction Score",
    "minutes": MINUTES,
}
CHANNELS: Final[dict[str, str]] = {
    **dict.fromkeys(("mail", "email"), "email"),
    **dict.fromkeys(("web form", "web widget", "help center post", "mobile sdk"), "form"),
    **dict.fromkeys(("chat", "offline message"), "chat"),
    **dict.fromkeys(("twitter", "twitter dm", "x corp", "x corp dm"), "social"),
    **dict.fromkeys(("facebook post", "facebook message", "instagram dm"), "social"),
    **dict.fromkeys(("messaging", "whatsapp"), "messaging"),
    **dict.fromkeys(("text message", "sms"), "sms"),
    **dict.fromkeys(("phone call (incoming)", "phone call (outgoing)", "voicemail"), "voice"),
}
PLATFORMS: Final = {"twitter": "twitter", "x corp": "twitter", "facebook": "facebook"} | {
    name: name for name in ("instagram", "whatsapp")
}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return up to four rows per ticket: created, replied, solved, rated."""
    tickets = table(files, "tickets", COLUMNS, careful=settings.careful)
    wait = seconds(C("minutes")) * 60
    typed = dated(
        tickets, STAMPS, time_zone=settings.time_zone, date_order=settings.date_order
    ).with_columns(
        wait=wait, priority=closed(C("level"), PRIORITIES), tags=split_tags(C("words"), " ")
    )
    faults = [
        unread(f"{MINUTES}: not a number", C("minutes"), C("wait")),
        negative(MINUTES, C("minutes"), C("wait")),
        unread("Priority: unknown word", C("level"), C("priority")),
    ]
    is_merged = C("tags").list.contains("closed_by_merge").fill_null(value=False)
    is_done = C("state").str.to_lowercase().is_in(["solved", "closed"])
    word = C("score").str.to_lowercase()
    rating = (
        pl.when(word.str.starts_with("good")).then(1.0).when(word.str.starts_with("bad")).then(0.0)
    )
    steps = [
        Step("opening", "inbound", C("created")),
        Step("reply", "outbound", C("created") + C("wait")),
        Step(
            "solved",
            "status",
            pl.when(is_done).then("solved"),
            pl.when(is_merged).then(pl.lit("merged")).otherwise(pl.lit("resolved")),
        ),
        Step("rated", "rated", pl.when(rating.is_not_null()).then("updated"), rating=rating),
    ]
    rows = unpivot(typed.with_columns(first_fault(faults)), C("conversation_id"), steps)
    return rows.select(
        *GIVEN,
        skip().alias("skip"),
        *("conversation_id", "message_id", "sent_at", "event", "status", "rating"),
        *("priority", "team", "agent", "tags"),
        pl.coalesce("customer", "requester").alias("customer"),
        *origin(),
    )


def skip() -> pl.Expr:
    """Return why a ticket is left out."""
    is_tagged = C("tags").list.contains("sample") & C("tags").list.contains("zendesk")
    is_sample = C("via").str.to_lowercase() == "sample ticket"
    return (
        pl.when(is_tagged | is_sample)
        .then(pl.lit("sample ticket"))
        .when(C("state").str.to_lowercase() == "deleted")
        .then(pl.lit("deleted ticket"))
    )


def origin() -> list[pl.Expr]:
    """Return channel, platform and visibility, as far as the word under `Via` tells."""
    via = C("via").str.to_lowercase()
    channel = via.replace_strict(CHANNELS, default="other", return_dtype=pl.String)
    maker = via.str.extract(r"^(x corp|\w+)")
    is_open = channel.is_in(["social", "other"])
    return [
        channel.fill_null("other").alias("channel"),
        maker.replace_strict(PLATFORMS, default=None, return_dtype=pl.String).alias("platform"),
        pl.when(is_open).then(pl.lit("unknown")).otherwise(pl.lit("private")).alias("visibility"),
    ]
