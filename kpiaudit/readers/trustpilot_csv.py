"""How `trustpilot_csv` is read; `kpiaudit.sources.trustpilot_csv` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.parts import dated, table
from kpiaudit.readers.reviews import exchanges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STARS: Final = "Review Stars"
REPLIED: Final = ("Business Reply Date (UTC)", "Company Reply Date (UTC)")
"""The newer name and the older one."""
STAMPS: Final = {"written": "Review Created (UTC)", "answered": REPLIED[0]}
COLUMNS: Final = {
    "key": "Review Id",
    "written": STAMPS["written"],
    "newer": REPLIED[0],
    "older": REPLIED[1],
    "consumer": "Review Consumer User Id",
    "customer_name": "Review Username",
    "stars": STARS,
    "title": "Review Title",
    "body": "Review Content",
    "is_answered": "Company Response?",
}
UNTOLD: Final = "answered at a time that is not told"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one or two rows per review."""
    rows = table(files, "reviews", COLUMNS, careful=settings.careful)
    rows = rows.with_columns(answered=pl.coalesce("newer", "older"))
    is_answered = C("is_answered").str.to_lowercase().is_in(["yes", "true"])
    records = dated(rows, STAMPS, time_zone="UTC").with_columns(
        customer=pl.coalesce("consumer", "customer_name"),
        words=pl.concat_str("title", "body", separator="\n", ignore_nulls=True),
        answer=pl.lit(None, pl.String),
        doubt=pl.when(is_answered & C("answered").is_null()).then(pl.lit(UNTOLD)),
        is_silent=pl.lit(value=False),
    )
    return exchanges(records, stars=STARS, reply=REPLIED[0], text=settings.text)
