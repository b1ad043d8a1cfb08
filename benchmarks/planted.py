"""Two synthetic teams, compared again and again: how often a difference is found that is there, or is not.

Both answer mail and chat at twenty hours of the week, urgent or not; the first mostly chat by day, the
second mostly mail by night. Waits are lognormal, each stratum with its own median; `factor` multiplies the
second team's waits, so 1 is equal skill. Prints one Markdown row per experiment.

    python benchmarks/planted.py                     # 1,000 seeds each
    python benchmarks/planted.py --seeds 50          # a first look
"""

from __future__ import annotations

import argparse
from collections import Counter
from math import log
from random import Random
from statistics import NormalDist
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.comparison.intervals import share_difference
from kpiaudit.comparison.standardize import ADHERENCE, MEAN, difference
from kpiaudit.comparison.strata import tallied

if TYPE_CHECKING:
    from kpiaudit.comparison.compared import Difference

STRATA = ("channel", "hour_of_week", "priority")
TARGET = 3600.0
SIGMA = 1.0
KINDS = [(c, h, p) for c in ("chat", "email") for h in range(20) for p in ("normal", "urgent")]
HEADER = (
    "| waits a side | second team's waits | like for like, truly | raw finds one | like for like finds one "
    "| the right way | mean wait finds one | interval holds the truth | too few or too little in common |\n"
    "|---|---|---|---|---|---|---|---|---|"
)


def median_wait(kind: tuple[str, int, str]) -> float:
    """Return the median wait of a stratum in seconds: mail, nights and routine take longer."""
    channel, hour, priority = kind
    base = 900.0 if channel == "chat" else 2700.0
    return base * (1.5 if hour >= 10 else 1.0) * (0.8 if priority == "urgent" else 1.0)


def weight(kind: tuple[str, int, str], team: int) -> float:
    """Return how often a team meets a stratum."""
    is_favourite = (kind[0] == "chat") == (team == 0)
    is_shift = (kind[1] < 10) == (team == 0)
    return (3.0 if is_favourite else 1.0) * (2.0 if is_shift else 1.0)


def adherence(kind: tuple[str, int, str], factor: float) -> float:
    """Return the true share within the target."""
    return NormalDist(log(median_wait(kind) * factor), SIGMA).cdf(log(TARGET))


def drawn(random: Random, size: int, factor: float) -> pl.DataFrame:
    """Return waits of both teams as the comparison keys them."""
    rows = []
    for team, name in enumerate("AB"):
        scale = factor if team else 1.0
        for kind in random.choices(KINDS, [weight(kind, team) for kind in KINDS], k=size):
            seconds = random.lognormvariate(log(median_wait(kind) * scale), SIGMA)
            rows.append((name, *kind, seconds <= TARGET, seconds))
    names = ["side", *STRATA, "is_met", "seconds"]
    return pl.DataFrame(rows, schema=names, orient="row")


def truth(counts: list[pl.DataFrame], factor: float) -> float:
    """Return the like-for-like difference these mixes would show of endless waits."""
    sizes = [{row[:3]: row[3] for row in side.select(*STRATA, "decided").rows()} for side in counts]
    shared = sorted(sizes[0].keys() & sizes[1].keys())
    totals = [sum(side[kind] for kind in shared) for side in sizes]
    return sum(
        (sizes[0][kind] / totals[0] + sizes[1][kind] / totals[1])
        / 2
        * (adherence(kind, factor) - adherence(kind, 1.0))
        for kind in shared
    )


def raw_finds(counts: list[pl.DataFrame]) -> bool:
    """Return whether the bare shares differ by their own interval."""
    first, second = (
        (side["met"].sum() / side["decided"].sum(), side["decided"].sum()) for side in counts
    )
    low, high = share_difference(first, second)
    return not low <= 0 <= high


def found(told: Difference) -> bool:
    """Return whether a difference was found."""
    return told.finding in {"better", "worse"}


def experiment(size: int, factor: float, seeds: int) -> str:
    """Return one row of the table."""
    seen: Counter[str] = Counter()
    true = 0.0
    for seed in range(seeds):
        clocks = tallied(drawn(Random(f"{size} {factor} {seed}"), size, factor), STRATA)
        counts = [clocks.filter(pl.col("side") == name) for name in "AB"]
        share, wait = (difference(*counts, m, strata=STRATA) for m in (ADHERENCE, MEAN))
        real = truth(counts, factor)
        true += real / seeds
        seen["raw"] += raw_finds(counts)
        seen["like"] += found(share)
        seen["right"] += share.finding == ("better" if factor < 1 else "worse")
        seen["mean"] += found(wait)
        seen["undecided"] += share.finding.startswith("too")
        seen["held"] += share.low is not None and share.low <= real <= (share.high or 0.0)
    cells = [f"{seen[name] / seeds:.1%}" for name in ("raw", "like", "right", "mean", "held")]
    if factor == 1:
        cells[2] = "-"
    undecided = f"{seen['undecided'] / seeds:.1%}"
    row = [f"{size:,}", f"x {factor:g}", f"{true * 100:+.1f} points", *cells, undecided]
    return f"| {' | '.join(row)} |"


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=1000)
    seeds = parser.parse_args().seeds
    print(HEADER)
    for size in (400, 1500):
        for factor in (1.0, 0.8, 0.6, 1.25):
            print(experiment(size, factor, seeds), flush=True)


if __name__ == "__main__":
    main()
