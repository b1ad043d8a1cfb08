"""What of Help Scout's JSON records is needed, typed; stamps are RFC 3339 text, read by whole columns."""

from __future__ import annotations

import msgspec

Id = int | str


class Person(msgspec.Struct, gc=False):
    """A customer, a user of ours, or a team."""

    id: Id | None = None
    type: str | None = None
    first: str | None = None
    last: str | None = None
    email: str | None = None

    def name(self) -> str | None:
        """Return the name on screen, else the address, else the id."""
        full = " ".join(word for word in (self.first, self.last) if word)
        return full or self.email or (None if self.id is None else str(self.id))


class Origin(msgspec.Struct, gc=False):
    """How a message came in."""

    type: str | None = None
    via: str | None = None


class Action(msgspec.Struct, gc=False):
    """What made a thread."""

    type: str | None = None


class Tag(msgspec.Struct, gc=False):
    """A tag."""

    tag: str


class Thread(msgspec.Struct, gc=False, rename="camel"):
    """A message, a note, or a line about a change; `source.via` contradicts `type` and is not asked."""

    id: Id
    type: str
    created_at: str
    conversation_id: Id | None = None
    status: str | None = None
    state: str | None = None
    action: Action | None = None
    body: str | None = None
    created_by: Person | None = None
    assigned_to: Person | None = None
    customer: Person | None = None


class Embedded(msgspec.Struct, gc=False):
    """What a conversation holds."""

    threads: list[Thread] | None = None


class Conversation(msgspec.Struct, gc=False, rename="camel"):
    """A conversation as it stood when it was exported."""

    id: Id
    created_at: str
    type: str | None = None
    status: str | None = None
    state: str | None = None
    source: Origin | None = None
    created_by: Person | None = None
    primary_customer: Person | None = None
    assignee: Person | None = None
    closed_at: str | None = None
    user_updated_at: str | None = None
    tags: list[Tag] | None = None
    preview: str | None = None
    embedded: Embedded | None = msgspec.field(default=None, name="_embedded")
