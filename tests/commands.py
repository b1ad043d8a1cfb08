"""The command line as a user meets it: arguments in, exit code and the two streams out."""

from __future__ import annotations

import io
import sys
from collections.abc import Iterable
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import NamedTuple
from unittest.mock import patch

from kpiaudit.cli.main import run

HEADER = "conversation_id,message_id,sent_at,event,channel,agent"
"""Columns of canonical messages enough for an audit by channel and agent."""


class Ran(NamedTuple):
    """What a run left behind."""

    code: int
    out: str
    err: str

    @property
    def first(self) -> str:
        """The first line of stderr; empty when there is none."""
        return self.err.partition("\n")[0]


def kpiaudit(*arguments: str | Path) -> Ran:
    """Run a command in this process."""
    out, err = io.StringIO(), io.StringIO()
    given = ["kpiaudit", *map(str, arguments)]
    with patch.object(sys, "argv", given), redirect_stdout(out), redirect_stderr(err):
        code = run()
    return Ran(int(code), out.getvalue(), err.getvalue())


def messages(path: Path, rows: Iterable[str], *, header: str = HEADER) -> Path:
    """Write canonical messages as CSV, making the folder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join([header, *rows, ""]), encoding="utf-8")
    return path


def exchange(name: str, minutes: int, *, day: int = 1, agent: str = "Ana") -> list[str]:
    """Return a question at 10:00 UTC of a day in September 2026, and its answer after some minutes."""
    hour, minute = divmod(10 * 60 + minutes, 60)
    return [
        f"{name},{name}-1,2026-09-{day:02}T10:00:00Z,inbound,email,",
        f"{name},{name}-2,2026-09-{day:02}T{hour:02}:{minute:02}:00Z,outbound,email,{agent}",
    ]
