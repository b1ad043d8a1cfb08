"""Native charts on the summary sheet: adherence against goals, and each SLA's trend.

Their titles and series refer to cells of ours: a name that looks like a reference is never one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from kpiaudit.inert import sheet_cell

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.renderers.xlsx.book import Book, Sheet
    from kpiaudit.report import Report, Trend

TRENDS_MOST: Final = 12
NAME_MOST: Final = 120
SIZE: Final = {"width": 720, "height": 300}
ROWS_HIGH: Final = 16
"""Rows of the sheet a chart covers."""
ADHERENCE: Final = "#0072B2"
GOAL: Final = "#D55E00"


def draw(book: Book, report: Report, *, summary: Sheet, slas: Sheet, trends: Sheet | None) -> None:
    """Draw the charts below what the summary says, of what was decided."""
    at = summary.rows + 1
    if any(sla.figures.adherence is not None for sla in report.slas):
        summary.page.insert_chart(at, 0, _adherence(book, report, slas))
        at += ROWS_HIGH
    first = 0
    drawn = 0
    for trend in report.views.trends:
        decided = any(point.figures.adherence is not None for point in trend.points)
        if trends is not None and decided and drawn < TRENDS_MOST:
            summary.page.insert_chart(at, 0, _trend(book, trend, trends, first))
            at += ROWS_HIGH
            drawn += 1
        first += len(trend.points)


def _adherence(book: Book, report: Report, sheet: Sheet) -> Any:  # noqa: ANN401  # the library has no types
    chart, line = book.chart("column"), book.chart("line")
    names = [sheet_cell(sla.name)[:NAME_MOST] for sla in report.slas]
    series = {"categories": sheet.cells("sla"), "categories_data": names}
    shares = [sla.figures.adherence for sla in report.slas]
    chart.add_series(_series(sheet, "adherence", shares) | series | {"fill": {"color": ADHERENCE}})
    marks = {"type": "long_dash", "size": 12, "fill": {"color": GOAL}, "border": {"color": GOAL}}
    line.add_series(
        _series(sheet, "goal", [sla.goal for sla in report.slas])
        | series
        | {"line": {"none": True}, "marker": marks}
    )
    chart.combine(line)
    chart.set_title({"name": "Adherence and goal of each SLA"})
    return _finished(chart, [*shares, *(sla.goal for sla in report.slas)])


def _trend(book: Book, trend: Trend, sheet: Sheet, first: int) -> Any:  # noqa: ANN401
    count = len(trend.points)
    chart = book.chart("line")
    shares = [point.figures.adherence for point in trend.points]
    series = {
        "categories": sheet.cells("start", first, count),
        "categories_data": [point.start.isoformat() for point in trend.points],
    }
    for name, values, color in (
        ("adherence", shares, ADHERENCE),
        ("goal", [trend.goal] * count, GOAL),
    ):
        dash = {"dash_type": "dash"} if name == "goal" else {}
        chart.add_series(
            _series(sheet, name, values, first=first)
            | series
            | {"line": {"color": color, "width": 2, **dash}}
        )
    cell = sheet.cells("sla", first, 1)[:3]
    chart.set_title({"name": cell, "data": [sheet_cell(trend.sla)[:NAME_MOST]]})
    chart.set_x_axis({"num_format": "yyyy-mm-dd", "text_axis": True})
    return _finished(chart, [*shares, trend.goal])


def _series(
    sheet: Sheet, column: str, values: Sequence[float | None], *, first: int = 0
) -> dict[str, Any]:
    return {
        "name": column,
        "values": sheet.cells(column, first, len(values)),
        "values_data": ["" if value is None else value for value in values],
    }


def _finished(chart: Any, shares: Sequence[float | None]) -> Any:  # noqa: ANN401
    least = min(share for share in shares if share is not None)
    low = max(int(least * 10 - 1e-9) / 10, 0) if least < 1 else 0.9
    chart.set_y_axis(
        {"num_format": "0%", "min": low, "max": 1, "major_gridlines": {"visible": True}}
    )
    chart.set_legend({"position": "bottom"})
    chart.set_size(SIZE)
    chart.show_blanks_as("gap")
    return chart
