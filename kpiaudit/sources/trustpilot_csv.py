"""Trustpilot's reviews as CSV or Excel: *Trustpilot Business > Manage reviews > Export reviews*.

A review is an inbound message, the company's reply its answer. Stamps carry no offset; the headers say that they are
UTC. The names of the columns changed in letters and words over the years (`Review Id`, `Review ID`, `Company Reply Date`,
`Business Reply Date`); either is read. The export cannot tell who replied, nor that a reply was edited.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

SOURCE: Final = Source(
    name="trustpilot_csv",
    system="trustpilot",
    title="Trustpilot reviews, CSV",
    shapes={
        "reviews": Shape(("csv",), frozenset({"Review Id", "Review Created (UTC)", "Review Stars"}))
    },
    read=reader("trustpilot_csv"),
    constants={"channel": "review", "platform": "trustpilot", "visibility": "public"},
    note="Reviews and the company's replies; nobody knows who wrote them.",
)
