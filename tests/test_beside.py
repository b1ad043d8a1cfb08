"""Presence and self-service: read as mapped, every row accounted for, no message made of them."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from audits import report, sla, written
from builders import canonical_csv, instant, timeline

from kpiaudit.beside import apart
from kpiaudit.pipeline import read
from kpiaudit.schema import PRESENCE

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpiaudit.audit import Request
    from kpiaudit.beside import Beside

import polars as pl

ANSWER = sla("answer", "first_response", "1h")
MAPPED = """
[sources.shifts]
kind = "presence"
files = "shifts*.csv"
columns = { agent = "Who", from = "Start", to = "End", state = { column = "State", values = { on = "available", call = "busy", away = "away" } } }

[sources.help]
kind = "self_service"
files = "help*.csv"
columns = { at = "When", kind = "What", customer = "Who" }
"""
SHIFTS = """Who,Start,End,State
Ana,2026-03-02T09:00:00Z,2026-03-02T10:00:00Z,on
Ana,2026-03-02T10:00:00Z,2026-03-02T10:30:00Z,call
Ben,2026-03-02T09:00:00Z,2026-03-02T08:00:00Z,on
Ben,2026-03-02T09:00:00Z,,on
,2026-03-02T09:00:00Z,2026-03-02T09:30:00Z,on
Ben,soon,2026-03-02T09:30:00Z,on
Ben,2026-03-02T09:00:00Z,2026-03-02T09:30:00Z,lunch
Who,Start,End,State
Ben,2026-03-02T13:00:00Z,2026-03-02T14:00:00Z,away
"""
HELP = """When,What,Who
2026-03-02T08:00:00Z,view,c1
2026-03-02T07:00:00Z,search_empty,
2026-03-02T07:30:00Z,look,c1
"""


def asked(folder: Path, files: Mapping[str, str], **more: object) -> Request:
    talk = canonical_csv(timeline("a", "09:00 in", "09:10 out Ana"))
    return written(folder, {"m.csv": talk, **files}, ANSWER + MAPPED, **more)  # type: ignore[arg-type]


def beside(request: Request) -> Beside:
    found = read(request).beside
    assert found is not None
    return found


def test_every_row_of_presence_is_used_or_refused_by_name(tmp_path: Path) -> None:
    found = report(asked(tmp_path, {"shifts.csv": SHIFTS}))
    (export,) = (export for export in found.exports if export.path == "shifts.csv")
    assert (export.source, export.part) == ("shifts", "presence")
    assert (export.rows, export.used, export.messages, export.duplicates) == (9, 3, 0, 0)
    assert (export.rejects, export.skipped) == (5, 1)
    assert export.reject_rules == {
        "agent: missing": 1,
        "from: not a date": 1,
        "state: unknown word": 1,
        "to: before from": 1,
        "to: missing": 1,
    }
    assert export.skip_reasons == {"repeated header": 1}
    assert (export.first_at, export.last_at) == (instant("09:00"), instant("13:00"))
    assert found.integrity.holds
    assert (found.integrity.rows, found.integrity.used, found.integrity.messages) == (11, 5, 2)
    assert [reject.row for reject in found.rejects] == [3, 4, 5, 6, 7]


def test_both_kinds_have_a_frame_of_their_own_and_change_no_clock(tmp_path: Path) -> None:
    alone = report(asked(tmp_path / "alone", {}))
    request = asked(tmp_path / "both", {"shifts.csv": SHIFTS, "help.csv": HELP})
    found = beside(request)
    assert found.kinds == {"presence", "self_service"}
    assert found.presence["state"].to_list() == ["available", "busy", "away"]
    assert found.self_service.select("at", "kind", "customer").rows() == [
        (instant("07:00"), "search_empty", None),
        (instant("08:00"), "view", "c1"),
    ]
    assert report(request).slas == alone.slas
    assert report(request).as_of == alone.as_of == instant("09:10")


def test_two_files_of_one_source_and_two_sources_of_one_kind_are_read(tmp_path: Path) -> None:
    header, first, *_ = SHIFTS.splitlines()
    files = {
        "shifts_1.csv": f"{header}\n{first}\n",
        "shifts_2.csv": f"{header}\n{first.replace('Ana', 'Ben')}\n",
        "help.csv": HELP,
    }
    request = asked(tmp_path, files)
    assert sorted(beside(request).presence["agent"].cast(str)) == ["Ana", "Ben"]
    assert {e.path: e.used for e in report(request).exports} == {
        "m.csv": 2, "shifts_1.csv": 1, "shifts_2.csv": 1, "help.csv": 2,
    }  # fmt: skip


def test_what_began_after_as_of_is_skipped(tmp_path: Path) -> None:
    request = asked(tmp_path, {"shifts.csv": SHIFTS}, as_of=instant("09:30"))
    (export,) = (export for export in report(request).exports if export.path == "shifts.csv")
    assert (export.used, export.skip_reasons) == (1, {"repeated header": 1, "after as_of": 2})


def test_presence_alone_is_read_and_nothing_is_judged(tmp_path: Path) -> None:
    request = written(tmp_path, {"shifts.csv": SHIFTS}, ANSWER + MAPPED)
    found = report(request)
    assert (found.integrity.rows, found.integrity.messages, found.verdict) == (9, 0, "no_data")


@pytest.mark.parametrize("seed", range(20))
def test_spans_of_an_agent_do_not_overlap_and_cover_what_they_covered(seed: int) -> None:
    """Minute by minute: whoever is somewhere stays so, in the state that began last."""
    random = Random(seed)
    begin = instant("09:00")
    spans = []
    for _ in range(12):
        start = random.randrange(60)
        end = start + random.randrange(1, 30)
        state = random.choice(["available", "busy"])
        spans.append((random.choice(["Ana", "Ben"]), start, end, state))
    rows = [
        (agent, begin + timedelta(minutes=a), begin + timedelta(minutes=b), state)
        for agent, a, b, state in spans
    ]
    found = apart(pl.DataFrame(rows, schema=PRESENCE, orient="row"))
    for agent in ("Ana", "Ben"):
        mine = [(a, b) for who, a, b, _ in spans if who == agent]
        begun = [a for a, _ in mine]
        for minute in range(100):
            at = begin + timedelta(minutes=minute)
            here = found.filter(
                (pl.col("agent") == agent) & (pl.col("from") <= at) & (at < pl.col("to"))
            )
            last = max((a for a in begun if a <= minute), default=None)
            covered = any(a == last and minute < b for a, b in mine)
            assert here.height == covered, (agent, minute)
