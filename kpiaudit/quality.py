"""How far the exports can be trusted, file by file, before any number: what `inspect` adds to a report."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import polars as pl

from kpiaudit.authors import UNDECIDED, asked
from kpiaudit.decoding.stamps import doubts, rows_without_offset
from kpiaudit.findings import NO_ZONE, TWO_WAYS, without_offset, without_order
from kpiaudit.pieces import looks
from kpiaudit.report import Computable, Quality
from kpiaudit.schema import CLOSED_STATUSES, METRICS
from kpiaudit.sources.base import ReadSettings
from kpiaudit.status_clocks import FROM_STATUSES, SPAN_METRICS

if TYPE_CHECKING:
    from kpiaudit.audit import Audit
    from kpiaudit.settings import Settings
    from kpiaudit.sources.base import Claim

C = pl.col
ROUND_LIMITS = frozenset(
    {1_000, 2_000, 5_000, 10_000, 20_000, 25_000, 50_000, 65_535, 65_536, 100_000, 500_000,
     1_000_000, 1_048_575, 1_048_576}
)  # fmt: skip
"""Row counts at which tools and spreadsheets stop writing."""
FIRST_DAY = timedelta(hours=24)
HOUR = 3600
FEW, MANY = 5, 10
FARTHEST_HOURS = 14
SHARE_BEFORE, SHARE_ALIKE = 0.2, 0.6
SAYS_ITSELF = "as the export says"


@dataclass(frozen=True, slots=True)
class Facts:
    """`openings`: per conversation `system, export, at, by_us, is_partial, gap`, of its first message that
    nobody automated; `gap` is how much later the first question comes, where a reply comes first.
    `systems`: `system, inbound, replies, is_fine, closes, tells_statuses, exports`; `system_of`: export to system.
    """

    openings: pl.DataFrame
    systems: dict[str, dict[str, Any]]
    system_of: dict[str, str]


def qualities_of(audited: Audit) -> tuple[Quality, ...]:
    """Return the quality of every export read, in path order; looks at the files again."""
    reading, settings = audited.reading, audited.request.settings
    facts = facts_of(reading.ordered)
    zoneless, two_ways = without_offset(reading), without_order(reading)
    qualities: dict[str, Quality] = {}
    for claim in reading.found.claims:
        zones = zones_of(claim, settings)
        for file in claim.files:
            unknown, lines = who_is_us(audited, file.name)
            if file.name in zoneless:
                unknown.append(NO_ZONE)
                lines.insert(
                    0, 'time_zone = "Europe/Berlin"  # or --tz Europe/Berlin: its own zone'
                )
            if file.name in two_ways:
                unknown.append(TWO_WAYS)
                lines.insert(0, 'date_order = "day_first"  # or "month_first"')
            qualities[file.name] = Quality(
                path=file.name,
                time_zone=zones[file.name],
                missing_parts=missing_parts(claim, file.part),
                overlaps=overlaps_of(audited, file.name),
                metrics=metrics_of(facts, file.name),
                problems=(
                    *unread(audited, claim, file.name),
                    *taken_for_granted(audited, file.name),
                    *unknown,
                    *replies_first(facts, file.name),
                    *doubts(file, own_zone(claim, settings) or settings.time_zone),
                    *window(facts, file.name),
                    *round_number(audited, file.name, is_table=file.kind == "csv"),
                    *one_sided(facts, file.name),
                ),
                paste=tuple(lines),
            )
    return tuple(qualities[name] for name in sorted(qualities))


def facts_of(ordered: pl.DataFrame) -> Facts:
    """Return what the ordered messages tell of how conversations begin and of each system."""
    is_reply = (C("event") == "outbound") & ~C("is_automated") & (C("author_role") != "bot")
    is_question = (C("event") == "inbound") & ~C("is_automated")
    partial = C("is_partial") if "is_partial" in ordered.columns else pl.lit(value=False)
    questions = C("sent_at").filter(C("event") == "inbound")
    told = ["conversation", "system", "export", "sent_at", "event"]
    told += ["is_partial"] if "is_partial" in ordered.columns else []
    openings = (
        ordered.select(told)
        .filter(ordered.select(is_reply | is_question).to_series())
        .group_by("conversation", maintain_order=True)
        .agg(
            C("system", "export").first().cast(pl.String),
            at=C("sent_at").first(),
            by_us=(C("event") == "outbound").first(),
            is_partial=partial.fill_null(value=False).any(),
            gap=(questions.first() - C("sent_at").first()).dt.total_seconds() / HOUR,
        )
    )
    is_end = (C("event") == "status") & C("status").cast(pl.String).is_in(CLOSED_STATUSES)
    systems = ordered.group_by("system").agg(
        inbound=is_question.sum(),
        replies=is_reply.sum(),
        is_fine=((C("grain") == "message") & (is_reply | is_question)).any(),
        closes=is_end.any(),
        tells_statuses=(C("event") == "status").any(),
    )
    pairs = [
        ordered.head(0).select("export", "system"),
        *(
            piece.select("export", "system").unique(maintain_order=True)
            for _, piece in looks(ordered)
        ),
    ]
    pair = pl.concat(pairs).unique(maintain_order=True)
    places = [(str(export), str(system)) for export, system in pair.rows()]
    exports = {
        system: sorted(export for export, own in places if own == system)
        for system in {own for _, own in places}
    }
    return Facts(
        openings,
        {
            row["system"]: row | {"exports": exports[row["system"]]}
            for row in systems.rows(named=True)
        },
        dict(reversed(places)),  # of several systems in an export, the first
    )


def own_zone(claim: Claim, settings: Settings) -> str | None:
    """Return the zone the mapping of a claim names for its stamps."""
    mapping = next((m for m in settings.sources if m.name == claim.source.name), None)
    sent_at = mapping.columns.get("sent_at") if mapping else None
    return sent_at.time_zone if sent_at else None


def zones_of(claim: Claim, settings: Settings) -> dict[str, str]:
    """Return file to the zone its stamps were read in, and who says so."""
    names = [file.name for file in claim.files]
    if own := own_zone(claim, settings):
        return dict.fromkeys(names, f"{own}, by [sources.{claim.source.name}]")
    zone = settings.time_zone
    if zone is None:
        return dict.fromkeys(names, SAYS_ITSELF)
    naive = rows_without_offset(claim, ReadSettings(us=settings.us))
    if naive is None:
        return dict.fromkeys(names, f"{zone}, as set")
    told = {name: f"{zone}, as set, for {rows:,} without an offset" for name, rows in naive.items()}
    return dict.fromkeys(names, SAYS_ITSELF) | told


def missing_parts(claim: Claim, part: str) -> tuple[str, ...]:
    """Return the parts nobody gave, told of the files of the first part, or of all where it is missing."""
    parts = list(claim.source.shapes)
    given = {file.part for file in claim.files}
    if part != parts[0] and parts[0] in given:
        return ()
    return tuple(
        other
        for other, shape in claim.source.shapes.items()
        if other not in given and other != part and shape.is_missed
    )


def overlaps_of(audited: Audit, path: str) -> dict[str, int]:
    """Return export to how many messages of this one are kept from there."""
    mine = audited.reading.gathered.overlaps.filter(C("file") == path)
    return dict(mine.select("kept", "rows").iter_rows())


def metrics_of(facts: Facts, path: str) -> tuple[Computable, ...]:
    """Return for each metric whether an export's system can feed it; nothing for one without messages."""
    system = facts.systems.get(facts.system_of.get(path, ""))
    if system is None:
        return ()
    first, *others = system["exports"]
    where = f"{first} and {len(others)} more" if others else first
    reasons: list[Computable] = []
    for metric in METRICS:
        reason = None
        if not system["inbound"]:
            reason = f"no customer's message in {where}"
        elif metric in FROM_STATUSES and not system["tells_statuses"]:
            reason = f"no statuses in {where}"
        elif metric in SPAN_METRICS:
            reason = None if system["closes"] else f"nothing is ever resolved in {where}"
        elif not system["replies"]:
            reason = f"no reply of ours in {where}"
        elif metric == "next_response" and not system["is_fine"]:
            reason = f"{where} knows first replies only"
        reasons.append(Computable(metric, reason is None, reason))
    return tuple(reasons)


def who_is_us(audited: Audit, path: str) -> tuple[list[str], list[str]]:
    """Return the problem of an export that does not say who is us, and the lines to paste."""
    rejects = audited.reading.gathered.rejects
    mine = rejects.filter((C("export") == path) & (C("rule") == UNDECIDED))
    if mine.is_empty():
        return [], []
    question, lines = asked(mine["value"])
    return [question], ["[us]  # keep only your own", *lines]


def unread(audited: Audit, claim: Claim, path: str) -> Iterator[str]:
    """Yield why the files of a claim were not read at all."""
    for failure in audited.reading.failures[len(audited.reading.found.unclaimed) :]:
        where = failure.where or ""
        if path in where.split(", ") or where.startswith(f"sources.{claim.source.name}"):
            yield f"not read: {failure.message}" + (f"; {failure.hint}" if failure.hint else "")


def taken_for_granted(audited: Audit, path: str) -> Iterator[str]:
    """Yield what had to be taken for granted to use messages of an export, and of how many."""
    for file, doubt, count in audited.reading.gathered.doubts.iter_rows():
        if file == path:
            yield f"{count} {'message' if count == 1 else 'messages'}: {doubt}"


def replies_first(facts: Facts, path: str) -> Iterator[str]:
    """Yield the problem of an export whose replies lie whole hours before what they answer."""
    mine = facts.openings.filter(C("export") == path)
    gaps = mine.filter(C("by_us") & C("gap").is_not_null())["gap"]
    if len(gaps) < MANY or len(gaps) < SHARE_BEFORE * facts.openings.height:
        return
    hours = gaps.ceil().mode().sort()[0]
    alike = int(gaps.is_between(hours - 0.5, hours).sum())
    if 1 <= hours <= FARTHEST_HOURS and alike >= SHARE_ALIKE * len(gaps):
        yield (
            f"in {len(gaps)} conversations our reply lies before the question, mostly by just under "
            f"{hours:.0f} h: replies and questions are not in one time zone"
        )


def window(facts: Facts, path: str) -> Iterator[str]:
    """Yield the problem of an export that begins in the middle of conversations."""
    mine = facts.openings.filter(C("export") == path)
    is_cut = C("by_us") | C("is_partial")
    early = mine.filter(C("at") < C("at").min() + FIRST_DAY)
    cut, cut_early = int(mine.select(is_cut.sum()).item()), int(early.select(is_cut.sum()).item())
    if early.height >= FEW and 2 * cut_early >= early.height and early.height < mine.height:
        yield (
            f"its window cuts conversations off: {cut_early} of the {early.height} of its first 24 hours "
            "begin with our reply or before it; export from an earlier day, or report with --since"
        )
    elif mine.height >= FEW and 2 * cut >= mine.height:
        yield (
            f"{cut} of {mine.height} conversations begin with our reply or before the export: "
            "we wrote first, or their beginnings are missing"
        )


def round_number(audited: Audit, path: str, *, is_table: bool) -> Iterator[str]:
    """Yield the problem of a table of exactly as many rows as tools stop at."""
    counts = audited.reading.gathered.counts
    rows = int(counts.filter(C("file") == path)["rows"].sum())
    if is_table and rows in ROUND_LIMITS:
        yield f"holds exactly {rows:,} rows, where many tools stop: the oldest may be missing"


def one_sided(facts: Facts, path: str) -> Iterator[str]:
    """Yield the problem of an export whose system has questions without replies, or the reverse."""
    system = facts.systems.get(facts.system_of.get(path, ""))
    if system is None or bool(system["inbound"]) == bool(system["replies"]):
        return
    side = "customers'" if system["inbound"] else "our own"
    yield f"one-sided: only {side} messages; the other side is in another export, or left out"
