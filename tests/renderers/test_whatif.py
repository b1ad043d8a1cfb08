"""`whatif` on any terminal, and with any numbers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from kpiaudit.renderers.terminal.whatif import render_whatif
from kpiaudit.views.shown import Block
from kpiaudit.whatif.outlook import Curve, Point, SlaOutlook, Week, WhatIf

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.report import Report

Printed = Callable[..., str]
SHADES = "░▒▓█"


def weeks(**counts: int) -> tuple[Week, ...]:
    """Two weeks with these counts from Saturday 18:00 on."""
    first = 5 * 24 + 18
    by_hour = [0] * 168
    by_hour[first : first + len(counts)] = counts.values()
    block = Block(5, 18, 18 + len(counts), sum(counts.values()))
    return tuple(Week(edge, tuple(by_hour), (block,)) for edge in ("started", "due"))


def supposed(report: Report, *, factor: int = 1, to_avert: int = 14) -> WhatIf:
    """The first SLA of the report, missed by a few, at two targets and under two calendars."""
    points = (
        Point(1800.0, 300 * factor, 100 * factor, 2 * factor),
        Point(3600.0, 371 * factor, 31 * factor, 0, is_own=True),
        Point(7200.0, 402 * factor, 0, 0),
    )
    tightest = Point(4242.0, 400 * factor, 2 * factor, 0)
    curves = (
        Curve("support", is_own=True, points=points, tightest=tightest),
        Curve("around the clock and a while", is_own=False, points=points, tightest=None),
    )
    found = weeks(a=1, b=4, c=2, d=7) if to_avert else ()
    sla = replace(report.slas[0], goal=0.95)
    return WhatIf(report, (SlaOutlook(sla, curves, to_avert, 0, found),), ("a note to end with",))


def page(result: WhatIf) -> Callable[[Console], None]:
    return lambda console: render_whatif(result, console, top=10)


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_page_nor_ends_in_blanks(
    width: int, encoding: str, report: Report, printed: Printed
) -> None:
    for factor in (1, 9_876):
        shown = page(supposed(report, factor=factor))
        for line in printed(shown, width=width, encoding=encoding).splitlines():
            assert cell_len(line) <= min(width, 120)
            assert line == line.rstrip()


@pytest.mark.parametrize("width", [80, 120])
def test_no_number_is_cut_however_large(width: int, report: Report, printed: Printed) -> None:
    text = printed(page(supposed(report, factor=9_876)), width=width)
    for number, times in (("3,663,996", 3), ("306,156", 3), ("3,970,152", 5), ("92.3%", 3)):
        assert text.count(number) >= times, number
    assert "1h 10m 42s" in text


def test_ascii_is_enough_where_the_encoding_has_no_more(report: Report, printed: Printed) -> None:
    text = printed(page(supposed(report)), encoding="ascii")
    assert "-> 1h" in text
    assert "Sat   ..................:*+#..   ..................:*+#.." in text


def test_an_hour_is_as_dark_as_it_has_breaches(report: Report, printed: Printed) -> None:
    text = printed(page(supposed(report)))
    (line,) = (line for line in text.splitlines() if line.startswith("  Sat"))
    assert line.split()[1].strip("·") == "░▓▒█"
    assert "█ 7" in text
    assert "4 hours of the week hold 14: Sat 18-22 (14)" in text


def test_no_hours_are_drawn_where_nothing_is_to_be_averted(
    report: Report, printed: Printed
) -> None:
    text = printed(page(supposed(report, to_avert=0)))
    assert "none: 95% is reached, with none to spare" in text
    assert not set(text) & set(SHADES)


def test_colour_is_all_that_differs(report: Report, printed: Printed) -> None:
    assert "\x1b" not in printed(page(supposed(report)))
    assert "\x1b[31m" in printed(page(supposed(report)), color=True)


def test_a_note_stands_at_the_end(report: Report, printed: Printed) -> None:
    assert printed(page(supposed(report))).rstrip().endswith("a note to end with")
