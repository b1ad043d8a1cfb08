"""Aircall's calls as CSV: *Dashboard > Calls > Export*.

A call is one row, and only its beginning has a stamp: the end lies `duration (total)` after it, the answer
`duration (in call)` before the end, the queue `waiting time` before the answer, or where the menu ended. Files
that have `datetime (UTC)` are read by it; older ones hold a date and a time in two cells, local to the
number, and `number timezone` names the zone; a cell that names none needs `time_zone` or `--tz`. A call outside
opening hours, or lost in the menu, waited for nobody; other missed calls have their reason as a tag, and
`voicemail` where one was left. Of a transfer nothing is told, nor work after the call. Older files
have no ids: a call is known by its stamp and its two numbers.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

COMMON: Final = frozenset(
    {"line", "direction", "answered", "duration (total)", "duration (in call)"}
)

SOURCE: Final = Source(
    name="aircall_csv",
    system="aircall",
    title="Aircall calls, CSV",
    shapes={
        "calls": Shape(("csv",), COMMON | {"datetime (tz offset incl.)", "missed_call_reason"}),
        "older": Shape(
            ("csv",),
            COMMON | {"date (TZ offset incl.)", "time (TZ offset incl.)"},
            none_of=frozenset({"datetime (tz offset incl.)"}),
            is_missed=False,
        ),
    },
    read=reader("aircall_csv"),
    constants={"channel": "voice", "visibility": "private"},
    seen_in_the_wild=False,
    note="Beginning, wait, talk and end of every call; no transfers, no work afterwards.",
)
