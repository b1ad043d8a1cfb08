"""The clocks file: one row per clock and the SLA that judged it, each traceable to its two rows."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.adherence import paused_time
from kpiaudit.assembly import with_evidence
from kpiaudit.conversations import natural
from kpiaudit.messages import LABELS
from kpiaudit.pieces import in_slices
from kpiaudit.schema import DURATION, LABEL, METRICS, OUTCOMES

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Reading

C = pl.col
COLUMNS = (
    "system", "source", "conversation_id", "metric", "ordinal", "sla", "calendar", "channel",
    "visibility", "platform", "team", "agent", "priority", "category", "started_at", "stopped_at",
    "stop_reason", "elapsed_seconds", "wall_seconds", "paused_seconds", "target_seconds", "due_at",
    "outcome", "excluded_reason", "at_risk", "start_export", "start_row", "stop_export", "stop_row",
    "policy_changed",
)  # fmt: skip
DIMENSIONS = frozenset({"source", "visibility", "platform", "priority", "category"})


def clock_rows(audited: Audit) -> pl.DataFrame:
    """Return every clock as COLUMNS, sorted by system, conversation, metric, ordinal and SLA.

    Seconds are whole, rounded up.
    """
    place = {name: at for at, name in enumerate(METRICS)}
    return (
        every_clock(audited)
        .with_columns(
            *(
                seconds(name).alias(f"{name}_seconds")
                for name in ("elapsed", "wall", "paused", "target")
            ),
            C("system").cast(pl.String),
            place=C("metric").cast(pl.String).replace_strict(place, return_dtype=pl.UInt8),
        )
        .sort("system", *natural("conversation_id"), "place", "ordinal", "sla", nulls_last=True)
        .select(COLUMNS)
    )


def every_clock(audited: Audit) -> pl.DataFrame:
    """Return the judged clocks and those no SLA took, with the rows they start and stop at.

    A clock no SLA took is there once, `sla` empty, elapsed around the clock less its pauses.
    """
    judged = audited.adherence
    key = ["start_index", "metric"]
    rest = audited.described.join(judged.select(key).unique(), on=key, how="anti")
    end = C("stopped_at").fill_null(C("as_of"))
    ends = rest.select(end=end).to_series()
    paused = paused_time(rest, ends, audited.clocks.pauses, None)
    wall = ends - rest["started_at"]
    if paused is None:
        paused = pl.repeat(timedelta(), rest.height, dtype=DURATION, eager=True)
    free = rest.with_columns(elapsed=wall - paused, wall=wall, paused=paused)
    missing = {
        "sla": judged.schema["sla"],
        "calendar": judged.schema["calendar"],
        "target": DURATION,
        "due_at": judged.schema["due_at"],
        "outcome": pl.Enum(OUTCOMES),
        "excluded_reason": judged.schema["excluded_reason"],
        "overrun": DURATION,
    }
    free = free.with_columns(
        *(pl.lit(None, dtype=kind).alias(name) for name, kind in missing.items()),
        at_risk=pl.lit(value=False),
    )
    both = pl.concat([judged.select(free.columns), free])
    return with_evidence(both, audited.reading.ordered)


def message_rows(reading: Reading) -> pl.DataFrame:
    """Return every message used, sorted by system, conversation and the order inside it."""
    ordered = reading.ordered
    labels = [name for name in LABELS if ordered.schema.get(name) == LABEL]
    begins = C("conversation").ne_missing(C("conversation").shift())
    rows = in_slices(ordered.select("conversation"), begins).arg_true()
    first = ordered.select("system", "conversation_id", "conversation")[rows]
    texts = ["system", *({"conversation_id"} & set(labels))]
    by_name = first.with_columns(C(texts).cast(pl.String)).sort(
        "system", *natural("conversation_id"), "conversation", nulls_last=True
    )["conversation"]
    if not by_name.is_sorted():
        place = by_name.arg_sort().gather(ordered["conversation"]).alias("place")
        ordered = ordered[place.to_frame().with_row_index().sort("place", "index")["index"]]
    return ordered.with_columns(C(labels).cast(pl.String)).drop("conversation")


def seconds(name: str) -> pl.Expr:
    """Return a duration as its ceiling in whole seconds."""
    microseconds = C(name).dt.total_microseconds()
    return -((-microseconds) // 1_000_000)
