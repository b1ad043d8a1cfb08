"""What a first policy is written from: what exports hold, and the mappings of those no source claims."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Kept:
    """A promise for one channel and metric: `target` is None where nothing was decided."""

    channel: str
    metric: str
    waits: int
    target: timedelta | None
    adherence: float | None
    tightest: timedelta | None
    """The shortest target the goal would be reached at, to the second."""


@dataclass(frozen=True, slots=True)
class TeamSeen:
    """A team as exports name it, the channels it answers on, and how many replies it wrote."""

    name: str
    channels: tuple[str, ...]
    replies: int


@dataclass(frozen=True, slots=True)
class Observed:
    """What a first policy can be written from."""

    exports: tuple[str, ...]
    conversations: int
    zoneless: tuple[str, ...]
    undecided: tuple[tuple[str, int], ...]
    """Writers of rows nobody can decide without `[us]`, and their rows; first who answered most."""
    undecided_domain: str | None
    channels: tuple[tuple[str, int], ...]
    """Channel and conversations, the busiest first."""
    teams: tuple[TeamSeen, ...]
    hours: tuple[tuple[str, str], ...]
    """Days and span, such as `("mon-fri", "08:00-18:00")`; empty where none can be told."""
    replies: int


@dataclass(frozen=True, slots=True)
class Mapped:
    """The parts of a policy that map tables no source claims."""

    sections: tuple[str, ...] = ()
    """One `[sources.NAME]` each, as TOML."""
    undrafted: tuple[str, ...] = ()
    """Files without a column of dates with a time of day."""
    needs_zone: bool = False
    """Whether stamps have no offset."""
    us: dict[str, list[str]] = field(default_factory=dict)
    """`domains` or `agents`: who answers others' conversations."""
    writers: str = ""
    """Who wrote most rows, with their counts."""


def quoted(text: str) -> str:
    """Return text as a TOML string on one line."""
    escaped = json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
    return re.sub(r"[\x80-\x9f\u2028\u2029]", lambda found: f"\\u{ord(found[0]):04x}", escaped)
