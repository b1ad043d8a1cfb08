"""`init` drafts the mapping of an unknown file, and the draft works."""

from __future__ import annotations

import csv
import json
import tomllib
import zipfile
from collections import Counter
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import pytest
from commands import Ran, kpiaudit, messages

DESK = """Case No;Written;Direction;Prio;Via;Agent;Body
A1;13.09.2026 10:00;Eingang;P1;Phone;;"Where is
it?"
A1;13.09.2026 10:20;OUT;P1;Phone;Ana Diaz;there
A2;02.09.2026 09:00;IN;P3;Email;;hello there
A2;02.09.2026 11:00;OUT;P3;Email;Ben;hi there
"""
CHAT = """thread,when,from,text
t1,2026-09-01T09:00:00Z,kim@home.example,hello
t1,2026-09-01T09:10:00Z,ana@acme.example,hi
t2,2026-09-01T10:00:00Z,lee@shop.example,where is it
t2,2026-09-01T10:20:00Z,ben@acme.example,there
t3,2026-09-02T10:00:00Z,kim@home.example,again
t3,2026-09-02T10:20:00Z,ana@acme.example,yes
"""


@pytest.fixture(autouse=True)
def in_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()  # the policy search ends here
    (tmp_path / "in").mkdir()
    monkeypatch.chdir(tmp_path)


def drafted(*files: str | Path, options: tuple[str, ...] = ()) -> dict[str, Any]:
    """The draft of files, which `config check` must take."""
    ran = kpiaudit("init", *files, "-o", "draft.toml", "--force", *options)
    assert ran.code == 0, ran.err
    assert kpiaudit("config", "check", "-c", "draft.toml").code == 0
    return tomllib.loads(Path("draft.toml").read_text("utf-8"))


def normalized(*exports: str | Path) -> list[dict[str, str]]:
    """The messages the draft makes of exports."""
    ran = kpiaudit("normalize", *exports, "-c", "draft.toml", "--quiet")
    assert ran.code == 0, ran.err
    header, *rows = (line.split(",") for line in ran.out.splitlines())
    return [dict(zip(header, row, strict=True)) for row in rows]


def report(*exports: str | Path) -> dict[str, Any]:
    ran = kpiaudit("report", *exports, "-c", "draft.toml", "--quiet", "--format", "json")
    assert ran.code == 0, ran.err
    found: dict[str, Any] = json.loads(ran.out)
    return found


def test_a_table_with_directions_is_mapped_by_header_and_values() -> None:
    Path("in/desk.csv").write_text(DESK)
    columns = drafted("in")["sources"]["desk"]["columns"]
    assert columns == {
        "conversation_id": "Case No",
        "sent_at": {"column": "Written", "format": "%d.%m.%Y %H:%M"},
        "event": {"column": "Direction", "values": {"OUT": "outbound", "IN": "inbound"}},
        "channel": {"column": "Via", "values": {"Phone": "voice", "Email": "email"}},
        "priority": {"column": "Prio", "values": {"P1": "urgent", "P3": "normal"}},
        "agent": "Agent",
        "text": "Body",
    }
    text = Path("draft.toml").read_text()
    assert '# decide: "Eingang" (1 rows) is no known event' in text
    assert (
        'time_zone = "UTC"  # of stamps without an offset, and of days on screen; '
        "decide: the zone they were written in"
    ) in text


def test_the_draft_is_used_and_what_it_left_open_is_refused_not_guessed() -> None:
    Path("in/desk.csv").write_text(DESK)
    drafted("in", options=("--tz", "Europe/Berlin"))
    rows = normalized("in")
    assert [(row["conversation_id"], row["sent_at"][:16], row["event"]) for row in rows] == [
        ("A1", "2026-09-13T08:20", "outbound"),
        ("A2", "2026-09-02T07:00", "inbound"),
        ("A2", "2026-09-02T09:00", "outbound"),
    ]
    (export,) = report("in")["exports"]
    assert export["reject_rules"] == {"event: unknown word": 1}
    (sla,) = report("in")["slas"]
    assert (sla["clocks"], sla["median_seconds"]) == (1, 7200)


def test_without_directions_the_author_and_us_are_proposed() -> None:
    Path("in/chat.csv").write_text(CHAT)
    draft = drafted("in")
    assert draft["us"] == {"domains": ["acme.example"]}
    assert draft["sources"]["chat"]["columns"]["author"] == "from"
    assert [row["event"] for row in normalized("in")] == ["inbound", "outbound"] * 3


def test_names_without_a_domain_are_proposed_by_who_answers() -> None:
    told = {"kim@home.example": "Kim", "lee@shop.example": "Lee", "ana@acme.example": "Ana", "ben@acme.example": "Ben"}  # fmt: skip
    text = CHAT
    for address, name in told.items():
        text = text.replace(address, name)
    Path("in/chat.csv").write_text(text)
    assert drafted("in")["us"] == {"agents": ["Ana", "Ben"]}


def test_without_anything_but_dates_every_row_is_a_question_and_says_so() -> None:
    messages(Path("in/a.csv"), ["2026-09-01 10:00:00,4"], header="created,amount")
    columns = drafted("in")["sources"]["a"]["columns"]
    assert columns["event"] == {"constant": "inbound"}
    assert columns["conversation_id"] == {"constant": "a"}
    assert Path("draft.toml").read_text().count("# decide:") == 6
    assert report("in")["integrity"]["used"] == 1


@pytest.mark.parametrize(
    ("days", "form", "is_asked"),
    [(range(1, 12), "%d/%m/%Y %H:%M", True), (range(5, 20), "%d/%m/%Y %H:%M", False)],
)
def test_day_and_month_are_decided_by_evidence_or_asked_for(
    days: range, form: str, *, is_asked: bool
) -> None:
    rows = [f"c{day},{day:02}/09/2026 10:00,IN" for day in days]
    rows += [f"c{day},{day:02}/09/2026 11:00,OUT" for day in days]
    messages(Path("in/a.csv"), rows, header="ticket,date,direction")
    assert drafted("in")["sources"]["a"]["columns"]["sent_at"]["format"] == form
    asked = '# decide: day or month first? no value tells; the other is format = "%m/%d/%Y %H:%M"'
    assert (asked in Path("draft.toml").read_text()) is is_asked


def test_files_of_the_same_columns_are_one_mapping_that_matches_no_other() -> None:
    for month in (8, 9):
        Path(f"in/desk-2026-{month:02}.csv").write_text(DESK)
    Path("in/chat-2026-09.csv").write_text(CHAT)
    sources = drafted("in")["sources"]
    assert {source["files"] for source in sources.values()} == {"desk-2026-0*.csv", "chat-2026-09.csv"}  # fmt: skip


def test_a_pattern_that_would_take_another_file_is_not_used() -> None:
    for name in ("1.csv", "3.csv"):
        Path("in", name).write_text(DESK)
    Path("in/2.csv").write_text(CHAT)
    sources = drafted("in")["sources"]
    assert sorted(source["files"] for source in sources.values()) == ["1.csv", "2.csv", "3.csv"]
    assert len(report("in")["exports"]) == 3


def test_two_files_that_tell_of_the_same_conversations_are_one_system() -> None:
    Path("in/answers.csv").write_text(CHAT.replace("thread,when", "question_id,created"))
    questions = [f"t{day},2026-09-0{day}T08:00:00Z,Kim" for day in (1, 2, 3)]
    messages(Path("in/questions.csv"), questions, header="id,created,creator")
    sources = drafted("in")["sources"]
    assert sources["questions"]["instance"] == "answers"
    assert report("in")["integrity"]["conversations"] == 3


def test_json_and_members_of_archives_are_drafted_too() -> None:
    rows = [
        {"conversation": {"id": n}, "ts": 1788220800 + at, "meta": {"direction": word}}
        for n in (1, 2)
        for at, word in ((0, "incoming"), (600, "outgoing"))
    ]
    with zipfile.ZipFile("in/all.zip", "w") as archive:
        archive.writestr("log[1].json", json.dumps(rows))
    columns = drafted("in")["sources"]["log"]["columns"]
    assert columns["conversation_id"] == "conversation.id"
    assert columns["sent_at"] == {"column": "ts", "format": "%s"}
    assert report("in")["slas"][0]["median_seconds"] == 600


def test_hostile_headers_and_values_stay_in_their_strings() -> None:
    header = '"ti""cket\\id [x]",created,"direction\n# [us]"'
    rows = ["1,2026-09-01 10:00:00,IN", "1,2026-09-01 10:10:00,OUT", '1,2026-09-01 10:20:00,"o""\\\nx"']  # fmt: skip
    messages(Path("in/a b [1].csv"), rows, header=header)
    draft = drafted("in")
    assert "us" not in draft
    (source,) = draft["sources"].values()
    assert source["columns"]["event"]["column"] == "direction\n# [us]"
    assert report("in")["integrity"]["used"] == 2


def refused(ran: Ran) -> tuple[int, str]:
    return ran.code, ran.err.splitlines()[-2]


def test_a_file_without_instants_is_refused() -> None:
    messages(Path("in/days.csv"), ["2026-09-01,4"], header="date,amount")
    told = "kpiaudit: error: days.csv: cannot be mapped: no column of it holds a date with a time of day"
    assert refused(kpiaudit("init", "in/days.csv")) == (2, told)


def test_a_policy_is_never_overwritten_unless_forced() -> None:
    Path("in/desk.csv").write_text(DESK)
    Path("kpiaudit.toml").write_text("# mine\n")
    ran = kpiaudit("init", "in", "-o", "kpiaudit.toml")
    assert refused(ran) == (2, "kpiaudit: error: kpiaudit.toml: is there already")
    assert Path("kpiaudit.toml").read_text() == "# mine\n"
    assert kpiaudit("init", "in", "-o", "kpiaudit.toml", "--force").code == 0
    assert kpiaudit("init", "in").out == Path("kpiaudit.toml").read_text()
    assert kpiaudit("init", "in/desk.csv", "-o", "in/desk.csv", "--force").code == 2


@pytest.mark.real_exports
@pytest.mark.parametrize("folder", ["sumo_forum", "google_play", "telegram", "instagram"])
def test_real_files_nobody_here_wrote_can_be_drafted_and_read(
    real_exports: Path, folder: str
) -> None:
    ran = kpiaudit("init", real_exports / folder, "-o", "draft.toml")
    if "no file needs a mapping" in ran.err:
        pytest.skip("a source reads them")
    assert ran.code == 0, ran.err
    assert kpiaudit("config", "check", "-c", "draft.toml").code == 0
    found = report(real_exports / folder)
    assert found["integrity"]["holds"]
    assert found["integrity"]["used"] > 0
    assert found["slas"][0]["clocks"] > 0


@pytest.mark.real_exports
def test_the_forums_questions_and_answers_become_one_system(real_exports: Path) -> None:
    drafted(
        real_exports / "sumo_forum" / "*-answers-for-questions-*.csv",
        real_exports / "sumo_forum" / "*-creator-answers-*.csv",
    )
    draft = tomllib.loads(Path("draft.toml").read_text("utf-8"))
    assert len({source.get("instance", name) for name, source in draft["sources"].items()}) == 1
    assert "Toad-Hall" in draft["us"]["agents"]


@pytest.mark.real_exports
def test_the_forum_as_drafted_equals_a_plain_reading(real_exports: Path) -> None:
    """Questions and answers joined: count, first and last instant, roles and first responses."""
    families = ("*-answers-for-questions-*.csv", "*-creator-answers-*.csv")
    exports = [real_exports / "sumo_forum" / family for family in families]
    ours = {name.lower() for name in drafted(*exports)["us"]["agents"]}
    said: dict[tuple[str, str], tuple[str, datetime, bool]] = {}
    for family, key in zip(families, ("question_id", "id"), strict=True):
        for path in sorted((real_exports / "sumo_forum").glob(family)):
            with path.open(newline="", encoding="utf-8") as file:
                for row in csv.DictReader(file):
                    at = datetime.strptime(row["created"], "%Y-%m-%d %H:%M:%S %z")
                    said[family, row["id"]] = row[key], at, row["creator"].lower() in ours
    found = normalized(*exports)
    assert len(found) == len(said)
    assert Counter(row["author_role"] for row in found) == Counter(
        "agent" if is_ours else "customer" for _, _, is_ours in said.values()
    )
    stamps = [datetime.fromisoformat(row["sent_at"]) for row in found]
    assert (min(stamps), max(stamps)) == (
        min(at for _, at, _ in said.values()),
        max(at for _, at, _ in said.values()),
    )
    plain = {}
    for question, exchange in groupby(sorted(said.values()), key=lambda each: each[0]):
        turns = [(at, is_ours) for _, at, is_ours in exchange]
        if turns[0][1] is False:
            answers = [at for at, is_ours in turns if is_ours]
            plain[question] = (min(answers) - turns[0][0]).total_seconds() if answers else None
    assert kpiaudit("clocks", *exports, "-c", "draft.toml", "-o", "clocks.csv", "--quiet").code == 0
    with Path("clocks.csv").open(newline="", encoding="utf-8") as file:
        clocks = [row for row in csv.DictReader(file) if row["metric"] == "first_response"]
    waits = {
        row["conversation_id"]: float(row["elapsed_seconds"]) if row["stopped_at"] else None
        for row in clocks
    }
    assert waits == plain
