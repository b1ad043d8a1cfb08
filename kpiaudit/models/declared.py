"""Every model that is declared or seen, with its claims: teams in file order, then the service as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.models.journeys import chatbot, hybrid, personal, proactive
from kpiaudit.models.load import active_hours, balance, channels_of_agents, cost, designated
from kpiaudit.models.self_service import self_service
from kpiaudit.models.sourcing import adherence, at_peak, coverage, turnover
from kpiaudit.models.tiers import tiered
from kpiaudit.models.told import claim, missing, time
from kpiaudit.report import ModelResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.calendars.business_time import Calendar
    from kpiaudit.models.asked import Told
    from kpiaudit.models.facts import Facts
    from kpiaudit.report import Claim
    from kpiaudit.settings import Team

C = pl.col
SOURCED = {
    "csat": "{} ratings are positive",
    "one_touch_rate": "one human reply was enough in {} resolved conversations",
    "reassignment_rate": "{} conversations that ended with it had more than one agent or team",
    "escalation_rate": "{} conversations that ended with it had moved up a tier",
}
"""KPIs that tell of brand and empowerment, each with its count in words."""
PRESENT = {
    "occupancy": ("share", "busy {busy} of {working} busy or available"),
    "utilization": ("share", "busy or available in {there} of {open} of open time"),
    "downtime": ("seconds", "available and idle, of {working} busy or available"),
}
"""KPIs of agents' presence, each with its unit and its time in words."""


def models_of(
    facts: Facts,
    teams: Sequence[Team],
    calendars: Mapping[str, Calendar],
    kpis: Told,
) -> tuple[ModelResult, ...]:
    """Return the models of every team that declares one, then those of all service.

    `calendars`: per team the one it is judged by, no entry where none judges it.
    `kpis`: by name and team.
    """
    found: list[ModelResult] = []
    for team in teams:
        mine = facts.actions.filter(C("team") == team.name)
        decided = facts.decided.filter(C("team") == team.name)
        calendar = calendars.get(team.name)
        if team.model == "blended":
            found.append(
                ModelResult(
                    "blended", team.name, blended(facts, mine, decided, team, calendar, kpis)
                )
            )
        if team.model == "designated":
            found.append(ModelResult("designated", team.name, dedicated(facts, mine, team, kpis)))
        if team.sourcing is not None:
            found.append(
                ModelResult(team.sourcing, team.name, sourced(facts, mine, decided, team, kpis))
            )
    if any(team.tier is not None for team in teams):
        found.append(ModelResult("tiered", "", tiered(facts, teams)))
    whole = {
        "chatbot": chatbot(facts),
        "self_service": self_service(facts, kpis),
        "hybrid": hybrid(facts),
        "proactive": proactive(facts),
        "personalized": personal(facts),
    }
    return (*found, *(ModelResult(model, "", claims) for model, claims in whole.items()))


def dedicated(facts: Facts, mine: pl.DataFrame, team: Team, kpis: Told) -> tuple[Claim, ...]:
    """Return what a team that does some channels only claims: to be there, quick and thorough there."""
    return (*designated(facts, mine, team.channels), one_touch(kpis, team))


def one_touch(kpis: Told, team: Team) -> Claim:
    """Return how many of the conversations resolved on the team's channels took one reply."""
    name = "one_touch_rate"
    total = kpis.get((name,))
    if total is None or not total.computable:
        return missing(name, "share", (total and total.reason) or "its inputs are in no export")
    found = [kpis.get((name, team.name, channel)) for channel in team.channels]
    told = [(result.value, result.n) for result in found if result and result.value is not None]
    n = sum(number for _, number in told)
    if not n:
        says = "no conversation on its channels was resolved long enough ago"
        return claim(name, None, "share", n=0, says=says)
    some = sum(round(value * number) for value, number in told)
    says = f"one human reply was enough in {some:,} of {n:,} resolved conversations there"
    return claim(name, some / n, "share", n=n, says=says)


def blended(
    facts: Facts,
    mine: pl.DataFrame,
    decided: pl.DataFrame,
    team: Team,
    calendar: Calendar | None,
    kpis: Told,
) -> tuple[Claim, ...]:
    """Return what a team that does every channel claims: use of its time, balance, and strength at peaks."""
    return (
        *channels_of_agents(facts, mine, team.channels),
        *(of_presence(kpis, name, team) for name in PRESENT),
        *active_hours(facts, mine, calendar),
        *balance(facts, mine),
        at_peak(decided, is_claimed=True),
    )


def of_presence(kpis: Told, name: str, team: Team) -> Claim:
    """Return a KPI of how long a team's agents were busy or available as a claim."""
    unit, words = PRESENT[name]
    total, mine = kpis.get((name,)), kpis.get((name, team.name))
    if total is None or not total.computable:
        return missing(name, unit, (total and total.reason) or "no export tells of presence")
    if mine is None or mine.value is None:
        return claim(name, None, unit, n=0, says="no presence of this team's agents is told of")
    spent = {key.removesuffix("_seconds"): value or 0.0 for key, value in mine.beside.items()}
    spent["working"] = spent.get("busy", 0.0) + spent.get("available", 0.0)
    says = words.format_map({key: time(value) for key, value in spent.items()})
    return claim(name, mine.value, unit, n=mine.n, says=says)


def sourced(
    facts: Facts,
    mine: pl.DataFrame,
    decided: pl.DataFrame,
    team: Team,
    kpis: Told,
) -> tuple[Claim, ...]:
    """Return what in-house and outsourced teams claim: kept promises, scale, coverage, people who stay, cost."""
    return (
        adherence(decided),
        at_peak(decided, is_claimed=team.sourcing == "outsourced"),
        coverage(facts, mine, team),
        turnover(facts, mine),
        *(of_kpi(kpis, name, team) for name in SOURCED),
        cost(facts, mine, team.cost_per_hour),
    )


def of_kpi(kpis: Told, name: str, team: Team) -> Claim:
    """Return a KPI of a team as a claim; one that no export feeds says so."""
    total, mine = kpis.get((name,)), kpis.get((name, team.name))
    if total is None or not total.computable:
        return missing(name, "share", (total and total.reason) or "its inputs are in no export")
    if mine is None or mine.value is None:
        return claim(name, None, "share", n=0, says="nothing of this team's counts")
    some = round(mine.value * mine.n)
    return claim(
        name, mine.value, "share", n=mine.n, says=SOURCED[name].format(f"{some:,} of {mine.n:,}")
    )
