"""Rows of a timeline, one by one, as decoders of nested JSON give them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Final

import msgspec
import polars as pl

from kpiaudit.decoding.records import Broken, Table
from kpiaudit.schema import MESSAGES, READING

if TYPE_CHECKING:
    from kpiaudit.settings import Us

Id = int | str
Instant = Annotated[datetime, msgspec.Meta(tz=True)]
EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND: Final = timedelta(microseconds=1)


Row = dict[str, object]
"""One row: values by MESSAGES and READING names, `sent_at` in microseconds since 1970, absent ones null."""
TYPES: Final = MESSAGES | READING
PLAIN: Final = ("row", "is_automated", "tags", "rating")
HELD: Final[dict[str, pl.DataType]] = {
    name: kind if name in PLAIN else pl.Int64() if name == "sent_at" else pl.String()
    for name, kind in TYPES.items()
    if name
    not in {"system", "source", "handle_time", "sentiment", "reply_to", "is_partial", "author"}
}


class Rows(Table):
    """Every row of an export: messages, and records that are none."""

    def __init__(self) -> None:
        super().__init__(HELD)

    def tell(self, row: Row) -> None:
        """Take one row; a name that is no column is a bug."""
        if not row.keys() <= HELD.keys():
            raise KeyError(row.keys() - HELD.keys())
        self.add(tuple(map(row.get, HELD)))

    def reject(self, export: str, row: int, broken: Broken) -> None:
        """Take down a record that cannot be used."""
        self.tell({"export": export, "row": row, "reject": broken.rule, "value": broken.value})

    def skip(self, export: str, row: int, reason: str) -> None:
        """Take down a record that is no message."""
        self.tell({"export": export, "row": row, "skip": reason})

    def messages(self) -> pl.LazyFrame:
        """Return every row taken, in the types of MESSAGES and READING."""
        return self.frame().select(pl.col(name).cast(TYPES[name]) for name in HELD)


class Faults(Table):
    """Records that are no messages: rejects, and those skipped for a reason."""

    def __init__(self) -> None:
        super().__init__(
            {name: HELD[name] for name in ("export", "row", "reject", "value", "skip")}
        )

    def reject(self, export: str, row: int, broken: Broken) -> None:
        """Take down a record that cannot be used."""
        self.add((export, row, broken.rule, broken.value, None))


def typed(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return rows in the types of MESSAGES and READING."""
    return rows.select(pl.col(name).cast(TYPES[name]) for name in rows.collect_schema().names())


def timeline(told: Sequence[pl.LazyFrame]) -> pl.LazyFrame:
    """Return rows of any columns as those of `Rows`: null where they have none."""
    rows = pl.concat(told, how="diagonal")
    lacking = HELD.keys() - set(rows.collect_schema().names())
    rows = rows.with_columns(pl.lit(None).alias(name) for name in lacking)
    return rows.select(pl.col(name).cast(TYPES[name]) for name in HELD)


def word(column: str, text: str) -> pl.Expr:
    """Return one of the words a column of MESSAGES knows."""
    return pl.lit(text, TYPES[column])


def micros(instant: datetime) -> int:
    """Return microseconds since 1970, exactly."""
    return (instant - EPOCH) // MICROSECOND


def is_our_bot(us: Us | None, *names: str | None) -> bool:
    """Return whether one of the names is a bot of `[us]`, whatever its case."""
    return us is not None and is_one_of(us.bots, names)


def is_our_agent(us: Us | None, *names: str | None) -> bool:
    """Return whether one of the names is an agent or account of `[us]`, whatever its case."""
    return us is not None and is_one_of((*us.agents, *us.accounts), names)


def is_one_of(words: Sequence[str], names: Sequence[str | None]) -> bool:
    """Return whether a name is among `words`, in any case."""
    known = {word.lower() for word in words}
    return any(name.lower() in known for name in names if name)
