"""WhatsApp's export of one chat: `_chat.txt` of an iPhone, `WhatsApp Chat with NAME.txt` of Android.

*Chat > More > Export chat*, with or without media, of WhatsApp and WhatsApp Business alike; name the zip or
the text. Every form a phone's locale writes is read, and the chat is one endless thread under its name,
ended by silence. Times are local to the phone without an offset: name its zone as `time_zone`; Android
writes no seconds, so its waits are exact to a minute. Where no day is beyond the 12th and both readings run
forward, nobody can tell day from month: rows are refused until `date_order` says. Who is us, `[us]` says,
by the names shown. Lines nobody wrote, of joining, calls and encryption, are skipped. The export cannot
tell statuses, assignees or what the app answered by itself: greetings and away messages look like us
unless `[us]` lists their name under `bots`. It holds at most 40,000 messages and drops the oldest.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="whatsapp_chat",
    system="whatsapp",
    title="WhatsApp, export of a chat",
    shapes={"chats": Shape(("chat",), frozenset({"whatsapp line"}))},
    read=reader("whatsapp_chat"),
    constants={"channel": "messaging", "platform": "whatsapp", "visibility": "private"},
    note="Chat > More > Export chat; set time_zone, and [us] with the names of your own.",
    one_row_one_message=True,
    has_boundaries=False,
)
