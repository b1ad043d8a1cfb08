"""Messages without names: who wrote, who asked, and whatever else in a reading spells a person."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.errors import ExportError
from kpiaudit.pieces import SLICE, cut_as
from kpiaudit.privacy import (
    IMPERSONAL,
    PERSONAL,
    Pseudonyms,
    conversation_digest,
    export_name,
    hidden,
    words_of,
)
from kpiaudit.schema import LABEL

if TYPE_CHECKING:
    from kpiaudit.audit import Reading, Request
    from kpiaudit.privacy import Kind
    from kpiaudit.settings import Us
    from kpiaudit.sources.base import Claim, Found

C = pl.col
WITHHELD = "(withheld)"
EXPORT_COLUMNS = ("export", "file", "kept")


def private_reading(reading: Reading, request: Request) -> Reading:
    """Return a reading as private as its request asks for; a conversation alone keeps its id."""
    if request.conversation is None and not request.all_columns:
        reading = replace(reading, ordered=without_names(reading.ordered))
    if request.pseudonyms is None:
        return reading
    return pseudonymized(reading, request.pseudonyms, request.settings.us)


def private_request(request: Request) -> Request:
    """Return the request whose policy names people as a private reading does."""
    if request.pseudonyms is None:
        return request
    return replace(request, settings=hidden(request.settings, request.pseudonyms))


def without_names(ordered: pl.DataFrame) -> pl.DataFrame:
    """Return messages whose conversation ids name nobody: one that does is a digest."""
    ids = ordered["conversation_id"]
    if ids.dtype.is_integer():
        return ordered
    told = labels_of(ids).cast(pl.String) if ids.dtype == LABEL else ids.cast(pl.String)
    return digested(ordered, told.filter(told.str.contains(PERSONAL)).unique(), b"")


def digested(ordered: pl.DataFrame, ids: pl.Series, key: bytes) -> pl.DataFrame:
    """Return messages with these conversation ids as digests."""
    if ids.is_empty():
        return ordered
    names = {name: conversation_digest(name, key) for name in ids.drop_nulls()}
    if ordered.schema["conversation_id"] != LABEL:
        return ordered.with_columns(renamed("conversation_id", names))
    ids = ordered["conversation_id"]
    return ordered.with_columns(cut_as(relabelled(ids, names), ids))


def labels_of(labels: pl.Series) -> pl.Series:
    """Return each label once, in any order."""
    rows = range(0, max(len(labels), 1), SLICE)
    return pl.concat([labels.slice(start, SLICE).unique() for start in rows]).unique()


def relabelled(labels: pl.Series, names: dict[str, str]) -> pl.Series:
    """Return labels under other names, where they have one; each is looked at once."""
    known = labels_of(labels).drop_nulls()
    codes = known.to_physical()
    most = codes.max()
    if not isinstance(most, int):
        return labels
    places = pl.repeat(None, most + 1, dtype=pl.UInt32, eager=True)
    places = places.scatter(codes, pl.int_range(len(codes), dtype=pl.UInt32, eager=True))
    told = known.cast(pl.String).replace(names).cast(LABEL)
    rows = range(0, len(labels), SLICE)
    some = (labels.slice(start, SLICE).to_physical() for start in rows)
    return pl.concat([told.gather(places.gather(part)) for part in some], rechunk=True)


def renamed(column: str, names: dict[str, str], dtype: pl.DataType | None = None) -> pl.Expr:
    """Return a column of text under other names, where it has one."""
    told = C(column).cast(pl.String).replace(names)
    return told if dtype is None else told.cast(dtype)


def pseudonymized(reading: Reading, pseudonyms: Pseudonyms, us: Us) -> Reading:
    """Return a reading in which agents, customers, conversations and exports go by pseudonyms, and no
    rejected value is left, for it may be anything.
    """
    ordered = reading.ordered
    agents, customers = unique(ordered, "agent"), unique(ordered, "customer")
    persons = words_of([*agents, *customers, *us.accounts, *us.agents, *us.bots])
    frame = replaced(ordered, "agent", agents, pseudonyms, kind="agent", dtype=LABEL)
    frame = replaced(frame, "customer", customers, pseudonyms, kind="customer")
    if "message_id" in frame.columns and not frame.schema["message_id"].is_integer():
        told = frame["message_id"].cast(pl.String)
        may_name = told.str.contains(r"@|\pL{3}|" + PERSONAL) & ~told.str.contains(IMPERSONAL)
        ids = told.filter(may_name).unique().drop_nulls().to_list()
        frame = replaced(frame, "message_id", ids, pseudonyms, kind="message")
    told = frame["conversation_id"].cast(pl.String)
    frame = digested(frame, told.filter(~told.str.contains(IMPERSONAL)).unique(), pseudonyms.key)
    exports = {
        file.name: export_name(file.name, persons, pseudonyms)
        for claim in reading.found.claims
        for file in claim.files
    }
    others = [*(file.path for file in reading.found.ignored)]
    others += [failure.where or "" for failure in reading.failures]
    exports |= {name: export_name(name, persons, pseudonyms) for name in others}
    changed = {old: new for old, new in exports.items() if old != new}
    beside = reading.beside
    if beside is not None:
        present = beside.presence
        dtype = present.schema["agent"]
        names = unique(present, "agent")
        shown = replaced(present, "agent", names, pseudonyms, kind="agent", dtype=dtype)
        beside = replace(beside, presence=shown)
    return with_exports(replace(reading, ordered=frame, beside=beside), changed)


def unique(frame: pl.DataFrame, column: str) -> list[str]:
    """Return the names in a column; none where it is not there."""
    if column not in frame.columns:
        return []
    return sorted(frame[column].cast(pl.String).unique().drop_nulls())


def replaced(
    frame: pl.DataFrame,
    column: str,
    names: list[str],
    pseudonyms: Pseudonyms,
    *,
    kind: Kind,
    dtype: pl.DataType | None = None,
) -> pl.DataFrame:
    """Return a frame with the names in one column as pseudonyms."""
    if not names:
        return frame
    told = {name: pseudonyms.of(kind, name) for name in names}
    return frame.with_columns(renamed(column, told, dtype))


def with_exports(reading: Reading, names: dict[str, str]) -> Reading:
    """Return a reading whose exports go by other names, and whose rejects have no values."""

    def told(frame: pl.DataFrame) -> pl.DataFrame:
        mine = [column for column in EXPORT_COLUMNS if column in frame.columns]
        return frame.with_columns(renamed(column, names, frame.schema[column]) for column in mine)

    gathered = reading.gathered
    value = pl.when(C("value").is_not_null()).then(pl.lit(WITHHELD)).alias("value")
    return replace(
        reading,
        ordered=told(reading.ordered),
        gathered=replace(
            gathered,
            counts=told(gathered.counts),
            rejects=told(gathered.rejects.with_columns(value)),
            reasons=told(gathered.reasons),
            roles=told(gathered.roles),
            channels=told(gathered.channels),
            overlaps=told(gathered.overlaps),
            doubts=told(gathered.doubts),
        ),
        found=found_as(reading.found, names),
        failures=tuple(unnamed(failure, names) for failure in reading.failures),
    )


def unnamed(failure: ExportError, names: dict[str, str]) -> ExportError:
    """Return a failure that tells of a file, not of what it holds."""
    where = names.get(failure.where or "", failure.where)
    hint = "run again without --pseudonymize to see why"
    return ExportError("cannot be used", where=where, hint=hint)


def found_as(found: Found, names: dict[str, str]) -> Found:
    """Return what was found under other names."""

    def renamed_claim(claim: Claim) -> Claim:
        return replace(
            claim,
            files=tuple(replace(f, name=names.get(f.name, f.name)) for f in claim.files),
            evidence={names.get(name, name): why for name, why in claim.evidence.items()},
        )

    return replace(
        found,
        claims=tuple(renamed_claim(claim) for claim in found.claims),
        ignored=tuple(replace(i, path=names.get(i.path, i.path)) for i in found.ignored),
    )
