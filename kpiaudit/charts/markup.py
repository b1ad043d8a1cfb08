"""HTML and SVG built from values: what is not markup already is escaped, and nothing in it acts or hides."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape
from typing import Final

from kpiaudit.inert import safe

VOID: Final = frozenset({"br", "circle", "col", "hr", "line", "meta", "path", "polyline", "rect"})
"""Elements without content."""
UNCLOSED: Final = frozenset({"dd", "dt", "li", "td", "th", "tr"})
"""Elements HTML lets end by themselves; a year of days is a third smaller without their end tags."""
BLOCKS: Final = frozenset(
    {
        "article", "body", "caption", "details", "div", "dl", "figure", "footer", "h1", "h2", "h3", "head", "header", "html", "li", "main", "meta", "nav", "ol", "p", "section", "style", "svg", "table", "tbody", "thead", "title", "tr", "ul"
    }
)  # fmt: skip
"""Elements that start a line, so that a difference between two reports can be read."""


class Markup(str):
    """Text that is markup. Joined to anything by `+` or a format it is plain text again, and escaped."""

    __slots__ = ()


NOTHING: Final = Markup()

Child = str | int | None
Value = str | int | float | None


def text(words: str) -> Markup:
    r"""Return plain text as markup; control and invisible characters appear as `\xNN` or `\uNNNN`."""
    return Markup(escape(safe(words)))


def join(parts: Iterable[Child]) -> Markup:
    """Return parts as one markup, plain ones escaped, None left out."""
    return Markup("".join(map(_content, parts)))


def tag(name: str, *children: Child, **attributes: Value) -> Markup:
    """Return an element: `class_` is `class`, `aria_label` is `aria-label`, None leaves one out."""
    given = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{_value(value)}"'
        for key, value in attributes.items()
        if value is not None
    )
    line = "\n" if name in BLOCKS else ""
    if name in VOID:
        return Markup(f"{line}<{name}{given}/>")
    end = "" if name in UNCLOSED else f"</{name}>"
    return Markup(f"{line}<{name}{given}>{join(children)}{end}")


def number(value: float, places: int = 2) -> str:
    """Return a coordinate to a hundredth, or to so many places, without zeros nobody needs."""
    shown = f"{value:.{places}f}".rstrip("0").rstrip(".")
    return "0" if shown == "-0" else shown


def _content(child: Child) -> str:
    if child is None:
        return ""
    return child if isinstance(child, Markup) else text(str(child))


def _value(value: Value) -> str:
    return number(value) if isinstance(value, float) else text(str(value))
