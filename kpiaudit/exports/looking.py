"""A first look at a file: what kind it is, its encoding, delimiter and columns, from its head only."""

from __future__ import annotations

import csv
import io
import json
import mmap
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path, PurePath, PurePosixPath
from typing import Any, BinaryIO

from kpiaudit.errors import ExportError
from kpiaudit.exports.chats import WHATSAPP, form_of, marked
from kpiaudit.exports.containers import opened
from kpiaudit.exports.dialect import dialect_of
from kpiaudit.exports.headless import columns_of
from kpiaudit.exports.mail import MAIL_SUFFIXES, is_mail_by_name, mail_in
from kpiaudit.exports.scripts import assignment_of
from kpiaudit.sources.base import ExportFile, FileKind, Packing

DATA_SUFFIXES = MAIL_SUFFIXES | {".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet"}
HEAD = 1 << 16
EMPTY = "is empty"
NO_RECORDS = "holds no records"
"""What is said of a list without elements, such as the last page of an API."""
CUT = "unexpected end of data"
"""What a decoder says of a character cut in two."""
LONGEST_RECORD = 1 << 23
MAX_COLUMNS = 2_000
CYRILLIC_WORD = re.compile(rb"[\xc0-\xff]{3,}")
EMPTY_LIST = re.compile(r"\[\s*\]")
PAGING = frozenset(
    {"after_cursor", "count", "end_of_stream", "end_time", "has_more", "links", "_links", "meta", "next",
     "next_page", "page", "pages", "startAt", "total", "total_count"}
)  # fmt: skip
"""Keys by which an API tells where in its list a page lies."""
PAGE_LIST = re.compile(r'"([^"\\]+)"\s*:\s*\[\s*(?=\{)')
OWN_IDS = frozenset({"id", "ContactId", "conversationId", "kpiaudit_version"})
"""Keys of an object that is a record, and no page of records, whatever lists it has."""
HAL_LISTS = "_embedded"
"""Where a page of HAL, a JSON dialect, keeps its records."""


def look(
    path: Path,
    name: str,
    *,
    packing: Packing = "",
    member: str = "",
    keep: bool = False,
    only_mail: bool = False,
) -> ExportFile | None:
    """Return what `path`, or a `member` of it, holds, None when it is no data file, or, where it is
    `only_mail` that is looked for, no mail.

    It is opened once and only its first bytes are read; a file that ends there is kept whole when told
    to `keep` it. Raises `ExportError` for an empty file, text that cannot be decoded and JSON broken at
    its start.
    """
    file = ExportFile(path, name, "csv", (), packing=packing, member=member)
    try:
        with opened(file) as stream:
            head = stream.read(HEAD)
            found = look_at(file, head, stream, only_mail=only_mail)
    except OSError as error:
        raise ExportError(
            f"cannot be read: {error.strerror}", where=name, hint="check its permissions"
        ) from error
    if found is None or not keep or len(head) == HEAD:
        return found
    return replace(found, content=head)


def look_at(
    file: ExportFile, head: bytes, stream: BinaryIO, *, only_mail: bool = False
) -> ExportFile | None:
    """Return what the first bytes of a file tell; `stream` gives those after them."""
    mail = look_for_mail(file, head)
    if mail is not None or only_mail:
        return mail
    if not head.strip():
        raise ExportError(EMPTY, where=file.name, hint="export it again")
    if head.startswith(b"PAR1"):
        return look_at_parquet(file, head + stream.read() if file.packing else None)
    encoding = encoding_of(head)
    if encoding is None:
        return None
    file = replace(file, encoding=encoding)
    text = decode(head, encoding)
    start = text.lstrip("\ufeff \t\r\n")
    suffix = suffix_of(file)
    if suffix == ".txt" and form_of(start) is not None:
        return replace(file, kind="chat", columns=(WHATSAPP,))
    if suffix == ".js" or start.startswith("window."):
        return look_at_script(file, text)
    if start.startswith(("{", "[")):
        if len(head) == HEAD:
            head += stream.read(LONGEST_RECORD - HEAD)
        found = look_at_json(file, decode(head, encoding), suffix=suffix)
        is_cut = len(head) == LONGEST_RECORD and start.startswith("{")
        return with_every_list(found) if is_cut else found
    if suffix in {".json", ".jsonl", ".ndjson"}:
        raise ExportError("is not JSON", where=file.name, hint="it starts with " + repr(start[:20]))
    return look_at_csv(file, text, is_whole=len(head) < HEAD)


def look_at_script(file: ExportFile, text: str) -> ExportFile | None:
    """Return a script that holds data, by the name it gives them; None for any other."""
    found = assignment_of(text)
    if found is None:
        return None
    name, lead = found
    return replace(file, kind="json", columns=(name,), lead=len(lead.encode(file.encoding)))


def look_for_mail(file: ExportFile, head: bytes) -> ExportFile | None:
    """Return a file as the mail it holds, None where it holds none. Raises `ExportError` where it is called
    so and holds none.
    """
    is_named_so = is_mail_by_name(place_of(file))
    mail = mail_in(head, is_named_so=is_named_so)
    if mail is None and is_named_so and head.strip():
        raise ExportError(
            "is no mail: it does not begin with a header",
            where=file.name,
            hint="export it again, or name another folder",
        )
    return mail and replace(file, kind=mail[0], columns=mail[1])


def suffix_of(file: ExportFile) -> str:
    """Return the suffix a file has once it is unpacked."""
    return PurePosixPath(file.base_name).suffix.lower()


def place_of(file: ExportFile) -> PurePath:
    """Return where a file lies and what it is called, unpacked."""
    folder = PurePosixPath(file.name) if file.packing == "zip" else file.path
    return folder.with_name(file.base_name)


def encoding_of(head: bytes) -> str | None:
    """Return the encoding the first bytes tell, None for bytes that are no text."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if b"\0" in head:
        return utf_16_of(head)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if len(head) < HEAD or error.reason != CUT:
            return code_page_of(head) if looks_like_text(head) else None
    return "utf-8"


def utf_16_of(head: bytes) -> str | None:
    """Return which UTF-16 bytes with zeros are, None for bytes that are no text.

    Digits, spaces and delimiters have their zero on one side, whatever the script.
    """
    even, odd = head[::2].count(b"\0"), head[1::2].count(b"\0")
    encoding = "utf-16-le" if odd > even else "utf-16-be"
    if max(even, odd) < len(head) // 50 or min(even, odd) * 10 > max(even, odd):
        return None
    text = head[: len(head) // 2 * 2].decode(encoding, errors="replace")
    controls = sum(ord(letter) < 32 and letter not in "\t\n\r" for letter in text)
    return encoding if (controls + text.count("\ufffd")) * 100 < len(text) else None


def code_page_of(head: bytes) -> str:
    """Return the Windows code page of text that is no UTF-8: Cyrillic where most letters beyond ASCII
    come in words, else Western.
    """
    high = sum(byte >= 0xC0 for byte in head)
    in_words = sum(len(word) for word in CYRILLIC_WORD.findall(head))
    return "cp1251" if in_words * 2 > high else "cp1252"


def looks_like_text(head: bytes) -> bool:
    """Return whether bytes that are not UTF-8 hold few control characters."""
    controls = sum(byte < 32 and byte not in (9, 10, 13) for byte in head)
    return controls * 100 < len(head)


def decode(head: bytes, encoding: str) -> str:
    """Return the head as text; a character cut in two at its end is left out."""
    return head.decode(encoding, errors="ignore")


def look_at_parquet(file: ExportFile, content: bytes | None) -> ExportFile:
    """Return a Parquet file with its column names. Raises `ExportError` when it is damaged."""
    import polars as pl  # 0.2 s: only when there is such a file

    try:
        source = file.path if content is None else io.BytesIO(content)
        columns = tuple(pl.read_parquet_schema(source))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ExportError(
            f"is not a whole Parquet file: {first_line(error)}", where=file.name
        ) from error
    return replace(file, kind="parquet", columns=columns)


def look_at_csv(file: ExportFile, text: str, *, is_whole: bool) -> ExportFile:
    """Return a delimited file with its delimiter, header and what stands before that."""
    try:
        found = dialect_of(text.lstrip("\ufeff"), is_whole=is_whole)
    except csv.Error as error:
        raise ExportError(f"has no readable header: {error}", where=file.name) from error
    if len(found.header) > MAX_COLUMNS:
        raise ExportError(
            f"has {len(found.header)} columns, {MAX_COLUMNS} at most", where=file.name
        )
    known = columns_of(found.header) if found.delimiter == "," and not found.preamble else None
    return replace(
        file,
        columns=known or found.header,
        delimiter=found.delimiter,
        preamble=found.preamble,
        header=",".join(known or ()),
    )


def look_at_json(file: ExportFile, text: str, *, suffix: str) -> ExportFile:
    """Return a JSON file with the key paths of its first record and where the records lie."""
    text = text.lstrip("\ufeff \t\r\n")
    mark = marked(text) if text.startswith("{") else None
    if mark is not None:
        return replace(file, kind="json", columns=(mark,), records="messages")
    records, kind, first = first_record(text, suffix=suffix)
    if first is None:
        raise ExportError(
            "is broken JSON: its first record does not end",
            where=file.name,
            hint="the export was cut off; export it again",
        )
    if is_empty_page(text):
        raise ExportError(NO_RECORDS, where=file.name, hint="name an export that holds some")
    return replace(file, kind=kind, columns=tuple(key_paths(first)), records=records)


def with_every_list(file: ExportFile) -> ExportFile:
    """Return a page too long to be seen at once with the key paths of all its lists, where it has several.

    It is gone through for their places alone; a damaged one stays what its beginning says it is.
    """
    if file.encoding != "utf-8" or not file.records or len(file.columns) == 1:
        return file
    import msgspec  # 30 ms: only when there is such a file

    try:
        with opened(file) as stream, whole(stream) as text:
            page = msgspec.json.decode(text, type=dict[str, msgspec.Raw])
            lists = {
                key: beginning(bytes(memoryview(raw)[:LONGEST_RECORD])) for key, raw in page.items()
            }
            del page
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return file
    filled = {key: [first] for key, first in lists.items() if first}
    if len(filled) < 2 or OWN_IDS & lists.keys():
        return file
    return replace(file, records="", columns=tuple(key_paths(filled)))


@contextmanager
def whole(stream: BinaryIO) -> Iterator[bytes | mmap.mmap]:
    """Give all of a stream, mapped where it is a file of its own."""
    try:
        number = stream.fileno()
    except OSError:
        yield stream.read()
        return
    with mmap.mmap(number, 0, access=mmap.ACCESS_READ) as text:
        yield text


def beginning(raw: bytes) -> dict[str, Any] | None:
    """Return the first record of a JSON value that is a list of records, None of any other."""
    text = raw.decode(errors="ignore")
    return decode_one(text[1:].lstrip()) if text.startswith("[") else None


def is_empty_page(text: str) -> bool:
    """Return whether JSON text is an array without elements, or the page of an API whose lists have none."""
    if not EMPTY_LIST.search(text):
        return False
    value = decode_value(text)
    if value is None or text[len_of_first(text) :].strip():
        return False
    if not isinstance(value, dict):
        return bool(value == [])
    inner = value.get(HAL_LISTS)
    lists = [
        v for v in (inner if isinstance(inner, dict) else value).values() if isinstance(v, list)
    ]
    is_page = len(value) == 1 or not PAGING.isdisjoint(value)
    return is_page and not OWN_IDS & value.keys() and bool(lists) and not any(lists)


def first_record(text: str, *, suffix: str) -> tuple[str, FileKind, dict[str, Any] | None]:
    """Return (path of the record list, kind, first record) of JSON text that may be cut off."""
    if text.startswith("["):
        start = text.find("{")
        if start < 0 or text[1:start].strip():
            return "", "json", {}
        return "", "json", decode_one(text[start:])
    whole = decode_one(text)
    if whole is not None:
        inner = whole.get(HAL_LISTS)
        if isinstance(inner, dict) and "id" not in whole and (key := page_key(inner)):
            return f"{HAL_LISTS}.{key}", "json", inner[key][0] if inner[key] else {}
        key = page_key(whole)
        if key is not None:
            return key, "json", whole[key][0] if whole[key] else {}
        rest = text[len_of_first(text) :].lstrip()
        many = rest.startswith("{") or suffix in {".jsonl", ".ndjson"}
        return "", "ndjson" if many else "json", whole
    found = PAGE_LIST.search(text)
    if found is None:
        return "", "json", None
    return found.group(1), "json", decode_one(text[found.end() :])


def page_key(page: dict[str, Any]) -> str | None:
    """Return the key of the one list of records of a page object; None when it is a record itself."""
    if OWN_IDS & page.keys():
        return None
    lists = [
        key
        for key, value in page.items()
        if isinstance(value, list) and all(isinstance(item, dict) for item in value)
    ]
    filled = [key for key in lists if page[key]] or lists
    return filled[0] if len(filled) == 1 else None


def decode_one(text: str) -> dict[str, Any] | None:
    """Return the JSON object at the start of `text`, None when it is broken or cut off."""
    value = decode_value(text)
    return value if isinstance(value, dict) else None if value is None else {}


def decode_value(text: str) -> object:
    """Return the JSON value at the start of `text`, None when it is broken or cut off."""
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    else:
        return value


def len_of_first(text: str) -> int:
    """Return where the first JSON value of `text` ends."""
    return json.JSONDecoder(strict=False).raw_decode(text)[1]


def key_paths(record: dict[str, Any], prefix: str = "", depth: int = 3) -> list[str]:
    """Return the dotted key paths of a record, through objects and the first object of lists."""
    paths: list[str] = []
    for key, value in record.items():
        paths.append(prefix + key)
        inner = value[0] if isinstance(value, list) and value else value
        if isinstance(inner, dict) and depth > 1:
            paths += key_paths(inner, f"{prefix}{key}.", depth - 1)
    return paths[:MAX_COLUMNS]


def first_line(error: Exception) -> str:
    """Return the first line of a library's message."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
