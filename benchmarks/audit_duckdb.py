"""The audit of `kpiaudit report` as somebody who knows SQL would write it for DuckDB.

    python benchmarks/audit_duckdb.py FILE [--chains recursive|jumping] [--whole-seconds]

First responses with the default policy: within one hour, around the clock. A conversation is every
tweet whose reply chain ends at the same root, in order of (created_at, tweet_id).
Reply chains are resolved by a recursive query, one round per reply and the quicker of the two while
threads are short, or by pointer jumping, one round per doubling and indifferent to long threads.
"""

from __future__ import annotations

import duckdb
from audit_table import TARGET_SECONDS, UNASSIGNED, Line, argument_parser, print_table

READ = """
create temp table message as
select tweet_id as id, author_id as author, inbound = 'True' as inbound,
       epoch(strptime(created_at, '%a %b %d %H:%M:%S +0000 %Y'))::bigint as sent,
       in_response_to_tweet_id::bigint as parent
from read_csv(?, header = true, delim = ',', quote = '"', escape = '"', columns = {
    tweet_id: 'BIGINT', author_id: 'VARCHAR', inbound: 'VARCHAR', created_at: 'VARCHAR',
    text: 'VARCHAR', response_tweet_id: 'VARCHAR', in_response_to_tweet_id: 'DOUBLE'})
"""
DESCEND = """
create temp table chain as
with recursive thread as (
    select id, id as root from message
    where not exists (select 1 from message as answered where answered.id = message.parent)
    union all
    select message.id, thread.root from thread join message on message.parent = thread.id
)
select id, root from thread
"""
PARENTS = """
create temp table chain as
select message.id, coalesce(answered.id, message.id) as root
from message left join message as answered on message.parent = answered.id
"""
JUMP = """
create temp table jumped as
select chain.id, above.root, above.root <> chain.root as moved
from chain join chain as above on chain.root = above.id
"""
CLOCKS = """
create temp table clock as
with ordered as (
    select chain.root, sent, id, inbound, author, id = chain.root and parent is not null as orphan,
           row_number() over timeline as place,
           min(case when inbound then sent end) over timeline as started
    from message join chain using (id)
    window timeline as (partition by chain.root order by sent, id
                        rows between unbounded preceding and current row)
), conversation as (
    select root, min(started) as started, bool_or(inbound) filter (place = 1) as by_customer,
           bool_or(orphan) as is_partial,
           min(place) filter (not inbound and started is not null) as replied,
           min(sent) filter (not inbound and started is not null) as stopped,
           arg_min(author, place) filter (not inbound and started is not null) as brand
    from ordered group by root
)
select coalesce(brand, $unassigned) as name,
       stopped - started as waited,
       coalesce(stopped, (select max(sent) from message)) - started > $target as late
from conversation
where started is not null and (by_customer or is_partial)
"""
FIGURES = """
select name,
       [count(*),
        count(*) filter (waited is not null and not late),
        count(*) filter (late),
        count(*) filter (waited is null and not late),
        count(waited)],
       [avg(waited), quantile_cont(waited, 0.5), quantile_cont(waited, 0.9),
        quantile_cont(waited, 0.95), max(waited)]
from clock group by grouping sets ((), (name))
"""


def jump_to_roots(connection: duckdb.DuckDBPyConnection) -> None:
    """Follow every reply chain to its root, doubling the distance each round."""
    connection.execute(PARENTS)
    moved = True
    while moved:
        connection.execute(JUMP)
        moved = connection.execute("select bool_or(moved) from jumped").fetchall()[0][0]
        connection.execute("drop table chain; alter table jumped rename to chain")


def audit(path: str, chains: str) -> tuple[Line, list[Line]]:
    """The total, and one line per brand."""
    connection = duckdb.connect()
    connection.execute("set preserve_insertion_order = false; set enable_progress_bar = false")
    connection.execute(READ, [path])
    if chains == "recursive":
        connection.execute(DESCEND)
    else:
        jump_to_roots(connection)
    connection.execute(CLOCKS, {"unassigned": UNASSIGNED, "target": TARGET_SECONDS})
    rows = connection.execute(FIGURES).fetchall()
    lines = {
        name: Line(name or "total", clocks, met, breached, running, n, tuple(seconds))
        for name, (clocks, met, breached, running, n), seconds in rows
    }
    return lines.pop(None), list(lines.values())


def main() -> None:
    """Read the arguments and print the table."""
    parser = argument_parser("First responses of a twcs file, audited with DuckDB.")
    parser.add_argument("--chains", choices=("recursive", "jumping"), default="recursive")
    arguments = parser.parse_args()
    total, brands = audit(arguments.file, arguments.chains)
    print_table(total, brands, whole_seconds=arguments.whole_seconds)


if __name__ == "__main__":
    main()
