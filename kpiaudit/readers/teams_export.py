"""How `teams_export` is read; `kpiaudit.sources.teams_export` says what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import Fault, first_fault, missing
from kpiaudit.decoding.parts import companion, dated, is_one_of, silent, table
from kpiaudit.sources.teams_export import OTHERS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
MESSAGE: Final = {
    "id": "Id",
    "root": "ReplyToId",
    "sent_at": "CreatedDateTime",
    "kind": "MessageType",
    "channel_id": "ChannelIdentity.ChannelId",
    "chat": "ChatId",
    "user": "From.User.Id",
    "name": "From.User.DisplayName",
    "robot": "From.Application.DisplayName",
    "robot_id": "From.Application.Id",
    "text": "Body.Content",
}
PERSON: Final = {"id": "Id", "shown": "DisplayName", "mail": "Mail", "login": "UserPrincipalName"}
MARKUP: Final = r"<[^>]*>"


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per message, and a row for every other record."""
    people = both_cases(files, "users", PERSON, settings)
    known = people.filter(C("reject").is_null() & C("id").is_not_null()).select(
        "id", "shown", mail=pl.coalesce("mail", "login")
    )
    said = both_cases(files, "messages", MESSAGE, settings)
    found = dated(said, {"sent_at": "CreatedDateTime"}).join(
        known.unique("id", keep="last", maintain_order=True),
        left_on="user",
        right_on="id",
        how="left",
        maintain_order="left",
    )
    return pl.concat(
        [
            messages(found, settings),
            companion(people, "users"),
            *silent(files, OTHERS, careful=settings.careful),
        ],
        how="diagonal",
    )


def both_cases(
    files: Sequence[ExportFile], part: str, columns: Mapping[str, str], settings: ReadSettings
) -> pl.LazyFrame:
    """Return the records of a part, those of Graph with keys such as `createdDateTime` too."""
    camel = {name: re.sub(r"(^|\.)([A-Z])", lower_first, path) for name, path in columns.items()}
    groups = [
        ([file for file in files if ("id" in file.columns) == is_camel], keys)
        for is_camel, keys in ((False, columns), (True, camel))
    ]
    return pl.concat([table(group, part, keys, careful=settings.careful) for group, keys in groups])


def lower_first(found: re.Match[str]) -> str:
    """Return the first letter of a key in lower case."""
    return found[1] + found[2].lower()


def messages(found: pl.LazyFrame, settings: ReadSettings) -> pl.LazyFrame:
    """Return records in MESSAGES columns."""
    name = pl.coalesce("name", "shown", "user", "robot", "robot_id")
    file = C("export").str.split("/").list.last().str.strip_suffix(".json")
    place = pl.coalesce("channel_id", "chat", file)
    is_chat = C("chat").is_not_null() & C("channel_id").is_null()
    rows = found.with_columns(
        skip=pl.when((C("kind") != "message") & C("reject").is_null()).then(
            pl.lit("no message: told by the system")
        ),
        who=name,
        author=pl.coalesce("mail", name),
        place=place,
    )
    is_message = C("skip").is_null()
    faults = [missing("Id", C("id")), missing("From", C("author"))]
    rows = rows.with_columns(
        first_fault([Fault(rule.rule, rule.bad & is_message, rule.value) for rule in faults])
    )
    role = role_of(settings.us)
    text = C("text").str.replace_all(MARKUP, " ").str.strip_chars()
    thread = pl.concat_str("place", pl.coalesce("root", "id"), separator="/")
    return rows.select(
        *("export", "row", "reject", "value", "skip", "sent_at", "author"),
        conversation_id=pl.when(is_chat).then("place").otherwise(thread),
        has_boundaries=~is_chat,
        message_id=pl.when(is_message).then(pl.concat_str("place", "id", separator="/")),
        author_role=role,
        event=pl.when(role.is_not_null()).then(pl.lit("outbound")),
        agent=pl.when(role.is_not_null()).then("who"),
        is_automated=role == "bot",
        text=text if settings.text else pl.lit(None, pl.String),
    )


def role_of(us: Us | None) -> pl.Expr:
    """Return bot or agent where an application, a name or an id says so; null where `[us]` still has to."""
    names = ("who", "user", "mail")
    is_bot = C("user").is_null() & pl.coalesce("robot", "robot_id").is_not_null()
    is_bot |= is_one_of(us.bots if us else (), *names)
    is_ours = is_one_of((*us.agents, *us.accounts) if us else (), *names)
    told = pl.when(is_bot).then(pl.lit("bot")).when(is_ours).then(pl.lit("agent"))
    return pl.when(C("skip").is_null() & C("reject").is_null()).then(told)
