"""Where results go: stdout in one piece, files whole or not at all, never over an input."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from io import BytesIO, TextIOWrapper
from pathlib import Path
from stat import S_IMODE
from typing import TYPE_CHECKING

from kpiaudit.errors import KpiauditError, OutputError, UsageError, nearest

if TYPE_CHECKING:
    from rich.console import Console

Write = Callable[[Path], None]
"""Fills a file that is there, empty; raises `OSError`."""


def write_out(text: str) -> None:
    """Write to stdout; a reader that has gone away ends the writing quietly.

    Raises `OutputError` when stdout is closed, its disk is full, or its encoding lacks a character.
    """
    stream = sys.stdout
    try:
        if stream is None:
            raise OutputError("is closed", where="stdout", hint="write a file with -o")
        stream.write(text)
        stream.flush()
    except BrokenPipeError:
        silence_stdout()
    except UnicodeEncodeError as error:
        raise OutputError(
            f"its encoding {error.encoding} has no {error.object[error.start]!a}",
            where="stdout",
            hint="set PYTHONIOENCODING=utf-8, or write a file with -o",
        ) from error
    except OSError as error:
        silence_stdout()
        raise OutputError(f"cannot be written: {error.strerror}", where="stdout") from error


def on_screen(text: str) -> str:
    """Return data as it is for a pipe or a file; on a terminal with what acts or hides made visible."""
    from kpiaudit.inert import safe

    return safe(text, keep="\n\t") if sys.stdout is not None and sys.stdout.isatty() else text


def silence_stdout() -> None:
    """Point stdout at nothing, so that the flush at the end of the process cannot fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def show(draw: Callable[[Console], None], *, no_color: bool) -> None:
    """Draw on a console as wide and colourful as stdout is, then write it in one piece."""
    from kpiaudit.renderers.terminal import open_console

    real = open_console(sys.stdout, color=False if no_color else None)
    page = TextIOWrapper(BytesIO(), real.encoding, errors="backslashreplace", newline="")
    color = real.color_system is not None and not no_color
    draw(open_console(page, color=color, width=real.width))
    page.seek(0)
    write_out(page.read())


def one_of(given: str, known: Sequence[str], *, option: str) -> str:
    """Return a word an option accepts. Raises `UsageError` with the nearest."""
    if given not in known:
        raise UsageError(
            f"{given!r} is none of its words{nearest(given, known)}",
            where=option,
            hint=f"choose from {', '.join(known)}",
        )
    return given


def check_target(target: str, exports: Sequence[str]) -> Path:
    """Return the path of an output that can be written. Raises `OutputError` before any work is done."""
    path = Path(target)
    if path.is_dir():
        raise OutputError("is a folder", where=target, hint="name a file in it")
    folder = path.resolve().parent
    if not folder.is_dir():
        raise OutputError(
            "cannot be written: its folder is not there",
            where=target,
            hint=f"make {path.parent.as_posix()} first",
        )
    if path.exists() and not path.is_file():
        raise OutputError("is no regular file", where=target, hint="name another")
    if not os.access(folder, os.W_OK):
        raise OutputError("cannot be written: its folder may not be written to", where=target)
    if path.is_file():
        if not os.access(path, os.W_OK):
            raise OutputError("cannot be written: it is read-only", where=target)
        refuse_input(path, target, exports)
    return path


def refuse_input(path: Path, target: str, exports: Sequence[str]) -> None:
    """Raise `OutputError` when a file that is there already is one of the exports to be read; those that
    cannot be looked at are told of by the run.
    """
    from kpiaudit.exports.discovery import look_inside, walk
    from kpiaudit.report import Ignored

    same = []
    for export in exports:
        with contextlib.suppress(KpiauditError):
            same += [found for found in walk([export]) if is_same(found[0], path)]
    for found, name, is_named in same:
        held = [seen for seen, _ in look_inside(found, name, is_named=is_named)]
        if not all(isinstance(seen, Ignored) for seen in held):
            raise OutputError("is one of the exports", where=target, hint="write somewhere else")


def is_same(one: Path, other: Path) -> bool:
    """Return whether two names are one file, by whatever link or spelling."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def write_file(path: Path, write: Write, *, names_people: bool = False) -> None:
    """Let `write` fill a file beside `path` and put it in its place: whole, or the old one stays.

    Raises `OutputError` when the disk or the folder will not have it.
    """
    write_files([(path, write)], names_people=names_people)


def write_files(targets: Sequence[tuple[Path, Write]], *, names_people: bool = False) -> None:
    """Write several files as `write_file` does: each is put in its place once all are whole.

    A name that is a link stays one; a file keeps its permissions. A new one that `names_people` is its
    owner's alone to read.
    """
    parts: list[tuple[Path, Path]] = []
    path = Path()
    try:
        for path, write in targets:
            final = path.resolve()
            handle, name = tempfile.mkstemp(
                dir=final.parent, prefix=f".{final.name[:100]}.", suffix=".part"
            )
            os.close(handle)
            part = Path(name)
            parts.append((part, final))
            write(part)
            usual = (0o600 if names_people else 0o666) & ~umask()
            part.chmod(S_IMODE(final.stat().st_mode) if final.exists() else usual)
            with part.open("rb+") as stream:
                os.fsync(stream.fileno())
        for part, path in parts:
            part.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot be written: {reason}", where=str(path)) from error
    finally:
        for part, _ in parts:
            with contextlib.suppress(OSError):
                part.unlink(missing_ok=True)


def umask() -> int:
    """Return the process's umask; reading it means setting it twice."""
    mask = os.umask(0)
    os.umask(mask)
    return mask


def write_text(path: Path, text: str, *, names_people: bool = False) -> None:
    """Write text as UTF-8, its line ends as they are, whole or not at all."""
    write_file(path, text_writer(text), names_people=names_people)


def text_writer(text: str) -> Write:
    """Return what writes text as UTF-8, its line ends as they are."""

    def write(part: Path) -> None:
        part.write_bytes(text.encode())

    return write
