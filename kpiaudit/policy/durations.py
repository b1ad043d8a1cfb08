"""Durations and shares as a policy writes them, both ways.

Business time is never a unit: `8h` under a calendar counts the calendar's hours.
"""

from __future__ import annotations

import re
from datetime import timedelta
from decimal import Decimal
from itertools import pairwise

from kpiaudit.errors import KpiauditError

EXAMPLES = '"45s", "1h 30m", "1.5h", "2 days" or "PT1H30M"'
LONGEST = timedelta(days=3660)

_SECONDS = {"d": 86_400, "h": 3_600, "m": 60, "s": 1}
_UNITS = {
    **dict.fromkeys(("d", "day", "days"), "d"),
    **dict.fromkeys(("h", "hr", "hrs", "hour", "hours"), "h"),
    **dict.fromkeys(("m", "min", "mins", "minute", "minutes"), "m"),
    **dict.fromkeys(("s", "sec", "secs", "second", "seconds"), "s"),
}
_NO_FIXED_LENGTH = {"mo", "mon", "month", "months", "y", "yr", "yrs", "year", "years"}
_BUSINESS = {"bd", "bh", "bm", "wd"}
_NUMBER = r"[0-9]+(?:\.[0-9]+)?"
_PART = re.compile(rf"({_NUMBER})\s*([A-Za-z]+)\s*")
_ISO = re.compile(
    rf"P(?:({_NUMBER})D)?(?:T(?=[0-9])(?:({_NUMBER})H)?(?:({_NUMBER})M)?(?:({_NUMBER})S)?)?"
)
_PERCENT = re.compile(rf"({_NUMBER})\s*%")


def parse_duration(value: object) -> timedelta:
    """Return the time that `value` says in s, m, h and d, or in ISO 8601.

    Raises KpiauditError, saying what to write instead, for bare numbers, zero, negatives, months,
    years, weeks and anything longer than ten years.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise KpiauditError(f"is not a duration; write {EXAMPLES}")
    if not isinstance(value, str):
        raise KpiauditError(f"{value} is a bare number; say the unit: {EXAMPLES}")
    text = value.strip()
    parts = _parts(text)
    micros = sum((_SECONDS[unit] * number * 1_000_000 for number, unit in parts), Decimal(0))
    if micros == 0:
        raise KpiauditError(f'"{text}" is no time at all; write {EXAMPLES}')
    if micros > Decimal(LONGEST // timedelta(microseconds=1)):
        raise KpiauditError(f'"{text}" is longer than ten years; write {EXAMPLES}')
    if micros != micros.to_integral_value():
        raise KpiauditError(f'"{text}" is finer than a microsecond; write {EXAMPLES}')
    return timedelta(microseconds=int(micros))


def names_days(text: str) -> bool:
    """Return whether a duration is said in days; False for what is no duration."""
    try:
        return any(unit == "d" for _, unit in _parts(text.strip()))
    except KpiauditError:
        return False


def format_duration(duration: timedelta) -> str:
    """Return hours, minutes and seconds as `parse_duration` reads them; never days."""
    seconds, micros = divmod(duration // timedelta(microseconds=1), 1_000_000)
    hours, rest = divmod(seconds, 3_600)
    minutes, seconds = divmod(rest, 60)
    parts = [f"{hours}h"] if hours else []
    if minutes:
        parts.append(f"{minutes}m")
    if seconds or micros or not parts:
        fraction = f".{micros:06d}".rstrip("0") if micros else ""
        parts.append(f"{seconds}{fraction}s")
    return " ".join(parts)


def parse_percent(value: object) -> float:
    """Return the share 0..1 that a text such as `"99.5%"` says.

    Raises KpiauditError, saying what to write instead, for bare numbers and for more than 100 %.
    """
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise KpiauditError('is not a share; write it as "95%"')
    if not isinstance(value, str):
        meant = value * 100 if isinstance(value, float) and 0 < value < 1 else value
        raise KpiauditError(f'{value} is a bare number; write "{meant:g}%"')
    text = value.strip()
    match = _PERCENT.fullmatch(text)
    if match is None:
        bare = re.fullmatch(_NUMBER, text)
        raise KpiauditError(f'"{text}" is not a share; write it as "{text if bare else 95}%"')
    share = Decimal(match[1]) / 100
    if share > 1:
        raise KpiauditError(f'"{text}" is more than 100%')
    return float(share)


def format_percent(share: float) -> str:
    """Return a share 0..1 as `parse_percent` reads it."""
    return f"{(Decimal(repr(share)) * 100).normalize():f}%"


def _parts(text: str) -> list[tuple[Decimal, str]]:
    if not text:
        raise KpiauditError(f"is empty; write {EXAMPLES}")
    if text.startswith("-"):
        raise KpiauditError(f'"{text}" is negative; write {EXAMPLES}')
    parts = _iso_parts(text) if text.startswith("P") else _plain_parts(text)
    if any("." in str(number) for number, _ in parts[:-1]):
        raise KpiauditError(f'"{text}": only the last part may have a fraction; write {EXAMPLES}')
    return parts


def _iso_parts(text: str) -> list[tuple[Decimal, str]]:
    match = _ISO.fullmatch(text)
    found = [
        (Decimal(number), unit)
        for number, unit in zip(match.groups() if match else (), "dhms", strict=False)
        if number
    ]
    if found:
        return found
    if re.match(r"P[0-9.]*[YM0-9.]*[YM]", text):
        raise KpiauditError(f'"{text}": months and years have no fixed length; write {EXAMPLES}')
    raise KpiauditError(f'"{text}" is not an ISO 8601 duration of days and time; write {EXAMPLES}')


def _plain_parts(text: str) -> list[tuple[Decimal, str]]:
    if re.fullmatch(_NUMBER, text):
        raise KpiauditError(f'"{text}" is a bare number; say the unit: {EXAMPLES}')
    parts: list[tuple[Decimal, str]] = []
    at = 0
    while at < len(text):
        match = _PART.match(text, at)
        if match is None:
            raise KpiauditError(f'"{text}" is not a duration; write {EXAMPLES}')
        parts.append((Decimal(match[1]), _unit(match[2], text)))
        at = match.end()
    sizes = [_SECONDS[unit] for _, unit in parts]
    if any(first <= second for first, second in pairwise(sizes)):
        raise KpiauditError(f'"{text}": each unit once, the largest first; write {EXAMPLES}')
    return parts


def _unit(word: str, text: str) -> str:
    if word in _UNITS:
        return _UNITS[word]
    if word.lower() in _NO_FIXED_LENGTH:
        raise KpiauditError(f'"{text}": months and years have no fixed length; write {EXAMPLES}')
    if word.lower() in _BUSINESS:
        raise KpiauditError(
            f'"{text}": business time is no unit; write hours and name a calendar beside them'
        )
    raise KpiauditError(f"\"{text}\": unknown unit '{word}'; write {EXAMPLES}")
