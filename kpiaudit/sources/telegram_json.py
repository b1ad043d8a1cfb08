"""Telegram Desktop's export as JSON: one chat, or all of an account, in `result.json`.

*Chat > ... > Export chat history*, or *Settings > Advanced > Export Telegram data*, format *Machine-readable
JSON*. Every chat is one endless thread under its id, ended by silence. `date_unixtime` is UTC; exports before
2022 have only `date`, the local time of the computer without an offset: name its zone as `time_zone`. Who is
us, `[us]` says, by name or by id such as `user123`. What joins, calls and pins is no message, nor are saved
messages and those of an unsupported kind. The control characters Telegram writes in a way that is no JSON
are mended. An edited message counts when it was first sent, a forwarded one when it was forwarded. The
export cannot tell statuses or what was deleted.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="telegram_json",
    system="telegram",
    title="Telegram, export as JSON",
    shapes={"chats": Shape(("json",), frozenset({"telegram message"}))},
    read=reader("telegram_json"),
    constants={"channel": "messaging", "platform": "telegram"},
    note="Telegram Desktop > Export, as JSON; name your own under [us].",
    one_row_one_message=True,
    has_boundaries=False,
)
