"""Measure reading nested JSON against loops that decode it, and print the ratios.

    python benchmarks/nested.py [--conversations 20000] [--rounds 5] [--sample] [SOURCE ...]

The data are those of `tickets.py`, for Zendesk and Intercom; with `--sample` the records of `sample_exports/SOURCE` instead, which are short, each
written again and again under other ids. Two loops decode every line as the msgspec types the reader itself uses: one
keeps nothing, the other keeps every message and change in lists, and makes one table of them. The reader gives
the whole frame: roles, channels, statuses, tables joined. All run in one process in turn, and processor time is
measured; each ratio is taken within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000,muzzy_decay_ms:10000")

import msgspec
import polars as pl
import tickets

from kpiaudit.exports.discovery import discover
from kpiaudit.readers import (
    chatwoot_json,
    helpscout_json,
    intercom_json,
    intercom_tables,
    jira_json,
    zammad_json,
    zendesk_entries,
    zendesk_tables,
)
from kpiaudit.readers.intercom_columns import parts_of
from kpiaudit.sources import shipped
from kpiaudit.sources.base import ReadSettings

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from kpiaudit.decoding.chunks import Part
    from kpiaudit.sources.base import Claim

HERE: Final = Path(__file__).parent
SAMPLES: Final = HERE.parent / "sample_exports"
ID: Final = re.compile(r'("(?:id|ticket_id|conversation_id|requester_id)": )("?)(\d+)("?)')
PARTS: Final[Mapping[str, Mapping[str, Part[Any]]]] = {
    "zendesk_json": zendesk_entries.parts_for(zendesk_tables.Tables(text=False)),
    "intercom_json": intercom_json.parts_for(intercom_tables.Tables(text=False)),
    "helpscout_json": helpscout_json.parts_for(helpscout_json.Tables(text=False)),
    "chatwoot_json": chatwoot_json.parts_for(chatwoot_json.Tables(text=False)),
    "zammad_json": {name: part for name, (_, part) in zammad_json.parts_for(text=False).items()},
    "jira_json": {"issues": jira_json.part_for(jira_json.Tables(text=False))},
}
KINDS: Final = {
    source: {name: part.kind for name, part in parts.items()} for source, parts in PARTS.items()
}
KEPT: Final = ("conversation", "id", "at", "kind", "author", "field", "value")


def realistic(source: str, conversations: int) -> Path:
    """Write so many conversations as large as real ones; kept between runs."""
    folder = HERE / "data" / f"{source}_{conversations}_conversations"
    if not folder.exists():
        tickets.write(source, conversations, folder)
    return folder


def repeated(source: str, records: int) -> Path:
    """Write the records of a sample under ever other ids, so many of each file; kept between runs."""
    folder = HERE / "data" / f"{source}_{records}"
    if folder.exists():
        return folder
    folder.mkdir(parents=True)
    for file in sorted((SAMPLES / source).iterdir()):
        text = file.read_text(encoding="utf-8")
        try:
            found = json.loads(text)
        except json.JSONDecodeError:
            found = [json.loads(line) for line in text.splitlines() if line.strip()]
        if isinstance(found, dict):
            found = next((some for some in found.values() if isinstance(some, list)), [])
        lines = [json.dumps(record) for record in found]
        if lines:
            with (folder / f"{file.stem}.ndjson").open("w", encoding="utf-8") as out:
                for number in range(max(1, records // len(lines))):
                    out.writelines(numbered(line, number) + "\n" for line in lines)
    return folder


def numbered(line: str, number: int) -> str:
    """Return a record with every id made longer by a number."""
    return ID.sub(lambda found: f"{found[1]}{found[2]}{found[3]}{number:05}{found[4]}", line)


def decoded(claim: Claim, kinds: Mapping[str, type[Any]]) -> Iterator[tuple[str, Any]]:
    """Yield every record that can be decoded, and the part of the export it is of."""
    for file in claim.files:
        decoder = msgspec.json.Decoder(kinds[file.part])
        with file.path.open("rb") as lines:
            for line in lines:
                with suppress(msgspec.ValidationError):
                    yield file.part, decoder.decode(line)


def decode(claim: Claim, kinds: Mapping[str, type[Any]]) -> int:
    """Decode every line, and count those that could be."""
    count = 0
    for file in claim.files:
        decoder = msgspec.json.Decoder(kinds[file.part])
        with file.path.open("rb") as lines:
            for line in lines:
                try:
                    decoder.decode(line)
                    count += 1
                except msgspec.ValidationError:
                    pass
    return count


def keep(claim: Claim, kinds: Mapping[str, type[Any]]) -> int:
    """Decode every line, keep its messages and changes as one table, and count its rows."""
    lists: list[list[Any]] = [[] for _ in KEPT]
    conversation, name, at, kind, author, field, value = (some.append for some in lists)
    for part, record in decoded(claim, kinds):
        if part == "audits":
            key, when, who = str(record.ticket_id), record.created_at, record.author_id
            for event in record.events:
                if event.type in {"Comment", "Create", "Change"}:
                    conversation(key)
                    name(str(event.id))
                    at(when)
                    kind(event.type)
                    author(str(event.author_id or who))
                    field(event.field_name)
                    value(str(event.value))
        elif part in {"conversations", "old conversations"}:
            key = str(record.id)
            for some in parts_of(record.conversation_parts) or ():
                conversation(key)
                name(str(some.id))
                at(str(some.created_at))
                kind(some.part_type)
                author(str(some.author.id) if some.author else None)
                field(some.author.type if some.author else None)
                value(None if some.assigned_to is None else str(some.assigned_to))
    return pl.DataFrame(
        dict(zip(KEPT, lists, strict=True)), schema=dict.fromkeys(KEPT, pl.String)
    ).height


def read(claim: Claim) -> int:
    """Read the whole frame, and count its rows."""
    return claim.source.read(claim.files, ReadSettings()).collect().height


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="*", metavar="SOURCE")
    parser.add_argument("--conversations", type=int, default=20_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--sample", action="store_true", help="records of the sample instead")
    given = parser.parse_args()
    for source in given.source or (KINDS if given.sample else tickets.SERVICES):
        write = repeated if given.sample else realistic
        folder = write(source, given.conversations)
        (claim,) = discover([str(folder)], shipped(), keep_going=True).claims
        loops = (
            {"decodes": decode, "keeps": keep}
            if source in tickets.SERVICES
            else {"decodes": decode}
        )
        measured: dict[str, list[float]] = {name: [] for name in loops}
        rows = 0
        for _ in range(given.rounds):
            spent = [time.process_time()]
            for work in loops.values():
                work(claim, KINDS[source])
                spent.append(time.process_time())
            rows = read(claim)
            took = time.process_time() - spent[-1]
            for name, start, end in zip(measured, spent, spent[1:], strict=False):
                measured[name].append(took / (end - start))
        size = sum(file.path.stat().st_size for file in claim.files) >> 20
        told = "; ".join(
            f"{statistics.median(some):.1f} ({min(some):.1f} to {max(some):.1f}) of a loop that {name}"
            for name, some in measured.items()
        )
        print(f"{source}: {size:,} MiB, {rows:,} rows; read / loop: {told}")


if __name__ == "__main__":
    main()
