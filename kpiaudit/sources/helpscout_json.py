"""Help Scout as JSON: conversations with their threads, as the Mailbox API 2.0 gives them.

Nothing exports this by a click: a script saves `/v2/conversations?embed=threads` page by page. Threads in a
file of their own are read where somebody wrote `conversationId` beside each; the API does not, and such
a record is a reject. Instants are UTC. Every thread says which status it left behind: that is the
history of statuses. Conversations without threads know their opening and last closing only, not whether
anybody answered. Priorities are not told, earlier tags neither; `customerWaitingSince` is not read, it may
lie years before the conversation. Spam, drafts and deleted conversations are skipped.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

KINDS: Final = ("json", "ndjson")
SOURCE: Final = Source(
    name="helpscout_json",
    system="helpscout",
    title="Help Scout, JSON",
    shapes={
        "conversations": Shape(
            KINDS, frozenset({"id", "number", "mailboxId", "createdBy.type", "createdAt"})
        ),
        "threads": Shape(
            KINDS,
            frozenset({"id", "type", "state", "createdBy.type", "createdAt"}),
            none_of=frozenset({"mailboxId"}),
        ),
    },
    read=reader("helpscout_json"),
    constants={"visibility": "private"},
    note="The Mailbox API's conversations with embed=threads; without threads answers are not known.",
)
