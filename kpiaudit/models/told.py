"""Claims as values with a sentence: shares, waits and counts in words, and what is missing where nothing
can be counted.
"""

from __future__ import annotations

from math import ceil
from typing import Final

from kpiaudit.report import Claim

MINUTE: Final = 60
HOUR: Final = 60 * MINUTE
DAY: Final = 24 * HOUR
MOST: Final = 0.9
"""A team is what it says it is from this share on."""
HALF: Final = 0.5
EVEN: Final = 1.5
"""The busiest agent does at most this many times the mean where load is balanced."""
MIN_SAMPLE: Final = 30
"""Fewer say nothing about a difference."""


def claim(
    name: str, value: float | None, unit: str, *, n: int, says: str, holds: bool | None = None
) -> Claim:
    """Return a claim that could be counted."""
    return Claim(claim=name, value=value, unit=unit, n=n, sentence=says, holds=holds)


def missing(name: str, unit: str, reason: str) -> Claim:
    """Return a claim that cannot be counted, with the input it lacks."""
    return Claim(
        claim=name,
        value=None,
        unit=unit,
        n=0,
        sentence=f"not computable: {reason}",
        computable=False,
        reason=reason,
    )


def percent(value: float) -> str:
    """Return a share to one decimal: `61.5%`; only all is 100 and only nothing is 0."""
    shown = f"{value * 100:.1f}"
    if value < 1 and shown == "100.0":
        shown = "99.9"
    if value > 0 and shown == "0.0":
        shown = "0.1"
    return f"{shown.removesuffix('.0')}%"


def time(seconds: float) -> str:
    """Return a wait in its two leading units, rounded up."""
    whole = ceil(round(seconds, 6))
    if whole < MINUTE:
        return f"{whole}s"
    if whole < HOUR:
        return f"{whole // MINUTE}m {whole % MINUTE:02}s"
    if whole < DAY:
        minutes = -(-whole // MINUTE)
        return f"{minutes // 60}h {minutes % 60:02}m"
    hours = -(-whole // HOUR)
    return f"{hours // 24}d {hours % 24:02}h"


def count(number: int, noun: str, nouns: str | None = None) -> str:
    """Return a number with its noun: `1 agent`, `2 agents`."""
    return f"{number:,} {noun if number == 1 else nouns or noun + 's'}"


def part(some: int, number: int, noun: str) -> str:
    """Return `3 of 5 agents`."""
    return f"{some:,} of {count(number, noun)}"


def listed(names: list[str]) -> str:
    """Return `email, chat and social`."""
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
