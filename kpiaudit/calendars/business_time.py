"""Business time: weekly hours, shifts, breaks and holidays compiled to UTC periods.

A period is half-open. Elapsed time is a difference of two readings of one running total, and
`due_at` is that total read backwards, so both cost two binary searches a column.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.calendars.closures import holiday_dates, ignored_events
from kpiaudit.calendars.dial import dial_for
from kpiaudit.errors import KpiauditError
from kpiaudit.zones import (
    DAY,
    load_zone,
    offset_changes,
    skipped_days,
    to_date,
    to_day,
    utc_seconds,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from kpiaudit.settings import CalendarSettings, Span

SECOND = 1_000_000
INSTANT = pl.Datetime("us", "UTC")
OPEN, CUT = 1, -1_000_000
LARGE = 4
"""A table that many instants read is at most this fraction of their number."""
EPOCH_WEEKDAY = 3
"""1970-01-01 was a Thursday."""
EXTENSIONS = (32, 128, 512, 2048, 8192, 14_610)
"""Days past the compiled span tried in turn for a deadline; the last is forty years."""
WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ALMOST_MIDNIGHT = (DAY - 60, DAY - 1)
WARN_FROM, WARN_UNTIL = date(2020, 1, 1), date(2037, 12, 31)


@dataclass(frozen=True, slots=True, eq=False)
class Calendar:
    """Open periods of one calendar from `starts_at` up to `ends_at`, in microseconds of UTC.

    `opens_at`, `closes_at` and `open_before` (open time before the period) are Int64 of one
    length, sorted and disjoint; the last period is empty and marks the end of the span.
    """

    settings: CalendarSettings
    starts_at: int
    ends_at: int
    opens_at: pl.Series
    closes_at: pl.Series
    open_before: pl.Series

    @property
    def open_total(self) -> int:
        """Microseconds of open time in the whole span."""
        return int(self.open_before[-1])

    def open_time(self, at: pl.Series) -> pl.Series:
        """Return the open microseconds (Int64) from `starts_at` to each instant; null for null.

        Raises KpiauditError for an instant outside the compiled span; see `covering`.
        """
        instants = _microseconds(at)
        earliest, latest = _range(instants)
        if earliest is not None and latest is not None and not self._holds(earliest, latest):
            raise KpiauditError(
                f"calendar {self.settings.name!r} is not compiled for these instants"
            )
        return self.reader(len(instants))(instants).rename(at.name)

    def reader(self, count: int) -> Callable[[pl.Series], pl.Series]:
        """Return what reads `open_time` of instants (Int64) within the span, `count` of them: where they are
        many by a dial of slots no edge divides, five times as fast as by a search.
        """
        if count < LARGE * len(self.opens_at):
            return self._search
        dial = dial_for(self, most=count // LARGE)
        return self._search if dial is None else dial.open_time

    def _search(self, instants: pl.Series) -> pl.Series:
        period = self.closes_at.search_sorted(instants, side="right")
        into = (instants - self.opens_at.gather(period)).clip(lower_bound=0)
        return self.open_before.gather(period) + into

    def covering(self, *columns: pl.Series) -> Calendar:
        """Return this calendar, compiled further where an instant lies outside its span."""
        ranges = [_range(_microseconds(column)) for column in columns]
        earliest = min((low for low, _ in ranges if low is not None), default=self.starts_at)
        latest = max((high for _, high in ranges if high is not None), default=self.starts_at)
        if self._holds(earliest, latest):
            return self
        first = min(earliest, self.starts_at) // SECOND // DAY
        last = max(latest, self.ends_at - 1) // SECOND // DAY
        return _compile(self.settings, first, last)

    def reaching(self, open_time: int) -> Calendar:
        """Return this calendar, compiled at most forty years further until it holds `open_time`.

        The start stays, and with it every reading of `open_time`.
        """
        calendar = self
        for days in EXTENSIONS:
            if calendar.open_total >= open_time:
                break
            last_day = (self.ends_at - 1) // SECOND // DAY + days
            calendar = _compile(self.settings, self.starts_at // SECOND // DAY, last_day)
        return calendar

    def _holds(self, earliest: int, latest: int) -> bool:
        return self.starts_at <= earliest and latest < self.ends_at


def compile_calendar(settings: CalendarSettings, start: datetime, end: datetime) -> Calendar:
    """Compile a calendar for instants from `start` to `end`, with a day's margin on each side.

    Instants without an offset are taken as UTC. Raises KpiauditError for a calendar without
    hours and shifts, an unknown zone, or holidays that cannot be found.
    """
    return _compile(settings, _utc_day(start) - 1, _utc_day(end) + 1)


def elapsed(calendar: Calendar | None, started: pl.Series, stopped: pl.Series) -> pl.Series:
    """Return the open time from `started` to `stopped` as Duration, 0 where that is negative.

    Real seconds, also across a change of clocks. None as calendar is around the clock.
    """
    if calendar is None:
        spent = _microseconds(stopped) - _microseconds(started)
    else:
        open_time = calendar.covering(started, stopped).reader(len(started))
        spent = open_time(_microseconds(stopped)) - open_time(_microseconds(started))
    return spent.clip(lower_bound=0).cast(pl.Duration("us")).rename("elapsed")


def due_at(calendar: Calendar | None, started: pl.Series, target: pl.Series) -> pl.Series:
    """Return the earliest instant at which the open time since `started` reaches `target`.

    `target` is a Duration of the same length or of length 1. A target that fills a shift is due
    at closing time. Null: never, or not within forty years after the compiled span.
    """
    begin = _microseconds(started)
    allowed = target.cast(pl.Duration("us")).cast(pl.Int64)
    if calendar is None:
        due = begin + allowed
    else:
        covering = calendar.covering(started)
        needed = covering.open_time(begin) + allowed
        furthest = needed.max()
        if isinstance(furthest, int):
            covering = covering.reaching(furthest)
        due = pl.select(
            pl.when(allowed <= 0).then(begin).otherwise(_instant_of(covering, needed))
        ).to_series()
    return due.cast(INSTANT).rename("due_at")


def _instant_of(calendar: Calendar, open_time: pl.Series) -> pl.Series:
    reached = pl.select(pl.when(open_time <= calendar.open_total).then(open_time)).to_series()
    closing_total = calendar.open_before + (calendar.closes_at - calendar.opens_at)
    period = closing_total.search_sorted(reached, side="left")
    return calendar.opens_at.gather(period) + (reached - calendar.open_before.gather(period))


def _microseconds(at: pl.Series) -> pl.Series:
    return at if at.dtype == pl.Int64 else at.cast(INSTANT).cast(pl.Int64)


def _range(instants: pl.Series) -> tuple[int | None, int | None]:
    low, high = instants.min(), instants.max()
    return (low if isinstance(low, int) else None, high if isinstance(high, int) else None)


def _utc_day(at: datetime) -> int:
    aware = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    return to_day(aware.date())


def _compile(settings: CalendarSettings, first_day: int, last_day: int) -> Calendar:
    where = f"calendars.{settings.name}"
    if not any(settings.hours.values()) and not any(settings.shifts.values()):
        raise KpiauditError(
            "has neither hours nor shifts, so no clock would ever tick",
            where=where,
            hint='write hours = { mon-fri = ["09:00-17:00"] }, or take calendar out of the SLA '
            "for around the clock",
        )
    zone = load_zone(settings.time_zone, f"{where}.time_zone")
    # A wall date lies within a day of its UTC date; two more cover a night shift over a
    # date that the zone skipped.
    earliest = max(first_day - 3, to_day(date.min))
    latest = min(last_day + 1, to_day(date.max) - 1)
    skipped = skipped_days(zone, earliest, latest)
    holidays = {to_day(day) for day in holiday_dates(settings, to_date(earliest), to_date(latest))}
    days = range(earliest, latest + 1)
    cuts = _spans_of_dates(settings.breaks, days, skipped)
    if settings.holiday_rule == "civil_date":
        cuts += [(day * DAY, (day + 1) * DAY) for day in holidays]
    spans = pl.concat([_hours(settings, days, holidays | skipped), _frame(cuts, CUT)])
    utc = spans.select(
        "step",
        *(utc_seconds(pl.col(edge), zone, earliest, latest + 1) for edge in ("start", "end")),
    ).filter(pl.col("start") < pl.col("end"))
    starts_at, ends_at = first_day * DAY, (last_day + 1) * DAY
    edges = _merge(utc, (starts_at, ends_at))
    return _with_totals(settings, starts_at * SECOND, ends_at * SECOND, edges)


def _hours(settings: CalendarSettings, days: range, shut: set[int]) -> pl.DataFrame:
    weekly = [
        (weekday, *unrolled(span)) for weekday, spans in settings.hours.items() for span in spans
    ]
    taken = shut | {to_day(day) for day in settings.shifts}
    free = pl.select(day=pl.int_range(days.start, days.stop)).filter(
        ~pl.col("day").is_in(sorted(taken))
    )
    template = pl.DataFrame(
        weekly, schema={"weekday": pl.Int64, "start": pl.Int64, "end": pl.Int64}, orient="row"
    )
    midnight = pl.col("day") * DAY
    hours = free.with_columns(weekday=(pl.col("day") + EPOCH_WEEKDAY) % 7).join(
        template, on="weekday"
    )
    return pl.concat(
        [
            hours.select(
                start=midnight + pl.col("start"),
                end=midnight + pl.col("end"),
                step=pl.lit(OPEN, dtype=pl.Int64),
            ),
            _frame(_spans_of_dates(settings.shifts, days, shut), OPEN),
        ]
    )


def unrolled(span: Span) -> Span:
    """Return the span with an end after its start, past 86 400 when it runs into the next date."""
    start, end = span
    return (start, end) if end > start else (start, end + DAY)


def _spans_of_dates(dates: dict[date, tuple[Span, ...]], days: range, shut: set[int]) -> list[Span]:
    return [
        (day * DAY + start, day * DAY + end)
        for day, spans in ((to_day(on), spans) for on, spans in dates.items())
        if day in days and day not in shut
        for start, end in map(unrolled, spans)
    ]


def _frame(spans: list[Span], step: int) -> pl.DataFrame:
    rows = [(*span, step) for span in spans]
    return pl.DataFrame(
        rows, schema={"start": pl.Int64, "end": pl.Int64, "step": pl.Int64}, orient="row"
    )


def _merge(spans: pl.DataFrame, within: Span) -> pl.Series:
    """Return opening, closing, opening...: where hours are and no cut is, within a span.

    Every edge is a step up or down; a cut steps so far down that no overlap of hours makes up
    for it, and all outside the span lies as low.
    """
    outside = pl.DataFrame({"at": [within[0], within[1]], "step": [0, CUT]})
    steps = pl.concat(
        [
            spans.select(at="start", step="step"),
            spans.select(at="end", step=-pl.col("step")),
            outside,
        ]
    )
    return (
        steps.sort("at")
        .select("at", is_open=pl.col("step").cum_sum() > 0)
        .filter(
            (pl.col("at") >= within[0]) & (pl.col("at") != pl.col("at").shift(-1, fill_value=-1))
        )
        .filter(pl.col("is_open") != pl.col("is_open").shift(1, fill_value=False))
        .to_series()
    )


def _with_totals(
    settings: CalendarSettings, starts_at: int, ends_at: int, edges: pl.Series
) -> Calendar:
    end = pl.Series([ends_at], dtype=pl.Int64)
    opens_at = (edges.gather_every(2) * SECOND).append(end).rename("opens_at")
    closes_at = (edges.gather_every(2, 1) * SECOND).append(end).rename("closes_at")
    length = closes_at - opens_at
    open_before = (length.cum_sum() - length).rename("open_before")
    return Calendar(settings, starts_at, ends_at, opens_at, closes_at, open_before)


def warnings(
    settings: CalendarSettings, *, start: date = WARN_FROM, end: date = WARN_UNTIL
) -> list[str]:
    """Return what is legal but probably not meant, one line each with its policy key.

    An end at 23:59, spans that overlap (they are merged), ICS events that close nothing, and
    edges that a change of clocks between `start` and `end` leaves out or repeats.
    """
    where = f"calendars.{settings.name}"
    keyed = _keyed_spans(settings)
    found = [
        f"{where}.{key}: ends at {clock(end)}; did you mean 24:00?"
        for key, spans in keyed.items()
        for _, end in spans
        if end in ALMOST_MIDNIGHT
    ]
    found += [f"{where}.{line}" for line in _overlaps(settings, keyed)]
    found += [
        f"{where}.holidays.ics: {title!r} is not a whole day and closes nothing"
        for title in ignored_events(settings)
    ]
    return found + [f"{where}.{line}" for line in _edges_in_changes(settings, start, end)]


def clock(seconds: int) -> str:
    """Write seconds since midnight as HH:MM, or HH:MM:SS where seconds matter."""
    text = f"{seconds // 3600:02}:{seconds // 60 % 60:02}"
    return f"{text}:{seconds % 60:02}" if seconds % 60 else text


def _keyed_spans(settings: CalendarSettings) -> dict[str, tuple[Span, ...]]:
    keyed = {f"hours.{WEEKDAYS[day]}": spans for day, spans in sorted(settings.hours.items())}
    keyed |= {f"shifts.{day}": spans for day, spans in sorted(settings.shifts.items())}
    return keyed | {f"breaks.{day}": spans for day, spans in sorted(settings.breaks.items())}


def _overlaps(settings: CalendarSettings, keyed: dict[str, tuple[Span, ...]]) -> Iterator[str]:
    for key, spans in keyed.items():
        for left, right in pairwise(sorted(map(unrolled, spans))):
            if right[0] < left[1]:
                yield f"{key}: {_span(left)} and {_span(right)} overlap and are merged"
    for weekday, spans in sorted(settings.hours.items()):
        following = (weekday + 1) % 7
        for left in map(unrolled, spans):
            for right in settings.hours.get(following, ()):
                if right[0] + DAY < left[1]:
                    yield (
                        f"hours.{WEEKDAYS[weekday]}: {_span(left)} runs into {_span(right)} of "
                        f"{WEEKDAYS[following]}; they are merged"
                    )


def _span(span: Span) -> str:
    return f"{clock(span[0])}-{clock(span[1] if span[1] <= DAY else span[1] - DAY)}"


def _edges_in_changes(settings: CalendarSettings, start: date, end: date) -> Iterator[str]:
    zone = load_zone(settings.time_zone, f"calendars.{settings.name}.time_zone")
    first, last = to_day(start), to_day(end)
    hits: dict[tuple[str, int, int], list[date]] = {}
    for change in offset_changes(zone, first, last):
        day, gap = change.local_from // DAY, max(change.after - change.before, 0)
        if not first <= day <= last or gap >= DAY:
            continue
        for owner in (day - 1, day, day + 1):
            on = to_date(owner)
            key = f"shifts.{on}" if on in settings.shifts else f"hours.{WEEKDAYS[on.weekday()]}"
            spans = settings.shifts.get(on, settings.hours.get(on.weekday(), ()))
            for edge in sorted({edge for span in map(unrolled, spans) for edge in span}):
                at = owner * DAY + edge
                if change.local_from + change.is_forward <= at < change.local_at:
                    hits.setdefault((key, edge, gap), []).append(to_date(day))
    for (key, edge, gap), days in sorted(hits.items()):
        more = f" and {len(days) - 1} more dates to {end.year}" if len(days) > 1 else ""
        what, taken = (
            ("does not exist", f"(clocks go forward): {clock((edge + gap) % DAY)} is taken")
            if gap
            else ("comes twice", "(clocks go back): the first is taken")
        )
        yield f"{key}: {clock(edge % DAY)} {what} on {days[0]}{more} {taken}"
