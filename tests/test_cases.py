"""Scenarios as data: a timeline and a policy in, clocks and outcomes out. Each is in `cases/*.toml`.

`clocks` lists every row of the clocks file that an SLA judged, by conversation, in the file's order;
an entry with `sla = ""` asks for the metric's clocks no SLA took too. Only what an entry names is
compared. `figures` are those of the report. A case's `policy` replaces its file's, key by key.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from audits import clocks, report, written
from builders import canonical_csv, duration, instant, timeline

from kpiaudit.policy.load import parse_policy

if TYPE_CHECKING:
    from kpiaudit.report import Report

HERE = Path(__file__).resolve().parent
Case = dict[str, Any]
COLUMNS = {
    "of": "conversation_id",
    "start": "started_at",
    "stop": "stopped_at",
    "reason": "stop_reason",
    "elapsed": "elapsed_seconds",
    "wall": "wall_seconds",
    "paused": "paused_seconds",
    "target": "target_seconds",
    "due": "due_at",
    "excluded": "excluded_reason",
}
KEYS = {
    "name", "decision", "policy", "timeline", "timelines", "exports_in", "as_of", "since", "until",
    "clocks", "figures", "exports",
}  # fmt: skip


@cache
def cases() -> dict[str, Case]:
    """Every case under `theme: name`, with its file's policy."""
    found: dict[str, Case] = {}
    for path in sorted((HERE / "cases").glob("*.toml")):
        document = tomllib.loads(path.read_text("utf-8"))
        for case in document["case"]:
            name = f"{path.stem}: {case['name']}"
            assert name not in found, f"{name} is there twice"
            assert case.keys() <= KEYS, f"{name}: {case.keys() - KEYS}"
            found[name] = case | {"policy": document["policy"] | case.get("policy", {})}
    return found


def exports(case: Case) -> dict[str, str]:
    """The files of a case: one, unless it says which."""
    files = case.get("exports_in") or {
        "export.csv": case.get("timelines") or {"c1": case["timeline"]}
    }
    return {
        name: canonical_csv(row for key, lines in told.items() for row in timeline(key, *lines))
        for name, told in files.items()
    }


def comparable(key: str, value: str | float, row: dict[str, Any]) -> tuple[Any, Any]:
    """What a case expects and what a row says, in the same type."""
    actual = row[COLUMNS.get(key, key)]
    if value in {"none", ""}:
        return None, actual if key != "reason" else (None if actual == value else actual)
    if key in {"start", "stop", "due"}:
        return instant(str(value)), actual
    if key in {"elapsed", "wall", "paused", "target"}:
        return duration(str(value)), None if actual is None else timedelta(seconds=actual)
    return value, actual


def judged(rows: list[dict[str, Any]], wanted: list[Case]) -> list[dict[str, Any]]:
    """The rows a case speaks of, by conversation."""
    free = {entry["metric"] for entry in wanted if entry.get("sla") == ""}
    mine = [row for row in rows if row["sla"] is not None or row["metric"] in free]
    return sorted(mine, key=lambda row: (row["conversation_id"], row["system"]))


def differences(rows: list[dict[str, Any]], wanted: list[Case]) -> list[str]:
    if len(rows) != len(wanted):
        told = [f"{r['conversation_id']} {r['metric']} {r['sla']} {r['outcome']}" for r in rows]
        return [f"{len(wanted)} clocks expected, not {told}"]
    return [
        f"clock {n}: {key} is {actual}, not {expected}"
        for n, (row, entry) in enumerate(zip(rows, wanted, strict=True), 1)
        for key, value in entry.items()
        for expected, actual in [comparable(key, value, row)]
        if expected != actual
    ]


def wrong_figures(found: Report, case: Case) -> list[str]:
    """What the report says otherwise of SLAs and of exports."""
    told = {sla.name: asdict(sla) | asdict(sla.figures) for sla in found.slas}
    told |= {Path(export.path).name: asdict(export) for export in found.exports}
    return [
        f"{name}: {key} is {told[name][key]}, not {value}"
        for name, figures in (case.get("figures", {}) | case.get("exports", {})).items()
        for key, value in figures.items()
        if told[name][key] != value
    ]


def unbalanced(found: Report) -> list[str]:
    """Where the identity of a run does not add up."""
    wrong = [
        export.path
        for export in found.exports
        if export.rows != export.used + export.duplicates + export.rejects + export.skipped
    ]
    for sla in found.slas:
        f = sla.figures
        if f.clocks != f.met + f.breached + f.open + f.excluded:
            wrong.append(sla.name)
    return wrong + [
        m.metric for m in found.integrity.metrics if m.clocks != m.matched + m.unmatched
    ]


@pytest.mark.parametrize("name", cases())
def test_case(name: str, tmp_path: Path) -> None:
    case = cases()[name]
    moments: dict[str, datetime] = {
        key: instant(case[key]) for key in ("as_of", "since", "until") if key in case
    }
    settings = parse_policy(case["policy"], path="kpiaudit.toml", folder=tmp_path)
    request = written(tmp_path, exports(case), settings, **moments)
    result = report(request)
    wrong = differences(judged(clocks(request), case["clocks"]), case["clocks"])
    assert not [*wrong, *wrong_figures(result, case), *unbalanced(result)], name


ELSEWHERE = {
    "A call waits from the queue on, and one without a queue waits for nobody": (
        "sources/test_amazon_connect_ctr.py",
        "test_the_worked_record_waited_7_seconds_in_the_queue",
    ),
    "A phone log's seconds stand where it has no stamp": (
        "sources/test_talkdesk_calls.py",
        "test_the_worked_record_waited_5_seconds_and_talked_6",
    ),
    "An agent is in one state at a time": (
        "test_kpis_beside.py",
        "test_utilization_is_open_time_there_of_open_time_between_first_and_last",
    ),
}
"""Worked examples that need more than a timeline, and the tests that hold them."""


def test_every_worked_example_of_the_decisions_is_a_case() -> None:
    text = (HERE.parent / "DECISIONS.md").read_text("utf-8")
    rules = text.partition("\n## How it is built")[0]
    sections = re.split(r"^### ", rules, flags=re.MULTILINE)[1:]
    worked = {part.splitlines()[0] for part in sections if "\n> " in part}
    named = {case["decision"] for case in cases().values() if "decision" in case}
    assert worked <= named | ELSEWHERE.keys()
    for place, name in ELSEWHERE.values():
        assert f"def {name}(" in (HERE / place).read_text("utf-8")
    assert named <= {part.splitlines()[0] for part in sections}
