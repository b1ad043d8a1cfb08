"""Pages of an API as scripts save them: with several lists, the last one empty, or one record alone."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kpiaudit.exports import looking
from kpiaudit.exports.discovery import discover
from kpiaudit.sources import shipped
from kpiaudit.sources.base import Found, ReadSettings

USER = {"id": 7, "name": "Ana", "email": "ana@example.com", "role": "agent"}
GUEST = {"id": 8, "name": "Gil", "email": "gil@example.net", "role": "end-user"}
TICKET = {
    "id": 1, "created_at": "2026-09-07T10:00:00Z", "updated_at": "2026-09-07T11:00:00Z",
    "status": "open", "requester_id": 8, "submitter_id": 8, "assignee_id": 7,
}  # fmt: skip
COMMENTS = [
    {
        "id": 11,
        "ticket_id": 1,
        "author_id": 8,
        "public": True,
        "created_at": "2026-09-07T10:00:00Z",
    },
    {
        "id": 12,
        "ticket_id": 1,
        "author_id": 7,
        "public": True,
        "created_at": "2026-09-07T10:20:00Z",
    },
]
END = {"next_page": None, "count": 1, "end_of_stream": True}


def found(folder: Path, files: Mapping[str, object]) -> Found:
    for name, value in files.items():
        text = value if isinstance(value, str) else json.dumps(value)
        (folder / name).write_text(text, encoding="utf-8")
    return discover([str(folder)], shipped())


def read(claims: Found) -> pl.DataFrame:
    (claim,) = claims.claims
    return claim.source.read(claim.files, ReadSettings()).collect()


def said(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    kept = rows.filter(pl.col("event").is_in(["inbound", "outbound"]), pl.col("skip").is_null())
    return kept.select("message_id", "event", "agent").sort("message_id").rows()


def test_users_asked_for_beside_tickets_are_read_from_the_same_page(tmp_path: Path) -> None:
    apart = {"tickets.json": [TICKET], "users.json": [USER, GUEST], "comments.json": COMMENTS}
    (tmp_path / "apart").mkdir()
    expected = said(read(found(tmp_path / "apart", apart)))
    page = {"tickets": [TICKET], "users": [USER, GUEST], "brands": [{"id": 3}], **END}
    (tmp_path / "page").mkdir()
    one = found(tmp_path / "page", {"incremental.json": page, "comments.json": COMMENTS})
    assert said(read(one)) == expected == [("11", "inbound", None), ("12", "outbound", "Ana")]
    assert [file.name for file in one.claims[0].files] == [
        "comments.json", "incremental.json/tickets", "incremental.json/users",
    ]  # fmt: skip
    assert read(one).select("export", "row").unique().height == 5
    assert not one.unclaimed


@pytest.mark.parametrize("is_packed", [False, True])
def test_a_page_too_long_to_be_seen_at_once_has_all_its_lists(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, is_packed: bool
) -> None:
    monkeypatch.setattr(looking, "HEAD", 1 << 10)
    monkeypatch.setattr(looking, "LONGEST_RECORD", 1 << 12)
    tickets = [{**TICKET, "id": number} for number in range(1, 40)]
    page = json.dumps({"tickets": tickets, "users": [USER, GUEST], "brands": [{"id": 3}], **END})
    assert page.index('"users"') > 1 << 12
    if is_packed:
        with zipfile.ZipFile(tmp_path / "pages.zip", "w") as archive:
            archive.writestr("incremental.json", page)
    else:
        (tmp_path / "incremental.json").write_text(page)
    one = found(tmp_path, {"comments.json": COMMENTS})
    inside = "pages.zip/incremental.json" if is_packed else "incremental.json"
    assert [file.name for file in one.claims[0].files] == [
        "comments.json", f"{inside}/tickets", f"{inside}/users",
    ]  # fmt: skip
    answered = [row for row in said(read(one)) if row[0] in {"11", "12"}]
    assert answered == [("11", "inbound", None), ("12", "outbound", "Ana")]
    assert read(one).select("export", "row").unique().height == 43


def test_a_page_that_holds_one_ticket_is_that_ticket(tmp_path: Path) -> None:
    rows = read(found(tmp_path, {"1.json": {"ticket": TICKET}, "comments.json": COMMENTS}))
    assert rows.filter(pl.col("export") == "1.json/ticket")["row"].unique().to_list() == [1]
    assert rows["reject"].null_count() == rows.height


@pytest.mark.parametrize(
    "page",
    [
        "[]",
        " [ ]\n",
        {"tickets": [], **END},
        {"tickets": [], "users": [], "groups": [], **END},
        {"type": "conversation.list", "conversations": [], "pages": {"page": 3}, "total_count": 0},
        {"_embedded": {"conversations": []}, "page": {"number": 4}},
        {"tickets": []},
    ],
)
def test_the_empty_last_page_of_an_api_is_ignored_and_listed(tmp_path: Path, page: object) -> None:
    files = {"tickets_1.json": {"tickets": [TICKET], **END}, "tickets_2.json": page}
    one = found(tmp_path, files)
    assert [(file.path, file.reason) for file in one.ignored] == [
        ("tickets_2.json", "holds no records")
    ]
    assert not one.unclaimed


@pytest.mark.parametrize(
    "page",
    [
        {"what": "unknown", "tags": []},
        {"id": 5, "tags": []},
        json.dumps({"tickets": [], **END}) + "\n" + json.dumps({"things": [{"a": 1}]}),
    ],
)
def test_what_may_hold_a_record_is_never_ignored_as_empty(tmp_path: Path, page: object) -> None:
    one = found(tmp_path, {"tickets.json": [TICKET], "other.json": page})
    assert not one.ignored
    assert [problem.where for problem in one.unclaimed] == ["other.json"]


def test_ids_a_data_frame_wrote_as_floats_are_the_same_ids(tmp_path: Path) -> None:
    floats = [{**TICKET, "id": 1.0, "requester_id": 8.0, "assignee_id": 7.0, "group_id": None}]
    told = [
        {
            **one,
            "id": float(str(one["id"])),
            "author_id": float(str(one["author_id"])),
            "ticket_id": 1.0,
        }
        for one in COMMENTS
    ]
    users = [{**one, "id": float(str(one["id"]))} for one in (USER, GUEST)]
    rows = read(
        found(tmp_path, {"tickets.json": floats, "users.json": users, "comments.json": told})
    )
    assert said(rows) == [("11", "inbound", None), ("12", "outbound", "Ana")]
    assert rows["conversation_id"].drop_nulls().unique().to_list() == ["1"]


def test_an_id_too_large_for_a_float_is_refused_not_rounded(tmp_path: Path) -> None:
    rows = read(found(tmp_path, {"tickets.json": [TICKET, {**TICKET, "id": 2.0**53}]}))
    assert rows.filter(pl.col("row") == 2)["reject"].to_list() == [
        "id: expected int | str, got float"
    ]
