"""Exports under several profiles: the figures of each, and for every difference the rule that made it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from audits import report, sla, written
from builders import canonical_csv, timeline
from rich.console import Console

from kpiaudit.definitions import MEANINGS, PROFILES, Comparison, Tally, differences
from kpiaudit.disagreements import compared
from kpiaudit.renderers.definitions import render_comparison, render_profiles

if TYPE_CHECKING:
    from pathlib import Path

    from kpiaudit.audit import Request
from kpiaudit.settings import Definitions

POLICY = sla("answered", "first_response", "1h") + sla("solved", "resolution", "4h")
TOLD = {
    "agent-first": ["09:00 status open", "09:00 out Ana", "10:00 in"],
    "bot": ["09:00 in", "09:05 bot", "11:00 out Ana"],
    "paused": ["09:00 in", "09:10 status waiting", "15:00 status open", "16:00 status resolved"],
    "plain": ["09:00 in", "09:30 out Ana", "10:00 status resolved"],
    "solved": ["09:00 in", "09:30 status resolved", "18:00 note"],
}


def request(tmp_path: Path, policy: str = POLICY) -> Request:
    rows = [row for key, lines in TOLD.items() for row in timeline(key, *lines)]
    return written(tmp_path, {"export.csv": canonical_csv(rows)}, policy)


def told(comparison: Comparison, profile: str) -> dict[tuple[str, str], tuple[str, ...]]:
    (found,) = (p for p in comparison.profiles if p.profile == profile)
    assert found.differing == len(found.listed)
    return {(case.conversation_id, case.sla): case.rules for case in found.listed}


def test_every_difference_has_its_rule(tmp_path: Path) -> None:
    _, comparison = compared(request(tmp_path), PROFILES)
    assert comparison.own == "contract"
    assert told(comparison, "frappe") == {
        ("agent-first", "answered"): ("clock_start", "agent_initiated"),
        ("paused", "answered"): ("status_stops_first",),
    }
    assert told(comparison, "chatwoot") == {
        ("agent-first", "answered"): ("clock_start", "agent_initiated"),
        ("solved", "answered"): ("resolve_stops_first",),
        ("paused", "solved"): ("resolution_paused_by",),
    }


def test_the_figures_are_those_of_an_audit_under_the_profile(tmp_path: Path) -> None:
    asked = request(tmp_path)
    _, comparison = compared(asked, PROFILES)
    assert [p.profile for p in comparison.profiles] == [n for n in PROFILES if n != "contract"]
    for profile in comparison.profiles:
        rules = PROFILES[profile.profile].definitions
        alone = report(replace(asked, settings=replace(asked.settings, definitions=rules)))
        for found in alone.slas:
            f = found.figures
            assert profile.slas[found.name] == Tally(f.met, f.breached, f.open, f.excluded)
            assert profile.slas[found.name].adherence == f.adherence


def test_options_beside_a_profile_are_held_against_it_too(tmp_path: Path) -> None:
    policy = POLICY + '[definitions]\nfirst_stops = ["bot:public"]\n'
    _, comparison = compared(request(tmp_path, policy), ["contract"])
    assert comparison.own == "contract and the policy's options"
    assert told(comparison, "contract")["bot", "answered"] == ("first_stops",)


def test_only_so_many_are_listed_and_all_are_counted(tmp_path: Path) -> None:
    _, comparison = compared(replace(request(tmp_path), top=1), ["chatwoot"])
    (profile,) = comparison.profiles
    assert (profile.differing, len(profile.listed)) == (3, 1)


def test_two_profiles_differ_in_what_their_options_say() -> None:
    theirs = PROFILES["chatwoot"].definitions
    assert differences(Definitions(), theirs) == (
        "clock_start", "resolve_stops_first", "agent_initiated", "resolution_paused_by", "open_late",
    )  # fmt: skip


@pytest.mark.parametrize("width", [80, 120])
def test_the_pages_hold_their_width(width: int, tmp_path: Path) -> None:
    console = Console(record=True, width=width, markup=False, force_terminal=False)
    render_profiles(list(PROFILES), console)
    _, comparison = compared(request(tmp_path), PROFILES)
    render_comparison(comparison, console)
    page = console.export_text()
    assert max(map(len, page.splitlines())) <= width
    assert all(name in page for name in [*MEANINGS, *PROFILES])
    assert all(conversation in page for conversation in TOLD if conversation != "plain")


def test_names_of_slas_are_not_broken_and_shares_are_those_of_the_report(tmp_path: Path) -> None:
    console = Console(record=True, width=80, markup=False, force_terminal=False)
    policy = sla("escalations-resolution", "resolution", "4h")
    _, comparison = compared(request(tmp_path, policy), ["zendesk"])
    under = comparison.profiles[0]
    assert under.listed
    otherwise = replace(under, slas={"escalations-resolution": Tally(met=73, breached=7)})
    render_comparison(replace(comparison, profiles=(otherwise,)), console)
    lines = console.export_text().splitlines()
    (share,) = [line.split()[1] for line in lines if line.split()[:1] == ["zendesk"]]
    assert share == "91.3%"  # 73 / 80 = 0.9125, rounded half up as a report does
    named = [line for line in lines if any(line.split()[:1] == [key] for key in TOLD)]
    assert len(named) == len(under.listed)
    assert all("escalations-resolution" in line for line in named)
