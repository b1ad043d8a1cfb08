"""Google Chat in Google Takeout: `messages.json` of each direct message and space.

*takeout.google.com > Google Chat*; name the zip or the folder. A topic of several messages is a conversation;
what stands alone in a direct message or space is an endless one, ended by silence. Dates are English and
name UTC, to the second. Bots say so of themselves; who else is us, `[us]` says, by name, e-mail or its
domain. Records without text or file tell of joining and are no messages, nor are deleted ones. The export
cannot tell statuses or edits.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

OTHERS: Final = {
    "group": Shape(
        ("json",),
        frozenset({"name", "email", "user_type"}),
        none_of=frozenset({"id"}),
        is_missed=False,
    ),
    "user": Shape(
        ("json",), frozenset({"group_name", "group_id", "membership_state"}), is_missed=False
    ),
}
"""Files that explain and say nothing."""
SOURCE: Final = Source(
    name="google_chat",
    system="google_chat",
    title="Google Chat, Takeout",
    shapes={
        "messages": Shape(("json",), frozenset({"creator", "created_date", "message_id"})),
        **OTHERS,
    },
    read=reader("google_chat"),
    constants={"channel": "messaging", "platform": "google_chat", "visibility": "private"},
    note="takeout.google.com > Google Chat; name your own under [us].",
    one_row_one_message=True,
)
