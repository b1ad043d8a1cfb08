"""What the exports lack for each KPI: `rating missing in tickets.csv`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.kpis.bots import helped_by_others
from kpiaudit.kpis.calls import CHANNELS
from kpiaudit.kpis.catalogue import KPIS, NEEDS, OF_THE_POLICY
from kpiaudit.lexicon import SCORED, is_asked
from kpiaudit.one_value import unique

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen

FEW: Final = 2
IN_WORDS: Final[Mapping[str, str]] = {
    "inbound": "inbound messages",
    "message_grain": "single messages",
    "voice": "calls and chats",
    "bot": "bot messages",
    "sentiment": "sentiment and rating",
    "tier": "[teams] tier",
    "cost_per_hour": "[teams] cost_per_hour",
    "team": "team and agent",
    "self_service": "self-service",
}
"""Inputs whose name is not the column's."""


def met(seen: Seen) -> Mapping[str, Callable[[], bool]]:
    """Return for each need how to know whether the run meets it."""
    ordered, settings = seen.ordered, seen.settings

    def is_starred() -> bool:
        has_stars = seen.has("rating")
        return has_stars and bool((ordered["rating"].is_not_null() & seen.rows["inbound"]).any())

    return {
        "inbound": lambda: bool(seen.rows["inbound"].any()),
        "category": lambda: seen.has("category"),
        "message_grain": lambda: "message" in unique(ordered, "grain"),
        "handle_time": lambda: seen.has("handle_time"),
        "sentiment": lambda: seen.has("sentiment") or is_starred() or seen.has(SCORED),
        "rating": lambda: seen.has("rating"),
        "status": lambda: seen.solved is not None,
        "bot": lambda: (
            bool(seen.rows["bot"].any())
            or (seen.has("customer") and bool(helped_by_others(seen).any()))
        ),
        "customer": lambda: seen.has("customer"),
        "agent": lambda: seen.has("agent"),
        "team": lambda: seen.has("agent") or seen.has("team"),
        "tier": lambda: any(team.tier is not None for team in settings.teams),
        "cost_per_hour": lambda: any(team.cost_per_hour is not None for team in settings.teams),
        "voice": lambda: (
            "channel" in ordered.columns
            and bool(pl.Series([w in CHANNELS for w in ordered["channel"].unique()]).any())
        ),
        "calendar": lambda: bool(settings.calendars),
        "presence": lambda: not seen.beside.presence.is_empty(),
        "self_service": lambda: not seen.beside.self_service.is_empty(),
    }


def missing(seen: Seen, kpis: frozenset[str], exports: Sequence[str]) -> dict[str, str]:
    """Return the KPIs that cannot be computed, each with the input that is missing and where."""
    wanted = [kpi for kpi in KPIS if kpi.id in kpis]
    asks = met(seen)
    told = {need: asks[need]() for need in NEEDS if any(need in kpi.needs for kpi in wanted)}
    lacking = {kpi.id: [need for need in kpi.needs if not told[need]] for kpi in wanted}
    path = seen.settings.path
    policy = PurePath(path).name if path else None  # the same from wherever it is run
    also = {"sentiment": "sentiment, rating and English text"} if is_asked(seen.settings) else {}
    words = {**IN_WORDS, **also}
    return {name: reason(needs, exports, policy, words) for name, needs in lacking.items() if needs}


def reason(
    needs: Sequence[str], exports: Sequence[str], policy: str | None, words: Mapping[str, str]
) -> str:
    """Return what is missing where: the first need of an export, else of the policy."""
    need = next((need for need in needs if need not in OF_THE_POLICY), needs[0])
    word = words.get(need, need)
    if need in OF_THE_POLICY:
        return f"{word} missing in {policy or 'the policy'}"
    is_few = 0 < len(exports) <= FEW
    return f"{word} missing in {', '.join(exports) if is_few else f'all {len(exports)} exports'}"
