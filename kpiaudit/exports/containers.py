"""What lies inside archives, read in place: zip members and gzip streams, never unpacked to disk.

Everything is counted while it is unpacked: entries, bytes and ratio. What an archive says of itself is
believed only where it makes the limits tighter. Standard library only.
"""

from __future__ import annotations

import gzip
import io
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, BinaryIO, Final, Protocol

from kpiaudit.errors import ExportError
from kpiaudit.exports.scripts import data_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

    from kpiaudit.sources.base import ExportFile

ENTRIES: Final = 20_000
"""A Slack export has a file for every channel and day, a Twitter archive one for every picture."""
DIRECTORY: Final = 1 << 24
MEMBER: Final = 1 << 31
TOTAL: Final = 1 << 33
RATIO: Final = 200
FREE: Final = 1 << 24
"""Bytes anything may unpack to, whatever its ratio."""

PACKED = frozenset(
    {".zip", ".gz", ".tgz", ".bz2", ".xz", ".zst", ".7z", ".rar", ".tar", ".xlsx", ".xlsm"}
)
METHODS = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
"""The others unpack a few bytes into many at one go."""
ENCRYPTED = 0x1 | 0x40 | 0x2000
DRIVE = re.compile(r"[A-Za-z]:")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    EOFError,
    OSError,
    ValueError,
    NotImplementedError,
    OverflowError,
)
END, END_64 = b"PK\5\6", b"PK\6\6"
LOCATOR_64 = b"PK\6\7"
LOCAL = struct.Struct("<4s22xHH")
LOCAL_MARK = b"PK\3\4"
Directory = tuple[list[zipfile.ZipInfo], dict[str, zipfile.ZipInfo]]
UNPACK_IT = "unpack it and name the folder it was unpacked into"


@dataclass(frozen=True, slots=True)
class Member:
    """One file of an archive: its name inside, the entry it is, and why it cannot be read."""

    name: str
    entry: str
    fault: str = ""


class Stream(Protocol):
    """What is unpacked."""

    def read(self, size: int, /) -> bytes:
        """Return up to so many bytes, none at the end."""

    def close(self) -> None:
        """Let go of the file."""


class Counted(io.RawIOBase):
    """A stream that is unpacked no further than the limits allow. Raises `ExportError` beyond, and for
    a damaged stream.
    """

    def __init__(self, stream: Stream, *, packed: int, where: str) -> None:
        self.stream = stream
        self.packed = packed
        self.where = where
        self.count = 0

    def readable(self) -> bool:
        """Return that it can be read."""
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        """Read and count."""
        view = memoryview(buffer).cast("B")
        try:
            chunk = self.stream.read(len(view))
        except DAMAGED as error:
            raise damaged(error, self.where) from error
        self.count += len(chunk)
        if self.count > MEMBER:
            raise too_large(self.where, f"unpacks to more than {size(MEMBER)}")
        if self.count > FREE and self.count > RATIO * max(self.packed, 1):
            raise too_large(self.where, f"unpacks to more than {RATIO} times its size")
        view[: len(chunk)] = chunk
        return len(chunk)

    def close(self) -> None:
        """Close the stream under it too."""
        self.stream.close()
        super().close()


def opened(file: ExportFile) -> BinaryIO:
    """Return a file's bytes as a stream, unpacked, with the header it lacks, and without what makes a script
    of data. Raises `ExportError` and `OSError`.
    """
    if file.lead:
        with unpacked(file) as stream:
            return io.BytesIO(data_of(stream.read(), file.lead))
    if not file.header:
        return unpacked(file)
    with unpacked(file) as stream:
        return io.BytesIO(file.header.encode() + b"\n" + stream.read())


def unpacked(file: ExportFile) -> BinaryIO:
    """Return a file's bytes as a stream, unpacked."""
    if file.content is not None:
        return io.BytesIO(file.content)
    if file.packing == "zip":
        return open_member(file.path, file.member, where=file.name)
    if file.packing == "gzip":
        packed = file.path.stat().st_size
        stream = gzip.open(file.path)  # noqa: SIM115  # the reader closes it
        return io.BufferedReader(Counted(stream, packed=packed, where=file.name))
    if file.packing == "xlsx":
        from kpiaudit.exports.workbooks import sheet_text

        return io.BytesIO(sheet_text(file.path, file.member, where=file.name))
    return file.path.open("rb")


def is_plain(file: ExportFile) -> bool:
    """Return whether the file on disk is what is to be read, from its first byte to its last."""
    is_whole = not file.packing and file.content is None
    return is_whole and not file.preamble and not file.header and not file.lead


def members(path: Path, name: str) -> list[Member]:
    """Return the files of a zip archive, by name. Raises `ExportError` for one that is not safe."""
    found = [member_of(entry) for entry in entries(path, name) if not entry.is_dir()]
    found = [member for member in found if not member.entry.endswith("\\")]
    twice = [inside for inside, count in Counter(m.name for m in found).items() if count > 1]
    if twice:
        raise ExportError(f"holds {min(twice)!r} more than once", where=name, hint=UNPACK_IT)
    if not found:
        raise ExportError("holds no file", where=name, hint="export it again")
    return sorted(found, key=lambda member: PurePosixPath(member.name).parts)


def entries(path: Path, name: str) -> Iterator[zipfile.ZipInfo]:
    """Yield the entries of an archive, each looked at. Raises `ExportError` for one that is not safe."""
    with path.open("rb") as stream:
        length = directory_length(stream)
    if length > DIRECTORY:
        raise too_large(name, f"has a directory of {size(length)}, {size(DIRECTORY)} at most")
    listed, _ = directory(path, name)
    if len(listed) > ENTRIES:
        raise too_large(name, f"holds {len(listed):,} files, {ENTRIES:,} at most")
    total = sum(entry.file_size for entry in listed)
    if total > TOTAL:
        raise too_large(name, f"unpacks to {size(total)}, {size(TOTAL)} at most")
    for entry in listed:
        fault = danger_of(entry)
        if fault:
            shown = CONTROL.sub("?", entry.filename)
            raise ExportError(
                f"is not safe: {shown!r} {fault}", where=name, hint="ask who made this archive"
            )
        yield entry


def danger_of(entry: zipfile.ZipInfo) -> str:
    """Return what no honest export has."""
    inside = entry.filename.replace("\\", "/")
    if CONTROL.search(entry.orig_filename):
        return "has control characters in its name"
    if inside.startswith("/"):
        return "is an absolute path"
    if DRIVE.match(inside):
        return "names a drive"
    if ".." in inside.split("/"):
        return "leads out of the archive"
    if stat.S_IFMT(entry.external_attr >> 16) not in {0, stat.S_IFREG, stat.S_IFDIR}:
        return "is a link or a device"
    return ""


def member_of(entry: zipfile.ZipInfo) -> Member:
    """Return an entry as a member, with the reason why it cannot be read."""
    name = PurePosixPath(entry.filename.replace("\\", "/"))
    fault = ""
    if entry.flag_bits & ENCRYPTED:
        fault = "is encrypted"
    elif entry.compress_type not in METHODS:
        fault = "is packed by a method that is not read"
    elif name.suffix.lower() in PACKED:
        fault = "is an archive inside an archive"
    elif entry.file_size > MEMBER:
        fault = f"is larger than {size(MEMBER)}"
    return Member(name.as_posix(), entry.filename, fault)


def open_member(path: Path, entry: str, *, where: str) -> BinaryIO:
    """Return a member's bytes as a stream, counted. Raises `ExportError` for a damaged one."""
    _, named = directory(path, where)
    info = named[entry]
    archive = path.open("rb")
    try:
        archive.seek(info.header_offset)
        mark, name, extra = LOCAL.unpack(archive.read(LOCAL.size))
        if mark != LOCAL_MARK:
            raise zipfile.BadZipFile("no file stands where its directory says")
        archive.seek(name + extra, io.SEEK_CUR)
        stream = zipfile.ZipExtFile(archive, "r", info, None, True)  # noqa: FBT003  # it closes the file
    except DAMAGED as error:
        archive.close()
        raise damaged(error, where) from error
    counted = Counted(stream, packed=info.compress_size, where=where)
    return io.BufferedReader(counted)


def directory(path: Path, name: str) -> Directory:
    """Return what an archive says it holds, in its order and by name, read once while the file stays the same."""
    try:
        found = path.stat()
        return read_directory(path, (found.st_size, found.st_mtime_ns))
    except DAMAGED as error:
        raise damaged(error, name) from error


@lru_cache(maxsize=4)
def read_directory(path: Path, _stamp: tuple[int, int]) -> Directory:
    """Return the directory of an archive."""
    with zipfile.ZipFile(path) as archive:
        return archive.infolist(), archive.NameToInfo


def directory_length(stream: BinaryIO) -> int:
    """Return how long an archive says its directory is, 0 when it says nothing."""
    length = stream.seek(0, io.SEEK_END)
    stream.seek(max(length - (1 << 16) - 22, 0))
    tail = stream.read()
    at = tail.rfind(END)
    if at < 0 or len(tail) < at + 22:
        return 0
    told: int = struct.unpack_from("<L", tail, at + 12)[0]
    if at >= 76 and tail[at - 20 :].startswith(LOCATOR_64) and tail[at - 76 :].startswith(END_64):
        told = max(told, struct.unpack_from("<Q", tail, at - 76 + 40)[0])
    return told if told != 0xFFFFFFFF else 0


def damaged(error: Exception, where: str) -> ExportError:
    """Return the error for an archive that cannot be unpacked."""
    text = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return ExportError(
        f"cannot be unpacked: {text[:1].lower() + text[1:]}",
        where=where,
        hint="the archive is damaged or cut off; export it again",
    )


def too_large(where: str, text: str) -> ExportError:
    """Return the error for an archive beyond a limit."""
    return ExportError(text, where=where, hint=UNPACK_IT)


def size(count: int) -> str:
    """Return a number of bytes as a person says it."""
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if count < 1 << 10:
            return f"{count:,} {unit}"
        count >>= 10
    return f"{count:,} TiB"
