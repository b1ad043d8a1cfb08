"""What `check` judges: every SLA, gating group and KPI goal alike, and the exit code they come to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from math import ceil
from typing import Literal

from kpiaudit.errors import ExitCode
from kpiaudit.report import Figures, Gate, GateState, KpiResult, Report, SlaResult

FailOn = Literal["fail", "warn", "never"]
Pairs = tuple[tuple[str, str], ...]
Key = tuple[str, str, Pairs, Pairs]
"""Kind, name and group of a gate, and what else tells the goals on one KPI apart."""


@dataclass(frozen=True, slots=True)
class Terms:
    """What must be the same for two figures of one SLA or KPI to be compared."""

    value: float | None
    asked: tuple[object, ...]


@dataclass(frozen=True, slots=True)
class Baseline:
    """An earlier report to be no worse than: `name` is its file, `points` what may be lost.

    `points` is a share: of adherence and shares as it is, of other figures as a part of the figure.
    """

    name: str
    points: float
    figures: Mapping[Key, Terms] = field(default_factory=dict)

    def bound(self, gate: Gate) -> float | None:
        """Return the worst figure that is no worse than before; None where nothing compares."""
        before = self.figures.get(key_of(gate))
        if before is None or before.value is None or before.asked != gate.asked:
            return None
        slack = self.points if gate.unit == "share" else self.points * abs(before.value)
        return before.value - slack if gate.goal_is_floor else before.value + slack


def gates_of(report: Report) -> tuple[Gate, ...]:
    """Return the gates of a report: those it was judged by, else its goals as they stand."""
    return report.gates or tuple(_gates(report))


def judged(report: Report, *, fail_on: FailOn = "fail", baseline: Baseline | None = None) -> Report:
    """Return the report with its gates and the exit code they come to.

    With a baseline a missed goal is held, not failed, where the figure is no worse than before.
    """
    gates = tuple(_held(gate, baseline) if baseline else gate for gate in _gates(report))
    code = report.exit_code
    if code != ExitCode.COULD_NOT_RUN and report.exports:
        code = exit_code_of(gates, fail_on)
    return replace(report, gates=gates, exit_code=int(code))


def exit_code_of(gates: Sequence[Gate], fail_on: FailOn = "fail") -> ExitCode:
    """Return 1 for a gate that fails, else 4 for one without data, else 0."""
    states = {gate.state for gate in gates}
    failing = {"fail": {"fail"}, "warn": {"fail", "warn"}, "never": set()}[fail_on]
    if states & failing:
        return ExitCode.MISSED
    return ExitCode.NOTHING_TO_JUDGE if "no_data" in states else ExitCode.KEPT


def key_of(gate: Gate) -> Key:
    """Return what names a gate in any report."""
    apart = () if gate.kind == "sla" else apart_by(gate.when, is_floor=gate.goal_is_floor)
    return gate.kind, gate.name, tuple(sorted(gate.by.items())), apart


def apart_by(when: Mapping[str, Sequence[str]], *, is_floor: bool) -> Pairs:
    """Return what tells the goals on one KPI apart: the side of the bound, and what it restricts."""
    restricted = ((name, ", ".join(sorted(words))) for name, words in sorted(when.items()))
    return (("bound", "at_least" if is_floor else "at_most"), *restricted)


def asked_of(
    metric: str, target_seconds: float, calendar: str | None, when: Mapping[str, Sequence[str]]
) -> tuple[object, ...]:
    """Return what an SLA asks for, to be compared: the goal is not part of it."""
    matched = tuple(sorted((name, tuple(sorted(words))) for name, words in when.items()))
    return metric, ceil(round(target_seconds, 6)), calendar, matched


def _gates(report: Report) -> Iterator[Gate]:
    for sla in report.slas:
        yield _of_sla(sla)
        for group in sla.groups:
            if group.verdict is not None:
                state: GateState = "empty" if group.verdict == "no_data" else group.verdict
                yield _gate(sla, group.figures, state, group.by)
    for kpi in report.kpis:
        if kpi.verdict is not None and kpi.goal is not None:
            yield _of_kpi(kpi, kpi.verdict, kpi.goal)


def _of_sla(sla: SlaResult) -> Gate:
    share = sla.figures.adherence
    if sla.verdict == "no_data":
        return _gate(sla, sla.figures, "empty" if sla.allow_empty else "no_data", {})
    is_met = share is not None and share >= sla.goal
    return _gate(sla, sla.figures, "pass" if is_met else "fail", {})


def _gate(sla: SlaResult, figures: Figures, state: GateState, by: Mapping[str, str]) -> Gate:
    share = figures.adherence
    is_close = sla.warn_below is not None and share is not None and share < sla.warn_below
    return Gate(
        kind="sla",
        name=sla.name,
        metric=sla.metric,
        by=dict(by),
        state="warn" if state == "pass" and is_close else state,
        value=share,
        unit="share",
        goal=sla.goal,
        n=figures.met + figures.breached,
        missed=figures.breached,
        asked=asked_of(sla.metric, sla.target_seconds, sla.calendar, sla.when),
    )


def _of_kpi(kpi: KpiResult, verdict: str, goal: float) -> Gate:
    states: dict[str, GateState] = {"pass": "pass", "fail": "fail"}
    is_spared = kpi.allow_empty or bool(kpi.by)
    return Gate(
        kind="kpi",
        name=kpi.kpi,
        metric="kpi_goal",
        by=dict(kpi.by),
        when=dict(kpi.when),
        state=states.get(verdict, "empty" if is_spared else "no_data"),
        value=kpi.value,
        unit=kpi.unit,
        goal=goal,
        goal_is_floor=kpi.goal_is_floor,
        n=kpi.n,
        title=kpi.title,
        reason=kpi.reason,
        asked=(kpi.unit, kpi.goal_is_floor),
    )


def _held(gate: Gate, baseline: Baseline) -> Gate:
    bound = baseline.bound(gate)
    if bound is None or gate.value is None:
        return gate
    is_no_worse = gate.value >= bound if gate.goal_is_floor else gate.value <= bound
    state: GateState = "held" if gate.state == "fail" and is_no_worse else gate.state
    return replace(gate, state=state, no_worse_than=bound, baseline=baseline.name)
