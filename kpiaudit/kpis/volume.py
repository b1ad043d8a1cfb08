"""Volume: what came in, as messages and as conversations, and how much of it asks for service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.kpis.measures import Measure
from kpiaudit.schema import OTHER

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen

C = pl.col
NOT_SERVICE: Final = ("marketing", "pr", "public relations", "advertising")
"""Categories that are no request for service; a category is broad kind or `kind/sub-category`."""

IS_NAMED: Final = (C("category").cast(pl.String) != OTHER).fill_null(value=False)
"""Has a category, of the export or by a rule."""

MEASURES: Final = (
    Measure("inbound_messages", "inbound", pl.len(), pl.len()),
    Measure(
        "conversations",
        "conversations",
        pl.len(),
        pl.len(),
        {"proactive": C("is_proactive").sum(), "partial": C("is_partial").sum()},
    ),
    Measure(
        "messages_by_category",
        "inbound",
        IS_NAMED.mean(),
        pl.len(),
        {"numerator": IS_NAMED.sum(), "other_share": (~IS_NAMED).mean()},
    ),
    Measure(
        "conversations_by_category",
        "conversations",
        IS_NAMED.mean(),
        pl.len(),
        {"numerator": IS_NAMED.sum(), "other_share": (~IS_NAMED).mean()},
    ),
    Measure(
        "service_share",
        "inbound",
        C("is_service").mean(),
        C("is_service").count(),
        {
            "numerator": C("is_service").sum(),
            "of_categorized_share": C("is_service").filter(IS_NAMED).mean(),
            "conversations_share": C("conversation").filter("is_service").n_unique()
            / C("conversation").filter(C("is_service").is_not_null()).n_unique(),
        },
    ),
)
BY_CATEGORY: Final = {
    "messages_by_category": "inbound",
    "conversations_by_category": "conversations",
}
"""KPIs that are told category by category, to the frame they count."""


def columns(seen: Seen, wanted: frozenset[str]) -> dict[str, pl.Series]:
    """Return the columns of conversations these measures take."""
    if "conversations" not in wanted:
        return {}
    return {"is_proactive": seen.clocks.is_proactive, "is_partial": seen.clocks.is_partial}


def is_service() -> pl.Expr:
    """Return whether a row's category asks for service; none and OTHER do not."""
    kind = C("category").cast(pl.String).str.to_lowercase().str.split("/").list.first()
    return IS_NAMED & ~kind.str.strip_chars().is_in(NOT_SERVICE).fill_null(value=True)
