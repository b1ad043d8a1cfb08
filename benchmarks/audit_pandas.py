"""The audit of `kpiaudit report` as somebody who knows pandas would write it, whole columns at a time.

    python benchmarks/audit_pandas.py FILE [--whole-seconds]

First responses with the default policy: within one hour, around the clock. A conversation is every
tweet whose reply chain ends at the same root, in order of (created_at, tweet_id).
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from audit_table import TARGET_SECONDS, UNASSIGNED, Line, argument_parser, print_table

NEEDED = ["tweet_id", "author_id", "inbound", "created_at", "in_response_to_tweet_id"]


def read(path: str) -> pd.DataFrame:
    """The needed columns; `created_at` as whole seconds since 1970."""
    messages = pd.read_csv(path, usecols=NEEDED, dtype={"author_id": str})
    instants = pd.to_datetime(messages["created_at"], format="%a %b %d %H:%M:%S %z %Y")
    messages["sent"] = instants.dt.as_unit("s").astype("int64")
    return messages.drop(columns="created_at")


def resolve_roots(messages: pd.DataFrame) -> np.ndarray:
    """Row number of every message's root, doubling the distance along the reply chain each round."""
    parents = messages["in_response_to_tweet_id"].fillna(-1).astype("int64")
    above = pd.Index(messages["tweet_id"]).get_indexer(parents)
    root = np.where(above >= 0, above, np.arange(len(messages)))
    while True:
        further = root[root]
        if np.array_equal(further, root):
            return root
        root = further


def clocks(messages: pd.DataFrame) -> pd.DataFrame:
    """One row per first-response clock: `name`, `waited` in seconds (NaN: unanswered), `late`."""
    messages["root"] = resolve_roots(messages)
    partial = messages["root"].eq(messages.index) & messages["in_response_to_tweet_id"].notna()
    partial_roots = messages.index[partial]
    ordered = messages.sort_values(["root", "sent", "tweet_id"], ignore_index=True)
    ordered["place"] = ordered.index
    opening = ordered.drop_duplicates("root").set_index("root")
    started = ordered[ordered["inbound"]].drop_duplicates("root").set_index("root")
    measured = opening["inbound"] | opening.index.isin(partial_roots)
    started = started[measured.reindex(started.index)]
    replies = ordered[~ordered["inbound"]]
    replies = replies[replies["place"] > replies["root"].map(started["place"])]
    stopped = replies.drop_duplicates("root").set_index("root").reindex(started.index)
    waited = stopped["sent"] - started["sent"]
    running = messages["sent"].max() - started["sent"]
    return pd.DataFrame(
        {
            "name": stopped["author_id"].fillna(UNASSIGNED),
            "waited": waited,
            "late": waited.fillna(running) > TARGET_SECONDS,
        }
    )


def figures(name: str, group: pd.DataFrame) -> Line:
    """Counts and statistics of one set of clocks."""
    waited, late = group["waited"], group["late"]
    answered = waited.notna()
    p50, p90, p95 = waited.quantile([0.5, 0.9, 0.95])
    return Line(
        name=name,
        clocks=len(group),
        met=int((answered & ~late).sum()),
        breached=int(late.sum()),
        open=int((~answered & ~late).sum()),
        n=int(answered.sum()),
        seconds=(waited.mean(), p50, p90, p95, waited.max()),
    )


def main() -> None:
    """Read the arguments and print the table."""
    arguments = argument_parser("First responses of a twcs file, audited with pandas.").parse_args()
    judged = clocks(read(arguments.file))
    brands = [figures(str(name), group) for name, group in judged.groupby("name")]
    print_table(figures("total", judged), brands, whole_seconds=arguments.whole_seconds)


if __name__ == "__main__":
    main()
