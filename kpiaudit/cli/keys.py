"""The key of pseudonyms: from the environment, or from a file nobody else may read."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from kpiaudit import diagnostics
from kpiaudit.errors import UsageError

if TYPE_CHECKING:
    from kpiaudit.privacy import Pseudonyms

KEY = "KPIAUDIT_PSEUDONYM_KEY"
KEY_FILE = "KPIAUDIT_PSEUDONYM_KEY_FILE"
SHORTEST = 16
HINT = "make one with: python3 -c 'import secrets; print(secrets.token_hex(32))'"


def pseudonyms_for(*, quiet: bool) -> Pseudonyms:
    """Return the pseudonyms of the key the environment holds or names; else of one for this run alone.

    Raises `UsageError` for a key too short to keep anything, or a file others may read.
    """
    import secrets

    from kpiaudit.privacy import Pseudonyms

    told, where = os.environ.get(KEY, "").strip(), KEY
    if not told and (named := os.environ.get(KEY_FILE)):
        told, where = key_in(Path(named)), f"{KEY_FILE} {named}"
    if told:
        if len(told) < SHORTEST:
            raise UsageError(f"is shorter than {SHORTEST} characters", where=where, hint=HINT)
        return Pseudonyms(told.encode())
    diagnostics.note(
        f"neither {KEY} nor {KEY_FILE} is set: these pseudonyms hold for this run alone",
        quiet=quiet,
    )
    return Pseudonyms(secrets.token_bytes(32), is_lasting=False)


def key_in(path: Path) -> str:
    """Return the key a file holds. Raises `UsageError` for one that others may read."""
    where = f"{KEY_FILE} {path}"
    try:
        mode = path.stat().st_mode
        if os.name == "posix" and stat.S_IMODE(mode) & 0o077:
            raise UsageError("may be read by others", where=where, hint=f"run: chmod 600 {path}")
        return path.read_text(encoding="utf-8").strip()
    except (OSError, ValueError) as error:
        raise UsageError("cannot be read", where=where, hint=HINT) from error


def refuse_rows(least: int, *, what: str) -> None:
    """Raise `UsageError` where every clock or message is asked for and small groups are not to be shown."""
    if least:
        raise UsageError(
            f"{what}, so no group can be kept out of it",
            where=f"--min-group {least}",
            hint="--min-group 0 shows it all",
        )


def refuse_text(*, text: bool, pseudonymize: bool, option: str = "--text") -> None:
    """Raise `UsageError` where message text is asked for of people without names: it tells theirs."""
    if text and pseudonymize:
        raise UsageError(
            "message text names people",
            where=option,
            hint=f"leave out {option} or --pseudonymize",
        )
