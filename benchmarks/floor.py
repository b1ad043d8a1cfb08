"""The floor: what it costs to scan the five columns the audit needs and to parse their timestamps.

    python benchmarks/floor.py FILE

Nothing that reads this file with polars and looks at every message can be faster.
"""

from __future__ import annotations

import sys

import polars as pl

NEEDED = {
    "tweet_id": pl.Int64(),
    "author_id": pl.String(),
    "inbound": pl.String(),
    "created_at": pl.String(),
    "in_response_to_tweet_id": pl.Int64(),
}


def scan(path: str) -> pl.DataFrame:
    """The needed columns of a twcs file, `created_at` as an instant."""
    weekday_off = pl.col("created_at").str.slice(4)
    sent_at = weekday_off.str.to_datetime("%b %d %H:%M:%S +0000 %Y", time_unit="us", cache=False)
    columns = pl.scan_csv(path, schema_overrides=NEEDED).select(*NEEDED)
    return columns.with_columns(created_at=sent_at).collect(engine="streaming")


if __name__ == "__main__":
    print(scan(sys.argv[1]).shape)
