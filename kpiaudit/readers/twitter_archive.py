"""How `twitter_archive` is read; `kpiaudit.sources.twitter_archive` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import msgspec
import polars as pl

from kpiaudit.decoding.parts import companion, table
from kpiaudit.decoding.records import Broken, Table, read_records
from kpiaudit.decoding.rows import Instant, Rows, is_our_agent, micros
from kpiaudit.errors import ExportError
from kpiaudit.readers.tweets import REPOST, TWEETS, messages
from kpiaudit.sources.twitter_archive import ACCOUNT, MESSAGES, POSTS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
OWNER: Final = {"id": "account.accountId", "handle": "account.username"}
SAID: Final = "messageCreate"
WELCOME: Final = "welcomeMessageCreate"


class Post(msgspec.Struct):
    """One of our own posts; newer archives wrap each into `tweet`."""

    tweet: Post | None = None
    id: str | None = None
    id_str: str | None = None
    created_at: str | None = None
    full_text: str | None = None
    text: str | None = None
    in_reply_to_status_id: str | None = None
    in_reply_to_status_id_str: str | None = None
    in_reply_to_user_id: str | None = None
    in_reply_to_user_id_str: str | None = None
    in_reply_to_screen_name: str | None = None


class Said(msgspec.Struct, rename="camel"):
    """A direct message."""

    id: str
    sender_id: str
    created_at: Instant
    text: str | None = None


class Exchange(msgspec.Struct, rename="camel"):
    """All direct messages of two people or a group, and who joined, left or reacted."""

    conversation_id: str
    messages: list[dict[str, msgspec.Raw]]


class Conversation(msgspec.Struct, rename="camel"):
    """A record of `direct-messages.js`."""

    dm_conversation: Exchange


class Owner:
    """Whose archive it is: ids and handles, those of `[us]` beside the account's own."""

    def __init__(self, accounts: pl.DataFrame, us: Us | None) -> None:
        self.ids = set(accounts["id"].drop_nulls())
        self.handles = {handle.lower() for handle in accounts["handle"].drop_nulls()}
        self.handle: str | None = next(iter(accounts["handle"].drop_nulls()), None)
        self.us = us

    def is_known(self) -> bool:
        """Return whether anything says who wrote."""
        return bool(self.ids)

    def is_me(self, *names: str | None) -> bool:
        """Return whether one of the names is ours."""
        mine = any(name in self.ids or name.lower() in self.handles for name in names if name)
        return mine or any(is_our_agent(self.us, name, "@" + name) for name in names if name)


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per post and direct message, and one for each post we answered. Raises `ExportError`
    where there is only what we posted unasked.
    """
    accounts = table(files, ACCOUNT, OWNER, careful=settings.careful).collect()
    owner = Owner(accounts, settings.us)
    posts = posts_of(files, owner)
    private = direct_messages(files, owner, text=settings.text)
    asks = posts.filter(C("reply_to").is_not_null() & ~C("answers_us") & C("skip").is_null())
    if asks.is_empty() and not posts.is_empty() and private["sent_at"].null_count() == len(private):
        raise ExportError(
            "holds only what you posted yourself: no post answers anybody, so there is no customer in it",
            where=", ".join(file.name for file in files if file.part in POSTS),
            hint="save the mentions of your account with the API of X (twitter_api), or export the help desk "
            "that answers them",
        )
    public = messages(posts.lazy(), text=settings.text).with_columns(visibility=pl.lit("public"))
    return pl.concat(
        [public, private.lazy(), companion(accounts.lazy(), ACCOUNT)], how="diagonal_relaxed"
    )


def posts_of(files: Sequence[ExportFile], owner: Owner) -> pl.DataFrame:
    """Return our posts, with the columns of TWEETS."""
    found = Table(TWEETS)
    for file in files:
        if file.part not in POSTS:
            continue
        for row, record in read_records(file, Post):
            if isinstance(record, Broken):
                told: dict[str, object] = {"reject": record.rule, "value": record.value}
            else:
                told = told_by(record.tweet or record, owner)
            told |= {"export": file.name, "row": row}
            found.add(tuple(map(told.get, TWEETS)))
    return found.frame().collect()


def told_by(post: Post, owner: Owner) -> dict[str, object]:
    """Return one of our posts by the names of TWEETS."""
    text = post.full_text or post.text or ""
    whom = post.in_reply_to_user_id_str or post.in_reply_to_user_id
    return {
        "id": post.id_str or post.id,
        "created_at": post.created_at,
        "reply_to": post.in_reply_to_status_id_str or post.in_reply_to_status_id,
        "event": "outbound",
        "agent": owner.handle,
        "answered": whom or post.in_reply_to_screen_name,
        "answers_us": owner.is_me(whom, post.in_reply_to_screen_name),
        "text": text,
        "skip": REPOST if text.startswith("RT @") else None,
    }


def direct_messages(files: Sequence[ExportFile], owner: Owner, *, text: bool) -> pl.DataFrame:
    """Return every direct message of both sides; without the account, `[us]` must say whose is whose."""
    rows = Rows()
    authors: list[str | None] = []
    for file in files:
        if file.part not in MESSAGES:
            continue
        for row, record in read_records(file, Conversation):
            if isinstance(record, Broken):
                rows.reject(file.name, row, record)
                authors.append(None)
                continue
            for told in said_in(record.dm_conversation, owner, text=text):
                authors.append(told.pop("author", None))
                rows.tell(told | {"export": file.name, "row": row})
    return (
        rows.messages()
        .collect()
        .with_columns(
            author=pl.Series(authors, dtype=pl.String), has_boundaries=pl.lit(value=False)
        )
    )


def said_in(exchange: Exchange, owner: Owner, *, text: bool) -> list[dict[str, Any]]:
    """Return the messages of an exchange, and what else happened in it."""
    found: list[dict[str, Any]] = []
    for event in exchange.messages:
        for kind, raw in event.items():
            if kind not in {SAID, WELCOME}:
                found.append({"skip": f"no message: {kind}"})
                continue
            try:
                said = msgspec.json.decode(raw, type=Said)
            except msgspec.MsgspecError as error:
                found.append({"reject": f"{kind}: {error}", "value": None})
                continue
            found.append(message_of(said, exchange, owner, text=text) | welcome_of(kind))
    return found or [{"skip": "no message: an empty exchange"}]


def message_of(said: Said, exchange: Exchange, owner: Owner, *, text: bool) -> dict[str, Any]:
    """Return a direct message as a row."""
    told: dict[str, Any] = {
        "conversation_id": f"direct messages {exchange.conversation_id}",
        "message_id": said.id,
        "sent_at": micros(said.created_at),
        "visibility": "private",
        "text": said.text if text else None,
    }
    if owner.is_me(said.sender_id):
        return told | {"event": "outbound", "agent": owner.handle or said.sender_id}
    if owner.is_known():
        return told | {"event": "inbound", "customer": said.sender_id}
    return told | {"author": said.sender_id}


def welcome_of(kind: str) -> dict[str, Any]:
    """Return what tells a greeting that the account sends by itself."""
    return {"is_automated": True} if kind == WELCOME else {}
