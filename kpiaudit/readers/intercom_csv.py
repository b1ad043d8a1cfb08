"""How `intercom_csv` is read; `kpiaudit.sources.intercom_csv` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, first_fault, missing
from kpiaudit.decoding.parts import dated, table
from kpiaudit.readers.intercom_tables import ENTRIES, KNOWN, NAMES
from kpiaudit.readers.intercom_timeline import NOTES, SPOKEN_WITH_BODY, STATUSES, Read, timeline
from kpiaudit.sources.intercom_csv import READ, SOURCE, STAMPS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
OPTIONAL: Final = {
    "author": "message_author_id",
    "author_name": "message_author_name",
    "email": "message_author_email",
}
CHANGES: Final = (*STATUSES, *NOTES, *SPOKEN_WITH_BODY)
TELLS_NOTHING: Final = "dataset of durations: no messages"
A_MINUTE: Final = pl.duration(minutes=1)


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation, and a row for every row of a dataset."""
    raw = table(files, "messages", READ | OPTIONAL, careful=settings.careful)
    faults = [missing("conversation_id", C("conversation")), missing("message_id", C("id"))]
    messages = dated(raw, STAMPS, time_zone="UTC").with_columns(first_fault(faults))
    messages = messages.collect().lazy()
    datasets = [
        table(files, part, {}, careful=settings.careful).select(*GIVEN, skip=skip())
        for part in SOURCE.shapes
        if part != "messages"
    ]
    bad = C("reject").is_not_null()
    sound = messages.filter(~bad)
    found = Read(
        entries=entries_of(sound),
        known=known_of(sound),
        admins=pl.LazyFrame(schema=NAMES),
        teams=pl.LazyFrame(schema=NAMES),
        rest=pl.concat([messages.filter(bad).select(*GIVEN), *datasets], how="diagonal"),
    )
    return timeline(found, settings.us)


def skip() -> pl.Expr:
    """Return why a sound row of a dataset is left out."""
    return pl.when(C("reject").is_null()).then(pl.lit(TELLS_NOTHING))


def entries_of(messages: pl.LazyFrame) -> pl.LazyFrame:
    """Return every row as an entry, and the closing of conversations none of whose rows tells it."""
    has_body = C("text").str.strip_chars().str.len_bytes().fill_null(0) > 0
    kind = pl.when(has_body & ~C("word").is_in(CHANGES)).then(pl.lit("comment")).otherwise("word")
    rows = messages.select(
        *(C(name) for name in ("export", "row", "conversation", "id", "author_type", "text")),
        at=C("sent_at").dt.epoch("us"),
        kind=kind,
        author=pl.coalesce("author", "email"),
        author_name=pl.coalesce("author_name", "email"),
        has_body=has_body,
        is_alone=pl.lit(value=True),
    )
    is_closed = (C("today") == "closed") & C("closed").is_not_null()
    closings = (
        messages.filter(is_closed)
        .unique("conversation", keep="last", maintain_order=True)
        .select(
            *(C(name) for name in ("export", "row", "conversation")),
            id=pl.lit("s") + C("conversation") + pl.lit("-closed"),
            at=C("closed").dt.epoch("us"),
            kind=pl.lit("closed"),
        )
    )
    nothing = pl.LazyFrame(schema=ENTRIES)
    return pl.concat([nothing, rows, closings], how="diagonal_relaxed")


def known_of(messages: pl.LazyFrame) -> pl.LazyFrame:
    """Return what holds for each conversation, and whether it is there from its beginning."""
    is_customer = C("author_type").is_in(["user", "lead"])
    whole = messages.group_by("conversation").agg(
        C("export").first(),
        C("row").first(),
        updated=C("sent_at").max().dt.epoch("us"),
        first=C("sent_at").min(),
        opened=C("opened").min(),
        customer=pl.coalesce("author", "email").filter(is_customer).sort().first(),
    )
    known = whole.select(
        *(C(name) for name in ("export", "row", "conversation", "updated", "customer")),
        source_type=pl.lit("conversation"),
        is_told=pl.lit(value=True),
        is_partial=C("first") > C("opened") + A_MINUTE,
    )
    return pl.concat([pl.LazyFrame(schema=KNOWN), known], how="diagonal_relaxed")
