"""Freshdesk as JSON: tickets, conversations, satisfaction ratings, agents and groups, in several files.

Saved page by page from the API (v2): `/api/v2/tickets?include=stats,description`,
`/tickets/{id}/conversations`, `/surveys/satisfaction_ratings`, `/agents`, `/groups`, which most backup
scripts do. The first message is the ticket itself; a ticket without conversations is told by its `stats`
alone: created, first response, solved. No history is exported: priority, type, group and tags are those
of today, and of the statuses only the last change, the last solution and the last reopening are known.
Deadlines and durations are not read. Instants are UTC. Skipped with all they hold: spam, deleted
tickets, and the sample tickets of a new account, known by a first deadline over a year after creation.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

KINDS: Final = ("json", "ndjson")
SOURCE: Final = Source(
    name="freshdesk_json",
    system="freshdesk",
    title="Freshdesk, JSON",
    shapes={
        "tickets": Shape(
            KINDS,
            frozenset({"id", "status", "source", "requester_id", "fr_due_by"}),
        ),
        "conversations": Shape(
            KINDS, frozenset({"id", "ticket_id", "incoming", "private", "user_id", "created_at"})
        ),
        "ratings": Shape(
            KINDS, frozenset({"id", "ticket_id", "survey_id", "ratings", "created_at"})
        ),
        "agents": Shape(KINDS, frozenset({"id", "contact.name", "ticket_scope", "occasional"})),
        "groups": Shape(KINDS, frozenset({"id", "name", "escalate_to", "unassigned_for"})),
    },
    read=reader("freshdesk_json"),
    note="Pages of the API (v2); priority, group and tags are those of the day of export.",
)
