"""Google Business Profile's reviews: stars in words, fractions of any length, pages and Takeout."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from small_files import read, refused, told

from kpiaudit.sources.google_business_reviews import SOURCE

CREATED, REPLIED = "2026-09-01T10:00:00Z", "2026-09-01T12:00:00Z"


def review(**changed: object) -> dict[str, Any]:
    return {
        "reviewId": "A1",
        "reviewer": {"displayName": "Greta"},
        "starRating": "TWO",
        "createTime": CREATED,
        "updateTime": CREATED,
        "name": "accounts/1/locations/2/reviews/A1",
    } | changed


ANSWERED = review(reviewReply={"comment": "Thanks", "updateTime": REPLIED})


def page(*reviews: dict[str, Any]) -> str:
    return json.dumps({"reviews": reviews, "averageRating": 2, "totalReviewCount": len(reviews)})


@pytest.mark.parametrize("form", [page(ANSWERED), json.dumps([ANSWERED]), json.dumps(ANSWERED)])
def test_a_page_a_list_and_a_single_review_are_read(tmp_path: Path, form: str) -> None:
    rows = read(SOURCE, tmp_path, {"reviews.json": form})
    assert told(rows, "conversation_id", "sent_at", "event", "rating") == [
        ("A1", datetime.fromisoformat(CREATED), "inbound", 0.25),
        ("A1", datetime.fromisoformat(REPLIED), "outbound", None),
    ]


@pytest.mark.parametrize(
    ("word", "rating"),
    [
        ("ONE", 0.0),
        ("THREE", 0.5),
        ("FOUR", 0.75),
        ("FIVE", 1.0),
        ("STAR_RATING_UNSPECIFIED", None),
    ],
)
def test_stars_are_words(tmp_path: Path, word: str, rating: float | None) -> None:
    rows = read(SOURCE, tmp_path, {"reviews.json": page(review(starRating=word))})
    assert told(rows, "event", "rating") == [("inbound", rating)]


def test_a_word_that_is_no_star_is_rejected(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"reviews.json": page(review(), review(starRating="MANY"))})
    assert refused(rows) == [(2, "starRating: not a number", "MANY")]


def test_gotcha_9_a_review_changed_after_the_reply_waits_from_its_creation(tmp_path: Path) -> None:
    changed = ANSWERED | {"updateTime": "2026-09-08T10:00:00Z"}
    rows = read(SOURCE, tmp_path, {"reviews.json": page(changed)})
    assert rows["sent_at"].to_list() == [datetime.fromisoformat(at) for at in (CREATED, REPLIED)]


def test_fractions_finer_than_microseconds_are_cut_off(tmp_path: Path) -> None:
    fine = review(createTime="2026-09-01T10:00:00.123456789Z")
    rows = read(SOURCE, tmp_path, {"reviews.json": page(fine)})
    assert told(rows, "sent_at") == [(datetime(2026, 9, 1, 10, 0, 0, 123456, UTC),)]


def test_takeouts_reviews_are_known_by_their_name(tmp_path: Path) -> None:
    plain = review()
    del plain["reviewId"]
    rows = read(SOURCE, tmp_path, {"reviews.json": page(plain)})
    assert told(rows, "conversation_id") == [("A1",)]
