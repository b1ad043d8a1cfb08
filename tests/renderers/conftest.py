"""The report every renderer is shown, and consoles to print it on."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from reports import a_report
from rich.console import Console

if TYPE_CHECKING:
    from kpiaudit.report import Report


@pytest.fixture
def report() -> Report:
    """Two of five SLAs missed."""
    return a_report()


Printed = Callable[..., str]


@pytest.fixture
def printed() -> Printed:
    """What a function prints on a console of a given width, colour and encoding."""

    def capture(
        show: Callable[[Console], None],
        *,
        width: int = 80,
        color: bool = False,
        encoding: str = "utf-8",
    ) -> str:
        raw = io.BytesIO()
        stream = io.TextIOWrapper(raw, encoding=encoding, newline="\n")
        console = Console(
            file=stream,
            width=width,
            force_terminal=color,
            color_system="standard" if color else None,
            markup=False,
            emoji=False,
            highlight=False,
        )
        show(console)
        stream.flush()
        return raw.getvalue().decode(encoding)

    return capture
