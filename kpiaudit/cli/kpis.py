"""`kpis`: the list of KPIs, what each counts and what it needs."""

from __future__ import annotations

from typing import Annotated

from kpiaudit.cli.options import option
from kpiaudit.cli.outputs import one_of, show, write_out

FORMATS = ("text", "json")


def kpis(
    format: Annotated[str, option("--format", help="text or json on stdout.")] = "text",  # noqa: A002
) -> None:
    """List every KPI: what it counts, what an export must hold for it, which way is better.

    Example: kpiaudit kpis --format json
    """
    one_of(format, FORMATS, option="--format")
    if format == "json":
        from kpiaudit.renderers.kpis import catalogue_as_json

        write_out(catalogue_as_json())
        return
    from kpiaudit.renderers.terminal.kpis import render_catalogue

    show(render_catalogue, no_color=False)
