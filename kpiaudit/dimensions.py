"""The dimensions of a clock: where each is read from, and which clocks a `when` matches."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.one_value import is_one_value
from kpiaudit.schema import INSTANT, LABEL, MESSAGES, NONE, UNASSIGNED

if TYPE_CHECKING:
    from datetime import datetime

    from kpiaudit.clocks import Clocks
    from kpiaudit.settings import Team, When

C = pl.col
AT_START = ("system", "source", "channel", "visibility", "platform", "customer", "category")
"""Read from the row that started the clock; priority, team and tags are as last known at its stop, or
at `as_of` while it runs."""
LAST_KNOWN = ("priority", "team", "tags")
STARTED = "_at_start"


def describe(
    found: Clocks,
    ordered: pl.DataFrame,
    *,
    names: Iterable[str],
    teams: Sequence[Team],
    judged_by: Iterable[str] = (),
) -> pl.DataFrame:
    """Return the clocks with the dimensions asked for; absent ones are null, never left out.

    The agent is the sender of the stopping reply, else the assignee then, else `(unassigned)`. What SLAs
    are chosen by (`judged_by`) is there as it was known at the start too, named STARTED.
    """
    wanted = {"tags" if name == "tag" else name for name in names}
    if "team" in wanted and teams:
        wanted |= {"agent"}
    clocks = found.clocks
    start, end = clocks["start_index"], end_rows(found, clocks)
    columns = [read_at(ordered, name, start) for name in AT_START if name in wanted]
    known = [name for name in LAST_KNOWN if name in wanted]
    columns += [read_at(ordered, name, last_known(ordered, name, end)) for name in known]
    if "agent" in wanted:
        columns.append(agents(ordered, clocks, end))
    chosen_by = {"tags" if name == "tag" else name for name in judged_by}
    columns += [
        read_at(ordered, name, last_known(ordered, name, start)).alias(name + STARTED)
        for name in known
        if name in chosen_by
    ]
    return with_teams(clocks.with_columns(columns), teams)


def with_teams(clocks: pl.DataFrame, teams: Sequence[Team]) -> pl.DataFrame:
    """Return the clocks with their teams under the policy's names; nobody is `(unassigned)`."""
    nobody = pl.lit(UNASSIGNED, LABEL)
    named = {"team": declared_team(teams), "team" + STARTED: named_team(teams, "team" + STARTED)}
    return clocks.with_columns(
        team.cast(LABEL).fill_null(nobody).alias(name)
        for name, team in {"agent": C("agent"), **named}.items()
        if name in clocks.columns
    )


def end_rows(found: Clocks, clocks: pl.DataFrame) -> pl.Series:
    """Return per clock the row it stopped at, or its conversation's last row while it runs."""
    last = found.last_row.gather(clocks["conversation"])
    return clocks["stop_index"].zip_with(clocks["stop_index"].is_not_null(), last)


def read_at(ordered: pl.DataFrame, name: str, rows: pl.Series) -> pl.Series:
    """Return a column of the ordered messages at the given rows; all null when no export has it."""
    if name not in ordered.columns:
        return pl.repeat(None, len(rows), dtype=MESSAGES[name], eager=True).alias(name)
    if is_one_value(ordered, name):
        value = ordered.select(name).head(1).item()
        return pl.repeat(value, len(rows), dtype=ordered.schema[name], eager=True).alias(name)
    column = ordered[name]
    is_mixed = 0 < column.null_count() < len(column)
    if not is_mixed and not isinstance(column.dtype, pl.List) and column.n_unique() == 1:
        return pl.repeat(column[0], len(rows), dtype=column.dtype, eager=True).alias(name)
    return column.gather(rows).alias(name)


def last_known(
    ordered: pl.DataFrame, name: str, rows: pl.Series, where: pl.Expr | None = None
) -> pl.Series:
    """Return per given row the nearest row at or before it, in the same conversation, that has a value."""
    if name not in ordered.columns:
        return rows
    known = C(name).is_not_null()
    if where is not None:
        known &= where
    at = pl.int_range(pl.len(), dtype=pl.UInt32)
    begins = C("conversation").ne_missing(C("conversation").shift())
    filled = ordered.select(
        at=pl.when(known).then(at).forward_fill(), first=pl.when(begins).then(at).forward_fill()
    )
    inside = filled.select(at=pl.when(C("at") >= C("first")).then("at")).to_series()
    return inside.gather(rows)


def agents(ordered: pl.DataFrame, clocks: pl.DataFrame, end: pl.Series) -> pl.Series:
    """Return per clock who is answerable for it."""
    if "agent" not in ordered.columns:
        return pl.repeat(None, clocks.height, dtype=LABEL, eager=True).alias("agent")
    sender = ordered["agent"].gather(clocks["stop_index"])
    assigned = C("event").is_in(["status", "update", "handoff", "inbound"])
    assigned &= C("author_role") != "bot"
    if ordered.select((C("agent").is_not_null() & assigned).any()).item():
        assignee = ordered["agent"].gather(last_known(ordered, "agent", end, assigned))
        is_reply = clocks["stop_reason"].is_in(["reply", "bot"]) & sender.is_not_null()
        sender = sender.zip_with(is_reply, assignee)
    else:
        reply = clocks["stop_reason"].is_in(["reply", "bot"])
        sender = pl.select(pl.when(reply).then(sender)).to_series()
    return sender.cast(LABEL).alias("agent")


def declared_team(teams: Sequence[Team]) -> pl.Expr:
    """Return the team the policy gives an agent, else the export's own under the policy's name."""
    if not teams:
        return C("team")
    by_agent = {agent: team.name for team in teams for agent in team.agents}
    return pl.coalesce(
        C("agent").cast(pl.String).replace_strict(by_agent, default=None, return_dtype=pl.String),
        named_team(teams, "team"),
    )


def named_team(teams: Sequence[Team], column: str) -> pl.Expr:
    """Return the team an export names, under the policy's name for it."""
    by_alias = {alias: team.name for team in teams for alias in (team.name, *team.names)}
    own = C(column).cast(pl.String)
    return pl.coalesce(own.replace_strict(by_alias, default=None, return_dtype=pl.String), own)


def matching(when: When, columns: Iterable[str], *, in_force: bool = False) -> pl.Expr:
    """Return which clocks a `when` matches: lists are any-of, keys all-of; empty matches all.

    `in_force` prefers what was known at the start of a clock.
    """
    have = set(columns)
    result = pl.lit(value=True)
    for key, values in sorted(when.items()):
        name = "tags" if key == "tag" else key
        if in_force and name + STARTED in have:
            name += STARTED
        if name not in have:
            result &= pl.lit(value=False)
        elif key == "tag":
            result &= (
                C(name)
                .list.eval(pl.element().is_in(list(values)))
                .list.any()
                .fill_null(value=False)
            )
        else:
            text = C(name).cast(pl.String).fill_null(NONE)
            result &= text.is_in(list(values))
    return result


def with_as_of(described: pl.DataFrame, as_of: dict[str, datetime]) -> pl.DataFrame:
    """Return the clocks with `as_of` of their system."""
    if len(set(as_of.values())) <= 1:
        instant = next(iter(as_of.values()), None)
        return described.with_columns(as_of=pl.lit(instant, INSTANT))
    return described.with_columns(
        as_of=C("system").cast(pl.String).replace_strict(as_of, return_dtype=INSTANT)
    )


def started_between(
    described: pl.DataFrame, since: datetime | None, until: datetime | None
) -> pl.DataFrame:
    """Return the clocks that started at or after `since` and before `until`."""
    if since is not None:
        described = described.filter(C("started_at") >= pl.lit(since, INSTANT))
    if until is not None:
        described = described.filter(C("started_at") < pl.lit(until, INSTANT))
    return described
