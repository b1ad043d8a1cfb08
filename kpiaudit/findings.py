"""What a run found about its exports: per file what it was taken for, and the problems, worst first."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.calendars.business_time import warnings
from kpiaudit.errors import some
from kpiaudit.report import ExportResult, Reject, SlaResult
from kpiaudit.status_clocks import FROM_STATUSES

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Reading
    from kpiaudit.settings import Settings

C = pl.col
LISTED_REJECTS = 100
FAR_APART = timedelta(days=30)
FIRST_UNREAD = 2
WORST = 2
"""So many files are named where rows were refused."""
NO_OFFSET = "no offset, set time_zone"
"""How the rule of a stamp ends that needs a zone."""
NO_ZONE = (
    "no stamp has an offset: name the zone they were written in, "
    'as time_zone = "Europe/Berlin" in kpiaudit.toml or --tz Europe/Berlin'
)
NO_ORDER = "day or month first, set date_order"
"""How the rule of a date ends that can be read two ways."""
TWO_WAYS = (
    "no date tells whether day or month comes first: name the order of whoever exported it, "
    'as date_order = "day_first" or date_order = "month_first" in kpiaudit.toml'
)
CUT_OFF = "the file is cut off, and what followed its last row is missing"


def export_results(reading: Reading) -> tuple[ExportResult, ...]:
    """Return one result per file read, in path order."""
    gathered = reading.gathered
    claimed = {
        file.name: (claim.source.name, file.part, claim.evidence[file.name])
        for claim in reading.found.claims
        for file in claim.files
    }
    results = []
    together = gathered.counts["messages"].sum()
    for row in gathered.counts.rows(named=True):
        source, part, evidence = claimed[row["file"]]
        mine = C("file") == row["file"]
        reasons = gathered.reasons.filter(mine).select("reason", "rows")
        rules = (
            gathered.rejects.filter(C("export") == row["file"])
            .group_by("rule")
            .agg(C("row").n_unique())
        )
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
                message_share=row["messages"] / together if together else None,
            )
        )
    return tuple(results)


def counted(frame: pl.DataFrame, file: str) -> dict[str, int]:
    """Return word to count for one file of a `file, word, count` frame."""
    return dict(frame.filter(C("file") == file).select("word", "count").iter_rows())


def rejects_listed(reading: Reading) -> tuple[Reject, ...]:
    """Return the first rejected rows; `inspect --rejects` writes them all."""
    return tuple(Reject(*row) for row in reading.gathered.rejects.head(LISTED_REJECTS).iter_rows())


def problems_of(audited: Audit, *, share: float, slas: tuple[SlaResult, ...]) -> tuple[str, ...]:
    """Return the warnings to put before the reader, worst first."""
    reading, settings = audited.reading, audited.request.settings
    if not reading.found.file_count:
        nothing = f"no file in {', '.join(audited.request.paths)}: there is nothing to judge"
        return (nothing, *reading.found.left_out)
    unread = not_read(reading)
    return (
        *unread[:FIRST_UNREAD],
        *(f"{export}: {CUT_OFF}; export it again" for export in cut_off(reading)),
        *(f"{export}: {NO_ZONE}" for export in without_offset(reading)),
        *(f"{export}: {TWO_WAYS}" for export in without_order(reading)),
        *too_many_rejects(share, settings.max_reject_share, reading.gathered.counts),
        *empty_slas(audited, slas),
        *clock_order(audited),
        *odd_messages(audited),
        *far_apart(reading),
        *reading.found.left_out,
        *unread[FIRST_UNREAD:],
    )


def not_read(reading: Reading) -> list[str]:
    """Return one line for every file that was not read, with what to do about it."""
    return [
        f"not read: {failure}" + (f" ({failure.hint})" if failure.hint else "")
        for failure in reading.failures
    ]


def cut_off(reading: Reading) -> list[str]:
    """Return the JSON exports whose last record is broken: what followed it is lost."""
    rejects = reading.gathered.rejects
    last = reading.gathered.counts.select(export="file", row=C("rows").cast(pl.UInt32))
    broken = rejects.filter(
        C("rule").str.starts_with("the file is cut off") | (C("rule") == "not valid JSON")
    )
    ends = broken.join(last, on=["export", "row"], how="semi")
    return sorted(ends["export"].unique())


def without_offset(reading: Reading) -> list[str]:
    """Return the exports of which no row was read, for want of a time zone."""
    rejects = reading.gathered.rejects.filter(C("rule").str.ends_with(NO_OFFSET))
    if rejects.is_empty():
        return []
    naive = rejects.group_by(file="export").agg(naive=C("row").n_unique())
    counts = reading.gathered.counts.filter(C("used") == 0).join(naive, on="file")
    whole = counts.filter(C("naive") == C("rows") - C("skipped") - C("duplicate"))
    return sorted(whole["file"].to_list())


def without_order(reading: Reading) -> list[str]:
    """Return the exports with rows refused because day and month could not be told apart."""
    rejects = reading.gathered.rejects
    return sorted(rejects.filter(C("rule").str.ends_with(NO_ORDER))["export"].unique())


def rejected(reading: Reading) -> list[str]:
    """Return the line that says how many rows were refused, for commands that do not list them."""
    rejects = reading.gathered.rejects
    if rejects.is_empty():
        return []
    export, row, rule, _ = rejects.row(0)
    rows = "row was" if rejects.height == 1 else "rows were"
    all_of_them = "`kpiaudit inspect EXPORTS --rejects FILE` lists them all"
    return [f"{rejects.height} {rows} rejected, the first {export}:{row} ({rule}); {all_of_them}"]


def too_many_rejects(share: float, most: float, counts: pl.DataFrame) -> list[str]:
    """Return the warning when more rows were refused than the policy allows, and in which files most."""
    if share <= most:
        return []
    refused = f"{share:.1%} of the rows were rejected, more than max_reject_share {most:.1%}"
    worst = counts.filter(C("reject") > 0).sort("reject", "file", descending=[True, False])
    files = [
        f"{file} ({rejects:,} of {rows:,})"
        for file, rejects, rows in worst.select("file", "reject", C("rows") - C("skipped")).rows()
    ]
    rest = "the figures rest on the rest" if counts["used"].sum() else "none is left to count"
    return [f"{refused}, most in {some(files, WORST)}: {rest}"]


def empty_slas(audited: Audit, slas: tuple[SlaResult, ...]) -> list[str]:
    """Return why SLAs without a single clock have none, where there is any message."""
    problems = []
    for sla in slas:
        if sla.figures.clocks or audited.reading.ordered.is_empty():
            continue
        if sla.metric in FROM_STATUSES and not audited.clocks.has_statuses:
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
        messages = "message has" if unknown == 1 else "messages have"
        problems.append(
            f"{unknown} {messages} no known role; an outbound one counts as a human reply"
        )
    identical = reading.gathered.identical_rows
    if identical:
        rows = "row without an id repeats" if identical == 1 else "rows without an id repeat"
        problems.append(f"{identical} {rows} another row; all are kept")
    return problems


def far_apart(reading: Reading) -> list[str]:
    """Return the warning about systems whose last event lies far from the others'."""
    if len(reading.as_of) < 2:
        return []
    latest = max(reading.as_of.values())
    before = {
        system: (latest - at).days
        for system, at in reading.as_of.items()
        if latest - at > FAR_APART
    }
    if not before:
        return []
    least, most = min(before.values()), max(before.values())
    days = f"{most:,}" if least == most else f"{least:,} to {most:,}"
    systems = some(sorted(before, key=lambda system: -before[system]))
    events, verb = ("event", "is") if len(before) == 1 else ("events", "are")
    return [f"the last {events} of {systems} {verb} {days} days before the latest of the others"]


def calendar_warnings(settings: Settings) -> list[str]:
    """Return what is doubtful about the policy's calendars."""
    return [text for calendar in settings.calendars.values() for text in warnings(calendar)]
