"""Gates in words, the same for a terminal, JUnit and annotations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from kpiaudit.gates import gates_of
from kpiaudit.renderers import measures
from kpiaudit.renderers import text as spell

if TYPE_CHECKING:
    from kpiaudit.report import Breach, Gate, GateState, Report, SlaResult

WORDS: Final[dict[GateState, str]] = {
    "pass": "PASS",
    "warn": "WARN",
    "fail": "FAIL",
    "held": "HELD",
    "no_data": "NO DATA",
    "empty": "NO DATA",
}
RANK: Final[dict[GateState, int]] = {
    "fail": 0, "no_data": 1, "warn": 2, "held": 3, "empty": 4, "pass": 5,
}  # fmt: skip
EXIT_MEANINGS: Final = {
    0: "every goal that gates was met",
    1: "a goal was missed",
    2: "the audit could not run, or on too few rows; `kpiaudit inspect` says why",
    3: "a bug in kpiaudit",
    4: "nothing to judge",
}


def worst_first(gates: tuple[Gate, ...]) -> list[Gate]:
    """Return gates by how bad their state is, those alike in the order of the policy."""
    return sorted(gates, key=lambda gate: RANK[gate.state])


def name_of(gate: Gate) -> str:
    """Return what a gate is called: `email-first-response, team Night Desk`, `csat (channel chat)`."""
    return ", ".join([title_of(gate), *_group(gate)])


def title_of(gate: Gate) -> str:
    """Return the name of the SLA or KPI, and what its goal restricts it to: `csat (channel chat)`."""
    return f"{gate.name} ({measures.words_of(gate.when)})" if gate.when else gate.name


def group_of(gate: Gate) -> str:
    """Return the group alone: `team Night Desk`."""
    return ", ".join(_group(gate))


def _group(gate: Gate) -> list[str]:
    return [f"{spell.words(name)} {value}" for name, value in gate.by.items()]


def figure(gate: Gate, value: float | None = None) -> str:
    """Return the gate's figure, or another in its unit, never rounded so as to reach the goal."""
    shown = gate.value if value is None else value
    if shown is None:
        return "nothing"
    return measures.amount(shown, gate.unit, gate.goal, is_floor=gate.goal_is_floor)


def goal_of(gate: Gate) -> str:
    """Return what is asked for: `goal 95%`, or a KPI's `at most 2h`."""
    goal = measures.bound(gate.goal, gate.unit)
    if gate.kind == "sla":
        return f"goal {goal}"
    return f"{'at least' if gate.goal_is_floor else 'at most'} {goal}"


def counts_of(gate: Gate) -> str:
    """Return what the figure rests on: `522 judged, 61 breached`."""
    if gate.kind == "kpi":
        return f"n {spell.count(gate.n)}"
    return f"{spell.count(gate.n)} judged, {spell.count(gate.missed)} breached"


def sentence(gate: Gate) -> str:
    """Return why a gate is in its state, in one line."""
    if gate.value is None or gate.state in {"no_data", "empty"}:
        why = gate.reason or "not enough was decided"
        return f"no data: {why}; {goal_of(gate)} ({counts_of(gate)})"
    said = f"{figure(gate)}, {goal_of(gate)} ({counts_of(gate)})"
    bound = held_by(gate)
    return f"{said}; {bound}" if bound else said


def held_by(gate: Gate) -> str:
    """Return the bound an earlier report sets, when a goal is missed: no worse than it, or worse."""
    if gate.no_worse_than is None or gate.state not in {"held", "fail"}:
        return ""
    word = "no worse than" if gate.state == "held" else "worse than"
    limit = (
        spell.percent(gate.no_worse_than)
        if gate.unit == "share"
        else figure(gate, gate.no_worse_than)
    )
    return f"{word} {limit}, the bound set by {gate.baseline}"


def sla_of(gate: Gate, report: Report) -> SlaResult | None:
    """Return the SLA a gate is of; None for a KPI goal."""
    found = (sla for sla in report.slas if gate.kind == "sla" and sla.name == gate.name)
    return next(found, None)


def asks(gate: Gate, report: Report) -> str:
    """Return what an SLA asks for, or the title of a KPI."""
    sla = sla_of(gate, report)
    return spell.terms(sla) if sla else gate.title or spell.words(gate.name)


def worst_of(gate: Gate, report: Report) -> list[Breach]:
    """Return the listed breaches of a gate, furthest over first."""
    if gate.kind == "kpi":
        return []
    if not gate.by.keys() <= {"channel", "team", "agent", "system"}:
        return []  # a breach does not say which group of others it is of
    return [
        breach
        for breach in report.breaches
        if breach.sla == gate.name
        and all(getattr(breach, name) == value for name, value in gate.by.items())
    ]


def meaning(report: Report) -> str:
    """Return what the exit code of a check stands for."""
    states = {gate.state for gate in gates_of(report)}
    if report.exit_code == 0 and "fail" in states:
        return "a goal was missed, which --fail-on never lets pass"
    if report.exit_code == 0 and "held" in states:
        return "no missed goal is worse than before"
    if report.exit_code == 1 and "fail" not in states:
        return "a goal was met too closely"
    return EXIT_MEANINGS.get(report.exit_code, "")
