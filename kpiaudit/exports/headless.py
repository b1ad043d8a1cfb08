"""Files without a header line whose columns are known all the same: Asterisk's call records.

`cdr_csv` writes sixteen columns, then those switched on in `cdr.conf`: `uniqueid`, `userfield`, and three of
newer versions. How many there are, and what the seventeenth looks like, tells which.
"""

from __future__ import annotations

import re
from typing import Final

CDR: Final = (
    "accountcode", "src", "dst", "dcontext", "clid", "channel", "dstchannel", "lastapp", "lastdata",
    "start", "answer", "end", "duration", "billsec", "disposition", "amaflags",
)  # fmt: skip
NEWER: Final = ("peeraccount", "linkedid", "sequence")
STAMP: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d")
DISPOSITIONS: Final = frozenset({"ANSWERED", "NO ANSWER", "BUSY", "FAILED", "CONGESTION"})
UNIQUE_ID: Final = re.compile(r"(?:.*-)?\d{9,10}\.\d+")


def columns_of(record: tuple[str, ...]) -> tuple[str, ...] | None:
    """Return the columns of a file by its first record, None where that may be a header."""
    if not len(CDR) <= len(record) <= len(CDR) + len(NEWER) + 2:
        return None
    told = dict(zip(CDR, record, strict=False))
    if told["disposition"] not in DISPOSITIONS or not (
        STAMP.fullmatch(told["start"]) and STAMP.fullmatch(told["end"])
    ):
        return None
    has_id = len(record) > len(CDR) and UNIQUE_ID.fullmatch(record[len(CDR)]) is not None
    own = ("uniqueid",) if has_id else ("userfield",)
    switched_on = {
        0: (),
        1: own,
        2: ("uniqueid", "userfield"),
        3: NEWER,
        4: (*own, *NEWER),
        5: ("uniqueid", "userfield", *NEWER),
    }
    return CDR + switched_on[len(record) - len(CDR)]
