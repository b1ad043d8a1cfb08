from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from commands import exchange, kpiaudit, messages


@pytest.fixture
def export(tmp_path: Path) -> Path:
    """Four weeks of a conversation a day."""
    rows = [row for i in range(28) for row in exchange(f"c{i}", 25 * i, day=1 + i)]
    (tmp_path / "in").mkdir()
    return messages(tmp_path / "in" / "desk.csv", rows)


def test_charts_are_written_into_a_folder_made_for_them(export: Path, tmp_path: Path) -> None:
    folder = tmp_path / "slides"
    done = kpiaudit("report", str(export), "--no-config", "--charts", str(folder))
    assert done.code == 0, done.err
    written = sorted(path.name for path in folder.iterdir())
    assert written[0] == "01-trend-first-response.svg"
    assert all(name.endswith(".svg") for name in written)
    for path in folder.iterdir():
        ElementTree.fromstring(path.read_text(encoding="utf-8"))  # noqa: S314


def test_no_folder_is_invented_above(export: Path, tmp_path: Path) -> None:
    done = kpiaudit("report", str(export), "--no-config", "--charts", str(tmp_path / "a" / "b"))
    assert done.code == 2
    assert "its folder is not there" in done.err
    assert not (tmp_path / "a").exists()


def test_a_file_is_no_folder_for_charts(export: Path) -> None:
    before = export.read_bytes()
    done = kpiaudit("report", str(export), "--no-config", "--charts", str(export))
    assert done.code == 2
    assert "is no folder" in done.err
    assert export.read_bytes() == before


def test_the_page_is_written_with_every_view(export: Path, tmp_path: Path) -> None:
    page = tmp_path / "report.html"
    done = kpiaudit("report", str(export), "--no-config", "-o", str(page))
    assert done.code == 0, done.err
    written = page.read_text(encoding="utf-8")
    assert [
        name
        for name in ("trend", "waits", "week", "kpis")
        if f'<section id="{name}"' not in written
    ] == []
