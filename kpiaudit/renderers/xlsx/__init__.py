"""The report as an Excel workbook: sheets an analyst pivots, native charts, no formula and no link.

Seconds are whole numbers, shares 0..1 shown as percent, instants dates in UTC. Every text is a text cell,
whatever it begins with. Rows are written as they come and never held, so that memory stays small.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from kpiaudit.renderers.xlsx import charts, sheets
from kpiaudit.renderers.xlsx.book import ROWS_MOST, Book
from kpiaudit.renderers.xlsx.sheets import ClockRows

if TYPE_CHECKING:
    from kpiaudit.report import Report

__all__ = ["ROWS_MOST", "ClockRows", "write"]


def write(report: Report, path: Path, *, clocks: ClockRows | None = None) -> None:
    """Write the workbook; `clocks` are the rows of the clocks file, of which ROWS_MOST fit on a sheet.

    Raises `OSError` when the disk will not have it.
    """
    from xlsxwriter.exceptions import FileCreateError

    with TemporaryDirectory(dir=path.parent, prefix=".kpiaudit-") as folder:
        book = Book(path, folder=folder, version=report.kpiaudit_version, at=report.as_of)
        try:
            summary = sheets.summary(book, report, clocks)
            slas = sheets.slas(book, report)
            sheets.groups(book, report)
            sheets.kpis(book, report)
            sheets.models(book, report)
            sheets.categories(book, report)
            trends = sheets.trends(book, report)
            sheets.kpi_trends(book, report)
            sheets.breaches(book, report)
            if clocks is not None:
                sheets.clocks(book, clocks)
            sheets.rejects(book, report)
            sheets.exports(book, report)
            sheets.definitions(book, report)
            charts.draw(book, report, summary=summary, slas=slas, trends=trends)
            book.close()
        except FileCreateError as error:
            reason = error.args[0] if error.args else error
            raise reason if isinstance(reason, OSError) else OSError(str(reason)) from error
        finally:
            with suppress(OSError):
                book.release()
