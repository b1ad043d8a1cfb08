"""Movement: conversations that came back, changed hands, or moved up a tier."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.dimensions import with_teams
from kpiaudit.groupings import tier_of
from kpiaudit.kpis.measures import rate

if TYPE_CHECKING:
    from kpiaudit.kpis.seen import Seen

C = pl.col
OURS: Final = (C("author_role") != "bot") & (C("event") != "inbound")
MEASURES: Final = (rate("reopen_rate"), rate("reassignment_rate"), rate("escalation_rate"))


def columns(seen: Seen, wanted: frozenset[str]) -> dict[str, pl.Series]:
    """Return the columns of conversations these measures take."""
    made: dict[str, pl.Series] = {}
    if "reopen_rate" in wanted and seen.solved is not None:
        solved = seen.solved
        made["reopen_rate"] = solved.reopened_at.is_not_null().set(solved.first_at.is_null(), None)
    if "reassignment_rate" in wanted:
        hands = [moved(seen, held(seen, name), name) for name in ("agent", "team")]
        seen_any = hands[0].is_not_null() | hands[1].is_not_null()
        changed = hands[0].fill_null(value=False) | hands[1].fill_null(value=False)
        made["reassignment_rate"] = changed.set(~seen_any, None)
    if "escalation_rate" in wanted:
        made["escalation_rate"] = moved_up(seen)
    return made


def held(seen: Seen, name: str) -> pl.DataFrame:
    """Return `conversation, agent, team` of the rows that say who of us has the conversation; a customer's
    message moves it to nobody.
    """
    ordered = seen.ordered
    if name not in ordered.columns:
        return pl.DataFrame(schema={"conversation": pl.UInt32, name: pl.Categorical()})
    has = C(name).is_not_null() & OURS
    named = [column for column in ("agent", "team") if column in ordered.columns]
    rows = ordered.select("conversation", *named).filter(ordered.select(has).to_series())
    if name == "team" and seen.settings.teams:
        if "agent" not in named:
            rows = rows.with_columns(agent=pl.lit(None, pl.Categorical()))
        return with_teams(rows, seen.settings.teams)
    return rows


def moved(seen: Seen, rows: pl.DataFrame, name: str) -> pl.Series:
    """Return which conversations passed from one value to another, null where no row has any."""
    same = C("conversation") == C("conversation").shift()
    changed = rows.filter(same & (C(name) != C(name).shift()))["conversation"]
    flags = pl.repeat(None, len(seen.last), dtype=pl.Boolean, eager=True)
    flags = flags.scatter(rows["conversation"], values=False)
    return flags.scatter(changed, values=True)


def moved_up(seen: Seen) -> pl.Series:
    """Return which conversations passed to a team of a higher tier, null where no team has one."""
    teams = seen.settings.teams
    named = [name for name in ("agent", "team") if name in seen.ordered.columns]
    blank = {
        name: pl.lit(None, pl.Categorical()) for name in ("agent", "team") if name not in named
    }
    rows = (
        seen.ordered.select("conversation", "author_role", "event", *named)
        .with_columns(**blank)
        .filter((C("agent").is_not_null() | C("team").is_not_null()) & OURS)
    )
    rows = with_teams(rows, teams).select("conversation", tier=tier_of(teams).cast(pl.Int64))
    rows = rows.filter(C("tier").is_not_null())
    same = C("conversation") == C("conversation").shift()
    up = rows.filter(same & (C("tier") > C("tier").shift()))["conversation"]
    flags = pl.repeat(None, len(seen.last), dtype=pl.Boolean, eager=True)
    flags = flags.scatter(rows["conversation"], values=False)
    return flags.scatter(up, values=True)
