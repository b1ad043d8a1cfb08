"""Service models: every claim counted by hand, with none, with one, and where an input is missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from random import Random

import pytest
from audits import report, sla, written
from builders import Row, calendar, canonical_csv, timeline
from commands import kpiaudit, messages

from kpiaudit.models.told import percent, time
from kpiaudit.report import Claim

ANSWER = sla("answer", "first_response", "1h")
OFFICE = calendar("office", "mon-fri 09:00-17:00")
IN_OFFICE = sla("answer", "first_response", "1h", 'calendar = "office"') + OFFICE
HOUR = 3600.0
NONE: frozenset[str] = frozenset()
SHOWN = frozenset({"models"})
Claims = Mapping[tuple[str, str, str], Claim]


def team(name: str, *lines: str, agents: str = "Ana Ben Cid") -> str:
    listed = ", ".join(f'"{agent}"' for agent in agents.split())
    return "\n".join([f"[teams.{name}]", f"agents = [{listed}]", *lines, ""])


def claims(
    folder: Path, rows: Iterable[Row], policy: str = ANSWER, **more: datetime | None
) -> Claims:
    """Every claim by model, team and name."""
    request = written(folder, {"m.csv": canonical_csv(rows)}, policy, **more)
    found = report(replace(request, views=frozenset({"models"}))).models
    return {
        (model.model, model.team, claim.claim): claim for model in found for claim in model.claims
    }


def talk(name: str, *lines: str, **columns: str) -> list[Row]:
    """A conversation whose rows all have these columns."""
    return [{**columns, **row} for row in timeline(name, *lines)]


def answered(
    name: str, at: str, agent: str, *, channel: str = "email", later: str = ""
) -> list[Row]:
    """A question and its answer on the same minute, or later."""
    rest = later or at.rsplit(maxsplit=1)[-1]
    return talk(name, f"{at} in", f"{rest} out {agent}", channel=channel)


def told(claim: Claim) -> tuple[float | None, int, bool | None]:
    assert claim.computable
    assert claim.reason is None
    return claim.value, claim.n, claim.holds


def lacks(claim: Claim) -> str:
    assert (claim.value, claim.n, claim.holds, claim.computable) == (None, 0, None, False)
    assert claim.reason is not None
    assert claim.reason in claim.sentence
    return claim.reason


CARE = ANSWER + team("care", 'model = "designated"', 'channels = ["social"]')


def replies(**counts: int) -> list[Row]:
    """So many conversations on each channel, all answered by Ana, each channel in an hour of its own."""
    return [
        row
        for hour, (channel, count) in enumerate(counts.items(), 9)
        for number in range(count)
        for row in answered(f"{channel}{number}", f"{hour:02}:{number:02}", "Ana", channel=channel)
    ]


def test_a_designated_team_elsewhere_is_told_so(tmp_path: Path) -> None:
    found = claims(tmp_path, replies(social=5, email=2, chat=1), CARE)
    share = found["designated", "care", "designated_share"]
    assert told(share) == (0.625, 8, False)
    assert share.sentence == (
        "a designated team, but 62.5% of its replies are on social; 25% on email and 12.5% on chat"
    )
    assert told(found["designated", "care", "replies_per_active_hour"]) == (5.0, 1, None)


@pytest.mark.parametrize(
    ("social", "email", "holds"), [(9, 1, True), (8, 1, False), (1, 0, True), (0, 1, False)]
)
def test_a_designated_team_does_nine_in_ten_there(
    tmp_path: Path, social: int, email: int, holds: bool
) -> None:
    found = claims(tmp_path, replies(social=social, email=email), CARE)
    share = found["designated", "care", "designated_share"]
    assert told(share) == (social / (social + email), social + email, holds)


def test_what_a_designated_team_does_needs_channels_and_replies(tmp_path: Path) -> None:
    bare = ANSWER + team("care", 'model = "designated"')
    found = claims(tmp_path / "a", replies(social=1), bare)
    share = found["designated", "care", "designated_share"]
    assert lacks(share) == "channels is missing in this team's table of the policy"
    found = claims(tmp_path / "b", talk("q", "09:00 in", "09:01 out Zoe", channel="social"), CARE)
    for name in ("designated_share", "replies_per_active_hour", "handle_time_average"):
        reason = lacks(found["designated", "care", name])
        assert reason == "no reply of this team is in the exports"


def test_handle_time_is_what_the_tool_states_there(tmp_path: Path) -> None:
    rows = replies(social=3, email=1)
    stated = iter(("60", "90", "", "600"))
    rows = [row | {"handle_time": next(stated)} if "agent" in row else row for row in rows]
    found = claims(tmp_path / "a", rows, CARE)["designated", "care", "handle_time_average"]
    assert told(found) == (75.0, 2, None)
    assert found.sentence == "1m 15s of stated work a reply, over 2 replies"
    found = claims(tmp_path / "b", replies(social=1), CARE)[
        "designated", "care", "handle_time_average"
    ]
    assert lacks(found) == "no export states a handle_time"


def test_one_touch_is_counted_on_the_channels_of_a_team(tmp_path: Path) -> None:
    """On social one of two took one reply; the mail is not its channel, the last is not old enough."""
    done = "09:30 status resolved"
    rows = [
        *talk("a", "09:00 in", "09:10 out Ana", done, channel="social"),
        *talk("b", "09:00 in", "09:10 out Ana", "09:20 out Ana", done, channel="social"),
        *talk("c", "09:00 in", "09:10 out Ana", done, channel="email"),
        *talk("d", "sat 09:00 in", "09:10 out Ana", done, channel="social"),
    ]
    found = claims(tmp_path / "a", rows, CARE)["designated", "care", "one_touch_rate"]
    assert told(found) == (0.5, 2, None)
    young = claims(tmp_path / "b", rows[:4], CARE)["designated", "care", "one_touch_rate"]
    assert told(young) == (None, 0, None)
    bare = claims(tmp_path / "c", replies(social=1), CARE)["designated", "care", "one_touch_rate"]
    assert "status missing" in lacks(bare)


BLEND = IN_OFFICE + team("desk", 'model = "blended"', 'channels = ["email", "social"]')


def test_channels_per_agent(tmp_path: Path) -> None:
    """Ana on three channels, Ben on two without social, Cid on social alone: (3 + 2 + 1) / 3."""
    rows = [
        *answered("a", "09:00", "Ana"),
        *answered("b", "09:01", "Ana", channel="social"),
        *answered("c", "09:02", "Ana", channel="chat"),
        *answered("d", "09:03", "Ben"),
        *answered("e", "09:04", "Ben", channel="chat"),
        *answered("f", "09:05", "Cid", channel="social"),
    ]
    found = claims(tmp_path, rows, BLEND)
    per_agent = found["blended", "desk", "channels_per_agent"]
    assert told(per_agent) == (2.0, 3, True)
    assert per_agent.sentence == "2 of 3 agents answer on two channels or more, 2.0 on average"
    assert told(found["blended", "desk", "social_and_other_share"]) == (1 / 3, 3, False)


def test_one_agent_on_one_channel_is_not_blended(tmp_path: Path) -> None:
    mail = IN_OFFICE + team("desk", 'model = "blended"', 'channels = ["email"]')
    found = claims(tmp_path, answered("a", "09:00", "Ana"), mail)
    assert told(found["blended", "desk", "channels_per_agent"]) == (1.0, 1, False)
    assert told(found["blended", "desk", "social_and_other_share"]) == (0.0, 1, None)
    assert told(found["blended", "desk", "busiest_to_mean"]) == (1.0, 1, None)
    assert told(found["blended", "desk", "least_busy_to_mean"]) == (1.0, 1, None)
    assert told(found["blended", "desk", "longest_idle_gap"]) == (None, 0, None)


def test_an_idle_team_has_no_load(tmp_path: Path) -> None:
    found = claims(tmp_path / "a", talk("a", "09:00 in", channel="email"), BLEND)
    for name in (
        "channels_per_agent", "social_and_other_share", "active_hour_share", "longest_idle_gap",
        "busiest_to_mean", "least_busy_to_mean",
    ):  # fmt: skip
        assert lacks(found["blended", "desk", name]) == "no export names the agents of its replies"
    assert told(found["blended", "desk", "peak_adherence"]) == (None, 0, None)
    other = claims(tmp_path / "b", answered("a", "09:00", "Zoe"), BLEND)
    reason = lacks(other["blended", "desk", "channels_per_agent"])
    assert reason == "no reply of this team is in the exports"


BUSY = [
    *talk("a", "09:00 in", "09:10 out Ana", "09:50 note Ana", "11:00 out Ana", channel="email"),
    *talk("b", "10:00 in", "10:00 out Ben", "10:30 out Ben", channel="email"),
    *talk("c", "tue 10:00 in", "10:00 out Ana", channel="email"),
    *talk("d", "sun 10:00 in", "10:00 out Ana", channel="email"),
]
"""Ana on Monday at 9 and 11 and Tuesday at 10, Ben on Monday at 10; the Sunday is closed."""


def test_active_hours_are_open_hours_with_an_action(tmp_path: Path) -> None:
    """Ana's three of the forty between Monday at 9 and Sunday, and the one hour Ben was there."""
    found = claims(tmp_path, BUSY, BLEND)["blended", "desk", "active_hour_share"]
    assert told(found) == (4 / 41, 2, None)
    assert found.sentence == (
        "2 agents did something in 4.0 of 41.0 open hours between each one's first and last; a proxy of "
        "utilization"
    )


def test_the_claim_of_active_hours_is_the_kpi_of_the_team(tmp_path: Path) -> None:
    policy = BLEND + team("night", 'model = "blended"', agents="Dan Eve")
    night = [
        *talk("n", "13:00 in", "13:15 out Dan", "thu 16:20 note Dan", channel="email"),
        *talk("o", "wed 09:00 in", "fri 09:15 out Eve", channel="email"),
    ]
    request = written(tmp_path, {"m.csv": canonical_csv([*BUSY, *night])}, policy)
    request = replace(request, kpis=("active_hour_share",), by=(("team",),), views=SHOWN)
    found = report(request)
    kpis = {kpi.by["team"]: (kpi.value, kpi.n) for kpi in found.kpis if kpi.by}
    mine = {
        model.team: told(claim)[:2]
        for model in found.models
        for claim in model.claims
        if claim.claim == "active_hour_share"
    }
    # Dan two of the 4 + 8 + 8 + 8 from Monday at 13 to Thursday at 17; Eve her one
    assert mine == kpis == {"desk": (4 / 41, 2), "night": (3 / 29, 2)}


def test_active_hours_need_a_calendar(tmp_path: Path) -> None:
    policy = ANSWER + team("desk", 'model = "blended"')
    found = claims(tmp_path, BUSY, policy)["blended", "desk", "active_hour_share"]
    assert lacks(found) == "no calendar of an SLA says when the team is open"


def test_the_longest_gap_of_a_day_is_the_idle_one(tmp_path: Path) -> None:
    """Ana's Monday 70 minutes, Ben's 30, nothing to measure on days of one action: the middle is 50."""
    found = claims(tmp_path, BUSY, BLEND)["blended", "desk", "longest_idle_gap"]
    assert told(found) == (50 * 60.0, 2, None)


@pytest.mark.parametrize(
    ("load", "most", "least"),
    [
        ("Ana Ana Ana Ana Ben Cid", (2.0, 3, False), (0.5, 3, False)),
        ("Ana Ana Ana Ben", (1.5, 2, True), (0.5, 2, False)),
        ("Ana Ana Ben Ben Cid Cid", (1.0, 3, True), (1.0, 3, True)),
    ],
)
def test_the_busiest_agent_is_held_against_the_mean(
    tmp_path: Path, load: str, most: object, least: object
) -> None:
    rows = [
        row
        for n, agent in enumerate(load.split())
        for row in answered(f"q{n}", f"09:{n:02}", agent)
    ]
    found = claims(tmp_path, rows, BLEND)
    assert told(found["blended", "desk", "busiest_to_mean"]) == most
    assert told(found["blended", "desk", "least_busy_to_mean"]) == least


def peak(busy: int, missed: int, quiet: int) -> list[Row]:
    """One hour of `busy` questions, `missed` of them answered two hours late; nine hours of `quiet`."""
    rows = []
    for n in range(busy):
        later = "03:30" if n < missed else f"00:{n:02}"
        rows += answered(f"busy{n}", f"00:{n:02}", "Ana", later=later)
    for hour in range(1, 10):
        for n in range(quiet):
            rows += answered(f"quiet{hour}-{n}", f"{hour:02}:{n:02}", "Ana")
    return rows


@pytest.mark.parametrize(
    ("words", "missed", "holds"),
    [
        ('sourcing = "outsourced"', 20, False),
        ('sourcing = "outsourced"', 0, True),
        ('sourcing = "internal"', 20, None),
        ('model = "blended"', 20, False),
    ],
)
def test_adherence_in_the_busiest_tenth_of_hours(
    tmp_path: Path, words: str, missed: int, holds: bool | None
) -> None:
    """Ten hours, so one is the busiest: 40 clocks there, 9 x 4 in the rest, all of them met."""
    found = claims(tmp_path, peak(40, missed, 4), ANSWER + team("desk", words))
    (claim,) = (claim for (*_, name), claim in found.items() if name == "peak_adherence")
    assert told(claim) == (-missed / 40, 76, holds)
    assert claim.unit == "points"
    assert claim.sentence.endswith("does not keep up with demand") == bool(missed)


def test_a_small_peak_decides_nothing(tmp_path: Path) -> None:
    policy = ANSWER + team("desk", 'sourcing = "outsourced"')
    found = claims(tmp_path / "a", peak(29, 20, 4), policy)["outsourced", "desk", "peak_adherence"]
    assert told(found)[2] is None
    assert found.sentence.endswith("too few to tell")
    one = claims(tmp_path / "b", peak(5, 0, 0), policy)
    assert told(one["outsourced", "desk", "peak_adherence"]) == (None, 5, None)
    assert told(one["outsourced", "desk", "adherence"]) == (1.0, 5, None)


@pytest.mark.parametrize(("sourcing", "holds"), [("outsourced", False), ("internal", None)])
def test_demand_is_covered_in_the_hours_of_the_week_with_answers(
    tmp_path: Path, sourcing: str, holds: bool | None
) -> None:
    """Four questions on Mondays at ten, one on a Sunday night; chat is not this team's channel."""
    rows = answered("a", "10:00", "Ana")
    for name, at in (
        ("b", "10:59"),
        ("c", "mon+1 10:30"),
        ("d", "mon+2 10:00"),
        ("e", "sun 03:00"),
    ):
        rows += talk(name, f"{at} in", channel="email")
    rows += talk("f", "sun 04:00 in", channel="chat")
    policy = ANSWER + team("desk", f'sourcing = "{sourcing}"')
    found = claims(tmp_path, rows, policy)[sourcing, "desk", "demand_coverage"]
    assert told(found) == (0.8, 5, holds)


def test_nobody_asking_needs_no_cover(tmp_path: Path) -> None:
    policy = ANSWER + team("desk", 'sourcing = "outsourced"')
    rows = talk("a", "10:00 out Ana", channel="email")
    found = claims(tmp_path / "a", rows, policy)
    assert told(found["outsourced", "desk", "demand_coverage"]) == (None, 0, None)
    assert told(found["outsourced", "desk", "adherence"]) == (None, 0, None)
    rows = talk("a", "10:00 in", channel="email")
    found = claims(tmp_path / "b", rows, policy)
    reason = lacks(found["outsourced", "desk", "demand_coverage"])
    assert reason == "no reply of this team is in the exports"


def test_who_comes_and_who_goes(tmp_path: Path) -> None:
    """March: Ana, Ben; April: Ana, Cid; May: Ana, Cid. One of four agent-months but the last is a last."""
    policy = ANSWER + team("desk", 'sourcing = "internal"')
    seen = {"2026-03-02": "Ana Ben", "2026-04-01": "Ana Cid", "2026-05-04": "Cid Ana"}
    rows = [
        row
        for day, agents in seen.items()
        for agent in agents.split()
        for row in answered(f"{day}{agent}", f"{day} 10:00", agent)
    ]
    found = claims(tmp_path / "a", rows, policy)["internal", "desk", "monthly_turnover"]
    assert told(found) == (0.25, 3, None)
    assert found.sentence == (
        "of 3 agents in 3 months 1 joined after the first and 1 left before the last: 25% a month"
    )
    early = [row for row in rows if not row["sent_at"].startswith("2026-05")]
    found = claims(tmp_path / "b", early, policy)["internal", "desk", "monthly_turnover"]
    assert lacks(found) == "60 days of actions are needed, there are 30"


def test_what_a_conversation_costs(tmp_path: Path) -> None:
    """Ana acts in two hours, Ben in one; they answer in two conversations and note in a third:
    three hours at 20 for three conversations, which is what the KPI of the team says.
    """
    rows = [
        *talk("a", "09:00 in", "09:10 out Ana", "10:10 out Ana", channel="email"),
        *answered("b", "09:20", "Ben"),
        *talk("c", "09:30 in", "09:40 note Ana", channel="email"),
    ]
    paid = ANSWER + team("desk", 'sourcing = "outsourced"', "cost_per_hour = 20")
    found = claims(tmp_path / "a", rows, paid)["outsourced", "desk", "cost_per_conversation"]
    assert told(found) == (20.0, 3, None)
    asked = written(tmp_path / "k", {"m.csv": canonical_csv(rows)}, paid)
    kpis = report(replace(asked, kpis=("cost_per_conversation",), by=(("team",),))).kpis
    (kpi,) = [one for one in kpis if one.kpi == "cost_per_conversation" and one.by]
    assert (kpi.by, kpi.value, kpi.n) == ({"team": "desk"}, 20.0, 3)
    nobody = claims(tmp_path / "b", answered("a", "09:00", "Zoe"), paid)
    lacks(nobody["outsourced", "desk", "cost_per_conversation"])
    unpaid = claims(tmp_path / "c", rows, ANSWER + team("desk", 'sourcing = "internal"'))
    reason = lacks(unpaid["internal", "desk", "cost_per_conversation"])
    assert reason == "cost_per_hour is missing in this team's table of the policy"


def test_a_sourced_team_is_held_to_its_kpis(tmp_path: Path) -> None:
    """Five days ago: one solved with one reply and rated well, one with two, rated badly, passed from Zoe."""
    rows = [
        *talk("a", "09:00 in", "09:10 out Ana", "09:20 status resolved", "09:30 rated rating=1"),
        *talk("b", "09:00 in", "09:10 out Zoe", "09:20 out Ana", "09:30 status resolved"),
        *talk("b", "09:40 rated rating=0"),
        *talk("late", "sat 09:00 in", "09:01 out Zoe", "09:02 status resolved"),
    ]
    policy = ANSWER + team("desk", 'sourcing = "internal"', "tier = 1")
    found = claims(tmp_path / "a", rows, policy)
    kpis = {name: told(claim) for (model, _, name), claim in found.items() if model == "internal"
            if name in {"csat", "one_touch_rate", "reassignment_rate", "escalation_rate"}}  # fmt: skip
    assert kpis == {
        "csat": (0.5, 2, None),
        "one_touch_rate": (0.5, 2, None),
        "reassignment_rate": (0.5, 2, None),
        "escalation_rate": (0.0, 2, None),
    }
    bare = claims(tmp_path / "b", answered("a", "09:00", "Ana"), policy)
    assert "rating missing" in lacks(bare["internal", "desk", "csat"])


def test_the_kpis_of_models_are_shown_with_models_alone(tmp_path: Path) -> None:
    request = written(tmp_path, {"m.csv": canonical_csv(BUSY)}, BLEND)
    plain, shown = (report(replace(request, views=views)) for views in (NONE, SHOWN))
    assert shown.models
    assert shown.kpis == plain.kpis


TIERS = (
    ANSWER
    + team("front", "tier = 1", agents="Ana")
    + team("back", "tier = 2", 'names = ["Back"]', agents="Ben")
)


def test_tiers_solve_escalate_and_burn_the_clock(tmp_path: Path) -> None:
    """Up: an hour with tier 1, half an hour with tier 2 until solved, an hour closed. Flat: an hour with
    tier 1. Down: two hours and a half with tier 2, then tier 1 writes last: it had it for no time.
    """
    rows = [
        *talk("up", "09:00 in", "10:00 out Ana", "10:00 out Ben", "10:30 status resolved"),
        *talk("up", "11:30 in"),
        *talk("flat", "09:00 in", "09:30 out Ana", "10:00 status closed"),
        *talk("down", "09:00 in", "11:00 out Ben", "11:30 in", "11:30 out Ana"),
    ]
    found = claims(tmp_path, rows, TIERS)
    tiered = {name: told(claim) for (model, _, name), claim in found.items() if model == "tiered"}
    first, second = 2 * HOUR, 3 * HOUR
    assert tiered == {
        "escalation_rate": (1 / 3, 3, None),
        "solved_by_tier_1": (0.5, 2, None),
        "solved_by_tier_2": (0.5, 2, None),
        "tier_1_share_of_time": (first / (first + second), 2, None),
        "tier_2_share_of_time": (second / (first + second), 2, None),
    }


def test_tiers_without_replies_or_statuses_say_so(tmp_path: Path) -> None:
    found = claims(tmp_path / "a", talk("a", "09:00 in"), TIERS)
    reason = lacks(found["tiered", "", "escalation_rate"])
    assert reason == "no reply of a team with a tier is in the exports"
    found = claims(tmp_path / "b", answered("a", "09:00", "Ana"), TIERS)
    assert told(found["tiered", "", "escalation_rate"]) == (0.0, 1, None)
    assert lacks(found["tiered", "", "solved_by_tier_1"]) == "no export tells of statuses"
    assert told(found["tiered", "", "tier_1_share_of_time"]) == (None, 0, None)


def test_an_export_s_own_team_has_a_tier_too(tmp_path: Path) -> None:
    rows = talk("a", "09:00 in team=Back", "09:30 out", "09:40 status resolved")
    found = claims(tmp_path, rows, TIERS)
    assert told(found["tiered", "", "solved_by_tier_2"]) == (1.0, 1, None)


def test_bots_contain_and_hand_off(tmp_path: Path) -> None:
    """One answered by the bot alone, two handed off and answered after 5 and 15 minutes (the second
    hand-off of one is the same wait), one handed off for nothing, one without a bot.
    """
    rows = [
        *talk("a", "09:00 in", "09:00 bot", channel="chat"),
        *talk("b", "09:00 in", "09:00 bot", "09:10 handoff", "09:15 out Ana", channel="chat"),
        *talk("c", "09:00 in", "09:00 bot", "09:10 handoff", "09:20 handoff", channel="chat"),
        *talk("c", "09:25 out Ana", channel="chat"),
        *talk("d", "09:00 in", "09:00 bot", "09:10 handoff", channel="chat"),
        *talk("e", "09:00 in", "09:02 out Ana", channel="chat"),
        *talk("f", "09:00 in", "11:00 out Ana", channel="email"),
    ]
    found = claims(tmp_path, rows)
    assert told(found["chatbot", "", "containment"]) == (0.25, 4, None)
    assert told(found["chatbot", "", "handoff_rate"]) == (0.75, 4, None)
    wait = found["chatbot", "", "wait_after_handoff"]
    assert told(wait) == (600.0, 2, None)
    assert wait.sentence == (
        "half of 2 waits after a hand-off took 10m 00s or longer, 2m 00s to a first answer without one on "
        "the same channels: too few to tell; 1 hand-off unanswered"
    )


def test_bots_need_bots_and_hand_offs(tmp_path: Path) -> None:
    found = claims(tmp_path / "a", answered("a", "09:00", "Ana"))
    for name in ("containment", "handoff_rate", "wait_after_handoff"):
        assert lacks(found["chatbot", "", name]) == "no message of a bot is in the exports"
    found = claims(tmp_path / "b", talk("a", "09:00 in", "09:00 bot"))
    assert told(found["chatbot", "", "containment"]) == (1.0, 1, None)
    assert lacks(found["chatbot", "", "handoff_rate"]) == "no export tells of hand-offs"
    found = claims(tmp_path / "c", talk("a", "09:00 in", "09:00 bot", "09:01 handoff"))
    assert told(found["chatbot", "", "wait_after_handoff"]) == (None, 0, None)


def test_a_longer_wait_after_a_hand_off_needs_an_interval_to_say_so(tmp_path: Path) -> None:
    rows = []
    for n in range(30):
        rows += talk(
            f"a{n}", "09:00 in", "09:00 bot", "09:10 handoff", "09:50 out Ana", channel="chat"
        )
        rows += talk(f"b{n}", "09:00 in", "09:02 out Ana", channel="chat")
    found = claims(tmp_path, rows)["chatbot", "", "wait_after_handoff"]
    assert told(found) == (2400.0, 30, None)
    assert found.sentence.endswith("on the same channels: longer")


def test_customers_switch_channels(tmp_path: Path) -> None:
    """Kim mails and chats three days later to the minute: a switch. Lee waits a minute more: none. Max
    mails twice. Kim's chat waited 10 minutes, Lee's 4, and the mails are not compared with chats.
    """
    rows = [
        *talk("a", "mon 09:00 in", "10:00 out Ana", channel="email", customer="Kim"),
        *talk("b", "thu 09:00 in", "09:10 out Ana", channel="chat", customer="Kim"),
        *talk("c", "mon 09:00 in", "10:00 out Ana", channel="email", customer="Lee"),
        *talk("d", "thu 09:01 in", "09:05 out Ana", channel="chat", customer="Lee"),
        *talk("e", "mon 09:00 in", "10:00 out Ana", channel="email", customer="Max"),
        *talk("f", "tue 09:00 in", "10:00 out Ana", channel="email", customer="Max"),
        *talk("g", "mon 09:00 in", "09:30 out Ana", channel="chat"),
    ]
    found = claims(tmp_path, rows)
    assert told(found["hybrid", "", "customers_on_two_channels"]) == (2 / 3, 3, None)
    assert told(found["hybrid", "", "channel_switches"]) == (1 / 6, 6, None)
    wait = found["hybrid", "", "wait_after_switch"]
    assert told(wait) == (600.0, 1, None)
    assert "4m 00s without one on the same channels: too few to tell" in wait.sentence


@pytest.mark.parametrize("order", ["abc", "acb", "cab"])
def test_conversations_begun_at_one_instant_come_in_order_of_their_ids(
    tmp_path: Path, order: str
) -> None:
    """Kim mails, chats and mails: two switches, in whatever order the export lists them."""
    channels = {"a": "email", "b": "chat", "c": "email"}
    rows = [
        row
        for name in order
        for row in talk(name, "mon 09:00 in", channel=channels[name], customer="Kim")
    ]
    found = claims(tmp_path, rows)
    assert told(found["hybrid", "", "channel_switches"]) == (2 / 3, 3, None)


def test_customers_need_names_and_channels(tmp_path: Path) -> None:
    found = claims(tmp_path / "a", talk("a", "09:00 in", channel="email"))
    for name in ("customers_on_two_channels", "channel_switches", "wait_after_switch"):
        assert lacks(found["hybrid", "", name]) == "no export names the customer"
    found = claims(tmp_path / "b", talk("a", "09:00 in", channel="email", customer="Kim"))
    assert told(found["hybrid", "", "customers_on_two_channels"]) == (0.0, 1, None)
    assert told(found["hybrid", "", "channel_switches"]) == (0.0, 1, None)
    assert told(found["hybrid", "", "wait_after_switch"]) == (None, 0, None)


def test_channels_are_held_against_each_other(tmp_path: Path) -> None:
    """30 mails all met, 30 chats half met, 29 posts are too few."""
    rows = []
    for n in range(30):
        rows += answered(f"e{n}", "09:00", "Ana")
        rows += answered(
            f"c{n}", "09:00", "Ana", channel="chat", later="09:01" if n < 15 else "12:00"
        )
        rows += answered(f"s{n}", "09:00", "Ana", channel="social", later="12:00") if n else []
    found = claims(tmp_path, rows)["hybrid", "", "adherence_spread"]
    assert told(found) == (0.5, 60, None)
    assert found.sentence == "100% met on email, 50% on chat"
    ran = kpiaudit(
        "report", tmp_path / "exports", "-c", tmp_path / "kpiaudit.toml", "--view", "models"
    )
    assert " 50.0 points " in ran.out


def test_one_channel_has_no_spread(tmp_path: Path) -> None:
    found = claims(tmp_path, answered("a", "09:00", "Ana"))["hybrid", "", "adherence_spread"]
    assert told(found) == (None, 0, None)


def test_who_writes_first(tmp_path: Path) -> None:
    rows = [
        *talk("a", "09:00 out Ana"),
        *talk("b", "09:00 out Ana", "10:00 in"),
        *talk("c", "09:00 in"),
        *talk("d", "09:00 out Ana is_partial=true", "10:00 in is_partial=true"),
        *talk("e", "09:00 note Ana"),
    ]
    found = claims(tmp_path / "a", rows)["proactive", "", "proactive_share"]
    assert told(found) == (2 / 3, 3, None)
    found = claims(tmp_path / "b", talk("e", "09:00 note Ana"))["proactive", "", "proactive_share"]
    assert told(found) == (None, 0, None)


def test_what_our_writing_first_does_to_their_writing(tmp_path: Path) -> None:
    """We write on Thursday at noon. Of delivery, one of theirs lies in the three days before and two in
    those after, ends included; earlier, later and other ones lie outside. The last window is cut off.
    """
    rows = talk("ours", "thu 12:00 out Ana", category="delivery")
    theirs = {
        "mon 11:59": "delivery", "mon 12:00": "delivery", "thu 12:00": "delivery", "thu 12:01": "delivery",
        "sun 12:00": "delivery", "sun 12:01": "delivery", "fri 09:00": "refund",
    }  # fmt: skip
    for n, (at, category) in enumerate(theirs.items()):
        rows += talk(f"q{n}", f"{at} in", category=category)
    rows += talk("cut", "mon+1 12:00 out Ana", "tue+1 12:00 in", category="delivery")
    found = claims(tmp_path / "a", rows)["proactive", "", "inbound_after_contact"]
    assert told(found) == (2.0, 1, None)
    assert found.sentence == (
        "within 72 hours after 1 message of ours customers opened 2 conversations on the category, within "
        "as long before 1"
    )
    alone = claims(tmp_path / "b", [*rows[:1], *talk("z", "mon+1 12:00 in", category="refund")])
    assert told(alone["proactive", "", "inbound_after_contact"]) == (None, 1, None)
    short = claims(tmp_path / "c", rows[:1])["proactive", "", "inbound_after_contact"]
    assert told(short) == (None, 0, None)
    bare = claims(tmp_path / "d", talk("a", "09:00 in"))["proactive", "", "inbound_after_contact"]
    assert lacks(bare) == "no export names a category"


def test_the_window_of_a_switch_is_a_definition(tmp_path: Path) -> None:
    rows = [
        *talk("a", "mon 09:00 in", channel="email", customer="Kim"),
        *talk("b", "mon 10:30 in", channel="chat", customer="Kim"),
    ]
    for name, hours, switches in (("a", 1, 0.0), ("b", 2, 0.5)):
        policy = ANSWER + f'[definitions]\ncontact_window = "{hours}h"\n'
        found = claims(tmp_path / name, rows, policy)["hybrid", "", "channel_switches"]
        assert told(found) == (switches, 2, None)
        assert f"within {hours} hour" in found.sentence


def test_one_face_for_a_customer_who_returns(tmp_path: Path) -> None:
    """Kim: Ana, Ana, Ben: one of two is the same. Lee comes once. The unanswered one breaks no chain."""
    rows = [
        *talk("a", "mon 09:00 in", "09:10 out Ana", "09:20 out Ben", customer="Kim"),
        *talk("b", "tue 09:00 in", "09:10 out Ana", customer="Kim"),
        *talk("c", "wed 09:00 in", customer="Kim"),
        *talk("d", "thu 09:00 in", "09:10 out Ben", customer="Kim"),
        *talk("e", "mon 09:00 in", "09:10 out Ben", customer="Lee"),
    ]
    found = claims(tmp_path, rows)
    assert told(found["personalized", "", "continuity"]) == (0.5, 2, None)
    assert told(found["personalized", "", "agents_per_conversation"]) == (1.25, 4, None)


def test_one_face_needs_names(tmp_path: Path) -> None:
    found = claims(tmp_path / "a", answered("a", "09:00", "Ana"))
    assert lacks(found["personalized", "", "continuity"]) == "no export names the customer"
    found = claims(tmp_path / "b", talk("a", "09:00 in", "09:01 out", customer="Kim"))
    for name in ("continuity", "agents_per_conversation"):
        reason = lacks(found["personalized", "", name])
        assert reason == "no export names the agents of its replies"
    found = claims(tmp_path / "c", talk("a", "09:00 in", "09:01 out Ana", customer="Kim"))
    assert told(found["personalized", "", "continuity"]) == (None, 0, None)


def test_self_service_needs_its_own_export(tmp_path: Path) -> None:
    found = claims(tmp_path, answered("a", "09:00", "Ana"))
    assert "self_service" in lacks(found["self_service", "", "views_per_conversation"])


def beside(folder: Path, policy: str, **files: str) -> Claims:
    """Every claim of `m.csv` and the other files, of which the policy maps those it names."""
    request = written(folder, {f"{name}.csv": text for name, text in files.items()}, policy)
    found = report(replace(request, views=SHOWN)).models
    return {
        (model.model, model.team, claim.claim): claim for model in found for claim in model.claims
    }


def test_self_service_is_held_against_what_customers_did(tmp_path: Path) -> None:
    """Kim reads and asks an hour later, Lea reads four days before she asks, Max asks and never reads, Ned
    reads and never asks; two searches, one in vain. Ours to Ned is no question.
    """
    rows = [
        *talk("k", "mon 10:00 in", "10:01 out Ana", customer="kim"),
        *talk("l", "fri 09:00 in", "09:01 out Ana", customer="lea"),
        *talk("m", "fri 09:00 in", "09:01 out Ana", customer="max"),
        *talk("n", "tue 09:00 out Ana", customer="ned"),
        *talk("z", "fri+2 09:00 update"),
    ]
    reads = [("09:00", "view", "kim"), ("09:00", "view", "lea"), ("09:00", "view", "ned")]
    reads += [("09:30", "search", ""), ("09:40", "search_empty", "")]
    lines = [f"2026-03-02T{at}:00Z,{kind},{who}" for at, kind, who in reads]
    mapped = '[sources.help]\nkind = "self_service"\nfiles = "help.csv"\n'
    mapped += 'columns = { at = "at", kind = "kind", customer = "customer" }\n'
    found = beside(
        tmp_path,
        ANSWER + mapped,
        m=canonical_csv(rows),
        help="\n".join(["at,kind,customer", *lines, ""]),
    )
    counted = {
        name: told(claim) for (kind, _, name), claim in found.items() if kind == "self_service"
    }
    assert counted == {
        "views_per_conversation": (3 / 5, 5, None),
        "searches_without_result": (1 / 2, 2, None),
        "self_service_deflection": (2 / 3, 3, None),
        "conversations_after_view": (1 / 3, 3, None),
    }


def test_presence_of_a_blended_team_is_told_with_its_kpis(tmp_path: Path) -> None:
    """Ana busy 09:00-10:00, available 10:00-10:30 of the office's day from 09:00; Dora is of no team."""
    mapped = '[sources.shifts]\nkind = "presence"\nfiles = "shifts.csv"\n'
    mapped += 'columns = { agent = "agent", from = "from", to = "to", state = "state" }\n'
    day = "2026-03-02T"
    shifts = ["agent,from,to,state", f"Ana,{day}09:00:00Z,{day}10:00:00Z,busy"]
    shifts += [f"Ana,{day}10:00:00Z,{day}10:30:00Z,available"]
    shifts += [f"Dora,{day}09:00:00Z,{day}12:00:00Z,available", ""]
    policy = IN_OFFICE + mapped + team("desk", 'model = "blended"')
    policy += team("idle", 'model = "blended"', agents="Zoe")
    rows = canonical_csv(answered("a", "09:00", "Ana"))
    found = beside(tmp_path / "a", policy, m=rows, shifts="\n".join(shifts))
    assert told(found["blended", "desk", "occupancy"]) == (2 / 3, 1, None)
    assert told(found["blended", "desk", "utilization"]) == (1.0, 1, None)
    assert told(found["blended", "desk", "downtime"]) == (1800, 1, None)
    assert found["blended", "desk", "downtime"].sentence == (
        "available and idle, of 1h 30m busy or available"
    )
    assert told(found["blended", "idle", "occupancy"]) == (None, 0, None)
    found = beside(tmp_path / "b", policy, m=rows)
    assert lacks(found["blended", "desk", "occupancy"]) == "presence missing in m.csv"


def test_spam_and_what_is_excluded_counts_for_no_claim(tmp_path: Path) -> None:
    rows = [
        *talk("a", "09:00 in", "09:01 bot", channel="chat"),
        *talk("test", "09:00 in", "09:01 bot", "09:02 out Ana", channel="chat", tags="test"),
        *talk("spam", "09:00 in", "09:01 bot", "09:02 status spam", channel="chat"),
    ]
    exclude = '[[exclude]]\nwhen = { tag = ["test"] }\nreason = "ours"\n'
    found = claims(tmp_path, rows, ANSWER + exclude)
    assert told(found["chatbot", "", "containment"]) == (1.0, 1, None)


def test_only_what_began_within_the_period_counts(tmp_path: Path) -> None:
    rows = [row for day in ("mon", "tue") for row in answered(day, f"{day} 09:00", "Ana")]
    policy = ANSWER + team("desk", 'model = "designated"', 'channels = ["email"]')
    since = datetime.fromisoformat("2026-03-03T00:00:00Z")
    for folder, bounds in (("a", {"since": since}), ("b", {"until": since})):
        found = claims(tmp_path / folder, rows, policy, **bounds)
        assert told(found["designated", "desk", "designated_share"]) == (1.0, 1, True)
        assert found["proactive", "", "proactive_share"].n == 1


def test_an_order_of_rows_changes_no_claim(tmp_path: Path) -> None:
    rows = [
        *BUSY,
        *peak(5, 2, 2),
        *talk("z", "08:00 in", "08:00 bot", "08:10 handoff", "09:00 out Ben"),
    ]
    rows = [row | {"message_id": str(n), "customer": f"C{n % 7}"} for n, row in enumerate(rows)]
    policy = BLEND + team("two", 'sourcing = "internal"', "tier = 2", agents="Dora")
    expected = claims(tmp_path / "a", rows, policy)
    Random(3).shuffle(rows)
    assert claims(tmp_path / "b", rows, policy) == expected


def test_models_are_counted_only_where_they_are_shown(tmp_path: Path) -> None:
    request = written(tmp_path, {"m.csv": canonical_csv(BUSY)}, BLEND)
    assert report(request).models == ()


def test_no_message_no_model(tmp_path: Path) -> None:
    assert claims(tmp_path, talk("a", "09:00 in")[:0] + talk("a", "09:00 note Ana")) != {}
    (tmp_path / "none").mkdir()
    ran = kpiaudit("report", tmp_path / "none", "--view", "models", "-q", "--no-config")
    assert ran.code == 4


@pytest.mark.parametrize("width", [80, 120])
def test_the_page_and_the_file_tell_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, width: int
) -> None:
    monkeypatch.setenv("COLUMNS", str(width))
    header = "conversation_id,message_id,sent_at,event,channel,agent"
    rows = [
        f"{n},{n}-{event},2026-09-01T10:0{m}:00Z,{event},{channel},{agent}"
        for n, channel in enumerate(["social", "social", "email"])
        for m, (event, agent) in enumerate([("inbound", ""), ("outbound", "Ana")])
    ]
    folder = messages(tmp_path / "in" / "kpiaudit_messages.csv", rows, header=header).parent
    policy = tmp_path / "p.toml"
    policy.write_text(CARE, encoding="utf-8")
    page = kpiaudit("report", folder, "-c", policy, "--view", "models", "-q").out
    assert max(map(len, page.splitlines())) <= width
    flat = " ".join(page.split())
    assert "care designated, as declared: 1 of 1 claim does not hold" in flat
    assert "66.7% a designated team, but 66.7% of its replies are on social; 33.3%" in flat
    assert "not computable: handle time average (no export states a handle_time)" in flat
    told = json.loads(kpiaudit("report", folder, "-c", policy, "--format", "json", "-q").out)
    (share, *_) = told["models"][0]["claims"]
    assert (share["claim"], share["value"], share["holds"]) == ("designated_share", 2 / 3, False)
    assert "as declared" not in kpiaudit("report", folder, "-c", policy, "-q").out


@pytest.mark.parametrize(
    ("value", "words"),
    [(0, "0%"), (1, "100%"), (0.99999, "99.9%"), (0.00001, "0.1%"), (0.615, "61.5%"), (0.5, "50%")],
)
def test_a_share_in_words(value: float, words: str) -> None:
    assert percent(value) == words


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "0s"),
        (59.2, "1m 00s"),
        (61, "1m 01s"),
        (3600, "1h 00m"),
        (7199, "2h 00m"),
        (90000, "1d 01h"),
    ],
)
def test_a_wait_in_words(seconds: float, words: str) -> None:
    assert time(seconds) == words


def test_every_claim_is_documented_and_no_other(root: Path, tmp_path: Path) -> None:
    """Tiers by their letter N; each cell names one claim or several."""
    policy = (
        BLEND
        + team("two", 'model = "designated"', 'sourcing = "internal"', "tier = 1", agents="Dora")
        + team("three", 'sourcing = "outsourced"', agents="Emil")
    )
    found = claims(tmp_path, answered("a", "09:00", "Dora"), policy)
    counted = {name.replace("_1", "_N") for _, _, name in found}
    lines = (root / "docs" / "models.md").read_text(encoding="utf-8").splitlines()
    cells = [line.split("|")[2] for line in lines if line.startswith("|")][2:]
    documented = {word.strip(" `") for cell in cells for word in cell.split(",")}
    assert documented == counted
