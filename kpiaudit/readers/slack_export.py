"""How `slack_export` is read; `kpiaudit.sources.slack_export` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, Fault, first_fault, missing
from kpiaudit.decoding.parts import companion, is_one_of, silent, table
from kpiaudit.schema import INSTANT
from kpiaudit.sources.slack_export import OTHERS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
MESSAGE: Final = {
    "type": "type",
    "subtype": "subtype",
    "ts": "ts",
    "thread": "thread_ts",
    "user": "user",
    "commenter": "comment.user",
    "bot": "bot_id",
    "bot_name": "username",
    "home": "team",
    "user_home": "user_team",
    "source_home": "source_team",
    "text": "text",
}
PERSON: Final = {
    "id": "id",
    "home": "team_id",
    "handle": "name",
    "real_name": "profile.real_name",
    "shown": "profile.display_name",
    "mail": "profile.email",
    "bot": "is_bot",
    "app": "is_app_user",
    "guest": "is_restricted",
    "single_channel_guest": "is_ultra_restricted",
}
SAID: Final = ("file_share", "file_comment", "me_message", "thread_broadcast", "bot_message")
"""Subtypes that are messages; the others tell of joining, renaming, pinning."""
STAMP: Final = r"^(\d{1,10})\.(\d{6})$"
NAMES: Final = ("real_name", "shown", "handle", "mail", "bot_name", "user")


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message, and a row for every other record."""
    careful = settings.careful
    people = table(files, "users", PERSON, careful=careful).collect().lazy()
    said = table(files, "messages", MESSAGE, careful=careful)
    known = people.filter(C("reject").is_null() & C("id").is_not_null()).unique(
        "id", keep="last", maintain_order=True
    )
    who = known.select(
        *("id", "handle", "real_name", "shown", "mail"),
        workspace="home",
        is_robot=is_true("bot") | is_true("app"),
        is_guest=is_true("guest") | is_true("single_channel_guest"),
        is_known=pl.lit(value=True),
    )
    user = pl.coalesce("user", "commenter")
    rows = said.with_columns(user=user, sent_at=instant_of(C("ts"))).join(
        who, left_on="user", right_on="id", how="left", maintain_order="left"
    )
    rows = rows.with_columns(role=role(settings.us, has_guests=has_guests(known)))
    return pl.concat(
        [
            rows.with_columns(first_fault(faults())).select(messages(text=settings.text)),
            companion(people, "users"),
            *silent(files, OTHERS, careful=careful),
        ],
        how="diagonal",
    )


def instant_of(ts: pl.Expr) -> pl.Expr:
    """Return Slack's `1459154014.000018` as an instant; the fraction tells messages of a second apart."""
    seconds, rest = ts.str.extract(STAMP, 1), ts.str.extract(STAMP, 2)
    return (seconds.cast(pl.Int64) * 1_000_000 + rest.cast(pl.Int64)).cast(INSTANT)


def is_true(name: str) -> pl.Expr:
    """Return whether a flag is set; one that is missing is not."""
    return (C(name) == "true").fill_null(value=False)


def has_guests(known: pl.LazyFrame) -> bool:
    """Return whether the members list names a guest, who can be told from us."""
    guest = is_true("guest") | is_true("single_channel_guest")
    return bool(known.select(guest.any()).collect().item())


def role(us: Us | None, *, has_guests: bool) -> pl.Expr:
    """Return who wrote a row: as `[us]` says where it names anybody here, else by the members list; null
    where only `[us]` could say.
    """
    is_robot = (C("subtype") == "bot_message") | C("is_robot")
    is_robot |= C("bot").is_not_null() & C("user").is_null()
    home = pl.coalesce("user_home", "source_home", "home")
    is_foreign = (home != C("workspace").drop_nulls().mode().first()) & C("is_known").is_null()
    is_foreign |= (home != C("workspace")).fill_null(value=False)
    by_flags = (
        pl.when("is_guest").then(pl.lit("customer")).when(is_foreign).then(pl.lit("customer"))
    )
    if has_guests:
        by_flags = by_flags.when("is_known").then(pl.lit("agent"))
    domain = C("mail").str.to_lowercase().str.extract(r"@(.+)$")
    domains = [name.lower().removeprefix("@") for name in (us.domains if us else ())]
    is_bot = is_one_of(us.bots if us else (), *NAMES)
    accounts = [name.removeprefix("@") for name in ((*us.agents, *us.accounts) if us else ())]
    is_ours = is_one_of(accounts, *NAMES) | domain.is_in(domains).fill_null(value=False)
    by_us = (
        pl.when(is_bot)
        .then(pl.lit("bot"))
        .when(is_ours)
        .then(pl.lit("agent"))
        .otherwise(pl.lit("customer"))
    )
    told = pl.when(is_ours.any()).then(by_us).otherwise(by_flags)
    return pl.when(is_robot.fill_null(value=False)).then(pl.lit("bot")).otherwise(told)


def faults() -> list[Fault]:
    """Return the rules a message must keep."""
    return [
        missing("ts", C("ts")),
        Fault("ts: not seconds since 1970 and six digits", C("sent_at").is_null(), C("ts")),
    ]


def messages(*, text: bool) -> list[pl.Expr]:
    """Return the columns of a message."""
    folder = C("export").str.split("/").list.get(-2, null_on_oob=True).fill_null("")
    is_threaded = C("thread").is_not_null()
    is_ours = C("role") != "customer"
    name = pl.coalesce("real_name", "shown", "handle", "bot_name", "user", "bot")
    event = pl.when(is_ours).then(pl.lit("outbound")).when(~is_ours).then(pl.lit("inbound"))
    is_noise = ~C("subtype").is_in(SAID).fill_null(value=True) | (C("type") != "message")
    skip = pl.when(is_noise & C("reject").is_null()).then(
        pl.lit("no message: ") + pl.coalesce("subtype", "type")
    )
    return [
        *(C(given) for given in GIVEN),
        pl.when(is_threaded)
        .then(folder + "/" + C("thread"))
        .otherwise(folder)
        .alias("conversation_id"),
        is_threaded.alias("has_boundaries"),
        (folder + "/" + C("ts")).alias("message_id"),
        C("sent_at"),
        event.alias("event"),
        C("role").alias("author_role"),
        pl.when(C("role").is_null()).then(pl.coalesce("mail", name)).alias("author"),
        (C("role") == "bot").alias("is_automated"),
        pl.when(is_ours).then(name).alias("agent"),
        pl.when(~is_ours).then(pl.coalesce("user", "bot_name")).alias("customer"),
        (C("text") if text else pl.lit(None, pl.String)).alias("text"),
        skip.alias("skip"),
    ]
