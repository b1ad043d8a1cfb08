"""`compare` on any terminal, with any numbers and any names."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from rich.cells import cell_len

from kpiaudit.comparison.compared import (
    Compared,
    Contrast,
    Difference,
    Finding,
    Side,
    SlaComparison,
)
from kpiaudit.renderers.comparison import as_csv, as_json
from kpiaudit.renderers.terminal.comparison import render_comparison

if TYPE_CHECKING:
    from rich.console import Console

    from kpiaudit.report import Report

Printed = Callable[..., str]


def difference(finding: Finding = "worse", *, scale: float = 1.0) -> Difference:
    return Difference(
        raw=-0.3 * scale,
        mix=-0.225 * scale,
        unshared=0.0,
        performance=-0.075 * scale,
        low=-0.12 * scale,
        high=-0.01 * scale,
        baseline=0.7,
        side=0.625,
        shared_baseline=0.9,
        shared_side=0.874,
        strata=12,
        strata_all=40,
        effective_baseline=80.25,
        effective_side=64.5,
        finding=finding,
    )


def side(name: str, *, factor: int = 1) -> Side:
    return Side(
        name,
        400 * factor,
        300 * factor,
        0.75,
        0.7051,
        0.7899,
        390 * factor,
        3601.5,
        1800.0,
        1700.2,
        1912.0,
    )


def compared(
    report: Report, *, names: tuple[str, ...] = ("desk", "partner"), factor: int = 1
) -> Compared:
    nothing = Side("nobody", 0, 0, None, None, None, 0, None, None, None, None)
    sides = tuple(side(name, factor=factor) for name in names)
    contrasts = [
        Contrast(names[0], name, difference(), difference("no difference seen", scale=-7200))
        for name in names[1:]
    ]
    empty = replace(
        difference("too few to tell"),
        raw=None,
        mix=None,
        unshared=None,
        performance=None,
        low=None,
        high=None,
    )
    contrasts.append(Contrast(names[0], "nobody", empty, empty))
    first = SlaComparison(report.slas[0], (*sides, nothing), tuple(contrasts))
    alone = SlaComparison(report.slas[1], sides[:1], ())
    none = SlaComparison(report.slas[2], (nothing,), ())
    return Compared(report, (), "team", ("channel",), 30, (first, alone, none), ("a note",))


def page(result: Compared) -> Callable[[Console], None]:
    return lambda console: render_comparison(result, console)


@pytest.mark.parametrize("width", [80, 100, 120, 200])
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_no_line_is_wider_than_the_page_nor_ends_in_blanks(
    width: int, encoding: str, report: Report, printed: Printed
) -> None:
    long = (
        "Kundenbetreuung Süd und Südwest (Tagschicht)",
        "a-name-without-a-single-blank-in-its-length",
    )
    for names, factor in ((("desk", "partner"), 1), (long, 9_876)):
        shown = page(compared(report, names=names, factor=factor))
        for line in printed(shown, width=width, encoding=encoding).splitlines():
            assert cell_len(line) <= min(width, 120)
            assert line == line.rstrip()


@pytest.mark.parametrize("width", [80, 120])
def test_every_part_of_a_difference_is_shown(width: int, report: Report, printed: Printed) -> None:
    text = printed(page(compared(report)), width=width)
    (shares,) = (line for line in text.splitlines() if "adherence" in line and "-30.0" in line)
    assert shares.split() == [
        "✗",
        "adherence",
        "-30.0",
        "-22.5",
        "0.0",
        "-7.5",
        "-12.0",
        "to",
        "-1.0",
    ]
    flat = " ".join(text.split())
    assert "adherence: worse by 7.5 points like for like; mean wait: no difference seen" in flat
    assert "at least 87% of each side lies in the 12 of 40 strata that both have" in flat
    assert "only desk has clocks: nothing to hold it against" in flat
    assert "no clock to compare" in flat
    assert flat.endswith("a note")


def test_the_name_of_a_lone_side_is_not_broken_and_points_say_what_they_are(
    report: Report, printed: Printed
) -> None:
    result = compared(report)
    named = "from 2026-09-14 on, all channels"
    slas = tuple(
        replace(found, contrasts=tuple(replace(one, side=named) for one in found.contrasts[:1]))
        for found in result.slas
    )
    lines = printed(page(replace(result, slas=slas)), width=80).splitlines()
    assert f"  {named} against desk; adherence in percentage points" in lines


def test_means_are_shown_where_there_is_room(report: Report, printed: Printed) -> None:
    assert "1h 01m" in printed(page(compared(report)), width=120)
    assert "1h 01m" not in printed(page(compared(report)), width=80)


def test_a_share_no_one_misses_is_shared_wholly(report: Report, printed: Printed) -> None:
    result = compared(report)
    whole = replace(difference(), shared_baseline=1.0, shared_side=1.0)
    contrast = Contrast("desk", "partner", whole, whole)
    (first, *_) = result.slas
    result = replace(result, slas=(replace(first, contrasts=(contrast,)),))
    assert "all of each side lies in" in " ".join(printed(page(result)).split())


def test_files_carry_shares_and_whole_seconds(report: Report) -> None:
    told = json.loads(as_json(compared(report)))
    first = told["slas"][0]
    assert first["sides"][0]["median_low_seconds"] == 1701
    assert first["contrasts"][0]["adherence"]["performance"] == -0.075
    assert first["contrasts"][0]["mean_seconds"]["performance"] == 540
    assert first["contrasts"][1]["adherence"]["raw"] is None
    assert told["min_sample"] == 30
    header, *rows = as_csv(compared(report)).splitlines()
    assert header.startswith("sla,by,against,group,measure,raw,mix,unshared,performance,low,high")
    assert len(rows) == 4


def test_a_group_named_like_a_formula_is_none(report: Report, printed: Printed) -> None:
    result = compared(report, names=("=cmd|1", "[red]x[/red]\x1b[2J"))
    assert "'=cmd|1" in as_csv(result)
    text = printed(page(result))
    assert "[red]x[/red]\\x1b[2J" in text
    assert "\x1b[2J" not in text
