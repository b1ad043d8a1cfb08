"""What the stamps of a file tell by themselves: in which form they are written, and whether they can be.

Evidence only: where values leave two readings open, both are named.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.decoding.columns import GIVEN, ISO, OFFSET, has_offset, instant, scan
from kpiaudit.errors import ExportError

if TYPE_CHECKING:
    from kpiaudit.sources.base import Claim, ExportFile, ReadSettings

C = pl.col
FIRST = 5_000
ENOUGH = 0.98
LEAST = 5
"""Rows from which on two columns can be said to lie apart."""
JSON = frozenset({"json", "ndjson"})
LOOKED_AT = 20
DATES = (
    (r"\d{4}-\d\d?-\d\d?", ("%Y-%m-%d",)),
    (r"\d{4}/\d\d?/\d\d?", ("%Y/%m/%d",)),
    (r"\d{4}\.\d\d?\.\d\d?", ("%Y.%m.%d",)),
    (r"\d\d?/\d\d?/\d{4}", ("%d/%m/%Y", "%m/%d/%Y")),
    (r"\d\d?\.\d\d?\.\d{4}", ("%d.%m.%Y", "%m.%d.%Y")),
    (r"\d\d?-\d\d?-\d{4}", ("%d-%m-%Y", "%m-%d-%Y")),
    (r"\d\d?/\d\d?/\d\d", ("%d/%m/%y", "%m/%d/%y")),
    (r"\d\d?\.\d\d?\.\d\d", ("%d.%m.%y", "%m.%d.%y")),
    (r"\d\d? [A-Z][a-z]{2} \d{4}", ("%d %b %Y",)),
    (r"\d\d? [A-Z][a-z]{3,} \d{4}", ("%d %B %Y",)),
    (r"[A-Z][a-z]{2} \d\d?, \d{4}", ("%b %d, %Y",)),
    (r"[A-Z][a-z]{3,} \d\d?, \d{4}", ("%B %d, %Y",)),
    (r"\d\d?-[A-Z][a-z]{2}-\d{4}", ("%d-%b-%Y",)),
    (r"\d\d?-[A-Z][a-z]{2}-\d\d", ("%d-%b-%y",)),
)
WEEKDAYS = (("", ""), (r"[A-Z][a-z]{2}, ", "%a, "), (r"[A-Z][a-z]{2} ", "%a "))
JOINTS = (" ", "T", ", ", " at ")
TIMES = (
    (r"\d\d?:\d\d:\d\d\.\d+", "%H:%M:%S%.f"),
    (r"\d\d?:\d\d:\d\d", "%H:%M:%S"),
    (r"\d\d?:\d\d:\d\d [AaPp][Mm]", "%I:%M:%S %p"),
    (r"\d\d?:\d\d [AaPp][Mm]", "%I:%M %p"),
    (r"\d\d?:\d\d[AaPp][Mm]", "%I:%M%p"),
    (r"\d\d?:\d\d", "%H:%M"),
)
ZONES = (("", ""), (r"Z|[+-]\d\d:?\d\d", "%#z"), (r" [+-]\d\d:?\d\d", " %z"), (" UTC", " UTC"), (" GMT", " GMT"))  # fmt: skip
WHOLE = (
    (r"[A-Z][a-z]{2} [A-Z][a-z]{2} \d\d? \d\d:\d\d:\d\d [+-]\d{4} \d{4}", "%a %b %d %H:%M:%S %z %Y"),
    (r"1?\d{9}(\.\d+)?", "%s"),
    (r"1?\d{12}", "%s%3f"),
)  # fmt: skip


def alternatives(mark: str, patterns: Sequence[str]) -> str:
    """Return a group that matches one of the patterns and tells by its name which."""
    return "(?:" + "|".join(f"(?P<{mark}{at}>{p})" for at, p in enumerate(patterns)) + ")"


STAMP = re.compile(
    alternatives("w", [pattern for pattern, _ in WEEKDAYS])
    + alternatives("d", [pattern for pattern, _ in DATES])
    + alternatives("j", JOINTS)
    + alternatives("t", [pattern for pattern, _ in TIMES])
    + alternatives("z", [pattern for pattern, _ in ZONES])
)
ISO_8601 = re.compile(ISO)
SINCE_1970 = frozenset({"%s", "%s%3f"})
TIME_WORDS = re.compile(r"(?i)time|date|created|sent|stamp|epoch|millis|_at$|\bat$|^ts$|when")
HOUR = pl.duration(hours=1)


@dataclass(frozen=True, slots=True)
class Stamps:
    """How a column writes instants: a `form` of chrono, None where ISO 8601 is read without one.

    `other` is a second form that reads every value too; `zone` is the one the text itself names.
    """

    form: str | None
    is_aware: bool
    other: str | None = None
    zone: str | None = None


def first_rows(
    file: ExportFile, rows: int | None = None, *, columns: Sequence[str] | None = None
) -> pl.DataFrame:
    """Return columns of a file, all by default, as text under their own names: its first rows, or all.

    A file the fast scan cannot take, such as JSON written end to end, is read record by record.
    """
    try:
        return rows_read(file, rows, columns, careful=False)
    except pl.exceptions.ComputeError:
        return rows_read(file, rows, columns, careful=True)


def rows_read(
    file: ExportFile, rows: int | None, columns: Sequence[str] | None, *, careful: bool
) -> pl.DataFrame:
    """Return what `first_rows` does, by one of the two ways to read a file."""
    wanted = file.columns if columns is None else columns
    table = scan(file, careful=careful, columns=wanted if file.kind in JSON else None)
    own = {f"file.{name}": name for name in GIVEN}
    names = [name for name in table.collect_schema().names() if name not in GIVEN]
    kept = [name for name in names if own.get(name, name) in wanted or columns is None]
    narrow = table.select(C(name).cast(pl.String).alias(own.get(name, name)) for name in kept)
    return (narrow if rows is None else narrow.head(rows)).collect()


def doubts(file: ExportFile, zone: str | None) -> list[str]:
    """Return what a file's stamps say against each other, and naive ones against the zone named."""
    if file.kind not in {"csv", *JSON}:
        return []
    first = first_rows(file, FIRST)
    found = written_in(first)
    told: list[str] = []
    if len(found) > 1 and first.height >= LEAST:
        told += hours_apart(instants_in(first, found))
    naive = [name for name, how in found.items() if not how.is_aware]
    if zone is not None and naive:
        told += skipped_hours(instants_in(first_rows(file, columns=naive)), zone)
    return told


def stamps_of(name: str, values: pl.Series) -> Stamps | None:
    """Return how a column's texts write instants; None where they do not, or name no time of day."""
    first = first_texts(values)
    forms, looks_iso = forms_for(first), any(map(ISO_8601.match, first))
    if not forms and not looks_iso:
        return None
    values = values.drop_nulls().str.strip_chars()
    values = values.filter(values != "").unique(maintain_order=True)
    if looks_iso and are_iso(values):
        return Stamps(None, is_aware=bool(values.str.contains(OFFSET).all()))
    read = {form: count_read(values, form) for form in forms}
    most = max(read.values(), default=0)
    fits = [form for form in forms if read[form] == most >= len(values) * ENOUGH]
    if not fits or (fits[0] in SINCE_1970 and not TIME_WORDS.search(name)):
        return None
    if "%p" in fits[0]:
        fits.sort(key=lambda form: form.find("%d") < form.find("%m"))
    form, *others = fits
    is_utc = form.endswith((" UTC", " GMT"))
    return Stamps(
        form,
        is_aware=has_offset(form) or is_utc,
        other=others[0] if others else None,
        zone="UTC" if is_utc else None,
    )


def first_texts(values: pl.Series) -> list[str]:
    """Return the first few different texts of a column: most columns write no instants, and every question
    to Polars costs a query.
    """
    found: dict[str, None] = {}
    for value in values:
        if value is not None and (text := value.strip()):
            found[text] = None
            if len(found) == LOOKED_AT:
                break
    return list(found)


def are_iso(values: pl.Series) -> bool:
    """Return whether nearly all values are ISO 8601 with a time of day, with or without offset."""
    read = values.to_frame().select(instant(C(values.name), None, "UTC").count()).item()
    return bool(read >= len(values) * ENOUGH)


def count_read(values: pl.Series, form: str) -> int:
    """Return how many values a form reads."""
    return int(values.to_frame().select(instant(C(values.name), form, "UTC").count()).item())


def forms_for(values: Sequence[str]) -> list[str]:
    """Return the forms whose shape most of a few values have."""
    counts = Counter(forms for value in values if (forms := shape(value)))
    return list(counts.most_common(1)[0][0]) if counts else []


def shape(value: str) -> tuple[str, ...]:
    """Return the forms a value is written in, by its shape alone."""
    for pattern, form in WHOLE:
        if re.fullmatch(pattern, value):
            return (form,)
    found = STAMP.fullmatch(value)
    if found is None:
        return ()
    told = {name[0]: int(name[1:]) for name, text in found.groupdict().items() if text is not None}
    before, after = WEEKDAYS[told["w"]][1], TIMES[told["t"]][1] + ZONES[told["z"]][1]
    return tuple(f"{before}{date}{JOINTS[told['j']]}{after}" for date in DATES[told["d"]][1])


def written_in(frame: pl.DataFrame) -> dict[str, Stamps]:
    """Return the columns that write instants in one way only, each with how."""
    told = {name: stamps_of(name, frame[name].head(FIRST)) for name in frame.columns}
    return {name: how for name, how in told.items() if how is not None and how.other is None}


def instants_in(
    frame: pl.DataFrame, found: Mapping[str, Stamps] | None = None
) -> dict[str, tuple[Stamps, pl.Series]]:
    """Return the columns that write instants, each with how and, naive ones as if UTC, what it says.

    `found` is what `written_in` says of the frame, where that is known.
    """
    found = written_in(frame) if found is None else found
    read = frame.select(
        instant(C(name).str.strip_chars(), how.form, "UTC").alias(name)
        for name, how in found.items()
    )
    return {name: (how, read[name]) for name, how in found.items()}


def hours_apart(found: Mapping[str, tuple[Stamps, pl.Series]]) -> Iterator[str]:
    """Yield a sentence for every two columns that say the same, in every row, whole hours apart."""
    for (one, (_, first)), (two, (_, second)) in combinations(found.items(), 2):
        both = pl.DataFrame({"a": first, "b": second}).drop_nulls()
        minutes = both.select((C("b") - C("a")).dt.total_seconds() / 60).to_series()
        distinct = sorted(minutes.unique().round(3).to_list())
        if len(minutes) < LEAST or len(distinct) > 2 or not all(distinct):
            continue
        is_zone = all(at % 30 == 0 and abs(at) <= 14 * 60 for at in distinct)
        if is_zone and distinct[-1] - distinct[0] in {0, 60}:
            far = " or ".join(f"{at / 60:+g} h" for at in distinct)
            yield f"{two!r} is {far} from {one!r} in every row: they are in two time zones"


def skipped_hours(found: Mapping[str, tuple[Stamps, pl.Series]], zone: str) -> Iterator[str]:
    """Yield a sentence for every naive column with stamps that a zone's clocks skip."""
    for name, (how, read) in found.items():
        if how.is_aware:
            continue
        naive = read.dt.replace_time_zone(None)
        there = naive.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        skipped = (there.is_null() & naive.is_not_null()).arg_true()
        if len(skipped):
            row = int(skipped[0])
            yield (
                f"{len(skipped)} of {name!r} cannot be in {zone}, such as {naive[row]} in row {row + 1}: "
                "its clocks are put forward then; the stamps are in another zone"
            )


def rows_without_offset(claim: Claim, settings: ReadSettings) -> dict[str, int] | None:
    """Return per file how many rows need a zone to be read; None where none can be read without.

    `settings` are those of a run without a zone.
    """
    try:
        rows = claim.source.read(claim.files, settings)
        naive = C("reject").cast(pl.String).str.ends_with("no offset, set time_zone")
        counted = rows.filter(naive).group_by(C("export").cast(pl.String)).len().collect()
    except ExportError:
        return None
    return dict(counted.iter_rows())
