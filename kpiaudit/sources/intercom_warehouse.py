"""Intercom's tables as a data connector (Fivetran) keeps them in a warehouse, exported as CSV.

Any export of `conversation_history` and `conversation_part_history`, with `admin`, `team`, `tag` and the
tables that link them; the rest of the schema explains nothing and is skipped. Stamps are UTC without an
offset. History tables hold every version of a record: of parts the latest counts; each version of a
conversation tells assignee and priority from its `updated_at` on, and its state only where no part is
known, for a version is seen when the connector looks, not when the state changed. The opening message
lies in the conversation's `source_*` columns. Without parts nobody's answer is told, unless the newer
columns `statistics_*` are there. Tags are those of the day of export. Tables of teams and
of tags have the same columns: the word `team` or `tag` in the file's name tells them apart.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

OTHERS: Final[dict[str, tuple[str, ...]]] = {
    "contacts": ("id", "role", "workspace_id", "unsubscribed_from_emails"),
    "contacts of conversations": ("contact_id", "conversation_id", "conversation_updated_at"),
    "admins of teams": ("admin_id", "team_id"),
    "companies": ("id", "company_id", "monthly_spend", "session_count"),
    "tags of companies": ("company_id", "company_updated_at", "tag_id"),
    "companies of contacts": ("company_id", "contact_id", "contact_updated_at"),
    "tags of contacts": ("contact_id", "contact_updated_at", "tag_id"),
    "articles": ("id", "collection_id", "author_id", "statistics_views"),
    "collections": ("id", "help_center_id", "parent_id", "default_locale"),
    "help centers": ("id", "display_name", "identifier", "website_turned_on"),
}
"""Tables that tell nothing of a conversation."""

SYNCED: Final = "_fivetran_synced"
KINDS: Final = ("csv",)
SOURCE: Final = Source(
    name="intercom_warehouse",
    system="intercom",
    title="Intercom, warehouse tables",
    shapes={
        "conversations": Shape(
            KINDS,
            frozenset({"id", "updated_at", "created_at", "state", "source_author_type", SYNCED}),
        ),
        "parts": Shape(
            KINDS,
            frozenset({"id", "conversation_id", "part_type", "author_type", "created_at", SYNCED}),
        ),
        "admins": Shape(KINDS, frozenset({"id", "name", "email", "job_title", SYNCED})),
        "names": Shape(
            KINDS,
            frozenset({"id", "name", "_fivetran_deleted", SYNCED}),
            none_of=frozenset(
                {
                    "email",
                    "created_at",
                    "updated_at",
                    "url",
                    "active",
                    "description",
                    "board_id",
                    "schedule_id",
                    "time_zone",
                    "start_time",
                }
            ),
        ),
        "tags of conversations": Shape(
            KINDS, frozenset({"tag_id", "conversation_id", "conversation_updated_at", SYNCED})
        ),
        **{
            name: Shape(KINDS, frozenset({*columns, SYNCED}), is_missed=False)
            for name, columns in OTHERS.items()
        },
    },
    read=reader("intercom_warehouse"),
    constants={"visibility": "private"},
    note="conversation_history and conversation_part_history; states over time need the parts.",
)
