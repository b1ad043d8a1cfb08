"""The gate as GitHub Actions shows it: at most ten annotations, and Markdown for the step summary.

Nothing in an export can end an annotation, start a command or become markup.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kpiaudit.gates import gates_of
from kpiaudit.inert import markdown, safe
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.gates import (
    WORDS,
    asks,
    counts_of,
    figure,
    goal_of,
    meaning,
    name_of,
    sentence,
    worst_first,
    worst_of,
)

if TYPE_CHECKING:
    from kpiaudit.report import Breach, Gate, Report

MOST: Final = 10
"""GitHub shows ten annotations of a step and drops the rest."""
SUMMARY_BYTES: Final = 900_000
"""GitHub drops a summary of more than 1024 KiB as a whole."""
LONGEST: Final = 500
_LEVELS: Final = {"fail": "error", "no_data": "error", "warn": "warning", "held": "warning"}
_DATA: Final = {"%": "%25", "\r": "%0D", "\n": "%0A"}
_PROPERTY: Final = {**_DATA, ":": "%3A", ",": "%2C"}
_SIGNS: Final = {
    "pass": "✅",
    "warn": "⚠️",
    "fail": "❌",
    "held": "⏸️",
    "no_data": "⭕",
    "empty": "➖",
}


def render(report: Report) -> str:
    """Return the annotations, the worst first, and the verdict on a line of its own."""
    told = [gate for gate in worst_first(gates_of(report)) if gate.state in _LEVELS]
    lines = [_annotation(_LEVELS[gate.state], name_of(gate), sentence(gate)) for gate in told]
    if report.exit_code == 2:
        problem = next(iter(report.problems), meaning(report))
        lines.insert(0, _annotation("error", "kpiaudit could not judge", problem))
    if len(lines) > MOST:
        more = f"{len(lines) - MOST + 1} more goals missed, without data or met closely"
        lines[MOST - 1 :] = [_annotation("error", "kpiaudit", f"{more}; the report lists them all")]
    verdict = safe(f"{spell.headline(report)}; exit {report.exit_code}: {meaning(report)}")
    return "\n".join([*lines, f"kpiaudit: {verdict}", ""])


def _annotation(level: str, title: str, message: str) -> str:
    return f"::{level} title={_escaped(title, _PROPERTY)}::{_escaped(message, _DATA)}"


def _escaped(text: str, characters: dict[str, str]) -> str:
    shown = safe(text[:LONGEST])
    return "".join(characters.get(character, character) for character in shown)


def summary(report: Report, *, most_bytes: int = SUMMARY_BYTES) -> str:
    """Return Markdown for the step summary, the worst first, cut before it grows too large."""
    gates = worst_first(gates_of(report))
    head = [
        f"## {plain(spell.headline(report))}",
        "",
        f"{plain(report.promise.statement)}",
        "",
        f"exit {report.exit_code}: {plain(meaning(report))}",
        "",
    ]
    rows = ["| | goal | figure | asked | rests on |", "|---|---|--:|--:|--:|"]
    body = [*rows, *(_row(gate) for gate in gates)]
    tail = ["", *_worst(gates, report), *_problems(report)]
    return _cut([*head, *body, *tail], most_bytes)


def _row(gate: Gate) -> str:
    cells = [
        f"{_SIGNS[gate.state]} {WORDS[gate.state].capitalize()}",
        plain(name_of(gate)),
        figure(gate),
        goal_of(gate),
        counts_of(gate),
    ]
    return f"| {' | '.join(cells)} |"


def _worst(gates: list[Gate], report: Report) -> Iterator[str]:
    for gate in gates:
        breaches = worst_of(gate, report) if gate.state in {"fail", "held"} else []
        if breaches:
            yield f"**{plain(name_of(gate))}**: {plain(asks(gate, report))}"
            yield ""
            yield from (f"- {plain(_breach(breach))}" for breach in breaches)
            yield ""


def _breach(breach: Breach) -> str:
    over = spell.duration(breach.overrun_seconds)
    where = f"{breach.start_export} row {breach.start_row}"
    return f"{breach.system} {breach.conversation_id}: {over} over ({breach.team}), {where}"


def _problems(report: Report) -> Iterator[str]:
    for problem in spell.grouped(report.problems):
        yield f"- {plain(problem)}"


def plain(text: str) -> str:
    """Return text as Markdown that shows it, as much of it as a table bears."""
    return markdown(text[:LONGEST])


def _cut(lines: list[str], most_bytes: int) -> str:
    note = "\n… cut here; the report holds the rest"
    left = most_bytes - len(note.encode()) - 1
    kept: list[str] = []
    for line in lines:
        left -= len(line.encode()) + 1
        if left < 0:
            return "\n".join([*kept, note, ""])
        kept.append(line)
    return "\n".join([*kept, ""])
