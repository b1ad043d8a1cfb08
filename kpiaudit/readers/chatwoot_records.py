"""What of Chatwoot's JSON records is needed, typed."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Id = int | str
Seconds = Annotated[float, msgspec.Meta(ge=0, lt=4_102_444_800)]
"""Since 1970, before 2100: a count of milliseconds is none."""


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
