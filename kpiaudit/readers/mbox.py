"""How `mbox` is read; `kpiaudit.sources.mbox` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl

from kpiaudit.exports.containers import opened
from kpiaudit.readers.mail_boxes import mails, one_mail
from kpiaudit.readers.mail_columns import Columns
from kpiaudit.readers.mail_folders import DRAFTS, SENT, SPAM, folders_of, is_in
from kpiaudit.readers.mail_headers import fields_of, text_of
from kpiaudit.readers.mail_roles import with_authors
from kpiaudit.readers.mail_threads import with_conversations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpiaudit.readers.mail_boxes import Mail
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
GIVEN_ON: Final = (
    "export", "row", "message_id", "sent_at", "event", "author_role", "author", "agent", "customer",
    "is_automated", "visibility", "reject", "value", "skip", "text", "doubt",
)  # fmt: skip


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message of every box, folder and file, in MESSAGES columns."""
    columns = Columns(ZoneInfo(settings.time_zone) if settings.time_zone else None)
    for file in files:
        folders = folders_of(file.name, is_box=file.kind == "mbox")
        place = (file.name, is_in(SENT, folders), skipped_folder(file.name, folders))
        columns.take(messages_of(file, bodies=settings.text), place)
    return conversations(columns.frame(), settings).lazy()


def messages_of(file: ExportFile, *, bodies: bool) -> Iterator[tuple[Mail, str | None]]:
    """Yield the messages of a file, each with its text if it is wanted."""
    with opened(file) as stream:
        found = (
            mails(stream, bodies=bodies) if file.kind == "mbox" else [one_mail(stream, body=bodies)]
        )
        for mail in found:
            yield mail, whole_text(mail) if bodies else None


def skipped_folder(name: str, folders: list[str]) -> str | None:
    """Return why nothing in a folder is a message of a conversation: drafts, spam."""
    flags = name.rpartition(":2,")[2] if ":2," in name else ""
    if is_in(DRAFTS, folders) or "D" in flags:
        return "draft"
    return "spam" if is_in(SPAM, folders) else None


def whole_text(mail: Mail) -> str | None:
    """Return the subject and what a message says."""
    from kpiaudit.readers.mail_texts import body_text  # the standard library's mail parser: 30 ms

    subject = text_of(fields_of(mail.header).get(b"subject", b""))
    body = body_text(mail.header, mail.body or b"")
    return "\n\n".join(part for part in (subject, body) if part) or None


def conversations(found: pl.DataFrame, settings: ReadSettings) -> pl.DataFrame:
    """Return rows with roles and conversations."""
    place = C("export").cast(pl.String) + ":" + C("row").cast(pl.String)
    known = with_authors(found.with_columns(own=pl.coalesce("message_id", place)), settings.us)
    threads = with_conversations(
        known.select("own", "sent_at", "answered", "thread", "subject", "party"),
        found["sender"].drop_nulls().unique(),
    )
    return known.select(
        *GIVEN_ON,
        threads["conversation_id"],
        threads["is_partial"],
        tags=C("labels").str.split(","),
    )
