"""kpiaudit's own message table as CSV, NDJSON or Parquet: what `normalize` writes and anybody may hand in.

A column is named as in MESSAGES; only `conversation_id`, `sent_at` and `event` are required. Where
the file tells `export` and `row`, these are the evidence, and the place in the file itself is `file`
and `record`. Every instant has its offset, or the policy names the time zone; what a file leaves out
cannot be told.
"""

from __future__ import annotations

from kpiaudit.sources.base import Shape, Source, reader

SOURCE = Source(
    name="kpiaudit_messages",
    system="kpiaudit",
    title="kpiaudit messages (CSV, NDJSON, Parquet)",
    shapes={
        "messages": Shape(
            ("csv", "ndjson", "parquet"), frozenset({"conversation_id", "sent_at", "event"})
        )
    },
    read=reader("kpiaudit_messages"),
    note="Written by `kpiaudit normalize`; any tool may write it.",
    one_row_one_message=True,
)
