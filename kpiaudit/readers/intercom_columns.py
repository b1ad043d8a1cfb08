"""Columns of what Intercom's JSON records have in common: instants, authors, assignees, what they hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from kpiaudit.decoding.fields import Fields, Lists, Refused, texts
from kpiaudit.decoding.records import Broken
from kpiaudit.readers.intercom_records import Author, Contacts, Named, Part, Parts, Tags
from kpiaudit.schema import UNASSIGNED

SECOND: Final = 1_000_000
EARLIEST, LATEST = 631_152_000, 4_102_444_800
"""1990 and 2100; Intercom writes 64654125776 where it means nothing."""
NOBODY: Final = ("0", "nobody", "nobody_admin")


def seconds(values: pl.Series) -> pl.Series:
    """Return seconds since 1970 as microseconds, null where they are no instant."""
    read = values.cast(pl.Float64, strict=False)
    is_sane = (read >= EARLIEST) & (read < LATEST)
    exact = (read * SECOND).round().cast(pl.Int64, strict=False)
    return exact.zip_with(is_sane.fill_null(value=False), pl.Series([None], dtype=pl.Int64))


def sane_seconds(values: pl.Series, place: pl.Series | None) -> pl.Series:
    """Return seconds since 1970 as microseconds; raise `Refused` where they are not between 1990 and 2100.

    `place` is that of the record of each, where that is not the place of the value.
    """
    read = seconds(values)
    if not read.null_count():
        return read
    faults: dict[int, Broken] = {}
    for at in read.is_null().arg_true():
        owner = at if place is None else place[at]
        faults.setdefault(owner, Broken("created_at: outside 1990 to 2100", str(values[at])))
    raise Refused(faults)


def whole(at: pl.Expr) -> pl.Expr:
    """Return microseconds as text of whole seconds."""
    return (at // SECOND).cast(pl.String)


def author_fields(authors: list[Author | None], name: str) -> Lists:
    """Return who wrote."""
    return {
        f"{name}.author_type": [a.type if a else None for a in authors],
        f"{name}.author": [a.id if a else None for a in authors],
        f"{name}.author_name": [a.name if a else None for a in authors],
    }


def author_columns(fields: Fields, name: str) -> list[pl.Series]:
    """Return who wrote."""
    return [
        texts(fields[f"{name}.{key}"]).alias(key)
        for key in ("author_type", "author", "author_name")
    ]


def nobody(key: pl.Expr) -> pl.Expr:
    """Return an assignee's id; `0` stands for nobody."""
    return pl.when(key.is_in(NOBODY)).then(pl.lit(UNASSIGNED)).otherwise(key)


def parts_of(held: Parts | list[Part] | None) -> list[Part] | None:
    """Return the parts a record holds, None where it holds no list of them."""
    if isinstance(held, Parts):
        return held.conversation_parts if held.ticket_parts is None else held.ticket_parts
    return held


def contacts_of(held: Contacts | list[Named] | None) -> Sequence[Named]:
    """Return the customers a record names."""
    return (held.contacts if isinstance(held, Contacts) else held) or ()


def given_of(held: Tags | list[Named] | None) -> Sequence[Named]:
    """Return the tags a record names."""
    return (held.tags if isinstance(held, Tags) else held) or ()
