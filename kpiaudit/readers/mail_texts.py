"""The text of a message: its first readable part, decoded; tags taken out where there is only HTML."""

from __future__ import annotations

import re
from email import message_from_bytes
from email.errors import MessageError
from email.message import Message
from html import unescape
from typing import Final

from kpiaudit.readers.mail_headers import readable

UNSEEN: Final = re.compile(r"(?i)<(/?)(?:script|style|head)\b[^<>]*>|(<!--)|(-->)")
TAG: Final = re.compile(r"<[^<>]*>")
BLANKS: Final = re.compile(r"\n\s*\n\s*")
UNREADABLE: Final = (
    MessageError,
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    RecursionError,
)
"""What the standard library's parser raises on messages that break the rules."""


def body_text(header: bytes, body: bytes) -> str | None:
    """Return what a message says, None where nothing in it can be read as text."""
    try:
        message = message_from_bytes(header.lstrip(b"\r\n") + b"\n\n" + body)
        parts = [part for part in message.walk() if is_text(part)]
        plain = [part for part in parts if part.get_content_subtype() != "html"]
        texts = (shown(part) for part in (plain or parts))
        return next((text for text in texts if text), None)
    except UNREADABLE:
        return readable(body).strip() or None


def is_text(part: Message) -> bool:
    """Return whether a part is text to be read, not an attachment."""
    return part.get_content_maintype() == "text" and part.get_content_disposition() != "attachment"


def shown(part: Message) -> str:
    """Return the text of a part."""
    raw = part.get_payload(decode=True)
    if not isinstance(raw, bytes):
        return ""
    try:
        text = raw.decode(part.get_content_charset() or "utf-8")
    except (LookupError, ValueError):
        text = readable(raw)
    if part.get_content_subtype() == "html":
        text = unescape(TAG.sub(" ", seen(text)))
    return BLANKS.sub("\n\n", text.replace("\r\n", "\n")).strip()


def seen(html: str) -> str:
    """Return HTML without comments and what its head, styles and scripts hold."""
    pieces, start, is_seen = [], 0, True
    for mark in UNSEEN.finditer(html):
        if is_seen:
            pieces.append(html[start : mark.start()])
        is_seen = bool(mark[1] or mark[3])
        start = mark.end()
    return " ".join([*pieces, html[start:] if is_seen else ""])
