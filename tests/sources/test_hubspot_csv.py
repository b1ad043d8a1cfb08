"""HubSpot CSV: milliseconds and verdicts not read, quotes in headers, closed before created, connectors."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from reading import at, claimed, csv_text, is_claimed, refused, rows_of, told, written

from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.hubspot_csv import SOURCE

BERLIN = ReadSettings(time_zone="Europe/Berlin")
TICKET = {
    "Ticket ID": "7",
    "Ticket name": "Rope",
    "Pipeline": "Support Pipeline",
    "Ticket status": "Closed",
    "Create date": "2026-03-02 10:00",
    "Close date": "2026-03-03 12:00",
    "First agent response date": "2026-03-02 10:45",
    "Priority": "Medium",
    "Source": "Phone",
    "Ticket owner": "Ana",
}
STORED = {
    "id": "7",
    "is_deleted": "FALSE",
    "property_createdate": "2026-03-02 09:00:00",
    "property_closed_date": "2026-03-03 11:00:00",
    "property_first_agent_reply_date": "2026-03-02 09:45:00",
    "property_hs_pipeline_stage": "7970058",
}


def export(cells: dict[str, str]) -> dict[str, str]:
    return {"tickets.csv": csv_text(tuple(cells), tuple(cells.values()))}


def read(
    folder: Path, cells: dict[str, str] | None = None, settings: ReadSettings = BERLIN
) -> pl.DataFrame:
    return rows_of(SOURCE, folder, export(TICKET | (cells or {})), settings)


def test_a_ticket_is_three_milestones_in_the_zone_of_the_user(tmp_path: Path) -> None:
    rows = read(tmp_path)
    assert told(rows, "event", "status", "priority", "channel", "agent") == [
        ("inbound", None, "normal", "voice", "Ana"),
        ("outbound", None, "normal", "voice", "Ana"),
        ("status", "closed", "normal", "voice", "Ana"),
    ]
    assert rows["sent_at"].dt.strftime("%d %H:%M").to_list() == ["02 09:00", "02 09:45", "03 11:00"]


def test_without_a_zone_every_ticket_is_a_reject_that_asks_for_one(tmp_path: Path) -> None:
    rows = read(tmp_path, settings=ReadSettings())
    assert refused(rows) == [(1, "Create date: no offset, set time_zone", "2026-03-02 10:00")]


@pytest.mark.parametrize(
    ("column", "cell"),
    [
        ("Time to close", "8640000"),
        ("Time to close in SLA hours", "2:40"),
        ("Time to first agent email reply", "2700000"),
        ("Time to First Response SLA Status", "Overdue"),
        ("Time to Close SLA Due Date", "2026-03-02 11:00"),
        ("SLA Pause Status", "true"),
        ("Cumulative time in Closed", "1"),
        ("Time in 'New (Support Pipeline)'", "0:45"),
        ("Date exited 'New (Support Pipeline)'", "2026-03-02 10:45"),
    ],
)
def test_durations_and_verdicts_of_hubspot_change_nothing(
    tmp_path: Path, column: str, cell: str
) -> None:
    assert_frame_equal(read(tmp_path, {column: cell}), read(tmp_path))


def test_an_export_without_the_first_response_is_not_taken_for_one_without_answers(
    tmp_path: Path,
) -> None:
    cells = {name: cell for name, cell in TICKET.items() if "response" not in name}
    (path,) = written(tmp_path, export(cells))
    assert not is_claimed(SOURCE, path)


def test_the_first_response_by_mail_stands_in_where_it_is_the_only_one_exported(
    tmp_path: Path,
) -> None:
    cells = {name: cell for name, cell in TICKET.items() if "response" not in name}
    files = export(cells | {"First agent email response date": "2026-03-02 11:15"})
    assert at(rows_of(SOURCE, tmp_path, files, BERLIN), "outbound") == ["2026-03-02T10:15:00Z"]


@pytest.mark.parametrize("quote", ['"', "'"])
def test_stages_have_either_quote_inside_their_header(tmp_path: Path, quote: str) -> None:
    def entered(stage: str) -> str:
        return f"Date entered {quote}{stage} (Support Pipeline){quote}"

    cells = {
        entered("New"): "2026-03-02 10:00",
        entered("Waiting on contact"): "2026-03-02 11:00",
        entered("With the workshop"): "2026-03-02 11:00",
    }
    rows = read(tmp_path, cells)
    statuses = rows.filter(pl.col("event") == "status")
    assert statuses["status"].to_list() == ["open", "pending", "With the workshop", "closed"]
    assert at(rows, "status")[1] == "2026-03-02T10:00:00Z"
    assert statuses["message_id"].n_unique() == 4


def test_a_ticket_closed_again_is_open_in_between(tmp_path: Path) -> None:
    cells = {"Ticket reopen date": "2026-03-04 09:00", "Last Closed Date": "2026-03-05 09:00"}
    statuses = read(tmp_path, cells).filter(pl.col("event") == "status")["status"].to_list()
    assert statuses == ["closed", "open", "closed"]


def test_a_ticket_born_closed_is_opened_first(tmp_path: Path) -> None:
    cells = {"Close date": TICKET["Create date"], "First agent response date": ""}
    assert told(read(tmp_path, cells), "event") == [("inbound",), ("status",)]


@pytest.mark.parametrize(
    ("column", "rule"),
    [
        ("Close date", "Close date: before Create date"),
        ("First agent response date", "first response: before Create date"),
    ],
)
def test_a_stamp_before_the_ticket_was_created_is_a_reject(
    tmp_path: Path, column: str, rule: str
) -> None:
    rows = read(tmp_path, {column: "2026-03-01 10:00"})
    assert refused(rows) == [(1, rule, "2026-03-01T09:00:00Z")]


def test_an_outbound_ticket_asks_nothing(tmp_path: Path) -> None:
    rows = read(tmp_path, {"Outbound ticket": "true"})
    assert told(rows, "event") == [("outbound",), ("status",)]


def test_a_priority_nobody_knows_is_a_reject(tmp_path: Path) -> None:
    assert refused(read(tmp_path, {"Priority": "P1"})) == [(1, "Priority: unknown word", "P1")]


def test_a_connectors_table_is_in_utc_whatever_the_zone(tmp_path: Path) -> None:
    rows = rows_of(SOURCE, tmp_path, export(STORED), BERLIN)
    assert at(rows, "inbound") == ["2026-03-02T09:00:00Z"]
    assert told(rows, "event", "status") == [
        ("inbound", None),
        ("outbound", None),
        ("status", "closed"),
    ]


def test_a_ticket_a_connector_saw_deleted_is_skipped(tmp_path: Path) -> None:
    rows = rows_of(SOURCE, tmp_path, export(STORED | {"is_deleted": "TRUE"}))
    assert set(rows["skip"]) == {"deleted ticket"}


def test_the_description_is_what_the_customer_wrote_and_nobody_else(tmp_path: Path) -> None:
    rows = read(tmp_path, {"Ticket description": "It frays."})
    assert told(rows, "event", "text") == [
        ("inbound", "It frays."),
        ("outbound", None),
        ("status", None),
    ]


def test_cells_are_tags_joined_by_semicolons(tmp_path: Path) -> None:
    assert told(read(tmp_path, {"Ticket Tags": "rope;warranty"}), "tags")[0] == (
        ["rope", "warranty"],
    )


@pytest.mark.real_exports
def test_a_real_connectors_table_is_read_but_for_the_ticket_closed_before_it_was_created(
    real_exports: Path,
) -> None:
    path = real_exports / "hubspot_warehouse" / "ticket_data.csv"
    rows = SOURCE.read([claimed(SOURCE, path)], ReadSettings()).collect()
    assert rows["row"].n_unique() == len(path.read_text("utf-8").splitlines()) - 1
    assert [(row, rule) for row, rule, _ in refused(rows)] == [
        (1, "Close date: before Create date")
    ]


def test_neither_ids_nor_ties_depend_on_where_the_columns_of_stages_stand(tmp_path: Path) -> None:
    entered = {
        "Date entered 'New (Support Pipeline)'": "2026-03-02 10:00",
        'Date entered "Waiting on contact (Support Pipeline)"': "2026-03-02 10:45",
        "Date entered 'With the workshop (Support Pipeline)'": "2026-03-02 10:45",
        "Date entered 'Closed (Support Pipeline)'": "2026-03-03 12:00",
    }
    for name in "ab":
        (tmp_path / name).mkdir()
    one = read(tmp_path / "a", entered)
    requoted = {name.replace("'", '"'): entered[name] for name in reversed(entered)}
    other = rows_of(SOURCE, tmp_path / "b", export(requoted | TICKET), BERLIN)
    assert_frame_equal(one, other, check_column_order=False)
    stages = one.filter(pl.col("message_id").str.contains("-2-")).sort("message_id")
    assert stages["status"].to_list() == ["open", "pending", "With the workshop", "closed"]
    assert stages["message_id"].n_unique() == 4
