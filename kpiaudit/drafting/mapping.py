"""Draft the mapping of tables no source claims: a commented part of kpiaudit.toml for a person to check."""

from __future__ import annotations

import glob
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

import polars as pl

from kpiaudit.authors import DOMAIN
from kpiaudit.decoding.stamps import first_rows
from kpiaudit.drafting.drafted import Mapped, quoted
from kpiaudit.drafting.guesses import Column, Guess, guess_all

if TYPE_CHECKING:
    from kpiaudit.sources.base import ExportFile

C = pl.col
MOST_ROWS = 100_000
SHOWN = 8
LIKE = 0.6
ANYBODYS = (
    "gmail.",
    "yahoo.",
    "hotmail.",
    "outlook.",
    "icloud.",
    "gmx.",
    "web.de",
    "aol.",
    "live.",
)
ORDER = (
    "conversation_id", "message_id", "sent_at", "event", "author", "channel", "priority", "status",
    "team", "agent", "customer", "category", "tags", "text",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Draft:
    """One `[sources.NAME]`: the files it reads and what their columns were taken for."""

    name: str
    pattern: str
    files: tuple[ExportFile, ...]
    guesses: dict[str, Guess]
    left: tuple[Column, ...]
    writers: pl.DataFrame
    """`conversation, at, author` of every row, null where nothing was taken for it."""
    instance: str


def draft_mappings(
    files: Sequence[ExportFile],
    *,
    taken: Sequence[str] = (),
    claimed: Sequence[ExportFile] = (),
) -> Mapped:
    """Return what maps these files, with a comment wherever a person decides.

    `taken` are names no mapping may have, `claimed` files it may not match.
    """
    drafts: list[Draft] = []
    undrafted: list[str] = []
    for group in alike(files):
        every = list(dict.fromkeys(column for file in group for column in file.columns))
        wanted = every if len(group) > 1 and group[0].kind != "csv" else None
        tables = [first_rows(file, MOST_ROWS, columns=wanted) for file in group]
        table = pl.concat(tables, how="diagonal")
        guesses, left = guess_all(table) if table.height else ({}, [])
        if "sent_at" not in guesses:
            undrafted += [file.name for file in group]
            continue
        for some, pattern in globs(group, [*files, *claimed]):
            name = named(some, [*taken, *(draft.name for draft in drafts)])
            writers = who_wrote(table, guesses)
            drafts.append(Draft(name, pattern, tuple(some), guesses, tuple(left), writers, name))
    drafts = with_instances(drafts)
    stamps = [draft.guesses["sent_at"].column.stamps for draft in drafts]
    asked = [draft for draft in drafts if "author" in draft.guesses]
    us, writers_told = us_proposed(asked) if asked else ({}, "")
    return Mapped(
        sections=tuple(map(section, drafts)),
        undrafted=tuple(undrafted),
        needs_zone=any(how is not None and not how.is_aware for how in stamps),
        us=us,
        writers=writers_told,
    )


def alike(files: Sequence[ExportFile]) -> list[list[ExportFile]]:
    """Return the files in groups that share their columns, JSON records most of their keys."""
    groups: list[list[ExportFile]] = []
    for file in files:
        for group in groups:
            one, two = set(group[0].columns), set(file.columns)
            is_table = file.kind == "csv"
            is_same = one == two if is_table else len(one & two) >= LIKE * min(len(one), len(two))
            if group[0].kind == file.kind and group[0].records == file.records and is_same:
                group.append(file)
                break
        else:
            groups.append([file])
    return groups


def globs(
    group: Sequence[ExportFile], files: Sequence[ExportFile]
) -> Iterator[tuple[Sequence[ExportFile], str]]:
    """Yield the pattern that matches a group and no other file; one for each file where none does."""
    names = [file.base_name for file in group]
    start, end = ends(names)
    pattern = glob.escape(start) + "*" + glob.escape(end)
    others = [file.base_name for file in files if file not in group]
    if len(group) == 1:
        yield group, glob.escape(names[0])
    elif not any(fnmatch(name, pattern) for name in others):
        yield group, pattern
    else:
        for file in group:
            yield [file], glob.escape(file.base_name)


def named(group: Sequence[ExportFile], taken: Sequence[str]) -> str:
    """Return a name for a mapping, from the letters its files' names share."""
    shared = " ".join(ends([PurePosixPath(file.base_name).stem for file in group]))
    words = re.findall(r"[a-z]+", shared.lower()) or ["export"]
    name = "_".join(dict.fromkeys(words))[:40].strip("_")
    free = (f"{name}_{number}" for number in range(2, len(taken) + 3))
    return name if name not in taken else next(other for other in free if other not in taken)


def ends(names: Sequence[str]) -> tuple[str, str]:
    """Return how all names begin, and how the rest of each ends."""
    least, most = min(names), max(names)
    pairs = enumerate(zip(least, most, strict=False))
    size = next((at for at, (a, b) in pairs if a != b), min(len(least), len(most)))
    rests = [name[size:][::-1] for name in names]
    least, most = min(rests), max(rests)
    pairs = enumerate(zip(least, most, strict=False))
    tail = next((at for at, (a, b) in pairs if a != b), min(len(least), len(most)))
    return names[0][:size], rests[0][:tail][::-1]


def who_wrote(table: pl.DataFrame, guesses: dict[str, Guess]) -> pl.DataFrame:
    """Return `conversation, at, author` of a table's rows, `at` as text: it orders rows of one form."""

    def column(target: str) -> pl.Expr:
        found = guesses.get(target)
        return C(found.column.name) if found else pl.lit(None, pl.String)

    return table.select(
        conversation=column("conversation_id"), at=column("sent_at"), author=column("author")
    )


def with_instances(drafts: Sequence[Draft]) -> list[Draft]:
    """Return the drafts, one system for those that tell of the same conversations."""
    found: list[Draft] = []
    for draft in drafts:
        mine = set(draft.writers["conversation"].drop_nulls())
        instance = draft.instance
        for other in found:
            theirs = set(other.writers["conversation"].drop_nulls())
            if mine and theirs and len(mine & theirs) * 5 >= min(len(mine), len(theirs)):
                instance = other.instance
                break
        found.append(replace(draft, instance=instance))
    return found


def section(draft: Draft) -> str:
    """Return one mapping."""
    lines = [f"[sources.{draft.name}]", f"files = {quoted(draft.pattern)}"]
    if draft.instance != draft.name:
        lines.append(f"instance = {quoted(draft.instance)}  # it tells of the same conversations")
    lines += ["", f"[sources.{draft.name}.columns]"]
    for target in ORDER:
        lines += mapped(target, draft)
    if draft.left:
        lines.append(f"# not mapped: {', '.join(quoted(column.name) for column in draft.left)}")
    return "\n".join(lines)


def mapped(target: str, draft: Draft) -> Iterator[str]:
    """Yield the lines for one column of messages: the mapping and what a person decides about it."""
    guess = draft.guesses.get(target)
    if guess is None:
        yield from instead(target, draft)
    elif target == "sent_at":
        yield from sent_at(guess)
    elif target == "status" and "status" not in draft.guesses.get("event", guess).values.values():
        yield f"# {quoted(guess.column.name)} holds statuses: they count in rows whose event is status"
    elif guess.values:
        yield from vocabulary(target, guess)
    elif target == "tags":
        marks = Counter(
            mark for mark in ";,|" if guess.column.values.str.contains(mark, literal=True).any()
        )
        mark = next(iter(marks), ";")
        separator = f", separator = {quoted(mark)}" if mark != ";" else ""
        yield f"tags = {{ column = {quoted(guess.column.name)}{separator} }}"
    else:
        if target == "conversation_id" and guess.column.is_unique and draft.instance == draft.name:
            yield "# decide: no value repeats, so every row is a conversation of its own"
        if target == "author" and guess.column.filled < 1:
            yield f"# decide: {1 - guess.column.filled:.1%} of the rows name nobody, and are refused"
        yield f"{target} = {quoted(guess.column.name)}"


def instead(target: str, draft: Draft) -> Iterator[str]:
    """Yield the lines for a column of messages nothing was found for, where it cannot be left out."""
    if target == "conversation_id":
        yield "# decide: no column names conversations; all rows are taken for one"
        yield f"conversation_id = {{ constant = {quoted(draft.name)} }}"
    elif target == "event" and "author" not in draft.guesses:
        yield "# decide: no column tells directions; every row is taken for a customer's message"
        yield 'event = { constant = "inbound" }'
    elif target == "channel":
        yield "# decide: email, form, chat, social, messaging, sms, voice, review, forum or other"
        yield 'channel = { constant = "other" }'


def sent_at(guess: Guess) -> Iterator[str]:
    """Yield the mapping of the instant, its form explicit."""
    how = guess.column.stamps
    column = quoted(guess.column.name)
    if how is None or how.form is None:
        yield f"sent_at = {column}"
        return
    zone = f', time_zone = "{how.zone}"' if how.zone else ""
    if how.other is not None:
        yield f"# decide: day or month first? no value tells; the other is format = {quoted(how.other)}"
    yield f"sent_at = {{ column = {column}, format = {quoted(how.form)}{zone} }}"


def vocabulary(target: str, guess: Guess) -> Iterator[str]:
    """Yield the mapping of a column of few words, and those that have no meaning yet."""
    refused = (
        "is taken over as it is"
        if target == "status"
        else "its rows are refused until it is listed"
    )
    for word, rows in guess.unknown:
        yield f"# decide: {quoted(word)} ({rows:,} rows) is no known {target}; {refused}"
    pairs = ", ".join(f"{quoted(theirs)} = {quoted(ours)}" for theirs, ours in guess.values.items())
    yield f"{target} = {{ column = {quoted(guess.column.name)}, values = {{ {pairs} }} }}"


def us_proposed(drafts: Sequence[Draft]) -> tuple[dict[str, list[str]], str]:
    """Return `[us]`, who answers others' conversations, a domain where addresses tell one; and who wrote
    most rows.
    """
    rows = pl.concat(
        [draft.writers.with_columns(instance=pl.lit(draft.instance)) for draft in drafts]
    ).filter(C("author").is_not_null())
    key = ["instance", "conversation"]
    first = C("author").sort_by("at").first().over(key)
    each = rows.with_columns(answers=(C("author") != first).fill_null(value=False))
    writers = (
        each.group_by("author")
        .agg(rows=pl.len(), answers=C("answers").sum())
        .sort("answers", "rows", "author", descending=[True, True, False])
    )
    ours = writers.filter((C("answers") > 0) & (2 * C("answers") >= C("rows")))
    likely = (ours if ours.height else writers).head(SHOWN)
    domains = domains_of(likely)
    shown = ", ".join(
        f"{quoted(name)} ({count})"
        for name, count in writers.sort("rows", "author", descending=[True, False])
        .head(SHOWN)
        .select("author", "rows")
        .iter_rows()
    )
    us = {"domains": domains} if domains else {"agents": likely["author"].to_list()}
    return us, shown


def domains_of(likely: pl.DataFrame) -> list[str]:
    """Return the one domain most likely writers of ours have, unless anybody may have it."""
    found = likely.select(domain=C("author").str.to_lowercase().str.extract(DOMAIN), rows=C("rows"))
    counts = found.drop_nulls().group_by("domain").agg(C("rows").sum())
    counts = counts.sort("rows", "domain", descending=[True, False])
    own = [name for name in counts["domain"] if not name.startswith(ANYBODYS)]
    return own[:1] if found.height and found["domain"].null_count() == 0 else []
