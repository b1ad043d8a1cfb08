"""KPIs of presence and self-service: by hand, minute by minute, and not computable without their export."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from audits import report, sla, written
from builders import calendar, canonical_csv, instant, timeline

from kpiaudit.kpis.catalogue import IDS, TOLD_BY
from kpiaudit.schema import GROUPABLE, TIMES

if TYPE_CHECKING:
    from kpiaudit.audit import Request
    from kpiaudit.report import KpiResult

SHIFTS = """
[sources.shifts]
kind = "presence"
files = "shifts.csv"
columns = { agent = "agent", from = "from", to = "to", state = "state" }
"""
HELP = """
[sources.help]
kind = "self_service"
files = "help.csv"
columns = { at = "at", kind = "kind", customer = "customer" }
"""
OFFICE = sla("answer", "first_response", "1h", 'calendar = "office"') + calendar(
    "office", "mon-fri 09:00-17:00"
)
TEAMS = '[teams.care]\nagents = ["Ana"]\ntier = 1\n[teams.desk]\nagents = ["Ben"]\ntier = 2\n'
OURS = {
    "occupancy", "utilization", "downtime",
    "self_service_deflection", "views_per_conversation", "empty_search_rate",
}  # fmt: skip
TALK = timeline("a", "mon 09:00 in customer=c1", "09:10 out Ana", "fri 12:00 update")


def stamp(text: str) -> str:
    return instant(text).isoformat()


def shifts(*lines: str) -> str:
    """Lines of `Ana busy mon 09:00 10:00`."""
    rows = ["agent,from,to,state"]
    for line in lines:
        agent, state, day, start, end = line.split()
        rows.append(f"{agent},{stamp(f'{day} {start}')},{stamp(f'{day} {end}')},{state}")
    return "\n".join(rows) + "\n"


def visits(*lines: str) -> str:
    """Lines of `view mon 09:00 c1`; `-` is nobody known."""
    rows = ["at,kind,customer"]
    for line in lines:
        kind, day, at, customer = line.split()
        rows.append(f"{stamp(f'{day} {at}')},{kind},{customer.strip('-')}")
    return "\n".join(rows) + "\n"


def asked(folder: Path, policy: str = OFFICE, **files: str) -> Request:
    named = {f"{name}.csv": text for name, text in files.items()}
    named.setdefault("m.csv", canonical_csv(TALK))
    mapped = (SHIFTS if "shifts" in files else "") + (HELP if "help" in files else "")
    return written(folder, named, policy + mapped)


def kpis(request: Request) -> dict[str, KpiResult]:
    return {k.kpi: k for k in report(request).kpis if k.kpi in OURS and not k.by}


def test_busy_and_available_time_make_occupancy_and_downtime(tmp_path: Path) -> None:
    """Ana: 60 min busy, 30 available, 15 away, 60 offline; Ben: 30 available. 60 of 120; 60 idle."""
    request = asked(
        tmp_path,
        shifts=shifts(
            "Ana busy mon 09:00 10:00",
            "Ana available mon 10:00 10:30",
            "Ana away mon 10:30 10:45",
            "Ana offline mon 10:45 11:45",
            "Ben available mon 09:00 09:30",
        ),
    )
    found = kpis(request)
    assert (found["occupancy"].value, found["occupancy"].n) == (0.5, 2)
    assert (found["downtime"].value, found["downtime"].n) == (3600, 2)
    assert found["downtime"].beside["share"] == 0.5


def test_utilization_is_open_time_there_of_open_time_between_first_and_last(
    tmp_path: Path,
) -> None:
    """Open 09-17. There: 60 min before opening count for nothing, 16:00-17:00 on Monday and 09:00-10:00
    on Tuesday do: 120 of the 9 hours from Monday 08:00 to Tuesday 10:00.
    """
    request = asked(
        tmp_path,
        shifts=shifts(
            "Ana busy mon 08:00 09:00",
            "Ana available mon 16:00 17:00",
            "Ana busy tue 09:00 10:00",
        ),
    )
    found = kpis(request)["utilization"]
    assert found.value == pytest.approx(2 / 9)
    assert found.beside == {"there_seconds": 7200, "open_seconds": 9 * 3600}


def test_presence_is_told_by_agent_team_and_tier_and_by_nothing_else(tmp_path: Path) -> None:
    request = asked(
        tmp_path,
        OFFICE + TEAMS,
        shifts=shifts("Ana busy mon 09:00 10:00", "Ben available mon 09:00 09:30"),
    )
    for name, values in {
        "agent": {"Ana": 1.0, "Ben": 0.0},
        "team": {"care": 1.0, "desk": 0.0},
        "tier": {"1": 1.0, "2": 0.0},
        "channel": {},
    }.items():
        wanted = replace(request, by=((name,),), kpis=("occupancy",))
        rows = [k for k in report(wanted).kpis if k.kpi == "occupancy" and k.by]
        assert {row.by[name]: row.value for row in rows} == values


def test_since_and_until_cut_presence(tmp_path: Path) -> None:
    request = asked(
        tmp_path,
        shifts=shifts("Ana busy mon 09:00 11:00", "Ana available mon 11:00 13:00"),
    )
    cut = replace(request, since=instant("10:00"), until=instant("11:15"))
    found = kpis(cut)
    assert found["occupancy"].value == pytest.approx(60 / 75)
    assert found["downtime"].value == 15 * 60


def test_a_view_kept_a_customer_from_us_who_did_not_write_within_the_window(
    tmp_path: Path,
) -> None:
    """c1 writes on Monday at 09:00 and the data ends on Friday at 12:00, the window is 72 hours: views
    from Tuesday 12:01 on are undecided, one after writing or 72 hours before is deflected.
    """
    request = asked(
        tmp_path,
        help=visits(
            "view mon 08:59 c1",
            "view mon 09:00 c1",
            "view mon 09:01 c1",
            "view tue 12:00 c2",
            "view tue 12:01 c3",
            "view mon 08:00 -",
            "search mon 08:00 c1",
        ),
    )
    found = kpis(request)["self_service_deflection"]
    assert (found.n, found.beside["numerator"], found.value) == (4, 2, 0.5)


def test_searches_and_views_are_counted_apart(tmp_path: Path) -> None:
    request = asked(
        tmp_path,
        help=visits(
            "view mon 08:00 c1",
            "view mon 08:00 -",
            "search mon 08:00 -",
            "search mon 08:00 -",
            "search_empty mon 08:00 c1",
            "bot_session mon 08:00 c1",
        ),
    )
    found = kpis(request)
    assert (found["empty_search_rate"].value, found["empty_search_rate"].n) == (1 / 3, 3)
    assert (found["views_per_conversation"].value, found["views_per_conversation"].n) == (2, 1)


def test_without_such_an_export_they_are_not_computable(tmp_path: Path) -> None:
    found = kpis(asked(tmp_path))
    assert found.keys() == OURS
    for name, result in found.items():
        need = "presence" if name in {"occupancy", "utilization", "downtime"} else "self-service"
        assert not result.computable
        assert result.reason == f"{need} missing in m.csv"


def test_utilization_needs_a_calendar(tmp_path: Path) -> None:
    policy = sla("answer", "first_response", "1h")
    found = kpis(asked(tmp_path, policy, shifts=shifts("Ana busy mon 09:00 10:00")))
    assert found["occupancy"].value == 1
    assert found["utilization"].reason == "calendar missing in kpiaudit.toml"


@pytest.mark.parametrize("seed", range(5))
def test_deflection_equals_a_look_at_every_view(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    begin, days = instant("mon 00:00"), 14
    customers = ["c1", "c2", "c3", "c4"]
    rows, began, lines = [], [], ["at,kind,customer"]
    for number in range(25):
        at = begin + timedelta(minutes=random.randrange(days * 1440))
        customer = random.choice(customers)
        rows += timeline(f"t{number}", f"{at:%Y-%m-%d %H:%M} in customer={customer}")
        began.append((customer, at))
    seen: list[tuple[str, datetime]] = []
    for _ in range(80):
        at = begin + timedelta(minutes=random.randrange(days * 1440))
        customer = random.choice([*customers, ""])
        kind = random.choice(["view", "search"])
        lines.append(f"{at.isoformat()},{kind},{customer}")
        if kind == "view" and customer:
            seen.append((customer, at))
    request = asked(tmp_path, m=canonical_csv(rows), help="\n".join(lines))
    window, as_of = timedelta(hours=72), max(at for _, at in began)
    decided = [(who, at) for who, at in seen if at + window <= as_of]
    kept = [
        (who, at)
        for who, at in decided
        if not any(who == other and at <= asked_at < at + window for other, asked_at in began)
    ]
    found = kpis(request)["self_service_deflection"]
    assert found.reason is None
    assert (found.n, found.beside["numerator"]) == (len(decided), len(kept))
    assert 0 < len(kept) < len(decided)


@pytest.mark.parametrize("seed", range(5))
def test_presence_equals_a_count_of_minutes(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    minutes: dict[tuple[str, int], str] = {}
    lines = []
    for agent in ("Ana", "Ben"):
        at = 0
        while at < 2 * 1440:
            end = at + random.randrange(10, 400)
            state = random.choice(["available", "busy", "away", "offline"])
            minutes |= {(agent, minute): state for minute in range(at, end)}
            start = instant("mon 00:00") + timedelta(minutes=at)
            stop = instant("mon 00:00") + timedelta(minutes=end)
            lines.append(f"{agent},{start.isoformat()},{stop.isoformat()},{state}")
            at = end + random.choice([0, 0, 30])
    found = kpis(asked(tmp_path, shifts="\n".join(["agent,from,to,state", *lines])))
    busy = sum(state == "busy" for state in minutes.values())
    idle = sum(state == "available" for state in minutes.values())
    assert found["occupancy"].value == pytest.approx(busy / (busy + idle))
    assert found["downtime"].value == idle * 60
    there = is_open = 0
    for agent in ("Ana", "Ben"):
        mine = {m: state for (who, m), state in minutes.items() if who == agent}
        present = [m for m, state in mine.items() if state != "offline"]
        for minute in range(min(present), max(present) + 1):
            if 9 * 60 <= minute % 1440 < 17 * 60:
                is_open += 1
                there += mine.get(minute) in {"busy", "available"}
    assert found["utilization"].value == pytest.approx(there / is_open)


def test_what_a_kpi_can_be_told_by_is_named_as_elsewhere() -> None:
    assert frozenset().union(*TOLD_BY.values()) <= set(GROUPABLE)
    assert set(TIMES) <= TOLD_BY["empty_search_rate"]
    assert TOLD_BY.keys() <= set(IDS)
