"""Asterisk call detail records, the CSV its `cdr_csv` module writes: `Master.csv` in the server's log folder.

The file has no header. A row is a leg: one telephone that rang or talked; rows of one `linkedid`, else of one
`uniqueid`, are one call. Stamps are local to the server and name no zone, but `uniqueid` holds the instant its
channel began, and so the offset; without it, set `time_zone` or `--tz`. The wait runs from the first leg to
the answer of the first that reached a telephone: where Asterisk answers before, for a menu or a queue, the
log may tell its answer, not the agent's. Times are those between stamps: `duration` and `billsec`
cut off the rest of a second and are not read. Who calls from a number of two to six digits, or from a
context named internal, is one of us. A voicemail is no answer, and a tag. Calls among ourselves are skipped, and
the copies of rows in files per account, if you export those too. Work after the call is not told.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="asterisk_cdr",
    system="asterisk",
    title="Asterisk call detail records, Master.csv",
    shapes={
        "legs": Shape(
            ("csv",),
            frozenset({"src", "dst", "dcontext", "channel", "dstchannel", "lastapp", "disposition"})
            | {"start", "answer", "end"},
        )
    },
    read=reader("asterisk_cdr"),
    constants={"channel": "voice", "visibility": "private"},
    note="Beginning, answer and end of every leg; agents by their telephone, no work afterwards.",
)
