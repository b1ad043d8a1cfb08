"""Presence and self-service exports: no conversations, read as a policy's `[sources.NAME]` maps them."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.alike import alike
from kpiaudit.decoding.columns import (
    Fault,
    closed,
    first_fault,
    instant_faults,
    missing,
    unread,
)
from kpiaudit.errors import ExportError
from kpiaudit.readers.configured import (
    KINDS,
    READ,
    Reading,
    open_table,
    sent_at,
    text_of,
    worded,
)
from kpiaudit.schema import BESIDE, BESIDE_REQUIRED, INSTANT
from kpiaudit.sources.base import ExportFile, ReadSettings, Shape, Source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import SourceMapping

C = pl.col
WORDS: Final = ("state", "kind")


def source_for(mapping: SourceMapping) -> Source:
    """Return the source a mapping of presence or self-service describes."""
    shape = Shape(KINDS, frozenset(Reading(mapping, ReadSettings()).of_file()))
    return Source(
        name=mapping.name,
        system=mapping.instance or mapping.name,
        title=f"[sources.{mapping.name}]",
        shapes={mapping.kind: shape},
        read=partial(read, mapping=mapping),
        note=f"As the policy maps {mapping.files}: {mapping.kind.replace('_', ' ')}.",
        one_row_one_message=True,
    )


def read(
    files: Sequence[ExportFile], settings: ReadSettings, *, mapping: SourceMapping
) -> pl.LazyFrame:
    """Return one row per record of every file: `export, row, reject, value` and the columns of BESIDE.

    Raises `ExportError` for a mapped column a file lacks, a join, dates without a zone.
    """
    if mapping.joins:
        raise ExportError(
            f"a source of kind {mapping.kind!r} joins no other file",
            where=f"sources.{mapping.name}.join",
            hint="leave the join out",
        )
    reading = Reading(mapping, settings)
    return pl.concat([read_files(group, reading) for group in alike(files)], how="diagonal")


def read_files(files: Sequence[ExportFile], reading: Reading) -> pl.LazyFrame:
    """Return the rows of files that are alike."""
    table, names = open_table(files, reading.of_file(), reading)
    types, required = BESIDE[reading.mapping.kind], BESIDE_REQUIRED[reading.mapping.kind]
    values: dict[str, pl.Expr] = {}
    faults: list[Fault] = []
    for name, how in reading.columns().items():
        text, told = text_of(how, names), C(READ + name)
        if types[name] == INSTANT:
            values[name] = sent_at(table, text, how, reading, name)
            faults += instant_faults(name, text, told)
        elif name in WORDS:
            aliases = {worded(theirs): worded(ours) for theirs, ours in how.values.items()}
            kind = types[name]
            known = list(kind.categories) if isinstance(kind, pl.Enum) else []
            values[name] = closed(text, known, aliases)
            faults.append(unread(f"{name}: unknown word", text, told))
        else:
            values[name] = text.replace(
                {worded(theirs): worded(ours) for theirs, ours in how.values.items()}
            )
    faults += [missing(name, C(READ + name)) for name in required]
    if reading.mapping.kind == "presence":
        order = C(READ + "to") < C(READ + "from")
        faults.append(Fault("to: before from", order, C(READ + "to").cast(pl.String)))
    table = table.with_columns(value.alias(READ + name) for name, value in values.items())
    blank = [pl.lit(None, kind).alias(name) for name, kind in types.items() if name not in values]
    return table.with_columns(first_fault(faults)).select(
        "export",
        "row",
        "reject",
        "value",
        *(C(READ + name).cast(types[name], strict=False).alias(name) for name in values),
        *blank,
    )
