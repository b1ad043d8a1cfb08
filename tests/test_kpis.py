"""Every KPI, counted by hand: some conversations, none, ties, everything open, and not computable."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from audits import report, written
from builders import calendar, canonical_csv, instant, timeline
from scores import PROMISE, groups, scored, total

from kpiaudit.kpis.catalogue import IDS

if TYPE_CHECKING:
    from pathlib import Path

TEAMS = """
[teams.front]
tier = 1
agents = ["ana", "bob"]
cost_per_hour = 20
[teams.back]
tier = 2
agents = ["cid"]
cost_per_hour = 30
[calendars.office]
time_zone = "UTC"
hours = { mon-fri = ["09:00-17:00"] }
"""
LATER = "thu+1 09:00"
DESK = [
    # answered in 10 min, asked again, answered in 20, solved with two replies, rated 4 of 5 stars
    *timeline(
        "two-touch",
        "mon 09:00 in customer=kim category=delivery",
        "09:10 out ana handle_time=120",
        "09:30 in customer=kim sentiment=-0.5",
        "09:50 out ana handle_time=60",
        "09:50 status resolved",
        "10:30 rated rating=0.75",
    ),
    # one reply, solved, back in the queue after two days: reopened within 72 h
    *timeline(
        "came-back",
        "mon 10:00 in customer=lea category=marketing sentiment=-1",
        "10:30 out bob",
        "10:30 status resolved",
        "wed 10:30 in customer=lea sentiment=1",
        "10:30 status open",
        "11:00 out cid",
    ),
    # one reply, solved, quiet since
    *timeline(
        "one-touch",
        "tue 09:00 in customer=max",
        "09:40 out bob",
        "09:40 status resolved",
    ),
    # a bot alone; the customer does not come back
    *timeline("bot-only", "tue 10:00 in customer=nia", "10:00 bot"),
    # a bot alone, but the same customer returns a day later and nobody answers
    *timeline("bot-again", "tue 12:00 in customer=oli", "12:00 bot"),
    *timeline("ignored", "wed 12:00 in customer=oli"),
    # handed to a human
    *timeline(
        "handed", "wed 13:00 in customer=pia", "13:00 bot", "13:05 handoff", "13:35 out cid"
    ),
    # the team wrote first
    *timeline("proactive", "thu 09:00 out ana customer=kim"),
]  # fmt: skip


def test_each_kpi_of_a_small_desk_is_what_a_hand_counts(tmp_path: Path) -> None:
    found = scored(tmp_path, DESK, TEAMS, as_of=instant(LATER))
    counted = {kpi: (total(found, kpi).value, total(found, kpi).n) for kpi in IDS}
    minutes = 60
    assert counted == {
        # first responses 10, 30, 40 and 35 min are within the hour; the two bots' and the ignored one are late
        "adherence": (4 / 7, 7),
        "inbound_messages": (9, 9),
        "conversations": (8, 8),
        # two of two-touch and two of came-back, of which only the first of each says so itself
        "messages_by_category": (4 / 9, 9),
        "conversations_by_category": (2 / 8, 8),
        # two of delivery; two are marketing and five say nothing
        "service_share": (2 / 9, 9),
        "first_response": (32.5 * minutes, 4),
        # 10, 20, 30, 30 (after the return), 40, and 35 (from the first message) minutes
        "average_response": ((10 + 20 + 30 + 30 + 40 + 35) / 6 * minutes, 6),
        "unanswered_rate": (1 / 7, 7),
        "handle_time_average": (180, 1),
        "handle_time_total": (180, 2),
        "sentiment_share": (1 / 3, 3),
        "sentiment_shift": (2, 1),
        # 7 of customers; bot-only alone stays away: two-touch, came-back, one-touch and handed met a human
        "deflection_rate": (1 / 7, 7),
        "containment_rate": (2 / 3, 3),
        # two-touch took 50 min, one-touch 40; came-back is open again
        "resolution": (45 * minutes, 2),
        "first_resolution": (40 * minutes, 3),
        "resolution_rate": (2 / 8, 8),
        "backlog": (6, 8),
        "one_touch_rate": (1 / 3, 3),
        "reopen_rate": (1 / 3, 3),
        # came-back went from bob to cid; two-touch, one-touch, handed and proactive have one agent
        "reassignment_rate": (1 / 5, 5),
        "escalation_rate": (1 / 5, 5),
        "csat": (1, 1),
        "csat_response_rate": (1 / 3, 3),
        "abandonment_rate": (None, 0),
        "answer_speed": (None, 0),
        "replies_per_conversation": (7 / 8, 8),
        # two-touch 4, one-touch 2
        "messages_to_resolution": (3, 2),
        # ana mon 9, bob mon 10, tue 9, cid wed 11 and 13, ana thu 9
        "replies_per_hour": (7 / 6, 7),
        # ana 2 of mon 9 to thu 10 (25 open hours), bob 2 of mon 10 to tue 10 (8), cid 2 of wed 11 to 14 (3)
        "active_hour_share": (6 / 36, 3),
        # ana and bob four hours at 20, cid two at 30; five conversations
        "cost_per_conversation": ((4 * 20 + 2 * 30) / 5, 5),
        # nobody told of presence or self-service: test_kpis_beside.py
        "occupancy": (None, 0),
        "utilization": (None, 0),
        "downtime": (None, 0),
        "self_service_deflection": (None, 0),
        "views_per_conversation": (None, 0),
        "empty_search_rate": (None, 0),
    }


def test_what_stands_beside_a_kpi(tmp_path: Path) -> None:
    found = scored(tmp_path, DESK, TEAMS, as_of=instant(LATER))
    assert total(found, "conversations").beside == {"proactive": 1, "partial": 0}
    assert total(found, "backlog").beside == {
        "0-1d": 0, "1-3d": 0, "3-7d": 0, "7-30d": 6, "30d+": 0
    }  # fmt: skip
    assert total(found, "sentiment_share").beside == {
        "numerator": 1, "neutral_share": 0, "negative_share": 2 / 3
    }  # fmt: skip
    # two of the four messages with a category, and one of seven conversations of customers
    assert total(found, "service_share").beside == {
        "numerator": 2, "of_categorized_share": 1 / 2, "conversations_share": 1 / 7
    }  # fmt: skip
    assert total(found, "first_response").beside["unanswered"] == 3
    assert total(found, "containment_rate").beside["handed_off"] == 1
    assert total(found, "csat").beside["mean_score"] == 0.75


def test_a_window_that_has_not_passed_leaves_conversations_undecided(tmp_path: Path) -> None:
    # 72 h after wed 09:50: two-touch (mon 09:50), the others end later
    found = scored(tmp_path, DESK, TEAMS, as_of=instant("thu 09:50"))
    assert (total(found, "one_touch_rate").value, total(found, "one_touch_rate").n) == (0, 1)
    assert total(found, "deflection_rate").n == 0
    assert total(found, "deflection_rate").value is None
    assert total(found, "deflection_rate").computable


def test_a_silent_solve_is_no_resolution_by_messages(tmp_path: Path) -> None:
    rows = [
        *timeline("answered", "09:00 in", "09:10 out ana", "09:20 in", "09:30 status resolved"),
        *timeline("by a bot", "09:00 in", "09:00 bot", "09:30 status resolved"),
        *timeline("silent", "09:00 in", "09:30 status resolved"),
        *timeline("answered later", "09:00 in", "09:30 status resolved", "09:40 out ana"),
        *timeline("nobody wrote", "09:00 update", "09:30 status resolved"),
        *timeline("open", "09:00 in", "09:10 out ana"),
    ]
    found = total(scored(tmp_path, rows), "messages_to_resolution")
    assert (found.value, found.n) == ((3 + 2) / 2, 2)
    assert found.beside == {"solved_silently": 3}
    silent = total(scored(tmp_path, rows[7:9]), "messages_to_resolution")
    assert (silent.value, silent.n, silent.beside) == (None, 0, {"solved_silently": 1})


def test_the_window_is_an_option(tmp_path: Path) -> None:
    policy = '[definitions]\ncontact_window = "12h"\n' + TEAMS
    found = scored(tmp_path, DESK, policy, as_of=instant(LATER))
    assert total(found, "deflection_rate").beside["numerator"] == 2
    assert total(found, "one_touch_rate").beside["numerator"] == 2


def test_groups_are_those_of_the_conversation_or_the_message(tmp_path: Path) -> None:
    by = (("agent",), ("day",), ("team",), ("tier",), ("hour",))
    found = scored(tmp_path, DESK, TEAMS, by=by, as_of=instant(LATER))
    assert groups(found, "conversations", "agent") == {
        "(unassigned)": 3, "ana": 2, "bob": 1, "cid": 2
    }  # fmt: skip
    assert groups(found, "inbound_messages", "day") == {
        "2026-03-02": 3, "2026-03-03": 3, "2026-03-04": 3
    }  # fmt: skip
    assert groups(found, "replies_per_hour", "team") == {"back": 1, "front": 5 / 4}
    assert groups(found, "cost_per_conversation", "tier") == {"1": 80 / 4, "2": 30}
    assert groups(found, "active_hour_share", "agent") == {
        "ana": 2 / 25, "bob": 2 / 8, "cid": 2 / 3
    }  # fmt: skip
    assert groups(found, "csat", "hour") == {"10": 1}


def test_the_backlog_is_that_at_each_days_end(tmp_path: Path) -> None:
    found = scored(tmp_path, DESK, TEAMS, by=(("day",), ("week", "agent")), as_of=instant(LATER))
    assert groups(found, "backlog", "day") == {
        "2026-03-02": 0, "2026-03-03": 2, "2026-03-04": 5, "2026-03-05": 6,
        # nothing happens until thu+1, as of which the backlog is told
        **{f"2026-03-{day:02}": 6 for day in range(6, 13)},
    }  # fmt: skip
    weeks = groups(found, "backlog", "week", "agent")
    for week in ("2026-03-02", "2026-03-09"):
        assert sum(value or 0 for name, value in weeks.items() if name.startswith(week)) == 6


@pytest.mark.parametrize(
    ("until", "days"),
    [
        ("wed 00:00", {"2026-03-02": 1, "2026-03-03": 1}),  # solved after the window
        ("fri 00:00", {"2026-03-02": 1, "2026-03-03": 1, "2026-03-04": 1, "2026-03-05": 0}),
        ("mon+2 00:00", {"2026-03-02": 1, "2026-03-03": 1, "2026-03-04": 1, "2026-03-05": 0}),
    ],
)
def test_the_backlog_is_told_to_the_end_of_the_window_or_of_the_export(
    tmp_path: Path, until: str, days: dict[str, float]
) -> None:
    rows = timeline("a", "mon 09:00 in", "thu 10:00 status resolved")
    request = written(tmp_path, {"m.csv": canonical_csv(rows)}, PROMISE, until=instant(until))
    found = report(replace(request, by=(("day",),), kpis=("backlog",)))
    assert groups(found, "backlog", "day") == days


def test_categories_are_shares_of_their_group(tmp_path: Path) -> None:
    found = scored(tmp_path, DESK, by=(("day",),), as_of=instant(LATER))
    assert groups(found, "conversations_by_category", "category") == {
        "(none)": 6 / 8, "delivery": 1 / 8, "marketing": 1 / 8
    }  # fmt: skip
    assert groups(found, "messages_by_category", "day", "category")["2026-03-02|delivery"] == 2 / 3


def test_a_category_is_told_once_whatever_else_is_asked(tmp_path: Path) -> None:
    found = scored(tmp_path, DESK, by=(("category",), ("tag",), ("tag", "category")))
    told = [
        (one.kpi, *one.by.items())
        for one in found.kpis
        if one.kpi in {"messages_by_category", "conversations_by_category"}
    ]
    assert len(told) == len(set(told))
    for kpi in ("messages_by_category", "conversations_by_category"):
        assert sum(value or 0 for value in groups(found, kpi, "category").values()) == 1


def test_a_tag_written_twice_is_one(tmp_path: Path) -> None:
    rows = [
        *timeline("a", "09:00 in tags=x;x;y", "09:01 out ana"),
        *timeline("b", "09:00 in tags=x"),
        *timeline("c", "09:00 in"),
    ]
    found = scored(tmp_path, rows, by=(("tag",),))
    assert groups(found, "conversations", "tag") == {"(none)": 1, "x": 2, "y": 1}
    clocks = {group.by["tag"]: group.figures.clocks for group in found.slas[0].groups}
    assert clocks == {"(none)": 1, "x": 2, "y": 1}


def test_a_system_without_categories_is_no_part_of_the_service_share(tmp_path: Path) -> None:
    rows = [
        *timeline("a", "09:00 in system=desk category=delivery", "09:01 in system=desk"),
        *timeline("b", "09:00 in system=feed"),
    ]
    found = scored(tmp_path, rows, by=(("system",),))
    assert (total(found, "service_share").value, total(found, "service_share").n) == (1, 2)
    rows[1]["category"] = "pr"
    found = scored(tmp_path, rows, by=(("system",),))
    assert groups(found, "service_share", "system") == {"desk": 1 / 2}


def test_what_a_bot_said_before_the_question_is_no_answer(tmp_path: Path) -> None:
    greeted = [
        *timeline("greeted", "mon 09:00 bot", "09:01 in customer=kim"),
        *timeline("answered", "mon 09:00 bot", "09:01 in customer=lea", "09:02 bot"),
    ]
    found = scored(tmp_path, greeted, as_of=instant(LATER))
    assert (total(found, "unanswered_rate").value, total(found, "unanswered_rate").n) == (1 / 2, 2)
    assert (total(found, "deflection_rate").value, total(found, "deflection_rate").n) == (1 / 2, 2)


@pytest.mark.parametrize("turn", [1, -1])
def test_of_two_begun_at_one_instant_the_one_of_the_lower_id_was_first(
    tmp_path: Path, turn: int
) -> None:
    both = [
        timeline("a", "mon 09:00 in customer=kim", "09:01 bot"),
        timeline("b", "mon 09:00 in customer=kim", "09:01 out ana"),
    ]
    rows = [row for some in both[::turn] for row in some]
    found = scored(tmp_path, rows, as_of=instant(LATER))
    assert total(found, "deflection_rate").value == 0


@pytest.mark.parametrize("turn", [1, -1])
def test_the_active_hours_of_an_agent_are_those_of_the_team_it_acted_in_last(
    tmp_path: Path, turn: int
) -> None:
    """In the conversations of twelve agents the later one is of the front desk, that of the thirteenth not."""
    talks = [
        timeline(f"{name}{number:02}", f"{day} 09:00 in team={team}", f"10:00 out ag{number:02}")
        for number in range(13)
        for name, day, team in (
            ("x", "mon" if number < 12 else "wed", "back"),
            ("y", "tue", "front"),
        )
    ]
    rows = [row for some in talks[::turn] for row in some]
    office = calendar("office", "mon-fri 09:00-17:00")
    found = scored(tmp_path, rows, office, by=(("team",),), as_of=instant(LATER))
    agents = {
        one.by["team"]: one.n
        for one in found.kpis
        if one.kpi == "active_hour_share" and tuple(one.by) == ("team",)
    }
    assert agents == {"front": 12, "back": 1}


def test_our_own_messages_bring_nobody_back(tmp_path: Path) -> None:
    rows = [
        *timeline("bot", "mon 09:00 in customer=kim", "09:01 bot"),
        *timeline("ours", "tue 09:00 out ana customer=kim"),
        *timeline("campaign", "tue 10:00 bot customer=kim"),
    ]
    found = scored(tmp_path, rows, as_of=instant(LATER))
    assert (total(found, "deflection_rate").value, total(found, "deflection_rate").n) == (1, 1)
    # a campaign that nobody answered holds nobody back from an agent
    assert (total(found, "containment_rate").value, total(found, "containment_rate").n) == (1, 1)


def test_a_queue_left_within_five_seconds_is_neither_offered_nor_abandoned(tmp_path: Path) -> None:
    calls = [
        *timeline("answered", "09:00:00 in channel=voice", "09:00:30 out ana channel=voice"),
        *timeline("left", "09:00:00 in channel=voice", "09:02:00 status closed channel=voice"),
        *timeline("hung-up", "09:00:00 in channel=voice", "09:00:04 status closed channel=voice"),
        *timeline("at-five", "09:00:00 in channel=voice", "09:00:05 status closed channel=voice"),
    ]
    found = scored(tmp_path, calls)
    assert (total(found, "abandonment_rate").value, total(found, "abandonment_rate").n) == (
        2 / 3,
        3,
    )
    assert total(found, "abandonment_rate").beside["short"] == 1
    assert (total(found, "answer_speed").value, total(found, "answer_speed").n) == (30, 1)
