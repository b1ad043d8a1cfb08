"""Which messages belong together: by the provider's thread, else the ids they refer to, then by subject.

Every id a message names is a link, whether the message it belongs to is in the export or not, so that
two answers to a missing question are one conversation. A subject links only what says it is an answer and
names no id, and only between the same people: customers write about the same things.
"""

from __future__ import annotations

from typing import Final

import polars as pl

C = pl.col
THREAD: Final = "\0thread "
"""Before the number of a provider's thread, as an id of its own."""
ANSWER: Final = (
    r"(?:re|aw|sv|vs|antw|odp|rif|res|ynt|回复|答复)(?:\s*[\[(]\d+[\])]|\^\d+)?\s*[:\x{FF1A}]"
)
FORWARD: Final = r"(?:fwd?|wg|tr|vb|i|enc|rv|转发)\s*[:\x{FF1A}]"
LIST: Final = r"\[[^\]]{1,40}\]"
IS_ANSWER: Final = rf"(?i)^\s*(?:{LIST}\s*)*{ANSWER}"
BEFORE: Final = rf"(?i)^\s*(?:(?:{ANSWER}|{FORWARD}|{LIST})\s*)+"
ROUNDS: Final = 60
"""Each round at least halves what is not joined yet."""


def base_subject(subject: pl.Expr) -> pl.Expr:
    """Return what a subject is about, without what mail programs and lists put before it."""
    bare = subject.str.replace(BEFORE, "").str.strip_chars().str.to_lowercase()
    bare = bare.str.replace_all(r"\s+", " ")
    return pl.when(bare != "").then(bare)


def with_conversations(mails: pl.DataFrame, senders: pl.Series) -> pl.DataFrame:
    """Give messages their `conversation_id` and whether its beginning `is_partial`: all of it answers.

    Takes `own` (an id each), `answered` (ids, one a line), `thread`, `subject` and `party` (who it is with),
    and `sent_at`; leaves all but `own` and `sent_at` out. A conversation goes by its provider's thread, else
    by the id of its first message. `senders` are addresses: prose in `In-Reply-To` puts them in brackets too.
    """
    mails = mails.with_columns(
        topic=base_subject(C("subject")),
        is_answer=C("answered").is_not_null()
        | C("subject").str.contains(IS_ANSWER).fill_null(value=False),
    )
    links = pl.concat(
        [
            mails.filter(C("thread").is_null() & C("answered").is_not_null())
            .select("own", other=C("answered").str.split("\n"))
            .explode("other")
            .filter(~C("other").str.to_lowercase().is_in(senders.implode())),
            mails.select("own", other=THREAD + C("thread")).drop_nulls(),
            by_subject(mails),
        ]
    )
    root = roots(mails["own"], links)
    known = mails.with_columns(root=root)
    first = C("own").sort_by("is_answer", "sent_at", "own", nulls_last=True).first()
    named = known.group_by("root").agg(
        conversation_id=pl.coalesce(C("thread").min(), first), is_partial=C("is_answer").all()
    )
    return known.join(named, on="root", how="left", maintain_order="left").drop(
        "answered", "thread", "subject", "party", "topic", "is_answer", "root"
    )


def by_subject(mails: pl.DataFrame) -> pl.DataFrame:
    """Return links from answers that name no id to the last message before on their topic."""
    key = ["topic", "party"]
    dated = pl.all_horizontal(C(*key, "sent_at").is_not_null())
    is_lost = C("is_answer") & C("answered").is_null() & C("thread").is_null()
    lost = mails.filter(dated, is_lost).sort("sent_at", "own")
    if lost.is_empty():
        return pl.DataFrame(schema={"own": pl.String, "other": pl.String})
    topics = mails.filter(dated).join(lost.select(key).unique(), on=key, how="semi")
    found = lost.join_asof(
        topics.sort("sent_at", "own").select(*key, "sent_at", other="own"),
        on="sent_at",
        by=key,
        strategy="backward",
        allow_exact_matches=False,
        check_sortedness=False,
    )
    return found.select("own", "other").drop_nulls()


def roots(ids: pl.Series, links: pl.DataFrame) -> pl.Series:
    """Return for each id the number of the group that links join it to: the least of its members."""
    every = pl.concat([ids.alias("id"), links["own"].alias("id"), links["other"].alias("id")])
    nodes = every.unique(maintain_order=True).to_frame().with_row_index("node")

    def nodes_of(names: pl.Series) -> pl.Series:
        named = names.alias("id").to_frame()
        return named.join(nodes, on="id", how="left", maintain_order="left")["node"]

    one, two = nodes_of(links["own"]), nodes_of(links["other"])
    root = pl.int_range(nodes.height, dtype=pl.UInt32, eager=True)
    for _ in range(ROUNDS):
        ends = pl.DataFrame({"a": root.gather(one), "b": root.gather(two)})
        apart = ends.filter(C("a") != C("b"))
        if apart.is_empty():
            break
        joined = (
            apart.select(high=pl.max_horizontal("a", "b"), low=pl.min_horizontal("a", "b"))
            .group_by("high")
            .agg(C("low").min())
        )
        root = root.scatter(joined["high"], joined["low"])
        while not (further := root.gather(root)).equals(root):
            root = further
    return root.gather(nodes_of(ids))
