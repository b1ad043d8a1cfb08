"""Google Chat's Takeout: its dates, its topics, its bots, and who is us."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from audits import clocks, written
from reading import claimed, refused, told

from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.google_chat import SOURCE

if TYPE_CHECKING:
    import polars as pl

Record = dict[str, Any]
DATE = "Friday, March 17, 2023 at 9:00:00\u202fAM UTC"


def said(topic: str, number: int = 1, name: str = "Pia", **changed: object) -> Record:
    who = {"name": name, "email": f"{name.lower()}@x.example", "user_type": "Human"}
    message = {"creator": who, "created_date": DATE, "text": f"m{number}", "topic_id": topic}
    full = message | {"message_id": f"g/{topic}/{number}"} | changed
    return {key: value for key, value in full.items() if value is not None}


def rows(
    folder: Path, *messages: Record, us: Us | None = None, group: str = "DM g"
) -> pl.DataFrame:
    path = folder / "messages.json"
    path.write_text(json.dumps({"messages": messages}), "utf-8")
    file = replace(claimed(SOURCE, path), name=f"Groups/{group}/messages.json")
    return SOURCE.read([file], ReadSettings(us=us, text=True)).collect().sort("row")


@pytest.mark.parametrize(
    ("date", "sent_at"),
    [
        (DATE, datetime(2023, 3, 17, 9, tzinfo=UTC)),
        (DATE.replace("\u202f", " "), datetime(2023, 3, 17, 9, tzinfo=UTC)),
        ("Monday, May 1, 2023 at 12:05:07\u202fAM UTC", datetime(2023, 5, 1, 0, 5, 7, tzinfo=UTC)),
        ("Monday, May 1, 2023 at 12:05:07 PM UTC", datetime(2023, 5, 1, 12, 5, 7, tzinfo=UTC)),
        ("Sunday, December 31, 2023 at 11:59:59\u202fPM UTC", datetime(2023, 12, 31, 23, 59, 59, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_date_of_either_era_is_read(tmp_path: Path, date: str, sent_at: datetime) -> None:
    assert told(rows(tmp_path, said("t", created_date=date)), "sent_at") == [(sent_at,)]


@pytest.mark.parametrize(
    "date", ["Freitag, 17. März 2023 um 09:00:00 UTC", DATE.replace("UTC", "PST")]
)
def test_a_date_in_another_form_or_zone_is_a_reject(tmp_path: Path, date: str) -> None:
    found = rows(tmp_path, said("t", created_date=date))
    assert refused(found) == [(1, "created_date: not a date", date)]


def test_a_topic_of_several_messages_is_a_conversation_and_the_rest_has_no_end(
    tmp_path: Path,
) -> None:
    found = rows(tmp_path, said("t", 1), said("t", 2), said("u"), said("v"), group="Space s")
    assert told(found, "conversation_id", "has_boundaries") == [
        ("Space s/t", True),
        ("Space s/t", True),
        ("Space s", False),
        ("Space s", False),
    ]


def test_gotcha_10_a_bot_is_no_fast_human(tmp_path: Path) -> None:
    robot = {"name": "Helper", "user_type": "Bot"}
    found = rows(tmp_path, said("t"), said("t", 2, creator=robot))
    assert told(found, "author_role", "is_automated") == [(None, None), ("bot", True)]


@pytest.mark.parametrize("us", [Us(agents=("Ana",)), Us(accounts=("ana@x.example",))])
def test_us_may_name_people_or_addresses(tmp_path: Path, us: Us) -> None:
    found = rows(tmp_path, said("t"), said("t", 2, "Ana"), us=us)
    assert told(found, "event", "agent") == [(None, None), ("outbound", "Ana")]


def test_joining_and_deleted_messages_are_none(tmp_path: Path) -> None:
    files = [{"original_name": "a.pdf"}]
    found = rows(
        tmp_path,
        said("t", text=None),
        said("t", 2, text=None, attached_files=files),
        said("t", 3, message_state="DELETED"),
    )
    assert found["skip"].to_list() == ["no message: nothing said", None, "no message: deleted"]


def test_the_first_responses_are_those_counted_by_hand(tmp_path: Path) -> None:
    """Nine to nine past forty in the topic; the direct message of the 18th is never answered."""
    early = said("t", 2, "Ana", created_date=DATE.replace("9:00", "9:40"))
    late = said("u", created_date=DATE.replace("Friday, March 17", "Saturday, March 18"))
    text = json.dumps({"messages": [early, said("t"), late]})
    policy = '[us]\ndomains = ["none.example"]\nagents = ["Ana"]\n'
    request = written(tmp_path, {"Groups/DM g/messages.json": text}, policy)
    found = [
        (row["started_at"], row["stopped_at"])
        for row in clocks(request)
        if row["metric"] == "first_response"
    ]
    nine = datetime(2023, 3, 17, 9, tzinfo=UTC)
    assert sorted(found) == [(nine, nine.replace(minute=40)), (nine.replace(day=18), None)]
