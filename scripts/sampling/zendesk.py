"""Tickets, comments, audits, users and groups as the pages of the Zendesk API hold them."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING, Any

from sampling import texts, times
from sampling.zendesk_records import BOT, GROUPS, RULE, STAFF, TIER_1, TIER_2, Ticket, Ticketing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

OFFICE = times.SUPPORT
FIRST_REPLY = (
    3, 10, 18, 28, 38, 50, 64, 78, 94, 110, 128, 146, 165, 184, 200, 212, 222, 230, 236, 300,
)  # fmt: skip
OUTAGE_REPLY = (30, 90, 130, 190, 215, 235, 300)
NEXT_REPLY = (5, 20, 45, 80, 120, 190, 300)
WORKSHOP = (600, 900, 1300, 1900, 2600)
HANDLES = (
    "wanderkatze", "gipfelkaffee", "moss_and_maps", "tentpeg77", "lagerfeuer.lena", "kiesel",
    "north.by.nora", "packliste", "rainproof_ravi", "bergab", "slowtrail", "zeltnachbar",
)  # fmt: skip


def mail(pen: texts.Pen, body: str, sign: str) -> str:
    """Return a mail body."""
    number = pen.words["order"]
    return f"Hello,\n\n{texts.sentence(body)}\n\nOrder {number}\n{sign}"


class Case:
    """A ticket being worked on: what the customer and the desk do to it, and when."""

    def __init__(self, rng: Random, desk: Ticketing, at: datetime, topic: texts.Topic) -> None:
        self.rng = rng
        self.desk = desk
        self.pen = texts.Pen(rng, topic)
        self.customer = desk.customer(rng.choice(HANDLES) + str(rng.randrange(10, 99)))
        self.agent = rng.choice(TIER_1)
        self.at = at
        self.ticket: Ticket

    def open(self, channel: str = "", priority: str | None = "normal") -> None:
        rng = self.rng
        self.ticket = self.desk.open(
            self.at,
            self.customer,
            self.pen.subject(),
            mail(self.pen, self.pen.opening(), self.desk.names[self.customer]),
            channel=channel or rng.choice(("email",) * 6 + ("web",) * 3 + ("api",)),
            priority=priority,
            tags=[self.pen.topic.name],
        )

    def later(self, quantiles: tuple[float, ...], *, office: bool = True) -> None:
        wait = times.skewed(self.rng, quantiles)
        self.at = OFFICE.after(self.at, wait) if office else self.at + wait

    def reply(self, body: str, status: str, **changes: Any) -> None:
        greeting = f"Hi {self.desk.names[self.customer]},\n\n{body}\n\n"
        name = self.desk.names[self.agent]
        fields = {"assignee_id": self.agent, "status": status, **changes}
        self.ticket.act(self.at, self.agent, greeting + name, changes=fields)

    def note(self) -> None:
        self.at += timedelta(minutes=self.rng.randrange(1, 12))
        body = self.rng.choice(texts.NOTES)
        self.ticket.act(self.at, self.agent, body, public=False)

    def write_back(self, body: str) -> None:
        self.later((5, 40, 180, 500, 900, 1500), office=False)
        reopened = {"status": "open"} if self.ticket.row["status"] != "new" else {}
        text = mail(self.pen, body, self.desk.names[self.customer])
        self.ticket.act(self.at, self.customer, text, changes=reopened, channel="email")

    def first_reply(self) -> None:
        slow = times.is_outage(self.at)
        self.later(OUTAGE_REPLY if slow else FIRST_REPLY)
        if self.agent == TIER_1[3] and self.rng.random() < 0.2:
            self.later((30, 90, 150))

    def rate(self) -> None:
        if self.rng.random() < 0.4:
            self.later((20, 200, 900), office=False)
            self.ticket.rate(self.at, "bad" if self.rng.random() < 0.2 else "good")


def simple(case: Case) -> None:
    """Answer once and solve."""
    case.open(priority=case.rng.choice(("low", "normal", "normal", None)))
    case.first_reply()
    case.reply(case.pen.answer(), "solved")
    case.rate()


def dialogue(case: Case) -> None:
    """Ask back, wait for the customer in pending, solve."""
    case.open()
    if case.rng.random() < 0.3:
        case.note()
    case.first_reply()
    case.reply(case.pen.answer(), "pending")
    case.write_back(case.pen.follow_up())
    case.later(NEXT_REPLY)
    case.reply(case.pen.closing(), "solved")
    case.rate()


def reopened(case: Case) -> None:
    """Solve too early, be told so, solve again."""
    case.open(priority=case.rng.choice(("normal", "high")))
    case.first_reply()
    case.reply(case.pen.answer(), "solved")
    case.write_back(case.pen.follow_up())
    case.later(NEXT_REPLY)
    case.reply(case.pen.closing(), "solved")
    case.rate()


def escalated(case: Case) -> None:
    """Raise the priority, hand over to tier 2, wait for the workshop on hold."""
    case.open()
    case.first_reply()
    case.reply(case.pen.answer(), "open", priority=case.rng.choice(("high", "urgent")))
    case.note()
    case.ticket.act(case.at, case.agent, changes={"group_id": GROUPS[1], "assignee_id": None})
    case.agent = case.rng.choice(TIER_2)
    case.later(NEXT_REPLY)
    case.reply("I have taken over from my colleague and asked the workshop.", "hold")
    case.later(WORKSHOP)
    case.reply(case.pen.closing(), "solved")
    case.rate()


def slow(case: Case) -> None:
    """Promise, forget, apologise days later."""
    case.open()
    case.first_reply()
    case.reply(case.pen.answer(), "open")
    case.later((900, 1350, 1700, 2300))
    case.reply("Sorry that this took so long. " + case.pen.closing(), "solved")
    case.rate()


def bot_first(case: Case) -> None:
    """Let the bot suggest an article before a human answers."""
    case.open(channel="web")
    case.at += timedelta(seconds=case.rng.randrange(20, 70))
    body = "Hi, I am Pathfinder. Does our page on this topic help? If not, a human will answer."
    case.ticket.act(case.at, BOT, body, channel="api")
    case.first_reply()
    case.reply(case.pen.answer(), "solved")


def proactive(case: Case) -> None:
    """Write first, because the warehouse found a fault."""
    case.at = min(OFFICE.after(case.at, timedelta(minutes=3)), times.END - timedelta(hours=1))
    case.ticket = case.desk.open(
        case.at,
        case.customer,
        f"About your order {case.pen.words['order']}",
        "Hello, one item of your order failed our last check. May we send it two days later?",
        channel="web",
        priority="normal",
        tags=["proactive"],
        author=case.agent,
    )
    if case.rng.random() < 0.6:
        case.write_back("Two days are fine, thanks for telling me.")
        case.later(NEXT_REPLY)
        case.reply("Thank you! It is on its way on Thursday.", "solved")


def ignored(case: Case) -> None:
    """Arrive and never be picked up."""
    case.open(priority=None)


SCRIPTS: tuple[tuple[Callable[[Case], None], int], ...] = (
    (simple, 34), (dialogue, 26), (reopened, 9), (escalated, 9), (slow, 10), (bot_first, 8),
    (proactive, 3), (ignored, 1),
)  # fmt: skip


def ordinary(rng: Random, desk: Ticketing) -> Iterator[Case]:
    """Yield four weeks of tickets in the order in which they arrive."""
    scripts = [script for script, weight in SCRIPTS for _ in range(weight)]
    for day in times.DAYS:
        count = rng.randint(2, 4) if day.weekday() >= 5 else rng.randint(6, 8)
        mails = times.arrivals(rng, day, count, times.OFFICE)
        if day == times.OUTAGE_DAY:
            mails = sorted([*mails, *times.outage_arrivals(rng, 16)])
        for at in mails:
            topic = texts.OUTAGE if times.is_outage(at) else rng.choice(texts.TOPICS)
            case = Case(rng, desk, at, topic)
            rng.choice(scripts)(case)
            if not OFFICE.is_open(at) and case.ticket.row["submitter_id"] == case.customer:
                body = "We have your message. Our desk opens Monday to Thursday 9-17, Friday 9-15."
                case.ticket.act(at + timedelta(seconds=4), RULE, body, channel="rule")
            yield case


def special(rng: Random, desk: Ticketing) -> Iterator[Case]:
    """Yield a merged ticket, a spam one, an internal test and the sample ticket."""
    merged = Case(rng, desk, datetime(2026, 9, 8, 11, 7, 22), texts.TOPICS[4])
    merged.open(channel="email")
    kept = Case(rng, desk, datetime(2026, 9, 8, 11, 31, 40), merged.pen.topic)
    kept.pen, kept.customer = merged.pen, merged.customer
    kept.open(channel="web")
    merged.at = kept.at = datetime(2026, 9, 8, 12, 2, 9)
    target = kept.ticket.row["id"]
    tags = [*merged.ticket.row["tags"], "closed_by_merge"]
    body = f"This request was closed and merged into request #{target}."
    changes = {"status": "closed", "tags": tags, "assignee_id": merged.agent}
    merged.ticket.act(merged.at, merged.agent, body, public=False, changes=changes)
    kept.reply(kept.pen.answer(), "solved")
    yield from (merged, kept)

    spam = Case(rng, desk, datetime(2026, 9, 12, 3, 14, 55), texts.TOPICS[0])
    spam.ticket = desk.open(
        spam.at, spam.customer, "Rank first in every search", "Dear owner, we rank you first!",
        channel="email", priority=None, tags=["spam"],
    )  # fmt: skip
    spam.at = datetime(2026, 9, 14, 9, 2, 0)
    spam.ticket.act(spam.at, spam.agent, changes={"status": "deleted"})
    yield spam

    test = Case(rng, desk, datetime(2026, 9, 21, 9, 30, 11), texts.TOPICS[2])
    test.ticket = desk.open(
        test.at, test.customer, "TEST please ignore", "Testing the new form.",
        channel="web", priority="low", tags=["internal_test"],
    )  # fmt: skip
    yield test

    sample = Case(rng, desk, datetime(2026, 8, 31, 8, 0, 0), texts.TOPICS[2])
    sample.ticket = desk.open(
        sample.at, sample.customer, "Sample ticket: meet the ticket", "This is your first ticket.",
        channel="sample_ticket", priority="normal", tags=["sample", "support"],
    )  # fmt: skip
    yield sample


def page(name: str, records: list[dict[str, Any]]) -> str:
    """Return one page of the API, a record on each line."""
    lines = ",\n".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) for r in records)
    tail = f'"next_page":null,"previous_page":null,"count":{len(records)}'
    return f'{{"{name}":[\n{lines}\n],{tail}}}\n'


def make(seed: int) -> tuple[dict[str, str], dict[str, int]]:
    """Return the files by path, and what a reader must find in them."""
    rng = Random(f"{seed} zendesk")
    desk = Ticketing()
    cases = [*ordinary(rng, desk), *special(rng, desk)]
    tickets = [case.ticket for case in cases]
    comments, audits = desk.number(tickets)
    groups = [
        {"id": GROUPS[0], "name": "Support Tier 1", "deleted": False},
        {"id": GROUPS[1], "name": "Support Tier 2", "deleted": False},
    ]
    records = {
        "tickets": [ticket.row for ticket in tickets],
        "comments": comments,
        "audits": audits,
        "users": [*STAFF, *desk.users.values()],
        "groups": groups,
    }
    facts = {
        "conversations": len(tickets) - 1,
        "comments": len(comments),
        "agent_opened": sum(t.row["submitter_id"] != t.row["requester_id"] for t in tickets),
        "status_changes": sum(len(ticket.statuses) - 1 for ticket in tickets),
    }
    return {f"zendesk_json/{k}.json": page(k, v) for k, v in records.items()}, facts
