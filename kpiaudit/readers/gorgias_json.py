"""How `gorgias_json` is read; `kpiaudit.sources.gorgias_json` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import (
    GIVEN,
    Fault,
    boolean,
    filled,
    first_fault,
    instant,
    instant_faults,
    missing,
    number,
)
from kpiaudit.decoding.parts import is_one_of, table

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
TICKET: Final = {
    "ticket": "id",
    "state": "status",
    "priority": "priority",
    "word": "channel",
    "from_agent": "from_agent",
    "customer": "customer.id",
    "agent": "assignee_user.name",
    "agent_email": "assignee_user.email",
    "team": "assignee_team.name",
    "tags": "tags",
    "spam": "spam",
    "created": "created_datetime",
    "updated": "updated_datetime",
    "closed": "closed_datetime",
    "trashed": "trashed_datetime",
    "score": "satisfaction_survey.score",
    "scored": "satisfaction_survey.scored_datetime",
    "messages": "messages",
}
MESSAGE: Final = {
    "message_id": "id",
    "ticket": "ticket_id",
    "public": "public",
    "from_agent": "from_agent",
    "word": "channel",
    "via": "via",
    "rule": "rule_id",
    "sender": "sender.name",
    "sender_email": "sender.email",
    "created": "created_datetime",
    "sent": "sent_datetime",
    "failed": "failed_datetime",
    "text": "body_text",
}
INSIDE: Final = pl.List(
    pl.Struct(
        {
            name: pl.Struct({"name": pl.String, "email": pl.String})
            if name == "sender"
            else pl.String()
            for name in (path.split(".")[0] for path in MESSAGE.values())
        }
    )
)
"""A ticket's messages where it holds them."""
TAGS: Final = pl.List(pl.Struct({"name": pl.String}))
STAMPS: Final = ("created", "updated", "closed", "scored")
PRIORITIES: Final = {
    "low": "low",
    "normal": "normal",
    "high": "high",
    "critical": "urgent",
    "urgent": "urgent",
}
PHONES: Final = ("phone", "aircall")
"""A ticket of these channels is open from its creation on, and so no call that ends when it does."""
CHANNELS: Final[dict[str, tuple[str, str | None, str]]] = {
    "email": ("email", None, "private"),
    "chat": ("chat", None, "private"),
    "contact_form": ("form", None, "private"),
    "help-center": ("form", None, "private"),
    "phone": ("voice", None, "private"),
    "aircall": ("voice", None, "private"),
    "sms": ("sms", None, "private"),
    "whatsapp": ("messaging", "whatsapp", "private"),
    "facebook": ("social", "facebook", "public"),
    "facebook-mention": ("social", "facebook", "public"),
    "facebook-recommendations": ("review", "facebook", "public"),
    "facebook-messenger": ("social", "facebook", "private"),
    "instagram-comment": ("social", "instagram", "public"),
    "instagram-ad-comment": ("social", "instagram", "public"),
    "instagram-mention": ("social", "instagram", "public"),
    "instagram-direct-message": ("social", "instagram", "private"),
    "twitter": ("social", "twitter", "public"),
    "twitter-direct-message": ("social", "twitter", "private"),
    "yotpo-review": ("review", "yotpo", "public"),
}
INTERNAL: Final = "internal-note"
BY_RULE: Final = "rule"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every ticket, and a row for every other record, in MESSAGES columns."""
    tickets = typed_tickets(table(files, "tickets", TICKET, careful=settings.careful))
    tickets = tickets.collect().lazy()
    filed = table(files, "messages", MESSAGE, careful=settings.careful)
    said = typed_messages(pl.concat([filed, held(tickets)]), settings.us).collect().lazy()
    heard = said.select("ticket").drop_nulls().unique().with_columns(is_heard=pl.lit(value=True))
    tickets = tickets.join(heard, on="ticket", how="left", maintain_order="left").with_columns(
        C("is_heard").fill_null(value=False)
    )
    known = (
        tickets.sort("updated", "export", "row")
        .unique("ticket", keep="last", maintain_order=True)
        .select("ticket", "customer", ticket_word="word", gone="skip")
    )
    rows = pl.concat([said, told_by_tickets(tickets)], how="diagonal")
    rows = rows.join(known, on="ticket", how="left", maintain_order="left")
    return rows.select(columns(text=settings.text))


def typed_tickets(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return tickets with instants, rejects and reasons to skip."""
    gone = (
        pl.when(C("spam") == "true")
        .then(pl.lit("spam"))
        .when(C("trashed").is_not_null())
        .then(pl.lit("trashed ticket"))
    )
    raw = {f"{name} text": C(name) for name in STAMPS}
    faults = [
        missing("id", C("ticket")),
        missing("created_datetime", C("created text")),
        *(
            fault
            for name in STAMPS
            for fault in instant_faults(TICKET[name].split(".")[-1], C(f"{name} text"), C(name))
        ),
    ]
    return (
        rows.with_columns(**raw, skip=gone)
        .with_columns(instant(C(name), time_zone="UTC").alias(name) for name in STAMPS)
        .with_columns(
            first_fault(faults),
            tags=C("tags").str.json_decode(TAGS).list.eval(pl.element().struct.field("name")),
            priority=C("priority").replace_strict(PRIORITIES, default=None, return_dtype=pl.String),
            agent=pl.coalesce("agent", "agent_email"),
            updated=pl.coalesce("updated", "created"),
        )
    )


def held(tickets: pl.LazyFrame) -> pl.LazyFrame:
    """Return the messages tickets hold, in the columns of the messages' own files."""
    nothing = pl.lit(None, dtype=pl.String)
    inside = (
        tickets.filter(C("messages").is_not_null() & C("reject").is_null())
        .select("ticket", "export", "row", inside=C("messages").str.json_decode(INSIDE))
        .explode("inside")
        .filter(C("inside").is_not_null())
    )
    fields = {
        name: C("inside").struct.field(path.split(".")[0]) for name, path in MESSAGE.items()
    } | {
        "sender": C("inside").struct.field("sender").struct.field("name"),
        "sender_email": C("inside").struct.field("sender").struct.field("email"),
        "ticket": C("ticket"),
    }
    return inside.select(
        *(filled(field).alias(name) for name, field in fields.items()),
        "row",
        "export",
        reject=nothing,
        value=nothing,
    )


def typed_messages(rows: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return messages and notes with their instants and roles."""
    ours, public = boolean(C("from_agent")), boolean(C("public"))
    is_internal = (C("word") == INTERNAL).fill_null(value=False)
    by_rule = C("rule").is_not_null() | (C("via") == BY_RULE).fill_null(value=False)
    is_bot = is_one_of(us.bots if us else (), "sender", "sender_email") & C("is_ours")
    return (
        rows.with_columns(
            is_ours=ours,
            is_public=public & ~is_internal,
            stamp=pl.when(ours).then(pl.coalesce("sent", "created")).otherwise("created"),
        )
        .with_columns(
            sent_at=instant(C("stamp"), time_zone="UTC"),
            is_heard=pl.lit(value=True),
            is_automated=(by_rule & C("is_ours")) | is_bot,
            author_role=pl.when(is_bot)
            .then(pl.lit("bot"))
            .when(~C("is_ours"))
            .then(pl.lit("customer"))
            .when(by_rule)
            .then(pl.lit("system"))
            .otherwise(pl.lit("agent")),
            event=pl.when(~C("is_public"))
            .then(pl.lit("note"))
            .when(C("is_ours"))
            .then(pl.lit("outbound"))
            .otherwise(pl.lit("inbound")),
            sender_name=pl.when("is_ours").then(pl.coalesce("sender", "sender_email")),
            skip=pl.when(C("failed").is_not_null()).then(pl.lit("not delivered")),
        )
        .with_columns(
            first_fault(
                [
                    missing("ticket_id", C("ticket")),
                    missing("created_datetime", C("stamp")),
                    *instant_faults("created_datetime", C("stamp"), C("sent_at")),
                    Fault(
                        "from_agent: neither true nor false",
                        C("is_ours").is_null(),
                        C("from_agent"),
                    ),
                    Fault("public: neither true nor false", C("is_public").is_null(), C("public")),
                ]
            )
        )
        .drop("from_agent", "created")
    )


def told_by_tickets(tickets: pl.LazyFrame) -> pl.LazyFrame:
    """Return the rows of ticket records: an opening where no message is known, closing, rating, today.

    A rejected ticket has one row.
    """
    sound = tickets.filter(C("reject").is_null())
    is_ours = boolean(C("from_agent")).fill_null(value=False)
    score = number(C("score"))

    def entry(event: pl.Expr | str, at: str, mark: str) -> dict[str, pl.Expr]:
        seconds = C(at).dt.epoch("s").cast(pl.String)
        return {
            "event": pl.lit(event) if isinstance(event, str) else event,
            "sent_at": C(at),
            "message_id": pl.concat_str(pl.lit(mark), C("ticket"), pl.lit("-"), seconds),
        }

    place = (*GIVEN, "ticket", "skip", "is_heard")
    side = pl.when(is_ours).then(pl.lit("outbound")).otherwise(pl.lit("inbound"))
    return pl.concat(
        [
            sound.filter(~C("is_heard")).select(
                *place, sender_name=pl.when(is_ours).then("agent"), **entry(side, "created", "t")
            ),
            sound.filter(C("is_heard") & C("word").str.to_lowercase().is_in(PHONES)).select(
                *place, status=pl.lit("open"), **entry("status", "created", "b")
            ),
            sound.filter((C("state") == "closed") & C("closed").is_not_null()).select(
                *place, status=pl.lit("closed"), **entry("status", "closed", "s")
            ),
            sound.filter(score.is_between(1, 5) & C("scored").is_not_null()).select(
                *place,
                rating=(score - 1) / 4,
                author_role=pl.lit("customer"),
                **entry("rated", "scored", "r"),
            ),
            sound.select(
                *place,
                "priority",
                "team",
                "tags",
                sender_name=C("agent"),
                **entry("update", "updated", "u"),
            ),
            tickets.filter(C("reject").is_not_null()).select(*place),
        ],
        how="diagonal",
    )


def columns(*, text: bool) -> list[pl.Expr]:
    """Return what a row gives; a note has its ticket's channel."""
    own = pl.when(C("word") != INTERNAL).then("word")
    word = pl.coalesce(own, "ticket_word")
    channel, platform, visibility = (
        word.replace_strict(
            {name: told[place] for name, told in CHANNELS.items()},
            default=None,
            return_dtype=pl.String,
        )
        for place in range(3)
    )
    return [
        *(C(name) for name in GIVEN),
        C("ticket").alias("conversation_id"),
        *(C(name) for name in ("message_id", "sent_at", "event", "status", "author_role")),
        C("is_automated").fill_null(value=False),
        pl.when("is_heard").then(pl.lit("message")).otherwise(pl.lit("milestone")).alias("grain"),
        channel.fill_null("other").alias("channel"),
        platform.alias("platform"),
        visibility.fill_null("unknown").alias("visibility"),
        C("priority"),
        C("team"),
        C("sender_name").alias("agent"),
        C("customer"),
        C("tags"),
        C("rating"),
        pl.coalesce("gone", "skip").alias("skip"),
        *([C("text")] if text else []),
    ]
