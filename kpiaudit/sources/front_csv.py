"""Front's analytics export of messages as CSV, or as xlsx: one message a row.

*Analytics > Export > Messages*, or the API's analytics exports. The stamps are local time of the zone
that was asked for, with no offset; name it as `time_zone`. Conversation and message go by their API ids,
which hold across exports; a segment is no conversation: it begins anew after a silence, and so does
`New Conversation`. A message that lies in several inboxes has a row in each. Rows of `Autoreply` count as
automated. The export cannot tell internal comments, nor statuses over time: `Status`, `Assignee` and the
stamps of segments are those of the day of export, and of a channel only whether an address is one of mail.
Response, reaction and handle times are Front's own figures and are not read.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

READ: Final = {
    "sent_at": "Message date",
    "message_id": "Message API ID",
    "conversation_id": "Conversation API ID",
    "segment": "Segment ID",
    "direction": "Direction",
    "autoreply": "Autoreply",
    "inbox": "Inbox",
    "author": "Author",
    "customer": "Contact handle",
    "words": "Tags",
}
SIGNATURE: Final = ("sent_at", "message_id", "conversation_id", "direction", "autoreply")
"""Who asks the API for an export chooses its columns."""
SOURCE: Final = Source(
    name="front_csv",
    system="front",
    title="Front, CSV of messages",
    shapes={"messages": Shape(("csv",), frozenset(READ[name] for name in SIGNATURE))},
    read=reader("front_csv"),
    constants={"visibility": "private"},
    seen_in_the_wild=False,
    note="Analytics > Export > Messages; internal comments and statuses are not in it.",
    one_row_one_message=True,
)
