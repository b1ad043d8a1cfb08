"""LinkedIn's messages: headers by era, newest first, and rows nobody sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from audits import written
from chats import Said, assert_equal
from reading import csv_text, refused, rows_of, told

from kpiaudit.pipeline import read
from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.linkedin_messages import SOURCE

if TYPE_CHECKING:
    import polars as pl

FIRST = "CONVERSATION ID,CONVERSATION TITLE,FROM,SENDER PROFILE URL,TO,DATE,SUBJECT,CONTENT,FOLDER"
LATER = FIRST.replace("TO,", "TO,RECIPIENT PROFILE URLS,")
DRAFTS = LATER + ",ATTACHMENTS,IS MESSAGE DRAFT,IS CONVERSATION DRAFT"
ASKED = ReadSettings(text=True)


def row(header: str, **values: str) -> list[str]:
    usual = {
        "CONVERSATION ID": "2-A", "FROM": "Pia, PhD", "SENDER PROFILE URL": "https://l.example/in/pia",
        "TO": "Ana, Bob", "DATE": "2026-02-15 00:04:28 UTC", "CONTENT": "x", "FOLDER": "INBOX",
        "IS MESSAGE DRAFT": "No", "IS CONVERSATION DRAFT": "No",
    }  # fmt: skip
    known = usual | {name.replace("_", " "): value for name, value in values.items()}
    return [known.get(name, "") for name in header.split(",")]


def rows(
    folder: Path, *lines: list[str], header: str = DRAFTS, us: Us | None = None
) -> pl.DataFrame:
    text = csv_text(header.split(","), *lines)
    return rows_of(SOURCE, folder, {"messages.csv": text}, replace(ASKED, us=us))


@pytest.mark.parametrize("header", [FIRST, LATER, DRAFTS, LATER + ",ATTACHMENTS"])
def test_gotcha_16_the_header_of_every_era_is_read_by_name(tmp_path: Path, header: str) -> None:
    at = datetime(2026, 2, 15, 0, 4, 28, tzinfo=UTC)
    found = rows(tmp_path, row(header), header=header)
    assert told(found, "conversation_id", "author", "sent_at", "text") == [
        ("2-A", "Pia, PhD", at, "x")
    ]


def test_gotcha_16_a_header_all_in_quotes_is_the_same_header(tmp_path: Path) -> None:
    text = "".join(
        ",".join(f'"{cell}"' for cell in line) + "\n" for line in (DRAFTS.split(","), row(DRAFTS))
    )
    found = rows_of(SOURCE, tmp_path, {"messages.csv": text}, ASKED)
    assert told(found, "author") == [("Pia, PhD",)]


def test_gotcha_11_newest_first_is_turned_round_also_within_a_second(tmp_path: Path) -> None:
    lines = [row(DRAFTS, CONTENT=text) for text in ("c", "b", "a")]
    newest = row(DRAFTS, CONTENT="d", DATE="2026-02-16 00:00:00 UTC")
    found = rows(tmp_path, newest, *lines)
    assert [text for (text,) in told(found, "text")] == ["a", "b", "c", "d"]


@pytest.mark.parametrize(
    ("values", "reason"),
    [
        ({"IS_MESSAGE_DRAFT": "Yes"}, "draft"),
        ({"IS_CONVERSATION_DRAFT": "Yes", "DATE": ""}, "draft"),
        ({"FOLDER": "SPAM"}, "spam"),
        (
            {"SENDER_PROFILE_URL": "", "CONTENT": '<p class="spinmail-quill-editor__spin-break">'},
            "no message: sponsored",
        ),
    ],
)
def test_what_nobody_sent_is_skipped(tmp_path: Path, values: dict[str, str], reason: str) -> None:
    found = rows(tmp_path, row(DRAFTS, **values))
    assert found.select("skip", "reject").rows() == [(reason, None)]


@pytest.mark.parametrize("folder", ["INBOX", "ARCHIVE", ""])
def test_a_message_is_one_in_any_other_folder(tmp_path: Path, folder: str) -> None:
    assert told(rows(tmp_path, row(DRAFTS, FOLDER=folder)), "row") == [(1,)]


def test_a_member_who_left_has_no_address_and_is_no_advertiser(tmp_path: Path) -> None:
    gone = row(DRAFTS, FROM="LinkedIn Member", SENDER_PROFILE_URL="")
    assert told(rows(tmp_path, gone), "author") == [("LinkedIn Member",)]


def test_us_may_name_the_address_of_a_profile(tmp_path: Path) -> None:
    found = rows(tmp_path, row(DRAFTS), us=Us(accounts=("https://l.example/in/PIA",)))
    assert told(found, "event", "author_role", "agent") == [("outbound", "agent", "Pia, PhD")]


def test_chats_with_an_assistant_are_no_conversations(tmp_path: Path) -> None:
    text = csv_text(DRAFTS.split(","), row(DRAFTS))
    found = rows_of(SOURCE, tmp_path, {"guide_messages.csv": text}, ASKED)
    assert found["skip"].to_list() == ["no conversation: LinkedIn's assistant"]


def test_what_two_exports_hold_counts_once(tmp_path: Path) -> None:
    lines = [row(DRAFTS, DATE=f"2026-02-1{day} 00:00:00 UTC") for day in (7, 6, 5)]
    exports = {
        "basic/messages.csv": csv_text(DRAFTS.split(","), *lines[1:]),
        "complete/messages.csv": csv_text(DRAFTS.split(","), *lines),
    }
    reading = read(written(tmp_path, exports, '[us]\nagents = ["Ana"]\n'))
    assert (reading.ordered.height, reading.gathered.counts["duplicate"].sum()) == (3, 2)


def test_a_row_without_time_author_or_conversation_is_a_reject(tmp_path: Path) -> None:
    lines = [row(DRAFTS, **{name: ""}) for name in ("DATE", "FROM", "CONVERSATION_ID")]
    assert sorted(number for number, _, _ in refused(rows(tmp_path, *lines))) == [1, 2, 3]


def test_a_conversation_equals_a_plain_reading(tmp_path: Path) -> None:
    """A thread of four days, by hand: what is asked after a day of silence begins anew."""
    said = [
        ("15 08:00:00", "Pia"),
        ("15 08:30:00", "Ana"),
        ("17 09:00:00", "Pia"),
        ("18 09:00:00", "Ana"),
    ]
    lines = [row(DRAFTS, FROM=who, DATE=f"2026-02-{when} UTC") for when, who in reversed(said)]
    path = tmp_path / "messages.csv"
    path.write_text(csv_text(DRAFTS.split(","), *lines), "utf-8")
    plain = [
        Said(datetime.strptime(f"2026-02-{when}+0000", "%Y-%m-%d %H:%M:%S%z"), who == "Ana")
        for when, who in said
    ]
    assert_equal(path, Us(agents=("Ana",)), plain)
