"""A first look at a file: what kind it is, its encoding, delimiter and columns, from its head only."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

from kpiaudit.errors import ExportError
from kpiaudit.sources.base import ExportFile, FileKind

DATA_SUFFIXES = frozenset({".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".parquet"})
HEAD = 1 << 16
LONGEST_RECORD = 1 << 23
DELIMITERS = (",", ";", "\t", "|")
MAX_COLUMNS = 2_000
PAGE_LIST = re.compile(r'"([^"\\]+)"\s*:\s*\[\s*(?=\{)')


def look(path: Path, name: str) -> ExportFile | None:
    """Return what `path` holds, None when it is no data file; reads only its first bytes.

    Raises `ExportError` for an empty file, text that cannot be decoded and JSON broken at its start.
    """
    try:
        with path.open("rb") as stream:
            head = stream.read(HEAD)
    except OSError as error:
        raise ExportError(
            f"cannot be read: {error.strerror}", where=name, hint="check its permissions"
        ) from error
    if not head.strip():
        raise ExportError("is empty", where=name, hint="export it again")
    if head.startswith(b"PAR1"):
        return look_at_parquet(path, name)
    encoding = encoding_of(head)
    if encoding is None:
        return None
    text = decode(head, encoding)
    start = text.lstrip("\ufeff \t\r\n")
    if start.startswith(("{", "[")):
        return look_at_json(path, name, encoding=encoding)
    if path.suffix.lower() in {".json", ".jsonl", ".ndjson"}:
        raise ExportError("is not JSON", where=name, hint="it starts with " + repr(start[:20]))
    return look_at_csv(path, name, text, encoding=encoding)


def encoding_of(head: bytes) -> str | None:
    """Return the encoding the first bytes tell, None for bytes that are no text."""
    if head.startswith(b"\xef\xbb\xbf"):
        return "utf-8-sig"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    zeros = head.count(b"\0")
    if zeros > len(head) // 4:
        odd = head[1::2].count(b"\0")
        return "utf-16-le" if odd > zeros // 2 else "utf-16-be"
    if zeros:
        return None
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return "cp1252" if looks_like_text(head) else None
    return "utf-8"


def looks_like_text(head: bytes) -> bool:
    """Return whether bytes that are not UTF-8 hold few control characters."""
    controls = sum(byte < 32 and byte not in (9, 10, 13) for byte in head)
    return controls * 100 < len(head)


def decode(head: bytes, encoding: str) -> str:
    """Return the head as text; a character cut in two at its end is left out."""
    return head.decode(encoding, errors="ignore")


def look_at_parquet(path: Path, name: str) -> ExportFile:
    """Return a Parquet file with its column names. Raises `ExportError` when it is damaged."""
    import polars as pl  # 0.2 s: only when there is such a file

    try:
        columns = tuple(pl.read_parquet_schema(path))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise ExportError(
            f"is not a whole Parquet file: {first_line(error)}", where=name
        ) from error
    return ExportFile(path, name, "parquet", columns)


def look_at_csv(path: Path, name: str, text: str, *, encoding: str) -> ExportFile:
    """Return a delimited file with its header; the delimiter is the one the header has most of."""
    text = text.lstrip("\ufeff")
    line = text.splitlines()[0]
    delimiter = max(DELIMITERS, key=line.count)
    try:
        header = next(csv.reader(text.splitlines(keepends=True), delimiter=delimiter), [])
    except csv.Error as error:
        raise ExportError(f"has no readable header: {error}", where=name) from error
    if len(header) > MAX_COLUMNS:
        raise ExportError(f"has {len(header)} columns, {MAX_COLUMNS} at most", where=name)
    return ExportFile(path, name, "csv", tuple(header), encoding=encoding, delimiter=delimiter)


def look_at_json(path: Path, name: str, *, encoding: str) -> ExportFile:
    """Return a JSON file with the key paths of its first record and where the records lie."""
    with path.open("rb") as stream:
        text = decode(stream.read(LONGEST_RECORD), encoding).lstrip("\ufeff \t\r\n")
    records, kind, first = first_record(text, suffix=path.suffix.lower())
    if first is None:
        raise ExportError(
            "is broken JSON: its first record does not end",
            where=name,
            hint="the export was cut off; export it again",
        )
    return ExportFile(path, name, kind, tuple(key_paths(first)), encoding=encoding, records=records)


def first_record(text: str, *, suffix: str) -> tuple[str, FileKind, dict[str, Any] | None]:
    """Return (path of the record list, kind, first record) of JSON text that may be cut off."""
    if text.startswith("["):
        start = text.find("{")
        if start < 0 or text[1:start].strip():
            return "", "json", {}
        return "", "json", decode_one(text[start:])
    whole = decode_one(text)
    if whole is not None:
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
    if "id" in page or "kpiaudit_version" in page:
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
    try:
        value, _ = json.JSONDecoder(strict=False).raw_decode(text)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else {}


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
