"""How `jira_csv` is read; `kpiaudit.sources.jira_csv` says what it is."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import (
    GIVEN,
    Fault,
    filled,
    first_fault,
    instant_faults,
    missing,
    number,
    scan,
)
from kpiaudit.decoding.day_order import NO_ORDER
from kpiaudit.decoding.sheet_dates import in_doubt, local_instant
from kpiaudit.readers.jira_words import PRIORITIES, STATUSES
from kpiaudit.sources.base import normal
from kpiaudit.sources.jira_csv import COLUMNS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.settings import Us
    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
REPEATED: Final = re.compile(r"_duplicated_\d+$")
COMMENT: Final = r"(?s)^([^;]*);([^;]*);(.*)$"
ACCOUNT_ID: Final = r"^(\d+:|qm:|[0-9a-f]{24}$)"
LABELS: Final = {
    "opening": "Created",
    "comment": "Comment",
    "answer": COLUMNS["replied"],
    "solution": "Resolved",
    "rating": "Updated",
}
STILL_OPEN: Final = [
    word for word, status in STATUSES.items() if status not in ("resolved", "closed")
]


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the opening, comments, solution and rating of every issue, one row each."""
    tables = {file.name: table(file, careful=settings.careful) for file in files}
    agents = agents_of(pl.concat(tables.values()))
    return pl.concat([read_file(file, tables[file.name], agents, settings) for file in files])


def read_file(
    file: ExportFile, issues: pl.LazyFrame, agents: pl.LazyFrame, settings: ReadSettings
) -> pl.LazyFrame:
    """Return one file's rows: whether the month comes first is a matter of the file."""
    has_comments = comment_columns(file)
    answered = C("replied").is_not_null() & (not has_comments)
    rows = (
        pl.concat(
            [
                issues.select(
                    *KEPT,
                    *entry("opening", C("created"), text=pl.coalesce("description", "summary")),
                ),
                comments(issues),
                issues.filter(answered).select(*KEPT, *entry("answer", C("replied"))),
                issues.filter(
                    C("resolved").is_not_null() & ~C("state").str.to_lowercase().is_in(STILL_OPEN)
                ).select(*KEPT, *entry("solution", C("resolved"))),
                issues.filter(C("stars").is_not_null()).select(
                    *KEPT, *entry("rating", C("updated"))
                ),
            ]
        )
        .with_columns(in_doubt=in_doubt("stamp", given=settings.date_order))
        .with_columns(sent_at=local_instant("stamp", settings.time_zone, given=settings.date_order))
        .join(agents, on="account", how="left")
        .with_columns(author_role=role(settings.us))
        .with_columns(first_fault(faults(file, settings.time_zone)))
    )
    return rows.select(
        *GIVEN,
        *("conversation_id", "message_id", "sent_at", "author_role", "category", "tags", "text"),
        event().alias("event"),
        solution().alias("status"),
        grain=pl.lit("message" if has_comments else "milestone"),
        is_automated=(C("author_role") == "bot").fill_null(value=False),
        priority=C("level")
        .str.to_lowercase()
        .replace_strict(PRIORITIES, default=None, return_dtype=pl.String),
        agent=pl.when(C("kind") != "comment")
        .then("assignee")
        .when(C("author_role").is_in(["agent", "unknown"]))
        .then(pl.coalesce("agent_name", "account")),
        customer=pl.coalesce("reporter", "reporter_key"),
        rating=pl.when(C("kind") == "rating").then((number(C("stars")) - 1) / 4),
    )


KEPT: Final = (
    *GIVEN, "conversation_id", "state", "reporter", "reporter_key", "assignee", "level", "category",
    "stars", "tags",
)  # fmt: skip


def comment_columns(file: ExportFile) -> bool:
    """Return whether a file tells comments."""
    return any(normal(column) == "comment" for column in file.columns)


def table(file: ExportFile, *, careful: bool) -> pl.LazyFrame:
    """Return issues under names of our own, with their comments and labels as lists, null for none."""
    rows = scan(file, careful=careful)
    have: dict[str, list[str]] = {}
    for column in rows.collect_schema().names():
        have.setdefault(normal(REPEATED.sub("", column)), []).append(column)

    def every(header: str) -> pl.Expr:
        found = [filled(C(column)) for column in have.get(header, [])]
        cells = pl.concat_list(found).list.drop_nulls() if found else pl.lit([], LIST)
        return pl.when(cells.list.len() > 0).then(cells)

    own = {name: have.get(normal(header)) for name, header in COLUMNS.items()}
    nothing = pl.lit(None, pl.String)
    return rows.select(
        *GIVEN,
        *((filled(C(found[0])) if found else nothing).alias(name) for name, found in own.items()),
        comments=every("comment"),
        tags=every("labels"),
    ).with_columns(
        reporter_key=pl.coalesce("reporter_id", "reporter"),
        assignee_key=pl.coalesce("assignee_id", "assignee"),
    )


LIST: Final = pl.List(pl.String)


def entry(
    kind: str, stamp: pl.Expr, *, place: pl.Expr | None = None, text: pl.Expr | None = None
) -> list[pl.Expr]:
    """Return the columns every row of an issue has besides KEPT; `place` counts comments."""
    order = {"opening": "-0000", "answer": "-0001", "solution": "-s", "rating": "-t"}.get(kind, "-")
    name = [C("conversation_id"), pl.lit(order)]
    if place is not None:
        name.append(place.cast(pl.String).str.zfill(4))
    return [
        pl.lit(kind).alias("kind"),
        stamp.str.strip_chars().alias("stamp"),
        pl.concat_str(name).alias("message_id"),
        (C("account") if kind == "comment" else pl.lit(None, pl.String)).alias("account"),
        (pl.lit(None, pl.String) if text is None else text).alias("text"),
    ]


def comments(issues: pl.LazyFrame) -> pl.LazyFrame:
    """Return a row per comment, in the order of its columns; one that is not `date;account;text` has no
    stamp.
    """
    parts = C("cell").str.extract_groups(COMMENT).struct
    return (
        issues.filter(C("comments").is_not_null())
        .with_columns(place=pl.int_ranges(1, C("comments").list.len() + 1), cell=C("comments"))
        .explode("place", "cell")
        .with_columns(account=parts.field("2").str.strip_chars())
        .select(
            *KEPT,
            *entry(
                "comment",
                parts.field("1"),
                place=C("place"),
                text=pl.coalesce(parts.field("3"), "cell"),
            ),
        )
    )


def agents_of(issues: pl.LazyFrame) -> pl.LazyFrame:
    """Return the accounts issues are assigned to, with their names."""
    assigned = issues.select(account="assignee_key", agent_name="assignee").drop_nulls("account")
    return assigned.unique("account", keep="first", maintain_order=True)


def role(us: Us | None) -> pl.Expr:
    """Return who wrote a row: of comments by account, of everything else by what it is."""
    bots, agents = (us.bots, (*us.agents, *us.accounts)) if us else ((), ())
    return (
        pl.when(C("kind").is_in(["opening", "rating"]))
        .then(pl.lit("customer"))
        .when(C("kind") == "solution")
        .then(pl.lit("system"))
        .when(is_named(bots))
        .then(pl.lit("bot"))
        .when(C("account") == C("reporter_key"))
        .then(pl.lit("customer"))
        .when(is_named(agents) | C("agent_name").is_not_null())
        .then(pl.lit("agent"))
        .otherwise(pl.lit("unknown"))
    )


def is_named(words: Sequence[str]) -> pl.Expr:
    """Return whether an account, or the name it has as an assignee, is one of `words`."""
    known = [word.lower() for word in words]
    return pl.any_horizontal(
        C(name).str.to_lowercase().is_in(known).fill_null(value=False)
        for name in ("account", "agent_name")
    )


def event() -> pl.Expr:
    """Return the event of a row."""
    return (
        pl.when(C("kind") == "solution")
        .then(pl.lit("status"))
        .when(C("kind") == "rating")
        .then(pl.lit("rated"))
        .when(C("author_role") == "customer")
        .then(pl.lit("inbound"))
        .otherwise(pl.lit("outbound"))
    )


def solution() -> pl.Expr:
    """Return the status a solution led to: closed where that is what it is today."""
    today = C("state").str.to_lowercase().replace_strict(STATUSES, default="resolved")
    return pl.when(C("kind") == "solution").then(today)


def faults(file: ExportFile, time_zone: str | None) -> list[Fault]:
    """Return the rules of an issue and its comments."""
    has_ids = any(normal(column) == "reporter id" for column in file.columns)
    is_comment, stamp = C("kind") == "comment", C("stamp")
    stranger = is_comment & C("account").str.contains(ACCOUNT_ID) & pl.lit(not has_ids)
    found = [
        missing("Issue key", C("conversation_id")),
        Fault("Comment: not date;account;text", is_comment & stamp.is_null(), C("text")),
        Fault("Comment: an account id, export Reporter Id too", stranger, C("account")),
    ]
    stars = number(C("stars"))
    found.append(
        Fault(
            "Satisfaction rating: not 1 to 5",
            ~stars.is_between(1, 5).fill_null(value=False) & (C("kind") == "rating"),
            C("stars"),
        )
    )
    for kind, label in LABELS.items():
        is_kind = C("kind") == kind
        rules = [
            missing(label, stamp),
            Fault(
                f"{label}: no offset, set time_zone",
                stamp.is_not_null() & (time_zone is None),
                stamp,
            ),
            Fault(f"{label}: {NO_ORDER}", C("in_doubt"), stamp),
            *instant_faults(label, stamp, C("sent_at")),
        ]
        found += [replace(rule, bad=rule.bad & is_kind) for rule in rules]
    return found
