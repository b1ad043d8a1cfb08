"""How `mbox` is read; `kpiaudit.sources.mbox` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import polars as pl

from kpiaudit.decoding.records import Table
from kpiaudit.exports.containers import opened
from kpiaudit.readers.mail_boxes import mails, one_mail
from kpiaudit.readers.mail_dates import sent_at
from kpiaudit.readers.mail_folders import CHATS, DRAFTS, SENT, SPAM, folders_of, is_in
from kpiaudit.readers.mail_headers import (
    addresses_of,
    answered_ids,
    fields_of,
    is_automatic,
    made_id,
    own_id,
    sender_of,
    text_of,
)
from kpiaudit.readers.mail_roles import with_authors
from kpiaudit.readers.mail_threads import with_conversations

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpiaudit.readers.mail_boxes import Mail
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
HELD: Final[dict[str, pl.DataType]] = {
    "export": pl.Categorical(),
    "row": pl.UInt32(),
    "message_id": pl.String(),
    "sent_at": pl.Int64(),
    "sender": pl.String(),
    "others": pl.String(),
    "subject": pl.String(),
    "answered": pl.String(),
    "thread": pl.String(),
    "list": pl.String(),
    "labels": pl.String(),
    "is_sent": pl.Boolean(),
    "is_automated": pl.Boolean(),
    "doubt": pl.Categorical(),
    "reject": pl.Categorical(),
    "value": pl.String(),
    "skip": pl.Categorical(),
    "text": pl.String(),
}
GIVEN_ON: Final = (
    "export", "row", "message_id", "sent_at", "event", "author_role", "author", "agent", "customer",
    "is_automated", "visibility", "reject", "value", "skip", "text",
)  # fmt: skip
LISTED: Final = (b"list-id", b"list-post", b"mailing-list", b"list-unsubscribe", b"list-archive")
NO_ID: Final = "Message-ID missing, one made of date, author and subject"
NO_SENDER: Final = "From missing or unreadable"
SOUNDS_AUTOMATIC: Final = (
    r"(?i)^\s*(?:out of (?:the )?office|automatic reply|auto(?:matic)?[ -]?(?:reply|response)|abwesenheit"
    r"|automatische antwort|r[ée]ponse automatique|respuesta autom[áa]tica|自動応答)"
)
SOUNDS: Final = "Subject of an automatic reply, no other mark: taken as written by a human"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message of every box, folder and file, in MESSAGES columns."""
    table = Table(HELD)
    zone = ZoneInfo(settings.time_zone) if settings.time_zone else None
    for file in files:
        folders = folders_of(file.name)
        kind = skipped_folder(file.name, folders)
        is_sent = is_in(SENT, folders)
        for row, mail in enumerate(messages_of(file, bodies=settings.text), 1):
            table.add((file.name, row, *told(mail, zone, is_sent=is_sent, skip=kind)))
    found = table.frame().collect()
    return conversations(found, settings).lazy()


def messages_of(file: ExportFile, *, bodies: bool) -> Iterator[Mail]:
    """Yield the messages of a file."""
    with opened(file) as stream:
        if file.kind == "mbox":
            yield from mails(stream, bodies=bodies)
        else:
            yield one_mail(stream, body=bodies)


def skipped_folder(name: str, folders: list[str]) -> str | None:
    """Return why nothing in a folder is a message of a conversation: drafts, spam."""
    flags = name.rpartition(":2,")[2] if ":2," in name else ""
    if is_in(DRAFTS, folders) or "D" in flags:
        return "draft"
    return "spam" if is_in(SPAM, folders) else None


def told(
    mail: Mail, zone: ZoneInfo | None, *, is_sent: bool, skip: str | None
) -> tuple[object, ...]:
    """Return what a message says of itself, in the order of HELD after its place."""
    fields = fields_of(mail.header)
    date, sender = fields.get(b"date"), sender_of(fields.get(b"from"))
    at, doubt, reject = sent_at(date, mail.header, mail.envelope, zone)
    own = own_id(fields.get(b"message-id"))
    if own is None:
        own = made_id(fields)
        doubt = NO_ID if doubt is None else f"{doubt}; {NO_ID}"
    if sender is None:
        doubt = NO_SENDER if doubt is None else f"{doubt}; {NO_SENDER}"
    subject, thread, labels = (
        fields.get(name) for name in (b"subject", b"x-gm-thrid", b"x-gmail-labels")
    )
    words = text_of(labels) if labels else None
    if words:
        named = words.split(",")
        is_sent = is_sent or is_in(SENT, named)
        skip = skip or label_skipped(named)
    title = text_of(subject) if subject else None
    return (
        own,
        at,
        sender,
        addresses_of(fields.get(b"to"), fields.get(b"cc")),
        title,
        answered_ids(fields),
        text_of(thread) if thread else None,
        list_of(fields),
        words,
        is_sent,
        is_automatic(fields, sender),
        doubt,
        reject if skip is None else None,
        text_of(date) if reject and date else None,
        skip,
        None if mail.body is None else whole_text(title, mail),
    )


def label_skipped(labels: list[str]) -> str | None:
    """Return why a message with these labels is none of a conversation."""
    for reason, words in (("draft", DRAFTS), ("spam", SPAM), ("chat", CHATS)):
        if is_in(words, labels):
            return reason
    return None


def list_of(fields: dict[bytes, bytes]) -> str | None:
    """Return which mailing list brought a message."""
    for name in LISTED:
        if name in fields:
            return text_of(fields[name]).lower()
    return None


def whole_text(subject: str | None, mail: Mail) -> str | None:
    """Return the subject and what a message says."""
    from kpiaudit.readers.mail_texts import body_text  # the standard library's mail parser: 30 ms

    parts = [part for part in (subject, body_text(mail.header, mail.body or b"")) if part]
    return "\n\n".join(parts) or None


def conversations(found: pl.DataFrame, settings: ReadSettings) -> pl.DataFrame:
    """Return rows with roles and conversations."""
    sounds = C("subject").str.contains(SOUNDS_AUTOMATIC).fill_null(value=False) & ~C("is_automated")
    place = C("export").cast(pl.String) + ":" + C("row").cast(pl.String)
    doubts = [C("doubt").cast(pl.String), pl.when(sounds).then(pl.lit(SOUNDS))]
    known = with_authors(
        found.with_columns(
            sent_at=C("sent_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
            own=pl.coalesce("message_id", place),
            doubt=pl.concat_str(doubts, separator="; ", ignore_nulls=True),
        ),
        settings.us,
    )
    threads = with_conversations(
        known.select("own", "sent_at", "answered", "thread", "subject", "party"),
        found["sender"].drop_nulls().unique(),
    )
    return known.select(
        *GIVEN_ON,
        threads["conversation_id"],
        threads["is_partial"],
        tags=C("labels").str.split(","),
        doubt=pl.when(C("doubt") != "").then("doubt"),
    )
