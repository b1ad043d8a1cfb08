"""Gorgias as JSON: tickets and messages, as its API gives them.

Saved page by page from `/api/tickets` and `/api/messages`, or ticket by ticket with the messages inside, as
backup scripts and data connectors do. Instants are UTC in four spellings, one of them without an offset.
A customer's message counts from when it reached Gorgias (`created_datetime`; its own date is the clock of
the customer's machine), ours from when it was sent. No history is exported: priority, team, assignee
and tags are those of today, of the statuses only the last closing is known, and snoozing not at all.
`from_agent` is true of rules too; they count as automated. Spam, trashed tickets and messages that
could not be delivered are skipped. Tickets without their messages know the opening and the closing only.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

KINDS: Final = ("json", "ndjson")
SOURCE: Final = Source(
    name="gorgias_json",
    system="gorgias",
    title="Gorgias, JSON",
    shapes={
        "tickets": Shape(
            KINDS,
            frozenset(
                {
                    "id", "status", "channel", "via", "from_agent", "customer", "messages_count",
                    "created_datetime",
                }
            ),
        ),
        "messages": Shape(
            KINDS,
            frozenset(
                {
                    "id", "ticket_id", "public", "from_agent", "channel", "via", "sender",
                    "created_datetime",
                }
            ),
        ),
    },
    read=reader("gorgias_json"),
    seen_in_the_wild=False,
    note="Pages of the API; statuses but the last closing, and earlier priorities, are not told.",
)  # fmt: skip
