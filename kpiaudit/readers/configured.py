"""Any other CSV or JSON, read as a policy's `[sources.NAME]` maps it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from fnmatch import fnmatch
from functools import partial
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.alike import alike, scan_alike
from kpiaudit.decoding.columns import (
    GIVEN,
    Fault,
    closed,
    filled,
    first_fault,
    has_offset,
    instant,
    instant_faults,
    missing,
    negative,
    number,
    outside,
    seconds,
    split_tags,
    unread,
)
from kpiaudit.decoding.dates import read_dates
from kpiaudit.errors import ExportError, nearest
from kpiaudit.schema import (
    CHANNELS,
    EVENTS,
    GRAINS,
    PRIORITIES,
    REQUIRED,
    ROLES,
    VISIBILITIES,
)
from kpiaudit.sources.base import ExportFile, FileKind, ReadSettings, Shape, Source, normal

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import ColumnMapping, Join, SourceMapping

KINDS: tuple[FileKind, ...] = ("csv", "ndjson", "json")
VOCABULARIES = {
    "event": EVENTS,
    "author_role": ROLES,
    "grain": GRAINS,
    "channel": CHANNELS,
    "visibility": VISIBILITIES,
    "priority": PRIORITIES,
    "is_automated": ("true", "false"),
}
STANDS_IN = {"event": "author", "conversation_id": "reply_to"}
RANGES = {"rating": (0.0, 1.0), "sentiment": (-1.0, 1.0)}
DEPTH_LOOKED_AT = 3
READ = "\0"
"""Before the name of a column already read, beside the text it was read from."""
KEY, PLACE = "\0key", "\0place"


@dataclass(frozen=True, slots=True)
class Reading:
    """A mapping and what a run was told, together."""

    mapping: SourceMapping
    settings: ReadSettings

    def columns(self) -> dict[str, ColumnMapping]:
        """Return the mapped columns a run reads; bodies only when it wants them."""
        wanted = self.mapping.columns.items()
        return {name: how for name, how in wanted if name != "text" or self.settings.text}

    def references(self) -> list[str]:
        """Return every foreign column the mapping names, a companion's as `<join>.<column>`."""
        named = [c for how in self.columns().values() for c in (how.column, how.same_as) if c]
        return list(dict.fromkeys(named))

    def of_join(self, reference: str) -> Join | None:
        """Return the join whose companion holds a column, None for one of the file's own."""
        return next((j for j in self.mapping.joins if reference.startswith(f"{j.name}.")), None)

    def of_companion(self, join: Join) -> list[str]:
        """Return the columns the mapping takes from one companion, by their own names."""
        found = [r for r in self.references() if self.of_join(r) == join]
        return [reference.removeprefix(f"{join.name}.") for reference in found]

    def of_file(self) -> list[str]:
        """Return the columns a file must have itself: mapped ones, and the keys of joins."""
        own = [r for r in self.references() if self.of_join(r) is None]
        return list(dict.fromkeys([*own, *(join.left for join in self.mapping.joins)]))


def source_for(mapping: SourceMapping) -> Source:
    """Return the source a mapping describes: its files' shape is the columns it names.

    Companion files are parts named after their join, claimed by its glob only.
    """
    shape = Shape(KINDS, frozenset(Reading(mapping, ReadSettings(text=True)).of_file()))
    return Source(
        name=mapping.name,
        system=mapping.instance or mapping.name,
        title=f"[sources.{mapping.name}]",
        shapes={"messages": shape}
        | {j.name: Shape((), frozenset({j.right})) for j in mapping.joins},
        read=partial(read, mapping=mapping),
        note=f"As the policy maps {mapping.files}.",
        one_row_one_message=True,
    )


def read(
    files: Sequence[ExportFile], settings: ReadSettings, *, mapping: SourceMapping
) -> pl.LazyFrame:
    """Return one row per record of every file: messages, and companions as `skip`.

    Raises `ExportError` for a mapped column a file lacks, a join without its file, dates without a zone.
    """
    reading = Reading(mapping, settings)
    parts: dict[str, list[ExportFile]] = {}
    for file in files:
        parts.setdefault(part_of(file, mapping), []).append(file)
    companions = {
        join.name: companion(parts.get(join.name, []), join, reading) for join in mapping.joins
    }
    rows = [read_files(group, reading, companions) for group in alike(parts.get("", []))]
    rows += [
        table.select("export", "row", "reject", "value", "skip") for table in companions.values()
    ]
    return pl.concat(rows, how="diagonal")


def part_of(file: ExportFile, mapping: SourceMapping) -> str:
    """Return the join a file belongs to, the empty string for messages."""
    names = [join.name for join in mapping.joins]
    if file.part in names:
        return file.part
    globs = [("", mapping.files), *((join.name, join.files) for join in mapping.joins)]
    for name, glob in globs:
        if fnmatch(file.name, glob) or fnmatch(file.base_name, glob):
            return name
    return ""


def open_table(
    files: Sequence[ExportFile], wanted: Sequence[str], reading: Reading
) -> tuple[pl.LazyFrame, dict[str, str]]:
    """Return the scan of files that are alike, and each wanted column's name in it.

    Raises `ExportError` naming the column it lacks, and the nearest it has.
    """
    file = files[0]
    told = reading.mapping.records
    is_known = told is None or told == file.records
    if told is not None and file.kind == "json":
        files = [replace(file, records=told)]
    table = scan_alike(files, careful=reading.settings.careful, columns=wanted)
    names = table.collect_schema().names()
    own = {normal(name): name for name in reversed(names) if name not in GIVEN}
    own |= {name: f"file.{name}" for name in GIVEN if f"file.{name}" in names}
    if file.kind in {"json", "ndjson"} and is_known:
        needed = required_references(reading)
        lacking = [name for name in wanted if name in needed and not is_key(name, file)]
    else:
        lacking = [name for name in wanted if name not in names and normal(name) not in own]
    if lacking:
        close = nearest(lacking[0], file.columns) if lacking[0] else ""
        raise ExportError(
            f"has no column {lacking[0]!r}, which [sources.{reading.mapping.name}] maps{close}",
            where=file.name,
            hint=f"its columns are {', '.join(file.columns[:8])}",
        )
    given = {name: f"file.{name}" for name in GIVEN}
    found = {
        name: name if name in names and name not in given else own[normal(name)] for name in wanted
    }
    return table, found


def required_references(reading: Reading) -> set[str]:
    """Return the foreign columns that fill a required one."""
    return {
        column
        for name, how in reading.columns().items()
        if name in REQUIRED
        for column in (how.column, how.same_as)
        if column
    }


def is_key(path: str, file: ExportFile) -> bool:
    """Return whether the first record of a JSON file has a key path, as far as it was looked at."""
    return not file.columns or path in file.columns or path.count(".") >= DEPTH_LOOKED_AT


def companion(files: Sequence[ExportFile], join: Join, reading: Reading) -> pl.LazyFrame:
    """Return a companion's rows: KEY, `<join>.<column>`, and what becomes of each row.

    The first row of a key is the one looked up; a later one is a reject.
    """
    if not files:
        raise ExportError(
            f"no file for its join {join.name!r}",
            where=f"sources.{reading.mapping.name}",
            hint=f"none of the files read matches {join.files!r}",
        )
    wanted = reading.of_companion(join)
    tables = []
    for place, file in enumerate(sorted(files, key=lambda file: file.name)):
        table, names = open_table([file], list(dict.fromkeys([join.right, *wanted])), reading)
        tables.append(
            table.select(
                pl.lit(place).alias(PLACE),
                pl.col("export", "row", "reject", "value"),
                filled(pl.col(names[join.right]).cast(pl.String)).alias(KEY),
                *(
                    filled(pl.col(names[column]).cast(pl.String)).alias(f"{join.name}.{column}")
                    for column in wanted
                ),
            )
        )
    key = pl.col(KEY)
    repeated = Fault(
        f"{join.name}: duplicate key", key.is_not_null() & ~key.is_first_distinct(), key
    )
    skip = pl.when(pl.col("reject").is_null()).then(pl.lit(f"companion: {join.name}"))
    table = pl.concat(tables).sort(PLACE, "row")
    return table.with_columns(first_fault([repeated])).with_columns(skip.alias("skip"))


def read_files(
    files: Sequence[ExportFile], reading: Reading, companions: dict[str, pl.LazyFrame]
) -> pl.LazyFrame:
    """Return the messages of files that are alike, their companions looked up."""
    table, names = open_table(files, reading.of_file(), reading)
    for join in reading.mapping.joins:
        found = companions[join.name].filter(
            pl.col("skip").is_not_null(), pl.col(KEY).is_not_null()
        )
        taken = [f"{join.name}.{column}" for column in reading.of_companion(join)]
        left = f"{KEY}.{join.name}"
        table = table.with_columns(pl.col(names[join.left]).cast(pl.String).alias(left)).join(
            found.select(KEY, *taken, pl.lit(value=True).alias(found_in(join))),
            left_on=left,
            right_on=KEY,
            how="left",
            maintain_order="left",
        )
    names |= {r: r for r in reading.references() if reading.of_join(r) is not None}
    values: dict[str, pl.Expr] = {}
    faults: list[Fault] = []
    for name, how in reading.columns().items():
        text = text_of(how, names)
        values[name] = (
            sent_at(table, text, how, reading) if name == "sent_at" else value_of(name, text, how)
        )
        faults += [*rules_of(name, text), *unmatched(name, how, reading)]
    faults += [
        missing(name, pl.col(READ + name))
        for name in REQUIRED
        if name in values and STANDS_IN.get(name) not in values
    ]
    table = table.with_columns(value.alias(READ + name) for name, value in values.items())
    return table.with_columns(first_fault(faults)).select(
        "export",
        "row",
        *(pl.col(READ + name).alias(name) for name in values),
        "reject",
        "value",
    )


def found_in(join: Join) -> str:
    """Return the column that is true where a companion has the key."""
    return f"\0found.{join.name}"


def unmatched(name: str, how: ColumnMapping, reading: Reading) -> list[Fault]:
    """Return the rule that a required column must not hang on a key its companion lacks."""
    if name not in REQUIRED:
        return []
    joins = {j.name: j for c in (how.column, how.same_as) if c and (j := reading.of_join(c))}
    return [
        Fault(
            f"{name}: no such {join.left} in {join.name}",
            pl.col(READ + name).is_null() & pl.col(found_in(join)).is_null(),
            pl.col(f"{KEY}.{join.name}"),
        )
        for join in joins.values()
    ]


def value_of(name: str, text: pl.Expr, how: ColumnMapping) -> pl.Expr:
    """Return one MESSAGES column as mapped."""
    values = {worded(theirs): worded(ours) for theirs, ours in how.values.items()}
    if name in VOCABULARIES:
        value = closed(text, VOCABULARIES[name], values)
        return value == "true" if name == "is_automated" else value
    if values:
        text = text.replace(values)
    if name in RANGES:
        return number(text)
    if name == "handle_time":
        return seconds(text)
    return split_tags(text, how.separator or ";") if name == "tags" else text


def rules_of(name: str, text: pl.Expr) -> list[Fault]:
    """Return what a column must keep, once it has been read."""
    value = pl.col(READ + name)
    if name == "sent_at":
        return instant_faults(name, text, value)
    if name in VOCABULARIES:
        return [unread(f"{name}: unknown word", text, value)]
    if name in RANGES:
        low, high = RANGES[name]
        not_a_number = unread(f"{name}: not a number", text, value)
        return [not_a_number, outside(name, text, value, low, high)]
    if name == "handle_time":
        not_a_number = unread(f"{name}: not a number", text, value)
        return [not_a_number, negative(name, text, value)]
    return []


def text_of(how: ColumnMapping, names: dict[str, str]) -> pl.Expr:
    """Return the foreign text a mapping starts from."""
    if how.column is None:
        return pl.lit(worded(how.constant))
    text = filled(pl.col(names[how.column]).cast(pl.String))
    if how.same_as is None:
        return text
    return (text == filled(pl.col(names[how.same_as]).cast(pl.String))).cast(pl.String)


def worded(value: object) -> str:
    """Return a policy's scalar as text, its Booleans as a table writes them."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def sent_at(
    table: pl.LazyFrame,
    text: pl.Expr,
    how: ColumnMapping,
    reading: Reading,
    column: str = "sent_at",
) -> pl.Expr:
    """Return an instant as mapped, where no form is named as its texts tell.

    Raises `ExportError` for stamps without offset where no zone is named, and for days that may be months.
    """
    zone = how.time_zone or reading.settings.time_zone
    where = f"sources.{reading.mapping.name}: columns.{column}"
    if how.format is not None and zone is None and not has_offset(how.format):
        raise ExportError(
            f"format {how.format!r} has no offset, and no time_zone is named",
            where=where,
            hint='add time_zone = "Europe/Berlin" beside the format',
        )
    if how.values:
        text = text.replace({worded(theirs): worded(ours) for theirs, ours in how.values.items()})
    if how.format is None and how.column is not None:
        return read_dates(table, text, time_zone=zone, where=where)
    return instant(text, how.format, zone)
