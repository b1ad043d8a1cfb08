"""Intercom as JSON: conversations with their parts, or parts, tickets, admins and teams in files of their own.

Nothing in Intercom exports this by a click: it is what the API gives at `/conversations/{id}`, page by
page or record by record, and what data connectors save. Times count seconds since 1970, so no zone is
needed. The first message is in `source`, not among the parts. A list of conversations without parts
knows the first answer and the last closing as instants of `statistics`: milestones; its durations leave
office hours out and are not read. Also where parts are missing, such an instant stands in for them.
Priority and assignee hold from `updated_at` on where no part tells of them; tags from when they were put
on, while a tag taken off again is not told.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

KINDS: Final = ("json", "ndjson")
CONVERSATION: Final = {"id", "created_at"}
SOURCE: Final = Source(
    name="intercom_json",
    system="intercom",
    title="Intercom, JSON",
    shapes={
        "conversations": Shape(
            KINDS, frozenset({*CONVERSATION, "state", "source.author.type", "source.delivered_as"})
        ),
        "old conversations": Shape(
            KINDS, frozenset({*CONVERSATION, "conversation_message.author.type"}), is_missed=False
        ),
        "parts": Shape(
            KINDS, frozenset({"id", "part_type", "created_at", "author.type", "conversation_id"})
        ),
        "tickets": Shape(
            KINDS,
            frozenset({*CONVERSATION, "ticket_id", "ticket_attributes", "ticket_state"}),
            is_missed=False,
        ),
        "admins": Shape(KINDS, frozenset({"id", "name", "email", "has_inbox_seat"})),
        "teams": Shape(KINDS, frozenset({"id", "name", "admin_ids"})),
    },
    read=reader("intercom_json"),
    constants={"visibility": "private"},
    note=(
        "The API's conversations, with parts; without them only first answers and last closings are "
        "known."
    ),
)
