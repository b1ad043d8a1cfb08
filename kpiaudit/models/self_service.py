"""Claims about self-service: what customers read and searched, and who came to us all the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.models.told import claim, missing, part

if TYPE_CHECKING:
    from kpiaudit.models.asked import Told
    from kpiaudit.models.facts import Facts
    from kpiaudit.report import Claim

C = pl.col
WITHOUT: Final = (
    'no export of self-service use is given ([sources.NAME] with kind = "self_service")'
)
NO_CUSTOMER: Final = "no export names the customer"
KPIS: Final = {
    "views_per_conversation": (
        "views_per_conversation", "ratio", "{some:,} views of articles beside {n:,} conversations",
    ),
    "searches_without_result": (
        "empty_search_rate", "share", "{some:,} of {n:,} searches found nothing",
    ),
    "self_service_deflection": (
        "self_service_deflection", "share",
        "{some:,} of {n:,} views by known customers brought no conversation within the window",
    ),
}  # fmt: skip
"""Claim to the KPI it is, its unit, and its count in words."""


def self_service(facts: Facts, kpis: Told) -> tuple[Claim, ...]:
    """Return what is read beside conversations, what is searched in vain, and whom it kept from us."""
    return (*(of_kpi(facts, kpis, name) for name in KPIS), after_a_view(facts))


def of_kpi(facts: Facts, kpis: Told, name: str) -> Claim:
    """Return a KPI of everything as a claim."""
    kpi, unit, words = KPIS[name]
    found = kpis.get((kpi,))
    if facts.self_service.is_empty() or found is None:
        return missing(name, unit, WITHOUT)
    if not found.computable:
        return missing(name, unit, found.reason or NO_CUSTOMER)
    some = round(found.beside.get("numerator") or 0)
    return claim(name, found.value, unit, n=found.n, says=words.format(some=some, n=found.n))


def after_a_view(facts: Facts) -> Claim:
    """Return the conversations a known customer began within the window after a view / those of known
    customers.
    """
    name = "conversations_after_view"
    if facts.self_service.is_empty():
        return missing(name, "share", WITHOUT)
    views = facts.self_service.filter(C("kind") == "view", C("customer").is_not_null())
    if views.is_empty() or "customer" not in facts.has:
        return missing(name, "share", NO_CUSTOMER)
    began = facts.conversations.filter(
        C("customer").is_not_null(), C("has_customer"), ~C("is_proactive")
    ).select("customer", "asked_at")
    met = began.sort("asked_at").join_asof(
        views.select("customer", seen_at="at").sort("seen_at"),
        left_on="asked_at",
        right_on="seen_at",
        by="customer",
        strategy="backward",
        check_sortedness=False,
    )
    n, some = met.height, met.filter(C("asked_at") - C("seen_at") < facts.window).height
    says = (
        f"{part(some, n, 'conversation')} of known customers began within the window after a view"
    )
    return claim(name, some / n if n else None, "share", n=n, says=says)
