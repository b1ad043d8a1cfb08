"""The values a policy may hold, as types pydantic can check, each refused in our own words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta
from typing import Annotated, Any

import polars as pl
from pydantic import BeforeValidator, PlainValidator, WithJsonSchema
from pydantic_core import PydanticCustomError

from kpiaudit.calendars.closures import recurring_dates
from kpiaudit.errors import KpiauditError, nearest
from kpiaudit.policy.durations import parse_duration, parse_percent
from kpiaudit.zones import load_zone

DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
_DAY_KEY = rf"^({'|'.join(DAYS)})(-({'|'.join(DAYS)}))?$"

_CLOCK = r"([0-9]{1,2}):([0-9]{2})(?::([0-9]{2}))?"
_SPAN = re.compile(rf"{_CLOCK}\s*-\s*{_CLOCK}")
_SPAN_EXAMPLE = 'write it as "09:00-17:30"'
_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
FIRST_DATE, LAST_DATE = date(2000, 1, 1), date(2036, 12, 31)
"""A recurring rule that names no date in these years is a mistake."""


def refuse(text: str) -> PydanticCustomError:
    """Return the error that carries `text` through pydantic untouched."""
    return PydanticCustomError("kpiaudit", "{text}", {"text": text})


def sentence(err: KpiauditError) -> str:
    """Return what is wrong and what to do in one line, without the place."""
    return f"{err.message}; {err.hint}" if err.hint else err.message


def shown(value: object) -> str:
    """Return a value as TOML would write it, cut at 60 characters."""
    if isinstance(value, bool | str):
        text = json.dumps(value, ensure_ascii=False)
        return text if len(text) <= 60 else f"{text[:56]}..."
    if isinstance(value, dict):
        return "a table"
    if isinstance(value, list):
        return "a list"
    return str(value)


def not_one_of(value: object, known: Sequence[str]) -> str:
    """Return the sentence that names the words allowed and the nearest one."""
    close = nearest(value, known) if isinstance(value, str) else ""
    return f"{shown(value)} is not one of {', '.join(known)}{close}"


def one_of(known: Sequence[str]) -> tuple[BeforeValidator, WithJsonSchema]:
    """Accept the words of a closed vocabulary."""

    def check(value: object) -> object:
        if value not in known:
            raise refuse(not_one_of(value, known))
        return value

    return BeforeValidator(check), WithJsonSchema({"type": "string", "enum": list(known)})


def plain(read: Callable[[object], Any], **schema: object) -> tuple[PlainValidator, WithJsonSchema]:
    """Let `read` alone judge a value; its KpiauditError becomes the fault."""

    def check(value: object) -> object:
        try:
            return read(value)
        except KpiauditError as err:
            raise refuse(sentence(err)) from err

    return PlainValidator(check), WithJsonSchema({"type": "string", **schema})


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise KpiauditError(f"must be a text in quotes, not {shown(value)}")
    if not value.strip():
        raise KpiauditError("must not be empty")
    return value


def _scalar(value: object) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    return _text(value)


def _goal(value: object) -> float:
    share = parse_percent(value)
    if share == 0:
        raise KpiauditError("a goal of 0% asks for nothing; leave the SLA out or ask for more")
    return share


def _zone(value: object) -> str:
    name = _text(value)
    # Both are files in the zone database, and neither names a place.
    load_zone("" if name in {"Factory", "localtime"} else name)
    return name


def _day(value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    if isinstance(value, str) and _DATE.fullmatch(value):
        try:
            return date.fromisoformat(value)
        except ValueError:
            raise KpiauditError(f"{shown(value)} is not in the calendar") from None
    raise KpiauditError(f"{shown(value)} is not a date; write it as 2026-12-24")


def time_span(value: object) -> tuple[int, int]:
    """Return the local seconds that `"09:00-17:30"` starts and ends at.

    Raises KpiauditError, saying what to write instead.
    """
    match = _SPAN.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise KpiauditError(f"{shown(value)} is not a span of time; {_SPAN_EXAMPLE}")
    start, end = (_seconds(match.groups()[i : i + 3], shown(value)) for i in (0, 3))
    if start == 86_400:
        raise KpiauditError(f"{shown(value)} starts at 24:00; write 00:00 on the next day")
    return start, end


def _seconds(parts: tuple[str | None, ...], written: str) -> int:
    hours, minutes, seconds = (int(part or 0) for part in parts)
    total = hours * 3_600 + minutes * 60 + seconds
    if minutes > 59 or seconds > 59 or total > 86_400:
        raise KpiauditError(f"{written} holds a time that no clock shows; {_SPAN_EXAMPLE}")
    return total


def day_range(key: object) -> tuple[int, ...]:
    """Return the weekdays (0 = Monday) that `fri` or `mon-thu` or `fri-mon` name, in week order."""
    ends = key.split("-") if isinstance(key, str) else []
    if len(ends) not in (1, 2) or any(end not in DAYS for end in ends):
        wrong = next((end for end in ends if end not in DAYS), "")
        raise KpiauditError(
            f'{shown(key)} is no day of the week; write "mon" or "mon-thu"{nearest(wrong, DAYS)}'
        )
    first, last = DAYS.index(ends[0]), DAYS.index(ends[-1])
    return tuple(sorted((first + step) % 7 for step in range((last - first) % 7 + 1)))


def _days(key: object) -> str:
    day_range(key)
    return str(key)


def _rule(value: object) -> str:
    text = _text(value)
    if not recurring_dates(text, FIRST_DATE, LAST_DATE):
        raise KpiauditError(f"{shown(text)} names no date from {FIRST_DATE} to {LAST_DATE}")
    return text


def _pattern(value: object) -> str:
    """Return a regular expression that polars compiles: the only engine it will ever run in."""
    text = _text(value)
    try:
        pl.Series([""]).str.contains(text)
    except pl.exceptions.ComputeError as err:
        told = re.findall(r"^(?:error: |Compiled )(.*)$", str(err), re.MULTILINE)
        reason = told[0] if told else str(err).splitlines()[0]
        raise KpiauditError(
            f"{shown(text)} is no regular expression of polars: {reason}",
            hint="its syntax is that of Rust's regex, without look-around and back-references",
        ) from None
    return text


Text = Annotated[str, *plain(_text, minLength=1)]
Scalar = Annotated[str, *plain(_scalar, type=["string", "boolean", "number"])]
Target = Annotated[timedelta, *plain(parse_duration, examples=["1h", "1h 30m", "2 days", "PT1H"])]
Share = Annotated[float, *plain(parse_percent, pattern=r"^[0-9]+(\.[0-9]+)? *%$")]
Goal = Annotated[float, *plain(_goal, pattern=r"^[0-9]+(\.[0-9]+)? *%$")]
Pattern = Annotated[str, *plain(_pattern, examples=["(?i)deliver|parcel|track"])]
Zone = Annotated[str, *plain(_zone, examples=["Europe/Berlin"])]
Day = Annotated[date, *plain(_day, format="date")]
TimeSpan = Annotated[tuple[int, int], *plain(time_span, examples=["09:00-17:30"])]
DayRange = Annotated[str, *plain(_days, pattern=_DAY_KEY)]
Rule = Annotated[str, *plain(_rule, examples=["FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1"])]
