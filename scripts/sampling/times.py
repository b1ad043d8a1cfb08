"""Four weeks of an invented firm: when its desks are open, when customers write, how they wait.

Times inside the generator are naive and local to Berlin; only the writers turn them into what a
tool writes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta, timezone
from random import Random
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

# Europe/Berlin is on summer time, two hours ahead of UTC, on every day of the period.
BERLIN = timezone(timedelta(hours=2))
FIRST_DAY = date(2026, 8, 31)
DAYS = tuple(FIRST_DAY + timedelta(days=n) for n in range(28))
END = datetime(2026, 9, 27, 22, 30)
OUTAGE_DAY = date(2026, 9, 14)
OUTAGE_START = datetime(2026, 9, 14, 9, 20)
OUTAGE_END = datetime(2026, 9, 14, 13, 10)
STOCKTAKING = date(2026, 9, 9)
# Weltkindertag, a public holiday in Thuringia only; a Sunday in 2026.
CHILDRENS_DAY = date(2026, 9, 20)
CATCH_UP = date(2026, 9, 19)
CLOSED = frozenset({STOCKTAKING, CHILDRENS_DAY})

Spans = tuple[tuple[int, int], ...]
Weights = tuple[int, ...]
DAYTIME: Weights = (1, 1, 0, 0, 0, 1, 2, 4, 7, 9, 10, 10, 9, 8, 8, 8, 8, 9, 8, 7, 5, 3, 2, 1)
"""How likely customers write in each hour of a day."""
OFFICE: Weights = (0, 0, 0, 0, 0, 0, 1, 3, 8, 12, 12, 11, 8, 9, 10, 9, 8, 5, 3, 3, 3, 2, 1, 0)


@dataclass(frozen=True, slots=True)
class Hours:
    """When a desk is staffed: spans of whole hours by weekday, Monday first, and on extra dates."""

    weekdays: tuple[Spans, ...]
    shifts: Mapping[date, Spans] = field(default_factory=dict)

    def spans(self, day: date) -> list[tuple[datetime, datetime]]:
        """Return the staffed spans of a date."""
        if day in CLOSED:
            return []
        midnight = datetime.combine(day, time())
        return [
            (midnight + timedelta(hours=start), midnight + timedelta(hours=end))
            for start, end in self.shifts.get(day, self.weekdays[day.weekday()])
        ]

    def is_open(self, at: datetime) -> bool:
        """Tell whether somebody is at the desk."""
        return any(start <= at < end for start, end in self.spans(at.date()))

    def after(self, at: datetime, wait: timedelta) -> datetime:
        """Return the instant at which `wait` of staffed time has gone by since `at`."""
        day = at.date()
        while True:
            for start, end in self.spans(day):
                begin = max(start, at)
                if begin < end and begin + wait < end:
                    return begin + wait
                wait -= max(end - begin, timedelta())
            day += timedelta(days=1)


SUPPORT = Hours((((9, 17),),) * 4 + (((9, 15),), (), ()), {CATCH_UP: ((10, 14),)})
SOCIAL = Hours((((8, 20),),) * 5 + (((10, 14), (16, 18)),) * 2)


def skewed(rng: Random, quantiles: tuple[float, ...]) -> timedelta:
    """Draw a wait from evenly spaced quantiles in minutes: the same on every platform."""
    place = rng.random() * (len(quantiles) - 1)
    left = int(place)
    minutes = quantiles[left] + (quantiles[left + 1] - quantiles[left]) * (place - left)
    return timedelta(seconds=int(minutes * 60))


def arrivals(rng: Random, day: date, count: int, weights: Weights) -> list[datetime]:
    """Return up to `count` instants of a day, as its hours are weighted, in order."""
    hours = [hour for hour, weight in enumerate(weights) for _ in range(weight)]
    midnight = datetime.combine(day, time())
    drawn = sorted(
        midnight + timedelta(hours=rng.choice(hours), seconds=rng.randrange(3600))
        for _ in range(count)
    )
    return [at for at in drawn if at < END]


def outage_arrivals(rng: Random, count: int) -> list[datetime]:
    """Return instants in the outage of the bad Monday, in order."""
    length = int((OUTAGE_END - OUTAGE_START).total_seconds())
    return sorted(OUTAGE_START + timedelta(seconds=rng.randrange(length)) for _ in range(count))


def is_outage(at: datetime) -> bool:
    """Tell whether the webshop was down."""
    return OUTAGE_START <= at < OUTAGE_END


def utc(at: datetime) -> datetime:
    """Return a local instant in UTC."""
    return at.replace(tzinfo=BERLIN).astimezone(UTC)
