"""Jira CSV: repeated headers, comments in one cell, time left instead of time taken, look-and-feel dates."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal
from reading import UNSET, at, csv_text, is_claimed, refused, rows_of, told, written

from kpiaudit.decoding.sheet_dates import in_doubt, local_instant
from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.jira_csv import SOURCE

UTC_ZONE = ReadSettings(time_zone="UTC")
ISSUE = {
    "Issue key": "HELP-1",
    "Issue id": "10231",
    "Status": "Closed",
    "Created": "25/Feb/26 4:38 PM",
    "Updated": "27/Feb/26 9:00 AM",
    "Resolved": "",
    "Reporter": "Cleo",
    "Reporter Id": "qm:1",
    "Assignee": "Ana",
    "Assignee Id": "7:ana",
    "Priority": "Highest",
}
ASKED, ANSWERED = "25/Feb/26 5:00 PM;qm:1;And?", "25/Feb/26 5:30 PM;7:ana;Soon; I hope."
CHART = "Custom field ([CHART] Date of First Response)"


def export(cells: dict[str, str], *comments: str) -> dict[str, str]:
    header = (*cells, *["Comment"] * max(len(comments), 1))
    return {"Jira.csv": csv_text(header, (*cells.values(), *(comments or [""])))}


def read(
    folder: Path,
    *comments: str,
    settings: ReadSettings = UTC_ZONE,
    **cells: str,
) -> pl.DataFrame:
    changed = {name.replace("_", " "): cell for name, cell in cells.items()}
    return rows_of(SOURCE, folder, export(ISSUE | changed, *comments), settings)


def stamps(*texts: str) -> list[datetime | None]:
    frame = pl.DataFrame({"stamp": texts}, schema={"stamp": pl.String})
    return frame.select(local_instant("stamp", "UTC")).to_series().to_list()


def test_every_column_called_comment_is_a_comment(tmp_path: Path) -> None:
    rows = read(tmp_path, ASKED, ANSWERED, ASKED.replace("5:00", "6:00"))
    assert told(rows, "event", "author_role", "agent") == [
        ("inbound", "customer", "Ana"),
        ("inbound", "customer", None),
        ("outbound", "agent", "Ana"),
        ("inbound", "customer", None),
    ]


def test_the_text_of_a_comment_may_hold_semicolons_and_lines(tmp_path: Path) -> None:
    rows = read(tmp_path, "25/Feb/26 5:00 PM;7:ana;one; two\nthree")
    assert told(rows, "text")[-1] == ("one; two\nthree",)


def test_a_cell_that_is_no_comment_is_a_reject(tmp_path: Path) -> None:
    rows = read(tmp_path, "no date here")
    assert refused(rows) == [(1, "Comment: not date;account;text", "no date here")]


def test_comments_of_one_minute_keep_the_order_of_their_columns(tmp_path: Path) -> None:
    rows = read(tmp_path, ANSWERED, ANSWERED.replace("7:ana", "qm:1"), ANSWERED)
    assert rows["event"].to_list() == ["inbound", "outbound", "inbound", "outbound"]


@pytest.mark.parametrize("left", ["2:55", "-2:55", ""])
def test_time_left_is_not_taken_for_time_taken(tmp_path: Path, left: str) -> None:
    sla = {
        "Custom field (Time to first response)": left,
        "Custom field (Time to resolution)": left,
        CHART: "2026-02-25 16:38:58.679",
    }
    rows = rows_of(SOURCE, tmp_path, export(ISSUE | sla, ANSWERED), UTC_ZONE)
    assert_frame_equal(rows, read(tmp_path, ANSWERED))


def test_without_comments_the_chart_tells_the_first_response(tmp_path: Path) -> None:
    cells = ISSUE | {CHART: "2026-02-25 17:38:58.679", "Resolved": "26/Feb/26 8:00 AM"}
    files = {"Jira.csv": csv_text(tuple(cells), tuple(cells.values()))}
    rows = rows_of(SOURCE, tmp_path, files, UTC_ZONE)
    assert told(rows, "event", "status", "grain") == [
        ("inbound", None, "milestone"),
        ("outbound", None, "milestone"),
        ("status", "closed", "milestone"),
    ]
    assert rows["sent_at"][1] == datetime(2026, 2, 25, 17, 38, 58, 679_000, UTC)


def test_an_export_that_tells_no_response_is_not_taken_for_one_without_answers(
    tmp_path: Path,
) -> None:
    (path,) = written(tmp_path, {"Jira.csv": csv_text(tuple(ISSUE), tuple(ISSUE.values()))})
    assert not is_claimed(SOURCE, path)


def test_a_solution_is_told_while_the_issue_is_not_open_again(tmp_path: Path) -> None:
    solved = read(tmp_path, Resolved="26/Feb/26 8:00 AM", Status="Sorted out")
    reopened = read(tmp_path, Resolved="26/Feb/26 8:00 AM", Status="Waiting for support")
    assert told(solved, "event", "status")[-1] == ("status", "resolved")
    assert at(reopened, "status") == []


def test_stamps_are_local_time_of_the_user(tmp_path: Path) -> None:
    berlin = ReadSettings(time_zone="Europe/Berlin")
    assert at(read(tmp_path, settings=berlin), "inbound") == ["2026-02-25T15:38:00Z"]


def test_without_a_zone_every_row_is_a_reject_that_asks_for_one(tmp_path: Path) -> None:
    assert refused(read(tmp_path, ANSWERED, settings=UNSET)) == [
        (1, "Created: no offset, set time_zone", "25/Feb/26 4:38 PM"),
        (1, "Comment: no offset, set time_zone", "25/Feb/26 5:30 PM"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "25/Feb/26 10:17 PM",
        "25/Feb/2026 22:17",
        "25/02/2026 22:17",
        "25/02/26 10:17 PM",
        "02/25/2026 10:17 PM",
        "25.02.2026 22:17",
        "25-02-26 22:17",
        "2026-02-25 22:17",
        "2026-02-25 22:17:00.000",
    ],
)
def test_look_and_feel_dates_are_read(text: str) -> None:
    assert stamps(text) == [datetime(2026, 2, 25, 22, 17, tzinfo=UTC)]


@pytest.mark.parametrize("text", ["31/Feb/26 10:17 PM", "25/Feb/26", "soon", "13/13/26 1:00 PM"])
def test_what_is_no_date_is_none(text: str) -> None:
    assert stamps(text) == [None]


def test_one_stamp_tells_whether_the_month_comes_first_for_the_whole_file() -> None:
    assert stamps("01/02/26 1:00 PM", "25/02/26 1:00 PM")[0] == datetime(2026, 2, 1, 13, tzinfo=UTC)
    assert stamps("01/02/26 1:00 PM", "02/25/26 1:00 PM")[0] == datetime(2026, 1, 2, 13, tzinfo=UTC)


def test_a_day_and_month_that_could_be_swapped_are_not_guessed(tmp_path: Path) -> None:
    rows = read(tmp_path, Created="01/02/26 1:00 PM")
    assert refused(rows) == [(1, "Created: day or month first, set date_order", "01/02/26 1:00 PM")]


def test_a_comment_may_decide_for_the_stamp_of_its_issue(tmp_path: Path) -> None:
    rows = read(tmp_path, "25/02/26 1:00 PM;7:ana;x", Created="01/02/26 1:00 PM")
    assert at(rows, "inbound") == ["2026-02-01T13:00:00Z"]


def test_stamps_that_contradict_each_other_are_not_guessed() -> None:
    assert stamps("25/02/26 1:00 PM", "02/25/26 1:00 PM") == [None, None]


@given(st.integers(0, 35_000_000), st.sampled_from("/.-"))
def test_a_stamp_means_what_python_wrote(minutes: int, mark: str) -> None:
    whole = datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    texts = [
        whole.strftime(form.replace("/", mark))
        for form in ("%d/%b/%y %I:%M %p", "%d/%b/%Y %H:%M", "%d/%m/%Y %H:%M")
    ]
    decided = whole.replace(day=25).strftime(f"%d{mark}%m{mark}%Y %H:%M")
    assert stamps(*texts, decided)[:3] == [whole] * 3


def test_a_stamp_with_the_month_in_letters_is_in_no_doubt() -> None:
    frame = pl.DataFrame({"stamp": ["01/Feb/26 1:00 PM", "01/02/26 1:00 PM", None]})
    assert frame.select(in_doubt("stamp")).to_series().to_list() == [False, True, False]


def test_agents_are_those_issues_are_assigned_to_in_any_file(tmp_path: Path) -> None:
    other = ISSUE | {"Issue key": "HELP-2", "Assignee": "Ben", "Assignee Id": "7:ben"}
    files = export(ISSUE, "25/Feb/26 5:00 PM;7:ben;x", "25/Feb/26 5:01 PM;7:who;x")
    files["2.csv"] = export(other)["Jira.csv"]
    rows = rows_of(SOURCE, tmp_path, files, UTC_ZONE).filter(pl.col("event") == "outbound")
    assert told(rows, "author_role", "agent") == [("agent", "Ben"), ("unknown", "7:who")]


def test_us_names_agents_and_bots_by_account_or_name(tmp_path: Path) -> None:
    settings = ReadSettings(time_zone="UTC", us=Us(agents=("9:NEW",), bots=("ana",)))
    rows = read(tmp_path, ANSWERED, "25/Feb/26 6:00 PM;9:new;x", settings=settings)
    assert told(rows, "author_role", "is_automated")[1:] == [("bot", True), ("agent", False)]


def test_an_account_id_cannot_be_told_from_the_reporter_by_name(tmp_path: Path) -> None:
    cells = {name: cell for name, cell in ISSUE.items() if not name.endswith(" Id")}
    rows = rows_of(SOURCE, tmp_path, export(cells, ASKED), UTC_ZONE)
    assert refused(rows) == [(1, "Comment: an account id, export Reporter Id too", "qm:1")]
    rows = rows_of(SOURCE, tmp_path, export(cells, "25/Feb/26 5:00 PM;Cleo;x"), UTC_ZONE)
    assert told(rows, "author_role")[-1] == ("customer",)


def test_labels_are_gathered_and_junk_is_left_alone(tmp_path: Path) -> None:
    header = (*ISSUE, "Labels", "Labels", "Comment", "Custom field (Approvals)")
    junk = "com.atlassian.servicedesk.ApprovalsCFValue@170e16ef"
    files = {"Jira.csv": csv_text(header, (*ISSUE.values(), "vip", "late", "", junk))}
    assert told(rows_of(SOURCE, tmp_path, files, UTC_ZONE), "tags") == [(["vip", "late"],)]


def test_stars_are_a_rating_at_the_last_update(tmp_path: Path) -> None:
    rows = read(tmp_path, Satisfaction_rating="4")
    assert told(rows, "event", "rating", "priority")[-1] == ("rated", 0.75, "urgent")
    assert at(rows, "rated") == ["2026-02-27T09:00:00Z"]
    assert refused(read(tmp_path, Satisfaction_rating="9")) == [
        (1, "Satisfaction rating: not 1 to 5", "9")
    ]
