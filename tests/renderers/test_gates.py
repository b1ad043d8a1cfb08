"""What CI systems are shown, whatever stands in an export: nothing breaks out of it."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from reports import a_quiet_report, a_report, with_words

from kpiaudit.gates import Baseline, Terms, exit_code_of, gates_of, judged
from kpiaudit.inert import safe
from kpiaudit.renderers import github, json, junit
from kpiaudit.renderers.text import headline
from kpiaudit.report import KpiResult, Report, Verdict

HOSTILE = (
    "a\n::error::pwned",
    "\r\n::stop-commands::x",
    "100%0A::add-mask::x",
    "##vso[task.setvariable variable=x]y",
    "##[set-env name=PATH]x",
    "]]></failure><failure/>",
    "<!-- --> & \" ' \x1b[2J \x00 \ufffe \ud800",
    "| `x` | <img src=x onerror=y> | @team #1 www.x.example http://x.example",
)
COMMAND = re.compile(r"^\s*::(\S+)|##(?:vso)?\[", re.MULTILINE)


def kpi(
    value: float | None,
    verdict: Verdict,
    *,
    unit: str = "share",
    goal: float = 0.25,
    goal_is_floor: bool = True,
    allow_empty: bool = False,
) -> KpiResult:
    return KpiResult(
        kpi="deflection_rate", title="Deflection rate", value=value, unit=unit, n=40, goal=goal,
        goal_is_floor=goal_is_floor, verdict=verdict, allow_empty=allow_empty,
    )  # fmt: skip


def with_kpis(*kpis: KpiResult) -> Report:
    return replace(a_report(), slas=(), kpis=kpis, exit_code=0)


@given(st.text(max_size=60))
@example(HOSTILE[0])
@example(HOSTILE[4])
@example(HOSTILE[6])
def test_junit_is_xml_whatever_it_says(words: str) -> None:
    report = with_words(a_report(), words)
    root = ElementTree.fromstring(junit.render(report).encode())  # noqa: S314
    cases = root.findall(".//testcase")
    assert len(cases) == len(gates_of(report)) == int(str(root.get("tests")))
    assert all(len(case) == 1 for case in cases)
    names = [(case.get("classname"), case.get("name")) for case in cases]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("words", HOSTILE)
def test_no_log_of_a_ci_system_takes_a_word_for_a_command(words: str) -> None:
    report = with_words(replace(a_report(), gates=()), words)
    shown = [
        junit.render(report), github.summary(report), json.render(report), safe(words),
        f"kpiaudit: warning: {safe(words)}",
    ]  # fmt: skip
    for text in shown:
        assert not COMMAND.search(text)
    lines = github.render(report).splitlines()
    assert {found[1] for line in lines if (found := COMMAND.search(line))} <= {"error", "warning"}
    assert all(
        line.startswith(("::error title=", "::warning title=", "kpiaudit: ")) for line in lines
    )
    assert all(line.count("::") == 2 for line in lines[:-1])


def test_github_is_told_ten_things_at_most_the_worst_first() -> None:
    sla = a_report().slas[0]
    close = replace(a_report().slas[2], name="close")
    many = replace(
        a_report(), kpis=(), slas=(close, *(replace(sla, name=f"s{i}") for i in range(12)))
    )
    lines = [line for line in github.render(many).splitlines() if line.startswith("::")]
    assert len(lines) == 10
    assert lines[0].startswith("::error title=s0::")
    assert "4 more goals" in lines[-1]


@pytest.mark.parametrize("most", [400, 900, 3000])
def test_a_summary_is_cut_to_its_size_at_a_line(most: int) -> None:
    whole, cut = github.summary(a_report()), github.summary(a_report(), most_bytes=most)
    assert len(cut.encode()) <= most
    assert cut == whole or cut.endswith("cut here; the report holds the rest\n")
    assert all(line in whole.splitlines() for line in cut.splitlines()[:-2])


GATED: list[tuple[float | None, Verdict, int]] = [
    (0.2, "fail", 1),
    (0.3, "pass", 0),
    (None, "no_data", 4),
]


@pytest.mark.parametrize(("value", "verdict", "code"), GATED)
def test_a_kpi_goal_gates_as_an_sla_does(value: float | None, verdict: Verdict, code: int) -> None:
    report = judged(with_kpis(kpi(value, verdict)))
    assert (report.exit_code, report.gates[0].state) == (code, verdict)


def test_a_kpi_goal_may_be_empty_or_shown_alone() -> None:
    assert judged(with_kpis(kpi(None, "no_data", allow_empty=True))).exit_code == 0
    assert judged(with_kpis(kpi(0.2, "fail")), fail_on="never").exit_code == 0
    case = ElementTree.fromstring(junit.render(with_kpis(kpi(0.2, "fail")))).find(".//failure")  # noqa: S314
    assert case is not None
    assert case.get("message") == "20.0%, at least 25% (n 40)"


@pytest.mark.parametrize(("value", "held"), [(7200.0, True), (7272.0, True), (7273.0, False)])
def test_a_ceiling_is_held_from_above_within_its_part(value: float, held: bool) -> None:
    """One percent of two hours is 72 seconds."""
    handle = kpi(value, "fail", unit="seconds", goal=3600.0, goal_is_floor=False)
    key = ("kpi", "deflection_rate", (), (("bound", "at_most"),))
    before = Baseline("before.json", 0.01, {key: Terms(7200.0, ("seconds", False))})
    report = judged(with_kpis(handle), baseline=before)
    assert report.gates[0].state == ("held" if held else "fail")


def test_could_not_run_outranks_every_gate() -> None:
    broken = replace(a_report(), exit_code=2)
    assert judged(broken).exit_code == judged(broken, fail_on="never").exit_code == 2
    assert judged(a_quiet_report()).exit_code == 4


def test_the_codes_of_gates_follow_their_precedence() -> None:
    failed, fine, empty = (judged(with_kpis(kpi(v, verdict))).gates[0] for v, verdict, _ in GATED)
    assert exit_code_of([fine, empty, failed]) == 1
    assert exit_code_of([fine, empty]) == 4
    assert exit_code_of([fine]) == exit_code_of([]) == 0
    assert exit_code_of([failed, empty], "never") == 4


def test_the_headline_counts_kpi_goals() -> None:
    def told(*kpis: KpiResult) -> str:
        verdict: Verdict = "fail" if any(found.verdict == "fail" for found in kpis) else "pass"
        return headline(replace(with_kpis(*kpis), verdict=verdict, slas=a_report().slas[1:3]))

    assert told(kpi(0.3, "pass")) == (
        "Promise kept: 2 of 2 SLAs and 1 of 1 KPI goal met, 1 close to the goal"
    )
    assert told(kpi(0.2, "fail"), kpi(0.3, "pass")) == (
        "Promise not kept: 0 of 2 SLAs and 1 of 2 KPI goals missed"
    )
