"""App Store reviews: pages with their responses beside them, offsets, and responses nobody asked for."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from small_files import read, refused, told

from kpiaudit.sources.app_store_reviews import SOURCE

Record = dict[str, Any]


def review(key: str = "1", response: str | None = "r1", **changed: object) -> Record:
    said = {
        "rating": 4,
        "title": "Top",
        "body": "Good",
        "reviewerNickname": "ole",
        "createdDate": "2026-09-01T03:00:00-07:00",
    }
    return {
        "type": "customerReviews",
        "id": key,
        "attributes": said | changed,
        "relationships": {
            "response": {"data": response and {"type": "customerReviewResponses", "id": response}}
        },
    }


def response(key: str = "r1", **changed: object) -> Record:
    said = {"responseBody": "Thanks", "lastModifiedDate": "2026-09-01T10:30:00Z", "state": "X"}
    return {"type": "customerReviewResponses", "id": key, "attributes": said} | changed


def page(reviews: list[Record], included: list[Record] | None = None) -> Record:
    return {"data": reviews, "links": {}} | ({} if included is None else {"included": included})


def test_a_review_and_the_response_beside_it_are_one_exchange(tmp_path: Path) -> None:
    text = json.dumps(page([review()], [response()]))
    rows = read(SOURCE, tmp_path, {"p.json": text}, text=True)
    assert told(rows, "conversation_id", "sent_at", "event", "rating", "text") == [
        ("1", datetime(2026, 9, 1, 10, tzinfo=UTC), "inbound", 0.75, "Top\nGood"),
        ("1", datetime(2026, 9, 1, 10, 30, tzinfo=UTC), "outbound", None, "Thanks"),
    ]


@pytest.mark.parametrize(
    "form", [review(response=None), page([]) | {"data": review(response=None)}]
)
def test_a_review_asked_for_by_its_id_is_read_alone(tmp_path: Path, form: Record) -> None:
    rows = read(SOURCE, tmp_path, {"p.json": json.dumps([form])})
    assert told(rows, "conversation_id", "event") == [("1", "inbound")]


def test_a_response_that_names_its_review_is_found_by_it(tmp_path: Path) -> None:
    bare = review()
    del bare["relationships"]
    named = response(relationships={"review": {"data": {"type": "customerReviews", "id": "1"}}})
    rows = read(SOURCE, tmp_path, {"p.json": json.dumps(page([bare], [named]))})
    assert told(rows, "event") == [("inbound",), ("outbound",)]


@pytest.mark.parametrize("join", ["\n", "\n\n", ""])
def test_pages_one_after_the_other_are_read_on(tmp_path: Path, join: str) -> None:
    first = page([review("1", None), review("2", None)], [])
    pages = [first, page([review("3")], [response()])]
    rows = read(SOURCE, tmp_path, {"p.jsonl": join.join(map(json.dumps, pages))})
    assert sorted(told(rows, "row", "conversation_id", "event")) == [
        (1, "1", "inbound"),
        (2, "2", "inbound"),
        (3, "3", "inbound"),
        (3, "3", "outbound"),
    ]


def test_a_response_named_and_not_held_is_refused_not_taken_for_silence(tmp_path: Path) -> None:
    text = json.dumps(page([review("1", None), review("2", "r9")]))
    assert refused(read(SOURCE, tmp_path, {"p.json": text})) == [
        (2, "response: not in the page, ask with include=response", "r9")
    ]


def test_where_no_response_was_asked_for_it_is_told(tmp_path: Path) -> None:
    bare = review()
    bare["relationships"] = {"response": {"links": {}}}
    rows = read(SOURCE, tmp_path, {"p.json": json.dumps(page([bare]))})
    assert told(rows, "event", "doubt") == [
        ("inbound", "whether it was answered is not told: ask with include=response")
    ]


def test_a_damaged_review_takes_no_other_along(tmp_path: Path) -> None:
    broken = review("2", None)
    del broken["attributes"]["createdDate"]
    rows = read(SOURCE, tmp_path, {"p.json": json.dumps(page([review("1", None), broken], []))})
    assert refused(rows) == [(2, "attributes.createdDate: missing", "")]
    assert told(rows, "conversation_id") == [("1",)]
