"""The page a report is printed on: its width, its signs, its colours, and nothing untrusted on it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal
from zoneinfo import ZoneInfo

from rich.box import Box
from rich.cells import cell_len
from rich.console import Console
from rich.measure import Measurement
from rich.padding import Padding
from rich.segment import Segment, Segments
from rich.table import Table
from rich.text import Text

from kpiaudit.inert import safe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import TextIO

    from rich.console import ConsoleOptions, RenderableType, RenderResult

NARROWEST: Final = 80
"""A narrower terminal wraps our lines itself; nothing is cut."""
WIDEST: Final = 120
"""Longer lines are not read better."""

State = Literal["pass", "fail", "warn", "no_data"]

STYLES: Final[dict[State, str]] = {
    "pass": "green",
    "fail": "red",
    "warn": "yellow",
    "no_data": "dim",
}


@dataclass(frozen=True, slots=True)
class Signs:
    """The characters beyond letters that a page uses."""

    states: dict[State, str]
    filled: str
    blank: str
    arrow: str
    more: str
    dot: str
    dash: str
    box: Box


UNICODE_SIGNS: Final = Signs(
    states={"pass": "✓", "fail": "✗", "warn": "!", "no_data": "○"},
    filled="━",
    blank="┄",
    arrow="→",
    more="…",
    dot="·",
    dash="–",
    box=Box("    \n    \n ── \n    \n    \n    \n    \n    \n"),
)
ASCII_SIGNS: Final = Signs(
    states={"pass": "+", "fail": "x", "warn": "!", "no_data": "o"},
    filled="#",
    blank=".",
    arrow="->",
    more="...",
    dot="|",
    dash="-",
    box=Box("    \n    \n -- \n    \n    \n    \n    \n    \n", ascii=True),
)


def open_console(stream: TextIO, *, color: bool | None = None, width: int | None = None) -> Console:
    """Return the console every command prints with.

    `color=None` leaves colour to the terminal and `NO_COLOR`; `width=None` takes the terminal's, or 80.
    """
    return Console(
        file=stream,
        width=width,
        force_terminal=True if color else None,
        no_color=True if color is False else None,
        markup=False,
        emoji=False,
        highlight=False,
    )


@dataclass(frozen=True, slots=True)
class Name:
    """A name that is shortened in its middle where it does not fit, for both its ends tell what it is."""

    text: Text
    more: str

    def __rich_console__(self, _: Console, options: ConsoleOptions) -> RenderResult:
        """Render it on one line."""
        shown = shortened(self.text.plain, options.max_width, self.more)
        yield Text(shown, style=self.text.style, no_wrap=True, overflow="crop")

    def __rich_measure__(self, _: Console, options: ConsoleOptions) -> Measurement:
        """Return its whole width; as little as there is."""
        return Measurement(1, min(cell_len(self.text.plain), options.max_width))


@dataclass(frozen=True, slots=True)
class Screen:
    """A console with the signs its encoding can carry and the zone its instants are told in."""

    console: Console
    signs: Signs
    zone: ZoneInfo

    @property
    def width(self) -> int:
        """Columns to fill."""
        return max(NARROWEST, min(self.console.width, WIDEST))

    def text(self, words: str, style: str = "") -> Text:
        """Return words as they are, never as markup, with whatever could act on a terminal visible."""
        shown = safe(words)
        if self.signs is ASCII_SIGNS:
            encoding = self.console.encoding
            shown = shown.encode(encoding, "backslashreplace").decode(encoding)
        return Text(shown, style=style, overflow="fold")

    def name(self, words: str, style: str = "") -> Name:
        """Return a name, such as a file's, as `text` does, to stand on one line."""
        return Name(self.text(words, style), self.signs.more)

    def sign(self, state: State) -> Text:
        """Return the coloured sign of a verdict."""
        return self.text(self.signs.states[state], STYLES[state])

    def heading(self, words: str, note: str = "") -> None:
        """Print the title of a section, with an aside."""
        self.console.print()
        aside = self.text(f"  {note}" if note else "", "dim")
        self.show(Text.assemble(self.text(words, "bold"), aside))

    def show(self, content: RenderableType, *, indent: int = 0) -> None:
        """Print something within the page's width, without blanks at the ends of lines."""
        options = self.console.options.update(width=self.width)
        page = Padding(content, (0, 0, 0, indent)) if indent else content
        segments: list[Segment] = []
        for line in self.console.render_lines(page, options, pad=False):
            segments += [*_trimmed(line), Segment.line()]
        self.console.print(Segments(segments), end="", crop=False)

    def facts(self, rows: Sequence[tuple[str, Text]], *, indent: int = 2) -> None:
        """Print labels with what they say, in two columns; a label is not repeated, but a warning's."""
        grid = Table.grid(padding=(0, 2, 0, 0))
        grid.add_column(overflow="fold", style="dim", max_width=self.width // 2)
        grid.add_column(overflow="fold")
        before = ""
        for label, said in rows:
            repeated = label == before and label != "warning"
            grid.add_row(self.text("" if repeated else label), said)
            before = label
        self.show(grid, indent=indent)

    def table(self) -> Table:
        """Return an empty table: one thin line under the header, no other."""
        return Table(
            box=self.signs.box,
            show_edge=False,
            pad_edge=False,
            padding=(0, 1, 0, 0),
            collapse_padding=True,
            expand=True,
            header_style="dim",
            border_style="dim",
        )


def screen_for(console: Console, time_zone: str = "UTC") -> Screen:
    """Return the screen of a console: plain ASCII unless its encoding is a Unicode one."""
    signs = ASCII_SIGNS if console.options.ascii_only else UNICODE_SIGNS
    return Screen(console=console, signs=signs, zone=ZoneInfo(time_zone))


def shortened(words: str, width: int, more: str) -> str:
    """Return words that are no wider, `more` in place of what was taken from their middle."""
    if cell_len(words) <= width:
        return words
    room = max(width - cell_len(more), 2)
    head, tail = "", ""
    for letter in words:
        if cell_len(head + letter) > room - room // 2:
            break
        head += letter
    for letter in reversed(words):
        if cell_len(letter + tail) > room // 2:
            break
        tail = letter + tail
    return head + more + tail


def _trimmed(line: list[Segment]) -> list[Segment]:
    kept = list(line)
    while kept and not kept[-1].text.rstrip(" "):
        kept.pop()
    if kept:
        last = kept[-1]
        kept[-1] = Segment(last.text.rstrip(" "), last.style, last.control)
    return kept
