"""The dimensions of a clock: where each is read from, and which clocks a `when` matches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import polars as pl

from kpiaudit.clocks import Clocks
from kpiaudit.schema import MESSAGES, NONE, UNASSIGNED
from kpiaudit.settings import Team, When

C = pl.col
AT_START = ("system", "source", "channel", "visibility", "platform", "customer", "category")
"""Read from the row that started the clock; priority, team and tags are as last known at its stop, or
at `as_of` while it runs."""
LAST_KNOWN = ("priority", "team", "tags")


def describe(
    found: Clocks, ordered: pl.DataFrame, *, names: Iterable[str], teams: Sequence[Team]
) -> pl.DataFrame:
    """Return the clocks with the dimensions asked for; absent ones are null, never left out.

    The agent is the sender of the stopping reply, else the assignee then, else `(unassigned)`.
    """
    wanted = {"tags" if name == "tag" else name for name in names}
    if "team" in wanted and teams:
        wanted |= {"agent"}
    clocks = found.clocks
    end = end_rows(found, clocks)
    columns: list[pl.Series] = []
    for name in AT_START:
        if name in wanted:
            columns.append(read_at(ordered, name, clocks["start_index"]))
    for name in LAST_KNOWN:
        if name in wanted:
            columns.append(read_at(ordered, name, last_known(ordered, name, end)))
    if "agent" in wanted:
        columns.append(agents(ordered, clocks, end))
    clocks = clocks.with_columns(columns)
    if "team" in wanted and teams:
        clocks = clocks.with_columns(team=declared_team(teams))
    labels = [C("team").cast(pl.String).fill_null(UNASSIGNED)] if "team" in clocks.columns else []
    return clocks.with_columns(labels)


def end_rows(found: Clocks, clocks: pl.DataFrame) -> pl.Series:
    """Return per clock the row it stopped at, or its conversation's last row while it runs."""
    last = found.last_row.gather(clocks["conversation"])
    return clocks["stop_index"].zip_with(clocks["stop_index"].is_not_null(), last)


def read_at(ordered: pl.DataFrame, name: str, rows: pl.Series) -> pl.Series:
    """Return a column of the ordered messages at the given rows; all null when no export has it."""
    if name not in ordered.columns:
        return pl.repeat(None, len(rows), dtype=MESSAGES[name], eager=True).alias(name)
    column = ordered[name]
    if len(column) and column.n_unique() == 1 and not isinstance(column.dtype, pl.List):
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
        return pl.repeat(UNASSIGNED, clocks.height, dtype=pl.String, eager=True).alias("agent")
    sender = ordered["agent"].gather(clocks["stop_index"])
    assigned = C("event").is_in(["status", "update", "handoff", "inbound"])
    if ordered.select((C("agent").is_not_null() & assigned).any()).item():
        assignee = ordered["agent"].gather(last_known(ordered, "agent", end, assigned))
        is_reply = (clocks["stop_reason"] == "reply") & sender.is_not_null()
        sender = sender.zip_with(is_reply, assignee)
    else:
        reply = clocks["stop_reason"].is_in(["reply", "bot"])
        sender = pl.select(pl.when(reply).then(sender)).to_series()
    return sender.cast(pl.String).fill_null(UNASSIGNED).alias("agent")


def declared_team(teams: Sequence[Team]) -> pl.Expr:
    """Return the team the policy gives an agent, else the export's own under the policy's name."""
    by_agent = {agent: team.name for team in teams for agent in team.agents}
    by_alias = {alias: team.name for team in teams for alias in (team.name, *team.names)}
    own = C("team").cast(pl.String)
    return pl.coalesce(
        C("agent").cast(pl.String).replace_strict(by_agent, default=None, return_dtype=pl.String),
        own.replace_strict(by_alias, default=None, return_dtype=pl.String),
        own,
    ).alias("team")


def matching(when: When, columns: Mapping[str, pl.DataType] | Iterable[str]) -> pl.Expr:
    """Return which clocks a `when` matches: lists are any-of, keys all-of; empty matches all."""
    have = set(columns)
    result = pl.lit(value=True)
    for key, values in sorted(when.items()):
        name = "tags" if key == "tag" else key
        if name not in have:
            result &= pl.lit(value=False)
        elif name == "tags":
            result &= C("tags").list.eval(pl.element().is_in(list(values))).list.any().fill_null(
                value=False
            )
        else:
            text = C(name).cast(pl.String).fill_null(NONE)
            result &= text.is_in(list(values))
    return result
