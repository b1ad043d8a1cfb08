"""JUnit XML as GitLab, Jenkins and Azure show it: a case for every SLA, gating group and KPI goal.

What a missed goal says stands in the attribute and again in the element's text: GitLab shows the text
alone. Cases have no time, for it would be added up.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final
from xml.sax.saxutils import escape, quoteattr

from kpiaudit.gates import gates_of
from kpiaudit.inert import safe
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.gates import EXIT_MEANINGS, asks, name_of, sentence, worst_of

if TYPE_CHECKING:
    from kpiaudit.report import Breach, Gate, Report

WORST: Final = 20
LONGEST: Final = 2_000
UNRUN: Final = 2
_NOT_XML: Final = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ENTITIES: Final = {"\n": "&#10;", "\r": "&#13;", "\t": "&#9;"}


def render(report: Report) -> str:
    """Return the file: a suite for each metric, one for KPI goals, one for what could not be read."""
    suites: dict[str, list[tuple[str, str]]] = {}
    seen: Counter[str] = Counter()
    for gate in gates_of(report):
        name = name_of(gate)
        seen[f"{gate.metric} {name}"] += 1
        count = seen[f"{gate.metric} {name}"]
        told = name if count == 1 else f"{name} ({count})"
        suites.setdefault(gate.metric, []).append((told, "".join(_outcome(gate, report))))
    if report.exit_code == UNRUN:
        suites["exports"] = [
            ("exports are read", _problem("error", "CouldNotRun", _unread(report)))
        ]
    return _file(suites)


def render_unrun(lines: list[str]) -> str:
    """Return the file of a run that came to no audit: one error, with what was wrong and what to do."""
    return _file({"exports": [("exports are read", _problem("error", "CouldNotRun", lines))]})


def _file(suites: dict[str, list[tuple[str, str]]]) -> str:
    lines = [_suite(name, cases) for name, cases in suites.items()]
    counts = _counts([body for cases in suites.values() for _, body in cases])
    head = f'<testsuites name="kpiaudit" {counts} time="0">'
    return "\n".join(['<?xml version="1.0" encoding="UTF-8"?>', head, *lines, "</testsuites>", ""])


def _suite(name: str, cases: list[tuple[str, str]]) -> str:
    suite = f"kpiaudit.{name}"
    head = f'<testsuite name={_attribute(suite)} {_counts([body for _, body in cases])} time="0">'
    lines = [
        f'<testcase classname={_attribute(suite)} name={_attribute(told)} time="0">{body}</testcase>'
        for told, body in cases
    ]
    return "\n".join([head, *lines, "</testsuite>"])


def _counts(bodies: list[str]) -> str:
    kinds = Counter(body.partition(" ")[0] for body in bodies)
    failures, errors, skipped = kinds["<failure"], kinds["<error"], kinds["<skipped"]
    return f'tests="{len(bodies)}" failures="{failures}" errors="{errors}" skipped="{skipped}"'


def _outcome(gate: Gate, report: Report) -> Iterator[str]:
    said = sentence(gate)
    if gate.state == "fail":
        kind = "SLABreach" if gate.kind == "sla" else "KPIGoal"
        yield _problem("failure", kind, [said, asks(gate, report), *_worst(gate, report)])
    elif gate.state == "no_data":
        yield _problem("error", "NoData", [said, asks(gate, report)])
    elif gate.state == "empty":
        yield f"<skipped message={_attribute(said)}>{_text(said)}</skipped>"
    else:
        word = {"warn": "close to the goal: ", "held": "held: "}.get(gate.state, "")
        yield f"<system-out>{_text(word + said)}</system-out>"


def _problem(tag: str, kind: str, lines: list[str]) -> str:
    first = _attribute(lines[0])
    return f'<{tag} type="{kind}" message={first}>{"&#10;".join(map(_text, lines))}</{tag}>'


def _worst(gate: Gate, report: Report) -> list[str]:
    return [_breach(breach) for breach in worst_of(gate, report)[:WORST]]


def _breach(breach: Breach) -> str:
    return (
        f"{breach.system} {breach.conversation_id}: {spell.duration(breach.overrun_seconds)} over, "
        f"from {breach.start_export} row {breach.start_row}"
    )


def _unread(report: Report) -> list[str]:
    return [EXIT_MEANINGS[UNRUN], *spell.grouped(report.problems)[:WORST]]


def legal(text: str) -> str:
    """Return text in which what XML forbids, or would hide, is shown as an escape."""
    shown = safe(text[:LONGEST])
    return _NOT_XML.sub(lambda found: f"\\u{ord(found[0]):04x}", shown)


def _text(text: str) -> str:
    return escape(legal(text), _ENTITIES)


def _attribute(text: str) -> str:
    return quoteattr(legal(text), _ENTITIES)
