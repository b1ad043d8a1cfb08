"""Exports beside conversations, agents' presence and self-service: in frames of their own, and counted.

A row of theirs is used, rejected or skipped like any other, and gives no message.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.schema import BESIDE, INSTANT, PRESENCE, REJECTS, SELF_SERVICE
from kpiaudit.sources.base import REPEATED

if TYPE_CHECKING:
    from kpiaudit.messages import Gathered

C = pl.col
AFTER: Final = "after as_of"
BEGINS: Final = {"presence": "from", "self_service": "at"}
"""The instant a row is of."""


@dataclass(frozen=True, slots=True)
class Beside:
    """`presence`: PRESENCE, by agent and instant, spans of one agent apart from each other; `self_service`:
    SELF_SERVICE, by instant. `kinds`: those any export of was read.
    """

    presence: pl.DataFrame
    self_service: pl.DataFrame
    kinds: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class SetBeside:
    """The rows of one source, of a kind in BESIDE, and the files they are of."""

    kind: str
    files: tuple[str, ...]
    rows: pl.DataFrame


NOTHING: Final = Beside(pl.DataFrame(schema=PRESENCE), pl.DataFrame(schema=SELF_SERVICE))


def set_beside(
    gathered: Gathered, read: Sequence[SetBeside], *, as_of: datetime | None
) -> tuple[Gathered, Beside]:
    """Return what was gathered with the rows of these sources counted, and the rows.

    `as_of`, where one holds for all, skips what began after it.
    """
    used: dict[str, list[pl.DataFrame]] = {kind: [] for kind in BESIDE}
    for source in read:
        told = with_fate(source.rows, source.kind, as_of)
        rows = told.filter(C("fate") == "used").select(*BESIDE[source.kind])
        used[source.kind].append(rows)
        gathered = accounted(gathered, told, source.files, BEGINS[source.kind])
    frames = {
        kind: pl.concat([pl.DataFrame(schema=BESIDE[kind]), *parts]) for kind, parts in used.items()
    }
    kinds = frozenset(source.kind for source in read)
    self_service = frames["self_service"].sort("at", maintain_order=True)
    return gathered, Beside(apart(frames["presence"]), self_service, kinds)


def with_fate(rows: pl.DataFrame, kind: str, as_of: datetime | None) -> pl.DataFrame:
    """Return rows with `fate`, and the `reason` of what is skipped."""
    rule = C("reject").cast(pl.String)
    late = C(BEGINS[kind]) > pl.lit(as_of, INSTANT) if as_of else pl.lit(value=False)
    reason = pl.when(rule == REPEATED).then(pl.lit(REPEATED)).when(late).then(pl.lit(AFTER))
    return rows.with_columns(rule=rule, reason=reason).with_columns(
        fate=pl.when(C("reason").is_not_null() & (C("rule").is_null() | (C("rule") == REPEATED)))
        .then(pl.lit("skipped"))
        .when(C("rule").is_not_null())
        .then(pl.lit("reject"))
        .otherwise(pl.lit("used"))
    )


def accounted(gathered: Gathered, told: pl.DataFrame, files: Sequence[str], at: str) -> Gathered:
    """Return what was gathered with the rows of a source counted file by file."""
    file = C("export").cast(pl.String).alias("file")
    is_used = C("fate") == "used"
    counts = told.group_by(file).agg(
        rows=pl.len(),
        messages=pl.lit(0),
        duplicate=pl.lit(0),
        **{fate: (C("fate") == fate).sum() for fate in ("used", "reject", "skipped")},
        first_at=C(at).filter(is_used).min(),
        last_at=C(at).filter(is_used).max(),
    )
    counts = pl.DataFrame({"file": files}, schema={"file": pl.String}).join(
        counts, on="file", how="left"
    )
    numbers = ("rows", "messages", "used", "duplicate", "reject", "skipped")
    counts = counts.with_columns(C(*numbers).fill_null(0))
    reasons = told.filter(C("fate") == "skipped").group_by(file, "reason").agg(rows=pl.len())
    rejects = told.filter(C("fate") == "reject").select(
        "export", "row", C("rule"), C("value").cast(pl.String)
    )
    return replace(
        gathered,
        counts=added(gathered.counts, counts).sort("file"),
        reasons=added(gathered.reasons, reasons).sort("file", "reason"),
        rejects=added(gathered.rejects, rejects.cast(pl.Schema(REJECTS))).sort(
            "export", "row", "rule", "value"
        ),
    )


def added(table: pl.DataFrame, rows: pl.DataFrame) -> pl.DataFrame:
    """Return a table with rows that have its columns, as its types."""
    return pl.concat([table, rows.select(table.columns).cast(table.schema)])


def apart(presence: pl.DataFrame) -> pl.DataFrame:
    """Return presence in which every span of an agent ends where the agent's next begins, at the latest."""
    order = presence.sort(C("agent").cast(pl.String), "from", "to", maintain_order=True)
    same = C("agent") == C("agent").shift(-1)
    ends = pl.when(same).then(pl.min_horizontal("to", C("from").shift(-1))).otherwise("to")
    return order.with_columns(ends.alias("to")).filter(C("to") > C("from"))
