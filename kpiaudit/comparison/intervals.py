"""Intervals for shares, medians and differences: plain arithmetic on small numbers.

Wilson (1927) for a share; Newcombe's hybrid score (1998, method 10) for a difference of two; ranks of the
sign test for a median.
"""

from __future__ import annotations

from math import exp, lgamma, log, sqrt
from statistics import NormalDist

from kpiaudit.comparison.compared import LEVEL

Interval = tuple[float, float]


def normal_quantile(level: float = LEVEL) -> float:
    """Return how many standard deviations an interval of this level reaches to either side."""
    return NormalDist().inv_cdf((1 + level) / 2)


def wilson(share: float, n: float, *, level: float = LEVEL) -> Interval:
    """Return the score interval of a share among `n`, which need not be whole."""
    z = normal_quantile(level)
    centre = share + z * z / (2 * n)
    reach = z * sqrt(share * (1 - share) / n + z * z / (4 * n * n))
    low, high = (centre - reach) / (1 + z * z / n), (centre + reach) / (1 + z * z / n)
    return max(low, 0.0) if share > 0 else 0.0, min(high, 1.0) if share < 1 else 1.0


def share_difference(
    first: tuple[float, float], second: tuple[float, float], *, level: float = LEVEL
) -> Interval:
    """Return the interval of the second share less the first; each is `(share, n)`."""
    (share_1, _), (share_2, _) = first, second
    low_1, high_1 = wilson(*first, level=level)
    low_2, high_2 = wilson(*second, level=level)
    middle = share_2 - share_1
    below = sqrt((share_2 - low_2) ** 2 + (high_1 - share_1) ** 2)
    above = sqrt((high_2 - share_2) ** 2 + (share_1 - low_1) ** 2)
    return middle - below, middle + above


def mean_difference(
    first: tuple[float, float], second: tuple[float, float], *, level: float = LEVEL
) -> Interval:
    """Return the normal interval of the second mean less the first; each is `(mean, variance of it)`."""
    reach = normal_quantile(level) * sqrt(first[1] + second[1])
    middle = second[0] - first[0]
    return middle - reach, middle + reach


def median_ranks(n: int, *, level: float = LEVEL) -> tuple[int, int] | None:
    """Return the ranks, from 1, of the values that hold the median between them; None below 6 at 95 %.

    The closest pair `k, n + 1 - k` for which a binomial count of n halves lies in [k, n - k] with at
    least this probability, ends included.
    """
    if n < 1:
        return None
    low, high = n // 2, (n + 1) // 2
    likely = exp(lgamma(n + 1) - lgamma(low + 1) - lgamma(high + 1) - n * log(2))
    inside = likely if low == high else 2 * likely
    while inside < level and low > 0:
        likely *= low / (n - low + 1)
        low -= 1
        inside += 2 * likely
    return (low, n + 1 - low) if low else None
