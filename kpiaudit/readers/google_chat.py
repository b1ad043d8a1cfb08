"""How `google_chat` is read; `kpiaudit.sources.google_chat` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault, instant_faults, missing, parsed, utc
from kpiaudit.decoding.parts import is_one_of, silent, table
from kpiaudit.sources.google_chat import OTHERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COLUMNS: Final = {
    "name": "creator.name",
    "mail": "creator.email",
    "kind": "creator.user_type",
    "stamp": "created_date",
    "text": "text",
    "files": "attached_files",
    "topic": "topic_id",
    "message_id": "message_id",
    "state": "message_state",
}
DATE: Final = r"^[A-Z][a-z]+, ([A-Z][a-z]+) (\d{1,2}), (\d{4}) at (\d{1,2}:\d\d:\d\d) ([AP]M) UTC$"
ANY_SPACE: Final = "[\u00a0\u2009\u202f]"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message, and a row for every other record."""
    said = table(files, "messages", COLUMNS, careful=settings.careful)
    rows = said.with_columns(
        sent_at=instant_of(C("stamp")),
        group=C("export").str.split("/").list.get(-2, null_on_oob=True).fill_null("chat"),
        author=pl.coalesce("mail", "name"),
        skip=pl.when(C("reject").is_null()).then(no_message()),
    )
    is_message = C("skip").is_null()
    faults = [
        missing("created_date", C("stamp")),
        *instant_faults("created_date", C("stamp"), C("sent_at")),
        missing("creator", C("author")),
    ]
    faults = [Fault(fault.rule, fault.bad & is_message, fault.value) for fault in faults]
    rows = rows.with_columns(first_fault(faults))
    messages = rows.select(columns(settings.us, text=settings.text))
    return pl.concat([messages, *silent(files, OTHERS, careful=settings.careful)], how="diagonal")


def instant_of(text: pl.Expr) -> pl.Expr:
    """Return `Friday, March 17, 2023 at 9:00:00 AM UTC` as an instant; its last space may be a narrow one."""
    parts = text.str.replace_all(ANY_SPACE, " ").str.extract_groups(DATE)
    month, day, year, time, half = (parts.struct.field(str(place)) for place in range(1, 6))
    whole = pl.concat_str(year, month, day.str.zfill(2), time.str.zfill(8), half, separator=" ")
    return utc(parsed(whole, "%Y %B %d %I:%M:%S %p"))


def no_message() -> pl.Expr:
    """Return why a record is no message, null where it is one."""
    return (
        pl.when(C("state") == "DELETED")
        .then(pl.lit("no message: deleted"))
        .when(C("text").is_null() & C("files").is_null())
        .then(pl.lit("no message: nothing said"))
    )


def columns(us: Us | None, *, text: bool) -> list[pl.Expr]:
    """Return the columns of a message."""
    is_topic = (C("message_id").filter(C("skip").is_null()).count() > 1).over("group", "topic")
    is_topic &= C("topic").is_not_null()
    is_message = C("skip").is_null()
    ours = (*us.agents, *us.accounts) if us else ()
    is_bot = (C("kind").str.to_lowercase() == "bot").fill_null(value=False)
    is_bot |= is_one_of(us.bots if us else (), "name", "mail")
    role = (
        pl.when(is_message & is_bot)
        .then(pl.lit("bot"))
        .when(is_message & is_one_of(ours, "name", "mail"))
        .then(pl.lit("agent"))
    )
    topic = pl.concat_str("group", "topic", separator="/")
    return [
        *(C(name) for name in ("export", "row", "reject", "value", "skip", "sent_at", "author")),
        pl.when(is_topic).then(topic).otherwise("group").alias("conversation_id"),
        is_topic.alias("has_boundaries"),
        C("message_id"),
        role.alias("author_role"),
        pl.when(role.is_not_null()).then(pl.lit("outbound")).alias("event"),
        pl.when(role.is_not_null()).then(pl.coalesce("name", "mail")).alias("agent"),
        (role == "bot").alias("is_automated"),
        (C("text") if text else pl.lit(None, pl.String)).alias("text"),
    ]
