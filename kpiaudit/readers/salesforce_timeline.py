"""One timeline from what Salesforce's objects tell of a case: roles, channels, statuses, owners."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN
from kpiaudit.decoding.parts import companion, is_one_of
from kpiaudit.schema import UNASSIGNED

if TYPE_CHECKING:
    from kpiaudit.settings import Us

C = pl.col
STATUSES: Final = {
    **dict.fromkeys(("new", "open", "working", "in progress", "escalated", "reopened"), "open"),
    **dict.fromkeys(("pending", "waiting on customer", "awaiting customer"), "pending"),
    "on hold": "on_hold",
    **dict.fromkeys(("resolved", "solved"), "resolved"),
    "closed": "closed",
}
PRIORITIES: Final = {
    **dict.fromkeys(("critical", "urgent"), "urgent"),
    "high": "high",
    **dict.fromkeys(("medium", "normal"), "normal"),
    "low": "low",
}
CHANNELS: Final = {
    "mail": "email",
    "web": "form",
    "phone": "voice",
    "chat": "chat",
    "messaging|whatsapp": "messaging",
    "sms": "sms",
    "facebook|twitter|instagram|social": "social",
}
PORTAL: Final = ("cspliteportal", "customersuccess", "powercustomersuccess")
MACHINE: Final = ("automated process", "automatedprocess", "platform integration user")
DRAFT: Final = ("5", "draft")
TRUE: Final = ("true", "1")
AN_ID: Final = r"^(005|00G)\w{12}(\w{3})?$"
A_CASE: Final = r"^500"
AUTOMATIC: Final = r"(?im)^(auto-submitted:\s*auto-|x-autoreply:|precedence:\s*auto_reply)"


@dataclass(frozen=True, slots=True)
class Tables:
    """The objects of an export, ids cut to the 15 characters that tell records apart."""

    cases: pl.LazyFrame
    emails: pl.LazyFrame
    comments: pl.LazyFrame
    history: pl.LazyFrame
    snapshots: pl.LazyFrame
    users: pl.LazyFrame
    groups: pl.LazyFrame
    has_changes: bool
    """Whether `CaseHistory` is there."""
    has_history: bool
    """Whether anything tells status and owner over time."""


def timeline(tables: Tables, us: Us | None) -> pl.LazyFrame:
    """Return the rows of every case, then every other record, in MESSAGES columns."""
    people = people_of(tables)
    entries = [
        openings(tables),
        said_by_mail(tables.emails, people, us),
        commented(tables, people, us),
        changed(tables.history),
        seen(tables.snapshots, is_told=tables.has_changes),
    ]
    rows = described(pl.concat(entries, how="diagonal"), tables, people)
    others = [companion(tables.users, "users"), companion(tables.groups, "groups")]
    return pl.concat([rows, *others], how="diagonal")


def people_of(tables: Tables) -> pl.LazyFrame:
    """Return `person, name, role, is_group` of users and queues; portal users are customers."""
    kind = C("kind").str.to_lowercase()
    users = tables.users.select(
        person="id",
        name=pl.concat_str("first", "last", separator=" ", ignore_nulls=True),
        login="login",
        role=pl.when(kind.is_in(PORTAL))
        .then(pl.lit("customer"))
        .when(is_one_of(MACHINE, "kind", "last", "login"))
        .then(pl.lit("system"))
        .otherwise(pl.lit("agent")),
        is_group=False,
    )
    groups = tables.groups.select(person="id", name="last", is_group=True)
    everybody = pl.concat([users, groups], how="diagonal").filter(C("person").is_not_null())
    return everybody.unique("person", keep="last", maintain_order=True)


def openings(tables: Tables) -> pl.LazyFrame:
    """Return the openings and closings of cases, with what held then and what holds today.

    Of a case that came by mail the first e-mail is the opening, where it is there.
    """
    mailed = tables.emails.filter(is_true("incoming")).select("case", by_mail=True).unique()
    cases = tables.cases.with_columns(case=C("id")).join(
        mailed.drop_nulls("case"), on="case", how="left"
    )
    is_told = C("by_mail").fill_null(value=False) & (channel(C("origin")) == "email")
    is_told = is_told.fill_null(value=False)
    first = (
        tables.history.filter(C("field").is_in(["Status", "Owner", "Priority"]))
        .filter(~C("before").str.contains(AN_ID))
        .sort("at", "id")
        .group_by("case", maintain_order=True)
        .agg(
            C("before").filter(C("field") == name).first().alias(f"first_{name.lower()}")
            for name in ("Owner", "Priority")
        )
    )
    opened = cases.join(first, on="case", how="left").with_columns(
        kind=pl.when(is_told).then(pl.lit("update")).otherwise(pl.lit("inbound")),
        author_role=pl.when(is_told).then(pl.lit("system")).otherwise(pl.lit("customer")),
        message_id=pl.concat_str(pl.lit("0-"), C("id")),
    )
    today = opened.with_columns(
        kind=pl.lit("update"),
        author_role=pl.lit("system"),
        text=pl.lit(None, pl.String),
        at=pl.coalesce("modified", "at"),
        message_id=pl.concat_str(pl.lit("u-"), C("id")),
    ).filter(C("reject").is_null())
    if tables.has_history:
        held = pl.coalesce("first_priority", "level")
        return opened.with_columns(level=held, owner_name="first_owner").drop(
            "state", "first_owner"
        )
    closing = today.filter(C("closed").is_not_null()).with_columns(
        kind=pl.lit("status"), at="closed", message_id=pl.concat_str(pl.lit("z-"), C("id"))
    )
    nobody = pl.lit(None, pl.String)
    return pl.concat(
        [
            opened.with_columns(level=nobody, owner=nobody).drop("state"),
            today.drop("state"),
            closing,
        ],
        how="diagonal",
    )


def said_by_mail(emails: pl.LazyFrame, people: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return e-mails: from the customer, to the customer, or hidden from her."""
    is_in = is_true("incoming")
    is_hidden = C("is_visible").str.to_lowercase().is_in(["false", "0"]).fill_null(value=False)
    bots = us.bots if us else ()
    is_auto = C("headers").str.contains(AUTOMATIC).fill_null(value=False)
    return (
        emails.join(people, left_on="author", right_on="person", how="left")
        .with_columns(
            kind=pl.when(is_hidden)
            .then(pl.lit("note"))
            .when(is_in)
            .then(pl.lit("inbound"))
            .otherwise(pl.lit("outbound")),
            author_role=pl.when(is_in)
            .then(pl.lit("customer"))
            .when(is_one_of(bots, "author", "name", "login", "sender", "address"))
            .then(pl.lit("bot"))
            .when(is_auto | (C("role") == "system").fill_null(value=False))
            .then(pl.lit("system"))
            .otherwise(pl.lit("agent")),
            is_automated=is_auto,
            message_id="id",
            writer=pl.coalesce("name", "sender", "address", "author"),
            skip=pl.when(C("delivery").str.to_lowercase().is_in(DRAFT))
            .then(pl.lit("draft"))
            .when(~C("case").str.contains(A_CASE).fill_null(value=False))
            .then(pl.lit("e-mail of no case")),
        )
        .drop("address", "sender")
    )


def commented(tables: Tables, people: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return comments: notes unless published, else of whoever wrote them."""
    bots, agents = (us.bots, us.agents) if us else ((), ())
    owners = tables.cases.select(author="owner", is_owner=True).drop_nulls("author").unique()
    published = is_true("published")
    return (
        tables.comments.join(people, left_on="author", right_on="person", how="left")
        .join(owners, on="author", how="left")
        .with_columns(
            author_role=pl.when(is_one_of(bots, "author", "name", "login"))
            .then(pl.lit("bot"))
            .when(is_one_of(agents, "author", "name", "login"))
            .then(pl.lit("agent"))
            .otherwise(
                pl.coalesce(
                    "role",
                    pl.when(C("is_owner") | ~published).then(pl.lit("agent")),
                    pl.lit("unknown"),
                )
            )
        )
        .with_columns(
            kind=pl.when(~published)
            .then(pl.lit("note"))
            .when(C("author_role") == "customer")
            .then(pl.lit("inbound"))
            .otherwise(pl.lit("outbound")),
            message_id="id",
            writer=pl.coalesce("name", "author"),
        )
    )


def changed(history: pl.LazyFrame) -> pl.LazyFrame:
    """Return changes of status, owner and priority; the owner is told twice, by name and by id."""
    field = C("field").str.to_lowercase()
    is_again = (field == "owner") & C("after").str.contains(AN_ID)
    is_other = ~field.is_in(["status", "owner", "priority"]) | C("after").is_null()
    return history.with_columns(
        kind=pl.when(field == "status").then(pl.lit("status")).otherwise(pl.lit("update")),
        author_role=pl.lit("system"),
        message_id="id",
        state=pl.when(field == "status").then("after"),
        level=pl.when(field == "priority").then("after"),
        owner_name=pl.when(field == "owner").then("after"),
        skip=pl.when(is_other.fill_null(value=True))
        .then(pl.lit("no change of status, owner or priority"))
        .when(is_again)
        .then(pl.lit("owner told by name")),
    )


def seen(snapshots: pl.LazyFrame, *, is_told: bool) -> pl.LazyFrame:
    """Return snapshots: a status where it differs from the one before, else an update."""
    ordered = snapshots.sort("case", "at", "id", maintain_order=True)
    is_new = C("state").ne_missing(C("state").shift().over("case", order_by=["at", "id"]))
    return ordered.with_columns(
        kind=pl.when(is_new).then(pl.lit("status")).otherwise(pl.lit("update")),
        state=pl.when(is_new).then("state"),
        author_role=pl.lit("system"),
        message_id="id",
        skip=pl.lit("told by CaseHistory" if is_told else None, pl.String),
    )


def described(entries: pl.LazyFrame, tables: Tables, people: pl.LazyFrame) -> pl.LazyFrame:
    """Return entries as messages, with what their case and its owner tell."""
    cases = (
        tables.cases.filter(C("id").is_not_null())
        .unique("id", keep="last", maintain_order=True)
        .select(
            case="id",
            case_number="number",
            channel=channel(C("origin")),
            customer=pl.coalesce("contact", "address"),
            case_deleted=is_true("is_deleted"),
        )
    )
    state = C("state").str.to_lowercase()
    done = (
        tables.cases.filter(is_true("is_closed"))
        .select(word=C("state").str.to_lowercase(), is_done=True)
        .drop_nulls("word")
        .unique()
    )
    owners = people.select(owner="person", holder="name", of_group="is_group")
    queues = tables.groups.select(owner_name="last", is_queue=True).drop_nulls().unique()
    rows = (
        entries.drop("customer", "role", "name", "login", "is_group", strict=False)
        .with_columns(word=state)
        .join(done, on="word", how="left")
        .join(cases, on="case", how="left")
        .join(owners, on="owner", how="left")
        .join(queues, on="owner_name", how="left")
    )
    is_queue = pl.coalesce("is_queue", "of_group", C("owner").str.starts_with("00G"))
    owner = pl.coalesce("owner_name", "holder", "owner")
    has_writer = (C("kind") == "outbound") & C("author_role").is_in(["agent", "unknown"])
    is_gone = is_true("is_deleted") | C("case_deleted").fill_null(value=False)
    known = state.replace_strict(STATUSES, default=None, return_dtype=pl.String)
    return rows.select(
        *GIVEN,
        *("message_id", "author_role", "channel", "customer", "category", "text"),
        conversation_id=pl.coalesce("case_number", "case"),
        sent_at="at",
        event="kind",
        status=pl.when(C("kind") == "status").then(
            pl.coalesce(known, pl.when("is_done").then(pl.lit("closed")), "state")
        ),
        is_automated=C("is_automated").fill_null(value=False)
        | (C("author_role").is_in(["bot", "system"]) & C("kind").is_in(["outbound", "note"])),
        priority=C("level")
        .str.to_lowercase()
        .replace_strict(PRIORITIES, default=None, return_dtype=pl.String),
        agent=pl.when(has_writer)
        .then("writer")
        .when(is_queue)
        .then(pl.lit(UNASSIGNED))
        .otherwise(owner),
        team=pl.when(is_queue).then(owner),
        skip=pl.coalesce("skip", pl.when(is_gone).then(pl.lit("deleted record"))),
    )


def is_true(name: str) -> pl.Expr:
    """Return whether a column says true; false where it says nothing."""
    return C(name).str.to_lowercase().is_in(TRUE).fill_null(value=False)


def channel(origin: pl.Expr) -> pl.Expr:
    """Return the channel an origin names; a site words its own."""
    found = [
        pl.when(origin.str.contains(f"(?i){form}")).then(pl.lit(name))
        for form, name in CHANNELS.items()
    ]
    return pl.coalesce(*found, pl.lit("other"))
