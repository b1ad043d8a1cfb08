"""Bots and the community: what ended without a human agent, and whether the customer came back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.kpis.measures import rate

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen

C = pl.col
MEASURES: Final = (
    rate("deflection_rate", by_community=C("is_community").sum()),
    rate("containment_rate", handed_off=C("is_handed_off").sum()),
)


def columns(seen: Seen, wanted: frozenset[str]) -> dict[str, pl.Series]:
    """Return the columns of conversations these measures take."""
    if not wanted & {"deflection_rate", "containment_rate"}:
        return {}
    humans, passed = seen.count("reply") > 0, seen.count("handoff") > 0
    asks = seen.count("inbound") > 0
    bots = (seen.count("bot") > 0) & asks
    made = {
        "containment_rate": (~humans & ~passed).set(~bots, None),
        "is_handed_off": bots & passed,
    }
    if "deflection_rate" in wanted and seen.has("customer"):
        ended = seen.ordered["sent_at"].gather(seen.last) + seen.settings.definitions.contact_window
        community = helped_by_others(seen) & ~humans
        helps = seen.telling(seen.rows["bot"] | community.gather(seen.ordered["conversation"]))
        customer = seen.ordered["customer"].gather(seen.opening)
        counts = helps & customer.is_not_null() & asks
        counts &= ~seen.clocks.is_proactive & (ended <= seen.as_of)
        answered = seen.count("bot") > seen.count("bot", seen.opening)
        kept = answered & ~humans & ~passed & ~is_back(seen, customer, ended)
        made["deflection_rate"] = (kept | community).set(~counts, None)
        made["is_community"] = community & counts
    return made


def is_back(seen: Seen, customer: pl.Series, ended: pl.Series) -> pl.Series:
    """Return which conversations the same customer followed by another before its window ended; one that we
    began brings nobody back.
    """
    sent_at = seen.ordered["sent_at"]
    began = pl.DataFrame(
        {
            "system": seen.ordered["system"].gather(seen.opening).to_physical(),
            "customer": customer,
            "id": seen.ordered["conversation_id"].gather(seen.opening),
            "began_at": sent_at.gather(seen.opening),
            "ended_at": ended,
        }
    ).with_row_index("conversation")
    by_customer = (seen.count("inbound") > 0) & ~seen.clocks.is_proactive
    began = began.filter(C("customer").is_not_null() & pl.lit(by_customer))
    ordered = began.sort("system", "customer", "began_at", "id")
    same = (C("system") == C("system").shift(-1)) & (C("customer") == C("customer").shift(-1))
    back = ordered.filter(same & (C("began_at").shift(-1) < C("ended_at")))["conversation"]
    flags = pl.repeat(value=False, n=len(seen.last), dtype=pl.Boolean, eager=True)
    return flags.scatter(back, values=True)


def helped_by_others(seen: Seen) -> pl.Series:
    """Return which forum threads stand solved and hold a message of another customer."""
    flags = pl.repeat(value=False, n=len(seen.last), dtype=pl.Boolean, eager=True)
    if seen.solved is None or "channel" not in seen.ordered.columns:
        return flags
    if not (seen.ordered["channel"] == "forum").any():
        return flags
    asked = seen.ordered["customer"].gather(seen.opening)
    others = seen.ordered.select(
        "conversation", "channel", "customer", asked=asked.gather(seen.ordered["conversation"])
    ).filter(seen.rows["inbound"] & (C("channel") == "forum") & (C("customer") != C("asked")))
    flags = flags.scatter(others["conversation"].unique(), values=True)
    return flags & seen.solved.stands.fill_null(value=False)
