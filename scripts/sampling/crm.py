"""The dealer desk's home-grown CRM: no format anybody knows, read by a mapping in the policy."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from random import Random

from sampling import texts, times

HEADER = ("Case", "When", "Dir", "Who", "AgentNo", "Prio", "Topic", "Note")
AGENTS = (
    ("007", "Imani", "Dealer Desk", "Outsourced"),
    ("012", "Jorge", "Dealer Desk", "Outsourced"),
    ("031", "Kirsi", "Dealer Desk", "Outsourced"),
)
DEALERS = (
    "Hüttenladen Nord", "Outdoor Eck", "Bergwärts", "La Boussole", "Trailhaus", "Sport am Wehr",
    "Kajak & Co", "Gear Granary",
)  # fmt: skip
PRIORITIES = ("P2", "P3", "P3", "P3", "P4", "P1")
FIRST = (10, 30, 50, 70, 90, 110, 130, 150, 170, 190, 205, 218, 228, 236, 280)

Row = tuple[datetime, tuple[str, ...]]


def case(rng: Random, key: str, at: datetime) -> list[Row]:
    """Return the rows of one case; the CRM knows no status."""
    topic = texts.OUTAGE if times.is_outage(at) else rng.choice(texts.TOPICS)
    pen = texts.Pen(rng, topic)
    # 044 left the firm and was deleted from the list of agents; the cases remain.
    dealer, agent = rng.choice(DEALERS), rng.choice((*[row[0] for row in AGENTS] * 9, "044"))
    priority = rng.choice(PRIORITIES)
    rows: list[Row] = []

    def add(direction: str, number: str, text: str) -> None:
        when = f"{at:%d/%m/%Y %H:%M}"
        rows.append((at, (key, when, direction, dealer, number, priority, topic.name, text)))

    add("IN", "", texts.sentence(pen.opening()))
    if rng.random() < 0.3:
        add("NOTE", agent, rng.choice(texts.NOTES))
    if rng.random() < 0.03:
        return rows
    at = times.SUPPORT.after(at, times.skewed(rng, FIRST))
    add("OUT", agent, pen.answer())
    if rng.random() < 0.5:
        at += timedelta(minutes=rng.randrange(20, 1200))
        add("IN", "", pen.follow_up())
        # Escalated: the priority of a case may rise in the middle of it.
        priority = "P1" if rng.random() < 0.2 else priority
        at = times.SUPPORT.after(at, times.skewed(rng, FIRST))
        add("OUT", agent, pen.closing())
    return rows


def semicolons(rows: list[tuple[str, ...]]) -> str:
    """Return rows as spreadsheets of the firm's country write them."""
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=";", lineterminator="\n").writerows(rows)
    return buffer.getvalue()


def make(seed: int) -> tuple[dict[str, str], dict[str, int]]:
    """Return the files by path, and what a reader must find in them."""
    rng = Random(f"{seed} crm")
    rows: list[Row] = []
    number = 0
    for day in times.DAYS:
        count = 0 if day.weekday() == 6 else rng.randint(3, 5)
        for at in times.arrivals(rng, day, count, times.OFFICE):
            number += 1
            rows.extend(case(rng, f"D{number:05d}", at))
    table = [row for at, row in sorted(rows, key=lambda row: row[0]) if at < times.END]
    doubled = next(n for n, row in enumerate(table) if row[2] == "NOTE")
    table.insert(doubled, table[doubled])
    files = {
        "our_crm/crm_2026-09.csv": semicolons([HEADER, *table]),
        "our_crm/crm_agents.csv": semicolons([("No", "Name", "Team", "Site"), *AGENTS]),
    }
    facts = {
        "rows": len(table),
        "conversations": len({row[0] for row in table}),
        "inbound": sum(row[2] == "IN" for row in table),
        "outbound": sum(row[2] == "OUT" for row in table),
        "notes": sum(row[2] == "NOTE" for row in table),
    }
    return files, facts
