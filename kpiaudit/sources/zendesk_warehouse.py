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
OTHERS: Final = {
    "audit log": ("action", "actor_id", "change_description", "source_label"),
    "brands": ("id", "brand_url", "has_help_center", "subdomain"),
    "daylight time": ("time_zone", "daylight_start_utc", "daylight_end_utc"),
    "domains": ("organization_id", "domain_name"),
    "organizations": ("id", "shared_comments", "shared_tickets"),
    "tags of organizations": ("organization_id", "tag"),
    "schedules": ("id", "start_time_utc", "end_time_utc", "time_zone"),
    "holidays": ("id", "schedule_id", "start_date", "end_date"),
    "targets of SLA policies": ("sla_policy_id", "sla_policy_updated_at", "metric", "target"),
    "SLA policies of tickets": ("ticket_id", "sla_policy_id", "policy_applied_at"),
    "schedules of tickets": ("ticket_id", "schedule_id"),
    "ticket forms": ("id", "display_name", "end_user_visible"),
    "time zones": ("time_zone", "standard_offset"),
    "tags of users": ("user_id", "tag"),
}
"""Tables that tell nothing of a conversation; `ticket_chat_event` does and is not read."""
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
        **{
            name: Shape(CSV, frozenset({*columns, "_fivetran_synced"}), is_missed=False)
            for name, columns in OTHERS.items()
        },
    },
    read=reader("zendesk_warehouse"),
    note="Fivetran's tables; statuses need ticket_field_history, roles the users.",
)
