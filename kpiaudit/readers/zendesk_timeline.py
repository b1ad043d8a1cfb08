"""One timeline from what Zendesk's files tell of a ticket: roles, channels, statuses, dimensions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.readers.zendesk_metrics import with_stamps
from kpiaudit.readers.zendesk_words import (
    CHANNELS,
    DIRECT,
    DIRECT_VIAS,
    EVENTS,
    MACHINES,
    PLATFORMS,
    PRIVATE_CHANNELS,
    PUBLIC,
    PUBLIC_VIAS,
    ROLES,
    RULES,
    STATUSES,
    VOICES,
)
from kpiaudit.schema import MESSAGES, READING

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpiaudit.settings import Us

C = pl.col


@dataclass(frozen=True, slots=True)
class Parts:
    """What the files held: tickets, their entries, people, and records that cannot be used."""

    tickets: pl.LazyFrame
    comments: pl.LazyFrame | None
    """None where there are no files of comments."""
    audits: pl.LazyFrame
    users: pl.LazyFrame
    groups: pl.LazyFrame
    metrics: pl.LazyFrame
    faults: pl.LazyFrame


def timeline(parts: Parts, us: Us | None) -> pl.LazyFrame:
    """Return MESSAGES and READING columns: every entry of every ticket, then every other record."""
    entries = parts.audits.with_columns(copy=pl.lit(None, pl.String))
    if parts.comments is not None:
        entries = pl.concat(
            [parts.comments, without_copies(parts.audits, parts.comments)], how="diagonal"
        )
    tickets = with_stamps(parts.tickets, parts.metrics)
    entries = pl.concat([entries, told_by_tickets(tickets, entries)], how="diagonal")
    people = latest(parts.users, "id").select("id", "name", "email", known_role())
    teams = latest(parts.groups, "id").select("id", "name")
    rows = (
        entries.join(known(parts.tickets), on="ticket", how="left")
        .join(people, left_on="author", right_on="id", how="left")
        .join(people.select("id", holder="name"), left_on="assignee", right_on="id", how="left")
        .join(teams.select("id", team="name"), left_on="group", right_on="id", how="left")
        .with_columns(author_role=author_role(us))
        .with_columns(event=event())
        .with_columns(**used_via())
        .with_columns(channel=channel())
    )
    companions = [
        people_of.select("export", "row", skip=pl.lit(f"companion: {part}"))
        for part, people_of in (("users", parts.users), ("groups", parts.groups))
    ]
    companions.append(parts.metrics.select("export", "row", skip="companion: " + C("part")))
    everything = pl.concat([rows.select(columns()), *companions, parts.faults], how="diagonal")
    types = MESSAGES | READING
    names = everything.collect_schema().names()
    return everything.select(C(name).cast(types[name]) for name in names)


def known_role() -> pl.Expr:
    """Return what users say who they are."""
    return C("role").replace_strict(ROLES, default=None, return_dtype=MESSAGES["author_role"])


def latest(frame: pl.LazyFrame, key: str) -> pl.LazyFrame:
    """Return one row per key, the last by export and row."""
    return frame.sort("export", "row").unique(key, keep="last", maintain_order=True)


def without_copies(audits: pl.LazyFrame, comments: pl.LazyFrame) -> pl.LazyFrame:
    """Return audit entries without the comments a comments file tells too, by comment or audit id.

    Such a comment stays, as a skipped row, where it is all its audit has.
    """
    ids = comments.select("id").unique().with_columns(by_id=pl.lit(value=True))
    by_audit = (
        comments.select("audit").drop_nulls().unique().with_columns(by_audit=pl.lit(value=True))
    )
    is_copy = (C("kind") == "comment") & (C("by_id").is_not_null() | C("by_audit").is_not_null())
    return (
        audits.join(ids, on="id", how="left")
        .join(by_audit, on="audit", how="left")
        .filter(~is_copy | C("is_alone"))
        .with_columns(copy=pl.when(is_copy).then(pl.lit("told by comments")))
        .drop("by_id", "by_audit")
    )


def told_by_tickets(tickets: pl.LazyFrame, entries: pl.LazyFrame) -> pl.LazyFrame:
    """Return the entries of the ticket records themselves.

    Always an update with today's dimensions; the opening where no comment is known; what audits would
    tell better (a first reply, a rating, a merged ticket closed, a dated solution) where they do not.
    """
    flagged = with_flags(tickets, entries)
    seconds = (C("updated") // 1_000_000).cast(pl.String)
    is_solved = C("status").is_in(["solved", "closed"]) & C("solved").is_not_null()
    return pl.concat(
        [
            flagged.select(
                *entry("update", C("updated"), "u", C("ticket"), "-", seconds),
                *("priority", "assignee", "group", "tags"),
            ),
            flagged.filter(~C("has_comment")).select(
                *entry("opening", C("created"), "t", C("ticket")),
                C("requester").alias("author"),
                "text",
            ),
            flagged.filter(~C("has_comment") & C("replied").is_not_null()).select(
                *entry("reply", C("replied"), "p", C("ticket")), "assignee"
            ),
            flagged.filter(has_tag("closed_by_merge") & ~C("has_closing")).select(
                *entry("status", C("updated"), "m", C("ticket")), status=pl.lit("closed")
            ),
            flagged.filter(is_solved & ~C("has_audit")).select(
                *entry("status", C("solved"), "s", C("ticket")), status=pl.lit("solved")
            ),
            flagged.filter(C("score").is_not_null() & ~C("has_rating")).select(
                *entry("rated", C("updated"), "r", C("ticket")), "score"
            ),
        ],
        how="diagonal",
    )


def with_flags(tickets: pl.LazyFrame, entries: pl.LazyFrame) -> pl.LazyFrame:
    """Return tickets with what else is known of them, and the grain that gives."""
    for name, told in {
        "has_comment": C("kind") == "comment",
        "has_audit": C("kind").is_in(["status", "update"]),
        "has_rating": C("kind") == "rated",
        "has_closing": C("status") == "closed",
    }.items():
        flags = entries.filter(told).select("ticket", pl.lit(value=True).alias(name)).unique()
        tickets = tickets.join(flags, on="ticket", how="left")
        tickets = tickets.with_columns(C(name).fill_null(value=False))
    is_message = C("has_comment") | C("has_audit")
    grain = pl.when(is_message).then(pl.lit("message")).otherwise(pl.lit("milestone"))
    return tickets.with_columns(grain=grain)


def entry(kind: str, at: pl.Expr, *name: pl.Expr | str) -> list[pl.Expr]:
    """Return the columns every entry of a ticket has; `name` is joined to its id."""
    parts = [pl.lit(part) if isinstance(part, str) else part for part in name]
    return [
        *(C(column) for column in ("export", "row", "ticket", "grain")),
        pl.concat_str(parts).alias("id"),
        at.alias("at"),
        pl.lit(kind).alias("kind"),
    ]


def has_tag(tag: str) -> pl.Expr:
    """Return whether a ticket carries a tag."""
    return C("tags").str.split("\n").list.contains(tag).fill_null(value=False)


def known(tickets: pl.LazyFrame) -> pl.LazyFrame:
    """Return what holds for every entry of a ticket, as its last record tells."""
    is_sample = (C("via") == "sample_ticket").fill_null(value=False) | (
        has_tag("sample") & has_tag("zendesk")
    )
    skip = (
        pl.when(is_sample)
        .then(pl.lit("sample ticket"))
        .when(C("status") == "deleted")
        .then(pl.lit("deleted ticket"))
    )
    return (
        tickets.sort("updated", "export", "row")
        .unique("ticket", keep="last", maintain_order=True)
        .select(
            "ticket",
            "requester",
            "is_messaging",
            owner="assignee",
            ticket_via="via",
            ticket_rel="rel",
            ticket_skip=skip,
            is_merged=has_tag("closed_by_merge"),
        )
    )


def said(column: str, word: str) -> pl.Expr:
    """Return one of the words a column of MESSAGES knows."""
    return pl.lit(word, MESSAGES[column])


def author_role(us: Us | None) -> pl.Expr:
    """Return who wrote an entry: the system, a bot of ours, by users, else as the ticket lets see."""
    bots, agents = (us.bots, us.agents) if us else ((), ())
    customer, agent, bot, system, unknown = (
        said("author_role", word) for word in ("customer", "agent", "bot", "system", "unknown")
    )
    by_ticket = (
        pl.when(C("author") == C("requester"))
        .then(customer)
        .when((C("author") == C("owner")) | ~C("public"))
        .then(agent)
    )
    return (
        pl.when(C("kind").is_in(["opening", "rated"]))
        .then(customer)
        .when(C("kind") == "reply")
        .then(agent)
        .when(C("author").is_in(["-1", "__system"]))
        .then(system)
        .when((C("author") == "__trigger") | is_named(bots))
        .then(bot)
        .when(C("author").is_null() & (C("kind") != "comment"))
        .then(system)
        .when(is_named(agents))
        .then(agent)
        .otherwise(pl.coalesce("role", by_ticket, unknown))
    )


def is_named(words: Sequence[str]) -> pl.Expr:
    """Return whether an author's id, name or address is one of `words`."""
    known_words = [word.lower() for word in words]
    if not known_words:
        return pl.lit(value=False)
    return pl.any_horizontal(
        C(name).str.to_lowercase().is_in(known_words) for name in ("author", "name", "email")
    ).fill_null(value=False)


def event() -> pl.Expr:
    """Return the event; a voicemail is not public, and yet from the customer."""
    is_customer = C("author_role") == "customer"
    is_voice = pl.coalesce("via", "ticket_via").is_in(VOICES).fill_null(value=False)
    return (
        pl.when(C("kind") == "comment")
        .then(
            pl.when(~C("public") & ~(is_customer & is_voice))
            .then(said("event", "note"))
            .when(is_customer)
            .then(said("event", "inbound"))
            .otherwise(said("event", "outbound"))
        )
        .otherwise(C("kind").replace_strict(EVENTS, default=None, return_dtype=MESSAGES["event"]))
    )


def used_via() -> dict[str, pl.Expr]:
    """Return the `via` that names an entry's channel: its own when the customer chose it, else the ticket's."""
    is_own = (C("event") == "inbound") & C("via").is_in(list(CHANNELS))
    is_own |= C("ticket_via").is_null()
    is_own = is_own.fill_null(value=False)
    return {
        "used_via": pl.when(is_own).then("via").otherwise("ticket_via"),
        "used_rel": pl.when(is_own).then("rel").otherwise("ticket_rel"),
    }


def channel() -> pl.Expr:
    """Return the channel; one Zendesk routes as messaging without a name of its own is messaging."""
    default = (
        pl.when(C("is_messaging"))
        .then(said("channel", "messaging"))
        .otherwise(said("channel", "other"))
    )
    named = C("used_via").replace_strict(CHANNELS, default=None, return_dtype=MESSAGES["channel"])
    return pl.coalesce(named, default)


def visibility() -> pl.Expr:
    """Return whether everybody could read it, as far as the channel tells."""
    private, public = said("visibility", "private"), said("visibility", "public")
    return (
        pl.when(C("used_rel").is_in(DIRECT) | C("used_via").is_in(DIRECT_VIAS))
        .then(private)
        .when(C("used_rel").is_in(PUBLIC) | C("used_via").is_in(PUBLIC_VIAS))
        .then(public)
        .when(C("channel").is_in(PRIVATE_CHANNELS))
        .then(private)
        .otherwise(said("visibility", "unknown"))
    )


def columns() -> Iterable[pl.Expr]:
    """Return every column an entry gives."""
    is_unknown = (
        (C("kind") == "comment") & (C("author_role") == "unknown") & C("requester").is_null()
    )
    status = C("status").replace(STATUSES)
    merged = C("is_merged").fill_null(value=False) & (C("status") == "closed")
    sender = pl.when(
        (C("event") == "outbound") & C("author_role").is_in(["agent", "unknown"])
    ).then(pl.coalesce("name", "author"))
    return (
        C("export"),
        C("row"),
        C("ticket").alias("conversation_id"),
        C("id").alias("message_id"),
        C("at").cast(MESSAGES["sent_at"]).alias("sent_at"),
        C("event"),
        pl.when(merged).then(pl.lit("merged")).otherwise(status).alias("status"),
        C("author_role"),
        (
            C("author_role").is_in(["bot", "system"])
            | C("via").is_in(MACHINES).fill_null(value=False)
            | C("rel").is_in(RULES).fill_null(value=False)
        ).alias("is_automated"),
        C("grain").fill_null("message"),
        C("channel"),
        visibility().alias("visibility"),
        C("used_via")
        .replace_strict(PLATFORMS, default=None, return_dtype=pl.String)
        .alias("platform"),
        C("priority"),
        pl.coalesce("team", "group").alias("team"),
        pl.coalesce(sender, "holder", "assignee").alias("agent"),
        pl.coalesce("requester", pl.when(C("author_role") == "customer").then("author")).alias(
            "customer"
        ),
        pl.when(C("tags") == "")
        .then(pl.lit([], pl.List(pl.String)))
        .otherwise(C("tags").str.split("\n"))
        .alias("tags"),
        C("score").alias("rating"),
        C("text"),
        pl.when(is_unknown)
        .then(pl.lit("author_id: neither in users nor on a known ticket"))
        .alias("reject"),
        pl.when(is_unknown).then("author").alias("value"),
        pl.coalesce("ticket_skip", "copy").alias("skip"),
    )
