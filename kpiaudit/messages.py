"""From what sources read to one MESSAGES frame: conform, judge every row's fate, remove duplicates.

`fate` tells of every row what became of it: used, duplicate, reject or skipped. Nothing leaves the
frame before it has been counted.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Literal

import polars as pl

from kpiaudit.authors import with_roles
from kpiaudit.coarseness import FATE, mark_coarser, mark_told_better
from kpiaudit.one_value import nulls, unique
from kpiaudit.pieces import SPARSEST, slices
from kpiaudit.repeats import repeats
from kpiaudit.schema import INSTANT, LABEL, MESSAGES, READING
from kpiaudit.settings import Us
from kpiaudit.sources.base import NO_RECORD
from kpiaudit.tallies import (
    count_rows,
    counts_of,
    doubts_of,
    reasons_of,
    rejects_of,
)

if TYPE_CHECKING:
    from kpiaudit.sources.base import Source

C = pl.col
OVERLAPS: dict[str, pl.DataType] = {"file": pl.String(), "kept": pl.String(), "rows": pl.UInt32()}
BESIDE = ("reject", "skip", "value", "doubt", "fate", "file", "record")
"""Columns that tell of the reading of a row, not of the message."""
IDS = ("conversation_id", "message_id", "reply_to")
LABELS = ("conversation_id", "customer")
"""Text a source may tell as labels: 4 bytes a row, not 16 and more."""


@dataclass(frozen=True, slots=True)
class Gathered:
    """`messages`: MESSAGES columns, used rows only, in reading order. `counts`: one row per file with
    `file, rows, messages, used, duplicate, reject, skipped`. `rejects`: REJECTS. `reasons`: `file, reason,
    rows` of skipped rows. `roles`, `channels`: `file, word, count` of used messages. `overlaps`: `file,
    kept, rows`, how many messages of a file were duplicates of those of the file they were kept from.
    `doubts`: `file, word, count` of what had to be taken for granted to use messages.
    """

    messages: pl.DataFrame
    counts: pl.DataFrame
    rejects: pl.DataFrame
    reasons: pl.DataFrame
    roles: pl.DataFrame
    channels: pl.DataFrame
    identical_rows: int
    overlaps: pl.DataFrame
    doubts: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Conformed:
    """One source's rows, and which of their columns hold one value throughout."""

    frame: pl.DataFrame
    constants: tuple[str, ...]


def needed_columns(
    available: Sequence[str], *, dimensions: frozenset[str], everything: bool = False
) -> list[str]:
    """Return which of a reading's columns a run needs, so that the scan stays narrow."""
    if everything:
        return list(available)
    always = {
        "system", "source", "export", "row", "conversation_id", "message_id", "sent_at", "event",
        "status", "author_role", "is_automated", "grain", "file", "record",
    } | READING.keys()  # fmt: skip
    return [column for column in available if column in always | dimensions]


def conform(
    frame: pl.DataFrame,
    source: Source,
    *,
    export: str | None = None,
    us: Us | None = None,
    where: str = "",
    asks: bool = True,
) -> Conformed:
    """Return one source's rows with MESSAGES types, constants, default roles and the rules all obey.

    Columns a source does not give stay away, except those every stage reads. `export` names the one
    file all rows are of, where the reading does not; `us` and `where` serve exports that carry no roles.
    Raises `ExportError` for one of those while `[us]` is empty, or, unless it `asks`, refuses its rows.
    """
    if "author" in frame.columns:
        frame = with_roles(frame, us or Us(), where=where, asks=asks)
    have = set(frame.columns)
    types = MESSAGES | READING
    casts = [
        C(name).cast(types[name], strict=False)
        for name in frame.columns
        if name in types and not stays(name, frame.schema[name])
    ]
    constants = {
        "system": source.system,
        "source": source.name,
        "grain": "message",
        **source.constants,
    }
    if export is not None:
        constants["export"] = export
    defaults = {"is_automated": False, **constants}
    if not source.has_boundaries:
        defaults["has_boundaries"] = False
    keys = ["sent_at", "event", *(["conversation_id"] if "reply_to" not in have else [])]
    empty = [
        name
        for name in ("message_id", "status", "reject", "skip", "value", *keys)
        if name not in have
    ]
    frame = frame.with_columns(casts).with_columns(
        *(
            C(name).fill_null(value) if name in have else value.alias(name)
            for name, value in ((n, pl.lit(v, types[n])) for n, v in defaults.items())
        ),
        *(pl.lit(None, dtype=types[name]).alias(name) for name in empty),
    )
    place = {} if "file" in have else {"file": C("export"), "record": C("row")}
    frame = frame.with_columns(author_role=roles(given="author_role" in have), **place)
    frame = frame.with_columns(no_records(frame))
    return Conformed(
        frame.with_columns(missing_values(frame)),
        tuple(name for name in (*defaults, *empty) if name in MESSAGES and name not in have),
    )


def stays(name: str, kind: pl.DataType) -> bool:
    """Return whether a column of text keeps another type: ids that are numbers, names that are labels."""
    if name in LABELS and kind == LABEL:
        return True
    return name in IDS and kind == pl.Int64


def roles(*, given: bool) -> pl.Expr:
    """Return author_role with the default its event gives: inbound customer, outbound and note agent."""
    kind, event = MESSAGES["author_role"], C("event")
    default = (
        pl.when(event == "inbound")
        .then(pl.lit("customer", kind))
        .when((event == "outbound") | (event == "note"))
        .then(pl.lit("agent", kind))
        .otherwise(pl.lit("system", kind))
    )
    return pl.coalesce("author_role", default) if given else default


def no_records(frame: pl.DataFrame) -> list[pl.Expr]:
    """Return `reject` and `skip` where a scan met the header again, or nothing: these are no bad rows."""
    if nulls(frame, "reject") == frame.height:
        return []
    is_none = C("reject").cast(pl.String).is_in(NO_RECORD).fill_null(value=False)
    return [
        pl.when(~is_none).then("reject").alias("reject"),
        pl.when(is_none).then(C("reject").cast(LABEL)).otherwise("skip").alias("skip"),
    ]


def missing_values(frame: pl.DataFrame) -> list[pl.Expr]:
    """Return `reject` completed with the rules of every source: no key, no instant, no event."""
    keys = ["sent_at", "event"]
    if "reply_to" not in frame.columns:
        keys.insert(0, "conversation_id")
    reject = C("reject")
    changed = False
    for key in keys:
        if nulls(frame, key):
            changed = True
            at_fault = C(key).is_null() & C("skip").is_null()
            rule = pl.when(at_fault).then(pl.lit(f"{key}: missing"))
            reject = pl.coalesce(reject, rule)
    return [reject.cast(READING["reject"]).alias("reject")] if changed else []


def combine(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Return all sources' rows in one frame; ids stay integers only while all of them are."""
    if not frames:
        place = {"file": MESSAGES["export"], "record": MESSAGES["row"]}
        return pl.DataFrame(schema=MESSAGES | READING | place).drop("reply_to", "is_partial")
    if len(frames) == 1:
        return frames[0]
    for names in (IDS, ("customer",)):
        kinds = {frame.schema[name] for frame in frames for name in names if name in frame.columns}
        if len(kinds) > 1:
            frames = [
                frame.with_columns(
                    C(name).cast(pl.String) for name in names if name in frame.columns
                )
                for frame in frames
            ]
    return pl.concat(frames, how="diagonal")


def gather(
    frames: Sequence[pl.DataFrame],
    *,
    files: Sequence[str],
    as_of: datetime | Mapping[str, datetime] | None,
    one_row_one_message: bool = False,
    told_better: Mapping[str, str] | None = None,
) -> Gathered:
    """Return used messages and what became of every other row.

    `files` are all exports of the run in path order; `as_of` (for all, or by system) skips what was
    sent after it;
    `one_row_one_message` promises that no row of a file gave two messages; `told_better` maps a source to the
    one that tells the same conversations better.
    """
    everything = combine(frames)
    everything = everything.with_columns(skip=late(as_of))
    fate = (
        pl.when(C("skip").is_not_null())
        .then(pl.lit("skipped", FATE))
        .when(C("reject").is_not_null())
        .then(pl.lit("reject", FATE))
        .otherwise(pl.lit("used", FATE))
    )
    everything = everything.with_columns(fate=fate)
    everything = mark_told_better(mark_coarser(everything), told_better)
    everything, overlaps = mark_duplicates(everything, files)
    counts = count_rows(everything, files, one_row_one_message=one_row_one_message)
    is_used = C("fate") == "used"
    everything_used = unique(everything, "fate").to_list() in ([], ["used"])
    rest = everything.clear() if everything_used else everything.filter(~is_used)
    messages = everything if everything_used else everything.filter(is_used)
    return Gathered(
        messages=messages.drop(*BESIDE, strict=False),
        counts=counts,
        rejects=rejects_of(rest),
        reasons=reasons_of(rest, messages),
        roles=counts_of(messages, "author_role"),
        channels=counts_of(messages, "channel"),
        identical_rows=repeats(messages),
        overlaps=overlaps,
        doubts=doubts_of(messages),
    )


def late(as_of: datetime | Mapping[str, datetime] | None) -> pl.Expr:
    """Return `skip` with the rows after an explicit `as_of`, one for all or each system's own."""
    if not as_of:
        return C("skip")
    if isinstance(as_of, datetime):
        last = pl.lit(as_of, INSTANT)
    else:
        system = C("system").cast(pl.String)
        last = system.replace_strict(dict(as_of), default=None, return_dtype=INSTANT)
    after = (C("sent_at") > last) & C("reject").is_null()
    return pl.coalesce("skip", pl.when(after).then(pl.lit("after as_of")))


def mark_duplicates(
    everything: pl.DataFrame, files: Sequence[str]
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Mark all but one copy of a message_id of a system: the export with the latest last event wins,
    then path order, then the first row. Return the rows and, as Gathered has them, the overlaps.
    """
    if nulls(everything, "message_id") == everything.height:
        return everything, pl.DataFrame(schema=OVERLAPS)
    if are_unique(everything["message_id"]):
        return everything, pl.DataFrame(schema=OVERLAPS)
    place = pl.DataFrame(
        {"file": list(files), "place": range(len(files))}, schema_overrides={"file": pl.String}
    )
    candidates = (
        everything.with_row_index("at")
        .filter(C("message_id").is_not_null() & (C("fate") == "used"))
        .select("at", "system", "message_id", "sent_at", "record", C("file").cast(pl.String))
    )
    latest = candidates.group_by("file").agg(latest=C("sent_at").max())
    losers = (
        candidates.join(latest, on="file")
        .join(place, on="file", how="left")
        .sort("system", "message_id", -C("latest").cast(pl.Int64), "place", "record", "at")
        .with_columns(is_copy=is_same(as_="previous"), kept=C("file"))
        .filter(C("is_copy").fill_null(value=False) | is_same(as_="next").fill_null(value=False))
        .with_columns(pl.when(~C("is_copy").fill_null(value=False)).then("kept").forward_fill())
        .filter(C("is_copy"))
    )
    at = pl.int_range(pl.len(), dtype=pl.UInt32).is_in(losers["at"].implode())
    overlaps = losers.group_by("file", "kept").agg(rows=pl.len()).sort("file", "kept")
    return everything.with_columns(
        fate=pl.when(at).then(pl.lit("duplicate", FATE)).otherwise("fate")
    ), overlaps.cast(pl.Schema(OVERLAPS))


def are_unique(ids: pl.Series) -> bool:
    """Return whether no id comes twice. Numbers that ascend tell so at a look, dense ones by how many places
    of a table they fill.
    """
    known, low, high = len(ids) - ids.null_count(), ids.min(), ids.max()
    if (
        known == len(ids)
        and ids.dtype == pl.Int64
        and isinstance(low, int)
        and isinstance(high, int)
    ):
        if ascend(ids):
            return True
        if high - low < SPARSEST * known:
            taken = pl.repeat(value=False, n=high - low + 1, dtype=pl.Boolean, eager=True)
            for piece in slices(ids):
                taken = taken.scatter((piece - low).cast(pl.UInt32), values=True)
            return int(taken.sum()) == known
    return ids.n_unique() - (known < len(ids)) == known


def ascend(numbers: pl.Series) -> bool:
    """Return whether each number is more than the one before it."""
    return all(
        (piece.slice(1) > piece.slice(0, max(len(piece) - 1, 0))).all()
        for piece in slices(numbers, more=1)
    )


def is_same(*, as_: Literal["previous", "next"]) -> pl.Expr:
    """Return whether a sorted row has the system and message_id of its neighbour."""
    step = 1 if as_ == "previous" else -1
    system, name = C("system"), C("message_id")
    return (system == system.shift(step)) & (name == name.shift(step))
