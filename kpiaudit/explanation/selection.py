"""Which conversation a person means: its id, or `system/id` where two systems use one id."""

from __future__ import annotations

from difflib import SequenceMatcher

import polars as pl

from kpiaudit.errors import UsageError
from kpiaudit.privacy import conversation_digest

C = pl.col
CANDIDATES = 2000
"""Ids compared letter by letter when none is the one asked for."""
SHOWN = 3
ALIKE = 0.6
MOST_DIGITS = 19
"""Any number of fewer digits is an Int64."""


def conversation_named(messages: pl.DataFrame, wanted: str, key: bytes = b"") -> pl.DataFrame:
    """Return the messages of one conversation; all of none when there are no messages.

    Raises UsageError for an id nobody has, with the nearest, and for one that several systems use.
    """
    if messages.is_empty():
        return messages
    found = messages.filter(has_id(messages, "conversation_id", wanted))
    if found.is_empty() and wanted.startswith("conversation-"):
        found = messages.filter(
            C("conversation_id").cast(pl.String).is_in(known_as(messages, wanted, key))
        )
    if found.is_empty():
        system, _, rest = wanted.partition("/")
        is_it = has_id(messages, "conversation_id", rest) & (C("system").cast(pl.String) == system)
        found = messages.filter(is_it)
    if found.is_empty():
        raise UsageError(
            f"no conversation has the id {wanted!r}",
            where="CONVERSATION",
            hint="ids go by the names a report has for them" if key else hint(messages, wanted),
        )
    systems = sorted(found["system"].cast(pl.String).unique())
    if len(systems) > 1:
        named = " or ".join(f"{system}/{wanted}" for system in systems)
        raise UsageError(
            f"{len(systems)} systems have a conversation {wanted!r}",
            where="CONVERSATION",
            hint=f"say which: {named}",
        )
    return found


def known_as(messages: pl.DataFrame, wanted: str, key: bytes) -> list[str]:
    """Return the ids that go by a digest, which only who has the export can tell."""
    ids = messages["conversation_id"].cast(pl.String).unique().drop_nulls()
    return [
        name
        for name in ids
        if wanted in {conversation_digest(name), conversation_digest(name, key)}
    ]


def with_witness(found: pl.DataFrame, messages: pl.DataFrame) -> pl.DataFrame:
    """Return a conversation's messages, and a status of another one where only that tells that its
    system has statuses at all: without any, nothing is waited for to be resolved.
    """
    is_status = (C("event") == "status") & C("status").is_not_null()
    if found.is_empty() or found.select(is_status.any()).item():
        return found
    same_system = C("system") == found["system"][0]
    return pl.concat([found, messages.filter(is_status & same_system).head(1)])


def has_id(messages: pl.DataFrame, column: str, wanted: str) -> pl.Expr:
    """Return which rows have the id, written as the export writes it."""
    if messages.schema[column] != pl.Int64:
        return C(column) == wanted
    digits = wanted.removeprefix("-")
    is_number = digits.isascii() and digits.isdecimal() and len(digits) < MOST_DIGITS
    is_number = is_number and str(int(wanted)) == wanted
    return C(column) == int(wanted) if is_number else pl.lit(value=False)


def hint(messages: pl.DataFrame, wanted: str) -> str:
    """Return where the id is after all, as a message's; else the nearest ids."""
    as_message = messages.filter(has_id(messages, "message_id", wanted))["conversation_id"]
    if len(as_message):
        return f"it is a message of conversation {as_message[0]}"
    near = nearest_ids(messages, wanted)
    if near:
        return f"the nearest are {', '.join(near)}"
    some = messages["conversation_id"].unique().sort().head(SHOWN).cast(pl.String)
    return f"ids look like {', '.join(some)}"


def nearest_ids(messages: pl.DataFrame, wanted: str) -> list[str]:
    """Return the ids most like the one asked for, the likest first."""
    word = wanted.rpartition("/")[2]
    ids = messages["conversation_id"].unique().cast(pl.String).rename("id").to_frame()
    half = max(1, len(word) // 2)
    alike = (C("id").str.starts_with(word[:half]) | C("id").str.ends_with(word[-half:])) & C(
        "id"
    ).str.len_chars().is_between(len(word) - 2, len(word) + 2)
    known = ids.filter(alike).sort(~C("id").str.starts_with(word[:-1]), "id").head(CANDIDATES)
    scored = [
        (-SequenceMatcher(a=one, b=word).ratio(), not one.startswith(word[:-1]), one)
        for one in known["id"]
    ]
    return [one for score, _, one in sorted(scored)[:SHOWN] if score <= -ALIKE]
