"""When a message was sent: its `Date`, else the topmost `Received` with one, else the line before it.

A date is believed only where it says what instant it is: with an offset, a zone of RFC 5322 or none of a
kind that rule gives (`-0000`, a single letter: UTC). The line before a message is UTC unless it says.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date as day_of
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from kpiaudit.readers.mail_boxes import Mail

Micros = int
SECOND: Final = 1_000_000
EPOCH_DAY: Final = day_of(1970, 1, 1).toordinal()
EARLIEST: Final = (day_of(1990, 1, 1).toordinal() - EPOCH_DAY) * 86_400 * SECOND
LATEST: Final = (day_of(2100, 1, 1).toordinal() - EPOCH_DAY) * 86_400 * SECOND
FROM_RECEIVED: Final = "Date missing or unreadable, Received used"
FROM_ENVELOPE: Final = "Date and Received missing or unreadable, the line before the message used"
FROM_ZONE: Final = "Date without an offset, time_zone used"

MONTHS: Final = {
    name: at
    for at, name in enumerate(
        (b"jan", b"feb", b"mar", b"apr", b"may", b"jun", b"jul", b"aug", b"sep", b"oct", b"nov", b"dec"),
        start=1,
    )
}  # fmt: skip
CLOCK: Final = rb"(\d{1,2})[:.](\d{2})(?:[:.](\d{2})(?:[.,]\d+)?)?(?!\d)"
WRITTEN: Final = re.compile(
    rb"[ \t]*(?:[^\W\d]{2,12}\.?[ \t]*,?|,)?[ \t]*(\d{1,2})[ \t-]+([A-Za-z]{3})[a-z]*\.?,?[ \t-]+(\d{4}|\d{2,3})"
    rb"[ \t]+" + CLOCK + rb"[ \t]*(.*)",
    re.DOTALL,
)
USUAL: Final = re.compile(
    rb"(?:[A-Z][a-z]{2}, +)?(\d{1,2} [A-Z][a-z]{2} (?:199|20[0-8])\d) (\d\d):(\d\d):(\d\d) ([+-]\d{4})(?: \(|\s*\Z)"
)
ZONE: Final = re.compile(rb"([+-])(\d\d):?(\d\d)(?!\d)|([A-Za-z]+)(?![A-Za-z\d])")
ASCTIME: Final = re.compile(
    rb"([A-Za-z]{3})[ \t]+(\d{1,2})[ \t]+"
    + CLOCK
    + rb"[ \t]+(?:([+-]\d{4}|[A-Z]{1,5})[ \t]+)?(\d{4})"
    rb"(?:[ \t]+([+-]\d{4}))?"
)
RECEIVED: Final = re.compile(
    rb"\n[Rr][Ee][Cc][Ee][Ii][Vv][Ee][Dd][ \t]*:([^\n]*(?:\n[ \t][^\n]*)*)"
)
COMMENT: Final = re.compile(rb"\([^()]*\)")
AROUND_COLON: Final = re.compile(rb"\s*:\s*")
HOUR: Final = 3_600
HOURS: Final = 24
LONGEST: Final = 200
"""Bytes of a date that are looked at."""
ZONES: Final = {
    b"ut": 0, b"utc": 0, b"gmt": 0, b"est": -5, b"edt": -4, b"cst": -6, b"cdt": -5, b"mst": -7,
    b"mdt": -6, b"pst": -8, b"pdt": -7,
}  # fmt: skip


class Dates:
    """Reads the dates of an export; `zone` is that of dates that name none."""

    def __init__(self, zone: ZoneInfo | None) -> None:
        self.zone = zone
        self.days: dict[bytes, int] = {}
        self.offsets: dict[bytes, int] = {}

    def sent_at(
        self, date: bytes | None, mail: Mail
    ) -> tuple[Micros | None, str | None, str | None]:
        """Return (microseconds since 1970, what had to be used instead of `Date`, the rule it broke).

        The rule is given only where there is no instant at all.
        """
        found = USUAL.match(date) if date is not None else None
        if found:
            day, hour, minute, second, offset = found.groups()
            days, east = self.days.get(day), self.offsets.get(offset)
            if days is not None and east is not None and minute < b"60" and second < b"60":
                hours = int(hour)
                if hours < HOURS:
                    seconds = days + hours * HOUR + int(minute) * 60 + int(second) - east
                    return seconds * SECOND, None, None
        return self.slowly(date, mail)

    def slowly(
        self, date: bytes | None, mail: Mail
    ) -> tuple[Micros | None, str | None, str | None]:
        """Return the same for a date that is not written in the usual way, or on a day not met yet."""
        own, is_naive = read_date(date) if date is not None else (None, False)
        if own is not None and date is not None and not is_naive and EARLIEST <= own < LATEST:
            self.learn(date)
            return own, None, None
        for found in received(mail.header):
            return found, FROM_RECEIVED, None
        if is_naive and own is not None and self.zone is not None:
            there = in_zone(own, self.zone)
            if EARLIEST <= there < LATEST:
                return there, FROM_ZONE, None
        by_line = read_envelope(mail.envelope) if mail.envelope else None
        if by_line is not None:
            return by_line, FROM_ENVELOPE, None
        return None, None, rule_broken(date, own, is_naive=is_naive)

    def learn(self, date: bytes) -> None:
        """Remember the day and the offset of a good date, as they are written."""
        found = USUAL.match(date)
        if found:
            day, month, year = found[1].split()
            midnight = micros(year, month, day, b"0", b"0", None)
            east = offset_of(found[5])
            if midnight is not None and east is not None:
                self.days[found[1]] = midnight // SECOND
                self.offsets[found[5]] = east


def rule_broken(date: bytes | None, own: Micros | None, *, is_naive: bool) -> str:
    """Return why a message has no instant."""
    if date is None or not date.strip():
        return "Date: missing"
    if own is None:
        return "Date: not a date"
    if is_naive and EARLIEST <= own < LATEST:
        return "Date: no offset, set time_zone"
    return "Date: outside 1990 to 2100"


def read_date(date: bytes) -> tuple[Micros | None, bool]:
    """Return the instant a `Date` names, and whether it says no zone: then it is local time."""
    date = date[:LONGEST]
    if b"\n" in date:
        date = date.replace(b"\r", b"").replace(b"\n", b"")
    found = WRITTEN.match(date)
    if found is None and b":" in date:
        found = WRITTEN.match(AROUND_COLON.sub(b":", COMMENT.sub(b" ", date)))
    if found is None or found[7][:2].lower() in {b"am", b"pm"}:
        return None, False
    day, month, year, hour, minute, second, rest = found.groups()
    local = micros(year, month, day, hour, minute, second)
    if local is None:
        return None, False
    offset = offset_of(rest)
    return (local, True) if offset is None else (local - offset * SECOND, False)


def offset_of(text: bytes) -> int | None:
    """Return the seconds east of UTC that a zone stands for, None where it names none that is known."""
    found = ZONE.match(text)
    if found is None:
        return None
    sign, hours, minutes, name = found.groups()
    if sign:
        size = int(hours) * HOUR + int(minutes) * 60
        return None if size > 24 * HOUR else -size if sign == b"-" else size
    if len(name) == 1:
        return 0
    known = ZONES.get(name.lower())
    return None if known is None else known * HOUR


def micros(
    year: bytes, month: bytes, day: bytes, hour: bytes, minute: bytes, second: bytes | None
) -> Micros | None:
    """Return a date and time of day as if UTC, None where there is no such one; 60 is a leap second."""
    number = MONTHS.get(month[:3].lower())
    if number is None:
        return None
    full = int(year)
    if len(year) < 4:
        full += 2000 if len(year) == 2 and full < 50 else 1900
    seconds = int(second) if second else 0
    if seconds > 60 or int(minute) > 59 or int(hour) > 23:
        return None
    try:
        days = day_of(full, number, int(day)).toordinal() - EPOCH_DAY
    except ValueError:
        return None
    return (days * 86_400 + int(hour) * HOUR + int(minute) * 60 + seconds) * SECOND


def received(header: bytes) -> Iterator[Micros]:
    """Yield the instants of the `Received` lines, the last server's first."""
    for line in RECEIVED.findall(header):
        found, is_naive = read_date(line.rpartition(b";")[2])
        if found is not None and not is_naive and EARLIEST <= found < LATEST:
            yield found


def read_envelope(line: bytes) -> Micros | None:
    """Return the instant in the line before a message."""
    found = ASCTIME.search(line)
    if found is None:
        return None
    month, day, hour, minute, second, before, year, after = found.groups()
    at = micros(year, month, day, hour, minute, second)
    if at is None:
        return None
    at -= (offset_of(before or after or b"Z") or 0) * SECOND
    return at if EARLIEST <= at < LATEST else None


def in_zone(local: Micros, zone: ZoneInfo) -> Micros:
    """Return the instant of a local time, as `zoneinfo` does with `fold=0`."""
    there = datetime(1970, 1, 1, tzinfo=zone) + timedelta(microseconds=local)
    offset = there.utcoffset() or timedelta()
    return local - offset // timedelta(microseconds=1)
