"""Records of lists in a JSON document of any length, one by one from the mapped file: nothing is held."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, Final, TypeVar

import msgspec

from kpiaudit.decoding.records import BROKEN, Broken, Text, end_of_brackets, explain, is_json, shown

T = TypeVar("T")
FIRST: Final = re.compile(rb"[^\s,]")
ESCAPED: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\x([0-9A-Fa-f]{2})")
LONGEST_HEAD: Final = 1 << 16
CUT_OFF: Final = "the file is cut off inside this record"
DEEPEST: Final = 64


def lists_of(text: Text, key: str) -> Iterator[tuple[dict[str, Any], Iterator[bytes | Broken]]]:
    """Yield every list under `key`, and what its object says before it.

    The records of one list must be taken before the next is asked for.
    """
    opening = re.compile(rb'"' + key.encode() + rb'"\s*:\s*\[')
    position = 0
    while found := opening.search(text, position):
        records = Records(text, found.end())
        yield head_before(text, found.start()), iter(records)
        position = records.position


class Records:
    """The records of the list that is open at `position`, which moves on to where the list ends."""

    def __init__(self, text: Text, position: int) -> None:
        self.text = text
        self.position = position

    def __iter__(self) -> Iterator[bytes | Broken]:
        text = self.text
        while found := FIRST.search(text, self.position):
            start = found.start()
            if found[0] != b"{":
                self.position = found.end()
                if found[0] == b"]":
                    return
                continue
            end = end_of(text, start)
            if end < 0:
                break
            self.position = end
            yield text[start:end]
        self.position = len(text)
        yield Broken(CUT_OFF, shown(text[start:]) if found else "")


def end_of(text: Text, start: int) -> int:
    """Return where the object at `start` ends, -1 where the text ends before.

    In indented JSON its last bracket stands alone below its first; no text in it can hold a line break.
    """
    indent = text[text.rfind(b"\n", 0, start) + 1 : start]
    if indent.isspace():
        end = text.find(b"\n" + indent + b"}", start)
        if end >= 0:
            return end + len(indent) + 2
    return end_of_brackets(text, start)


def head_before(text: Text, at: int) -> dict[str, Any]:
    """Return what an object says before its key at `at`, where that are plain values."""
    floor = max(at - LONGEST_HEAD, 0)
    before = bytes(text[floor:at]).rstrip(b", \t\r\n")
    start = len(before)
    for _ in range(DEEPEST):
        start = before.rfind(b"{", 0, start)
        if start < 0:
            break
        head = mended(before[start:] + b"}")
        if is_json(head):
            found: dict[str, Any] = msgspec.json.decode(head)
            return found
    return {}


def mended(raw: bytes) -> bytes:
    r"""Return JSON with the escapes `\x1F`, which it does not have, as those it has."""
    return ESCAPED.sub(rb"\1\\u00\2", raw) if b"\\x" in raw else raw


def decoded_or_broken(decoder: msgspec.json.Decoder[T], raw: bytes | Broken) -> T | Broken:
    """Return a record, mended where need be, or why it is none."""
    if isinstance(raw, Broken):
        return raw
    try:
        return decoder.decode(raw)
    except BROKEN:
        pass
    try:
        return decoder.decode(mended(raw))
    except BROKEN as error:
        return explain(error, mended(raw))
