"""What of Intercom's JSON records is needed, typed."""

from __future__ import annotations

from typing import Any

import msgspec

Id = int | str
Epoch = int | float


class Author(msgspec.Struct, gc=False):
    """Who wrote: user, lead, admin, bot or team."""

    type: str | None = None
    id: Id | None = None
    name: str | None = None


class Opening(msgspec.Struct, gc=False):
    """The first message, which is no part."""

    id: Id | None = None
    type: str | None = None
    delivered_as: str | None = None
    body: str | None = None
    author: Author | None = None


class Assigned(msgspec.Struct, gc=False):
    """An admin, a team, or `nobody_admin`."""

    type: str | None = None
    id: Id | None = None


class Part(msgspec.Struct, gc=False):
    """What happened after the opening; `conversation_id` is absent where the conversation holds it."""

    id: Id
    part_type: str
    created_at: Epoch
    body: str | None = None
    author: Author | None = None
    assigned_to: Assigned | Id | None = None
    conversation_id: Id | None = None
    ticket_state: Any = None


class Parts(msgspec.Struct, gc=False):
    """The parts a conversation or a ticket holds."""

    conversation_parts: list[Part] | None = None
    ticket_parts: list[Part] | None = None


class Named(msgspec.Struct, gc=False):
    """A contact or a tag."""

    id: Id | None = None
    name: str | None = None
    applied_at: Epoch | None = None


class Contacts(msgspec.Struct, gc=False):
    """The customers of a conversation."""

    contacts: list[Named] | None = None


class Tags(msgspec.Struct, gc=False):
    """The tags of a conversation."""

    tags: list[Named] | None = None


class Rating(msgspec.Struct, gc=False):
    """1 to 5; absent while only asked for."""

    rating: float | None = None
    created_at: Epoch | None = None


class Statistics(msgspec.Struct, gc=False):
    """The instants among the statistics. Its durations leave office hours out and are not read."""

    first_contact_reply_at: Epoch | None = None
    first_admin_reply_at: Epoch | None = None
    last_close_at: Epoch | None = None


class Conversation(msgspec.Struct, gc=False):
    """A conversation as it stood when it was exported; `conversation_message`, `user` and `assignee` are
    the names of API 1.
    """

    id: Id
    created_at: Epoch
    updated_at: Epoch | None = None
    state: str | None = None
    open: bool | None = None
    source: Opening | None = None
    conversation_message: Opening | None = None
    contacts: Contacts | list[Named] | None = None
    user: Named | None = None
    priority: str | bool | None = None
    statistics: Statistics | None = None
    conversation_rating: Rating | None = None
    tags: Tags | list[Named] | None = None
    admin_assignee_id: Id | None = None
    team_assignee_id: Id | None = None
    assignee: Assigned | None = None
    conversation_parts: Parts | list[Part] | None = None


class TicketType(msgspec.Struct, gc=False):
    """What kind of ticket it is."""

    is_internal: bool | None = None


class Ticket(msgspec.Struct, gc=False):
    """A ticket; `ticket_id` is the number people see, `id` that of its conversation."""

    id: Id
    created_at: Epoch
    updated_at: Epoch | None = None
    category: str | None = None
    ticket_type: TicketType | None = None
    ticket_attributes: dict[str, Any] | None = None
    contacts: Contacts | list[Named] | None = None
    admin_assignee_id: Id | None = None
    team_assignee_id: Id | None = None
    ticket_parts: Parts | list[Part] | None = None


class Admin(msgspec.Struct, gc=False):
    """An admin or a team."""

    id: Id
    name: str | None = None
