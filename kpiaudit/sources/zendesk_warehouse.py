"""Zendesk as a connector (Fivetran's) copies it into a warehouse: one CSV per table, each exported with
`select *`: `ticket`, `ticket_comment`, `ticket_field_history`, `user`, `group`, `ticket_tag`.

Comments give the messages, the field history statuses, priorities, groups and assignees over time, users
the roles. Without the history no solution is known, without comments only the opening, without users
whoever is neither requester nor assignee is unknown. It cannot tell how a comment came in (but for tweets,
Facebook and voice), nor which comments a rule wrote. The schedules, SLA policies and chat tables are
not read. Stamps have no offset and are UTC.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

TICKET: Final = {
    "created": "created_at",
    "updated": "updated_at",
    "ticket": "id",
    "status": "status",
    "requester": "requester_id",
    "via": "via_channel",
    "rel": "via_source_rel",
    "priority": "priority",
    "assignee": "assignee_id",
    "group": "group_id",
    "merged": "merged_ticket_ids",
    "text": "description",
}
CHANGE: Final = {
    "created": "updated",
    "field": "field_name",
    "ticket": "ticket_id",
    "author": "user_id",
    "told": "value",
}
TAG: Final = {"ticket": "ticket_id", "tag": "tag"}
PERSON: Final = {"id": "id", "name": "name", "email": "email", "role": "role"}
CSV: Final = ("csv",)
SOURCE: Final = Source(
    name="zendesk_warehouse",
    system="zendesk",
    title="Zendesk Support, a connector's warehouse tables as CSV",
    shapes={
        "tickets": Shape(
            CSV, frozenset({*TICKET.values(), "submitter_id"} - {"merged_ticket_ids"})
        ),
        "comments": Shape(
            CSV, frozenset({"id", "ticket_id", "user_id", "public", "created", "body"})
        ),
        "history": Shape(CSV, frozenset({"ticket_id", *CHANGE.values()})),
        "users": Shape(CSV, frozenset({*PERSON.values(), "ticket_restriction", "shared_agent"})),
        "groups": Shape(
            CSV, frozenset({"id", "name", "created_at", "updated_at", "url", "_fivetran_deleted"})
        ),
        "tags": Shape(CSV, frozenset({*TAG.values(), "_fivetran_synced"})),
    },
    read=reader("zendesk_warehouse"),
    note="Fivetran's tables; statuses need ticket_field_history, roles the users.",
)
