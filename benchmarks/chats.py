"""Measure reading a chat of any length, and print how memory grows with it.

    python benchmarks/chats.py [--megabytes 100] [--form whatsapp]

Each form of chat is written in two sizes, one ten times the other, with the same number of bytes to a
message. Two whole processes go through both: one takes the columns a report needs and does nothing with
them, the other is `kpiaudit report`. Printed are seconds, peak memory, and what ten times the text adds to it:
in all, and for every message more. Text that were held would add all its bytes.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

from processes import measured

DATA = Path(__file__).parent / "data"
MIB = 1 << 20
MB = 1_000_000
FOLD = 10
START = datetime(2020, 1, 1, tzinfo=UTC)
WORDS = [
    "the", "tent", "is", "late", "and", "wet", "but", "we", "can", "send", "another", "one", "by",
    "monday", "thanks", "for", "asking", "again", "about", "sizes", "colours",
]  # fmt: skip
TEXTS = 2_000
NAMES = {"whatsapp": "WhatsApp Chat with Rita.txt", "telegram": "result.json"}
POLICY = """time_zone = "Europe/Berlin"
[[sla]]
name = "first"
metric = "first_response"
target = "1h"
goal = "90%"
[us]
agents = ["Fernweh"]
"""
READER = """
import sys
from dataclasses import replace
from pathlib import Path
from kpiaudit.exports.looking import look
from kpiaudit.sources import whatsapp_chat, telegram_json
from kpiaudit.sources.base import ReadSettings
path = Path(sys.argv[1])
source = {".txt": whatsapp_chat, ".json": telegram_json}[path.suffix].SOURCE
file = replace(look(path, path.name), part="chats")
frame = source.read([file], ReadSettings(time_zone="Europe/Berlin")).drop("text", "export")
print(frame.collect(engine="streaming").height)
"""


def said(chance: random.Random) -> Iterator[tuple[datetime, str, str]]:
    """Yield messages of two people, for ever."""
    texts = [" ".join(chance.choices(WORDS, k=chance.randint(5, 30))) for _ in range(TEXTS)]
    at = START
    while True:
        at += timedelta(seconds=chance.randint(1, 60))
        yield at, chance.choice(("Rita", "Fernweh")), chance.choice(texts)


def whatsapp(chance: random.Random) -> Iterator[str]:
    """Yield the lines of a chat as Android writes them."""
    for at, author, text in said(chance):
        yield f"{at:%d/%m/%Y, %H:%M} - {author}: {text}\n"


def telegram(chance: random.Random) -> Iterator[str]:
    r"""Yield the pieces of a chat as Telegram Desktop writes it, a record in a thousand with its `\x1F`."""
    yield '{\n "name": "Rita",\n "type": "personal_chat",\n "id": 4400,\n "messages": [\n'
    for number, (at, author, text) in zip(count(1), said(chance)):
        record = {
            "id": number,
            "type": "message",
            "date": f"{at:%Y-%m-%dT%H:%M:%S}",
            "date_unixtime": str(int(at.timestamp())),
            "from": author,
            "from_id": "user22" if author == "Fernweh" else "user11",
            "text": text + ("MARK" if number % 1000 == 0 else ""),
            "text_entities": [],
        }
        lines = json.dumps(record, indent=1).replace("\n", "\n  ").replace("MARK", r"\x1F")
        yield ("  " if number == 1 else ",\n  ") + lines


def written(form: str, size: int) -> Path:
    """Write a chat of so many bytes or a few more; kept between runs."""
    path = DATA / f"{form}_{size}" / NAMES[form]
    if path.exists():
        return path
    path.parent.mkdir(parents=True, exist_ok=True)
    length = 0
    with path.open("w", encoding="ascii", newline="\n") as file:
        for piece in {"whatsapp": whatsapp, "telegram": telegram}[form](random.Random(8)):
            length += file.write(piece)
            if length >= size:
                break
        if form == "telegram":
            file.write("\n ]\n}\n")
    return path


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--megabytes", type=int, default=100, help="of the smaller chat")
    parser.add_argument("--form", choices=sorted(NAMES), action="append")
    given = parser.parse_args()
    DATA.mkdir(exist_ok=True)
    policy = DATA / "chats.toml"
    policy.write_text(POLICY, "utf-8")
    print("| chat | MB | messages | program | seconds | of the processor | peak MiB |")
    print("|---|---|---|---|---|---|---|")
    growth = []
    for form in given.form or sorted(NAMES):
        paths = [written(form, given.megabytes * MB * fold) for fold in (1, FOLD)]
        peaks: dict[str, list[float]] = {"reader": [], "report": []}
        messages = []
        for path in paths:
            read = measured("-c", READER, path)
            report = measured("-m", "kpiaudit", "report", path, "-c", policy, "--quiet")
            messages.append(int(read[3]))
            for program, (wall, cpu, peak, _) in zip(peaks, (read, report), strict=True):
                peaks[program].append(peak)
                size = path.stat().st_size / MB
                print(
                    f"| {form} | {size:,.0f} | {messages[-1]:,} | {program} | {wall:.1f} | {cpu:.1f} | {peak:,.0f} |"
                )
        more, text = messages[1] - messages[0], paths[1].stat().st_size - paths[0].stat().st_size
        growth += [
            f"{form}, {program}: {high / low:.1f} times the memory for {FOLD} times the text, "
            f"{(high - low) * MIB / more:.0f} bytes more for each message more, of {text / more:.0f} bytes"
            for program, (low, high) in peaks.items()
        ]
    print("", *growth, sep="\n")


if __name__ == "__main__":
    main()
