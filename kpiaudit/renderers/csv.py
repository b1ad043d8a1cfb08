"""The report as CSV: SUMMARY, one row per SLA and group, safe to open in a spreadsheet."""

from __future__ import annotations

import csv
import io
from dataclasses import fields
from typing import TYPE_CHECKING

from kpiaudit.inert import csv_cell
from kpiaudit.renderers.json import figures
from kpiaudit.renderers.text import whole_seconds
from kpiaudit.report import Figures

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from kpiaudit.report import Report, SlaResult, Verdict

Cell = str | int | float | None


def render(report: Report) -> str:
    """Return the summary: each SLA's total, then its groups, figures as in JSON.

    `by` names the dimensions of a row joined by `;` (empty on a total), and each dimension of the report
    has its column.
    """
    dimensions = list(dict.fromkeys(d for sla in report.slas for g in sla.groups for d in g.by))
    header, *rows = _rows(report, dimensions)
    return rows_as_csv(header, rows)


def rows_as_csv(header: Sequence[Cell], rows: Iterable[Sequence[Cell]]) -> str:
    """Return a table as CSV in which no text is a formula."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in (header, *rows):
        writer.writerow([csv_cell(cell) if isinstance(cell, str) else cell for cell in row])
    return out.getvalue()


def _rows(report: Report, dimensions: list[str]) -> Iterator[list[Cell]]:
    header = ["sla", "metric", "calendar", "target_seconds", "goal", "by", *dimensions]
    yield [*header, *(f.name for f in fields(Figures)), "verdict"]
    for sla in report.slas:
        yield _row(sla, {}, sla.figures, sla.verdict, dimensions=dimensions)
        for group in sla.groups:
            yield _row(sla, group.by, group.figures, group.verdict, dimensions=dimensions)


def _row(
    sla: SlaResult,
    by: dict[str, str],
    values: Figures,
    verdict: Verdict | None,
    *,
    dimensions: list[str],
) -> list[Cell]:
    return [
        sla.name,
        sla.metric,
        sla.calendar,
        whole_seconds(sla.target_seconds),
        sla.goal,
        ";".join(by),
        *(by.get(dimension) for dimension in dimensions),
        *figures(values).values(),
        verdict,
    ]
