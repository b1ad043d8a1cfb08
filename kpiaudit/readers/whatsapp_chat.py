"""How `whatsapp_chat` is read; `kpiaudit.sources.whatsapp_chat` says what it is.

A chat is read in pieces of whole messages, each as one column of lines: no line becomes a Python object,
and what stays of a message is its numbers and its author.
"""

from __future__ import annotations

import io
import re
from itertools import groupby
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault, in_zone, instant_faults, parsed
from kpiaudit.decoding.day_order import NO_ORDER, iso_date, order_of
from kpiaudit.exports.chats import AFTERNOON, FORENOON, MARKS, Form, form_of, spaced
from kpiaudit.exports.containers import opened
from kpiaudit.schema import INSTANT, LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpiaudit.decoding.day_order import Order
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
PIECE: Final = 1 << 23
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
PARTS: Final[dict[str, pl.DataType]] = {
    "first": pl.Int16(),
    "second": pl.Int16(),
    "third": pl.Int16(),
    "hour": pl.Int8(),
    "minute": pl.Int8(),
    "seconds": pl.Int8(),
}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message and per line nobody wrote, in MESSAGES columns."""
    named = sorted(((chat_name(file), file) for file in files), key=lambda pair: pair[0])
    frames = []
    for name, group in groupby(named, key=lambda pair: pair[0]):
        same = [file for _, file in group]
        frames += [chat(file, name, settings, is_again=len(same) > 1) for file in same]
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
    form, found = parts(file, text=settings.text)
    if form.year_first:
        order: Order | None = "year_first"
    else:
        order = order_of(found, settings.date_order, is_sorted=True, short_year=form.short_year)
    wall = pl.concat_str(
        iso_date(order or "day_first"),
        pl.lit(" "),
        *(C(part).cast(pl.String).str.zfill(2) + ":" for part in ("hour", "minute")),
        C("seconds").fill_null(0).cast(pl.String).str.zfill(2),
    )
    zone = settings.time_zone
    naive = parsed(wall, "%Y-%m-%d %H:%M:%S") if order else pl.lit(None, pl.Datetime("us"))
    rows = found.lazy().with_columns(
        naive=naive,
        stamp=pl.concat_str("first", "second", "third", separator=form.mark),
        reject=pl.lit(None, pl.String),
        value=pl.lit(None, pl.String),
    )
    rows = rows.with_columns(
        sent_at=in_zone(C("naive"), zone) if zone else pl.lit(None, INSTANT)
    ).with_columns(first_fault(faults(order, zone)))
    doubt = None if form.has_seconds else MINUTES
    is_message = C("skip").is_null()
    nth = pl.int_range(pl.len()).over("sent_at", "author")
    own = pl.format("{}|{}|{}|{}", pl.lit(name), C("sent_at").dt.epoch("s"), nth, "author")
    return rows.select(
        pl.lit(file.name).alias("export"),
        "row",
        pl.lit(name).alias("conversation_id"),
        "sent_at",
        "author",
        pl.lit(None, pl.String).alias("event"),
        pl.when(pl.lit(is_again) & is_message).then(own).alias("message_id"),
        "text",
        "skip",
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


def parts(file: ExportFile, *, text: bool) -> tuple[Form, pl.DataFrame]:
    """Return how a chat's lines begin, and of each message its row, PARTS, author, skip and text."""
    batches: list[pl.DataFrame] = []
    row = 0
    with io.TextIOWrapper(opened(file), file.encoding, "replace", newline="\n") as stream:
        pieces = whole_messages(stream)
        form, piece = next(pieces)
        while piece:
            batch = messages(piece, form, text=text).with_row_index("row", row + 1)
            row += batch.height
            batches.append(batch)
            _, piece = next(pieces, (form, ""))
    return form, pl.concat(batches)


def whole_messages(stream: io.TextIOBase) -> Iterator[tuple[Form, str]]:
    """Yield how the lines of a chat begin, and its text in pieces, each of whole messages."""
    held = stream.read(PIECE)
    form = form_of(held)
    if form is None:
        raise ValueError("no chat")
    begins = re.compile(form.pattern.removesuffix("(.*)$"), re.MULTILINE)
    while more := stream.read(PIECE):
        start = last_header(held, begins)
        if start > 0:
            yield form, held[:start]
            held = held[start:]
        held += more
    yield form, held


def last_header(text: str, begins: re.Pattern[str]) -> int:
    """Return where the last message of a piece begins, 0 when only one does."""
    end = len(text)
    while (start := text.rfind("\n", 0, end) + 1) and not begins.match(text, start):
        end = start - 1
    return start


def messages(piece: str, form: Form, *, text: bool) -> pl.DataFrame:
    """Return the messages of a piece: PARTS, author, skip and text."""
    lines = pl.DataFrame({"line": [piece]}).select(
        C("line").str.split("\n").explode().str.strip_chars_end("\r")
    )
    begins = lines.select(C("line").str.contains(form.pattern)).to_series()
    groups = C("line").str.extract_groups(form.pattern).struct.rename_fields(GROUPS)
    heads = lines.filter(begins).select(groups).unnest("line")
    if not all(heads[name].str.contains(r"^[0-9]*$").all() for name in PARTS):
        heads = heads.with_columns(C(list(PARTS)).str.replace_many(DIGITS))
    if text:
        number = begins.cum_sum().alias("number")
        rest = lines.with_columns(number).filter(~begins & (number > 0))
        more = rest.group_by("number").agg(more=C("line").str.join("\n"))
        heads = heads.with_row_index("number", 1).join(
            more.with_columns(C("number").cast(pl.UInt32)),
            on="number",
            how="left",
            maintain_order="left",
        )
        whole = pl.concat_str("rest", "more", separator="\n", ignore_nulls=True)
    else:
        whole = pl.lit(None, pl.String)
    author = C("rest").str.extract(AUTHOR).str.strip_chars()
    body = C("rest").str.replace(BODY, "")
    is_told = author.is_null() | body.str.contains(TOLD)
    hour = C("hour").cast(pl.Int8)
    half = pl.concat_str("half_before", "half_after", ignore_nulls=True)
    late = half.str.contains(LATE) & (hour < 12)
    midnight = half.str.contains(EARLY) & (hour == 12)
    return heads.select(
        *(C(name).cast(kind, strict=False) for name, kind in PARTS.items() if name != "hour"),
        hour=pl.when(late).then(hour + 12).when(midnight).then(0).otherwise(hour).cast(pl.Int8),
        author=pl.when(~is_told).then(author).cast(LABEL),
        skip=pl.when(is_told).then(pl.lit(NOBODY)).cast(LABEL),
        text=whole.str.replace(BODY, "").str.strip_chars_end() if text else whole,
    )
