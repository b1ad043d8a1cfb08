r"""Text from outside made inert: what a terminal, a spreadsheet or Markdown would act on, or hide.

Nothing else decides about it. Names, file names and column headers go through here as message texts do.
"""

from __future__ import annotations

import re
from typing import Final

INVISIBLE: Final = (
    "\x00-\x1f\x7f-\x9f"
    "\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    "\u2060-\u206f\u3164\ufe00-\ufe0d\ufeff\uffa0\ufff9-\ufffb\ufffe\uffff"
    "\ud800-\udfff\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
"""Control bytes, direction marks, zero-width characters, tags, the selectors texts are smuggled in, and
lone surrogates, and the two letters XML does not hold, as a regex class. The selectors of emoji and text
presentation stay."""

FORMULA: Final = r"""[\s"'‘’“”＂＇]*[=+\-@\t\r\n＝＋－＠]"""  # noqa: RUF001  # full-width signs run too
"""How a cell starts that a spreadsheet runs: also behind spaces or quotes, also full-width. A regular
expression to be matched at the start of a text."""

GUARD: Final = "'"
"""Goes before such a text in every CSV we write, and is taken away again where we read our own."""

CELL_MOST: Final = 32_767
"""Characters (UTF-16 units) of a cell in an Excel workbook."""
CUT: Final = " […]"

AZURE_COMMAND: Final = r"(?<=#)#(?=\[|vso\[)"
GITHUB_COMMAND: Final = r":(?=:[A-Za-z])"
"""The sign that makes a line in the log of a CI system, or the rest of one, a command."""

_UNSAFE: Final = re.compile(f"[{INVISIBLE}]|{AZURE_COMMAND}|{GITHUB_COMMAND}")
_FORMULA: Final = re.compile(FORMULA)
_MARKUP: Final = re.compile(r"[\\`*\[\]<>#|~&]|_(?![^\W_])|(?<![^\W_])_")
_LINKED: Final = re.compile(
    r"@|#\d|\$|://|:[\w+-]*[a-z+-][\w+-]*:|^\W*(?:www\.|gh-\d)"
    r"|\b(?=\d*[a-f])(?=[a-f]*\d)[0-9a-f]{7,40}\b",
    re.IGNORECASE,
)
"""What GitHub makes links, mentions, emoji or mathematics of, backslash or not."""
_LONG_WORD: Final = 1_000
"""Beyond, a word is code without being looked at, which would take the square of its length."""
_LISTED: Final = re.compile(r"^(\d{1,9}(?=[.)](?: |$))|(?=[-+=]))")


def safe(text: str, *, keep: str = "") -> str:
    r"""Return text in which nothing acts or hides, in a terminal or in the log of a CI system: such
    characters appear as `\xNN` or `\uNNNN`.
    """
    return _UNSAFE.sub(lambda found: found[0] if found[0] in keep else _visible(found[0]), text)


def _visible(character: str) -> str:
    code = ord(character)
    if code > 0xFFFF:
        return f"\\U{code:08x}"
    return f"\\u{code:04x}" if code > 0xFF else f"\\x{code:02x}"


def runs(text: str) -> bool:
    """Return whether a spreadsheet takes text for a formula."""
    return bool(_FORMULA.match(text))


def csv_cell(text: str) -> str:
    """Return text no spreadsheet takes for a formula: an apostrophe goes before one."""
    return (GUARD if runs(text) else "") + safe(text, keep="\t\n:#")


def sheet_cell(text: str) -> str:
    """Return text a cell of a workbook can hold; what is cut off is seen to be."""
    shown = safe(text, keep="\t\n:#")
    if len(shown.encode("utf-16-le")) <= 2 * CELL_MOST:
        return shown
    kept = shown.encode("utf-16-le")[: 2 * (CELL_MOST - len(CUT))]
    return kept.decode("utf-16-le", "ignore") + CUT


def markdown(text: str) -> str:
    """Return text as Markdown that shows it and does nothing else, in a line or in a table's cell.

    Markup is escaped; a word GitHub would link or turn into something is code.
    """
    words = [
        _code(word)
        if len(word) > _LONG_WORD or _LINKED.search(word)
        else _MARKUP.sub(_escape, word)
        for word in safe(text).split(" ")
    ]
    return _LISTED.sub(r"\1\\", " ".join(words))


def _escape(found: re.Match[str]) -> str:
    return {"<": "&lt;", ">": "&gt;"}.get(found[0], f"\\{found[0]}")


def _code(word: str) -> str:
    longest = max((len(run) for run in re.findall("`+", word)), default=0)
    fence = "`" * (longest + 1)
    room = " " if word[0] == "`" or word[-1] == "`" else ""
    return f"{fence}{room}{word}{room}{fence}".replace("|", "\\|")
