from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kpiaudit.report import Report

COUNTS = ("clocks", "met", "breached", "open", "at_risk", "excluded", "unanswered", "n")


def test_the_report_made_by_hand_adds_up(report: Report) -> None:
    for sla in report.slas:
        for dimension in {name for group in sla.groups for name in group.by}:
            groups = [g.figures for g in sla.groups if dimension in g.by]
            for name in COUNTS:
                assert sum(getattr(g, name) for g in groups) == getattr(sla.figures, name)
    total = report.integrity
    for name in ("rows", "used", "messages", "duplicates", "rejects", "skipped"):
        assert sum(getattr(export, name) for export in report.exports) == getattr(total, name)
    assert total.rows == total.used + total.duplicates + total.rejects + total.skipped
