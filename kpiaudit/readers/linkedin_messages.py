"""How `linkedin_messages` is read; `kpiaudit.sources.linkedin_messages` says what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault, missing
from kpiaudit.decoding.parts import dated, is_one_of, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COLUMNS: Final = {
    "conversation_id": "CONVERSATION ID",
    "author": "FROM",
    "profile": "SENDER PROFILE URL",
    "sent_at": "DATE",
    "text": "CONTENT",
    "folder": "FOLDER",
    "draft": "IS MESSAGE DRAFT",
    "open_draft": "IS CONVERSATION DRAFT",
}
ASSISTANTS: Final = re.compile(r"(?:guide|coach|learning\w*)_messages", re.IGNORECASE)
SPONSORED: Final = "spinmail-quill-editor"
PLACES: Final = 4
"""Digits that tell messages of one second apart."""


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message, in MESSAGES columns."""
    return pl.concat([messages(file, settings) for file in files])


def messages(file: ExportFile, settings: ReadSettings) -> pl.LazyFrame:
    """Return the messages of a file; what two exports hold counts once by conversation, instant, author and
    place among those of that second, the last of the file first.
    """
    rows = table([file], "messages", COLUMNS, careful=settings.careful)
    found = dated(rows, {"sent_at": "DATE"}).with_columns(skip=skipped(file))
    rules = [missing("CONVERSATION ID", C("conversation_id")), missing("FROM", C("author"))]
    is_message = C("skip").is_null()
    found = found.with_columns(
        first_fault([Fault(rule.rule, rule.bad & is_message, rule.value) for rule in rules])
    )
    key = ("conversation_id", "sent_at", "skip")
    nth = pl.len().over(key).cast(pl.Int64) - 1 - pl.int_range(pl.len()).over(key)
    own = pl.concat_str(
        "conversation_id",
        C("sent_at").dt.epoch("s").cast(pl.String),
        nth.cast(pl.String).str.zfill(PLACES),
        "author",
        separator="|",
    )
    role = role_of(settings.us)
    return found.select(
        *("export", "row", "conversation_id"),
        pl.when(is_message).then(own).alias("message_id"),
        "sent_at",
        "author",
        pl.when(is_message & role.is_not_null()).then(pl.lit("outbound")).alias("event"),
        pl.when(is_message).then(role).alias("author_role"),
        pl.when(is_message & role.is_not_null()).then("author").alias("agent"),
        (C("text") if settings.text else pl.lit(None, pl.String)).alias("text"),
        "skip",
        *(pl.when(is_message).then(name).alias(name) for name in ("reject", "value")),
    )


def skipped(file: ExportFile) -> pl.Expr:
    """Return why a row is no message anybody sent."""
    if ASSISTANTS.match(file.base_name):
        return pl.lit("no conversation: LinkedIn's assistant")
    is_draft = pl.any_horizontal(
        C(name).str.to_lowercase().is_in(["yes", "true"]).fill_null(value=False)
        for name in ("draft", "open_draft")
    )
    return (
        pl.when(is_draft)
        .then(pl.lit("draft"))
        .when(C("folder").str.to_uppercase() == "SPAM")
        .then(pl.lit("spam"))
        .when(C("text").str.contains(SPONSORED, literal=True) & C("profile").is_null())
        .then(pl.lit("no message: sponsored"))
    )


def role_of(us: Us | None) -> pl.Expr:
    """Return who wrote where the address of a profile tells; names are decided where `[us]` is read."""
    ours = (*us.agents, *us.accounts) if us else ()
    return (
        pl.when(is_one_of(us.bots if us else (), "profile"))
        .then(pl.lit("bot"))
        .when(is_one_of(ours, "profile"))
        .then(pl.lit("agent"))
    )
