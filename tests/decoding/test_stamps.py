"""What stamps tell by themselves: the form they are written in, and whether they can be."""

from __future__ import annotations

import polars as pl
import pytest

from kpiaudit.decoding.columns import instant
from kpiaudit.decoding.stamps import Stamps, hours_apart, instants_in, skipped_hours, stamps_of

AT = "2026-08-03T15:07:00Z"


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("2026-08-03T15:07:00Z", None),
        ("2026-08-03 17:07:00+02:00", None),
        ("2026-08-03 17:07:00 +0200", "%Y-%m-%d %H:%M:%S %z"),
        ("2026-08-03 15:07", "%Y-%m-%d %H:%M"),
        ("2026/08/03 15:07:00", "%Y/%m/%d %H:%M:%S"),
        ("03-Aug-2026 15:07", "%d-%b-%Y %H:%M"),
        ("3 Aug 2026, 15:07", "%d %b %Y, %H:%M"),
        ("August 3, 2026 at 3:07 PM", "%B %d, %Y at %I:%M %p"),
        ("Mon, 3 Aug 2026 15:07:00 GMT", "%a, %d %b %Y %H:%M:%S GMT"),
        ("Mon Aug 03 15:07:00 +0000 2026", "%a %b %d %H:%M:%S %z %Y"),
        ("1785769620", "%s"),
        ("1785769620.000000", "%s"),
        ("1785769620000", "%s%3f"),
    ],
)
def test_the_form_found_reads_the_instant(text: str, form: str | None) -> None:
    found = stamps_of("sent at", pl.Series([text]))
    assert found is not None
    assert found.form == form
    read = pl.select(instant(pl.lit(text), found.form, found.zone or "UTC")).item()
    assert read.strftime("%Y-%m-%dT%H:%M:%SZ") == AT


@pytest.mark.parametrize(
    "values",
    [[], [""], ["hello"], ["2026-08-03"], ["15:07"], ["12.5"], ["2026-08-03 15:07", "soon"]],
)
def test_what_is_no_date_with_a_time_of_day_is_none(values: list[str]) -> None:
    assert stamps_of("sent at", pl.Series(values, dtype=pl.String)) is None


@pytest.mark.parametrize("name", ["phone", "order id", "customer"])
def test_a_number_is_an_instant_only_where_the_header_says_so(name: str) -> None:
    assert stamps_of(name, pl.Series(["1785769620"])) is None


def test_one_day_after_the_twelfth_tells_day_from_month() -> None:
    open_ = [f"{day:02}/{month:02}/2026 10:00" for day in range(1, 13) for month in range(1, 13)]
    day_first, month_first = "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"
    assert stamps_of("when", pl.Series(open_)) == Stamps(
        day_first, is_aware=False, other=month_first
    )
    for extra, form in (("13/02/2026 10:00", day_first), ("02/13/2026 10:00", month_first)):
        assert stamps_of("when", pl.Series([*open_, extra])) == Stamps(form, is_aware=False)


def test_a_twelve_hour_clock_leans_to_the_month_first_and_still_names_the_other() -> None:
    found = stamps_of("when", pl.Series(["3/4/26, 3:07 PM"]))
    assert found == Stamps("%m/%d/%y, %I:%M %p", is_aware=False, other="%d/%m/%y, %I:%M %p")


def test_columns_that_differ_by_summer_and_winter_time_are_two_zones() -> None:
    utc = [f"2026-03-{day:02} 10:00:00" for day in range(26, 32)]
    local = [f"2026-03-{day:02} {11 if day < 29 else 12}:00:00" for day in range(26, 32)]
    table = pl.DataFrame({"utc": utc, "local": local})
    (told,) = hours_apart(instants_in(table))
    assert told.startswith("'local' is +1 h or +2 h from 'utc' in every row")


def test_columns_that_differ_by_what_happened_are_not() -> None:
    asked = [f"2026-03-{day:02} 10:00:00" for day in range(20, 30)]
    solved = [f"2026-03-{day:02} {day - 8}:00:00" for day in range(20, 30)]
    assert list(hours_apart(instants_in(pl.DataFrame({"a": asked, "b": solved})))) == []


def test_columns_without_a_stamp_are_told_apart_without_a_query(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    table = pl.DataFrame({"name": ["Ana", " ", None], "empty": ["", None, " "]})
    monkeypatch.setattr(pl.LazyFrame, "collect", None)
    assert [stamps_of(name, table[name]) for name in table.columns] == [None, None]


def test_a_clock_put_back_skips_nothing() -> None:
    table = pl.DataFrame({"at": ["2026-10-25 02:30:00", "2026-10-25 03:30:00"]})
    assert list(skipped_hours(instants_in(table), "Europe/Berlin")) == []
