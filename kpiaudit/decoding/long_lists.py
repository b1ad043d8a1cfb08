"""Records of lists in a JSON document of any length, one by one from the mapped file: nothing is held."""

from __future__ import annotations

import mmap
import re
import tempfile
from collections.abc import Iterator
from shutil import copyfileobj
from typing import TYPE_CHECKING, Any, Final, TypeVar

import msgspec

from kpiaudit.decoding.records import (
    BROKEN,
    Broken,
    Text,
    content,
    end_of_brackets,
    explain,
    is_json,
    shown,
)
from kpiaudit.exports.containers import is_plain, opened

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

T = TypeVar("T")
FIRST: Final = re.compile(rb"[^\s,]")
ESCAPED: Final = re.compile(rb"(?<!\\)((?:\\\\)*)\\x([0-9A-Fa-f]{2})")
LONGEST_HEAD: Final = 1 << 16
CUT_OFF: Final = "the file is cut off inside this record"
DEEPEST: Final = 64
FEW: Final = 1 << 24
"""Bytes of pages that may stay mapped behind the record at hand."""


def mapped(file: ExportFile) -> Text:
    """Return a file as UTF-8, mapped from the disk: what lies packed is unpacked into a file without a name
    first, which is gone with the map. Text in another encoding is held whole.
    """
    if is_plain(file) or file.content is not None or file.encoding not in {"utf-8", "utf-8-sig"}:
        return content(file)
    with opened(file) as packed, tempfile.TemporaryFile(prefix="kpiaudit-") as unpacked:
        copyfileobj(packed, unpacked, FEW)
        unpacked.flush()
        is_empty = not unpacked.tell()
        return b"" if is_empty else mmap.mmap(unpacked.fileno(), 0, access=mmap.ACCESS_READ)


def let_go(text: Text, since: int, position: int) -> int:
    """Give the pages of a mapped file before `position` back to the system, once they are many since the last
    time; return up to where they are given back. They are read again when they are asked for.
    """
    if not isinstance(text, mmap.mmap) or position - since < FEW:
        return since
    end = position - position % mmap.ALLOCATIONGRANULARITY
    if hasattr(text, "madvise"):
        text.madvise(mmap.MADV_DONTNEED, since, end - since)
    return end


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
        text, kept = self.text, self.position - self.position % mmap.ALLOCATIONGRANULARITY
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
            kept = let_go(text, kept, end)
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
