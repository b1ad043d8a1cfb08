"""Google Business Profile's reviews as JSON: what the Business Profile API lists (`accounts.locations.reviews`), or
*Google Takeout > Google Business Profile*, `reviews*.json`.

A review is an inbound message from when it was created, the owner's reply its answer. Stamps are UTC. Of a review the
last edit is known too and not read; of a reply only the last edit is known: where two exports know both, the
earlier one answers. The export cannot tell who replied.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="google_business_reviews",
    system="google_business",
    title="Google Business Profile reviews, JSON of the API or Takeout",
    shapes={"reviews": Shape(("json", "ndjson"), frozenset({"starRating", "createTime"}))},
    read=reader("google_business_reviews"),
    constants={"channel": "review", "platform": "google_business", "visibility": "public"},
    note="Replies have the stamp of their last edit; nobody knows who wrote them.",
)
