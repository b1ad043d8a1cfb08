"""Slack's workspace export: a folder or zip of one JSON file per channel and day.

*Settings & administration > Workspace settings > Import/Export data > Export*; `users.json` tells who is
who. A guest (restricted or ultra-restricted) or somebody of another workspace (Slack Connect) is the
customer, a bot a bot, every other member an agent; `[us]` decides instead where it names anybody who
wrote here, by name, handle, e-mail or its domain. Without a guest, without `[us]` or without `users.json` nobody can tell who
is us, and it asks. A thread is a conversation; what stands outside threads is one endless one per channel,
ended by silence. `ts` is UTC to the microsecond. The export cannot tell statuses, priorities or what was
deleted; a standard plan's holds public channels only.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

JSON: Final = ("json",)
OTHERS: Final = {
    "channels": Shape(
        JSON, frozenset({"id", "created", "members"}), none_of=frozenset({"ts"}), is_missed=False
    ),
    "integration log": Shape(
        JSON, frozenset({"user_id", "user_name", "date", "change_type"}), is_missed=False
    ),
}
"""Files that explain and say nothing."""
SOURCE: Final = Source(
    name="slack_export",
    system="slack",
    title="Slack, workspace export",
    shapes={
        "messages": Shape(
            JSON, frozenset({"type", "ts"}), none_of=frozenset({"conversation_id", "channel_id"})
        ),
        "users": Shape(JSON, frozenset({"id", "name", "deleted", "profile"})),
        **OTHERS,
    },
    read=reader("slack_export"),
    constants={"channel": "messaging", "platform": "slack", "visibility": "private"},
    note="Guests and people of other workspaces are the customers, unless [us] says who is ours.",
)
