"""Split a mailbox into messages: headers as bytes, bodies passed over without a look unless wanted.

A box is read in pieces, so memory does not grow with it. A line that begins with `From ` parts two
messages only where it ends in a time and a year and a header follows it: what a body quotes does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO, Final, NamedTuple

PIECE: Final = 1 << 18
LONGEST_HEADER: Final = 1 << 20
LONGEST_LINE: Final = 2_000
"""Bytes an envelope and the first line after it may have."""
LONGEST_BODY: Final = 1 << 22
"""Bytes of a body that are kept: attachments stand at its end."""
MARK: Final = b"\nFrom "
LINE_FEED: Final = 10
HEADER_END: Final = re.compile(rb"\n(?:\r?\n|From )")
ENVELOPE: Final = re.compile(
    rb"From [^\n]{0,400}?\d:\d\d\b[^\n]{0,40}?\b\d{4}\b[^\n]{0,400}\n(?:>From [^\n]*\n)*[!-9;-~]+[ \t]*:"
)


LINE_BEFORE: Final = re.compile(rb"From (?![ \t]*:)[^\n]*")


class Mail(NamedTuple):
    """One message as it lies in its box: `envelope` is the line before it, empty in a file of its own;
    `header` begins with a line break and ends before the empty line; `body` is None unless wanted.
    """

    envelope: bytes
    header: bytes
    body: bytes | None


class Box:
    """A stream with the part of it that is being looked at."""

    def __init__(self, stream: BinaryIO) -> None:
        self.stream = stream
        self.text = stream.read(PIECE)
        self.is_over = not self.text
        first = self.text.find(b"\n")
        crlf = self.text[first - 1 : first] == b"\r"
        self.blanks = (b"\n\r\n", b"\n\n") if crlf else (b"\n\n", b"\n\r\n")

    def more(self, start: int) -> bool:
        """Drop what lies before `start` and take the next piece; False at the end, with nothing dropped."""
        piece = b"" if self.is_over else self.stream.read(PIECE)
        if not piece:
            self.is_over = True
            return False
        self.text = self.text[start:] + piece
        return True

    def blank(self, start: int) -> tuple[int, int]:
        """Return where the empty line after `start` begins and ends, -1 twice when it is not here."""
        usual, other = self.blanks
        found, size = self.text.find(usual, start), len(usual)
        rare = self.text.find(other, start, None if found < 0 else found)
        if rare >= 0:
            found, size = rare, len(other)
        return (found, found + size) if found >= 0 else (-1, -1)

    def parting(self, start: int, end: int | None = None) -> int:
        """Return where the next envelope begins after `start`, -1 when none is here."""
        found = self.text.find(MARK, start, end)
        while found >= 0 and not ENVELOPE.match(self.text, found + 1):
            if not self.is_over and found + LONGEST_LINE > len(self.text):
                return -1
            found = self.text.find(MARK, found + 1, end)
        return found + 1 if found >= 0 else -1


def mails(stream: BinaryIO, *, bodies: bool = False) -> Iterator[Mail]:
    """Yield every message of a box; its first line is an envelope whatever it holds."""
    box = Box(stream)
    box.text = box.text.lstrip(b"\r\n")
    start = 0
    while start >= 0 and start < len(box.text):
        if not bodies and LINE_BEFORE.match(box.text, start):
            for following, mail in plain_mails(box, start):
                yield mail
                start = following
        start, after, header = take_header(box, start)
        start, body = take_body(box, after, keep=bodies)
        yield parted(header, body)


def plain_mails(box: Box, start: int) -> Iterator[tuple[int, Mail]]:
    """Yield where the next message begins, and the one before it, while both lie here and nothing is odd."""
    text, is_envelope = box.text, ENVELOPE.match
    while found_end := HEADER_END.search(text, start):
        end, after = found_end.span()
        found = text.find(MARK, after - 1)
        if found < 0 or text[after - 1] != LINE_FEED or not is_envelope(text, found + 1):
            return
        first = text.find(b"\n", start, end)
        yield found + 1, Mail(text[start:first], text[first:end], None)
        start = found + 1


def parted(header: bytes, body: bytes | None) -> Mail:
    """Return a message with the line before it told from its header."""
    found = LINE_BEFORE.match(header)
    envelope = found[0] if found else b""
    header = header[len(envelope) :]
    return Mail(envelope, header if envelope else b"\n" + header, body)


def take_header(box: Box, start: int) -> tuple[int, int, bytes]:
    """Return where a message begins now, where its body does, and its header with the envelope."""
    while True:
        end, after = box.blank(start)
        if end >= 0 or len(box.text) - start > LONGEST_HEADER:
            break
        if not box.more(start):
            end = after = len(box.text)
            break
        start = 0
    if end < 0:
        end = after = len(box.text)
    early = box.parting(start, end)
    if early >= 0:
        end = after = early - 1
    return start, after, box.text[start:end]


def take_body(box: Box, start: int, *, keep: bool) -> tuple[int, bytes | None]:
    """Return where the next message begins, -1 at the end, and the body if it is to be kept."""
    pieces: list[bytes] = []
    kept = 0
    at = max(start - 1, 0)
    while True:
        found = box.parting(at)
        if found >= 0:
            stop = found - 1
        elif box.is_over:
            stop = len(box.text)
        else:
            stop = max(len(box.text) - LONGEST_LINE - len(MARK), at)
        if keep and kept < LONGEST_BODY:
            pieces.append(box.text[start:stop])
            kept += len(pieces[-1])
        if found >= 0 or box.is_over:
            return found, b"".join(pieces)[:LONGEST_BODY] if keep else None
        if box.more(stop):
            start, at = max(start - stop, 0), 0
        else:
            start = max(start, stop)
            at = stop


def one_mail(stream: BinaryIO, *, body: bool = False) -> Mail:
    """Return the message of a file of its own, with or without an envelope before it."""
    box = Box(stream)
    box.text = box.text.lstrip(b"\r\n").removeprefix(b"\xef\xbb\xbf")
    while box.blank(0)[0] < 0 and len(box.text) < LONGEST_HEADER and box.more(0):
        pass
    end, after = box.blank(0)
    header = box.text if end < 0 else box.text[:end]
    rest = b"" if end < 0 else box.text[after:]
    while body and len(rest) < LONGEST_BODY and (piece := stream.read(PIECE)):
        rest += piece
    return parted(header, rest if body else None)
