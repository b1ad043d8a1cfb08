"""App Store reviews as the App Store Connect API gives them: `customerReviews?include=response`, a page a file or a line.

*App Store Connect > Ratings and Reviews* has no export; any script that saves the pages will do. A review is an inbound
message, the developer's response its answer, taken from the page's `included` list. Stamps have an offset or are UTC.
Of a response only the last edit is known: where two exports know both, the earlier one answers. Pages
asked for without `include=response` are refused where they name responses they do not hold. The API cannot
tell who replied, nor who of two reviewers of a name is who.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

JSON: Final = ("json", "ndjson")
SOURCE: Final = Source(
    name="app_store_reviews",
    system="app_store",
    title="App Store reviews, JSON of the App Store Connect API",
    shapes={
        "pages": Shape(
            JSON, frozenset({"data.attributes.reviewerNickname", "data.attributes.createdDate"})
        ),
        "reviews": Shape(
            JSON,
            frozenset({"attributes.reviewerNickname", "attributes.createdDate"}),
            is_missed=False,
        ),
    },
    read=reader("app_store_reviews"),
    constants={"channel": "review", "platform": "app_store", "visibility": "public"},
    seen_in_the_wild=False,
    note="Responses have the stamp of their last edit; nobody knows who wrote them.",
)
