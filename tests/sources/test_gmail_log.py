"""Email Log Search: one row per message, recipient and event."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from reading import UNSET, csv_text, refused, rows_of, told

from kpiaudit.settings import Us
from kpiaudit.sources.gmail_log import REQUIRED, SOURCE

if TYPE_CHECKING:
    from pathlib import Path

    import polars as pl

    from kpiaudit.sources.base import ReadSettings

BERLIN = replace(UNSET, time_zone="Europe/Berlin")
EVA, DESK = "eva@mail.example", "desk@fernweh.example"


def line(number: int | str, at: str, sender: str, to: str, direction: str, *more: str) -> list[str]:
    """A row; `more` is the target of its event, and the subject."""
    target, subject = (*more, *("SMTP_IN", "Tent")[len(more) :])
    own = f"<m{number}@x.example>" if isinstance(number, int) else number
    return [own, at, sender, subject, direction, to, target]


def of(folder: Path, *lines: list[str], settings: ReadSettings = BERLIN) -> pl.DataFrame:
    return rows_of(SOURCE, folder, {"log.csv": csv_text(list(REQUIRED.values()), *lines)}, settings)


def test_stamps_are_local_unless_they_say_otherwise(tmp_path: Path) -> None:
    rows = of(
        tmp_path,
        line(1, "2026/09/10 10:00:00", EVA, DESK, "Received"),
        line(2, "2026-09-10 10:00:00 UTC", EVA, DESK, "Received"),
        line(3, "2026-09-10T10:00:00+02:00", EVA, DESK, "Received"),
    )
    assert {name[:2]: f"{at:%H:%M}" for name, at in told(rows, "message_id", "sent_at")} == {
        "m1": "08:00",
        "m2": "10:00",
        "m3": "08:00",
    }


def test_without_a_zone_a_row_asks_for_it(tmp_path: Path) -> None:
    rows = of(tmp_path, line(1, "2026-09-10 10:00:00", EVA, DESK, "Received"), settings=UNSET)
    assert refused(rows) == [(1, "Start date: no offset, set time_zone", "2026-09-10 10:00:00")]


def test_a_message_is_used_once_whatever_its_events_and_recipients(tmp_path: Path) -> None:
    at = "2026-09-10 10:00:00"
    rows = of(
        tmp_path,
        line(1, at, EVA, DESK, "Received"),
        line(1, at, EVA, DESK, "Received", "GMAIL_INBOX"),
        line(1, at, EVA, "info@fernweh.example", "Received", "GMAIL_INBOX"),
        line(2, "2026-09-10 10:20:00", DESK, "ben@fernweh.example", "Sent", "SMTP_OUT", "Re: Tent"),
        line(2, "2026-09-10 10:20:00", DESK, EVA, "Sent", "SMTP_OUT", "Re: Tent"),
    )
    used = told(rows, "row", "event", "conversation_id")
    assert [(row, event) for row, event, _ in used] == [(1, "inbound"), (4, "outbound")]
    assert len({conversation for _, _, conversation in used}) == 1


def test_spam_and_what_was_refused_are_skipped(tmp_path: Path) -> None:
    at = "2026-09-10 10:00:00"
    rows = of(
        tmp_path,
        line(1, at, EVA, DESK, "Received"),
        line(1, at, EVA, DESK, "Received", "GMAIL_SPAM"),
        line("SMTPIN_ADDED_REJECT_SESSION", at, EVA, DESK, "Received", "SMTP_IN", "N/A"),
        line(
            "SMTPIN_ADDED_REJECT_SESSION",
            at,
            "max@mail.example",
            DESK,
            "Received",
            "SMTP_IN",
            "N/A",
        ),
    )
    assert sorted(rows["skip"].to_list()) == ["refused before it had an id"] * 2 + ["spam"] * 2


def test_mixed_is_decided_by_the_domains_of_what_was_sent(tmp_path: Path) -> None:
    rows = of(
        tmp_path,
        line(1, "2026-09-10 10:00:00", DESK, EVA, "Sent"),
        line(2, "2026-09-10 10:01:00", "ana@fernweh.example", "ben@fernweh.example", "Mixed"),
        line(3, "2026-09-10 10:02:00", "max@mail.example", DESK, "Mixed"),
    )
    assert [event for (event,) in told(rows, "event")] == ["outbound", "note", "inbound"]


def test_mixed_alone_is_left_for_us_to_decide(tmp_path: Path) -> None:
    mixed = line(1, "2026-09-10 10:02:00", "max@mail.example", DESK, "Mixed")
    assert told(of(tmp_path, mixed), "event", "author") == [(None, "max@mail.example")]
    settings = replace(BERLIN, us=Us(domains=("fernweh.example",)))
    assert told(of(tmp_path, mixed, settings=settings), "event") == [("inbound",)]
