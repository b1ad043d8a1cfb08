"""What the figures rest on: the rows and what became of them, the definitions, how to run it again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.charts.bars import stacked_bar
from kpiaudit.charts.markup import NOTHING, Child, Markup, join, tag
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.html.cover import circumstances
from kpiaudit.renderers.html.elements import (
    cell,
    count_cell,
    listed,
    pairs,
    part,
    prose,
    row,
    state_word,
    table,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.renderers.html.elements import Part
    from kpiaudit.report import ExportResult, Integrity, Report

MOST: Final = 50
"""So many refused rows, and files that were not read, are named one by one."""
FOLDED_FROM: Final = 12
"""With more exports than this, those used whole are folded away."""
PARTS: Final = ("used", "duplicates", "skipped", "rejects")


def quality(report: Report) -> Part:
    """Return what became of every row of every file."""
    held = report.integrity
    return part(
        "quality",
        "Data quality",
        _identity(held) if held.rows else NOTHING,
        _exports(report),
        _metrics(held),
        _rejects(report),
        _ignored(report),
        lede="Nothing is dropped in silence: every row is used, a duplicate, skipped with its reason, or "
        "refused by a rule.",
    )


def definitions(report: Report) -> Part:
    """Return the rules in use, as the policy sets them."""
    entries = [(spell.words(key), _value(value)) for key, value in report.definitions.items()]
    return part(
        "definitions",
        "Definitions",
        pairs(entries) if entries else NOTHING,
        lede="Tools differ on these; other rules give other figures. `kpiaudit definitions` shows by how much.",
    )


def evidence(report: Report) -> Part:
    """Return period, policy and how to come to the same figures again."""
    said = (
        "Each figure above counts clocks, and each clock names the two rows it runs between. "
        "`kpiaudit clocks` writes them all; `kpiaudit report --evidence FILE.zip` seals what they rest on, "
        "and `kpiaudit verify` runs the audit again and says whether it comes out identical."
    )
    return part("evidence", "Evidence", circumstances(report), tag("p", prose(said), class_="lede"))


def _identity(held: Integrity) -> Markup:
    amounts = {name: getattr(held, name) for name in PARTS}
    summands: list[Child] = []
    for name, amount in amounts.items():
        key = tag("span", class_=f"key {name}")
        summands += [" + " if summands else " = ", key, tag("b", f"{amount:,}"), f" {name}"]
    holds = (
        state_word("pass", "the sums hold") if held.holds else state_word("fail", "do not add up")
    )
    complete = None if held.is_complete else tag(
        "p", "Incomplete: files that could not be read were passed over.", class_="sum"
    )  # fmt: skip
    told = [
        (held.partial_conversations, "began before the export does"),
        (held.proactive_conversations, "were opened by the team"),
    ]
    asides = "; ".join(f"{number:,} {what}" for number, what in told if number)
    made = f"{held.messages:,} messages in {spell.plural(held.conversations, 'conversation')}"
    notes = [made + (f", of which {asides}." if asides else ".")]
    if held.unknown_roles:
        notes.append(
            f"{spell.plural(held.unknown_roles, 'message')} whose author's role is unknown."
        )
    if held.identical_rows:
        notes.append(f"{spell.plural(held.identical_rows, 'row')} identical to another, all kept.")
    if held.unknown_statuses:
        notes.append(f"Statuses no rule knows: {spell.reasons(held.unknown_statuses)}.")
    return join(
        (
            stacked_bar([(name, float(amount)) for name, amount in amounts.items()]),
            tag("p", tag("b", f"{held.rows:,}"), " rows", *summands, ". ", holds, class_="sum"),
            complete,
            listed(notes),
        )
    )


def _exports(report: Report) -> Markup:
    if not report.exports:
        return NOTHING
    told = [export for export in report.exports if _is_told(export)]
    whole = [export for export in report.exports if not _is_told(export)]
    if len(report.exports) <= FOLDED_FROM:
        told, whole = list(report.exports), []
    folded = tag(
        "details",
        tag("summary", f"{spell.plural(len(whole), 'more export')}, used row by row as it stands"),
        _table(whole, "Exports used whole"),
    )
    return join(
        (
            tag("h3", "Exports", class_="next"),
            _table(told, "Exports") if told else None,
            folded if whole else None,
        )
    )


def _is_told(export: ExportResult) -> bool:
    """Whether anything of it was left out, or is doubtful."""
    return export.used != export.rows or bool(export.problems)


def _table(exports: Sequence[ExportResult], label: str) -> Markup:
    columns = [
        ("export", None), ("rows", "num"), ("used", "num"), ("duplicates", "num"),
        ("skipped", "num"), ("rejects", "num"), ("messages", "num"),
    ]  # fmt: skip
    rows = [
        row(
            join((export.path, tag("span", _taken(export), class_="soft"))),
            [
                count_cell(export.rows),
                count_cell(export.used),
                count_cell(export.duplicates),
                count_cell(export.skipped),
                count_cell(export.rejects, "fail"),
                _contribution(export),
            ],
        )
        for export in exports
    ]
    return table(columns, rows, label=label, class_="files")


def _contribution(export: ExportResult) -> Markup:
    """How many messages it gave, and which share of all."""
    if not export.messages or export.message_share is None:
        return count_cell(export.messages)
    of_all = tag("span", spell.percent(export.message_share), class_="soft")
    return cell(join((f"{export.messages:,}", of_all)), "num")


def _taken(export: ExportResult) -> str:
    """What a file was taken for, why, and what became of what was not used."""
    part_ = f", {export.part}" if export.part else ""
    told = [f"{export.source}{part_}: {export.evidence}"]
    if export.skip_reasons:
        told.append(f"skipped: {spell.reasons(export.skip_reasons)}")
    if export.reject_rules:
        told.append(f"refused: {spell.reasons(export.reject_rules)}")
    return "; ".join([*told, *export.problems])


def _metrics(held: Integrity) -> Markup:
    if not held.metrics:
        return NOTHING
    columns = [("metric", None), ("clocks", "num"), ("under an SLA", "num"), ("under none", "num")]
    rows = [
        row(
            spell.words(metric.metric),
            [count_cell(metric.clocks), count_cell(metric.matched), count_cell(metric.unmatched)],
        )
        for metric in held.metrics
    ]
    return join((tag("h3", "Clocks", class_="next"), table(columns, rows, label="Clocks")))


def _rejects(report: Report) -> Markup:
    if not report.rejects:
        return NOTHING
    rows = [
        tag(
            "tr",
            tag("th", tag("code", f"{reject.export}:{reject.row}"), scope="row"),
            cell(reject.rule),
            cell(tag("code", reject.value) if reject.value is not None else None),
        )
        for reject in report.rejects[:MOST]
    ]
    columns = [("row", None), ("rule", None), ("value", None)]
    left = len(report.rejects) - len(rows)
    more = f"{left:,} more: kpiaudit inspect --rejects FILE." if left > 0 else ""
    return join(
        (
            tag("h3", "Rows refused", class_="next"),
            table(columns, rows, label="Rows refused"),
            tag("p", more, class_="lede") if more else None,
        )
    )


def _ignored(report: Report) -> Markup:
    if not report.ignored:
        return NOTHING
    told = [join((tag("code", i.path), f": {i.reason}")) for i in report.ignored[:MOST]]
    left = len(report.ignored) - len(told)
    if left > 0:
        told.append(join((f"{left:,} more",)))
    return join((tag("h3", "Files not read", class_="next"), listed(told)))


def _value(value: object) -> str:
    if isinstance(value, (list, tuple)):
        return ", ".join(map(str, value)) or "nothing"
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "none" if value is None else str(value)
