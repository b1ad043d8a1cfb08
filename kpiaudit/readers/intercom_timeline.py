"""One timeline from what Intercom's exports tell of a conversation, whichever export it is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.schema import MESSAGES, READING

if TYPE_CHECKING:
    from kpiaudit.settings import Us

C = pl.col
ROLES: Final = {
    **dict.fromkeys(("user", "lead", "contact", "visitor"), "customer"),
    "admin": "agent",
    "bot": "bot",
    "team": "system",
}
CHANNELS: Final = {
    **dict.fromkeys(("conversation", "chat", "inapp", "messenger"), "chat"),
    "email": "email",
    "ticket": "form",
    **dict.fromkeys(("facebook", "twitter", "instagram"), "social"),
    **dict.fromkeys(("whatsapp", "telegram", "line"), "messaging"),
    "sms": "sms",
    **dict.fromkeys(("phone_call", "phone_switch", "call"), "voice"),
}
PLATFORMS: Final = ("facebook", "twitter", "instagram", "whatsapp", "telegram", "line")
NOTES: Final = ("note", "note_and_reopen", "note_and_unsnooze")
SPOKEN: Final = ("source", "ticket", "comment", "quick_reply", "reply", "asked", *NOTES)
"""Kinds that are messages; `comment` without a body is one too: an attachment."""
SPOKEN_WITH_BODY: Final = (
    "open", "close", "reopen", "snoozed", "unsnoozed", "assignment", "assign_and_reopen",
    "assign_and_unsnooze",
)  # fmt: skip
"""Kinds whose body, when there is one, went to the other side: Intercom's "reply and close"."""
STATUSES: Final = {
    **dict.fromkeys(("close", "closed"), "closed"),
    **dict.fromkeys(("snoozed", "snooze"), "snoozed"),
    **dict.fromkeys(
        (
            "open", "reopen", "assign_and_reopen", "note_and_reopen", "unsnoozed",
            "timer_unsnooze", "assign_and_unsnooze", "note_and_unsnooze",
        ),
        "open",
    ),
}  # fmt: skip
STATES: Final = {
    "open": "open",
    "snoozed": "snoozed",
    "closed": "closed",
    "submitted": "open",
    "in_progress": "open",
    "waiting_on_customer": "pending",
    "resolved": "resolved",
}
OURS: Final = ("automated", "operator_initiated", "campaigns_initiated")
"""How a message that no human sent was delivered."""
STAND_INS: Final = ("asked", "reply", "closed")
MARKUP: Final = r"<[^>]*>"


@dataclass(frozen=True, slots=True)
class Read:
    """What the files held: entries, what is known of conversations, names, and unusable records."""

    entries: pl.LazyFrame
    known: pl.LazyFrame
    admins: pl.LazyFrame
    teams: pl.LazyFrame
    rest: pl.LazyFrame
    """Rejects and companions: `export, row` with `reject, value` or `skip`."""


def timeline(read: Read, us: Us | None) -> pl.LazyFrame:
    """Return MESSAGES and READING columns: what every entry gives, then every other record."""
    entries = with_context(read)
    entries = entries.with_columns(
        author_role=author_role(us),
        is_message=C("kind").is_in(SPOKEN) | (C("kind").is_in(SPOKEN_WITH_BODY) & C("has_body")),
        status=pl.coalesce(
            C("kind").replace_strict(STATUSES, default=None, return_dtype=pl.String),
            C("state").replace(STATES),
        ),
        is_update=(C("kind") == "update") | C("assignee").is_not_null() | C("team").is_not_null(),
    ).with_columns(C("is_message").fill_null(value=False))
    is_status, is_rated = C("status").is_not_null(), C("kind") == "rated"
    is_nothing = ~C("is_message") & ~is_status & ~C("is_update") & ~is_rated
    own, both = C("id"), C("is_message") | is_status
    status_id = pl.when("is_message").then(own + "-status").otherwise(own)
    update_id = pl.when(both).then(own + "-update").otherwise(own)
    rows = pl.concat(
        [
            entries.filter("is_message").select(
                *row(said(), own), C("text").str.replace_all(MARKUP, " ").str.strip_chars()
            ),
            entries.filter(is_status).select(*row(word("event", "status"), status_id), "status"),
            entries.filter("is_update").select(
                *row(word("event", "update"), update_id), "priority", "tags"
            ),
            entries.filter(is_rated).select(*row(word("event", "rated"), own), "rating"),
            entries.filter(is_nothing & C("is_alone")).select(
                "export", "row", skip=pl.lit("no message or change")
            ),
            read.rest,
        ],
        how="diagonal",
    )
    types = MESSAGES | READING
    names = rows.collect_schema().names()
    return rows.select(C(name).cast(types[name]) for name in names)


def word(column: str, text: str) -> pl.Expr:
    """Return one of the words a column of MESSAGES knows."""
    return pl.lit(text, MESSAGES[column])


def author_role(us: Us | None) -> pl.Expr:
    """Return who wrote an entry; nobody is the system."""
    kind = MESSAGES["author_role"]
    told = C("author_type").fill_null("team")
    role = told.replace_strict(ROLES, default="unknown", return_dtype=kind)
    bots = [name.lower() for name in us.bots] if us else []
    if not bots:
        return role
    named = (C(name).str.to_lowercase().is_in(bots) for name in ("author", "author_name"))
    is_named = pl.any_horizontal(named).fill_null(value=False)
    return pl.when(is_named).then(word("author_role", "bot")).otherwise(role)


def with_context(read: Read) -> pl.LazyFrame:
    """Return entries with their conversation's customer and channel and with names for ids.

    Instants of statistics stay only where no part tells the same; a ticket's opening only where no
    conversation does.
    """
    known = (
        read.known.sort("updated", "export", "row")
        .group_by("conversation", maintain_order=True)
        .agg(
            C("source_type").drop_nulls().last(),
            C("customer").drop_nulls().last(),
            C("skip").last(),
            C("is_told").any(),
            C("is_partial").all(),
        )
    )
    role = C("author_type").replace_strict(ROLES, default=None, return_dtype=pl.String)
    is_part = ~C("kind").is_in([*STAND_INS, "update", "rated", "source", "ticket"])
    is_written = C("kind").is_in(SPOKEN) | (C("kind").is_in(SPOKEN_WITH_BODY) & C("has_body"))
    is_written &= ~C("kind").is_in([*NOTES, *STAND_INS])
    flags = read.entries.group_by("conversation").agg(
        has_parts=is_part.any(),
        asked=(is_written & (role == "customer")).any(),
        reply=(is_part & is_written & (role == "agent")).any(),
        closed=(C("kind") == "close").any(),
        source=(C("kind") == "source").any(),
    )
    context = flags.join(known, on="conversation", how="left")
    return (
        read.entries.join(context, on="conversation", how="left", maintain_order="left")
        .filter(
            ~((C("kind") == "asked") & C("asked")).fill_null(value=False),
            ~((C("kind") == "reply") & C("reply")).fill_null(value=False),
            ~((C("kind") == "closed") & C("closed")).fill_null(value=False),
            ~((C("kind") == "ticket") & C("source")).fill_null(value=False),
        )
        .with_columns(
            C("is_partial").fill_null(value=True),
            grain=pl.when(C("has_parts") | C("is_told"))
            .then(word("grain", "message"))
            .otherwise(word("grain", "milestone")),
        )
        .join(names(read), left_on="author", right_on="id", how="left", maintain_order="left")
        .join(
            names(read, "holder"),
            left_on="assignee",
            right_on="id",
            how="left",
            maintain_order="left",
        )
        .join(
            latest(read.teams).select("id", team_name="name"),
            left_on="team",
            right_on="id",
            how="left",
            maintain_order="left",
        )
    )


def names(read: Read, called: str = "name") -> pl.LazyFrame:
    """Return `id` and name of every admin: of the file of admins, else as they last signed."""
    signed = (
        read.entries.filter((C("author_type") == "admin") & C("author_name").is_not_null())
        .sort("at", "id")
        .select(C("author").alias("id"), C("author_name").alias("name"))
        .unique("id", keep="last", maintain_order=True)
    )
    listed = latest(read.admins).select("id", "name")
    both = pl.concat([listed, signed]).drop_nulls()
    return both.unique("id", keep="first", maintain_order=True).rename({"name": called})


def latest(frame: pl.LazyFrame) -> pl.LazyFrame:
    """Return one row per id, the last by export and row."""
    return frame.sort("export", "row").unique("id", keep="last", maintain_order=True)


def said() -> pl.Expr:
    """Return the event of a message."""
    return (
        pl.when(C("kind").is_in(NOTES))
        .then(word("event", "note"))
        .when(C("author_role") == "customer")
        .then(word("event", "inbound"))
        .otherwise(word("event", "outbound"))
    )


def row(event: pl.Expr, name: pl.Expr) -> list[pl.Expr]:
    """Return the columns every row of an entry has."""
    sender = pl.when((event == "outbound") & (C("author_role") != "bot")).then(
        pl.coalesce("name", "author_name", "author")
    )
    is_robot = C("author_role").is_in(["bot", "system"])
    is_robot |= C("delivered_as").is_in(OURS).fill_null(value=False) & (
        C("author_role") != "customer"
    )
    return [
        C("export"),
        C("row"),
        C("conversation").alias("conversation_id"),
        name.alias("message_id"),
        C("at").cast(MESSAGES["sent_at"]).alias("sent_at"),
        event.alias("event"),
        C("author_role"),
        is_robot.alias("is_automated"),
        C("grain"),
        C("source_type")
        .replace_strict(CHANNELS, default="other", return_dtype=MESSAGES["channel"])
        .alias("channel"),
        pl.when(C("source_type").is_in(PLATFORMS)).then("source_type").alias("platform"),
        pl.coalesce(sender, "holder", "assignee").alias("agent"),
        pl.coalesce("team_name", "team").alias("team"),
        pl.coalesce("customer", pl.when(C("author_role") == "customer").then("author")).alias(
            "customer"
        ),
        C("is_partial"),
        C("skip"),
    ]
