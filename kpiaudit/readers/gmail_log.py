"""How `gmail_log` is read; `kpiaudit.sources.gmail_log` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault
from kpiaudit.decoding.parts import dated, table
from kpiaudit.readers.mail_pairs import paired
from kpiaudit.sources.gmail_log import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
REFUSED: Final = "SMTPIN_ADDED_REJECT_SESSION"
SPAM: Final = "GMAIL_SPAM"
DIRECTIONS: Final = ("sent", "received", "mixed")
SLASHES: Final = r"^(\d{4})/(\d\d)/(\d\d)"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per row of the log, of which one per message is used."""
    rows = dated(
        table(files, "events", REQUIRED, careful=settings.careful, blanks=("N/A",)).with_columns(
            C("sent_at").str.replace(SLASHES, "$1-$2-$3")
        ),
        {"sent_at": REQUIRED["sent_at"]},
        time_zone=settings.time_zone,
    )
    direction = C("direction").str.strip_chars().str.to_lowercase()
    strange = direction.is_not_null() & ~direction.is_in(DIRECTIONS)
    sender = C("sender").str.strip_chars(" <>").str.to_lowercase()
    address = C("recipient").str.strip_chars(" <>").str.to_lowercase()
    is_spam = (C("target").str.to_uppercase() == SPAM).any().over("message_id")
    reason = (
        pl.when(C("message_id").str.contains(REFUSED, literal=True))
        .then(pl.lit("refused before it had an id"))
        .when(is_spam.fill_null(value=False) & C("message_id").is_not_null())
        .then(pl.lit("spam"))
    )
    everybody = address.drop_nulls().unique(maintain_order=True).implode().over("message_id")
    found = rows.with_columns(
        first_fault(
            [Fault("Direction: neither Sent, Received nor Mixed", strange, C("direction"))]
        ),
        message_id=C("message_id").str.strip_chars(" <>"),
        sender=pl.when(sender != "").then(sender),
        recipients=everybody,
        is_out=pl.when(direction.is_in(DIRECTIONS[:2])).then(direction == "sent"),
        skip=pl.when(C("reject").is_null()).then(reason),
    ).collect()
    return paired(found, settings.us).drop("direction", "recipient", "target")
