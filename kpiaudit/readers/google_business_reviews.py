"""How `google_business_reviews` is read; `kpiaudit.sources.google_business_reviews` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.parts import dated, table
from kpiaudit.readers.reviews import exchanges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STAMPS: Final = {"written": "createTime", "answered": "reviewReply.updateTime"}
COLUMNS: Final = STAMPS | {
    "own_id": "reviewId",
    "place": "name",
    "reviewer": "reviewer.displayName",
    "word": "starRating",
    "words": "comment",
    "answer": "reviewReply.comment",
}
STARS: Final = {"ONE": "1", "TWO": "2", "THREE": "3", "FOUR": "4", "FIVE": "5"}
UNSPECIFIED: Final = "STAR_RATING_UNSPECIFIED"
ID_IN_NAME: Final = r"([^/]+)$"
FINER_THAN_MICROSECONDS: Final = r"(\.\d{6})\d+"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one or two rows per review."""
    rows = table(files, "reviews", COLUMNS, careful=settings.careful).with_columns(
        C(name).str.replace(FINER_THAN_MICROSECONDS, "$1") for name in STAMPS
    )
    by_content = pl.concat_str(
        "reviewer", C("written").cast(pl.String), separator=" ", ignore_nulls=True
    )
    stars = C("word").replace_strict(STARS, default=C("word"), return_dtype=pl.String)
    records = dated(rows, STAMPS).with_columns(
        key=pl.coalesce("own_id", C("place").str.extract(ID_IN_NAME), by_content),
        customer=C("reviewer"),
        stars=pl.when(C("word") != UNSPECIFIED).then(stars),
        is_silent=pl.lit(value=False),
    )
    reply = STAMPS["answered"]
    return exchanges(records, stars=COLUMNS["word"], reply=reply, text=settings.text)
