"""What self-service tells: who was helped by it, and who came to us all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.kpis.measures import Measure, rate
from kpiaudit.schema import INSTANT

if TYPE_CHECKING:
    from datetime import datetime

    from kpiaudit.kpis.seen import Seen

C = pl.col
KPIS: Final = frozenset({"self_service_deflection", "views_per_conversation", "empty_search_rate"})
MEASURES: Final = (
    rate("self_service_deflection", "visits"),
    rate("empty_search_rate", "visits"),
    Measure(
        "views_per_conversation",
        "all_visits",
        C("is_view").sum() / C("conversations").first(),
        C("conversations").first(),
        {"numerator": C("is_view").sum()},
    ),
)


def visits(seen: Seen, *, as_of: datetime) -> pl.DataFrame:
    """Return self-service row by row, with `is_view`, and as KPIs count them: whether a view kept its
    customer from us, whether a search found nothing; null where a row is not concerned.
    """
    rows = seen.beside.self_service.with_row_index("visit")
    is_view, searched = C("kind") == "view", C("kind").is_in(["search", "search_empty"])
    window = seen.settings.definitions.contact_window
    passed = C("at") + window <= pl.lit(as_of, INSTANT)
    counts = is_view & C("customer").is_not_null() & passed
    back = followed(rows, seen)
    return rows.with_columns(
        is_view=is_view,
        self_service_deflection=pl.when(counts).then(~C("visit").is_in(back.implode())),
        empty_search_rate=pl.when(searched).then(C("kind") == "search_empty"),
    )


def followed(rows: pl.DataFrame, seen: Seen) -> pl.Series:
    """Return the visits after which the same customer began a conversation within the window."""
    if not seen.has("customer"):
        return rows["visit"].clear()
    began = pl.DataFrame(
        {
            "customer": seen.ordered["customer"].gather(seen.opening).cast(pl.String),
            "began_at": seen.ordered["sent_at"].gather(seen.opening),
        }
    ).filter(C("customer").is_not_null() & ~seen.clocks.is_proactive)
    known = rows.filter(C("customer").is_not_null()).select("visit", "customer", "at")
    near = known.sort("at").join_asof(
        began.sort("began_at"),
        left_on="at",
        right_on="began_at",
        by="customer",
        strategy="forward",
        check_sortedness=False,
    )
    window = seen.settings.definitions.contact_window
    return near.filter(C("began_at") < C("at") + window)["visit"]
