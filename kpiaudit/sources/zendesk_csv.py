"""Zendesk Support as CSV: one ticket a row, from *Admin Center > Account > Tools > Reports > Export*
("full CSV", mailed as a zip) or from a view's *Export as CSV*.

The file knows three moments of a ticket: created, first reply, solved. The reply has no stamp; it is
placed by `First reply time in minutes`, which counts all minutes from creation, so that it is a minute
early or late at most. The columns of business hours, and `Resolution time`, which is in hours, are not
read. It cannot tell later messages, notes, pauses, who answered, or whether an agent opened the ticket;
priority, group, assignee and tags are those of the day of export, and a ticket open again was never
solved. Stamps are local time of the account, without an offset.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

STAMPS: Final = {"created": "Created at", "updated": "Updated at", "solved": "Solved at"}
MINUTES: Final = "First reply time in minutes"
SOURCE: Final = Source(
    name="zendesk_csv",
    system="zendesk",
    title="Zendesk Support, CSV of tickets",
    shapes={
        "tickets": Shape(
            ("csv",),
            frozenset({"Id", "Status", STAMPS["created"], STAMPS["solved"], MINUTES}),
        )
    },
    read=reader("zendesk_csv"),
    constants={"grain": "milestone"},
    note="Created, first reply and solved only; priority, group and assignee are today's.",
)
