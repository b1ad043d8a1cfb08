"""Chatwoot as JSON: conversations and their messages, from the application API.

`GET /api/v1/accounts/ID/conversations`, page by page, and `/conversations/ID/messages`. Instants count
seconds since 1970, UTC; 0 stands for none.

Statuses and priorities over time are told by activity messages, in words: those of English accounts are
read, and of any account whose Chatwoot marks them; otherwise no resolution is told, for a conversation
knows today's status only. Who was assigned is not told over time, today's assignee and team hold from
the last activity on. The list of conversations shows each one's last message only; without a file of
messages such a conversation is two milestones: created, and `first_reply_created_at`. Templates
(greetings, out of office, surveys) and campaigns are automated, an agent bot's messages a bot's.
CSV reports of Chatwoot hold averages and no conversations, and are not read.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

KINDS: Final = ("json", "ndjson")
CONVERSATION: Final = ("id", "account_id", "inbox_id", "meta.channel", "created_at")
SOURCE: Final = Source(
    name="chatwoot_json",
    system="chatwoot",
    title="Chatwoot, JSON of the application API",
    shapes={
        "conversations": Shape(
            KINDS, frozenset(CONVERSATION), none_of=frozenset({"conversation_id"})
        ),
        "pages": Shape(
            KINDS,
            frozenset({"data.payload", "data.payload.id", "data.payload.inbox_id"}),
        ),
        "messages": Shape(
            KINDS,
            frozenset({"id", "conversation_id", "message_type", "private", "created_at"}),
        ),
    },
    read=reader("chatwoot_json"),
    constants={"visibility": "private"},
    seen_in_the_wild=False,
    note=(
        "Pages of conversations and of each one's messages; without the messages only created and first "
        "reply are known."
    ),
)
