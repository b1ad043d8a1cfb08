"""How `hubspot_csv` is read; `kpiaudit.sources.hubspot_csv` says what it is."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from kpiaudit.decoding.columns import GIVEN, Fault, closed, first_fault, split_tags, unread
from kpiaudit.decoding.milestones import Step, unpivot
from kpiaudit.decoding.parts import dated, silent, table
from kpiaudit.sources.hubspot_csv import OTHERS, STAMPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from kpiaudit.sources.base import ExportFile, ReadSettings

C = pl.col
COLUMNS: Final = STAMPS | {
    "conversation_id": "Ticket ID",
    "level": "Priority",
    "origin": "Source",
    "agent": "Ticket owner",
    "team": "HubSpot team",
    "category": "Category",
    "is_outbound": "Outbound ticket",
    "words": "Ticket Tags",
    "text": "Ticket description",
    "deleted": "is_deleted",
}
WAREHOUSE: Final = {
    "created": "property_createdate",
    "replied": "property_first_agent_reply_date",
    "closed": "property_closed_date",
    "conversation_id": "id",
    "level": "property_hs_ticket_priority",
    "origin": "property_source_type",
    "agent": "property_hubspot_owner_id",
    "category": "property_hs_ticket_category",
    "text": "property_content",
}
ENTERED: Final = re.compile(r"""^Date entered ["'](?P<stage>.+?)(?: \([^()]*\))?["']$""")
STAGES: Final = {
    "new": "open",
    "waiting on us": "open",
    "waiting on contact": "pending",
    "closed": "closed",
}
PLACES: Final = {"new": 0, "waiting on us": 1, "waiting on contact": 2, "closed": 4}
"""HubSpot's own stages in the order a ticket goes through them."""
OF_THE_PORTAL: Final = 3
PRIORITIES: Final = {
    "low": "low",
    "medium": "normal",
    "high": "high",
    "urgent": "urgent",
}
CHANNELS: Final = {"email": "email", "chat": "chat", "form": "form", "phone": "voice"}


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the milestones of every ticket, a ticket that cannot be used or is deleted as one row."""
    careful, zone = settings.careful, settings.time_zone
    stages = {
        f"entered {column.strip()}": column.strip()
        for file in files
        for column in file.columns
        if ENTERED.match(column.strip())
    }
    exported = [
        dated(
            table(files, part, COLUMNS | stages, careful=careful),
            STAMPS | stages,
            time_zone=zone,
            date_order=settings.date_order,
        )
        for part in ("tickets", "tickets answered by mail")
    ]
    held = COLUMNS | WAREHOUSE
    stored = dated(
        table(files, "connector", held, careful=careful),
        {n: held[n] for n in STAMPS},
        time_zone="UTC",
    )
    everything = pl.concat([*exported, stored], how="diagonal")
    rows = told(everything, {column: name for name, column in stages.items()})
    return pl.concat([rows, *silent(files, OTHERS, careful=careful)], how="diagonal")


def told(tickets: pl.LazyFrame, stages: Mapping[str, str]) -> pl.LazyFrame:
    """Return tickets as rows; `stages` is each `Date entered` header to the column that holds it."""
    origin = C("origin").str.to_lowercase()
    typed = tickets.with_columns(
        replied=pl.coalesce("replied", "emailed"),
        priority=closed(
            C("level").str.to_lowercase(), ("low", "normal", "high", "urgent"), PRIORITIES
        ),
        channel=origin.replace_strict(CHANNELS, default="other", return_dtype=pl.String),
        is_ours=is_true("is_outbound"),
        skip=pl.when(is_true("deleted")).then(pl.lit("deleted ticket")),
    )
    faults = [
        Fault("Close date: before Create date", C("closed") < C("created"), shown("closed")),
        Fault("first response: before Create date", C("replied") < C("created"), shown("replied")),
        unread("Priority: unknown word", C("level"), C("priority")),
    ]
    steps = [
        Step("0-opened", "inbound", pl.when(~C("is_ours")).then("created")),
        Step("0-opened", "outbound", pl.when("is_ours").then("created")),
        Step("1-replied", "outbound", pl.when(~C("is_ours")).then("replied")),
        *(
            Step(f"2-{place_of(header)}", "status", C(name), stage_of(header))
            for header, name in sorted(stages.items(), key=lambda held: place_of(held[0]))
        ),
        Step("3-closed", "status", C("closed"), "closed"),
        Step("4-reopened", "status", C("reopened"), "open"),
        Step("5-closed", "status", C("closed_again"), "closed"),
    ]
    rows = unpivot(typed.with_columns(first_fault(faults)), C("conversation_id"), steps)
    return rows.select(
        *(*GIVEN, "skip", "conversation_id", "message_id", "sent_at", "event", "status"),
        *("priority", "channel", "agent", "team", "category"),
        pl.when(C("message_id").str.ends_with("-0-opened")).then("text").alias("text"),
        split_tags(C("words")).alias("tags"),
    )


def stage_of(header: str) -> str:
    """Return the status a `Date entered` column stands for; a stage of the portal's own as it is called."""
    stage = stage_name(header)
    return STAGES.get(stage.lower(), stage)


def stage_name(header: str) -> str:
    """Return the stage a `Date entered` column tells of."""
    found = ENTERED.match(header)
    return found["stage"] if found else header


def place_of(header: str) -> str:
    """Return what orders stages entered at one instant, and names them in ids, wherever their columns stand."""
    named = header.split(maxsplit=2)[-1][1:-1].lower()
    return f"{PLACES.get(stage_name(header).lower(), OF_THE_PORTAL)}-{named}"


def is_true(name: str) -> pl.Expr:
    """Return whether a column says true; false where it says nothing."""
    return C(name).str.to_lowercase().is_in(["true", "yes"]).fill_null(value=False)


def shown(name: str) -> pl.Expr:
    """Return an instant as a reject shows it."""
    return C(name).dt.strftime("%Y-%m-%dT%H:%M:%SZ")
