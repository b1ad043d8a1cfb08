"""How `exchange_trace` is read; `kpiaudit.sources.exchange_trace` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault
from kpiaudit.decoding.parts import dated, table
from kpiaudit.readers.mail_pairs import paired
from kpiaudit.sources.exchange_trace import REQUIRED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COLUMNS: Final = REQUIRED | {
    "statuses": "recipient_status",
    "recipient": "recipient_address",
    "event_id": "event_id",
}
STAMPS: Final = {"trace": "origin_timestamp_utc", "events": "date_time_utc"}
SEVENTH: Final = r"(\.\d{6})\d+"
"""Exchange counts tenths of microseconds."""
DIRECTIONS: Final = ("incoming", "originating")


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per row of the trace, of which one per message is used."""
    parts = [
        dated(
            table(files, part, COLUMNS | {"sent_at": stamp}, careful=settings.careful).with_columns(
                C("sent_at").str.replace(SEVENTH, "$1")
            ),
            {"sent_at": stamp},
            time_zone="UTC",
        )
        for part, stamp in STAMPS.items()
    ]
    direction = C("direction").str.strip_chars().str.to_lowercase()
    strange = direction.is_not_null() & ~direction.is_in(DIRECTIONS)
    sender = C("sender").str.strip_chars(" <>").str.to_lowercase()
    listed = pl.coalesce(C("statuses"), C("recipient")).str.to_lowercase()
    recipients = listed.str.split(";").list.eval(
        pl.element().str.split("##").list.first().str.strip_chars()
    )
    rows = pl.concat(parts).with_columns(
        first_fault(
            [Fault("directionality: neither Incoming nor Originating", strange, C("direction"))]
        ),
        message_id=C("message_id").str.strip_chars(" <>"),
        sender=pl.when(sender != "").then(sender),
        recipients=recipients.list.eval(pl.element().filter(pl.element().str.contains("@"))),
        is_out=direction == "originating",
        skip=pl.lit(None, pl.String),
    )
    is_told_once = C("event_id").is_null()
    alone = pl.when(is_told_once).then(C("export") + ":" + C("row").cast(pl.String))
    found = rows.with_columns(alone=alone).collect()
    return paired(found, settings.us, alike=("alone",)).drop(
        "alone", "direction", "statuses", "recipient", "event_id"
    )
