"""Resolution: what was solved, how fast, with how many messages, and what is not."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.groupings import spread
from kpiaudit.kpis.measures import Measure, labelled, mean, median, rate
from kpiaudit.local_time import time_columns
from kpiaudit.schema import INSTANT, TIMES

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen

C = pl.col
AGES: Final = (0, 1, 3, 7, 30)
"""Days at which an age band of the backlog begins; the last has no end."""
STEPS: Final = {"day": "1d", "week": "1w", "month": "1mo"}


def age_bands() -> dict[str, pl.Expr]:
    """Return the number of open conversations by age: `0-1d` is under a day."""
    age = C("open_for")
    bands = {
        f"{low}-{high}d": ((age >= timedelta(days=low)) & (age < timedelta(days=high))).sum()
        for low, high in pairwise(AGES)
    }
    return bands | {f"{AGES[-1]}d+": (age >= timedelta(days=AGES[-1])).sum()}


MEASURES: Final = (
    median("resolution", "waits", "resolution"),
    median("first_resolution", "waits", "first_resolution"),
    rate("resolution_rate"),
    Measure("backlog", "conversations", C("backlog").sum(), C("backlog").count(), age_bands()),
    rate("one_touch_rate"),
    mean(
        "messages_to_resolution",
        "conversations",
        "messages_to_resolution",
        solved_silently=C("solved_silently").sum(),
    ),
)


def columns(seen: Seen, wanted: frozenset[str]) -> dict[str, pl.Series]:
    """Return the columns of conversations these measures take."""
    solved = seen.solved
    if solved is None or not wanted & {measure.kpi for measure in MEASURES}:
        return {}
    sent_at = seen.ordered["sent_at"]
    made = {"resolution_rate": solved.stands, "backlog": ~solved.stands}
    if "backlog" in wanted:
        age = seen.as_of - sent_at.gather(seen.opening)
        made["open_for"] = age.set(solved.stands.fill_null(value=True), None)
    if "one_touch_rate" in wanted:
        window = solved.first_at + seen.settings.definitions.contact_window
        touches = seen.count("reply", solved.first_row)
        is_back = (solved.reopened_at < window).fill_null(value=False)
        decided = (window <= seen.as_of).fill_null(value=False)
        made["one_touch_rate"] = ((touches == 1) & ~is_back).set(~decided, None)
    if "messages_to_resolution" in wanted:
        inbound, reply, bot = (
            seen.count(flag, solved.last_row) for flag in ("inbound", "reply", "bot")
        )
        said = inbound + reply + bot
        whole = seen.telling(seen.ordered["grain"] == "message") & solved.stands.fill_null(
            value=False
        )
        silent = reply + bot == 0
        made["messages_to_resolution"] = said.set(~whole | silent, None)
        made["solved_silently"] = silent.set(~whole, None)
    return made


def last_times(as_of: datetime, until: datetime | None, zone: str) -> pl.DataFrame:
    """Return one row: the day, week and month in which what is counted ends, at `as_of` or before `until`."""
    end = as_of if until is None else min(as_of, until - timedelta(microseconds=1))
    return pl.DataFrame({"at": [end]}, {"at": INSTANT}).select(**time_columns("at", {*STEPS}, zone))


def span(changes: pl.DataFrame, by: Sequence[str], ends: pl.DataFrame) -> pl.DataFrame:
    """Return every day, week or month from the first change of a backlog to that in `ends`."""
    period = next(name for name in by if name in STEPS)
    starts = changes.select(C(period).drop_nulls())
    if starts.is_empty():
        return starts
    every = pl.date_range(C(period).min(), pl.lit(ends[period]).first(), interval=STEPS[period])
    return starts.select(every)


def backlog_over_time(changes: pl.LazyFrame, by: Sequence[str], span: pl.DataFrame) -> pl.LazyFrame:
    """Return the backlog at the end of each day, week or month of `span`, by what else `by` names.

    `changes`: `step` (+1 opened, -1 solved) and `begun` with the dimensions; every period of the span has a
    row, its n the conversations begun by then.
    """
    period = next(name for name in by if name in STEPS)
    others = [name for name in by if name != period]
    sums = spread(changes, by).group_by(by).agg(C("step", "begun").sum())
    if others:
        groups = spread(changes, by).select(others).unique().join(span.lazy(), how="cross")
        steps = groups.join(sums, on=by, how="left", nulls_equal=True)
    else:
        steps = span.lazy().join(sums, on=by, how="left")
    so_far = C("step", "begun").fill_null(0).cum_sum()
    return labelled(
        steps.sort(*others, period)
        .with_columns(so_far.over(others) if others else so_far)
        .select(*by, C("step").alias("backlog|value"), C("begun").alias("backlog|n")),
        by,
    )


def is_over_time(by: Sequence[str]) -> bool:
    """Return whether a table is one of the backlog at ends of periods."""
    return sum(name in STEPS for name in by) == 1 and not set(by) & (set(TIMES) - set(STEPS))
