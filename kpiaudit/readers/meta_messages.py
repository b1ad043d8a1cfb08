"""How `meta_messages` is read; `kpiaudit.sources.meta_messages` says what it is."""

from __future__ import annotations

import re
from functools import lru_cache
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault, instant_faults, missing, since_1970
from kpiaudit.decoding.long_lists import decoded_or_broken, lists_of
from kpiaudit.decoding.records import Broken, Table, content
from kpiaudit.schema import LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
SCHEMA: Final[dict[str, pl.DataType]] = {
    "row": pl.UInt32(),
    "stamp": pl.String(),
    "author": LABEL,
    "text": pl.String(),
    "skip": LABEL,
    "reject": LABEL,
    "value": pl.String(),
}
PART: Final = re.compile(r"^message_\d+$")
NUMBER: Final = re.compile(r"_\d+$")
NO_MESSAGE: Final = frozenset({"call", "subscribe", "unsubscribe", "video_call", "group_leave"})
REACTION: Final = re.compile(
    r"(?:Liked|Reacted \S+ to) (?:a|your) message\.?\s*"
    r"|(?:Hat eine Nachricht mit „Gefällt mir“ markiert|Gefällt eine Nachricht)\.?\s*"
    r"|(?:Hat mit|Reagierte mit) \S+ auf (?:deine|eine) Nachricht(?: reagiert)?\.?\s*"
    r"|(?:Le gustó un mensaje|Reaccionó con \S+ a tu mensaje)\.?\s*"
    r"|(?:A aimé un message|A réagi \S+ à votre message)\.?\s*"
    r"|(?:Ha messo \"?Mi piace\"? a un messaggio|Ha reagito con \S+ al tuo messaggio)\.?\s*"
    r"|(?:Curtiu uma mensagem|Reagiu com \S+ à sua mensagem)\.?\s*"
)
TOLD: Final = re.compile(
    r"You are now connected on Messenger\.?|.* (?:created the group|left the group|named the group .*"
    r"|(?:set|cleared) (?:the|your|his|her|their) (?:own )?nickname .*|changed the (?:chat )?theme.*"
    r"|changed the group photo|added .* to the group|removed .* from the group|pinned a message)\.?",
    re.DOTALL,
)
PLATFORMS: Final = ("instagram", "facebook", "messenger")
PLACES: Final = 4
"""Digits that tell messages of one millisecond apart."""


class Message(msgspec.Struct):
    """What is read of a message, in both shapes: that of the accounts, and of encrypted chats."""

    sender_name: str | None = None
    senderName: str | None = None  # noqa: N815  # a key of the export
    timestamp_ms: int | float | str | None = None
    timestamp: int | float | str | None = None
    content: str | None = None
    text: str | None = None
    type: str | None = None
    call_duration: float | None = None


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per record of every thread, in MESSAGES columns."""
    return pl.concat([thread(file, text=settings.text) for file in files])


def thread(file: ExportFile, *, text: bool) -> pl.LazyFrame:
    """Return the records of one file, with ids of thread, instant, author and place, so that what two
    files hold counts once.
    """
    table = Table(SCHEMA)
    for row, record in enumerate(records_of(file), 1):
        if isinstance(record, Broken):
            table.add((row, None, None, None, None, record.rule, record.value))
            continue
        sender = record.senderName if record.sender_name is None else record.sender_name
        stamp = record.timestamp if record.timestamp_ms is None else record.timestamp_ms
        said = record.text if record.content is None else record.content
        said = None if said is None else mended(said)
        table.add(
            (
                row,
                None if stamp is None else str(stamp),
                None if sender is None else name_of(sender),
                said if text else None,
                no_message(record, said),
                None,
                None,
            )
        )
    return messages(table.frame(), file)


def records_of(file: ExportFile) -> Iterator[Message | Broken]:
    """Yield the records of a file's list of messages."""
    decoder = msgspec.json.Decoder(Message)
    for _, records in lists_of(content(file), "messages"):
        for raw in records:
            record = decoded_or_broken(decoder, raw)
            yield record


@lru_cache(maxsize=4096)
def name_of(text: str) -> str:
    """Return a name, mended."""
    return mended(text).strip()


def mended(text: str) -> str:
    """Return text whose letters are the bytes of UTF-8 as what they say; any other as it is."""
    if text.isascii():
        return text
    try:
        return text.encode("latin-1").decode("utf-8")
    except UnicodeError:
        return text


def no_message(record: Message, said: str | None) -> str | None:
    """Return why a record is no message, None where it is one."""
    kind = (record.type or "").lower()
    if kind in NO_MESSAGE or record.call_duration is not None:
        return f"no message: {'call' if record.call_duration is not None else kind}"
    if said is not None and REACTION.fullmatch(said):
        return "no message: reaction"
    return "no message: told by Meta" if said is not None and TOLD.fullmatch(said) else None


def thread_name(file: ExportFile) -> str:
    """Return the folder of a thread; where files of many lie together, a file's name without its number."""
    inside = PurePosixPath(file.name)
    stem = PurePosixPath(file.base_name).stem
    if PART.match(stem):
        return inside.parent.name or ("" if file.packing else file.path.parent.name) or stem
    return NUMBER.sub("", stem)


def platform_of(file: ExportFile) -> str | None:
    """Return the platform the folders or the archive around a file name."""
    return next((name for name in PLATFORMS if name in file.name.lower()), None)


def messages(found: pl.LazyFrame, file: ExportFile) -> pl.LazyFrame:
    """Return the records of a file in MESSAGES columns."""
    name, platform = thread_name(file), platform_of(file)
    sent_at = since_1970(C("stamp"), 1_000)
    is_descending = (sent_at.drop_nulls().first() >= sent_at.drop_nulls().last()).fill_null(
        value=False
    )
    place = pl.int_range(pl.len()).over("stamp")
    last = pl.len().over("stamp") - 1
    nth = pl.when(is_descending).then(last.cast(pl.Int64) - place).otherwise(place)
    own = pl.concat_str(
        pl.lit(name),
        "stamp",
        nth.cast(pl.String).str.zfill(PLACES),
        C("author").cast(pl.String),
        separator="|",
    )
    is_message = C("skip").is_null()
    faults = [
        missing("timestamp", C("stamp")),
        Fault("timestamp: not milliseconds since 1970", C("sent_at").is_null(), C("stamp")),
        *instant_faults("timestamp", C("stamp"), C("sent_at")),
        missing("sender", C("author")),
    ]
    faults = [Fault(fault.rule, fault.bad & is_message, fault.value) for fault in faults]
    return (
        found.with_columns(C("reject").cast(pl.String), sent_at=sent_at, message_id=own)
        .with_columns(first_fault(faults))
        .select(
            pl.lit(file.name).alias("export"),
            "row",
            pl.lit(name).alias("conversation_id"),
            pl.when(is_message).then("message_id").alias("message_id"),
            "sent_at",
            pl.lit(None, pl.String).alias("event"),
            "author",
            pl.lit(platform, LABEL).alias("platform"),
            "text",
            "skip",
            "reject",
            "value",
        )
    )
