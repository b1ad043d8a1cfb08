"""Closed dates: a country's, listed, recurring, from ICS."""

from __future__ import annotations

import sys
from datetime import date
from pathlib import Path

import pytest

from kpiaudit.calendars.business_time import warnings
from kpiaudit.calendars.closures import holiday_dates, holiday_source, recurring_dates
from kpiaudit.errors import KpiauditError
from kpiaudit.settings import CalendarSettings, Holidays, Span

YEAR = (date(2026, 1, 1), date(2026, 12, 31))
NINE_TO_FIVE: tuple[Span, ...] = ((9 * 3600, 17 * 3600),)


def closing(holidays: Holidays) -> CalendarSettings:
    return CalendarSettings("support", "Europe/Berlin", {0: NINE_TO_FIVE}, holidays=holidays)


def closed(holidays: Holidays) -> dict[date, str]:
    return holiday_dates(closing(holidays), *YEAR)


def test_a_country_and_its_subdivision_close_by_name() -> None:
    """The nine public holidays of all Germany in 2026, and Women's Day of Berlin."""
    german = {(1, 1), (4, 3), (4, 6), (5, 1), (5, 14), (5, 25), (10, 3), (12, 25), (12, 26)}
    found = closed(Holidays(country="DE"))
    assert set(found) == {date(2026, month, day) for month, day in german}
    assert found[date(2026, 5, 1)] == "Labor Day"
    berlin = closed(Holidays(country="DE", subdivision="BE"))
    assert set(berlin) - set(found) == {date(2026, 3, 8)}


def test_names_do_not_depend_on_the_machines_language(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LANGUAGE", "uk")
    in_1999 = holiday_dates(closing(Holidays(country="DE")), date(1999, 5, 1), date(1999, 5, 1))
    assert in_1999 == {date(1999, 5, 1): "Labor Day"}


def test_dates_are_added_and_removed() -> None:
    found = closed(
        Holidays(
            country="DE",
            add=(date(2026, 12, 24), date(2026, 12, 31)),
            remove=(date(2026, 5, 1), date(2026, 12, 31)),
        )
    )
    assert found[date(2026, 12, 24)] == "closed by the policy"
    assert not {date(2026, 5, 1), date(2026, 12, 31)} & set(found)
    assert list(found) == sorted(found)


def test_only_dates_of_the_span_are_given() -> None:
    settings = closing(Holidays(add=(date(2025, 12, 31), date(2026, 1, 1), date(2027, 1, 1))))
    assert list(holiday_dates(settings, *YEAR)) == [date(2026, 1, 1)]


@pytest.mark.parametrize(
    ("holidays", "where", "hint"),
    [
        (Holidays(country="Germny"), "country", "did you mean 'DE'?"),
        (Holidays(country="de"), "country", "did you mean 'DE'?"),
        (Holidays(country="DE", subdivision="XX"), "subdivision", "BE"),
        (Holidays(country="MC", subdivision="XX"), "subdivision", "leave it out"),
        (Holidays(subdivision="BE"), "subdivision", "country"),
        (Holidays(recurring=("FREQ=HOURLY",)), "recurring[1]", "FREQ=YEARLY;"),
        (Holidays(recurring=("FREQ=YEARLY;BYMONTH=7",)), "recurring[1]", "DTSTART"),
        (Holidays(recurring=("FREQ=WEEKLY;BYDAY=MO;INTERVAL=2",)), "recurring[1]", "DTSTART"),
        (Holidays(recurring=("FREQ=YEARLY;BYDAY=QQ",)), "recurring[1]", "FREQ=YEARLY;"),
    ],
)
def test_what_cannot_be_used_is_refused_with_a_hint(
    holidays: Holidays, where: str, hint: str
) -> None:
    with pytest.raises(KpiauditError) as refused:
        closed(holidays)
    assert refused.value.where == f"calendars.support.holidays.{where}"
    assert hint in str(refused.value.hint)


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("FREQ=YEARLY;BYMONTH=7;BYMONTHDAY=1", ["2026-07-01"]),
        ("FREQ=YEARLY;BYMONTH=11;BYDAY=4TH", ["2026-11-26"]),
        ("FREQ=YEARLY;BYEASTER=1", ["2026-04-06"]),
        ("FREQ=MONTHLY;BYMONTH=1,2;BYMONTHDAY=-1", ["2026-01-31", "2026-02-28"]),
        ("DTSTART:20251215\nRRULE:FREQ=WEEKLY;INTERVAL=26", ["2026-06-15", "2026-12-14"]),
        ("DTSTART:20260301\nRRULE:FREQ=YEARLY;COUNT=1", ["2026-03-01"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", []),
    ],
)
def test_rules_recur(rule: str, expected: list[str]) -> None:
    assert recurring_dates(rule, *YEAR) == [date.fromisoformat(day) for day in expected]
    if expected:
        assert closed(Holidays(recurring=(rule,)))[date.fromisoformat(expected[0])] == (
            f"recurring {rule.splitlines()[-1]}"
        )


def test_a_rule_gives_the_same_dates_whatever_the_span() -> None:
    rule = "FREQ=MONTHLY;BYDAY=2TU"
    whole = recurring_dates(rule, date(2020, 1, 1), date(2026, 12, 31))
    parts = [
        day
        for year in range(2020, 2027)
        for day in recurring_dates(rule, date(year, 1, 1), date(year, 12, 31))
    ]
    assert whole == parts
    assert len(whole) == 84


def test_a_rule_of_too_many_dates_is_refused() -> None:
    rule = "FREQ=WEEKLY;BYDAY=MO,TU,WE,TH,FR,SA,SU"
    with pytest.raises(KpiauditError, match="more than 20000"):
        recurring_dates(rule, date(1950, 1, 1), date(2026, 1, 1))


def test_the_source_of_holidays_is_named_with_its_version() -> None:
    named = holiday_source(closing(Holidays(country="DE", subdivision="BE")))
    assert named is not None
    assert named.startswith("holidays 0.")
    assert named.endswith(", DE-BE")
    assert holiday_source(closing(Holidays(add=(date(2026, 1, 1),)))) is None


EVENTS = """\
BEGIN:VEVENT
UID:summer
SUMMARY:Summer break
DTSTART;VALUE=DATE:20260706
DTEND;VALUE=DATE:20260709
END:VEVENT
BEGIN:VEVENT
UID:lunch
SUMMARY:Team lunch
DTSTART:20260505T100000Z
DTEND:20260505T110000Z
END:VEVENT
BEGIN:VEVENT
UID:founders
SUMMARY:Founders' day
DTSTART;VALUE=DATE:20200302
RRULE:FREQ=MONTHLY;BYMONTH=3,4,5;BYDAY=1MO
EXDATE;VALUE=DATE:20260406
END:VEVENT
BEGIN:VEVENT
UID:founders
RECURRENCE-ID;VALUE=DATE:20260504
SUMMARY:Founders' day, moved
DTSTART;VALUE=DATE:20260506
END:VEVENT
BEGIN:VEVENT
UID:off
SUMMARY:Called off
STATUS:CANCELLED
DTSTART;VALUE=DATE:20260901
END:VEVENT
BEGIN:VEVENT
UID:midnights
SUMMARY:Move of the office
DTSTART:20261120T000000
DURATION:P2D
END:VEVENT
"""


def ics(path: Path, events: str) -> Holidays:
    text = f"BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:test\n{events}END:VCALENDAR\n"
    path.write_text(text.replace("\n", "\r\n"), encoding="utf-8", newline="")
    return Holidays(ics=str(path))


def test_whole_days_of_an_ics_file_close(tmp_path: Path) -> None:
    pytest.importorskip("icalendar", reason="the ics extra is not installed")
    holidays = ics(tmp_path / "closures.ics", EVENTS)
    assert closed(holidays) == {
        date(2026, 3, 2): "Founders' day",
        date(2026, 5, 6): "Founders' day, moved",
        date(2026, 7, 6): "Summer break",
        date(2026, 7, 7): "Summer break",
        date(2026, 7, 8): "Summer break",
        date(2026, 11, 20): "Move of the office",
        date(2026, 11, 21): "Move of the office",
    }
    (told,) = warnings(closing(holidays))
    assert told == (
        "calendars.support.holidays.ics: 'Team lunch' is not a whole day and closes nothing"
    )


@pytest.mark.parametrize(
    ("events", "message"),
    [
        ("BEGIN:VEVENT\nSUMMARY:x\nEND:VEVENT\n", "event 'x' cannot be read .DTSTART miss"),
        (
            "BEGIN:VEVENT\nSUMMARY:x\nDTSTART:soon\nEND:VEVENT\n",
            "event 'x' cannot be read .DTSTART: ",
        ),
        ("what is this\n", "closures.ics is not an ICS calendar"),
    ],
)
def test_a_bad_ics_file_is_refused(tmp_path: Path, events: str, message: str) -> None:
    pytest.importorskip("icalendar", reason="the ics extra is not installed")
    with pytest.raises(KpiauditError, match=message):
        closed(ics(tmp_path / "closures.ics", events))


def test_a_missing_ics_file_is_named(tmp_path: Path) -> None:
    pytest.importorskip("icalendar", reason="the ics extra is not installed")
    with pytest.raises(KpiauditError, match=r"cannot read none\.ics"):
        closed(Holidays(ics=str(tmp_path / "none.ics")))


def test_without_the_extra_the_install_line_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "icalendar", None)
    with pytest.raises(KpiauditError, match="needs the icalendar package") as refused:
        closed(Holidays(ics="closures.ics"))
    assert refused.value.hint == "pip install 'kpiaudit[ics]'"


def test_the_holidays_library_is_loaded_for_a_country_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "holidays", None)
    assert closed(Holidays(add=(date(2026, 1, 1),), recurring=("FREQ=YEARLY;BYEASTER=1",)))
