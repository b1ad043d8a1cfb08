"""A bundle held against an audit run again: the inputs, versions, figures and clocks that differ."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgspec
import polars as pl

from kpiaudit.errors import ExportError
from kpiaudit.evidence.bundle import (
    CLOCKS,
    MANIFEST,
    POLICY,
    REJECTS,
    REPORT,
    Bundle,
    damaged,
    digest_of,
)
from kpiaudit.evidence.changes import Change, ClockChange, InputChange, InputKind, Verification
from kpiaudit.evidence.contents import BUNDLE_VERSION, Input, Manifest, clock_chunks

KEY: Final = ("system", "conversation_id", "metric", "ordinal", "sla")
MAX_TABLE: Final = 1 << 31
OURS: Final = frozenset({"ignored", "kpiaudit_version", "models", "views"})
"""Parts of a report that change nothing: what was not read on purpose, by whom it was written, and what
is shown beside the figures."""
APART: Final = OURS | {"breaches", "definitions", "exports", "problems", "rejects"}
"""Parts of a report that differ when clocks, inputs, rejects or settings do."""

C = pl.col


@dataclass(frozen=True, slots=True)
class Rerun:
    """The audit run again, in the form of a bundle; `clocks` are the rows of the ledger."""

    manifest: Manifest
    report: bytes
    rejects: bytes
    clocks: pl.DataFrame


def manifest_in(bundle: Bundle) -> Manifest:
    """Return the manifest of a bundle whose every file is the one it lists. Raises `ExportError`."""
    try:
        manifest = msgspec.json.decode(bundle.read(MANIFEST), type=Manifest)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, OverflowError) as error:
        raise damaged(bundle.name, f"{MANIFEST} is none: {error}") from error
    if manifest.bundle_version != BUNDLE_VERSION:
        raise ExportError(
            f"is a bundle of version {manifest.bundle_version}, this is {BUNDLE_VERSION}",
            where=bundle.name,
            hint=f"verify it with kpiaudit {manifest.kpiaudit_version}",
        )
    listed = set(manifest.entries) | {MANIFEST}
    expected = {CLOCKS, MANIFEST, REJECTS, REPORT} | ({POLICY} if manifest.policy else set())
    expected |= {f"holidays-{number}.ics" for number, _ in enumerate(manifest.ics, 1)}
    if odd := sorted((listed ^ set(bundle.entries)) | (listed ^ expected)):
        raise damaged(bundle.name, f"{odd[0]} is missing, or is there without a reason")
    for name, digest in manifest.entries.items():
        if bundle.digest(name) != digest:
            raise damaged(bundle.name, f"{name} has another SHA-256 than its manifest says")
    return manifest


def holiday_files(bundle: Bundle, manifest: Manifest) -> Iterator[tuple[str, str, bytes]]:
    """Yield calendar, a name of ours and the content of every ICS file. Raises `ExportError`."""
    for number, calendar in enumerate(manifest.ics, 1):
        name = f"holidays-{number}.ics"
        yield calendar, name, bundle.read(name)


def compare(bundle: Bundle, manifest: Manifest, rerun: Rerun, *, first: int) -> Verification:
    """Return what differs between a bundle and the audit run again; fields of the `first` clocks only.

    Raises `ExportError` for a bundle whose files are not what they are called.
    """
    try:
        inputs = input_changes(manifest, rerun.manifest)
        rejects = reject_changes(bundle, manifest, rerun)
        changed, fields = clock_changes(bundle, manifest, rerun, first=first)
        is_told = bool(inputs or rejects or changed)
        figures, others = report_changes(bundle, manifest, rerun, but=APART if is_told else OURS)
        return Verification(
            made_by=manifest.kpiaudit_version,
            policy=(manifest.policy.name, manifest.policy.sha256) if manifest.policy else None,
            as_of=manifest.as_of,
            input_count=len(manifest.inputs),
            clock_count=rerun.clocks.height,
            inputs=inputs,
            settings=differences(flat(manifest.settings), flat(rerun.manifest.settings)),
            versions=version_changes(manifest, rerun.manifest),
            figures=figures,
            report=others,
            rejects=rejects,
            changed_clocks=changed,
            clocks=fields,
        )
    except (ValueError, TypeError, pl.exceptions.PolarsError, RecursionError) as error:
        reason = (str(error).strip().splitlines() or ["unreadable"])[0]
        raise damaged(bundle.name, reason) from error


def input_changes(then: Manifest, now: Manifest) -> tuple[InputChange, ...]:
    """Return the exports that differ, by name; a missing one that is there by another name is renamed."""
    old, new = ({file.name: file for file in manifest.inputs} for manifest in (then, now))
    moved = {file.sha256: name for name, file in new.items() if name not in old}
    pairs = {
        name: name if name in new else moved.pop(file.sha256, None) for name, file in old.items()
    }
    found = [
        InputChange(name, kind_of(old[name], new.get(other or "")), fields)
        for name, other in pairs.items()
        if (fields := fields_changed(old[name], new.get(other or "")))
    ]
    found += [
        InputChange(name, "new", fields_changed(None, file))
        for name, file in new.items()
        if name not in pairs.values()
    ]
    return tuple(sorted(found, key=lambda change: change.name))


def kind_of(was: Input, now: Input | None) -> InputKind:
    """Return in what way an export differs."""
    if now is None:
        return "missing"
    if was.name != now.name:
        return "renamed"
    return "changed" if was.sha256 != now.sha256 else "read otherwise"


def fields_changed(was: Input | None, now: Input | None) -> tuple[Change, ...]:
    """Return what the manifests say otherwise of one export."""
    old, new = ({} if file is None else msgspec.structs.asdict(file) for file in (was, now))
    return differences(old, new)


def version_changes(then: Manifest, now: Manifest) -> tuple[Change, ...]:
    """Return the versions, zone data and holiday dates that differ."""
    told = []
    for manifest in (then, now):
        calendars = {
            f"calendar {name}: {day}": title
            for name, calendar in manifest.calendars.items()
            for day, title in calendar.dates.items()
        }
        zones = {f"zone data of {name}": data for name, data in manifest.zones.items()}
        told.append({**manifest.versions, **zones, **calendars})
    return differences(*told)


def report_changes(
    bundle: Bundle, manifest: Manifest, rerun: Rerun, *, but: frozenset[str]
) -> tuple[tuple[Change, ...], tuple[Change, ...]]:
    """Return the figures of SLAs that differ, and what else does in the report, `but` for these keys."""
    if manifest.entries[REPORT] == digest_of([rerun.report]):
        return (), ()
    reports = [
        json.loads(text, object_pairs_hook=unambiguous)
        for text in (bundle.read(REPORT), rerun.report)
    ]
    if not all(isinstance(report, dict) for report in reports):
        raise damaged(bundle.name, f"{REPORT} is no object")
    old, new = ({key: report[key] for key in report if key not in but} for report in reports)
    is_same = old == new
    figures = differences(*(flat(report.pop("slas", [])) for report in (old, new)))
    rest = differences(flat(old), flat(new))
    if not is_same and not figures and not rest:
        rest = reworded(REPORT, manifest, rerun.report)
    return figures, rest


def unambiguous(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object of JSON. Raises `ValueError` for a key that is there twice."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a key is there twice")
    return found


def reworded(name: str, manifest: Manifest, *now: bytes) -> tuple[Change, ...]:
    """Return the change of a file that says the same in other bytes."""
    return (Change(f"{name}: sha256", manifest.entries[name], digest_of(now)),)


def flat(value: object, where: str = "") -> dict[str, object]:
    """Return the leaves of a document by their place; items of lists go by their name or group."""
    found: dict[str, object] = {}
    if isinstance(value, dict):
        for key, inner in value.items():
            found |= flat(inner, f"{where}{': ' if where else ''}{key}")
        return found or ({where: {}} if where else {})
    if isinstance(value, list) and all(isinstance(item, dict) for item in value):
        for number, item in enumerate(value, 1):
            name = named(item) or str(number)
            found |= flat(item, f"{where} [{name}]" if where else name)
        return found
    return {where: value}


def named(item: object) -> str:
    """Return what an item of a list is called: its name, path, metric or group."""
    if not isinstance(item, dict):
        return ""
    group = item.get("by")
    if isinstance(group, dict):
        return ", ".join(f"{dimension}={value}" for dimension, value in group.items())
    return next((str(item[key]) for key in ("name", "path", "metric") if key in item), "")


def differences(old: Mapping[str, object], new: Mapping[str, object]) -> tuple[Change, ...]:
    """Return the places whose values differ, in the order of the old, then of the new document."""
    places = dict.fromkeys([*old, *new])
    return tuple(
        Change(place, old.get(place), new.get(place))
        for place in places
        if old.get(place) != new.get(place) or (place in old) != (place in new)
    )


def reject_changes(bundle: Bundle, manifest: Manifest, rerun: Rerun) -> tuple[Change, ...]:
    """Return the rejected rows that differ, as `export:row` and the rule."""
    if manifest.entries[REJECTS] == digest_of([rerun.rejects]):
        return ()
    told = []
    for text in (bundle.read(REJECTS), rerun.rejects):
        rows = table(text).select("export", "row", "rule").fill_null("")
        rules: dict[str, object] = {}
        for export, row, rule in rows.iter_rows():
            place = f"{export}:{row}"
            rules[place] = f"{rules[place]}; {rule}" if place in rules else rule
        told.append(rules)
    return differences(*told) or reworded(REJECTS, manifest, rerun.rejects)


def clock_changes(
    bundle: Bundle, manifest: Manifest, rerun: Rerun, *, first: int
) -> tuple[int, tuple[ClockChange, ...]]:
    """Return how many clocks differ, and every field of the `first` of them that does."""
    if manifest.entries[CLOCKS] == digest_of(clock_chunks(rerun.clocks)):
        return 0, ()
    written = bundle.read(CLOCKS, most=MAX_TABLE), b"".join(clock_chunks(rerun.clocks))
    old, new = map(table, written)
    if unknown := sorted(set(old.columns) - set(new.columns)):
        raise damaged(bundle.name, f"{CLOCKS} has a column {unknown[0]!r}")
    shared = [name for name in new.columns if name in old.columns]
    values = [name for name in shared if name not in KEY]
    # a bundle somebody wrote by hand may hold a clock many times
    old, new = (
        frame.select(shared).with_columns(
            C(KEY).fill_null(""), copy=pl.int_range(pl.len()).over(KEY)
        )
        for frame in (old, new)
    )
    both = old.with_columns(then=True).join(
        new.with_columns(now=True), on=[*KEY, "copy"], how="full", coalesce=True, suffix=" now"
    )
    is_other = [C(name).ne_missing(C(f"{name} now")) for name in values]
    is_alone = C("then").is_null() | C("now").is_null()
    changed = both.filter(pl.any_horizontal(is_alone, *is_other)).sort(
        C("conversation_id").cast(pl.Int64, strict=False), *KEY, nulls_last=True
    )
    if changed.is_empty() and old.columns == new.columns:
        raise damaged(bundle.name, f"{CLOCKS} says the same in other bytes")
    shown = changed.head(first).rows(named=True)
    return changed.height, tuple(field for row in shown for field in fields_of(row, values))


def fields_of(row: Mapping[str, Any], values: list[str]) -> Iterator[ClockChange]:
    """Yield what differs in one row of old and new values side by side."""
    system, conversation, metric, ordinal, sla = (row[name] for name in KEY)
    if row["then"] is None or row["now"] is None:
        was, now = (None if row[side] is None else "there" for side in ("then", "now"))
        yield ClockChange(system, conversation, metric, ordinal, sla, "clock", was, now)
        return
    for name in values:
        was, now = row[name], row[f"{name} now"]
        if was != now:
            yield ClockChange(system, conversation, metric, ordinal, sla, name, was, now)


def table(text: bytes) -> pl.DataFrame:
    """Return CSV as a frame of texts. Raises `PolarsError`."""
    return pl.read_csv(io.BytesIO(text), infer_schema=False)
