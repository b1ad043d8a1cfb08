"""Zendesk records of a few lines, written to files and read back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polars as pl

from kpiaudit.exports.looking import look
from kpiaudit.sources.base import ExportFile, ReadSettings
from kpiaudit.sources.zendesk_json import SOURCE

if TYPE_CHECKING:
    from kpiaudit.settings import Us

Record = dict[str, Any]
CUSTOMER, AGENT, OTHER = 501, 901, 902
USERS: list[Record] = [
    {"id": CUSTOMER, "name": "Cleo", "email": "cleo@mail.example", "role": "end-user"},
    {"id": AGENT, "name": "Ana", "email": "ana@example.com", "role": "agent"},
    {"id": OTHER, "name": "Ben", "email": "ben@example.com", "role": "admin"},
]
GROUPS: list[Record] = [{"id": 77, "name": "Tier 1", "deleted": False}]


def via(channel: str, rel: str | None = None) -> Record:
    return {"channel": channel, "source": {"from": {}, "to": {}, "rel": rel}}


def ticket(**changed: object) -> Record:
    return {
        "id": 1,
        "created_at": "2026-03-02T09:00:00Z",
        "updated_at": "2026-03-02T12:00:00Z",
        "status": "open",
        "priority": "high",
        "requester_id": CUSTOMER,
        "submitter_id": CUSTOMER,
        "assignee_id": AGENT,
        "group_id": 77,
        "description": "Where is my parcel?",
        "tags": ["delivery"],
        "via": via("email"),
        "satisfaction_rating": {"score": "unoffered"},
    } | changed


def comment(number: int, minute: int, author: int | str, **changed: object) -> Record:
    return {
        "id": number,
        "ticket_id": 1,
        "author_id": author,
        "public": True,
        "body": f"text {number}",
        "created_at": f"2026-03-02T09:{minute:02}:00Z",
        "via": via("email"),
    } | changed


def audit(number: int, minute: int, author: int, *events: Record, **changed: object) -> Record:
    return {
        "id": number,
        "ticket_id": 1,
        "author_id": author,
        "created_at": f"2026-03-02T09:{minute:02}:00Z",
        "via": via("web"),
        "events": [{"id": number * 10 + at} | event for at, event in enumerate(events)],
    } | changed


def change(field: str, value: object, kind: str = "Change") -> Record:
    return {"type": kind, "field_name": field, "value": value}


def written(folder: Path, part: str, text: str, suffix: str = "json") -> ExportFile:
    path = folder / f"{part}.{suffix}"
    path.write_text(text, encoding="utf-8")
    return looked_at(path, part)


def looked_at(path: Path, part: str) -> ExportFile:
    found = look(path, path.name)
    assert found is not None
    fits = [name for name, shape in SOURCE.shapes.items() if shape.lacks(found) == frozenset()]
    assert fits == [part]
    return replace(found, part=part)


def read(
    folder: Path, *, us: Us | None = None, text: bool = False, **parts: list[Record]
) -> pl.DataFrame:
    files = [written(folder, part, json.dumps({part: records})) for part, records in parts.items()]
    return frame(files, us=us, text=text)


def frame(files: list[ExportFile], *, us: Us | None = None, text: bool = False) -> pl.DataFrame:
    rows = SOURCE.read(files, ReadSettings(us=us, text=text)).collect()
    return rows.sort("sent_at", "message_id", "export", "row")


def told(rows: pl.DataFrame, *columns: str) -> list[tuple[Any, ...]]:
    return rows.filter(pl.col("skip").is_null() & pl.col("reject").is_null()).select(columns).rows()


def refused(rows: pl.DataFrame) -> list[tuple[Any, ...]]:
    return rows.filter(pl.col("reject").is_not_null()).select("row", "reject", "value").rows()


def talk() -> list[Record]:
    return [comment(1, 0, CUSTOMER), comment(2, 5, AGENT, public=False), comment(3, 30, AGENT)]
