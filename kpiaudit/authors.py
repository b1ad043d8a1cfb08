"""Who is us: give rows whose export only says who wrote them a role and an event, from `[us]`.

Nothing is guessed: without `[us]` such an export is refused, with the lines to paste made of what was
seen in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.errors import ExportError
from kpiaudit.pieces import cut_as, in_slices
from kpiaudit.schema import MESSAGES

if TYPE_CHECKING:
    from kpiaudit.settings import Us

C = pl.col
SENDERS_SHOWN = 8
DOMAIN = r"@([^@>\s]+)>?$"
ROLE = "\0role"
UNDECIDED = "author: who is us, set [us]"
"""The rule of rows nobody can decide, where a run goes on past them; their `value` is the author."""


def with_roles(frame: pl.DataFrame, us: Us, *, where: str, asks: bool = True) -> pl.DataFrame:
    """Return rows without `author`: who is ours is an agent or a bot, everybody else a customer.

    Only rows whose event the export does not tell are decided; names, handles and addresses are compared
    without regard to case, a domain with its subdomains. Where there are such rows and `[us]` is empty
    raises `ExportError`, or, unless it `asks`, refuses each of them.
    """
    undecided = C("author").is_not_null()
    if "event" in frame.columns:
        undecided &= C("event").is_null()
    for name in ("reject", "skip"):
        if name in frame.columns:
            undecided &= C(name).is_null()
    if not frame.select(undecided.any()).item():
        return frame.drop("author")
    if not (us.accounts or us.domains or us.agents or us.bots):
        if asks:
            raise who_is_us(frame.filter(undecided), where)
        return refused(frame, undecided)
    kind, role = MESSAGES["event"], C(ROLE)
    event = pl.when(role == "customer").then(pl.lit("inbound", kind))
    decided = {
        "author_role": role,
        "event": event.otherwise(pl.lit("outbound", kind)),
        "agent": pl.when(role != "customer").then("author").cast(MESSAGES["agent"]),
        "customer": pl.when(role == "customer").then("author"),
    }
    if "customer" in frame.columns:
        frame = frame.with_columns(C("author", "customer").cast(pl.String))
    frame = frame.with_columns(roles_of(frame["author"], us).alias(ROLE))
    return frame.with_columns(
        pl.coalesce(name, pl.when(undecided).then(value)).alias(name)
        if name in frame.columns
        else pl.when(undecided).then(value).alias(name)
        for name, value in decided.items()
    ).drop("author", ROLE)


def roles_of(authors: pl.Series, us: Us) -> pl.Series:
    """Return bot, agent or customer for each author; where they are labels, each name is looked at once."""
    author = C(authors.name)
    if not isinstance(authors.dtype, pl.Categorical):
        return authors.to_frame().select(role_of(author.cast(pl.String), us)).to_series()
    names = authors.drop_nulls().unique()
    roles = names.to_frame().select(role_of(author.cast(pl.String), us)).to_series()
    role = author.replace_strict(names, roles, default=None, return_dtype=roles.dtype)
    return cut_as(in_slices(authors.to_frame(), role), authors)


def role_of(author: pl.Expr, us: Us) -> pl.Expr:
    """Return bot, agent or customer for each author."""
    name = author.str.strip_chars().str.to_lowercase()
    domain = name.str.extract(DOMAIN)
    name = name.str.strip_prefix("@")
    ours = [domain.is_in(lowered(us.domains)), name.is_in(lowered((*us.agents, *us.accounts)))]
    ours += [domain.str.ends_with("." + known) for known in lowered(us.domains)]
    return (
        pl.when(name.is_in(lowered(us.bots)))
        .then(pl.lit("bot"))
        .when(pl.any_horizontal(ours).fill_null(value=False))
        .then(pl.lit("agent"))
        .otherwise(pl.lit("customer"))
        .cast(MESSAGES["author_role"])
    )


def lowered(names: tuple[str, ...]) -> list[str]:
    """Return names as they are compared."""
    return [name.strip().lower().removeprefix("@") for name in names]


def refused(frame: pl.DataFrame, undecided: pl.Expr) -> pl.DataFrame:
    """Return the rows without `author`, the undecided ones with UNDECIDED and who wrote them."""
    told = {"reject": pl.lit(UNDECIDED), "value": C("author")}
    have = [name for name in told if name in frame.columns]
    return (
        frame.with_columns(C(have).cast(pl.String))
        .with_columns(
            pl.when(undecided)
            .then(value.cast(pl.String))
            .otherwise(C(name) if name in have else None)
            .alias(name)
            for name, value in told.items()
        )
        .drop("author")
    )


def who_is_us(undecided: pl.DataFrame, where: str) -> ExportError:
    """Return the error that asks who is us, with the lines to paste and the busiest senders to choose
    from.
    """
    question, lines = asked(undecided["author"])
    return ExportError(
        question,
        where=where,
        hint=f"put at the top of kpiaudit.toml, keeping only your own: us = {{ {', '.join(lines)} }}",
    )


def asked(authors: pl.Series) -> tuple[str, list[str]]:
    """Return the question who of some authors is us, and what to put under `[us]`: the busiest of them,
    and the domains seen.
    """
    author = C("author")
    each = pl.DataFrame({"author": authors.cast(pl.String)}).group_by("author").agg(rows=pl.len())
    senders = each.sort("rows", "author", descending=[True, False])
    domain = author.str.to_lowercase().str.extract(DOMAIN)
    domains = senders.group_by(author=domain).agg(C("rows").sum()).drop_nulls()
    shown = [f"{name!r} ({rows})" for name, rows in senders.head(SENDERS_SHOWN).iter_rows()]
    more = f" and {senders.height - len(shown)} more" if senders.height > len(shown) else ""
    lines = [f"agents = {proposed(senders['author'])}"]
    if domains.height:
        busiest = domains.sort("rows", "author", descending=[True, False])["author"]
        lines.append(f"domains = {proposed(busiest)}")
    return f"does not say who is us; it was written by {', '.join(shown)}{more}", lines


def proposed(senders: pl.Series) -> str:
    """Return the first few, the busiest, as a TOML list."""
    names = senders.head(SENDERS_SHOWN).to_list()
    quoted = ('"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"' for name in names)
    return f"[{', '.join(quoted)}]"
