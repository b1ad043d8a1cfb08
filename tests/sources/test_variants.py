"""The same tickets as other accounts, ages of a tool and spreadsheets write them: read right to the second."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import polars as pl
import pytest

from kpiaudit.audit import Request
from kpiaudit.exports.discovery import discover
from kpiaudit.pipeline import read as gather
from kpiaudit.settings import DEFAULT_SETTINGS, DateOrder
from kpiaudit.sources import shipped
from kpiaudit.sources.base import ReadSettings

Cells = list[list[str]]
BERLIN = ReadSettings(time_zone="Europe/Berlin")
TOLD = ("conversation_id", "message_id", "sent_at", "event", "status", "team", "agent", "priority")
SAMPLES = (
    "freshdesk_csv/tickets.csv",
    "front_csv/front_messages.csv",
    "hubspot_csv/hubspot-crm-exports-all-tickets-2026-09-27.csv",
    "intercom_csv/prodsight_messages.csv",
    "servicenow_csv/incident.csv",
    "zendesk_csv/export-2026-09-27.csv",
    "zendesk_warehouse",
    "intercom_warehouse",
)
OPTIONAL = {
    "freshdesk_csv": ("Priority", "Source", "Agent", "Group", "Closed time", "First response time (in hrs)"),
    "front_csv": ("Segment ID", "Inbox", "Author", "Contact handle", "Tags"),
    "hubspot_csv": ("Ticket name", "Pipeline"),
    "intercom_csv": ("conversation_state", "conversation_created_at", "conversation_closed_at"),
    "servicenow_csv": ("closed_at", "priority"),
    "zendesk_csv": ("Requester", "Updated at", "Resolution time"),
}  # fmt: skip


def cells_of(path: Path) -> Cells:
    return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"), newline="")))


def text(cells: Cells, *, delimiter: str = ",", end: str = "\n") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=end, quoting=csv.QUOTE_ALL).writerows(cells)
    return out.getvalue()


def read(folder: Path, settings: ReadSettings = BERLIN) -> pl.DataFrame:
    found = discover([str(folder)], shipped())
    assert not found.unclaimed
    (claim,) = found.claims
    frame = claim.source.read(claim.files, settings).collect()
    lacking = [name for name in (*TOLD, "skip") if name not in frame.columns]
    return frame.with_columns(pl.lit(None, pl.String).alias(name) for name in lacking)


def messages(rows: pl.DataFrame) -> list[tuple[object, ...]]:
    kept = rows.filter(pl.col("reject").is_null()).select(
        pl.col(name).cast(pl.String) for name in (*TOLD, "skip")
    )
    return sorted(kept.rows(), key=str)


def rejects(rows: pl.DataFrame) -> list[tuple[object, ...]]:
    return sorted(rows.filter(pl.col("reject").is_not_null()).select("row", "reject").rows())


def changed(sample: Path, folder: Path, change: Callable[[Cells], str | bytes]) -> Path:
    folder.mkdir()
    for path in [sample] if sample.is_file() else sorted(sample.glob("*.csv")):
        content = change(cells_of(path))
        written = content if isinstance(content, bytes) else content.encode()
        (folder / path.name).write_bytes(written)
    return folder


def as_blank(word: str) -> Callable[[Cells], str]:
    def change(cells: Cells) -> str:
        return text([cells[0], *([cell or word for cell in row] for row in cells[1:])])

    return change


def ids_as_floats(cells: Cells) -> str:
    is_id = [name.lower().endswith("id") for name in cells[0]]
    rows = [
        [f"{c}.0" if one and c.isdigit() else c for c, one in zip(row, is_id, strict=True)]
        for row in cells[1:]
    ]
    return text([cells[0], *rows])


DRESSES: dict[str, Callable[[Cells], str | bytes]] = {
    "null as written by a database": as_blank("NULL"),
    "null as written by Postgres": as_blank(r"\N"),
    "nan as written by a data frame": as_blank("nan"),
    "None as written by Python": as_blank("None"),
    "ids as floats beside empty cells": ids_as_floats,
    "Excel's Unicode text": lambda cells: text(cells, delimiter="\t", end="\r\n").encode("utf-16"),
    "semicolons and a mark": lambda cells: b"\xef\xbb\xbf" + text(cells, delimiter=";").encode(),
    "a Macintosh's line ends": lambda cells: text(cells, end="\r"),
    "other order of columns": lambda cells: text([row[::-1] for row in cells]),
    "a column of an index": lambda cells: text(
        [[str(at - 1) if at else "", *row] for at, row in enumerate(cells)]
    ),
}


@pytest.mark.parametrize("sample", SAMPLES)
def test_a_re_save_in_any_dress_is_the_same_export(
    sample_exports: Path, tmp_path: Path, sample: str
) -> None:
    plain = read(changed(sample_exports / sample, tmp_path / "plain", text))
    told = 0
    for number, (dress, change) in enumerate(DRESSES.items()):
        if sample.startswith("hubspot") and dress == "other order of columns":
            continue
        rows = read(changed(sample_exports / sample, tmp_path / str(number), change))
        assert messages(rows) == messages(plain), dress
        assert rejects(rows) == rejects(plain), dress
        told += 1
    assert told >= len(DRESSES) - 1
    assert messages(plain)


@pytest.mark.parametrize(
    ("sample", "column"),
    [
        (name, column)
        for name in SAMPLES
        for column in OPTIONAL.get(name.split("/", maxsplit=1)[0], ())
    ],
)
def test_an_export_without_a_column_nobody_needs_keeps_its_instants(
    sample_exports: Path, tmp_path: Path, sample: str, column: str
) -> None:
    cells = cells_of(sample_exports / sample)
    at = cells[0].index(column)
    plain = read(changed(sample_exports / sample, tmp_path / "plain", text))
    rows = read(
        changed(
            sample_exports / sample,
            tmp_path / "less",
            lambda cells: text([row[:at] + row[at + 1 :] for row in cells]),
        )
    )

    def spoken(frame: pl.DataFrame) -> list[tuple[object, ...]]:
        said = frame.filter(pl.col("event").cast(pl.String).is_in(["inbound", "outbound"]))
        return sorted(said.select("conversation_id", "sent_at").rows(), key=str)

    assert spoken(rows) == spoken(plain)
    assert spoken(rows)


ZENDESK = ("Id", "Requester id", "Status", "Created at", "Solved at", "First reply time in minutes")


def zendesk(folder: Path, *tickets: tuple[str, str]) -> Path:
    rows = [
        [str(at), "7", "Solved" if solved else "Open", created, solved, "5"]
        for at, (created, solved) in enumerate(tickets, 1)
    ]
    folder.mkdir(exist_ok=True)
    (folder / "tickets.csv").write_text(text([list(ZENDESK), *rows]), encoding="utf-8")
    return folder


def instants(rows: pl.DataFrame, event: str) -> list[datetime]:
    told = rows.filter(pl.col("event").cast(pl.String) == event).sort("row")
    return told["sent_at"].to_list()


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("2026-09-07 9:53", "2026-09-25 17:05"),
        ("2026-9-7 9:53", "2026-9-25 17:05"),
        ("2026/9/7 9:53", "2026/9/25 17:05"),
        ("07/09/2026 09:53", "25/09/2026 17:05"),
        ("9/7/2026 9:53", "9/25/2026 17:05"),
        ("9/7/26 9:53 AM", "9/25/26 5:05 PM"),
        ("07.09.2026 09:53", "25.09.2026 17:05"),
        ("7-Sep-26 9:53", "25-Sep-26 17:05"),
        ("Sep 7, 2026, 9:53 AM", "Sep 25, 2026, 5:05 PM"),
        ("2026-09-07 07:53:00+00", "2026-09-25 15:05:00+00"),
        ("2026-09-07 09:53:00.000 +0200", "2026-09-25 17:05:00.000 +0200"),
        ("2026-09-07T07:53:00.000000000Z", "2026-09-25T15:05:00.000000000Z"),
    ],
)
def test_stamps_as_a_spreadsheet_or_a_database_writes_them_are_the_same_instants(
    tmp_path: Path, first: str, second: str
) -> None:
    rows = read(zendesk(tmp_path, (first, ""), (second, second)))
    berlin = ZoneInfo("Europe/Berlin")
    expected = [
        datetime(2026, 9, 7, 9, 53, tzinfo=berlin),
        datetime(2026, 9, 25, 17, 5, tzinfo=berlin),
    ]
    assert instants(rows, "inbound") == [at.astimezone(UTC) for at in expected]
    assert rejects(rows) == []


def test_the_order_of_day_and_month_is_that_of_the_file_not_of_one_column(tmp_path: Path) -> None:
    rows = read(zendesk(tmp_path, ("1/9/2026 9:00", "2/9/2026 9:00"), ("13/9/2026 9:00", "")))
    assert instants(rows, "status") == [datetime(2026, 9, 2, 7, tzinfo=UTC)]


def test_a_day_that_may_be_the_month_is_asked_for_not_guessed(tmp_path: Path) -> None:
    rows = read(zendesk(tmp_path, ("9/7/2026 9:53", ""), ("9/8/2026 9:53", "")))
    assert rejects(rows) == [
        (1, "Created at: day or month first, set date_order"),
        (2, "Created at: day or month first, set date_order"),
    ]


@pytest.mark.parametrize(("order", "month", "day"), [("day_first", 7, 9), ("month_first", 9, 7)])
def test_where_no_stamp_tells_the_policys_order_does(
    tmp_path: Path, order: DateOrder, month: int, day: int
) -> None:
    rows = read(zendesk(tmp_path, ("9/7/2026 9:53", "")), replace(BERLIN, date_order=order))
    assert instants(rows, "inbound") == [datetime(2026, month, day, 7, 53, tzinfo=UTC)]


def test_a_spreadsheets_stamps_need_a_zone_like_any_local_time(tmp_path: Path) -> None:
    rows = read(zendesk(tmp_path, ("13/9/2026 9:53", "")), ReadSettings())
    assert rejects(rows) == [(1, "Created at: no offset, set time_zone")]


def test_rows_of_commas_a_spreadsheet_leaves_at_the_end_are_skipped_and_counted(
    tmp_path: Path,
) -> None:
    zendesk(tmp_path, ("2026-09-07 09:53", ""))
    with (tmp_path / "tickets.csv").open("a", encoding="utf-8") as file:
        file.write("," * (len(ZENDESK) - 1) + "\n")
    settings = replace(DEFAULT_SETTINGS, time_zone="UTC")
    reading = gather(Request((str(tmp_path),), settings))
    assert reading.gathered.reasons.select("reason", "rows").rows() == [("blank row", 1)]
    assert reading.gathered.rejects.is_empty()


def test_a_tickets_unknown_priority_in_a_warehouse_is_a_reject(
    sample_exports: Path, tmp_path: Path
) -> None:
    def change(cells: Cells) -> str:
        if "via_channel" in cells[0]:
            at = cells[0].index("priority")
            cells[1][at] = "medium"
        return text(cells)

    rows = read(changed(sample_exports / "zendesk_warehouse", tmp_path / "x", change))
    refused = rows.filter(pl.col("export") == "ticket.csv").filter(pl.col("reject").is_not_null())
    assert refused.select("row", "reject", "value").rows() == [
        (1, "priority: not low, normal, high or urgent", "medium")
    ]
