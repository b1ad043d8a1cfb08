"""Messages as columns: raw fields are gathered by the thousand and read all at once.

What is written by the rules is read by expressions; the rest, value by value, by `mail_headers`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import polars as pl

from kpiaudit.readers.mail_dates import Dates
from kpiaudit.readers.mail_folders import CHATS, DRAFTS, SENT, SPAM
from kpiaudit.readers.mail_headers import (
    AUTOMATIC,
    FIELD,
    answered_ids,
    fields_of,
    is_marked_automatic,
    made_id,
    own_id,
    readable,
    sender_of,
    text_of,
)

if TYPE_CHECKING:
    from zoneinfo import ZoneInfo

    from kpiaudit.readers.mail_boxes import Mail

C = pl.col
Raw = tuple[bytes | None, ...]
Taken = tuple[Raw, bytes | None, bytes | None, bytes | None]
BATCH: Final = 1 << 14
WANTED: Final = (
    b"from", b"to", b"cc", b"subject", b"message-id", b"references", b"in-reply-to",
    b"x-gm-thrid", b"x-gmail-labels",
)  # fmt: skip
LISTED: Final = (b"list-id", b"list-post", b"mailing-list", b"list-unsubscribe", b"list-archive")
GIVEN: Final[dict[str, pl.DataType]] = {
    "export": pl.Categorical(),
    "is_sent": pl.Boolean(),
    "skip": pl.Categorical(),
    "row": pl.UInt32(),
    "sent_at": pl.Int64(),
    "doubt": pl.Categorical(),
    "reject": pl.Categorical(),
    "value": pl.String(),
    "is_automated": pl.Boolean(),
    "made_id": pl.String(),
    "text": pl.String(),
}
RAW: Final[dict[str, pl.DataType]] = dict.fromkeys(
    ("sender", "to", "cc", "subject", "own", "references", "reply", "thread", "labels", "list"),
    pl.Binary(),
)
ADDRESS: Final = r"[A-Za-z0-9.!#$%&*+/=?^_`{|}~-]+@[A-Za-z0-9.-]*[A-Za-z0-9]"
SENDER: Final = rf"^\s*(?:[^<>@()]*<)?({ADDRESS})>?\s*$"
ANY_ADDRESS: Final = r"[^\s<>,;:\x22()\[\]]+@[^\s<>,;:\x22()\[\]]+"
IN_WORDS: Final = r"[^\s<>,;:\x22()]+ at [^\s<>,;:\x22()]+\.[^\s<>,;:\x22()]+"
OWN: Final = r"^\s*<([^<>()\s]+)>\s*$"
IDS: Final = r"^\s*(?:<[^<>()\s]+>\s*)+$"
SIMPLE: Final = r"^([^=\n]*(?:=[^?\n][^=\n]*)*)$"
AUTORESPONDER: Final = b"autoresponder"
FROM_MACHINES: Final = r"^(?:mailer-daemon|postmaster)(?:@|$)"
NO_ID: Final = "Message-ID missing, one made of date, author and subject"
NO_SENDER: Final = "From missing or unreadable"
SOUNDS_AUTOMATIC: Final = (
    r"(?i)^\s*(?:out of (?:the )?office|automatic reply|auto(?:matic)?[ -]?(?:reply|response)|abwesenheit"
    r"|automatische antwort|r[ée]ponse automatique|respuesta autom[áa]tica|自動応答)"
)
SOUNDS: Final = "Subject of an automatic reply, no other mark: taken as written by a human"


class Layout(NamedTuple):
    """Where the fields that are read stand in a header: which there are, and in which order, is the same in
    thousands of messages. `take` picks RAW, and one by one the date, the way back and the kind.
    """

    take: Callable[[tuple[bytes | None, ...]], Taken]
    is_marked: bool
    delivered: tuple[int, ...]


def layout_of(names: tuple[bytes, ...]) -> Layout:
    """Return the layout of a header with these fields: of several alike the topmost."""
    lower = [name.lower() for name in names]
    first = {name: at for at, name in reversed(list(enumerate(lower)))}
    lists = [first[name] for name in LISTED if name in first]
    places = [first.get(name, -1) for name in WANTED] + [lists[0] if lists else -1]
    pick = itemgetter(*places)
    date, path, kind = (first.get(name, -1) for name in (b"date", b"return-path", b"content-type"))
    return Layout(
        lambda values: (pick(values), values[date], values[path], values[kind]),
        not AUTOMATIC.isdisjoint(lower),
        tuple(at for at, name in enumerate(lower) if name == b"delivered-to"),
    )


def is_for_autoresponder(values: Sequence[bytes], places: Sequence[int]) -> bool:
    """Return whether a message was handed to an autoresponder, by its `Delivered-To` fields."""
    return any(values[at][:14].strip().lower() == AUTORESPONDER for at in places)


class Columns:
    """Every message of an export, as columns."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        self.dates = Dates(zone)
        self.layouts: dict[tuple[bytes, ...], Layout] = {}
        self.given: list[tuple[object, ...]] = []
        self.raw: list[Raw] = []
        self.batches: list[pl.DataFrame] = []

    def take(self, mails: Iterable[tuple[Mail, str | None]], place: tuple[object, ...]) -> None:
        """Take the messages of a file, each with its text; `place` is the file's name, whether it holds what
        was sent, and why its messages are skipped.
        """
        fields, layouts, sent_at = FIELD.findall, self.layouts, self.dates.sent_at
        for row, (mail, text) in enumerate(mails, 1):
            header = mail[1]
            found = fields(header)
            names, values = zip(*found, strict=True) if found else ((), ())
            layout = layouts.get(names)
            if layout is None:
                layout = layouts.setdefault(names, layout_of(names))
            wanted, date, path, kind = layout.take((*values, None))
            at, doubt, reject = sent_at(date, mail)
            is_automatic = (
                (path is not None and path[:2] == b"<>")
                or (kind is not None and kind[:16].lower() == b"multipart/report")
                or (layout.is_marked and is_marked_automatic(fields_of(header)))
                or (layout.delivered != () and is_for_autoresponder(values, layout.delivered))
            )
            made = made_id(date, wanted[0], wanted[3]) if wanted[4] is None else None
            value = text_of(date) if reject and date else None
            self.given.append((*place, row, at, doubt, reject, value, is_automatic, made, text))
            self.raw.append(wanted)
            if len(self.raw) >= BATCH:
                self.close_batch()

    def close_batch(self) -> None:
        """Turn the messages gathered so far into columns."""
        given = columns_of(GIVEN, self.given)
        raw = {column.name: column for column in columns_of(RAW, self.raw)}
        self.batches.append(pl.DataFrame([*given, *read_fields(raw)]))
        self.given, self.raw = [], []

    def frame(self) -> pl.DataFrame:
        """Return every message taken: GIVEN without `made_id`, and `message_id, sender, others, subject,
        answered, thread, labels, list`, all String but `others`, the list of addresses it goes to.
        """
        self.close_batch()
        return marked(pl.concat(self.batches))


def columns_of(
    kinds: Mapping[str, pl.DataType], rows: Sequence[tuple[object, ...]]
) -> list[pl.Series]:
    """Return rows as columns of these types."""
    columns = zip(*rows, strict=True) if rows else ((),) * len(kinds)
    return [
        pl.Series(name, list(values), dtype=kind)
        for (name, kind), values in zip(kinds.items(), columns, strict=True)
    ]


def read_fields(raw: Mapping[str, pl.Series]) -> list[pl.Series]:
    """Return the columns that the raw fields of a batch say."""
    text = pl.DataFrame(
        as_text(raw[name])
        for name in ("sender", "to", "cc", "subject", "own", "references", "reply")
    )
    goes_to = pl.concat_str("to", "cc", separator="\n", ignore_nulls=True).str.to_lowercase()
    in_words = pl.when(~goes_to.str.contains("@", literal=True)).then(goes_to)
    links = pl.concat_str("references", "reply", separator=" ", ignore_nulls=True)
    plain_links = pl.when(links.str.contains(IDS)).then(links).str.replace_all(r"[<\s]+", "")
    fast = text.select(
        C("own").str.extract(OWN),
        C("sender").str.extract(SENDER).str.to_lowercase(),
        C("subject").str.extract(SIMPLE).str.strip_chars(),
        others=pl.concat_list(
            goes_to.str.extract_all(ANY_ADDRESS),
            in_words.str.extract_all(IN_WORDS)
            .list.eval(pl.element().str.replace(" at ", "@"))
            .fill_null([]),
        ),
        answered=plain_links.str.strip_chars_end(">").str.replace_all(">", "\n"),
        is_odd=links.is_not_null() & (links != "") & plain_links.is_null(),
    )
    answered, odd = fast["answered"], fast["is_odd"].arg_true()
    if len(odd):
        pairs = zip(raw["references"].gather(odd), raw["reply"].gather(odd), strict=True)
        slow = pl.Series([answered_ids(*pair) for pair in pairs], dtype=pl.String)
        answered = answered.clone().scatter(odd, slow)
    nothing = pl.repeat(None, text.height, dtype=pl.String, eager=True)
    return [
        mended(raw["own"], fast["own"], own_id).alias("message_id"),
        mended(raw["sender"], fast["sender"], sender_of),
        fast["others"],
        mended(raw["subject"], fast["subject"], text_of),
        answered,
        *(mended(raw[name], nothing, text_of).alias(name) for name in ("thread", "labels", "list")),
    ]


def as_text(raw: pl.Series) -> pl.Series:
    """Return bytes as text; of a batch with any that are no UTF-8 each by itself."""
    try:
        return raw.cast(pl.String)
    except pl.exceptions.ComputeError:
        texts = [None if value is None else readable(value) for value in raw]
        return pl.Series(raw.name, texts, dtype=pl.String)


def mended(raw: pl.Series, fast: pl.Series, slow: Callable[[bytes], str | None]) -> pl.Series:
    """Return what was read fast, and for each value that was not what is read by `slow`."""
    odd = (raw.is_not_null() & fast.is_null()).arg_true()
    if not len(odd):
        return fast
    return fast.clone().scatter(
        odd, pl.Series([slow(value) for value in raw.gather(odd)], dtype=pl.String)
    )


def marked(mails: pl.DataFrame) -> pl.DataFrame:
    """Return messages with what their labels say, ids made for those without, and doubts."""
    machines = C("sender").str.contains(FROM_MACHINES).fill_null(value=False)
    doubts = [
        C("doubt").cast(pl.String),
        pl.when(C("message_id").is_null() & C("made_id").is_not_null()).then(pl.lit(NO_ID)),
        pl.when(C("sender").is_null()).then(pl.lit(NO_SENDER)),
        pl.when(C("subject").str.contains(SOUNDS_AUTOMATIC) & ~C("is_automated") & ~machines).then(
            pl.lit(SOUNDS)
        ),
    ]
    skipped = [
        pl.when(labelled(words)).then(pl.lit(reason))
        for reason, words in (("draft", DRAFTS), ("spam", SPAM), ("chat", CHATS))
    ]
    skip = pl.coalesce(C("skip").cast(pl.String), *skipped)
    doubt = pl.concat_str(doubts, separator="; ", ignore_nulls=True)
    return mails.with_columns(
        message_id=pl.coalesce("message_id", "made_id"),
        is_automated=C("is_automated") | machines,
        is_sent=C("is_sent") | labelled(SENT),
        doubt=pl.when(doubt != "").then(doubt),
        skip=skip,
        reject=pl.when(skip.is_null()).then(C("reject").cast(pl.String)),
        sent_at=C("sent_at").cast(pl.Datetime("us")).dt.replace_time_zone("UTC"),
    ).drop("made_id")


def labelled(words: frozenset[str]) -> pl.Expr:
    """Return whether a message has one of some labels."""
    labels = C("labels").str.to_lowercase().str.split(",")
    is_one = pl.element().str.strip_chars().is_in(sorted(words))
    return labels.list.eval(is_one).list.any().fill_null(value=False)
