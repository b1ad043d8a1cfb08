"""What to say of a file no source claims: which sources come near, and what it lacks of each."""

from __future__ import annotations

from collections.abc import Sequence

from kpiaudit.errors import ExportError, some
from kpiaudit.sources.base import ExportFile, Source, normal

ANYBODYS_COLUMNS = frozenset(
    {"id", "name", "email", "date", "type", "status", "text", "title", "url", "tags", "content",
     "created", "updated", "created_at", "updated_at", "description", "subject", "user", "user_id"}
)  # fmt: skip
REFUSED = (
    (
        frozenset({"subject", "body", "from: (name)", "from: (address)", "from: (type)"}),
        "is Outlook's CSV, which has no dates: no time can be computed from it",
        "export the folder as PST and convert it to mbox, drag messages out as .eml, or take Exchange's message trace",
    ),
    (
        frozenset({"comment id", "channel id", "comment create timestamp", "comment text"}),
        "is YouTube's Takeout of your own comments: what others wrote, and when, is not in it",
        "save commentThreads with replies from the YouTube Data API and map them, or export the help desk",
    ),
    (
        frozenset({"permalink", "subreddit", "gildings", "body"}),
        "is Reddit's list of your own posts or comments: what they answer is not in it",
        "save whole threads from Reddit's API and map them; messages.csv and chat_history.csv hold both sides",
    ),
    (
        frozenset({"id", "timestamp", "contents", "attachments"}),
        "is a Discord data package, which holds your own messages only",
        "export the channels with DiscordChatExporter, as JSON or CSV",
    ),
)
"""What is known and cannot be read: its columns, lower case, why, and what to export instead."""
NEAR, FEWEST = 0.5, 2


def nobody_claims(file: ExportFile, sources: Sequence[Source]) -> ExportError:
    """Return the error for a file no source claims: the nearest ones and what it lacks of each."""
    have = {normal(column) for column in file.columns}
    for columns, reason, advice in REFUSED:
        if columns <= have:
            return ExportError(reason, where=file.name, hint=advice)
    near = nearest_shapes(file, sources)
    if near:
        hints = [f"{name} lacks {some(sorted(lacks), 5)}" for name, lacks in near[:2]]
        hint = f"nearest: {'; '.join(hints)}; or draft a mapping with `kpiaudit init FILE`"
    else:
        shown = some(leaves(file.columns), 6) or "none"
        hint = f"its columns are {shown}; draft a mapping with `kpiaudit init FILE`"
    return ExportError("no source claims this file", where=file.name, hint=hint)


def leaves(columns: Sequence[str]) -> list[str]:
    """Return the columns that hold no other, as `entries` does `entries.id`."""
    holders = {column[:at] for column in columns for at in dots(column)}
    return [column for column in columns if column not in holders]


def dots(column: str) -> list[int]:
    """Return where the dots of a nested column's name stand."""
    return [at for at, letter in enumerate(column) if letter == "."]


def nearest_shapes(file: ExportFile, sources: Sequence[Source]) -> list[tuple[str, frozenset[str]]]:
    """Return the sources whose best shape a file has at least half of, and what it lacks, nearest first.

    What any table may have, such as `id`, does not count alone.
    """
    near = []
    for source in sources:
        shares = []
        for shape in source.shapes.values():
            lacks = shape.lacks(file)
            has = shape.columns - lacks if lacks else frozenset()
            if lacks and {normal(column) for column in has} - ANYBODYS_COLUMNS:
                shares.append((len(has) / len(shape.columns), len(has), lacks))
        if shares:
            share, count, lacks = max(shares, key=lambda found: found[:2])
            if share >= NEAR and count >= FEWEST:
                near.append((-share, -count, source.name, lacks))
    return [(name, lacks) for _, _, name, lacks in sorted(near, key=lambda found: found[:3])]
