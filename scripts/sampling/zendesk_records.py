"""What Zendesk keeps: tickets as they are now, and every audit that made them so."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from sampling import times

# What the API gives as the author of a business rule.
RULE = -1
BOT = 370100000900
TIER_1 = (370100000101, 370100000102, 370100000103, 370100000104)
TIER_2 = (370100000201, 370100000202)
GROUPS = (360005500011, 360005500012)
STAFF_NAMES = {
    TIER_1[0]: "Amara",
    TIER_1[1]: "Bilal",
    TIER_1[2]: "Chiara",
    TIER_1[3]: "Dmitri",
    TIER_2[0]: "Ewa",
    TIER_2[1]: "Farid",
    BOT: "Pathfinder",
}
CREATED_FIELDS = ("status", "priority", "requester_id", "group_id")


def user(number: int, name: str, role: str, domain: str) -> dict[str, Any]:
    """Return a user record."""
    return {
        "id": number,
        "name": name,
        "email": f"{name.lower()}@{domain}",
        "role": role,
        "created_at": "2025-03-03T08:00:00Z",
        "active": True,
    }


STAFF = [
    user(number, name, "admin" if name == "Ewa" else "agent", "fernweh.example")
    for number, name in STAFF_NAMES.items()
]


def stamp(at: datetime) -> str:
    """Return a local instant as the API writes it."""
    return f"{times.utc(at):%Y-%m-%dT%H:%M:%SZ}"


def via(channel: str) -> dict[str, Any]:
    """Return how something came in."""
    source: dict[str, Any] = {"from": {}, "to": {}, "rel": None}
    if channel == "rule":
        source = {"from": {"title": "Out of hours: receipt"}, "to": {}, "rel": "trigger"}
    return {"channel": channel, "source": source}


class Ticket:
    """A ticket row and its audits, as yet without audit and event ids."""

    def __init__(self, row: dict[str, Any]) -> None:
        self.row = row
        self.audits: list[dict[str, Any]] = []
        self.statuses = [row["status"]]

    def act(
        self,
        at: datetime,
        author: int,
        body: str | None = None,
        *,
        public: bool = True,
        channel: str = "web",
        changes: dict[str, Any] | None = None,
    ) -> None:
        """Record a comment, changed fields or both, unless it lies after the export."""
        if at >= times.END:
            return
        events: list[dict[str, Any]] = []
        if body is not None:
            events.append({"type": "Comment", "author_id": author, "body": body, "public": public})
        for name, value in (changes or {}).items():
            old = self.row.get(name)
            if old == value:
                continue
            self.row[name] = value
            if name == "status":
                self.statuses.append(value)
            events.append(
                {"type": "Change", "field_name": name, "value": value, "previous_value": old}
            )
        if events:
            self.record(at, author, channel, events)

    def rate(self, at: datetime, score: str) -> None:
        """Record what the customer thought of a solved ticket."""
        if at >= times.END or self.row["status"] != "solved":
            return
        change = {"type": "Change", "field_name": "satisfaction_score", "value": score}
        self.row["satisfaction_rating"] = {"score": score}
        customer = self.row["requester_id"]
        self.record(at, customer, "web", [{**change, "previous_value": "offered"}])

    def record(self, at: datetime, author: int, channel: str, events: list[dict[str, Any]]) -> None:
        """Append an audit."""
        self.audits.append({"at": at, "author_id": author, "via": via(channel), "events": events})
        self.row["updated_at"] = max(self.row["updated_at"], stamp(at))

    def close(self) -> None:
        """Let the nightly automation close what has been solved for four days."""
        if self.row["status"] != "solved":
            return
        last = max(audit["at"] for audit in self.audits)
        closed = (last + timedelta(days=5)).replace(hour=2, minute=0, second=17)
        self.act(closed, RULE, channel="rule", changes={"status": "closed"})


class Ticketing:
    """The whole account."""

    def __init__(self) -> None:
        self.users: dict[int, dict[str, Any]] = {}
        self.names = dict(STAFF_NAMES)
        self.ticket_id = 10240

    def customer(self, handle: str) -> int:
        """Return the id of an end user, known or new."""
        for number, known in self.users.items():
            if known["name"] == handle:
                return number
        number = 390200001000 + 7 * len(self.users)
        self.users[number] = user(number, handle, "end-user", "mail.example")
        self.names[number] = handle
        return number

    def open(
        self,
        at: datetime,
        customer: int,
        subject: str,
        body: str,
        *,
        channel: str,
        priority: str | None,
        tags: list[str],
        author: int | None = None,
    ) -> Ticket:
        """Create a ticket with its first comment."""
        self.ticket_id += 1
        row = {
            "url": f"https://fernweh.example/api/v2/tickets/{self.ticket_id}.json",
            "id": self.ticket_id,
            "external_id": None,
            "via": via(channel),
            "created_at": stamp(at),
            "updated_at": stamp(at),
            "type": "question",
            "subject": subject,
            "description": body,
            "priority": priority,
            "status": "open" if author else "new",
            "requester_id": customer,
            "submitter_id": author or customer,
            "assignee_id": author,
            "organization_id": None,
            "group_id": GROUPS[0],
            "is_public": True,
            "due_at": None,
            "tags": tags,
            "custom_fields": [],
            "satisfaction_rating": {"score": "unoffered"},
        }
        ticket = Ticket(row)
        events: list[dict[str, Any]] = [
            {"type": "Comment", "author_id": author or customer, "body": body, "public": True}
        ]
        created = (*CREATED_FIELDS, "assignee_id") if author else CREATED_FIELDS
        events += [{"type": "Create", "field_name": n, "value": row[n]} for n in created]
        events.append({"type": "Create", "field_name": "tags", "value": list(tags)})
        if not author:
            receipt = f"[Request received] {subject}"
            events.append({"type": "Notification", "subject": receipt, "recipients": [customer]})
        ticket.record(at, author or customer, channel, events)
        return ticket

    def number(self, tickets: list[Ticket]) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
        """Close old tickets and hand out ids; return the comments and the audits."""
        comments: list[dict[str, Any]] = []
        audits: list[dict[str, Any]] = []
        identity = 871000000000
        for ticket in tickets:
            ticket.close()
            for audit in sorted(ticket.audits, key=lambda audit: audit["at"]):
                identity += 20
                created = stamp(audit["at"])
                head = {"id": identity, "ticket_id": ticket.row["id"], "created_at": created}
                events = [
                    {"id": identity + n, **event} for n, event in enumerate(audit["events"], 1)
                ]
                written = {**head, "author_id": audit["author_id"], "via": audit["via"]}
                audits.append({**written, "events": events})
                comments.extend(
                    comment({**event, "audit_id": identity}, ticket.row["id"], written)
                    for event in events
                    if event["type"] == "Comment"
                )
        return comments, audits


def comment(event: dict[str, Any], ticket_id: int, audit: dict[str, Any]) -> dict[str, Any]:
    """Return the comment record of a comment event; both carry the same id."""
    body = event["body"]
    return {
        "id": event["id"],
        "type": "Comment",
        "author_id": event["author_id"],
        "body": body,
        "html_body": "<p>" + body.replace("\n", "<br>") + "</p>",
        "public": event["public"],
        "attachments": [],
        "audit_id": event["audit_id"],
        "ticket_id": ticket_id,
        "via": audit["via"],
        "created_at": audit["created_at"],
    }
