"""How `freshdesk_json` is read; `kpiaudit.sources.freshdesk_json` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, Fault, boolean, first_fault, number, split_tags, unread
from kpiaudit.decoding.milestones import Step, unpivot
from kpiaudit.decoding.parts import companion, dated, held, is_one_of, named, table

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
STAMPS: Final = {
    "created": "created_at",
    "updated": "updated_at",
    "replied": "stats.first_responded_at",
    "changed": "stats.status_updated_at",
    "resolved": "stats.resolved_at",
    "closed": "stats.closed_at",
    "reopened": "stats.reopened_at",
    "due": "fr_due_by",
}
TICKET: Final = STAMPS | {
    "ticket": "id",
    "state": "status",
    "priority": "priority",
    "origin": "source",
    "requester": "requester_id",
    "responder": "responder_id",
    "group": "group_id",
    "category": "type",
    "tags": "tags",
    "spam": "spam",
    "deleted": "deleted",
}
CONVERSATION: Final = {
    "sent_at": "created_at",
    "message_id": "id",
    "ticket": "ticket_id",
    "incoming": "incoming",
    "private": "private",
    "author": "user_id",
    "kind": "source",
    "category_of": "category",
    "automation": "automation_id",
    "auto": "auto_response",
}
RATING: Final = {
    "sent_at": "created_at",
    "message_id": "id",
    "ticket": "ticket_id",
    "score": "ratings.default_question",
}
PHONE: Final = "3"
"""A ticket of this source is open from its creation on, and so no call that ends when it does."""
STATUSES: Final = {"2": "open", "3": "pending", "4": "resolved", "5": "closed"}
PRIORITIES: Final = {"1": "low", "2": "normal", "3": "high", "4": "urgent"}
SOURCES: Final[dict[str, tuple[str, str | None, str]]] = {
    "1": ("email", None, "private"),
    "2": ("form", None, "private"),
    "3": ("voice", None, "private"),
    "4": ("forum", None, "public"),
    "5": ("social", "twitter", "unknown"),
    "6": ("social", "facebook", "unknown"),
    "7": ("chat", None, "private"),
    "8": ("form", None, "private"),
    "9": ("form", None, "private"),
    "10": ("email", None, "private"),
    "11": ("other", "ecommerce", "private"),
    "12": ("chat", None, "private"),
    "13": ("messaging", "whatsapp", "private"),
}
OUTBOUND_EMAIL: Final = "10"
SURVEY, SURVEY_CATEGORY, FORWARD = "6", "7", "8"
A_YEAR: Final = pl.duration(days=365)
SHARED: Final = (
    "grain",
    "requester",
    "responder",
    "team",
    "priority",
    "category",
    "tags",
    "skip",
    "origin",
)


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every ticket, and a row for every other record, in MESSAGES columns."""
    careful = settings.careful
    text = {"text": "body_text"} if settings.text else {}
    opening = {"text": "description_text", "html": "description"} if settings.text else {}
    people = table(files, "agents", {"id": "id", "name": "contact.name"}, careful=careful)
    teams = table(files, "groups", {"id": "id", "name": "name"}, careful=careful)
    said, rated = held(
        conversations(table(files, "conversations", CONVERSATION | text, careful=careful)),
        ratings(table(files, "ratings", RATING, careful=careful)),
    )
    (tickets,) = held(
        with_shared(
            table(files, "tickets", TICKET | opening, careful=careful), teams=teams, said=said
        )
    )
    latest = tickets.sort("updated", "export", "row").unique("ticket", keep="last")
    names = named(people, "id", "name")
    known = latest.select("ticket", *SHARED, is_partial=pl.lit(value=False))
    told_scores = rated.select("ticket").drop_nulls().unique().with_columns(has_score=True)
    entries = pl.concat([said, rated], how="diagonal").join(told_scores, on="ticket", how="left")
    entries = entries.join(known, on="ticket", how="left").with_columns(
        C("is_partial").fill_null(value=True), skip=pl.coalesce("skip", survey_told_twice())
    )
    rows = pl.concat([openings(tickets), entries], how="diagonal")
    rows = rows.join(names, left_on="author", right_on="id", how="left").join(
        names.rename({"name": "holder"}), left_on="responder", right_on="id", how="left"
    )
    rows = rows.with_columns(author_role=role(settings.us))
    companions = [companion(people, "agents"), companion(teams, "groups")]
    return pl.concat([rows.select(columns(text)), *companions], how="diagonal")


def with_shared(tickets: pl.LazyFrame, *, teams: pl.LazyFrame, said: pl.LazyFrame) -> pl.LazyFrame:
    """Return tickets with what holds for every row of theirs."""
    heard = said.select("ticket").drop_nulls().unique().with_columns(is_heard=pl.lit(value=True))
    is_sample = (C("due") - C("created")) > A_YEAR
    skip = (
        pl.when(C("spam") == "true")
        .then(pl.lit("spam"))
        .when(C("deleted") == "true")
        .then(pl.lit("deleted ticket"))
        .when(is_sample)
        .then(pl.lit("sample ticket"))
    )
    return (
        dated(tickets, STAMPS)
        .join(named(teams, "id", "name"), left_on="group", right_on="id", how="left")
        .join(heard, on="ticket", how="left")
        .with_columns(
            C("is_heard").fill_null(value=False),
            C("priority").replace_strict(PRIORITIES, default=None, return_dtype=pl.String),
            updated=pl.coalesce("updated", "created"),
            team=pl.coalesce("name", "group"),
            tags=split_tags(C("tags")),
            skip=skip,
        )
        .with_columns(
            grain=pl.when("is_heard").then(pl.lit("message")).otherwise(pl.lit("milestone"))
        )
        .drop("name")
    )


def openings(tickets: pl.LazyFrame) -> pl.LazyFrame:
    """Return what a ticket record tells: its first message, its statuses, and its first response where
    no conversation of it is known.

    Freshdesk forgets a solution once a ticket is open again, unless it says when that was.
    """
    is_ours = C("origin").fill_null("") == OUTBOUND_EMAIL
    is_phone = (C("origin") == PHONE).fill_null(value=False) & C("is_heard")
    is_done = C("state").is_in(["4", "5"]).fill_null(value=False)

    def stood(stamp: str) -> pl.Expr:
        was_undone = (C("reopened") >= C(stamp)).fill_null(value=False)
        return pl.when(is_done | was_undone).then(stamp)

    steps = [
        Step("0-opening", "inbound", pl.when(~is_ours).then("created")),
        Step("0-opening", "outbound", pl.when(is_ours).then("created")),
        Step("1-begun", "status", pl.when(is_phone).then("created"), "open"),
        Step("2-reply", "outbound", pl.when(~C("is_heard")).then("replied")),
        Step("3-status", "status", pl.when(~is_done).then("changed"), C("state").replace(STATUSES)),
        Step("4-resolved", "status", stood("resolved"), "resolved"),
        Step("5-closed", "status", stood("closed"), "closed"),
        Step("6-reopened", "status", C("reopened"), "open"),
    ]
    rows = unpivot(tickets, C("ticket"), steps)
    rows = rows.with_columns(author=pl.when(C("event") == "outbound").then("responder"))
    if "html" not in rows.collect_schema():
        return rows
    is_opening = C("message_id").str.ends_with("-opening")
    return rows.with_columns(text=pl.when(is_opening).then(pl.coalesce("text", "html")))


def conversations(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return messages, notes and answers to surveys; Freshdesk files the last among the messages."""
    is_survey = (C("kind") == SURVEY) & (C("category_of") == SURVEY_CATEGORY)
    typed = dated(rows, {"sent_at": "created_at"}).with_columns(
        is_in=boolean(C("incoming")),
        is_note=boolean(C("private")) | (C("kind") == FORWARD).fill_null(value=False),
        is_auto=(C("auto") == "true").fill_null(value=False) | C("automation").is_not_null(),
        is_survey=is_survey.fill_null(value=False),
    )
    nothing = pl.lit(None, dtype=pl.String)
    faults = [
        Fault("ticket_id: missing", C("ticket").is_null(), nothing),
        Fault("incoming: neither true nor false", C("is_in").is_null(), C("incoming")),
        Fault("private: neither true nor false", C("is_note").is_null(), C("private")),
    ]
    event = (
        pl.when(C("is_survey"))
        .then(pl.lit("rated"))
        .when(C("is_note"))
        .then(pl.lit("note"))
        .when(C("is_in"))
        .then(pl.lit("inbound"))
        .otherwise(pl.lit("outbound"))
    )
    return typed.with_columns(first_fault(faults), event=event)


def ratings(rows: pl.LazyFrame) -> pl.LazyFrame:
    """Return the customers' ratings, 0 to 1: -103 is the worst, 100 neutral, 103 the best."""
    score = number(C("score"))
    steps = pl.when(score == 100).then(0.0).otherwise((score.abs() - 100) * score.sign())
    is_known = (score == 100) | score.abs().is_between(101, 103)
    return (
        dated(rows, {"sent_at": "created_at"})
        .with_columns(rating=pl.when(is_known).then((steps + 3) / 6))
        .with_columns(
            first_fault(
                [unread("ratings.default_question: unknown score", C("score"), C("rating"))]
            ),
            event=pl.lit("rated"),
            message_id="r" + C("message_id"),
            has_own_score=pl.lit(value=True),
        )
    )


def survey_told_twice() -> pl.Expr:
    """Return why a survey's answer is skipped: the ratings tell it, with the score."""
    is_text = (C("event") == "rated") & C("has_own_score").is_null()
    return pl.when(is_text & C("has_score")).then(pl.lit("told by satisfaction_ratings"))


def role(us: Us | None) -> pl.Expr:
    """Return who wrote a row."""
    is_ours = C("event").is_in(["outbound", "note"]) & ~C("is_in").fill_null(value=False)
    return (
        pl.when(C("event").is_in(["inbound", "rated"]))
        .then(pl.lit("customer"))
        .when(C("is_auto").fill_null(value=False) | (C("event") == "status"))
        .then(pl.lit("system"))
        .when(is_one_of(us.bots if us else (), "author", "name"))
        .then(pl.lit("bot"))
        .when(is_ours)
        .then(pl.lit("agent"))
        .otherwise(pl.lit("unknown"))
    )


def columns(text: Iterable[str]) -> list[pl.Expr]:
    """Return what a row gives."""
    channel, platform, visibility = (
        C("origin").replace_strict(
            {word: told[place] for word, told in SOURCES.items()},
            default=None,
            return_dtype=pl.String,
        )
        for place in range(3)
    )
    is_sent = (C("event") == "outbound") & C("author_role").is_in(["agent", "bot"])
    sender = pl.when(is_sent).then(pl.coalesce("name", "author"))
    return [
        *(C(name) for name in GIVEN),
        C("skip"),
        C("ticket").alias("conversation_id"),
        *(C(name) for name in ("message_id", "sent_at", "event", "status", "author_role")),
        (C("is_auto").fill_null(value=False) | C("author_role").is_in(["bot", "system"])).alias(
            "is_automated"
        ),
        C("grain").fill_null("message"),
        channel.fill_null("other").alias("channel"),
        visibility.fill_null("unknown").alias("visibility"),
        platform.alias("platform"),
        C("priority"),
        C("team"),
        pl.coalesce(sender, "holder", "responder").alias("agent"),
        pl.coalesce("requester", pl.when(C("author_role") == "customer").then("author")).alias(
            "customer"
        ),
        *(C(name) for name in ("category", "tags", "rating", "is_partial", *text)),
    ]
