"""Two sides held side by side, ready to be written: plain values, rounded nowhere.

Durations are seconds, shares 0..1. A difference is the side less its baseline: a positive one in adherence
is better, a positive one in a wait is slower.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from kpiaudit.report import Report, SlaResult

Finding = Literal[
    "better", "worse", "no difference seen", "too few to tell", "too little in common"
]

STRATA: Final = ("channel", "hour_of_week", "priority", "category")
"""What makes two waits alike, unless somebody says otherwise."""
LEVEL: Final = 0.95
MIN_SAMPLE: Final = 30
LEAST_COMMON: Final = 0.5

LIKE_RULE: Final = (
    "Like for like: each side's waits are sorted into strata, and those both sides have are weighed by "
    "the mean of the two mixes. Raw = mix + not shared + performance: mix is what other kinds of waits "
    "explain, not shared what lies in strata only one side has, performance what is left."
)
INTERVAL_RULE: Final = (
    "Shares carry Wilson intervals, medians exact order statistics (none below 6 waits), performance a "
    "score interval (mean waits: a normal one) on the effective sample, 1 / sum(weight squared / n)."
)
SEVERAL_RULE: Final = "With several contrasts of one SLA, performance intervals are widened (Bonferroni) to hold together."


@dataclass(frozen=True, slots=True)
class Side:
    """One side as it is, before anything is made alike."""

    name: str
    decided: int
    met: int
    adherence: float | None
    adherence_low: float | None
    adherence_high: float | None
    n: int
    """Waits ended by an answer or a resolution: what the seconds are taken over."""
    mean_seconds: float | None
    median_seconds: float | None
    median_low: float | None
    median_high: float | None


@dataclass(frozen=True, slots=True)
class Difference:
    """How a side differs from its baseline, and how much of that is mix and how much performance.

    None where either side has nothing, or nothing is shared.
    """

    raw: float | None
    mix: float | None
    unshared: float | None
    performance: float | None
    low: float | None
    high: float | None
    baseline: float | None
    """The baseline at the common mix."""
    side: float | None
    """The side at the common mix."""
    shared_baseline: float
    """Share of the baseline's waits that lie in strata both have."""
    shared_side: float
    strata: int
    """Strata both have, of `strata_all`."""
    strata_all: int
    effective_baseline: float
    """The sample of equal weights that would tell as much."""
    effective_side: float
    finding: Finding


@dataclass(frozen=True, slots=True)
class Contrast:
    """A side against its baseline."""

    baseline: str
    side: str
    adherence: Difference
    mean_seconds: Difference


@dataclass(frozen=True, slots=True)
class SlaComparison:
    """One SLA, side by side."""

    sla: SlaResult
    sides: tuple[Side, ...]
    """The baseline first."""
    contrasts: tuple[Contrast, ...]


@dataclass(frozen=True, slots=True)
class Compared:
    """Sides of one audit, or two audits, like for like."""

    report: Report
    """Of the baseline's audit: the promise, the zone, what was read."""
    others: tuple[Report, ...]
    """Of the other folders, where folders are the sides; else empty."""
    by: str
    """What makes the sides: `folder`, `period`, or the dimension's name."""
    strata: tuple[str, ...]
    min_sample: int
    slas: tuple[SlaComparison, ...]
    notes: tuple[str, ...] = ()
