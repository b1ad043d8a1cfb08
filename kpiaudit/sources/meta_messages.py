"""Messages of Facebook and Instagram: `message_1.json`, `message_2.json`... of a thread's folder.

*Accounts Center > Your information and permissions > Export your information*, format JSON (HTML is not
read); all parts of it, and Messenger's encrypted chats, a zip of their own (`<Name>_1.json`), without which
a thread seems to end in December 2023. Name the folder or zip. A thread is endless, under its folder's name,
ended by silence; its files are one, newest first or not, and what two downloads hold counts once. Stamps are
UTC to the millisecond. Names and texts written as one letter a byte are mended. Who is us, `[us]` says, by
the names shown. Reactions, calls, joining and leaving are no messages. The export cannot tell ids, replies,
statuses, or which of us wrote for a page.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="meta_messages",
    system="meta",
    title="Facebook and Instagram, exported messages",
    shapes={"threads": Shape(("json",), frozenset({"meta message"}))},
    read=reader("meta_messages"),
    constants={"channel": "messaging", "visibility": "private"},
    note="Accounts Center > Export your information, as JSON; name your own under [us].",
    one_row_one_message=True,
    has_boundaries=False,
)
