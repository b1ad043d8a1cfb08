"""Every model that is declared or seen, with its claims: teams in file order, then the service as a whole."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.models.journeys import chatbot, hybrid, personal, proactive
from kpiaudit.models.load import active_hours, balance, channels_of_agents, cost, designated
from kpiaudit.models.sourcing import adherence, at_peak, coverage, turnover
from kpiaudit.models.tiers import tiered
from kpiaudit.models.told import missing
from kpiaudit.report import ModelResult

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.models.facts import Facts
    from kpiaudit.report import Claim
    from kpiaudit.settings import Team

C = pl.col
WITHOUT = 'no export of self-service use is given ([sources.NAME] with kind = "self_service")'


def models_of(
    facts: Facts, teams: Sequence[Team], open_hours: Mapping[str, pl.Series | None]
) -> tuple[ModelResult, ...]:
    """Return the models of every team that declares one, then those of all service.

    `open_hours`: per team the hours its calendar is open in, None where no calendar judges it.
    """
    found: list[ModelResult] = []
    for team in teams:
        mine = facts.actions.filter(C("team") == team.name)
        decided = facts.decided.filter(C("team") == team.name)
        hours = open_hours.get(team.name)
        if team.model == "blended":
            found.append(
                ModelResult("blended", team.name, blended(facts, mine, decided, team, hours))
            )
        if team.model == "designated":
            found.append(
                ModelResult("designated", team.name, designated(facts, mine, team.channels))
            )
        if team.sourcing is not None:
            found.append(ModelResult(team.sourcing, team.name, sourced(facts, mine, decided, team)))
    if any(team.tier is not None for team in teams):
        found.append(ModelResult("tiered", "", tiered(facts, teams)))
    self_service = (
        missing("views_per_conversation", "ratio", WITHOUT),
        missing("searches_without_result", "share", WITHOUT),
    )
    whole = {
        "chatbot": chatbot(facts),
        "self_service": self_service,
        "hybrid": hybrid(facts),
        "proactive": proactive(facts),
        "personalized": personal(facts),
    }
    return (*found, *(ModelResult(model, "", claims) for model, claims in whole.items()))


def blended(
    facts: Facts,
    mine: pl.DataFrame,
    decided: pl.DataFrame,
    team: Team,
    open_hours: pl.Series | None,
) -> tuple[Claim, ...]:
    """Return what a team that does every channel claims: use of its time, balance, and strength at peaks."""
    return (
        *channels_of_agents(facts, mine, team.channels),
        *active_hours(facts, mine, open_hours),
        *balance(facts, mine),
        at_peak(decided, is_claimed=True),
    )


def sourced(
    facts: Facts, mine: pl.DataFrame, decided: pl.DataFrame, team: Team
) -> tuple[Claim, ...]:
    """Return what in-house and outsourced teams claim: kept promises, scale, coverage, people who stay, cost."""
    return (
        adherence(decided),
        at_peak(decided, is_claimed=team.sourcing == "outsourced"),
        coverage(facts, mine, team),
        turnover(facts, mine),
        cost(facts, mine, team.cost_per_hour),
    )
