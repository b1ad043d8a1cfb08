"""How `chatwoot_json` is read; `kpiaudit.sources.chatwoot_json` says what it is."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from kpiaudit.decoding.chunks import PLACE, Part, Told, at_once, take
from kpiaudit.decoding.fields import Lists, columns_of, in_many, in_one, owners, texts, values_of
from kpiaudit.decoding.records import Table
from kpiaudit.decoding.rows import Faults, timeline, word
from kpiaudit.readers.chatwoot_records import Conversation, Message
from kpiaudit.schema import MESSAGES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.readers.chatwoot_records import Person
    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
INCOMING, OUTGOING, ACTIVITY, TEMPLATE = 0, 1, 2, 3
TYPES: Final = ("0", "1", "2", "3")
SENDERS: Final = {
    "user": "agent",
    "contact": "customer",
    "agentbot": "bot",
    "captainassistant": "bot",
}
ACTIVITIES: Final = {
    r"^Conversation was (marked resolved|resolved by)": "resolved",
    r"^(Conversation was (reopened|marked open)|System reopened)": "open",
    r"^Conversation was marked as pending": "pending",
    r"^Conversation was snoozed": "snoozed",
}
PRIORITY_SET: Final = r" (?:set|changed) the priority (?:from \S+ )?to (\w+)$"
STATUS_CHANGED: Final = "conversation_status_changed"
RULES: Final = ("automation_rule_id", "campaign_id")
NOTHING: Final[Mapping[str, Any]] = {}
CHANNELS: Final[dict[str, tuple[str, str | None]]] = {
    "WebWidget": ("chat", None),
    "Email": ("email", None),
    "Sms": ("sms", None),
    "TwilioSms": ("sms", None),
    "Whatsapp": ("messaging", "whatsapp"),
    "Telegram": ("messaging", "telegram"),
    "Line": ("messaging", "line"),
    "FacebookPage": ("social", "facebook"),
    "Instagram": ("social", "instagram"),
    "Tiktok": ("social", "tiktok"),
    "TwitterProfile": ("social", "twitter"),
    "Voice": ("voice", None),
}
CONVERSATIONS: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys(("id", "priority", "labels", "channel"), pl.String()),
    **dict.fromkeys(("customer", "holder", "team"), pl.String()),
    **dict.fromkeys(("created_at", "last_activity_at", "first_reply_created_at"), pl.Float64()),
}
SAID: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys(("conversation_id", "id", "message_type", "content", "status"), pl.String()),
    **dict.fromkeys(("name", "kind", "marked"), pl.String()),
    **dict.fromkeys(("created_at", "rating"), pl.Float64()),
    **dict.fromkeys(("private", "is_rule"), pl.Boolean()),
}
OWN: Final = tuple(name for name in SAID if name not in {*PLACE, "conversation_id"})


class Tables:
    """Everything decoded so far."""

    def __init__(self, *, text: bool) -> None:
        self.text = text
        self.conversations = Table(CONVERSATIONS)
        self.said = Table(SAID)
        self.faults = Faults()


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation in MESSAGES columns; a page lists `data.payload`."""
    tables = Tables(text=settings.text)
    parts = parts_for(tables)
    paged = (
        replace(file, records="data.payload") if file.part == "pages" else file for file in files
    )
    take(paged, parts, tables.faults.reject)
    conversations, messages = known(tables.conversations.frame()), tables.said.frame()
    is_sound = C("conversation_id").is_not_null() & C("message_type").is_in(TYPES)
    sound = messages.filter(is_sound)
    rows = [
        activities(sound.filter(C("message_type") == str(ACTIVITY))),
        *said(sound.filter(C("message_type") != str(ACTIVITY)), settings),
        told_by_conversations(conversations, messages),
    ]
    everything = [
        with_conversation(pl.concat(rows, how="diagonal"), conversations),
        unsound(messages.filter(~is_sound)),
        tables.faults.frame(),
    ]
    return at_once(timeline(everything))


def parts_for(tables: Tables) -> dict[str, Part[Any]]:
    """Return how the records of every part become rows of the tables."""
    fields = partial(conversation_fields, text=tables.text)
    conversations: Part[Any] = Part(Conversation, fields, partial(add_conversations, tables))
    messages: Part[Any] = Part(
        Message, partial(message_fields, text=tables.text), partial(add_messages, tables)
    )
    return {"conversations": conversations, "pages": conversations, "messages": messages}


def conversation_fields(records: list[Conversation], first: int, *, text: bool) -> Lists:
    """Return what conversations tell, and the messages of those that hold more than the last."""
    metas = [r.meta for r in records]
    held = [r.messages if r.messages and len(r.messages) > 1 else () for r in records]
    told = message_fields([m for some in held for m in some], 0, text=text)
    names = ("id", "priority", "created_at", "last_activity_at", "first_reply_created_at")
    return {
        **values_of(records, names),
        "labels": in_one([r.labels for r in records]),
        "channel": [meta.channel for meta in metas],
        "customer": named([meta.sender for meta in metas]),
        "holder": named([meta.assignee for meta in metas]),
        "team": named([meta.team for meta in metas]),
        **{f"said.{name}": values for name, values in told.items()},
        "said.owner": owners(held, first),
    }


def add_conversations(tables: Tables, told: Told) -> None:
    """Take down conversations and the messages they hold."""
    fields = told.fields
    kinds = {name: kind for name, kind in CONVERSATIONS.items() if name not in PLACE}
    columns = columns_of(fields, kinds)
    tables.conversations.take(told.export, told.rows, columns)
    owner = fields["said.owner"].cast(pl.UInt32)
    said = columns_of(fields, {name: SAID[name] for name in OWN}, prefix="said.")
    rows = told.rows.gather(owner)
    tables.said.take(told.export, rows, {**said, "conversation_id": columns["id"].gather(owner)})


def message_fields(records: list[Message], first: int, *, text: bool) -> Lists:  # nothing is nested
    """Return what messages tell; what was written only where it is wanted, or tells what happened."""
    senders = [m.sender for m in records]
    attributes = [m.content_attributes for m in records]
    more = [m.additional_attributes for m in records]
    return {
        **values_of(records, ("id", "message_type", "created_at", "private", "status")),
        "conversation_id": [m.conversation_id for m in records],
        "content": [m.content if text or m.message_type == ACTIVITY else None for m in records],
        "name": named(senders),
        "kind": [
            m.sender_type or (s.type if s else None) for m, s in zip(records, senders, strict=True)
        ],
        "marked": [marked(some) if some else None for some in attributes],
        "rating": [rating(some) if some else None for some in attributes],
        "is_rule": [
            bool(a or b) and by_rule({**(a or NOTHING), **(b or NOTHING)})
            for a, b in zip(attributes, more, strict=True)
        ],
    }


def add_messages(tables: Tables, told: Told) -> None:
    """Take down messages of a file of their own."""
    columns = columns_of(told.fields, {name: SAID[name] for name in OWN})
    conversation = texts(told.fields["conversation_id"])
    tables.said.take(told.export, told.rows, {**columns, "conversation_id": conversation})


def named(people: Sequence[Person | None]) -> list[str | None]:
    """Return names, else ids."""
    return [None if p is None else p.name or (None if p.id is None else str(p.id)) for p in people]


def marked(attributes: Mapping[str, Any]) -> str | None:
    """Return the status an activity says it set."""
    told = attributes.get("activity")
    if not isinstance(told, dict) or told.get("type") != STATUS_CHANGED or not told.get("status"):
        return None
    return str(told["status"])


def rating(attributes: Mapping[str, Any]) -> float | None:
    """Return what the customer answered to a survey, 1 to 5, as 0 to 1."""
    values = attributes.get("submitted_values")
    answer = values.get("csat_survey_response") if isinstance(values, dict) else None
    stars = answer.get("rating") if isinstance(answer, dict) else None
    return (stars - 1) / 4 if isinstance(stars, int | float) and stars in {1, 2, 3, 4, 5} else None


def by_rule(attributes: Mapping[str, Any]) -> bool:
    """Return whether a rule or a campaign wrote a message."""
    return any(attributes.get(key) for key in RULES)


def known(conversations: pl.LazyFrame) -> pl.LazyFrame:
    """Return conversations with their channel."""
    kind = C("channel").fill_null("").str.strip_prefix("Channel::")
    names = {name: channel for name, (channel, _) in CHANNELS.items()}
    platforms = {name: platform for name, (_, platform) in CHANNELS.items() if platform}
    return conversations.with_columns(
        channel=kind.replace_strict(names, default="other", return_dtype=MESSAGES["channel"]),
        platform=kind.replace_strict(platforms, default=None, return_dtype=pl.String),
    )


def with_conversation(rows: pl.LazyFrame, conversations: pl.LazyFrame) -> pl.LazyFrame:
    """Return rows with the customer and the channel their conversation's last record tells."""
    last = conversations.unique("id", keep="last", maintain_order=True)
    told = last.select("customer", "channel", "platform", conversation_id="id")
    return rows.join(told, on="conversation_id", how="left", maintain_order="left")


def row(name: pl.Expr, at: pl.Expr) -> list[pl.Expr]:
    """Return what every row has."""
    return [
        C("export"),
        C("row"),
        C("conversation_id"),
        name.alias("message_id"),
        at.alias("sent_at"),
    ]


def micros(seconds: str) -> pl.Expr:
    """Return microseconds since 1970, null for 0, which stands for nil."""
    return pl.when(C(seconds) != 0).then((C(seconds) * 1e6).round().cast(pl.Int64))


def activities(messages: pl.LazyFrame) -> pl.LazyFrame:
    """Return the statuses and priorities activities tell; any other is no message."""
    content = C("content").fill_null("")
    status = pl.coalesce(
        "marked",
        *(
            pl.when(content.str.contains(form)).then(pl.lit(told))
            for form, told in ACTIVITIES.items()
        ),
    )
    priority = content.str.extract(PRIORITY_SET).cast(MESSAGES["priority"], strict=False)
    rows = messages.select(*row(C("id"), micros("created_at")), status=status, priority=priority)
    is_status, is_update = C("status").is_not_null(), C("priority").is_not_null()
    return rows.with_columns(
        priority=pl.when(~is_status).then("priority"),
        event=pl.when(is_status)
        .then(word("event", "status"))
        .when(is_update)
        .then(word("event", "update")),
        author_role=pl.when(is_status | is_update).then(word("author_role", "system")),
        skip=pl.when(~is_status & ~is_update).then(pl.lit("activity without a status")),
    )


def said(messages: pl.LazyFrame, settings: ReadSettings) -> list[pl.LazyFrame]:
    """Return messages, and the answers to surveys among them."""
    is_failed = (C("status") == "failed").fill_null(value=False)
    sent = messages.filter(~is_failed)
    place = row(C("id"), micros("created_at"))
    side = pl.when(C("message_type") == str(INCOMING)).then(word("event", "inbound"))
    event = (
        pl.when("private")
        .then(word("event", "note"))
        .otherwise(side.otherwise(word("event", "outbound")))
    )
    is_bot = C("author_role").is_in(["bot", "system"])
    is_reply = (C("event") == "outbound") & (C("author_role") == "agent")
    told = sent.with_columns(event=event, author_role=author_role(settings.us)).select(
        *place,
        "event",
        "author_role",
        is_automated=is_bot | C("is_rule"),
        agent=pl.when(is_reply).then("name"),
        **({"text": C("content")} if settings.text else {}),
    )
    answers = sent.filter(C("rating").is_not_null()).select(
        *row(C("id") + "-rating", micros("created_at")),
        event=word("event", "rated"),
        author_role=word("author_role", "customer"),
        rating="rating",
    )
    return [
        told,
        answers,
        messages.filter(is_failed).select(*place, skip=pl.lit("failed to send")),
    ]


def author_role(us: Us | None) -> pl.Expr:
    """Return who wrote a message; an outgoing one of no sender may be anybody's."""
    bots = [name.lower() for name in us.bots] if us else []
    kind = C("kind").fill_null("").str.to_lowercase().str.replace_all("[^a-z]", "")
    sender = kind.replace_strict(SENDERS, default="unknown", return_dtype=MESSAGES["author_role"])
    is_ours = (sender == "agent") & C("name").str.to_lowercase().is_in(bots).fill_null(value=False)
    return (
        pl.when(C("message_type") == str(TEMPLATE))
        .then(word("author_role", "system"))
        .when(C("message_type") == str(INCOMING))
        .then(word("author_role", "customer"))
        .when(is_ours)
        .then(word("author_role", "bot"))
        .otherwise(sender)
    )


def told_by_conversations(conversations: pl.LazyFrame, messages: pl.LazyFrame) -> pl.LazyFrame:
    """Return of every conversation what its messages do not tell."""
    heard = messages.select(id="conversation_id", is_heard=pl.lit(value=True)).unique()
    priority = C("priority").cast(MESSAGES["priority"], strict=False)
    today = [C("team"), priority, C("holder").alias("agent"), in_many(C("labels")).alias("tags")]
    rows = conversations.join(heard, on="id", how="left", maintain_order="left").with_columns(
        conversation_id="id", key="id"
    )
    is_heard = C("is_heard").is_not_null()
    opened, key, grain = micros("created_at"), C("key"), word("grain", "milestone").alias("grain")
    told, alone = rows.filter(is_heard), rows.filter(~is_heard)
    active = pl.coalesce(micros("last_activity_at"), opened)
    answered = alone.filter(micros("first_reply_created_at").is_not_null())
    return pl.concat(
        [
            told.select(*row("u-" + key, active), *today, event=word("event", "update")),
            alone.select(*row("0-" + key, opened), *today, grain, event=word("event", "inbound")),
            answered.select(
                *row("1-" + key, micros("first_reply_created_at")),
                *today,
                grain,
                event=word("event", "outbound"),
            ),
        ],
        how="diagonal",
    )


def unsound(messages: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rejects of messages that name no conversation, or are of a kind nobody knows."""
    is_astray = C("conversation_id").is_null()
    return messages.select(
        "export",
        "row",
        reject=pl.when(is_astray)
        .then(pl.lit("conversation_id: missing"))
        .otherwise(pl.lit("message_type: not 0, 1, 2 or 3")),
        value=pl.when(~is_astray).then("message_type"),
    )
