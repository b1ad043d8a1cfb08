"""Threads that never end, read the slow way: which questions open one, and when each got its first answer."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import NamedTuple

from audits import clocks

from kpiaudit.audit import Request
from kpiaudit.pipeline import read
from kpiaudit.settings import DEFAULT_SETTINGS, Us

SILENCE = timedelta(hours=24)


class Said(NamedTuple):
    """A message of one thread: when, and whether we wrote it."""

    at: datetime
    ours: bool


def first_answers(thread: Iterable[Said]) -> list[tuple[datetime, datetime | None]]:
    """When each conversation's first question was asked and answered, in order of time.

    One begins with a question after a day of silence while nobody waits; what we begin has no first answer.
    """
    found: list[tuple[datetime, datetime | None]] = []
    last, is_waiting, is_first = None, False, True
    for at, ours in sorted(thread, key=lambda said: said.at):
        if ours:
            if is_waiting and is_first:
                found[-1] = (found[-1][0], at)
            is_waiting, is_first = False, False
        else:
            is_new = last is None or (at - last >= SILENCE and not is_waiting)
            if is_new:
                found.append((at, None))
                is_first = True
            is_waiting = True
        last = at
    return found


def assert_equal(path: Path, us: Us, thread: list[Said], *, time_zone: str | None = None) -> None:
    """The file, read and clocked, says what a plain reading of it says."""
    settings = replace(DEFAULT_SETTINGS, us=us, time_zone=time_zone)
    request = Request((str(path),), settings)
    rows = read(request).ordered.select("sent_at", "event")
    assert sorted((at, event == "outbound") for at, event in rows.iter_rows()) == sorted(thread)
    found = [row for row in clocks(request) if row["metric"] == "first_response"]
    assert sorted((row["started_at"], row["stopped_at"]) for row in found) == first_answers(thread)
