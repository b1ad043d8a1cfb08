"""Where ticks stand and what they say: steps of 1, 2 and 5, of the clock, and of the calendar."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date
from math import ceil, floor, log10
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Sequence

MONTHS: Final = ("Jan", "Feb", "Mar", "Apr", "May", "Jun",
                 "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")  # fmt: skip
DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
LONG_DAYS: Final = (
    "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
)  # fmt: skip


def step(span: float, most: int) -> float:
    """Return the smallest step of 1, 2 or 5 times a power of ten that cuts `span` into `most` at most."""
    if span <= 0:
        return 1.0
    power = 10.0 ** floor(log10(span / most))
    return next(
        factor * power for factor in (1, 2, 5, 10) if span / (factor * power) <= most + 1e-9
    )


def ticks(low: float, high: float, most: int = 5) -> tuple[float, ...]:
    """Return ticks that enclose `low` and `high`, their step 1, 2 or 5 times a power of ten."""
    size = step(high - low, most)
    first, last = floor(low / size + 1e-9), ceil(high / size - 1e-9)
    return tuple(round(place * size, 10) for place in range(first, max(last, first + 1) + 1))


def share_ticks(low: float) -> tuple[float, ...]:
    """Return the ticks of shares from below `low` up to 1; the scale starts at 0 where `low` is small."""
    if low < 0.5:
        return ticks(0.0, 1.0)
    size = step(1 - min(low, 0.99), 5)
    rungs = ceil((1 - low) / size - 1e-9)
    return tuple(round(1 - rung * size, 10) for rung in range(max(rungs, 1), -1, -1))


def every(count: int, most: int) -> int:
    """Return which of `count` labels to show, every n-th, so that `most` at most stand there."""
    return max(1, ceil(count / most))


def place_between(edges: Sequence[float], value: float) -> float:
    """Return where a value lies on an axis whose bins are equally wide: 1.5 is half into the second.

    The last bin has no upper end: whatever lies in it lies at its middle.
    """
    bin_ = bisect_right(edges, value) - 1
    if bin_ < 0:
        return 0.0
    if bin_ == len(edges) - 1:
        return bin_ if value == edges[bin_] else bin_ + 0.5
    return bin_ + (value - edges[bin_]) / (edges[bin_ + 1] - edges[bin_])


def day(of: date) -> str:
    """Return a day as `7 Mar`."""
    return f"{of.day} {MONTHS[of.month - 1]}"


def period(start: date, length: str, *, year: bool = False) -> str:
    """Return the day, week or month that begins at `start`: `7 Mar`, `Mar 2026`."""
    if length == "month":
        return f"{MONTHS[start.month - 1]} {start.year}"
    return f"{day(start)} {start.year}" if year else day(start)


def hour_of_week(place: int) -> str:
    """Return an hour of the week, Monday 00:00 being 0: `Monday 09:00 to 10:00`."""
    weekday, hour = divmod(place, 24)
    return f"{LONG_DAYS[weekday]} {hour:02}:00 to {hour + 1:02}:00"
