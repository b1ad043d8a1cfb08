"""Google Play's reviews as CSV: `reviews_<package>_<yyyymm>.csv`, from *Play Console > Download reports >
Reviews*, or its bucket of Cloud Storage; UTF-16. Both generations of the header are read, and the table
google-play-scraper writes.

A review is an inbound message from when it was submitted, the developer's reply its answer; stamps are UTC,
those of the scraper have no offset. `Review Last Update` is not read: a customer may change a review after the reply,
which would then come before it. Of a reply only the last edit has a stamp; where exports of two months know both,
both are kept and the earlier one answers. A review appears again in every month it changed, and is known by the id in
its link. A rating without words has no link and cannot be answered: it rates, and opens no wait. The export
cannot tell who replied, nor who wrote the review.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="google_play_reviews",
    system="google_play",
    title="Google Play reviews, CSV of the Play Console",
    shapes={
        "reviews": Shape(
            ("csv",),
            frozenset(
                {
                    "Package Name",
                    "Review Submit Date and Time",
                    "Star Rating",
                    "Developer Reply Date and Time",
                }
            ),
        ),
        "scraped": Shape(
            ("csv",),
            frozenset({"reviewId", "score", "at", "content", "replyContent", "repliedAt"}),
            is_missed=False,
        ),
    },
    read=reader("google_play_reviews"),
    constants={"channel": "review", "platform": "google_play", "visibility": "public"},
    note="Replies have the stamp of their last edit; nobody knows who wrote them.",
)
