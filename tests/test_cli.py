"""Every command and option as a user meets it: what ends with which code, and what stderr says first."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from commands import HEADER, Ran, exchange, kpiaudit, messages

from kpiaudit.cli import audits
from kpiaudit.cli.words import DIMENSIONS, GROUPABLE
from kpiaudit.schema import DIMENSIONS as SCHEMA_DIMENSIONS
from kpiaudit.schema import GROUPABLE as SCHEMA_GROUPABLE

MISTAKES = """
colour = "red"
[[sla]]
name = "a"
metric = "first_respons"
target = 60
goal = "195%"
calendar = "nope"
"""
STRICT_PROMISE = """
[value_proposition]
statement = "We answer in an hour"
[[sla]]
name = "answer"
metric = "first_response"
target = "1h"
goal = "{goal}"
"""
DESK = """
[calendars.desk]
time_zone = "Europe/Berlin"
hours = { mon-fri = ["09:00-17:00"] }
"""
FIRST_REJECT = (
    "warning: 1 row was rejected, the first bad_date.csv:3 (sent_at: not a date); "
    "`kpiaudit inspect EXPORTS --rejects FILE` lists them all"
)
UNKNOWN = "list.csv: no source claims this file"
COLUMNS = "its columns are name, colour; draft a mapping with `kpiaudit init FILE`"
REJECTED = (
    "kpiaudit: warning: 25.0% of the rows were rejected, more than max_reject_share 1.0%, "
    "most in bad_date.csv (1 of 4): the figures rest on the rest"
)
NO_HOURS = "first-response runs around the clock: there are no hours to add to"
TIMES = '"45s", "1h 30m", "1.5h", "2 days" or "PT1H30M"'
CUT_OFF = (
    "kpiaudit: warning: tickets.json: the file is cut off, and what followed its last row is missing; "
    "export it again"
)


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KPIAUDIT_")]:
        monkeypatch.delenv(name)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of everything that can go wrong; no test writes into it."""
    folder = tmp_path_factory.mktemp("cli")
    (folder / ".git").mkdir()  # the policy search ends here
    (folder / "empty").mkdir()
    (folder / "photos").mkdir()
    (folder / "photos" / "a.jpg").write_bytes(b"\xff\xd8\xff\xe0JFIF")
    (folder / "photos" / "b.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    kept, broken = exchange("c1", 30), exchange("c2", 120)
    messages(folder / "kept.csv", kept)
    messages(folder / "half.csv", [*kept, *broken])
    messages(
        folder / "bad_date.csv", [*kept, broken[0].replace("2026-09-01", "yesterday "), broken[1]]
    )
    messages(folder / "mixed" / "kept.csv", kept)
    messages(folder / "wrong" / "list.csv", ["ann,red"], header="name,colour")
    messages(folder / "mixed" / "list.csv", ["ann,red"], header="name,colour")
    tickets = [ticket(number) for number in range(1, 301)]
    text = json.dumps({"tickets": tickets})
    (folder / "cut").mkdir()
    (folder / "cut" / "tickets.json").write_text(text[: len(text) - 60])
    (folder / "empty.csv").write_bytes(b"")
    (folder / "binary.csv").write_bytes(bytes(range(256)) * 8)
    (folder / "five.toml").write_text(MISTAKES)
    (folder / "half.toml").write_text(STRICT_PROMISE.format(goal="50%"))
    (folder / "desk.toml").write_text(
        STRICT_PROMISE.format(goal="50%") + 'calendar = "desk"\n' + DESK
    )
    (folder / "chat.toml").write_text(
        STRICT_PROMISE.format(goal="50%") + 'when = { channel = ["chat"] }\n'
    )
    return folder


def ticket(number: int) -> dict[str, object]:
    return {
        "id": number,
        "created_at": "2026-09-01T10:00:00Z",
        "updated_at": "2026-09-01T10:30:00Z",
        "requester_id": 7,
        "submitter_id": 7,
        "assignee_id": 8,
        "status": "solved",
        "via": {"channel": "email"},
    }


@pytest.fixture(autouse=True)
def in_it(made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(made)


TABLE = [
    # nothing to complain about
    ("report kept.csv", 0, ""),
    ("report half.csv", 0, ""),
    ("check kept.csv", 0, ""),
    ("inspect kept.csv", 0, ""),
    ("clocks kept.csv", 0, ""),
    ("normalize kept.csv", 0, ""),
    ("sources", 0, ""),
    ("config check", 0, ""),
    ("config show", 0, ""),
    ("--help", 0, ""),
    # a goal missed, and what counts as one
    ("check half.csv", 1, ""),
    ("check half.csv --fail-under 50", 0, ""),
    ("check half.csv --fail-under 50.1", 1, ""),
    ("check half.csv --fail-on never", 0, ""),
    ("check half.csv -c half.toml", 0, ""),
    ("check half.csv -c half.toml --no-config", 1, ""),
    # nothing to judge
    ("report empty", 4, "warning: no file in empty: there is nothing to judge"),
    ("check empty", 4, "warning: no file in empty: there is nothing to judge"),
    ("inspect empty", 4, "warning: no file in empty: there is nothing to judge"),
    ("clocks empty", 4, "warning: no file in empty: the table is empty"),
    ("normalize empty", 4, "warning: no file in empty: the table is empty"),
    ("check kept.csv -c chat.toml", 4, "warning: answer: no clock matches it"),
    ("check kept.csv --since 2027-01-01", 4, "warning: first-response: no clock matches it"),
    # the command line
    ("", 2, "Usage: kpiaudit [OPTIONS] COMMAND [ARGS]..."),
    ("config", 2, "Usage: kpiaudit config [OPTIONS] COMMAND [ARGS]..."),
    ("report", 2, "error: missing argument 'EXPORTS...'"),
    ("repot x", 2, "error: no such command 'repot'. Did you mean 'report'?"),
    ("report kept.csv --verbse", 2, "error: no such option: --verbse; did you mean --verbose?"),
    ("report kept.csv --top", 2, "error: option '--top' requires an argument"),
    ("report kept.csv --top 0", 2, "error: invalid value for '--top': 0 is not in the range x>=1"),
    (
        "check kept.csv --fail-under 101",
        2,
        "error: invalid value for '--fail-under' (env var: 'KPIAUDIT_FAIL_UNDER'): 101.0 is not in the range 0<=x<=100",
    ),
    ("check kept.csv --fail-on maybe", 2, "error: --fail-on: 'maybe' is none of its words"),
    ("report kept.csv --format jso", 2, "error: --format: 'jso' is none of its words; did you mean 'json'?"),
    ("check kept.csv --format csv", 2, "error: --format: 'csv' is none of its words"),
    ("inspect kept.csv --format xml", 2, "error: --format: 'xml' is none of its words"),
    ("report kept.csv --by team,chanel", 2, "error: --by: no dimension is called 'chanel'; did you mean 'channel'?"),
    ("report kept.csv --since 1.9.2026", 2, "error: --since: '1.9.2026' is not a date"),
    ("report kept.csv --until 2026-02-30", 2, "error: --until: '2026-02-30' is not a date"),
    ("report kept.csv --as-of soon", 2, "error: --as-of: 'soon' is not a date"),
    ("report kept.csv --tz Berlin", 2, "error: --tz: no time zone is called 'Berlin'; did you mean 'Europe/Berlin'?"),
    ("report kept.csv --tz Mars", 2, "error: --tz: no time zone is called 'Mars'"),
    ("report kept.csv --source zendesk", 2, "error: --source: 'zendesk' is not NAME=GLOB"),
    (
        "report kept.csv --source zendesk_jsn=*.csv",
        2,
        "error: --source: no source is called 'zendesk_jsn'; did you mean 'zendesk_json'?",
    ),
    (
        "report kept.csv --source zendesk_json=*.csv",
        2,
        "error: kept.csv: is csv, but zendesk_json reads json, ndjson",
    ),
    # the policy
    ("report kept.csv -c nope.toml", 2, "error: nope.toml: no such policy file"),
    ("report kept.csv -c empty", 2, "error: empty: no such policy file"),
    ("config check -c nope.toml", 2, "error: nope.toml: no such policy file"),
    # the exports
    ("report nowhere", 2, "error: nowhere: no such file or folder"),
    ("check nowhere", 2, "error: nowhere: no such file or folder"),
    ("report no*.csv", 2, "error: no*.csv: no file matches"),
    ("report photos", 2, "error: photos: holds no export: 2 not a data file"),
    ("check photos", 2, "error: photos: holds no export: 2 not a data file"),
    ("report wrong", 2, f"error: no export in wrong: {UNKNOWN}"),
    ("report wrong/list.csv", 2, f"error: {UNKNOWN}"),
    ("check wrong/list.csv", 2, f"error: {UNKNOWN}"),
    ("report mixed", 0, f"warning: not read: {UNKNOWN} ({COLUMNS})"),
    ("check mixed", 2, f"warning: not read: {UNKNOWN} ({COLUMNS})"),
    ("check mixed --keep-going", 0, f"warning: not read: {UNKNOWN} ({COLUMNS})"),
    ("report mixed/kept.csv mixed/list.csv", 2, f"error: {UNKNOWN}"),
    ("report mixed/kept.csv mixed/list.csv --keep-going", 0, f"warning: not read: {UNKNOWN} ({COLUMNS})"),
    ("clocks mixed", 0, f"warning: not read: {UNKNOWN} ({COLUMNS})"),
    ("normalize mixed", 0, f"warning: not read: {UNKNOWN} ({COLUMNS})"),
    ("report empty.csv", 2, "error: empty.csv: is empty"),
    ("report binary.csv", 2, "error: binary.csv: is no data file: its first bytes are not text"),
    ("report cut", 0, CUT_OFF.removeprefix("kpiaudit: ")),
    ("check cut", 2, CUT_OFF.removeprefix("kpiaudit: ")),
    ("check cut --keep-going", 4, CUT_OFF.removeprefix("kpiaudit: ")),
    ("clocks cut", 0, CUT_OFF.removeprefix("kpiaudit: ")),
    ("report bad_date.csv", 0, REJECTED.removeprefix("kpiaudit: ")),
    ("check bad_date.csv", 2, REJECTED.removeprefix("kpiaudit: ")),
    (
        "clocks bad_date.csv",
        0,
        FIRST_REJECT,
    ),
    # definitions
    ("definitions", 0, ""),
    ("definitions --profile zammad --format json", 0, ""),
    ("definitions kept.csv --profile zendesk", 0, ""),
    ("definitions kept.csv --format json", 0, ""),
    ("definitions empty", 4, "warning: no file in empty: there is nothing to judge"),
    ("definitions --profile zamad", 2, "error: --profile: 'zamad' is none of its words; did you mean 'zammad'?"),
    ("definitions nowhere.csv", 2, "error: nowhere.csv: no such file or folder"),
    # what if, and the breaches
    ("whatif half.csv", 0, ""),
    ("whatif kept.csv --hours mon-fri:22:00-06:00 --calendar always", 0, ""),
    ("whatif kept.csv --add-day sat:09:00-17:00", 0, f"warning: {NO_HOURS}"),
    ("whatif kept.csv --profile zendesk", 0, ""),
    ("whatif kept.csv --profile none", 2, "error: --profile: 'none' is none of its words"),
    ("whatif kept.csv -c nope.toml", 2, "error: nope.toml: no such policy file"),
    ("whatif empty", 4, "warning: no file in empty: there is nothing to judge"),
    ("whatif kept.csv --format xml", 2, "error: --format: 'xml' is none of its words"),
    ("whatif kept.csv --target 0s", 2, f'error: --target: "0s" is no time at all; write {TIMES}'),
    (
        "whatif kept.csv --target 1h,30",
        2,
        f'error: --target: "30" is a bare number; say the unit: {TIMES}',
    ),
    ("whatif half.csv -c desk.toml --target 48h", 0, ""),
    (
        "whatif half.csv -c desk.toml --target 2d",
        2,
        "error: --target: '2d' is in days, but answer counts the hours of a calendar",
    ),
    ("whatif half.csv -c desk.toml --calendar dusk", 2, "error: --calendar: no calendar is called 'dusk'; did you mean 'desk'?"),
    ("whatif kept.csv --goal 0", 2, "error: --goal: '0' is no share a promise can be kept at"),
    ("whatif kept.csv --goal 100.1%", 2, "error: --goal: '100.1%' is no share a promise can be kept at"),
    ("whatif kept.csv --goal most", 2, "error: --goal: 'most' is no share a promise can be kept at"),
    (
        "whatif kept.csv --add-day sta:09:00-17:00",
        2,
        ("error: --add-day: 'sta:09:00-17:00': \"sta\" is no day of the week; "
        "write \"mon\" or \"mon-thu\"; did you mean 'sat'?"),
    ),
    (
        "whatif kept.csv --hours sat:9-12",
        2,
        "error: --hours: 'sat:9-12': \"9-12\" is not a span of time; write it as \"09:00-17:30\"",
    ),
    ("whatif kept.csv --sla firts-response", 2, "error: --sla: no SLA is called 'firts-response'; did you mean 'first-response'?"),
    ("breaches half.csv", 0, ""),
    ("breaches half.csv --at-risk", 0, ""),
    ("breaches empty", 4, "warning: no file in empty: there is nothing to judge"),
    ("breaches mixed", 0, f"warning: not read: {UNKNOWN} ({COLUMNS})"),
    ("breaches kept.csv --sla chat", 2, "error: --sla: no SLA is called 'chat'"),
    ("breaches kept.csv --format md", 2, "error: --format: 'md' is none of its words"),
    ("breaches kept.csv --top 0", 2, "error: invalid value for '--top': 0 is not in the range x>=1"),
    # one conversation, and calendars
    ("explain half.csv c2", 0, ""),
    ("explain half.csv kpiaudit/c2 --format md --text", 0, ""),
    ("explain half.csv c3", 2, "error: CONVERSATION: no conversation has the id 'c3'"),
    ("explain half.csv", 2, "error: missing argument 'EXPORTS...'"),
    ("explain half.csv c1 --format html", 2, "error: --format: 'html' is none of its words"),
    ("explain empty c1", 4, "warning: no file in empty: there is nothing to explain"),
    ("explain nowhere c1", 2, "error: nowhere: no such file or folder"),
    ("explain mixed c1", 0, f"warning: not read: {UNKNOWN} ({COLUMNS})"),
    ("calendar show desk -c desk.toml", 0, ""),
    ("calendar show desk -c desk.toml --from 2026-09-07 --to 2026-10", 0, ""),
    ("calendar show dekc -c desk.toml", 2, "error: NAME: desk.toml has no calendar 'dekc'; did you mean 'desk'?"),
    ("calendar show desk", 2, "error: NAME: the default promise has no calendar 'desk'"),
    ("calendar show desk -c desk.toml --from May", 2, "error: --from: 'May' is neither a date nor a month"),
    ("calendar show desk -c desk.toml --from 2026-13", 2, "error: --from: '2026-13' is neither a date nor a month"),
    ("calendar show desk -c desk.toml --to 2026-09", 2, "error: --to: needs --from"),
    ("calendar show desk -c desk.toml --from 2026-09 --to 2026-08", 2, "error: --to: 2026-08 is before 2026-09"),
    ("calendar show desk -c desk.toml --from 2026-09 --to 2126-08", 2, "error: --to: is more than ten years away"),
    ("calendar show desk -c desk.toml --format md", 2, "error: --format: 'md' is none of its words"),
    # the outputs
    ("report kept.csv -o nowhere/x.json", 2, "error: nowhere/x.json: cannot be written: its folder is not there"),
    ("clocks kept.csv -o nowhere/x.csv", 2, "error: nowhere/x.csv: cannot be written: its folder is not there"),
    ("inspect kept.csv --rejects nowhere/x.csv", 2, "error: nowhere/x.csv: cannot be written: its folder is not there"),
    ("report kept.csv -o kept.csv", 2, "error: kept.csv: is one of the exports"),
    ("normalize mixed -o mixed/kept.csv", 2, "error: mixed/kept.csv: is one of the exports"),
    ("report kept.csv -o empty", 2, "error: empty: the suffix says no kind of output that can be written"),
    ("clocks kept.csv -o x.xls", 2, "error: x.xls: the suffix says no kind of table"),
    ("report kept.csv -o x.json -o ./x.json", 2, "error: -o: names one file twice"),
]  # fmt: skip


@pytest.mark.parametrize(("line", "code", "first"), TABLE, ids=[row[0] or "-" for row in TABLE])
def test_a_run_ends_with_its_code_and_says_why(line: str, code: int, first: str) -> None:
    ran = kpiaudit(*line.split())
    said = ran.first.removeprefix("kpiaudit: ")
    assert (ran.code, said) == (code, first)
    if first.startswith(("error:", "Usage:")):
        assert ran.out == ""
    assert "Traceback" not in ran.err


@pytest.mark.parametrize("line", [row[0] for row in TABLE if row[2].startswith("error:")])
def test_an_error_says_what_to_do(line: str) -> None:
    lines = kpiaudit(*line.split()).err.splitlines()
    if lines[0] != "kpiaudit: error: -o: names one file twice":
        assert len(lines) == 2
        assert re.match(r"  hint: \S.{10,}", lines[1])


def test_a_policy_with_five_mistakes_is_told_in_five_lines() -> None:
    for line in ("report kept.csv -c five.toml", "config check -c five.toml"):
        ran = kpiaudit(*line.split())
        keys = re.findall(r"^kpiaudit: error: five\.toml: (\S+): ", ran.err, re.MULTILINE)
        assert ran.code == 2
        assert ran.out == ""
        assert keys == [
            "colour",
            "sla[1].metric",
            "sla[1].target",
            "sla[1].goal",
            "sla[1].calendar",
        ]
        assert len(ran.err.splitlines()) == 5


@pytest.mark.parametrize(
    "line",
    [
        "kept.csv", "half.csv", "empty", "mixed", "mixed --keep-going", "cut", "cut --keep-going",
        "bad_date.csv", "kept.csv -c chat.toml", "half.csv -c half.toml", "kept.csv --strict",
        "kept.csv --since 2027-01-01",
    ],
)  # fmt: skip
def test_json_holds_the_code_check_returns(line: str) -> None:
    code = json.loads(kpiaudit("report", *line.split(), "--format", "json").out)["exit_code"]
    checked = kpiaudit("check", *line.split(), "--format", "json")
    assert code == checked.code == json.loads(checked.out)["exit_code"]


@pytest.mark.parametrize(
    ("rejects", "missed", "code"), [(1, True, 2), (1, False, 2), (0, True, 1), (0, False, 0)]
)
def test_could_not_run_beats_a_missed_goal(
    tmp_path: Path, rejects: int, missed: int, code: int
) -> None:
    rows = exchange("c1", 120 if missed else 30)
    rows += [f"r{i},,soon,inbound,email," for i in range(rejects)]
    assert kpiaudit("check", messages(tmp_path / "x.csv", rows), "--no-config").code == code


def test_a_missed_goal_beats_one_without_data(tmp_path: Path) -> None:
    policy = tmp_path / "two.toml"
    empty = STRICT_PROMISE.partition("[[sla]]")[2].format(goal="50%").replace('"answer"', '"chat"')
    two = f"{STRICT_PROMISE.format(goal='95%')}[[sla]]{empty}when = {{ channel = ['chat'] }}\n"
    policy.write_text(two)
    assert kpiaudit("check", "half.csv", "-c", policy).code == 1
    assert kpiaudit("check", "kept.csv", "-c", policy).code == 4
    policy.write_text(f"{two}allow_empty = true\n")
    assert kpiaudit("check", "kept.csv", "-c", policy).code == 0


def test_a_missed_goal_is_never_hidden_by_fail_on_never_when_the_run_failed() -> None:
    assert kpiaudit("check", "mixed", "--fail-on", "never").code == 2


def test_a_goal_met_closely_fails_only_when_asked_to(tmp_path: Path) -> None:
    policy = tmp_path / "close.toml"
    policy.write_text(STRICT_PROMISE.format(goal="50%") + 'warn_below = "60%"\n')
    assert kpiaudit("check", "half.csv", "-c", policy).code == 0
    assert kpiaudit("check", "half.csv", "-c", policy, "--fail-on", "warn").code == 1


def test_a_bad_row_is_counted_shown_and_written(tmp_path: Path) -> None:
    report = json.loads(kpiaudit("report", "bad_date.csv", "--format", "json").out)
    assert report["integrity"]["rejects"] == 1
    rejects = tmp_path / "rejects.csv"
    inspected = kpiaudit("inspect", "bad_date.csv", "--rejects", rejects)
    assert inspected.code == 0
    assert "bad_date.csv:3" in inspected.out
    assert rejects.read_text().splitlines() == [
        "export,row,rule,value",
        "bad_date.csv,3,sent_at: not a date,yesterday T10:00:00Z",
    ]


def test_few_bad_rows_are_no_reason_to_refuse_unless_strict(tmp_path: Path) -> None:
    rows = [row for i in range(1, 101) for row in exchange(f"c{i}", 30)]
    export = messages(tmp_path / "x.csv", [*rows, "c0,c0-1,soon,inbound,email,"])
    assert kpiaudit("check", export, "--no-config").code == 0
    strict = kpiaudit("check", export, "--no-config", "--strict")
    assert strict.code == 2
    assert strict.first.endswith(
        "more than max_reject_share 0.0%, most in x.csv (1 of 201): the figures rest on the rest"
    )


def test_where_most_rows_were_rejected_is_said_first(tmp_path: Path) -> None:
    good = [row for i in range(1, 4) for row in exchange(f"c{i}", 30)]
    for name, bad in (("a", 1), ("b", 5), ("c", 2), ("d", 0)):
        rows = [f"{name}{n},{name}{n}-1,soon,inbound,email," for n in range(bad)]
        messages(tmp_path / "exports" / f"{name}.csv", [*good, *rows])
    ran = kpiaudit("report", tmp_path / "exports", "--no-config")
    assert "most in b.csv (5 of 11), c.csv (2 of 8) and 1 more: the figures" in ran.err


def test_where_every_row_was_rejected_nothing_rests_on_a_rest(tmp_path: Path) -> None:
    rows = ["a,a-1,soon,inbound,email,", "b,b-1,later,inbound,email,"]
    ran = kpiaudit("report", messages(tmp_path / "x.csv", rows), "--no-config")
    assert "most in x.csv (2 of 2): none is left to count" in ran.err
    assert "no clock matches it" not in ran.err  # nothing was there to match


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"a": 0, "b": 30}, None),
        ({"a": 0, "b": 31}, "the last event of b is 31 days before the latest of the others"),
        (
            {"a": 400, "b": 0, "c": 1_500, "d": 40, "e": 41, "f": 3},
            "the last events of c, a, e and 1 more are 40 to 1,500 days before the latest of the others",
        ),
    ],
)
def test_systems_that_ended_long_before_the_others_are_one_warning(
    tmp_path: Path, days: dict[str, int], said: str | None
) -> None:
    last = datetime(2026, 3, 2, 9, tzinfo=UTC)
    rows = [
        f"{name},{(last - timedelta(days=ago)).isoformat()},inbound,{name}"
        for name, ago in days.items()
    ]
    header = "conversation_id,sent_at,event,system"
    export = messages(tmp_path / "x.csv", rows, header=header)
    ran = kpiaudit("report", export, "--no-config")
    warned = [line for line in ran.err.splitlines() if "before the latest" in line]
    assert warned == ([f"kpiaudit: warning: {said}"] if said else [])


def test_what_is_no_export_is_ignored_and_listed(tmp_path: Path) -> None:
    folder = tmp_path / "exports"
    messages(folder / "kept.csv", exchange("c1", 30))
    (folder / "kpiaudit.toml").write_text(STRICT_PROMISE.format(goal="95%"))
    (folder / "logo.png").write_bytes(b"\x89PNG\r\n\x1a\n")
    (folder / "notes.pdf").write_bytes(b"%PDF-1.7")
    (folder / "data.csv").write_bytes(bytes(range(256)) * 4)
    (folder / ".hidden.csv").write_text("name\nx\n")
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "kept.csv").write_text("name\nx\n")
    ours = {"report.json": "report", "summary.csv": "report", "clocks.csv": "clocks",
            "clocks.parquet": "clocks", "clocks.ndjson": "clocks"}  # fmt: skip
    for name, command in ours.items():
        assert kpiaudit(command, "half.csv", "-o", tmp_path / name).code == 0
    assert kpiaudit("inspect", "bad_date.csv", "--rejects", tmp_path / "rejects.csv").code == 0
    for name in (*ours, "rejects.csv"):
        (tmp_path / name).rename(folder / name)
    ran = kpiaudit("check", folder, "--format", "json")
    found = json.loads(ran.out)
    assert ran.code == 0
    assert {file["path"]: file["reason"] for file in found["ignored"]} == {
        ".hidden.csv": "hidden",
        "__MACOSX/kept.csv": "hidden",
        "clocks.csv": "written by kpiaudit",
        "clocks.ndjson": "written by kpiaudit",
        "clocks.parquet": "written by kpiaudit",
        "data.csv": "not a data file",
        "kpiaudit.toml": "policy",
        "logo.png": "not a data file",
        "notes.pdf": "not a data file",
        "rejects.csv": "written by kpiaudit",
        "report.json": "written by kpiaudit",
        "summary.csv": "written by kpiaudit",
    }
    assert [export["path"] for export in found["exports"]] == ["kept.csv"]


def test_what_keep_going_passed_over_makes_the_result_incomplete() -> None:
    for options, complete in (["mixed", "--keep-going"], False), (["kept.csv"], True):
        found = json.loads(kpiaudit("check", *options, "--format", "json").out)
        assert found["integrity"]["is_complete"] is complete
    assert "incomplete" in kpiaudit("report", "mixed", "--keep-going").out


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_an_export_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    messages(tmp_path / "kept.csv", exchange("c1", 30))
    locked = messages(tmp_path / "locked.csv", exchange("c2", 30))
    locked.chmod(0)
    assert kpiaudit("report", locked).first == (
        "kpiaudit: error: locked.csv: cannot be read: Permission denied"
    )
    assert kpiaudit("check", tmp_path).code == 2
    assert kpiaudit("check", tmp_path, "--keep-going").code == 0


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
def test_a_folder_that_may_not_be_read_is_named(tmp_path: Path) -> None:
    messages(tmp_path / "kept.csv", exchange("c1", 30))
    closed = messages(tmp_path / "closed" / "x.csv", exchange("c2", 30)).parent
    closed.chmod(0)
    try:
        assert kpiaudit("report", closed).first.endswith("closed: may not be read")
        ran = kpiaudit("check", tmp_path)
    finally:
        closed.chmod(0o700)
    assert ran.code == 2
    assert "not read: closed: may not be read" in ran.first


def test_two_sources_claiming_one_file_are_named(tmp_path: Path) -> None:
    columns = "tweet_id,author_id,inbound,created_at,in_response_to_tweet_id"
    export = messages(tmp_path / "both.csv", [], header=f"{HEADER},{columns}")
    ran = kpiaudit("report", export)
    assert ran.code == 2
    assert ran.err.splitlines() == [
        "kpiaudit: error: both.csv: claimed by 2 sources: kpiaudit_messages, twitter_twcs",
        "  hint: say which: --source kpiaudit_messages='both.csv'",
    ]


def test_a_source_named_for_a_file_beats_the_signatures(tmp_path: Path) -> None:
    columns = "tweet_id,author_id,inbound,created_at,in_response_to_tweet_id"
    rows = [f"{row},,,,," for row in exchange("c1", 30)]
    export = messages(tmp_path / "both.csv", rows, header=f"{HEADER},{columns}")
    ran = kpiaudit("report", export, "--source", "kpiaudit_messages=*.csv", "--format", "json")
    (found,) = json.loads(ran.out)["exports"]
    assert (ran.code, found["source"], found["used"]) == (0, "kpiaudit_messages", 2)


def test_exports_of_one_name_are_told_apart(tmp_path: Path) -> None:
    first = messages(tmp_path / "a" / "x.csv", exchange("c1", 30))
    second = messages(tmp_path / "b" / "x.csv", exchange("c2", 30))
    for paths in ([first, second], [first.parent, second.parent]):
        found = json.loads(kpiaudit("check", *paths, "--no-config", "--format", "json").out)
        assert [(export["path"], export["used"]) for export in found["exports"]] == [
            (first.as_posix(), 2),
            (second.as_posix(), 2),
        ]


def test_a_file_named_twice_is_read_once() -> None:
    found = json.loads(
        kpiaudit("check", "kept.csv", "./kept.csv", "kep*.csv", "--format", "json").out
    )
    assert found["integrity"]["rows"] == 2


def test_a_glob_and_a_folder_name_the_same_files() -> None:
    (by_glob,), (by_folder,) = (
        json.loads(kpiaudit("check", path, "--keep-going", "--format", "json").out)["slas"]
        for path in ("mixed/*.csv", "mixed")
    )
    assert by_glob == by_folder


def statement(*arguments: str | Path) -> tuple[str, Ran]:
    ran = kpiaudit("report", *arguments, "--format", "json")
    found: str = json.loads(ran.out)["value_proposition"]["statement"]
    return found, ran


def test_the_nearest_policy_applies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def policy(path: Path) -> Path:
        text = STRICT_PROMISE.format(goal="95%").replace("We answer in an hour", path.stem)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        return path

    here = tmp_path / "project"
    exports = messages(here / "exports" / "kept.csv", exchange("c1", 30)).parent
    (here / ".git").mkdir()
    monkeypatch.chdir(here)
    default, ran = statement(exports)
    assert default == "Every customer gets a first answer within one hour"
    assert ran.err == ""
    policy(exports / "kpiaudit.toml").write_text(STRICT_PROMISE.format(goal="95%"))
    beside, ran = statement("exports")
    assert beside == "We answer in an hour"
    assert ran.err == "kpiaudit: note: using the policy exports/kpiaudit.toml\n"
    assert statement("exports", "--quiet")[1].err == ""
    policy(here / "kpiaudit.toml")
    near, ran = statement("exports")
    assert near == "kpiaudit"
    assert ran.err == ""
    monkeypatch.setenv("KPIAUDIT_CONFIG", str(policy(tmp_path / "by_environment.toml")))
    assert statement("exports")[0] == "by_environment"
    flag = policy(tmp_path / "by_flag.toml")
    assert statement("exports", "-c", flag)[0] == "by_flag"
    assert statement("exports", "--no-config")[0] == default


def test_flags_beat_the_environment_and_the_environment_beats_the_policy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def zone(*arguments: str) -> str:
        ran = kpiaudit("report", "kept.csv", "-c", policy, *arguments, "--format", "json")
        found: str = json.loads(ran.out)["time_zone"]
        return found

    policy = tmp_path / "zone.toml"
    policy.write_text(STRICT_PROMISE.format(goal="95%"))
    assert zone() == "UTC"
    policy.write_text('time_zone = "Europe/Berlin"\n' + STRICT_PROMISE.format(goal="95%"))
    assert zone() == "Europe/Berlin"
    monkeypatch.setenv("KPIAUDIT_TZ", "Asia/Tokyo")
    assert zone() == "Asia/Tokyo"
    assert zone("--tz", "America/Lima") == "America/Lima"


def test_the_environment_may_choose_format_and_instant(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KPIAUDIT_FORMAT", "json")
    monkeypatch.setenv("KPIAUDIT_AS_OF", "2026-09-01T10:10:00Z")
    found = json.loads(kpiaudit("report", "kept.csv").out)
    assert found["as_of"] == "2026-09-01T10:10:00Z"
    assert found["exports"][0]["skip_reasons"] == {"after as_of": 1}
    assert kpiaudit("report", "kept.csv", "--format", "csv").out.startswith("sla,")


def test_days_are_whole_in_the_zone_of_the_run(tmp_path: Path) -> None:
    rows = ["a,a1,2026-09-01T21:59:59Z,inbound,email,", "b,b1,2026-09-01T22:00:00Z,inbound,email,"]
    export = messages(tmp_path / "x.csv", rows)
    options = [("--until", "2026-09-01"), ("--since", "2026-09-02")]
    for option in options:
        ran = kpiaudit("clocks", export, "--no-config", "--tz", "Europe/Berlin", *option)
        kept = "a" if option[0] == "--until" else "b"
        assert [row.split(",")[2] for row in ran.out.splitlines()[1:]] == [kept]


def test_groups_are_crossed_within_one_by_and_separate_between_two() -> None:
    ran = kpiaudit(
        "report", "half.csv", "--by", "channel,agent", "--by", "team", "--format", "json"
    )
    (sla,) = json.loads(ran.out)["slas"]
    assert [group["by"] for group in sla["groups"]] == [
        {"channel": "email", "agent": "Ana"},
        {"team": "(unassigned)"},
    ]
    assert sla["groups"][0]["clocks"] == 2


def test_top_limits_the_breaches(tmp_path: Path) -> None:
    rows = [row for i in range(1, 5) for row in exchange(f"c{i}", 60 + i)]
    export = messages(tmp_path / "x.csv", rows)
    found = json.loads(
        kpiaudit("report", export, "--no-config", "--top", "2", "--format", "json").out
    )
    assert [breach["conversation_id"] for breach in found["breaches"]] == ["c4", "c3"]
    assert found["breach_count"] == 4


def test_outputs_are_written_beside_the_result_on_stdout(tmp_path: Path) -> None:
    json_file, csv_file = tmp_path / "r.json", tmp_path / "r.csv"
    ran = kpiaudit("report", "half.csv", "-o", json_file, "-o", csv_file)
    assert "Promise not kept" in ran.out
    assert json_file.read_text() == kpiaudit("report", "half.csv", "--format", "json").out
    assert csv_file.read_text() == kpiaudit("report", "half.csv", "--format", "csv").out
    assert sorted(path.name for path in tmp_path.iterdir()) == ["r.csv", "r.json"]


def test_a_result_beside_the_exports_is_written_again(tmp_path: Path) -> None:
    messages(tmp_path / "kept.csv", exchange("c1", 30))
    for name in ("r.json", "r.csv"):
        first, again = (kpiaudit("report", tmp_path, "-o", tmp_path / name) for _ in range(2))
        assert (first.code, again.code) == (0, 0)
    taken = kpiaudit("normalize", tmp_path, "-o", tmp_path / "kept.csv")
    assert taken.code == 2


def test_the_verdict_is_in_the_file_check_writes(tmp_path: Path) -> None:
    out = tmp_path / "gate.json"
    assert kpiaudit("check", "half.csv", "-o", out).code == 1
    assert json.loads(out.read_text())["exit_code"] == 1


def test_an_output_that_cannot_be_written_is_told_before_any_work(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_work(*_: object, **__: object) -> None:
        pytest.fail("the exports were read")

    monkeypatch.setattr(audits, "run_audit", no_work)
    assert kpiaudit("report", "kept.csv", "-o", "nowhere/x.json").code == 2


def test_an_output_is_whole_or_the_old_one_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    out = tmp_path / "r.json"
    out.write_text("old")
    monkeypatch.setattr(Path, "write_bytes", full)
    ran = kpiaudit("report", "kept.csv", "-o", out)
    assert ran.code == 2
    assert ran.first.endswith("r.json: cannot be written: No space left on device")
    assert out.read_text() == "old"
    assert [path.name for path in tmp_path.iterdir()] == ["r.json"]


def test_quiet_leaves_stderr_to_errors() -> None:
    assert kpiaudit("report", "mixed", "--quiet").err == ""
    assert kpiaudit("report", "nowhere", "--quiet").first.startswith("kpiaudit: error:")


def test_verbose_lists_why_each_file_was_taken() -> None:
    assert "because" not in kpiaudit("report", "kept.csv").out
    assert "because has conversation_id" in kpiaudit("report", "kept.csv", "--verbose").out


def test_colour_can_be_forced_and_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "\x1b[" not in kpiaudit("report", "kept.csv").out
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert "\x1b[" in kpiaudit("report", "kept.csv").out
    assert "\x1b[3" not in kpiaudit("report", "kept.csv", "--no-color").out


@pytest.mark.parametrize(
    "command", ["report", "check", "inspect", "clocks", "normalize", "sources", "config check", "config show"]
)  # fmt: skip
def test_every_command_explains_itself_with_an_example(command: str) -> None:
    ran = kpiaudit(*command.split(), "--help")
    assert ran.code == 0
    assert f"Example: kpiaudit {command}" in " ".join(ran.out.split())


@pytest.mark.parametrize(
    ("command", "arguments"),
    [("check", "EXPORTS..."), ("report", "[EXPORTS...]"), ("explain", "EXPORTS... CONVERSATION"),
     ("verify", "BUNDLE EXPORTS..."), ("calendar show", "NAME [EXPORTS...]")],
)  # fmt: skip
def test_usage_writes_what_must_be_given_without_braces(command: str, arguments: str) -> None:
    ran = kpiaudit(*command.split(), "--help")
    assert ran.out.splitlines()[0] == f"Usage: kpiaudit {command} [OPTIONS] {arguments}"


def test_a_bug_ends_in_one_line_and_code_3(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object, **__: object) -> None:
        raise ZeroDivisionError("one\ntwo")

    monkeypatch.setattr(audits, "run_audit", broken)
    ran = kpiaudit("report", "kept.csv")
    assert (ran.code, ran.out) == (3, "")
    assert ran.err.splitlines() == [
        "kpiaudit: internal error: ZeroDivisionError: one",
        "  hint: this is a bug in kpiaudit; run again with --debug and report what it prints",
    ]
    assert "Traceback" in kpiaudit("report", "kept.csv", "--debug").err
    monkeypatch.setenv("KPIAUDIT_DEBUG", "1")
    assert "Traceback" in kpiaudit("report", "kept.csv").err


def test_an_interrupt_ends_quietly_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(audits, "run_audit", interrupted)
    assert kpiaudit("report", "kept.csv") == Ran(130, "", "")


def started(*arguments: str, stdout: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "kpiaudit", *arguments]
    return subprocess.Popen(command, stdout=stdout, stderr=subprocess.PIPE)


def test_ctrl_c_from_a_terminal_ends_with_130() -> None:
    slow = (
        "import sys, time; from kpiaudit.cli import audits; from kpiaudit.__main__ import main\n"
        "audits.run_audit = lambda *_, **__: (print('ready', flush=True), time.sleep(60))\n"
        "sys.argv = ['kpiaudit', 'report', 'kept.csv']; main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", slow], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=60)
    assert (process.returncode, out, err) == (130, b"", b"")


@pytest.mark.parametrize(("command", "code"), [("report", 0), ("check", 1), ("clocks", 0)])
def test_a_reader_that_goes_away_changes_neither_code_nor_stderr(command: str, code: int) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    process = started(command, "half.csv", stdout=writer)
    os.close(writer)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (code, b"")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no full device here")
def test_a_full_disk_behind_stdout_is_told() -> None:
    with Path("/dev/full").open("wb") as full:
        process = started("report", "half.csv", stdout=full.fileno())
        _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert err == b"kpiaudit: error: stdout: cannot be written: No space left on device\n"


def test_a_terminal_without_unicode_gets_plain_signs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "kpiaudit", "report", "half.csv"],
        capture_output=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
    )
    assert "x Promise not kept" in done.stdout.decode("ascii")


def test_the_words_of_by_are_those_of_the_schema() -> None:
    assert DIMENSIONS == SCHEMA_DIMENSIONS
    assert GROUPABLE == SCHEMA_GROUPABLE
