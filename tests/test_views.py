"""Trends, distributions and hours of the week: by hand, and against a count that walks every event."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import pytest
from audits import clocks, of, report, sla, written
from builders import Row, canonical_csv, instant, timeline
from commands import kpiaudit

from kpiaudit.assembly import assemble
from kpiaudit.audit import Request
from kpiaudit.cli.words import VIEWS
from kpiaudit.pipeline import audit, collect_summaries
from kpiaudit.policy.load import load_policy
from kpiaudit.views.distributions import edges_for
from kpiaudit.views.shown import Block
from kpiaudit.whatif.prospects import Suppositions, suppose

if TYPE_CHECKING:
    from kpiaudit.views.shown import Period, Trend, Views

BERLIN = ZoneInfo("Europe/Berlin")
ANSWER = sla("answer", "first_response", "1h")
HOUR = timedelta(hours=1)


def asked(
    folder: Path,
    rows: list[Row],
    policy: str = ANSWER,
    *,
    period: Period | None = None,
    **more: datetime,
) -> tuple[Request, Views]:
    request = written(folder, {"m.csv": canonical_csv(rows)}, policy, **more)
    request = replace(request, views=frozenset(VIEWS), period=period)
    return request, report(request).views


def trend(
    folder: Path,
    *lines: tuple[str, ...],
    policy: str = ANSWER,
    period: Period | None = None,
    **more: datetime,
) -> Trend:
    rows = [row for name, *said in lines for row in timeline(name, *said)]
    return asked(folder, rows, policy, period=period, **more)[1].trends[0]


def told(found: Trend) -> list[tuple[str, bool, int, int]]:
    return [
        (point.start.isoformat(), point.is_partial, point.figures.met, point.figures.breached)
        for point in found.points
    ]


def test_a_day_is_there_without_a_clock_and_those_at_either_end_are_partial(
    tmp_path: Path,
) -> None:
    """The data begins on Monday at 09:00 and ends on Thursday at 09:30."""
    found = trend(
        tmp_path,
        ("a", "mon 09:00 in", "09:10 out Ana"),
        ("b", "tue 23:59 in", "wed 02:00 out Ana"),
        ("c", "thu 09:00 in", "09:30 out Ana"),
    )
    assert (found.sla, found.period, found.goal) == ("answer", "day", 0.95)
    assert told(found) == [
        ("2026-03-02", True, 1, 0),
        ("2026-03-03", False, 0, 1),
        ("2026-03-04", False, 0, 0),
        ("2026-03-05", True, 1, 0),
    ]
    empty = found.points[2].figures
    assert (empty.clocks, empty.n, empty.adherence, empty.median_seconds) == (0, 0, None, None)
    assert found.points[1].figures.median_seconds == (2 * HOUR + timedelta(minutes=1)).seconds


def test_a_day_is_that_of_the_reports_zone(tmp_path: Path) -> None:
    """23:30 on Monday in UTC is Tuesday in Berlin; and the data begins there at midnight sharp."""
    found = trend(
        tmp_path,
        ("a", "mon 23:00 in", "23:10 out Ana"),
        ("b", "mon 23:30 in", "23:40 out Ana"),
        policy='time_zone = "Europe/Berlin"\n' + ANSWER,
        as_of=instant("tue 23:00"),
    )
    assert told(found) == [("2026-03-03", False, 2, 0), ("2026-03-04", True, 0, 0)]


def test_weeks_begin_on_monday_and_months_on_the_first(tmp_path: Path) -> None:
    lines = (("a", "sun 12:00 in", "12:10 out"), ("b", "2026-04-01 12:00 in", "12:10 out"))
    weeks = trend(tmp_path, *lines, period="week")
    assert [f"{point.start:%a %d.%m.}" for point in weeks.points] == [
        "Mon 02.03.", "Mon 09.03.", "Mon 16.03.", "Mon 23.03.", "Mon 30.03.",
    ]  # fmt: skip
    assert [point.is_partial for point in weeks.points] == [True, False, False, False, True]
    months = trend(tmp_path, *lines, period="month")
    assert told(months) == [("2026-03-01", True, 1, 0), ("2026-04-01", True, 1, 0)]


@pytest.mark.parametrize(
    ("last", "period"), [("2026-04-15", "day"), ("2026-04-18", "week"), ("2027-04-01", "month")]
)
def test_the_span_chooses_the_period(tmp_path: Path, last: str, period: str) -> None:
    found = trend(tmp_path, ("a", "mon 12:00 in", f"{last} 12:00 out"))
    assert found.period == period


def test_since_and_until_cut_the_trend_and_what_they_cut_whole_is_whole(tmp_path: Path) -> None:
    found = trend(
        tmp_path,
        ("a", "mon 09:00 in", "09:10 out"),
        ("b", "wed 09:00 in", "09:10 out"),
        ("c", "sat 09:00 in", "09:10 out"),
        since=instant("tue 00:00"),
        until=instant("fri 12:00"),
    )
    assert told(found) == [
        ("2026-03-03", False, 0, 0),
        ("2026-03-04", False, 1, 0),
        ("2026-03-05", False, 0, 0),
        ("2026-03-06", True, 0, 0),
    ]


def test_each_sla_is_told_over_the_data_of_its_own_systems(tmp_path: Path) -> None:
    rows = timeline("a", "mon 09:00 in system=desk", "10:00 out system=desk")
    rows += timeline("b", "wed 09:00 in system=chat", "10:00 out system=chat")
    policy = sla("desk", "first_response", "1h", 'when = { system = ["desk"] }')
    policy += sla("rest", "first_response", "1h") + sla("none", "resolution", "1h")
    found = {
        t.sla: [p.start.day for p in t.points] for t in asked(tmp_path, rows, policy)[1].trends
    }
    assert found == {"desk": [2], "rest": [4], "none": [2, 3, 4]}


def test_a_wait_of_exactly_an_edge_is_counted_below_it(tmp_path: Path) -> None:
    """0 s and 60 s up to a minute, 61 s above; 3600 s is met, 3601 s is not; two days are the last."""
    rows = []
    for n, seconds in enumerate((0, 60, 61, 3600, 3601, 172_800)):
        asked_at = datetime(2026, 3, 2, 9, tzinfo=UTC)
        answered = (asked_at + timedelta(seconds=seconds)).strftime("%Y-%m-%d %H:%M:%S")
        rows += timeline(f"c{n}", "09:00 in", f"{answered} out Ana")
    (found,) = asked(tmp_path, rows)[1].distributions
    minutes = [edge / 60 for edge in found.edges_seconds]
    assert minutes == [0, 1, 2, 5, 10, 15, 30, 60, 120, 240, 480, 720, 1440]
    assert found.counts == (2, 1, 0, 0, 0, 0, 1, 1, 0, 0, 0, 0, 1)


def test_the_target_is_an_edge_whatever_it_is() -> None:
    for seconds in (1, 7, 90, 3599, 5 * 86_400, 4_000_000):
        target = timedelta(seconds=seconds)
        edges = edges_for(target)
        assert edges[0] == timedelta()
        assert target in edges
        assert list(edges) == sorted(set(edges))


def test_demand_and_answers_are_people_and_bots_are_neither(tmp_path: Path) -> None:
    rows = timeline(
        "a",
        "mon 09:00 in",
        "09:01 auto",
        "09:59:59 in",
        "10:00 bot",
        "10:30 out Ana",
        "11:00 note Ana",
        "sun 23:59 auto-in",
    )
    hours = asked(tmp_path, rows)[1].hours
    assert hours is not None
    assert {hour: n for hour, n in enumerate(hours.demand) if n} == {9: 2}
    assert {hour: n for hour, n in enumerate(hours.answers) if n} == {10: 1}
    assert len(hours.demand) == len(hours.answers) == len(hours.backlog) == 7 * 24


def test_backlog_is_who_waits_as_the_hour_begins(tmp_path: Path) -> None:
    """One waits from 09:30 to 11:00 sharp and again from 11:20 on; one, unanswered, from 10:00 sharp."""
    rows = timeline("a", "09:30 in", "11:00 out Ana", "11:20 in")
    rows += timeline("b", "10:00 in")
    hours = asked(tmp_path, rows, as_of=instant("13:00"))[1].hours
    assert hours is not None
    assert hours.backlog[9:15] == (0, 2, 1, 2, 2, 0)


def test_backlog_is_a_mean_over_weeks(tmp_path: Path) -> None:
    rows = timeline("a", "mon 09:30 in", "10:30 out Ana", "mon+1 09:30 out Ana")
    hours = asked(tmp_path, rows, as_of=instant("mon+1 11:00"))[1].hours
    assert hours is not None
    assert (hours.backlog[9], hours.backlog[10]) == (0, 0.5)


def test_the_hours_that_would_save_most_are_named_where_the_goal_is_missed(
    tmp_path: Path,
) -> None:
    """4 of 8 met and 75 % wanted: 2 to avert. Monday 10-11 holds 2, Tuesday one, Wednesday one."""
    quick = [timeline(f"q{n}", f"sat 0{n}:00 in", f"sat 0{n}:10 out Ana") for n in range(4)]
    late = [
        timeline(f"l{n}", f"{at} in", f"sun 0{n}:00 out Ana")
        for n, at in enumerate(("mon 10:05", "mon 10:55", "tue 11:00", "wed 12:00"))
    ]
    rows = [row for talk in (*quick, *late) for row in talk]
    policy = ANSWER.replace("95%", "75%") + ANSWER.replace("answer", "kept", 1).replace(
        "95%", "50%"
    ).replace("goal", "also = true\ngoal")
    hours = asked(tmp_path, rows, policy)[1].hours
    assert hours is not None
    assert hours.to_avert == {"answer": 2}
    assert hours.blocks == {"answer": (Block(0, 10, 11, 2),)}
    assert sum(hours.breached["kept"]) == sum(hours.breached["answer"]) == 4


def test_the_hours_named_are_those_of_whatif(root: Path) -> None:
    folder = root / "sample_exports"
    settings = load_policy(folder / "kpiaudit.toml")
    request = Request(paths=(str(folder),), settings=settings, views=frozenset({"staffing"}))
    audited = audit(request)
    hours = assemble(audited, collect_summaries(audited)).views.hours
    supposed = {outlook.sla.name: outlook for outlook in suppose(audited, Suppositions()).slas}
    assert hours is not None
    assert hours.to_avert == {
        name: outlook.to_avert for name, outlook in supposed.items() if outlook.to_avert
    }
    assert len(hours.to_avert) > 0
    for name, blocks in hours.blocks.items():
        (by_start,) = (week for week in supposed[name].weeks if week.edge == "started")
        assert (hours.breached[name], blocks) == (by_start.by_hour, by_start.blocks)


def test_spam_waits_for_nobody(tmp_path: Path) -> None:
    rows = timeline("a", "09:30 in") + timeline("b", "09:30 in", "09:40 status spam")
    hours = asked(tmp_path, rows, as_of=instant("11:00"))[1].hours
    assert hours is not None
    assert hours.backlog[10] == 1


def test_nothing_is_computed_that_nobody_asked_for(tmp_path: Path) -> None:
    request = written(tmp_path, {"m.csv": canonical_csv(timeline("a", "09:00 in"))}, ANSWER)
    views = report(request).views
    assert (views.trends, views.distributions, views.hours) == ((), (), None)


def test_an_empty_folder_has_empty_views(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    views = report(replace(written(tmp_path, {}, ANSWER), views=frozenset(VIEWS))).views
    assert [found.points for found in views.trends] == [()]
    assert sum(views.distributions[0].counts) == 0
    assert views.hours is not None
    assert not any(views.hours.demand + views.hours.answers + views.hours.backlog)


def month_of_questions(seed: int) -> list[Row]:
    """Five weeks across the change of clocks at the end of March, nobody tidy."""
    random, rows = Random(seed), []
    begin = datetime(2026, 3, 9, tzinfo=UTC)
    for number in range(120):
        at = begin + timedelta(seconds=random.randrange(35 * 86_400))
        lines = []
        for _ in range(random.randint(1, 6)):
            event = random.choice(["in", "in", "out Ana", "out Ben"])
            lines.append(f"{at:%Y-%m-%d %H:%M:%S} {event}")
            at += timedelta(seconds=random.choice([600, 3600, 7200, 90_000]) + random.randrange(60))
        rows += timeline(f"c{number:03}", f"{begin:%Y-%m-%d} 00:00 update", *lines)
    return rows


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "Asia/Kathmandu"])
def test_every_view_equals_a_walk_over_the_events(tmp_path: Path, seed: int, zone: str) -> None:
    rows, as_of, local = month_of_questions(seed), instant("2026-04-13 12:00"), ZoneInfo(zone)
    policy = (
        f'time_zone = "{zone}"\n'
        + sla("answer", "first_response", "2h")
        + sla("each", "every_response", "2h")
    )
    request, views = asked(tmp_path, rows, policy, as_of=as_of, period="week")
    ledger = clocks(request)
    assert views.hours is not None
    for found, spread in zip(views.trends, views.distributions, strict=True):
        mine = of(ledger, sla=found.sla)
        weeks = Counter(monday(row["started_at"], local) for row in mine)
        broken = Counter(monday(row["started_at"], local) for row in of(mine, outcome="breached"))
        assert {p.start: p.figures.clocks for p in found.points} == {
            p.start: weeks[p.start] for p in found.points
        }
        assert sum(weeks.values()) == sum(p.figures.clocks for p in found.points) > 50
        assert [p.figures.breached for p in found.points] == [broken[p.start] for p in found.points]
        decided = [row for row in mine if row["outcome"] in {"met", "breached"}]
        assert list(spread.counts) == binned(decided, list(spread.edges_seconds))
        at = spread.edges_seconds.index(spread.target_seconds)
        assert sum(spread.counts[:at]) == len(of(mine, outcome="met")) > 10
        assert views.hours.decided[found.sla] == week([row["started_at"] for row in decided], local)
        assert views.hours.breached[found.sla] == week(
            [row["started_at"] for row in of(mine, outcome="breached")], local
        )
    events = [(row, datetime.fromisoformat(row["sent_at"])) for row in rows]
    events = [(row, at) for row, at in events if at <= as_of]
    assert views.hours.demand == week(
        [at for row, at in events if row["event"] == "inbound"], local
    )
    assert views.hours.answers == week(
        [at for row, at in events if row["event"] == "outbound"], local
    )
    assert views.hours.backlog == pytest.approx(walked(events, as_of, local))


def monday(at: datetime, zone: ZoneInfo) -> date:
    day = at.astimezone(zone).date()
    return day - timedelta(days=day.weekday())


def week(instants: list[datetime], zone: ZoneInfo) -> tuple[int, ...]:
    counts = [0] * 168
    for at in instants:
        local = at.astimezone(zone)
        counts[local.weekday() * 24 + local.hour] += 1
    return tuple(counts)


def binned(rows: list[dict[str, Any]], edges: list[float]) -> list[int]:
    counts = [0] * len(edges)
    for row in rows:
        counts[max(sum(row["elapsed_seconds"] > edge for edge in edges) - 1, 0)] += 1
    return counts


def walked(events: list[tuple[Row, datetime]], as_of: datetime, zone: ZoneInfo) -> list[float]:
    """Walk minute by minute: at each local full hour, ask every conversation whether it waits."""
    talks: dict[str, list[tuple[datetime, str]]] = {}
    for row, at in events:
        talks.setdefault(row["conversation_id"], []).append((at, row["event"]))
    begin = min(at for _, at in events)
    sums, hours = [0] * 168, [0] * 168
    at = datetime.combine(begin.date(), time(), UTC)
    while at <= as_of:
        local = at.astimezone(zone)
        if local.minute == 0 and begin <= at:
            hour = local.weekday() * 24 + local.hour
            hours[hour] += 1
            sums[hour] += sum(waits(talk, at) for talk in talks.values())
        at += timedelta(minutes=15)
    return [total / n if n else 0.0 for total, n in zip(sums, hours, strict=True)]


def waits(talk: list[tuple[datetime, str]], at: datetime) -> bool:
    said = [event for sent, event in sorted(talk) if sent <= at and event != "update"]
    return bool(said) and said[-1] == "inbound"


def test_json_holds_every_view_and_the_words_of_the_option(root: Path) -> None:
    exports = root / "sample_exports"
    policy = ("-c", exports / "kpiaudit.toml", "-q")
    found = json.loads(kpiaudit("report", exports, *policy, "--format", "json").out)
    views = found["views"]
    assert [t["sla"] for t in views["trends"]] == [s["name"] for s in found["slas"]]
    for shown, spread, judged in zip(
        views["trends"], views["distributions"], found["slas"], strict=True
    ):
        for figure in ("clocks", "met", "breached", "open", "n"):
            assert sum(point[figure] for point in shown["points"]) == judged[figure]
        assert sum(spread["counts"]) == judged["met"] + judged["breached"]
        decided = views["hours_of_week"]["decided"][judged["name"]]
        assert sum(decided) == judged["met"] + judged["breached"]


def test_a_view_nobody_knows_is_refused(root: Path) -> None:
    ran = kpiaudit("report", root / "sample_exports", "--view", "trends")
    assert ran.code == 2
    assert "did you mean 'trend'" in ran.err
