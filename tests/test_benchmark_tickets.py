"""The conversations of the benchmark of nested JSON: the same each time, and read to the last message."""

from __future__ import annotations

import importlib.util
import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from kpiaudit.exports.discovery import discover
from kpiaudit.sources import shipped
from kpiaudit.sources.base import ReadSettings

TICKETS = Path(__file__).parents[1] / "benchmarks" / "tickets.py"
ROLES = {"user": "customer", "admin": "agent", "bot": "bot"}

Said = Counter[tuple[str, str, str]]
"""How often something of a conversation was told in a second."""


@pytest.fixture(scope="module")
def generator() -> ModuleType:
    spec = importlib.util.spec_from_file_location("tickets", TICKETS)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_bytes().splitlines()]


def read(source: str, folder: Path) -> pl.DataFrame:
    (claim,) = discover([str(folder)], shipped()).claims
    assert claim.source.name == source
    return claim.source.read(claim.files, ReadSettings()).collect()


def told(rows: pl.DataFrame, *events: str) -> Said:
    some = rows.filter(pl.col("event").cast(pl.String).is_in(events))
    at = pl.col("sent_at").dt.epoch("s").cast(pl.String)
    what = pl.coalesce(pl.col("status").cast(pl.String), pl.col("event").cast(pl.String))
    return Counter(some.select("conversation_id", at, what).rows())


@pytest.mark.parametrize("source", ["zendesk_json", "intercom_json"])
def test_the_same_number_gives_the_same_bytes_and_no_reject(
    generator: ModuleType, tmp_path: Path, source: str
) -> None:
    folders = [tmp_path / name for name in ("one", "two")]
    for folder in folders:
        generator.write(source, 30, folder)
    one, two = ({p.name: p.read_bytes() for p in sorted(f.iterdir())} for f in folders)
    assert one == two
    rows = read(source, folders[0])
    assert rows["reject"].null_count() == rows.height
    assert rows["conversation_id"].drop_nulls().n_unique() == 30


def test_every_comment_and_status_of_zendesk_is_told_once(
    generator: ModuleType, tmp_path: Path
) -> None:
    generator.write("zendesk_json", 40, tmp_path)
    said, statuses = Said(), Said()
    words = {"new": "open", "hold": "on_hold", "solved": "resolved"}
    users = {user["id"]: user["role"] for user in lines(tmp_path / "users.ndjson")}
    for audit in lines(tmp_path / "audits.ndjson"):
        second = str(int(datetime.fromisoformat(audit["created_at"]).timestamp()))
        for event in audit["events"]:
            place = str(audit["ticket_id"]), second
            if event["type"] == "Comment":
                side = "inbound" if users[event["author_id"]] == "end-user" else "outbound"
                said[*place, side if event["public"] else "note"] += 1
            elif event.get("field_name") == "status":
                statuses[*place, words.get(event["value"], event["value"])] += 1
    rows = read("zendesk_json", tmp_path)
    assert told(rows, "inbound", "outbound", "note") == said
    assert told(rows, "status") == statuses


def test_every_part_of_intercom_is_told_once(generator: ModuleType, tmp_path: Path) -> None:
    generator.write("intercom_json", 40, tmp_path)
    said, statuses = Said(), Said()
    for record in lines(tmp_path / "conversations.ndjson"):
        said[record["id"], str(record["created_at"]), "inbound"] += 1
        for part in record["conversation_parts"]["conversation_parts"]:
            place = record["id"], str(part["created_at"])
            if part["part_type"] == "close":
                statuses[*place, "closed"] += 1
            elif part["part_type"] in {"comment", "note"}:
                side = "inbound" if ROLES[part["author"]["type"]] == "customer" else "outbound"
                said[*place, "note" if part["part_type"] == "note" else side] += 1
    rows = read("intercom_json", tmp_path)
    assert told(rows, "inbound", "outbound", "note") == said
    assert told(rows, "status") == statuses
