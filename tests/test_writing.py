"""Files are written whole or not at all: a full disk, Ctrl-C and a wrong name leave the old one."""

from __future__ import annotations

import json
import os
import resource
import signal
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import polars as pl
import pytest
from commands import exchange, kpiaudit, messages
from reports import a_report

from kpiaudit import tables
from kpiaudit.cli import outputs
from kpiaudit.errors import OutputError
from kpiaudit.renderers.xlsx import ClockRows, write

OLD = "what was here before"
LIMIT = 4096
"""Bytes a file may grow to, in a process told so: a disk that is full for it alone."""


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """An export of 60 conversations, whose every output is longer than LIMIT."""
    rows = [row for i in range(60) for row in exchange(f"conversation-{i:05}", i, day=1 + i % 27)]
    return messages(tmp_path / "in" / "desk.csv", rows)


@pytest.fixture
def out(tmp_path: Path) -> Path:
    """A folder for outputs, apart from the exports."""
    folder = tmp_path / "out"
    folder.mkdir()
    return folder


def with_a_full_disk() -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (LIMIT, LIMIT))


def program_on_a_full_disk(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "kpiaudit", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=with_a_full_disk,
    )


WRITTEN = [
    (("report", "--no-config"), "-o", "r.json"),
    (("check", "--no-config"), "-o", "r.json"),
    (("report", "--no-config"), "-o", "r.xlsx"),
    (("report", "--no-config"), "-o", "r.md"),
    (("clocks", "--no-config"), "-o", "c.csv"),
    (("clocks", "--no-config"), "-o", "c.ndjson"),
    (("clocks", "--no-config"), "-o", "c.parquet"),
    (("normalize", "--no-config"), "-o", "m.csv"),
    (("normalize", "--no-config"), "-o", "m.parquet"),
    (("report", "--no-config"), "--evidence", "e.zip"),
]


@pytest.mark.parametrize(("command", "option", "name"), WRITTEN)
def test_a_full_disk_is_told_and_leaves_the_old_file(
    command: tuple[str, ...], option: str, name: str, export: Path, out: Path
) -> None:
    path = out / name
    path.write_text(OLD, encoding="utf-8")
    done = program_on_a_full_disk(command[0], export, *command[1:], option, path)
    assert done.returncode == 2, done.stderr
    last = [line for line in done.stderr.splitlines() if "cannot be written" in line]
    assert len(last) == 1
    assert str(path) in last[0]
    assert "large" in last[0] or "stored" in last[0]
    assert "Traceback" not in done.stderr
    assert path.read_text(encoding="utf-8") == OLD
    assert [found.name for found in out.iterdir()] == [name]


@pytest.mark.parametrize(("command", "option", "name"), WRITTEN)
def test_where_there_is_room_the_same_command_writes_more_than_the_limit(
    command: tuple[str, ...], option: str, name: str, export: Path, out: Path
) -> None:
    ran = kpiaudit(command[0], export, *command[1:], option, out / name)
    assert ran.code in {0, 1}, ran.err
    assert (out / name).stat().st_size > LIMIT


def test_ctrl_c_while_a_file_is_written_leaves_the_old_one(export: Path, out: Path) -> None:
    path = out / "c.csv"
    path.write_text(OLD, encoding="utf-8")
    slow = (
        "import sys, time, kpiaudit.tables as tables; from kpiaudit.__main__ import main\n"
        "def slowly(frame, part, kind, shape):\n"
        "    part.write_text('half'); print('ready', flush=True); time.sleep(60)\n"
        "tables.write_table = slowly\n"
        f"sys.argv = ['kpiaudit', 'clocks', {str(export)!r}, '--no-config', '-o', {str(path)!r}]\n"
        "main()"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", slow], stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    assert process.stdout
    assert process.stdout.readline() == b"ready\n"
    assert len(list(out.iterdir())) == 2
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=60)
    assert (process.returncode, err) == (130, b"")
    assert path.read_text(encoding="utf-8") == OLD
    assert [found.name for found in out.iterdir()] == ["c.csv"]


def test_ctrl_c_in_the_middle_of_a_workbook_leaves_the_old_one(out: Path) -> None:
    path = out / "r.xlsx"
    path.write_text(OLD, encoding="utf-8")

    def interrupted() -> Iterator[tuple[str]]:
        yield from (("x" * 1000,) for _ in range(1000))
        raise KeyboardInterrupt

    clocks = ClockRows(("conversation_id",), interrupted(), 2000)
    with pytest.raises(KeyboardInterrupt):
        outputs.write_file(path, lambda part: write(a_report(), part, clocks=clocks))
    assert path.read_text(encoding="utf-8") == OLD
    assert [found.name for found in out.iterdir()] == ["r.xlsx"]


def test_of_several_outputs_all_are_written_or_none(out: Path) -> None:
    first, second = out / "a", out / "b"
    first.write_text(OLD, encoding="utf-8")

    def full(_: Path) -> None:
        raise OSError(28, "No space left on device")

    with pytest.raises(OutputError, match="b: cannot be written: No space left"):
        outputs.write_files([(first, outputs.text_writer("new")), (second, full)])
    assert first.read_text(encoding="utf-8") == OLD
    assert [found.name for found in out.iterdir()] == ["a"]


def test_a_parent_is_not_invented(export: Path, out: Path) -> None:
    for command, name in (("report", "r.json"), ("clocks", "c.csv"), ("normalize", "m.csv")):
        ran = kpiaudit(command, export, "--no-config", "-o", out / "new" / name)
        assert ran.code == 2
        assert "its folder is not there" in ran.first
    assert not list(out.iterdir())


def hard_link(export: Path, out: Path) -> Path:
    os.link(export, out / "same.csv")
    return out / "same.csv"


def soft_link(export: Path, out: Path) -> Path:
    (out / "same.csv").symlink_to(export)
    return out / "same.csv"


def roundabout(export: Path, out: Path) -> Path:
    return out / ".." / "in" / export.name


@pytest.mark.parametrize("named", [hard_link, soft_link, roundabout])
@pytest.mark.parametrize("command", ["report", "clocks", "normalize"])
def test_an_export_is_never_written_over_whatever_it_is_called(
    command: str, named: Callable[[Path, Path], Path], export: Path, out: Path
) -> None:
    before = export.read_bytes()
    ran = kpiaudit(command, export.parent, "--no-config", "-o", named(export, out))
    assert ran.code == 2
    assert "is one of the exports" in ran.first
    assert export.read_bytes() == before


def test_a_link_stays_a_link_and_permissions_stay(export: Path, out: Path) -> None:
    real, link = out / "real.json", out / "link.json"
    real.write_text(OLD, encoding="utf-8")
    real.chmod(0o640)
    link.symlink_to(real)
    assert kpiaudit("report", export, "--no-config", "-o", link).code == 0
    assert link.is_symlink()
    assert '"slas"' in real.read_text(encoding="utf-8")
    assert stat.S_IMODE(real.stat().st_mode) == 0o640


def test_a_new_policy_has_the_permissions_of_any_other_file(export: Path, out: Path) -> None:
    (out / "other").touch()
    assert kpiaudit("init", export, "-q", "-o", out / "kpiaudit.toml").code == 0
    assert (out / "kpiaudit.toml").stat().st_mode == (out / "other").stat().st_mode


def test_what_is_no_regular_file_is_not_replaced(export: Path, out: Path) -> None:
    os.mkfifo(out / "pipe.json")
    ran = kpiaudit("report", export, "--no-config", "-o", out / "pipe.json")
    assert (ran.code, "is no regular file" in ran.first) == (2, True)
    assert (out / "pipe.json").is_fifo()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write to anything")
def test_a_read_only_file_is_left_alone(export: Path, out: Path) -> None:
    path = out / "r.json"
    path.write_text(OLD, encoding="utf-8")
    path.chmod(0o444)
    ran = kpiaudit("report", export, "--no-config", "-o", path)
    assert (ran.code, "it is read-only" in ran.first) == (2, True)
    assert path.read_text(encoding="utf-8") == OLD


def test_data_on_a_terminal_is_shown_and_in_a_pipe_left_as_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    text = "id,\x1b[2J\u202e\tx\n"
    assert outputs.on_screen(text) == text
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    assert outputs.on_screen(text) == "id,\\x1b[2J\\u202e\tx\n"


def test_a_text_with_a_nul_is_written_as_text_that_can_be_read_again(tmp_path: Path) -> None:
    told = {"conversation_id": "1", "message_id": "1", "sent_at": "2026-09-01T10:00:00Z"}
    rows = [told | {"event": "inbound", "channel": "email", "text": "cut\0off"}]
    rows += [told | {"message_id": "2", "event": "outbound", "channel": "email", "text": "yes"}]
    given, written = tmp_path / "m.ndjson", tmp_path / "m.csv"
    given.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert kpiaudit("normalize", given, "--no-config", "--text", "-o", written).code == 0
    assert "cut␀off" in written.read_text()
    again = kpiaudit("clocks", written, "--no-config")
    assert again.code == 0
    assert len(again.out.splitlines()) == 2


@pytest.mark.parametrize("kind", ["csv", "ndjson"])
def test_a_table_written_some_rows_at_a_time_is_the_same_bytes(kind: str, tmp_path: Path) -> None:
    frame = pl.DataFrame({"row": range(10), "said": ['a "b", c', None, "", "=1", "x"] * 2})
    written = []
    for rows in (100, 3):
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(tables, "SLICE", rows)
            tables.write_table(frame, tmp_path / kind, kind)
            tables.write_table(frame.clear(), tmp_path / "none", kind)
        written.append([(tmp_path / name).read_bytes() for name in (kind, "none")])
    assert written[0] == written[1]
    assert written[0][0].count(b"\n") == 10 + (kind == "csv")
    assert written[0][1] == (b"row,said\n" if kind == "csv" else b"")
