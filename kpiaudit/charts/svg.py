"""A chart as a file of its own: its style inside, a white ground, title and finding above, for slides."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Final

from kpiaudit.charts.canvas import Chart, Margins, fixed
from kpiaudit.charts.markup import Markup, tag
from kpiaudit.charts.style import CHART_STYLE, LIGHT

WIDTH: Final = 960.0
HEAD: Final = 62.0
SIDE: Final = 24.0


def standalone(chart: Chart) -> str:
    """Return an SVG file, well-formed XML in UTF-8."""
    around = chart.margins
    framed = replace(
        chart,
        margins=Margins(
            around.left + SIDE, around.right + SIDE, around.top + HEAD, around.bottom + 16
        ),
    )
    height = chart.height + around.top + around.bottom + HEAD + 16
    drawn = fixed(
        framed,
        WIDTH,
        tag("title", f"{chart.title}. {chart.finding}"),
        tag("style", Markup(style())),
        tag("rect", width=WIDTH, height=height, class_="ground"),
        tag("text", cut(chart.title, 80), x=SIDE, y=30.0, class_="title"),
        tag("text", cut(chart.finding, 150), x=SIDE, y=52.0, class_="finding"),
    )
    return f'<?xml version="1.0" encoding="UTF-8"?>{drawn}\n'


def style() -> str:
    """Return the style with its colours in place of their names: not every slide knows variables."""
    colours = dict(re.findall(r"--([\w-]+):\s*([^;]+);", LIGHT))
    return re.sub(r"var\(--([\w-]+)\)", lambda found: colours[found[1]], CHART_STYLE)


def cut(words: str, most: int) -> str:
    """Return words that fit a line, cut visibly; the whole of them is the title of the file."""
    return words if len(words) <= most else f"{words[: most - 1]}…"
