"""Whether every record of a delimited file has as many fields as its header.

A program too, `python even_records.py PATH DELIMITER ENCODING`, that ends with EVEN or UNEVEN: it starts in
10 ms because it imports nothing else of ours.
"""

from __future__ import annotations

import io
import sys

CHUNK = 1 << 18
UTF8 = frozenset({"utf-8", "utf-8-sig", "ascii"})
EVEN, UNEVEN = 0, 1


def transcoded(raw: bytes, encoding: str) -> bytes:
    """Return text as UTF-8 without a byte order mark."""
    if encoding not in UTF8:
        raw = raw.decode(encoding, errors="replace").encode()
    return raw.removeprefix(b"\xef\xbb\xbf")


def is_even_file(path: str, delimiter: str, encoding: str) -> bool:
    """Return whether every record of a file has as many fields as its header."""
    with open(path, "rb", buffering=0) as stream:  # noqa: PTH123  # pathlib takes 10 ms
        if encoding in UTF8:
            return has_even_records(stream, delimiter)
        return has_even_records(io.BytesIO(transcoded(stream.read(), encoding)), delimiter)


def has_even_records(stream: io.BufferedIOBase | io.RawIOBase, delimiter: str) -> bool:
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


if __name__ == "__main__":
    sys.exit(EVEN if is_even_file(*sys.argv[1:]) else UNEVEN)
