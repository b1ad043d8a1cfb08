"""How `freshdesk_csv` is read; `kpiaudit.sources.freshdesk_csv` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, first_fault, split_tags, unread
from kpiaudit.decoding.milestones import Step, unpivot
from kpiaudit.decoding.parts import dated, table
from kpiaudit.schema import DURATION
from kpiaudit.sources.freshdesk_csv import READ, STAMPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COLUMNS: Final = (
    STAMPS
    | READ
    | {
        "category": "Type",
        "words": "Tags",
        "worked": "Time tracked",
        "email": "Email",
        "contact": "Contact ID",
        "text": "Subject",
    }
)
PRIORITIES: Final = {"low": "low", "medium": "normal", "high": "high", "urgent": "urgent"}
SOURCES: Final[dict[str, tuple[str, str | None, str]]] = {
    "email": ("email", None, "private"),
    "outbound email": ("email", None, "private"),
    "portal": ("form", None, "private"),
    "feedback widget": ("form", None, "private"),
    "mobihelp": ("form", None, "private"),
    "phone": ("voice", None, "private"),
    "forum": ("forum", None, "public"),
    "twitter": ("social", "twitter", "unknown"),
    "facebook": ("social", "facebook", "unknown"),
    "chat": ("chat", None, "private"),
    "bot": ("chat", None, "private"),
    "whatsapp": ("messaging", "whatsapp", "private"),
}
NOBODY: Final = ("no agent", "no group")


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return up to four rows per ticket: opened, first response, resolved, closed."""
    tickets = table(files, "tickets", COLUMNS, careful=settings.careful)
    origin, level = C("origin").str.to_lowercase(), C("level").str.to_lowercase()
    typed = dated(
        tickets, STAMPS, time_zone=settings.time_zone, date_order=settings.date_order
    ).with_columns(
        origin=origin,
        priority=level.replace_strict(PRIORITIES, default=None, return_dtype=pl.String),
        handle_time=hours_minutes_seconds(C("worked")),
        state=C("state").str.to_lowercase(),
    )
    faults = [
        unread("Priority: unknown word", C("level"), C("priority")),
        unread("Time tracked: not H:MM:SS", C("worked"), C("handle_time")),
    ]
    is_ours = (C("origin") == "outbound email").fill_null(value=False)
    is_done = C("state").is_in(["resolved", "closed"])
    steps = [
        Step("0-opening", "inbound", pl.when(~is_ours).then("created")),
        Step("0-opening", "outbound", pl.when(is_ours).then("created")),
        Step("1-reply", "outbound", C("replied")),
        Step("2-resolved", "status", pl.when(is_done).then("resolved"), "resolved"),
        Step("3-closed", "status", pl.when(C("state") == "closed").then("closed"), "closed"),
    ]
    rows = unpivot(typed.with_columns(first_fault(faults)), C("conversation_id"), steps)
    is_opening = C("message_id").str.ends_with("-opening")
    return rows.select(
        *GIVEN,
        *("conversation_id", "message_id", "sent_at", "event", "status", "priority", "category"),
        *(anybody(C(name)).alias(name) for name in ("agent", "team")),
        pl.coalesce("email", "contact").alias("customer"),
        split_tags(C("words").str.replace_all(r",\s*", "\n"), "\n").alias("tags"),
        pl.when(is_opening).then("handle_time").alias("handle_time"),
        pl.when(is_opening).then("text").alias("text"),
        *(
            C("origin")
            .replace_strict(
                {word: told[place] for word, told in SOURCES.items()},
                default=default,
                return_dtype=pl.String,
            )
            .alias(name)
            for place, (name, default) in enumerate(
                {"channel": "other", "platform": None, "visibility": "unknown"}.items()
            )
        ),
    )


def hours_minutes_seconds(text: pl.Expr) -> pl.Expr:
    """Return `H:MM:SS` or `HH:MM` as DURATION, null for any other text."""
    parts = text.str.extract_groups(r"^(\d+):([0-5]\d)(?::([0-5]\d))?$")
    hours, minutes, seconds = (
        parts.struct.field(place).cast(pl.Int64) for place in ("1", "2", "3")
    )
    return (((hours * 60 + minutes) * 60 + seconds.fill_null(0)) * 1_000_000).cast(DURATION)


def anybody(name: pl.Expr) -> pl.Expr:
    """Return a name, null where it says there is none."""
    return pl.when(~name.str.to_lowercase().is_in(NOBODY)).then(name)
