"""Google Workspace's Email Log Search, exported as CSV: one row per message, recipient and event.

*Admin console > Reporting > Email log search > Download*. Stamps are in the administrator's time zone; one
without an offset needs `time_zone`. `Direction` says who is us. The log has no `In-Reply-To`: an answer is found by
the two addresses and the subject, so response times are an estimate. It cannot tell automatic replies but those of mail
servers, nor statuses; mail that was refused before it had an id, and spam, is skipped.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

REQUIRED: Final = {
    "message_id": "Message ID",
    "sent_at": "Start date",
    "sender": "Sender",
    "subject": "Subject",
    "direction": "Direction",
    "recipient": "Recipient address",
    "target": "Event target",
}
SOURCE: Final = Source(
    name="gmail_log",
    system="gmail",
    title="Google Workspace Email Log Search, CSV; responses are an estimate",
    shapes={"events": Shape(("csv",), frozenset(REQUIRED.values()))},
    read=reader("gmail_log"),
    constants={"channel": "email", "visibility": "private"},
    seen_in_the_wild=False,
    note="Reporting > Email log search > Download; answers by two addresses and subject only: an estimate.",
    one_row_one_message=True,
    # Two people write to each other about the same things for years: silence parts their conversations.
    has_boundaries=False,
)
