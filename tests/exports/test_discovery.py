"""A folder of many files: each is looked at once, and not at all again where that saw it whole."""

from __future__ import annotations

import sys
from collections import Counter
from pathlib import Path

import polars as pl
import pytest
from books import zipped
from commands import exchange, messages
from polars.testing import assert_frame_equal

from kpiaudit.exports import discovery
from kpiaudit.exports.discovery import discover
from kpiaudit.sources import shipped
from kpiaudit.sources.base import Found, ReadSettings

COUNT = 1000
opens: Counter[str] = Counter()
listening: list[str] = []


def listen(event: str, arguments: tuple[object, ...]) -> None:
    """Count the files opened below the folder listened to; an audit hook cannot be taken away."""
    if event == "open" and listening and str(arguments[0]).startswith(listening[0]):
        opens[str(arguments[0])] += 1


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("many")
    for at in range(COUNT):
        messages(made / f"{at:04}.csv", exchange(f"c{at}", 5))
    return made


def conversations(found: Found) -> int:
    (claim,) = found.claims
    frame = claim.source.read(claim.files, ReadSettings()).collect()
    assert frame["reject"].null_count() == frame.height
    return frame["conversation_id"].n_unique()


def test_a_thousand_files_are_opened_once_each(folder: Path) -> None:
    sys.addaudithook(listen)
    listening.append(str(folder) + "/")
    opens.clear()
    try:
        found = discover([str(folder)], shipped())
        assert conversations(found) == COUNT
    finally:
        listening.clear()
    assert len(opens) == COUNT
    assert set(opens.values()) == {1}


def test_what_was_seen_whole_is_not_read_from_disk_again(tmp_path: Path) -> None:
    path = messages(tmp_path / "m.csv", exchange("c1", 5))
    found = discover([str(path)], shipped())
    path.unlink()
    assert conversations(found) == 1


def test_small_files_are_kept_only_up_to_a_limit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for at in range(4):
        path = messages(tmp_path / f"{at}.csv", exchange(f"c{at}", 5))
    monkeypatch.setattr(discovery, "HELD", 2 * path.stat().st_size)
    found = discover([str(tmp_path)], shipped())
    (claim,) = found.claims
    assert [file.content is not None for file in claim.files] == [True, True, False, False]
    assert conversations(found) == 4


def test_an_archive_of_a_thousand_files_is_read_like_its_folder(
    folder: Path, tmp_path: Path
) -> None:
    files: dict[str, bytes | str] = {path.name: path.read_bytes() for path in folder.iterdir()}
    archive = zipped(tmp_path / "a.zip", files)
    assert conversations(discover([str(archive)], shipped())) == COUNT


def test_files_read_as_one_table_keep_their_names_rows_and_faults(tmp_path: Path) -> None:
    for at in range(3):
        messages(tmp_path / f"{at}.csv", exchange(f"c{at}", 5))
    with (tmp_path / "1.csv").open("a", encoding="utf-8") as file:
        file.write("c1,c1-3,2026-09-01T11:00:00Z\n")
    (claim,) = discover([str(tmp_path)], shipped()).claims
    together = claim.source.read(claim.files, ReadSettings()).collect()
    alone = [claim.source.read([file], ReadSettings()).collect() for file in claim.files]
    assert_frame_equal(together, pl.concat(alone, how="diagonal"))
    told = together.filter(pl.col("reject").is_not_null()).select("export", "row", "reject")
    assert told.rows() == [("1.csv", 3, "ragged row: 3 fields, 6 expected")]
