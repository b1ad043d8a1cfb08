"""From messages to conversations: follow reply chains to their root, put every timeline in order."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from kpiaudit.moves import moved, moves_of
from kpiaudit.one_value import is_one_value, nulls, unique
from kpiaudit.pieces import (
    SPARSEST,
    by_pieces,
    counted,
    cut_as,
    in_pieces,
    in_slices,
    is_many,
    parts,
    slices,
)
from kpiaudit.schema import LABEL

C = pl.col
MOST_BITS = 62
SECOND = 1_000_000
ROUNDS = 40
"""Pointer jumping doubles its reach each round: 2**40 is deeper than any chain of rows."""


@dataclass(frozen=True, slots=True)
class Threads:
    """`messages` with their conversation_id and is_partial; `cycle_rows`: messages whose replies run in
    a circle, each circle one conversation named after its smallest id.
    """

    messages: pl.DataFrame
    cycle_rows: int


def thread(messages: pl.DataFrame) -> Threads:
    """Give every message that names what it answers (`reply_to`) its conversation: the chain's root.

    A root that answers a message outside the export is partial. Rows that have a conversation_id
    already keep it. Ids must be unique within a system.
    """
    if "reply_to" not in messages.columns:
        return Threads(messages, 0)
    linked = messages
    kept = None
    if "conversation_id" in messages.columns:
        linked = messages.filter(C("conversation_id").is_null())
        kept = messages.filter(C("conversation_id").is_not_null())
    if linked.is_empty():
        nothing = [] if kept is not None else [C("message_id").alias("conversation_id")]
        return Threads(messages.drop("reply_to").with_columns(nothing), 0)
    is_one = linked["system"].n_unique() == 1
    parts = [linked] if is_one else linked.partition_by("system", maintain_order=True)
    threads = [thread_system(part) for part in parts]
    frames = [part.messages for part in threads]
    if kept is not None:
        frames.insert(0, kept.drop("reply_to"))
    return Threads(
        pl.concat(frames, how="diagonal") if len(frames) > 1 else frames[0],
        sum(part.cycle_rows for part in threads),
    )


def thread_system(linked: pl.DataFrame) -> Threads:
    """Resolve the reply chains of one system by pointer jumping over row numbers."""
    ids, answered = linked["message_id"], linked["reply_to"]
    if is_many(linked.height):
        linked.drop_in_place("reply_to")
    parent = parents(ids, answered)
    is_partial = parent.is_null() & answered.is_not_null()
    del answered
    own = pl.int_range(len(ids), dtype=pl.UInt32, eager=True)
    root = parent.zip_with(parent.is_not_null(), own)
    is_settled = False
    for _ in range(ROUNDS):
        further = root.gather(root)
        if is_settled := bool((further == root).all()):
            break
        root = further
    cycle_rows = 0
    if not is_settled or ((root == own) & parent.is_not_null()).any():
        in_cycle = parent.gather(root).is_not_null()
        cycle_rows = int(in_cycle.sum())
        root = name_cycles(root, parent, in_cycle, ids)
    del parent, own
    messages = linked.drop("reply_to", strict=False).with_columns(
        conversation_id=ids_of(ids, root), is_partial=in_pieces(is_partial)
    )
    return Threads(messages, cycle_rows)


def ids_of(ids: pl.Series, rows: pl.Series) -> pl.Series:
    """Return the ids of rows; of very many numbers that are near each other, by way of half as wide ones."""
    low, high = ids.min(), ids.max()
    if not is_many(len(ids)) or ids.dtype != pl.Int64:
        return by_pieces(rows, ids.rechunk().gather)
    if not (isinstance(low, int) and isinstance(high, int)) or high - low >= 1 << 32:
        return by_pieces(rows, ids.rechunk().gather)
    more = by_pieces(ids, lambda piece: (piece - low).cast(pl.UInt32)).rechunk()
    return by_pieces(rows, lambda piece: more.gather(piece).cast(pl.Int64) + low)


def parents(ids: pl.Series, answered: pl.Series) -> pl.Series:
    """Return for each message answered the row that has its id, null where none has: by a table of rows where
    ids are dense whole numbers, else by a search.
    """
    low, high, last = ids.min(), ids.max(), answered.max()
    if ids.dtype != pl.Int64 or not (isinstance(low, int) and isinstance(high, int)):
        return row_of(ids, answered)
    largest = SPARSEST * len(ids) + 1024
    if high - low >= largest:
        return row_of(ids, answered)
    if isinstance(last, int) and high < last < low + largest:
        high = last
    elif isinstance(last, int) and last > high:
        answered = answered.set(answered > high, None)
    table, row = pl.repeat(None, high - low + 1, dtype=pl.UInt32, eager=True), 0
    for piece in slices(ids):
        rows = pl.int_range(row, row + len(piece), dtype=pl.UInt32, eager=True)
        table = table.scatter((piece - low).cast(pl.UInt32), rows)
        row += len(piece)

    def of(piece: pl.Series) -> pl.Series:
        return table.gather((piece - low).cast(pl.UInt32, strict=False))  # none below `low`

    return by_pieces(answered, of).rechunk()


def row_of(ids: pl.Series, wanted: pl.Series) -> pl.Series:
    """Return for each wanted id the row that has it, null where none has: by a search."""
    rows = pl.int_range(len(ids), dtype=pl.UInt32, eager=True)
    table = pl.DataFrame({"id": ids, "at": rows}).filter(C("id").is_not_null())
    return (
        pl.DataFrame({"id": wanted})
        .join(table, on="id", how="left", maintain_order="left")
        .get_column("at")
    )


def name_cycles(
    root: pl.Series, parent: pl.Series, in_cycle: pl.Series, ids: pl.Series
) -> pl.Series:
    """Return roots where every circle of replies has one: the row of its smallest id."""
    smallest = pl.int_range(len(ids), dtype=pl.UInt32, eager=True)
    order = ids.arg_sort(nulls_last=True)
    rank = pl.repeat(0, len(ids), dtype=pl.UInt32, eager=True).scatter(order, smallest)
    best, step = rank, parent.zip_with(parent.is_not_null(), smallest)
    for _ in range(ROUNDS):
        reached = best.gather(step)
        best = best.zip_with(best <= reached, reached)
        step = step.gather(step)
    winner = order.gather(best.gather(root))
    return winner.cast(pl.UInt32).zip_with(in_cycle, root)


def timeline(
    messages: pl.DataFrame, constants: Sequence[str] = (), *, but: Collection[str] = ()
) -> pl.DataFrame:
    """Return messages ordered by conversation, sent_at, message_id (numeric where all of a system are)
    and row, with `conversation`: UInt32, dense, counting conversations in that order. Conversations whose
    messages lie together and in order stay where they are.

    `constants` names columns that hold one value in all rows: they need not be moved; `but` those that are
    left behind. Of very many messages the columns are taken away one by one.
    """
    moves = moves_of(messages, tie_breakers) if is_text(messages) else None
    if moves is not None:
        return numbered(moved(messages.drop(but), moves), constants)
    order = row_order(messages)
    columns = [name for name in messages.columns if name not in but]
    schema = messages.schema
    top = messages.head(1)
    still = {} if messages.is_empty() else {name: top[name].item() for name in constants}
    moving = [name for name in columns if name not in still]
    if not is_many(messages.height):
        ordered = messages.select(moving)[order]
    else:
        for name in but:
            messages.drop_in_place(name)
        ordered = pl.concat((taken(messages, name, order) for name in moving), how="horizontal")
    ordered = ordered.with_columns(
        pl.lit(value, schema[name]).alias(name) for name, value in still.items()
    )
    return numbered(ordered.select(columns), constants)


def is_text(messages: pl.DataFrame) -> bool:
    """Return whether conversations go by text, and there are any: by number they are sorted in less time."""
    return messages.schema["conversation_id"] != pl.Int64 and not messages.is_empty()


def taken(messages: pl.DataFrame, name: str, order: pl.Series) -> pl.DataFrame:
    """Return a column in order, and take it away, unless it is one value for all rows."""
    if is_one_value(messages, name):
        return messages.select(name)[order]
    whole = messages.drop_in_place(name).rechunk()
    return by_pieces(order, whole.gather).to_frame()


def numbered(ordered: pl.DataFrame, constants: Sequence[str]) -> pl.DataFrame:
    """Return ordered messages with `conversation`."""
    changes = C("conversation_id").ne_missing(C("conversation_id").shift())
    if "system" not in constants:
        changes |= C("system").ne_missing(C("system").shift())
    begins = in_slices(ordered, changes.fill_null(value=True))
    number = pl.concat(list(counted(begins, first=0)), rechunk=True)
    return ordered.with_columns(conversation=cut_as(number, ordered["sent_at"]))


def row_order(messages: pl.DataFrame) -> pl.Series:
    """Return the row numbers by conversation, instant and tie breakers; by one packed number where it
    fits.
    """
    packed = packed_order(messages)
    if packed is None:
        return order_by_hash(messages)
    sorted_pieces = [in_order(packed, rows) for rows in ranges(packed)]
    order = pl.concat([rows for rows, _ in sorted_pieces], rechunk=True)
    tied = pl.concat([is_tied for _, is_tied in sorted_pieces]).arg_true()
    if len(tied):
        rows = order.gather(tied)
        ties = {f"tie_{place}": tie for place, tie in enumerate(tie_breakers(messages))}
        places = messages[rows].select(packed=pl.lit(packed.gather(rows)), **ties)
        sorted_places = places.select(pl.arg_sort_by(places.columns)).to_series()
        order = order.scatter(tied, rows.gather(sorted_places))
    return order


def ranges(packed: pl.Series) -> Iterator[pl.Series | None]:
    """Yield the rows of one range of numbers after another, or None for all of them: what is sorted at once
    is held three times.
    """
    low, high = packed.min(), packed.max()
    if not (is_many(len(packed)) and isinstance(low, int) and isinstance(high, int)):
        yield None
        return
    step = (high - low) // parts(len(packed)) + 1
    for start in range(low, high + 1, step):
        yield ((packed >= start) & (packed < start + step)).arg_true()


def in_order(packed: pl.Series, rows: pl.Series | None) -> tuple[pl.Series, pl.Series]:
    """Return row numbers in the order of their numbers, all or of `rows`, and which share theirs with a
    neighbour.
    """
    numbers = packed if rows is None else packed.gather(rows)
    order = numbers.arg_sort()
    numbers = numbers.gather(order)
    no = pl.repeat(value=False, n=min(len(numbers), 1), dtype=pl.Boolean, eager=True)
    same = pl.concat([no, numbers[1:] == numbers[:-1]])
    if same.any():
        same |= same.shift(-1, fill_value=False)
    return order if rows is None else rows.gather(order), same


def packed_order(messages: pl.DataFrame) -> pl.Series | None:
    """Return conversation and second as one Int64, three times as fast to sort by; None where ids are
    text, systems several, instants finer than a second, or it does not fit.
    """
    is_integer = messages.schema["conversation_id"] == pl.Int64
    if not is_integer or messages.is_empty() or messages["system"].n_unique() > 1:
        return None
    key, at = C("conversation_id"), C("sent_at").to_physical()
    least, most, first, last, is_whole = messages.select(
        key.min().alias("least"),
        key.max().alias("most"),
        at.min().alias("first"),
        at.max().alias("last"),
        (at % SECOND == 0).all().alias("is_whole"),
    ).row(0)
    width = ((last - first) // SECOND).bit_length()
    if not is_whole or (most - least).bit_length() + width > MOST_BITS:
        return None
    number = (key - least) * 2**width + (at - first) // SECOND
    keys = messages.select("conversation_id", "sent_at")
    return by_pieces(keys, lambda piece: piece.select(number).to_series())


def order_by_hash(messages: pl.DataFrame) -> pl.Series:
    """Return the row numbers by a hash of system and conversation, which sorts faster than text; by the
    text itself where two conversations share a hash.
    """
    system, conversation = C("system").cast(pl.String), C("conversation_id")
    if messages.schema["conversation_id"] == LABEL:
        conversation = conversation.cast(pl.String)
    ties = {f"tie_{place}": tie for place, tie in enumerate(tie_breakers(messages))}
    keyed = messages.select(
        "sent_at",
        key=pl.struct(system, conversation).hash(0),
        system=system,
        id=conversation,
        **ties,
    )
    order = keyed.select(pl.arg_sort_by("key", "sent_at", *ties)).to_series()
    changes = C("id").ne_missing(C("id").shift()) | (C("system") != C("system").shift())
    if keyed[order].select((changes & (C("key") == C("key").shift())).any()).item():
        order = keyed.select(pl.arg_sort_by("system", "id", "sent_at", *ties)).to_series()
    return order


def tie_breakers(messages: pl.DataFrame) -> list[pl.Expr]:
    """Return what orders messages of one instant: ids, as numbers where every id of the system is one,
    then the place in the export. A status without an id follows the reply it was sent with.
    """
    place = [C("export").cast(pl.String), C("row")]
    unknown = nulls(messages, "message_id")
    if unknown == messages.height:
        return place if len(unique(messages, "export")) > 1 else [C("row")]
    if messages.schema["message_id"] == pl.Int64:
        if not unknown:
            return [C("message_id")]
        return [C("message_id").is_null(), C("message_id"), *place]
    number = C("message_id").cast(pl.Int64, strict=False)
    is_word = number.is_null() & C("message_id").is_not_null()
    wordy = messages.select(C("system").filter(is_word).unique()).to_series()
    numeric = pl.when(~C("system").is_in(wordy.implode())).then(number)
    return [C("message_id").is_null(), numeric, C("message_id"), *place]


def partial(ordered: pl.DataFrame) -> pl.Series:
    """Return per conversation whether its beginning lies outside the export."""
    count = int(ordered["conversation"][-1]) + 1 if ordered.height else 0
    flags = pl.repeat(value=False, n=count, dtype=pl.Boolean, eager=True)
    if "is_partial" not in ordered.columns:
        return flags
    begun_outside = ordered.filter(C("is_partial"))["conversation"].unique()
    return flags.scatter(begun_outside, values=True)


def natural(name: str) -> tuple[pl.Expr, pl.Expr]:
    """Return what sorts ids as people do: numbers by their size, then words."""
    return C(name).cast(pl.Int64, strict=False), C(name).cast(pl.String)
