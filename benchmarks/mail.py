"""Measure reading a mailbox against the standard library's `mailbox`, and print the ratio.

    python benchmarks/mail.py [--messages 100000] [--rounds 3]

Both programs are whole processes that go through the same mbox in turn. `mailbox` looks at the headers a
thread is made of and parses every date; kpiaudit gives the whole frame: roles, automatic mail, threads. Both
print how many messages there are and a checksum of ids and dates, which must agree. Peak memory is told
for the same messages with bodies ten times as long, too.
"""

from __future__ import annotations

import argparse
import random
import statistics
from pathlib import Path

from processes import measured

DATA = Path(__file__).parent / "data"
STANDARD = """
import mailbox, sys, zlib
from email.utils import parsedate_to_datetime
count = check = 0
for message in mailbox.mbox(sys.argv[1]):
    own, _, _, _, _ = (message[name] for name in ("message-id", "from", "to", "references", "subject"))
    at = int(parsedate_to_datetime(message["date"]).timestamp())
    count, check = count + 1, check + zlib.crc32(f"{own.strip('<>')} {at}".encode())
print(count, check)
"""
KPIAUDIT = """
import sys, zlib
from pathlib import Path
from kpiaudit.exports.looking import look
from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.mbox import SOURCE
path = Path(sys.argv[1])
file = look(path, path.name)
frame = SOURCE.read([file], ReadSettings(us=Us(domains=("fernweh.example",)))).collect()
check = 0
for own, at in zip(frame["message_id"], frame["sent_at"].dt.epoch("s"), strict=True):
    check += zlib.crc32(f"{own} {at}".encode())
print(frame.height, check)
"""
HOPS, SIGNATURE, LINE = (
    3,
    6,
    "The seam of my tent leaks, and the third pole is bent out of shape.\n",
)


def written(path: Path, messages: int, lines: int) -> Path:
    """Write a box of threads of four messages, with the headers mail has today; kept between runs."""
    if path.exists():
        return path
    path.parent.mkdir(exist_ok=True)
    chance = random.Random(8)
    with path.open("w", encoding="ascii") as box:
        for number in range(messages):
            box.write(message(number, chance, lines))
    return path


def message(number: int, chance: random.Random, lines: int) -> str:
    """Return one message after its envelope."""
    at, first = number % 86_400, number - number % 4
    clock = f"{at // 3600:02}:{at // 60 % 60:02}:{at % 60:02}"
    day = 1 + number // 86_400 % 28
    hops = "".join(
        f"Received: from mx{hop}.example.net (mx{hop}.example.net [192.0.2.{hop}])\n"
        f"\tby mail.fernweh.example (Postfix) with ESMTPS id {chance.getrandbits(40):X}\n"
        f"\tfor <support@fernweh.example>; Tue, {day} Sep 2026 {clock} +0000 (UTC)\n"
        for hop in range(HOPS)
    )
    signed = "".join(f"        {chance.getrandbits(256):064x}\n" for _ in range(SIGNATURE))
    ours = number % 2 == 1
    customer, desk = f"C{first} <c{first}@example.net>", "Desk <support@fernweh.example>"
    answered = "".join(f"\n <m{earlier}@example.net>" for earlier in range(first, number))
    refers = (
        f"In-Reply-To: <m{number - 1}@example.net>\nReferences:{answered}\n" if answered else ""
    )
    text = LINE * chance.randint(lines // 2, lines * 3 // 2)
    return (
        f"From someone@example.net Tue Sep {day:2} {clock} 2026\n"
        f"Return-Path: <someone@example.net>\nDelivered-To: support@fernweh.example\n{hops}"
        f"DKIM-Signature: v=1; a=rsa-sha256; c=relaxed/relaxed; d=example.net; s=2026;\n{signed}"
        f"MIME-Version: 1.0\nDate: Tue, {day} Sep 2026 {clock} +0000\n"
        f"Message-ID: <m{number}@example.net>\n{refers}"
        f"Subject: {'Re: ' if answered else ''}Tent {first}\n"
        f"From: {desk if ours else customer}\nTo: {customer if ours else desk}\n"
        'Content-Type: multipart/alternative; boundary="a-part"\n\n'
        f"--a-part\nContent-Type: text/plain; charset=utf-8\n\nHello,\n\n{text}\n"
        f"--a-part\nContent-Type: text/html; charset=utf-8\n\n<p>Hello,</p><p>{text}</p>\n--a-part--\n\n"
    )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    short = written(DATA / f"mail_{given.messages}.mbox", given.messages, 15)
    long = written(DATA / f"mail_{given.messages}_long.mbox", given.messages, 150)
    walls, cpus = [], []
    for _ in range(given.rounds):
        ours, theirs = measured("-c", KPIAUDIT, short), measured("-c", STANDARD, short)
        if ours[3] != theirs[3]:
            raise SystemExit(f"not the same messages: {ours[3]} and {theirs[3]}")
        walls.append(theirs[0] / ours[0])
        cpus.append(theirs[1] / ours[1])
    large = measured("-c", KPIAUDIT, long)
    size = 1 << 20
    print(f"{given.messages:,} messages, {short.stat().st_size / size:,.0f} MiB")
    print(
        f"mailbox / kpiaudit: {statistics.median(walls):.1f} by the clock ({min(walls):.1f} to {max(walls):.1f})"
    )
    print(f"mailbox / kpiaudit: {statistics.median(cpus):.1f} by the processor; the goal is 5")
    print(
        f"peak memory: {ours[2]:.0f} MiB; {large[2]:.0f} MiB for {long.stat().st_size / size:,.0f} MiB"
    )


if __name__ == "__main__":
    main()
