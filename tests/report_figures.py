"""Figures of a report made by hand, whose sums hold."""

from __future__ import annotations

from kpiaudit.report import Figures, Group, Verdict

HOUR = 3600.0


def figures(
    met: int,
    breached: int,
    *,
    still_open: int = 0,
    at_risk: int = 0,
    excluded: int = 0,
    unanswered: int = 0,
    median: float | None = None,
) -> Figures:
    """Figures whose sums hold: the other statistics are fixed multiples of the median."""
    decided = met + breached
    return Figures(
        clocks=decided + still_open + excluded,
        met=met,
        breached=breached,
        open=still_open,
        at_risk=at_risk,
        excluded=excluded,
        adherence=met / decided if decided else None,
        unanswered=unanswered,
        n=decided - (unanswered - still_open),
        mean_seconds=None if median is None else median * 1.5 + 0.25,
        median_seconds=median,
        p90_seconds=None if median is None else median * 3,
        p95_seconds=None if median is None else median * 5,
        max_seconds=None if median is None else median * 40,
    )


def group(dimension: str, value: str, values: Figures, *, verdict: Verdict | None = None) -> Group:
    """The figures of one value of one dimension."""
    return Group(by={dimension: value}, figures=values, verdict=verdict)
