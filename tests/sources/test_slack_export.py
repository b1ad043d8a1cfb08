"""Slack's workspace export: threads over day files, guests, bots, and who is us."""

from __future__ import annotations

import json
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from small_files import claimed, told

from kpiaudit.audit import Request
from kpiaudit.pipeline import read
from kpiaudit.settings import DEFAULT_SETTINGS, Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.slack_export import SOURCE

Records = list[dict[str, Any]]
SECONDS = (1788858000, 1788858060, 1788858120)


def person(key: str, mail: str = "", **flags: bool) -> dict[str, Any]:
    profile = {"real_name": key.title(), "display_name": key, "email": mail}
    return {"id": key, "team_id": "T1", "name": key, "deleted": False, "profile": profile} | flags


MEMBERS = [person("ana", "ana@us.example"), person("rita", "rita@hut.example", is_restricted=True)]


def said(place: int, user: str | None = "rita", **changed: str) -> dict[str, Any]:
    user_of = {} if user is None else {"user": user}
    return (
        {"type": "message", "ts": f"{SECONDS[place]}.000{place}00", "text": "x"} | user_of | changed
    )


def rows_of(
    folder: Path, days: dict[str, Records], *, people: Records = MEMBERS, us: Us | None = None
) -> pl.DataFrame:
    """The frame of an export whose channel `help` has a file a day."""
    (folder / "help").mkdir()
    files = []
    for name, records in {"users.json": people, **days}.items():
        path = folder / name
        path.write_text(json.dumps(records), encoding="utf-8")
        files.append(replace(claimed(SOURCE, path), name=name))
    return SOURCE.read(files, ReadSettings(us=us)).collect().sort("sent_at", "export", "row")


def test_a_reply_in_a_later_day_file_belongs_to_its_thread(tmp_path: Path) -> None:
    root = said(0)["ts"]
    rows = rows_of(
        tmp_path,
        {
            "help/2026-09-08.json": [said(0, thread_ts=root)],
            "help/2026-09-09.json": [said(1, "ana", thread_ts=root)],
        },
    )
    assert told(rows, "conversation_id", "event", "has_boundaries") == [
        (f"help/{root}", "inbound", True),
        (f"help/{root}", "outbound", True),
    ]


def test_what_stands_outside_threads_is_a_thread_without_end(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, {"help/2026-09-08.json": [said(0), said(1, "ana")]})
    assert told(rows, "conversation_id", "has_boundaries") == [("help", False)] * 2


def test_a_guest_is_a_customer_and_a_member_an_agent(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, {"help/2026-09-08.json": [said(0), said(1, "ana")]})
    assert told(rows, "author_role", "customer", "agent") == [
        ("customer", "rita", None),
        ("agent", None, "Ana"),
    ]


def test_somebody_of_another_workspace_is_a_customer(tmp_path: Path) -> None:
    foreign = said(0, "nina", team="T2", user_team="T2")
    rows = rows_of(tmp_path, {"help/2026-09-08.json": [foreign, said(1, "ana")]})
    assert told(rows, "author_role") == [("customer",), ("agent",)]


def test_without_a_guest_nobody_can_tell_who_is_us(tmp_path: Path) -> None:
    people = [person("ana"), person("bob")]
    rows = rows_of(tmp_path, {"help/2026-09-08.json": [said(0, "ana")]}, people=people)
    assert told(rows, "event", "author") == [(None, "Ana")]


@pytest.mark.parametrize(
    "us", [Us(agents=("Ana",)), Us(accounts=("@ana",)), Us(domains=("us.example",))]
)
def test_us_beats_the_members_list(tmp_path: Path, us: Us) -> None:
    people = [person("ana", "ana@us.example"), person("bob", "bob@hut.example")]
    day = {"help/2026-09-08.json": [said(0, "bob"), said(1, "ana")]}
    rows = rows_of(tmp_path, day, people=people, us=us)
    assert told(rows, "event") == [("inbound",), ("outbound",)]


def test_gotcha_10_a_bot_message_has_no_user_and_is_no_fast_human(tmp_path: Path) -> None:
    robot = said(1, None, subtype="bot_message", bot_id="B1", username="Helper", text="")
    rows = rows_of(tmp_path, {"help/2026-09-08.json": [said(0), robot]})
    assert told(rows, "author_role", "is_automated", "agent") == [
        ("customer", False, None),
        ("bot", True, "Helper"),
    ]


def test_joining_is_no_message_and_is_counted(tmp_path: Path) -> None:
    rows = rows_of(tmp_path, {"help/2026-09-08.json": [said(0, subtype="channel_join")]})
    assert rows["skip"].to_list() == ["companion: users"] * 2 + ["no message: channel_join"]


def test_the_digits_after_the_second_tell_messages_apart(tmp_path: Path) -> None:
    same = [said(0, ts="1788858000.000200"), said(0, ts="1788858000.000100")]
    rows = rows_of(tmp_path, {"help/2026-09-08.json": same})
    assert told(rows, "message_id") == [("help/1788858000.000100",), ("help/1788858000.000200",)]


@pytest.mark.parametrize("ts", ["soon", "1788858000", "1788858000.5", ""])
def test_a_stamp_slack_does_not_write_is_a_reject(tmp_path: Path, ts: str) -> None:
    rows = rows_of(tmp_path, {"help/2026-09-08.json": [said(0), said(1, ts=ts)]})
    assert rows.filter(pl.col("reject").is_not_null())["row"].to_list() == [2]


@pytest.mark.real_exports
def test_the_real_archive_equals_a_plain_reading(real_exports: Path) -> None:
    (archive,) = (real_exports / "slack").glob("*.zip")
    ours = "Hamza Faran"
    settings = replace(DEFAULT_SETTINGS, us=Us(agents=(ours,)))
    reading = read(Request(paths=(str(archive),), settings=settings))
    plain = messages_of(archive, ours)
    rows = reading.ordered.select("sent_at", "author_role").with_columns(
        pl.col("author_role").cast(pl.String)
    )
    got = sorted((at.timestamp(), role) for at, role in rows.iter_rows())
    assert [role for _, role in got] == [role for _, role in plain]
    assert [at for at, _ in got] == pytest.approx([at for at, _ in plain], abs=1e-5)
    assert len(got) + 11 == 158


def messages_of(archive: Path, ours: str) -> list[tuple[float, str]]:
    """When and by whom every message was written, read without the source; 11 tell of joining and adding."""
    found = []
    with zipfile.ZipFile(archive) as packed:
        names = {
            user["id"]: user["profile"]["real_name"]
            for user in json.loads(packed.read("users.json"))
        }
        for name in packed.namelist():
            if "/" not in name or not name.endswith(".json"):
                continue
            for message in json.loads(packed.read(name)):
                kind = message.get("subtype")
                if kind in {"channel_join", "bot_add"}:
                    continue
                user = message.get("user") or message.get("comment", {}).get("user")
                role = "agent" if names.get(user) == ours else "customer"
                found.append((float(message["ts"]), "bot" if kind == "bot_message" else role))
    return sorted(found)
