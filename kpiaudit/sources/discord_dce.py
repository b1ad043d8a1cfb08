"""Discord's channels as DiscordChatExporter writes them: JSON, or CSV, one file a channel or a part of it.

*DiscordChatExporter > Export*, or its command line, *exportguild -f Json*: JSON tells bots, threads and ids,
CSV none of them. A thread is a conversation; a channel or direct message is an endless one, ended by silence.
Every stamp of JSON and of new CSV has its offset; CSV of 2.42 and before has the local time of the computer
to the minute: name its zone as `time_zone`, and `date_order` where no date tells day from month. Who is us,
`[us]` says, by name, nickname, id or the name of a role. Joining, pins and calls are no messages. An edited
message counts when it was first sent. What a CSV and JSON of the same channel, by the id in the files' names,
both hold counts once, as JSON has it. Discord's own data package holds the messages of one person only, and
is not read. The export cannot tell statuses or what was deleted.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="discord_dce",
    system="discord",
    title="Discord, by DiscordChatExporter",
    shapes={
        "channels": Shape(
            ("json",), frozenset({"id", "type", "timestamp", "isPinned", "content", "author.isBot"})
        ),
        "tables": Shape(
            ("csv",),
            frozenset({"AuthorID", "Author", "Date", "Content", "Attachments", "Reactions"}),
            is_missed=False,
        ),
    },
    read=reader("discord_dce"),
    constants={"channel": "messaging", "platform": "discord"},
    note="DiscordChatExporter, as JSON; name your own, or their role, under [us].",
    one_row_one_message=True,
    has_boundaries=False,
)
