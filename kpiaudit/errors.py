"""What kpiaudit raises and the exit codes it ends with; imports nothing heavy."""

from __future__ import annotations

from difflib import get_close_matches
from enum import IntEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class ExitCode(IntEnum):
    """Public: what a shell or a CI job reads. Precedence 3 > 2 > 1 > 4 > 0."""

    KEPT = 0
    """The run ended and every goal that gates was met (`report`: whatever the verdict)."""
    MISSED = 1
    """`check`: at least one goal was missed. `verify`: something is not as in the bundle."""
    COULD_NOT_RUN = 2
    """Usage, policy, unreadable or unsafe input, output that cannot be written."""
    INTERNAL = 3
    """A bug in kpiaudit."""
    NOTHING_TO_JUDGE = 4
    """No export, or a goal without a single decided clock."""
    INTERRUPTED = 130
    """Ctrl-C."""


class KpiauditError(Exception):
    """A problem the user can solve: `where` it is, what is wrong, and a `hint` what to do.

    `where` is a path, `path:row`, or a policy key such as `kpiaudit.toml: sla[1].target`.
    """

    def __init__(self, message: str, *, where: str | None = None, hint: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.where = where
        self.hint = hint

    def __str__(self) -> str:
        """One line: where, then what."""
        return f"{self.where}: {self.message}" if self.where else self.message


class PolicyError(KpiauditError):
    """The policy cannot be used; `faults` holds every (key, message) found."""

    def __init__(self, path: str, faults: Sequence[tuple[str, str]]) -> None:
        self.path = path
        self.faults = tuple(faults)
        count = len(self.faults)
        super().__init__(f"{count} {'mistake' if count == 1 else 'mistakes'}", where=path)

    def lines(self) -> list[str]:
        """Every fault as `path: key: message`."""
        return [
            f"{self.path}: {key}: {text}" if key else f"{self.path}: {text}"
            for key, text in self.faults
        ]


class ExportError(KpiauditError):
    """An export cannot be read, or nobody claims it, or two sources do."""


class UsageError(KpiauditError):
    """The command line asks for something that cannot be."""


class OutputError(KpiauditError):
    """A result cannot be written where it was asked for."""


def some(names: Sequence[str], most: int = 3) -> str:
    """Return the first of some names, and how many more there are: `a, b, c and 2 more`."""
    more = f" and {len(names) - most:,} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more


def nearest(word: str, known: Iterable[str]) -> str:
    """Return `; did you mean 'x'?` for the closest known word, or nothing."""
    close = get_close_matches(word.lower(), sorted(known), n=1, cutoff=0.6)
    return f"; did you mean {close[0]!r}?" if close else ""
