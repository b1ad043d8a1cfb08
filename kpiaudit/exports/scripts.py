"""Data written as a script, as in the archive of an account on X: `window.YTD.tweets.part0 = [...]`."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathlib import PurePath

ASSIGNMENT: Final = re.compile(r"\s*window\.(YTD\.\w+)\.part\d+\s*=\s*(?=[\[{])")
TOLD: Final = re.compile(
    r"(account|tweets?|direct-messages?(-group)?)(-part\d+)?\.js", re.IGNORECASE
)
"""The files of an archive that say who wrote what to whom; there are some hundred others."""


def is_told_by_name(path: PurePath) -> bool:
    """Return whether a file is called as those of an archive that hold posts, messages or the account."""
    return TOLD.fullmatch(path.name) is not None


def assignment_of(text: str) -> tuple[str, str] | None:
    """Return what a script names the data it holds (`YTD.tweets`), and its text before that data; None
    where it is no such script.
    """
    found = ASSIGNMENT.match(text)
    return (found[1], found[0]) if found else None


def data_of(script: bytes, lead: int) -> bytes:
    """Return the data of a script: what follows its first `lead` bytes, without a semicolon at the end."""
    return script[lead:].rstrip().removesuffix(b";")
