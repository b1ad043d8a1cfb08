"""Does every record of a delimited file have as many fields as its header? Standard library only: a
process of its own asks it of large files, `python -m kpiaudit.decoding.evenness PATH DELIMITER ENCODING`.
"""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from kpiaudit.exports.containers import is_plain, opened
from kpiaudit.exports.dialect import without_preamble
from kpiaudit.exports.looking import look

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

CHUNK = 1 << 18
LARGE = 1 << 26
"""Bytes from which a file is looked at beside its scan, not before it (50 ms)."""
UTF8 = frozenset({"utf-8", "utf-8-sig", "ascii"})
EVEN, UNEVEN = 0, 1


def contents(file: ExportFile) -> bytes:
    """Return a delimited file from its header on, as UTF-8 without a byte order mark."""
    with opened(file) as stream:
        raw = transcoded(stream.read(), file.encoding)
    return without_preamble(raw, file.preamble)


def transcoded(raw: bytes, encoding: str) -> bytes:
    """Return text as UTF-8 without a byte order mark."""
    if encoding not in UTF8:
        raw = raw.decode(encoding, errors="replace").encode()
    return raw.removeprefix(b"\xef\xbb\xbf")


def is_even(file: ExportFile) -> bool:
    """Return whether every record of a delimited file has as many fields as its header.

    Takes 0.4 s for 500 MB. A blank line, an open quote, lines that end in a bare CR and a header that
    comes again are uneven.
    """
    if is_plain(file):
        return is_even_file(file.path, file.delimiter, file.encoding)
    return has_even_records(io.BytesIO(contents(file)), file.delimiter)


def is_even_file(path: Path, delimiter: str, encoding: str) -> bool:
    """Return whether every record of a file has as many fields as its header."""
    if encoding in UTF8:
        with path.open("rb", buffering=0) as stream:
            return has_even_records(stream, delimiter)
    return has_even_records(io.BytesIO(transcoded(path.read_bytes(), encoding)), delimiter)


def has_even_records(stream: BinaryIO | io.RawIOBase, delimiter: str) -> bool:
    """Return whether the delimiters outside quotes come in equal numbers on every line, the first line
    once.
    """
    mark = delimiter.encode()
    noise = bytes(set(range(256)) - set(mark + b'\n"'))
    is_quoted, left, line = False, b"", b""
    header, end = b"", b""
    while chunk := stream.read(CHUNK):
        if not header:
            header = chunk.removeprefix(b"\xef\xbb\xbf").partition(b"\n")[0].strip()
            is_again = mark in header and chunk.count(header) > 1
        else:
            is_again = mark in header and (header in chunk or header in end + chunk[: len(header)])
        if is_again:
            return False
        end = chunk[-max(len(header) - 1, 1) :]
        parts = chunk.translate(None, noise).split(b'"')
        left += b"".join(parts[is_quoted::2])
        is_quoted ^= len(parts) % 2 == 0
        if not line:
            if b"\n" not in left:
                continue
            line = left[: left.index(b"\n") + 1]
        whole = len(left) // len(line) * len(line)
        if left[:whole] != line * (whole // len(line)):
            return False
        left = left[whole:]
    return not is_quoted and bool(line) and left in {b"", line[:-1]}


def ask_early(paths: Iterable[str]) -> dict[Path, subprocess.Popen[bytes]]:
    """Start looking at the large CSVs among the paths a user named, while the program still loads."""
    asked = {}
    for path in map(Path, paths):
        if path.is_file() and path.stat().st_size > LARGE:
            file = look(path, path.name)
            if file is not None and file.kind == "csv" and is_plain(file):
                asked[path.resolve()] = ask(file)
    return asked


def ask(file: ExportFile) -> subprocess.Popen[bytes]:
    """Start a process that looks; a thread would hold the interpreter while the figures are made."""
    return subprocess.Popen(  # noqa: S603  # our own module
        [sys.executable, "-m", __name__, str(file.path.resolve()), file.delimiter, file.encoding],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def answer(asked: subprocess.Popen[bytes], file: ExportFile) -> bool:
    """Return what the process found; looks itself when the process failed."""
    code = asked.wait()
    return is_even(file) if code not in {EVEN, UNEVEN} else code == EVEN


if __name__ == "__main__":
    path, delimiter, encoding = sys.argv[1:]
    sys.exit(EVEN if is_even_file(Path(path), delimiter, encoding) else UNEVEN)
