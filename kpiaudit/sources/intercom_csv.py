"""Intercom as CSV: one message a row, as Prodsight exports conversations; and the reporting datasets.

Prodsight's export is a click in its settings; stamps are UTC without an offset. It tells messages, notes and
the changes that stand among them; a conversation whose first row is later than its creation has lost its
beginning. It cannot tell priorities, nor who is assigned. The datasets of *Reports > Export*, or of the
API's reporting exports, name columns by attribute (`standard.conversation_id`): they hold durations of
office hours, no messages, words in the language of the workspace and stamps of its zone; until API 2.16
the one of conversations left out those without a user's reply. Their rows are skipped: export the
conversations themselves from the API.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.sources.base import Shape, Source
from kpiaudit.sources.columns import GIVEN, first_fault, missing
from kpiaudit.sources.intercom_entries import ENTRIES, KNOWN, NAMES
from kpiaudit.sources.intercom_timeline import NOTES, SPOKEN_WITH_BODY, STATUSES, Read, timeline
from kpiaudit.sources.parts import dated, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STAMPS: Final = {
    "sent_at": "message_created_at",
    "opened": "conversation_created_at",
    "closed": "conversation_closed_at",
}
REQUIRED: Final = {
    "id": "message_id",
    "word": "message_type",
    "author_type": "message_author_type",
    "conversation": "conversation_id",
    "today": "conversation_state",
    "text": "message_body",
} | STAMPS
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
    raw = table(files, "messages", REQUIRED | OPTIONAL, careful=settings.careful)
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


def dataset(*attributes: str) -> dict[str, Shape]:
    """Return the two shapes of a dataset: attributes with their group, and without."""
    plain = frozenset(attribute.split(".")[1] for attribute in attributes)
    name = " and ".join(sorted(plain))
    taken = frozenset({"message_id"})
    return {
        f"dataset: {name}": Shape(("csv",), frozenset(attributes), is_missed=False),
        f"dataset without groups: {name}": Shape(("csv",), plain, none_of=taken, is_missed=False),
    }


SOURCE: Final = Source(
    name="intercom_csv",
    system="intercom",
    title="Intercom, CSV of messages (Prodsight)",
    shapes={
        "messages": Shape(("csv",), frozenset(REQUIRED.values())),
        **dataset("standard.conversation_id", "timestamp.conversation_started_at"),
    },
    read=read,
    constants={"visibility": "private"},
    seen_in_the_wild=False,
    note="Prodsight's messages; the datasets of Reports > Export hold no messages and are skipped.",
)
