"""Trustpilot's reviews: two generations of headers, stamps that are UTC by their header alone."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_files import read, refused, told

from kpiaudit.sources.trustpilot_csv import SOURCE

NEWER = (
    "Review ID,Review Created (UTC),Review Username,Review Stars,Company Response?,"
    "Business Reply Date (UTC),Domain URL\n"
)
OLDER = (
    "Review Id,Review Created (UTC),Review Username,Review Stars,Company Response?,"
    "Company Reply Date (UTC),Domain Url\n"
)
REVIEW = "r1,2026-09-01 10:00:00,Rita,2,Yes,2026-09-01 10:30:00,x.example\n"


@pytest.mark.parametrize("header", [NEWER, OLDER, NEWER.lower(), NEWER.upper()])
def test_gotcha_16_headers_of_every_era_are_read(tmp_path: Path, header: str) -> None:
    rows = read(SOURCE, tmp_path, {"t.csv": header + REVIEW})
    assert told(rows, "conversation_id", "sent_at", "event", "rating", "customer") == [
        ("r1", datetime(2026, 9, 1, 10, tzinfo=UTC), "inbound", 0.25, "Rita"),
        ("r1", datetime(2026, 9, 1, 10, 30, tzinfo=UTC), "outbound", None, "Rita"),
    ]


def test_gotcha_7_stamps_are_utc_whatever_the_zone_of_the_run(tmp_path: Path) -> None:
    at_home = read(SOURCE, tmp_path, {"t.csv": NEWER + REVIEW})
    assert read(SOURCE, tmp_path, {"t.csv": NEWER + REVIEW}, time_zone="Asia/Tokyo").equals(at_home)


def test_an_answer_without_a_date_is_told_of(tmp_path: Path) -> None:
    text = NEWER + REVIEW.replace("2026-09-01 10:30:00", "") + REVIEW.replace("r1", "r2")
    rows = read(SOURCE, tmp_path, {"t.csv": text})
    assert told(rows, "conversation_id", "event", "doubt") == [
        ("r1", "inbound", "answered at a time that is not told"),
        ("r2", "inbound", None),
        ("r2", "outbound", None),
    ]


def test_a_reply_before_the_review_is_rejected_whole(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"t.csv": NEWER + REVIEW.replace(" 10:30", " 09:30")})
    assert [row[:2] for row in refused(rows)] == [
        (1, "Business Reply Date (UTC): before the review")
    ]
    assert told(rows, "event") == []
