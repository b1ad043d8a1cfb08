from __future__ import annotations

import csv
import importlib.util
import subprocess
import sys
from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from fractions import Fraction
from math import ceil, floor
from pathlib import Path
from types import ModuleType

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
HEADER = [
    "tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id",
    "in_response_to_tweet_id",
]  # fmt: skip
ROWS = 6_000
SECONDS = ("mean", "median", "p90", "p95", "max")

Table = dict[str, dict[str, str]]


def printed(script: str, *arguments: str | Path) -> str:
    command = [sys.executable, str(BENCHMARKS / script), *map(str, arguments)]
    return subprocess.run(command, check=True, capture_output=True, encoding="utf-8").stdout


def table(script: str, *arguments: str | Path) -> Table:
    lines = list(csv.DictReader(printed(script, *arguments).splitlines()))
    assert [line["name"] for line in lines] == sorted(
        (line["name"] for line in lines), key=lambda name: (name != "total", name)
    )
    return {line["name"]: line for line in lines}


def records(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="session")
def twcs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("benchmarks") / "twcs.csv"
    printed("generate_twcs.py", str(ROWS), path)
    return path


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("generate", BENCHMARKS / "generate_twcs.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def walk(messages: list[dict[str, str]]) -> list[tuple[str, int | None, int]]:
    """Brand, seconds waited and seconds until the last event of every clock, message by message."""
    by_id = {row["tweet_id"]: row for row in messages}
    threads = defaultdict(list)
    for row in messages:
        root = row
        while root["in_response_to_tweet_id"] in by_id:
            root = by_id[root["in_response_to_tweet_id"]]
        created_at = datetime.strptime(row["created_at"], "%a %b %d %H:%M:%S %z %Y")
        key = (root["tweet_id"], root["in_response_to_tweet_id"] != "")
        threads[key].append((int(created_at.timestamp()), int(row["tweet_id"]), row))
    last = max(sent for thread in threads.values() for sent, _, _ in thread)
    clocks: list[tuple[str, int | None, int]] = []
    for (_, is_partial), thread in threads.items():
        thread.sort(key=lambda message: message[:2])
        if thread[0][2]["inbound"] == "False" and not is_partial:
            continue
        started = None
        for sent, _, row in thread:
            if started is None and row["inbound"] == "True":
                started = sent
            elif started is not None and row["inbound"] == "False":
                clocks.append((row["author_id"], sent - started, last - started))
                break
        else:
            if started is not None:
                clocks.append(("(unassigned)", None, last - started))
    return clocks


def statistics(waits: list[int]) -> list[Fraction]:
    waits = sorted(waits)

    def percentile(share: Fraction) -> Fraction:
        at = (len(waits) - 1) * share
        low, high = waits[floor(at)], waits[ceil(at)]
        return low + (high - low) * (at - floor(at))

    shares = [Fraction(50, 100), Fraction(90, 100), Fraction(95, 100)]
    return [Fraction(sum(waits), len(waits)), *map(percentile, shares), Fraction(waits[-1])]


def expected(path: Path, *, whole_seconds: bool) -> Table:
    groups: dict[str, list[tuple[int | None, int]]] = defaultdict(list)
    for brand, waited, age in walk(records(path)):
        groups["total"].append((waited, age))
        groups[brand].append((waited, age))
    lines = {}
    for name, clocks in groups.items():
        waits = [waited for waited, _ in clocks if waited is not None]
        met = sum(waited <= 3600 for waited in waits)
        still_open = sum(waited is None and age <= 3600 for waited, age in clocks)
        breached = len(clocks) - met - still_open
        decided = met + breached
        values = statistics(waits) if waits else []
        written = [
            str(ceil(value)) if whole_seconds else f"{floor(value * 10 + Fraction(1, 2)) / 10:.1f}"
            for value in values
        ]
        lines[name] = {
            "name": name,
            "clocks": str(len(clocks)),
            "met": str(met),
            "breached": str(breached),
            "open": str(still_open),
            "adherence": f"{met / decided:.6f}" if decided else "",
            "n": str(len(waits)),
            **dict(zip(SECONDS, written or [""] * 5, strict=True)),
        }
    return lines


def write_twcs(path: Path, rows: list[tuple[int, str, datetime, int | None]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER)
        for number, author, sent, parent in rows:
            written = sent.strftime("%a %b %d %H:%M:%S +0000 %Y")
            inbound = str(author.isdigit())
            writer.writerow([number, author, inbound, written, "hello", "", parent or ""])
    return path


@pytest.fixture
def seven_conversations(tmp_path: Path) -> Path:
    """Met to the second, breached by one second, opened by the brand, partial, and unanswered."""
    noon = datetime(2017, 11, 1, 12, tzinfo=UTC)

    def after(seconds: int) -> datetime:
        return noon + timedelta(seconds=seconds)

    return write_twcs(
        tmp_path / "seven.csv",
        [
            (2, "Acme", after(3_600), 1),
            (1, "701", noon, None),
            (4, "Acme", after(3_601), 3),
            (3, "702", noon, None),
            (5, "Acme", noon, None),
            (6, "703", after(10), 5),
            (7, "Acme", after(20), 6),
            (8, "Bolt", noon, 999),
            (9, "704", after(100), 8),
            (10, "Bolt", after(130), 9),
            (11, "705", noon, None),
            (13, "706", after(5_000), None),
            (14, "706", after(6_000), 13),
            (15, "707", after(8_600), None),
        ],
    )


SEVEN = {
    "total": (
        "6",
        "2",
        "2",
        "2",
        "0.500000",
        "3",
        "2410.3",
        "3600.0",
        "3600.8",
        "3600.9",
        "3601.0",
    ),
    "(unassigned)": ("3", "0", "1", "2", "0.000000", "0", "", "", "", "", ""),
    "Acme": ("2", "1", "1", "0", "0.500000", "2", "3600.5", "3600.5", "3600.9", "3601.0", "3601.0"),
    "Bolt": ("1", "1", "0", "0", "1.000000", "1", "30.0", "30.0", "30.0", "30.0", "30.0"),
}

AUDITS = [
    pytest.param("duckdb", ("audit_duckdb.py",), id="duckdb recursive"),
    pytest.param("duckdb", ("audit_duckdb.py", "--chains", "jumping"), id="duckdb jumping"),
    pytest.param("pandas", ("audit_pandas.py",), id="pandas"),
]


@pytest.mark.parametrize(("library", "audit"), AUDITS)
def test_an_audit_judges_each_kind_of_conversation(
    library: str, audit: tuple[str, ...], seven_conversations: Path
) -> None:
    pytest.importorskip(library, reason="the bench extra is not installed")
    lines = table(*audit, seven_conversations)
    assert {name: tuple(line.values())[1:] for name, line in lines.items()} == SEVEN


@pytest.mark.parametrize(("library", "audit"), AUDITS)
def test_an_audit_equals_a_plain_reading_of_the_file(
    library: str, audit: tuple[str, ...], twcs: Path
) -> None:
    pytest.importorskip(library, reason="the bench extra is not installed")
    assert table(*audit, twcs) == expected(twcs, whole_seconds=False)
    assert table(*audit, "--whole-seconds", twcs) == expected(twcs, whole_seconds=True)


def test_kpiaudit_equals_a_plain_reading_of_the_file(twcs: Path) -> None:
    assert table("audit_kpiaudit.py", twcs) == expected(twcs, whole_seconds=True)


def test_kpiaudit_judges_each_kind_of_conversation(seven_conversations: Path) -> None:
    lines = table("audit_kpiaudit.py", seven_conversations)
    assert lines == expected(seven_conversations, whole_seconds=True)
    counts = {name: tuple(line.values())[1:7] for name, line in lines.items()}
    assert counts == {name: values[:6] for name, values in SEVEN.items()}


def test_the_floor_reads_every_message(twcs: Path) -> None:
    assert printed("floor.py", twcs) == f"({ROWS}, 5)\n"


def test_the_same_arguments_give_the_same_bytes(twcs: Path, tmp_path: Path) -> None:
    again, other = tmp_path / "again.csv", tmp_path / "other.csv"
    printed("generate_twcs.py", str(ROWS), again)
    printed("generate_twcs.py", str(ROWS), other, "--seed", "8")
    assert again.read_bytes() == twcs.read_bytes() != other.read_bytes()


def test_the_file_has_the_shape_of_twcs(twcs: Path) -> None:
    rows = records(twcs)
    ids = {row["tweet_id"] for row in rows}
    parents = Counter(row["in_response_to_tweet_id"] for row in rows)
    absent = sum(count for parent, count in parents.items() if parent and parent not in ids)
    roots = parents[""] + absent
    branches = sum(count - 1 for parent, count in parents.items() if parent in ids)
    opened_by_brand = [row["inbound"] for row in rows if row["in_response_to_tweet_id"] not in ids]
    assert list(rows[0]) == HEADER
    assert len(ids) == len(rows) == ROWS
    assert 3.3 < ROWS / roots < 3.8
    assert 0.53 < sum(row["inbound"] == "True" for row in rows) / ROWS < 0.57
    assert 0.02 < absent / roots < 0.04
    assert 0.01 < opened_by_brand.count("False") / roots < 0.03
    assert 0.04 < branches / (ROWS - roots) < 0.10
    assert 170 < twcs.stat().st_size / ROWS < 195


def test_the_texts_hold_what_breaks_a_naive_reader(twcs: Path) -> None:
    texts = [row["text"] for row in records(twcs)]
    assert all(any(sign in text for text in texts) for sign in ("\n", ",", '"', "😡"))


def test_the_rows_are_in_order_of_neither_ids_nor_time(twcs: Path) -> None:
    rows = records(twcs)
    ids = [int(row["tweet_id"]) for row in rows]
    by_thread = [row["created_at"] for row in rows]
    assert ids != sorted(ids)
    assert set(range(1, max(ids))) - set(ids)
    assert by_thread != sorted(
        by_thread, key=lambda at: datetime.strptime(at[4:], "%b %d %H:%M:%S %z %Y")
    )


def test_the_listed_responses_are_the_messages_that_answer(twcs: Path) -> None:
    rows = records(twcs)
    answers = defaultdict(set)
    for row in rows:
        answers[row["in_response_to_tweet_id"]].add(row["tweet_id"])
    listed = {
        row["tweet_id"]: set(filter(None, row["response_tweet_id"].split(","))) for row in rows
    }
    assert listed == {row["tweet_id"]: answers[row["tweet_id"]] for row in rows}


@pytest.mark.parametrize("rows", [1, 2, 999, 1_000])
def test_any_number_of_rows_comes_out_block_by_block(
    rows: int, generator: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generator, "BLOCK", 50)
    monkeypatch.setattr(generator, "TEXTS", 100)
    path = tmp_path / "blocks.csv"
    with path.open("wb") as file:
        generator.write_blocks(rows, file, 7)
    written = records(path)
    ids = {int(row["tweet_id"]) for row in written}
    parents = {int(row["in_response_to_tweet_id"] or 0) for row in written} - {0}
    assert len(ids) == len(written) == rows
    assert {parent for parent in parents if parent < generator.ABSENT} <= ids


def test_the_chats_of_the_benchmark_are_the_same_each_time_and_whole(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.syspath_prepend(BENCHMARKS)  # where the script finds its neighbour
    spec = importlib.util.spec_from_file_location("chats_benchmark", BENCHMARKS / "chats.py")
    assert spec
    assert spec.loader
    chats = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(chats)
    texts = []
    for folder in ("one", "two"):
        monkeypatch.setattr(chats, "DATA", tmp_path / folder)
        texts.append(
            [chats.written(form, 400_000).read_bytes() for form in ("telegram", "whatsapp")]
        )
    assert texts[0] == texts[1]
    counts = [text.count(mark) for text, mark in zip(texts[0], (b'"from_id"', b"\n"), strict=True)]
    assert b"\\x1F" in texts[0][0]
    for name, count in zip(("telegram", "whatsapp"), counts, strict=True):
        path = next((tmp_path / "one").glob(f"{name}_*/*"))
        assert int(chats.measured("-c", chats.READER, path)[3]) == count
