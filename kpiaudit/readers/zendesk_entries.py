"""Make columns of many of Zendesk's JSON records at once."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

import polars as pl

from kpiaudit.decoding.chunks import Part, Told
from kpiaudit.decoding.fields import Columns, Fields, Lists, Refused, flags, instants, owners, texts
from kpiaudit.decoding.records import Broken
from kpiaudit.readers.zendesk_audits import add_audits, audit_fields
from kpiaudit.readers.zendesk_columns import keys, scores, way
from kpiaudit.readers.zendesk_metrics import METRICS, minutes, replied_after
from kpiaudit.readers.zendesk_records import Audit, Comment, Group, Ticket, User

if TYPE_CHECKING:
    from kpiaudit.readers.zendesk_tables import Tables


def ticket_fields(records: list[Ticket], first: int, *, text: bool) -> Lists:
    """Return what tickets tell, and the comments they may hold."""
    metrics = [r.metric_set for r in records]
    ratings = [r.satisfaction_rating for r in records]
    held = [r.comments or () for r in records]
    comments = [c for some in held for c in some]
    of_comments = comment_fields(comments, 0, text=text)
    told = {f"comments.{name}": values for name, values in of_comments.items()}
    return {
        "id": [r.id for r in records],
        "created": [r.created_at for r in records],
        "updated": [r.updated_at for r in records],
        "solved": [m.solved_at if m else None for m in metrics],
        "minutes": minutes([m.reply_time_in_minutes if m else None for m in metrics]),
        "status": [r.status for r in records],
        "requester": [r.requester_id for r in records],
        **way([r.via for r in records]),
        "is_messaging": [r.from_messaging_channel for r in records],
        "priority": [r.priority for r in records],
        "assignee": [r.assignee_id for r in records],
        "group": [r.group_id for r in records],
        "tags": [None if r.tags is None else "\n".join(r.tags) for r in records],
        "score": [rating.score if rating else None for rating in ratings],
        **({"text": [r.description for r in records]} if text else {}),
        "owner": owners(held, first),
        **told,
    }


def add_tickets(tables: Tables, told: Told) -> None:
    """Take down tickets and the comments they may hold."""
    fields, ids = told.fields, texts(told.fields["id"])
    created = instants(fields["created"], "created_at")
    columns = {
        "ticket": ids,
        "created": created,
        "updated": instants(fields["updated"], "updated_at").fill_null(created),
        "solved": instants(fields["solved"], "metric_set.solved_at"),
        "replied": replied_after(created, fields["minutes"]),
        "status": texts(fields["status"]),
        "requester": keys(fields["requester"]),
        "via": texts(fields["via"]),
        "rel": texts(fields["rel"]),
        "is_messaging": flags(fields["is_messaging"]).fill_null(value=False),
        "priority": texts(fields["priority"]),
        "assignee": keys(fields["assignee"]),
        "group": keys(fields["group"]),
        "tags": texts(fields["tags"]),
        "score": scores(fields["score"]),
    }
    if tables.text:
        columns["text"] = texts(fields["text"])
    owner = fields["owner"].cast(pl.UInt32)
    if len(owner):
        of_comments = {
            name.removeprefix("comments."): values
            for name, values in fields.items()
            if name.startswith("comments.")
        }
        said = comment_columns(of_comments, "comments[...].created_at", owner, text=tables.text)
        rows = told.rows.gather(owner)
        tables.comments.take(told.export, rows, said | {"ticket": ids.gather(owner)})
    tables.tickets.take(told.export, told.rows, columns)


def comment_fields(records: list[Comment], first: int, *, text: bool) -> Lists:
    """Return what comments tell."""
    return {
        "id": [c.id for c in records],
        "at": [c.created_at for c in records],
        "author": [c.author_id for c in records],
        "public": [c.public for c in records],
        **way([c.via for c in records]),
        "audit": [c.audit_id for c in records],
        **({"text": [c.body for c in records]} if text else {}),
        "ticket": [c.ticket_id for c in records],
    }


def add_comments(tables: Tables, told: Told) -> None:
    """Take down comments; one that names no ticket is a reject."""
    tickets = told.fields["ticket"]
    if tickets.null_count():
        ids = told.fields["id"]
        astray = tickets.is_null().arg_true()
        raise Refused({at: Broken("ticket_id: missing", str(ids[at])) for at in astray})
    said = comment_columns(told.fields, "created_at", None, text=tables.text)
    tables.comments.take(told.export, told.rows, said | {"ticket": texts(tickets)})


def comment_columns(fields: Fields, path: str, owner: pl.Series | None, *, text: bool) -> Columns:
    """Return columns of comments that stand alone, or in the tickets that own them."""
    columns: Columns = {
        "at": instants(fields["at"], path, owner),
        "id": texts(fields["id"]),
        "author": keys(fields["author"]),
        "public": flags(fields["public"]),
        "via": texts(fields["via"]),
        "rel": texts(fields["rel"]),
        "audit": keys(fields["audit"]),
        "kind": "comment",
        "is_alone": False,
    }
    if text:
        columns["text"] = texts(fields["text"])
    return columns


def person_fields(records: list[User], first: int) -> Lists:  # nothing is nested
    """Return what users tell."""
    return {
        "id": [r.id for r in records],
        "name": [r.name for r in records],
        "email": [r.email for r in records],
        "role": [r.role for r in records],
    }


def add_users(tables: Tables, told: Told) -> None:
    """Take down agents and customers."""
    columns = {name: texts(told.fields[name]) for name in ("name", "email", "role")}
    tables.users.take(told.export, told.rows, columns | {"id": texts(told.fields["id"])})


def group_fields(records: list[Group], first: int) -> Lists:  # nothing is nested
    """Return what groups tell."""
    return {"id": [r.id for r in records], "name": [r.name for r in records]}


def add_groups(tables: Tables, told: Told) -> None:
    """Take down teams."""
    columns = {"id": texts(told.fields["id"]), "name": texts(told.fields["name"])}
    tables.groups.take(told.export, told.rows, columns)


NAMES: Final[
    dict[str, tuple[type[Any], Callable[[list[Any], int], Lists], Callable[[Tables, Told], None]]]
] = {"users": (User, person_fields, add_users), "groups": (Group, group_fields, add_groups)}


def parts_for(tables: Tables) -> dict[str, Part[Any]]:
    """Return how the records of every part become rows of the tables; texts only where they want them."""
    told: dict[str, tuple[type[Any], Callable[..., Lists], Callable[[Tables, Told], None]]] = {
        "tickets": (Ticket, partial(ticket_fields, text=tables.text), add_tickets),
        "comments": (Comment, partial(comment_fields, text=tables.text), add_comments),
        "audits": (Audit, partial(audit_fields, text=tables.text), add_audits),
        **NAMES,
        **METRICS,
    }
    return {
        name: Part(kind, fields, partial(add, tables)) for name, (kind, fields, add) in told.items()
    }
