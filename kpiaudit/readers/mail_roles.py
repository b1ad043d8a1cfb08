"""Who wrote a message: us, as `[us]` says and the folders and labels of sent mail, or somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.settings import Us

if TYPE_CHECKING:
    from collections.abc import Sequence

C = pl.col
DOMAIN: Final = r"@([^@\s]+)$"
UNDECIDED: Final = "author: who is us, set [us]"
"""The rule of `kpiaudit.authors`, for a policy whose `[us]` holds names of other places only."""


def with_authors(mails: pl.DataFrame, us: Us | None) -> pl.DataFrame:
    """Give messages `event`, `author_role`, `agent`, `customer`, `author`, `visibility`, and `party`: who
    it is with.

    Takes `sender`, `others` (a list of addresses), `list`, `is_sent`, `reject` and `value`; leaves all but
    the last two out. What lies among the sent is ours, whoever is named there. Where nothing is known of us
    but that, its senders are us and all others customers; else `[us]` decides who `author` is. What we send
    to nobody but us, and to no list, is a note.
    """
    us = us or Us()
    is_known = C("sender").is_not_null()
    owners = mails.filter(C("is_sent") & is_known)["sender"].unique().sort().to_list()
    is_bot = C("sender").is_in(lowered(us.bots))
    is_owner = (C("is_sent") | C("sender").is_in(owners)).fill_null(value=False)
    mails = mails.with_columns(
        is_owner=is_owner & ~is_bot.fill_null(value=False),
        is_ours=is_owner | ours(C("sender"), us, owners),
    ).with_columns(
        outside=C("others").list.eval(pl.element().filter(~ours(pl.element(), us, owners)))
    )
    is_internal = (
        C("is_ours")
        & C("list").is_null()
        & (C("others").list.len() > 0)
        & (C("outside").list.len() == 0)
    ).fill_null(value=False)
    others_are_customers = bool(owners) and not is_told(us)
    event = (
        pl.when(is_internal)
        .then(pl.lit("note"))
        .when("is_owner")
        .then(pl.lit("outbound"))
        .when(~is_known | others_are_customers)
        .then(pl.lit("inbound"))
    )
    first = C("outside").list.first()
    mails = mails.with_columns(event=event)
    is_left = C("event").is_null() & is_known
    asked = is_left & C("skip").is_null() & C("reject").is_null() & is_unaskable(us, owners)
    return mails.with_columns(
        author=pl.when(is_left).then("sender"),
        author_role=pl.when(~is_known & ~C("is_owner")).then(pl.lit("unknown")),
        agent=pl.when(C("event").is_in(["note", "outbound"])).then("sender"),
        customer=pl.when("is_ours").then(first).when(C("event") == "inbound").then("sender"),
        party=pl.coalesce("list", pl.when("is_ours").then(first).otherwise("sender")),
        visibility=pl.when(C("list").is_null())
        .then(pl.lit("private"))
        .otherwise(pl.lit("unknown")),
        reject=pl.when(asked).then(pl.lit(UNDECIDED)).otherwise(C("reject").cast(pl.String)),
        value=pl.when(asked).then("sender").otherwise("value"),
    ).drop("sender", "others", "list", "is_sent", "is_owner", "is_ours", "outside")


def is_told(us: Us) -> bool:
    """Return whether `[us]` says anything of mail: an address or a domain."""
    return bool(us.domains) or any("@" in name[1:] for name in (*us.accounts, *us.agents, *us.bots))


def is_unaskable(us: Us, owners: Sequence[str]) -> bool:
    """Return whether nobody says who is us, yet `[us]` is not empty, so that nobody asks."""
    return not owners and not is_told(us) and bool(us.accounts or us.agents or us.bots)


def ours(address: pl.Expr, us: Us, owners: Sequence[str]) -> pl.Expr:
    """Return whether an address is ours: named, or of one of our domains or under it."""
    named = [*lowered((*us.agents, *us.accounts, *us.bots)), *owners]
    domain = address.str.extract(DOMAIN)
    known = [address.is_in(named), domain.is_in(lowered(us.domains))]
    known += [domain.str.ends_with("." + name) for name in lowered(us.domains)]
    return pl.any_horizontal(known).fill_null(value=False)


def lowered(names: Sequence[str]) -> list[str]:
    """Return names as they are compared."""
    return [name.strip().lower().removeprefix("@") for name in names]
