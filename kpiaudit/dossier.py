"""From an audit of one conversation to its explanation."""

from __future__ import annotations

from typing import TYPE_CHECKING

import polars as pl

from kpiaudit import __version__
from kpiaudit.explained import Explained
from kpiaudit.explanation import explained_clocks, explained_rows
from kpiaudit.ledger import every_clock
from kpiaudit.schema import METRICS

if TYPE_CHECKING:
    from kpiaudit.audit import Audit

C = pl.col
DIMENSIONS = frozenset({"priority", "category", "customer", "tags", "rating"})
"""What a timeline tells of besides what the policy names."""


def explained(audited: Audit) -> Explained:
    """Return the audited conversation explained: clocks by start, metric and the policy's order of SLAs.

    The request must have named one conversation, and the exports must hold it.
    """
    reading, found, settings = audited.reading, audited.clocks, audited.request.settings
    ordered = reading.ordered
    place = {name: at for at, name in enumerate(METRICS)}
    clocks = every_clock(audited).sort(
        "started_at",
        C("metric").cast(pl.String).replace_strict(place, return_dtype=pl.UInt8),
        "ordinal",
        "sla",
        nulls_last=True,
    )
    system = str(ordered["system"].cast(pl.String)[0])
    return Explained(
        kpiaudit_version=__version__,
        system=system,
        conversation_id=str(ordered["conversation_id"][0]),
        as_of=reading.as_of[system],
        time_zone=settings.time_zone or "UTC",
        policy=settings.path,
        notes=tuple(notes(audited)),
        rows=explained_rows(ordered, clocks),
        clocks=explained_clocks(clocks, found.pauses, settings.calendars),
    )


def notes(audited: Audit) -> list[str]:
    """Return what is particular about the conversation, in words."""
    found, described = audited.clocks, audited.described
    told = []
    if found.is_partial[0]:
        told.append(
            "its beginning lies outside the export; measured from its first customer message"
        )
    if found.is_proactive[0]:
        told.append("we wrote first: there is no first response to wait for")
    if found.set_aside.height:
        told.append(f"its clocks are set aside: {found.set_aside['reason'][0]}")
    if described.height < found.clocks.height:
        told.append("clocks that started outside --since and --until are left out")
    if found.clocks.is_empty():
        told.append("no clock runs in it: no customer waited for an answer")
    return told
