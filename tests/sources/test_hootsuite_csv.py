"""Hootsuite's messages: a zone nobody names, public and private by type, conversations left aside."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from small_files import read, refused, skipped, told

from kpiaudit.sources.hootsuite_csv import SOURCE

HEADER = "Message ID,Conversation ID,Direction,Message Type,Medium,Sentiment,Created at\n"
ASKED = "m1,c1,inbound,comment,facebook,negative,2026-09-01 10:00:00\n"
ANSWERED = "m2,c1,outbound,comment,facebook,,2026-09-01 10:20:00\n"


def test_direction_says_who_wrote(tmp_path: Path) -> None:
    rows = read(SOURCE, tmp_path, {"m.csv": HEADER + ANSWERED + ASKED}, time_zone="UTC")
    assert told(rows, "sent_at", "event", "sentiment") == [
        (datetime(2026, 9, 1, 10, tzinfo=UTC), "inbound", -1.0),
        (datetime(2026, 9, 1, 10, 20, tzinfo=UTC), "outbound", None),
    ]


def test_gotcha_7_the_zone_chosen_at_export_must_be_told(tmp_path: Path) -> None:
    text = HEADER + ASKED
    assert refused(read(SOURCE, tmp_path, {"m.csv": text})) == [
        (1, "Created at: no offset, set time_zone", "2026-09-01 10:00:00")
    ]
    rows = read(SOURCE, tmp_path, {"m.csv": text}, time_zone="Europe/Berlin")
    assert told(rows, "sent_at") == [(datetime(2026, 9, 1, 8, tzinfo=UTC),)]


@pytest.mark.parametrize(
    ("kind", "visibility"),
    [("comment", "public"), ("Post", "public"), ("Direct Message", "private"), ("DM", "private"),
     ("direct_message", "private"), ("private", "private"), ("story", "unknown"), ("", "unknown")],
)  # fmt: skip
def test_the_type_says_who_could_read_it(tmp_path: Path, kind: str, visibility: str) -> None:
    text = HEADER + ASKED.replace("comment", kind)
    rows = read(SOURCE, tmp_path, {"m.csv": text}, time_zone="UTC")
    assert told(rows, "visibility") == [(visibility,)]


@pytest.mark.parametrize(
    ("medium", "platform", "channel"),
    [("Twitter", "twitter", "social"), ("X", "twitter", "social"), ("whatsapp", "whatsapp", "messaging"),
     ("sms", None, "sms"), ("Live-Chat", None, "chat"), ("threads", None, "social")],
)  # fmt: skip
def test_the_medium_says_where(
    tmp_path: Path, medium: str, platform: str | None, channel: str
) -> None:
    text = HEADER + ASKED.replace("facebook", medium)
    rows = read(SOURCE, tmp_path, {"m.csv": text}, time_zone="UTC")
    assert told(rows, "platform", "channel") == [(platform, channel)]


def test_nobody_else_reads_a_messenger(tmp_path: Path) -> None:
    text = HEADER + ASKED.replace("comment,facebook", ",whatsapp")
    rows = read(SOURCE, tmp_path, {"m.csv": text}, time_zone="UTC")
    assert told(rows, "visibility") == [("private",)]


def test_any_other_direction_is_refused(tmp_path: Path) -> None:
    text = HEADER + ASKED + ASKED.replace("inbound", "sideways") + ASKED.replace("inbound", "")
    assert refused(read(SOURCE, tmp_path, {"m.csv": text}, time_zone="UTC")) == [
        (2, "Direction: neither inbound nor outbound", "sideways"),
        (3, "Direction: missing", None),
    ]


def test_gotcha_9_the_creation_of_a_conversation_is_not_read(tmp_path: Path) -> None:
    listed = (
        "Conversation ID,Medium,Contact Primary Identifier,Created at\n"
        "c1,facebook,fb:1,2026-09-01 10:20:00\n"
    )
    files = {"c.csv": listed, "m.csv": HEADER + ASKED}
    rows = read(SOURCE, tmp_path, files, time_zone="UTC")
    assert skipped(rows) == {"companion: conversations": 1}
    assert told(rows, "event") == [("inbound",)]
