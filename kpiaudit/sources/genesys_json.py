"""Genesys Cloud conversations, JSON of the analytics API: `/api/v2/analytics/conversations/details`.

A conversation is one call, chat, mail or message exchange, told by the segments of everybody who took part. The
wait begins with the first segment of a queue (`acd`) and ends with the first an agent interacts in; ringing
(`alert`) lies inside it. Talk, hold and wrap-up of an agent are handling time; a later queue hands the
customer over. Callers who leave in the menu waited for nobody. A voicemail is no answer, and a tag; a
dialling preview that was skipped is no call. Agents, queues and wrap-up codes are ids, for their names are not
in it, nor is what was said. Metrics (`tWait`, `tAbandon`) repeat the segments and are not read. Instants are UTC.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="genesys_json",
    system="genesys",
    title="Genesys Cloud conversations, JSON of the analytics API",
    shapes={
        "conversations": Shape(
            ("json", "ndjson"),
            frozenset(
                {"conversationId", "conversationStart", "participants", "participants.sessions"}
            ),
        )
    },
    read=reader("genesys_json"),
    constants={"visibility": "private"},
    seen_in_the_wild=False,
    note="Queue, agents and end of every conversation; ids for names, nothing that was said.",
)
