"""LinkedIn's `messages.csv`, of a data export of a person's account.

*Settings > Data privacy > Get a copy of your data > Messages*; name the zip. Headers of all eras are read by
name. A conversation is an endless thread, ended by silence; stamps are UTC to the second, newest first. Who is
us, `[us]` says, by name or by the address of a profile. Drafts, spam, sponsored mail and the chats with
LinkedIn's own assistants are skipped. The export cannot tell ids, replies, statuses or who `LinkedIn Member`
was, and a Company Page's inbox is not in it.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="linkedin_messages",
    system="linkedin",
    title="LinkedIn, exported messages",
    shapes={
        "messages": Shape(
            ("csv",),
            frozenset({"CONVERSATION ID", "FROM", "SENDER PROFILE URL", "TO", "DATE", "CONTENT"}),
        )
    },
    read=reader("linkedin_messages"),
    constants={"channel": "messaging", "platform": "linkedin", "visibility": "private"},
    note="Data privacy > Get a copy of your data; name your own under [us].",
    one_row_one_message=True,
    has_boundaries=False,
)
