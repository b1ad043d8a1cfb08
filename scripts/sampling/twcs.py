"""Tweets in the layout of the Kaggle set "Customer Support on Twitter"."""

from __future__ import annotations

import csv
import html
import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from sampling import texts, times

if TYPE_CHECKING:
    from collections.abc import Iterator

HEADER = (
    "tweet_id", "author_id", "inbound", "created_at", "text", "response_tweet_id",
    "in_response_to_tweet_id",
)  # fmt: skip
HANDLES = ("FernwehHelp",) * 7 + ("FernwehDE",) * 3
INITIALS = ("AN", "KW", "ME", "LU")
WEEKEND_INITIALS = ("NO",)
ONE_HOUR = timedelta(hours=1)
WEEKDAY = (2, 4, 7, 10, 13, 17, 21, 25, 30, 35, 40, 45, 48, 51, 53, 55, 56, 57, 58, 58.5, 59.5, 110)
EVENING = (4, 10, 16, 22, 28, 34, 40, 46, 52, 54, 56, 57, 58, 59, 59.5, 120)
WEEKEND = (5, 13, 21, 28, 35, 41, 47, 52, 56, 58, 59.5, 90, 170)
OUTAGE = (12, 25, 35, 44, 51, 58, 75, 120, 200)
MONTHS = {8: "Aug", 9: "Sep"}
WEEKDAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(eq=False, slots=True)
class Tweet:
    """One row before it has an id."""

    author: str
    inbound: bool
    at: datetime
    text: str
    parent: Tweet | None = None
    lost_parent: bool = False
    lost_child: bool = False
    children: list[Tweet] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.parent is not None:
            self.parent.children.append(self)


class Thread:
    """A conversation that is being held."""

    def __init__(self, rng: Random, customer: int, topic: texts.Topic) -> None:
        self.rng = rng
        self.customer = str(customer)
        self.handle = rng.choice(HANDLES)
        self.pen = texts.Pen(rng, topic)
        self.tweets: list[Tweet] = []

    def add(self, tweet: Tweet) -> Tweet:
        self.tweets.append(tweet)
        return tweet

    def ask(self, at: datetime, text: str, parent: Tweet | None = None) -> Tweet:
        return self.add(Tweet(self.customer, True, at, text, parent))

    def reply(self, at: datetime, text: str, parent: Tweet | None) -> Tweet:
        staff = WEEKEND_INITIALS if at.weekday() >= 5 else INITIALS
        signed = f"@{self.customer} {text} ^{self.rng.choice(staff)}"
        return self.add(Tweet(self.handle, False, at, signed, parent))

    def answered_at(self, at: datetime) -> datetime:
        """Return when the desk answers a post: slower late, at weekends and in the outage."""
        if times.is_outage(at):
            quantiles: tuple[float, ...] = OUTAGE
        elif at.weekday() >= 5:
            quantiles = WEEKEND
        elif at.hour >= 18:
            quantiles = EVENING
        else:
            quantiles = WEEKDAY
        return times.SOCIAL.after(at, times.skewed(self.rng, quantiles))

    def open(self, at: datetime) -> Tweet:
        rng = self.rng
        text = self.pen.opening()
        style = rng.randrange(10)
        mention = f"@{self.handle}"
        if style < 5:
            text = f"{mention} {text}"
        elif style == 5:
            text = f"{texts.sentence(text)}\n\n{mention} please help"
        elif style == 6:
            text = f"{mention} {text} {rng.choice(('😡', '🙈', '🏕️', '😅 🎒', '🤷'))}"
        elif style == 7:
            text = f'{texts.sentence(text)} "Gear you can trust", they said </3 {mention}'
        else:
            text = f"{texts.sentence(text)} {mention} #fernweh"
        return self.ask(at, text)

    def hold(self, at: datetime) -> None:
        """Play the conversation from its first post on."""
        rng = self.rng
        last = self.open(at)
        if rng.random() < 0.12:
            more = at + timedelta(seconds=rng.randrange(90, 900))
            last = self.ask(more, f"@{self.handle} hello? Anyone?", last)
        if rng.random() < (0.06 if at.weekday() >= 5 or times.is_outage(at) else 0.01):
            return
        reply = self.answered_at(at)
        last = self.reply(max(reply, last.at + timedelta(seconds=40)), self.pen.answer(), last)
        if rng.random() < 0.05:
            part = "2/2 Send us a direct message with your mail address, not __email__ in public."
            last = self.reply(last.at + timedelta(seconds=35), part, last.parent)
        for _ in range(rng.choice((0, 0, 1, 1, 2))):
            asked = last.at + times.skewed(rng, (1, 3, 8, 20, 45, 130, 600))
            last = self.ask(asked, f"@{self.handle} {self.pen.follow_up()}", last)
            if rng.random() < 0.03:
                return
            answer = self.pen.closing()
            last = self.reply(self.answered_at(asked), answer, last)
        if rng.random() < 0.06:
            thanked = last.at + timedelta(minutes=rng.randrange(2, 60))
            self.ask(thanked, rng.choice(texts.THANKS), last)


def ordinary(rng: Random) -> Iterator[Thread]:
    """Yield four weeks of posts."""
    customer = 240311
    for day in times.DAYS:
        count = rng.randint(9, 12) if day.weekday() >= 5 else rng.randint(17, 23)
        posts = times.arrivals(rng, day, count, times.DAYTIME)
        if day == times.OUTAGE_DAY:
            posts = sorted([*posts, *times.outage_arrivals(rng, 32)])
        for at in posts:
            topic = texts.OUTAGE if times.is_outage(at) else rng.choice(texts.TOPICS)
            customer += rng.randint(1, 9)
            thread = Thread(rng, customer, topic)
            thread.hold(at)
            yield thread


def special(rng: Random) -> Iterator[Thread]:
    """Yield what real files also hold: our own broadcasts, lost parents and a cycle."""
    broadcast = Thread(rng, 241990, texts.OUTAGE)
    text = "Our shop is down this morning, sorry! We are on it and extend the sale by two days. ^KW"
    root = broadcast.add(Tweet("FernwehHelp", False, datetime(2026, 9, 14, 9, 55, 12), text))
    root.lost_child = True
    for minutes, follow_up in ((4, 0), (11, 1), (25, 2)):
        broadcast.customer = str(241990 + minutes)
        said = f"@FernwehHelp {texts.OUTAGE.follow_ups[follow_up]}"
        asked = broadcast.ask(root.at + timedelta(minutes=minutes, seconds=31), said, root)
        if follow_up < 2:
            broadcast.handle = "FernwehHelp"
            broadcast.reply(asked.at + timedelta(minutes=52), broadcast.pen.closing(), asked)
    yield broadcast

    for day, customer in ((2, 243001), (18, 243017)):
        outreach = Thread(rng, customer, texts.TOPICS[3])
        at = datetime(2026, 9, day, 11, 20, 5)
        offer = "We saw your photo of the torn flysheet: may we repair it for free?"
        outreach.reply(at, offer, None)
        if day == 2:
            yes = outreach.ask(at + timedelta(minutes=14), "Wow, yes please!", outreach.tweets[0])
            outreach.reply(yes.at + timedelta(minutes=9), outreach.pen.closing(), yes)
        yield outreach

    for day, customer in ((1, 243111), (10, 243123), (22, 243140)):
        lost = Thread(rng, customer, texts.TOPICS[0])
        lost.hold(datetime(2026, 9, day, 10, 41, 19))
        lost.tweets[0].lost_parent = True
        yield lost
    late = Thread(rng, 243200, texts.TOPICS[1])
    answer = late.reply(datetime(2026, 8, 31, 8, 6, 44), late.pen.answer(), None)
    answer.lost_parent = True
    yield late

    loop = Thread(rng, 243300, texts.TOPICS[4])
    loop.hold(datetime(2026, 9, 3, 14, 2, 8))
    del loop.tweets[2:]
    first, second = loop.tweets
    first.children, second.children = [second], [first]
    first.parent, second.parent = second, first
    yield loop


def trimmed(thread: Thread) -> list[Tweet]:
    """Return the tweets that were there when the export was made."""
    kept = [tweet for tweet in thread.tweets if tweet.at < times.END]
    for tweet in kept:
        tweet.children = [child for child in tweet.children if child.at < times.END]
    return kept


def walked(tweets: list[Tweet]) -> list[Tweet]:
    """Order a thread as the set's own exporter does: from our last reply on, then backward."""
    ours = [number for number, tweet in enumerate(tweets) if not tweet.inbound]
    start = ours[-1] if ours else 0
    return [*tweets[start:], *reversed(tweets[:start])]


def stamp(at: datetime) -> str:
    """Return the time as Twitter writes it, in English whatever the locale."""
    moment = times.utc(at)
    day, month = WEEKDAYS[moment.weekday()], MONTHS[moment.month]
    return f"{day} {month} {moment:%d %H:%M:%S +0000 %Y}"


def rows(threads: list[list[Tweet]]) -> Iterator[tuple[str, ...]]:
    """Yield the rows; ids are handed out at first sight, so they follow no clock."""
    ids: dict[Tweet, int] = {}
    seen = 0

    def number(tweet: Tweet | None) -> str:
        nonlocal seen
        if tweet is not None and tweet in ids:
            return str(ids[tweet])
        seen += 1
        if tweet is not None:
            ids[tweet] = seen
        return str(seen)

    for thread in threads:
        for tweet in walked(thread):
            own = number(tweet)
            answers = [number(child) for child in tweet.children]
            if tweet.lost_child:
                answers.append(number(None))
            parent = number(tweet.parent) if tweet.parent or tweet.lost_parent else ""
            # Twitter hands out &, < and > as entities.
            text = html.escape(tweet.text, quote=False)
            head = own, tweet.author, str(tweet.inbound), stamp(tweet.at), text
            yield (*head, ",".join(answers), parent)


def broken_rows() -> dict[int, tuple[str, ...]]:
    """Return damaged rows by the place they take in the file."""
    impossible = "Thu Sep 31 10:15:00 +0000 2026"
    text = "@FernwehHelp parcel marked as delivered on a day that does not exist"
    no_id = "@FernwehDE do you ship to the islands?"
    sent = "Tue Sep 08 15:31:27 +0000 2026"
    return {
        412: ("990001", "249001", "True", impossible, text, "", ""),
        873: ("", "249002", "True", sent, no_id, "", ""),
    }


def first_wait(tweets: list[Tweet]) -> timedelta | None:
    """Return how long the first post waited for us; None when we spoke first or never."""
    if not tweets[0].inbound:
        return None
    return next((t.at - tweets[0].at for t in tweets if not t.inbound), None)


def make(seed: int) -> tuple[dict[str, str], dict[str, int]]:
    """Return the files by path, and what a reader must find in them."""
    rng = Random(f"{seed} twcs")
    threads = [trimmed(thread) for thread in (*ordinary(rng), *special(rng))]
    for thread in threads:
        thread.sort(key=lambda tweet: tweet.at)
    threads.sort(key=lambda thread: (thread[0].at.date(), rng.random()), reverse=True)
    table = list(rows(threads))
    for place, row in broken_rows().items():
        table.insert(place, row)
    buffer = io.StringIO()
    csv.writer(buffer, lineterminator="\n").writerows([HEADER, *table])
    waits = [wait for thread in threads if (wait := first_wait(thread)) is not None]
    facts = {
        "rows": len(table),
        "rejects": len(broken_rows()),
        "conversations": len(threads),
        "first_responses": len(waits),
        "first_responses_within_one_hour": sum(wait <= ONE_HOUR for wait in waits),
    }
    return {"twitter_twcs/twcs.csv": buffer.getvalue()}, facts
