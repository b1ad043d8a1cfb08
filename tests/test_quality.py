"""`inspect` as the verdict on the data, before any number."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from audits import written
from builders import canonical_csv, timeline
from commands import HEADER, exchange, kpiaudit, messages

from kpiaudit.pipeline import read
from kpiaudit.quality import facts_of
from kpiaudit.settings import DEFAULT_SETTINGS

CHAT = """
[sources.chat]
files = "chat.csv"
columns = { conversation_id = "thread", sent_at = "when", author = "who" }
"""
CRM = """
[sources.crm]
files = "crm.csv"
columns = { conversation_id = "id", sent_at = { column = "at", format = "%d.%m.%Y %H:%M", time_zone = "Europe/Berlin" }, event = { constant = "inbound" } }
"""
NO_STATUSES = dict.fromkeys(
    ("resolution", "first_resolution", "periodic_update", "requester_wait", "agent_work"),
    (False, "no statuses in a.csv"),
)
FEEDS = dict.fromkeys(("first_response", "next_response"), (True, None))


def inspected(folder: Path, *options: str) -> dict[str, dict[str, Any]]:
    """What `inspect --format json` says of each file."""
    ran = kpiaudit("inspect", folder, "--format", "json", "--quiet", *options)
    assert ran.code == 0, ran.err
    return {export["path"]: export for export in json.loads(ran.out)["exports"]}


def metrics(export: dict[str, Any]) -> dict[str, tuple[bool, str | None]]:
    return {told["metric"]: (told["computable"], told["reason"]) for told in export["metrics"]}


def row(name: str, at: datetime, event: str) -> str:
    return f"{name},{name}-{event},{at:%Y-%m-%dT%H:%M:%SZ},{event},email,Ana"


def test_a_sound_export_has_no_problem_and_says_what_it_feeds(tmp_path: Path) -> None:
    rows = [line for day in range(1, 9) for line in exchange(f"c{day}", 30, day=day)]
    messages(tmp_path / "a.csv", rows)
    export = inspected(tmp_path)["a.csv"]
    assert export["problems"] == []
    assert export["time_zone"] == "as the export says"
    assert metrics(export) == FEEDS | NO_STATUSES


def test_questions_alone_feed_no_response_and_say_that_a_side_is_missing(tmp_path: Path) -> None:
    messages(tmp_path / "a.csv", [exchange(f"c{day}", 30, day=day)[0] for day in range(1, 9)])
    export = inspected(tmp_path)["a.csv"]
    assert export["problems"] == [
        "one-sided: only customers' messages; the other side is in another export, or left out"
    ]
    missing = (False, "no reply of ours in a.csv")
    assert metrics(export) == dict.fromkeys(FEEDS, missing) | NO_STATUSES


def test_replies_alone_feed_nothing(tmp_path: Path) -> None:
    messages(tmp_path / "a.csv", [exchange(f"c{day}", 30, day=day)[1] for day in range(1, 9)])
    export = inspected(tmp_path)["a.csv"]
    assert "one-sided: only our own messages" in export["problems"][-1]
    assert {told for told, _ in metrics(export).values()} == {False}


def test_two_sides_of_one_system_in_two_files_are_not_one_sided(tmp_path: Path) -> None:
    both = [exchange(f"c{day}", 30, day=day) for day in range(1, 9)]
    messages(tmp_path / "a.csv", [question for question, _ in both])
    messages(tmp_path / "b.csv", [reply for _, reply in both])
    exports = inspected(tmp_path)
    assert [export["problems"] for export in exports.values()] == [[], []]
    where = "no statuses in a.csv and 1 more"
    assert metrics(exports["b.csv"])["first_response"] == (True, None)
    assert metrics(exports["b.csv"])["resolution"] == (False, where)


def test_overlapping_exports_say_where_their_duplicates_are_kept(tmp_path: Path) -> None:
    messages(tmp_path / "early.csv", [*exchange("c1", 5), *exchange("c2", 5, day=2)])
    messages(tmp_path / "late.csv", [*exchange("c2", 5, day=2), *exchange("c3", 5, day=3)])
    exports = inspected(tmp_path)
    assert exports["early.csv"]["overlaps"] == {"late.csv": 2}
    assert exports["early.csv"]["duplicates"] == 2
    assert exports["late.csv"]["overlaps"] == {}
    assert "also in" in kpiaudit("inspect", tmp_path, "--quiet").out


def shifted(path: Path, hours: int, count: int = 12) -> None:
    """Write exchanges answered after 12 to 23 minutes whose replies are told some hours too early."""
    rows = []
    for number in range(count):
        at = datetime(2026, 9, 1 + number, 10, tzinfo=UTC)
        reply = at + timedelta(minutes=12 + number, hours=-hours)
        rows += [
            row(f"c{number}", reply, "outbound"),
            row(f"c{number}", at, "inbound"),
            row(f"d{number}", at, "inbound"),
        ]
    messages(path, rows)


@pytest.mark.parametrize("hours", [1, 2, 7])
def test_replies_before_questions_by_about_the_same_hours_are_another_zone(
    tmp_path: Path, hours: int
) -> None:
    shifted(tmp_path / "a.csv", hours)
    assert inspected(tmp_path)["a.csv"]["problems"][0] == (
        "in 12 conversations our reply lies before the question, mostly by just under "
        f"{hours} h: replies and questions are not in one time zone"
    )


def test_conversations_we_opened_are_no_wrong_zone(tmp_path: Path) -> None:
    rows = []
    for number in range(20):
        at = datetime(2026, 9, 1 + number, 10, tzinfo=UTC)
        answer = at + timedelta(minutes=7 + 31 * number)
        rows += [row(f"c{number}", at, "outbound"), row(f"c{number}", answer, "inbound")]
    messages(tmp_path / "a.csv", rows)
    problems = inspected(tmp_path)["a.csv"]["problems"]
    assert not any("time zone" in problem for problem in problems)
    (told,) = problems
    assert told.startswith("20 of 20 conversations begin with our reply or before the export")


def test_a_window_that_cuts_conversations_off_is_told(tmp_path: Path) -> None:
    first = [row(f"cut{n}", datetime(2026, 9, 1, 8 + n, tzinfo=UTC), "outbound") for n in range(6)]
    rest = [line for day in range(3, 20) for line in exchange(f"c{day}", 30, day=day)]
    messages(tmp_path / "a.csv", [*first, *rest])
    (problem,) = inspected(tmp_path)["a.csv"]["problems"]
    assert problem.startswith("its window cuts conversations off: 6 of the 6 of its first 24 hours")


@pytest.mark.parametrize(("rows", "is_told"), [(1000, True), (999, False), (1001, False)])
def test_a_table_of_a_round_number_of_rows_may_lack_the_oldest(
    tmp_path: Path, rows: int, *, is_told: bool
) -> None:
    lines = [line for n in range(501) for line in exchange(f"c{n}", 30, day=1 + n % 28)]
    messages(tmp_path / "a.csv", lines[:rows])
    problems = inspected(tmp_path)["a.csv"]["problems"]
    assert any("holds exactly 1,000 rows" in problem for problem in problems) is is_told


def test_an_export_that_does_not_say_who_is_us_is_shown_with_the_lines_to_paste(
    tmp_path: Path,
) -> None:
    messages(tmp_path / "a.csv", exchange("c1", 30))
    talk = ["t1,2026-09-01T09:00:00Z,kim@home.example", "t1,2026-09-01T09:10:00Z,ana@acme.example"]
    talk += ["t2,2026-09-02T09:00:00Z,ana@acme.example"]
    messages(tmp_path / "chat.csv", talk, header="thread,when,who")
    (tmp_path / "kpiaudit.toml").write_text(CHAT)
    exports = inspected(tmp_path)
    assert exports["a.csv"]["used"] == 2
    chat = exports["chat.csv"]
    assert chat["reject_rules"] == {"author: who is us, set [us]": 3}
    assert chat["problems"] == [
        "does not say who is us; it was written by 'ana@acme.example' (2), 'kim@home.example' (1)"
    ]
    assert chat["paste"] == [
        "[us]  # keep only your own",
        'agents = ["ana@acme.example", "kim@home.example"]',
        'domains = ["acme.example", "home.example"]',
    ]
    pasted = '[us]\ndomains = ["acme.example"]\n'
    (tmp_path / "kpiaudit.toml").write_text(CHAT + pasted)
    assert inspected(tmp_path)["chat.csv"]["roles"] == {"agent": 2, "customer": 1}


def naive(path: Path) -> None:
    messages(path, [line.replace("Z,", ",") for line in exchange("c1", 30)])


def test_stamps_without_an_offset_end_in_the_line_to_paste(tmp_path: Path) -> None:
    naive(tmp_path / "a.csv")
    export = inspected(tmp_path)["a.csv"]
    assert export["reject_rules"] == {"sent_at: no offset, set time_zone": 2}
    assert 'time_zone = "Europe/Berlin"' in export["paste"][0]
    for command in ("report", "check"):
        warned = kpiaudit(command, tmp_path).err
        assert 'a.csv: no stamp has an offset: name the zone they were written in, as time_zone = "Europe/Berlin"' in warned  # fmt: skip
    (tmp_path / "kpiaudit.toml").write_text(export["paste"][0])
    export = inspected(tmp_path)["a.csv"]
    assert (export["used"], export["problems"], export["paste"]) == (2, [], [])
    assert export["time_zone"] == "Europe/Berlin, as set, for 2 without an offset"


def test_the_zone_is_that_of_the_mapping_where_it_has_one(tmp_path: Path) -> None:
    messages(tmp_path / "crm.csv", ["1,01.09.2026 10:00"], header="id,at")
    (tmp_path / "kpiaudit.toml").write_text(CRM)
    assert inspected(tmp_path)["crm.csv"]["time_zone"] == "Europe/Berlin, by [sources.crm]"


def test_a_stamp_its_zone_skips_is_told_with_its_row(tmp_path: Path) -> None:
    at = ["2026-03-28T02:30:00", "2026-03-29T02:30:00", "2026-03-30T02:30:00"]
    lines = [f"c{n},m{n},{stamp},inbound,email," for n, stamp in enumerate(at)]
    messages(tmp_path / "a.csv", lines)
    told = "1 of 'sent_at' cannot be in Europe/Berlin, such as 2026-03-29 02:30:00 in row 2"
    assert any(p.startswith(told) for p in inspected(tmp_path, "--tz", "Europe/Berlin")["a.csv"]["problems"])  # fmt: skip
    assert not any(
        "cannot be" in p for p in inspected(tmp_path, "--tz", "UTC")["a.csv"]["problems"]
    )


@pytest.mark.parametrize(("hours", "is_told"), [(2, True), (0, False)])
def test_two_columns_the_same_hours_apart_in_every_row_are_told(
    tmp_path: Path, hours: int, *, is_told: bool
) -> None:
    lines = []
    for number in range(1, 9):
        question, reply = exchange(f"c{number}", 30, day=number)
        stamp = datetime(2026, 9, number, 10, tzinfo=UTC) + timedelta(hours=hours)
        lines += [
            f"{question},{stamp:%Y-%m-%d %H:%M:%S}",
            f"{reply},{stamp + timedelta(minutes=30):%Y-%m-%d %H:%M:%S}",
        ]
    messages(tmp_path / "a.csv", lines, header=f"{HEADER},local")
    problems = inspected(tmp_path)["a.csv"]["problems"]
    told = "'local' is +2 h from 'sent_at' in every row: they are in two time zones"
    assert (told in problems) is is_told
    assert bool(problems) is is_told


def test_a_companion_nobody_gave_is_named(tmp_path: Path, sample_exports: Path) -> None:
    for name in ("tickets.json", "comments.json"):
        (tmp_path / name).write_bytes((sample_exports / "zendesk_json" / name).read_bytes())
    exports = inspected(tmp_path)
    assert {"audits", "users", "groups"} <= set(exports["tickets.json"]["missing_parts"])
    assert exports["comments.json"]["missing_parts"] == []


def test_a_table_that_tells_nothing_is_not_missed(tmp_path: Path, sample_exports: Path) -> None:
    name = "conversation_history.csv"
    (tmp_path / name).write_bytes((sample_exports / "intercom_warehouse" / name).read_bytes())
    missing = set(inspected(tmp_path)[name]["missing_parts"])
    assert "parts" in missing
    assert not missing & {"articles", "companies", "help centers"}


def test_a_mapping_without_its_zone_is_shown_and_the_others_go_on(tmp_path: Path) -> None:
    messages(tmp_path / "a.csv", exchange("c1", 30))
    messages(tmp_path / "crm.csv", ["1,01.09.2026 10:00"], header="id,at")
    policy = CRM.replace(', time_zone = "Europe/Berlin"', "").replace('column = "at", format', 'column = "aat", format')  # fmt: skip
    (tmp_path / "kpiaudit.toml").write_text('time_zone = "UTC"\n' + policy)
    ran = kpiaudit("inspect", tmp_path, "--format", "json", "--quiet")
    assert ran.code == 2
    told = {export["path"]: export for export in json.loads(ran.out)["exports"]}
    assert told["a.csv"]["used"] == 2
    assert "not read: has no column 'aat'" in told["crm.csv"]["problems"][0]


def test_an_export_of_several_systems_is_told_by_the_first_in_every_run(tmp_path: Path) -> None:
    rows = [
        {**row, "system": f"desk{number % 7}"}
        for number in range(70)
        for row in timeline(f"c{number}", "mon 09:00 in", "mon 09:30 out Ana")
    ]
    ordered = read(written(tmp_path, {"m.csv": canonical_csv(rows)}, DEFAULT_SETTINGS)).ordered
    facts = facts_of(ordered)
    assert facts.system_of == {"m.csv": ordered["system"].cast(str)[0]}
    assert {name: told["exports"] for name, told in facts.systems.items()} == {
        f"desk{number}": ["m.csv"] for number in range(7)
    }
