"""Measure reading nested JSON against a loop that only decodes it, and print the ratio.

    python benchmarks/nested.py [--records 100000] [--rounds 5] [SOURCE ...]

The data are the records of `sample_exports/SOURCE`, each written again and again under other ids, one a line.
The loop decodes every line as the msgspec types the reader itself uses, and keeps nothing; the reader gives
the whole frame: roles, channels, statuses, tables joined. Both run in one process in turn, and processor
time is measured; each ratio is taken within a round.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import statistics
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

os.environ.setdefault("_RJEM_MALLOC_CONF", "dirty_decay_ms:10000,muzzy_decay_ms:10000")

import msgspec

from kpiaudit.exports.discovery import discover
from kpiaudit.readers import intercom_json, intercom_tables, zendesk_entries, zendesk_tables
from kpiaudit.sources import shipped
from kpiaudit.sources.base import ReadSettings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from kpiaudit.sources.base import Claim

HERE: Final = Path(__file__).parent
SAMPLES: Final = HERE.parent / "sample_exports"
ID: Final = re.compile(r'("(?:id|ticket_id|conversation_id|requester_id)": )("?)(\d+)("?)')
KINDS: Final[Mapping[str, Mapping[str, type[Any]]]] = {
    "zendesk_json": {
        name: part.kind
        for name, part in zendesk_entries.parts_for(zendesk_tables.Tables(text=False)).items()
    },
    "intercom_json": {
        name: part.kind
        for name, part in intercom_json.parts_for(intercom_tables.Tables(text=False)).items()
    },
}


def written(source: str, records: int) -> Path:
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


def read(claim: Claim) -> int:
    """Read the whole frame, and count its rows."""
    return claim.source.read(claim.files, ReadSettings()).collect().height


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source", nargs="*", default=list(KINDS), metavar="SOURCE")
    parser.add_argument("--records", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    for source in given.source:
        folder = written(source, given.records)
        (claim,) = discover([str(folder)], shipped(), keep_going=True).claims
        ratios, records, rows = [], 0, 0
        for _ in range(given.rounds):
            began = time.process_time()
            records = decode(claim, KINDS[source])
            between = time.process_time()
            rows = read(claim)
            ratios.append((time.process_time() - between) / (between - began))
        size = sum(file.path.stat().st_size for file in claim.files) >> 20
        print(
            f"{source}: {records:,} records, {size:,} MiB, {rows:,} rows; read / typed decode loop: "
            f"{statistics.median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f})"
        )


if __name__ == "__main__":
    main()
