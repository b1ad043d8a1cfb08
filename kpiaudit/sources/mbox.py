"""Mailboxes: mbox files, Gmail's from Google Takeout, maildir folders, single `.eml` files.

*takeout.google.com > Mail* gives mbox; Thunderbird's folders are mbox files as they lie in its profile, and
Dovecot's and Courier's are maildirs; most others export to `.eml` or mbox. Name the folder as the program
keeps it, the sent mail with it. Zipped and gzipped ones are read in place.

Every `Date` has an offset; one without, or none, is replaced by the topmost `Received`, else by the line
before the message (UTC unless it says), and each such message is counted. Mail cannot tell roles: `[us]`
with addresses and domains says who is us, folders and labels of sent mail say it of what lies there, and
what we send to nobody but us is a note. Automatic is what says so by `Auto-Submitted` and the marks of
autoresponders and bounces; mail of a list is not. A conversation is a thread: Gmail's own, else by
`References` and `In-Reply-To`, else by subject between the same people. There are no statuses, priorities
or assignees, so nothing is ever resolved. Drafts, spam and Gmail's chats are skipped.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="mbox",
    system="mail",
    title="Mailboxes: mbox, Gmail Takeout, maildir, eml",
    shapes={
        "boxes": Shape(("mbox",), frozenset({"mbox envelope"}), is_missed=False),
        "mails": Shape(("eml",), frozenset({"mail header"}), is_missed=False),
    },
    read=reader("mbox"),
    constants={"channel": "email"},
    note="Google Takeout > Mail, or the mail program's own files; name the folder of sent mail too.",
    one_row_one_message=True,
)
