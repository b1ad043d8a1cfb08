"""How `chatwoot_json` is read; `kpiaudit.sources.chatwoot_json` says what it is."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec

from kpiaudit.decoding.records import Broken, read_records
from kpiaudit.decoding.rows import Id, Row, Rows, is_our_bot
from kpiaudit.schema import PRIORITIES

if TYPE_CHECKING:
    import polars as pl

    from kpiaudit.sources.base import ExportFile, ReadSettings

Seconds = Annotated[float, msgspec.Meta(ge=0, lt=4_102_444_800)]
"""Since 1970, before 2100: a count of milliseconds is none."""
INCOMING, OUTGOING, ACTIVITY, TEMPLATE = 0, 1, 2, 3
SENDERS: Final = {
    "user": "agent",
    "contact": "customer",
    "agentbot": "bot",
    "captainassistant": "bot",
}
ACTIVITIES: Final = {
    re.compile(r"^Conversation was (marked resolved|resolved by)"): "resolved",
    re.compile(r"^(Conversation was (reopened|marked open)|System reopened)"): "open",
    re.compile(r"^Conversation was marked as pending"): "pending",
    re.compile(r"^Conversation was snoozed"): "snoozed",
}
PRIORITY_SET: Final = re.compile(r" (?:set|changed) the priority (?:from \S+ )?to (\w+)$")
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


class Person(msgspec.Struct, gc=False):
    """A contact, an agent, a bot or a team."""

    id: Id | None = None
    name: str | None = None
    type: str | None = None


class Meta(msgspec.Struct, gc=False):
    """Whom a conversation is with, and who has it."""

    sender: Person | None = None
    assignee: Person | None = None
    team: Person | None = None
    channel: str | None = None


class Message(msgspec.Struct, gc=False):
    """One message, note, activity or template; `conversation_id` may be absent inside its conversation."""

    id: Id
    message_type: int
    created_at: Seconds
    private: bool = False
    conversation_id: Id | None = None
    content: str | None = None
    content_type: str | None = None
    status: str | None = None
    sender: Person | None = None
    sender_type: str | None = None
    content_attributes: dict[str, Any] | None = None
    additional_attributes: dict[str, Any] | None = None


class Conversation(msgspec.Struct, gc=False):
    """A conversation as it stood when it was exported."""

    id: Id
    created_at: Seconds
    meta: Meta
    last_activity_at: Seconds = 0
    first_reply_created_at: Seconds | None = None
    priority: str | None = None
    labels: list[str] | None = None
    messages: list[Message] | None = None


class Teller:
    """Tells conversations and messages as rows."""

    def __init__(self, settings: ReadSettings) -> None:
        self.settings = settings
        self.rows = Rows()
        self.conversations: list[tuple[Row, Conversation]] = []
        self.known: dict[str, Row] = {}
        self.has_messages: set[str] = set()

    def conversation(self, place: Row, conversation: Conversation) -> None:
        """Take down a conversation, to be told when its messages are known."""
        meta = conversation.meta
        kind = (meta.channel or "").removeprefix("Channel::")
        channel, platform = CHANNELS.get(kind, ("other", None))
        self.known[str(conversation.id)] = {
            "customer": name_of(meta.sender),
            "channel": channel,
            "platform": platform,
        }
        self.conversations.append((place, conversation))

    def message(self, place: Row, message: Message) -> None:
        """Tell a message of a file of messages."""
        if message.conversation_id is None:
            self.rows.tell(place | {"reject": "conversation_id: missing"})
            return
        self.tell(place, str(message.conversation_id), message)

    def tell(self, place: Row, key: str, message: Message) -> None:
        """Tell a message: an activity, a note, from the customer, or to the customer."""
        self.has_messages.add(key)
        row = place | self.known.get(key, {}) | {"conversation_id": key}
        row |= {"message_id": str(message.id), "sent_at": micros(message.created_at)}
        if message.message_type == ACTIVITY:
            self.rows.tell(row | activity(message))
            return
        if message.message_type not in {INCOMING, OUTGOING, TEMPLATE}:
            self.rows.tell(place | unknown_type(message))
            return
        if message.status == "failed":
            self.rows.tell(row | {"skip": "failed to send"})
            return
        self.rows.tell(row | self.said(message))
        score = rating(message)
        if score is not None:
            answer = {"message_id": f"{message.id}-rating", "event": "rated", "rating": score}
            self.rows.tell(row | answer | {"author_role": "customer"})

    def said(self, message: Message) -> Row:
        """Return what a message that is no activity tells."""
        role = role_of(message)
        name = name_of(message.sender)
        if role == "agent" and is_our_bot(self.settings.us, name):
            role = "bot"
        event = "outbound" if message.message_type != INCOMING else "inbound"
        event = "note" if message.private else event
        more = (message.content_attributes or {}) | (message.additional_attributes or {})
        is_rule = any(more.get(key) for key in ("automation_rule_id", "campaign_id"))
        return {
            "event": event,
            "author_role": role,
            "is_automated": role in {"bot", "system"} or is_rule,
            "agent": name if event == "outbound" and role == "agent" else None,
            "text": message.content if self.settings.text else None,
        }

    def tell_conversations(self) -> None:
        """Tell of every conversation what its messages do not."""
        for place, conversation in self.conversations:
            key, meta = str(conversation.id), conversation.meta
            nested = conversation.messages or []
            for message in nested if len(nested) > 1 else []:
                self.tell(place, key, message)
            row = place | self.known[key] | {"conversation_id": key}
            today: Row = {
                "priority": conversation.priority if conversation.priority in PRIORITIES else None,
                "team": name_of(meta.team),
                "agent": name_of(meta.assignee),
                "tags": conversation.labels,
            }
            opened = micros(conversation.created_at)
            if key in self.has_messages:
                at = micros(conversation.last_activity_at) or opened
                told: Row = {"message_id": f"u-{key}", "sent_at": at, "event": "update"}
                self.rows.tell(row | today | told)
                continue
            row |= today | {"grain": "milestone"}
            asked: Row = {"message_id": f"0-{key}", "sent_at": opened, "event": "inbound"}
            self.rows.tell(row | asked)
            answered = micros(conversation.first_reply_created_at or 0)
            if answered:
                reply: Row = {"message_id": f"1-{key}", "sent_at": answered, "event": "outbound"}
                self.rows.tell(row | reply)


def micros(seconds: float) -> int | None:
    """Return microseconds since 1970, None for 0, which stands for nil."""
    return round(seconds * 1e6) or None


def name_of(person: Person | None) -> str | None:
    """Return a name, else an id."""
    if person is None:
        return None
    return person.name or (None if person.id is None else str(person.id))


def role_of(message: Message) -> str:
    """Return who wrote a message; an outgoing one of no sender may be anybody's."""
    if message.message_type == TEMPLATE:
        return "system"
    if message.message_type == INCOMING:
        return "customer"
    kind = message.sender_type or (message.sender.type if message.sender else None) or ""
    return SENDERS.get(re.sub(r"[^a-z]", "", kind.lower()), "unknown")


def activity(message: Message) -> Row:
    """Return the status or priority an activity tells; any other is no message."""
    content = message.content or ""
    marked = (message.content_attributes or {}).get("activity") or {}
    word = marked.get("status") if marked.get("type") == "conversation_status_changed" else None
    word = word or next((word for form, word in ACTIVITIES.items() if form.search(content)), None)
    if word:
        return {"event": "status", "status": word, "author_role": "system"}
    found = PRIORITY_SET.search(content)
    if found and found[1] in PRIORITIES:
        return {"event": "update", "priority": found[1], "author_role": "system"}
    return {"skip": "activity without a status"}


def unknown_type(message: Message) -> Row:
    """Return the reject of a message of a kind nobody knows."""
    return {"reject": "message_type: not 0, 1, 2 or 3", "value": str(message.message_type)}


def rating(message: Message) -> float | None:
    """Return what the customer answered to a survey, 1 to 5, as 0 to 1."""
    values = (message.content_attributes or {}).get("submitted_values")
    answer = values.get("csat_survey_response") if isinstance(values, dict) else None
    stars = answer.get("rating") if isinstance(answer, dict) else None
    return (stars - 1) / 4 if stars in {1, 2, 3, 4, 5} else None


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation in MESSAGES columns; a page lists `data.payload`."""
    teller = Teller(settings)
    of_conversations = [
        replace(file, records="data.payload") if file.part == "pages" else file
        for file in files
        if file.part != "messages"
    ]
    for file in of_conversations:
        for number, conversation in read_records(file, Conversation):
            if isinstance(conversation, Broken):
                teller.rows.reject(file.name, number, conversation)
            else:
                teller.conversation({"export": file.name, "row": number}, conversation)
    for file in (file for file in files if file.part == "messages"):
        for number, message in read_records(file, Message):
            if isinstance(message, Broken):
                teller.rows.reject(file.name, number, message)
            else:
                teller.message({"export": file.name, "row": number}, message)
    teller.tell_conversations()
    return teller.rows.messages()
