"""Write exports of Zendesk and Intercom as large as the real ones, in their shape: nested, with much beside.

    python benchmarks/tickets.py zendesk_json 20000 FOLDER

One seed, the same bytes each time. A ticket holds 2 to 16 messages of some hundred bytes; every record carries what
the services send and no audit needs: addresses, clients, attachments, the HTML of every text, custom fields.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import msgspec

START: Final = datetime(2026, 1, 5, 8, tzinfo=UTC)
AGENTS: Final = 40
TEAMS: Final = 6
FIRST_NAMES: Final = ("Ada", "Bo", "Cleo", "Dag", "Edda", "Finn", "Gro", "Hal", "Ines", "Jon")
WORDS: Final = str.split(
    "tent stove pack strap order parcel size colour zip seam pole peg mat boot sole refund label return "
    "courier depot when where please thanks again still broken late missing wrong arrived ordered paid"
)
CLIENT: Final = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"

Record = dict[str, Any]
Files = Iterator[tuple[str, Record]]


class Desk:
    """What is drawn: texts, people, times; ids count up."""

    def __init__(self) -> None:
        self.chance = random.Random(4)
        self.texts = [self.sentences() for _ in range(4_000)]
        self.number = 871_000_000_000

    def sentences(self) -> str:
        """Return a text of some hundred bytes."""
        words = self.chance.choices(WORDS, k=self.chance.randint(8, 90))
        return "Hello,\n\n" + " ".join(words).capitalize() + ".\n\nKind regards"

    def text(self) -> str:
        """Return one of the texts."""
        return self.chance.choice(self.texts)

    def name(self, person: int) -> str:
        """Return what somebody is called."""
        return f"{FIRST_NAMES[person % len(FIRST_NAMES)]} {WORDS[person % len(WORDS)].capitalize()}"

    def next_id(self) -> int:
        """Return the next id."""
        self.number += self.chance.randint(1, 40)
        return self.number

    def turns(self) -> Iterator[tuple[int, bool]]:
        """Yield seconds after the one before, and whether an agent wrote, for one conversation."""
        is_agent = False
        for _ in range(self.chance.randint(2, 16)):
            yield self.chance.randint(30, 90_000), is_agent
            is_agent = self.chance.random() < (0.35 if is_agent else 0.75)


def zendesk(desk: Desk, tickets: int) -> Files:
    """Yield users, groups, tickets and their audits."""
    for at in range(AGENTS):
        yield "users", zendesk_user(desk, 370_100_000_000 + at, "agent")
    for at in range(TEAMS):
        yield "groups", {"id": 360_005_500_000 + at, "name": f"Team {WORDS[at]}", "deleted": False}
    for number in range(tickets):
        if number % 3 == 0:
            yield "users", zendesk_user(desk, 390_200_000_000 + number, "end-user")
        yield from zendesk_ticket(desk, number)


def zendesk_user(desk: Desk, key: int, role: str) -> Record:
    """Return a user."""
    stamp = zulu(START)
    return {
        "id": key, "url": f"https://fernweh.example/api/v2/users/{key}.json", "name": desk.name(key),
        "email": f"u{key}@mail.example", "created_at": stamp, "updated_at": stamp,
        "time_zone": "Berlin", "iana_time_zone": "Europe/Berlin", "phone": None, "locale_id": 1,
        "locale": "en-US", "organization_id": None, "role": role, "verified": True, "active": True,
        "tags": [], "alias": "", "signature": "", "details": "", "notes": "", "suspended": False,
        "user_fields": {"vip": False, "customer_since": None},
    }  # fmt: skip


def zendesk_ticket(desk: Desk, number: int) -> Files:
    """Yield the audits of a ticket and, last, what it is today."""
    chance = desk.chance
    key, customer = 10_000 + number, 390_200_000_000 + number - number % 3
    agent, group = (
        370_100_000_000 + chance.randrange(AGENTS),
        360_005_500_000 + chance.randrange(TEAMS),
    )
    channel = chance.choice(("email", "email", "web", "native_messaging", "api"))
    priority = chance.choice((None, "low", "normal", "high", "urgent"))
    tags = chance.sample(WORDS, k=chance.randint(0, 4))
    created = at = START + timedelta(seconds=number * 300)
    opening, status = desk.text(), "new"
    for turn, (later, is_agent) in enumerate(desk.turns()):
        at += timedelta(seconds=later if turn else 0)
        audit = zendesk_audit(desk, key, at, agent if is_agent else customer)
        audit["via"] = zendesk_via("web" if is_agent else channel, customer)
        events: list[Record] = audit["events"]
        text = desk.text() if turn else opening
        is_public = not is_agent or chance.random() < 0.85
        events.append(zendesk_comment(desk, audit, text, is_public=is_public))
        if not turn:
            told = {"subject": text[8:40], "status": status, "type": "question", "priority": priority,
                    "requester_id": customer, "group_id": group, "tags": tags, "brand_id": 360_001,
                    "ticket_form_id": 360_002, "custom_status_id": 4_044_356}  # fmt: skip
            events += [
                zendesk_change(desk, "Create", field, value) for field, value in told.items()
            ]
            events.append(zendesk_change(desk, "Change", "assignee_id", agent))
        after = chance.choice(("pending", "pending", "solved", "hold")) if is_agent else "open"
        if turn and after != status:
            events.append(
                zendesk_change(desk, "Change", "status", after) | {"previous_value": status}
            )
            events.append(zendesk_change(desk, "Change", "custom_status_id", 4_044_000 + turn))
            status = after
        events.append(zendesk_notification(desk, [customer if is_agent else agent]))
        yield "audits", audit
    if chance.random() < 0.3:
        at += timedelta(days=4)
        audit = zendesk_audit(desk, key, at, -1)
        audit["via"] = {"channel": "rule", "source": {"to": {}, "from": {"id": 11, "title": "Close"}, "rel": "automation"}}  # fmt: skip
        audit["events"].append(
            zendesk_change(desk, "Change", "status", "closed") | {"previous_value": status}
        )
        status = "closed"
        yield "audits", audit
    yield "tickets", {
        "url": f"https://fernweh.example/api/v2/tickets/{key}.json", "id": key, "external_id": None,
        "via": zendesk_via(channel, customer), "created_at": zulu(created), "updated_at": zulu(at),
        "generated_timestamp": int(at.timestamp()), "type": "question", "subject": opening[8:40],
        "raw_subject": opening[8:40], "description": opening, "priority": priority, "status": status,
        "recipient": "help@fernweh.example", "requester_id": customer, "submitter_id": customer,
        "assignee_id": agent, "organization_id": None, "group_id": group, "collaborator_ids": [],
        "follower_ids": [], "email_cc_ids": [], "forum_topic_id": None, "problem_id": None,
        "has_incidents": False, "is_public": True, "due_at": None, "tags": tags,
        "custom_fields": [{"id": 360_010 + at, "value": None} for at in range(12)],
        "satisfaction_rating": {"score": chance.choice(("offered", "unoffered", "good", "bad"))},
        "sharing_agreement_ids": [], "custom_status_id": 4_044_356, "fields": [], "followup_ids": [],
        "ticket_form_id": 360_002, "brand_id": 360_001, "allow_channelback": False,
        "allow_attachments": True, "from_messaging_channel": channel == "native_messaging",
    }  # fmt: skip


def zendesk_audit(desk: Desk, ticket: int, at: datetime, author: int) -> Record:
    """Return an update of a ticket in which nothing happened yet."""
    place = {"client": CLIENT, "ip_address": "192.0.2.17", "location": "Leipzig, SN, Germany",
             "latitude": 51.34, "longitude": 12.37}  # fmt: skip
    return {
        "id": desk.next_id(), "ticket_id": ticket, "created_at": zulu(at), "author_id": author,
        "metadata": {"system": place, "custom": {}}, "events": [], "via": None,
    }  # fmt: skip


def zendesk_via(channel: str, customer: int) -> Record:
    """Return how something came about."""
    by_mail = {"from": {"address": f"u{customer}@mail.example", "name": "A customer"},
               "to": {"name": "Fernweh", "address": "help@fernweh.example"}, "rel": None}  # fmt: skip
    nothing: Record = {"from": {}, "to": {}, "rel": None}
    return {"channel": channel, "source": by_mail if channel == "email" else nothing}


def zendesk_comment(desk: Desk, audit: Record, text: str, *, is_public: bool) -> Record:
    """Return a message, its text three times, as Zendesk sends it."""
    return {
        "id": desk.next_id(), "type": "Comment", "author_id": audit["author_id"], "body": text,
        "html_body": '<div class="zd-comment" dir="auto">' + text.replace("\n", "<br>") + "</div>",
        "plain_body": text, "public": is_public, "attachments": [], "audit_id": audit["id"],
    }  # fmt: skip


def zendesk_change(desk: Desk, kind: str, field: str, value: object) -> Record:
    """Return a field set."""
    return {"id": desk.next_id(), "type": kind, "value": value, "field_name": field}


def zendesk_notification(desk: Desk, recipients: list[int]) -> Record:
    """Return a mail a trigger sent."""
    rule = {"id": 11, "title": "Notify of comment update", "deleted": False, "revision_id": 3}
    return {
        "id": desk.next_id(), "type": "Notification", "subject": "[{{ticket.account}}] Re: {{ticket.title}}",
        "via": {"channel": "rule", "source": {"from": rule, "to": {}, "rel": "trigger"}},
        "body": "Your request ({{ticket.id}}) has been updated.\n\n{{ticket.comments_formatted}}",
        "recipients": recipients,
    }  # fmt: skip


def intercom(desk: Desk, conversations: int) -> Files:
    """Yield admins, teams and conversations that hold their parts."""
    for at in range(AGENTS):
        yield "admins", {
            "type": "admin", "id": str(5_000 + at), "name": desk.name(at), "email": f"a{at}@fernweh.example",
            "away_mode_enabled": False, "has_inbox_seat": True, "team_ids": [7_000 + at % TEAMS],
        }  # fmt: skip
    for at in range(TEAMS):
        yield (
            "teams",
            {
                "type": "team",
                "id": str(7_000 + at),
                "name": f"Team {WORDS[at]}",
                "admin_ids": [5_000 + at],
            },
        )
    for number in range(conversations):
        yield "conversations", intercom_conversation(desk, number)


def intercom_conversation(desk: Desk, number: int) -> Record:
    """Return a conversation with its parts."""
    chance = desk.chance
    created = at = int(START.timestamp()) + number * 300
    contact = f"66d0a1{number - number % 3:018x}"
    customer = intercom_author("user", contact, f"u{number}@mail.example", desk.name(number))
    admin, team = chance.randrange(AGENTS), chance.randrange(TEAMS)
    agent = intercom_author(
        "admin", str(5_000 + admin), f"a{admin}@fernweh.example", desk.name(admin)
    )
    bot = intercom_author("bot", "4990", "operator+fw9@intercom.example", "Operator")
    parts = [
        intercom_part(desk, "comment", created, bot, "<p>We will reply as soon as we can.</p>"),
        intercom_part(desk, "assignment", created + 1, bot, None)
        | {"assigned_to": {"type": "team", "id": str(7_000 + team)}},
    ]
    answered: list[int] = []
    for turn, (later, is_agent) in enumerate(desk.turns()):
        at += later if turn else 0
        if not turn:
            continue
        is_note = is_agent and chance.random() < 0.15
        text = "<p>" + desk.text().replace("\n\n", "</p><p>") + "</p>"
        kind = "note" if is_note else "comment"
        parts.append(intercom_part(desk, kind, at, agent if is_agent else customer, text))
        if is_agent and not is_note:
            answered.append(at)
    closed = at + 60 if chance.random() < 0.7 else None
    if closed:
        parts.append(intercom_part(desk, "close", closed, agent, None))
    tags = [
        {"type": "tag", "id": str(9_000 + WORDS.index(tag)), "name": tag, "applied_at": created + 5,
         "applied_by": {"type": "admin", "id": str(5_000 + admin)}}
        for tag in chance.sample(WORDS, k=chance.choice((0, 0, 1, 2)))
    ]  # fmt: skip
    rating = {"rating": chance.randint(1, 5), "remark": "", "created_at": closed, "contact": {"type": "contact", "id": contact},
              "teammate": {"type": "admin", "id": 5_000 + admin}} if closed and chance.random() < 0.2 else None  # fmt: skip
    return {
        "type": "conversation", "id": str(215_470_000_000 + number), "created_at": created,
        "updated_at": closed or at, "waiting_since": None, "snoozed_until": None,
        "source": {
            "type": "conversation", "id": str(901_718_000_000 + number), "delivered_as": "customer_initiated",
            "subject": "", "body": "<p>" + desk.text() + "</p>", "author": customer, "attachments": [],
            "url": "https://shop.fernweh.example/tents", "redacted": False,
        },
        "contacts": {"type": "contact.list", "contacts": [{"type": "contact", "id": contact, "external_id": None}]},
        "first_contact_reply": {"created_at": created, "type": "conversation", "url": "https://shop.fernweh.example"},
        "open": not closed, "state": "closed" if closed else "open", "read": True,
        "tags": {"type": "tag.list", "tags": tags}, "priority": "not_priority", "sla_applied": None,
        "statistics": {
            "type": "conversation_statistics", "time_to_assignment": 1, "time_to_admin_reply": 900,
            "time_to_first_close": None, "time_to_last_close": None, "median_time_to_reply": 800,
            "first_contact_reply_at": created, "first_assignment_at": created + 1,
            "first_admin_reply_at": answered[0] if answered else None, "first_close_at": closed,
            "last_assignment_at": created + 1, "last_contact_reply_at": at,
            "last_admin_reply_at": answered[-1] if answered else None, "last_close_at": closed,
            "last_closed_by_id": str(5_000 + admin) if closed else None, "count_reopens": 0, "count_assignments": 1,
            "count_conversation_parts": len(parts),
        },
        "conversation_rating": rating,
        "teammates": {"type": "admin.list", "admins": [{"type": "admin", "id": str(5_000 + admin)}]},
        "admin_assignee_id": 5_000 + admin, "team_assignee_id": 7_000 + team,
        "custom_attributes": {"Order": f"FW-{number}", "Language": "en"}, "topics": {"type": "topic.list", "topics": [], "total_count": 0},
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False},
        "conversation_parts": {
            "type": "conversation_part.list", "conversation_parts": parts, "total_count": len(parts),
        },
    }  # fmt: skip


def intercom_author(kind: str, key: str, email: str, name: str) -> Record:
    """Return who wrote."""
    return {"type": kind, "id": key, "name": name, "email": email}


def intercom_part(desk: Desk, kind: str, at: int, author: Record, body: str | None) -> Record:
    """Return something that happened."""
    return {
        "type": "conversation_part", "id": str(desk.next_id()), "part_type": kind, "body": body,
        "created_at": at, "updated_at": at, "notified_at": at, "assigned_to": None, "author": author,
        "attachments": [], "external_id": None, "redacted": False,
    }  # fmt: skip


def zulu(at: datetime) -> str:
    """Return an instant as Zendesk writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


SERVICES: Final[Mapping[str, Callable[[Desk, int], Files]]] = {
    "zendesk_json": zendesk,
    "intercom_json": intercom,
}


def write(service: str, conversations: int, folder: Path) -> None:
    """Write so many conversations of a service, each kind of record into a file of its own, one a line."""
    folder.mkdir(parents=True, exist_ok=True)
    encode = msgspec.json.Encoder().encode
    files: dict[str, Any] = {}
    try:
        for name, record in SERVICES[service](Desk(), conversations):
            if name not in files:
                files[name] = (folder / f"{name}.ndjson").open("wb")
            files[name].write(encode(record) + b"\n")
    finally:
        for file in files.values():
            file.close()


def main() -> None:
    """Write what is asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("service", choices=list(SERVICES))
    parser.add_argument("conversations", type=int)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    write(given.service, given.conversations, given.folder)


if __name__ == "__main__":
    main()
