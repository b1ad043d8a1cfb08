"""How `telegram_json` is read; `kpiaudit.sources.telegram_json` says what it is.

Records are taken one by one from the mapped file while they are used: a chunk of them is held at a time.
"""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault, instant, instant_faults, since_1970
from kpiaudit.decoding.long_lists import decoded_or_broken, lists_of, mapped
from kpiaudit.decoding.parts import is_one_of
from kpiaudit.decoding.records import Broken, Table
from kpiaudit.decoding.streams import streamed
from kpiaudit.schema import LABEL, MESSAGES
from kpiaudit.settings import Us

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
Name = str | int | None
SCHEMA: Final[dict[str, pl.DataType]] = {
    "export": LABEL,
    "row": pl.UInt32(),
    "conversation_id": LABEL,
    "number": pl.Int64(),
    "date": pl.String(),
    "unixtime": pl.String(),
    "author": LABEL,
    "author_id": LABEL,
    "visibility": LABEL,
    "text": pl.String(),
    "skip": LABEL,
    "reject": LABEL,
    "value": pl.String(),
}
NO_CONVERSATION: Final = {
    "saved_messages": "no conversation: saved messages",
    "replies": "no conversation: replies",
}
EVERY_NUMBER: Final = 10
"""Digits an id is written with, so that ids sort as numbers."""


class Message(msgspec.Struct):
    """What is read of a message."""

    id: int | None = None
    type: str | None = None
    date: str | None = None
    date_unixtime: str | int | None = None
    author: Name = msgspec.field(name="from", default=None)
    from_id: Name = None
    action: str | None = None
    text: msgspec.Raw = msgspec.Raw(b'""')


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per record of every chat, in MESSAGES columns."""

    def chunks() -> Iterator[pl.DataFrame]:
        table = Table(SCHEMA)
        for file in files:
            for row in records_of(file, text=settings.text):
                table.add(row)
                yield from table.taken()
        table.close_chunk()
        yield from table.taken()

    return messages(streamed(chunks, SCHEMA), settings)


def records_of(file: ExportFile, *, text: bool) -> Iterator[tuple[object, ...]]:
    """Yield every record of a file as SCHEMA has it."""
    decoder = msgspec.json.Decoder(Message)
    row = 0
    for chat, records in lists_of(mapped(file), "messages"):
        key = str(
            chat.get("id") or chat.get("name") or PurePosixPath(file.name).parent.name or "chat"
        )
        kind = str(chat.get("type") or "")
        visibility = kind.partition("_")[0]
        if visibility not in {"public", "private"}:
            visibility = "private" if kind.endswith("_chat") else "unknown"
        for row, raw in enumerate(records, row + 1):  # noqa: B020  # rows go on from chat to chat
            record = decoded_or_broken(decoder, raw)
            if isinstance(record, Broken):
                nothing = (None,) * 8
                yield (file.name, row, key, *nothing, record.rule, record.value)
                continue
            skip = NO_CONVERSATION.get(kind) or no_message(record)
            unixtime = record.date_unixtime
            yield (
                file.name,
                row,
                key,
                record.id,
                record.date if unixtime is None else None,
                None if unixtime is None else str(unixtime),
                None if record.author is None else str(record.author),
                None if record.from_id is None else str(record.from_id),
                visibility,
                body(record.text) if text and skip is None else None,
                skip,
                None,
                None,
            )


def no_message(record: Message) -> str | None:
    """Return why a record is no message, None where it is one."""
    if record.type == "message":
        return None
    return f"no message: {record.action or record.type or 'no type'}"


def body(raw: msgspec.Raw) -> str:
    """Return what a message says: a text, or pieces that are texts or objects with one."""
    return plain(msgspec.json.decode(raw))


def plain(text: object) -> str:
    """Return text without its formatting."""
    if isinstance(text, list):
        return "".join(map(plain, text))
    if isinstance(text, dict):
        return plain(text.get("text", ""))
    return text if isinstance(text, str) else ""


def messages(found: pl.LazyFrame, settings: ReadSettings) -> pl.LazyFrame:
    """Return records in MESSAGES columns, with roles where `[us]` names people."""
    is_told = C("unixtime").is_not_null()
    number = C("number").cast(pl.String).str.zfill(EVERY_NUMBER)
    rows = found.with_columns(
        sent_at=pl.coalesce(
            since_1970(C("unixtime"), 1_000_000),
            instant(C("date"), None, settings.time_zone),
        ),
        message_id=C("conversation_id").cast(pl.String) + "/" + number,
        author=pl.coalesce("author", "author_id"),
    )
    is_message = C("skip").is_null()
    missing = Fault("date: missing", ~is_told & C("date").is_null() & is_message, C("date"))
    no_count = Fault("date_unixtime: not a date", is_told & C("sent_at").is_null(), C("unixtime"))
    told = [
        Fault(fault.rule, fault.bad & is_message, fault.value)
        for fault in (no_count, *instant_faults("date", C("date"), C("sent_at")))
    ]
    nobody = Fault("from: missing", C("author").is_null() & is_message, C("date"))
    rows = rows.with_columns(C("reject").cast(pl.String)).with_columns(
        first_fault([missing, *told, nobody])
    )
    return with_events(rows, settings.us).drop("number", "date", "unixtime", "author_id")


def with_events(rows: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return rows whose author is ours by id with a role; names are decided where `[us]` is read."""
    us = us or Us()
    bots, ours = ids_among(us.bots), ids_among((*us.agents, *us.accounts))
    if not (bots or ours):
        return rows
    rows = rows.with_columns(C("author_id").cast(pl.String))
    is_bot = is_one_of(bots, "author_id")
    is_ours = (is_one_of(ours, "author_id") | is_bot) & C("skip").is_null()
    kind = MESSAGES["author_role"]
    by_id = pl.when(is_bot).then(pl.lit("bot", kind)).otherwise(pl.lit("agent", kind))
    return rows.with_columns(
        event=pl.when(is_ours).then(pl.lit("outbound", MESSAGES["event"])),
        author_role=pl.when(is_ours).then(by_id),
        agent=pl.when(is_ours).then("author"),
    )


def ids_among(names: Sequence[str]) -> tuple[str, ...]:
    """Return the names that may be ids, such as `user123`: those with a digit."""
    return tuple(name for name in names if any(letter.isdigit() for letter in name))
