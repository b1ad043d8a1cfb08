"""A large CSV is looked at beside its scan: what is found there is what a small one is refused for."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from kpiaudit import search
from kpiaudit.audit import Request
from kpiaudit.decoding import columns, evenness
from kpiaudit.errors import ExportError
from kpiaudit.exports.discovery import discover
from kpiaudit.exports.looking import HEAD
from kpiaudit.pipeline import read
from kpiaudit.search import looking
from kpiaudit.settings import DEFAULT_SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

    from kpiaudit.audit import Reading
    from kpiaudit.sources.base import ExportFile, Found

HEADER = "tweet_id,author_id,inbound,created_at,text,response_tweet_id,in_response_to_tweet_id"
ASKED = "1,115712,True,Tue Oct 31 22:00:00 +0000 2017,hello,2,"
SHORT = "3,115713,True,Tue Oct 31 22:01:00 +0000 2017,cut"
SAID = "2,Shop,False,Tue Oct 31 22:10:00 +0000 2017,hi,,1"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One export, taken for a large one, with one row too short."""
    said = SAID.replace("hi", "hi " * HEAD)  # what is shorter than its head is held, not looked at
    (tmp_path / "twcs.csv").write_text(f"{HEADER}\n{ASKED}\n{SHORT}\n{said}\n", encoding="utf-8")
    monkeypatch.setattr(columns, "LARGE", 0)
    monkeypatch.setattr(evenness, "LARGE", 0)
    return tmp_path


def rows(folder: Path) -> list[tuple[object, ...]]:
    """How many rows there are, used and refused."""
    found: Reading = read(Request((str(folder),), DEFAULT_SETTINGS))
    return found.gathered.counts.select("rows", "used", "reject").rows()


def test_a_short_row_of_a_large_file_is_refused(folder: Path) -> None:
    assert rows(folder) == [(3, 2, 1)]


def test_where_no_process_can_be_started_the_run_looks_itself(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_room(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(subprocess, "Popen", no_room)
    assert rows(folder) == [(3, 2, 1)]


def test_a_file_that_is_gone_once_it_was_found_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def found_and_gone(*found: object, **options: object) -> Found:
        result: Found = discover(*found, **options)  # type: ignore[arg-type]
        (folder / "twcs.csv").unlink()
        return result

    monkeypatch.setattr(search, "discover", found_and_gone)
    with pytest.raises(ExportError, match="cannot be read"):
        rows(folder)


def test_a_file_that_is_gone_before_it_was_looked_at_cannot_be_read(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = evenness.answer

    def gone(asked: subprocess.Popen[bytes], file: ExportFile) -> bool:
        asked.wait()
        (folder / "twcs.csv").unlink()
        return answer(None, file)

    monkeypatch.setattr(evenness, "answer", gone)
    with pytest.raises(ExportError, match="cannot be read"):
        rows(folder)


def test_what_is_in_sight_is_looked_at_before_it_is_known_what_it_is_and_once(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[str] = []
    ask = evenness.ask

    def noted(file: ExportFile) -> subprocess.Popen[bytes] | None:
        asked.append(file.name)
        return ask(file)

    monkeypatch.setattr(evenness, "ask", noted)
    request = Request((str(folder),), DEFAULT_SETTINGS)
    with looking(request.paths) as looks:
        assert asked == ["twcs.csv"]
        found = search.search(request, looks)
        assert found.uneven() == {"twitter_twcs"}
    assert asked == ["twcs.csv"]


def test_a_look_nobody_waits_for_ends_with_the_run(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asleep = [sys.executable, "-c", "import time; time.sleep(60)"]
    started: list[subprocess.Popen[bytes]] = []

    def ask(_: ExportFile) -> subprocess.Popen[bytes]:
        started.append(subprocess.Popen(asleep))
        return started[-1]

    def fail() -> None:
        with looking([str(folder)]):
            raise ExportError("is none")

    monkeypatch.setattr(evenness, "ask", ask)
    with pytest.raises(ExportError):
        fail()
    assert [process.poll() is None for process in started] == [False]


@pytest.mark.parametrize("given", ["twcs.csv", "gone.csv", "gone", "*.csv"])
def test_what_is_not_in_sight_is_looked_at_when_it_is_found(folder: Path, given: str) -> None:
    with looking([str(folder / given)]) as looks:
        assert len(looks.asked) == (given == "twcs.csv")
