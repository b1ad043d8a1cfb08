"""Breaches behind and ahead: which clocks are listed, in which order, with which rows."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from audits import clocks, of, sla, written
from builders import calendar, canonical_csv, instant, timeline

from kpiaudit.audit import Request
from kpiaudit.pipeline import audit
from kpiaudit.policy.load import load_policy
from kpiaudit.whatif.prospects import list_breaches

if TYPE_CHECKING:
    from kpiaudit.whatif.outlook import BreachList

NOON = instant("12:00")
POLICY = sla("answer", "first_response", "1h") + sla("solve", "resolution", "4h")


def listed(
    folder: Path, *lines: tuple[str, ...], policy: str = POLICY, at_risk: bool = True, top: int = 20
) -> BreachList:
    rows = [row for name, *said in lines for row in timeline(name, *said)]
    request = written(folder, {"m.csv": canonical_csv(rows)}, policy, as_of=NOON)
    return list_breaches(audit(replace(request, top=top)), is_ahead=at_risk)


def test_a_clock_is_at_risk_from_four_fifths_of_its_target_until_it_is_over(
    tmp_path: Path,
) -> None:
    found = listed(
        tmp_path,
        ("young", "11:12:01 in"),
        ("ripe", "11:12 in"),
        ("last", "11:00 in"),
        ("over", "10:59:59 in"),
        ("told", "11:10 in", "11:50 out Ana"),
        policy=sla("answer", "first_response", "1h"),
    )
    assert [(c.conversation_id, c.left_seconds, c.due_at) for c in found.at_risk] == [
        ("last", 0.0, NOON),
        ("ripe", 720.0, instant("12:12")),
    ]
    assert (found.breached, found.open, found.risked) == (1, 3, 2)
    assert found.breaches == ()


def test_soonest_due_comes_first_and_what_is_paused_last(tmp_path: Path) -> None:
    found = listed(
        tmp_path,
        ("paused", "08:10 in", "08:20 out Ana", "11:58 status pending"),
        ("late", "08:40 in", "08:50 out Ana"),
        ("soon", "11:10 in"),
        ("next", "08:30 in", "08:50 out Ana"),
    )
    assert [(c.conversation_id, c.sla, c.due_at) for c in found.at_risk] == [
        ("soon", "answer", instant("12:10")),
        ("next", "solve", instant("12:30")),
        ("late", "solve", instant("12:40")),
        ("paused", "solve", None),
    ]
    assert found.at_risk[-1].left_seconds == 12 * 60


def test_time_left_is_open_time(tmp_path: Path) -> None:
    """Asked at 10:06, closed from 11:00: 54 minutes used, the other 6 begin at 14:00."""
    office = sla("answer", "first_response", "1h", 'calendar = "office"') + calendar(
        "office", "mon 09:00-11:00", "mon 14:00-17:00"
    )
    (clock,) = listed(tmp_path, ("c", "10:06 in"), policy=office).at_risk
    assert (clock.elapsed_seconds, clock.left_seconds) == (54 * 60, 6 * 60)
    assert clock.due_at == instant("14:06")
    assert (clock.start_export, clock.start_row) == ("m.csv", 1)


def test_as_many_are_listed_as_asked_for_and_all_are_counted(tmp_path: Path) -> None:
    late = [(f"c{n}", f"09:{n:02} in") for n in range(8)]
    found = listed(tmp_path, *late, at_risk=False, top=3)
    assert [breach.conversation_id for breach in found.breaches] == ["c0", "c1", "c2"]
    assert (found.breached, found.at_risk) == (8, ())


@pytest.fixture(scope="module")
def samples() -> Request:
    folder = Path(__file__).resolve().parent.parent / "sample_exports"
    return Request(
        paths=(str(folder),), settings=load_policy(folder / "kpiaudit.toml"), by=(), top=10_000
    )


def test_every_breach_is_listed_worst_first_with_the_rows_of_the_clocks_file(
    samples: Request,
) -> None:
    found = list_breaches(audit(samples))
    over = [breach.overrun_seconds for breach in found.breaches]
    assert over == sorted(over, reverse=True)
    assert len(found.breaches) == found.breached > 300
    expected = {
        (row["sla"], row["start_export"], row["start_row"], row["stop_export"], row["stop_row"])
        for row in of(clocks(samples), outcome="breached")
    }
    assert expected == {
        (b.sla, b.start_export, b.start_row, b.stop_export, b.stop_row) for b in found.breaches
    }


def test_an_sla_named_is_listed_alone(samples: Request) -> None:
    audited = audit(samples)
    whole = list_breaches(audited)
    for name in ("chat-first-response", "email-resolution"):
        found = list_breaches(audited, [name])
        assert found.breaches == tuple(b for b in whole.breaches if b.sla == name)
        assert [sla.name for sla in found.slas] == [name]
        assert len(found.breaches) == found.breached < whole.breached
