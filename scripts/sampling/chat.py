"""Live chat in the canonical message table, as a firm's own script may hand it in."""

from __future__ import annotations

import csv
import io
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from sampling import texts, times

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = (
    "system", "conversation_id", "message_id", "sent_at", "event", "status", "author_role",
    "is_automated", "channel", "visibility", "platform", "priority", "team", "agent", "customer",
    "tags", "rating", "text",
)  # fmt: skip
AGENTS = ("Gaia", "Hiroto", "Sefu")
BOT = "Pathfinder"
SECONDS = (14, 18, 22, 26, 30, 35, 40, 46, 52, 58, 64, 70, 76, 81, 85, 88, 91, 220)
NEXT = (12, 25, 40, 60, 95, 170)


class Chat:
    """A chat being held; it writes its own rows."""

    def __init__(self, rng: Random, number: int, at: datetime) -> None:
        self.rng = rng
        self.key = f"chat-{number:04d}"
        self.at = at.replace(microsecond=1000 * rng.randrange(1000))
        topic = texts.OUTAGE if times.is_outage(at) else rng.choice(texts.TOPICS)
        self.pen = texts.Pen(rng, topic)
        self.agent = rng.choice(AGENTS)
        self.customer = f"visitor-{rng.randrange(100000, 999999)}"
        self.platform = rng.choice(("website", "website", "app"))
        self.tags = topic.name + (";sale" if topic is texts.OUTAGE else "")
        self.rows: list[tuple[str, ...]] = []

    def add(
        self, event: str, role: str, *, text: str = "", status: str = "", rating: str = ""
    ) -> None:
        if self.at >= times.END:
            return
        moment = self.at.replace(tzinfo=times.BERLIN).isoformat(timespec="milliseconds")
        names = {"agent": self.agent, "bot": BOT}
        self.rows.append((
            "fernweh_chat", self.key, f"{self.key}-{len(self.rows) + 1:02d}", moment, event, status,
            role, "true" if role in ("bot", "system") else "false", "chat", "private",
            self.platform, "normal", "" if role == "bot" else "Live Chat", names.get(role, ""),
            self.customer, self.tags, rating, text,
        ))  # fmt: skip

    def wait(self, low: int, high: int) -> None:
        self.at += timedelta(milliseconds=self.rng.randrange(low * 1000, high * 1000))

    def greet(self) -> None:
        self.add("inbound", "customer", text=texts.sentence(self.pen.opening()))
        self.wait(1, 3)
        hello = "Hi, I am Pathfinder! I look that up. Is it about an order?"
        self.add("outbound", "bot", text=hello)
        self.wait(5, 14)
        self.add("inbound", "customer", text=self.rng.choice(("Yes", "A human please", "no!")))

    def hand_over(self) -> None:
        self.wait(1, 3)
        self.add("handoff", "bot", text="Handing over to a colleague.")

    def answered(self, seconds: tuple[float, ...], text: str) -> None:
        wait = times.skewed(self.rng, tuple(second / 60 for second in seconds))
        self.at = times.SUPPORT.after(self.at, wait)
        self.add("outbound", "agent", text=text)

    def finish(self) -> None:
        self.wait(30, 300)
        self.add("status", "agent", status="resolved")
        if self.rng.random() < 0.45:
            self.wait(5, 200)
            self.add("rated", "customer", rating=self.rng.choice(("1", "1", "0.75", "0.5", "0")))

    def human(self) -> None:
        """Bot first, then a colleague, then a few turns."""
        busy = times.is_outage(self.at)
        self.greet()
        self.hand_over()
        self.answered((30, 50, 65, 80, 95, 180, 400) if busy else SECONDS, self.pen.answer())
        for _ in range(self.rng.choice((0, 1, 1, 2))):
            self.wait(15, 120)
            self.add("inbound", "customer", text=self.pen.follow_up())
            self.answered(NEXT, self.pen.closing())
        self.finish()

    def deflected(self) -> None:
        """The bot is enough."""
        self.greet()
        self.wait(1, 3)
        self.add("outbound", "bot", text="This page answers it: Help > Orders > Tracking.")
        self.wait(10, 50)
        self.add("inbound", "customer", text=self.rng.choice(texts.THANKS))
        self.wait(1, 4)
        self.add("status", "bot", status="resolved")

    def abandoned(self) -> None:
        """The customer is handed over, nobody comes, the window is closed."""
        self.greet()
        self.hand_over()
        self.wait(400, 900)
        self.add("inbound", "customer", text="Nobody there? Then not.")

    def proactive(self) -> None:
        """An agent speaks first."""
        self.add("outbound", "agent", text="You seem to be stuck in the checkout, can I help?")
        if self.rng.random() < 0.6:
            self.wait(10, 90)
            self.add("inbound", "customer", text=texts.sentence(self.pen.opening()))
            self.answered(NEXT, self.pen.answer())
            self.finish()


def chats(rng: Random) -> Iterator[Chat]:
    """Yield four weeks of chats."""
    number = 0
    for day in times.DAYS:
        weekend = day.weekday() >= 5
        starts = times.arrivals(rng, day, rng.randint(1, 3) if weekend else 7, times.OFFICE)
        if day == times.OUTAGE_DAY:
            starts = sorted([*starts, *times.outage_arrivals(rng, 14)])
        for at in starts:
            number += 1
            chat = Chat(rng, number, at)
            luck = rng.random()
            if luck < 0.04 and times.SUPPORT.is_open(at):
                chat.proactive()
            elif luck < 0.18:
                chat.deflected()
            elif luck < 0.20 or (times.is_outage(at) and luck < 0.25):
                chat.abandoned()
            else:
                chat.human()
            yield chat


def make(seed: int) -> tuple[dict[str, str], dict[str, int]]:
    """Return the files by path, and what a reader must find in them."""
    rng = Random(f"{seed} chat")
    held = list(chats(rng))
    table = [row for chat in held for row in chat.rows]
    broken = list(table[500])
    broken[1:4] = ["chat-0999", "chat-0999-01", "yesterday, 14:10"]
    table.insert(640, tuple(broken))
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([HEADER, *table])
    events = [row[4] for chat in held for row in chat.rows]
    facts = {
        "rows": len(table),
        "rejects": 1,
        "conversations": len(held),
        "agent_opened": sum(chat.rows[0][4] == "outbound" for chat in held),
        "rated": events.count("rated"),
        "handoffs": events.count("handoff"),
    }
    return {"kpiaudit_messages/chat.csv": buffer.getvalue()}, facts
