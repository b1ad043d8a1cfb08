"""Examples of what customers wrote, redacted: to the worst breaches, and of every category.

Text is read for them alone, only where they are asked for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.redaction import People, pieces, redacted, unspaced
from kpiaudit.report import Quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from kpiaudit.audit import Audit, Summaries
    from kpiaudit.report import QuoteKind

C = pl.col


def quotes_of(audited: Audit, summaries: Summaries) -> tuple[Quote, ...]:
    """Return as many quotes as the request asks for of each breach listed, and of each category."""
    most = audited.request.quotes
    ordered = audited.reading.ordered
    if not most or "text" not in ordered.columns:
        return ()
    told = {"customer", "category"} & set(ordered.columns)
    asked = ordered.with_row_index("at").filter(
        C("event") == "inbound",
        ~C("is_automated").fill_null(value=False),
        C("text").str.strip_chars().str.len_chars() > 0,
    )
    asked = asked.select(
        "at", "conversation", "text", C("sent_at"), "row",
        *(C(name).cast(pl.String) for name in ("system", "conversation_id", "export", *sorted(told))),
    )  # fmt: skip
    near, far = known_people(audited)
    whole = unspaced(near | far)
    chosen = [*of_breaches(asked, summaries.breaches, most), *of_categories(asked, audited, most)]
    return tuple(
        Quote(
            kind=kind,
            of=name,
            system=row["system"],
            conversation_id=row["conversation_id"],
            export=row["export"],
            row=row["row"],
            text=redacted(
                row["text"], People(near | pieces([row.get("customer") or ""]), far, whole)
            ),
        )
        for kind, name, frame in chosen
        for row in frame.rows(named=True)
    )


def of_breaches(
    asked: pl.DataFrame, breaches: pl.DataFrame, most: int
) -> Iterator[tuple[QuoteKind, str, pl.DataFrame]]:
    """Yield what the customer wrote from the start of each breached clock to its stop, the first messages."""
    clocks = breaches.select("start_index", "stop_index", "conversation", C("sla").cast(pl.String))
    for start, stop, conversation, sla in clocks.rows():
        is_before = pl.lit(value=True) if stop is None else C("at") < stop
        waited = (C("conversation") == conversation) & (C("at") >= start) & is_before
        yield "breach", sla, asked.filter(waited).head(most)


def of_categories(
    asked: pl.DataFrame, audited: Audit, most: int
) -> Iterator[tuple[QuoteKind, str, pl.DataFrame]]:
    """Yield the earliest messages of each category of the policy, one of a conversation."""
    found = audited.reading.category_hits
    if found is None or "category" not in asked.columns:
        return
    first = asked.sort("sent_at", "at").unique(
        ["conversation", "category"], keep="first", maintain_order=True
    )
    for name in found["category"]:
        yield "category", name, first.filter(C("category") == name).head(most)


def known_people(audited: Audit) -> tuple[frozenset[str], frozenset[str]]:
    """Return the pieces of the names of all who work here, and of all customers."""
    settings, ordered = audited.request.settings, audited.reading.ordered
    us = settings.us
    here = {
        *us.accounts,
        *us.agents,
        *us.bots,
        *(name for t in settings.teams for name in t.agents),
    }

    def in_column(name: str) -> set[str]:
        if name not in ordered.columns:
            return set()
        return set(ordered[name].cast(pl.String).unique().drop_nulls())

    return pieces(here | in_column("agent")), pieces(in_column("customer"))
