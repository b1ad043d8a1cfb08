"""How `zammad_json` is read; `kpiaudit.sources.zammad_json` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import polars as pl

from kpiaudit.decoding.chunks import PLACE, Part, at_once, flat, take
from kpiaudit.decoding.records import Table
from kpiaudit.decoding.rows import Faults, timeline, word
from kpiaudit.readers.zammad_records import Article, Change, Ticket, User
from kpiaudit.schema import MESSAGES, UNASSIGNED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.decoding.fields import Lists
    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col

STATUSES: Final = {
    "new": "open",
    "open": "open",
    "pending reminder": "pending",
    "pending close": "pending",
    "closed": "closed",
    "merged": "merged",
}
STATE_IDS: Final = {
    1: "new",
    2: "open",
    3: "pending reminder",
    4: "closed",
    5: "merged",
    6: "removed",
}
SENDERS: Final = {"Agent": "agent", "Customer": "customer", "System": "system"}
CHANNELS: Final[dict[str, tuple[str, str | None, str]]] = {
    "email": ("email", None, "private"),
    "phone": ("voice", None, "private"),
    "web": ("form", None, "private"),
    "chat": ("chat", None, "private"),
    "sms": ("sms", None, "private"),
    "twitter status": ("social", "twitter", "public"),
    "twitter direct-message": ("social", "twitter", "private"),
    "facebook feed post": ("social", "facebook", "public"),
    "facebook feed comment": ("social", "facebook", "public"),
    "telegram personal-message": ("messaging", "telegram", "private"),
    "whatsapp message": ("messaging", "whatsapp", "private"),
}
DIMENSIONS: Final = {"priority": "priority", "group": "team", "owner": "agent"}
PRIORITY_IDS: Final = {1: "low", 2: "normal", 3: "high"}
NOBODY: Final = 1
WAY: Final = ("channel", "platform", "visibility")
OTHERWISE: Final = ("other", None, "unknown")


USERS: Final[dict[str, pl.DataType]] = PLACE | dict.fromkeys(
    ("id", "login", "firstname", "lastname"), pl.String()
)
TICKETS: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys(("id", "state", "priority", "group_id", "group", "owner"), pl.String()),
    **dict.fromkeys(("customer_id", "customer"), pl.String()),
    **dict.fromkeys(("create_article_type", "create_article_sender"), pl.String()),
    **dict.fromkeys(("state_id", "priority_id", "owner_id"), pl.Int64()),
    **dict.fromkeys(("created_at", "updated_at"), pl.Int64()),
    **dict.fromkeys(("first_response_at", "close_at", "last_close_at"), pl.Int64()),
}
HISTORY: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys(("id", "o_id", "object", "attribute"), pl.String()),
    **dict.fromkeys(("value_from", "value_to"), pl.String()),
    "created_at": pl.Int64(),
}
ARTICLES: Final[dict[str, pl.DataType]] = {
    **PLACE,
    **dict.fromkeys(("id", "ticket_id", "sender", "type"), pl.String()),
    **dict.fromkeys(("created_by", "created_by_id"), pl.String()),
    "created_at": pl.Int64(),
    "internal": pl.Boolean(),
    "is_auto": pl.Boolean(),
}
STAMPS: Final = ("created_at", "updated_at", "first_response_at", "close_at", "last_close_at")


def parts_for(*, text: bool) -> dict[str, tuple[Table, Part[Any]]]:
    """Return a table for every part of an export, and how records become its rows."""
    body: dict[str, pl.DataType] = {"body": pl.String()} if text else {}
    tables = {
        "users": Table(USERS),
        "tickets": Table(TICKETS),
        "history": Table(HISTORY),
        "articles": Table(ARTICLES | body),
    }
    parts: dict[str, Part[Any]] = {
        "users": flat(User, tables["users"]),
        "tickets": flat(Ticket, tables["tickets"], STAMPS),
        "history": flat(Change, tables["history"], STAMPS),
        "articles": flat(Article, tables["articles"], STAMPS, automated),
    }
    return {name: (table, parts[name]) for name, table in tables.items()}


def automated(records: list[Article]) -> Lists:
    """Return whether Zammad took articles for automatic answers."""
    return {"is_auto": [bool(r.preferences and r.preferences.is_auto) for r in records]}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every ticket, and a row for every other record, in MESSAGES columns."""
    faults, parts = Faults(), parts_for(text=settings.text)
    take(files, {name: part for name, (_, part) in parts.items()}, faults.reject)
    users, tickets, history, articles = (table.frame() for table, _ in parts.values())
    people = named(users)
    tickets = today(tickets, people)
    rows = pl.concat(
        [
            changes(history),
            said(articles, people, settings.us),
            told_by_tickets(tickets, history=history, articles=articles),
        ],
        how="diagonal",
    )
    companions = users.select("export", "row", skip=pl.lit("companion: users"))
    told = [with_ticket(rows, tickets), companions, faults.frame()]
    return at_once(timeline(told))


def filled(name: str) -> pl.Expr:
    """Return a text, null where it is empty."""
    return pl.when(C(name) != "").then(name)


def named(users: pl.LazyFrame) -> pl.LazyFrame:
    """Return the id and the name of every user."""
    full = pl.concat_str(filled("firstname"), filled("lastname"), separator=" ", ignore_nulls=True)
    name = pl.coalesce(pl.when(full != "").then(full), filled("login"), "id")
    return users.unique("id", keep="last", maintain_order=True).select("id", name=name)


def with_person(
    rows: pl.LazyFrame, people: pl.LazyFrame, key: str, login: str, called: str
) -> pl.LazyFrame:
    """Return rows with a name, else a login, else an id."""
    rows = rows.with_columns(C(key).cast(pl.String).alias("person"))
    return (
        rows.join(people, left_on="person", right_on="id", how="left", maintain_order="left")
        .with_columns(pl.coalesce("name", filled(login), "person").alias(called))
        .drop("name", "person")
    )


def today(tickets: pl.LazyFrame, people: pl.LazyFrame) -> pl.LazyFrame:
    """Return tickets with their state by name, customer, channel and dimensions as they were exported.

    Without `expand=true` the ids Zammad is installed with say the state and the priority.
    """
    by_id = C("state_id").replace_strict(STATE_IDS, default=None, return_dtype=pl.String)
    number = C("priority_id").replace_strict(PRIORITY_IDS, default=None, return_dtype=pl.String)
    tickets = with_person(tickets, people, "customer_id", "customer", "of_customer")
    tickets = with_person(tickets, people, "owner_id", "owner", "holder")
    is_held = (C("owner_id") != NOBODY).fill_null(value=True) & (C("holder") != "-")
    return tickets.with_columns(
        state=pl.coalesce(filled("state"), by_id),
        priority=priority(pl.coalesce(filled("priority"), number)),
        team=pl.coalesce(filled("group"), "group_id"),
        agent=pl.when(is_held).then("holder"),
        **way(C("create_article_type"), "of_"),
    )


def with_ticket(rows: pl.LazyFrame, tickets: pl.LazyFrame) -> pl.LazyFrame:
    """Return rows with what their ticket's last record tells: customer, channel, and that it was removed."""
    of_ticket = tickets.group_by(conversation_id="id").agg(
        C("of_customer", *(f"of_{name}" for name in WAY)).last(),
        is_removed=(C("state") == "removed").any(),
    )
    is_own = C("has_way").fill_null(value=False)
    removed = pl.when("is_removed").then(pl.lit("removed ticket"))
    return (
        rows.join(of_ticket, on="conversation_id", how="left", maintain_order="left")
        .with_columns(
            *(pl.when(is_own).then(name).otherwise(f"of_{name}").alias(name) for name in WAY),
            customer="of_customer",
            skip=pl.coalesce(removed, "skip"),
        )
        .drop("of_customer", "is_removed", "has_way", *(f"of_{name}" for name in WAY))
    )


def changes(history: pl.LazyFrame) -> pl.LazyFrame:
    """Return changes of state, priority, group or owner; any other is no message."""
    field = pl.when(C("object") == "Ticket").then("attribute").fill_null("")
    told = C("value_to")
    rows = history.with_columns(
        field=pl.when((field != "state") | (told != "")).then(field).fill_null("")
    )
    event = (
        pl.when(C("field") == "state")
        .then(word("event", "status"))
        .when(C("field").is_in(list(DIMENSIONS)))
        .then(word("event", "update"))
    )
    rows = rows.with_columns(event=event)
    is_told = C("event").is_not_null()
    return rows.select(
        "export",
        "row",
        "event",
        conversation_id=pl.when(is_told).then("o_id"),
        message_id=pl.when(is_told).then("h" + C("id")),
        sent_at=pl.when(is_told).then("created_at"),
        status=pl.when(C("field") == "state").then(told.replace(STATUSES)),
        priority=pl.when(C("field") == "priority").then(priority(told)),
        team=pl.when(C("field") == "group").then(told),
        agent=pl.when(C("field") == "owner").then(holder(told)),
        skip=pl.when(~is_told).then(pl.lit("no change of state, priority, group or owner")),
    )


def said(articles: pl.LazyFrame, people: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return articles: notes, from the customer, or to the customer."""
    bots = [name.lower() for name in us.bots] if us else []
    names = (C(name).str.to_lowercase().is_in(bots) for name in ("author", "created_by"))
    is_customer = C("sender") == "Customer"
    is_bot = ~is_customer & pl.any_horizontal(names).fill_null(value=False)
    role = C("sender").replace_strict(
        SENDERS, default="unknown", return_dtype=MESSAGES["author_role"]
    )
    event = (
        pl.when(C("internal") | ((C("type") == "note") & ~is_customer))
        .then(word("event", "note"))
        .when(is_customer)
        .then(word("event", "inbound"))
        .otherwise(word("event", "outbound"))
    )
    rows = with_person(articles, people, "created_by_id", "created_by", "author").with_columns(
        author_role=pl.when(is_bot).then(word("author_role", "bot")).otherwise(role),
        event=event,
        **way(C("type")),
    )
    is_reply = (C("event") == "outbound") & (C("author_role") == "agent")
    text = [C("body").alias("text")] if "body" in rows.collect_schema() else []
    return rows.select(
        "export",
        "row",
        "event",
        "author_role",
        *WAY,
        *text,
        conversation_id="ticket_id",
        message_id="id",
        sent_at="created_at",
        is_automated=C("is_auto") | C("author_role").is_in(["system", "bot"]),
        agent=pl.when(is_reply).then("author"),
        has_way=C("type") != "note",
    )


def told_by_tickets(
    tickets: pl.LazyFrame, *, history: pl.LazyFrame, articles: pl.LazyFrame
) -> pl.LazyFrame:
    """Return of every ticket what articles and history do not tell.

    Without articles: created, first response, closed. With them its dimensions: with a history as they
    were before the first change of each, else as they are today, and the last closing.
    """
    tickets = before(tickets, history)
    for name, keys in {
        "has_history": history.select(id="o_id"),
        "has_article": articles.select(id="ticket_id"),
    }.items():
        there = keys.unique().with_columns(pl.lit(value=True).alias(name))
        tickets = tickets.join(there, on="id", how="left", maintain_order="left")
        tickets = tickets.with_columns(C(name).fill_null(value=False))
    alone, by_us = tickets.filter(~C("has_article")), C("create_article_sender") == "Agent"
    by_us = by_us.fill_null(value=False)
    sides = word("event", "outbound"), word("event", "inbound")
    opening = pl.when(by_us).then(sides[0]).otherwise(sides[1])
    answered = C("first_response_at").is_not_null() & ~by_us
    dimensions = tuple(DIMENSIONS.values())
    grain = word("grain", "milestone").alias("grain")
    heard = tickets.filter("has_article")
    update = word("event", "update")
    return pl.concat(
        [
            alone.select(*row("0-", "created_at", opening), grain, *dimensions),
            alone.filter(answered).select(
                *row("1-", "first_response_at", sides[0]), grain, *dimensions
            ),
            closings(alone, grain, *dimensions),
            closings(heard),
            heard.filter("has_history").select(
                *row("0-", "created_at", update), *(C(f"was {n}").alias(n) for n in dimensions)
            ),
            heard.filter(~C("has_history")).select(*row("0-", "updated_at", update), *dimensions),
        ],
        how="diagonal",
    )


def before(tickets: pl.LazyFrame, history: pl.LazyFrame) -> pl.LazyFrame:
    """Return tickets with their dimensions before the first change of each, else today's."""
    was = C("value_from")
    read = {"priority": priority(was), "group": was, "owner": holder(was)}
    changed = history.filter(C("object") == "Ticket")
    for field, name in DIMENSIONS.items():
        first = changed.filter(C("attribute") == field).unique(
            "o_id", keep="first", maintain_order=True
        )
        told = first.select(read[field].alias("told"), id="o_id", is_told=pl.lit(value=True))
        known = pl.when(C("is_told").is_not_null()).then("told").otherwise(name)
        tickets = (
            tickets.join(told, on="id", how="left", maintain_order="left")
            .with_columns(known.alias(f"was {name}"))
            .drop("told", "is_told")
        )
    return tickets


def closings(tickets: pl.LazyFrame, *more: pl.Expr | str) -> pl.LazyFrame:
    """Return the last closing of tickets closed today without a history, and that some were merged."""
    status = C("state").replace(STATUSES)
    closed = pl.coalesce("last_close_at", "close_at")
    at = pl.when(status == "merged").then("updated_at").otherwise(closed)
    return (
        tickets.filter(~C("has_history"))
        .with_columns(status=status, at=at)
        .filter(C("status").is_in(["closed", "merged"]) & C("at").is_not_null())
        .select(*row("2-", "at", word("event", "status")), "status", *more)
    )


def row(mark: str, at: str, event: pl.Expr) -> list[pl.Expr]:
    """Return what every row of a ticket has."""
    return [
        C("export"),
        C("row"),
        C("id").alias("conversation_id"),
        (mark + C("id")).alias("message_id"),
        C(at).alias("sent_at"),
        event.alias("event"),
    ]


def priority(text: pl.Expr) -> pl.Expr:
    """Return a priority as Zammad writes it, `2 normal`, by its word, null for one of the site's own."""
    last = text.str.to_lowercase().str.split(" ").list.last()
    return last.cast(MESSAGES["priority"], strict=False)


def holder(name: pl.Expr) -> pl.Expr:
    """Return an owner; `-` stands for nobody."""
    return pl.when(name.is_in(["-", ""])).then(pl.lit(UNASSIGNED)).otherwise(name)


def way(kind: pl.Expr, prefix: str = "") -> dict[str, pl.Expr]:
    """Return channel, platform and visibility of an article type, nothing for a note."""
    own = pl.when(kind != "note").then(kind)
    return {
        prefix + name: pl.when(own.is_not_null()).then(
            own.replace_strict(
                {word: told[place] for word, told in CHANNELS.items()},
                default=OTHERWISE[place],
                return_dtype=MESSAGES[name],
            )
        )
        for place, name in enumerate(WAY)
    }
