"""The header of a message: the fields that are read, decoded by light means, however damaged.

Values are bytes until something needs them as text: most messages are plain ASCII, written by the rules.
"""

from __future__ import annotations

import binascii
import hashlib
import re
from typing import Final

Fields = dict[bytes, bytes]
FIELD: Final = re.compile(
    rb"\n(?![Rr]eceived|DKIM-|ARC-|X-[^AaFfGgMmPp]|[ \t])([^\s:]++)[ \t]*+:[ \t]*+(.*+(?:\n[ \t].*+)*+)"
)
"""Any field but some that are long, and read by nobody here."""
IN_BRACKETS: Final = re.compile(rb"<([^<>]*)>")
COMMENT: Final = re.compile(rb"\([^()]*\)")
SPACE: Final = re.compile(rb"\s+")
ADDRESS: Final = re.compile(rb"(?<![^\s<>,;:\"()\[\]])[^\s<>,;:\"()\[\]]+@[^\s<>,;:\"()\[\]]+")
IN_WORDS: Final = re.compile(
    rb"(?<![^\s<>,;:\"()])([^\s<>,;:\"()]++) (?:at|AT) ([^\s<>,;:\"()]+\.[^\s<>,;:\"()]+)"
)
"""How list archives write an address, against those who collect them."""
ENCODED: Final = re.compile(r"=\?([^?\s]+)\?([bBqQ])\?([^?]*)\?=")
BETWEEN: Final = re.compile(r"(\?=)\s+(=\?)")
AUTOMATIC: Final = frozenset(
    {b"auto-submitted", b"x-autoreply", b"x-autoreply-from", b"x-autorespond", b"x-autoresponder",
     b"x-mail-autoreply", b"precedence", b"x-precedence", b"x-failed-recipients"}
)  # fmt: skip
UNLESS_NO: Final = AUTOMATIC - {
    b"auto-submitted", b"precedence", b"x-precedence", b"x-failed-recipients",
}  # fmt: skip
MACHINES: Final = (b"mailer-daemon", b"postmaster")
LONGEST: Final = 4_000
"""Bytes of a sender that are looked at."""


def fields_of(header: bytes) -> Fields:
    """Return the fields that are read, by lower-case name; of several alike the topmost."""
    found = FIELD.findall(header)
    return {name.lower(): value for name, value in reversed(found)}


def text_of(value: bytes) -> str:
    """Return a field on one line: UTF-8, else Western; encoded words as they read."""
    if b"\n" in value:
        value = value.replace(b"\r", b"").replace(b"\n", b"")
    text = readable(value.strip())
    return decoded(text) if "=?" in text else text


def readable(value: bytes) -> str:
    """Return bytes as text, whatever they are."""
    try:
        return value.decode()
    except UnicodeDecodeError:
        return value.decode("cp1252", errors="replace")


def decoded(text: str) -> str:
    """Return text with its encoded words read; one in an unknown character set is read as Western."""
    text = BETWEEN.sub(r"\1\2", text)
    pieces: list[str] = []
    held, charset, last = b"", "", 0
    for word in ENCODED.finditer(text):
        here = word[1].partition("*")[0]
        if word.start() > last or here != charset:
            pieces += [in_charset(held, charset), text[last : word.start()]]
            held = b""
        held += unpacked(word[2], word[3])
        charset, last = here, word.end()
    return "".join([*pieces, in_charset(held, charset), text[last:]])


def unpacked(how: str, word: str) -> bytes:
    """Return the bytes of an encoded word, what can be had of a damaged one."""
    raw = word.encode("latin-1", errors="replace")
    if how in "qQ":
        return binascii.a2b_qp(raw, header=True)
    try:
        return binascii.a2b_base64(raw + b"=" * (-len(raw) % 4))
    except binascii.Error:
        return raw


def in_charset(raw: bytes, charset: str) -> str:
    """Return bytes in a character set by name."""
    if not raw:
        return ""
    try:
        return raw.decode(charset, errors="replace")
    except (LookupError, ValueError):
        return raw.decode("cp1252", errors="replace")


def sender_of(value: bytes) -> str | None:
    """Return the first address of a `From`, lower case; None where there is none."""
    value = value[:LONGEST]
    if b"=?" in value and not ADDRESS.search(value):
        value = text_of(value).encode()
    for inside in reversed(IN_BRACKETS.findall(value)):
        address = without_comments(inside)
        if b"@" in address:
            return readable(address).lower()
    found = ADDRESS.search(value)
    if found:
        return readable(found[0].strip(b"'.")).lower()
    words = IN_WORDS.search(value)
    if words:
        return readable(words[1] + b"@" + words[2]).lower()
    name = without_comments(value).strip(b'"<>')
    return readable(name).lower() if name.lower() in MACHINES else None


def without_comments(value: bytes) -> bytes:
    """Return a structured value without comments and spaces."""
    if b"(" in value:
        value = COMMENT.sub(b"", value)
    return SPACE.sub(b"", value)


def own_id(value: bytes) -> str | None:
    """Return a `Message-ID` without brackets, comments and spaces; None where it is empty."""
    inside = IN_BRACKETS.search(value)
    return readable(without_comments(inside[1] if inside else value)) or None


def made_id(date: bytes | None, sender: bytes | None, subject: bytes | None) -> str | None:
    """Return an id for a message without one, the same in every archive that kept its date, author and
    subject; None without a date.
    """
    parts = [(part or b"").strip() for part in (date, sender, subject)]
    if not parts[0]:
        return None
    return "no-message-id-" + hashlib.sha256(b"\0".join(parts)).hexdigest()[:24]


def answered_ids(references: bytes | None, reply: bytes | None) -> str | None:
    """Return the ids a message refers to, oldest first, one a line: `References`, then `In-Reply-To`.

    An `In-Reply-To` may hold prose; what is in brackets there may be an address.
    """
    found = IN_BRACKETS.findall(references) if references else []
    if references and not found:
        found = [word for word in references.split() if b"@" in word]
    if reply:
        inside = IN_BRACKETS.findall(reply)
        bare = reply.strip()
        found += inside or ([bare] if b"@" in bare and not SPACE.search(bare) else [])
    if not found:
        return None
    ids = dict.fromkeys(without_comments(one) for one in found)
    ids.pop(b"", None)
    return readable(b"\n".join(ids)) or None


def is_marked_automatic(fields: Fields) -> bool:
    """Return whether a field of a header says that no human wrote the message.

    RFC 3834's `Auto-Submitted`, and the marks of autoresponders and mail servers. Mail of a list
    (`Precedence: bulk`, `List-*`) and `X-Auto-Response-Suppress` are marks of nothing: humans' mail has them.
    """
    submitted = fields.get(b"auto-submitted")
    if submitted is not None and told(submitted) not in {b"", b"no"}:
        return True
    if any(told(fields[name]) != b"no" for name in UNLESS_NO & fields.keys()):
        return True
    kinds = (fields.get(b"precedence", b""), fields.get(b"x-precedence", b""))
    return b"auto_reply" in map(told, kinds) or b"x-failed-recipients" in fields


def told(value: bytes) -> bytes:
    """Return the word a field says, without comments and parameters."""
    return without_comments(value).partition(b";")[0].lower()
