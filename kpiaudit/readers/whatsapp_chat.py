"""How `whatsapp_chat` is read; `kpiaudit.sources.whatsapp_chat` says what it is.

A chat is read in pieces of whole messages, each as one column of lines: no line becomes a Python object.
Only when all dates are known can one be told to have the day or the month first. Until then the numbers and the
author of a message are held, 12 bytes, which go piece by piece as the rows are made of them. Where texts are
wanted nothing is held: the file is read a second time.
"""

from __future__ import annotations

import io
import re
from collections import deque
from contextlib import closing
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault, in_zone, instant_faults, parsed
from kpiaudit.decoding.day_order import NO_ORDER, iso_date, order_of
from kpiaudit.decoding.streams import streamed
from kpiaudit.exports.chats import AFTERNOON, FORENOON, MARKS, Form, form_of, spaced
from kpiaudit.exports.containers import opened
from kpiaudit.schema import INSTANT, LABEL

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

    from kpiaudit.decoding.day_order import Order
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
PIECE: Final = 1 << 20
GROUPS: Final = (
    "first", "second", "third", "half_before", "hour", "minute", "seconds", "half_after", "rest",
)  # fmt: skip
DIGITS: Final = {
    chr(zero + value): str(value) for zero in (0x660, 0x6F0, 0x966) for value in range(10)
}
"""Arabic, Persian and Devanagari digits."""
AUTHOR: Final = rf"^{MARKS}(?:~\s?)?(.+?){MARKS}:(?:\s|$)"
BODY: Final = rf"^{MARKS}.+?{MARKS}:(?:\s|$)"
LATE: Final = f"^(?i:{'|'.join(map(spaced, AFTERNOON))})$"
EARLY: Final = f"^(?i:{'|'.join(map(spaced, FORENOON))})$"
NOBODY: Final = "no message: a line nobody wrote"
TOLD: Final = (
    "^\u200e(?:.*(?:end-to-end encrypted|Ende-zu-Ende-verschlüsselt|cifrados de extremo a extremo"
    "|chiffrés de bout en bout|crittografati end-to-end|criptografia de ponta a ponta"
    "|security code (?:with .* )?changed|Sicherheitsnummer|changed (?:their|to|the|this)|created (?:this )?group"
    "|hat die Gruppe|hat .* hinzugefügt|creó (?:este|el) grupo|a créé (?:ce|le) groupe|criou (?:este|o) grupo"
    "|joined using|pinned a message|disappearing messages|turned (?:on|off)|is a contact|business account"
    "|blocked this contact|unblocked this contact)"
    "|.* (?:added|removed) .*|.* (?:left|was added|were added)\\.?$|You(?:'re| are) now an admin)"
)
"""What an iPhone writes in the name of a contact or the group, after a mark no person types."""
MINUTES: Final = "time without seconds: waits are exact to a minute"
CALLED: Final = re.compile(r"^WhatsApp[ -]Chat (?:with|mit|-) |^WhatsApp Chat - ")
SIZES: Final = {
    "first": 10_000,
    "second": 10_000,
    "third": 10_000,
    "hour": 100,
    "minute": 100,
    "seconds": 100,
}
"""The parts of a message's time and what each is less than."""
DATE: Final = ("first", "second", "third")
DAY: Final = 1_000_000
SCHEMA: Final[dict[str, pl.DataType]] = {"stamp": pl.Int64(), "author": LABEL}
"""What is held of a message: the parts of its time as one number, and who wrote it, null for nobody."""


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message and per line nobody wrote, in MESSAGES columns."""
    named = sorted(((chat_name(file), file) for file in files), key=lambda pair: pair[0])
    groups = [(name, list(group)) for name, group in groupby(named, key=lambda pair: pair[0])]
    ids = any(len(group) > 1 for _, group in groups)
    frames = []
    for name, group in groups:
        rows = (chat(file, name, settings, is_again=len(group) > 1) for _, file in group)
        frames += [frame if ids else frame.drop("message_id") for frame in rows]
    return pl.concat(frames)


def chat_name(file: ExportFile) -> str:
    """Return whose chat a file holds: its name, or that of the zip or folder of an iPhone's `_chat.txt`."""
    inside = PurePosixPath(file.name)
    stem = PurePosixPath(file.base_name).stem
    if stem.startswith("_chat"):
        stem = inside.parent.name.removesuffix(".zip") or stem
    return CALLED.sub("", stem).strip()


def chat(file: ExportFile, name: str, settings: ReadSettings, *, is_again: bool) -> pl.LazyFrame:
    """Return the messages of one file. Where it `is_again` the chat of another, they have an id of chat,
    instant, author and place among those of that instant, so that what both hold counts once.
    """
    form, dates, found = parts(file, text=settings.text)
    if form.year_first:
        order: Order | None = "year_first"
    else:
        order = order_of(dates, settings.date_order, is_sorted=True, short_year=form.short_year)
    if settings.text:
        held = streamed(lambda: batches(file, text=True), SCHEMA | {"text": pl.String()})
    else:
        held = streamed(lambda: taken(found) if found else batches(file, text=False), SCHEMA)
        held = held.with_columns(text=pl.lit(None, pl.String))
    zone = settings.time_zone
    wall = pl.concat_str(
        iso_date(order or "day_first"),
        pl.lit(" "),
        *(C(part).cast(pl.String).str.zfill(2) + ":" for part in ("hour", "minute")),
        C("seconds").cast(pl.String).str.zfill(2),
    )
    naive = parsed(wall, "%Y-%m-%d %H:%M:%S") if order else pl.lit(None, pl.Datetime("us"))
    rows = held.with_row_index("row", 1).with_columns(unpacked())
    rows = rows.with_columns(
        naive=naive,
        stamp=pl.concat_str("first", "second", "third", separator=form.mark),
        reject=pl.lit(None, pl.String),
        value=pl.lit(None, pl.String),
    )
    rows = rows.with_columns(
        sent_at=in_zone(C("naive"), zone) if zone else pl.lit(None, INSTANT)
    ).with_columns(first_fault(faults(order, zone)))
    doubt = None if form.has_seconds else MINUTES
    is_message = C("author").is_not_null()
    own = pl.lit(None, pl.String)
    if is_again:
        nth = pl.int_range(pl.len()).over("sent_at", "author")
        told = pl.format("{}|{}|{}|{}", pl.lit(name), C("sent_at").dt.epoch("s"), nth, "author")
        own = pl.when(is_message).then(told)
    return rows.select(
        pl.lit(file.name).alias("export"),
        "row",
        pl.lit(name, LABEL).alias("conversation_id"),
        "sent_at",
        "author",
        own.alias("message_id"),
        "text",
        pl.when(~is_message).then(pl.lit(NOBODY, LABEL)).alias("skip"),
        pl.when(is_message).then("reject").alias("reject"),
        pl.when(is_message).then("value").alias("value"),
        pl.when(is_message).then(pl.lit(doubt, LABEL)).alias("doubt"),
    )


def faults(order: Order | None, zone: str | None) -> list[Fault]:
    """Return the rules of a message's time."""
    if order is None:
        return [Fault(f"date: {NO_ORDER}", pl.lit(value=True), C("stamp"))]
    no_date = Fault("date: not a date", C("naive").is_null(), C("stamp"))
    if zone is None:
        return [no_date, Fault("date: no offset, set time_zone", pl.lit(value=True), C("stamp"))]
    return [no_date, *instant_faults("date", C("stamp"), C("sent_at"))]


def parts(file: ExportFile, *, text: bool) -> tuple[Form, pl.DataFrame, list[pl.DataFrame]]:
    """Return how a chat's lines begin, its dates in their order, those of one day once, and, unless text is
    wanted, of each message SCHEMA, a frame for each piece.
    """
    dates, held = [], []
    with closing(pieces(file)) as texts:
        for form, piece in texts:
            found = messages(piece, form, text=False)
            day = C("stamp") // DAY
            dates.append(found.filter(day.ne_missing(day.shift())).select("stamp"))
            if not text:
                held.append(found)
    return form, pl.concat(dates).select(unpacked()).select(DATE), held


def taken(held: list[pl.DataFrame]) -> Iterator[pl.DataFrame]:
    """Yield frames that are held no longer, one by one."""
    frames = deque(held)
    held.clear()
    while frames:
        yield frames.popleft()


def batches(file: ExportFile, *, text: bool) -> Iterator[pl.DataFrame]:
    """Yield the messages of a chat, those of one piece of it at a time."""
    for form, piece in pieces(file):
        yield messages(piece, form, text=text)


def pieces(file: ExportFile) -> Generator[tuple[Form, str]]:
    """Yield how the lines of a chat begin, and its text in pieces, each of whole messages."""
    with io.TextIOWrapper(opened(file), file.encoding, "replace", newline="\n") as stream:
        yield from whole_messages(stream)


def whole_messages(stream: io.TextIOBase) -> Iterator[tuple[Form, str]]:
    """Yield how the lines of a chat begin, and its text in pieces, each of whole messages."""
    held = stream.read(PIECE)
    form = form_of(held)
    if form is None:
        raise ValueError("no chat")
    begins = re.compile(beginning(form.marked), re.MULTILINE)
    looked_at = 0
    while more := stream.read(PIECE):
        start = last_header(held, begins, looked_at)
        looked_at = held.rfind("\n", max(looked_at - 1, 0)) + 1 - start  # a line that may be cut
        if start > 0:
            yield form, held[:start]
            held = held[start:]
        held += more
    yield form, held


def last_header(text: str, begins: re.Pattern[str], since: int) -> int:
    """Return where the last message of a piece begins, 0 when only one does; no header lies before the line
    at `since` but the first.
    """
    end = len(text)
    while (start := text.rfind("\n", max(since - 1, 0), end) + 1) and not begins.match(text, start):
        end = start - 1
    return start


def messages(piece: str, form: Form, *, text: bool) -> pl.DataFrame:
    """Return the messages of a piece: SCHEMA, and text where it is wanted."""
    lines = pl.DataFrame({"line": [piece]}).select(
        C("line").str.split("\n").explode().str.strip_chars_end("\r")
    )
    pattern = form.pattern(piece)
    begins = lines.select(C("line").str.contains(beginning(pattern))).to_series()
    groups = C("line").str.extract_groups(pattern).struct.rename_fields(GROUPS)
    heads = lines.filter(begins).select(groups).unnest("line")
    if not form.is_ascii and not all(heads[name].str.contains("^[0-9]*$").all() for name in SIZES):
        heads = heads.with_columns(C(list(SIZES)).str.replace_many(DIGITS))
    author = C("rest").str.extract(AUTHOR).str.strip_chars()
    if "\u200e" in piece:
        author = pl.when(~C("rest").str.replace(BODY, "").str.contains(TOLD)).then(author)
    told = heads.select(
        *(C(name).cast(pl.Int64, strict=False) for name in SIZES),
        *halves(form),
        author=author.cast(LABEL),
    )
    if form.has_half:
        told = told.with_columns(hour=hour_of_day())
    told = told.select(packed().alias("stamp"), "author")
    return told.with_columns(bodies(lines, begins, heads)) if text else told


def packed() -> pl.Expr:
    """Return the parts of a time as one number, null where one of them is none; no seconds are none past."""
    number = C("first")
    for name, size in list(SIZES.items())[1:]:
        number = number * size + (C(name).fill_null(0) if name == "seconds" else C(name))
    return number


def unpacked() -> list[pl.Expr]:
    """Return the parts of a time."""
    parts, number = [], C("stamp")
    for name, size in reversed(SIZES.items()):
        parts.append((number % size).alias(name))
        number = number // size
    return parts


def beginning(pattern: str) -> str:
    """Return the pattern of a header alone: it is found seven times as fast as with what follows it."""
    return pattern.removesuffix("(.*)$")


def halves(form: Form) -> list[pl.Expr]:
    """Return `late` and `early`, whether a half of the day is named, where the form has it."""
    if not form.has_half:
        return []
    half = pl.concat_str("half_before", "half_after", ignore_nulls=True)
    return [half.str.contains(LATE).alias("late"), half.str.contains(EARLY).alias("early")]


def hour_of_day() -> pl.Expr:
    """Return the hour, 0 to 23, of one that counts to twelve twice."""
    hour = C("hour")
    return (
        pl.when(C("late") & (hour < 12))
        .then(hour + 12)
        .when(C("early") & (hour == 12))
        .then(0)
        .otherwise(hour)
    )


def bodies(lines: pl.DataFrame, begins: pl.Series, heads: pl.DataFrame) -> pl.Series:
    """Return what each message of a piece says, in all its lines."""
    number = begins.cum_sum().cast(pl.UInt32).alias("number")
    rest = lines.with_columns(number).filter(~begins & (number > 0))
    more = rest.group_by("number").agg(more=C("line").str.join("\n"))
    whole = pl.concat_str("rest", "more", separator="\n", ignore_nulls=True)
    return (
        heads.select("rest")
        .with_row_index("number", 1)
        .join(more, on="number", how="left", maintain_order="left")
        .select(text=whole.str.replace(BODY, "").str.strip_chars_end())
        .to_series()
    )
