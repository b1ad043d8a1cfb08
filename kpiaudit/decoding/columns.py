"""What sources are built from: the scan of a file, and expressions that turn text into MESSAGES types.

Every expression takes text and gives null for what it cannot read; a `Fault` beside it says which rule
such a row broke, and `first_fault` makes `reject` and `value` of them. An empty text is null throughout.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.delimited import REJECT, VALUE, read_damaged
from kpiaudit.decoding.even_records import UTF8, has_even_records
from kpiaudit.decoding.evenness import LARGE, contents, is_even
from kpiaudit.exports.containers import is_plain, opened
from kpiaudit.schema import DURATION, INSTANT

if TYPE_CHECKING:
    from pathlib import Path

    from kpiaudit.sources.base import ExportFile

GIVEN = ("row", "export", "reject", "value")
NUMBER = "\0row"
ISO = r"^\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d{1,6})?"
OFFSET = r"(Z|[+-]\d\d:?\d\d)$"
LONGEST_SECONDS = 1e10
EARLIEST, LATEST = "1990-01-01", "2100-01-01"
WITH_OFFSET = re.compile(r"%(?:[:#]*z|\+)")
SINCE_1970 = {"%s": 1_000_000, "%s%3f": 1_000}
"""Forms that count from 1970, in microseconds to the unit."""
TAG = r"(?s)(?:[^;\\]|\\.?)+"
JSON_STRING = r'"(?:[^"\\]|\\.)*"'
UTC_FORMS = {
    20: "%Y-%m-%dT%H:%M:%SZ",
    24: "%Y-%m-%dT%H:%M:%S.%3fZ",
    27: "%Y-%m-%dT%H:%M:%S.%6fZ",
}
"""Length of a stamp in UTC to its form."""
DAY = pl.duration(days=1)
FARTHEST = 250_000_000_000_000_000
"""Microseconds from 1970 to a year Python can still write."""


@dataclass(frozen=True, slots=True)
class Fault:
    """A rule: `bad` is true where a row breaks it, `value` the text at fault."""

    rule: str
    bad: pl.Expr
    value: pl.Expr


def scan(file: ExportFile, *, careful: bool, columns: Sequence[str] | None = None) -> pl.LazyFrame:
    """Return every record of a file: its columns as String (Parquet: as stored), and what GIVEN names.

    `row` counts records from 1, `export` is the file's name, `reject` and `value` tell a damaged record;
    a column of the file with one of these names is called `file.<name>`. JSON is read for `columns`,
    dotted key paths, those of its first record by default. A CSV over 64 MiB is not searched for rows
    too short or too long: `is_even` does that, and `careful` then reads record by record.
    """
    if file.kind == "parquet":
        return given(
            pl.scan_parquet(
                bytes_or_path(file), row_index_name=NUMBER, row_index_offset=1, glob=False
            ),
            file,
        )
    if file.kind == "csv":
        return scan_csv(file, careful=careful)
    wanted = tuple(dict.fromkeys(columns if columns is not None else file.columns))
    if file.kind == "ndjson" and not careful and file.encoding == "utf-8":
        return scan_ndjson(file, wanted)
    from kpiaudit.decoding.cells import decoded  # msgspec: 10 ms

    return given(decoded(file, wanted).with_row_index(NUMBER, 1).lazy(), file)


def scan_csv(file: ExportFile, *, careful: bool) -> pl.LazyFrame:
    """Return a delimited file, record by record when it is known to be damaged."""
    source: Path | bytes = file.path
    if not careful and is_plain(file) and file.encoding in UTF8:
        careful = file.path.stat().st_size <= LARGE and not is_even(file)
    elif not careful:
        source = contents(file)
        careful = not has_even_records(io.BytesIO(source), file.delimiter)
    if careful:
        return given(read_damaged(file).with_row_index(NUMBER, 1).lazy(), file)
    return given(
        pl.scan_csv(
            source,
            separator=file.delimiter,
            infer_schema=False,
            row_index_name=NUMBER,
            row_index_offset=1,
            glob=False,
        ),
        file,
    )


def scan_ndjson(file: ExportFile, wanted: Sequence[str]) -> pl.LazyFrame:
    """Return a flat or nested NDJSON file; a nested value is taken out of its outermost one's text."""
    outer = dict.fromkeys([*wanted, *(name.split(".")[0] for name in wanted)], pl.String())
    frame = pl.scan_ndjson(
        bytes_or_path(file),
        schema=outer,
        row_index_name=NUMBER,
        row_index_offset=1,
    )
    nested = [
        pl.coalesce(name, pl.col(first).str.json_path_match(path_of(rest))).alias(name)
        for name in wanted
        for first, *rest in [name.split(".")]
        if rest
    ]
    return given(frame.with_columns(nested).select(NUMBER, *wanted), file)


def bytes_or_path(file: ExportFile) -> bytes | Path:
    """Return a file as polars scans it: in memory where it is packed or its path reads as a pattern."""
    if is_plain(file) and not any(letter in str(file.path) for letter in "*?["):
        return file.path
    with opened(file) as stream:
        return stream.read()


def path_of(keys: Iterable[str]) -> str:
    """Return the JSONPath of nested keys."""
    return "$" + "".join("['" + key.replace("'", "\\'") + "']" for key in keys)


def given(frame: pl.LazyFrame, file: ExportFile) -> pl.LazyFrame:
    """Return a numbered frame with the columns every scan gives; polars keeps quotes doubled in a header."""
    names = frame.collect_schema().names()
    odd = [name for name in names if name.startswith("\ufeff") or '""' in name]
    nothing = pl.lit(None, dtype=pl.String)
    return frame.rename(
        {name: f"file.{name}" for name in names if name in GIVEN}
        | {name: name.lstrip("\ufeff").replace('""', '"') for name in odd}
    ).select(
        pl.exclude(NUMBER, REJECT, VALUE),
        pl.col(NUMBER).cast(pl.UInt32).alias("row"),
        pl.lit(file.name).alias("export"),
        (pl.col(REJECT) if REJECT in names else nothing).alias("reject"),
        (pl.col(VALUE) if VALUE in names else nothing).alias("value"),
    )


def filled(text: pl.Expr) -> pl.Expr:
    """Return the text, null where it is empty."""
    return pl.when(text != "").then(text)


def instant(text: pl.Expr, form: str | None = None, time_zone: str | None = None) -> pl.Expr:
    """Return text as INSTANT, null where it is none.

    Without a `form`, ISO 8601 to the second or finer with `T` or one space; with one, chrono's `%` letters,
    where `%s` counts seconds since 1970 and `%s%3f` milliseconds. A stamp without offset is local time in `time_zone` (null without): the earlier of
    two, and shifted forward by the gap where the clock skips it.
    """
    if form in SINCE_1970:
        return since_1970(text, SINCE_1970[form])
    if form is None:
        return iso_instant(text, time_zone)
    if has_offset(form):
        return with_offset(text, form)
    if time_zone is None:
        return pl.lit(None, dtype=INSTANT)
    return in_zone(parsed(text, form), time_zone)


def has_offset(form: str) -> bool:
    """Return whether stamps in a form say what instant they are, whatever the zone."""
    return form in SINCE_1970 or WITH_OFFSET.search(form.replace("%%", "")) is not None


def since_1970(text: pl.Expr, microseconds: int) -> pl.Expr:
    """Return a count of units since 1970 as INSTANT."""
    count = (text.cast(pl.Float64, strict=False) * microseconds).round()
    is_sane = count.is_between(-FARTHEST, FARTHEST)
    return pl.when(is_sane).then(count).cast(pl.Int64).cast(INSTANT)


def parsed(text: pl.Expr, form: str) -> pl.Expr:
    """Return naive instants by one explicit form."""
    return text.str.to_datetime(form, time_unit="us", strict=False, cache=False, exact=True)


def utc(naive: pl.Expr) -> pl.Expr:
    """Return naive instants taken as UTC."""
    return naive.dt.replace_time_zone("UTC")


def iso_instant(text: pl.Expr, time_zone: str | None) -> pl.Expr:
    """Return ISO 8601 text as INSTANT: by literal forms where the shape tells, the rest by a general one.

    Polars parses a literal offset eight times faster than `%z`, and rejects slowly: no form sees a row
    of another shape. A step that two others use is computed twice, so that few may.
    """
    length, has_mark = text.str.len_bytes(), text.str.slice(10, 1) == "T"
    is_utc = text.str.ends_with("Z") & has_mark & length.is_in(list(UTC_FORMS))
    fast = [
        utc(parsed(pl.when(is_utc & (length == size)).then(text), form))
        for size, form in UTC_FORMS.items()
    ]
    rest = pl.when(~is_utc).then(text.str.strip_chars().str.replace(r"^(.{10}) ", "${1}T"))
    aware = pl.when(rest.str.contains(ISO + OFFSET)).then(rest)
    slow = with_offset(aware, "%Y-%m-%dT%H:%M:%S%.f%#z")
    if time_zone is None:
        return pl.coalesce(*fast, slow)
    naive = pl.when(rest.str.contains(ISO + "$")).then(rest)
    local = in_zone(parsed(naive, "%Y-%m-%dT%H:%M:%S%.f"), time_zone)
    return pl.coalesce(*fast, slow, local)


def with_offset(text: pl.Expr, form: str) -> pl.Expr:
    """Return text in a form with `%z` as INSTANT; UTC, and English weekdays, are tried the fast way."""
    general = text.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False, cache=False)
    if "%z" not in form:
        return general
    literal = form.replace("%z", "+0000")
    start = text
    if literal.startswith("%a "):
        literal, start = literal.removeprefix("%a "), text.str.slice(4)
    fast = utc(parsed(start, literal))
    rest = pl.when(fast.is_null()).then(text)
    return pl.coalesce(
        fast,
        rest.str.to_datetime(form, time_unit="us", time_zone="UTC", strict=False, cache=False),
    )


def in_zone(naive: pl.Expr, time_zone: str) -> pl.Expr:
    """Return local times as INSTANT, as `zoneinfo` does with `fold=0`.

    A time the clock skips takes the offset before the gap: that of the day before.
    """
    if time_zone == "UTC":
        return utc(naive)
    there = naive.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    skipped = pl.when(there.is_null()).then(naive) - DAY
    before = skipped.dt.replace_time_zone(time_zone, ambiguous="earliest", non_existent="null")
    return pl.coalesce(there.dt.convert_time_zone("UTC"), before.dt.convert_time_zone("UTC") + DAY)


def instant_faults(name: str, text: pl.Expr, value: pl.Expr) -> list[Fault]:
    """Return the rules of an instant: `text` as it stands, `value` as read, each a column by now."""
    is_date = value.is_not_null()
    near = pl.lit(EARLIEST).str.to_datetime(time_zone="UTC", time_unit="us")
    far = pl.lit(LATEST).str.to_datetime(time_zone="UTC", time_unit="us")
    is_there = filled(text).is_not_null()
    rest = pl.when(value.is_null()).then(text)  # an expression of nulls costs nothing
    naive = pl.when(rest.str.contains(ISO + "$")).then(rest.str.slice(0, 10))
    has_no_offset = naive.str.to_date("%Y-%m-%d", strict=False).is_not_null()
    return [
        Fault(f"{name}: no offset, set time_zone", has_no_offset, text),
        Fault(f"{name}: not a date", is_there & ~is_date, text),
        Fault(
            f"{name}: outside 1990 to 2100", is_date & ~value.is_between(near, far, "left"), text
        ),
    ]


def missing(name: str, value: pl.Expr) -> Fault:
    """Return the rule that a column must not be empty."""
    return Fault(f"{name}: missing", value.is_null(), pl.lit(None, dtype=pl.String))


def closed(
    text: pl.Expr, words: Sequence[str], aliases: Mapping[str, str] | None = None
) -> pl.Expr:
    """Return text as an Enum of `words`, null where it is none of them.

    Words are recognized without regard to case and outer spaces. Where there are `aliases`, the text must
    be one of them, as written but for outer spaces.
    """
    kind = pl.Enum(words)

    def read(word: pl.Expr) -> pl.Expr:
        if aliases:
            return word.replace_strict(dict(aliases), default=None, return_dtype=kind)
        return word.cast(kind, strict=False)

    exact = read(text)
    trimmed = pl.when(exact.is_null()).then(text.str.strip_chars())
    return pl.coalesce(exact, read(trimmed if aliases else trimmed.str.to_lowercase()))


def boolean(text: pl.Expr) -> pl.Expr:
    """Return `true` and `false`, in any case, as Boolean, null where it is neither."""
    return closed(text, ("true", "false")) == "true"


def number(text: pl.Expr) -> pl.Expr:
    """Return text as finite Float64, null where it is none."""
    found = text.cast(pl.Float64, strict=False)
    return pl.when(found.is_finite()).then(found)


def seconds(text: pl.Expr) -> pl.Expr:
    """Return text that counts seconds as DURATION, null where it is no number."""
    length = number(text)
    is_sane = length.is_between(-LONGEST_SECONDS, LONGEST_SECONDS)
    return pl.when(is_sane).then((length * 1e6).round()).cast(pl.Int64).cast(DURATION)


def unread(rule: str, text: pl.Expr, value: pl.Expr) -> Fault:
    """Return the rule that a text which is not blank must have given a value."""
    is_blank = pl.when(value.is_null()).then(text).str.strip_chars().str.len_bytes() == 0
    return Fault(rule, value.is_null() & text.is_not_null() & ~is_blank, text)


def outside(name: str, text: pl.Expr, value: pl.Expr, low: float, high: float) -> Fault:
    """Return the rule that a number must lie between two others, both included."""
    return Fault(f"{name}: outside {low:g} to {high:g}", ~value.is_between(low, high), text)


def negative(name: str, text: pl.Expr, value: pl.Expr) -> Fault:
    """Return the rule that a duration must not be below zero."""
    return Fault(f"{name}: negative", value < pl.duration(), text)


def split_tags(text: pl.Expr, separator: str = ";") -> pl.Expr:
    r"""Return joined tags as List(String), null for none.

    With `;`, a JSON array of strings is taken too, and `\;` and `\\` stand for `;` and `\` in a tag.
    """
    if separator != ";":
        tags = text.str.split(separator).list.eval(
            pl.element().filter(pl.element() != ""),
        )
    else:
        is_array = text.str.starts_with("[") & text.str.ends_with("]")
        array = text.str.extract_all(JSON_STRING).list.eval(
            pl.element().str.slice(1, pl.element().str.len_chars() - 2)
        )
        escaped = text.str.extract_all(TAG).list.eval(
            pl.element().str.replace_all(r"\\([\\;])", "$1")
        )
        tags = pl.when(is_array).then(array).otherwise(escaped)
    return pl.when(tags.list.len() > 0).then(tags)


def join_tags(tags: pl.Expr) -> pl.Expr:
    """Return List(String) as one text that `split_tags` reads back."""
    return tags.list.eval(pl.element().str.replace_all(r"([\\;])", r"\$1")).list.join(";")


def first_fault(faults: Iterable[Fault]) -> list[pl.Expr]:
    """Return `reject` and `value`: the scan's own, else those of the first rule a row breaks.

    Faults are evaluated twice: let them look at columns already read, not at the reading of them.
    """
    nothing = pl.lit(None, dtype=pl.String)
    rule, value = nothing, nothing
    for fault in reversed(list(faults)):
        rule = pl.when(fault.bad).then(pl.lit(fault.rule)).otherwise(rule)
        value = pl.when(fault.bad).then(fault.value.cast(pl.String)).otherwise(value)
    is_damaged = pl.col("reject").is_not_null()
    return [
        pl.when(is_damaged).then(pl.col(name)).otherwise(expression).alias(name)
        for name, expression in (("reject", rule), ("value", value))
    ]
