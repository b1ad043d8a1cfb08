"""Posts as the API of X, once Twitter, gives them: version 1.1 or 2, a JSON array, pages, or a post or page a line; or the table
`twarc2 csv` makes of it.

Whatever saved the answers will do: `twarc`, `twitter-to-sqlite`, a script; ask version 2 for `tweet.fields=created_at,
author_id,conversation_id,in_reply_to_user_id,referenced_tweets` and `expansions=author_id,referenced_tweets.id`. Times are UTC. The
accounts of `[us]` are ours, by handle or id; without `[us]` it asks. A reply continues the conversation of what it answers; a
quote answers nothing, and a repost says nothing. Where we answered a post the export lacks, its id tells when it was
written, to the millisecond. Ids are read as text: as numbers they have lost their last digits in many files.
Nothing tells which agent wrote, nor what was deleted. The system is `x`, apart from Kaggle's `twitter_twcs`, whose ids are
no posts' ids; the platform of both is `twitter`.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

JSON: Final = ("json", "ndjson")
SOURCE: Final = Source(
    name="twitter_api",
    system="x",
    title="X (Twitter) posts, JSON of the API 1.1 or 2",
    shapes={
        "tweets": Shape(
            JSON, frozenset({"id_str", "created_at", "in_reply_to_status_id_str", "user.id_str"})
        ),
        "posts": Shape(
            JSON,
            frozenset({"id", "text", "author_id", "created_at"}),
            none_of=frozenset({"user", "body", "ticket_id"}),
            is_missed=False,
        ),
        "table": Shape(
            ("csv",),
            frozenset(
                {
                    "id",
                    "author_id",
                    "created_at",
                    "conversation_id",
                    "referenced_tweets.replied_to.id",
                }
            ),
            is_missed=False,
        ),
        "pages": Shape(
            JSON,
            frozenset({"data.id", "data.text", "data.author_id", "data.created_at"}),
            is_missed=False,
        ),
    },
    read=reader("twitter_api"),
    constants={"channel": "social", "platform": "twitter", "visibility": "public"},
    note="Which accounts are ours [us] says; what is not in the file is known by its id at most.",
)
