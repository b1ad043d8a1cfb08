"""A file no source claims: the nearest sources and what it lacks, tiny likenesses left out."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from kpiaudit.exports.looking import look
from kpiaudit.exports.unclaimed import nearest_shapes, nobody_claims
from kpiaudit.sources import shipped
from kpiaudit.sources.base import ExportFile, Shape, Source


def source(name: str, **shapes: set[str]) -> Source:
    return Source(
        name=name,
        system=name,
        title=name,
        shapes={part: Shape(("csv",), frozenset(columns)) for part, columns in shapes.items()},
        read=lambda _files, _settings: pl.LazyFrame(),
    )


def file(*columns: str) -> ExportFile:
    return ExportFile(Path("list.csv"), "list.csv", "csv", columns)


SOURCES = (
    source(
        "desk", tickets={"Ticket ID", "Requester", "Created at", "Status"}, users={"id", "name"}
    ),
    source("phone", calls={"Call", "Queue", "Answered", "Ended"}),
    source("board", cards={"Ticket ID", "Requester", "Board", "Lane", "Swimlane", "Colour"}),
)


def test_the_nearest_is_the_one_whose_columns_it_has_the_most_of_by_share() -> None:
    found = nearest_shapes(file("ticket id", "Requester", "Created at", "board"), SOURCES)
    assert found == [
        ("desk", frozenset({"Status"})),
        ("board", frozenset({"Lane", "Swimlane", "Colour"})),
    ]
    hint = nobody_claims(file("ticket id", "Requester", "Created at", "board"), SOURCES).hint
    assert hint == (
        "nearest: desk lacks Status; board lacks Colour, Lane, Swimlane; "
        "or draft a mapping with `kpiaudit init FILE`"
    )


@pytest.mark.parametrize(
    "columns", [("id", "what"), ("Queue", "id"), ("Board", "Lane"), ("Status", "other")]
)
def test_a_tiny_likeness_is_none(columns: tuple[str, ...]) -> None:
    assert nearest_shapes(file(*columns), SOURCES) == []
    hint = nobody_claims(file(*columns), SOURCES).hint
    assert (
        hint == f"its columns are {', '.join(columns)}; draft a mapping with `kpiaudit init FILE`"
    )


def test_many_columns_are_counted_not_listed() -> None:
    hint = nobody_claims(file(*(f"c{number}" for number in range(9))), ()).hint
    assert hint is not None
    assert "c0, c1, c2, c3, c4, c5 and 3 more;" in hint


def test_outlooks_csv_is_refused_with_advice(tmp_path: Path) -> None:
    path = tmp_path / "Inbox.CSV"
    header = (
        '"Subject","Body","From: (Name)","From: (Address)","From: (Type)","To: (Name)","Importance"'
    )
    path.write_bytes(
        f'{header}\r\n"Tent","two\r\nlines \xe4","Eva","e@x.example","SMTP","",""\r\n'.encode(
            "cp1252"
        )
    )
    found = look(path, path.name)
    assert found is not None
    problem = nobody_claims(found, shipped())
    assert "no dates" in problem.message
    assert problem.hint is not None
    assert "mbox" in problem.hint


@pytest.mark.parametrize(
    ("columns", "reason", "instead"),
    [
        (
            "Comment ID,Channel ID,Comment Create Timestamp,Price,Parent Comment ID,Video ID,Comment Text",
            "your own comments",
            "YouTube Data API",
        ),
        (
            "Channel ID,Comment create timestamp,Price,Comment ID,Post ID,Video ID,Comment text",
            "your own comments",
            "YouTube Data API",
        ),
        (
            "\ufeffid,permalink,date,ip,subreddit,gildings,link,parent,body,media",
            "your own posts or comments",
            "Reddit's API",
        ),
        ("ID,Timestamp,Contents,Attachments", "your own messages only", "DiscordChatExporter"),
    ],
)
def test_what_holds_our_own_words_only_is_refused_with_what_to_export_instead(
    columns: str, reason: str, instead: str
) -> None:
    problem = nobody_claims(file(*columns.split(",")), shipped())
    assert reason in problem.message
    assert instead in (problem.hint or "")


def test_gotcha_12_a_discord_data_package_in_json_is_refused_too(tmp_path: Path) -> None:
    path = tmp_path / "messages.json"
    path.write_text(
        '[{"ID": 1, "Timestamp": "2026-09-01 10:00:00", "Contents": "x", "Attachments": ""}]'
    )
    found = look(path, path.name)
    assert found is not None
    assert "your own messages only" in nobody_claims(found, shipped()).message


def test_columns_that_only_hold_others_are_not_listed() -> None:
    hint = nobody_claims(file("told", "told.calls", "told.calls.id", "told.by", "to"), SOURCES).hint
    assert hint == (
        "its columns are told.calls.id, told.by, to; draft a mapping with `kpiaudit init FILE`"
    )
