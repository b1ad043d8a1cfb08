"""What is held of a long chat: a few bytes of each message, and none of its text."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from audits import written

from kpiaudit.pipeline import read
from kpiaudit.settings import DEFAULT_SETTINGS, Us

START = datetime(2026, 1, 1, tzinfo=UTC)
SETTINGS = replace(
    DEFAULT_SETTINGS, us=Us(agents=("Fernweh",)), time_zone="UTC", date_order="day_first"
)
MANY = 100_000
TEXT = "the tent is wet " * 25
MIB = 1 << 20
POLICY = 'time_zone = "UTC"\ndate_order = "day_first"\n[us]\nagents = ["Fernweh"]\n'
PEAK = """
import sys
from pathlib import Path
sys.argv = ["kpiaudit", *sys.argv[1:]]
sys.stdout = open("/dev/null", "w")
import kpiaudit.__main__ as program
program.leave = lambda code: None
program.main()
status = Path("/proc/self/status").read_text()
print(status.partition("VmHWM:")[2].split()[0], file=sys.stderr)
"""


def said(number: int) -> tuple[datetime, str]:
    return START + timedelta(minutes=number * 7 // 2), "Fernweh" if number % 3 else "Rita"


def whatsapp(messages: int, text: str = "hi") -> str:
    told = map(said, range(messages))
    return "".join(f"{at:%d/%m/%Y, %H:%M} - {author}: {text}\n" for at, author in told)


def telegram(messages: int, text: str = "hi") -> str:
    records = [
        {
            "id": number,
            "type": "message",
            "date": f"{at:%Y-%m-%dT%H:%M:%S}",
            "date_unixtime": str(int(at.timestamp())),
            "from": author,
            "from_id": f"user{len(author)}",
            "text": text,
        }
        for number, (at, author) in enumerate(map(said, range(messages)), 1)
    ]
    chat = {"name": "Rita", "type": "personal_chat", "id": 4400, "messages": records}
    return json.dumps(chat, indent=1)


FORMS = {
    "WhatsApp Chat with Rita.txt": whatsapp,
    "result.json": telegram,
}


@pytest.mark.parametrize("name", FORMS)
def test_of_a_message_no_more_is_held_than_two_words_and_its_labels(
    name: str, tmp_path: Path
) -> None:
    """An instant takes 8 bytes; row, agent, customer, thread and its number 4 each; event and role 1."""
    reading = read(written(tmp_path, {name: FORMS[name](MANY)}, SETTINGS))
    assert reading.ordered.height == MANY
    most = 8 + 5 * 4 + 2 * 1
    flags = 2  # of those without a value, an eighth of a byte each
    assert reading.ordered.estimated_size() / MANY < most + flags


@pytest.mark.skipif(sys.platform != "linux", reason="no peak of a process alone")
@pytest.mark.parametrize("name", FORMS)
def test_a_chat_four_times_as_long_adds_less_than_half_its_text(name: str, tmp_path: Path) -> None:
    policy = tmp_path / "kpiaudit.toml"
    policy.write_text(POLICY, "utf-8")
    peaks, sizes = [], []
    for messages in (20_000, 80_000):
        path = tmp_path / str(messages) / name
        path.parent.mkdir()
        path.write_text(FORMS[name](messages, TEXT), "utf-8")
        sizes.append(path.stat().st_size)
        command = [sys.executable, "-c", PEAK, "report", str(path), "-c", str(policy), "--quiet"]
        freed = {"_RJEM_MALLOC_CONF": "dirty_decay_ms:0,muzzy_decay_ms:0"}
        told = subprocess.run(
            command, check=True, capture_output=True, encoding="utf-8", env=os.environ | freed
        )
        peaks.append(int(told.stderr.split()[-1]) * 1024)
    assert sizes[1] - sizes[0] > 20 * MIB
    assert peaks[1] - peaks[0] < (sizes[1] - sizes[0]) / 2
