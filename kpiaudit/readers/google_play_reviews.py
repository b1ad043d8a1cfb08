"""How `google_play_reviews` is read; `kpiaudit.sources.google_play_reviews` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import instant
from kpiaudit.decoding.parts import dated, table
from kpiaudit.readers.reviews import exchanges

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STAMPS: Final = {
    "submitted": "Review Submit Date and Time",
    "replied": "Developer Reply Date and Time",
}
COLUMNS: Final = STAMPS | {
    "submitted_ms": "Review Submit Millis Since Epoch",
    "replied_ms": "Developer Reply Millis Since Epoch",
    "package": "Package Name",
    "device": "Device",
    "older_device": "Reviewer Hardware Model",
    "language": "Reviewer Language",
    "stars": "Star Rating",
    "title": "Review Title",
    "body": "Review Text",
    "answer": "Developer Reply Text",
    "link": "Review Link",
}
SCRAPED_STAMPS: Final = {"written": "at", "answered": "repliedAt"}
SCRAPED: Final = SCRAPED_STAMPS | {
    "key": "reviewId",
    "customer": "userName",
    "stars": "score",
    "words": "content",
    "answer": "replyContent",
}
NULL: Final = ("null",)
"""What some exports write in an empty cell."""
ID_IN_LINK: Final = r"(?i)reviewid=([^&#]+)"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one or two rows per review."""
    names = {"stars": COLUMNS["stars"], "reply": STAMPS["replied"]}
    found = [exchanges(of_the_console(files, settings), **names, text=settings.text)]
    if any(file.part == "scraped" for file in files):
        names = {"stars": SCRAPED["stars"], "reply": SCRAPED["answered"]}
        found.append(exchanges(of_the_scraper(files, settings), **names, text=settings.text))
    return pl.concat(found)


def of_the_console(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the reviews of the Play Console's own export."""
    rows = table(files, "reviews", COLUMNS, careful=settings.careful, blanks=NULL)
    read_rows = dated(rows, STAMPS, time_zone="UTC")
    device = pl.coalesce("device", "older_device").fill_null("")
    written = at_once("submitted")
    told = [C("package").fill_null(""), written.dt.epoch("us").cast(pl.String), device, "language"]
    by_content = pl.concat_str(told, separator=" ", ignore_nulls=True)
    return read_rows.with_columns(
        written=written,
        answered=at_once("replied"),
        key=pl.coalesce(C("link").str.extract(ID_IN_LINK), by_content),
        customer=pl.lit(None, pl.String),
        words=pl.concat_str("title", "body", separator="\n", ignore_nulls=True),
        is_silent=pl.coalesce("link", "title", "body", "answer").is_null(),
    )


def at_once(name: str) -> pl.Expr:
    """Return an instant to the millisecond where the export tells it so."""
    return pl.coalesce(instant(C(name + "_ms"), "%s%3f"), C(name))


def of_the_scraper(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the reviews of google-play-scraper."""
    rows = table(files, "scraped", SCRAPED, careful=settings.careful)
    return dated(rows, SCRAPED_STAMPS, time_zone=settings.time_zone).with_columns(
        is_silent=pl.lit(value=False)
    )
