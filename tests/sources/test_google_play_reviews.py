"""Google Play's reviews: two headers, UTF-16, replies before the review's last update, ids in links."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest
from small_files import read, refused, told

from kpiaudit.audit import Request
from kpiaudit.pipeline import read as read_all
from kpiaudit.search import find
from kpiaudit.settings import DEFAULT_SETTINGS
from kpiaudit.sources.google_play_reviews import SOURCE

NEWER = (
    "Package Name,App Version Code,App Version Name,Reviewer Language,Device,"
    "Review Submit Date and Time,Review Submit Millis Since Epoch,"
    "Review Last Update Date and Time,Review Last Update Millis Since Epoch,"
    "Star Rating,Review Title,Review Text,Developer Reply Date and Time,"
    "Developer Reply Millis Since Epoch,Developer Reply Text,Review Link\n"
)
OLDER = NEWER.replace("App Version Code,App Version Name", "App Version").replace(
    "Device", "Reviewer Hardware Model"
)
C = pl.col
SUBMITTED, REPLIED = "2026-09-01T10:00:00Z", "2026-09-02T10:00:00Z"
LINK = "https://play.example/reviews?corpus=X&reviewId=gp:A1&tab=2"


def line(
    *,
    submitted: str = SUBMITTED,
    updated: str = SUBMITTED,
    stars: str = "4",
    title: str = "",
    body: str = "Good",
    replied: str = REPLIED,
    link: str = LINK,
    version: str = "9,4.1",
) -> str:
    return (
        f"org.x,{version},de,oriole,{submitted},,{updated},,{stars},{title},{body},{replied},,"
        f"{'Thanks' if replied else ''},{link}\n"
    )


def test_a_review_is_inbound_and_rated_and_its_reply_is_ours(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"r.csv": NEWER + line()})
    assert told(rows, "conversation_id", "event", "rating") == [
        ("gp:A1", "inbound", 0.75),
        ("gp:A1", "outbound", None),
    ]
    assert "agent" not in rows.columns


@pytest.mark.parametrize(("stars", "rating"), [("1", 0.0), ("3", 0.5), ("5", 1.0)])
def test_stars_become_a_rating_from_0_to_1(tmp_path: Path, stars: str, rating: float) -> None:
    rows = read(SOURCE, tmp_path, {"r.csv": NEWER + line(stars=stars, replied="")})
    assert told(rows, "rating") == [(rating,)]


@pytest.mark.parametrize(
    ("stars", "rule"),
    [("6", "Star Rating: outside 1 to 5"), ("good", "Star Rating: not a number")],
)
def test_stars_out_of_range_are_rejected(tmp_path: Path, stars: str, rule: str) -> None:
    rows = read(SOURCE, tmp_path, {"r.csv": NEWER + line(stars=stars)})
    assert refused(rows) == [(1, rule, stars)]


def test_milliseconds_are_read_where_they_are_told(tmp_path: Path) -> None:
    text = NEWER + line(replied="").replace(f"{SUBMITTED},,", f"{SUBMITTED},1788256800125,", 1)
    ((sent_at,),) = told(read(SOURCE, tmp_path, {"r.csv": text}), "sent_at")
    assert sent_at == datetime(2026, 9, 1, 10, 0, 0, 125_000, UTC)


def test_gotcha_9_a_review_changed_after_the_reply_is_not_answered_before_it_was_written(
    tmp_path: Path,
) -> None:
    rows = read(SOURCE, tmp_path, {"r.csv": NEWER + line(updated="2026-09-20T10:00:00Z")})
    inbound, outbound = told(rows, "sent_at")
    assert inbound[0] == datetime.fromisoformat(SUBMITTED)
    assert outbound[0] == datetime.fromisoformat(REPLIED)


def test_gotcha_9_of_a_reply_and_its_edit_in_a_later_month_the_first_answers(
    tmp_path: Path,
) -> None:
    edited = "2026-09-09T10:00:00Z"
    for name, replied in (("a.csv", REPLIED), ("b.csv", edited)):
        (tmp_path / name).write_text(NEWER + line(replied=replied), "utf-16")
    reading = read_all(Request((str(tmp_path),), DEFAULT_SETTINGS))
    assert reading.ordered["sent_at"].to_list() == [
        datetime.fromisoformat(at) for at in (SUBMITTED, REPLIED, edited)
    ]


def test_a_reply_before_the_review_is_rejected(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"r.csv": NEWER + line(replied="2026-08-31T10:00:00Z")})
    ((_, rule, _),) = refused(rows)
    assert rule == "Developer Reply Date and Time: before the review"


def test_gotcha_12_a_review_in_two_months_files_counts_once(tmp_path: Path) -> None:
    for name in ("reviews_org.x_202608.csv", "reviews_org.x_202609.csv"):
        (tmp_path / name).write_text(NEWER + line(), "utf-16")
    reading = read_all(Request((str(tmp_path),), DEFAULT_SETTINGS))
    assert reading.ordered["event"].cast(pl.String).to_list() == ["inbound", "outbound"]
    assert sorted(reading.gathered.counts["duplicate"].to_list()) == [0, 1]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-8"])
def test_gotcha_14_the_file_is_read_whatever_unicode_it_is_in(
    tmp_path: Path, encoding: str
) -> None:
    text = NEWER + line(body='"schön, 🏕,\nja"')
    rows = read(SOURCE, tmp_path, {"r.csv": text.encode(encoding)}, text=True)
    assert told(rows, "text")[0] == ("schön, 🏕,\nja",)


def test_gotcha_2_a_bare_carriage_return_in_a_review_splits_no_record(tmp_path: Path) -> None:
    text = NEWER + line(body="one\rtwo") + line(link=LINK.replace("A1", "A2"))
    rows = read(SOURCE, tmp_path, {"r.csv": text.encode("utf-16")}, text=True)
    assert refused(rows) == []
    assert len(told(rows, "event")) == 4


def test_gotcha_15_the_word_null_is_no_title(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"r.csv": NEWER + line(title="null", replied="")}, text=True)
    assert told(rows, "text") == [("Good",)]


def test_gotcha_16_the_older_header_is_read_too(tmp_path: Path) -> None:
    newer = read(SOURCE, tmp_path, {"r.csv": NEWER + line()})
    older = read(SOURCE, tmp_path, {"r.csv": OLDER + line(version="9")})
    assert older.equals(newer)


def test_a_rating_without_words_rates_and_asks_nothing(tmp_path: Path) -> None:
    silent = line(body="", replied="", link="")
    rows = read(SOURCE, tmp_path, {"a.csv": NEWER + silent, "b.csv": NEWER + silent})
    assert told(rows, "event", "rating") == [("rated", 0.75)] * 2
    assert rows["message_id"].n_unique() == 1


def test_the_scrapers_table_is_read_in_the_zone_told(tmp_path: Path) -> None:
    text = (
        "reviewId,userName,userImage,content,score,thumbsUpCount,reviewCreatedVersion,at,"
        "replyContent,repliedAt,appVersion\n"
        "gp:A1,Rita,,Good,4,0,9,2026-09-01 12:00:00,Thanks,2026-09-02 12:00:00,9\n"
    )
    rows = read(SOURCE, tmp_path, {"s.csv": text}, time_zone="Europe/Berlin")
    assert told(rows, "sent_at", "customer", "rating") == [
        (datetime.fromisoformat(SUBMITTED), "Rita", 0.75),
        (datetime.fromisoformat(REPLIED), "Rita", None),
    ]
    ((_, rule, _),) = refused(read(SOURCE, tmp_path, {"s.csv": text}))
    assert rule == "at: no offset, set time_zone"


@pytest.mark.real_exports
def test_the_real_reviews_equal_a_plain_reading(real_exports: Path) -> None:
    path = real_exports / "google_play" / "reviews_firefox_490.csv"
    with path.open(newline="", encoding="utf-8-sig") as file:
        records = list(csv.DictReader(file))
    plain = {}
    for record in records:
        key = record["Review Link"].split("reviewid=")[1]
        asked, answered = (
            int(record[f"{what} Millis Since Epoch"])
            for what in ("Review Submit", "Developer Reply")
        )
        plain[key] = asked, answered
    request = Request((str(path),), replace(DEFAULT_SETTINGS))
    assert [claim.source.name for claim in find(request).claims] == ["google_play_reviews"]
    ordered = read_all(request).ordered
    assert ordered.height == 2 * len(plain) == 2 * len(records)
    stamps = [at for pair in plain.values() for at in pair]
    first, last = (
        datetime.fromtimestamp(at // 1000, UTC).replace(microsecond=at % 1000 * 1000)
        for at in (min(stamps), max(stamps))
    )
    assert (ordered["sent_at"].min(), ordered["sent_at"].max()) == (first, last)
    roles = ordered["author_role"].cast(pl.String).value_counts().sort("author_role").rows()
    assert roles == [("agent", len(plain)), ("customer", len(plain))]
    found = {
        key: tuple(at)
        for key, at in ordered.group_by("conversation_id")
        .agg(C("sent_at").dt.epoch("ms").sort())
        .rows()
    }
    assert found == plain
