"""Business time walked minute by minute: slow, and sharing no code with the package."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from kpiaudit.settings import CalendarSettings, Span

MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)


class Walk:
    """Which minutes from `start` to `end` are open, told by reading a wall clock at each."""

    def __init__(self, settings: CalendarSettings, start: datetime, end: datetime) -> None:
        self.settings = settings
        self.start = start - 4 * DAY
        zone = ZoneInfo(settings.time_zone)
        count = (end + 4 * DAY - self.start) // MINUTE
        self.walls = [
            (self.start + n * MINUTE).astimezone(zone).replace(tzinfo=None) for n in range(count)
        ]
        self.first_seen: dict[datetime, int] = {}
        for n, wall in enumerate(self.walls):
            self.first_seen.setdefault(wall, n)
        self.open = self._open()

    def elapsed(self, started: datetime, stopped: datetime) -> timedelta:
        """Count the open minutes."""
        return sum(self.open[self._minute(started) : self._minute(stopped)]) * MINUTE

    def due_at(self, started: datetime, target: timedelta) -> datetime | None:
        """Walk until the target is reached; None when the walk ends first."""
        left = target // MINUTE
        for n in range(self._minute(started), len(self.open)):
            if left == 0:
                return self.start + n * MINUTE
            left -= self.open[n]
        return None

    def _minute(self, at: datetime) -> int:
        return (at - self.start) // MINUTE

    def _open(self) -> list[bool]:
        settings = self.settings
        dates = sorted({wall.date() for wall in self.walls})[1:-1]
        closed = set(settings.holidays.add) - set(settings.holidays.remove)
        is_open = [False] * len(self.walls)
        for on in dates:
            weekly = settings.hours.get(on.weekday(), ())
            if on not in closed:
                for n in self._minutes(on, settings.shifts.get(on, weekly)):
                    is_open[n] = True
        for on in dates:
            for n in self._minutes(on, settings.breaks.get(on, ())):
                is_open[n] = False
        if settings.holiday_rule == "civil_date":
            is_open = [
                flag and wall.date() not in closed
                for flag, wall in zip(is_open, self.walls, strict=True)
            ]
        return is_open

    def _minutes(self, on: date, spans: tuple[Span, ...]) -> Iterator[int]:
        midnight = datetime.combine(on, time())
        for start, end in spans:
            opening = midnight + timedelta(seconds=start)
            closing = midnight + timedelta(seconds=end) + (DAY if end <= start else timedelta())
            yield from range(self._when(opening), min(self._when(closing), len(self.walls)))

    def _when(self, wall: datetime) -> int:
        """The first minute the clock shows `wall`; inside a gap, as if it had not been set."""
        back = 0
        while (shown := self.first_seen.get(wall - back * MINUTE)) is None:
            back += 1
            if wall - back * MINUTE < self.walls[0]:
                return 0
        return shown + back


def utc(text: str) -> datetime:
    """Read an ISO 8601 instant; without an offset it is UTC."""
    at = datetime.fromisoformat(text)
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
