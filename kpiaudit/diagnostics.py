"""Everything kpiaudit writes to stderr: errors, warnings, notes and the progress of long work."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from kpiaudit.errors import KpiauditError, PolicyError

QUIET_SECONDS = 0.5
"""Work shorter than this shows no progress."""


def tell(kind: str, message: str, hint: str | None = None) -> None:
    """Write one line `kpiaudit: kind: message`, and what to do on a second one.

    A stderr that is closed, or nobody reads any more, changes nothing about the run.
    """
    from kpiaudit.inert import safe

    text = f"kpiaudit: {kind}: {safe(message)}\n" + (f"  hint: {safe(hint)}\n" if hint else "")
    with contextlib.suppress(OSError, AttributeError):
        sys.stderr.write(text)
        sys.stderr.flush()


def tell_error(error: KpiauditError) -> None:
    """Write an error; a policy's faults are one line each."""
    if isinstance(error, PolicyError):
        for line in error.lines():
            tell("error", line)
        return
    tell("error", str(error), error.hint)


def warn(problems: Sequence[str], *, verbose: bool = False) -> None:
    """Write warnings, one line each: the first few, unless verbose."""
    from kpiaudit.renderers.text import few

    for problem in problems if verbose else few(problems):
        tell("warning", problem)


def note(message: str, *, quiet: bool) -> None:
    """Write a line the user may want to know, unless quiet."""
    if not quiet:
        tell("note", message)


@contextmanager
def progress(*, quiet: bool, steps: int = 6) -> Iterator[Callable[[str], None]]:
    """Yield a function to call with the name of each step; draws a bar when stderr is a terminal and the
    work is long.
    """
    if quiet or sys.stderr is None or not sys.stderr.isatty():
        yield lambda _: None
        return
    from rich.console import Console  # 80 ms, and only on a terminal
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    from kpiaudit.inert import safe

    began = time.monotonic()
    bar = Progress(
        TextColumn("[dim]{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
        console=Console(stderr=True),
        transient=True,
    )
    task = bar.add_task("", total=steps)

    def step(name: str) -> None:
        if not bar.live.is_started and time.monotonic() - began > QUIET_SECONDS:
            bar.start()
        bar.update(task, description=safe(name), advance=1)

    try:
        yield step
    finally:
        bar.stop()
