from __future__ import annotations

import subprocess
import sys
import tomllib
from dataclasses import fields
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kpiaudit.definitions import MEANINGS, PROFILES, differences
from kpiaudit.errors import PolicyError
from kpiaudit.policy.load import load_policy, parse_policy
from kpiaudit.settings import (
    DEFAULT_SETTINGS,
    CalendarSettings,
    ColumnMapping,
    Definitions,
    Exclusion,
    Holidays,
    Join,
    Settings,
    Sla,
    SourceMapping,
    Team,
    Us,
    ValueProposition,
)

SAMPLE = """\
#:schema ./kpiaudit.schema.json
time_zone = "Europe/Berlin"
max_reject_share = "1%"

[value_proposition]
statement   = "Every social post gets a human answer within one hour"
competes_on = "satisfaction"

[[sla]]
name     = "social-first-response"
metric   = "first_response"
target   = "1h"
goal     = "95%"
warn_below = "97%"
calendar = "support"
when     = { channel = ["social"] }
min_sample = 1

[[sla]]
name = "all-answers"
metric = "every_response"
target = "1 day"
goal = "99.5%"
also = true
goal_by = ["team", "channel"]
allow_empty = true

[[exclude]]
when   = { tag = ["test"] }
reason = "internal tests"

[calendars.support]
time_zone = "America/New_York"
hours     = { mon-thu = ["09:00-12:30", "13:00-17:30"], fri = ["09:00-15:00"], sun = ["22:00-06:00"] }
holidays  = { country = "DE", subdivision = "BE", add = [2026-12-24], remove = ["2026-10-03"], \
recurring = ["FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1"], ics = "closures.ics" }
shifts    = { 2026-12-31 = ["09:00-12:00"] }
breaks    = { 2026-05-04 = ["12:00-15:00"] }

[teams.social_care]
model    = "designated"
sourcing = "internal"
tier     = 1
channels = ["social"]
agents   = ["Ana", "ben@example.com"]
names    = ["Social Care EMEA"]
cost_per_hour = 21.5

[us]
accounts = ["AcmeHelp"]
domains  = ["example.com"]
agents   = ["Ana", "Ben"]
bots     = ["Operator", "AcmeBot"]

[definitions]
profile = "contract"
conversation_gap = "12h"
resolution_paused_by = ["pending"]
policy_at = "start"

[sources.our_crm]
files   = "crm_*.csv"
instance = "crm"
join = [{ name = "users", files = "users.csv", on = { "Agent ID" = "id" } }]

[sources.our_crm.columns]
conversation_id = "Case"
sent_at = { column = "When", format = "%d/%m/%Y %H:%M", time_zone = "Europe/Berlin" }
event = { column = "Dir", values = { IN = "inbound", OUT = "outbound" } }
channel = { constant = "email" }
is_automated = { column = "Author", same_as = "users.bot", values = { true = true, false = false } }
tags = { column = "Labels", separator = "|" }
"""

HOUR = 3600


@pytest.fixture
def sample(tmp_path: Path) -> Settings:
    (tmp_path / "closures.ics").write_text("BEGIN:VCALENDAR\nEND:VCALENDAR\n", encoding="utf-8")
    policy = tmp_path / "kpiaudit.toml"
    policy.write_text(SAMPLE, encoding="utf-8")
    return load_policy(policy)


def load(folder: Path, text: str, name: str = "kpiaudit.toml") -> Settings:
    (folder / name).write_text(text, encoding="utf-8")
    return load_policy(folder / name)


def test_the_sample_gives_its_slas(sample: Settings) -> None:
    assert sample.slas == (
        Sla(
            name="social-first-response",
            metric="first_response",
            target=timedelta(hours=1),
            goal=0.95,
            calendar="support",
            when={"channel": ("social",)},
            warn_below=0.97,
            min_sample=1,
        ),
        Sla(
            name="all-answers",
            metric="every_response",
            target=timedelta(days=1),
            goal=0.995,
            also=True,
            goal_by=("team", "channel"),
            allow_empty=True,
        ),
    )
    assert sample.exclusions == (Exclusion({"tag": ("test",)}, "internal tests"),)
    assert sample.value_proposition == ValueProposition(
        "Every social post gets a human answer within one hour"
    )


def test_the_sample_gives_its_calendar(sample: Settings, tmp_path: Path) -> None:
    weekday = ((9 * HOUR, 12 * HOUR + 1800), (13 * HOUR, 17 * HOUR + 1800))
    assert sample.calendars == {
        "support": CalendarSettings(
            name="support",
            time_zone="America/New_York",
            hours={
                0: weekday,
                1: weekday,
                2: weekday,
                3: weekday,
                4: ((9 * HOUR, 15 * HOUR),),
                6: ((22 * HOUR, 6 * HOUR),),
            },
            shifts={date(2026, 12, 31): ((9 * HOUR, 12 * HOUR),)},
            breaks={date(2026, 5, 4): ((12 * HOUR, 15 * HOUR),)},
            holidays=Holidays(
                country="DE",
                subdivision="BE",
                add=(date(2026, 12, 24),),
                remove=(date(2026, 10, 3),),
                recurring=("FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1",),
                ics=str(tmp_path / "closures.ics"),
            ),
        )
    }


def test_the_sample_says_who_we_are_and_how_to_count(sample: Settings, tmp_path: Path) -> None:
    assert sample.time_zone == "Europe/Berlin"
    assert sample.max_reject_share == 0.01
    assert sample.us == Us(("AcmeHelp",), ("example.com",), ("Ana", "Ben"), ("Operator", "AcmeBot"))
    assert sample.teams == (
        Team(
            name="social_care",
            agents=("Ana", "ben@example.com"),
            names=("Social Care EMEA",),
            model="designated",
            sourcing="internal",
            tier=1,
            channels=("social",),
            cost_per_hour=21.5,
        ),
    )
    assert sample.definitions == Definitions(
        profile="contract",
        resolution_paused_by=("pending",),
        conversation_gap=timedelta(hours=12),
        policy_at="start",
    )
    assert sample.path == str(tmp_path / "kpiaudit.toml")
    assert sample.raw["sla"][0]["target"] == "1h"


def test_the_sample_maps_a_foreign_file(sample: Settings) -> None:
    assert sample.sources == (
        SourceMapping(
            name="our_crm",
            files="crm_*.csv",
            instance="crm",
            columns={
                "conversation_id": ColumnMapping(column="Case"),
                "sent_at": ColumnMapping(
                    column="When", format="%d/%m/%Y %H:%M", time_zone="Europe/Berlin"
                ),
                "event": ColumnMapping(column="Dir", values={"IN": "inbound", "OUT": "outbound"}),
                "channel": ColumnMapping(constant="email"),
                "is_automated": ColumnMapping(
                    column="Author",
                    same_as="users.bot",
                    values={"true": "true", "false": "false"},
                ),
                "tags": ColumnMapping(column="Labels", separator="|"),
            },
            joins=(Join(name="users", files="users.csv", left="Agent ID", right="id"),),
        ),
    )


def test_an_empty_policy_keeps_the_default_promise(tmp_path: Path) -> None:
    loaded = load(tmp_path, "")
    assert loaded.slas == DEFAULT_SETTINGS.slas
    assert loaded.value_proposition == DEFAULT_SETTINGS.value_proposition
    assert loaded.definitions == DEFAULT_SETTINGS.definitions
    assert loaded.max_reject_share == DEFAULT_SETTINGS.max_reject_share


def test_slas_without_a_statement_speak_for_themselves(tmp_path: Path) -> None:
    text = '[[sla]]\nname = "fast"\nmetric = "next_response"\ntarget = "90m"\ngoal = "80%"\n'
    loaded = load(tmp_path, text)
    assert loaded.value_proposition == ValueProposition(
        "fast: next response within 1h 30m, 80% of the time"
    )


@pytest.mark.parametrize(
    ("hours", "days"),
    [
        ('mon = ["00:00-24:00"]', {0: ((0, 24 * HOUR),)}),
        ('mon = ["9:00-17:00:30"]', {0: ((9 * HOUR, 17 * HOUR + 30),)}),
        (
            'sat-mon = ["10:00-11:00"]',
            dict.fromkeys((0, 5, 6), ((10 * HOUR, 11 * HOUR),)),
        ),
        (
            'fri = [], thu-sat = ["10:00-11:00"]',
            dict.fromkeys((3, 5), ((10 * HOUR, 11 * HOUR),)),
        ),
        (
            'tue = ["12:00-13:00"], mon-tue = ["10:00-11:00"]',
            {0: ((10 * HOUR, 11 * HOUR),), 1: ((12 * HOUR, 13 * HOUR),)},
        ),
    ],
)
def test_hours_are_read_by_day_and_a_day_beats_a_range(
    tmp_path: Path, hours: str, days: dict[int, tuple[tuple[int, int], ...]]
) -> None:
    loaded = load(tmp_path, f'time_zone = "UTC"\n[calendars.a]\nhours = {{ {hours} }}\n')
    assert loaded.calendars["a"].hours == days


def test_a_calendar_takes_the_zone_of_the_policy(tmp_path: Path) -> None:
    text = 'time_zone = "Asia/Kolkata"\n[calendars.a.hours]\nmon = ["09:00-17:00"]\n'
    assert load(tmp_path, text).calendars["a"].time_zone == "Asia/Kolkata"


def test_the_table_in_pyproject_is_the_same_policy(tmp_path: Path) -> None:
    own = load(tmp_path, 'time_zone = "UTC"\n')
    text = '[tool.kpiaudit]\ntime_zone = "UTC"\n'
    assert load(tmp_path, text, "pyproject.toml").time_zone == own.time_zone == "UTC"


def test_faults_in_pyproject_are_named_from_its_top(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load(tmp_path, '[tool.kpiaudit]\ntime_zone = ""\n', "pyproject.toml")
    assert caught.value.faults == (("tool.kpiaudit.time_zone", "must not be empty"),)


@pytest.mark.parametrize(
    ("content", "line"),
    [
        (b'a = 1\nb = "x\n', "line 2, column 7: not TOML: illegal character '\\n'"),
        (b"a = ", "line 1, column 4: not TOML: invalid value"),
        (b"a = 1\na = 2\n", "line 2, column 6: not TOML: cannot overwrite a value"),
        (b'a = "\xff"\n', "is not UTF-8 text; save it as UTF-8"),
    ],
)
def test_a_file_that_is_not_toml_is_refused_with_the_place(
    tmp_path: Path, content: bytes, line: str
) -> None:
    policy = tmp_path / "kpiaudit.toml"
    policy.write_bytes(content)
    with pytest.raises(PolicyError) as caught:
        load_policy(policy)
    assert caught.value.lines() == [f"{policy}: {line}"]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    policy = tmp_path / "kpiaudit.toml"
    policy.write_bytes(b'\xef\xbb\xbftime_zone = "UTC"\n')
    assert load_policy(policy).time_zone == "UTC"


def test_a_policy_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load_policy(tmp_path / "none.toml")
    assert caught.value.lines() == [f"{tmp_path / 'none.toml'}: there is no such file"]


def test_a_pyproject_without_the_table_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PolicyError) as caught:
        load(tmp_path, "[tool.ruff]\n", "pyproject.toml")
    assert caught.value.faults == (("", "has no [tool.kpiaudit] table"),)


def test_the_policy_is_shown_from_the_working_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "deep").mkdir()
    monkeypatch.chdir(tmp_path / "deep")
    assert load(tmp_path, "").path == "../kpiaudit.toml"


def places(value: object, here: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    entries: list[tuple[str | int, object]] = []
    if isinstance(value, dict):
        entries = list(value.items())
    elif isinstance(value, list):
        entries = list(enumerate(value))
    return [here, *(place for key, entry in entries for place in places(entry, (*here, key)))]


JUNK: tuple[object, ...] = (
    *(True, -1, 1.5, float("nan"), "", "x", "95%", date.min),
    *([], [1], ["x"], [{}], [[]], {}, {"x": 1}, {"x": {}}),
)


@given(st.data())
@settings(max_examples=100)
def test_whatever_stands_in_the_place_of_a_value_hides_no_other_fault(data: st.DataObject) -> None:
    policy = tomllib.loads(SAMPLE)
    place = data.draw(st.sampled_from(places(policy)[1:]))
    here: Any = policy
    for part in place[:-1]:
        here = here[part]
    here[place[-1]] = data.draw(st.sampled_from(JUNK))
    with pytest.raises(PolicyError) as caught:
        parse_policy({**policy, "no_such_key": 1}, path="p", folder=Path())
    assert "no_such_key" in dict(caught.value.faults)
    assert all(map(all, caught.value.faults))


def test_finding_a_policy_loads_neither_pydantic_nor_polars() -> None:
    code = (
        "import sys; import kpiaudit.policy, kpiaudit.policy.discovery; "
        "print(sorted({'pydantic', 'polars'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=Path.cwd()
    )
    assert done.stdout == "[]\n"


def test_a_profile_sets_all_of_a_tools_rules_and_what_is_written_beats_it(tmp_path: Path) -> None:
    zammad = load(tmp_path, '[definitions]\nprofile = "zammad"\n').definitions
    assert zammad == PROFILES["zammad"].definitions
    text = '[definitions]\nprofile = "zammad"\nnext_includes_first = false\nfirst_paused_by = []\n'
    loaded = load(tmp_path, text).definitions
    assert differences(loaded, zammad) == ("first_paused_by", "next_includes_first")


def test_every_option_has_a_meaning_and_every_profile_its_own_name() -> None:
    assert {"profile", *MEANINGS} == {field.name for field in fields(Definitions)}
    assert all(profile.definitions.profile == name for name, profile in PROFILES.items())
    assert all(profile.read_in for profile in PROFILES.values())
    assert PROFILES["contract"].definitions == Definitions()
