"""Mail as servers log it: no ids of what is answered, so a conversation is two addresses and a subject.

That is an estimate, and each message says so.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.readers.mail_columns import FROM_MACHINES
from kpiaudit.readers.mail_roles import DOMAIN, is_told, ours
from kpiaudit.readers.mail_threads import IS_ANSWER, base_subject
from kpiaudit.settings import Us

if TYPE_CHECKING:
    from collections.abc import Sequence

C = pl.col
ESTIMATE: Final = "put into a conversation by two addresses and a subject, an estimate"
ANOTHER: Final = "another event of the message"


def paired(rows: pl.DataFrame, us: Us | None, *, alike: Sequence[str] = ()) -> pl.LazyFrame:
    """Return a log's rows in MESSAGES columns: of each message the first row, the others skipped.

    Takes `message_id, sent_at, sender, recipients` (a list), `subject`, `is_out` (null where the log does not
    say), `skip` and what `decoding.columns` names GIVEN. Rows of one message have one id and are `alike`. Whose
    mail goes out is ours, and their domains; what goes to nobody else is a note.
    """
    us = us or Us()
    rows = rows.with_row_index("at").with_columns(
        is_machine=C("sender").is_null() | C("sender").str.contains(FROM_MACHINES)
    )
    goes_out = rows.filter(C("is_out") & ~C("is_machine") & C("reject").is_null())
    domains = goes_out["sender"].str.extract(DOMAIN).drop_nulls().unique().sort()
    us = replace(us, domains=(*us.domains, *domains))
    is_ours = ours(C("sender"), us, ())
    is_out = pl.coalesce("is_out", is_ours) if is_told(us) else C("is_out")
    first = C("at").sort_by("sent_at", "at", nulls_last=True).first().over("message_id", *alike)
    is_copy = C("message_id").is_not_null() & C("reject").is_null() & (C("at") != first)
    outside = C("recipients").list.eval(pl.element().filter(~ours(pl.element(), us, ())))
    known = rows.with_columns(
        is_out=is_out,
        skip=pl.coalesce("skip", pl.when(is_copy).then(pl.lit(ANOTHER))),
        outside=outside,
    ).with_columns(
        customer=pl.when("is_out").then(C("outside").list.first()).otherwise("sender"),
        desk=pl.when("is_out").then("sender").otherwise(C("recipients").list.first()),
        is_internal=C("is_out") & (C("recipients").list.len() > 0) & (C("outside").list.len() == 0),
    )
    return conversations(known).lazy()


def conversations(known: pl.DataFrame) -> pl.DataFrame:
    """Return rows with their event and conversation: whom it is with, which of our addresses, about what."""
    pair = pl.concat_str("customer", "desk", base_subject(C("subject")), separator=" ")
    is_message = C("skip").is_null() & C("reject").is_null()
    is_answer = C("subject").str.contains(IS_ANSWER).fill_null(value=False)
    event = (
        pl.when("is_internal")
        .then(pl.lit("note"))
        .when("is_out")
        .then(pl.lit("outbound"))
        .when(~C("is_out") | C("sender").is_null())
        .then(pl.lit("inbound"))
    )
    return (
        known.with_columns(event=event, conversation_id=pl.coalesce(pair, "message_id"))
        .with_columns(
            author=pl.when(C("event").is_null()).then("sender"),
            author_role=pl.when(C("sender").is_null()).then(pl.lit("system")),
            agent=pl.when("is_out").then("sender"),
            is_automated="is_machine",
            is_partial=(is_answer | ~is_message).all().over("conversation_id"),
            doubt=pl.when(is_message).then(pl.lit(ESTIMATE)),
            text=C("subject"),
        )
        .drop(
            "at",
            "is_machine",
            "sender",
            "recipients",
            "outside",
            "desk",
            "is_internal",
            "is_out",
            "subject",
        )
    )
