"""`calendar show`: the months of the sample calendars, and days that are not like the others."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from commands import kpiaudit

from kpiaudit.renderers.calendar import open_time

Golden = Callable[[str, str | bytes], None]
SHOW = ("calendar", "show", "support", "-c", "sample_exports/kpiaudit.toml")
ODD = """
[[sla]]
name = "a"
metric = "first_response"
target = "1h"
goal = "95%"
calendar = "odd"
[calendars.odd]
time_zone = "Europe/Berlin"
hours = { mon-fri = ["09:00-12:30", "13:00-17:30"], sat = ["22:00-06:00"] }
shifts = { 2026-03-31 = ["20:00-02:00"] }
breaks = { 2026-03-27 = ["12:00-14:00"] }
holidays = { add = [2026-03-26] }
"""


@pytest.mark.parametrize(
    ("name", "columns", "options"),
    [
        ("calendar.80.txt", "80", ("--from", "2026-09", "--to", "2026-10")),
        ("calendar.120.txt", "120", ("--from", "2026-09")),
        ("calendar.week.txt", "80", ()),
        ("calendar.json", "80", ("--from", "2026-09-18", "--to", "2026-09-24", "--format", "json")),
    ],
)
def test_a_sample_calendar(
    golden: Golden,
    root: Path,
    monkeypatch: pytest.MonkeyPatch,
    name: str,
    columns: str,
    options: tuple[str, ...],
) -> None:
    monkeypatch.chdir(root)
    monkeypatch.setenv("COLUMNS", columns)
    ran = kpiaudit(*SHOW, *options)
    assert (ran.code, ran.err) == (0, "")
    assert max(map(len, ran.out.splitlines())) <= int(columns)
    golden(f"sample/{name}", ran.out)


@pytest.fixture
def odd(tmp_path: Path) -> Path:
    policy = tmp_path / "odd.toml"
    policy.write_text(ODD)
    return policy


def test_days_have_the_open_time_a_person_counts(odd: Path) -> None:
    """By hand: the Saturday night shift has 2 h before midnight and 5 after, for clocks go forward."""
    ran = kpiaudit("calendar", "show", "odd", "-c", odd, "--from", "2026-03-25", "--to", "2026-04-01",
                   "--format", "json")  # fmt: skip
    found = json.loads(ran.out)
    days = {day["date"][5:]: (day["rule"], day["open_seconds"] / 3600) for day in found["days"]}
    assert days == {
        "03-25": ("hours", 8),
        "03-26": ("holiday", 0),
        "03-27": ("hours", 6.5),
        "03-28": ("hours", 2),
        "03-29": ("none", 5),
        "03-30": ("hours", 8),
        "03-31": ("shift", 4),
        "04-01": ("hours", 10),
    }
    assert found["open_seconds"] == (8 + 6.5 + 2 + 5 + 8 + 4 + 10) * 3600
    assert found["days"][4]["length_seconds"] == 23 * 3600
    assert found["days"][2]["open"] == ["09:00-12:00", "14:00-17:30"]
    assert found["days"][2]["breaks"] == ["12:00-12:30", "13:00-14:00"]


def test_what_sets_a_date_apart_is_written_below(odd: Path) -> None:
    page = kpiaudit("calendar", "show", "odd", "-c", odd, "--from", "2026-03").out
    assert [line.strip() for line in page.splitlines()[-4:]] == [
        "Thu 26  h  holiday  closed by the policy",
        "Fri 27  b  break    12:00-12:30, 13:00-14:00",
        "Sun 29  c  clocks   go forward: the date has 23h",
        "Tue 31  s  shift    20:00-02:00 instead of 09:00-12:30, 13:00-17:30",
    ]


@pytest.mark.parametrize(
    ("time", "said"),
    [
        (timedelta(), "closed"),
        (timedelta(hours=8), "8h"),
        (timedelta(hours=7, minutes=30), "7h30"),
        (timedelta(minutes=45), "45m"),
        (timedelta(hours=1, seconds=5), "1h00:05"),
        (timedelta(hours=1234), "1,234h"),
    ],
)
def test_open_time_is_said_as_people_say_it(time: timedelta, said: str) -> None:
    assert open_time(time) == said
