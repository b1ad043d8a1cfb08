"""The clocks of the worst breaches, cut into spans, where a page is to show them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.explanation.explain import clock_spans

if TYPE_CHECKING:
    from kpiaudit.audit import Audit, Summaries
    from kpiaudit.explanation.explained import Span

C = pl.col


def spans_of_breaches(audited: Audit, summaries: Summaries) -> tuple[tuple[Span, ...], ...]:
    """Return the spans of each breach listed, in their order."""
    clocks, calendars = summaries.breaches, audited.request.settings.calendars
    mine = C("conversation").is_in(clocks["conversation"].unique().implode())
    stretches: dict[int, list[dict[str, object]]] = {}
    for stretch in audited.clocks.pauses.filter(mine).to_dicts():
        stretches.setdefault(stretch["conversation"], []).append(stretch)
    return tuple(
        clock_spans(
            clock, stretches.get(clock["conversation"], []), calendars.get(clock["calendar"] or "")
        )
        for clock in clocks.to_dicts()
    )
