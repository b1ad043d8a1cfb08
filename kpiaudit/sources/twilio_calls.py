"""Twilio's call log: the API's pages, a BulkExport's days (JSON lines, gzip), or a connector's table as CSV.

A row is a leg, and the legs of one parent are one call: the caller's own, and one for each telephone that was
dialled. The wait begins with the caller's leg and ends with the first dialled one that was taken, by its
stamp; machines that take it are nobody. A call that dialled nobody and was talked on for a while was served
by the application alone, which is all the log tells of agents who meet callers in a conference (Flex): no
response is measured. One cut off before is abandoned. `queue_time` is Twilio's own and not read. On a trunk
the leg is the whole call. Stamps are UTC, in RFC 2822 or ISO 8601. Holding, work afterwards, queues and transfers
are not told.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

JSON: Final = ("json", "ndjson")
COMMON: Final = frozenset(
    {"direction", "duration", "start_time", "end_time", "status", "from", "to"}
)

SOURCE: Final = Source(
    name="twilio_calls",
    system="twilio",
    title="Twilio calls, JSON of the API or a connector's CSV",
    shapes={
        "calls": Shape((*JSON, "csv"), COMMON | {"sid", "parent_call_sid"}),
        "warehouse": Shape(
            (*JSON, "csv"), COMMON | {"id", "parent_call_id", "queue_time"}, is_missed=False
        ),
    },
    read=reader("twilio_calls"),
    constants={"channel": "voice", "visibility": "private"},
    note="Caller, dialled legs and end of every call; no queues, no work afterwards.",
)
