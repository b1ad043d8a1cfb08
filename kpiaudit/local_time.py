"""The dimensions of time: hour, weekday, day, week and month on the clocks of the report's zone."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import polars as pl

from kpiaudit.schema import NONE

C = pl.col
WEEKDAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


def time_columns(at: str, names: Iterable[str], zone: str) -> dict[str, pl.Expr]:
    """Return those of TIMES among the names, of the instants in column `at`: `hour` 0 to 23, `weekday` 1
    to 7, `day` a date, `week` its Monday's, `month` its first's.
    """
    local = C(at).dt.convert_time_zone(zone)
    made = {
        "hour": local.dt.hour(),
        "weekday": local.dt.weekday(),
        "day": local.dt.date(),
        "week": local.dt.date() - pl.duration(days=local.dt.weekday() - 1),
        "month": local.dt.date().dt.month_start(),
    }
    wanted = set(names)
    return {name: made[name] for name in made if name in wanted}


def label(name: str) -> pl.Expr:
    """Return a dimension as the text a table shows: `2026-09-07` for a day or the Monday of a week,
    `2026-09` for a month, `Mon`, `09` for an hour, `(none)` for nothing.
    """
    if name == "hour":
        return C(name).cast(pl.String).str.zfill(2)
    if name == "weekday":
        return C(name).replace_strict(dict(enumerate(WEEKDAYS, 1)), return_dtype=pl.String)
    if name == "month":
        return C(name).dt.strftime("%Y-%m")
    return C(name).cast(pl.String).fill_null(NONE)


def in_order(name: str) -> pl.Expr:
    """Return what a table's rows are sorted by: labels, but weekdays from Monday on."""
    return C(name).cast(pl.Enum([*WEEKDAYS, NONE])) if name == "weekday" else C(name)
