"""The archive of an account on X, once Twitter: *Settings > Your account > Download an archive of your data*, as zip or folder.

Read are `data/tweets.js` (`tweet.js` in older ones), `data/direct-messages.js` and those of groups, all in as many parts
as there are, and `data/account.js`, which says who is us. The archive holds nothing others posted: where one of our posts
answers somebody, the id of what it answers tells when that was written, to the millisecond; ours are told to the
second. What the customer wrote next is a conversation of its own, for nothing tells what it answered. Direct
messages are there from both sides; the exchange of two people is one endless one, ended by silence. Times are
UTC. A repost is no message. An archive in which nobody is answered, and no direct message lies, is refused: it tells of
no customer. Names of others are not told, nor posts that nobody answered.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

JSON: Final = ("json",)
POSTS: Final = ("tweets", "tweet")
MESSAGES: Final = (
    "direct_messages",
    "direct_message",
    "direct_messages_group",
    "direct_message_group",
)
ACCOUNT: Final = "account"
SOURCE: Final = Source(
    name="twitter_archive",
    system="x",
    title="X (Twitter) archive of our own account",
    shapes={
        name: Shape(JSON, frozenset({f"YTD.{name}"}), is_missed=name == ACCOUNT)
        for name in (*POSTS, *MESSAGES, ACCOUNT)
    },
    read=reader("twitter_archive"),
    constants={"channel": "social", "platform": "twitter"},
    seen_in_the_wild=False,
    note="Only what we answered is known of customers' posts, by its id; direct messages are whole.",
)
