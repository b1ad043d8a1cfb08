"""Dates in a form nobody named: read by evidence, asked about without it, never guessed."""

from __future__ import annotations

import os
import time
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from commands import kpiaudit

from kpiaudit.decoding.dates import day_first, parse, read_dates
from kpiaudit.errors import ExportError

WHERE = "sources.crm: columns.sent_at"


def read(texts: Sequence[str | None], time_zone: str | None = None) -> list[datetime | None]:
    table = pl.LazyFrame({"When": texts}, schema={"When": pl.String})
    column = read_dates(table, pl.col("When"), time_zone=time_zone, where=WHERE)
    return table.select(column).collect().to_series().to_list()


def refusal(texts: Sequence[str], time_zone: str | None = "UTC") -> ExportError:
    with pytest.raises(ExportError) as refused:
        read(texts, time_zone)
    return refused.value


def at(day: int, hour: int, minute: int = 0, month: int = 9) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=UTC)


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["05/09/2026 15:04", "13/09/2026 10:00"], [at(5, 15, 4), at(13, 10)]),
        (["09/05/2026 15:04", "09/13/2026 10:00"], [at(5, 15, 4), at(13, 10)]),
        (["5.9.2026 15:04 Uhr", "05.09.2026 15:04", "13.9.2026 15:04"], [None, at(5, 15, 4), at(13, 15, 4)]),
        (["Sept 5, 2026 3:04pm", "5th of September 2026 at 15:04"], [at(5, 15, 4)] * 2),
        (["September 5th, 2026 15:04", "13/9/2026 1:00", "5/9/2026 2:00"], [at(5, 15, 4), at(13, 1), at(5, 2)]),
        (["September 5th, 2026 15:04", "2026-09-05 15:04", "2026/9/5 15:04"], [at(5, 15, 4)] * 3),
        (["20260905150400", "Sep 13 2026 10:00"], [at(5, 15, 4), at(13, 10)]),
        (["Sat Sep 05 2026 17:04:00 GMT+0200 (CEST)", "5 Sep 2026 15:04 UTC"], [at(5, 15, 4)] * 2),
        (["5 Sep 2026 17:04 UTC+2", "5 Sep 2026 13:04 -0200", None, ""], [at(5, 15, 4)] * 2 + [None] * 2),
    ],
)  # fmt: skip
def test_a_column_is_read_as_its_evidence_says(
    texts: list[str | None], expected: list[datetime | None]
) -> None:
    assert read(texts, "UTC") == expected


@pytest.mark.parametrize(
    "text",
    ["15:04", "September 2026", "5 September 15:04", "September 5, 2026", "tomorrow", "12345", "-",
     "5 Sep 2026 15:04 CST", "31 Sep 2026 10:00", "Sep 5 2026 25:00"],
)  # fmt: skip
def test_what_leaves_year_month_day_or_hour_open_is_no_instant(text: str) -> None:
    assert read([text, "September 5th, 2026 15:04"], "UTC") == [None, at(5, 15, 4)]


def test_a_local_stamp_is_read_in_the_zone_even_where_its_clocks_skip() -> None:
    texts = ["5th September 2026 17:04", "29th March 2026 02:30", "25th October 2026 02:30"]
    expected = [at(5, 15, 4), at(29, 1, 30, month=3), at(25, 0, 30, month=10)]
    assert read(texts, "Europe/Berlin") == expected


@pytest.mark.parametrize(
    "texts",
    [["05/09/2026 15:04", "06/09/2026 10:00"], ["5/9/2026 15:04", "Sept 6th, 2026 10:00"],
     ["13/09/2026 15:04", "09/13/2026 15:04"]],
)  # fmt: skip
def test_day_and_month_without_evidence_are_asked_for(texts: list[str]) -> None:
    problem = refusal(texts)
    assert problem.where == WHERE
    assert "day and month cannot be told apart" in problem.message
    assert problem.hint


def test_the_lines_to_paste_are_the_two_readings() -> None:
    hint = refusal(["05/09/2026 15:04", "06/09/2026 10:00"]).hint
    assert hint == 'say which: format = "%d/%m/%Y %H:%M" or format = "%m/%d/%Y %H:%M"'


@pytest.mark.parametrize("text", ["13/09/2026 15:04", "5th September 2026 15:04"])
def test_a_stamp_without_offset_needs_a_zone(text: str) -> None:
    problem = refusal([text], None)
    assert problem.message == f"{text!r} has no offset, and no time_zone is named"
    assert problem.hint == 'add time_zone = "Europe/Berlin" beside the column'


@pytest.mark.parametrize(
    ("texts", "expected"),
    [
        (["5/9/2026"], None),
        (["5/9/2026", "13/9/2026"], True),
        (["5/9/2026", "5/13/2026"], False),
        (["13/5/26", "5/13/26"], None),
        (["2026-09-13", "Sep 13, 2026"], False),
        ([], False),
    ],
)
def test_a_number_above_twelve_is_a_day(texts: list[str], expected: bool | None) -> None:
    assert day_first(texts) is expected


def test_the_machines_zone_and_date_have_no_part_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "EST5EDT")
    time.tzset()
    try:
        assert parse("5 Sep 2026 15:04 EST", day_is_first=True) is None
        assert parse("5 Sep 2026 15:04", day_is_first=True) == datetime(2026, 9, 5, 15, 4)  # noqa: DTZ001
    finally:
        os.environ["TZ"] = "UTC"
        time.tzset()


def test_a_mapping_without_a_format_reads_odd_dates(tmp_path: Path) -> None:
    (tmp_path / "crm.csv").write_text(
        "Case,When,Dir\n1,13/9/2026 10:00,IN\n1,13/9/2026 10:30,OUT\n1,soon,OUT\n", encoding="utf-8"
    )
    policy = tmp_path / "kpiaudit.toml"
    policy.write_text(
        'time_zone = "UTC"\n[[sla]]\nname = "a"\nmetric = "first_response"\ntarget = "1h"\n'
        'goal = "90%"\n[sources.crm]\nfiles = "crm.csv"\ncolumns = { conversation_id = "Case", '
        'sent_at = { column = "When" }, event = { column = "Dir", values = { IN = "inbound", '
        'OUT = "outbound" } } }\n',
        encoding="utf-8",
    )
    ran = kpiaudit("normalize", tmp_path / "crm.csv", "-c", policy)
    assert "2026-09-13T10:00:00.000000Z,inbound" in ran.out
    assert "2026-09-13T10:30:00.000000Z,outbound" in ran.out
    assert "crm.csv:3 (sent_at: not a date)" in ran.err
