"""What verifying an evidence bundle found, ready to be written; imports nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

InputKind = Literal["changed", "missing", "new", "renamed", "read otherwise"]


@dataclass(frozen=True, slots=True)
class Change:
    """A value that is not what the bundle says: where, then and now; None is not there."""

    where: str
    was: object
    now: object


@dataclass(frozen=True, slots=True)
class InputChange:
    """An export that is not the one the bundle was made from, or was read otherwise."""

    name: str
    kind: InputKind
    fields: tuple[Change, ...]
    """Its name, size, SHA-256 and row counts, where they differ."""


@dataclass(frozen=True, slots=True)
class ClockChange:
    """One field of one clock; `field` is `clock` when the whole of it is there only then or only now."""

    system: str
    conversation_id: str
    metric: str
    ordinal: str
    sla: str
    field: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True)
class Verification:
    """A bundle held against the same audit run again."""

    made_by: str
    """The version of kpiaudit that wrote the bundle."""
    policy: tuple[str, str] | None
    """Name and SHA-256 of the bundle's policy; None for the default promise."""
    as_of: dict[str, datetime]
    """System to instant, in the bundle."""
    input_count: int
    """Exports of the bundle."""
    clock_count: int
    """Clocks of the audit run again."""
    inputs: tuple[InputChange, ...]
    settings: tuple[Change, ...]
    versions: tuple[Change, ...]
    """Versions, zone data and holidays that differ: reasons, not findings."""
    figures: tuple[Change, ...]
    """Of SLAs as `name: figure`, of their groups as `name: groups [team=a]: figure`."""
    report: tuple[Change, ...]
    """The rest of the report: `as_of`, the period, the identity."""
    rejects: tuple[Change, ...]
    """Rejected rows as `export:row`, with their rule."""
    changed_clocks: int
    clocks: tuple[ClockChange, ...]
    """What differs in the first clocks that do."""

    @property
    def is_identical(self) -> bool:
        """Whether inputs, settings, figures, clocks and rejects all are as the bundle says."""
        found = (self.inputs, self.settings, self.figures, self.report, self.rejects)
        return not any(found) and not self.changed_clocks
