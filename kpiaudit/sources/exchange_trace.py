"""Exchange Online message trace, CSV: one row a message, or one for every event of its way.

*Exchange admin center > Mail flow > Message trace*, the enhanced summary or the extended report, which come as
a file (UTF-16, often without a mark). All stamps are UTC. `directionality` says who is us. A trace has no
`In-Reply-To`: an answer is found by the two addresses and the subject, so response times are an estimate, and an
answer sent from another address than the one written to is not found. It cannot tell automatic replies but those
of mail servers, nor statuses; one trace reaches back 90 days and holds 100,000 rows at most.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

REQUIRED: Final = {
    "sender": "sender_address",
    "subject": "message_subject",
    "message_id": "message_id",
    "direction": "directionality",
}
SOURCE: Final = Source(
    name="exchange_trace",
    system="exchange",
    title="Exchange Online message trace, CSV; responses are an estimate",
    shapes={
        "trace": Shape(("csv",), frozenset({*REQUIRED.values(), "origin_timestamp_utc"})),
        "events": Shape(
            ("csv",), frozenset({*REQUIRED.values(), "date_time_utc"}), is_missed=False
        ),
    },
    read=reader("exchange_trace"),
    constants={"channel": "email", "visibility": "private"},
    seen_in_the_wild=False,
    note="Mail flow > Message trace; answers by two addresses and subject only: an estimate.",
    one_row_one_message=True,
    # Two people write to each other about the same things for years: silence parts their conversations.
    has_boundaries=False,
)
