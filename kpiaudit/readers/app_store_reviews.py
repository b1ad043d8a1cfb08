"""How `app_store_reviews` is read; `kpiaudit.sources.app_store_reviews` says what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from kpiaudit.decoding.parts import dated
from kpiaudit.decoding.records import BROKEN, Broken, Table, explain, raw_records, values_in
from kpiaudit.readers.reviews import exchanges

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STAMPS: Final = {"written": "createdDate", "answered": "lastModifiedDate"}
NOT_ASKED: Final = "whether it was answered is not told: ask with include=response"
NOTHING: Final = msgspec.Raw()
NOT_HELD: Final = "response: not in the page, ask with include=response"
COLUMNS: Final[dict[str, pl.DataType]] = {
    **dict.fromkeys(
        ("export", "key", "stars", "customer", "words", "written", "answered", "answer"),
        pl.String(),
    ),
    **dict.fromkeys(("doubt", "reject", "value"), pl.String()),
    "row": pl.UInt32(),
}


class Named(msgspec.Struct):
    """What a relationship leads to."""

    id: str


class Relationship(msgspec.Struct):
    """Where `data` is missing, nothing is told of what it leads to; null says that there is nothing."""

    data: Named | msgspec.UnsetType | None = msgspec.UNSET


class Relationships(msgspec.Struct):
    """Of a review: its response; of a response: its review."""

    response: Relationship = msgspec.field(default_factory=Relationship)
    review: Relationship = msgspec.field(default_factory=Relationship)


class Said(msgspec.Struct, rename="camel"):
    """The attributes of a review."""

    created_date: str
    rating: int | str | None = None
    title: str | None = None
    body: str | None = None
    reviewer_nickname: str | None = None


class Answered(msgspec.Struct, rename="camel"):
    """The attributes of a response."""

    last_modified_date: str | None = None
    response_body: str | None = None


class Review(msgspec.Struct):
    """A review."""

    id: str
    attributes: Said
    relationships: Relationships = msgspec.field(default_factory=Relationships)


class Response(msgspec.Struct):
    """A developer's response, or anything else a page includes."""

    id: str
    type: str = ""
    attributes: Answered = msgspec.field(default_factory=Answered)
    relationships: Relationships = msgspec.field(default_factory=Relationships)


class Page(msgspec.Struct):
    """A page of reviews, or one review asked for by its id."""

    data: msgspec.Raw = NOTHING
    included: list[Response] = msgspec.field(default_factory=list)


REVIEW: Final = msgspec.json.Decoder(Review)


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one or two rows per review."""
    table = Table(COLUMNS)
    for file in files:
        for row, found in enumerate(reviews_in(file), 1):
            told = (
                found if isinstance(found, dict) else {"reject": found.rule, "value": found.value}
            )
            told |= {"export": file.name, "row": row}
            table.add(tuple(map(told.get, COLUMNS)))
    records = dated(table.frame(), STAMPS).with_columns(is_silent=pl.lit(value=False))
    return exchanges(records, stars="rating", reply=STAMPS["answered"], text=settings.text)


def reviews_in(file: ExportFile) -> Iterator[dict[str, object] | Broken]:
    """Yield the reviews of a file, page by page."""
    for raw in raw_records(replace(file, records="")):
        if isinstance(raw, Broken):
            yield raw
            continue
        try:
            page = msgspec.json.decode(raw, type=Page)
        except BROKEN as error:
            yield explain(error, bytes(memoryview(raw)))
            continue
        yield from reviews_of(page, raw)


def reviews_of(page: Page, raw: bytes | msgspec.Raw) -> Iterator[dict[str, object] | Broken]:
    """Yield the reviews of a page, each with its response."""
    responses = {}
    for response in page.included:
        answered = response.relationships.review.data
        responses[response.id] = response
        if isinstance(answered, Named):
            responses[answered.id] = response
    for record in values_in(page.data) if page.data else [raw]:
        try:
            review = REVIEW.decode(record)
        except BROKEN as error:
            yield explain(error, bytes(memoryview(record)))
        else:
            yield told_by(review, responses)


def told_by(review: Review, responses: dict[str, Response]) -> dict[str, object]:
    """Return a review and its response as one record."""
    said, link = review.attributes, review.relationships.response.data
    response = responses.get(review.id)
    if response is None and isinstance(link, Named):
        response = responses.get(link.id)
    told: dict[str, object] = {
        "key": review.id,
        "stars": None if said.rating is None else str(said.rating),
        "customer": said.reviewer_nickname,
        "words": "\n".join(filter(None, (said.title, said.body))),
        "written": said.created_date,
    }
    if response is not None:
        answer = response.attributes
        return told | {"answered": answer.last_modified_date, "answer": answer.response_body}
    if isinstance(link, Named):
        return told | {"reject": NOT_HELD, "value": link.id}
    return told | ({"doubt": NOT_ASKED} if link is msgspec.UNSET else {})
