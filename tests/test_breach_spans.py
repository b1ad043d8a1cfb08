"""The clocks of the worst breaches, span by span: on a whiteboard, and summing to the figures shown."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from audits import report, sla, written
from builders import calendar, canonical_csv, timeline
from commands import kpiaudit

if TYPE_CHECKING:
    from kpiaudit.report import Report

POLICY = (
    sla("solve", "resolution", "2h", 'calendar = "desk"')
    + sla("answer", "first_response", "1h", 'calendar = "desk"')
    + calendar(
        "desk",
        "mon-fri 09:00-17:00",
        rest='holidays = { add = [2026-03-03] }\nbreaks = { 2026-03-04 = ["12:00-13:00"] }',
    )
)
"""Tuesday is a holiday, on Wednesday lunch is a break."""
LINES = (
    "mon 16:00 in",
    "wed 11:00 out Ana",
    "11:30 status pending",
    "14:00 status open",
    "15:00 status resolved",
)


def audited(folder: Path, *, views: frozenset[str] = frozenset({"spans"})) -> Report:
    rows = [*timeline("a", *LINES), *timeline("b", "mon 09:00 in", "09:30 out", "wed 17:00 in")]
    request = written(folder, {"m.csv": canonical_csv(rows)}, POLICY)
    return report(replace(request, views=views))


def test_every_span_has_its_reason_and_its_time(tmp_path: Path) -> None:
    """Solving: 1h on Monday, 2.5h until pending, 1h after it; pending took 1.5h of open time, lunch none."""
    found = audited(tmp_path)
    place = [(b.sla, b.conversation_id) for b in found.breaches].index(("solve", "a"))
    told = [
        (f"{span.starts_at:%a %H:%M}", span.state, span.counted / timedelta(hours=1), span.is_over)
        for span in found.breach_spans[place]
    ]
    assert told == [
        ("Mon 16:00", "ticking", 1.0, False),
        ("Mon 17:00", "outside hours", 0.0, False),
        ("Tue 00:00", "holiday", 0.0, False),
        ("Wed 00:00", "outside hours", 0.0, False),
        ("Wed 09:00", "ticking", 1.0, False),
        ("Wed 10:00", "ticking", 1.5, True),
        ("Wed 11:30", "paused", 0.0, True),
        ("Wed 14:00", "ticking", 1.0, True),
    ]
    assert found.breaches[place].elapsed_seconds == 4.5 * 3600


def test_the_spans_of_every_breach_sum_to_its_figure(tmp_path: Path) -> None:
    found = audited(tmp_path)
    assert {breach.sla for breach in found.breaches} == {"solve", "answer"}
    for breach, spans in zip(found.breaches, found.breach_spans, strict=True):
        counted = sum((span.counted for span in spans), timedelta())
        assert counted.total_seconds() == breach.elapsed_seconds
        over = sum((span.counted for span in spans if span.is_over), timedelta())
        assert over.total_seconds() == breach.overrun_seconds
        assert spans[0].starts_at == breach.started_at
        assert [b.starts_at for b in spans[1:]] == [a.ends_at for a in spans[:-1]]


@pytest.mark.parametrize("views", [frozenset[str](), frozenset({"trend"})])
def test_spans_are_made_for_a_page_alone(tmp_path: Path, views: frozenset[str]) -> None:
    found = audited(tmp_path, views=views)
    assert found.breach_spans == ()
    assert found.breaches == audited(tmp_path).breaches


def test_the_page_of_a_sample_tells_its_worst_clocks(tmp_path: Path, root: Path) -> None:
    page = tmp_path / "r.html"
    policy = str(root / "sample_exports" / "kpiaudit.toml")
    sample = str(root / "sample_exports" / "zendesk_json")
    ran = kpiaudit("report", sample, "-c", policy, "-o", str(page), "--quiet")
    assert ran.code == 0
    assert '<table class="spans">' in page.read_text("utf-8")
