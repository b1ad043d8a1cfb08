"""A real terminal, as a pseudo one: colour when it can, and none when none is wanted."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from commands import exchange, messages

pty = pytest.importorskip("pty")

COLOR = re.compile(rb"\x1b\[[0-9;]*3[0-9]m")
ESCAPE = b"\x1b"


@pytest.fixture
def export(tmp_path: Path) -> Path:
    return messages(tmp_path / "x.csv", [*exchange("c1", 30), *exchange("c2", 90)])


def on_a_terminal(export: Path, *options: str, **variables: str) -> bytes:
    """What a report puts on a terminal."""
    parent, child = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "kpiaudit", "report", export, "--no-config", "--quiet", *options],
        stdin=subprocess.DEVNULL,
        stdout=child,
        stderr=subprocess.DEVNULL,
        env={**os.environ, "TERM": "xterm-256color", **variables},
    )
    os.close(child)
    seen = b""
    try:
        while part := os.read(parent, 1 << 16):
            seen += part
    except OSError:  # Linux ends a terminal nobody holds any more with an error
        pass
    os.close(parent)
    assert process.wait(60) == 0
    assert b"Promise not kept" in seen
    return seen


def test_a_terminal_gets_colour(export: Path) -> None:
    assert COLOR.search(on_a_terminal(export))


def test_no_colour_is_shown_where_the_reader_wants_none(export: Path) -> None:
    assert not COLOR.search(on_a_terminal(export, NO_COLOR="1"))


def test_no_escape_at_all_without_colour_or_on_a_dumb_terminal(export: Path) -> None:
    assert ESCAPE not in on_a_terminal(export, "--no-color")
    assert ESCAPE not in on_a_terminal(export, TERM="dumb")


def test_data_holds_no_escape_on_a_terminal_either(export: Path) -> None:
    export.write_text(export.read_text(encoding="utf-8").replace("Ana", "An\x1b[31ma"))
    parent, child = pty.openpty()
    command = [sys.executable, "-m", "kpiaudit", "clocks", str(export), "--no-config", "--quiet"]
    process = subprocess.Popen(command, stdout=child, stderr=subprocess.DEVNULL)
    os.close(child)
    seen = os.read(parent, 1 << 16)
    assert process.wait(60) == 0
    os.close(parent)
    assert ESCAPE not in seen
    assert rb"An\x1b[31ma" in seen
