"""What docs/sources.md says of files that other people's tools wrote is what `inspect` finds, and a count."""

from __future__ import annotations

import csv
import json
import re
import subprocess
import sys
import zipfile
from collections import Counter
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import pytest
from imports import ROOT

PAGE = (ROOT / "docs" / "sources.md").read_text(encoding="utf-8")
HEADING = "## Files other people's tools wrote"
COUNTS = ("files", "rows", "used", "duplicates", "rejects", "skipped")


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the table: a glob, the source, the counts, and the rules of what was refused."""

    glob: str
    source: str
    counts: dict[str, int]
    rules: set[str]


def told() -> list[Line]:
    text = PAGE.partition(HEADING)[2].partition("\n## ")[0]
    lines = []
    for row in re.findall(r"^\| `(.*)\|$", text, re.MULTILINE):
        cells = [cell.strip() for cell in f"`{row}".split("|")]
        assert len(cells) == 3 + len(COUNTS), row
        numbers = [int(cell or 0) for cell in cells[2:-1]]
        counts = dict(zip(COUNTS, numbers, strict=True))
        rules = set(re.findall(r"`([^`]*)`", cells[-1])) if counts["rejects"] else set()
        lines.append(Line(cells[0].strip("`"), cells[1].strip("`"), counts, rules))
    return lines


def line_of(path: str, lines: list[Line]) -> Line:
    """The first line whose glob names a file."""
    return next(line for line in lines if fnmatchcase(path, line.glob.replace("[", "[[]")))


def files_under(folder: Path) -> list[str]:
    paths = [path for path in folder.rglob("*") if path.is_file()]
    names = sorted(path.relative_to(folder).as_posix() for path in paths)
    return [name for name in names if not Path(name).name.startswith("README")]


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> Any:  # noqa: ANN401
    """What `inspect` says of the whole folder, and every row it refused."""
    from conftest import folder_named_by

    folder = folder_named_by("KPIAUDIT_REAL_EXPORTS")
    where = tmp_path_factory.mktemp("real")
    policy = re.search(r"```toml\n(.*?)```", PAGE.partition(HEADING)[2], re.DOTALL)
    assert policy
    (where / "kpiaudit.toml").write_text(policy.group(1), encoding="utf-8")
    command = [sys.executable, "-m", "kpiaudit", "inspect", str(folder), "--format", "json"]
    options = ["-c", str(where / "kpiaudit.toml"), "--quiet", "--rejects", str(where / "no.csv")]
    done = subprocess.run([*command, *options], capture_output=True, text=True, check=True)
    with (where / "no.csv").open(encoding="utf-8", newline="") as refused:
        return folder, json.loads(done.stdout), list(csv.DictReader(refused))


def packed_in(path: str) -> str:
    """The file on disk that an export lies in."""
    return path.partition(".zip/")[0] + ".zip" if ".zip/" in path else path


@pytest.mark.real_exports
def test_every_real_file_is_in_the_table_and_no_other(found: Any) -> None:  # noqa: ANN401
    folder, _, _ = found
    lines = told()
    named = Counter(line_of(name, lines).glob for name in files_under(folder))
    assert named == {line.glob: line.counts["files"] for line in lines}


@pytest.mark.real_exports
def test_the_table_says_what_became_of_every_row(found: Any) -> None:  # noqa: ANN401
    _, inspected, refused = found
    lines = told()
    sums = {line.glob: Counter[str]() for line in lines}
    sources: dict[str, set[str]] = {line.glob: set() for line in lines}
    for export in inspected["exports"]:
        glob = line_of(packed_in(export["path"]), lines).glob
        sums[glob].update({name: export[name] for name in COUNTS[1:]})
        sources[glob].add(export["source"])
    for problem in inspected["problems"]:
        if match := re.match(r"not read: (\S+): no source claims this file", problem):
            sources[line_of(match[1], lines).glob].add("none")
    rules: dict[str, set[str]] = {line.glob: set() for line in lines}
    for row in refused:
        rules[line_of(packed_in(row["export"]), lines).glob].add(row["rule"])
    for line in lines:
        kept = {name: sums[line.glob][name] for name in COUNTS[1:]}
        assert (line.glob, sources[line.glob]) == (line.glob, {line.source})
        assert (line.glob, kept) == (line.glob, {name: line.counts[name] for name in COUNTS[1:]})
        assert (line.glob, line.rules) == (line.glob, rules[line.glob])


def records(path: Path) -> int | None:
    """How many records a file holds, by the standard library alone; None for chats, whose lines run on."""
    if path.suffix == ".eml":
        return 1
    if path.suffix == ".csv":
        with path.open(encoding="utf-8-sig", newline="") as lines:
            return sum(1 for row in csv.reader(lines) if any(row)) - 1
    if path.suffix == ".jsonl":
        return sum(1 for line in path.read_text(encoding="utf-8").splitlines() if line.strip())
    if path.suffix == ".zip":
        with zipfile.ZipFile(path) as packed:
            names = [name for name in packed.namelist() if name.endswith(".json")]
            return sum(len(json.loads(packed.read(name))) for name in names)
    if path.suffix == ".json":
        content = json.loads(path.read_text(encoding="utf-8"))
        return len(content if isinstance(content, list) else listed(content))
    return None


def listed(content: dict[str, Any]) -> list[Any]:
    """The messages of a JSON export of chats: its own, or those of every chat."""
    if "messages" in content:
        return list(content["messages"])
    return [message for chat in content["chats"]["list"] for message in chat["messages"]]


@pytest.mark.real_exports
def test_the_rows_of_the_table_are_those_a_plain_count_finds(found: Any) -> None:  # noqa: ANN401
    folder, _, _ = found
    lines = told()
    counted = Counter[str]()
    uncounted = set()
    for name in files_under(folder):
        line = line_of(name, lines)
        if line.source == "none":
            continue
        count = records(folder / name)
        if count is None:
            uncounted.add(line.source)
        else:
            counted[line.glob] += count
    assert uncounted == {"whatsapp_chat"}
    read = [line for line in lines if line.source not in {"none", *uncounted}]
    assert counted == {line.glob: line.counts["rows"] for line in read}
    assert all(
        line.counts["rows"] == sum(line.counts[name] for name in COUNTS[2:]) for line in lines
    )
