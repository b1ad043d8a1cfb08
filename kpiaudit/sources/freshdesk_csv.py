"""Freshdesk tickets as CSV: *Tickets > Export*, with the columns a user ticks and a file mailed to her.

One ticket a row: created, first response, resolved, closed. It cannot tell later messages, notes, pauses
or who answered; priority, group, agent and tags are those of the day of export. `First response time (in
hrs)` and `Resolution time (in hrs)` hold H:MM:SS of office hours, can be blank or below zero, and are not
read; `Time tracked`, the agents' own working time, is. Deadlines and `Within SLA` are Freshdesk's verdicts
and are not read either. Stamps are local time of the account, without an offset.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

STAMPS: Final = {
    "created": "Created time",
    "replied": "Initial response time",
    "resolved": "Resolved time",
    "closed": "Closed time",
}
READ: Final = {
    "conversation_id": "Ticket ID",
    "state": "Status",
    "level": "Priority",
    "origin": "Source",
    "agent": "Agent",
    "team": "Group",
}
SOURCE: Final = Source(
    name="freshdesk_csv",
    system="freshdesk",
    title="Freshdesk, CSV of tickets",
    shapes={
        "tickets": Shape(
            ("csv",),
            frozenset(
                {"Ticket ID", "Status"}
                | {STAMPS[name] for name in ("created", "replied", "resolved")}
            ),
            none_of=frozenset({"Requester Name"}),
        )
    },
    read=reader("freshdesk_csv"),
    constants={"grain": "milestone"},
    seen_in_the_wild=False,
    note="Created, first response, resolved and closed only; priority, group and agent are today's.",
)
