"""What of Zendesk's JSON records is needed, typed; stamps are RFC 3339 text, read by whole columns."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

Id = int | str


class Origin(msgspec.Struct, gc=False):
    """`via.source`."""

    rel: str | None = None


class Via(msgspec.Struct, gc=False):
    """How a ticket, comment or change came about."""

    channel: Id | None = None
    source: Origin | None = None


class Comment(msgspec.Struct, gc=False):
    """One message or note; `ticket_id` is absent where the ticket holds its comments."""

    id: Id
    public: bool
    created_at: str
    author_id: Id | None = None
    ticket_id: Id | None = None
    audit_id: Id | None = None
    via: Via | str | None = None
    body: str | None = None


class Satisfaction(msgspec.Struct, gc=False):
    """What the customer said of a ticket."""

    score: Id | None = None


class Minutes(msgspec.Struct, gc=False):
    """A duration as Zendesk gives it; the minutes of business hours beside it are not read."""

    calendar: int | None = None


class Metrics(msgspec.Struct, gc=False):
    """The side-loaded `metric_set`; its other stamps (`initially_assigned_at` among them, which may lie
    before the ticket) tell nothing a timeline can use.
    """

    solved_at: str | None = None
    reply_time_in_minutes: Minutes | None = None


class Ticket(msgspec.Struct, gc=False):
    """A ticket as it stood when it was exported."""

    id: Id
    created_at: str
    status: str
    requester_id: Id | None = None
    updated_at: str | None = None
    via: Via | str | None = None
    priority: Literal["low", "normal", "high", "urgent"] | None = None
    assignee_id: Id | None = None
    group_id: Id | None = None
    tags: list[str] | None = None
    description: str | None = None
    satisfaction_rating: Satisfaction | None = None
    metric_set: Metrics | None = None
    from_messaging_channel: bool | None = None
    comments: list[Comment] | None = None


class Event(msgspec.Struct, gc=False):
    """One thing an audit did."""

    type: str
    id: Id | None = None
    field_name: Id | None = None
    value: Any = None
    author_id: Id | None = None
    public: bool | None = None
    body: str | None = None
    score: Id | None = None
    via: Via | str | None = None


class Audit(msgspec.Struct, gc=False):
    """One update of a ticket."""

    id: Id
    ticket_id: Id
    created_at: str
    events: list[Event]
    author_id: Id | None = None
    via: Via | str | None = None


class User(msgspec.Struct, gc=False):
    """An agent or a customer."""

    id: Id
    name: str | None = None
    email: str | None = None
    role: str | None = None


class Group(msgspec.Struct, gc=False):
    """A team."""

    id: Id
    name: str | None = None


class TicketMetrics(msgspec.Struct, gc=False):
    """What Zendesk computed for a ticket; `initially_assigned_at` may lie before its creation."""

    ticket_id: Id
    created_at: str
    solved_at: str | None = None
    reply_time_in_minutes: Minutes | None = None


class MetricEvent(msgspec.Struct, gc=False):
    """One moment of one of Zendesk's clocks."""

    ticket_id: Id
    metric: str
    type: str
    time: str
    instance_id: int | None = None
    deleted: bool | None = None
