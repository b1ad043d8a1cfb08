"""What charts are drawn on: as wide as its place in a page, with text of one size, or of a fixed width.

A fluid drawing places everything by percent; its lines lie in an inner picture that stretches, so that
letters never do. A fixed one, for a file of its own, has the same shapes in plain coordinates.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from kpiaudit.charts.markup import Child, Markup, number, tag

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Canvas:
    """The area inside the margins: x is a share of its width, y is pixels from its top."""

    height: float
    width: float | None = None
    """Pixels; None is fluid."""

    def x(self, share: float) -> str:
        """Return a place, or a width, as an attribute's value."""
        return f"{number(share * 100)}%" if self.width is None else number(share * self.width)

    def line(self, points: Sequence[Point], class_: str) -> Markup:
        """Return a line through points."""
        wide = 1000.0 if self.width is None else self.width
        drawn = tag(
            "polyline",
            points=" ".join(f"{number(x * wide, 1)},{number(y, 1)}" for x, y in points),
            class_=class_,
            vector_effect="non-scaling-stroke",
        )
        if self.width is not None:
            return drawn
        return self.stretched([drawn], (1000, self.height))

    def stretched(self, shapes: Sequence[Markup], size: tuple[float, float]) -> Markup:
        """Return shapes drawn on a grid of some size, stretched over the whole area."""
        if self.width is not None:
            scale = f"scale({self.width / size[0]:.6g} {self.height / size[1]:.6g})"
            return tag("g", *shapes, transform=scale)
        return tag(
            "svg",
            *shapes,
            width="100%",
            height=self.height,
            viewBox=f"0 0 {number(size[0])} {number(size[1])}",
            preserveAspectRatio="none",
            overflow="visible",
        )

    def rule(self, y: float, class_: str) -> Markup:
        """Return a horizontal line across."""
        return tag("line", x2=self.x(1), y1=y, y2=y, class_=class_)

    def upright(self, share: float, class_: str | None, *, top: float = 0) -> Markup:
        """Return a vertical line."""
        return tag(
            "line",
            x1=self.x(share),
            x2=self.x(share),
            y1=top or None,
            y2=self.height,
            class_=class_,
        )

    def label(self, share: float, y: float, words: str, class_: str, *, dx: float = 0) -> Markup:
        """Return text at a place; the class says to which side it runs."""
        return tag(
            "text", words, x=self.x(share), y=y, dx=None if dx == 0 else float(dx), class_=class_
        )

    def box(self, place: tuple[float, float, float, float], class_: str | None) -> Markup:
        """Return a rectangle: left and width as shares, top and height in pixels, as (x, y, w, h)."""
        x, y, width, height = place
        return tag(
            "rect",
            x=self.x(x) if x else None,
            y=float(y),
            width=self.x(width),
            height=float(height),
            class_=class_,
        )

    def dot(self, share: float, y: float, class_: str, radius: float = 3) -> Markup:
        """Return a circle."""
        return tag("circle", cx=self.x(share), cy=float(y), r=float(radius), class_=class_)


Drawing = Callable[[Canvas], Markup]


@dataclass(frozen=True, slots=True)
class Margins:
    """Room around the area, in pixels: for the labels of its axes."""

    left: float
    right: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Table:
    """The numbers of a chart; the first column names the rows."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Chart:
    """One chart, not yet drawn."""

    kind: str
    """trend | distribution | demand | backlog | breaches: a class, and the name of its file."""
    title: str
    finding: str
    """One sentence: what it shows."""
    table: Table
    drawing: Drawing
    height: float
    margins: Margins


def fluid(chart: Chart) -> Markup:
    """Return a chart for a page: as wide as its place, its margins given by the page's style."""
    around = chart.margins
    return tag(
        "svg",
        tag("g", chart.drawing(Canvas(chart.height)), transform=f"translate(0 {around.top:g})"),
        class_=f"chart {chart.kind}",
        role="img",
        aria_label=f"{chart.title}. {chart.finding}",
        height=chart.height + around.top + around.bottom,
    )


def fixed(chart: Chart, width: float, *before: Child) -> Markup:
    """Return a chart of a fixed width with its namespace, after what goes before (its style)."""
    around = chart.margins
    inner = width - around.left - around.right
    height = chart.height + around.top + around.bottom
    return tag(
        "svg",
        *before,
        tag(
            "g",
            chart.drawing(Canvas(chart.height, inner)),
            transform=f"translate({around.left:g} {around.top:g})",
        ),
        xmlns="http://www.w3.org/2000/svg",
        width=float(width),
        height=float(height),
        viewBox=f"0 0 {width:g} {height:g}",
        role="img",
        aria_label=f"{chart.title}. {chart.finding}",
        class_=f"chart {chart.kind}",
    )
