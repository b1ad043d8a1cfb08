"""Zendesk Support as JSON: tickets, comments, audits, users, groups and metrics, in several files.

Admin Center > Account > Tools > Reports > Export gives tickets; comments, audits, users, groups,
`ticket_metrics` and `ticket_metric_events` come from the API, page by page or incrementally. Every
instant carries its offset, UTC.

What each file adds: comments the messages; audits the statuses, priorities, teams and assignees over
time (and the comments, where there is no comments file); users the roles and names; groups the names
of teams. Without audits today's priority, team and assignee hold from `updated_at` on, and no
resolution is told (`updated_at` is not when a ticket was solved) unless the metrics, or the ticket's own
`metric_set`, date it; without comments they date the first reply too: metric events to the second, the
others to the minute, for they count it. With tickets alone only the opening is known, as a milestone:
not whether anybody answered. Minutes of business hours are never read. Without users the requester is the customer, the assignee and whoever writes a note
an agent, anybody else unknown. Transcripts inside chat events are not read.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

KINDS: Final = ("json", "ndjson")
SOURCE: Final = Source(
    name="zendesk_json",
    system="zendesk",
    title="Zendesk Support, JSON",
    shapes={
        "tickets": Shape(
            KINDS,
            frozenset({"id", "created_at", "status", "requester_id", "submitter_id"}),
            none_of=frozenset({"ticket_id", "events"}),
        ),
        "comments": Shape(
            KINDS,
            frozenset({"id", "ticket_id", "author_id", "public", "created_at"}),
            none_of=frozenset({"events"}),
        ),
        "audits": Shape(KINDS, frozenset({"id", "ticket_id", "author_id", "created_at", "events"})),
        "users": Shape(
            KINDS,
            frozenset({"id", "name", "email", "role"}),
            none_of=frozenset({"ticket_id", "requester_id"}),
        ),
        "groups": Shape(
            KINDS,
            frozenset({"id", "name", "deleted"}),
            none_of=frozenset({"ticket_id", "requester_id", "role", "email", "profile", "team_id"}),
        ),
        "ticket_metrics": Shape(
            KINDS, frozenset({"id", "ticket_id", "created_at", "reply_time_in_minutes", "reopens"})
        ),
        "ticket_metric_events": Shape(
            KINDS, frozenset({"id", "ticket_id", "metric", "instance_id", "type", "time"})
        ),
    },
    read=reader("zendesk_json"),
    note=(
        "Pages of the Support API or a full JSON export; resolution and priorities over time need the "
        "audits, roles the users."
    ),
)
