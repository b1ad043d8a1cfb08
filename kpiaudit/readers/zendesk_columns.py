"""Columns of what Zendesk's JSON records have in common: ids, ways, scores."""

from __future__ import annotations

import polars as pl

from kpiaudit.decoding.fields import Lists, texts
from kpiaudit.readers.zendesk_records import Via


def keys(identifiers: pl.Series) -> pl.Series:
    """Return ids as text; chat events write an agent's as `agent:<id>`."""
    if identifiers.dtype == pl.String:
        return identifiers.str.strip_prefix("agent:")
    return texts(identifiers)


def way(ways: list[Via | str | None]) -> Lists:
    """Return the channel and relation of each `via`, which old exports write as one word."""
    if not any(ways):
        return {"via": len(ways), "rel": len(ways)}
    return {
        "via": [w.channel if w.__class__ is Via else w for w in ways],
        "rel": [w.source.rel if w.__class__ is Via and w.source else None for w in ways],
    }


def scores(words: pl.Series) -> pl.Series:
    """Return the rating each word stands for; `offered` and `unoffered` are not ratings."""
    word = texts(words).str.to_lowercase()
    is_good, is_bad = word.str.starts_with("good"), word.str.starts_with("bad")
    return (
        word.to_frame("word").select(pl.when(is_good).then(1.0).when(is_bad).then(0.0)).to_series()
    )
