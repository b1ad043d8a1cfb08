"""What of Zammad's JSON records is needed, typed; stamps are RFC 3339 text, read by whole columns."""

from __future__ import annotations

import msgspec

Id = int | str


class Ticket(msgspec.Struct, gc=False):
    """A ticket as it stood when it was exported; names are there with `expand=true`."""

    id: Id
    created_at: str
    updated_at: str
    state_id: int | None = None
    state: str | None = None
    priority_id: int | None = None
    priority: str | None = None
    group_id: Id | None = None
    group: str | None = None
    owner_id: int | None = None
    owner: str | None = None
    customer_id: Id | None = None
    customer: str | None = None
    first_response_at: str | None = None
    close_at: str | None = None
    last_close_at: str | None = None
    create_article_type: str | None = None
    create_article_sender: str | None = None


class Preferences(msgspec.Struct, rename={"is_auto": "is-auto-response"}, gc=False):
    """What Zammad noted of an article."""

    is_auto: bool = False


class Article(msgspec.Struct, gc=False):
    """One message or note."""

    id: Id
    ticket_id: Id
    created_at: str
    sender: str
    internal: bool
    type: str
    created_by: str | None = None
    created_by_id: Id | None = None
    body: str | None = None
    preferences: Preferences | None = None


class Change(msgspec.Struct, gc=False):
    """One entry of a ticket's history."""

    id: Id
    o_id: Id
    object: str
    type: str
    created_at: str
    attribute: str | None = None
    value_from: str | None = None
    value_to: str | None = None


class User(msgspec.Struct, gc=False):
    """An agent or a customer."""

    id: Id
    login: str | None = None
    firstname: str | None = None
    lastname: str | None = None
    email: str | None = None
