"""Talkdesk's *Calls report*, CSV or JSON, as *Explore > Export* and the Explore API give it.

Both generations: the older counts times in fractions of a day and its stamps are UTC without saying so; the
newer, of May 2026, counts seconds and marks its stamps. A call is one row, and only its beginning and end have
stamps: the answer lies as long before the end as agent and caller talked and held, and the queue as long
before the answer as the caller waited. Who left the menu is not told apart from who left the queue. Missed,
abandoned and short-abandoned calls and those that ended in a voicemail have no answer, and their type as a
tag. Of a transfer only the last agent is known, at the end of the call. Work after the call is not in it, and
its ratings have no fixed scale: neither is read.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

KINDS: Final = ("csv", "json", "ndjson")

SOURCE: Final = Source(
    name="talkdesk_calls",
    system="talkdesk",
    title="Talkdesk, Calls report",
    shapes={
        "calls": Shape(
            KINDS, frozenset({"call_id", "type", "start_at", "end_at", "talk_time", "wait_time"})
        ),
        "older": Shape(
            KINDS,
            frozenset({"interaction_id", "call_type", "start_time", "end_time", "waiting_time"}),
            is_missed=False,
        ),
    },
    read=reader("talkdesk_calls"),
    constants={"channel": "voice", "visibility": "private"},
    note="Beginning, wait, talk and end of every call; no work afterwards.",
)
