"""What an evidence bundle holds: the manifest, every clock, the rejects, the report and the policy.

Nothing of the machine (paths, times) and no message text: of a rejected row its place and rule, not its
value.
"""

from __future__ import annotations

import platform
import zoneinfo
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from hashlib import file_digest, sha256
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, Annotated, Any, Final

import msgspec
import polars as pl

from kpiaudit import __version__
from kpiaudit.calendars.closures import holiday_dates, holiday_source
from kpiaudit.evidence.bundle import CLOCKS, MANIFEST, POLICY, REJECTS, REPORT
from kpiaudit.findings import export_results, not_read
from kpiaudit.ledger import clock_rows
from kpiaudit.tables import as_text, csv_text, guarded
from kpiaudit.views.shown import Views
from kpiaudit.zones import load_zone

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Reading
    from kpiaudit.report import Report
    from kpiaudit.settings import CalendarSettings, Settings

BUNDLE_VERSION: Final = 1
ROWS_AT_ONCE: Final = 100_000
OURS: Final = "written by kpiaudit"

Instant = Annotated[datetime, msgspec.Meta(tz=True)]


class Input(msgspec.Struct, frozen=True):
    """One export: what it was, byte for byte, and what became of its rows."""

    name: str
    source: str
    size: int
    """Bytes."""
    sha256: str
    rows: int
    used: int
    messages: int
    duplicates: int
    rejects: int
    skipped: int


class Document(msgspec.Struct, frozen=True):
    """A file that was used, by the name the user gave it."""

    name: str
    sha256: str


class CalendarUsed(msgspec.Struct, frozen=True):
    """What a calendar closed on, from the first to the last local date of the clocks under it."""

    time_zone: str
    source: str | None
    """The library and place its holidays come from; None without a country."""
    first: date
    last: date
    dates: dict[str, str]


class Asked(msgspec.Struct, frozen=True):
    """The options of the run that change figures."""

    by: tuple[tuple[str, ...], ...]
    since: Instant | None
    until: Instant | None
    as_of: Instant | None
    top: Annotated[int, msgspec.Meta(ge=1, lt=1 << 31)]
    keep_going: bool
    sources: tuple[tuple[str, str], ...]
    time_zone: str | None
    max_reject_share: float
    kpis: tuple[str, ...] = ()
    pseudonym_key: str = ""
    """What names the key of the pseudonyms; empty where everybody goes by name."""


class Manifest(msgspec.Struct, frozen=True):
    """Everything needed to run the audit again and to know what differs."""

    bundle_version: int
    kpiaudit_version: str
    versions: dict[str, str]
    zones: dict[str, str]
    """Time zone to the data it was computed with."""
    inputs: tuple[Input, ...]
    policy: Document | None
    """None for the default promise."""
    ics: dict[str, Document]
    """Calendar to its ICS file; the n-th of them is in the bundle as `holidays-n.ics`."""
    settings: dict[str, Any]
    definitions: dict[str, Any]
    calendars: dict[str, CalendarUsed]
    as_of: dict[str, Instant]
    request: Asked
    entries: dict[str, str]
    """Every other file of the bundle to its SHA-256."""


@dataclass(frozen=True, slots=True)
class Papers:
    """What others write for the bundle: the report as JSON, the policy as it is and as it is in force."""

    report: bytes
    policy: tuple[str, bytes] | None
    """Its file name and text."""
    settings: Mapping[str, Any]


def bundle_entries(audited: Audit, papers: Papers) -> dict[str, Iterable[bytes]]:
    """Return the files of a bundle by name, to be consumed in the order of their names.

    Reads every export once more for its hash. Raises `OSError` for one that is gone.
    """
    calendars = audited.request.settings.calendars
    ics = {name: Path(file) for name, c in calendars.items() if (file := c.holidays.ics)}
    texts: dict[str, bytes] = {
        f"holidays-{number}.ics": path.read_bytes() for number, path in enumerate(ics.values(), 1)
    }
    texts[REPORT] = papers.report
    texts[REJECTS] = rejects_text(audited.reading)
    if papers.policy is not None:
        texts[POLICY] = papers.policy[1]
    digests = {name: sha256(text).hexdigest() for name, text in texts.items()}
    named = {
        name: Document(path.name, digests[f"holidays-{number}.ics"])
        for number, (name, path) in enumerate(ics.items(), 1)
    }
    policy = Document(papers.policy[0], digests[POLICY]) if papers.policy else None
    manifest = manifest_of(audited, papers, policy=policy, ics=named)

    def clocks() -> Iterator[bytes]:
        digest = sha256()
        for chunk in clock_chunks(clock_rows(audited)):
            digest.update(chunk)
            yield chunk
        digests[CLOCKS] = digest.hexdigest()

    def closing() -> Iterator[bytes]:
        # clocks.csv comes before manifest.json, so its hash is known by now
        yield encoded(msgspec.structs.replace(manifest, entries=dict(sorted(digests.items()))))

    return {CLOCKS: clocks(), MANIFEST: closing(), **{name: [text] for name, text in texts.items()}}


def manifest_of(
    audited: Audit, papers: Papers, *, policy: Document | None, ics: dict[str, Document]
) -> Manifest:
    """Return the manifest of an audit, its `entries` still empty."""
    request, settings = audited.request, audited.request.settings
    return Manifest(
        bundle_version=BUNDLE_VERSION,
        kpiaudit_version=__version__,
        versions=versions(settings),
        zones={name: zone_data(name) for name in zones_of(settings)},
        inputs=inputs_of(audited.reading),
        policy=policy,
        ics=ics,
        settings=dict(papers.settings),
        definitions=msgspec.json.decode(papers.report)["definitions"],
        calendars=calendars_used(audited),
        as_of=dict(audited.reading.as_of),
        request=Asked(
            by=request.by,
            since=request.since,
            until=request.until,
            as_of=request.as_of,
            top=request.top,
            keep_going=request.keep_going,
            sources=request.chosen,
            time_zone=settings.time_zone,
            max_reject_share=settings.max_reject_share,
            kpis=request.kpis,
            pseudonym_key=request.pseudonyms.key_id if request.pseudonyms else "",
        ),
        entries={},
    )


def encoded(manifest: Manifest) -> bytes:
    """Return a manifest as indented JSON."""
    return msgspec.json.format(msgspec.json.encode(manifest), indent=2) + b"\n"


def inputs_of(reading: Reading) -> tuple[Input, ...]:
    """Return every export read, by name, hashed in pieces. Raises `OSError`."""
    paths = {file.name: file.path for claim in reading.found.claims for file in claim.files}
    found = []
    for export in sorted(export_results(reading), key=lambda export: export.path):
        with paths[export.path].open("rb") as stream:
            digest = file_digest(stream, "sha256").hexdigest()
            size = stream.tell()
        found.append(
            Input(
                name=export.path,
                source=export.source,
                size=size,
                sha256=digest,
                rows=export.rows,
                used=export.used,
                messages=export.messages,
                duplicates=export.duplicates,
                rejects=export.rejects,
                skipped=export.skipped,
            )
        )
    return tuple(found)


def clock_chunks(rows: pl.DataFrame) -> Iterator[bytes]:
    """Yield `clocks.csv` in pieces, from the rows of the ledger, as `kpiaudit clocks` writes it."""
    yield rows.clear().write_csv().encode()
    for part in rows.iter_slices(ROWS_AT_ONCE):
        yield guarded(as_text(part)).write_csv(include_header=False).encode()


def rejects_text(reading: Reading) -> bytes:
    """Return the rejected rows as CSV without their values, which may be message text."""
    return csv_text(reading.gathered.rejects.select("export", "row", "rule")).encode()


def portable_report(report: Report, reading: Reading) -> Report:
    """Return a report without the machine's folders, rejected values and our own files among the inputs,
    and without models and views: a bundle proves figures.

    A file that was not read is named without what its first bytes are.
    """
    told = {
        line: f"not read: {failure.where}"
        for line, failure in zip(not_read(reading), reading.failures, strict=True)
    }
    policy = report.promise.policy
    return replace(
        report,
        promise=replace(report.promise, policy=PurePath(policy).name if policy else None),
        ignored=tuple(file for file in report.ignored if file.reason != OURS),
        kpis=tuple(
            replace(kpi, reason=kpi.reason.replace(policy, PurePath(policy).name))
            if kpi.reason and policy
            else kpi
            for kpi in report.kpis
        ),
        rejects=tuple(replace(reject, value=None) for reject in report.rejects),
        quotes=(),
        problems=tuple(told.get(problem, problem) for problem in report.problems),
        models=(),
        privacy=(),
        views=Views(),
    )


def portable_settings(settings: Settings, ics: Mapping[str, str]) -> Settings:
    """Return settings that name ICS files without their folders, or as `ics` does by calendar."""
    calendars = dict(settings.calendars)
    for name, calendar in calendars.items():
        if calendar.holidays.ics:
            file = ics.get(name, PurePath(calendar.holidays.ics).name)
            calendars[name] = replace(calendar, holidays=replace(calendar.holidays, ics=file))
    return replace(settings, calendars=calendars)


def versions(settings: Settings) -> dict[str, str]:
    """Return the versions of everything that computes: ours, Python's and the libraries used."""
    closed = [calendar.holidays for calendar in settings.calendars.values()]
    found = {
        "kpiaudit": __version__,
        "python": platform.python_version(),
        "polars": pl.__version__,
    }
    used = {
        "holidays": any(holidays.country for holidays in closed),
        "python-dateutil": any(holidays.recurring for holidays in closed),
        "icalendar": any(holidays.ics for holidays in closed),
    }
    return found | {name: installed(name) for name, is_used in used.items() if is_used}


def installed(name: str) -> str:
    """Return the version of a package, which an unused calendar may name without its being there."""
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def zones_of(settings: Settings) -> list[str]:
    """Return the time zones a run computes with."""
    names = {settings.time_zone or "UTC"}
    names |= {calendar.time_zone for calendar in settings.calendars.values()}
    for source in settings.sources:
        names |= {column.time_zone for column in source.columns.values() if column.time_zone}
    return sorted(names)


def zone_data(name: str) -> str:
    """Return what `zoneinfo` takes a zone from: the system's data or the tzdata package, and which."""
    for folder in map(Path, zoneinfo.TZPATH):
        file = folder / name
        if file.is_file():
            return f"system {system_version(folder) or sha256(file.read_bytes()).hexdigest()}"
    return f"tzdata {version('tzdata')}"


def system_version(folder: Path) -> str | None:
    """Return the release of a system's zone data, such as `2026a`; None when it does not say."""
    for name in ("tzdata.zi", "+VERSION"):
        try:
            with (folder / name).open(encoding="ascii", errors="replace") as file:
                return file.readline(80).removeprefix("# version").strip()
        except OSError:
            continue
    return None


def calendars_used(audited: Audit) -> dict[str, CalendarUsed]:
    """Return the calendars the SLAs name, with the dates they closed on while clocks ran."""
    settings, described = audited.request.settings, audited.described
    if described.is_empty():
        return {}
    named = sorted({sla.calendar for sla in settings.slas if sla.calendar})
    start, stop, now = described.select(
        start=pl.col("started_at").min(), stop=pl.col("stopped_at").max(), now=pl.col("as_of").max()
    ).row(0)
    span = start, max(stop or start, now)
    return {name: calendar_used(settings.calendars[name], span) for name in named}


def calendar_used(calendar: CalendarSettings, span: tuple[datetime, datetime]) -> CalendarUsed:
    """Return what a calendar closed on between two instants, both included."""
    zone = load_zone(calendar.time_zone)
    first, last = (at.astimezone(zone).date() for at in span)
    dates = holiday_dates(calendar, first, last)
    return CalendarUsed(
        time_zone=calendar.time_zone,
        source=holiday_source(calendar),
        first=first,
        last=last,
        dates={day.isoformat(): name for day, name in dates.items()},
    )
