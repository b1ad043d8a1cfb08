"""The same exports give the same figures, however they are ordered, split, threaded or written down."""

from __future__ import annotations

import csv
import json
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from commands import HEADER, exchange, kpiaudit, messages

from kpiaudit import pieces

SOURCES = ("kpiaudit_messages", "our_crm", "twitter_twcs", "zendesk_json")
PLACE = {"start_export", "start_row", "stop_export", "stop_row"}
TWCS = Path("twitter_twcs", "twcs.csv")
CHAT = Path("kpiaudit_messages", "chat.csv")


@pytest.fixture
def policy(sample_exports: Path) -> Path:
    return sample_exports / "kpiaudit.toml"


def slas(policy: Path, *arguments: str | Path) -> list[dict[str, Any]]:
    """Every figure of every SLA and group."""
    found = kpiaudit("report", *arguments, "-c", policy, "--format", "json")
    report: list[dict[str, Any]] = json.loads(found.out)["slas"]
    assert any(sla["clocks"] for sla in report)
    return report


def clocks(policy: Path, *arguments: str | Path, without: set[str]) -> list[tuple[str, ...]]:
    """The clocks file without some columns, sorted."""
    text = kpiaudit("clocks", *arguments, "-c", policy).out
    rows = csv.DictReader(text.splitlines())
    return sorted(tuple(v for k, v in row.items() if k not in without) for row in rows)


def records(path: Path) -> tuple[str, list[str]]:
    """The header and the records of a CSV, as they are written."""
    with path.open(newline="", encoding="utf-8") as file:
        header, *rows = csv.reader(file)
    return line(header), [line(row) for row in rows]


def line(cells: list[str]) -> str:
    return ",".join('"' + cell.replace('"', '""') + '"' for cell in cells) + "\n"


def write(path: Path, header: str, rows: list[str]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(header + "".join(rows), encoding="utf-8")
    return path


@pytest.mark.parametrize("export", [TWCS, CHAT])
def test_the_order_of_rows_changes_nothing(
    sample_exports: Path, policy: Path, tmp_path: Path, export: Path
) -> None:
    header, rows = records(sample_exports / export)
    random.Random(7).shuffle(rows)
    shuffled = write(tmp_path / export.name, header, rows)
    assert slas(policy, shuffled) == slas(policy, sample_exports / export)
    assert clocks(policy, shuffled, without=PLACE) == clocks(
        policy, sample_exports / export, without=PLACE
    )


@pytest.mark.parametrize("command", [("breaches",), ("breaches", "--at-risk")])
def test_breaches_that_are_alike_come_in_order_of_their_ids(
    tmp_path: Path, command: tuple[str, ...]
) -> None:
    policy = tmp_path / "kpiaudit.toml"
    names = ["t9", "t10", "t2", "t1", "t30"]
    late = [exchange(name, 90) for name in names]
    waiting = [exchange(f"open-{name}", 0, day=2)[:1] for name in names]
    end = [["end,end-1,2026-09-02T10:55:00Z,note,email,Ana"]]
    policy.write_text(
        '[[sla]]\nname = "s"\nmetric = "first_response"\ntarget = "1h"\ngoal = "90%"\n'
    )
    told = []
    for turn in (1, -1):
        rows = [row for some in [*late, *waiting][::turn] + end for row in some]
        found = messages(tmp_path / "m.csv", rows)
        ran = kpiaudit(*command, found, "-c", policy, "--format", "json", "--top", "3")
        report = json.loads(ran.out)
        listed = report["at_risk" if "--at-risk" in command else "breaches"]
        told.append([row["conversation_id"].removeprefix("open-") for row in listed])
    assert told == [["t1", "t10", "t2"]] * 2


@pytest.mark.parametrize(
    ("export", "rows"),
    [(".", 3), (".", 64), (TWCS, 1), (TWCS, 5), ("whatsapp_chat", 1), ("zendesk_json", 2)],
)
def test_columns_in_pieces_are_columns(
    sample_exports: Path,
    policy: Path,
    monkeypatch: pytest.MonkeyPatch,
    export: str | Path,
    rows: int,
) -> None:
    line = (
        *("report", sample_exports / export, "-c", policy, "--tz", "UTC", "--format", "json"),
        *(
            "--kpi",
            "all",
            "--by",
            "agent,day",
            "--by",
            "channel",
            "--view",
            "models,trend,staffing",
        ),
    )
    whole = kpiaudit(*line)
    assert whole.code == 0
    monkeypatch.setattr(pieces, "PIECE", rows)
    assert kpiaudit(*line) == whole


@pytest.mark.parametrize("export", [TWCS, CHAT])
def test_a_file_split_in_two_is_one_file(
    sample_exports: Path, policy: Path, tmp_path: Path, export: Path
) -> None:
    header, rows = records(sample_exports / export)
    random.Random(8).shuffle(rows)
    half = len(rows) // 2
    write(tmp_path / "a.csv", header, rows[:half])
    write(tmp_path / "b.csv", header, rows[half:])
    assert slas(policy, tmp_path) == slas(policy, sample_exports / export)
    assert clocks(policy, tmp_path, without=PLACE) == clocks(
        policy, sample_exports / export, without=PLACE
    )


def test_a_file_that_overlaps_another_is_counted_once(
    sample_exports: Path, policy: Path, tmp_path: Path
) -> None:
    header, rows = records(sample_exports / TWCS)
    write(tmp_path / "a.csv", header, rows)
    write(tmp_path / "b.csv", header, rows[500:1500])
    assert slas(policy, tmp_path) == slas(policy, sample_exports / TWCS)


def test_the_order_of_files_changes_nothing(sample_exports: Path, policy: Path) -> None:
    folders = [sample_exports / name for name in SOURCES]
    assert slas(policy, *folders) == slas(policy, *reversed(folders))
    assert slas(policy, *folders) == slas(policy, sample_exports)
    forward, backward = (
        clocks(policy, *given, without=set()) for given in (folders, list(reversed(folders)))
    )
    assert forward == backward


def test_records_of_nested_json_in_any_order_give_the_same(
    sample_exports: Path, policy: Path, tmp_path: Path
) -> None:
    for path in (sample_exports / "zendesk_json").glob("*.json"):
        page = json.loads(path.read_text("utf-8"))
        random.Random(9).shuffle(page[path.stem])
        (tmp_path / path.name).write_text(json.dumps(page), encoding="utf-8")
    assert slas(policy, tmp_path) == slas(policy, sample_exports / "zendesk_json")


def in_a_process(*arguments: object, threads: int) -> bytes:
    return subprocess.run(
        [sys.executable, "-m", "kpiaudit", *map(str, arguments)],
        capture_output=True,
        check=True,
        env={**os.environ, "POLARS_MAX_THREADS": str(threads), "PYTHONHASHSEED": str(threads)},
    ).stdout


@pytest.mark.parametrize(
    "command", [("report", "--format", "json"), ("report",), ("clocks",), ("normalize", "--text")]
)
def test_a_second_run_and_more_threads_give_the_same_bytes(
    sample_exports: Path, policy: Path, command: tuple[str, ...]
) -> None:
    arguments = [command[0], sample_exports, "-c", policy, *command[1:]]
    alone = in_a_process(*arguments, threads=1)
    assert len(alone) > 5_000
    assert in_a_process(*arguments, threads=4) == alone


def test_written_files_are_the_same_bytes_twice(
    sample_exports: Path, policy: Path, tmp_path: Path
) -> None:
    for command, name in (
        ("report", "r.json"),
        ("report", "r.csv"),
        ("clocks", "c.csv"),
        ("clocks", "c.ndjson"),
        ("normalize", "n.ndjson"),
    ):
        written = []
        for run in ("first", "second"):
            (tmp_path / run).mkdir(exist_ok=True)
            target = tmp_path / run / name
            assert kpiaudit(command, sample_exports, "-c", policy, "-o", target).code == 0
            written.append(target.read_bytes())
        assert written[0] == written[1]


@pytest.mark.parametrize("suffix", ["csv", "ndjson", "parquet"])
@pytest.mark.parametrize("source", SOURCES)
def test_normalized_exports_give_the_same_figures_and_clocks(
    sample_exports: Path, policy: Path, tmp_path: Path, source: str, suffix: str
) -> None:
    original = sample_exports / source
    normal = tmp_path / f"messages.{suffix}"
    assert kpiaudit("normalize", original, "-c", policy, "-o", normal).code == 0
    assert slas(policy, normal) == slas(policy, original)
    assert clocks(policy, normal, without=set()) == clocks(policy, original, without=set())


def test_normalizing_twice_changes_nothing(
    sample_exports: Path, policy: Path, tmp_path: Path
) -> None:
    once, twice = tmp_path / "once.csv", tmp_path / "twice.csv"
    assert kpiaudit("normalize", sample_exports, "-c", policy, "--text", "-o", once).code == 0
    assert kpiaudit("normalize", once, "-c", policy, "--text", "-o", twice).code == 0
    assert twice.read_text("utf-8") == once.read_text("utf-8")


def test_the_parts_of_the_period_add_up_to_the_whole(sample_exports: Path, policy: Path) -> None:
    whole = slas(policy, sample_exports)
    parts = [
        slas(policy, sample_exports, *bounds)
        for bounds in (
            ("--until", "2026-09-06"),
            ("--since", "2026-09-07", "--until", "2026-09-15T11:30:00+02:00"),
            ("--since", "2026-09-15T11:30:00+02:00"),
        )
    ]
    for place, sla in enumerate(whole):
        for figure in (
            "clocks",
            "met",
            "breached",
            "open",
            "at_risk",
            "excluded",
            "unanswered",
            "n",
        ):
            assert sum(part[place][figure] for part in parts) == sla[figure]
        assert max(part[place]["max_seconds"] for part in parts) == sla["max_seconds"]
    assert all(part[0]["clocks"] for part in parts)


def test_where_the_exports_lie_changes_nothing(
    sample_exports: Path, policy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = tmp_path / "a folder" / "übung"
    shutil.copytree(sample_exports, there)
    by_path = kpiaudit("report", there, "-c", policy, "--format", "csv").out
    monkeypatch.chdir(there)
    assert kpiaudit("report", ".", "-c", policy, "--format", "csv").out == by_path
    assert len(by_path.splitlines()) > 50


def test_the_zone_of_the_machine_changes_nothing(sample_exports: Path, policy: Path) -> None:
    arguments = [sys.executable, "-m", "kpiaudit", "report", str(sample_exports)]
    arguments += ["-c", str(policy), "--format", "json"]
    pages = {
        subprocess.run(
            arguments, capture_output=True, check=True, env={**os.environ, "TZ": zone}
        ).stdout
        for zone in ("UTC", "Asia/Tokyo")
    }
    assert len(pages) == 1


def test_text_a_spreadsheet_would_run_survives_being_written_and_read(tmp_path: Path) -> None:
    ids = ["=1+1", "+a1", "-7", "@ana", "'quoted", "'=x", "''", "\u2019=y", "plain"]
    rows = [row for name in ids for row in exchange(name, 30)]
    export, normal = messages(tmp_path / "x.ndjson", []), tmp_path / "n.csv"
    columns = HEADER.split(",")
    lines = [json.dumps(dict(zip(columns, row.split(","), strict=True))) for row in rows]
    export.write_text("\n".join(lines), encoding="utf-8")
    assert kpiaudit("normalize", export, "--no-config", "-o", normal).code == 0
    for path in (export, normal):
        out = tmp_path / "clocks.ndjson"
        assert kpiaudit("clocks", path, "--no-config", "-o", out).code == 0
        found = [json.loads(line)["conversation_id"] for line in out.read_text().splitlines()]
        assert sorted(found) == sorted(ids)
    with normal.open(newline="", encoding="utf-8") as file:
        written = {row["conversation_id"] for row in csv.DictReader(file)}
    assert not [text for text in written if text.lstrip("'\u2019")[:1] in "=+-@" and text[0] != "'"]


def test_cells_saved_in_quotes_are_the_same_cells(
    sample_exports: Path, policy: Path, tmp_path: Path
) -> None:
    shutil.copytree(sample_exports / "our_crm", tmp_path, dirs_exist_ok=True)
    path = tmp_path / "crm_2026-09.csv"
    with path.open(newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file, delimiter=";"))
    with path.open("w", newline="", encoding="utf-8") as file:
        csv.writer(file, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)
    assert slas(policy, tmp_path) == slas(policy, sample_exports / "our_crm")
