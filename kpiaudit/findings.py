"""What a run found about its exports: per file what it was taken for, and the problems, worst first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.report import ExportResult, Reject, SlaResult

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Reading

C = pl.col
LISTED_REJECTS = 100
FAR_APART = timedelta(days=30)
MANY = 5


def export_results(reading: Reading) -> tuple[ExportResult, ...]:
    """Return one result per file read, in path order."""
    gathered = reading.gathered
    claimed = {
        file.name: (claim.source.name, file.part, claim.evidence[file.name])
        for claim in reading.found.claims
        for file in claim.files
    }
    results = []
    for row in gathered.counts.rows(named=True):
        source, part, evidence = claimed[row["file"]]
        mine = C("file") == row["file"]
        reasons = gathered.reasons.filter(mine).select("reason", "rows")
        rules = gathered.rejects.filter(C("export") == row["file"]).group_by("rule").len()
        results.append(
            ExportResult(
                path=row["file"],
                source=source,
                part=part,
                evidence=evidence,
                first_at=row["first_at"],
                last_at=row["last_at"],
                rows=row["rows"],
                used=row["used"],
                messages=row["messages"],
                duplicates=row["duplicate"],
                rejects=row["reject"],
                skipped=row["skipped"],
                skip_reasons=dict(reasons.iter_rows()),
                reject_rules=dict(rules.sort("rule").iter_rows()),
                roles=counted(gathered.roles, row["file"]),
                channels=counted(gathered.channels, row["file"]),
            )
        )
    return tuple(results)


def counted(frame: pl.DataFrame, file: str) -> dict[str, int]:
    """Return word to count for one file of a `file, word, count` frame."""
    return dict(frame.filter(C("file") == file).select("word", "count").iter_rows())


def rejects_listed(reading: Reading) -> tuple[Reject, ...]:
    """Return the first rejected rows; `inspect --rejects` writes them all."""
    return tuple(Reject(*row) for row in reading.gathered.rejects.head(LISTED_REJECTS).iter_rows())


def problems_of(
    audited: Audit, *, share: float, slas: tuple[SlaResult, ...]
) -> tuple[str, ...]:
    """Return the warnings to put before the reader, worst first."""
    reading, settings = audited.reading, audited.request.settings
    return tuple(
        [
            *(f"not read: {failure}" for failure in reading.failures),
            *too_many_rejects(share, settings.max_reject_share),
            *empty_slas(audited, slas),
            *clock_order(audited),
            *odd_messages(audited),
            *far_apart(reading),
        ]
    )


def too_many_rejects(share: float, most: float) -> list[str]:
    """Return the warning when more rows were refused than the policy allows."""
    if share <= most:
        return []
    return [
        f"{share:.1%} of the rows were rejected, more than max_reject_share {most:.1%}: "
        "the figures rest on the rest"
    ]


def empty_slas(audited: Audit, slas: tuple[SlaResult, ...]) -> list[str]:
    """Return why SLAs without a single clock have none."""
    problems = []
    for sla in slas:
        if sla.figures.clocks:
            continue
        if sla.metric.endswith("resolution") and not audited.clocks.has_statuses:
            reason = "not computable: no export tells of statuses"
        else:
            reason = "no clock matches it"
        problems.append(f"{sla.name}: {reason}")
    return problems


def clock_order(audited: Audit) -> list[str]:
    """Return the warning about replies that carry an earlier time than what they answer."""
    cycles = audited.reading.cycle_rows
    if not cycles:
        return []
    return [f"{cycles} messages answer each other in a circle; each circle is one conversation"]


def odd_messages(audited: Audit) -> list[str]:
    """Return what was assumed of rows an export leaves unclear."""
    reading = audited.reading
    problems = []
    unknown = int((reading.ordered["author_role"] == "unknown").sum())
    if unknown:
        problems.append(f"{unknown} messages have no known role; outbound ones count as human replies")
    if reading.gathered.identical_rows:
        problems.append(
            f"{reading.gathered.identical_rows} rows without an id repeat another row; all are kept"
        )
    return problems


def far_apart(reading: Reading) -> list[str]:
    """Return the warning about systems whose last event lies far from the others'."""
    if len(reading.as_of) < 2:  # noqa: PLR2004
        return []
    latest = max(reading.as_of.values())
    return [
        f"the last event of {system} is {(latest - at).days} days before the latest of the others"
        for system, at in reading.as_of.items()
        if latest - at > FAR_APART
    ]
