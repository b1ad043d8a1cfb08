"""How `twitter_api` is read; `kpiaudit.sources.twitter_api` says what it is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import msgspec
import polars as pl

from kpiaudit.decoding.parts import is_one_of, table
from kpiaudit.decoding.records import BROKEN, Broken, Table, explain, raw_records, values_in
from kpiaudit.decoding.rows import is_our_agent, is_our_bot
from kpiaudit.readers.tweets import REPOST, TWEETS, messages

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
TABLE: Final = {
    **{name: name for name in ("id", "text", "created_at", "conversation_id", "author_id")},
    "in_reply_to_user_id": "in_reply_to_user_id",
    "replied_to": "referenced_tweets.replied_to.id",
    "retweeted": "referenced_tweets.retweeted.id",
    "handle": "author.username",
    "name": "author.name",
}
NOTHING: Final = msgspec.Raw()
NOT_ANSWERED: Final = "no message: quoted or reposted by one"


Number = int | float | str
"""An id; one that is a fraction has lost its last digits, and is none."""


class Person(msgspec.Struct):
    """A user; 1.1 calls the handle `screen_name`, 2 `username`."""

    id: Number | None = None
    id_str: str | None = None
    screen_name: str | None = None
    username: str | None = None
    name: str | None = None

    @property
    def key(self) -> str:
        """The id, by which posts name their author."""
        return self.id_str or text_of(self.id) or ""

    @property
    def handle(self) -> str | None:
        """The name after the @."""
        return self.screen_name or self.username


class Reference(msgspec.Struct):
    """What a post of version 2 replies to, quotes or reposts."""

    type: str
    id: Number


class Post(msgspec.Struct):
    """A post of either version."""

    id: Number | None = None
    id_str: str | None = None
    created_at: str | None = None
    text: str | None = None
    full_text: str | None = None
    user: Person | None = None
    author: Person | None = None
    author_id: Number | None = None
    conversation_id: Number | None = None
    in_reply_to_status_id: Number | None = None
    in_reply_to_status_id_str: str | None = None
    in_reply_to_user_id: Number | None = None
    in_reply_to_user_id_str: str | None = None
    in_reply_to_screen_name: str | None = None
    referenced_tweets: list[Reference] = msgspec.field(default_factory=list)
    retweeted_status: dict[str, object] | None = None

    def refers(self, how: str) -> str | None:
        """Return the id of the post it refers to in a way."""
        return next(
            (text_of(other.id) for other in self.referenced_tweets if other.type == how), None
        )

    @property
    def answered(self) -> str | None:
        """The id of the post it answers."""
        told = self.in_reply_to_status_id_str or text_of(self.in_reply_to_status_id)
        return told or self.refers("replied_to")

    @property
    def is_repost(self) -> bool:
        """Whether it only shows another post again."""
        return self.retweeted_status is not None or self.refers("retweeted") is not None


class Includes(msgspec.Struct):
    """What a page of version 2 adds: who wrote, and what was answered, quoted or reposted."""

    users: list[Person] = msgspec.field(default_factory=list)
    tweets: list[msgspec.Raw] = msgspec.field(default_factory=list)


class Page(msgspec.Struct):
    """A page: `data` of version 2, `statuses` of a search in 1.1. A post has neither."""

    data: msgspec.Raw = NOTHING
    statuses: msgspec.Raw = NOTHING
    includes: Includes = msgspec.field(default_factory=Includes)


Found = tuple[Post | Broken, bool]
"""A record, and whether it stands beside the others as what they refer to."""


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return one row per post, and one for each post that we answered and no file holds."""
    people: dict[str, Person] = {}
    records = [
        (file.name, row, found, is_beside)
        for file in files
        if file.part != "table"
        for row, (found, is_beside) in enumerate(posts_in(file, people), 1)
    ]
    in_tables = table(files, "table", TABLE, careful=settings.careful).collect()
    sound = in_tables.filter(C("reject").is_null())
    people |= {
        found.author.key: found.author
        for _, _, found, _ in records
        if isinstance(found, Post) and found.author is not None
    }
    asked = asked_about(people, sound)
    answered = set(sound["replied_to"]) if records else set()
    answered |= {
        found.answered
        for *_, found, is_beside in records
        if isinstance(found, Post) and not is_beside
    }
    people |= authors_of(sound) if records else {}
    rows = Table(TWEETS)
    for export, row, found, is_beside in records:
        if isinstance(found, Broken):
            told: dict[str, object] = {"reject": found.rule, "value": found.value}
        else:
            told = told_by(found, people, settings.us)
            if is_beside and told["id"] not in answered:
                told["skip"] = NOT_ANSWERED
        told |= {"export": export, "row": row}
        rows.add(tuple(map(told.get, TWEETS)))
    told_by_tables = told_in_table(in_tables.lazy(), asked, settings.us)
    return messages(pl.concat([rows.frame(), told_by_tables]), text=settings.text)


def posts_in(file: ExportFile, people: dict[str, Person]) -> Iterator[Found]:
    """Yield the posts of a file, page by page; `people` learns who is told of."""
    for raw in raw_records(replace(file, records="")):
        if isinstance(raw, Broken):
            yield raw, False
            continue
        try:
            page = msgspec.json.decode(raw, type=Page)
        except BROKEN as error:
            yield explain(error, bytes(memoryview(raw))), False
            continue
        people |= {person.key: person for person in page.includes.users}
        told = page.data or page.statuses
        for record in values_in(told) if told else [raw]:
            yield post_of(record, people), False
        for record in page.includes.tweets:
            yield post_of(record, people), True


def authors_of(posts: pl.DataFrame) -> dict[str, Person]:
    """Return who wrote the posts of a table, each once, as they last called themselves."""
    authors = posts.unique("author_id", keep="last", maintain_order=True)
    told = zip(*(authors[name] for name in ("author_id", "handle", "name")), strict=True)
    return {key or "": Person(id_str=key, username=at, name=name) for key, at, name in told}


def asked_about(people: Mapping[str, Person], posts: pl.DataFrame) -> pl.LazyFrame:
    """Return ids and handles of all who may have been answered, those who wrote in tables as they do there."""
    known = {"asked": list(people), "asked_handle": [person.handle for person in people.values()]}
    told = [
        pl.LazyFrame(known, schema=dict.fromkeys(known, pl.String())),
        posts.lazy().select(asked="author_id", asked_handle="handle"),
    ]
    return pl.concat(told).unique("asked", keep="last", maintain_order=True)


def told_in_table(rows: pl.LazyFrame, asked: pl.LazyFrame, us: Us | None) -> pl.LazyFrame:
    """Return the posts of what `twarc2 csv` wrote in the columns of TWEETS."""
    ours, bots = [*us.agents, *us.accounts] if us else [], us.bots if us else ()
    is_bot = is_one_of(bots, "plain handle", "author_id", "plain name")
    is_ours = is_one_of(ours, *("handle", "author_id", "name", "@handle", "@author_id", "@name"))
    handle = pl.coalesce("handle", "author_id")
    sound = C("reject").is_null()
    rows = rows.with_columns(asked="in_reply_to_user_id").join(
        asked, on="asked", how="left", maintain_order="left"
    )
    rows = rows.with_columns(
        *(("@" + C(name)).alias(f"@{name}") for name in ("handle", "author_id", "name", "asked")),
        *(C(name).str.strip_prefix("@").alias(f"plain {name}") for name in ("handle", "name")),
        ("@" + C("asked_handle")).alias("@asked_handle"),
    )
    told = {
        "reply_to": C("replied_to"),
        "thread": C("conversation_id"),
        "answered": pl.coalesce("asked_handle", "asked"),
        "answers_us": is_one_of(ours, *("asked_handle", "asked", "@asked_handle", "@asked")),
        "skip": pl.when(C("retweeted").is_not_null()).then(pl.lit(REPOST)),
    }
    if us is None or not (us.accounts or us.agents or us.bots):
        told |= {"author": handle}
    else:
        side = pl.when(is_bot | is_ours)
        told |= {
            "event": side.then(pl.lit("outbound")).otherwise(pl.lit("inbound")),
            "author_role": pl.when(is_bot).then(pl.lit("bot")),
            "agent": side.then(handle),
            "customer": pl.when(~is_bot & ~is_ours).then(handle),
        }
    own = ("id", "created_at", "text")
    values: dict[str, pl.Expr] = {
        name: pl.when(sound).then(told.get(name, C(name) if name in own else None))
        for name in TWEETS
    }
    values |= {name: C(name) for name in ("export", "row", "reject", "value")}
    return rows.select(value.cast(TWEETS[name]).alias(name) for name, value in values.items())


def post_of(raw: bytes | msgspec.Raw, people: dict[str, Person]) -> Post | Broken:
    """Return a record as a post."""
    try:
        post = msgspec.json.decode(raw, type=Post)
    except BROKEN as error:
        return explain(error, bytes(memoryview(raw)))
    for person in (post.user, post.author):
        if person is not None:
            people[person.key] = person
    return post


def told_by(post: Post, people: dict[str, Person], us: Us | None) -> dict[str, object]:
    """Return a post by the names of TWEETS."""
    author = post.user or post.author or known(post.author_id, people)
    names = (author.handle, author.key, author.name)
    asked = known(post.in_reply_to_user_id_str or post.in_reply_to_user_id, people)
    asked_handle = asked.handle or post.in_reply_to_screen_name
    told: dict[str, object] = {
        "id": post.id_str or text_of(post.id),
        "created_at": post.created_at,
        "reply_to": post.answered,
        "thread": text_of(post.conversation_id),
        "answered": asked_handle or asked.key or None,
        "answers_us": is_us(us, asked_handle, asked.key),
        "text": post.full_text or post.text,
        "skip": REPOST if post.is_repost else None,
    }
    handle = author.handle or author.key or None
    if us is None or not (us.accounts or us.agents or us.bots):
        return told | {"author": handle}
    if is_our_bot(us, *map(plain, names)):
        return told | {"event": "outbound", "author_role": "bot", "agent": handle}
    if is_us(us, *names):
        return told | {"event": "outbound", "agent": handle}
    return told | {"event": "inbound", "customer": handle}


def known(key: Number | None, people: dict[str, Person]) -> Person:
    """Return whom an id names."""
    told = text_of(key)
    return (people.get(told) if told else None) or Person(id_str=told)


def is_us(us: Us | None, *names: str | None) -> bool:
    """Return whether one of the names is an account of `[us]`, with or without @."""
    return any(is_our_agent(us, name, "@" + name) for name in names if name)


def text_of(number: Number | None) -> str | None:
    """Return an id as text, null for one that has lost digits."""
    return None if number is None or isinstance(number, float) else str(number)


def plain(name: str | None) -> str | None:
    """Return a name without @."""
    return name and name.removeprefix("@")
