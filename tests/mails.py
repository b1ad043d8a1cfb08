"""Mail as programs write it: single messages, boxes of them, and the same month in three archives."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

DAY = datetime(2026, 9, 10, tzinfo=UTC)


def stamp(at: str) -> str:
    """`10:05` of 10 September 2026 UTC, or `11 10:05` of the 11th, as a `Date` says it."""
    return instant(at).strftime("%a, %d %b %Y %H:%M:%S +0000")


def instant(at: str) -> datetime:
    day, _, clock = at.rpartition(" ")
    hour, minute = clock.split(":")
    return DAY.replace(day=int(day or 10)) + timedelta(hours=int(hour), minutes=int(minute))


def mail(number: int | None, at: str | None, sender: str = "eva@mail.example", **more: str) -> str:
    """A message; `X_Autoreply` in a keyword stands for `X-Autoreply`, `body` for what it says.

    `answers` names the numbers it refers to, the parent last.
    """
    body = more.pop("body", "Hello,\n\nwhere is my tent?\n")
    answers = [f"<m{name}@mail.example>" for name in more.pop("answers", "").split()]
    fields = {"From": sender, "To": "support@fernweh.example", "Subject": "Tent"}
    if number is not None:
        fields["Message-ID"] = f"<m{number}@mail.example>"
    if at is not None:
        fields["Date"] = stamp(at)
    if answers:
        fields |= {"References": "\n ".join(answers), "In-Reply-To": answers[-1]}
    fields |= {name.replace("_", "-"): value for name, value in more.items()}
    return "".join(f"{name}: {value}\n" for name, value in fields.items() if value) + "\n" + body


def reply(number: int, at: str, *answers: int, **more: str) -> str:
    """An answer of Ana, of our desk, to Eva."""
    named = " ".join(map(str, answers))
    more = {"To": "eva@mail.example", "Subject": "Re: Tent"} | more
    return mail(number, at, "Ana <ana@fernweh.example>", answers=named, **more)


def box(mails: Iterable[str], line: str = "From eva@mail.example Thu Sep 10 12:00:00 2026") -> str:
    """An mbox, what begins with `From ` in bodies quoted."""
    quoted = (one.replace("\nFrom ", "\n>From ") for one in mails)
    return "".join(f"{line}\n{one.rstrip()}\n\n" for one in quoted)
