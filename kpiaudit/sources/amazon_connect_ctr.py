"""Amazon Connect contact records (CTR), JSON: *Data streaming > Contact records* exports them to
Kinesis or S3.

A record is a contact, and a transfer makes a new one: those with one first contact are one conversation. The
wait begins where the caller enters a queue, not in the flow before, and ends where an agent is connected;
that of a call back too, which is the same conversation. Instants are UTC. A record is delivered at least once,
and again when something was added: the last update counts, the others are skipped. A caller who never
entered a queue was served, or lost, by the flow, and no response is measured. Monitoring is skipped. What
was said, tags and ratings are not told, nor statuses but the end.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="amazon_connect_ctr",
    system="amazon_connect",
    title="Amazon Connect contact records, JSON",
    shapes={
        "contacts": Shape(
            ("json", "ndjson"),
            frozenset({"AWSContactTraceRecordFormatVersion", "ContactId", "InitiationTimestamp"}),
        )
    },
    read=reader("amazon_connect_ctr"),
    constants={"visibility": "private"},
    note="Queue, agent and end of every contact; nothing that was said.",
)
