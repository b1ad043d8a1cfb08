"""HubSpot tickets as CSV: *Tickets > Export*, all properties, the portal in English; or a connector's table.

One ticket a row: created, first response of an agent, closed, reopened, closed again, and the stages it
entered. An export without the date of the first response is refused: nobody could tell it from one without
answers. It cannot tell later messages, notes, or who answered; a stage entered twice is told once; priority,
owner and team are those of the day of export. `Time to close` and the like are milliseconds or office hours,
the SLA columns HubSpot's verdicts, and neither is read. Stamps are local time of the user who exported,
without an offset; those of a connector (`ticket`, with `property_` before each name) are UTC.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

STAMPS: Final = {
    "created": "Create date",
    "replied": "First agent response date",
    "emailed": "First agent email response date",
    "closed": "Close date",
    "reopened": "Ticket reopen date",
    "closed_again": "Last Closed Date",
}
REQUIRED: Final = frozenset({"Ticket ID", "Ticket status", "Create date", "Close date"})
OTHERS: Final = {
    **{
        f"links of tickets to {other}": ("ticket_id", f"{key}_id")
        for other, key in (
            ("companies", "company"), ("contacts", "contact"), ("deals", "deal"),
            ("engagements", "engagement"),
        )
    },
    **{
        f"links of engagements to {other}": ("engagement_id", "engagement_type", f"{key}_id")
        for other, key in (("companies", "company"), ("contacts", "contact"), ("deals", "deal"))
    },
    "engagements": ("id", "type", "portal_id"),
    "e-mails": ("engagement_id", "property_hs_email_subject"),
    "notes": ("engagement_id", "property_hs_note_body"),
    "meetings": ("engagement_id", "meeting_outcome", "start_time"),
    "tasks": (
        "engagement_id", "property_hs_task_type", "property_hs_createdate", "property_hs_timestamp",
        "property_hubspot_owner_id", "type",
    ),
    "calls and messages": (
        "engagement_id", "property_hs_createdate", "property_hs_timestamp", "type",
    ),
    "owners": ("owner_id", "active_user_id", "first_name", "last_name"),
    "owners of teams": ("owner_id", "team_id", "is_team_primary"),
    "pipelines": ("pipeline_id", "display_order", "object_type_id"),
    "stages": ("stage_id", "pipeline_id", "is_closed", "ticket_state"),
    "property history": ("ticket_id", "name", "source", "timestamp_instant", "value"),
}  # fmt: skip
"""A connector's tables of which nothing is read; e-mails and calls are not told apart by direction there."""

SOURCE: Final = Source(
    name="hubspot_csv",
    system="hubspot",
    title="HubSpot tickets, CSV",
    shapes={
        "tickets": Shape(("csv",), REQUIRED | {STAMPS["replied"]}),
        "tickets answered by mail": Shape(
            ("csv",), REQUIRED | {STAMPS["emailed"]}, none_of=frozenset({STAMPS["replied"]})
        ),
        "connector": Shape(
            ("csv", "parquet"),
            frozenset(
                {
                    "id",
                    "property_createdate",
                    "property_closed_date",
                    "property_first_agent_reply_date",
                    "property_hs_pipeline_stage",
                }
            ),
        ),
        **{
            name: Shape(
                ("csv", "parquet"), frozenset({*columns, "_fivetran_synced"}), is_missed=False
            )
            for name, columns in OTHERS.items()
        },
    },
    read=reader("hubspot_csv"),
    constants={"grain": "milestone", "visibility": "private"},
    seen_in_the_wild=False,
    note="Created, first response, closed and stages only; priority, owner and team are today's.",
)
