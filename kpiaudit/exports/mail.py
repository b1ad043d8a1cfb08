"""What gives a mailbox or a single message away, from its first bytes and its place."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import PurePath

    from kpiaudit.sources.base import FileKind

MAIL_SUFFIXES: Final = frozenset({".mbox", ".mbx", ".eml", ".mail"})
OTHERS: Final = frozenset(
    {
        ".csv",
        ".tsv",
        ".txt",
        ".json",
        ".jsonl",
        ".ndjson",
        ".parquet",
        ".zip",
        ".gz",
        ".xlsx",
        ".toml",
        ".md",
    }
)
MAILDIR: Final = frozenset({"cur", "new"})
"""The folders of a maildir that hold mail, whatever their files are called."""
ENVELOPE: Final = re.compile(rb"From (?![ \t]*:)[^\r\n]*\r?\n")
DATED: Final = re.compile(rb"From [^\r\n]{0,400}\b\d{4}\b[^\r\n]{0,400}\r?\n")
FIELD: Final = re.compile(rb"([!-9;-~]+)[ \t]*:[^\n]*(?:\n[ \t][^\n]*)*(?:\n|\Z)")
KNOWN: Final = frozenset(
    {b"from", b"to", b"cc", b"date", b"subject", b"received", b"message-id", b"return-path",
     b"mime-version", b"delivered-to", b"content-type", b"in-reply-to", b"references", b"reply-to"}
)  # fmt: skip
ENOUGH: Final = 2
MOST_FIELDS: Final = 200


def mail_in(head: bytes, *, is_named_so: bool) -> tuple[FileKind, tuple[str, ...]] | None:
    """Return what mail a file holds and its columns: what gives it away, then the fields of its first
    header. None where it holds none.

    `is_named_so` where its name or folder says that it is mail: then one field is enough.
    """
    head = head.lstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
    line = ENVELOPE.match(head)
    fields = fields_at(head, line.end() if line else 0)
    known = sum(name in KNOWN for name in fields)
    columns = tuple(dict.fromkeys(name.decode("ascii") for name in fields))
    if line and fields and (known or DATED.match(head)):
        return "mbox", ("mbox envelope", *columns)
    if known >= (1 if is_named_so else ENOUGH):
        return "eml", ("mail header", *columns)
    return None


def fields_at(head: bytes, start: int) -> list[bytes]:
    """Return the names of the fields that begin at `start`, lower case, without a gap."""
    names: list[bytes] = []
    while len(names) < MOST_FIELDS and (found := FIELD.match(head, start)):
        names.append(found[1].lower())
        start = found.end()
    return names


def is_mail_by_name(path: PurePath) -> bool:
    """Return whether a file is called, or lies, as mail does."""
    suffix = path.suffix.lower()
    return suffix in MAIL_SUFFIXES or (path.parent.name in MAILDIR and suffix not in OTHERS)
