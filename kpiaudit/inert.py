"""Text that a spreadsheet would run, and the apostrophe that keeps it from doing so."""

from __future__ import annotations

from typing import Final

FORMULA: Final = r"""[\s"'‘’“”＂＇]*[=+\-@\t\r\n＝＋－＠]"""  # noqa: RUF001  # full-width signs run too
"""How a cell starts that a spreadsheet runs: also behind spaces or quotes, also full-width. A regular
expression to be matched at the start of a text."""

GUARD: Final = "'"
"""Goes before such a text in every CSV we write, and is taken away again where we read our own."""
