from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from reports import a_quiet_report, a_report

from kpiaudit.inert import safe
from kpiaudit.renderers import text as spell


@pytest.mark.parametrize(
    ("seconds", "days", "expected"),
    [
        (0, True, "0s"),
        (0.4, True, "1s"),
        (59.0000001, True, "59s"),
        (59.2, True, "1m 00s"),
        (3600, True, "1h 00m"),
        (3601, True, "1h 01m"),
        (86_340.5, True, "1d 00h"),
        (86_400, False, "24h 00m"),
        (90_001, True, "1d 02h"),
        (3_700_000, False, "1,027h 47m"),
    ],
)
def test_a_duration_shows_two_units_rounded_up(seconds: float, days: bool, expected: str) -> None:
    assert spell.duration(seconds, days=days) == expected


@given(st.floats(0, 1e8), st.booleans())
def test_a_duration_never_shows_less_than_it_is(seconds: float, days: bool) -> None:
    units = {"d": 86_400, "h": 3600, "m": 60, "s": 1}
    parts = spell.duration(seconds, days=days).replace(",", "").split()
    assert sum(int(part[:-1]) * units[part[-1]] for part in parts) >= round(seconds, 6)


@pytest.mark.parametrize(
    ("seconds", "days", "expected"),
    [
        (0, True, "0s"),
        (59.9, True, "59s"),
        (3599.9999999, True, "1h 00m"),
        (3659, True, "1h 00m"),
        (89_999, True, "1d 00h"),
        (89_999, False, "24h 59m"),
    ],
)
def test_what_is_left_is_rounded_down(seconds: float, days: bool, expected: str) -> None:
    assert spell.remaining(seconds, days=days) == expected


@pytest.mark.parametrize(
    ("seconds", "days", "expected"),
    [
        (3600, True, "1h"),
        (5400, True, "1h 30m"),
        (90, True, "1m 30s"),
        (172_800, True, "2d"),
        (172_800, False, "48h"),
        (0.5, True, "0.5s"),
    ],
)
def test_a_target_is_shown_exactly(seconds: float, days: bool, expected: str) -> None:
    assert spell.target(seconds, days=days) == expected


@pytest.mark.parametrize(
    ("value", "goal", "expected"),
    [
        (2 / 3, None, "66.7%"),
        (0.9496, 0.95, "94.9%"),
        (0.95, 0.95, "95.0%"),
        (0.9504, 0.95, "95.0%"),
        (0.99996, None, "99.9%"),
        (1.0, 0.95, "100.0%"),
        (0.99749, 0.9975, "99.74%"),
        (0.29, None, "29.0%"),
        (0.0, 0.95, "0.0%"),
    ],
)
def test_a_missed_goal_is_never_rounded_into_a_kept_one(
    value: float, goal: float | None, expected: str
) -> None:
    assert spell.percent(value, goal) == expected


@pytest.mark.parametrize(
    ("value", "ceiling", "expected"),
    [
        (0.0504, 0.05, "5.1%"),
        (0.05, 0.05, "5.0%"),
        (0.0496, 0.05, "5.0%"),
        (0.050001, 0.05, "5.1%"),
        (0.09996, 0.0999, "10.00%"),
        (0.9999, 0.5, "99.9%"),
    ],
)
def test_a_missed_ceiling_is_never_rounded_into_a_kept_one(
    value: float, ceiling: float, expected: str
) -> None:
    assert spell.percent(value, ceiling, is_floor=False) == expected


@given(st.integers(0, 5000), st.integers(1, 5000), st.integers(1, 9999))
def test_shown_adherence_lies_on_the_same_side_of_the_goal(met: int, more: int, goal: int) -> None:
    value, bar = met / (met + more), goal / 10_000
    shown = float(spell.percent(value, bar).rstrip("%"))
    assert (shown < goal / 100) == (value < bar) or value >= bar


@pytest.mark.parametrize(
    ("value", "expected"), [(0.95, "95%"), (0.995, "99.5%"), (1.0, "100%"), (0.1, "10%")]
)
def test_a_goal_is_shown_as_written(value: float, expected: str) -> None:
    assert spell.share(value) == expected


def test_an_instant_is_told_in_the_zone() -> None:
    at = datetime(2026, 3, 29, 1, 0, 59, tzinfo=UTC)
    assert spell.instant(at, ZoneInfo("Europe/Berlin")) == "2026-03-29 03:00"


def test_iso_ends_with_z_and_keeps_microseconds() -> None:
    at = datetime(2026, 3, 29, 3, 0, 0, 120, tzinfo=ZoneInfo("Europe/Berlin"))
    assert spell.iso(at) == "2026-03-29T01:00:00.000120Z"
    assert spell.iso(datetime(2026, 3, 29, tzinfo=UTC)) == "2026-03-29T00:00:00Z"


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("a\nb\tc", r"a\x0ab\x09c"),
        ("\x9b2J", r"\x9b2J"),
        ("file\u202egpj.exe", r"file\u202egpj.exe"),
        ("An\u200ba", r"An\u200ba"),
        ("\udcff.csv", r"\udcff.csv"),
        ("Zoë 東京 👍", "Zoë 東京 👍"),
    ],
)
def test_what_acts_or_hides_is_made_visible(raw: str, shown: str) -> None:
    assert safe(raw) == shown


@given(st.text(st.characters()))
def test_safe_text_holds_no_control_format_or_surrogate_of_ours(raw: str) -> None:
    shown = safe(raw)
    assert not {"Cc", "Cs", "Zl", "Zp"} & {unicodedata.category(c) for c in shown}
    assert not any(
        unicodedata.bidirectional(c) in {"RLO", "LRO", "RLE", "LRE", "PDF"} for c in shown
    )
    assert safe(shown) == shown


def test_the_headline_counts_what_was_missed() -> None:
    report = a_report()
    assert spell.headline(report) == (
        "Promise not kept: 2 of 5 SLAs and 1 of 3 KPI goals missed, 1 without data"
    )
    kept = replace(report, verdict="pass", kpis=(), slas=report.slas[1:3])
    assert spell.headline(kept) == "Promise kept: 2 of 2 SLAs met, 1 close to the goal"
    half = replace(report, verdict="no_data", kpis=(), slas=(report.slas[1], report.slas[4]))
    assert spell.headline(half) == "Nothing to judge: 1 of 2 SLAs has no decided clock"
    assert spell.headline(a_quiet_report()) == "Nothing to judge: no clock was decided"


def test_problems_that_say_the_same_of_several_files_are_one_line() -> None:
    problems = [
        "not read: a.csv: no source claims this file (its columns are x)",
        "b.txt: no stamp has an offset",
        "3 rows without an id repeat another row; all are kept",
        "c.txt: no stamp has an offset",
        "not read: d.csv: no source claims this file (its columns are y)",
        "not read: e.csv: cannot be read: it is cut off",
        "f.txt: no stamp has an offset",
    ]
    assert spell.grouped(problems) == [
        "not read: a.csv and 1 more: no source claims this file (its columns are x)",
        "b.txt and 2 more: no stamp has an offset",
        "3 rows without an id repeat another row; all are kept",
        "not read: e.csv: cannot be read: it is cut off",
    ]
    assert spell.grouped([]) == []


def test_five_lines_of_problems_are_shown_however_many_files_each_is_of() -> None:
    alike = [f"{number}.txt: no stamp has an offset" for number in range(1_234)]
    assert spell.few(alike) == ["0.txt and 1,233 more: no stamp has an offset"]
    unlike = [f"file: problem {number}" for number in range(7)]
    more = "2 more; `kpiaudit inspect` lists them all"
    assert (
        spell.few([*unlike[:5], *alike[:1], *unlike[5:]])[-1]
        == "3 more; `kpiaudit inspect` lists them all"
    )
    assert spell.few(unlike) == [*unlike[:5], more]
