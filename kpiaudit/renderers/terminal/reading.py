"""What was read, on screen: file by file, what was left out and why, and the identity of the run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from rich.console import Group
from rich.text import Text

from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from rich.table import Table

    from kpiaudit.renderers.terminal.screen import Screen
    from kpiaudit.report import ExportResult, Integrity, Quality, Report

FEW: Final = 5
"""How many rejects, or ignored files, are listed before the rest is only counted."""


def show_reading(screen: Screen, report: Report, *, top: int, verbose: bool) -> None:
    """Print the rows of every export and what became of them, then the rejects and the identity.

    Beyond the `top` files with most messages only those with rejects or problems are listed, unless
    `verbose`.
    """
    screen.heading("What was read")
    ranked = sorted(report.exports, key=lambda export: -export.messages)
    largest = {export.path for export in ranked[:top]}
    shown = [
        export
        for export in report.exports
        if verbose or export.path in largest or export.rejects or export.problems
    ]
    if not shown:
        screen.show(screen.text("no export was found"), indent=2)
    else:
        screen.show(_exports_table(screen, shown, verbose=verbose), indent=2)
    if len(shown) < len(report.exports):
        hidden = spell.plural(len(report.exports) - len(shown), "more file")
        screen.show(screen.text(f"{screen.signs.more} {hidden}", "dim"), indent=2)
    screen.console.print()
    show_identity(screen, report.integrity)
    show_ignored(screen, report, verbose=verbose)
    show_rejects(screen, report, verbose=verbose)


def _exports_table(screen: Screen, exports: Sequence[ExportResult], *, verbose: bool) -> Table:
    table = screen.table()
    table.add_column("export", overflow="fold", ratio=1)
    for name in ("rows", "used", "duplicates", "rejected", "skipped"):
        table.add_column(name, justify="right", no_wrap=True)
    for export in exports:
        table.add_row(
            _export_name(screen, export, verbose=verbose),
            screen.text(spell.count(export.rows)),
            screen.text(spell.count(export.used)),
            _left_out(screen, export.duplicates, ""),
            _left_out(screen, export.rejects, "yellow"),
            _left_out(screen, export.skipped, ""),
        )
    return table


def _left_out(screen: Screen, number: int, style: str) -> Text:
    return screen.text(spell.count(number), style if number else "dim")


def _export_name(screen: Screen, export: ExportResult, *, verbose: bool) -> Group:
    told = f"{taken_for(export)}: {spell.contribution(export.messages, export.message_share)}"
    name = screen.text(export.path) if verbose else screen.name(export.path)
    lines = [screen.text(told, "dim")]
    if verbose:
        lines.append(screen.text(f"because {export.evidence}", "dim"))
    for what, reasons in (("rejected", export.reject_rules), ("skipped", export.skip_reasons)):
        if reasons:
            lines.append(screen.text(f"{what}: {spell.reasons(reasons)}", "dim"))
    lines += [screen.text(problem, "yellow") for problem in export.problems]
    return Group(name, *lines)


def taken_for(export: ExportResult) -> str:
    """Return the source a file was read as, with its part where the source has several."""
    return f"{export.source}, {export.part}" if export.part else export.source


def identity_line(screen: Screen, integrity: Integrity) -> Text:
    """Return `rows = used + duplicates + rejected + skipped` in numbers, with its verdict."""
    sum_of = " + ".join(
        f"{spell.count(number)} {what}"
        for number, what in (
            (integrity.used, "used"),
            (integrity.duplicates, "duplicates"),
            (integrity.rejects, "rejected"),
            (integrity.skipped, "skipped"),
        )
    )
    sums = screen.text(f"{spell.count(integrity.rows)} = {sum_of}  ")
    return Text.assemble(sums, screen.sign("pass" if integrity.holds else "fail"))


def show_identity(screen: Screen, integrity: Integrity, *, problems: Sequence[str] = ()) -> None:
    """Print the sums that prove nothing was dropped, what is odd about the rows, and problems."""
    rows = [
        ("rows", identity_line(screen, integrity)),
        ("messages", screen.text(_messages(integrity))),
    ]
    for metric in integrity.metrics:
        name = spell.words(metric.metric)
        matched = f"{spell.count(metric.clocks)} = {spell.count(metric.matched)} judged by an SLA"
        unmatched = f"{spell.count(metric.unmatched)} by none"
        rows.append(("clocks", screen.text(f"{name}: {matched} + {unmatched}")))
    rows += [("note", screen.text(note, "yellow")) for note in _oddities(integrity)]
    rows += [("warning", screen.text(problem, "yellow")) for problem in problems]
    screen.facts(rows)


def _messages(integrity: Integrity) -> str:
    told = [
        f"{spell.count(integrity.messages)} in {spell.plural(integrity.conversations, 'conversation')}"
    ]
    if integrity.partial_conversations:
        told.append(f"{spell.count(integrity.partial_conversations)} began before the export")
    if integrity.proactive_conversations:
        told.append(f"{spell.count(integrity.proactive_conversations)} opened by us")
    return ", ".join(told)


def _oddities(integrity: Integrity) -> list[str]:
    told = []
    if not integrity.holds:
        told.append("the sums do not hold: this is a bug in kpiaudit, do not trust the figures")
    if not integrity.is_complete:
        told.append("incomplete: a file, or a part of one, could not be read")
    if integrity.unknown_roles:
        told.append(f"{spell.plural(integrity.unknown_roles, 'row')} by authors of unknown role")
    if integrity.unknown_statuses:
        told.append(f"unknown statuses: {spell.reasons(integrity.unknown_statuses)}")
    if integrity.identical_rows:
        told.append(
            f"{spell.plural(integrity.identical_rows, 'identical row')} without ids, all used"
        )
    return told


def show_ignored(screen: Screen, report: Report, *, verbose: bool) -> None:
    """Print the files that were not read; a few of them, unless `verbose`."""
    if not report.ignored:
        return
    shown = report.ignored if verbose else report.ignored[:FEW]
    screen.heading("Ignored", spell.plural(len(report.ignored), "file"))
    screen.facts([(ignored.path, screen.text(ignored.reason)) for ignored in shown])
    _show_more(screen, len(report.ignored) - len(shown), "--verbose lists them all")


def show_rejects(screen: Screen, report: Report, *, verbose: bool) -> None:
    """Print the rows refused, each with file, row, rule and value; a few, unless `verbose`."""
    total = report.integrity.rejects
    if not total:
        return
    shown = report.rejects if verbose else report.rejects[:FEW]
    screen.heading("Rejected", spell.plural(total, "row"))
    table = screen.table()
    table.add_column("file:row", overflow="fold", max_width=screen.width * 2 // 5)
    table.add_column("rule", overflow="fold", max_width=screen.width // 3)
    table.add_column("value", overflow="fold", ratio=1)
    for reject in shown:
        value = screen.text(screen.signs.dash if reject.value is None else reject.value)
        where = f"{reject.export}:{reject.row}"
        place = screen.text(where) if verbose else screen.name(where)
        table.add_row(place, screen.text(reject.rule), value)
    screen.show(table, indent=2)
    _show_more(
        screen, total - len(shown), "kpiaudit inspect EXPORTS --rejects FILE writes them all"
    )


def _show_more(screen: Screen, hidden: int, how: str) -> None:
    if hidden > 0:
        more = f"{screen.signs.more} {spell.count(hidden)} more; {how}"
        screen.show(screen.text(more, "dim"), indent=2)


def show_export(screen: Screen, export: ExportResult, quality: Quality | None = None) -> None:
    """Print one file of `inspect`: what it was taken for and why, its period, roles and channels, and how
    far it can be trusted.
    """
    screen.console.print()
    screen.show(screen.text(export.path, "bold"))
    period = screen.text("no message in it", "dim")
    if export.first_at and export.last_at:
        first, last = (spell.instant(at, screen.zone) for at in (export.first_at, export.last_at))
        period = screen.text(f"{first} to {last}")
    rows = (
        f"{spell.count(export.rows)} = {spell.count(export.used)} used"
        f" + {spell.plural(export.duplicates, 'duplicate')}"
        f" + {spell.count(export.rejects)} rejected + {spell.count(export.skipped)} skipped"
    )
    facts = [
        ("taken for", screen.text(taken_for(export))),
        ("because", screen.text(export.evidence)),
        ("period", period),
        ("rows", screen.text(rows)),
        ("messages", screen.text(spell.count(export.messages))),
    ]
    for label, told in (
        ("roles", spell.tally(export.roles)),
        ("channels", spell.tally(export.channels)),
        ("rejected", spell.reasons(export.reject_rules)),
        ("skipped", spell.reasons(export.skip_reasons)),
    ):
        if told:
            facts.append((label, screen.text(told)))
    if quality is not None:
        facts += _trust(screen, quality)
    problems = (*export.problems, *(quality.problems if quality else ()))
    facts += [("problem", screen.text(problem, "yellow")) for problem in problems]
    facts += [("paste", screen.text(line, "bold")) for line in (quality.paste if quality else ())]
    screen.facts(facts)


def _trust(screen: Screen, quality: Quality) -> list[tuple[str, Text]]:
    feeds = [spell.words(metric.metric) for metric in quality.metrics if metric.computable]
    reasons: dict[str, list[str]] = {}
    for metric in quality.metrics:
        if metric.reason is not None:
            reasons.setdefault(metric.reason, []).append(spell.words(metric.metric))
    facts = [("zone", quality.time_zone)] if quality.metrics else []
    facts += [("also in", f"{name} ({spell.count(n)})") for name, n in quality.overlaps.items()]
    if quality.missing_parts:
        facts.append(("not given", ", ".join(quality.missing_parts)))
    if feeds:
        facts.append(("feeds", ", ".join(feeds)))
    facts += [("cannot feed", f"{', '.join(names)}: {why}") for why, names in reasons.items()]
    return [(label, screen.text(told)) for label, told in facts]
