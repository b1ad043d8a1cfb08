"""Zammad as JSON: tickets, articles, and, where saved, histories and users, from the REST API.

`GET /api/v1/tickets?expand=true`, `/api/v1/ticket_articles/by_ticket/ID`, `/api/v1/ticket_history/ID`,
`/api/v1/users`. Every instant carries its offset, UTC.

Articles are the messages: `internal` ones and notes of agents are no communication, what the sender
`System` writes and what `preferences` calls an auto-response is automated. Statuses, priorities, groups
and owners over time stand in the histories alone. Without these today's hold from `updated_at` on, and
the last closing (`last_close_at`, older versions know only the first, `close_at`) is told while the
ticket is closed. Without articles a ticket is three milestones: created, `first_response_at`, closed.
`*_in_min` and `*_diff_in_min` count business minutes (the latter left over) and are not read. No ratings.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

KINDS: Final = ("json", "ndjson")
SOURCE: Final = Source(
    name="zammad_json",
    system="zammad",
    title="Zammad, JSON of the REST API",
    shapes={
        "tickets": Shape(
            KINDS,
            frozenset({"id", "number", "state_id", "group_id", "customer_id", "created_at"}),
            none_of=frozenset({"ticket_id"}),
        ),
        "articles": Shape(
            KINDS, frozenset({"id", "ticket_id", "sender", "type", "internal", "created_at"})
        ),
        "history": Shape(KINDS, frozenset({"id", "o_id", "object", "type", "created_at"})),
        "users": Shape(KINDS, frozenset({"id", "login", "firstname", "lastname", "role_ids"})),
    },
    read=reader("zammad_json"),
    constants={"channel": "other"},
    seen_in_the_wild=False,
    note="Pages of the REST API; statuses and priorities over time need the ticket histories.",
)
