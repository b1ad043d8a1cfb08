"""`--charts DIR`: every chart of a report as an SVG of its own, for slides."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from kpiaudit.cli.options import option
from kpiaudit.cli.outputs import check_target, text_writer
from kpiaudit.errors import OutputError

if TYPE_CHECKING:
    from kpiaudit.cli.outputs import Write
    from kpiaudit.report import Report

Charts = Annotated[
    str | None,
    option("--charts", metavar="DIR", help="Write every chart as an SVG of its own, for slides."),
]


def charts_folder(target: str) -> Path:
    """Return the folder charts go to, there or to be made. Raises `OutputError` before any work is done."""
    folder = Path(target)
    if not folder.exists():
        check_target(target, ())
    elif not folder.is_dir():
        raise OutputError("is no folder", where=f"--charts {target}", hint="name a folder")
    elif not os.access(folder, os.W_OK):
        raise OutputError("may not be written to", where=f"--charts {target}")
    return folder


def chart_files(result: Report, folder: Path, exports: list[str]) -> list[tuple[Path, Write]]:
    """Make the folder and return the files to be written into it. Raises `OutputError`s."""
    from kpiaudit.charts.gallery import charts_of
    from kpiaudit.charts.svg import standalone

    try:
        folder.mkdir(exist_ok=True)
    except OSError as error:
        reason = error.strerror or str(error)
        raise OutputError(f"cannot be made: {reason}", where=f"--charts {folder}") from error
    return [
        (check_target(str(folder / name), exports), text_writer(standalone(chart)))
        for name, chart in charts_of(result)
    ]
