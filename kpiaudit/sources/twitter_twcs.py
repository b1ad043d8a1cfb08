"""Kaggle "Customer Support on Twitter": `twcs.csv` in `archive.zip`, one tweet a row.

The data set's page on kaggle.com > Download. No statuses, teams or priorities.

`inbound` tells customer from firm at the level of handles: agents hide behind the firm's handle, and a
firm's second handle counts as a customer's. Times are UTC to the second. `in_response_to_tweet_id` is
trusted; the list `response_tweet_id` is not read: spreadsheets turn `155,157` into a number.
"""

from __future__ import annotations

from kpiaudit.sources.base import Shape, Source, reader

COLUMNS = frozenset({"tweet_id", "author_id", "inbound", "created_at", "in_response_to_tweet_id"})

SOURCE = Source(
    name="twitter_twcs",
    system="twitter",
    title="Customer Support on Twitter (Kaggle twcs.csv)",
    shapes={"tweets": Shape(kinds=("csv",), columns=COLUMNS)},
    read=reader("twitter_twcs"),
    constants={"channel": "social", "visibility": "public", "platform": "twitter"},
    one_row_one_message=True,
    integer_ids=True,
)
