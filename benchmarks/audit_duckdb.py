"""The audit of `kpiaudit report` as somebody who knows SQL would write it for DuckDB.

    python benchmarks/audit_duckdb.py FILE [--chains recursive|jumping] [--whole-seconds]

What the report does: rows numbered for the evidence, refused ones listed, duplicates looked for, first
responses within one hour around the clock, in all and by channel, team and brand, and the ten worst
breaches with their rows. A conversation is every tweet whose reply chain ends at the same root, in order of (created_at, tweet_id).
Reply chains are resolved by a recursive query, one round per reply and the quicker of the two while
threads are short, or by pointer jumping, one round per doubling and indifferent to long threads.
"""

from __future__ import annotations

import duckdb
from audit_table import TARGET_SECONDS, UNASSIGNED, Line, argument_parser, print_table

READ = """
create temp table record as
select row_number() over () as row, tweet_id as id_text, created_at, inbound as inbound_text,
       try_cast(tweet_id as bigint) as id, author_id as author, inbound = 'True' as inbound,
       epoch(try_strptime(created_at, '%a %b %d %H:%M:%S +0000 %Y'))::bigint as sent,
       try_cast(in_response_to_tweet_id as double)::bigint as parent
from read_csv(?, header = true, delim = ',', quote = '"', escape = '"', all_varchar = true)
"""
REFUSED = """
select row, case when id is null then 'tweet_id' else 'created_at' end as rule,
       coalesce(created_at, id_text) as value
from record where id is null or sent is null or inbound_text not in ('True', 'False') order by row
"""
ACCEPT = """
create temp table message as
select row, id, author, inbound, sent, parent, 'social' as channel, null::varchar as team
from record where id is not null and sent is not null and inbound_text in ('True', 'False')
"""
DUPLICATES = "select count(*) - count(distinct id) from message"
KEEP_FIRST = """
create or replace temp table message as
select * from message qualify row_number() over (partition by id order by row) = 1
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
    select chain.root, row, sent, id, inbound, author, id = chain.root and parent is not null as orphan,
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
           arg_min(author, place) filter (not inbound and started is not null) as brand,
           arg_min(row, place) filter (inbound) as asked_row,
           arg_min(row, place) filter (not inbound and started is not null) as answered_row
    from ordered group by root
)
select coalesce(brand, $unassigned) as name, 'social' as channel, $unassigned as team,
       root, started, asked_row, answered_row,
       coalesce(stopped, (select max(sent) from message)) - started - $target as overrun,
       stopped - started as waited,
       coalesce(stopped, (select max(sent) from message)) - started > $target as late
from conversation
where started is not null and (by_customer or is_partial)
"""
FIGURES = """
select grouping(channel, team, name) as level, name,
       [count(*),
        count(*) filter (waited is not null and not late),
        count(*) filter (late),
        count(*) filter (waited is null and not late),
        count(waited)],
       [avg(waited), quantile_cont(waited, 0.5), quantile_cont(waited, 0.9),
        quantile_cont(waited, 0.95), max(waited)]
from clock group by grouping sets ((), (channel), (team), (name))
"""
WORST = """
select root, name, started, overrun, asked_row, answered_row
from clock where late order by overrun desc, started, root limit 10
"""
TOTAL, BY_NAME = 0b111, 0b110


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
    connection.execute("set enable_progress_bar = false")
    connection.execute(READ, [path])
    connection.execute(REFUSED).fetchall()
    connection.execute(ACCEPT)
    if connection.execute(DUPLICATES).fetchall()[0][0]:
        connection.execute(KEEP_FIRST)
    if chains == "recursive":
        connection.execute(DESCEND)
    else:
        jump_to_roots(connection)
    connection.execute(CLOCKS, {"unassigned": UNASSIGNED, "target": TARGET_SECONDS})
    connection.execute(WORST).fetchall()
    rows = connection.execute(FIGURES).fetchall()
    lines = {
        level: [
            Line(name or "total", clocks, met, breached, running, n, tuple(seconds))
            for at, name, (clocks, met, breached, running, n), seconds in rows
            if at == level
        ]
        for level in (TOTAL, BY_NAME)
    }
    return lines[TOTAL][0], lines[BY_NAME]


def main() -> None:
    """Read the arguments and print the table."""
    parser = argument_parser("First responses of a twcs file, audited with DuckDB.")
    parser.add_argument("--chains", choices=("recursive", "jumping"), default="recursive")
    arguments = parser.parse_args()
    total, brands = audit(arguments.file, arguments.chains)
    print_table(total, brands, whole_seconds=arguments.whole_seconds)


if __name__ == "__main__":
    main()
