"""Hootsuite Inbox 2.0, formerly Sparkcentral, as CSV: *Analytics > Inbox reports > Export > Messages*, or its files on SFTP.

A row is a message; `Direction` says which side wrote it, `Message Type` whether everybody could read it. The stamps are
in the time zone chosen when exporting, and the file does not name it: `time_zone` or `--tz` must. The exports of
conversations beside it are not read: their `Created at` is by the documentation once the customer's first message, once our
first answer, and that of resolved ones leaves out whoever still waits. Nothing tells which agent wrote,
a status, a priority, or whether a message was sent by a rule.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

CONVERSATIONS: Final = "conversations"
SOURCE: Final = Source(
    name="hootsuite_csv",
    system="hootsuite",
    title="Hootsuite Inbox 2.0 (Sparkcentral), CSV of messages",
    shapes={
        "messages": Shape(
            ("csv",),
            frozenset({"Message ID", "Conversation ID", "Direction", "Medium", "Created at"}),
        ),
        CONVERSATIONS: Shape(
            ("csv",),
            frozenset({"Conversation ID", "Medium", "Contact Primary Identifier", "Created at"}),
            none_of=frozenset({"Message ID", "Direction"}),
            is_missed=False,
        ),
    },
    read=reader("hootsuite_csv"),
    seen_in_the_wild=False,
    note="The zone of the stamps is chosen when exporting and not told: set time_zone.",
)
