"""What every family of KPIs looks at: the ordered messages, what each row is, where conversations turn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.acts import first_of_each, last_of_each
from kpiaudit.beside import NOTHING, Beside
from kpiaudit.one_value import nulls, unique
from kpiaudit.schema import INSTANT
from kpiaudit.status_clocks import status_spans

if TYPE_CHECKING:
    from kpiaudit.clocks import Clocks
    from kpiaudit.settings import Settings

C = pl.col


@dataclass(frozen=True, slots=True)
class Solved:
    """Per conversation, null where it does not apply: the rows of its first and last solving, the instants
    of the first and of the reopening after it, and whether it stands solved (null where nobody says).
    """

    first_row: pl.Series
    last_row: pl.Series
    first_at: pl.Series
    reopened_at: pl.Series
    stands: pl.Series
    changes: pl.DataFrame
    """`conversation, at, step`: +1 where one is reopened, -1 where one is solved."""


@dataclass(frozen=True, slots=True)
class Seen:
    """`rows`: per ordered message whether it is `inbound`, `reply` (of a human), `bot` or `handoff`.
    `last` and `opening`: per conversation its last row and its first customer message (or first row).
    `as_of`: per conversation.
    """

    ordered: pl.DataFrame
    clocks: Clocks
    settings: Settings
    rows: pl.DataFrame
    last: pl.Series
    opening: pl.Series
    as_of: pl.Series
    solved: Solved | None
    """None where no export tells of statuses."""
    sums: dict[str, pl.Series]
    """Flag to how many rows of each conversation and those before it are it; filled as they are asked for."""
    beside: Beside = NOTHING

    def count(self, flag: str, until: pl.Series | None = None) -> pl.Series:
        """Return per conversation how many of its rows are `flag`, up to a row of each (included)."""
        if not self.rows[flag].any():
            return pl.repeat(0, len(self.last), dtype=pl.UInt32, eager=True)
        running = None
        if flag not in self.sums or until is not None:
            running = self.rows[flag].cum_sum()
            self.sums[flag] = running.gather(self.last)
        at_last = self.sums[flag]
        so_far = at_last if running is None or until is None else running.gather(until)
        return so_far - at_last.shift(1, fill_value=0)

    def has(self, column: str) -> bool:
        """Return whether any row holds a value of a column."""
        if column not in self.ordered.columns:
            return False
        return nulls(self.ordered, column) < self.ordered.height

    def telling(self, row_tells: pl.Series) -> pl.Series:
        """Return which conversations are of a system that has any such row: others cannot say."""
        if len(unique(self.ordered, "system")) <= 1:
            return pl.repeat(bool(row_tells.any()), len(self.last), dtype=pl.Boolean, eager=True)
        systems = self.ordered["system"]
        able = systems.filter(row_tells.fill_null(value=False)).unique()
        return systems.gather(self.last).is_in(able.implode())

    def per_conversation(self, found: pl.DataFrame, column: str) -> pl.Series:
        """Return a column of rows that have one `conversation` each, null for the other conversations."""
        nothing = pl.repeat(None, len(self.last), dtype=found.schema[column], eager=True)
        return nothing.scatter(found["conversation"], found[column])


def look_at(
    ordered: pl.DataFrame, clocks: Clocks, settings: Settings, as_of: Mapping[str, datetime]
) -> Seen:
    """Return what the families look at."""
    event, role, human = C("event"), C("author_role"), ~C("is_automated")
    rows = ordered.select(
        inbound=(event == "inbound") & human,
        reply=(event == "outbound") & ((role == "agent") | (role == "unknown")) & human,
        bot=(event == "outbound") & (role == "bot"),
        handoff=event == "handoff",
    )
    last = clocks.last_row
    opening = last.shift(1, fill_value=0) + (last.shift(1).is_not_null()).cast(pl.UInt32)
    return Seen(
        ordered=ordered,
        clocks=clocks,
        settings=settings,
        rows=rows,
        last=last,
        opening=clocks.asked.zip_with(clocks.asked.is_not_null(), opening),
        as_of=instants(ordered, last, as_of),
        solved=solvings(ordered, settings, last) if clocks.has_statuses else None,
        sums={},
    )


def instants(ordered: pl.DataFrame, last: pl.Series, as_of: Mapping[str, datetime]) -> pl.Series:
    """Return per conversation the instant its system is judged as of."""
    if len(set(as_of.values())) <= 1:
        return pl.repeat(next(iter(as_of.values()), None), len(last), dtype=INSTANT, eager=True)
    own = ordered["system"].gather(last).cast(pl.String)
    return own.replace_strict(dict(as_of), return_dtype=INSTANT)


def solvings(ordered: pl.DataFrame, settings: Settings, last: pl.Series) -> Solved:
    """Return where conversations were solved and reopened."""
    spans = status_spans(ordered, settings.definitions)
    nothing = pl.repeat(None, len(last), dtype=pl.UInt32, eager=True)
    closings = spans.filter("begins_closed")
    first, latest = first_of_each(closings), last_of_each(closings)
    reopenings = spans.filter("is_reopening")
    again = first_of_each(reopenings)
    sent_at = ordered["sent_at"]
    first_row = nothing.clone().scatter(first["conversation"], first["index"])
    reopened = nothing.clone().scatter(again["conversation"], again["index"])
    final = last_of_each(spans)
    systems = ordered["system"]
    able = systems.gather(spans["index"]).unique()
    closed = pl.repeat(value=False, n=len(last), dtype=pl.Boolean, eager=True)
    closed = closed.scatter(final["conversation"], final["is_closed"])
    told = systems.gather(last).is_in(able.implode())
    changes = pl.concat(
        [
            closings.select("conversation", at="paused_at", step=pl.lit(-1, pl.Int32)),
            reopenings.select("conversation", at="paused_at", step=pl.lit(1, pl.Int32)),
        ]
    )
    return Solved(
        first_row=first_row,
        last_row=nothing.clone().scatter(latest["conversation"], latest["index"]),
        first_at=sent_at.gather(first_row),
        reopened_at=sent_at.gather(reopened),
        stands=closed.set(~told, None),
        changes=changes,
    )
