"""How `discord_dce` is read; `kpiaudit.sources.discord_dce` says what it is."""

from __future__ import annotations

import re
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault, instant, instant_faults, missing
from kpiaudit.decoding.local_dates import local_dates
from kpiaudit.decoding.long_lists import decoded_or_broken, lists_of
from kpiaudit.decoding.parts import is_one_of, table
from kpiaudit.decoding.records import Broken, Table, content
from kpiaudit.schema import LABEL

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
SCHEMA: Final[dict[str, pl.DataType]] = {
    "export": LABEL,
    "row": pl.UInt32(),
    "conversation_id": LABEL,
    "has_boundaries": pl.Boolean(),
    "visibility": LABEL,
    "message_id": pl.String(),
    "stamp": pl.String(),
    "author": LABEL,
    "account": LABEL,
    "account_id": LABEL,
    "roles": pl.List(pl.String()),
    "is_robot": pl.Boolean(),
    "text": pl.String(),
    "skip": LABEL,
    "reject": LABEL,
    "value": pl.String(),
}
SAID: Final = frozenset({"Default", "Reply", "20", "23", "ChatInputCommand", "ContextMenuCommand"})
"""Kinds of records that are messages: said by people, or by bots that were asked."""
TABLE: Final = {"account_id": "AuthorID", "account": "Author", "stamp": "Date", "text": "Content"}
CHANNEL: Final = re.compile(r"\[(\d{15,20})\]")
"""The id of a channel, as it stands in the name of a file."""
PART: Final = re.compile(r"\s*\[part \d+\]$")
FINER: Final = r"(\.\d{6})\d+"
NO_SECONDS: Final = r"^[^:]*:\d\d\D*$"
MINUTES: Final = "time without seconds: waits are exact to a minute"
HASH: Final = r"#\d{4}$"
TOLD: Final = "in the JSON of its channel too"


class Role(msgspec.Struct):
    """A role somebody has."""

    name: str | None = None


class Author(msgspec.Struct):
    """Who wrote a message."""

    id: str | None = None
    name: str | None = None
    nickname: str | None = None
    isBot: bool | None = None  # noqa: N815  # a key of the export
    roles: list[Role] = []


class Message(msgspec.Struct):
    """What is read of a message."""

    id: str | None = None
    type: str | int | None = None
    timestamp: str | None = None
    content: str | None = None
    author: Author | None = None


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per record of every channel, in MESSAGES columns."""
    tables = [file for file in files if file.part == "tables"]
    found = Table(SCHEMA)
    for file in files:
        if file.part != "tables":
            take(file, found, text=settings.text)
    stamp = C("stamp").str.replace(FINER, "$1")
    channels = found.frame().with_columns(sent_at=instant(stamp, None, settings.time_zone))
    frames = [without_told(channel_table(file, settings), channels) for file in tables]
    return messages(pl.concat([channels, *frames], how="diagonal_relaxed"), settings.us)


def without_told(rows: pl.LazyFrame, channels: pl.LazyFrame) -> pl.LazyFrame:
    """Return the records of a CSV, those skipped that JSON of the channel holds too: of one author and
    instant, or minute where a minute is all the CSV tells, as many as JSON has.
    """
    of_minute = C("at").dt.truncate("1m")
    keys = ("conversation_id", "account_id", "at", "is_minute")
    once = channels.unique("message_id", keep="first", maintain_order=True)
    known = once.select(C("conversation_id", "account_id").cast(pl.String), at="sent_at")
    exact = C("at").dt.truncate("1ms")
    told = pl.concat(
        [
            known.with_columns(at=exact, is_minute=pl.lit(value=False)),
            known.with_columns(at=of_minute, is_minute=pl.lit(value=True)),
        ]
    )
    nth = pl.int_range(pl.len()).over(keys)
    held = told.with_columns(nth=nth, is_told=pl.lit(value=True))
    at = pl.when("is_minute").then(of_minute).otherwise(exact)
    return (
        rows.with_columns(is_minute=C("doubt").is_not_null(), at="sent_at")
        .with_columns(at=at)
        .with_columns(nth=nth)
        .join(held, on=[*keys, "nth"], how="left", maintain_order="left")
        .with_columns(skip=pl.when(C("is_told") & C("reject").is_null()).then(pl.lit(TOLD)))
        .drop("at", "is_minute", "nth", "is_told")
    )


def take(file: ExportFile, found: Table, *, text: bool) -> None:
    """Put every record of a JSON file into the table."""
    decoder = msgspec.json.Decoder(Message)
    row = 0
    for head, records in lists_of(content(file), "messages"):
        place = place_of(head.get("channel"), file)
        for raw in records:
            row += 1
            record = decoded_or_broken(decoder, raw)
            if isinstance(record, Broken):
                nothing = (None,) * 8
                found.add((file.name, row, *place, *nothing, None, record.rule, record.value))
                continue
            author = record.author or Author()
            found.add(
                (
                    file.name,
                    row,
                    *place,
                    record.id,
                    record.timestamp,
                    author.nickname or author.name or author.id,
                    author.name,
                    author.id,
                    [role.name for role in author.roles if role.name],
                    author.isBot,
                    record.content if text else None,
                    None if str(record.type) in SAID else f"no message: {record.type}",
                    None,
                    None,
                )
            )


def place_of(channel: Any, file: ExportFile) -> tuple[str, bool, str]:  # noqa: ANN401  # any JSON
    """Return the id of a channel, whether it is a thread that ends, and who may read it."""
    known = channel if isinstance(channel, dict) else {}
    kind = str(known.get("type") or "")
    is_private = kind.startswith("Direct") or "Private" in kind
    visibility = "private" if is_private else "public" if kind else "unknown"
    return str(known.get("id") or channel_name(file)), "Thread" in kind, visibility


def channel_name(file: ExportFile) -> str:
    """Return the id of a channel a file is called by, else its name without the number of its part."""
    stem = PurePosixPath(file.base_name).stem
    found = CHANNEL.search(stem)
    return found[1] if found else PART.sub("", stem)


def channel_table(file: ExportFile, settings: ReadSettings) -> pl.LazyFrame:
    """Return the records of a CSV, which has no ids and no roles."""
    rows = table([file], "tables", TABLE, careful=settings.careful)
    stamp = C("stamp").str.replace(FINER, "$1")
    told = rows.with_columns(sent_at=instant(stamp, None, settings.time_zone))
    odd = rows.filter(instant(stamp, None, "UTC").is_null()).select("row", "stamp").collect()
    dates = local_dates(odd, "stamp", settings.time_zone, settings.date_order)
    return told.join(dates.lazy(), on="row", how="left", maintain_order="left").with_columns(
        conversation_id=pl.lit(channel_name(file)),
        has_boundaries=pl.lit(value=False),
        visibility=pl.lit("unknown"),
        sent_at=pl.coalesce("sent_at", "read_at"),
        reject=pl.coalesce("reject", "rule"),
        value=pl.coalesce("value", pl.when(C("rule").is_not_null()).then("stamp")),
        doubt=pl.when(C("read_at").is_not_null() & C("stamp").str.contains(NO_SECONDS)).then(
            pl.lit(MINUTES)
        ),
        author=C("account").str.replace(HASH, ""),
        text=C("text") if settings.text else pl.lit(None, pl.String),
    )


def messages(found: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return records in MESSAGES columns, with events where a bot or a name of `[us]` tells."""
    names = ("author", "account", "account_id")
    rows = found.with_columns(C("reject", "value", *names).cast(pl.String))
    is_message = C("skip").is_null()
    faults = [
        missing("timestamp", C("stamp")),
        *instant_faults("timestamp", C("stamp"), C("sent_at")),
        missing("author", C("author")),
    ]
    faults = [Fault(fault.rule, fault.bad & is_message, fault.value) for fault in faults]
    rows = rows.with_columns(first_fault(faults))
    role = role_of(us, names)
    return rows.with_columns(
        author_role=role,
        event=pl.when(role.is_not_null()).then(pl.lit("outbound")),
        agent=pl.when(role.is_not_null()).then("author"),
        is_automated=role == "bot",
    ).drop("stamp", "account", "account_id", "roles", "is_robot", "read_at", "rule", strict=False)


def role_of(us: Us | None, names: Sequence[str]) -> pl.Expr:
    """Return bot or agent where a flag, a name, an id or a role says so; null where `[us]` still has to."""
    ours = (*us.agents, *us.accounts) if us else ()
    words = [word.lower() for word in ours]
    has_role = C("roles").list.eval(pl.element().str.to_lowercase().is_in(words)).list.any()
    is_bot = C("is_robot").fill_null(value=False) | is_one_of(us.bots if us else (), *names)
    is_ours = is_one_of(ours, *names) | has_role.fill_null(value=False)
    told = pl.when(is_bot).then(pl.lit("bot")).when(is_ours).then(pl.lit("agent"))
    return pl.when(C("skip").is_null() & C("reject").is_null()).then(told)
