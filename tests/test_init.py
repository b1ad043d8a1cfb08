"""`init` writes a policy that is valid, is used at once, and promises what the exports would keep."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from commands import exchange, kpiaudit, messages

ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted(path.name for path in (ROOT / "sample_exports").iterdir() if path.is_dir())
KIND = "conversation_id,message_id,sent_at,event,channel,agent,team"


@pytest.fixture(autouse=True)
def in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()  # the policy search ends here
    monkeypatch.chdir(tmp_path)


def drafted(*exports: str | Path, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """The policy of exports, which `config check` must take."""
    ran = kpiaudit("init", *exports, "-o", "kpiaudit.toml", "--force", "-q", *options)
    assert ran.code == 0, ran.err
    assert kpiaudit("config", "check", "-c", "kpiaudit.toml").code == 0
    return tomllib.loads(Path("kpiaudit.toml").read_text("utf-8"))


def judged(*exports: str | Path, command: str = "report") -> dict[str, Any]:
    ran = kpiaudit(command, *exports, "-c", "kpiaudit.toml", "-q", "--format", "json")
    found: dict[str, Any] = json.loads(ran.out)
    assert command == "check" or ran.code == 0, ran.err
    return found


def assert_works(folder: Path) -> None:
    """The policy is used; its promises are kept, but where nobody ever answered and no target would be."""
    drafted(folder)
    found = judged(folder)
    assert found["integrity"]["holds"]
    assert found["integrity"]["used"] > 0
    failing = [gate for gate in found["gates"] if gate["state"] in {"fail", "no_data"}]
    if failing:
        (only,) = found["slas"]
        assert only["met"] == 0
        assert "# decide: no target would be kept" in Path("kpiaudit.toml").read_text()


@pytest.mark.parametrize("name", SAMPLES)
def test_the_first_policy_of_a_sample_is_used_and_kept(sample_exports: Path, name: str) -> None:
    assert_works(sample_exports / name)


def test_the_first_policy_of_all_samples_together_is_used_and_kept(sample_exports: Path) -> None:
    assert_works(sample_exports)


REAL = [
    "eml", "google_play", "hubspot_warehouse", "instagram", "intercom_warehouse", "jira_warehouse", "json",
    "servicenow", "slack", "sumo_forum", "telegram", "twcs", "twilio_warehouse", "twitter", "whatsapp",
    "zendesk_warehouse",
]  # fmt: skip


@pytest.mark.real_exports
@pytest.mark.parametrize("name", REAL)
def test_the_first_policy_of_real_exports_is_used(real_exports: Path, name: str) -> None:
    ran = kpiaudit("init", real_exports / name, "-o", "kpiaudit.toml", "-q")
    if "no data file to draft a policy from" in ran.err:
        assert kpiaudit("report", real_exports / name, "-q").code == 2
        pytest.skip("no source reads them yet, and there is no table among them")
    assert ran.code == 0, ran.err
    assert kpiaudit("config", "check", "-c", "kpiaudit.toml").code == 0
    assert judged(real_exports / name)["integrity"]["holds"]


@pytest.mark.real_exports
def test_every_folder_of_real_exports_is_tried(real_exports: Path) -> None:
    assert sorted(path.name for path in real_exports.iterdir() if path.is_dir()) == REAL


def desk(minutes: list[int], *, hour: int = 10) -> Path:
    """Mail answered after some minutes, from Monday to Friday, by one team."""
    rows = []
    for number, wait in enumerate(minutes):
        day = 7 + number % 5
        total = hour * 60 + wait
        rows.append(f"c{number},c{number}-1,2026-09-{day:02}T{hour:02}:00:00Z,inbound,email,,")
        rows.append(
            f"c{number},c{number}-2,2026-09-{day:02}T{total // 60:02}:{total % 60:02}:00Z,"
            'outbound,email,Ana,"Day ""A"" Desk"'
        )
    return messages(Path("in") / "desk.csv", rows, header=KIND)


def test_the_promise_is_the_shortest_usual_target_that_was_kept() -> None:
    """Of 20 waits 18 took at most 25 minutes: 90 % are kept in 25 minutes, so in the usual 30."""
    desk([5] * 10 + [25] * 8 + [90, 100])
    policy = drafted("in")
    (email,) = policy["sla"]
    assert email["target"] == "30m"
    assert email["goal"] == "90%"
    assert email["when"] == {"channel": ["email"]}
    text = Path("kpiaudit.toml").read_text()
    assert "# 90.0% of 20 waits kept it; the shortest target 90% would keep is 25m" in text
    assert drafted("in", options=("--goal", "96%"))["sla"][0]["target"] == "2h"
    assert judged("in", command="check")["exit_code"] == 0


def test_hours_and_teams_are_those_seen() -> None:
    desk([30] * 50)
    policy = drafted("in", options=("--tz", "Europe/Berlin"))
    assert policy["time_zone"] == "Europe/Berlin"
    assert policy["calendars"]["seen"]["hours"] == {"mon-fri": ["12:00-13:00"]}
    assert policy["teams"] == {"day_a_desk": {"names": ['Day "A" Desk'], "channels": ["email"]}}


def test_few_replies_tell_no_hours() -> None:
    desk([30] * 10)
    assert "calendars" not in drafted("in")


def test_without_exports_it_is_the_one_hour_promise() -> None:
    (sla,) = drafted()["sla"]
    assert (sla["metric"], sla["target"]) == ("first_response", "1h")


def test_a_folder_without_data_is_refused() -> None:
    Path("none").mkdir()
    ran = kpiaudit("init", "none")
    assert (ran.code, ran.first) == (
        2, "kpiaudit: error: none: no data file to draft a policy from",
    )  # fmt: skip


def run(arguments: list[str], stdin: int, stderr: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "kpiaudit", "init", *arguments],
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
    )


def test_it_never_waits_in_a_pipe() -> None:
    desk([30])
    reader, writer = os.pipe()  # nobody ever writes
    process = run(["in"], reader, subprocess.PIPE)
    out, _ = process.communicate(timeout=60)
    os.close(reader)
    os.close(writer)
    assert process.returncode == 0
    assert tomllib.loads(out.decode())["time_zone"] == "UTC"


def test_it_asks_on_a_terminal_until_the_answer_will_do() -> None:
    desk([30])
    ours, theirs = pty.openpty()
    os.write(ours, b"Mars\nEurope/Paris\nWe answer in half an hour\n")
    process = run(["in", "-q"], theirs, theirs)
    out, _ = process.communicate(timeout=60)
    os.close(theirs)
    os.close(ours)
    policy = tomllib.loads(out.decode())
    assert policy["time_zone"] == "Europe/Paris"
    assert policy["value_proposition"]["statement"] == "We answer in half an hour"


def test_who_is_us_is_proposed_where_an_export_does_not_say() -> None:
    chat = "thread,when,from,text\n" + "".join(
        f"t{n},2026-09-0{n}T09:00:00Z,kim{n}@home.example,hello\n"
        f"t{n},2026-09-0{n}T09:10:00Z,ana@acme.example,hi\n"
        for n in range(1, 6)
    )
    Path("in").mkdir()
    Path("in/chat.csv").write_text(chat)
    assert drafted("in")["us"] == {"domains": ["acme.example"]}
    assert judged("in")["slas"][0]["median_seconds"] == 600


def test_what_a_source_reads_needs_no_mapping_and_says_so() -> None:
    messages(Path("in/kept.csv"), exchange("c1", 5))
    ran = kpiaudit("init", "in", "-o", "kpiaudit.toml")
    assert ran.code == 0
    assert (
        ran.first == "kpiaudit: note: kept.csv: is read as kpiaudit_messages and needs no mapping"
    )
    assert "sources" not in tomllib.loads(Path("kpiaudit.toml").read_text())
