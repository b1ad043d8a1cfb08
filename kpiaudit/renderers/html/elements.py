"""What every section of the page is made of: parts, tables, figures with their numbers, states."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from kpiaudit.charts.canvas import fluid
from kpiaudit.charts.markup import NOTHING, Child, Markup, join, tag
from kpiaudit.charts.scales import MONTHS
from kpiaudit.renderers.measures import amount, shown
from kpiaudit.report import KpiResult

if TYPE_CHECKING:
    from kpiaudit.charts.canvas import Chart
    from kpiaudit.report import Claim, Figures, SlaResult, Verdict

State = Literal["pass", "fail", "warn", "no_data"]

SIGNS: Final[dict[State, str]] = {"pass": "✓", "fail": "✗", "warn": "!", "no_data": "–"}
WORDS: Final[dict[State, str]] = {
    "pass": "met",
    "fail": "missed",
    "warn": "met, barely",
    "no_data": "no data",
}
TOGETHER: Final = re.compile(
    rf"\b(\d+[dhm]) (\d\d[hms])\b|\b(\d+) ({'|'.join(MONTHS)})\b|\b(n) (=) (?=\d)"
)
DASH: Final = "–"


@dataclass(frozen=True, slots=True)
class Part:
    """A section of the page."""

    anchor: str
    title: str
    body: Markup
    """Empty when the report has no values for it."""


def part(anchor: str, title: str, *content: Child, lede: str | None = None) -> Part:
    """Return a section with its heading; its body is empty when there is no content."""
    if not any(content):
        return Part(anchor, title, NOTHING)
    intro = tag("p", prose(lede), class_="lede") if lede else None
    heading = tag("h2", title)
    body = tag(
        "section",
        heading,
        intro,
        *content,
        id=anchor,
        class_="part",
    )
    return Part(anchor, title, body)


def value_of(found: KpiResult | Claim) -> str:
    """Return the value of a KPI or a claim in its unit; a dash for none."""
    if found.value is None:
        return DASH
    told = shown(found) if isinstance(found, KpiResult) else amount(found.value, found.unit)
    return told.replace("-", "\N{MINUS SIGN}", 1) if found.value < 0 else told


def glued(words: str) -> str:
    """Return a sentence in which no line end parts `1h 02m`, `26 Sep` or `n = 12`."""
    return TOGETHER.sub(lambda found: found[0].replace(" ", "\N{NO-BREAK SPACE}"), words)


def prose(words: str) -> Markup:
    """Return a sentence of ours in which `backticks` set a command apart."""
    return join(
        tag("code", piece) if place % 2 else piece for place, piece in enumerate(words.split("`"))
    )


def cell(content: Child, class_: str | None = None) -> Markup:
    """Return a cell of a table."""
    return tag("td", content, class_=class_)


def row(name: Child, cells: Iterable[Markup]) -> Markup:
    """Return a row of a table that its first cell names."""
    return tag("tr", tag("th", name, scope="row", class_="name"), *cells)


def table(
    columns: Sequence[tuple[str, str | None]],
    rows: Sequence[Markup],
    *,
    label: str,
    caption: Child = None,
    class_: str | None = None,
) -> Markup:
    """Return a table that scrolls in itself where it is wider than its place; columns are (name, class)."""
    header = [tag("th", name, scope="col", class_=class_) for name, class_ in columns]
    drawn = tag(
        "table",
        tag("caption", caption) if caption else tag("caption", label, class_="unseen"),
        tag("thead", tag("tr", *header)),
        tag("tbody", *rows),
        class_=class_,
    )
    return tag("div", drawn, class_="scroll", role="group", aria_label=label, tabindex=0)


def chart_figure(chart: Chart, *, wide: bool = False, level: str = "h3") -> Markup:
    """Return a chart under its title and finding, with its numbers folded away."""
    numbers = chart.table
    columns: list[tuple[str, str | None]] = [(numbers.header[0], None)]
    columns += [(name, "num") for name in numbers.header[1:]]
    rows = [
        tag(
            "tr",
            tag("th", first, scope="row"),
            *(tag("td", value) for value in rest),
        )
        for first, *rest in numbers.rows
    ]
    return tag(
        "figure",
        tag("figcaption", tag(level, chart.title), tag("p", glued(chart.finding))),
        fluid(chart),
        tag(
            "details",
            tag("summary", "The numbers", tag("span", f" of {chart.title}", class_="unseen")),
            table(columns, rows, label=f"The numbers of {chart.title}"),
        ),
        class_="wide" if wide else None,
    )


def sign(state: State) -> Markup:
    """Return the sign of a state; a word for it stands beside."""
    return tag("span", SIGNS[state], class_=f"sign {state}", aria_hidden="true")


def state_word(state: State, word: str | None = None) -> Markup:
    """Return a state as sign and word."""
    return tag("span", sign(state), word or WORDS[state], class_=f"state {state}")


def state_of(verdict: Verdict, *, warns: bool = False) -> State:
    """Return a verdict, with a goal met closely set apart."""
    return "warn" if warns and verdict == "pass" else verdict


def sla_state(sla: SlaResult) -> State:
    """Return the verdict of an SLA, with a goal met closely set apart."""
    return state_of(sla.verdict, warns=sla.is_warning)


def group_state(figures: Figures, goal: float, verdict: Verdict | None) -> State:
    """Return how a group stands to the goal, whether it gates or not."""
    if verdict is not None:
        return verdict
    if figures.adherence is None:
        return "no_data"
    return "pass" if figures.adherence >= goal else "fail"


def count_cell(number: int, class_: str = "") -> Markup:
    """Return a count as a cell, nothing grey."""
    return cell(f"{number:,}", f"num {class_ if number else 'zero'}".strip())


def listed(items: Iterable[Child], class_: str = "plain") -> Markup:
    """Return a list; nothing without items."""
    entries = [tag("li", item) for item in items]
    return tag("ul", *entries, class_=class_) if entries else NOTHING


def pairs(entries: Iterable[tuple[str, Child]], class_: str = "pairs") -> Markup:
    """Return names with their values."""
    return tag("dl", join(join((tag("dt", k), tag("dd", v))) for k, v in entries), class_=class_)
